/* SPDX-License-Identifier: MIT
 *
 * canvas: a frame as cells, made in memory by the views and shown by ui/term. Nothing reaches a
 * cell but what text/width.h lets through, and no draw goes outside the clip rectangle. UI thread.
 */
#ifndef TAU_UI_CANVAS_H
#define TAU_UI_CANVAS_H

#include "base/base.h"
#include "base/buf.h"
#include "base/str.h"

enum look {
#define LOOK(id, name, df, db, df16, db16, lf, lb, lf16, lb16, attr) LOOK_##id,
#include "ui/draw/looks.def"
#undef LOOK
    LOOK_COUNT
};

enum {
    ATTR_BOLD = 1,
    ATTR_DIM = 2,
    ATTR_REVERSE = 4,
    ATTR_UNDERLINE = 8,
    ATTR_MONO_REVERSE = 16, /* only where there are no colours */
};

enum { CELL_CP_MAX = 4, CANVAS_W_MAX = 1000, CANVAS_H_MAX = 1000 };

/* One cell. width 0: the right half of the wide one before it. */
struct cell {
    uint32_t cp[CELL_CP_MAX]; /* a base and what combines with it; the rest is 0 */
    uint8_t width, look;
    uint8_t attr;  /* beside the look's */
    uint8_t spare; /* 0: cells are compared as bytes */
};

struct rect {
    int x, y, w, h;
};

struct canvas {
    int w, h;
    struct cell *cells;
    struct rect clip;
    int cursor_x, cursor_y; /* -1: hidden */
};

#define CANVAS_NONE ((struct canvas){.cursor_x = -1, .cursor_y = -1})

/* Sizes are clamped to 1..the maximum; everything is blank and the clip is the whole. */
void canvas_resize(struct canvas *c, int w, int h);
void canvas_done(struct canvas *c);
void canvas_clear(struct canvas *c);

/* Clips to the part of r inside the present clip and returns what it was, for canvas_unclip. */
struct rect canvas_clip(struct canvas *c, struct rect r);
void canvas_unclip(struct canvas *c, struct rect was);

/* Draws sanitised text (no control characters) from x on and returns the column after it, also when
 * that was clipped. A wide character that does not fit whole becomes blanks. */
int canvas_put(struct canvas *c, int x, int y, enum look look, uint8_t attr, struct str text);

/* The same for bytes of any origin: they are sanitised first, and what is left of LFs is shown. */
int canvas_put_raw(struct canvas *c, int x, int y, enum look look, uint8_t attr, struct str text);
int canvas_printf(struct canvas *c, int x, int y, enum look look, const char *fmt, ...)
    ATTR_PRINTF(5, 6);

void canvas_fill(struct canvas *c, struct rect r, enum look look, char glyph);

/* Rectangles cut from the edge of another one. */
struct rect rect_top(struct rect *r, int rows);
struct rect rect_bottom(struct rect *r, int rows);

/* The frame as text, a line a row, blanks at the ends dropped; with_looks: after it a second plane
 * with a letter per look (a is the first; blank where there is a blank of the text look), and the
 * cursor. */
void canvas_dump(const struct canvas *c, bool with_looks, struct buf *out);

const char *look_name(enum look r);

#endif
