/* SPDX-License-Identifier: MIT
 *
 * mouse: the wheel scrolls what is under it and leaves the focus alone; a click goes where it points.
 * Text is selected by the terminal itself, with Shift, or with the mouse given back to it (:mouse off).
 */
#include "ui/app.h"

#include "base/mem.h"

#include <stdio.h>
#include <string.h>

enum { WHEEL_ROWS = 3 };

static bool is_in(struct rect r, const struct input_event *ev)
{
    return ev->x >= r.x && ev->x < r.x + r.w && ev->y >= r.y && ev->y < r.y + r.h;
}

/* PANE_COUNT: none is there. */
static enum pane_id pane_under(const struct layout *l, const struct input_event *ev)
{
    enum pane_id i = PANE_TRANSCRIPT;
    while (i < PANE_COUNT && !is_in(l->pane[i], ev))
        i++;
    return i;
}

/* A page stands where the transcript does, or what took its place. */
static bool is_over_page(const struct ui *ui, const struct layout *l, const struct input_event *ev)
{
    return ui->pager.make && is_in(l->main, ev);
}

static void on_wheel(struct ui *ui, const struct layout *l, const struct input_event *ev)
{
    int by = ev->button == MOUSE_WHEEL_UP ? -1 : 1;
    enum pane_id under = pane_under(l, ev);
    if (ui->chooser.what != CHOOSES_NOTHING) {
        chooser_move(&ui->chooser, by);
        return;
    }
    if (under == PANE_COUNT) /* beside all of them: what has the most room */
        under = l->boxed ? PANE_TRANSCRIPT : ui->at;
    bool page = is_over_page(ui, l, ev) || (ui->pager.make && pane_under(l, ev) == PANE_COUNT);
    textview_scroll(page ? &ui->pager.view : ui_pane_view(ui, under), by * WHEEL_ROWS);
    if (!page && under == PANE_TRANSCRIPT && by < 0)
        ui_fetch(ui);
}

/* The row of a view that was pointed at; false: none, as on a border. */
static bool row_under(const struct textview *v, struct rect inside, const struct input_event *ev, size_t *ret)
{
    if (!is_in(inside, ev))
        return false;
    *ret = v->top + (size_t)(ev->y - inside.y);
    return *ret < v->total;
}

static void log_click(struct ui *ui, enum command c)
{
    ui_log_key(ui, "click", command_table[c].name);
}

/* The head of a call or a thought opens and closes it, and whoever writes goes on writing. */
static void click_transcript(struct ui *ui, struct rect inside, const struct input_event *ev)
{
    struct vm_transcript *t = &ui->transcript;
    size_t row = 0, at = t->items.n;
    if (row_under(&ui->view, inside, ev, &row)) {
        at = vm_transcript_item(t, row);
        if (ui->focus == FOCUS_PANE && ui->at == PANE_TRANSCRIPT)
            textview_to(&ui->view, row);
    }
    const struct vm_item *item = at < t->items.n ? t->items.v[at] : NULL;
    if (item && item->foldable && row == item->first_row + (item->gap ? 1 : 0)) {
        log_click(ui, CMD_TOGGLE);
        vm_transcript_fold(t, at);
    } else {
        ui_notice(ui, LOOK_NOTICE, "Shift and the mouse selects text; :mouse off gives the mouse back to the terminal");
    }
}

/* Into the pane, to the row; on the row where the cursor is already it is Enter. */
static void click_pane(struct ui *ui, enum pane_id pane, struct rect rows, const struct input_event *ev)
{
    struct textview *v = ui_pane_view(ui, pane);
    size_t row;
    bool here = ui->focus == FOCUS_PANE && ui->at == pane, on_row = row_under(v, rows, ev, &row);
    if (here && on_row && v->cursor == row) {
        enum command c = binding_find(ui_pane_context(pane), (struct key){KEY_ENTER, 0});
        if (c == CMD_NONE)
            return;
        log_click(ui, c);
        ui_command(ui, c, STR(""));
        return;
    }
    if (!here)
        ui_to_pane(ui, pane);
    if (on_row) {
        v->follow = false;
        v->cursor = row;
    }
}

static void on_click(struct ui *ui, const struct layout *l, const struct input_event *ev)
{
    size_t tab = is_in(l->tabs, ev) ? ui_tab_at(ui, l->tabs, ev->x) : PANE_COUNT;
    enum pane_id under = pane_under(l, ev);
    if (ui->focus == FOCUS_LINE) /* what is written there is not lost to a slip */
        return;
    if (tab == PANE_TRANSCRIPT || is_in(l->composer, ev))
        ui_to_composer(ui);
    else if (tab < PANE_COUNT)
        ui_to_pane(ui, (enum pane_id)tab);
    else if (under == PANE_TRANSCRIPT && ui->focus == FOCUS_PANE && ui->at != under)
        ui_to_pane(ui, under);
    else if (under == PANE_TRANSCRIPT && !is_over_page(ui, l, ev))
        click_transcript(ui, layout_inside(l, l->pane[under]), ev);
    else if (under < PANE_COUNT && !is_over_page(ui, l, ev))
        click_pane(ui, under, ui_pane_rows(ui, under, layout_inside(l, l->pane[under])), ev);
}

void ui_mouse(struct ui *ui, const struct input_event *ev)
{
    if (ui->canvas.w < SMALL_W || ui->canvas.h < SMALL_H)
        return;
    struct layout l = ui_layout_now(ui);
    ui->notice[0] = '\0';
    if (ev->button == MOUSE_LEFT)
        on_click(ui, &l, ev);
    else
        on_wheel(ui, &l, ev);
}

void cmd_mouse(struct ui *ui, struct str args)
{
    bool on = str_is(args, "on"), off = str_is(args, "off");
    if (args.n > 0 && !on && !off) {
        ui_notice(ui, LOOK_FAIL, ":mouse takes on or off");
        return;
    }
    if (on || off)
        ui->mouse = on;
    if (ui->tty)
        tty_mouse(ui->tty, ui->mouse);
    ui_notice(ui, LOOK_NOTICE, ui->mouse ? "the mouse scrolls and clicks here; with Shift it selects text"
                                         : "the mouse is the terminal's own");
}
