/* SPDX-License-Identifier: MIT
 *
 * find: a search in the rows of a pane or page, with every letter. Small letters find large ones too;
 * a large one is meant. The next one after the last is the first.
 */
#include "ui/app.h"

#include "text/utf8.h"

#include <stdio.h>
#include <string.h>

enum { NOTE_BYTES = 40 };

static const char command[] = "find ";

static unsigned char small(unsigned char c)
{
    return c >= 'A' && c <= 'Z' ? (unsigned char)(c + 32) : c;
}

/* Where needle begins in text at or after from; -1. */
static ssize_t find_in(struct str text, size_t from, struct str needle)
{
    bool exact = false;
    for (size_t i = 0; i < needle.n; i++)
        exact |= needle.p[i] >= 'A' && needle.p[i] <= 'Z';
    for (size_t at = from; needle.n > 0 && at + needle.n <= text.n; at++) {
        size_t i = 0;
        while (i < needle.n && (exact ? text.p[at + i] == needle.p[i]
                                      : small((unsigned char)text.p[at + i]) ==
                                            small((unsigned char)needle.p[i])))
            i++;
        if (i == needle.n)
            return (ssize_t)at;
    }
    return -1;
}

/* ---- rows ---- */

/* The doc that a row of the page or pane is in, and its place there. */
static const struct doc *row_of(const struct ui *ui, size_t row, size_t *ret_at)
{
    *ret_at = row;
    if (ui->pager.make)
        return &ui->pager.doc;
    if (ui->at != PANE_TRANSCRIPT)
        return &ui->panels[ui->at].doc;
    size_t item = vm_transcript_item(&ui->transcript, row);
    if (item >= ui->transcript.items.n)
        return NULL;
    *ret_at = row - ui->transcript.items.v[item]->first_row;
    return &ui->transcript.items.v[item]->doc;
}

static bool matches(const struct ui *ui, size_t row)
{
    size_t at;
    const struct doc *d = row_of(ui, row, &at);
    if (!d || at >= d->rows.n)
        return false;
    CLEANUP(buf_free) struct buf text = BUF_OWN;
    const struct doc_row *r = &d->rows.v[at];
    for (size_t i = 0; i < r->n; i++) {
        const struct doc_span *s = &d->spans.v[r->first + i];
        buf_str(&text, str_sub(buf_view(&d->text), s->from, s->n));
    }
    return find_in(buf_view(&text), 0, str_of(ui->find.text)) >= 0;
}

static struct textview *view_of_find(struct ui *ui)
{
    return ui->pager.make ? &ui->pager.view : ui_pane_view(ui, ui->at);
}

static void count(struct ui *ui, size_t total, size_t at)
{
    for (size_t row = 0; row < total; row++) {
        bool found = matches(ui, row);
        ui->find.n += found;
        ui->find.at += found && row <= at;
    }
}

/* To the first row from `from` on that has it, in that direction; round the end once. */
static bool go(struct ui *ui, size_t from, int by)
{
    struct textview *v = view_of_find(ui);
    ui->find.n = ui->find.at = 0;
    for (size_t i = 0, row = from; i < v->total; i++) {
        if (row >= v->total)
            row = by > 0 ? 0 : v->total - 1;
        if (matches(ui, row)) {
            textview_to(v, row);
            count(ui, v->total, row);
            return true;
        }
        row = by < 0 && row == 0 ? v->total - 1 : (size_t)((ssize_t)row + by);
    }
    return false;
}

static void say_none(struct ui *ui)
{
    if (ui->at == PANE_TRANSCRIPT && !ui->pager.make && ui->transcript.before > 0)
        ui_notice(ui, LOOK_NOTICE,
                  "\"%s\" is not in what was read; :session-search looks through all of it",
                  ui->find.text);
    else
        ui_notice(ui, LOOK_NOTICE, "\"%s\" is not here", ui->find.text);
}

static size_t start_of(struct ui *ui)
{
    const struct textview *v = view_of_find(ui);
    bool in_view = v->cursor >= v->top && v->cursor < v->top + v->height;
    return in_view ? v->cursor : v->top;
}

/* ---- commands ---- */

bool ui_finds(const struct ui *ui)
{
    return ui->find.text[0] && (ui->focus == FOCUS_PANE || ui->focus == FOCUS_PAGER);
}

void ui_find_note(const struct ui *ui, char *ret, size_t size)
{
    ret[0] = '\0';
    if (ui->find.text[0] && ui->find.n > 0 && (ui_finds(ui) || ui->focus == FOCUS_LINE))
        snprintf(ret, size, "/%.*s %zu of %zu", STR_ARG(utf8_clip(str_of(ui->find.text), NOTE_BYTES)), ui->find.at,
                 ui->find.n);
}

static void look_for(struct ui *ui, struct str words)
{
    words = utf8_clip(words, sizeof(ui->find.text) - 1);
    snprintf(ui->find.text, sizeof(ui->find.text), "%.*s", STR_ARG(words));
    if (ui->find.text[0] && !go(ui, ui->find.from, 1))
        say_none(ui);
}

void ui_find_line(struct ui *ui, struct str line)
{
    if (!ui->confirm.open && str_starts(line, command)) {
        ui->notice[0] = '\0';
        look_for(ui, str_sub(line, sizeof(command) - 1, line.n));
    }
}

/* Alone it opens the line: from there every letter searches. */
void cmd_find(struct ui *ui, struct str args)
{
    if (ui->focus == FOCUS_COMPOSER)
        ui_to_pane(ui, PANE_TRANSCRIPT);
    if (args.n == 0) {
        ui->find.from = start_of(ui);
        ui_line_open(ui, command);
    } else {
        look_for(ui, args);
    }
}

void cmd_find_next(struct ui *ui, struct str args)
{
    (void)args;
    if (!ui->find.text[0])
        ui_notice(ui, LOOK_NOTICE, "nothing is looked for; / begins");
    else if (!go(ui, start_of(ui) + 1, 1))
        say_none(ui);
}

void cmd_find_before(struct ui *ui, struct str args)
{
    (void)args;
    size_t from = start_of(ui);
    if (!ui->find.text[0])
        ui_notice(ui, LOOK_NOTICE, "nothing is looked for; / begins");
    else if (!go(ui, from > 0 ? from - 1 : SIZE_MAX / 2, -1))
        say_none(ui);
}

/* ---- on the screen ---- */

/* One row of cells: its text, and which cell each byte came from. */
static void mark_row(struct canvas *c, struct rect r, int y, struct str needle)
{
    CLEANUP(buf_free) struct buf text = BUF_OWN;
    int cell_of[CANVAS_W_MAX * 4];
    for (int x = r.x; x < r.x + r.w && text.len + CELL_CP_MAX * 4 < ARRAY_LEN(cell_of); x++) {
        const struct cell *cell = &c->cells[y * c->w + x];
        for (int i = 0; cell->width > 0 && i < CELL_CP_MAX && cell->cp[i]; i++) {
            char bytes[4];
            size_t n = utf8_encode(cell->cp[i], bytes);
            for (size_t k = 0; k < n; k++)
                cell_of[text.len + k] = x;
            buf_add(&text, bytes, n);
        }
    }
    for (ssize_t at = 0; (at = find_in(buf_view(&text), (size_t)at, needle)) >= 0; at++)
        for (size_t i = 0; i < needle.n; i++)
            c->cells[y * c->w + cell_of[(size_t)at + i]].attr |= ATTR_UNDERLINE | ATTR_BOLD;
}

void ui_find_mark(struct ui *ui, struct rect inside)
{
    struct canvas *c = &ui->canvas;
    struct str needle = str_of(ui->find.text);
    struct rect r = {inside.x, inside.y, MIN(inside.w, c->w - inside.x), MIN(inside.h, c->h - inside.y)};
    if (needle.n == 0)
        return;
    for (int y = r.y; y < r.y + r.h; y++)
        mark_row(c, r, y, needle);
}
