/* SPDX-License-Identifier: MIT
 *
 * chooser: a list that every letter makes shorter.
 */
#include "ui/chooser.h"

#include "text/fuzzy.h"
#include "text/width.h"
#include "ui/view/view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_CELLS = 34, HELP_BEHIND = 4, EDGES = 2 };

void chooser_done(struct chooser *c)
{
    for (size_t i = 0; i < c->all.n; i++) {
        free(c->all.v[i].text);
        free(c->all.v[i].args);
    }
    free(c->all.v);
    free(c->shown.v);
    *c = (struct chooser){0};
}

void chooser_add(struct chooser *c, struct str text, const char *args, const char *help, const char *key)
{
    if (c->all.n >= CHOOSER_MAX)
        return;
    struct choice one = {.text = mem_strndup(text.n ? text.p : "", text.n),
                         .args = args ? mem_strdup(args) : NULL,
                         .help = help};
    snprintf(one.key, sizeof(one.key), "%s", key ? key : "");
    VEC_PUSH(&c->all, one);
}

/* Best first; equals stay in the order in which they came. */
static int by_score(const void *a, const void *b, void *arg)
{
    const struct chooser *c = arg;
    size_t x = *(const size_t *)a, y = *(const size_t *)b;
    int p = c->all.v[x].score, q = c->all.v[y].score;
    return p != q ? (p < q) - (p > q) : (x > y) - (x < y);
}

void chooser_filter(struct chooser *c, struct str words)
{
    c->shown.n = 0;
    c->at = 0;
    for (size_t i = 0; i < c->all.n; i++) {
        struct choice *one = &c->all.v[i];
        int by_help = one->help ? fuzzy_score(words, str_of(one->help)) / HELP_BEHIND : 0;
        one->score = words.n == 0 ? 1 : MAX(fuzzy_score(words, str_of(one->text)), by_help);
        if (one->score > 0)
            VEC_PUSH(&c->shown, i);
    }
    if (c->shown.n > 1)
        qsort_r(c->shown.v, c->shown.n, sizeof(*c->shown.v), by_score, c);
}

void chooser_move(struct chooser *c, int by)
{
    if (c->shown.n > 0)
        c->at = (c->at + c->shown.n + (size_t)((ssize_t)c->shown.n + by)) % c->shown.n;
}

const struct choice *chooser_chosen(const struct chooser *c)
{
    return c->at < c->shown.n ? &c->all.v[c->shown.v[c->at]] : NULL;
}

static void draw_choice(const struct choice *one, struct canvas *c, struct rect r, bool chosen)
{
    uint8_t attr = chosen ? ATTR_REVERSE : 0;
    struct str text = str_of(one->text);
    canvas_fill(c, r, chosen ? LOOK_CHOSEN : LOOK_TEXT, ' ');
    int key = one->key[0] ? width_str(str_of(one->key)) + 2 : 0;
    struct rect left = {r.x, r.y, MAX(0, r.w - key - 1), 1};
    struct rect was = canvas_clip(c, left);
    int x = r.x + 1, used;
    text = str_sub(text, 0, width_fit(text, left.w, &used)); /* a message may be long */
    x = canvas_put_raw(c, x, r.y, LOOK_KEY, attr, text);
    if (one->args && one->args[0]) {
        x = canvas_put(c, x, r.y, LOOK_KEY, attr, STR(" "));
        x = canvas_put_raw(c, x, r.y, LOOK_KEY, attr, str_of(one->args));
    }
    if (one->help)
        canvas_put_raw(c, MAX(x + 2, r.x + TEXT_CELLS), r.y, LOOK_HINT, attr, str_of(one->help));
    canvas_unclip(c, was);
    canvas_put_raw(c, r.x + r.w - key + 1, r.y, LOOK_DIM, attr, str_of(one->key));
}

void chooser_draw(const struct chooser *c, struct canvas *canvas, struct rect over)
{
    static const char *const titles[] = {"", "commands", "asked before", "files"};
    char note[48];
    int rows = MIN(MIN((int)c->shown.n, (int)CHOOSER_ROWS), over.h - EDGES);
    if (rows <= 0 && over.h <= EDGES)
        return;
    rows = MAX(rows, 1);
    struct rect r = {over.x, over.y + over.h - rows - EDGES, over.w, rows + EDGES};
    struct rect was = canvas_clip(canvas, r);
    canvas_fill(canvas, r, LOOK_TEXT, ' ');
    snprintf(note, sizeof(note), "%zu of %zu", c->shown.n ? c->at + 1 : 0, c->shown.n);
    view_box(canvas, r, titles[c->what], note, true);
    size_t from = c->at >= (size_t)rows ? c->at - (size_t)rows + 1 : 0;
    for (int i = 0; i < rows && from + (size_t)i < c->shown.n; i++)
        draw_choice(&c->all.v[c->shown.v[from + (size_t)i]], canvas,
                    (struct rect){r.x + 1, r.y + 1 + i, MAX(0, r.w - 2), 1}, from + (size_t)i == c->at);
    if (c->shown.n == 0)
        canvas_put(canvas, r.x + 2, r.y + 1, LOOK_DIM, 0, STR("nothing fits"));
    canvas_unclip(canvas, was);
}
