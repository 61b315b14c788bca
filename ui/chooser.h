/* SPDX-License-Identifier: MIT
 *
 * chooser: a list that every letter makes shorter: commands with their keys (the palette), what was
 * asked before, or files. UI thread.
 */
#ifndef TAU_UI_CHOOSER_H
#define TAU_UI_CHOOSER_H

#include "base/base.h"
#include "base/mem.h"
#include "base/str.h"
#include "ui/draw/canvas.h"

enum { CHOOSER_MAX = 20000, CHOOSER_ROWS = 12 };

enum chooses { CHOOSES_NOTHING, CHOOSES_COMMAND, CHOOSES_MESSAGE, CHOOSES_FILE };

struct choice {
    char *text;       /* what is taken: a line of a command, or a message */
    char *args;       /* that the command wants; or NULL */
    const char *help; /* or NULL; outlives the chooser */
    char key[24];     /* that does the same, or "" */
    int score;
};

struct chooser {
    enum chooses what; /* NOTHING: it is closed */
    VEC(struct choice) all;
    VEC(size_t) shown; /* of all: those that fit, best first */
    size_t at;         /* of shown */
};

void chooser_done(struct chooser *c); /* closed, and usable again */

/* Copies the strings but help. Past CHOOSER_MAX nothing is added. */
void chooser_add(struct chooser *c, struct str text, const char *args, const char *help, const char *key);

/* Those whose text (or, behind them, help) has the letters of the words, best first. */
void chooser_filter(struct chooser *c, struct str words);
void chooser_move(struct chooser *c, int by); /* round the ends */
const struct choice *chooser_chosen(const struct chooser *c); /* NULL: none fits */

/* In the last rows of `over`, at most CHOOSER_ROWS, with a border. */
void chooser_draw(const struct chooser *c, struct canvas *canvas, struct rect over);

#endif
