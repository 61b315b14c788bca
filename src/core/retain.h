/* SPDX-License-Identifier: MIT
 *
 * retain: how long the log keeps what nothing needs any more (log.keep_days, log.max_bytes). A run goes
 * along the log from its old end, a short transaction at a time (store/prune.h), on a connection of
 * its own, so that no turn waits for it; and one process at a time does it. It can be ended at any
 * step, also by a kill, and the next goes on from there.
 */
#ifndef TAU_CORE_RETAIN_H
#define TAU_CORE_RETAIN_H

#include "base/base.h"
#include "base/cancel.h"
#include "base/err.h"

/* So many of the newest events stay whole when it is only for their size. */
enum { RETAIN_NEWEST = 1000 };

struct retain_options {
    const char *dir; /* of the store */
    const char *vfs; /* tests; NULL: the default */
    int64_t keep_ms;   /* what is older may go; 0: age does not count */
    int64_t max_bytes; /* while the database uses more, the oldest may go; 0: size does not count */
    bool dry_run;      /* count only */
    bool rewrite;      /* by hand: a file that gives nothing back is written anew, if nobody else has it */
    int64_t pause;     /* after each step, so many times as long as it took */
    struct cancel *cancel;
    int64_t steps; /* tests: end after so many; 0: no limit */
};

struct retained {
    int64_t chunks, rest;  /* rows that went, or would */
    int64_t bytes;         /* of their data; only of a dry run */
    int64_t blobs, blob_bytes; /* files that no event names (store/sweep.h) */
    int64_t first_seq;     /* from here the log is whole */
    int64_t used_before, used_after; /* bytes of the database in use; of a dry run an estimate */
    int64_t file_before, file_after; /* of the file */
    bool over;                       /* it still uses more than max_bytes: all else is needed */
};

/* ERR_LEASED when another run goes on, ERR_STORE_NEWER, ERR_STORE_DAMAGED and relatives. True also
 * when it was cancelled on its way. */
bool retain_run(const struct retain_options *o, struct retained *ret, struct err *e) ATTR_WARN;

/* A thread that does this at once and then now and then, and wakes for nothing else. Both limits 0: there
 * is none. */
struct retain;
struct retain *retain_start(const char *dir, const char *vfs, int64_t keep_ms, int64_t max_bytes);
void retain_stop(struct retain *r); /* waits for its step; NULL is fine */

#endif
