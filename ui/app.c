/* SPDX-License-Identifier: MIT
 *
 * app: the console's life and its loop. It waits in one poll for the terminal, the hub, answers,
 * signals and the guardian, with a timeout only while something is due; it draws when something
 * changed: at once after input, and at most every FRAME_MS when only a snapshot did.
 */
#include "ui/app.h"

#include "base/clock.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/mem.h"
#include "contract/marker.h"
#include "json/json.h"
#include "json/jsonw.h"
#include "text/utf8.h"
#include "text/width.h"

#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

enum { READ_MAX = 4096, QUIET_REMOTE_MS = 100 };
enum { ON_TTY, ON_OUT, ON_HUB, ON_ANSWERS, ON_SIGNALS, ON_GUARDIAN, ON_STATUS, ON_FETCH, ON_ERRAND,
       ON_COPY, ON_RECALL, ON_FILES, ON_LOG, ON_GATEWAY, ON_COUNT };

static const int taken_signals[] = {SIGWINCH, SIGCONT, SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGTSTP};

/* ---- what is not in a snapshot ---- */

static void read_log(struct ui *ui)
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

static void read_gateway(struct ui *ui)
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
    ui->recall = RECALL_INIT;
    ui->files = FILELIST_INIT;
    for (enum pane_id i = 0; i < PANE_COUNT; i++)
        ui->panels[i].doc = ui->panels[i].head = DOC_INIT;
    ui->panels[PANE_LOGS].view.follow = true;
    read_log(ui);
    read_gateway(ui);
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

/* ---- drawing ---- */

/* The question counts as shown once the frame with it went out, to its last byte. */
static void note_written(struct ui *ui, int64_t now_ms)
{
    if (!tty_pending(ui->tty) && ui->frame_asks && ui->frame_state == ui->approve.state)
        approve_frame(&ui->approve, now_ms);
}

static void note_frame(struct ui *ui, int64_t now_ms)
{
    bool small = ui->canvas.w < SMALL_W || ui->canvas.h < SMALL_H;
    ui->frame_ms = now_ms;
    ui->dirty = ui->dirty_soon = false;
    ui->frame_asks = ui->question && !small;
    ui->frame_state = ui->approve.state;
    note_written(ui, now_ms);
}

static void draw(struct ui *ui)
{
    canvas_resize(&ui->canvas, tty_width(ui->tty), tty_height(ui->tty));
    ui_layout(ui);
    ui_draw(ui);
    tty_show(ui->tty, &ui->canvas);
    note_frame(ui, clock_mono_ms());
}

/* Whether the clock of a running turn shows another second than what was drawn. */
static int64_t clock_deadline(struct ui *ui, int64_t now_ms)
{
    struct activity a;
    activity_make(&a, ui->snap, ui->session);
    if (!a.running || ui->question)
        return INT64_MAX;
    int64_t wall = clock_wall_ms(), second = (wall - a.since_ms) / 1000;
    if (second != ui->tick_s) {
        char mark[MARKER_MAX];
        marker_running(mark, wall - a.since_ms);
        if (second > 0 && second % (MARKER_EVERY_MS / 1000) == 0)
            log_info("%s", mark);
        ui->tick_s = second;
        ui->dirty = true;
        return now_ms;
    }
    return now_ms + 1000 - (wall - a.since_ms) % 1000;
}

static bool may_draw(const struct ui *ui, int64_t now_ms)
{
    if (tty_pending(ui->tty))
        return false;
    return ui->dirty || (ui->dirty_soon && now_ms - ui->frame_ms >= FRAME_MS);
}

/* After a frame was written, so that the first does not wait for it. What became stale while it was
 * asked for is asked for once more. */
static void refresh_status(struct ui *ui)
{
    if (ui->status_stale && ui->env->status && probe_start(&ui->probe, ui->env))
        ui->status_stale = false;
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

static void take_status(struct ui *ui)
{
    struct ui_status now;
    if (probe_take(&ui->probe, &now))
        ui_status(ui, &now);
}

/* ---- what the loop waits for ---- */

static int64_t next_deadline(struct ui *ui, int64_t now_ms)
{
    int64_t at = MIN(input_deadline(ui->input), approve_deadline(&ui->approve));
    at = MIN(at, ui->resize_ms);
    at = MIN(at, clock_deadline(ui, now_ms));
    at = MIN(at, ui_recall(ui, now_ms));
    if (ui->dirty_soon && !tty_pending(ui->tty))
        at = MIN(at, ui->frame_ms + FRAME_MS);
    return at;
}

static void take_input(struct ui *ui, int64_t now_ms)
{
    struct input_event ev;
    while (!ui->quit && input_next(ui->input, &ev))
        ui_input(ui, &ev, now_ms);
}

static void leave(struct ui *ui, int status)
{
    ui->quit = true;
    ui->exit_status = status;
}

static void read_tty(struct ui *ui)
{
    char bytes[READ_MAX];
    ssize_t n = read(STDIN_FILENO, bytes, sizeof(bytes));
    if (n < 0 && (errno == EINTR || errno == EAGAIN))
        return;
    if (n <= 0) {
        leave(ui, 128 + SIGHUP); /* the terminal is gone */
        return;
    }
    int64_t now = clock_mono_ms();
    input_feed(ui->input, str_make(bytes, (size_t)n), now);
    take_input(ui, now);
}

/* The first size of a burst is drawn at once, its last when the burst is over, nothing between. */
static void on_resize(struct ui *ui, int64_t now_ms)
{
    bool quiet = now_ms - ui->resized_ms > RESIZE_MS && ui->resize_ms == INT64_MAX;
    ui->resized_ms = now_ms;
    if (quiet)
        ui->dirty |= tty_resize(ui->tty);
    else
        ui->resize_ms = now_ms + RESIZE_MS;
}

static void settle_resize(struct ui *ui, int64_t now_ms)
{
    if (now_ms < ui->resize_ms)
        return;
    ui->resize_ms = INT64_MAX;
    ui->dirty |= tty_resize(ui->tty);
}

void ui_suspend(struct ui *ui)
{
    if (!ui->tty)
        return;
    sigset_t one, was;
    sigemptyset(&one);
    sigaddset(&one, SIGTSTP);
    tty_suspend(ui->tty);
    pthread_sigmask(SIG_UNBLOCK, &one, &was);
    kill(0, SIGTSTP); /* the whole job, the guardian too: the shell takes over here */
    pthread_sigmask(SIG_SETMASK, &was, NULL);
    sigset_t cont;
    sigemptyset(&cont);
    sigaddset(&cont, SIGCONT);
    const struct timespec none = {0};
    while (sigtimedwait(&cont, NULL, &none) > 0)
        ; /* what woke us needs no second look */
    tty_resume(ui->tty);
    ui->dirty = true;
}

static void on_signal(struct ui *ui, uint32_t signo, int64_t now_ms)
{
    switch (signo) {
    case SIGWINCH:
        on_resize(ui, now_ms);
        break;
    case SIGCONT:
        tty_resume(ui->tty); /* stopped from outside, without a chance to tidy up */
        ui->dirty = true;
        break;
    case SIGTSTP:
        ui_suspend(ui);
        break;
    case SIGINT:
        ui_command(ui, CMD_STOP, STR(""));
        break;
    default:
        leave(ui, 128 + (int)signo);
    }
}

static void read_signals(struct ui *ui, int64_t now_ms)
{
    struct signalfd_siginfo info;
    while (!ui->quit && read(ui->signal_fd, &info, sizeof(info)) == (ssize_t)sizeof(info))
        on_signal(ui, info.ssi_signo, now_ms);
}

static void read_answers(struct ui *ui, int64_t now_ms)
{
    struct answer answer;
    while (answers_next(ui->answers, &answer))
        ui_answer(ui, &answer, now_ms);
}

static void read_hub(struct ui *ui, int64_t now_ms)
{
    hub_arm(ui->reader);
    ui_snapshot(ui, hub_snapshot(ui->env->hub), now_ms);
}

static bool drain(int fd)
{
    eventfd_t n;
    return eventfd_read(fd, &n) == 0;
}

/* Keys first: a letter that is held is believed only when nothing came after it. */
static void serve(struct ui *ui, const struct pollfd *p)
{
    if (p[ON_TTY].revents)
        read_tty(ui);
    int64_t now = clock_mono_ms();
    if (p[ON_SIGNALS].revents)
        read_signals(ui, now);
    if (p[ON_GUARDIAN].revents)
        leave(ui, 128 + SIGHUP);
    if (p[ON_OUT].revents) {
        tty_flush(ui->tty);
        note_written(ui, now);
    }
    if (p[ON_ANSWERS].revents)
        read_answers(ui, now);
    if (p[ON_STATUS].revents)
        take_status(ui);
    if (p[ON_FETCH].revents)
        ui_fetched(ui);
    if (p[ON_ERRAND].revents)
        ui_errand_back(ui);
    if (p[ON_COPY].revents)
        ui_copied(ui);
    if (p[ON_RECALL].revents)
        ui_recalled(ui);
    if (p[ON_FILES].revents)
        ui_mentioned(ui);
    if (p[ON_LOG].revents && drain(ui->log_fd))
        read_log(ui);
    if (p[ON_GATEWAY].revents && drain(ui->env->gateway_fd))
        read_gateway(ui);
    if (p[ON_HUB].revents)
        read_hub(ui, now);
    if (!p[ON_TTY].revents) {
        input_quiet(ui->input, now);
        take_input(ui, now);
        ui_approve_tick(ui, now);
    }
    settle_resize(ui, now);
}

static void loop(struct ui *ui)
{
    struct pollfd p[ON_COUNT] = {
        [ON_TTY] = {.fd = STDIN_FILENO, .events = POLLIN},
        [ON_OUT] = {.fd = -1, .events = POLLOUT},
        [ON_HUB] = {.fd = -1, .events = POLLIN},
        [ON_ANSWERS] = {.fd = answers_fd(ui->answers), .events = POLLIN},
        [ON_SIGNALS] = {.fd = ui->signal_fd, .events = POLLIN},
        [ON_GUARDIAN] = {.fd = ui->env->guardian_fd, .events = POLLIN},
        [ON_STATUS] = {.fd = -1, .events = POLLIN},
        [ON_FETCH] = {.fd = -1, .events = POLLIN},
        [ON_ERRAND] = {.fd = -1, .events = POLLIN},
        [ON_COPY] = {.fd = -1, .events = POLLIN},
        [ON_RECALL] = {.fd = -1, .events = POLLIN},
        [ON_FILES] = {.fd = -1, .events = POLLIN},
        [ON_LOG] = {.fd = ui->log_fd, .events = POLLIN},
        [ON_GATEWAY] = {.fd = -1, .events = POLLIN},
    };
    while (!ui->quit) {
        int64_t deadline = next_deadline(ui, clock_mono_ms());
        if (may_draw(ui, clock_mono_ms())) {
            if (ui->dirty_soon)
                read_hub(ui, clock_mono_ms()); /* what came while the frame was waited for */
            draw(ui);
            refresh_status(ui);
            continue;
        }
        /* A frame is due anyhow: more snapshots need not wake us before it. */
        p[ON_HUB].fd = ui->dirty_soon ? -1 : hub_fd(ui->reader);
        p[ON_GATEWAY].fd = ui->dirty_soon || !ui->env->gateway ? -1 : ui->env->gateway_fd;
        p[ON_STATUS].fd = ui->probe.thread.running ? ui->probe.fd : -1;
        p[ON_ERRAND].fd = ui->errand.thread.running ? ui->errand.fd : -1;
        p[ON_COPY].fd = ui->courier.thread.running ? ui->courier.fd : -1;
        p[ON_RECALL].fd = ui->recall.thread.running ? ui->recall.fd : -1;
        p[ON_FILES].fd = ui->files.thread.running ? ui->files.fd : -1;
        p[ON_FETCH].fd = ui->fetch.thread.running ? ui->fetch.fd : -1;
        p[ON_OUT].fd = tty_pending(ui->tty) ? tty_fd(ui->tty) : -1;
        for (size_t i = 0; i < ON_COUNT; i++)
            p[i].revents = 0;
        if (poll(p, ON_COUNT, clock_poll_ms(deadline)) < 0 && errno != EINTR)
            leave(ui, EXIT_FAILURE);
        else
            serve(ui, p);
    }
}

/* ---- beginning and end ---- */

static bool take_signals(struct ui *ui, struct err *e)
{
    sigset_t set;
    sigemptyset(&set);
    for (size_t i = 0; i < ARRAY_LEN(taken_signals); i++)
        sigaddset(&set, taken_signals[i]);
    pthread_sigmask(SIG_BLOCK, &set, &ui->old_mask);
    ui->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return ui->signal_fd >= 0 || err_sys(e, ERR_IO, errno, "the console");
}

static bool open_all(struct ui *ui, struct err *e)
{
    if (!take_signals(ui, e))
        return false;
    setlocale(LC_CTYPE, "");
    if (strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
        setlocale(LC_CTYPE, "C.UTF-8"); /* widths need it; the terminal shows UTF-8 or nothing */
    ui->tty = tty_open(ui->env->theme, ui->env->screen, e);
    if (!ui->tty)
        return false;
    tty_mouse(ui->tty, ui->mouse);
    bool remote = getenv("SSH_CONNECTION") != NULL;
    ui->input = input_new(tty_type(ui->tty), remote ? QUIET_REMOTE_MS : INPUT_QUIET_MS, e);
    if (!ui->input)
        return false;
    ui->log_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    log_wake(ui->log_fd);
    ui->answers = answers_new();
    ui->reader = hub_read(ui->env->hub, &(struct hub_filter){.snapshots = true});
    if (!ui->answers || !ui->reader)
        return err_set(e, ERR_IO, "the system has no descriptor left for the console");
    ui_snapshot(ui, hub_snapshot(ui->env->hub), clock_mono_ms());
    return true;
}

int ui_run(const struct ui_env *env, struct err *e)
{
    struct ui *ui = NEW(struct ui);
    ui_init(ui, env, clock_mono_ms());
    bool ok = open_all(ui, e);
    if (ok)
        loop(ui);
    int status = ok ? ui->exit_status : -1;
    probe_done(&ui->probe);
    errand_done(&ui->errand);
    courier_done(&ui->courier);
    hub_read_end(ui->reader);
    input_free(ui->input);
    tty_close(ui->tty);
    log_wake(-1);
    fd_close_p(&ui->log_fd);
    fd_close_p(&ui->signal_fd);
    pthread_sigmask(SIG_SETMASK, &ui->old_mask, NULL);
    ui_done(ui);
    free(ui);
    return status;
}
