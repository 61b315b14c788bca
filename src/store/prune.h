/* SPDX-License-Identifier: MIT
 *
 * prune: what may leave the log: rows that no record, no text and no page needs, so that a fold of what
 * is left makes all that there was. Rows go from its old end, behind two marks: chunks of parts that
 * have ended (meta.first_seq: from there the log is whole), and then the rest (meta.rest_seq).
 * Everything here is one short transaction, on a handle of store_open_second, by one process at a time
 * (core/retain.h).
 *
 * Of the chunks that a part came in the first stays, which says where in a transcript the part stands
 * and since when, and of output the last when nothing else says how much there was. All stay when no
 * message was made of them. Of measures of the window and of leases the newest of each session stays;
 * and everything else does.
 */
#ifndef TAU_STORE_PRUNE_H
#define TAU_STORE_PRUNE_H

#include "base/cancel.h"
#include "store/store.h"

enum prune_what { PRUNE_CHUNKS, PRUNE_REST };

/* At so many numbers is looked in one transaction, and at about so many bytes. */
enum { PRUNE_STEP = 500, PRUNE_BYTES = 1 << 20 };

struct prune_marks {
    int64_t first, rest; /* what is before each is pruned: of chunks, and of the rest */
    int64_t last;        /* newest there is */
    int64_t open;        /* oldest of what still goes on, and of what it belongs to; last + 1: nothing */
};
bool prune_look(struct store *s, struct prune_marks *ret, struct err *e) ATTR_WARN;

/* Of the database file: bytes in use, and all that it has. */
bool prune_size(struct store *s, int64_t *ret_used, int64_t *ret_file, struct err *e) ATTR_WARN;

/* The first number from `from` on whose event is not older than that; `to` when there is none before. One
 * from the future was written while the clock was wrong, and keeps nothing back. */
bool prune_older(struct store *s, int64_t from, int64_t to, int64_t ts_ms, int64_t now_ms,
                 int64_t *ret_upto, struct err *e) ATTR_WARN;

/* How far a step from `from` on may go: *ret_upto is behind `from`, and at most `to`. */
bool prune_window(struct store *s, int64_t from, int64_t to, int64_t *ret_upto,
                  struct err *e) ATTR_WARN;

/* What would go of [from, to), without removing it. Bytes are those of the data, and about those of
 * the rest of the row. */
bool prune_count(struct store *s, enum prune_what what, int64_t from, int64_t to, int64_t *ret_rows,
                 int64_t *ret_bytes, struct err *e) ATTR_WARN;

/* Removes what may go of [from, to), and moves the mark of it to `to`: chunks not past what goes on (prune_marks.open),
 * the rest not past chunks. ERR_CONFLICT else. What stays of it moves together, so that whole pages
 * become free. */
bool prune_step(struct store *s, enum prune_what what, int64_t from, int64_t to, int64_t *ret_rows,
                struct err *e) ATTR_WARN;

/* Gives some free pages at the end of the file back; *ret_more: there are more. In a file that was not
 * made for it they stay, for what is written next. */
bool prune_give_back(struct store *s, bool *ret_more, struct err *e) ATTR_WARN;

/* The same for a file that was not made for it: writes all of it anew, once, unless another process has
 * the store open. Takes room for a second one meanwhile. When it is stopped the file is what it was: true,
 * too. */
bool prune_rewrite(struct store *s, struct cancel *cancel, struct err *e) ATTR_WARN;

/* Folds the WAL into the file, as far as nobody needs it; when it is large, or `all`. */
bool prune_fold(struct store *s, bool all, struct err *e) ATTR_WARN;

#endif
