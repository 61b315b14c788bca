/* SPDX-License-Identifier: MIT
 *
 * textview: which rows of many are on the screen.
 */
#include "ui/widget/textview.h"

static size_t last_top(const struct textview *v)
{
    return v->total > v->height ? v->total - v->height : 0;
}

static void show_cursor(struct textview *v)
{
    if (v->total > 0 && v->cursor >= v->total)
        v->cursor = v->total - 1;
    if (!v->has_cursor)
        return;
    if (v->cursor < v->top)
        v->top = v->cursor;
    if (v->height > 0 && v->cursor >= v->top + v->height)
        v->top = v->cursor - v->height + 1;
}

void textview_fit(struct textview *v, size_t total, size_t height)
{
    v->total = total;
    v->height = height;
    if (v->follow) {
        v->top = last_top(v);
        v->cursor = total > 0 ? total - 1 : 0;
    }
    if (v->top > last_top(v))
        v->top = last_top(v);
    show_cursor(v);
}

static size_t shift(size_t at, ssize_t by, size_t max)
{
    if (by < 0)
        return at > (size_t)-by ? at - (size_t)-by : 0;
    return at + (size_t)by < max ? at + (size_t)by : max;
}

void textview_move(struct textview *v, ssize_t by)
{
    size_t last = v->total > 0 ? v->total - 1 : 0;
    if (v->has_cursor) {
        v->cursor = shift(v->cursor, by, last);
        v->follow = by > 0 && v->cursor == last;
        show_cursor(v);
        return;
    }
    v->top = shift(v->top, by, last_top(v));
    v->follow = by > 0 && v->top == last_top(v);
}

void textview_page(struct textview *v, int pages)
{
    ssize_t rows = v->height > 2 ? (ssize_t)v->height - 2 : 1;
    if (v->has_cursor)
        v->top = shift(v->top, rows * pages, last_top(v));
    textview_move(v, rows * pages);
}

void textview_scroll(struct textview *v, ssize_t by)
{
    if (last_top(v) == 0)
        return;
    v->top = shift(v->top, by, last_top(v));
    v->follow = by > 0 && v->top == last_top(v);
    v->cursor = MAX(v->top, MIN(v->cursor, v->top + v->height - 1));
}

void textview_to(struct textview *v, size_t row)
{
    v->follow = false;
    v->cursor = row;
    if (row < v->top || row >= v->top + v->height)
        v->top = row < last_top(v) ? row : last_top(v);
    show_cursor(v);
}

void textview_top(struct textview *v)
{
    v->follow = false;
    v->top = v->cursor = 0;
}

void textview_bottom(struct textview *v)
{
    v->follow = true;
    textview_fit(v, v->total, v->height);
}
