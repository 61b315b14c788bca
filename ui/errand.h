/* SPDX-License-Identifier: MIT
 *
 * errand: a verb (contract/verbs.def) on its way: main runs it on a thread of the console's own,
 * one at a time, and what it says is shown when it is back. UI thread.
 */
#ifndef TAU_UI_ERRAND_H
#define TAU_UI_ERRAND_H

#include "base/base.h"
#include "base/buf.h"
#include "base/cancel.h"
#include "base/thread.h"
#include "ui/ui.h"

struct errand {
    struct thread thread; /* running: the thread owns all below until fd is readable */
    struct cancel *cancel;
    const struct ui_env *env;
    char *line, *session;
    struct buf out;
    struct ui_after after;
    struct err err;
    bool ok;
    int fd; /* readable when it is back; -1: not begun */
};

#define ERRAND_INIT ((struct errand){.fd = -1})

/* line: "NAME ARGUMENTS"; session: the one that is shown, or NULL. False when one is on its way, or
 * it can not begin. */
bool errand_start(struct errand *r, const struct ui_env *env, struct str line, const char *session);

/* Once fd is readable: what came of it is in *r until the next start. False when nothing is there.
 */
bool errand_take(struct errand *r);

void errand_stop(struct errand *r); /* it shall end early; it comes back all the same */
void errand_done(struct errand *r); /* stops, waits, frees */

#endif
