/* SPDX-License-Identifier: MIT
 *
 * transcript: the rows of the items that are in view, and a bar at the edge that says where,
 * once it is not the newest.
 */
#include "ui/view/view.h"

static void draw_bar(struct canvas *c, struct rect r, const struct textview *v)
{
    if (v->total <= (size_t)r.h || r.w < 4 || r.h < 3)
        return;
    int x = r.x + r.w - 1;
    size_t h = (size_t)r.h;
    size_t from = v->top * h / v->total, size = MAX((size_t)1, h * h / v->total);
    for (size_t i = 0; i < h; i++) {
        bool thumb = i >= from && i < from + size;
        canvas_put(c, x, r.y + (int)i, thumb ? LOOK_DIM : LOOK_RULE, 0,
                   thumb ? STR("#") : STR(":"));
    }
}

static void draw_greeting(struct canvas *c, struct rect r, const char *greeting)
{
    struct str rest = str_of(greeting), line;
    for (int y = 1; y < r.h && str_line(&rest, &line); y++)
        canvas_put_raw(c, r.x + 1, r.y + y, LOOK_DIM, 0, line);
}

void view_transcript(struct canvas *c, struct rect r, const struct vm_transcript *t,
                     const struct textview *v, const char *greeting, bool focused)
{
    struct rect was = canvas_clip(c, r);
    if (t->items.n == 0)
        draw_greeting(c, r, greeting);
    size_t item = vm_transcript_item(t, v->top);
    struct rect row = {r.x, r.y, MAX(1, r.w - 2), 1};
    for (size_t i = v->top; i < t->rows && row.y < r.y + r.h && item < t->items.n; i++, row.y++) {
        const struct vm_item *it = t->items.v[item];
        doc_draw(&it->doc, i - it->first_row, c, row, focused && i == v->cursor);
        while (item < t->items.n &&
               i + 1 >= t->items.v[item]->first_row + t->items.v[item]->doc.rows.n)
            item++;
    }
    /* Else the rule below says that the newest is followed. A bar would have to be mended in each frame of an
     * answer, as it scrolls with the text. */
    if (!v->follow)
        draw_bar(c, r, v);
    canvas_unclip(c, was);
}

void view_page(struct canvas *c, struct rect r, const struct doc *d, const struct textview *v)
{
    struct rect was = canvas_clip(c, r);
    struct rect row = {r.x, r.y, MAX(1, r.w - 2), 1};
    for (size_t i = v->top; i < d->rows.n && row.y < r.y + r.h; i++, row.y++)
        doc_draw(d, i, c, row, v->has_cursor && i == v->cursor);
    draw_bar(c, r, v);
    canvas_unclip(c, was);
}
