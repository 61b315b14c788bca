/* SPDX-License-Identifier: MIT
 *
 * layout: where everything goes on a screen of some size.
 */
#include "ui/layout.h"

enum {
    RULES_FROM = 12,    /* rows */
    ACTIVITY_FROM = 20, /* rows */
    LEFT_MAX = 42,
    RIGHT_MAX = 58,
    SIDE_MAX = 42, /* the column beside the transcript, when there is one */
    SIDE_MIN = 20,
    PANE_ROWS = 5, /* the least for a box in a column */
};

const struct pane_desc pane_table[PANE_COUNT] = {
#define PANE(id, lc, title, tab, column) [PANE_##id] = {#lc, title, tab, COLUMN_##column},
#include "ui/vm/panes.def"
#undef PANE
};

/* Gives the panes of a column equal parts of it; those that find no room are left out. */
static void stack(struct layout *l, struct rect r, const enum pane_id *panes, int n)
{
    n = MIN(n, MAX(1, r.h / PANE_ROWS));
    for (int i = 0; i < n; i++)
        l->pane[panes[i]] = rect_top(&r, (r.h + n - i - 1) / (n - i));
}

static struct rect cut_left(struct rect *r, int cells)
{
    struct rect left = {r->x, r->y, MIN(cells, r->w), r->h};
    r->x += left.w;
    r->w -= left.w;
    return left;
}

/* Never so narrow that nothing can be read, nor so wide that nothing is left. */
static int side_cells(int w, int cells)
{
    return MAX((int)SIDE_MIN, MIN(cells, w * 45 / 100));
}

/* Beside the transcript the four that say what goes on. */
static void two_columns(struct layout *l, struct rect body, int wider)
{
    static const enum pane_id side[] = {PANE_TASKS, PANE_TOOLS, PANE_MEMORY, PANE_GATEWAY};
    int cells = side_cells(body.w, MIN((int)SIDE_MAX, body.w * 35 / 100) + wider);
    l->main = cut_left(&body, body.w - cells);
    stack(l, body, side, ARRAY_LEN(side));
}

static void three_columns(struct layout *l, struct rect body, int wider)
{
    enum pane_id left[PANE_COUNT], right[PANE_COUNT];
    int n_left = 0, n_right = 0, cells = side_cells(body.w, MIN((int)RIGHT_MAX, body.w * 29 / 100) + wider);
    struct rect left_rect = cut_left(&body, MIN((int)LEFT_MAX, body.w * 21 / 100));
    l->main = cut_left(&body, body.w - cells);
    for (enum pane_id i = 0; i < PANE_COUNT; i++) {
        if (pane_table[i].column == COLUMN_LEFT)
            left[n_left++] = i;
        else if (pane_table[i].column == COLUMN_RIGHT)
            right[n_right++] = i;
    }
    stack(l, left_rect, left, n_left);
    stack(l, body, right, n_right);
}

struct layout layout_make(const struct layout_wants *wants)
{
    struct layout l = {0};
    struct rect all = {0, 0, wants->w, wants->h};
    bool rules = wants->h >= RULES_FROM;
    l.boxed = wants->w >= LAYOUT_TWO && wants->h >= LAYOUT_ROWS && !wants->zoom && !wants->bare;
    l.status = rect_top(&all, !wants->bare);
    l.tabs = rect_top(&all, rules && !l.boxed && !wants->bare);
    l.hints = rect_bottom(&all, (rules && !wants->bare) || wants->hints);
    l.composer = rect_bottom(&all, MIN(wants->composer, MAX(1, wants->h / 3)));
    l.edge = rect_bottom(&all, rules);
    l.line = rect_bottom(&all, wants->line || wants->h >= ACTIVITY_FROM);
    l.info = rect_bottom(&all, rules || wants->notice);
    l.main = all;
    if (l.boxed && wants->w < LAYOUT_THREE)
        two_columns(&l, all, wants->wider);
    else if (l.boxed)
        three_columns(&l, all, wants->wider);
    /* What has no place of its own takes the transcript's. */
    if (l.pane[wants->at].h == 0)
        l.pane[wants->at] = l.main;
    else
        l.pane[PANE_TRANSCRIPT] = l.main;
    return l;
}

struct rect layout_inside(const struct layout *l, struct rect pane)
{
    if (!l->boxed || pane.h == 0)
        return pane;
    return (struct rect){pane.x + 1, pane.y + 1, MAX(0, pane.w - 2), MAX(0, pane.h - 2)};
}
