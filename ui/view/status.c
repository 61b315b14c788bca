/* SPDX-License-Identifier: MIT
 *
 * status: the first row, and the row of what goes on.
 */
#include "ui/view/view.h"

#include "base/buf.h"
#include "text/width.h"
#include "ui/vm/toolrow.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { GAP = 2 };

static int part_width(const struct status_part *p)
{
    CLEANUP(buf_free) struct buf clean = BUF_OWN;
    width_sanitize(&clean, str_of(p->text));
    return width_str(buf_view(&clean)) + GAP;
}

void view_status(struct canvas *c, struct rect r, const struct status_row *row)
{
    int width[STATUS_PARTS_MAX], total = 1;
    bool shown[STATUS_PARTS_MAX];
    for (size_t i = 0; i < row->n; i++) {
        shown[i] = true;
        width[i] = part_width(&row->parts[i]);
        total += width[i];
    }
    while (total > r.w) {
        size_t least = row->n, left = 0;
        for (size_t i = 0; i < row->n; i++) {
            left += shown[i];
            if (shown[i] && (least == row->n || row->parts[i].keep <= row->parts[least].keep))
                least = i;
        }
        if (left <= 1)
            break;
        shown[least] = false;
        total -= width[least];
    }
    struct rect was = canvas_clip(c, r);
    canvas_fill(c, r, LOOK_STATUS, ' ');
    int x = r.x + 1, right = r.x + r.w;
    for (size_t i = row->n; i > 0; i--) {
        const struct status_part *p = &row->parts[i - 1];
        if (!shown[i - 1] || !p->right)
            continue;
        right -= width[i - 1];
        canvas_put_raw(c, right + 1, r.y, p->look, 0, str_of(p->text));
    }
    for (size_t i = 0; i < row->n; i++) {
        if (shown[i] && !row->parts[i].right)
            x = canvas_put_raw(c, x, r.y, row->parts[i].look, 0, str_of(row->parts[i].text)) + GAP;
    }
    canvas_unclip(c, was);
}

void view_activity(struct canvas *c, struct rect r, const struct activity *a, int64_t now_wall_ms)
{
    if (!a->turn)
        return;
    char took[24] = "";
    int64_t seconds = MAX((int64_t)0, now_wall_ms - a->since_ms) / 1000; /* the clock ticks once a second */
    if (a->running && seconds < 60)
        snprintf(took, sizeof(took), "%" PRId64 "s", seconds);
    else if (a->running)
        duration_text(seconds * 1000, took, sizeof(took));
    struct rect was = canvas_clip(c, r);
    int x = canvas_put(c, r.x + 1, r.y, LOOK_RUNS, 0, STR("~ "));
    int hint = r.x + r.w - 24, clock = (int)strlen(took) + 2; /* which is never cut */
    struct rect left = {r.x, r.y, MAX(0, hint - r.x - 1), 1}, what = {r.x, r.y, MAX(0, left.w - clock), 1};
    struct rect row = canvas_clip(c, what);
    x = canvas_put_raw(c, x, r.y, LOOK_TEXT, 0, str_of(a->what));
    canvas_unclip(c, row);
    canvas_clip(c, left);
    canvas_put_raw(c, MIN(x + 2, r.x + what.w + 2), r.y, LOOK_DIM, 0, str_of(took));
    canvas_unclip(c, was);
    was = canvas_clip(c, r);
    static const char *const keys[] = {"Esc", "stop", "Enter", "steer"};
    if (hint > r.x + 8)
        view_hint_text(c, (struct rect){hint, r.y, 24, 1}, keys, 2);
    canvas_unclip(c, was);
}
