/* SPDX-License-Identifier: MIT
 *
 * argv: a line as the words that a person means by it: blanks between, '...' as it is, "..." with
 * \" and \\, and \ before any character. Nothing is expanded. Pure; any thread.
 */
#ifndef TAU_TEXT_ARGV_H
#define TAU_TEXT_ARGV_H

#include "base/arena.h"
#include "base/base.h"
#include "base/err.h"
#include "base/str.h"

enum { ARGV_MAX = 256 };

struct argv {
    char *v[ARGV_MAX + 1]; /* in the arena; v[n] is NULL */
    size_t n;
};

/* ERR_USAGE: a quote that is not closed, a backslash at the end, a NUL, or more than ARGV_MAX. */
bool argv_split(struct str line, struct arena *a, struct argv *ret, struct err *e) ATTR_WARN;

#endif
