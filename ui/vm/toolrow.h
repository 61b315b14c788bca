/* SPDX-License-Identifier: MIT
 *
 * toolrow: one call of a tool as rows: a line when folded, else arguments, question, output and
 * changed files. Pure; UI thread.
 */
#ifndef TAU_UI_TOOLROW_H
#define TAU_UI_TOOLROW_H

#include "contract/record.h"
#include "ui/vm/columns.h"
#include "ui/vm/diffrows.h"

struct toolrow {
    const struct rec_tool *tool;
    const struct rec_approval *approval; /* NULL: none */
    struct str live;                     /* output past what the record has */
    bool folded;
    int width;
    enum diff_style diff;
};

void toolrow_make(struct doc *d, const struct toolrow *in);

/* A row in columns. */
extern const struct columns toolrow_columns;
void toolrow_put(struct doc *d, const struct toolrow *in);

/* Would it be folded if the operator said nothing? Not while it asks or runs. */
bool toolrow_folds(const struct rec_tool *tool, const struct rec_approval *approval);

/* "0.4s", "12s", "3m05s" */
void duration_text(int64_t ms, char *buf, size_t size);

/* How long ago, in the largest unit: "12s", "3m", "5h", "9d" */
void age_text(int64_t ms, char *buf, size_t size);

/* The time of day, here: "10:41:22" */
void clock_text(int64_t wall_ms, char *buf, size_t size);

#endif
