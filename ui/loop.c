/* SPDX-License-Identifier: MIT
 *
 * loop: it waits in one poll for the terminal, the hub, answers, signals and the guardian, with a timeout
 * only while something is due; it draws when something changed: at once after input, and at most every
 * FRAME_MS when only a snapshot did.
 */
#include "ui/app.h"

#include "base/clock.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/mem.h"
#include "contract/marker.h"

#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
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

/* When no frame is due, so that the first does not wait for it. What became stale while it was asked for is
 * asked for once more, also when the answer made no frame. */
static void refresh_status(struct ui *ui)
{
    if (ui->status_stale && ui->env->status && probe_start(&ui->probe, ui->env))
        ui->status_stale = false;
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
        ui_read_log(ui);
    if (p[ON_GATEWAY].revents && drain(ui->env->gateway_fd))
        ui_read_gateway(ui);
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
            continue;
        }
        if (!ui->dirty && !ui->dirty_soon)
            refresh_status(ui);
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
