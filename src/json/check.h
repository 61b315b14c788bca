/* SPDX-License-Identifier: MIT
 *
 * check: one strict pass over JSON text, for json.c. One checker a text; not shared.
 */
#ifndef TAU_JSON_CHECK_H
#define TAU_JSON_CHECK_H

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "json/json.h"

/* A number whose text must be kept: it has a point, an exponent, more than 15 digits, or is -0. */
struct check_odd {
    size_t nth; /* counted over all numbers of the text, from 0 */
    size_t at, n;
};

struct check {
    struct str text;
    int depth_max;
    bool note_odd;
    struct err *e;
    /* From here on set by check_text. */
    size_t at, values, numbers;
    VEC(struct check_odd) odd; /* freed by the caller: free(c.odd.v) */
};

/* ERR_INVALID with the byte and what was expected there, or ERR_TOO_LARGE. Does not look for
 * duplicate keys. */
bool check_text(struct check *c) ATTR_WARN;

#endif
