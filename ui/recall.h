/* SPDX-License-Identifier: MIT
 *
 * recall: what is remembered, read by queries on a thread of its own: the list, or what a search
 * finds. UI thread.
 */
#ifndef TAU_UI_RECALL_H
#define TAU_UI_RECALL_H

#include "base/base.h"
#include "base/cancel.h"
#include "base/err.h"
#include "base/thread.h"
#include "contract/seams.h"
#include "ui/vm/memory.h"

enum { RECALL_ROWS = 200 };

struct recall {
    struct thread thread; /* running: the thread owns all below until fd is readable */
    struct cancel *cancel;
    const struct reader *reader;
    char *find; /* NULL: the list */
    bool forgotten, count;
    struct memory_rows rows;
    struct err err;
    bool ok;
    int fd; /* readable when it is there; -1: not begun */
};

#define RECALL_INIT ((struct recall){.fd = -1})

/* find: words, or NULL for the list; forgotten: of those instead; count: say how many there are in all,
 * which takes a walk through them. False when one is on its way, or it can not begin. */
bool recall_start(struct recall *r, const struct reader *reader, const char *find, bool forgotten,
                  bool count);

/* Once fd is readable: the rows are in r->rows (the caller may take them and clear it), or r->err says
 * why not. False when nothing is there. */
bool recall_take(struct recall *r);

void recall_done(struct recall *r); /* cancels, waits, frees */

#endif
