/* SPDX-License-Identifier: MIT
 *
 * diffrows: lines that were removed, and those that were added after them, make a pair.
 */
#include "ui/vm/diffrows.h"

#include "text/hunk.h"
#include "text/width.h"

#include <ctype.h>
#include <stdlib.h>

typedef VEC(struct str) lines;

struct pairs {
    struct doc *d;
    int indent, width;
    enum diff_style style;
    struct hunk hunk;
    lines removed, added; /* without their signs */
};

/* ---- words ---- */

static bool in_word(char c)
{
    return isalnum((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80;
}

/* What two lines do not begin or end with alike, in whole words: from..*ret_a of a, from..*ret_b of b. */
static size_t changed(struct str a, struct str b, size_t *ret_a, size_t *ret_b)
{
    size_t n = MIN(a.n, b.n), from = 0, end = 0;
    while (from < n && a.p[from] == b.p[from])
        from++;
    while (from > 0 && in_word(a.p[from - 1]))
        from--;
    while (end < n - from && a.p[a.n - 1 - end] == b.p[b.n - 1 - end])
        end++;
    while (end > 0 && in_word(a.p[a.n - end]))
        end--;
    *ret_a = a.n - end;
    *ret_b = b.n - end;
    return from;
}

static bool fits(const struct pairs *p, struct str line)
{
    CLEANUP(buf_free) struct buf clean = BUF_OWN;
    width_sanitize(&clean, line);
    return p->indent + 1 + width_str(buf_view(&clean)) <= p->width;
}

/* A line with its sign; from..to of it stands out, unless it takes more than a row. */
static void add_words(struct pairs *p, const char *sign, enum look look, enum look mark, struct str line,
                      size_t from, size_t to)
{
    if (!fits(p, line)) {
        doc_text(p->d, p->indent + 1, p->width, look, sign, look, line);
        return;
    }
    doc_row(p->d, p->indent);
    doc_puts(p->d, look, sign);
    doc_add(p->d, look, str_sub(line, 0, from));
    doc_add(p->d, mark, str_sub(line, from, to - from));
    doc_add(p->d, look, str_sub(line, to, line.n));
}

static void flush_words(struct pairs *p)
{
    size_t both = MIN(p->removed.n, p->added.n), a, b;
    for (size_t i = 0; i < p->removed.n; i++) {
        struct str line = p->removed.v[i];
        size_t from = i < both ? changed(line, p->added.v[i], &a, &b) : 0;
        add_words(p, "-", LOOK_REMOVED, LOOK_REMOVED_WORD, line, from, i < both ? a : 0);
    }
    for (size_t i = 0; i < p->added.n; i++) {
        struct str line = p->added.v[i];
        size_t from = i < both ? changed(p->removed.v[i], line, &a, &b) : 0;
        add_words(p, "+", LOOK_ADDED, LOOK_ADDED_WORD, line, from, i < both ? b : 0);
    }
}

/* ---- sides ---- */

/* The next row of a side, filled up to its width. */
static void add_side(struct pairs *p, enum look look, struct str *rest, int cells, bool fill)
{
    int used = 0;
    size_t n = width_fit(*rest, cells, &used);
    doc_add(p->d, look, str_sub(*rest, 0, n));
    *rest = n > 0 ? str_sub(*rest, n, rest->n) : STR("");
    CLEANUP(buf_free) struct buf blanks = BUF_OWN;
    buf_fill(&blanks, ' ', (size_t)MAX(0, cells - used));
    if (fill && blanks.len > 0)
        doc_add(p->d, LOOK_TEXT, buf_view(&blanks));
}

static void add_sides(struct pairs *p, enum look left_look, struct str left, enum look right_look,
                      struct str right)
{
    static const char between[] = " | ";
    int cells = (p->width - p->indent - (int)sizeof(between) + 1) / 2;
    CLEANUP(buf_free) struct buf a = BUF_OWN, b = BUF_OWN;
    width_sanitize(&a, left);
    width_sanitize(&b, right);
    struct str l = buf_view(&a), r = buf_view(&b);
    do {
        doc_row(p->d, p->indent);
        add_side(p, left_look, &l, cells, true);
        doc_puts(p->d, LOOK_RULE, between);
        add_side(p, right_look, &r, cells, false);
    } while (l.n > 0 || r.n > 0);
}

static void flush_sides(struct pairs *p)
{
    for (size_t i = 0; i < MAX(p->removed.n, p->added.n); i++)
        add_sides(p, LOOK_REMOVED, i < p->removed.n ? p->removed.v[i] : STR(""), LOOK_ADDED,
                  i < p->added.n ? p->added.v[i] : STR(""));
}

/* ---- lines ---- */

static void flush(struct pairs *p)
{
    if (p->style == DIFF_SIDES)
        flush_sides(p);
    else
        flush_words(p);
    p->removed.n = p->added.n = 0;
}

static void take(struct pairs *p, struct str line)
{
    enum hunk_line kind = hunk_line(&p->hunk, line);
    bool removed = kind == HUNK_REMOVED, added = kind == HUNK_ADDED, head = kind == HUNK_HEAD;
    struct str text = str_sub(line, 1, line.n);
    if ((removed && p->added.n > 0) || (!removed && !added))
        flush(p);
    if (removed)
        VEC_PUSH(&p->removed, text);
    else if (added)
        VEC_PUSH(&p->added, text);
    else if (head || p->style == DIFF_WORDS || !str_starts(line, " "))
        doc_text(p->d, p->indent, p->width, head ? LOOK_HUNK : LOOK_TEXT, NULL, LOOK_TEXT, line);
    else
        add_sides(p, LOOK_TEXT, text, LOOK_TEXT, text);
}

void diff_rows(struct doc *d, int indent, int width, enum diff_style style, struct str raw)
{
    struct pairs p = {.d = d, .indent = indent, .width = width, .style = style};
    struct str line;
    if (style == DIFF_LINES || !doc_is_diff(raw) || (style == DIFF_SIDES && width < DIFF_SIDES_CELLS)) {
        doc_diff(d, indent, width, raw);
        return;
    }
    while (str_line(&raw, &line))
        take(&p, line);
    flush(&p);
    free(p.removed.v);
    free(p.added.v);
}
