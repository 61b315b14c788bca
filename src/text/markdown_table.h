/* SPDX-License-Identifier: MIT
 *
 * markdown_table: the cells of one table, fitted to a width and drawn as rows. Inside of markdown.
 */
#ifndef TAU_TEXT_MARKDOWN_TABLE_H
#define TAU_TEXT_MARKDOWN_TABLE_H

#include "text/markdown.h"

/* Sanitised text with its roles, while it is gathered. */
struct markdown_line {
    struct buf text;
    VEC(struct markdown_span) spans;
};
void markdown_line_done(struct markdown_line *l); /* and usable again */
void markdown_line_clear(struct markdown_line *l);
void markdown_line_add(struct markdown_line *l, enum markdown_role role, struct str raw);

/* Adds a part of the line to the newest row. */
void markdown_row_part(struct markdown *m, const struct markdown_line *l, size_t from, size_t n);

/* The byte where a line (from 1 on) begins, as cmark counts lines; the size when there are fewer. */
size_t markdown_line_start(struct str raw, int line);

struct markdown_table;
/* align: a letter a column (l, c, r or 0), copied. */
struct markdown_table *markdown_table_new(int columns, const uint8_t *align);
void markdown_table_free(struct markdown_table *t); /* NULL is fine */

/* The first row is the head. */
void markdown_table_next_row(struct markdown_table *t);
void markdown_table_next_cell(struct markdown_table *t);
struct markdown_line *markdown_table_cell(struct markdown_table *t); /* the newest, to be added to */

/* Gives each column its width. False when it has too many columns for so many cells. */
bool markdown_table_fit(struct markdown_table *t, int cells);

/* Once it is fitted: adds its next row on the screen to the newest row of m. A cell is wrapped in its
 * column. */
bool markdown_table_more(const struct markdown_table *t);
void markdown_table_draw(struct markdown_table *t, struct markdown *m);

#endif
