/* SPDX-License-Identifier: MIT
 *
 * filelist: the names of the workspace's files, gathered on a thread of its own. UI thread.
 */
#ifndef TAU_UI_FILELIST_H
#define TAU_UI_FILELIST_H

#include "base/thread.h"
#include "ui/ui.h"
#include "ui/vm/command.h"

struct filelist {
    struct thread thread; /* running: the thread owns all below until fd is readable */
    const struct ui_env *env;
    struct name_list names;
    struct err err;
    int fd; /* readable when it is there; -1: not begun */
};

#define FILELIST_INIT ((struct filelist){.fd = -1})

/* False when it is on its way already, or can not begin. */
bool filelist_start(struct filelist *f, const struct ui_env *env);

/* Once fd is readable: the names are in f->names. False when nothing is there. */
bool filelist_take(struct filelist *f);

void filelist_done(struct filelist *f); /* waits, frees */

#endif
