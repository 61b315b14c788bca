/* SPDX-License-Identifier: MIT
 *
 * columns: what the rows of a pane have below one another. A table says once what each column is called
 * and how many cells it has, and both the rows and the head over them are cut by it. Pure; UI thread.
 */
#ifndef TAU_UI_COLUMNS_H
#define TAU_UI_COLUMNS_H

#include "ui/vm/doc.h"

enum {
    COLUMNS_WIDE = 60, /* a pane of so many cells has room for the wide form */
    COLUMN_REST = -1   /* the cells that the others leave; one of a table has them */
};

struct column {
    const char *name;
    int narrow, wide; /* cells; 0: there is none in that form */
    bool ends;        /* its text stands at its right edge */
};

struct columns {
    const struct column *v;
    size_t n;
    int before;      /* cells of a sign between the margin and the first */
    unsigned hidden; /* a bit for each that is left out now */
};

/* The cells that a column has in a pane of this width: 0 when it has none. */
int columns_cells(const struct columns *c, size_t column, int width);

/* Where it begins, from the edge of the pane on; for one up to the rest. */
int columns_from(const struct columns *c, size_t column, int width);

/* Adds to the newest row what it has in a column: cut, and filled with blanks up to its cells and one
 * between it and the next. Columns are added in their order, each of the row's once, an empty one too; the
 * rest may be added in several pieces, which are not cut here, and nothing is added where it has no cells. */
void columns_put(struct doc *d, const struct columns *c, size_t column, int width, enum look look,
                 const char *text);

/* The row of names; the one that the rows are sorted by (from 1; 0: none) stands out. */
void columns_head(struct doc *d, const struct columns *c, int width, int sorted);

#endif
