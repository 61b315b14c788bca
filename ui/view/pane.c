/* SPDX-License-Identifier: MIT
 *
 * pane: the border of a pane with its number, title and count, and the bar that names all of them where
 * only one has room.
 */
#include "ui/view/view.h"

#include "text/width.h"

#include <stdio.h>

void view_box(struct canvas *c, struct rect r, const char *title, const char *note, bool focused)
{
    enum look look = focused ? LOOK_PROMPT : LOOK_RULE;
    if (r.h < 2 || r.w < 2)
        return;
    struct rect was = canvas_clip(c, r);
    canvas_fill(c, (struct rect){r.x, r.y, r.w, 1}, look, '-');
    canvas_fill(c, (struct rect){r.x, r.y + r.h - 1, r.w, 1}, look, '-');
    canvas_fill(c, (struct rect){r.x, r.y + 1, 1, r.h - 2}, look, '|');
    canvas_fill(c, (struct rect){r.x + r.w - 1, r.y + 1, 1, r.h - 2}, look, '|');
    static const int corners[] = {0, 0, 1, 0, 0, 1, 1, 1};
    for (size_t i = 0; i < ARRAY_LEN(corners); i += 2)
        canvas_put(c, r.x + corners[i] * (r.w - 1), r.y + corners[i + 1] * (r.h - 1), look, 0, STR("+"));
    int x = canvas_put(c, r.x + 1, r.y, look, 0, focused ? STR("[") : STR(" "));
    x = canvas_put_raw(c, x, r.y, focused ? LOOK_PROMPT : LOOK_TEXT, 0, str_of(title));
    x = canvas_put(c, x, r.y, look, 0, focused ? STR("]") : STR(" "));
    struct str text = str_of(note);
    int need = width_str(text) + 3, at = r.x + r.w - need;
    if (at > x && text.n > 0) {
        canvas_put(c, at, r.y, look, 0, STR(" "));
        canvas_put_raw(c, at + 1, r.y, LOOK_DIM, 0, text);
        canvas_put(c, at + need - 2, r.y, look, 0, STR(" "));
    }
    canvas_unclip(c, was);
}

/* The widest form that fits: with titles, with numbers and counts, with numbers alone. */
enum { FORM_TITLES, FORM_COUNTS, FORM_NUMBERS, FORM_COUNT };

static void tab_text(const struct tab *t, int number, int form, char *ret, size_t size)
{
    const char *title = form == FORM_TITLES ? t->title : "";
    const char *count = form == FORM_NUMBERS ? "" : t->count;
    snprintf(ret, size, "%d%s%s%s%s", number, title[0] ? " " : "", title,
             count[0] ? (form == FORM_TITLES ? " " : ":") : "", count);
}

static int bar_width(const struct tab *tabs, size_t n, int form)
{
    int width = 1;
    for (size_t i = 0; i < n; i++) {
        char text[64];
        tab_text(&tabs[i], (int)i + 1, form, text, sizeof(text));
        width += width_str(str_of(text)) + 2;
    }
    return width;
}

/* The widest that has room. */
static int choose_form(struct rect r, const struct tab *tabs, size_t n)
{
    int form = FORM_TITLES;
    while (form + 1 < FORM_COUNT && bar_width(tabs, n, form) > r.w)
        form++;
    return form;
}

size_t view_tab_at(struct rect r, const struct tab *tabs, size_t n, int x)
{
    int form = choose_form(r, tabs, n);
    for (size_t i = 0; i < n; i++)
        if (x >= r.x + 1 && x < r.x + bar_width(tabs, i + 1, form))
            return i;
    return n;
}

void view_tabs(struct canvas *c, struct rect r, const struct tab *tabs, size_t n, size_t at)
{
    int form = choose_form(r, tabs, n);
    if (r.h == 0)
        return;
    struct rect was = canvas_clip(c, r);
    canvas_fill(c, r, LOOK_RULE, '-');
    int x = r.x + 1;
    for (size_t i = 0; i < n; i++) {
        char text[64];
        tab_text(&tabs[i], (int)i + 1, form, text, sizeof(text));
        bool here = i == at;
        x = canvas_put(c, x, r.y, here ? LOOK_PROMPT : LOOK_RULE, 0, here ? STR("[") : STR(" "));
        x = canvas_put_raw(c, x, r.y, here ? LOOK_PROMPT : tabs[i].asks ? LOOK_FAIL : LOOK_DIM, 0,
                           str_of(text));
        x = canvas_put(c, x, r.y, here ? LOOK_PROMPT : LOOK_RULE, 0, here ? STR("]") : STR(" "));
    }
    canvas_unclip(c, was);
}
