/* SPDX-License-Identifier: MIT
 *
 * nearest: compares the first line of a text that was not found with the lines of the file. When
 * that line is there (but for white space), the first of the following lines that differs is told.
 */
#include "tool/nearest.h"

#include "base/buf.h"
#include "text/fuzzy.h"
#include "text/utf8.h"

#include <stdio.h>

struct place {
    size_t line; /* from 1; 0: none */
    struct str text;
    struct str rest; /* the file after it */
    int distance;
};

/* The first line that is not blank; *rest is what follows it. */
static struct str first_line(struct str *rest)
{
    struct str line;
    while (str_line(rest, &line))
        if (str_trim(line).n > 0)
            return line;
    return STR_NULL;
}

static struct place find_place(struct str text, struct str wanted)
{
    struct str rest = text, line;
    wanted = str_sub(wanted, 0, NEAREST_LINE_MAX);
    struct place best = {.distance = (int)(wanted.n / 3)};
    for (size_t n = 1; n <= NEAREST_LINES_MAX && str_line(&rest, &line); n++) {
        struct str trimmed = str_trim(line);
        size_t longer = MAX(trimmed.n, wanted.n), shorter = MIN(trimmed.n, wanted.n);
        if (str_eq(trimmed, wanted))
            return (struct place){n, line, rest, 0};
        if (trimmed.n > NEAREST_LINE_MAX || best.distance <= 0 ||
            longer - shorter > (size_t)best.distance)
            continue;
        int distance = fuzzy_distance(trimmed, wanted, best.distance);
        if (distance < best.distance || (!best.line && distance == best.distance))
            best = (struct place){n, line, rest, distance};
    }
    return best;
}

/* A quoted line: what is not printable is left out. */
static void quote(struct buf *b, struct str line)
{
    struct str s = str_sub(str_trim(line), 0, NEAREST_SHOWN_MAX);
    bool cut;
    s.n = utf8_valid_prefix(s, &cut);
    buf_putc(b, '\'');
    for (size_t i = 0; i < s.n; i++)
        buf_putc(b, (unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f ? ' ' : s.p[i]);
    buf_putc(b, '\'');
}

/* The first line was found (but for white space): goes on along both texts. */
static void tell_difference(struct buf *b, const struct place *at, struct str first,
                            struct str find_rest)
{
    struct str file = at->rest, f, g;
    bool blanks = !str_eq(at->text, first);
    for (size_t n = at->line + 1; str_line(&find_rest, &f); n++) {
        if (!str_line(&file, &g)) {
            buf_printf(b, "line %zu is like its first line, but the file ends before the text does",
                       at->line);
            return;
        }
        if (!str_eq(str_trim(f), str_trim(g))) {
            buf_printf(b, "line %zu is like its first line, but line %zu is ", at->line, n);
            quote(b, g);
            return;
        }
        blanks = blanks || !str_eq(f, g);
    }
    buf_printf(b, "line %zu%s: ", at->line, blanks ? " differs in white space only" : " is near");
    quote(b, at->text);
}

bool nearest_hint(struct str text, struct str find, char *out, size_t size)
{
    struct str rest = find;
    struct str first = first_line(&rest);
    if (!first.p)
        return false;
    struct place at = find_place(text, str_trim(first));
    if (!at.line)
        return false;
    CLEANUP(buf_free) struct buf b = BUF_OWN;
    if (at.distance == 0) {
        tell_difference(&b, &at, first, rest);
    } else {
        buf_printf(&b, "line %zu is near: ", at.line);
        quote(&b, at.text);
    }
    snprintf(out, size, "%s", buf_cstr(&b));
    return true;
}
