/* SPDX-License-Identifier: MIT
 *
 * editor: text that is being written: cursor by grapheme clusters, kill and yank, undo, history. It
 * draws itself wrapped over many rows (the composer) or as one row that scrolls sideways (the
 * command line). Pure but for the canvas that it is given. UI thread.
 */
#ifndef TAU_UI_EDITOR_H
#define TAU_UI_EDITOR_H

#include "base/base.h"
#include "base/str.h"
#include "ui/draw/canvas.h"

enum {
    EDITOR_UNDO_MAX = 200,
    EDITOR_UNDO_BYTES = 4 << 20,
    EDITOR_HISTORY_MAX = 500,
};

enum editor_op {
    EDIT_LEFT,
    EDIT_RIGHT,
    EDIT_WORD_LEFT,
    EDIT_WORD_RIGHT,
    EDIT_LINE_START,
    EDIT_LINE_END,
    EDIT_UP, /* a row up, or the entry before at the first row */
    EDIT_DOWN,
    EDIT_START,
    EDIT_END,
    EDIT_BACKSPACE,
    EDIT_DELETE,
    EDIT_KILL_WORD_BACK,
    EDIT_KILL_WORD,
    EDIT_KILL_LINE,
    EDIT_KILL_LINE_BACK,
    EDIT_YANK,
    EDIT_UNDO,
    EDIT_REDO,
    EDIT_OPS
};

struct editor;

/* max: bytes it may hold. */
struct editor *editor_new(size_t max);
void editor_free(struct editor *ed); /* NULL is fine */

struct str editor_text(const struct editor *ed); /* until the next change */
size_t editor_cursor(const struct editor *ed);   /* byte offset */
bool editor_empty(const struct editor *ed);

/* Replaces everything, cursor at the end; can be undone. Control characters are dropped, and what does not
 * fit. Clear also leaves the history. */
void editor_set(struct editor *ed, struct str text);
void editor_clear(struct editor *ed);

/* At the cursor. Control characters but LF and TAB are left out. False when it would hold more than
 * max: nothing was inserted. */
bool editor_insert(struct editor *ed, struct str text);

/* False when there was nothing to do. */
bool editor_do(struct editor *ed, enum editor_op op);

/* Remembers a text that was sent, unless it equals the newest. */
void editor_remember(struct editor *ed, struct str text);

/* The i-th of those, the newest first, until the next change; false when there are not so many. */
bool editor_remembered(const struct editor *ed, size_t i, struct str *ret);

/* How many rows it takes at that width (at least 1, and 1 cell is kept for the cursor). */
size_t editor_rows(struct editor *ed, int width);

/* Draws the rows around the cursor into r, and puts the canvas' cursor there. */
void editor_draw(struct editor *ed, struct canvas *c, struct rect r, enum look look);

/* Draws it as one row, LFs as blanks. */
void editor_draw_line(struct editor *ed, struct canvas *c, struct rect r, enum look look);

#endif
