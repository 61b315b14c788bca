/* SPDX-License-Identifier: MIT
 *
 * diffrows: a unified diff as rows: line by line, with the changed words marked, or old and new side by
 * side. Pure; UI thread.
 */
#ifndef TAU_UI_DIFFROWS_H
#define TAU_UI_DIFFROWS_H

#include "ui/vm/doc.h"

enum diff_style { DIFF_LINES, DIFF_WORDS, DIFF_SIDES };

enum { DIFF_SIDES_CELLS = 60 }; /* narrower than this there are no two sides */

/* Text that is no diff (doc_is_diff) is rows of text. */
void diff_rows(struct doc *d, int indent, int width, enum diff_style style, struct str raw);

#endif
