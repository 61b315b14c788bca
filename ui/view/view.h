/* SPDX-License-Identifier: MIT
 *
 * view: what draws. Each view gets a canvas, its rectangle and a view-model that it may only read;
 * it keeps nothing. UI thread.
 */
#ifndef TAU_UI_VIEW_H
#define TAU_UI_VIEW_H

#include "ui/draw/canvas.h"
#include "ui/vm/approve.h"
#include "ui/vm/command.h"
#include "ui/vm/status.h"
#include "ui/vm/transcript.h"
#include "ui/widget/textview.h"

void view_transcript(struct canvas *c, struct rect r, const struct vm_transcript *t,
                     const struct textview *v, const char *greeting, bool focused);

/* A border in the edge of r, with a title at its left and how much there is at its right. */
void view_box(struct canvas *c, struct rect r, const char *title, const char *note, bool focused);

/* The names and counts of the panes in one row. */
struct tab {
    const char *title, *count;
    bool asks; /* something there wants the operator */
};
void view_tabs(struct canvas *c, struct rect r, const struct tab *tabs, size_t n, size_t at);
size_t view_tab_at(struct rect r, const struct tab *tabs, size_t n, int x); /* the one there; n: none */

/* A page of rows: help, a diff, a list. */
void view_page(struct canvas *c, struct rect r, const struct doc *d, const struct textview *v);

void view_status(struct canvas *c, struct rect r, const struct status_row *row);
void view_activity(struct canvas *c, struct rect r, const struct activity *a, int64_t now_wall_ms);

struct approval_view {
    const struct rec_approval *approval;
    const struct approve *machine;
    size_t n;       /* questions that are open */
    bool elsewhere; /* it is of another session */
};
void view_approval(struct canvas *c, struct rect r, const struct approval_view *a);

/* The keys of a context that have a hint, as one row. */
void view_hints(struct canvas *c, struct rect r, enum context first, enum context second);
void view_hint_text(struct canvas *c, struct rect r, const char *const *keys_and_words, size_t n);

/* Candidates of the command line in one row, the chosen one marked; help when there are none. */
void view_candidates(struct canvas *c, struct rect r, const struct name_list *names, size_t chosen,
                     const char *help);

/* All keys and commands, from their tables: those of the n contexts first. asks: before them the answers
 * to a question. */
void help_make(struct doc *d, int width, const enum context *first, size_t n, bool asks);

#endif
