/* SPDX-License-Identifier: MIT
 *
 * commands_pane: what is done to a pane as such: its order, its size, its place; and taking out what is
 * under the cursor.
 */
#include "ui/app.h"

#include "base/mem.h"
#include "json/json.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COPY_MAX = 16 << 20, SIZE_STEP = 4, SIZE_MOST = 40 };

/* ---- order ---- */

static struct panel *panel_at(struct ui *ui)
{
    if (ui->focus == FOCUS_PANE && ui->at != PANE_TRANSCRIPT && ui->at != PANE_TASKS)
        return &ui->panels[ui->at];
    ui_notice(ui, LOOK_NOTICE, "this keeps its own order");
    return NULL;
}

static void again(struct ui *ui, const char *text)
{
    ui_panels_stale(ui);
    ui_notice(ui, LOOK_NOTICE, "%s", text);
}

/* Through the columns that it has now, and through their own order between the last and the first. */
static void sort(struct ui *ui, int by)
{
    struct panel *p = panel_at(ui);
    if (!p)
        return;
    int n = (int)p->columns.n + 1;
    do
        p->sorted = (p->sorted + by + n) % n;
    while (p->sorted > 0 && columns_cells(&p->columns, (size_t)p->sorted - 1, p->width) == 0);
    ui_panels_stale(ui);
    if (p->sorted)
        ui_notice(ui, LOOK_NOTICE, "sorted by %s", p->columns.v[p->sorted - 1].name);
    else
        ui_notice(ui, LOOK_NOTICE, "in their own order");
}

void cmd_sort(struct ui *ui, struct str args)
{
    (void)args;
    sort(ui, 1);
}

void cmd_sort_before(struct ui *ui, struct str args)
{
    (void)args;
    sort(ui, -1);
}

void cmd_invert(struct ui *ui, struct str args)
{
    struct panel *p = panel_at(ui);
    (void)args;
    if (!p)
        return;
    p->inverted = !p->inverted;
    again(ui, p->inverted ? "the other way round" : "in their own order");
}

void cmd_refresh(struct ui *ui, struct str args)
{
    (void)args;
    ui_panels_stale(ui);
    snapshot_unref(TAKE(ui->memory.asked_of));
    ui->status_stale = true;
}

void cmd_pause(struct ui *ui, struct str args)
{
    (void)args;
    ui->paused = !ui->paused;
    ui_notice(ui, LOOK_NOTICE, ui->paused ? "the panes stand still; Z goes on" : "the panes go on");
    if (!ui->paused)
        ui_panels_stale(ui);
}

/* ---- size and place ---- */

static void resize(struct ui *ui, int by)
{
    ui->wider = MAX(-SIZE_MOST, MIN(SIZE_MOST, ui->wider + by));
}

void cmd_wider(struct ui *ui, struct str args)
{
    (void)args;
    resize(ui, SIZE_STEP);
}

void cmd_narrower(struct ui *ui, struct str args)
{
    (void)args;
    resize(ui, -SIZE_STEP);
}

void cmd_pane_last(struct ui *ui, struct str args)
{
    (void)args;
    ui_to_pane(ui, ui->at_before);
}

/* Nothing but the transcript and what is written. */
void cmd_bare(struct ui *ui, struct str args)
{
    (void)args;
    ui->bare = !ui->bare;
}

/* ---- the log ---- */

void cmd_log_wrap(struct ui *ui, struct str args)
{
    (void)args;
    ui->log_look.cut = !ui->log_look.cut;
    ui_panels_stale(ui);
}

void cmd_log_time(struct ui *ui, struct str args)
{
    (void)args;
    ui->log_look.timeless = !ui->log_look.timeless;
    ui_panels_stale(ui);
}

/* ---- taking out ---- */

/* A row, after the one before it: lines are taken out as they were before they were wrapped. */
static void add_row(const struct doc *d, size_t row, struct buf *out)
{
    const struct doc_row *r = &d->rows.v[row];
    bool goes_on = out->len > 0 && (r->joint == DOC_WRAP || r->joint == DOC_WRAP_BLANK);
    if (goes_on)
        buf_puts(out, r->joint == DOC_WRAP_BLANK ? " " : "");
    else if (out->len > 0)
        buf_putc(out, '\n');
    buf_fill(out, ' ', goes_on ? 0 : (size_t)r->indent);
    for (size_t i = 0; i < r->n; i++) {
        const struct doc_span *s = &d->spans.v[r->first + i];
        buf_puts(out, s->right ? "  " : "");
        buf_str(out, str_sub(buf_view(&d->text), s->from, s->n));
    }
}

static void add_rows(const struct doc *d, size_t from, size_t to, struct buf *out)
{
    for (size_t i = from; i < to && i < d->rows.n && out->len < COPY_MAX; i++)
        add_row(d, i, out);
}

/* The message as it was written, else what the row shows; the rows that are marked. */
static void under_cursor(struct ui *ui, struct buf *out)
{
    if (ui->focus == FOCUS_PAGER) {
        add_rows(&ui->pager.doc, 0, ui->pager.doc.rows.n, out);
        return;
    }
    const struct panel *p = &ui->panels[ui->at];
    for (size_t i = 0; ui->at != PANE_TRANSCRIPT && p->marks.names.n > 0 && i < p->doc.rows.n; i++)
        if (p->doc.rows.v[i].marked)
            add_row(&p->doc, i, out);
    size_t head = doc_head(&p->doc, p->view.cursor);
    if (ui->at != PANE_TRANSCRIPT && out->len == 0)
        add_rows(&p->doc, head, doc_after(&p->doc, head), out);
    if (ui->at != PANE_TRANSCRIPT)
        return;
    size_t at = vm_transcript_item(&ui->transcript, ui->view.cursor);
    if (at >= ui->transcript.items.n)
        return;
    const struct vm_item *item = ui->transcript.items.v[at];
    struct str body = body_view(REC(item->entry, entry)->body);
    if (body.n > 0)
        buf_str(out, body);
    else
        add_rows(&item->doc, 0, item->doc.rows.n, out);
}

void cmd_copy(struct ui *ui, struct str args)
{
    CLEANUP(buf_free) struct buf text = BUF_OWN;
    (void)args;
    under_cursor(ui, &text);
    if (text.len == 0)
        ui_notice(ui, LOOK_NOTICE, "there is nothing under the cursor");
    else
        ui_copy(ui, buf_view(&text));
}

/* ---- of the transcript ---- */

/* Where the conversation parted, to go on from elsewhere. */
void cmd_show_branches(struct ui *ui, struct str args)
{
    (void)args;
    ui_verb_send(ui, "branches");
}

/* Behind what the cursor is on, a question before it: that one is asked anew. At the newest there is nothing to
 * leave behind. */
void cmd_write_branch(struct ui *ui, struct str args)
{
    char line[ID_MAX + 40];
    size_t at = vm_transcript_item(&ui->transcript, ui->view.cursor), n = ui->transcript.items.n;
    (void)args;
    const struct rec_entry *entry = at < n && ui->transcript.items.v[at]->entry
                                        ? REC(ui->transcript.items.v[at]->entry, entry)
                                        : NULL;
    const char *slash = entry ? strchr(entry->id, '/') : NULL;
    if (!entry || at + 1 == n) {
        cmd_show_branches(ui, STR(""));
        return;
    }
    if (strcmp(entry->kind, "user") == 0 && slash)
        snprintf(line, sizeof(line), "rewind %.*s --only messages", (int)(slash - entry->id), entry->id);
    else
        snprintf(line, sizeof(line), "branch @%" PRId64, entry->n);
    ui_line_open(ui, line);
}

/* The first file that an edit or write changed; malloc'd, NULL: it is none, or changed nothing. */
static char *edited(const struct rec_tool *t)
{
    struct err e = ERR_INIT;
    bool edits = strcmp(t->name, "edit") == 0 || strcmp(t->name, "write") == 0;
    CLEANUP(json_free_p) struct json *files = edits && t->files ? json_parse(str_of(t->files), &e) : NULL;
    const struct json *first = files ? json_first(files) : NULL;
    const char *path = first ? json_cstr(json_get(first, "path"), NULL) : NULL;
    return path ? mem_strdup(path) : NULL;
}

/* With the cursor on an edit that one, else the last exchange. */
void cmd_write_undo(struct ui *ui, struct str args)
{
    char line[ID_MAX + 40];
    size_t at = vm_transcript_item(&ui->transcript, ui->view.cursor);
    bool on = ui->focus == FOCUS_PANE && ui->at == PANE_TRANSCRIPT && at < ui->transcript.items.n;
    const struct rec *r = on ? ui->transcript.items.v[at]->tool : NULL;
    CLEANUP(mem_free_p) char *path = r ? edited(REC(r, tool)) : NULL;
    (void)args;
    if (!path) {
        ui_line_open(ui, "undo");
        return;
    }
    snprintf(line, sizeof(line), "rewind --call %s --yes", REC(r, tool)->id);
    ui_line_open(ui, line);
    ui_notice(ui, LOOK_NOTICE, "%s: to before this call, with tau's later changes; left if others changed it",
              path);
}
