/* SPDX-License-Identifier: MIT
 *
 * columns: what the rows of a pane have below one another.
 */
#include "ui/vm/columns.h"

#include "text/width.h"

enum { MARGIN = 1 };

/* As the table has it: the rest is not counted out. */
static int cells_of(const struct columns *c, size_t column, int width)
{
    if (c->hidden & (1U << column))
        return 0;
    return width < COLUMNS_WIDE ? c->v[column].narrow : c->v[column].wide;
}

int columns_cells(const struct columns *c, size_t column, int width)
{
    int cells = cells_of(c, column, width), rest = width - MARGIN - c->before;
    if (cells != COLUMN_REST)
        return cells;
    for (size_t i = 0; i < c->n; i++) {
        int other = cells_of(c, i, width);
        rest -= other > 0 ? other + 1 : 0;
    }
    return MAX(1, rest);
}

int columns_from(const struct columns *c, size_t column, int width)
{
    int at = MARGIN + c->before;
    for (size_t i = 0; i < column; i++) {
        int cells = columns_cells(c, i, width);
        at += cells > 0 ? cells + 1 : 0;
    }
    return at;
}

/* What comes after the rest stands at the right edge of the row, so that this is cut, and not those. How
 * many of those that have cells stand there before a column; -1: it comes before the rest. */
static int behind_rest(const struct columns *c, size_t column, int width)
{
    int n = -1;
    for (size_t i = 0; i < column; i++) {
        if (c->v[i].wide == COLUMN_REST)
            n = 0;
        else if (n >= 0 && columns_cells(c, i, width) > 0)
            n++;
    }
    return n;
}

/* Text of any origin in so many cells, in one line. */
static void add_cell(struct buf *cell, const char *text, int cells, bool ends)
{
    CLEANUP(buf_free) struct buf clean = BUF_OWN;
    int used = 0;
    width_sanitize(&clean, str_of(text));
    for (size_t i = 0; i < clean.len; i++)
        if (clean.data[i] == '\n')
            clean.data[i] = ' ';
    size_t n = clean.len ? width_fit(buf_view(&clean), cells, &used) : 0;
    buf_fill(cell, ' ', (size_t)(ends ? cells - used : 0));
    buf_str(cell, n > 0 ? str_sub(buf_view(&clean), 0, n) : STR(""));
    buf_fill(cell, ' ', (size_t)(ends ? 0 : cells - used));
}

void columns_put(struct doc *d, const struct columns *c, size_t column, int width, enum look look, const char *text)
{
    CLEANUP(buf_free) struct buf cell = BUF_OWN;
    int cells = columns_cells(c, column, width), behind = behind_rest(c, column, width);
    bool rest = c->v[column].wide == COLUMN_REST;
    if (cells == 0)
        return;
    buf_fill(&cell, ' ', behind > 0); /* before the first of them the row keeps one itself */
    if (!rest)
        add_cell(&cell, text, cells, c->v[column].ends);
    buf_fill(&cell, ' ', behind < 0);
    doc_column(d, (int)column + 1);
    if (rest)
        doc_puts(d, look, text);
    else if (behind < 0)
        doc_puts(d, look, buf_cstr(&cell));
    else
        doc_right(d, look, buf_cstr(&cell));
    doc_column(d, 0);
}

void columns_head(struct doc *d, const struct columns *c, int width, int sorted)
{
    doc_row(d, MARGIN + c->before);
    for (size_t i = 0; i < c->n; i++)
        columns_put(d, c, i, width, sorted == (int)i + 1 ? LOOK_KEY : LOOK_DIM, c->v[i].name);
}
