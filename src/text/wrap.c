/* SPDX-License-Identifier: MIT
 *
 * wrap: fits as much as goes into a row, then goes back to the last blank.
 */
#include "text/wrap.h"

#include "text/utf8.h"
#include "text/width.h"

/* A blank that no mark hangs on, so that it can be left out. */
static bool is_break(struct str s, size_t at)
{
    return at < s.n && s.p[at] == ' ' && utf8_cluster(str_sub(s, at, s.n)) == 1;
}

/* A row too narrow for the cluster at the front: as many of its characters as go in, at least one.
 */
static size_t fit_characters(struct str s, int cells)
{
    size_t at = 0;
    while (at < s.n) {
        size_t bytes;
        cells -= width_char(utf8_next(str_sub(s, at, s.n), &bytes));
        if (cells < 0 && at > 0)
            break;
        at += bytes;
    }
    return at;
}

bool wrap_row(struct str *rest, int cells, struct str *ret_row)
{
    struct str s = *rest;
    int used;
    if (!s.p)
        return false;
    cells = MAX(cells, 1);
    size_t fit = width_fit(s, cells, &used);
    if (fit == s.n) {
        *ret_row = s;
        *rest = STR_NULL;
        return true;
    }
    size_t at = fit;
    while (at > 0 && !is_break(s, at))
        at--;
    if (!is_break(s, at)) {
        fit = fit ? fit : fit_characters(s, cells);
        *ret_row = str_sub(s, 0, fit);
        *rest = str_sub(s, fit, s.n);
    } else {
        *ret_row = str_sub(s, 0, at);
        *rest = str_sub(s, at + 1, s.n);
    }
    if (rest->n == 0)
        *rest = STR_NULL;
    return true;
}

size_t wrap_count(struct str text, int cells)
{
    size_t rows = 0;
    struct str line, row;
    while (str_split(&text, '\n', &line))
        while (wrap_row(&line, cells, &row))
            rows++;
    return rows;
}
