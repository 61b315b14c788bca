/* SPDX-License-Identifier: MIT
 *
 * nearest: where a text that was not found would have been, for the hint of a failed edit. Pure.
 */
#ifndef TAU_TOOL_NEAREST_H
#define TAU_TOOL_NEAREST_H

#include "base/base.h"
#include "base/str.h"

enum {
    NEAREST_LINES_MAX = 50000, /* lines of the file that are looked at */
    NEAREST_LINE_MAX = 200,    /* bytes of a line that are compared */
    NEAREST_SHOWN_MAX = 100,   /* bytes of a line that are quoted */
};

/* Writes a hint such as "line 12 is near: 'int x = 1;'" and answers true; false when nothing is
 * near. size: at least 200. */
bool nearest_hint(struct str text, struct str find, char *out, size_t size);

#endif
