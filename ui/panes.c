/* SPDX-License-Identifier: MIT
 *
 * panes: tasks, tools, memory and sessions as pages that live: what they show is made again with every frame, what
 * is under the cursor is what keys act on, and each of them says the command that it stands for.
 */
#include "ui/app.h"

#include "base/clock.h"
#include "base/mem.h"
#include "ui/vm/sessionlist.h"
#include "ui/vm/tasks.h"
#include "ui/vm/tools.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RECALL_EVERY_MS = 200, COUNT_ALWAYS = 20000 };

static const char find_command[] = "pane-memory ";

/* ---- the pages ---- */

static void page_tasks(struct ui *ui, struct doc *d, int width)
{
    struct tally n;
    (void)width;
    tasks_make(d, ui->snap, ui->pane.all, clock_wall_ms(), &n);
    snprintf(ui->pane.title, sizeof(ui->pane.title), "tasks %zu/%zu%s", n.done, n.all,
             ui->pane.all ? ", all" : "");
    if (d->rows.n > 0)
        return;
    doc_row(d, 1);
    doc_puts(d, LOOK_DIM, ui->pane.all ? "there is no task" : "nothing is to be done; a shows all");
}

static void page_memory(struct ui *ui, struct doc *d, int width)
{
    struct pane *p = &ui->pane;
    (void)width;
    memory_make(d, &p->rows, clock_wall_ms());
    if (p->find)
        snprintf(p->title, sizeof(p->title), "memory: %zu found of %.40s", p->rows.v.n, p->find);
    else if (p->all)
        snprintf(p->title, sizeof(p->title), "memory: %zu forgotten", p->rows.v.n);
    else
        snprintf(p->title, sizeof(p->title), "memory: %" PRId64 " %s, %" PRId64 " pinned",
                 p->rows.entries, p->rows.entries == 1 ? "entry" : "entries", p->rows.pinned);
    if (d->rows.n > 0)
        return;
    doc_row(d, 1);
    doc_puts(d, LOOK_DIM,
             !p->known ? "..."
             : p->find ? "nothing is remembered of that"
             : p->all  ? "nothing was forgotten"
                       : "nothing is remembered yet");
}

static void page_tools(struct ui *ui, struct doc *d, int width)
{
    struct tools_count n;
    tools_make(d, ui->snap, ui->session, width, &n);
    snprintf(ui->pane.title, sizeof(ui->pane.title), n.asks ? "tools %zu, %zu open, %zu waiting" : "tools %zu, %zu open",
             n.all, n.open, n.asks);
    if (d->rows.n > 0)
        return;
    doc_row(d, 1);
    doc_puts(d, LOOK_DIM, "no tool was called in this session");
}

static void page_sessions(struct ui *ui, struct doc *d, int width)
{
    (void)width;
    size_t n = sessionlist_make(d, ui->snap, ui->session, ui->env->proc, clock_wall_ms());
    snprintf(ui->pane.title, sizeof(ui->pane.title), "sessions %zu", n);
    if (d->rows.n > 0)
        return;
    doc_row(d, 1);
    doc_puts(d, LOOK_DIM, "there is no session yet");
}

static const struct {
    enum context context;
    const char *title;
    void (*make)(struct ui *ui, struct doc *d, int width);
} pane_table[] = {
    {CONTEXT_TASKS, "tasks", page_tasks},
    {CONTEXT_TOOLS, "tools", page_tools},
    {CONTEXT_MEMORY, "memory", page_memory},
    {CONTEXT_SESSIONS, "sessions", page_sessions},
};

static void open_pane(struct ui *ui, enum context context, struct str find)
{
    struct pane *p = &ui->pane;
    bool again = p->context == context;
    p->context = context;
    free(TAKE(p->find));
    if (find.n > 0)
        p->find = mem_strndup(find.p, find.n);
    p->known &= again;
    p->asked_seq = -1;
    p->all &= again && find.n == 0;
    size_t row = 0;
    while (pane_table[row].context != context)
        row++;
    snprintf(p->title, sizeof(p->title), "%s", pane_table[row].title);
    ui_page(ui, p->title, pane_table[row].make, false);
    ui->pager.context = context;
    ui->pager.view.has_cursor = true;
}

void cmd_pane_tasks(struct ui *ui, struct str args)
{
    (void)args;
    open_pane(ui, CONTEXT_TASKS, STR(""));
}

void cmd_pane_tools(struct ui *ui, struct str args)
{
    (void)args;
    open_pane(ui, CONTEXT_TOOLS, STR(""));
}

/* The screen knows nothing of servers: the verb says it. */
void cmd_pane_gateway(struct ui *ui, struct str args)
{
    (void)args;
    ui_verb_send(ui, "gateway");
}

void cmd_pane_sessions(struct ui *ui, struct str args)
{
    (void)args;
    open_pane(ui, CONTEXT_SESSIONS, STR(""));
}

void cmd_pane_memory(struct ui *ui, struct str args)
{
    open_pane(ui, CONTEXT_MEMORY, args);
}

void cmd_pane_transcript(struct ui *ui, struct str args)
{
    (void)args;
    ui->pane.context = CONTEXT_ANY;
    ui->pager.make = NULL;
    ui->focus = FOCUS_PANE;
}

bool ui_pane_back(struct ui *ui)
{
    enum context context = ui->pane.context;
    if (ui->pager.context != CONTEXT_PAGER || context == CONTEXT_ANY)
        return false;
    CLEANUP(mem_free_p) char *find = TAKE(ui->pane.find);
    bool all = ui->pane.all;
    open_pane(ui, context, str_of(find));
    ui->pane.all = all;
    return true;
}

void ui_pane_close(struct ui *ui)
{
    ui->pane.context = CONTEXT_ANY;
    ui->pager.make = NULL;
}

/* ---- what memory has, again and again ---- */

static bool shows_memory(const struct ui *ui)
{
    return ui->pager.make == page_memory;
}

int64_t ui_recall(struct ui *ui, int64_t now_ms)
{
    struct pane *p = &ui->pane;
    if (!shows_memory(ui) || ui->recall.thread.running || p->asked_seq == ui->snap->seq)
        return INT64_MAX;
    if (p->asked_seq >= 0 && now_ms - p->asked_ms < RECALL_EVERY_MS)
        return p->asked_ms + RECALL_EVERY_MS;
    p->asked_seq = ui->snap->seq;
    p->asked_ms = now_ms;
    /* Many are counted only when one of those that the snapshot has changed. */
    const void *section = ui->snap->sections[REC_MEMORY];
    bool count = !p->known || p->rows.entries < COUNT_ALWAYS || p->counted != section;
    if (recall_start(&ui->recall, &ui->env->reader, p->find, p->all, count) && count)
        p->counted = section;
    return INT64_MAX;
}

void ui_recalled(struct ui *ui)
{
    struct recall *r = &ui->recall;
    struct pane *p = &ui->pane;
    if (!recall_take(r))
        return;
    /* What is searched for may have changed meanwhile: then the next answer is on its way. */
    bool same = p->all == r->forgotten && (p->find && r->find ? strcmp(p->find, r->find) == 0
                                                              : p->find == r->find);
    if (same && (r->ok || r->err.code == ERR_INVALID)) { /* a search without a word finds nothing */
        if (!r->count) {
            r->rows.entries = p->rows.entries;
            r->rows.pinned = p->rows.pinned;
        }
        memory_clear(&p->rows);
        p->rows = r->rows;
        r->rows = (struct memory_rows){0};
        p->known = true;
    } else if (same) {
        ui_notice(ui, LOOK_FAIL, "memory: %s", r->err.message);
    }
    ui->dirty = true;
}

/* A search goes on with every letter. */
void ui_pane_line(struct ui *ui, struct str line)
{
    struct pane *p = &ui->pane;
    if (!shows_memory(ui) || ui->confirm.open || !str_starts(line, find_command))
        return;
    struct str find = str_trim(str_sub(line, sizeof(find_command) - 1, line.n));
    free(TAKE(p->find));
    if (find.n > 0)
        p->find = mem_strndup(find.p, find.n);
    p->all = false;
    p->asked_seq = -1;
}

/* ---- what keys do ---- */

const char *ui_short_id(const char *id, char out[UI_SHORT_MAX])
{
    size_t n = strlen(id), from = n > UI_SHORT_MAX - 1 ? n - (UI_SHORT_MAX - 1) : 0;
    for (size_t i = from; i <= n; i++)
        out[i - from] = (char)(id[i] >= 'A' && id[i] <= 'Z' ? id[i] + 32 : id[i]);
    return out;
}

/* What the cursor is on. False, and said, when it is on nothing. */
static bool chosen(struct ui *ui, char id[ID_MAX])
{
    struct str on = doc_row_id(&ui->pager.doc, ui->pager.view.cursor);
    if (!ui->pager.make || ui->pager.context != ui->pane.context || on.n == 0 || on.n >= ID_MAX) {
        ui_notice(ui, LOOK_NOTICE, "there is nothing under the cursor");
        return false;
    }
    memcpy(id, on.p, on.n);
    id[on.n] = '\0';
    return true;
}

/* The log says the command that does the same. */
static void log_item(struct ui *ui, const char *command, const char *id)
{
    char end[UI_SHORT_MAX], line[64];
    snprintf(line, sizeof(line), "%s %s", command, ui_short_id(id, end));
    ui_log_key(ui, ":", line);
}

static bool on_tasks(const struct ui *ui)
{
    return ui->pane.context == CONTEXT_TASKS;
}

static void page_call(struct ui *ui, struct doc *d, int width)
{
    tools_show(d, ui->snap, ui->pane.chosen, width);
    if (d->rows.n > 0)
        return;
    doc_row(d, 1);
    doc_puts(d, LOOK_DIM, "that is long ago; the transcript has it");
}

/* Goes to the session, and away from the list of them. */
static void go_to(struct ui *ui, const char *id)
{
    char line[160];
    const struct rec *r = snapshot_find(ui->snap, REC_SESSION, id);
    snprintf(line, sizeof(line), "session %s", r ? REC(r, session)->name : id);
    ui_log_key(ui, "Enter", line);
    ui_pane_close(ui);
    ui->focus = FOCUS_COMPOSER;
    ui_command_line(ui, str_of(line));
}

void cmd_item_show(struct ui *ui, struct str args)
{
    char id[ID_MAX], end[UI_SHORT_MAX], line[64];
    (void)args;
    if (!chosen(ui, id))
        return;
    if (ui->pane.context == CONTEXT_SESSIONS) {
        go_to(ui, id);
        return;
    }
    if (ui->pane.context == CONTEXT_TOOLS) {
        snprintf(ui->pane.chosen, sizeof(ui->pane.chosen), "%s", id);
        ui_page(ui, "call", page_call, false);
        return;
    }
    snprintf(line, sizeof(line), "%s %s", on_tasks(ui) ? "task" : "memory-show", ui_short_id(id, end));
    snprintf(ui->pane.chosen, sizeof(ui->pane.chosen), "%s", id);
    ui_verb_send(ui, line);
}

void cmd_item_done(struct ui *ui, struct str args)
{
    char id[ID_MAX];
    (void)args;
    if (!chosen(ui, id))
        return;
    log_item(ui, "task-done", id);
    ui_act(ui, ACT_TASK_COMPLETE, &(struct act_task_complete){.task = id}, NULL);
}

void cmd_item_running(struct ui *ui, struct str args)
{
    char id[ID_MAX];
    (void)args;
    if (!chosen(ui, id))
        return;
    log_item(ui, "task-update", id);
    ui_act(ui, ACT_TASK_UPDATE, &(struct act_task_update){.task = id, .status = "running"}, NULL);
}

/* The command with the task in it: a reason, or Enter, is for the operator to write. */
static void write_line(struct ui *ui, const char *before, const char *after)
{
    char id[ID_MAX], end[UI_SHORT_MAX], line[64];
    if (!chosen(ui, id))
        return;
    snprintf(line, sizeof(line), "%s %s%s", before, ui_short_id(id, end), after);
    ui_line_open(ui, line);
}

void cmd_item_blocked(struct ui *ui, struct str args)
{
    (void)args;
    write_line(ui, "task-update", " blocked ");
}

/* A cancelled task does not come back, so it wants Enter; what is forgotten does. */
void cmd_item_drop(struct ui *ui, struct str args)
{
    char id[ID_MAX];
    (void)args;
    if (on_tasks(ui)) {
        write_line(ui, "task-cancel", "");
        return;
    }
    if (!chosen(ui, id))
        return;
    log_item(ui, "forget", id);
    snprintf(ui->pane.forgot, sizeof(ui->pane.forgot), "%s", id);
    ui_act(ui, ACT_MEMORY_FORGET, &(struct act_memory_forget){.memory = id}, NULL);
    ui_notice(ui, LOOK_NOTICE, "forgotten; u brings it back");
}

void cmd_item_pin(struct ui *ui, struct str args)
{
    char id[ID_MAX];
    bool off = false;
    (void)args;
    if (!chosen(ui, id))
        return;
    for (size_t i = 0; i < ui->pane.rows.v.n; i++)
        off |= strcmp(ui->pane.rows.v.v[i].id, id) == 0 && ui->pane.rows.v.v[i].pinned;
    log_item(ui, off ? "memory-unpin" : "memory-pin", id);
    ui_act(ui, ACT_MEMORY_PIN, &(struct act_memory_pin){.memory = id, .off = off}, NULL);
}

/* The one that was forgotten last; in the list of those the one under the cursor. */
void cmd_item_restore(struct ui *ui, struct str args)
{
    char id[ID_MAX];
    (void)args;
    snprintf(id, sizeof(id), "%s", ui->pane.forgot);
    if (ui->pane.all ? !chosen(ui, id) : !id[0]) {
        if (!ui->pane.all)
            ui_notice(ui, LOOK_NOTICE, "nothing was forgotten here; a shows what was before");
        return;
    }
    ui->pane.forgot[0] = '\0';
    log_item(ui, "memory-restore", id);
    ui_act(ui, ACT_MEMORY_RESTORE, &(struct act_memory_restore){.memory = id}, NULL);
}

void cmd_item_new(struct ui *ui, struct str args)
{
    (void)args;
    ui_line_open(ui, ui->pane.context == CONTEXT_SESSIONS ? "session "
                     : on_tasks(ui)                        ? "task-create "
                                                           : "remember ");
}

void cmd_item_find(struct ui *ui, struct str args)
{
    char line[LINE_MAX_BYTES];
    (void)args;
    snprintf(line, sizeof(line), "%s%s", find_command, ui->pane.find ? ui->pane.find : "");
    ui_line_open(ui, line);
}

void cmd_item_all(struct ui *ui, struct str args)
{
    (void)args;
    ui->pane.all = !ui->pane.all;
    ui->pane.asked_seq = -1;
    free(TAKE(ui->pane.find));
}
