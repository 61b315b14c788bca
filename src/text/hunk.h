/* SPDX-License-Identifier: MIT
 *
 * hunk: what each line of a unified diff is. A line that was removed may begin as a head does ("-- x" is
 * "--- x" then), so the numbers of the hunk decide: as long as lines of it are to come, none is a head.
 * Pure; any thread.
 */
#ifndef TAU_TEXT_HUNK_H
#define TAU_TEXT_HUNK_H

#include "base/base.h"
#include "base/str.h"

enum hunk_line { HUNK_TEXT, HUNK_HEAD, HUNK_ADDED, HUNK_REMOVED };

/* Lines of both sides that are still to come; zeroed before the first line of a diff. */
struct hunk {
    int64_t before, after;
};

/* What the next line (without its LF) is. A hunk whose numbers can not be read goes on up to the next one,
 * or to a line that none has. */
enum hunk_line hunk_line(struct hunk *h, struct str line);

#endif
