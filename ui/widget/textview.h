/* SPDX-License-Identifier: MIT
 *
 * textview: which rows of many are on the screen, and where the cursor is among them. Pure.
 */
#ifndef TAU_UI_TEXTVIEW_H
#define TAU_UI_TEXTVIEW_H

#include "base/base.h"

struct textview {
    size_t top, cursor;
    size_t total, height; /* as of the last fit */
    bool follow;          /* the last row stays in view */
    bool has_cursor;      /* motions move a cursor row, not only the view */
};

/* The rows or the height changed. */
void textview_fit(struct textview *v, size_t total, size_t height);

/* By so many rows; following ends going up and begins again at the end. */
void textview_move(struct textview *v, ssize_t by);
void textview_page(struct textview *v, int pages);
void textview_scroll(struct textview *v, ssize_t by); /* what is shown; the cursor stays in view */
void textview_to(struct textview *v, size_t row);
void textview_top(struct textview *v);
void textview_bottom(struct textview *v); /* and follow */

#endif
