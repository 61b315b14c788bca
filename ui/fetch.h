/* SPDX-License-Identifier: MIT
 *
 * fetch: entries of a transcript that lie before what the snapshot holds, read by a query on a
 * thread of its own, a page at a time. UI thread.
 */
#ifndef TAU_UI_FETCH_H
#define TAU_UI_FETCH_H

#include "base/base.h"
#include "base/cancel.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/thread.h"
#include "contract/record.h"
#include "contract/seams.h"

enum { FETCH_PAGE = 200 };

struct fetch {
    struct thread thread; /* running: the thread owns all below until fd is readable */
    struct cancel *cancel;
    const struct reader *reader;
    char *session;
    int64_t before;
    VEC(struct rec *) rows; /* REC_ENTRY, oldest first */
    struct err err;
    bool ok;
    int fd; /* readable when the page is there; -1: not begun */
};

#define FETCH_INIT ((struct fetch){.fd = -1})

/* The page of entries of the session with a smaller n. False when one is on its way, or it can not
 * begin. */
bool fetch_start(struct fetch *f, const struct reader *reader, const char *session, int64_t before);

/* Once fd is readable: the page is in f->rows (the caller takes the references and clears it), or
 * f->err says why not. False when nothing is there. */
bool fetch_take(struct fetch *f);

void fetch_done(struct fetch *f); /* cancels, waits, frees */

#endif
