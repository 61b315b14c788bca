/* SPDX-License-Identifier: MIT
 *
 * line: lines in, answers out. The next line is read when the turn of the last one has ended, so that a
 * script's lines are asked one after another; while somebody types at a terminal, a line adds to the turn
 * that runs.
 */
#include "cli/line.h"

#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"
#include "cli/line_mode.h"
#include "cli/report.h"
#include "cli/signals.h"
#include "cli/slash.h"
#include "contract/marker.h"
#include "json/jsonw.h"
#include "state/snapshot.h"
#include "text/utf8.h"
#include "text/width.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

enum { QUIT_MS = 2000, FILE_MAX = 1 << 20, READ_CHUNK = 16384 };

/* Standard input, a line at a time. */
struct input {
    struct buf bytes;
    bool ended, too_long; /* too_long: what comes up to the next LF is dropped */
};

/* ---- saying ---- */

void line_say(struct line *l, const char *fmt, ...)
{
    CLEANUP(buf_free) struct buf raw = BUF_OWN, shown = BUF_OWN;
    va_list ap;
    (void)l;
    va_start(ap, fmt);
    buf_vprintf(&raw, fmt, ap);
    va_end(ap);
    width_sanitize(&shown, buf_view(&raw));
    fprintf(stderr, "%s\n", buf_cstr(&shown));
}

void line_out(struct line *l, struct str text)
{
    struct err e = ERR_INIT;
    if (text.n == 0 || l->write_failed)
        return;
    l->open_line = text.p[text.n - 1] != '\n';
    l->write_failed = !report_out(text, &e);
    if (l->write_failed)
        l->quit = true;
}

void line_fail(struct line *l, const struct err *e)
{
    int status = err_code_exit(e->code);
    report(e);
    if (l->status == 0)
        l->status = status ? status : 1;
}

/* ---- asking ---- */

bool line_act(struct line *l, enum action_id id, const void *args, struct action_answer *ret, struct err *e)
{
    struct actor actor = core_actor(l->app.core);
    struct principal self = {"operator", ROLE_ADMIN};
    CLEANUP(buf_free) struct buf text = BUF_OWN;
    struct jsonw w = JSONW(&text);
    field_write_object(&action_table[id].set, &w, args);
    *ret = (struct action_answer){0};
    actor.submit_wait(actor.ctx, action_table[id].name, buf_view(&text), &self, ret);
    if (!ret->accepted)
        *e = ret->err;
    return ret->accepted;
}

const char *line_session(const struct line *l)
{
    return l->session[0] ? l->session : NULL;
}

/* The session of the turn that was just made. */
static void note_session(struct line *l)
{
    struct snapshot *s = hub_snapshot(core_hub(l->app.core));
    const struct rec *r = snapshot_find(s, REC_TURN, l->turn);
    if (r)
        snprintf(l->session, sizeof(l->session), "%s", REC(r, turn)->session);
    snapshot_unref(s);
}

bool line_submit(struct line *l, struct str text, const char *model, struct err *e)
{
    CLEANUP(mem_free_p) char *input = mem_strndup(text.n ? text.p : "", text.n);
    struct action_answer answer;
    char mark[MARKER_MAX];
    if (!line_act(l, ACT_TURN_SUBMIT,
                  &(struct act_turn_submit){.session = line_session(l),
                                            .input = input,
                                            .model = model,
                                            .source = "line"},
                  &answer, e))
        return false;
    memcpy(l->turn, answer.id, ID_MAX);
    note_session(l);
    l->part[0] = '\0';
    l->began_ms = clock_mono_ms();
    l->marked_ms = l->began_ms + MARKER_EVERY_MS;
    marker_start(mark, l->app.turn_timeout_ms, l->app.request_timeout_ms);
    line_say(l, "%s", mark);
    return true;
}

/* ---- a line ---- */

static bool dispatch(struct line *l, struct str text, struct err *e)
{
    if (slash_is(text))
        return line_command(l, str_sub(text, 1, text.n), e);
    if (str_starts(text, "!"))
        return line_submit(l, text, "local/offline", e);
    if (str_starts(text, "# ")) {
        CLEANUP(mem_free_p) char *summary = mem_strndup(text.p + 2, text.n - 2);
        struct action_answer answer;
        return line_act(l, ACT_MEMORY_WRITE,
                        &(struct act_memory_write){.summary = summary, .session = line_session(l)}, &answer, e);
    }
    if (!l->turn[0])
        return line_submit(l, text, NULL, e);
    CLEANUP(mem_free_p) char *input = mem_strndup(text.p, text.n);
    struct action_answer answer;
    return line_act(l, ACT_TURN_STEER,
                    &(struct act_turn_steer){.session = line_session(l), .input = input, .source = "line"}, &answer, e);
}

static void take_line(struct line *l, struct str raw)
{
    CLEANUP(buf_free) struct buf clean = BUF_OWN;
    struct err e = ERR_INIT;
    utf8_clean(&clean, raw);
    struct str text = str_trim(buf_view(&clean));
    if (text.n == 0)
        return;
    if (l->question.id[0] && !slash_is(text)) {
        if (!line_answer(l, text))
            line_say(l, "that is no answer to what is asked: y, n, or d to see it");
        return;
    }
    if (!dispatch(l, text, &e))
        line_fail(l, &e);
}

/* ---- standard input ---- */

static void read_input(struct line *l, struct input *in)
{
    char chunk[READ_CHUNK];
    ssize_t n = read(STDIN_FILENO, chunk, sizeof(chunk));
    if (n < 0 && (errno == EINTR || errno == EAGAIN))
        return;
    if (n <= 0) {
        in->ended = true;
        return;
    }
    for (ssize_t i = 0; i < n; i++) {
        if (in->too_long && chunk[i] == '\n')
            in->too_long = false;
        else if (!in->too_long && !buf_putc(&in->bytes, chunk[i])) {
            struct err e = ERR_INIT;
            err_set(&e, ERR_TOO_LARGE, "a line is longer than %d MiB, and was not taken", LINE_INPUT_MAX >> 20);
            line_fail(l, &e);
            buf_clear(&in->bytes);
            in->too_long = chunk[i] != '\n';
        }
    }
}

/* The next whole line, a '\' at its end joining it to the one after, which may be still to come; false
 * when there is none yet. */
static bool next_line(struct input *in, struct buf *out)
{
    struct str all = buf_view(&in->bytes);
    size_t at = 0;
    buf_clear(out);
    while (at < all.n || (in->ended && all.n > 0)) {
        ssize_t end = str_index(str_sub(all, at, all.n), '\n');
        if (end < 0 && !in->ended)
            return false;
        struct str part = str_sub(all, at, end < 0 ? all.n - at : (size_t)end);
        at += part.n + 1;
        bool goes_on = str_ends(part, "\\") && !str_ends(part, "\\\\") && (at < all.n || !in->ended);
        buf_str(out, goes_on ? str_sub(part, 0, part.n - 1) : part);
        if (goes_on) {
            buf_putc(out, '\n');
            continue;
        }
        at = MIN(at, all.n);
        memmove(in->bytes.data, in->bytes.data + at, all.n - at);
        buf_truncate(&in->bytes, all.n - at);
        return true;
    }
    return false;
}

/* ---- signals ---- */

/* ^C stops the turn; when none runs, twice leaves. Others leave at once, and the turn is stopped. */
static void read_signals(struct line *l, int64_t *last_ms)
{
    struct signalfd_siginfo info;
    struct action_answer answer;
    struct err e = ERR_INIT;
    while (read(l->signals, &info, sizeof(info)) == sizeof(info)) {
        int64_t now = clock_mono_ms();
        if (l->turn[0] && !line_act(l, ACT_TURN_CANCEL, &(struct act_turn_cancel){.turn = l->turn}, &answer, &e))
            report(&e);
        if (info.ssi_signo != SIGINT || (!l->turn[0] && now - *last_ms < QUIT_MS)) {
            l->quit = true;
            l->status = l->status ? l->status : 128 + (int)info.ssi_signo;
        } else if (!l->turn[0]) {
            line_say(l, "nothing runs; ^C once more leaves tau, /quit too");
        }
        *last_ms = now;
    }
}

/* ---- the loop ---- */

static void prompt(const struct line *l)
{
    if (l->terminal && !l->turn[0])
        fputs("> ", stderr);
}

/* Nobody is there to answer any more. */
static void give_up(struct line *l)
{
    struct action_answer answer;
    struct err e = ERR_INIT;
    if (!line_act(l, ACT_APPROVAL_RESOLVE,
                  &(struct act_approval_resolve){
                      .approval = l->question.id, .approve = false, .reason = "standard input has ended"},
                  &answer, &e))
        report(&e);
    l->question.id[0] = '\0';
}

static void loop(struct line *l)
{
    CLEANUP(buf_free) struct buf text = {.max = LINE_INPUT_MAX};
    struct input in = {.bytes = {.max = LINE_INPUT_MAX}};
    int64_t interrupted_ms = -QUIT_MS;
    prompt(l);
    while (!l->quit) {
        bool takes = !l->turn[0] || l->question.id[0] || l->terminal;
        if (takes && next_line(&in, &text)) {
            take_line(l, buf_view(&text));
            prompt(l);
            continue;
        }
        if (in.ended && l->question.id[0])
            give_up(l);
        if (in.ended && !l->turn[0])
            break;
        struct pollfd p[3] = {{.fd = takes && !in.ended ? STDIN_FILENO : -1, .events = POLLIN},
                              {.fd = hub_fd(l->reader), .events = POLLIN},
                              {.fd = l->signals, .events = POLLIN}};
        if (poll(p, ARRAY_LEN(p), clock_poll_ms(l->turn[0] ? l->marked_ms : CLOCK_NEVER)) < 0 && errno != EINTR)
            break;
        if (p[0].revents)
            read_input(l, &in);
        if (p[2].revents)
            read_signals(l, &interrupted_ms);
        bool busy = l->turn[0];
        line_events(l);
        line_mark(l, clock_mono_ms());
        if (busy && !l->turn[0])
            prompt(l);
    }
    buf_free(&in.bytes);
}

static bool open_line(struct line *l, const struct options *o, bool asks, struct err *e)
{
    sigset_t set;
    struct hub_filter filter = {.events = true};
    if (!app_open(&l->app, o, e) || !app_policy(&l->app, asks, e))
        return false;
    l->app.door = serving_door(&l->serving, &l->app);
    if (!app_core(&l->app, "line", asks, e) || !app_session(&l->app, false, l->session, e) ||
        !watching_begin(&l->watching, &l->app, e))
        return false;
    l->app.serving = &l->serving;
    l->app.watching = &l->watching;
    signals_of_end(&set);
    l->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    l->reader = hub_read(core_hub(l->app.core), &filter);
    return (l->reader || err_sys(e, ERR_IO, errno, "events")) &&
           (l->signals >= 0 || err_sys(e, ERR_IO, errno, "signals"));
}

static int close_line(struct line *l)
{
    int status = l->status;
    hub_read_end(l->reader);
    serving_done(&l->serving);
    watching_done(&l->watching);
    app_close(&l->app);
    fd_close_p(&l->signals);
    free(l->question.text);
    free(l->calls.v);
    free(l);
    return status;
}

static struct line *new_line(void)
{
    struct line *l = NEW(struct line);
    l->signals = -1;
    l->serving = (struct serving)SERVING_INIT;
    l->watching = (struct watching)WATCHING_INIT;
    return l;
}

int line_run(const struct options *o)
{
    struct line *l = new_line();
    struct err e = ERR_INIT;
    l->terminal = isatty(STDIN_FILENO) != 0;
    /* A program that says --line answers what is asked; a script that just came along can not. */
    if (open_line(l, o, l->terminal || o->value[OPT_LINE], &e))
        loop(l);
    else
        line_fail(l, &e);
    return close_line(l);
}

/* ---- commands from a file ---- */

struct tally {
    int total, executed, succeeded, failed;
};

/* The turn that a command began; an interrupt stops it. */
static void wait_for_turn(struct line *l)
{
    int64_t interrupted_ms = -QUIT_MS;
    while (l->turn[0] && !l->quit) {
        struct pollfd p[2] = {{.fd = hub_fd(l->reader), .events = POLLIN}, {.fd = l->signals, .events = POLLIN}};
        if (poll(p, ARRAY_LEN(p), clock_poll_ms(l->marked_ms)) < 0 && errno != EINTR)
            break;
        if (p[1].revents)
            read_signals(l, &interrupted_ms);
        line_events(l);
        line_mark(l, clock_mono_ms());
    }
}

static bool file_line(struct line *l, const char *path, int number, struct str text)
{
    struct err e = ERR_INIT;
    int before = l->status;
    l->status = 0;
    bool ok = slash_is(text) ? line_command(l, str_sub(text, 1, text.n), &e)
                             : err_set(&e, ERR_USAGE, "expected a command that begins with '/', got '%.*s'",
                                       STR_ARG(str_sub(text, 0, 60)));
    if (!ok) {
        err_wrap(&e, "%s:%d", path, number);
        line_fail(l, &e);
    }
    wait_for_turn(l);
    ok = l->status == 0;
    l->status = before ? before : l->status;
    return ok;
}

static bool is_command(struct str line)
{
    return str_trim(line).n > 0 && str_trim(line).p[0] != '#';
}

static void run_file(struct line *l, const char *path, struct str text, bool goes_on)
{
    struct tally t = {0};
    struct str rest = text, line;
    int number = 0;
    while (str_line(&rest, &line))
        t.total += is_command(line);
    rest = text;
    while (!l->quit && str_line(&rest, &line)) {
        number++;
        if (!is_command(line))
            continue;
        t.executed++;
        bool ok = file_line(l, path, number, str_trim(line));
        t.succeeded += ok;
        t.failed += !ok;
        if (!ok && !goes_on)
            break;
    }
    line_say(l, "command file summary: path=%s total=%d executed=%d succeeded=%d failed=%d halted_early=%s", path,
             t.total, t.executed, t.succeeded, t.failed, t.executed < t.total ? "true" : "false");
}

int line_run_file(const struct options *o)
{
    struct line *l = new_line();
    struct err e = ERR_INIT;
    const char *path = o->value[OPT_COMMAND_FILE], *how = o->value[OPT_COMMAND_FILE_ERRORS];
    CLEANUP(buf_free) struct buf text = {.max = FILE_MAX};
    bool goes_on = how && strcmp(how, "continue-on-error") == 0;
    if (!fs_read_file(path, &text, &e))
        err_wrap(&e, "--command-file");
    if (e.code == ERR_NONE && open_line(l, o, false, &e))
        run_file(l, path, buf_view(&text), goes_on);
    else
        line_fail(l, &e);
    return close_line(l);
}
