/* SPDX-License-Identifier: MIT
 *
 * courier: takes a text out of the console, to tmux or into a file. Both may take their time, so it runs on
 * a thread of its own and nothing waits for it. UI thread.
 */
#ifndef TAU_UI_COURIER_H
#define TAU_UI_COURIER_H

#include "base/base.h"
#include "base/buf.h"
#include "base/cancel.h"
#include "base/err.h"
#include "base/thread.h"

enum { COURIER_KEPT = 10 }; /* files; older ones go when one is written */

/* Where the text is. COURIER_BACK: in nobody's hands but ours. */
enum courier_place { COURIER_BACK, COURIER_TMUX, COURIER_FILE };

struct courier {
    struct thread thread; /* running: the thread owns all below until fd is readable */
    struct cancel *cancel;
    struct buf text;
    bool to_tmux, to_file;
    char *dir;
    enum courier_place place;
    char *path; /* COURIER_FILE */
    struct err err; /* COURIER_BACK: why */
    int fd; /* readable when it is back; -1: not begun */
};

#define COURIER_INIT ((struct courier){.text = BUF_OWN, .fd = -1})

/* The text, which is copied, to tmux when that is wanted; when it is not, or does not take it, and a file
 * is wanted, into a new one in dir: "17.txt", 0600, one more than the newest there. dir is made when it is
 * missing (0700); NULL: there is no place for files. False when one is on its way (thread.running), or when
 * it can not begin (e says why). */
bool courier_start(struct courier *c, struct str text, bool to_tmux, bool to_file, const char *dir,
                   struct err *e);

/* Once fd is readable: what came of it is in *c until the next start. False when nothing is there. */
bool courier_take(struct courier *c);

void courier_done(struct courier *c); /* gives it a moment to arrive, ends it, frees */

#endif
