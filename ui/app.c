/* SPDX-License-Identifier: MIT
 *
 * app: what the console holds, from its start to its end, and what becomes of it with each snapshot.
 */
#include "ui/app.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "contract/marker.h"
#include "json/json.h"
#include "json/jsonw.h"
#include "text/utf8.h"
#include "text/width.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- what is not in a snapshot ---- */

void ui_read_log(struct ui *ui)
{
    struct log_line lines[8];
    size_t n;
    while ((n = log_read(ui->log_n, lines, ARRAY_LEN(lines))) > 0) {
        ui->log_n = lines[n - 1].n;
        for (size_t i = 0; i < n; i++)
            ui->log_warnings += lines[i].level <= LOG_WARN;
        snapshot_unref(TAKE(ui->panels[PANE_LOGS].made_of));
        ui->dirty_soon = true;
    }
}

void ui_read_gateway(struct ui *ui)
{
    bool drained = ui->gateway.drains;
    char before[sizeof(ui->gateway.address)];
    memcpy(before, ui->gateway.address, sizeof(before));
    if (!ui->env->gateway)
        return;
    ui->env->gateway(ui->env->ctx, &ui->gateway);
    if (strcmp(before, ui->gateway.address) != 0 || drained != ui->gateway.drains)
        ui->status_stale = true;
    snapshot_unref(TAKE(ui->panels[PANE_GATEWAY].made_of));
    ui->dirty_soon = true;
}

/* ---- state ---- */

void ui_init(struct ui *ui, const struct ui_env *env, int64_t now_ms)
{
    *ui = (struct ui){.env = env,
                      .signal_fd = -1,
                      .log_fd = -1,
                      .canvas = CANVAS_NONE,
                      .composer = editor_new(COMPOSER_MAX),
                      .line = editor_new(LINE_MAX_BYTES - 1),
                      .field = editor_new(COMPOSER_MAX),
                      .view = {.follow = true},
                      .snap = snapshot_empty(),
                      .wanted = mem_strdup(env->session),
                      .dirty = true,
                      .resize_ms = INT64_MAX,
                      .frame_ms = now_ms - FRAME_MS,
                      .stop_ms = now_ms - QUIT_MS - 1};
    ui->pager.doc = DOC_INIT;
    ui->probe = PROBE_INIT;
    ui->fetch = FETCH_INIT;
    ui->errand = ERRAND_INIT;
    ui->courier = COURIER_INIT;
    ui->copy_next = BUF_OWN;
    ui->mouse = env->mouse;
    snprintf(ui->skin, sizeof(ui->skin), "%s", env->theme ? env->theme : "auto");
    ui->recall = RECALL_INIT;
    ui->files = FILELIST_INIT;
    for (enum pane_id i = 0; i < PANE_COUNT; i++)
        ui->panels[i].doc = ui->panels[i].head = DOC_INIT;
    ui->panels[PANE_LOGS].view.follow = true;
    ui_read_log(ui);
    ui_read_gateway(ui);
    ui->said = BUF_OWN;
    ui->stash = BUF_OWN;
    ui->images = BUF_OWN;
    ui->images_sent = BUF_OWN;
    ui->status_stale = true;
    vm_transcript_init(&ui->transcript);
    ui->transcript.can_load = env->reader.query != NULL;
    approve_init(&ui->approve, now_ms);
}

static void panel_done(struct panel *p)
{
    doc_done(&p->doc);
    doc_done(&p->head);
    name_list_done(&p->marks);
}

void ui_done(struct ui *ui)
{
    fetch_done(&ui->fetch);
    errand_done(&ui->errand);
    courier_done(&ui->courier);
    buf_free(&ui->copy_next);
    recall_done(&ui->recall);
    filelist_done(&ui->files);
    memory_clear(&ui->memory.rows);
    free(ui->memory.find);
    snapshot_unref(ui->memory.asked_of);
    snapshot_unref(ui->memory.counted);
    ui_panels_stale(ui);
    for (enum pane_id i = 0; i < PANE_COUNT; i++)
        panel_done(&ui->panels[i]);
    buf_free(&ui->said);
    buf_free(&ui->stash);
    ui_pastes_done(ui);
    free(ui->confirm.verb);
    vm_transcript_done(&ui->transcript);
    doc_done(&ui->pager.doc);
    name_list_done(&ui->candidates);
    name_list_done(&ui->recalled);
    name_list_done(&ui->steered);
    chooser_done(&ui->chooser);
    editor_free(ui->composer);
    buf_free(&ui->images);
    buf_free(&ui->images_sent);
    editor_free(ui->line);
    editor_free(ui->field);
    canvas_done(&ui->canvas);
    snapshot_unref(ui->snap);
    answers_free(ui->answers);
    free(ui->session);
    free(ui->wanted);
    free(ui->arguments);
}

void ui_notice(struct ui *ui, enum look look, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(ui->notice, sizeof(ui->notice), fmt, ap);
    va_end(ap);
    bool cut = false;
    size_t whole = utf8_valid_prefix(str_of(ui->notice), &cut);
    if (cut)
        ui->notice[whole] = '\0';
    ui->notice_look = look;
    ui->notice_of_turn = false;
    ui->dirty = true;
    /* What does not fit its row is not lost. */
    if (ui->canvas.w > 0 && width_str(str_of(ui->notice)) > ui_notice_room(ui->canvas.w))
        log_msg(LOG_INFO, "%s", ui->notice);
}

void ui_log_key(struct ui *ui, const char *key, const char *command)
{
    struct loglines_key *l = &ui->keylog[ui->keylog_n++ % KEYLOG_MAX];
    l->ts_ms = clock_wall_ms();
    snapshot_unref(TAKE(ui->panels[PANE_LOGS].made_of));
    snprintf(l->key, sizeof(l->key), "%s", key);
    snprintf(l->command, sizeof(l->command), "%s", command);
}

/* What was asked before in this session comes back with the arrow keys. */
static void remember_questions(struct ui *ui)
{
    const struct section *all = ui->snap->sections[REC_ENTRY];
    for (size_t i = 0; i < ui->recalled.names.n; i++)
        if (strcmp(ui->recalled.names.v[i], ui->session) == 0)
            return;
    name_list_add(&ui->recalled, ui->session);
    for (size_t i = 0; all && i < all->n; i++) {
        const struct rec_entry *en = REC(all->v[i], entry);
        if (strcmp(en->session, ui->session) == 0 && strcmp(en->kind, "user") == 0)
            editor_remember(ui->composer, body_view(en->body));
    }
}

static void choose_session(struct ui *ui)
{
    const struct rec_session *s = NULL;
    if (ui->wanted)
        s = session_find(ui->snap, ui->wanted);
    else if (!ui->session)
        s = session_newest(ui->snap, ui->env->proc);
    if (!s)
        return;
    free(TAKE(ui->wanted));
    if (ui->session && strcmp(ui->session, s->id) == 0)
        return;
    free(ui->session);
    ui->session = mem_strdup(s->id);
    ui->fetch_failed = false;
    textview_bottom(&ui->view);
    ui_panels_stale(ui);
    if (ui->env->shown)
        ui->env->shown(ui->env->ctx, ui->session);
    remember_questions(ui);
}

static void choose_question(struct ui *ui, int64_t now_ms)
{
    const struct rec_approval *q = question_find(ui->snap, ui->session, &ui->questions);
    bool had = ui->question != NULL;
    ui->question = q;
    struct approve_question asked = {.id = q ? q->id : NULL,
                                     .risky = q && strcmp(q->risk, "risky") == 0,
                                     .has_session_rule = q && q->session_rule,
                                     .has_prefix_rule = q && q->prefix_rule};
    char before[APPROVE_ID_MAX];
    snprintf(before, sizeof(before), "%s", ui->approve.id);
    if (approve_ask(&ui->approve, &asked, now_ms)) {
        editor_clear(ui->field);
        free(TAKE(ui->arguments));
    }
    bool other = strcmp(before, ui->approve.id) != 0;
    ui->frame_asks &= !other;
    if (other && ui->pager.make && ui->pager.answers) {
        ui_to_composer(ui);
    }
    ui->dirty |= other || had != (q != NULL);
}

void ui_choose(struct ui *ui, int64_t now_ms)
{
    choose_session(ui);
    choose_question(ui, now_ms);
}

/* A failure outside of a turn has no place in the transcript: it is said once, when it is new. */
static void say_failure(struct ui *ui)
{
    const struct rec *r = failure_newest(ui->snap);
    bool is_new = r && strcmp(rec_key(r), ui->failure) != 0;
    if (is_new && ui->failures_known) {
        struct err e = ERR_INIT, failure = ERR_INIT;
        CLEANUP(json_free_p) struct json *j = json_parse(str_of(REC(r, error)->error), &e);
        if (j)
            json_read_err(j, &failure);
        ui_notice(ui, LOOK_FAIL, "%s", failure.message);
    }
    if (is_new)
        snprintf(ui->failure, sizeof(ui->failure), "%s", rec_key(r));
    ui->failures_known = true;
}

static void forget_notice(struct ui *ui)
{
    struct activity a;
    if (!ui->notice_of_turn)
        return;
    activity_make(&a, ui->snap, ui->session);
    if (!a.turn || strcmp(a.turn->id, ui->stopping) != 0)
        ui->notice[0] = '\0';
}

/* That the turn began or ended, in the log, as line mode says it. */
static void mark_turn(struct ui *ui, const char *before)
{
    char mark[MARKER_MAX];
    const struct rec *was = before[0] ? snapshot_find(ui->snap, REC_TURN, before) : NULL;
    if (strcmp(before, ui->works) == 0)
        return;
    if (was && rec_ended(was)) {
        const struct rec_turn *t = REC(was, turn);
        marker_end(mark, marker_event(t->status), t->ended_ms - t->created_ms);
        log_info("%s", mark);
    }
    marker_start(mark, ui->env->turn_timeout_ms, ui->env->request_timeout_ms);
    if (ui->works[0])
        log_info("%s", mark);
}

/* A turn that was stopped, or failed, did not read all that was added to it: that is written again. */
static void take_unsent(struct ui *ui)
{
    CLEANUP(buf_free) struct buf text = BUF_OWN;
    struct activity a;
    char before[ID_MAX];
    snprintf(before, sizeof(before), "%s", ui->works);
    const struct rec *was = ui->works[0] ? snapshot_find(ui->snap, REC_TURN, ui->works) : NULL;
    if (was && rec_ended(was) && unsent_text(ui->snap, ui->works, &ui->steered, &text)) {
        ui_give_back(ui, buf_view(&text));
        ui_notice(ui, LOOK_NOTICE, "what the turn did not read is in the composer again");
    }
    activity_make(&a, ui->snap, ui->session);
    snprintf(ui->works, sizeof(ui->works), "%s", a.running ? a.turn->id : "");
    mark_turn(ui, before);
}

void ui_snapshot(struct ui *ui, struct snapshot *s, int64_t now_ms)
{
    if (s == ui->snap) {
        snapshot_unref(s);
        return;
    }
    struct snapshot *was = ui->snap;
    ui->snap = s;
    ui_choose(ui, now_ms);
    /* Another process may have it now. */
    if (ui->env->shown && was->sections[REC_SESSION] != s->sections[REC_SESSION])
        ui->env->shown(ui->env->ctx, ui->session);
    say_failure(ui);
    forget_notice(ui);
    take_unsent(ui);
    /* What a turn ran may have changed it. */
    if (was->sections[REC_TURN] != s->sections[REC_TURN] && !ui->works[0])
        ui->status_stale = true;
    ui->dirty_soon = true;
    snapshot_unref(was);
}

static bool is_same(const struct ui_status *a, const struct ui_status *b)
{
    return strcmp(a->model, b->model) == 0 && strcmp(a->mode, b->mode) == 0 && strcmp(a->preset, b->preset) == 0 &&
           strcmp(a->gateway, b->gateway) == 0 && strcmp(a->sandbox, b->sandbox) == 0 &&
           strcmp(a->branch, b->branch) == 0 && a->trusted == b->trusted;
}

void ui_status(struct ui *ui, const struct ui_status *now)
{
    ui->dirty |= !ui->status_known || !is_same(&ui->status, now);
    ui->status_known = true;
    ui->status = *now;
}
