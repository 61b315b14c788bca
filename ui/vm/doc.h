/* SPDX-License-Identifier: MIT
 *
 * doc: rows of styled text that are ready to be drawn: an item of the transcript, a page of help, a
 * diff. All text in it is sanitised. Pure; UI thread.
 */
#ifndef TAU_UI_DOC_H
#define TAU_UI_DOC_H

#include "base/base.h"
#include "base/buf.h"
#include "base/mem.h"
#include "text/markdown.h"
#include "ui/draw/canvas.h"

struct doc_span {
    size_t from, n; /* bytes of text */
    enum look look;
    bool right; /* at the right edge; the left ones make room */
    int column; /* of the pane, from 1; 0: of none */
};

/* What a row is to the one before: the begin of something else, another line of the same, or the same
 * line going on, which was parted to fit, with or without a blank there. */
enum doc_joint { DOC_OWN, DOC_LINE, DOC_WRAP, DOC_WRAP_BLANK };

struct doc_row {
    size_t first, n; /* spans */
    int indent;
    enum doc_joint joint;
    size_t id, id_n; /* bytes of text: what it is about; 0 of them: nothing */
    bool marked;     /* drawn with a sign in its first cell */
};

struct doc {
    struct buf text;
    VEC(struct doc_span) spans;
    VEC(struct doc_row) rows;
    int column; /* of the next spans */
};

#define DOC_INIT ((struct doc){.text = BUF_OWN})

void doc_done(struct doc *d); /* and usable again */
void doc_clear(struct doc *d);

/* Begins a row; spans go to the newest row. Line ends in them become blanks. */
void doc_row(struct doc *d, int indent);
void doc_add(struct doc *d, enum look look, struct str raw);
void doc_puts(struct doc *d, enum look look, const char *text);
void doc_printf(struct doc *d, enum look look, const char *fmt, ...) ATTR_PRINTF(3, 4);
void doc_right(struct doc *d, enum look look, const char *text);

/* What is added from now on is in this column (vm/columns.h); 0: in none, as in the beginning. */
void doc_column(struct doc *d, int column);

/* A row goes on with what the next one has, and that is none any more. */
void doc_join(struct doc *d, size_t row);

/* What the newest row is about; the row's, empty when it is about nothing; the row that is about this,
 * or the number of rows. */
void doc_id(struct doc *d, const char *id);
struct str doc_row_id(const struct doc *d, size_t row);
size_t doc_find(const struct doc *d, const char *id);

/* Text of any origin, wrapped to width cells with the indent counted; its rows belong together. mark,
 * when not NULL, stands before the first row instead of the indent. */
void doc_text(struct doc *d, int indent, int width, enum look look, const char *mark,
              enum look mark_look, struct str raw);

/* The same with a look for each line by its first character, when the text is a unified diff. */
void doc_diff(struct doc *d, int indent, int width, struct str raw);
bool doc_is_diff(struct str raw);

/* Rows from..to of Markdown that was made for the width less the indent. */
void doc_markdown(struct doc *d, int indent, const struct markdown *m, size_t from, size_t to);

/* The last `max` rows that doc_text would make of raw, after a row that says how many lines are
 * left out. */
void doc_tail(struct doc *d, int indent, int width, enum look look, struct str raw, size_t max);

/* Rows by what they say in a column (from 1), numbers and durations by their size; rows that are alike
 * stay in their order, and those that go on from one stay below it. And the other way round. */
void doc_sort(struct doc *d, int column);
void doc_reverse(struct doc *d);

/* The row that this one goes on from, itself when from none; the one after the last that goes on from it. */
size_t doc_head(const struct doc *d, size_t row);
size_t doc_after(const struct doc *d, size_t row);

/* A place to go back to. */
struct doc_mark {
    size_t text, spans, rows;
};
struct doc_mark doc_mark(const struct doc *d);
void doc_rewind(struct doc *d, struct doc_mark m);

/* Draws row i into the first row of r. chosen: as the row that the cursor is on. */
void doc_draw(const struct doc *d, size_t i, struct canvas *c, struct rect r, bool chosen);

#endif
