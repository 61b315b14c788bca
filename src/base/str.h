/* SPDX-License-Identifier: MIT
 *
 * str: a borrowed view of bytes, passed by value; not NUL-terminated, never owned. Valid as long as
 * what it looks into. Any thread.
 */
#ifndef TAU_BASE_STR_H
#define TAU_BASE_STR_H

#include "base/base.h"

struct str {
    const char *p;
    size_t n;
};

#define STR(lit) ((struct str){"" lit, sizeof(lit) - 1})
#define STR_NULL ((struct str){NULL, 0})
/* printf("%.*s", STR_ARG(s)) */
#define STR_ARG(s) (int)(s).n, (s).p

struct str str_of(const char *s); /* NULL gives an empty view */
struct str str_make(const char *p, size_t n);
bool str_eq(struct str a, struct str b);
bool str_is(struct str a, const char *b);
bool str_starts(struct str s, const char *prefix);
bool str_ends(struct str s, const char *suffix);
int str_cmp(struct str a, struct str b); /* bytewise, as strcmp */

/* ASCII blanks (space, tab, CR, LF) off both ends. */
struct str str_trim(struct str s);

/* The part from `from` on, at most n bytes; both are clamped. */
struct str str_sub(struct str s, size_t from, size_t n);

/* Position of the first c or of the first occurrence of needle, or -1. */
ssize_t str_index(struct str s, char c);
ssize_t str_find(struct str s, struct str needle);

/* Cuts *rest at the first sep and returns what lies before it (all of it when there is none).
 * False when *rest is used up: while (str_split(&rest, ',', &part)). */
bool str_split(struct str *rest, char sep, struct str *ret_part);

/* The next line without its LF or CRLF; false at the end. */
bool str_line(struct str *rest, struct str *ret_line);

/* A whole decimal number with optional sign; false on anything else and on overflow. */
bool str_i64(struct str s, int64_t *ret_value);
bool str_f64(struct str s, double *ret_value);

#endif
