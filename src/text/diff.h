/* SPDX-License-Identifier: MIT
 *
 * diff: unified diffs of two texts by lines (Myers, O(ND), with a limit on D past which the rest is
 * one block). Any thread.
 */
#ifndef TAU_TEXT_DIFF_H
#define TAU_TEXT_DIFF_H

#include "base/base.h"
#include "base/buf.h"
#include "base/str.h"

struct diff_stat {
    size_t added, removed;
};

/* Appends "--- a/path", "+++ b/path" and hunks with `context` lines around; nothing when equal. A
 * missing newline at the end is marked as git does. */
void diff_unified(struct buf *out, const char *path, struct str before, struct str after,
                  int context, struct diff_stat *ret_stat);

#endif
