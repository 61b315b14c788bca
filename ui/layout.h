/* SPDX-License-Identifier: MIT
 *
 * layout: where everything goes on a screen of some size. Below LAYOUT_TWO columns, or LAYOUT_ROWS rows,
 * one pane at a time below a bar with the names of all; from LAYOUT_TWO on the transcript and a column
 * of four; from LAYOUT_THREE on all seven. Rows are given away from the edges inward; what has no room
 * is left out, the main pane and the composer last. Pure.
 */
#ifndef TAU_UI_LAYOUT_H
#define TAU_UI_LAYOUT_H

#include "base/base.h"
#include "ui/draw/canvas.h"

enum pane_id {
#define PANE(id, lc, title, tab, column) PANE_##id,
#include "ui/vm/panes.def"
#undef PANE
    PANE_COUNT
};

enum pane_column { COLUMN_LEFT, COLUMN_MIDDLE, COLUMN_RIGHT };

struct pane_desc {
    const char *name, *title, *tab;
    enum pane_column column;
};
extern const struct pane_desc pane_table[PANE_COUNT];

enum { LAYOUT_TWO = 100, LAYOUT_THREE = 160, LAYOUT_ROWS = 20 };

struct layout_wants {
    int w, h;
    int composer;    /* rows of what is written; it gets at most a third of the height */
    bool line;       /* a question, or a command line: its row is there at any height */
    bool notice;     /* the same of the row for notices */
    bool hints;      /* and of the last row */
    enum pane_id at; /* the pane that is worked in: it is always on the screen */
    bool zoom;       /* and alone */
    bool bare;       /* nothing around it but what is written */
    int wider;       /* cells more, or fewer, for the columns beside the transcript */
};

struct layout {
    struct rect status, tabs, info, line, edge, composer, hints; /* h 0: not there */
    struct rect main;             /* where pages go: the transcript's place */
    struct rect pane[PANE_COUNT]; /* h 0: not on the screen */
    bool boxed;                   /* panes and main have a border, which is in the rectangle */
};

struct layout layout_make(const struct layout_wants *wants);

/* What a pane has for its rows. */
struct rect layout_inside(const struct layout *l, struct rect pane);

#endif
