/* SPDX-License-Identifier: MIT
 *
 * width: cells by wcwidth, and the one gate between foreign text and the screen.
 */
#include "text/width.h"

#include "text/utf8.h"

#include <stdio.h>
#include <utf8proc.h>
#include <wchar.h>

enum { TAB_CELLS = 8, ZWJ = 0x200D };

struct range {
    uint32_t from, to;
};

/* Sorted. What takes no cell, reorders what is around it, or looks like a blank without being one:
 * shown by its number. */
static const struct range tricks[] = {
    {0x034F, 0x034F},   /* grapheme joiner */
    {0x061C, 0x061C},   /* Arabic letter mark */
    {0x115F, 0x1160},   /* Hangul fillers */
    {0x17B4, 0x17B5},   /* Khmer inherent vowels */
    {0x180E, 0x180E},   /* Mongolian vowel separator */
    {0x200B, 0x200F},   /* zero-width space, joiners, direction marks */
    {0x2028, 0x202E},   /* line and paragraph separators, embeddings, overrides */
    {0x2060, 0x206F},   /* word joiner, invisible operators, isolates, shaping */
    {0x3164, 0x3164},   /* Hangul filler */
    {0xFEFF, 0xFEFF},   /* byte order mark */
    {0xFFA0, 0xFFA0},   /* Hangul filler */
    {0xFFF9, 0xFFFB},   /* interlinear annotation */
    {0x1BCA0, 0x1BCA3}, /* shorthand format */
    {0x1D173, 0x1D17A}, /* musical format */
    {0xE0000, 0xE007F}, /* tags: a whole hidden alphabet */
};

/* Sorted. They ask for another picture of the character before, at times of another width. */
static const struct range selectors[] = {
    {0x180B, 0x180D},
    {0x180F, 0x180F},
    {0xFE00, 0xFE0F},
    {0xE0100, 0xE01EF},
};

static bool is_in(const struct range *ranges, size_t n, uint32_t cp)
{
    for (size_t i = 0; i < n && ranges[i].from <= cp; i++)
        if (cp <= ranges[i].to)
            return true;
    return false;
}

/* Printable ASCII needs none of the tables. */
static bool is_plain(char c)
{
    return c >= 0x20 && c < 0x7F;
}

static size_t ascii_run(struct str s)
{
    size_t n = 0;
    while (n < s.n && is_plain(s.p[n]))
        n++;
    return n;
}

int width_char(uint32_t cp)
{
    if (cp >= 0x20 && cp < 0x7F)
        return 1;
    int cells = cp ? wcwidth((wchar_t)cp) : -1;
    return cells < 0 ? 1 : cells;
}

int width_str(struct str s)
{
    int cells = 0;
    while (s.n) {
        size_t bytes = ascii_run(s);
        cells += (int)bytes;
        if (bytes < s.n) {
            size_t more;
            cells += width_char(utf8_next(str_sub(s, bytes, s.n), &more));
            bytes += more;
        }
        s = str_sub(s, bytes, s.n);
    }
    return cells;
}

size_t width_fit(struct str s, int cells, int *ret_cells)
{
    size_t at = 0;
    int used = 0;
    while (at < s.n) {
        bool single = is_plain(s.p[at]) && (at + 1 == s.n || is_plain(s.p[at + 1]));
        struct str rest = str_sub(s, at, s.n);
        size_t bytes = single ? 1 : utf8_cluster(rest);
        int wide = single ? 1 : width_str(str_sub(rest, 0, bytes));
        if (used + wide > cells)
            break;
        used += wide;
        at += bytes;
    }
    *ret_cells = used;
    return at;
}

struct sanitizer {
    struct buf *out;
    size_t column;    /* cells since the last LF */
    bool after_emoji; /* the character before may be joined to another picture */
};

static void show(struct sanitizer *z, const char *text, int cells)
{
    buf_puts(z->out, text);
    z->column += (size_t)cells;
    z->after_emoji = false;
}

static bool is_emoji(uint32_t cp)
{
    return utf8proc_get_property((utf8proc_int32_t)cp)->boundclass ==
               UTF8PROC_BOUNDCLASS_EXTENDED_PICTOGRAPHIC &&
           wcwidth((wchar_t)cp) >= 0;
}

static bool is_skin_tone(uint32_t cp)
{
    return cp >= 0x1F3FB && cp <= 0x1F3FF;
}

static void put_control(struct sanitizer *z, uint32_t cp, bool before_lf)
{
    char text[16];
    if (cp == '\n') {
        show(z, "\n", 0);
        z->column = 0;
    } else if (cp == '\t') {
        size_t n = TAB_CELLS - z->column % TAB_CELLS;
        buf_fill(z->out, ' ', n);
        z->column += n;
        z->after_emoji = false;
    } else if (cp < 0x80 && !(cp == '\r' && before_lf)) {
        show(z, (char[]){'^', (char)(cp ^ 0x40), '\0'}, 2);
    } else if (cp >= 0x80) {
        snprintf(text, sizeof(text), "\\x%02x", (unsigned)cp);
        show(z, text, 4);
    }
}

/* A character that is neither plain ASCII nor a control; rest is what follows it. */
static void put_other(struct sanitizer *z, uint32_t cp, struct str self, struct str rest)
{
    size_t bytes;
    char text[16];
    if (is_in(selectors, ARRAY_LEN(selectors), cp))
        return;
    bool joins = cp == ZWJ && z->after_emoji && rest.n && is_emoji(utf8_next(rest, &bytes));
    if (is_in(tricks, ARRAY_LEN(tricks), cp) && !joins) {
        int n = snprintf(text, sizeof(text), "<U+%04X>", (unsigned)cp);
        show(z, text, n);
        return;
    }
    bool invalid = cp == UTF8_REPLACEMENT && self.n == 1;
    if (invalid || wcwidth((wchar_t)cp) < 0) {
        show(z, "\xEF\xBF\xBD", 1);
        return;
    }
    buf_str(z->out, self);
    z->column += (size_t)width_char(cp);
    z->after_emoji = is_emoji(cp) || (z->after_emoji && is_skin_tone(cp));
}

void width_sanitize(struct buf *out, struct str s)
{
    struct sanitizer z = {.out = out};
    while (s.n) {
        size_t bytes = ascii_run(s);
        if (bytes) {
            buf_add(out, s.p, bytes);
            z.column += bytes;
            z.after_emoji = false;
        } else {
            uint32_t cp = utf8_next(s, &bytes);
            struct str rest = str_sub(s, bytes, s.n);
            if (cp < 0x20 || (cp >= 0x7F && cp < 0xA0))
                put_control(&z, cp, rest.n && rest.p[0] == '\n');
            else
                put_other(&z, cp, str_sub(s, 0, bytes), rest);
        }
        s = str_sub(s, bytes, s.n);
    }
}

/* Is it shown as it is, wherever it stands? */
static bool is_shown(uint32_t cp)
{
    bool control = cp < 0x20 || (cp >= 0x7F && cp < 0xA0);
    return cp == '\n' || cp == '\t' ||
           (!control && !is_in(selectors, ARRAY_LEN(selectors), cp) && !is_in(tricks, ARRAY_LEN(tricks), cp) &&
            wcwidth((wchar_t)cp) >= 0);
}

/* RFC 8259, section 7: past U+FFFF as a surrogate pair. */
static void put_escape(struct buf *out, uint32_t cp)
{
    if (cp < 0x10000)
        buf_printf(out, "\\u%04x", (unsigned)cp);
    else
        buf_printf(out, "\\u%04x\\u%04x", (unsigned)(0xD800 + ((cp - 0x10000) >> 10)),
                   (unsigned)(0xDC00 + ((cp - 0x10000) & 0x3FF)));
}

size_t width_json(struct buf *out, struct str s, bool more)
{
    size_t all = s.n, bytes;
    for (; s.n; s = str_sub(s, bytes, s.n)) {
        bool cut;
        bytes = ascii_run(s);
        if (bytes) {
            buf_add(out, s.p, bytes);
            continue;
        }
        if (more && s.n < 4 && utf8_valid_prefix(s, &cut) == 0 && cut)
            break;
        uint32_t cp = utf8_next(s, &bytes);
        if (cp == UTF8_REPLACEMENT)
            buf_puts(out, "\xEF\xBF\xBD");
        else if (is_shown(cp))
            buf_add(out, s.p, bytes);
        else
            put_escape(out, cp);
    }
    return all - s.n;
}
