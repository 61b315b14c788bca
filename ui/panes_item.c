/* SPDX-License-Identifier: MIT
 *
 * panes_item: what keys do to what is under the cursor of a pane. Each of them says the command that it
 * stands for.
 */
#include "ui/app.h"

#include "base/clock.h"
#include "base/mem.h"
#include "json/jsonw.h"
#include "ui/vm/requests.h"
#include "ui/vm/tasks.h"
#include "ui/vm/tools.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
    const struct panel *p = &ui->panels[ui->at];
    struct str on = doc_row_id(&p->doc, p->view.cursor);
    if (ui->focus != FOCUS_PANE || on.n == 0 || on.n >= ID_MAX) {
        ui_notice(ui, LOOK_NOTICE, "there is nothing under the cursor");
        return false;
    }
    memcpy(id, on.p, on.n);
    id[on.n] = '\0';
    return true;
}

/* Is it the session that is shown? Commands of a line are about that one. */
static bool is_shown(struct ui *ui, const char *id)
{
    if (ui->session && strcmp(id, ui->session) == 0)
        return true;
    ui_notice(ui, LOOK_NOTICE, "go there first: Enter; this is about the session that is shown");
    return false;
}

static bool is_here(struct ui *ui, char id[ID_MAX])
{
    return chosen(ui, id) && is_shown(ui, id);
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
    return ui->at == PANE_TASKS;
}

static void page_call(struct ui *ui, struct doc *d, int width)
{
    tools_show(d, ui->snap, ui->shown, width, ui->transcript.diff);
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
    ui_to_composer(ui);
    ui_act(ui, ACT_SESSION_SWITCH, &(struct act_session_switch){.session = id, .watch = true}, NULL);
}

static void page_request(struct ui *ui, struct doc *d, int width)
{
    (void)width;
    requests_show(d, &ui->gateway, ui->shown);
    if (d->rows.n > 0)
        return;
    doc_row(d, 1);
    doc_puts(d, LOOK_DIM, "that is long ago");
}

void cmd_item_show(struct ui *ui, struct str args)
{
    char id[ID_MAX], end[UI_SHORT_MAX], line[64];
    (void)args;
    if (!chosen(ui, id))
        return;
    if (ui->at == PANE_SESSIONS) {
        go_to(ui, id);
    } else if (ui->at == PANE_TOOLS || ui->at == PANE_GATEWAY) {
        snprintf(ui->shown, sizeof(ui->shown), "%s", id);
        bool call = ui->at == PANE_TOOLS;
        ui_page(ui, call ? "call" : "request", call ? page_call : page_request, false);
    } else {
        snprintf(line, sizeof(line), "%s %s", on_tasks(ui) ? "task" : "memory-show",
                 ui_short_id(id, end));
        ui_verb_send(ui, line);
    }
}

/* Each row that is marked, else the one under the cursor. */
static void each(struct ui *ui, void (*act)(struct ui *ui, const char *id))
{
    struct name_list ids = {0};
    size_t n = ui_marked(ui, &ids);
    for (size_t i = 0; i < n; i++)
        act(ui, ids.names.v[i]);
    name_list_done(&ids);
    name_list_done(&ui->panels[ui->at].marks);
    ui_panels_stale(ui);
}

static void done(struct ui *ui, const char *id)
{
    log_item(ui, "task-done", id);
    ui_act(ui, ACT_TASK_COMPLETE, &(struct act_task_complete){.task = id}, NULL);
}

void cmd_item_done(struct ui *ui, struct str args)
{
    (void)args;
    each(ui, done);
}

static void running(struct ui *ui, const char *id)
{
    log_item(ui, "task-update", id);
    ui_act(ui, ACT_TASK_UPDATE, &(struct act_task_update){.task = id, .status = "running"}, NULL);
}

void cmd_item_running(struct ui *ui, struct str args)
{
    (void)args;
    each(ui, running);
}

/* Among those beside it; its parts go with it. */
static void move_task(struct ui *ui, int by)
{
    char id[ID_MAX];
    double rank;
    if (!chosen(ui, id))
        return;
    if (!tasks_move(ui->snap, id, ui->tasks_all, by, clock_wall_ms(), &rank)) {
        ui_notice(ui, LOOK_NOTICE, by < 0 ? "it is the first" : "it is the last");
        return;
    }
    log_item(ui, by < 0 ? "task up" : "task down", id);
    ui_act(ui, ACT_TASK_UPDATE, &(struct act_task_update){.task = id, .rank = rank}, NULL);
}

void cmd_item_down(struct ui *ui, struct str args)
{
    (void)args;
    move_task(ui, 1);
}

void cmd_item_up(struct ui *ui, struct str args)
{
    (void)args;
    move_task(ui, -1);
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

/* The name of a session as one word of a command (text/argv.h). */
static void add_session(struct ui *ui, const char *id, struct buf *line)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.,:/_#+-";
    const struct rec *r = snapshot_find(ui->snap, REC_SESSION, id);
    const char *name = r ? REC(r, session)->name : id;
    if (name[strspn(name, plain)] == '\0') {
        buf_printf(line, " %s", name);
        return;
    }
    buf_puts(line, " \"");
    for (const char *p = name; *p; p++) {
        if (*p == '"' || *p == '\\')
            buf_putc(line, '\\');
        buf_putc(line, *p);
    }
    buf_putc(line, '"');
}

/* A command with the name of the session under the cursor. */
static void write_session(struct ui *ui, const char *command)
{
    char id[ID_MAX];
    CLEANUP(buf_free) struct buf line = BUF_OWN;
    if (!chosen(ui, id))
        return;
    buf_puts(&line, command);
    add_session(ui, id, &line);
    ui_line_open(ui, buf_cstr(&line));
}

void cmd_item_export(struct ui *ui, struct str args)
{
    (void)args;
    write_session(ui, "session-export");
}

/* The head of the session that is shown gets a name. */
void cmd_item_label(struct ui *ui, struct str args)
{
    char id[ID_MAX];
    (void)args;
    if (is_here(ui, id))
        ui_line_open(ui, "session-bookmark set ");
}

void cmd_item_blocked(struct ui *ui, struct str args)
{
    (void)args;
    write_line(ui, "task-update", " blocked ");
}

static void forget(struct ui *ui, const char *id)
{
    log_item(ui, "forget", id);
    snprintf(ui->memory.last, sizeof(ui->memory.last), "%s", id);
    ui_act(ui, ACT_MEMORY_FORGET, &(struct act_memory_forget){.memory = id}, NULL);
}

static void add_task(struct ui *ui, const char *id, struct buf *line)
{
    char end[UI_SHORT_MAX];
    (void)ui;
    buf_printf(line, " %s", ui_short_id(id, end));
}

/* Several in one command, which Enter sends; they are marked until it was. */
static void write_marked(struct ui *ui, const char *command,
                         void (*add)(struct ui *ui, const char *id, struct buf *line))
{
    struct name_list ids = {0};
    CLEANUP(buf_free) struct buf line = BUF_OWN;
    buf_puts(&line, command);
    size_t n = ui_marked(ui, &ids);
    for (size_t i = 0; i < n; i++)
        add(ui, ids.names.v[i], &line);
    name_list_done(&ids);
    if (line.len > LINE_MAX_BYTES) {
        ui_notice(ui, LOOK_FAIL, "%zu are too many for one command; U unmarks all", n);
    } else if (n > 0) {
        ui_line_open(ui, buf_cstr(&line));
        ui->line_of_marks = true;
    }
}

/* A cancelled task does not come back, so it wants Enter, and so does a session; what is forgotten does. */
void cmd_item_drop(struct ui *ui, struct str args)
{
    (void)args;
    if (ui->at == PANE_SESSIONS || on_tasks(ui)) {
        write_marked(ui, on_tasks(ui) ? "task-cancel" : "reset", on_tasks(ui) ? add_task : add_session);
        return;
    }
    each(ui, forget);
    if (ui->memory.last[0])
        ui_notice(ui, LOOK_NOTICE, "forgotten; u brings it back");
}

/* Its words on the command line, to be changed there; of an entry that was searched for only a place is
 * known. */
void cmd_item_edit(struct ui *ui, struct str args)
{
    char id[ID_MAX], end[UI_SHORT_MAX];
    const char *text = "";
    (void)args;
    if (!chosen(ui, id))
        return;
    for (size_t i = 0; !ui->memory.find && i < ui->memory.rows.v.n; i++)
        if (strcmp(ui->memory.rows.v.v[i].id, id) == 0)
            text = ui->memory.rows.v.v[i].text;
    CLEANUP(mem_free_p) char *line = mem_printf("memory-edit %s %s", ui_short_id(id, end), text);
    ui_line_open(ui, line);
}

static void pin(struct ui *ui, const char *id)
{
    bool off = false;
    for (size_t i = 0; i < ui->memory.rows.v.n; i++)
        off |= strcmp(ui->memory.rows.v.v[i].id, id) == 0 && ui->memory.rows.v.v[i].pinned;
    log_item(ui, off ? "memory-unpin" : "memory-pin", id);
    ui_act(ui, ACT_MEMORY_PIN, &(struct act_memory_pin){.memory = id, .off = off}, NULL);
}

void cmd_item_pin(struct ui *ui, struct str args)
{
    (void)args;
    each(ui, pin);
}

/* The one that was forgotten last; in the list of those the one under the cursor. */
void cmd_item_restore(struct ui *ui, struct str args)
{
    char id[ID_MAX];
    (void)args;
    snprintf(id, sizeof(id), "%s", ui->memory.last);
    if (ui->memory.forgotten ? !chosen(ui, id) : !id[0]) {
        if (!ui->memory.forgotten)
            ui_notice(ui, LOOK_NOTICE, "nothing was forgotten here; a shows what was before");
        return;
    }
    ui->memory.last[0] = '\0';
    log_item(ui, "memory-restore", id);
    ui_act(ui, ACT_MEMORY_RESTORE, &(struct act_memory_restore){.memory = id}, NULL);
}

void cmd_item_new(struct ui *ui, struct str args)
{
    (void)args;
    ui_line_open(ui, ui->at == PANE_SESSIONS ? "session "
                     : on_tasks(ui)                        ? "task-create "
                                                           : "remember ");
}

void cmd_item_find(struct ui *ui, struct str args)
{
    char line[LINE_MAX_BYTES];
    (void)args;
    snprintf(line, sizeof(line), "pane-memory %s", ui->memory.find ? ui->memory.find : "");
    ui_line_open(ui, line);
}

void cmd_item_all(struct ui *ui, struct str args)
{
    (void)args;
    ui_panels_stale(ui);
    if (on_tasks(ui)) {
        ui->tasks_all = !ui->tasks_all;
        return;
    }
    ui->memory.forgotten = !ui->memory.forgotten;
    free(TAKE(ui->memory.find));
    snapshot_unref(TAKE(ui->memory.asked_of));
}

/* Why a call was let through, asked about or refused, in the words of the policy. */
void cmd_item_why(struct ui *ui, struct str args)
{
    char id[ID_MAX];
    (void)args;
    if (!chosen(ui, id))
        return;
    const struct rec *r = snapshot_find(ui->snap, REC_TOOL, id);
    const struct rec *a = r && REC(r, tool)->approval
                              ? snapshot_find(ui->snap, REC_APPROVAL, REC(r, tool)->approval)
                              : NULL;
    if (a)
        ui_notice(ui, LOOK_NOTICE, "%s: risk %s, rule %s", REC(a, approval)->status,
                  REC(a, approval)->risk, REC(a, approval)->rule);
    else
        ui_notice(ui, LOOK_NOTICE, "nothing was asked: the mode and the rules permit it");
}

/* Stops the call; its turn goes on. One that asks is refused. */
static void stop_call(struct ui *ui, const char *id)
{
    const struct rec *r = snapshot_find(ui->snap, REC_TOOL, id);
    if (!r || rec_ended(r)) {
        ui_notice(ui, LOOK_NOTICE, "that call is over");
        return;
    }
    const char *asked = REC(r, tool)->approval;
    const struct rec *a = asked ? snapshot_find(ui->snap, REC_APPROVAL, asked) : NULL;
    log_item(ui, "stop", id);
    if (a && !rec_ended(a))
        ui_act(ui, ACT_APPROVAL_RESOLVE, &(struct act_approval_resolve){.approval = asked, .approve = false},
               NULL);
    else
        ui_act(ui, ACT_TOOL_CANCEL, &(struct act_tool_cancel){.call = id}, NULL);
}

void cmd_item_stop(struct ui *ui, struct str args)
{
    (void)args;
    each(ui, stop_call);
}

/* The same call once more, as a turn of its own: what it is given is written out for local/offline, which
 * takes it as it stands. Rules and questions are as they were. */
static void call_again(struct ui *ui, const char *id)
{
    const struct rec *r = snapshot_find(ui->snap, REC_TOOL, id);
    if (!r) {
        ui_notice(ui, LOOK_NOTICE, "that is long ago; the transcript has it");
        return;
    }
    struct str given = body_view(REC(r, tool)->arguments);
    CLEANUP(mem_free_p) char *input = mem_printf("call %s %.*s", REC(r, tool)->name, STR_ARG(given));
    log_item(ui, "call again", id);
    ui_act(ui, ACT_TURN_SUBMIT,
           &(struct act_turn_submit){
               .session = ui->session, .input = input, .model = "local/offline", .source = "console"},
           NULL);
    ui_notice(ui, LOOK_NOTICE, "once more: %s", REC(r, tool)->name);
}

void cmd_item_again(struct ui *ui, struct str args)
{
    (void)args;
    each(ui, call_again);
}

/* The name of the session under the cursor, or of the one that is marked, in a command that Enter sends. */
void cmd_item_rename(struct ui *ui, struct str args)
{
    struct name_list ids = {0};
    char id[ID_MAX] = "";
    (void)args;
    size_t n = ui_marked(ui, &ids);
    if (n > 1)
        ui_notice(ui, LOOK_NOTICE, "%zu are marked, and a name is for one; U unmarks", n);
    else if (n == 1)
        snprintf(id, sizeof(id), "%s", ids.names.v[0]);
    name_list_done(&ids);
    if (n != 1 || !is_shown(ui, id))
        return;
    const struct rec *r = snapshot_find(ui->snap, REC_SESSION, id);
    char line[160];
    snprintf(line, sizeof(line), "rename %s", r ? REC(r, session)->name : "");
    ui_line_open(ui, line);
}

void cmd_item_fork(struct ui *ui, struct str args)
{
    char id[ID_MAX];
    (void)args;
    if (is_here(ui, id))
        ui_line_open(ui, "fork ");
}

void cmd_gateway_up(struct ui *ui, struct str args)
{
    (void)args;
    log_item(ui, "gateway", ui->gateway.address[0] ? "down" : "up");
    ui_verb_send(ui, ui->gateway.address[0] ? "gateway down" : "gateway up");
}

static void cut(struct ui *ui, const char *id)
{
    int64_t n = 0;
    if (!requests_live(&ui->gateway, id) || !str_i64(str_of(id), &n)) {
        ui_notice(ui, LOOK_NOTICE, "that is over");
        return;
    }
    log_item(ui, "gateway cancel", id);
    ui_act(ui, ACT_GATEWAY_CANCEL, &(struct act_gateway_cancel){.request = n}, NULL);
}

void cmd_gateway_cancel(struct ui *ui, struct str args)
{
    (void)args;
    each(ui, cut);
}

void cmd_gateway_drain(struct ui *ui, struct str args)
{
    (void)args;
    log_item(ui, "gateway drain", ui->gateway.drains ? "off" : "");
    ui_act(ui, ACT_GATEWAY_DRAIN, &(struct act_gateway_drain){.off = ui->gateway.drains}, NULL);
}

void cmd_gateway_log(struct ui *ui, struct str args)
{
    char id[ID_MAX], line[64];
    (void)args;
    if (!chosen(ui, id))
        return;
    log_item(ui, "gateway log", id);
    snprintf(line, sizeof(line), "gateway log %s", id);
    ui_verb_send(ui, line);
}

/* ---- as it is kept ---- */

static const enum rec_kind kinds[PANE_COUNT] = {
    [PANE_TRANSCRIPT] = REC_ENTRY, [PANE_TASKS] = REC_TASK,       [PANE_TOOLS] = REC_TOOL,
    [PANE_MEMORY] = REC_MEMORY,    [PANE_SESSIONS] = REC_SESSION,
};

static void page_raw(struct ui *ui, struct doc *d, int width)
{
    CLEANUP(buf_free) struct buf text = BUF_OWN;
    struct jsonw w = JSONW(&text);
    const struct rec *r = snapshot_find(ui->snap, kinds[ui->at], ui->shown);
    if (r)
        field_write_object(&rec_table[kinds[ui->at]].set, &w, r->u);
    doc_text(d, 1, width, LOOK_TEXT, NULL, LOOK_TEXT,
             r ? buf_view(&text) : STR("that is long ago; a query has it: tau query"));
}

/* The record under the cursor as JSON: on a page, where y copies it. */
void cmd_raw(struct ui *ui, struct str args)
{
    char id[ID_MAX] = "";
    size_t item = vm_transcript_item(&ui->transcript, ui->view.cursor);
    (void)args;
    if (ui->focus != FOCUS_PANE || ui->at == PANE_GATEWAY || ui->at == PANE_LOGS) {
        ui_notice(ui, LOOK_NOTICE, "there is no record of that");
        return;
    }
    if (ui->at != PANE_TRANSCRIPT ? !chosen(ui, id) : item >= ui->transcript.items.n)
        return;
    snprintf(ui->shown, sizeof(ui->shown), "%s",
             ui->at == PANE_TRANSCRIPT ? rec_key(ui->transcript.items.v[item]->entry) : id);
    ui_page(ui, "record", page_raw, false);
}
