/* SPDX-License-Identifier: MIT
 *
 * tasks: what is to be done, as rows: parts below what they are parts of. Pure; UI thread.
 */
#ifndef TAU_UI_TASKS_H
#define TAU_UI_TASKS_H

#include "state/snapshot.h"
#include "ui/vm/columns.h"

enum { TASKS_FRESH_MS = 3600 * 1000 };

/* Of the tasks that are shown: how many are done, and of how many. One that was cancelled is none. */
struct tally {
    size_t done, all, open;
};

extern const struct columns tasks_columns;

/* Rows of the tasks of which something is open, or ended within TASKS_FRESH_MS; with `all` of
 * every one in the snapshot. Each row is about its task (doc_row_id). */
void tasks_make(struct doc *d, const struct snapshot *s, bool all, int width, int64_t now_wall_ms,
                struct tally *ret_tally);

/* The rank that puts a task behind (by 1) or before (-1) the one beside it; false when there is none on
 * that side. all: as it is shown. */
bool tasks_move(const struct snapshot *s, const char *id, bool all, int by, int64_t now_wall_ms,
                double *ret_rank);

/* The same count without rows, and without those that only `all` shows. */
struct tally tasks_tally(const struct snapshot *s, int64_t now_wall_ms);

#endif
