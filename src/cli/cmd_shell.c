/* SPDX-License-Identifier: MIT
 *
 * cmd_shell: an operator's view from outside: once, again and again, or of a recorded log.
 */
#include "base/fs.h"
#include "base/mem.h"
#include "base/thread.h"
#include "cli/app.h"
#include "cli/commands.h"
#include "cli/peer.h"
#include "cli/report.h"
#include "cli/shell.h"
#include "cli/signals.h"
#include "cli/watching.h"
#include "watch/demo.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { STATE_BYTES = 64 << 20, DEMO_SLEEP_MS = 120, CYCLES_MAX = 1000000000 };

/* ---- options ---- */

static bool number(const struct options *o, enum option_id id, int64_t least, int64_t most, int64_t *ret,
                   struct err *e)
{
    const char *text = o->value[id];
    if (!text || (str_i64(str_of(text), ret) && *ret >= least && *ret <= most))
        return true;
    return err_set(e, ERR_USAGE, "--%s: expected a number from %lld on, got '%.40s'", option_table[id].name,
                   (long long)least, text);
}

static bool not_empty(const struct options *o, struct err *e)
{
    static const enum option_id ids[] = {OPT_STATE_DIR, OPT_DASHBOARD_DIR, OPT_GATEWAY_DIR, OPT_PROFILE, OPT_MODEL};
    for (size_t i = 0; i < ARRAY_LEN(ids); i++)
        if (o->value[ids[i]] && !o->value[ids[i]][0])
            return err_set(e, ERR_USAGE, "--%s: it is empty", option_table[ids[i]].name);
    return true;
}

static int terminal_width(void)
{
    struct winsize size = {0};
    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : FRAME_WIDTH;
}

bool shell_look(const struct options *o, const char *environment, struct frame_look *ret, struct err *e)
{
    int64_t width = MIN(terminal_width(), (int)FRAME_WIDTH);
    const char *no = getenv("NO_COLOR");
    width = MAX(width, (int64_t)FRAME_WIDTH_MIN);
    if (!not_empty(o, e) || !number(o, OPT_WIDTH, FRAME_WIDTH_MIN, FRAME_WIDTH_MAX, &width, e))
        return false;
    *ret = (struct frame_look){
        .width = (int)width,
        .colour = isatty(STDOUT_FILENO) && !o->value[OPT_NO_COLOR] && !(no && no[0]),
        .profile = o->value[OPT_PROFILE] ? o->value[OPT_PROFILE] : "local-dev",
        .environment = environment,
    };
    return true;
}

/* ---- once ---- */

static bool of_running(const struct app *a, struct artifacts *ret, struct err *e)
{
    CLEANUP(mem_free_p) char *path = NULL;
    CLEANUP(buf_free) struct buf state = {.max = STATE_BYTES};
    if (!peer_find(a->state_dir, NULL, &path, e) ||
        !peer_call(path, "/gateway/operator/state", STR_NULL, NULL, peer_into_buf, &state, e))
        return false;
    CLEANUP(json_free_p) struct json *j = json_parse(buf_view(&state), e);
    const char *slash = strrchr(path, '/');
    if (j)
        artifacts_of_state(ret, j, NULL, slash ? strtol(slash + 1, NULL, 10) : 0);
    return j != NULL;
}

/* The directory when it is named or there; else the tau that runs (true); else that nothing is known. */
static bool take(const struct app *a, const char *dir, struct artifacts *ret)
{
    struct err e = ERR_INIT;
    bool named = a->options->value[OPT_STATE_DIR] || a->options->value[OPT_DASHBOARD_DIR];
    if (!named && !fs_exists(dir) && of_running(a, ret, &e))
        return true;
    artifacts_read(ret, dir);
    return false;
}

bool shell_frame(const struct app *a, const char *title, struct err *e)
{
    CLEANUP(mem_free_p) char *dir = watching_dir(a);
    CLEANUP(buf_free) struct buf out = BUF_OWN;
    struct artifacts *found = NEW(struct artifacts);
    struct live_frames f = {.dir = dir, .title = title, .json = a->options->value[OPT_JSON], .last = BUF_OWN};
    size_t differs;
    bool live = take(a, dir, found) || title; /* only tau shell has no title, and is no live view */
    bool ok = shell_look(a->options, live ? "live" : "local", &f.look, e);
    if (ok) {
        live_frame(&f, found, &out, &differs);
        ok = fs_write_all(STDOUT_FILENO, buf_view(&out), e);
    }
    buf_free(&f.last);
    free(found);
    return ok;
}

/* ---- again and again ---- */

/* The token fires on a signal: a thread waits for one, so that the terminal is left as it was. */
static void wait_for_end(void *arg)
{
    sigset_t ends;
    int signal;
    signals_of_end(&ends);
    while (sigwait(&ends, &signal) != 0)
        ;
    cancel_fire(arg);
}

static void height_now(struct live_frames *f)
{
    live_size(f, STDOUT_FILENO);
}

static void size_now(struct live_frames *f)
{
    f->look.width = MAX(terminal_width(), (int)FRAME_WIDTH_MIN);
    height_now(f);
}

struct session {
    struct cancel *cancel;
    struct thread signals;
    bool screen;
};

static bool begin(struct session *s, bool screen, struct err *e)
{
    s->cancel = cancel_new(NULL);
    s->screen = screen;
    return thread_start(&s->signals, "signals", 0, wait_for_end, s->cancel, e) &&
           (!screen || fs_write_all(STDOUT_FILENO, STR("\x1b[?1049h\x1b[?25l"), e));
}

static bool end(struct session *s, struct str last, struct err *e)
{
    if (s->signals.running && !cancel_fired(s->cancel))
        (void)pthread_kill(s->signals.id, SIGTERM);
    thread_join(&s->signals);
    cancel_unref(s->cancel);
    /* What was seen last stays. */
    return !s->screen || (fs_write_all(STDOUT_FILENO, STR("\x1b[?25h\x1b[?1049l"), e) &&
                          fs_write_all(STDOUT_FILENO, last, e));
}

static bool watch(const struct app *a, struct live_frames *f, struct err *e)
{
    struct session s = {0};
    struct err lost = ERR_INIT;
    void (*follows)(struct live_frames *) = a->options->value[OPT_WIDTH] ? height_now : size_now;
    bool ok = begin(&s, f->in_place, e) &&
              live_run(f, STDOUT_FILENO, s.cancel, f->in_place ? follows : NULL, e);
    return end(&s, buf_view(&f->last), ok ? e : &lost) && ok;
}

static bool play(struct live_frames *f, int64_t sleep_ms, struct err *e)
{
    struct session s = {0};
    struct err lost = ERR_INIT;
    bool ok = begin(&s, f->in_place, e) && demo_run(f, STDOUT_FILENO, sleep_ms, s.cancel, e);
    return end(&s, buf_view(&f->last), ok ? e : &lost) && ok;
}

/* ---- */

static bool demo(const struct options *o, struct err *e)
{
    struct live_frames f = {.dir = "(demo)", .title = "demo", .json = o->value[OPT_JSON], .last = BUF_OWN,
                            .in_place = isatty(STDOUT_FILENO) && !o->value[OPT_JSON]};
    int64_t sleep_ms = DEMO_SLEEP_MS;
    bool ok = shell_look(o, "demo", &f.look, e) && number(o, OPT_FRAMES, 1, CYCLES_MAX, &f.cycles, e) &&
              number(o, OPT_SLEEP, 0, 60000, &sleep_ms, e);
    f.interval_ms = MAX(sleep_ms, (int64_t)1);
    if (f.in_place)
        height_now(&f);
    ok = ok && play(&f, sleep_ms, e);
    buf_free(&f.last);
    return ok;
}

int cmd_shell(const struct options *o)
{
    struct app a = {0};
    struct err e = ERR_INIT;
    bool ok = app_open(&a, o, &e);
    if (ok && !o->value[OPT_DEMO] && (o->value[OPT_FRAMES] || o->value[OPT_SLEEP]))
        ok = err_set(&e, ERR_USAGE, "--frames and --sleep-ms go with --demo");
    ok = ok && (o->value[OPT_DEMO] ? demo(o, &e) : shell_frame(&a, NULL, &e));
    if (!ok)
        report(&e);
    app_close(&a);
    return ok ? 0 : err_code_exit(e.code);
}

int cmd_shell_live(const struct options *o)
{
    struct app a = {0};
    struct err e = ERR_INIT;
    struct live_frames f = {.title = "live-watch", .json = o->value[OPT_JSON], .last = BUF_OWN};
    bool watches = o->value[OPT_WATCH];
    bool ok = app_open(&a, o, &e);
    if (ok && !watches && (o->value[OPT_ITERATIONS] || o->value[OPT_INTERVAL]))
        ok = err_set(&e, ERR_USAGE, "--iterations and --interval-ms go with --watch");
    f.interval_ms = LIVE_INTERVAL_MS;
    ok = ok && shell_look(o, "live", &f.look, &e) && number(o, OPT_ITERATIONS, 1, CYCLES_MAX, &f.cycles, &e) &&
         number(o, OPT_INTERVAL, 1, 3600000, &f.interval_ms, &e);
    if (ok && !watches) {
        ok = shell_frame(&a, "live", &e);
    } else if (ok) {
        CLEANUP(mem_free_p) char *dir = watching_dir(&a);
        f.dir = dir;
        f.in_place = isatty(STDOUT_FILENO) && !f.json;
        ok = watch(&a, &f, &e);
    }
    buf_free(&f.last);
    if (!ok)
        report(&e);
    app_close(&a);
    return ok ? 0 : err_code_exit(e.code);
}
