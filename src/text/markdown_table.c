/* SPDX-License-Identifier: MIT
 *
 * markdown_table: the cells of one table, fitted to a width and drawn as rows.
 */
#include "text/markdown_table.h"

#include "text/width.h"
#include "text/wrap.h"

#include <stdlib.h>

enum { BORDER = 3, LEAST = 3 }; /* cells: " | " between two, and what a column has at least */

struct slice {
    size_t from, n; /* bytes of a cell that stand in one row of the screen */
};

struct table_cell {
    struct markdown_line line;
    VEC(struct slice) slices;
};

struct table_row {
    size_t first, n; /* cells */
    size_t height;   /* rows of the screen */
};

struct markdown_table {
    int columns;
    uint8_t align[MARKDOWN_COLUMNS];
    int width[MARKDOWN_COLUMNS];
    VEC(struct table_cell) cells;
    VEC(struct table_row) rows;
    struct table_cell none; /* takes what belongs to no cell */
    size_t row, part;       /* that is drawn next */
    bool ruled;             /* the rule below the head was drawn */
};

struct markdown_table *markdown_table_new(int columns, const uint8_t *align)
{
    struct markdown_table *t = NEW(struct markdown_table);
    t->columns = columns;
    t->none.line.text = BUF_OWN;
    for (int i = 0; align && i < MIN(columns, (int)MARKDOWN_COLUMNS); i++)
        t->align[i] = align[i];
    return t;
}

void markdown_table_free(struct markdown_table *t)
{
    if (!t)
        return;
    for (size_t i = 0; i < t->cells.n; i++) {
        markdown_line_done(&t->cells.v[i].line);
        free(t->cells.v[i].slices.v);
    }
    markdown_line_done(&t->none.line);
    free(t->cells.v);
    free(t->rows.v);
    free(t);
}

void markdown_table_next_row(struct markdown_table *t)
{
    VEC_PUSH(&t->rows, ((struct table_row){.first = t->cells.n}));
}

void markdown_table_next_cell(struct markdown_table *t)
{
    struct table_row *row = t->rows.n > 0 ? &t->rows.v[t->rows.n - 1] : NULL;
    if (!row || row->n >= MARKDOWN_COLUMNS)
        return;
    VEC_PUSH(&t->cells, ((struct table_cell){.line = {.text = BUF_OWN}}));
    row->n++;
}

struct markdown_line *markdown_table_cell(struct markdown_table *t)
{
    return t->cells.n > 0 ? &t->cells.v[t->cells.n - 1].line : &t->none.line;
}

/* ---- fitting ---- */

static void natural_widths(struct markdown_table *t)
{
    for (size_t r = 0; r < t->rows.n; r++) {
        for (size_t c = 0; c < t->rows.v[r].n; c++) {
            const struct markdown_line *l = &t->cells.v[t->rows.v[r].first + c].line;
            t->width[c] = MAX(t->width[c], width_str(buf_view(&l->text)));
        }
    }
    for (int c = 0; c < t->columns; c++)
        t->width[c] = MAX(t->width[c], (int)LEAST);
}

/* The widest gives first. */
static void shrink(struct markdown_table *t, int over)
{
    while (over > 0) {
        int widest = 0;
        for (int c = 1; c < t->columns; c++)
            widest = t->width[c] > t->width[widest] ? c : widest;
        t->width[widest]--;
        over--;
    }
}

static void slice_cell(struct table_cell *cell, int width)
{
    struct str all = buf_view(&cell->line.text), rest = all.p ? all : STR(""), row;
    while (wrap_row(&rest, width, &row))
        VEC_PUSH(&cell->slices, ((struct slice){row.n ? (size_t)(row.p - all.p) : 0, row.n}));
}

bool markdown_table_fit(struct markdown_table *t, int cells)
{
    int frame = t->columns * BORDER + 1, sum = frame;
    if (t->rows.n == 0 || t->columns < 1 || t->columns > MARKDOWN_COLUMNS || frame + t->columns * LEAST > cells)
        return false;
    natural_widths(t);
    for (int c = 0; c < t->columns; c++)
        sum += t->width[c];
    shrink(t, sum - cells);
    for (size_t r = 0; r < t->rows.n; r++) {
        struct table_row *row = &t->rows.v[r];
        row->height = 1;
        for (size_t c = 0; c < row->n; c++) {
            struct table_cell *cell = &t->cells.v[row->first + c];
            slice_cell(cell, t->width[c]);
            row->height = MAX(row->height, cell->slices.n);
        }
    }
    return true;
}

/* ---- drawing ---- */

bool markdown_table_more(const struct markdown_table *t)
{
    return t->row < t->rows.n || !t->ruled;
}

static void put(struct markdown *m, enum markdown_role role, const char *text, size_t n)
{
    struct markdown_line l = {.text = BUF_OWN};
    markdown_line_add(&l, role, str_make(text, n));
    markdown_row_part(m, &l, 0, l.text.len);
    markdown_line_done(&l);
}

static void fill(struct markdown *m, char c, int n)
{
    CLEANUP(buf_free) struct buf b = BUF_OWN;
    if (n > 0 && buf_fill(&b, c, (size_t)n))
        put(m, MARKDOWN_MARK, b.data, b.len);
}

static void draw_rule(const struct markdown_table *t, struct markdown *m)
{
    put(m, MARKDOWN_MARK, "|", 1);
    for (int c = 0; c < t->columns; c++) {
        fill(m, '-', t->width[c] + 2);
        put(m, MARKDOWN_MARK, "|", 1);
    }
}

static void draw_slice(const struct markdown_table *t, const struct table_row *row, int c, size_t k,
                       struct markdown *m)
{
    const struct table_cell *cell = (size_t)c < row->n ? &t->cells.v[row->first + (size_t)c] : NULL;
    const struct slice *s = cell && k < cell->slices.n ? &cell->slices.v[k] : NULL;
    int used = s ? width_str(str_sub(buf_view(&cell->line.text), s->from, s->n)) : 0;
    int spare = MAX(0, t->width[c] - used);
    int left = t->align[c] == 'r' ? spare : t->align[c] == 'c' ? spare / 2 : 0;
    fill(m, ' ', left);
    if (s)
        markdown_row_part(m, &cell->line, s->from, s->n);
    fill(m, ' ', spare - left);
}

void markdown_table_draw(struct markdown_table *t, struct markdown *m)
{
    if (t->row == 1 && !t->ruled) {
        t->ruled = true;
        draw_rule(t, m);
        return;
    }
    const struct table_row *row = &t->rows.v[t->row];
    put(m, MARKDOWN_MARK, "| ", 2);
    for (int c = 0; c < t->columns; c++) {
        draw_slice(t, row, c, t->part, m);
        put(m, MARKDOWN_MARK, c + 1 < t->columns ? " | " : " |", c + 1 < t->columns ? 3 : 2);
    }
    if (++t->part < row->height)
        return;
    t->part = 0;
    t->row++;
}
