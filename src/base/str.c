/* SPDX-License-Identifier: MIT
 *
 * str: a borrowed view of bytes.
 */
#include "base/str.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct str str_of(const char *s)
{
    return (struct str){s, s ? strlen(s) : 0};
}

struct str str_make(const char *p, size_t n)
{
    return (struct str){p, n};
}

bool str_eq(struct str a, struct str b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

bool str_is(struct str a, const char *b)
{
    return str_eq(a, str_of(b));
}

bool str_starts(struct str s, const char *prefix)
{
    size_t n = strlen(prefix);
    return s.n >= n && (n == 0 || memcmp(s.p, prefix, n) == 0);
}

bool str_ends(struct str s, const char *suffix)
{
    size_t n = strlen(suffix);
    return s.n >= n && (n == 0 || memcmp(s.p + s.n - n, suffix, n) == 0);
}

int str_cmp(struct str a, struct str b)
{
    size_t n = MIN(a.n, b.n);
    int c = n ? memcmp(a.p, b.p, n) : 0;
    return c ? c : (a.n > b.n) - (a.n < b.n);
}

static bool blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct str str_trim(struct str s)
{
    while (s.n && blank(s.p[0])) {
        s.p++;
        s.n--;
    }
    while (s.n && blank(s.p[s.n - 1]))
        s.n--;
    return s;
}

struct str str_sub(struct str s, size_t from, size_t n)
{
    from = MIN(from, s.n);
    return (struct str){s.p ? s.p + from : NULL, MIN(n, s.n - from)};
}

ssize_t str_index(struct str s, char c)
{
    const char *at = s.n ? memchr(s.p, c, s.n) : NULL;
    return at ? at - s.p : -1;
}

ssize_t str_find(struct str s, struct str needle)
{
    if (needle.n == 0)
        return 0;
    const char *at = s.n ? memmem(s.p, s.n, needle.p, needle.n) : NULL;
    return at ? at - s.p : -1;
}

bool str_split(struct str *rest, char sep, struct str *ret_part)
{
    if (!rest->p)
        return false;
    ssize_t at = str_index(*rest, sep);
    if (at < 0) {
        *ret_part = *rest;
        *rest = STR_NULL;
        return true;
    }
    *ret_part = str_sub(*rest, 0, (size_t)at);
    *rest = str_sub(*rest, (size_t)at + 1, rest->n);
    return true;
}

bool str_line(struct str *rest, struct str *ret_line)
{
    if (rest->n == 0)
        return false;
    ssize_t at = str_index(*rest, '\n');
    size_t n = at < 0 ? rest->n : (size_t)at;
    *ret_line = str_sub(*rest, 0, n);
    *rest = str_sub(*rest, at < 0 ? n : n + 1, rest->n);
    if (ret_line->n && ret_line->p[ret_line->n - 1] == '\r')
        ret_line->n--;
    return true;
}

bool str_i64(struct str s, int64_t *ret_value)
{
    bool negative = s.n && s.p[0] == '-';
    size_t i = s.n && (s.p[0] == '-' || s.p[0] == '+') ? 1 : 0;
    int64_t value = 0;
    if (i == s.n)
        return false;
    for (; i < s.n; i++) {
        int digit = s.p[i] - '0';
        if (digit < 0 || digit > 9 || __builtin_mul_overflow(value, 10, &value) ||
            __builtin_sub_overflow(value, digit, &value))
            return false;
    }
    if (!negative && __builtin_sub_overflow((int64_t)0, value, &value))
        return false;
    *ret_value = value;
    return true;
}

bool str_f64(struct str s, double *ret_value)
{
    char text[64];
    char *end;
    if (s.n == 0 || s.n >= sizeof(text))
        return false;
    memcpy(text, s.p, s.n);
    text[s.n] = '\0';
    /* strtod would also take blanks, hexadecimal and names, and stop at a NUL. */
    if (strspn(text, "0123456789+-.eE") != s.n)
        return false;
    /* LC_NUMERIC is never set (cli/main.c), so the point is a point. */
    double value = strtod(text, &end);
    if (end != text + s.n || !isfinite(value))
        return false;
    *ret_value = value;
    return true;
}
