/* SPDX-License-Identifier: MIT
 *
 * wrap: breaks one sanitised logical line (no LF) into rows of at most `cells` cells, at blanks
 * where there are any, inside a word only when it is wider than a row, never inside a cluster
 * unless that alone is wider than a row. A blank at the break is left out of both rows. Any thread.
 */
#ifndef TAU_TEXT_WRAP_H
#define TAU_TEXT_WRAP_H

#include "base/base.h"
#include "base/str.h"

/* Takes the next row off *rest; false when it is used up. An empty line gives one empty row when
 * the caller starts with a non-NULL, empty view. cells < 1 counts as 1; only a character of two
 * cells in a row of one is wider than its row. */
bool wrap_row(struct str *rest, int cells, struct str *ret_row);

/* How many rows text takes, where LFs part the lines: "" has one, "a\n" two, NULL none. */
size_t wrap_count(struct str text, int cells);

#endif
