/* SPDX-License-Identifier: MIT
 *
 * commands_view: those that only change what is shown, and the pages.
 */
#include "ui/app.h"

#include "base/clock.h"
#include "base/mem.h"
#include "contract/settings.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TWICE_MS = 1000 }; /* between Esc and Esc, at most */

/* ---- pages ---- */

void ui_page(struct ui *ui, const char *title, void (*make)(struct ui *, struct doc *, int),
             bool answers)
{
    if (ui->focus == FOCUS_LINE)
        ui_line_close(ui);
    if (ui->focus != FOCUS_PAGER)
        ui->pager.before = ui->focus;
    ui->focus = FOCUS_PAGER;
    ui->pager.still = false;
    ui->pager.title = title;
    ui->pager.make = make;
    ui->pager.width = 0;
    ui->pager.answers = answers;
    ui->pager.view = (struct textview){0};
    ui->find.text[0] = '\0';
}

static void page_help(struct ui *ui, struct doc *d, int width)
{
    static const enum context writing[] = {CONTEXT_EMPTY, CONTEXT_EDIT, CONTEXT_BUSY};
    enum context pane[] = {ui_pane_context(ui->at), CONTEXT_ROWS, CONTEXT_FIND};
    if (ui->pager.before == FOCUS_PANE)
        help_make(d, width, pane, ARRAY_LEN(pane), false);
    else
        help_make(d, width, writing, ARRAY_LEN(writing), ui->question != NULL);
}

void cmd_help(struct ui *ui, struct str args)
{
    (void)args;
    if (ui->focus == FOCUS_PAGER && ui->pager.make == page_help) { /* the same key closes it */
        cmd_back(ui, args);
        return;
    }
    ui_page(ui, "help", page_help, false);
    ui->pager.still = true; /* nothing moves under who reads it */
}

void page_diff(struct ui *ui, struct doc *d, int width)
{
    if (!ui->question) {
        doc_row(d, 1);
        doc_puts(d, LOOK_DIM, "nothing is asked any more");
        return;
    }
    const struct rec_approval *q = ui->question;
    doc_row(d, 1);
    doc_puts(d, LOOK_TOOL, q->action);
    doc_row(d, 1);
    doc_printf(d, LOOK_DIM, "risk %s, rule: %s", q->risk, q->rule);
    if (q->session_rule) {
        doc_row(d, 1);
        doc_printf(d, LOOK_DIM, "a would allow: %s", q->session_rule);
    }
    if (q->prefix_rule) {
        doc_row(d, 1);
        doc_printf(d, LOOK_DIM, "p would allow: %s", q->prefix_rule);
    }
    doc_row(d, 1);
    diff_rows(d, 1, width, ui->transcript.diff, body_view(q->preview));
    const struct rec *tool = snapshot_find(ui->snap, REC_TOOL, q->call);
    if (!tool)
        return;
    doc_row(d, 1);
    doc_row(d, 1);
    doc_puts(d, LOOK_DIM, "arguments");
    doc_text(d, 1, width, LOOK_TEXT, NULL, LOOK_TEXT, body_view(REC(tool, tool)->arguments));
}

void cmd_diff(struct ui *ui, struct str args)
{
    (void)args;
    ui_page(ui, "what is asked", page_diff, true);
}

static void page_jobs(struct ui *ui, struct doc *d, int width)
{
    const struct section *all = ui->snap->sections[REC_JOB];
    for (size_t i = all ? all->n : 0; i > 0; i--) {
        const struct rec_job *job = REC(all->v[i - 1], job);
        doc_row(d, 1);
        doc_printf(d, LOOK_KEY, "%s ", job->id);
        doc_puts(d, LOOK_TEXT, job->command);
        char state[64];
        if (job->exit != I64_NONE && rec_ended(all->v[i - 1]))
            snprintf(state, sizeof(state), "%.30s, exit %" PRId64, job->status, job->exit);
        else
            snprintf(state, sizeof(state), "%.30s", job->status);
        doc_right(d, rec_ended(all->v[i - 1]) ? LOOK_DIM : LOOK_RUNS, state);
        if (job->output.len > 0)
            doc_tail(d, 3, width, LOOK_DIM, body_view(job->output), TRANSCRIPT_RUN_ROWS);
    }
    if (d->rows.n == 0) {
        doc_row(d, 1);
        doc_puts(d, LOOK_DIM, "no job runs or ran");
    }
}

void cmd_jobs(struct ui *ui, struct str args)
{
    (void)args;
    ui_page(ui, "jobs", page_jobs, false);
}

void cmd_session(struct ui *ui, struct str args)
{
    if (args.n == 0) {
        ui_to_pane(ui, PANE_SESSIONS);
        return;
    }
    CLEANUP(mem_free_p) char *name = mem_strndup(args.p, args.n);
    ui_act(ui, ACT_SESSION_SWITCH,
           &(struct act_session_switch){.session = name, .create = true, .watch = true}, NULL);
}

/* ---- levels ---- */

static bool close_one(struct ui *ui)
{
    if (ui_finds(ui)) {
        ui->find.text[0] = '\0';
        return true;
    }
    switch (ui->focus) {
    case FOCUS_LINE:
        ui_line_close(ui);
        return true;
    case FOCUS_PAGER:
        ui->pager.make = NULL;
        if (ui->pager.before == FOCUS_PANE)
            ui->focus = FOCUS_PANE;
        else
            ui_to_composer(ui);
        return true;
    case FOCUS_PANE:
        if (ui->zoom)
            ui->zoom = false;
        else
            ui_to_composer(ui);
        return true;
    case FOCUS_COMPOSER:
        break;
    }
    if (ui->view.follow || ui->view.total <= ui->view.height)
        return false;
    textview_bottom(&ui->view);
    return true;
}

static bool stop_turn(struct ui *ui)
{
    struct activity a;
    activity_make(&a, ui->snap, ui->session);
    if (!a.turn)
        return false;
    ui_act(ui, ACT_TURN_CANCEL, &(struct act_turn_cancel){.turn = a.turn->id}, NULL);
    ui_notice(ui, LOOK_NOTICE, "stopping");
    ui->notice_of_turn = true;
    snprintf(ui->stopping, sizeof(ui->stopping), "%s", a.turn->id);
    return true;
}

/* One level, or the turn, or the command that is at work; false: there is nothing to leave. */
static bool leave(struct ui *ui)
{
    bool left = close_one(ui);
    if (!left && (stop_turn(ui) || ui->errand.thread.running)) {
        errand_stop(&ui->errand);
        left = true;
    }
    if (left)
        ui->escape_ms = 0;
    return left;
}

/* Both at once, as a terminal gives them that are pressed quickly. */
void cmd_back_twice(struct ui *ui, struct str args)
{
    (void)args;
    if (!leave(ui) && editor_empty(ui->composer))
        cmd_show_branches(ui, STR(""));
}

void cmd_back(struct ui *ui, struct str args)
{
    (void)args;
    if (leave(ui))
        return;
    /* Twice with nothing to leave: where the conversation parted. */
    int64_t now = clock_mono_ms();
    bool twice = ui->escape_ms > 0 && now - ui->escape_ms <= TWICE_MS && editor_empty(ui->composer);
    ui->escape_ms = twice ? 0 : now;
    if (twice)
        cmd_show_branches(ui, STR(""));
}

/* Stops at once; within two seconds again asks, and a third time leaves. */
void cmd_stop(struct ui *ui, struct str args)
{
    (void)args;
    int64_t now = clock_mono_ms();
    if (now - ui->stop_ms > QUIT_MS)
        ui->stops = 0;
    ui->stops++;
    ui->stop_ms = now;
    if (ui->stops >= 3) {
        ui->quit = true;
        return;
    }
    if (ui->stops == 2) {
        ui_notice(ui, LOOK_NOTICE, "leave tau?  ^C once more leaves, any other key stays");
        return;
    }
    errand_stop(&ui->errand);
    if (!stop_turn(ui))
        ui_notice(ui, LOOK_NOTICE, "nothing runs; ^C twice more leaves tau, :q too");
}

void cmd_quit(struct ui *ui, struct str args)
{
    (void)args;
    ui->quit = true;
}

void cmd_suspend(struct ui *ui, struct str args)
{
    (void)args;
    ui_suspend(ui);
}

void cmd_skin(struct ui *ui, struct str args)
{
    struct err e = ERR_INIT;
    if (args.n > 0 && !setting_check(SET_THEME, args, &e)) {
        ui_notice(ui, LOOK_FAIL, ":skin takes one of %s", setting_table[SET_THEME].unit);
        return;
    }
    if (args.n > 0)
        snprintf(ui->skin, sizeof(ui->skin), "%.*s", STR_ARG(args));
    if (ui->tty && args.n > 0)
        tty_theme(ui->tty, ui->skin);
    ui_notice(ui, LOOK_NOTICE, "the colours are %s; console.theme keeps them for the next start", ui->skin);
}

void cmd_redraw(struct ui *ui, struct str args)
{
    (void)args;
    if (ui->tty)
        tty_redraw(ui->tty);
}

void cmd_ask(struct ui *ui, struct str args)
{
    (void)args;
    if (!ui->question) {
        ui_notice(ui, LOOK_NOTICE, "nothing is asked");
        return;
    }
    if (ui->focus == FOCUS_LINE)
        ui_line_close(ui);
    ui_to_composer(ui);
    approve_focus(&ui->approve);
}

/* ---- how diffs look ---- */

static void turn_diff(struct ui *ui, enum diff_style style, const char *says)
{
    enum diff_style *now = &ui->transcript.diff;
    *now = *now == style ? DIFF_LINES : style;
    ui->pager.width = 0; /* made again */
    ui_notice(ui, LOOK_NOTICE, "diffs %s", *now == style ? says : "line by line");
}

void cmd_diff_sides(struct ui *ui, struct str args)
{
    (void)args;
    turn_diff(ui, DIFF_SIDES, "with old and new side by side");
}

void cmd_diff_words(struct ui *ui, struct str args)
{
    (void)args;
    turn_diff(ui, DIFF_WORDS, "with the changed words marked");
}

/* ---- earlier entries ---- */

void ui_fetch(struct ui *ui)
{
    if (ui->pager.make || ui->at != PANE_TRANSCRIPT || ui->view.top > 0 || ui->transcript.before == 0 || !ui->session ||
        ui->transcript.empty || ui->transcript.older.n >= TRANSCRIPT_OLDER_MAX)
        return;
    if (fetch_start(&ui->fetch, &ui->env->reader, ui->session, ui->transcript.fetch_n))
        snprintf(ui->fetch_branch, sizeof(ui->fetch_branch), "%s", ui->transcript.branch);
}

void ui_fetched(struct ui *ui)
{
    struct fetch *f = &ui->fetch;
    if (!fetch_take(f))
        return;
    /* What is shown may have changed meanwhile. */
    bool same = strcmp(ui->fetch_branch, ui->transcript.branch) == 0;
    if (f->ok) /* else there may be more, and PgUp asks again */
        vm_transcript_older(&ui->transcript, same ? f->session : "", f->rows.v, f->rows.n);
    f->rows.n = 0;
    ui->fetch_failed = !f->ok;
    if (!f->ok)
        ui_notice(ui, LOOK_FAIL, "earlier entries: %s", f->err.message);
    ui->dirty = true;
}

/* ---- moving ---- */

static struct textview *view_of(struct ui *ui)
{
    return ui->pager.make ? &ui->pager.view : ui_pane_view(ui, ui->at);
}

void cmd_row_up(struct ui *ui, struct str args)
{
    (void)args;
    textview_move(view_of(ui), -1);
    ui_fetch(ui);
}

void cmd_row_down(struct ui *ui, struct str args)
{
    (void)args;
    textview_move(view_of(ui), 1);
}

void cmd_page_up(struct ui *ui, struct str args)
{
    (void)args;
    textview_page(view_of(ui), -1);
    ui_fetch(ui);
}

void cmd_page_down(struct ui *ui, struct str args)
{
    (void)args;
    textview_page(view_of(ui), 1);
}

void cmd_top(struct ui *ui, struct str args)
{
    (void)args;
    textview_top(view_of(ui));
    ui_fetch(ui);
}

void cmd_bottom(struct ui *ui, struct str args)
{
    (void)args;
    textview_bottom(view_of(ui));
}

void cmd_follow(struct ui *ui, struct str args)
{
    (void)args;
    textview_bottom(&ui->view);
}

/* To the nearest item of a kind on that side of the cursor. */
static void to_kind(struct ui *ui, const char *kind, bool up)
{
    const struct vm_transcript *t = &ui->transcript;
    size_t at = vm_transcript_item(t, ui->view.cursor);
    for (size_t steps = 0; steps < t->items.n; steps++) {
        if (up ? at == 0 : at + 1 >= t->items.n)
            return;
        at = up ? at - 1 : at + 1;
        if (at < t->items.n && strcmp(REC(t->items.v[at]->entry, entry)->kind, kind) == 0) {
            textview_to(&ui->view, t->items.v[at]->first_row + t->items.v[at]->gap);
            return;
        }
    }
}

void cmd_turn_before(struct ui *ui, struct str args)
{
    (void)args;
    to_kind(ui, "user", true);
}

void cmd_turn_after(struct ui *ui, struct str args)
{
    (void)args;
    to_kind(ui, "user", false);
}

void cmd_tool_before(struct ui *ui, struct str args)
{
    (void)args;
    to_kind(ui, "tool", true);
}

void cmd_tool_after(struct ui *ui, struct str args)
{
    (void)args;
    to_kind(ui, "tool", false);
}

void cmd_toggle(struct ui *ui, struct str args)
{
    (void)args;
    vm_transcript_fold(&ui->transcript, vm_transcript_item(&ui->transcript, ui->view.cursor));
}

void cmd_fold(struct ui *ui, struct str args)
{
    (void)args;
    if (ui->focus == FOCUS_PANE && ui->at == PANE_TRANSCRIPT)
        cmd_toggle(ui, STR(""));
    else
        vm_transcript_fold_all(&ui->transcript);
}

/* In and out of it by the same key. */
void cmd_reader(struct ui *ui, struct str args)
{
    bool reads = ui->focus == FOCUS_PANE && ui->at == PANE_TRANSCRIPT && ui->zoom;
    (void)args;
    if (reads) {
        ui_to_composer(ui);
        return;
    }
    ui_to_pane(ui, PANE_TRANSCRIPT);
    ui->zoom = true;
}

void cmd_stash(struct ui *ui, struct str args)
{
    (void)args;
    struct str text = editor_text(ui->composer);
    if (text.n > 0) {
        buf_clear(&ui->stash);
        buf_str(&ui->stash, text);
        editor_clear(ui->composer);
        ui_notice(ui, LOOK_NOTICE, "put aside; ^S brings it back");
    } else if (ui->stash.len > 0) {
        editor_set(ui->composer, buf_view(&ui->stash));
        buf_clear(&ui->stash);
    } else {
        ui_notice(ui, LOOK_NOTICE, "nothing was put aside");
    }
}

void cmd_write_image(struct ui *ui, struct str args)
{
    (void)args;
    ui_line_open(ui, "image ");
}

void cmd_write_model(struct ui *ui, struct str args)
{
    (void)args;
    ui_line_open(ui, "model ");
}
