/* SPDX-License-Identifier: MIT
 *
 * frame: artifacts as panels.
 */
#include "watch/frame.h"

#include "base/clock.h"
#include "json/jsonw.h"
#include "text/width.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { FAILING_FROM = 3, ALERT_DIAGNOSTICS = 3, EDGES = 4, PROVIDER_CELLS = 12, STATE_CELLS = 9 };

struct alert {
    const char *severity;
    char code[ARTIFACT_NAME], message[ARTIFACT_TEXT];
};

/* ---- what follows from the facts ---- */

const char *frame_heartbeat(const struct artifacts *a)
{
    if (!a->has_state)
        return "unknown";
    return a->failure_streak >= FAILING_FROM                  ? "failing"
           : a->failure_streak > 0 || a->queue_depth > 0 ? "degraded"
                                                              : "healthy";
}

static void set_alert(struct alert *to, const char *severity, const char *code, const char *fmt, ...)
    ATTR_PRINTF(4, 5);
static void set_alert(struct alert *to, const char *severity, const char *code, const char *fmt, ...)
{
    va_list ap;
    to->severity = severity;
    snprintf(to->code, sizeof(to->code), "%s", code);
    va_start(ap, fmt);
    vsnprintf(to->message, sizeof(to->message), fmt, ap);
    va_end(ap);
}

enum { ALERTS_MAX = 6 };

/* The most urgent first. */
static size_t alerts_of(const struct artifacts *a, struct alert v[ALERTS_MAX])
{
    size_t n = 0;
    if (!a->has_state)
        set_alert(&v[n++], "warning", "state_unknown", "the state can not be read: nothing is known of its health");
    if (a->asks[0])
        set_alert(&v[n++], "warning", "approval_wanted", "an answer is wanted: %.150s", a->asks);
    if (a->paused)
        set_alert(&v[n++], "info", "operator_pause_active", "an operator paused it");
    if (a->failure_streak > 0)
        set_alert(&v[n++], a->failure_streak >= FAILING_FROM ? "critical" : "warning", "runtime_failure_streak",
                  "%" PRId64 " failed one after another", a->failure_streak);
    if (a->queue_depth > 0)
        set_alert(&v[n++], "warning", "runtime_queue_backlog", "%" PRId64 " wait", a->queue_depth);
    if (n < ALERTS_MAX && a->failed + a->cancelled > 0)
        set_alert(&v[n++], "warning", "training_failures", "%" PRId64 " failed or were stopped",
                  a->failed + a->cancelled);
    if (n == 0)
        set_alert(&v[n++], "info", "dashboard_healthy", "all is well");
    return n;
}

static const char *next_action(const struct artifacts *a)
{
    if (!a->has_state)
        return "see the diagnostics; in the console :watch up writes these files";
    if (a->asks[0])
        return "answer the question in the console, or tau ctl approval.resolve";
    if (a->paused)
        return "resume it when it may go on";
    if (a->failure_streak > 0)
        return "look at the newest failure: tau events --kind turn.";
    return a->queue_depth > 0 ? "wait, or stop the running turn: tau ctl turn.cancel" : "none is needed";
}

/* ---- drawing ---- */

struct panels {
    const struct frame_look *look;
    struct buf *out;
};

static const struct {
    const char *word, *colour;
} colours[] = {
    {"healthy", "\x1b[32m"}, {"degraded", "\x1b[33m"}, {"failing", "\x1b[31m"}, {"unknown", "\x1b[35m"},
    {"critical", "\x1b[31m"}, {"warning", "\x1b[33m"},
};

static void add_cells(struct buf *out, struct str clean, int cells)
{
    int used;
    size_t n = width_fit(clean, cells, &used);
    buf_str(out, str_sub(clean, 0, n));
    buf_fill(out, ' ', (size_t)MAX(0, cells - used));
}

static void edge(struct panels *p)
{
    buf_putc(p->out, '+');
    buf_fill(p->out, '-', (size_t)(p->look->width - 2));
    buf_puts(p->out, "+\n");
}

/* A line between the bars; from a word that has a colour on it is in that. */
static void line(struct panels *p, const char *fmt, ...) ATTR_PRINTF(2, 3);
static void line(struct panels *p, const char *fmt, ...)
{
    CLEANUP(buf_free) struct buf raw = BUF_OWN, clean = BUF_OWN;
    const char *colour = NULL;
    va_list ap;
    va_start(ap, fmt);
    buf_vprintf(&raw, fmt, ap);
    va_end(ap);
    width_sanitize(&clean, buf_view(&raw));
    for (size_t i = 0; i < clean.len; i++)
        clean.data[i] = clean.data[i] == '\n' ? ' ' : clean.data[i];
    for (size_t i = 0; p->look->colour && i < ARRAY_LEN(colours) && !colour; i++)
        if (strstr(buf_cstr(&clean), colours[i].word))
            colour = colours[i].colour;
    buf_puts(p->out, "| ");
    buf_puts(p->out, colour ? colour : "");
    add_cells(p->out, buf_view(&clean), p->look->width - EDGES);
    buf_puts(p->out, colour ? "\x1b[0m" : "");
    buf_puts(p->out, " |\n");
}

static void begin(struct panels *p, const char *title)
{
    edge(p);
    line(p, "%s", title);
    edge(p);
}

static const char *known(bool is, const char *text)
{
    return !is ? "unknown" : text[0] ? text : "none";
}

static void status_panel(struct panels *p, const struct artifacts *a)
{
    begin(p, "STATUS");
    line(p, "environment: %s", p->look->environment);
    line(p, "profile: %s", p->look->profile);
    line(p, "heartbeat: %s", frame_heartbeat(a));
    line(p, "health.reason: %s", known(a->has_events, a->health_reason));
    if (!a->has_tau)
        return;
    line(p, "session: %s", known(true, a->session));
    line(p, "turn: %s%s%s", known(true, a->turn), a->phase[0] ? " in " : "", a->phase);
    line(p, "tool: %s", known(true, a->tool));
    line(p, "tasks: %" PRId64 "/%" PRId64, a->tasks_done, a->tasks);
    if (a->pid > 0)
        line(p, "process: %" PRId64 " at event %" PRId64, a->pid, a->seq);
    else
        line(p, "process: ended at event %" PRId64, a->seq);
}

/* What a file leaves out is not known. */
static const char *said(const char *text)
{
    return text[0] ? text : "unknown";
}

static void auth_panel(struct panels *p, const struct artifacts *a)
{
    begin(p, "AUTH");
    line(p, "auth.mode: %s", said(a->has_auth ? a->auth_mode : ""));
    line(p, "auth.required: %s", !a->has_auth ? "unknown" : a->auth_required ? "true" : "false");
    line(p, "%-*s %-*s %-*s %s", PROVIDER_CELLS, "provider", PROVIDER_CELLS, "mode", STATE_CELLS, "state",
         "source");
    for (size_t i = 0; i < a->n_providers; i++) {
        const struct artifact_provider *v = &a->providers[i];
        line(p, "%-*.*s %-*.*s %-*.*s %s", PROVIDER_CELLS, PROVIDER_CELLS, said(v->provider), PROVIDER_CELLS,
             PROVIDER_CELLS, said(v->mode), STATE_CELLS, STATE_CELLS, said(v->state), said(v->source));
    }
    if (a->n_providers == 0)
        line(p, "%s", known(a->has_auth, ""));
}

static void count(struct panels *p, const char *name, bool is, int64_t n)
{
    if (is)
        line(p, "%s: %" PRId64, name, n);
    else
        line(p, "%s: unknown", name);
}

static void training_panel(struct panels *p, const struct artifacts *a)
{
    begin(p, "TRAINING");
    count(p, "rollouts.total", a->has_training, a->total);
    count(p, "rollouts.succeeded", a->has_training, a->succeeded);
    count(p, "rollouts.failed", a->has_training, a->failed + a->cancelled);
    if (a->has_training && a->total > 0)
        line(p, "rollouts.pass_rate: %.2f%%", 100.0 * (double)a->succeeded / (double)a->total);
    else
        line(p, "rollouts.pass_rate: %s", a->has_training ? "none yet" : "unknown");
    count(p, "queue.depth", a->has_state, a->queue_depth);
    count(p, "failure.streak", a->has_state, a->failure_streak);
}

static void alerts_panel(struct panels *p, const struct artifacts *a)
{
    struct alert v[ALERTS_MAX];
    size_t n = alerts_of(a, v);
    begin(p, "ALERTS");
    line(p, "primary_alert.code: %s", v[0].code);
    line(p, "primary_alert.severity: %s", v[0].severity);
    line(p, "primary_alert.message: %s", v[0].message);
    for (size_t i = 1; i < n; i++)
        line(p, "- %s:%s: %s", v[i].severity, v[i].code, v[i].message);
    for (size_t i = 0; i < a->n_alerts; i++)
        line(p, "- %s:%s: %s", a->alerts[i].severity, a->alerts[i].code, a->alerts[i].message);
    if (a->n_diagnostics > 0)
        line(p, "artifact diagnostics active (%zu)", a->n_diagnostics);
    for (size_t i = 0; i < MIN(a->n_diagnostics, (size_t)ALERT_DIAGNOSTICS); i++)
        line(p, "artifact: %s", a->diagnostics[i].code);
}

static void actions_panel(struct panels *p, const struct artifacts *a)
{
    begin(p, "ACTIONS");
    line(p, "control.mode: %s", !a->has_control ? "unknown" : a->paused ? "paused" : "running");
    line(p, "next action: %s", next_action(a));
    line(p, "training.run_state: %s", said(a->has_training ? a->run_state : ""));
    count(p, "processed cases", a->has_state, (int64_t)a->processed);
    if (a->action[0])
        line(p, "last action: %s by %s @ %" PRId64, a->action, said(a->actor), a->action_ms);
    else
        line(p, "last action: none");
    line(p, "last reason codes: %s", known(a->has_events, a->reason_codes));
    line(p, "artifact diagnostics count: %zu", a->n_diagnostics);
    line(p, "artifact diagnostics summary: parse_failed=%zu missing=%zu jsonl_malformed=%zu read_failed=%zu",
         a->count[ARTIFACT_PARSE_FAILED], a->count[ARTIFACT_MISSING], a->count[ARTIFACT_JSONL_MALFORMED],
         a->count[ARTIFACT_READ_FAILED]);
    /* The code is for programs; where and why has a line of its own, so that neither is cut. */
    for (size_t i = 0; i < a->n_diagnostics; i++) {
        line(p, "diag: %s", a->diagnostics[i].code);
        line(p, "  %s", a->diagnostics[i].text);
    }
    edge(p);
}

void frame_write(const struct artifacts *a, const struct frame_look *look, struct buf *out)
{
    CLEANUP(buf_free) struct buf head = BUF_OWN, clean = BUF_OWN;
    struct panels p = {look, out};
    int used;
    buf_printf(&head, "operator profile=%s environment=%s heartbeat=%s", look->profile, look->environment,
               frame_heartbeat(a));
    width_sanitize(&clean, buf_view(&head));
    buf_str(out, str_sub(buf_view(&clean), 0, width_fit(buf_view(&clean), look->width, &used)));
    buf_puts(out, "\n\n");
    status_panel(&p, a);
    auth_panel(&p, a);
    training_panel(&p, a);
    alerts_panel(&p, a);
    actions_panel(&p, a);
}

/* ---- JSON ---- */

void frame_json(const struct artifacts *a, const struct frame_look *look, struct buf *out)
{
    struct jsonw w = {.out = out};
    struct alert v[ALERTS_MAX];
    size_t n = alerts_of(a, v);
    jsonw_begin_object(&w);
    jsonw_put_cstr(&w, "profile", look->profile);
    jsonw_put_cstr(&w, "environment", look->environment);
    jsonw_put_cstr(&w, "heartbeat", frame_heartbeat(a));
    jsonw_opt_cstr(&w, "health_reason", a->has_events ? a->health_reason : NULL);
    jsonw_opt_cstr(&w, "control_mode", !a->has_control ? NULL : a->paused ? "paused" : "running");
    if (a->action[0]) {
        jsonw_key(&w, "last_action");
        jsonw_begin_object(&w);
        jsonw_put_cstr(&w, "action", a->action);
        jsonw_put_cstr(&w, "actor", a->actor);
        jsonw_put_i64(&w, "timestamp_unix_ms", a->action_ms);
        jsonw_end_object(&w);
    }
    if (a->has_state) {
        jsonw_put_i64(&w, "queue_depth", a->queue_depth);
        jsonw_put_i64(&w, "failure_streak", a->failure_streak);
        jsonw_put_i64(&w, "processed_cases", (int64_t)a->processed);
    }
    if (a->has_training) {
        jsonw_put_cstr(&w, "run_state", a->run_state);
        jsonw_put_i64(&w, "total", a->total);
        jsonw_put_i64(&w, "succeeded", a->succeeded);
        jsonw_put_i64(&w, "failed", a->failed);
        jsonw_put_i64(&w, "cancelled", a->cancelled);
    }
    if (a->has_tau) {
        jsonw_put_i64(&w, "pid", a->pid);
        jsonw_put_i64(&w, "seq", a->seq);
        jsonw_put_cstr(&w, "session", a->session);
        jsonw_put_cstr(&w, "turn", a->turn);
        jsonw_put_cstr(&w, "phase", a->phase);
        jsonw_put_cstr(&w, "tool", a->tool);
        jsonw_put_i64(&w, "tasks", a->tasks);
        jsonw_put_i64(&w, "tasks_done", a->tasks_done);
    }
    jsonw_key(&w, "alerts");
    jsonw_begin_array(&w);
    for (size_t i = 0; i < n; i++) {
        jsonw_begin_object(&w);
        jsonw_put_cstr(&w, "code", v[i].code);
        jsonw_put_cstr(&w, "severity", v[i].severity);
        jsonw_put_cstr(&w, "message", v[i].message);
        jsonw_end_object(&w);
    }
    jsonw_end_array(&w);
    jsonw_key(&w, "diagnostics");
    jsonw_begin_array(&w);
    for (size_t i = 0; i < a->n_diagnostics; i++) {
        jsonw_begin_object(&w);
        jsonw_put_cstr(&w, "code", a->diagnostics[i].code);
        jsonw_put_cstr(&w, "reason", a->diagnostics[i].text);
        jsonw_end_object(&w);
    }
    jsonw_end_array(&w);
    jsonw_end_object(&w);
}

size_t frame_differs(struct str a, struct str b)
{
    struct str x = STR(""), y = STR("");
    size_t n = 0;
    for (;;) {
        bool has_x = str_line(&a, &x), has_y = str_line(&b, &y);
        if (!has_x && !has_y)
            return n;
        n += has_x != has_y || !str_eq(x, y);
    }
}
