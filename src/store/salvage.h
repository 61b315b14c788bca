/* SPDX-License-Identifier: MIT
 *
 * salvage: a damaged database, read as far as it can be read, into a fresh one beside it. Rows are read
 * by their numbers: where a page is damaged, reading goes on behind it, and between damaged pages it
 * is tried again, so that only what lies on them is lost. One thread. From salvage_read to the end of
 * salvage_swap, or to salvage_done, nobody else has the store open or can open it.
 *
 * salvage_look, or: salvage_read, then a fold of the copy in the fresh store up to `last`
 * (core/refold.h), then salvage_settle, then salvage_swap.
 */
#ifndef TAU_STORE_SALVAGE_H
#define TAU_STORE_SALVAGE_H

#include "base/base.h"
#include "base/err.h"
#include "base/mem.h"

/* So many numbers are not used after a log whose end is damaged: they may have been given already. */
enum { SALVAGE_EDGE = 10000 };

struct salvage_range {
    int64_t from, to; /* both in it */
    bool kept;        /* of a part of the log that was pruned: what was kept of it */
};

struct salvage {
    char *from, *to;    /* the store, and the directory of the fresh one */
    int64_t events;     /* that were read */
    int64_t first, last; /* from where the log was whole; the newest number that is known */
    bool edge;          /* the end of the log is damaged: there may have been more */
    bool based;         /* the log began with a copy of the projections already */
    int64_t records;    /* rows of projections that were read, when events are lost */
    VEC(struct salvage_range) lost;
    int64_t seen; /* the newest number that was known when reading began */
    int lock_fd;  /* while `to` is set */
};

/* Reads the events only, and says what could be had and what is lost. ERR_STORE_DAMAGED when no event
 * can be read. */
bool salvage_look(struct salvage *s, const char *dir, struct err *e) ATTR_WARN;

/* The same, into a fresh store in the directory `salvage` below, which is emptied first. ERR_LEASED while
 * another process has the store open or salvages it. */
bool salvage_read(struct salvage *s, const char *dir, struct err *e) ATTR_WARN;

/* Makes the projections of the fresh store: what the fold made, or, when events are lost, what the
 * damaged one still had of them, and of the rest what the fold made. */
bool salvage_settle(struct salvage *s, struct err *e) ATTR_WARN;

/* Puts the fresh database in the place of the damaged one. *ret_backup: where that is now, malloc'd.
 * ERR_CONFLICT, and nothing is changed, when something was written since it was read. */
bool salvage_swap(struct salvage *s, char **ret_backup, struct err *e) ATTR_WARN;

void salvage_done(struct salvage *s); /* also removes what was not put into place */

#endif
