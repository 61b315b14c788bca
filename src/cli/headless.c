/* SPDX-License-Identifier: MIT
 *
 * headless: one turn without a console.
 *
 * It reads the ring like every other face. What the ring could not keep for it is read back from
 * the log by seq, so that `--output events` has every durable event of the turn.
 */
#include "cli/headless.h"

#include "agent/answer.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"
#include "cli/image.h"
#include "cli/oldevents.h"
#include "cli/report.h"
#include "cli/signals.h"
#include "cli/turn_log.h"
#include "cli/watching.h"
#include "contract/marker.h"
#include "text/utf8.h"
#include "text/width.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

enum { INPUT_MAX = 8 << 20, DEGRADED_MS = 10000 };

enum format { FORMAT_TEXT, FORMAT_JSON, FORMAT_EVENTS, FORMAT_OLD };

struct headless {
    struct app app;
    enum format format;
    char session[ID_MAX], turn[ID_MAX];
    struct hub_reader *reader;
    int signals;
    int interrupts;
    int64_t seen;           /* newest durable seq that was handled */
    int64_t degraded_since; /* clock_mono_ms; 0: the log can be written */
    struct buf answer;      /* text of the newest message that has any */
    struct buf tools;       /* JSON array items of the calls, for json */
    size_t n_tools;
    char hinted[ERR_HINT_MAX]; /* what was last said to be done about a refusal */
    int64_t input_tokens, output_tokens;
    char finish[64];
    bool ended;
    enum event_kind end;
    struct err err; /* why it did not complete */
    bool write_failed;
    struct buf schema; /* that the answer shall meet; empty: none */
    struct oldevents old;
    bool marks;        /* somebody at a terminal is told that it still runs */
    int64_t began_ms, marked_ms;
    struct buf images; /* that go with the question, as turn.submit takes them; empty: none */
};

bool headless_wanted(const struct options *o)
{
    return o->value[OPT_PROMPT] || o->value[OPT_PROMPT_FILE];
}

/* ---- the prompt ---- */

/* Standard input counts when somebody put something there: a pipe, a file or a socket. */
static bool stdin_has_text(void)
{
    struct stat st;
    return fstat(STDIN_FILENO, &st) == 0 && (S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode) ||
                                             (S_ISREG(st.st_mode) && st.st_size > 0));
}

/* -p had no text, on the line neither. */
static bool read_only_stdin(struct buf *out, struct err *e)
{
    if (stdin_has_text() && !fs_read_fd(STDIN_FILENO, out, e))
        return err_wrap(e, "standard input");
    return !buf_ok(out) || str_trim(buf_view(out)).n ||
           err_set(e, ERR_USAGE, "-p needs a value: a text, or standard input that is one");
}

static bool read_prompt(const struct options *o, struct buf *out, struct err *e)
{
    const char *file = o->value[OPT_PROMPT_FILE];
    if (o->value[OPT_PROMPT] && file && !o->waits)
        return err_set(e, ERR_USAGE, "--prompt and --prompt-file are two prompts");
    if (file && strcmp(file, "-") == 0)
        return fs_read_fd(STDIN_FILENO, out, e) || err_wrap(e, "standard input");
    if (file) {
        if (!fs_read_file(file, out, e))
            return err_wrap(e, "--prompt-file");
    } else {
        buf_puts(out, o->value[OPT_PROMPT]);
    }
    if (o->waits && !file)
        return read_only_stdin(out, e);
    if (!stdin_has_text())
        return true;
    struct buf extra = BUF_INIT(INPUT_MAX);
    bool ok = fs_read_fd(STDIN_FILENO, &extra, e) || err_wrap(e, "standard input");
    if (ok && str_trim(buf_view(&extra)).n)
        ok = (buf_puts(out, "\n--- standard input ---\n") && buf_str(out, buf_view(&extra))) ||
             err_set(e, ERR_TOO_LARGE, "prompt and standard input are larger than %d MiB",
                     INPUT_MAX >> 20);
    buf_free(&extra);
    return ok;
}

/* Nothing has been started yet, so that ^C while somebody still writes the prompt may simply end
 * us. */
static bool take_prompt(const struct options *o, struct buf *out, struct err *e)
{
    sigset_t set, before;
    signals_of_end(&set);
    pthread_sigmask(SIG_UNBLOCK, &set, &before);
    struct buf raw = BUF_INIT(INPUT_MAX);
    bool ok = read_prompt(o, &raw, e);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (ok && raw.len && (!utf8_valid(buf_view(&raw)) || memchr(raw.data, '\0', raw.len)))
        fprintf(stderr, "tau: the prompt is not all UTF-8 text; U+FFFD stands for what is not\n");
    if (ok)
        utf8_clean(out, buf_view(&raw));
    buf_free(&raw);
    return ok;
}

/* The schema is looked at before anything begins. */
static bool take_schema(struct buf *out, const struct options *o, struct err *e)
{
    const char *file = o->value[OPT_SCHEMA];
    if (!file)
        return true;
    CLEANUP(schema_free_p) struct schema *s = NULL;
    if (fs_read_file(file, out, e))
        s = schema_compile(buf_view(out), e);
    if (s)
        return true;
    e->code = ERR_USAGE; /* whatever is wrong with the file: nothing was asked */
    return err_wrap(e, "--schema %s", file);
}

static bool take_images(struct headless *h, const struct options *o, struct err *e)
{
    bool ok = true;
    for (int i = 0; ok && options_nth(o, OPT_IMAGE, i); i++) {
        buf_putc(&h->images, i ? ',' : '[');
        ok = image_keep(h->app.state_dir, options_nth(o, OPT_IMAGE, i), &h->images, e) ||
             err_wrap(e, "--image");
    }
    if (h->images.len)
        buf_putc(&h->images, ']');
    return ok;
}

/* ---- what happens ---- */

/* Text is what can be shown already. */
static void print(struct headless *h, struct str text)
{
    struct err e = ERR_INIT;
    if (h->write_failed || (h->format == FORMAT_TEXT ? fs_write_all(STDOUT_FILENO, text, &e) : report_json(text, &e)))
        return;
    h->write_failed = true;
    if (errno != EPIPE)
        fprintf(stderr, "tau: standard output: %s\n", e.message);
}

static void print_event(struct headless *h, const struct event *ev)
{
    struct buf line = BUF_OWN;
    event_write(ev, &line);
    buf_putc(&line, '\n');
    print(h, buf_view(&line));
    buf_free(&line);
}

static const char *tool_name(struct snapshot *s, const char *call)
{
    const struct rec *r = call ? snapshot_find(s, REC_TOOL, call) : NULL;
    return r ? REC(r, tool)->name : "";
}

/* The call that an event ends; NULL for others. */
static const char *ended_call(const struct event *ev)
{
    switch (ev->kind) {
    case EV_TOOL_COMPLETED:
        return EV(ev, tool_completed)->call_id;
    case EV_TOOL_FAILED:
        return EV(ev, tool_failed)->call_id;
    case EV_TOOL_TIMED_OUT:
        return EV(ev, tool_timed_out)->call_id;
    case EV_TOOL_CANCELLED:
        return EV(ev, tool_cancelled)->call_id;
    default:
        return NULL;
    }
}

static void print_old(struct headless *h, const struct event *ev)
{
    CLEANUP(buf_free) struct buf lines = BUF_OWN;
    struct snapshot *s = hub_snapshot(core_hub(h->app.core));
    oldevents_write(&h->old, ev, tool_name(s, ended_call(ev)), &lines);
    snapshot_unref(s);
    if (lines.len)
        print(h, buf_view(&lines));
}

static void read_error(const char *json, struct err *ret)
{
    struct err e = ERR_INIT;
    struct json *j = json_parse(str_of(json), &e);
    if (j)
        json_read_err(j, ret);
    json_free(j);
}

static void note_message(struct headless *h, const struct ev_turn_message *m)
{
    struct err e = ERR_INIT;
    if (strcmp(m->role, "assistant") != 0)
        return;
    struct json *content = json_parse(str_of(m->content), &e);
    bool first = true;
    for (const struct json *p = json_first(content); p; p = json_next(p)) {
        if (strcmp(json_cstr(json_get(p, "type"), ""), "text") != 0)
            continue;
        if (first)
            buf_clear(&h->answer);
        first = false;
        buf_str(&h->answer, json_str(json_get(p, "text")));
    }
    json_free(content);
}

/* One call for --output json. */
static void note_tool(struct headless *h, const char *call, const char *status, const char *summary,
                      const char *error)
{
    struct jsonw w = JSONW(&h->tools);
    struct snapshot *s = hub_snapshot(core_hub(h->app.core));
    const struct rec *r = snapshot_find(s, REC_TOOL, call);
    if (h->n_tools++)
        buf_putc(&h->tools, ',');
    jsonw_begin_object(&w);
    jsonw_put_cstr(&w, "call_id", call);
    jsonw_put_cstr(&w, "name", r ? REC(r, tool)->name : "");
    jsonw_put_cstr(&w, "status", status);
    jsonw_opt_cstr(&w, "summary", summary);
    if (error)
        jsonw_put_raw(&w, "error", str_of(error));
    jsonw_end_object(&w);
    snapshot_unref(s);
}

/* A refusal is told on standard error: the turn may well survive it, but somebody must know. What can
 * be done about it is told once for those that follow each other. */
static void note_failed_tool(struct headless *h, const struct ev_tool_failed *t)
{
    struct err e = ERR_INIT;
    read_error(t->error, &e);
    note_tool(h, t->call_id, "failed", t->summary, t->error);
    if (e.phase != PHASE_APPROVAL)
        return;
    report_line("refused: ", &e);
    if (strcmp(h->hinted, err_hint_text(&e)) != 0)
        report_hint(err_hint_text(&e));
    snprintf(h->hinted, sizeof(h->hinted), "%s", err_hint_text(&e));
}

static void note_end(struct headless *h, enum event_kind kind, const char *error)
{
    h->ended = true;
    h->end = kind;
    if (error)
        read_error(error, &h->err);
}

/* A wait that somebody in front of a terminal wants to know of. */
static void note_phase(const struct headless *h, const struct ev_turn_phase_entered *p)
{
    CLEANUP(buf_free) struct buf shown = BUF_OWN;
    if (h->format != FORMAT_TEXT || !p->detail || !p->detail[0])
        return;
    width_sanitize(&shown, str_of(p->detail));
    fprintf(stderr, "tau: %s\n", buf_cstr(&shown));
}

static void handle(struct headless *h, const struct event *ev)
{
    if (h->format == FORMAT_EVENTS)
        print_event(h, ev);
    else if (h->format == FORMAT_OLD)
        print_old(h, ev);
    const char *error;
    if (ev->seq)
        h->seen = ev->seq;
    switch (ev->kind) {
    case EV_TURN_MESSAGE:
        note_message(h, EV(ev, turn_message));
        break;
    case EV_TURN_PHASE_ENTERED:
        note_phase(h, EV(ev, turn_phase_entered));
        break;
    case EV_TURN_USAGE_REPORTED:
        h->input_tokens += EV(ev, turn_usage_reported)->input;
        h->output_tokens += EV(ev, turn_usage_reported)->output;
        break;
    case EV_TOOL_COMPLETED:
        note_tool(h, EV(ev, tool_completed)->call_id, "completed", EV(ev, tool_completed)->summary,
                  NULL);
        break;
    case EV_TOOL_FAILED:
        note_failed_tool(h, EV(ev, tool_failed));
        break;
    case EV_TOOL_TIMED_OUT:
        note_tool(h, EV(ev, tool_timed_out)->call_id, "timed_out", NULL,
                  EV(ev, tool_timed_out)->error);
        break;
    case EV_TOOL_CANCELLED:
        note_tool(h, EV(ev, tool_cancelled)->call_id, "cancelled", NULL,
                  EV(ev, tool_cancelled)->error);
        break;
    case EV_TURN_COMPLETED:
        snprintf(h->finish, sizeof(h->finish), "%s", EV(ev, turn_completed)->finish_reason);
        break;
    default:
        break;
    }
    if (turn_log_ends(ev, &error))
        note_end(h, ev->kind, error);
}

static bool handle_row(void *arg, struct str row)
{
    struct headless *h = arg;
    struct event *ev = turn_log_event(row);
    if (ev && ev->seq > h->seen)
        handle(h, ev);
    event_unref(ev);
    return !h->ended;
}

/* Durable events of this turn that the ring let go, from the log. */
static void read_back(struct headless *h)
{
    struct reader reader = core_reader(h->app.core);
    struct err e = ERR_INIT;
    int64_t seq;
    int64_t before;
    do {
        struct buf args = BUF_OWN;
        struct jsonw w = JSONW(&args);
        before = h->seen;
        jsonw_begin_object(&w);
        jsonw_put_i64(&w, "after", h->seen);
        jsonw_put_cstr(&w, "turn", h->turn);
        jsonw_end_object(&w);
        if (!reader.query(reader.ctx, "log.page", buf_view(&args), NULL, handle_row, h, &seq, &e))
            report_line("events were missed: ", &e);
        buf_free(&args);
    } while (h->seen > before && !h->ended);
}

static void read_events(struct headless *h)
{
    hub_arm(h->reader);
    for (struct event *ev; !h->ended && (ev = hub_next(h->reader));) {
        if (ev->kind == EV_BUS_GAP)
            read_back(h);
        else if (ev->kind == EV_BUS_DEGRADED)
            h->degraded_since = EV(ev, bus_degraded)->reason_code ? clock_mono_ms() : 0;
        else if (ev->ids.turn && strcmp(ev->ids.turn, h->turn) == 0 &&
                 (ev->seq == 0 || ev->seq > h->seen))
            handle(h, ev);
        event_unref(ev);
    }
}

static void interrupt(struct headless *h, const char *who)
{
    struct actor actor = core_actor(h->app.core);
    struct principal self = {who, ROLE_OPERATOR};
    actor.submit(actor.ctx, "turn.cancel", STR("{\"turn\":\"*\"}"), &self, NULL, NULL, NULL);
}

static void read_signals(struct headless *h)
{
    struct signalfd_siginfo info;
    while (read(h->signals, &info, sizeof(info)) == sizeof(info)) {
        /* The second one does not wait for anything: what is on the log is safe there. */
        if (h->interrupts++)
            _exit(130);
        interrupt(h, "operator");
    }
}

static void mark_running(struct headless *h)
{
    char mark[MARKER_MAX];
    int64_t now = clock_mono_ms();
    if (!h->marks || h->ended || now < h->marked_ms)
        return;
    h->marked_ms = now + MARKER_EVERY_MS;
    marker_running(mark, now - h->began_ms);
    fprintf(stderr, "%s\n", mark);
}

static void mark_begin(struct headless *h)
{
    char mark[MARKER_MAX];
    h->marks = h->format == FORMAT_TEXT && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
    h->began_ms = clock_mono_ms();
    h->marked_ms = h->began_ms + MARKER_EVERY_MS;
    marker_start(mark, h->app.turn_timeout_ms, h->app.request_timeout_ms);
    if (h->marks)
        fprintf(stderr, "%s\n", mark);
}

static void wait_for_end(struct headless *h)
{
    while (!h->ended && !h->write_failed) {
        struct pollfd p[2] = {{.fd = hub_fd(h->reader), .events = POLLIN},
                              {.fd = h->signals, .events = POLLIN}};
        int64_t deadline = h->degraded_since ? h->degraded_since + DEGRADED_MS : CLOCK_NEVER;
        deadline = h->marks ? MIN(deadline, h->marked_ms) : deadline;
        if (poll(p, 2, clock_poll_ms(deadline)) < 0 && errno != EINTR)
            break;
        if (p[1].revents)
            read_signals(h);
        read_events(h);
        mark_running(h);
        if (h->degraded_since && clock_mono_ms() >= h->degraded_since + DEGRADED_MS) {
            struct snapshot *s = hub_snapshot(core_hub(h->app.core));
            err_set(&h->err, err_code_find(s->degraded), "the log can not be written");
            h->err.phase = PHASE_PERSIST;
            snapshot_unref(s);
            h->ended = true;
            h->end = EV_TURN_FAILED;
        }
    }
}

/* ---- the end ---- */

static void print_json(struct headless *h)
{
    struct buf out = BUF_OWN;
    struct jsonw w = JSONW(&out);
    const char *status = strchr(event_table[h->end].wire, '.') + 1;
    jsonw_begin_object(&w);
    jsonw_put_cstr(&w, "status", status);
    jsonw_put_str(&w, "answer", buf_view(&h->answer));
    struct str value;
    if (h->schema.len && h->end == EV_TURN_COMPLETED && answer_json(buf_view(&h->answer), &value))
        jsonw_put_raw(&w, "value", value);
    jsonw_opt_cstr(&w, "session", h->session);
    jsonw_opt_cstr(&w, "turn", h->turn);
    jsonw_opt_cstr(&w, "finish_reason", h->finish);
    jsonw_key(&w, "usage");
    jsonw_begin_object(&w);
    jsonw_put_i64(&w, "input", h->input_tokens);
    jsonw_put_i64(&w, "output", h->output_tokens);
    jsonw_end_object(&w);
    jsonw_key(&w, "tools");
    buf_putc(&h->tools, ']');
    jsonw_raw(&w, buf_view(&h->tools));
    if (h->err.code != ERR_NONE) {
        jsonw_key(&w, "error");
        jsonw_err(&w, &h->err);
    }
    jsonw_end_object(&w);
    buf_putc(&out, '\n');
    print(h, buf_view(&out));
    buf_free(&out);
}

/* The answer goes to a terminal only as what can be shown; elsewhere byte for byte. */
static void print_text(struct headless *h)
{
    struct buf out = BUF_OWN;
    struct str text = buf_view(&h->answer);
    /* Whoever wants JSON gets JSON, or nothing. */
    if (h->schema.len && (h->end != EV_TURN_COMPLETED || !answer_json(text, &text)))
        text = STR("");
    if (isatty(STDOUT_FILENO))
        width_sanitize(&out, text);
    else
        buf_str(&out, text);
    if (out.len && out.data[out.len - 1] != '\n')
        buf_putc(&out, '\n');
    print(h, buf_view(&out));
    buf_free(&out);
}

/* What went wrong before there was a turn, told as every other failure: whoever reads JSON finds it
 * there. It is on no log, so its event has no seq. */
static void fail_early(struct headless *h, const struct err *e)
{
    h->ended = true;
    h->end = EV_TURN_FAILED;
    h->err = *e;
    if (h->format != FORMAT_EVENTS)
        return;
    struct buf error = BUF_OWN;
    struct jsonw w = JSONW(&error);
    jsonw_err(&w, e);
    struct event *ev =
        event_new(EV_ERROR_RAISED, NULL, &(struct ev_error_raised){.error = buf_cstr(&error)});
    print_event(h, ev);
    event_unref(ev);
    buf_free(&error);
}

static int finish(struct headless *h)
{
    if (!h->ended)
        return 1;
    if (h->format == FORMAT_JSON)
        print_json(h);
    else if (h->format == FORMAT_TEXT)
        print_text(h);
    if (h->end == EV_TURN_COMPLETED)
        return h->write_failed ? 1 : 0;
    report(&h->err);
    switch (h->end) {
    case EV_TURN_TIMED_OUT:
        return err_code_exit(ERR_TIMEOUT);
    case EV_TURN_CANCELLED:
        return err_code_exit(ERR_CANCELLED);
    case EV_TURN_BLOCKED:
        return h->err.code == ERR_BUDGET ? err_code_exit(ERR_BUDGET) : err_code_exit(ERR_BLOCKED);
    default:
        return err_code_exit(h->err.code) ? err_code_exit(h->err.code) : 1;
    }
}

static bool submit(struct headless *h, struct str input, struct err *e)
{
    struct actor actor = core_actor(h->app.core);
    struct principal self = {"operator", ROLE_OPERATOR};
    struct action_answer answer;
    struct buf args = BUF_OWN;
    struct jsonw w = JSONW(&args);
    jsonw_begin_object(&w);
    jsonw_put_str(&w, "input", input);
    jsonw_opt_cstr(&w, "session", h->session[0] ? h->session : NULL);
    if (h->schema.len)
        jsonw_put_raw(&w, "schema", buf_view(&h->schema));
    if (h->images.len)
        jsonw_put_raw(&w, "images", buf_view(&h->images));
    jsonw_end_object(&w);
    actor.submit_wait(actor.ctx, "turn.submit", buf_view(&args), &self, &answer);
    buf_free(&args);
    if (!answer.accepted) {
        *e = answer.err;
        return false;
    }
    memcpy(h->turn, answer.id, ID_MAX);
    struct snapshot *s = hub_snapshot(core_hub(h->app.core));
    const struct rec *r = snapshot_find(s, REC_TURN, h->turn);
    if (r)
        snprintf(h->session, sizeof(h->session), "%s", REC(r, turn)->session);
    snapshot_unref(s);
    return true;
}

static bool choose_format(struct headless *h, const struct options *o, struct err *e)
{
    static const char *const names[] = {[FORMAT_TEXT] = "text", [FORMAT_JSON] = "json", [FORMAT_EVENTS] = "events"};
    if (o->value[OPT_JSON_EVENTS] && o->value[OPT_OUTPUT])
        return err_set(e, ERR_USAGE, "--json-events and --output are two forms: say one");
    for (size_t i = 0; i < ARRAY_LEN(names) && o->value[OPT_OUTPUT]; i++)
        if (strcmp(names[i], o->value[OPT_OUTPUT]) == 0)
            h->format = (enum format)i;
    if (o->value[OPT_JSON_EVENTS])
        h->format = FORMAT_OLD;
    return true;
}

static int open_signals(void)
{
    sigset_t set;
    signals_of_end(&set);
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

int headless_run(const struct options *o)
{
    struct err e = ERR_INIT;
    struct buf input = BUF_OWN; /* at most three times INPUT_MAX: a bad byte becomes U+FFFD */
    struct watching watching = WATCHING_INIT;
    struct headless *h = NEW(struct headless);
    h->signals = -1;
    h->answer = BUF_OWN;
    h->schema = BUF_INIT(SCHEMA_BYTES_MAX);
    h->tools = BUF_OWN;
    h->images = BUF_OWN;
    buf_putc(&h->tools, '[');
    bool ok = choose_format(h, o, &e) && take_schema(&h->schema, o, &e) &&
              take_prompt(o, &input, &e) && app_open(&h->app, o, &e) &&
              app_policy(&h->app, false, &e) && app_core(&h->app, "headless", false, &e) &&
              app_session(&h->app, false, h->session, &e) && take_images(h, o, &e) &&
              watching_begin(&watching, &h->app, &e);
    if (ok) {
        struct hub_filter filter = {.events = true};
        h->signals = open_signals();
        h->reader = hub_read(core_hub(h->app.core), &filter);
        ok = (h->reader || err_sys(&e, ERR_IO, errno, "events")) &&
             (h->signals >= 0 || err_sys(&e, ERR_IO, errno, "signals")) && submit(h, buf_view(&input), &e);
    }
    if (ok) {
        mark_begin(h);
        wait_for_end(h);
    } else {
        fail_early(h, &e);
    }
    if (h->marks) {
        char mark[MARKER_MAX];
        marker_end(mark, h->end, clock_mono_ms() - h->began_ms);
        fprintf(stderr, "%s\n", mark);
    }
    int status = finish(h);
    hub_read_end(h->reader);
    watching_done(&watching);
    app_close(&h->app);
    fd_close_p(&h->signals);
    buf_free(&h->answer);
    buf_free(&h->schema);
    buf_free(&h->images);
    buf_free(&h->tools);
    buf_free(&input);
    free(h);
    return status;
}
