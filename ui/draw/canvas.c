/* SPDX-License-Identifier: MIT
 *
 * canvas: a frame as cells.
 *
 * Invariant: a cell of width 2 is followed by one of width 0, and a cell of width 0 follows one of
 * width 2; whoever overwrites one half blanks the other.
 */
#include "ui/draw/canvas.h"

#include "base/mem.h"
#include "text/utf8.h"
#include "text/width.h"

#include <stdlib.h>
#include <string.h>

static const struct cell BLANK = {.cp = {' '}, .width = 1, .look = LOOK_TEXT};

static struct cell *cell_at(const struct canvas *c, int x, int y)
{
    return &c->cells[(size_t)y * (size_t)c->w + (size_t)x];
}

void canvas_clear(struct canvas *c)
{
    size_t n = (size_t)c->w * (size_t)c->h;
    for (size_t i = 0; i < n; i++)
        c->cells[i] = BLANK;
    c->clip = (struct rect){0, 0, c->w, c->h};
    c->cursor_x = c->cursor_y = -1;
}

void canvas_resize(struct canvas *c, int w, int h)
{
    w = MAX(1, MIN(w, CANVAS_W_MAX));
    h = MAX(1, MIN(h, CANVAS_H_MAX));
    if (w != c->w || h != c->h || !c->cells) {
        c->w = w;
        c->h = h;
        c->cells = mem_grow(c->cells, (size_t)w * (size_t)h, sizeof(*c->cells));
    }
    canvas_clear(c);
}

void canvas_done(struct canvas *c)
{
    free(c->cells);
    *c = CANVAS_NONE;
}

struct rect canvas_clip(struct canvas *c, struct rect r)
{
    struct rect was = c->clip;
    int x0 = MAX(r.x, was.x), y0 = MAX(r.y, was.y);
    int x1 = MIN(r.x + r.w, was.x + was.w), y1 = MIN(r.y + r.h, was.y + was.h);
    c->clip = (struct rect){x0, y0, MAX(0, x1 - x0), MAX(0, y1 - y0)};
    return was;
}

void canvas_unclip(struct canvas *c, struct rect was)
{
    c->clip = was;
}

/* Blanks the other half of a wide character that x is a half of. */
static void split_wide(struct canvas *c, int x, int y)
{
    struct cell *at = cell_at(c, x, y);
    if (at->width == 0 && x > 0)
        *cell_at(c, x - 1, y) = (struct cell){.cp = {' '}, .width = 1, .look = at->look};
    if (at->width == 2 && x + 1 < c->w)
        *cell_at(c, x + 1, y) = (struct cell){.cp = {' '}, .width = 1, .look = at->look};
}

static bool in_clip(const struct canvas *c, int x, int y)
{
    return x >= c->clip.x && x < c->clip.x + c->clip.w && y >= c->clip.y &&
           y < c->clip.y + c->clip.h;
}

static void put_cell(struct canvas *c, int x, int y, struct cell cell)
{
    if (!in_clip(c, x, y))
        return;
    split_wide(c, x, y);
    *cell_at(c, x, y) = cell;
}

/* A base character: one or two cells. A wide one that the clip would cut becomes blanks. */
static void put_base(struct canvas *c, int x, int y, struct cell cell)
{
    if (cell.width == 1) {
        put_cell(c, x, y, cell);
        return;
    }
    bool whole = in_clip(c, x, y) && in_clip(c, x + 1, y);
    struct cell left = cell, right = cell;
    if (!whole) {
        left.cp[0] = right.cp[0] = ' ';
        left.width = right.width = 1;
    } else {
        right.cp[0] = 0;
        right.width = 0;
    }
    if (whole) {
        split_wide(c, x, y);
        split_wide(c, x + 1, y);
        *cell_at(c, x, y) = left;
        *cell_at(c, x + 1, y) = right;
        return;
    }
    put_cell(c, x, y, left);
    put_cell(c, x + 1, y, right);
}

/* What combines goes into the cell of its base. A joiner is left out: the terminal would join what
 * ncurses and we count as two. */
static void put_combining(struct canvas *c, int x, int y, uint32_t cp)
{
    if (cp == 0x200D || !in_clip(c, x, y))
        return;
    struct cell *at = cell_at(c, x, y);
    if (at->width == 0 && x > 0 && in_clip(c, x - 1, y))
        at = cell_at(c, x - 1, y);
    for (size_t i = 1; i < CELL_CP_MAX; i++) {
        if (at->cp[i] == 0) {
            at->cp[i] = cp;
            return;
        }
    }
}

int canvas_put(struct canvas *c, int x, int y, enum look look, uint8_t attr, struct str text)
{
    while (text.n > 0) {
        size_t used = 1;
        uint32_t cp = (unsigned char)text.p[0];
        int width = 1;
        if (cp >= 0x80) {
            cp = utf8_next(text, &used);
            width = width_char(cp);
        } else if (cp < 0x20 || cp == 0x7F) {
            cp = '?'; /* a caller that did not sanitise: visible, and harmless */
        }
        text = str_sub(text, used, text.n);
        if (width == 0) {
            put_combining(c, x - 1, y, cp);
            continue;
        }
        put_base(c, x, y,
                 (struct cell){
                     .cp = {cp}, .width = (uint8_t)width, .look = (uint8_t)look, .attr = attr});
        x += width;
        if (x >= c->w)
            return x + width_str(text);
    }
    return x;
}

int canvas_put_raw(struct canvas *c, int x, int y, enum look look, uint8_t attr, struct str text)
{
    CLEANUP(buf_free) struct buf clean = BUF_OWN;
    width_sanitize(&clean, text);
    for (size_t i = 0; i < clean.len; i++) {
        if (clean.data[i] == '\n')
            clean.data[i] = ' ';
    }
    return canvas_put(c, x, y, look, attr, buf_view(&clean));
}

int canvas_printf(struct canvas *c, int x, int y, enum look look, const char *fmt, ...)
{
    CLEANUP(buf_free) struct buf text = BUF_OWN;
    va_list ap;
    va_start(ap, fmt);
    buf_vprintf(&text, fmt, ap);
    va_end(ap);
    return canvas_put_raw(c, x, y, look, 0, buf_view(&text));
}

void canvas_fill(struct canvas *c, struct rect r, enum look look, char glyph)
{
    struct cell cell = {.cp = {(unsigned char)glyph}, .width = 1, .look = (uint8_t)look};
    for (int y = MAX(0, r.y); y < r.y + r.h && y < c->h; y++) {
        for (int x = MAX(0, r.x); x < r.x + r.w && x < c->w; x++)
            put_cell(c, x, y, cell);
    }
}

struct rect rect_top(struct rect *r, int rows)
{
    rows = MAX(0, MIN(rows, r->h));
    struct rect top = {r->x, r->y, r->w, rows};
    r->y += rows;
    r->h -= rows;
    return top;
}

struct rect rect_bottom(struct rect *r, int rows)
{
    rows = MAX(0, MIN(rows, r->h));
    r->h -= rows;
    return (struct rect){r->x, r->y + r->h, r->w, rows};
}

/* ---- dumps ---- */

static bool is_blank(const struct cell *cell)
{
    return cell->width == 1 && cell->cp[0] == ' ' && cell->cp[1] == 0 && cell->attr == 0;
}

static void dump_text_row(const struct canvas *c, int y, struct buf *out)
{
    int end = c->w;
    while (end > 0 && is_blank(cell_at(c, end - 1, y)))
        end--;
    for (int x = 0; x < end; x++) {
        const struct cell *cell = cell_at(c, x, y);
        for (size_t i = 0; cell->width > 0 && i < CELL_CP_MAX && cell->cp[i]; i++) {
            char bytes[4];
            buf_add(out, bytes, utf8_encode(cell->cp[i], bytes));
        }
    }
    buf_putc(out, '\n');
}

static void dump_look_row(const struct canvas *c, int y, struct buf *out)
{
    size_t keep = out->len;
    for (int x = 0; x < c->w; x++) {
        const struct cell *cell = cell_at(c, x, y);
        if (cell->width == 0)
            continue;
        bool plain = cell->look == LOOK_TEXT && is_blank(cell);
        buf_putc(out, plain ? ' ' : (char)('a' + cell->look));
        if (!plain)
            keep = out->len;
    }
    buf_truncate(out, keep);
    buf_putc(out, '\n');
}

void canvas_dump(const struct canvas *c, bool with_looks, struct buf *out)
{
    for (int y = 0; y < c->h; y++)
        dump_text_row(c, y, out);
    if (!with_looks)
        return;
    buf_puts(out, "---- looks\n");
    for (int y = 0; y < c->h; y++)
        dump_look_row(c, y, out);
    buf_printf(out, "---- cursor %d,%d\n", c->cursor_x, c->cursor_y);
}

const char *look_name(enum look r)
{
    static const char *const names[LOOK_COUNT] = {
#define LOOK(id, name, df, db, df16, db16, lf, lb, lf16, lb16, attr) [LOOK_##id] = name,
#include "ui/draw/looks.def"
#undef LOOK
    };
    return r < LOOK_COUNT ? names[r] : "";
}
