/* SPDX-License-Identifier: MIT
 *
 * check: the grammar of RFC 8259, strictly, in one pass and without building anything. It refuses
 * what cJSON lets through: bytes after the value, invalid UTF-8, raw controls, half surrogate
 * pairs, U+0000, deep nesting. Numbers that a double or cJSON could spoil are noted for json.c.
 */
#include "json/check.h"

#include "text/utf8.h"
#include "json/plain.h"

enum { SAFE_DIGITS = 15 }; /* an integer of so many digits is exact in a double */

static bool value(struct check *c, int depth);

static bool fail(struct check *c, const char *expected)
{
    return err_set(c->e, ERR_INVALID, "byte %zu: expected %s%s", c->at, expected,
                   c->at == c->text.n ? ", got the end of the text" : "");
}

/* The byte at the cursor, or -1 at the end. */
static int peek(const struct check *c)
{
    return c->at < c->text.n ? (unsigned char)c->text.p[c->at] : -1;
}

static void blanks(struct check *c)
{
    while (c->at < c->text.n) {
        char b = c->text.p[c->at];
        if (b != ' ' && b != '\n' && b != '\t' && b != '\r')
            return;
        c->at++;
    }
}

static bool digits(struct check *c)
{
    size_t from = c->at;
    while (peek(c) >= '0' && peek(c) <= '9')
        c->at++;
    return c->at > from || fail(c, "a digit");
}

static bool number(struct check *c)
{
    size_t from = c->at;
    bool odd = false;
    if (peek(c) == '-') {
        c->at++;
        odd = peek(c) == '0';
    }
    size_t whole = c->at;
    if (peek(c) == '0')
        c->at++;
    else if (!digits(c))
        return false;
    odd |= c->at - whole > SAFE_DIGITS;
    if (peek(c) == '.') {
        odd = true;
        c->at++;
        if (!digits(c))
            return false;
    }
    if (peek(c) == 'e' || peek(c) == 'E') {
        odd = true;
        c->at++;
        if (peek(c) == '+' || peek(c) == '-')
            c->at++;
        if (!digits(c))
            return false;
    }
    if (odd && c->note_odd) {
        struct check_odd note = {.nth = c->numbers, .at = from, .n = c->at - from};
        VEC_PUSH(&c->odd, note);
    }
    c->numbers++;
    return true;
}

/* Four hexadecimal digits; -1 when they are not there. */
static int hex4(struct check *c)
{
    int v = 0;
    for (int i = 0; i < 4; i++, c->at++) {
        int b = peek(c);
        int digit = b >= '0' && b <= '9'                     ? b - '0'
                    : (b | 0x20) >= 'a' && (b | 0x20) <= 'f' ? (b | 0x20) - 'a' + 10
                                                             : -1;
        if (digit < 0)
            return -1;
        v = v << 4 | digit;
    }
    return v;
}

/* What follows "\u". */
static bool unicode_escape(struct check *c)
{
    size_t from = c->at;
    int v = hex4(c);
    if (v < 0)
        return fail(c, "four hexadecimal digits");
    if (v >= 0xD800 && v <= 0xDBFF && c->text.n - c->at >= 6 && c->text.p[c->at] == '\\' &&
        c->text.p[c->at + 1] == 'u') {
        c->at += 2;
        int second = hex4(c);
        if (second >= 0xDC00 && second <= 0xDFFF)
            return true;
    }
    if (v != 0 && (v < 0xD800 || v > 0xDFFF))
        return true;
    c->at = from;
    return fail(c, v == 0 ? "a character other than U+0000" : "both halves of a surrogate pair");
}

static bool escape(struct check *c)
{
    c->at++;
    int b = peek(c);
    switch (b) {
    case '"':
    case '\\':
    case '/':
    case 'b':
    case 'f':
    case 'n':
    case 'r':
    case 't':
        c->at++;
        return true;
    case 'u':
        c->at++;
        return unicode_escape(c);
    default:
        return fail(c, "one of \"\\/bfnrtu after the backslash");
    }
}

/* From behind the opening quote to behind the closing one. */
static bool string(struct check *c)
{
    for (;;) {
        c->at += plain_run(str_sub(c->text, c->at, c->text.n));
        int b = peek(c);
        if (b == '"') {
            c->at++;
            return true;
        }
        if (b < 0)
            return fail(c, "'\"'");
        if (b < 0x20)
            return fail(c, "an escape instead of a control character");
        if (b == '\\') {
            if (!escape(c))
                return false;
            continue;
        }
        size_t bytes;
        utf8_next(str_sub(c->text, c->at, c->text.n), &bytes);
        if (bytes == 1)
            return fail(c, "valid UTF-8");
        c->at += bytes;
    }
}

static bool member(struct check *c, int depth)
{
    blanks(c);
    if (peek(c) != '"')
        return fail(c, "a key in quotes");
    c->at++;
    if (!string(c))
        return false;
    blanks(c);
    if (peek(c) != ':')
        return fail(c, "':'");
    c->at++;
    return value(c, depth);
}

static bool container(struct check *c, int depth, bool object)
{
    char end = object ? '}' : ']';
    if (depth == c->depth_max)
        return err_set(c->e, ERR_INVALID, "byte %zu: expected at most %d levels", c->at,
                       c->depth_max);
    c->at++;
    blanks(c);
    if (peek(c) == end) {
        c->at++;
        return true;
    }
    for (;;) {
        if (!(object ? member(c, depth + 1) : value(c, depth + 1)))
            return false;
        blanks(c);
        int b = peek(c);
        if (b != ',' && b != end)
            return fail(c, object ? "',' or '}'" : "',' or ']'");
        c->at++;
        if (b == end)
            return true;
    }
}

static bool word(struct check *c, struct str w)
{
    if (!str_eq(str_sub(c->text, c->at, w.n), w))
        return fail(c, "a value");
    c->at += w.n;
    return true;
}

static bool value(struct check *c, int depth)
{
    blanks(c);
    if (++c->values > JSON_VALUES_MAX)
        return err_set(c->e, ERR_TOO_LARGE, "byte %zu: more than %d values", c->at,
                       JSON_VALUES_MAX);
    int b = peek(c);
    switch (b) {
    case '{':
    case '[':
        return container(c, depth, b == '{');
    case '"':
        c->at++;
        return string(c);
    case 't':
        return word(c, STR("true"));
    case 'f':
        return word(c, STR("false"));
    case 'n':
        return word(c, STR("null"));
    default:
        return b == '-' || (b >= '0' && b <= '9') ? number(c) : fail(c, "a value");
    }
}

bool check_text(struct check *c)
{
    if (!value(c, 0))
        return false;
    blanks(c);
    return c->at == c->text.n || fail(c, "nothing after the value");
}
