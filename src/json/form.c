/* SPDX-License-Identifier: MIT
 *
 * form: learning and telling. A blank lies between the quotes, which belong to the bytes around it.
 */
#include "json/form.h"

#include "json/plain.h"

#include <string.h>

void form_forget(struct form *f)
{
    buf_clear(&f->fixed);
    f->n = 0;
    json_free_p(&f->word);
}

void form_free(struct form *f)
{
    form_forget(f);
    buf_free(&f->fixed);
}

/* From behind an opening quote: how many bytes to the closing one; all that are left when there is none. */
static size_t string_bytes(struct str s)
{
    size_t at = 0;
    while ((at += plain_run(str_sub(s, at, s.n))) < s.n && s.p[at] != '"')
        at += s.p[at] == '\\' ? 2 : 1;
    return MIN(at, s.n);
}

/* ---- learning ---- */

/* How many strings stand before `wanted`, keys not counted; true when it was met. */
static bool count_before(const struct json *j, const struct json *wanted, size_t *n)
{
    if (j == wanted)
        return true;
    *n += json_type(j) == JSON_STRING;
    for (const struct json *c = json_first(j); c; c = json_next(c))
        if (count_before(c, wanted, n))
            return true;
    return false;
}

static bool is_key(struct str behind)
{
    size_t at = 0;
    while (at < behind.n && strchr(" \t\r\n", behind.p[at]))
        at++;
    return at < behind.n && behind.p[at] == ':';
}

/* The bytes up to a blank. */
static bool add_blank(struct form *f, struct str before)
{
    if (f->n == FORM_BLANKS_MAX || !buf_str(&f->fixed, before))
        return false;
    f->ends[f->n++] = f->fixed.len;
    return true;
}

/* The text is valid, so that a quote outside of a string begins one. */
static bool find_blanks(struct form *f, struct str text, bool object, size_t nth)
{
    size_t from = 0, strings = 0;
    int depth = 0;
    for (size_t at = 0; at < text.n; at++) {
        char c = text.p[at];
        depth += (c == '{' || c == '[') - (c == '}' || c == ']');
        if (c != '"')
            continue;
        size_t begin = at + 1;
        at = begin + string_bytes(str_sub(text, begin, text.n));
        if (is_key(str_sub(text, at + 1, text.n)))
            continue;
        bool wanted = strings++ == nth;
        if (!wanted && !(object && depth == 1))
            continue;
        if (wanted)
            f->wanted = f->n;
        if (!add_blank(f, str_sub(text, from, begin - from)))
            return false;
        from = at;
    }
    return buf_str(&f->fixed, str_sub(text, from, text.n));
}

bool form_learn(struct form *f, struct str text, const struct json *root, const struct json *wanted)
{
    size_t nth = 0;
    form_forget(f);
    if (count_before(root, wanted, &nth) &&
        find_blanks(f, text, json_type(root) == JSON_OBJECT, nth))
        return true;
    form_forget(f);
    return false;
}

/* ---- telling ---- */

static bool same(struct str *rest, const char *p, size_t n)
{
    if (rest->n < n || memcmp(rest->p, p, n) != 0)
        return false;
    *rest = str_sub(*rest, n, rest->n);
    return true;
}

/* A string between its quotes, decoded. */
static bool decode(struct form *f, struct str s, struct str *ret)
{
    struct err e = ERR_INIT; /* whoever parses the whole says it better */
    json_free_p(&f->word);
    *ret = s;
    if (plain_run(s) == s.n)
        return true;
    f->word = json_parse(str_make(s.p - 1, s.n + 2), &e);
    *ret = f->word ? json_str(f->word) : STR_NULL;
    return ret->p != NULL;
}

bool form_read(struct form *f, struct str text, struct str *ret)
{
    struct str rest = text, word = STR_NULL;
    const char *fixed = f->fixed.data;
    size_t from = 0;
    if (f->n == 0)
        return false;
    for (size_t i = 0; i < f->n; i++) {
        if (!same(&rest, fixed + from, f->ends[i] - from))
            return false;
        from = f->ends[i];
        /* What nobody reads is not decoded either: it must be plain. */
        size_t n = i == f->wanted ? string_bytes(rest) : plain_run(rest);
        if (i == f->wanted)
            word = str_sub(rest, 0, n);
        rest = str_sub(rest, n, rest.n);
    }
    return same(&rest, fixed + from, f->fixed.len - from) && rest.n == 0 && decode(f, word, ret);
}
