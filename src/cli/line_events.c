/* SPDX-License-Identifier: MIT
 *
 * line_events: what happens in the turn that was asked for: its answer on standard output as it comes,
 * calls, questions and its end on standard error.
 */
#include "cli/line_mode.h"
#include "cli/turn_log.h"

#include "base/clock.h"
#include "base/mem.h"
#include "contract/marker.h"
#include "json/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the answer ---- */

static void end_line(struct line *l)
{
    if (l->open_line)
        line_out(l, STR("\n"));
}

/* Text at its place in a part: a delta, or the chunk that is kept of several. What was printed is not
 * printed again; what is missing between comes with the chunk. */
static void add_text(struct line *l, const char *part, int64_t offset, struct str text)
{
    if (strcmp(l->part, part) != 0) {
        end_line(l);
        snprintf(l->part, sizeof(l->part), "%s", part);
        l->printed = 0;
    }
    if (offset > l->printed || offset + (int64_t)text.n <= l->printed)
        return;
    size_t known = (size_t)(l->printed - offset);
    line_out(l, str_sub(text, known, text.n));
    l->printed = offset + (int64_t)text.n;
}

/* ---- calls ---- */

static void name_call(struct line *l, const struct ev_tool_proposed *t)
{
    struct line_call c = {0};
    snprintf(c.id, sizeof(c.id), "%s", t->call_id);
    snprintf(c.name, sizeof(c.name), "%s", t->name);
    VEC_PUSH(&l->calls, c);
}

static void say_call(struct line *l, const char *call, const char *how, const char *what)
{
    const char *name = "call";
    for (size_t i = 0; i < l->calls.n; i++)
        if (strcmp(l->calls.v[i].id, call) == 0)
            name = l->calls.v[i].name;
    end_line(l);
    line_say(l, "%s: %s%s%s", name, how, what && what[0] ? ": " : "", what ? what : "");
}

static void read_failure(const char *json, struct err *ret)
{
    struct err e = ERR_INIT;
    CLEANUP(json_free_p) struct json *j = json_parse(str_of(json), &e);
    if (j)
        json_read_err(j, ret);
}

static void say_failed(struct line *l, const char *call, const char *how, const char *error)
{
    struct err e = ERR_INIT;
    read_failure(error, &e);
    say_call(l, call, how, e.message);
}

/* ---- questions ---- */

static void ask(struct line *l, const struct ev_approval_requested *q)
{
    struct line_question *to = &l->question;
    free(to->text);
    *to = (struct line_question){.risky = strcmp(q->risk, "risky") == 0,
                                 .has_session = q->session_rule != NULL,
                                 .has_prefix = q->prefix_rule != NULL};
    snprintf(to->id, sizeof(to->id), "%s", q->approval_id);
    to->text = mem_printf("%s\nrisk %s, rule: %s\n%s", q->action, q->risk, q->rule, q->preview ? q->preview : "");
    end_line(l);
    line_say(l, "asks: %s", q->action);
    line_say(l, "  risk %s, rule: %s", q->risk, q->rule);
    if (q->session_rule)
        line_say(l, "  a would allow: %s", q->session_rule);
    if (q->prefix_rule)
        line_say(l, "  p would allow: %s", q->prefix_rule);
    line_say(l, "  answer %s%s%s, n [REASON], or d for all of it", to->risky ? "yes" : "y (once)",
             to->has_session ? ", a (this session)" : "", to->has_prefix ? ", p (always)" : "");
}

static void answered(struct line *l, const char *id)
{
    if (strcmp(l->question.id, id) == 0)
        l->question.id[0] = '\0';
}

/* ---- the end ---- */

static void end(struct line *l, enum event_kind kind, const char *error)
{
    char mark[MARKER_MAX];
    struct err e = ERR_INIT;
    end_line(l);
    l->turn[0] = l->question.id[0] = '\0';
    l->calls.n = 0;
    marker_end(mark, kind, clock_mono_ms() - l->began_ms);
    line_say(l, "%s", mark);
    if (kind == EV_TURN_COMPLETED)
        return;
    read_failure(error ? error : "{}", &e);
    if (e.code == ERR_NONE)
        err_set(&e, kind == EV_TURN_CANCELLED ? ERR_CANCELLED : ERR_INTERNAL, "the turn did not come to its end");
    line_fail(l, &e);
}

void line_mark(struct line *l, int64_t now_ms)
{
    char mark[MARKER_MAX];
    if (!l->turn[0] || now_ms < l->marked_ms)
        return;
    l->marked_ms = now_ms + MARKER_EVERY_MS;
    marker_running(mark, now_ms - l->began_ms);
    end_line(l);
    line_say(l, "%s", mark);
}

/* ---- events ---- */

static void handle(struct line *l, const struct event *ev)
{
    const char *error;
    if (ev->seq)
        l->seen = ev->seq;
    switch (ev->kind) {
    case EV_TURN_TEXT_DELTA:
        add_text(l, EV(ev, turn_text_delta)->part, EV(ev, turn_text_delta)->offset,
                 str_of(EV(ev, turn_text_delta)->text));
        break;
    case EV_TURN_TEXT:
        add_text(l, EV(ev, turn_text)->part, EV(ev, turn_text)->offset, str_of(EV(ev, turn_text)->text));
        break;
    case EV_TOOL_PROPOSED:
        name_call(l, EV(ev, tool_proposed));
        break;
    case EV_TOOL_COMPLETED:
        say_call(l, EV(ev, tool_completed)->call_id, "ok", EV(ev, tool_completed)->summary);
        break;
    case EV_TOOL_FAILED:
        say_failed(l, EV(ev, tool_failed)->call_id, "failed", EV(ev, tool_failed)->error);
        break;
    case EV_TOOL_TIMED_OUT:
        say_failed(l, EV(ev, tool_timed_out)->call_id, "timed out", EV(ev, tool_timed_out)->error);
        break;
    case EV_TOOL_CANCELLED:
        say_failed(l, EV(ev, tool_cancelled)->call_id, "stopped", EV(ev, tool_cancelled)->error);
        break;
    case EV_APPROVAL_REQUESTED:
        ask(l, EV(ev, approval_requested));
        break;
    case EV_APPROVAL_APPROVED:
        answered(l, EV(ev, approval_approved)->approval_id);
        break;
    case EV_APPROVAL_REJECTED:
        answered(l, EV(ev, approval_rejected)->approval_id);
        break;
    case EV_APPROVAL_EXPIRED:
        answered(l, EV(ev, approval_expired)->approval_id);
        break;
    default:
        break;
    }
    if (turn_log_ends(ev, &error))
        end(l, ev->kind, error);
}

static bool handle_row(void *arg, struct str row)
{
    struct line *l = arg;
    struct event *ev = turn_log_event(row);
    if (ev && ev->seq > l->seen)
        handle(l, ev);
    event_unref(ev);
    return l->turn[0] != '\0';
}

/* What the ring let go, from the log. */
static void read_back(struct line *l)
{
    struct reader reader = core_reader(l->app.core);
    struct err e = ERR_INIT;
    int64_t seq, before;
    do {
        CLEANUP(buf_free) struct buf args = BUF_OWN;
        before = l->seen;
        buf_printf(&args, "{\"after\":%lld,\"turn\":\"%s\"}", (long long)l->seen, l->turn);
        if (!reader.query(reader.ctx, "log.page", buf_view(&args), NULL, handle_row, l, &seq, &e))
            line_say(l, "events were missed: %s", e.message);
    } while (l->seen > before && l->turn[0]);
}

void line_events(struct line *l)
{
    hub_arm(l->reader);
    for (struct event *ev; (ev = hub_next(l->reader));) {
        if (ev->kind == EV_BUS_GAP && l->turn[0])
            read_back(l);
        else if (l->turn[0] && ev->ids.turn && strcmp(ev->ids.turn, l->turn) == 0 &&
                 (ev->seq == 0 || ev->seq > l->seen))
            handle(l, ev);
        event_unref(ev);
    }
}
