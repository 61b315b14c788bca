/* SPDX-License-Identifier: MIT */
#include "cli/oldevents.h"

#include "json/json.h"
#include "json/jsonw.h"

#include <string.h>

static void begin(struct jsonw *w, const struct event *ev, const char *type)
{
    jsonw_begin_object(w);
    jsonw_put_cstr(w, "type", type);
    jsonw_put_i64(w, "seq", ev->seq ? ev->seq : ev->after); /* of what is not kept: the last that is */
    jsonw_put_i64(w, "ts_ms", ev->ts_ms);
}

static void end(struct jsonw *w, struct buf *out)
{
    jsonw_end_object(w);
    buf_putc(out, '\n');
}

static void plain(const struct event *ev, const char *type, struct buf *out)
{
    struct jsonw w = JSONW(out);
    begin(&w, ev, type);
    end(&w, out);
}

/* A request to the model begins. */
static void turn_start(struct oldevents *o, const struct event *ev, struct buf *out)
{
    struct jsonw w = JSONW(out);
    o->in_turn = true;
    begin(&w, ev, "turn_start");
    jsonw_put_i64(&w, "turn", ++o->turn);
    end(&w, out);
}

static void turn_end(struct oldevents *o, const struct event *ev, const char *reason, struct buf *out)
{
    struct jsonw w = JSONW(out);
    if (!o->in_turn)
        return;
    o->in_turn = false;
    begin(&w, ev, "turn_end");
    jsonw_put_i64(&w, "turn", o->turn);
    jsonw_put_cstr(&w, "finish_reason", reason);
    end(&w, out);
}

/* The texts of a message, and how many calls it makes. */
static void message(struct oldevents *o, const struct event *ev, struct buf *out)
{
    const struct ev_turn_message *m = EV(ev, turn_message);
    struct err e = ERR_INIT;
    CLEANUP(json_free_p) struct json *content = json_parse(str_of(m->content), &e);
    CLEANUP(buf_free) struct buf text = BUF_OWN;
    int64_t calls = 0;
    for (const struct json *p = json_first(content); p; p = json_next(p)) {
        calls += strcmp(json_cstr(json_get(p, "type"), ""), "tool_call") == 0;
        buf_str(&text, json_str(json_get(p, "text")));
    }
    struct jsonw w = JSONW(out);
    o->messages++;
    begin(&w, ev, "message_added");
    jsonw_put_cstr(&w, "role", m->role);
    jsonw_put_str(&w, "text", buf_view(&text));
    jsonw_put_i64(&w, "tool_calls", calls);
    end(&w, out);
}

static void tool_end(const struct event *ev, const char *call, const char *tool, bool is_error,
                     const char *content, struct buf *out)
{
    struct jsonw w = JSONW(out);
    begin(&w, ev, "tool_execution_end");
    jsonw_put_cstr(&w, "tool_call_id", call);
    jsonw_put_cstr(&w, "tool_name", tool);
    jsonw_put_bool(&w, "is_error", is_error);
    jsonw_put_cstr(&w, "content", content ? content : "");
    end(&w, out);
}

static void cost(struct oldevents *o, const struct event *ev, struct buf *out)
{
    const struct ev_turn_usage_reported *u = EV(ev, turn_usage_reported);
    struct jsonw w = JSONW(out);
    o->cost += u->cost_usd;
    begin(&w, ev, "cost_updated");
    jsonw_put_i64(&w, "turn", o->turn);
    jsonw_put_i64(&w, "input_tokens", u->input);
    jsonw_put_i64(&w, "output_tokens", u->output);
    jsonw_key(&w, "turn_cost_usd");
    jsonw_f64(&w, u->cost_usd);
    jsonw_key(&w, "cumulative_cost_usd");
    jsonw_f64(&w, o->cost);
    end(&w, out);
}

static void agent_end(struct oldevents *o, const struct event *ev, const char *status, struct buf *out)
{
    turn_end(o, ev, status, out);
    struct jsonw w = JSONW(out);
    begin(&w, ev, "agent_end");
    jsonw_put_i64(&w, "new_messages", o->messages);
    jsonw_put_cstr(&w, "status", status);
    end(&w, out);
}

void oldevents_write(struct oldevents *o, const struct event *ev, const char *tool, struct buf *out)
{
    struct jsonw w = JSONW(out);
    switch (ev->kind) {
    case EV_TURN_CREATED:
        plain(ev, "agent_start", out);
        break;
    case EV_TURN_PHASE_ENTERED:
        if (strcmp(EV(ev, turn_phase_entered)->phase, "stream") == 0 && !o->in_turn)
            turn_start(o, ev, out);
        break;
    case EV_TURN_MESSAGE:
        if (strcmp(EV(ev, turn_message)->role, "assistant") == 0 && !o->in_turn)
            turn_start(o, ev, out);
        message(o, ev, out);
        /* The results of its calls end a request's turn. */
        if (strcmp(EV(ev, turn_message)->role, "tool") == 0)
            turn_end(o, ev, "tool_calls", out);
        break;
    case EV_TURN_USAGE_REPORTED:
        cost(o, ev, out);
        break;
    case EV_TOOL_PROPOSED:
        begin(&w, ev, "tool_execution_start");
        jsonw_put_cstr(&w, "tool_call_id", EV(ev, tool_proposed)->call_id);
        jsonw_put_cstr(&w, "tool_name", EV(ev, tool_proposed)->name);
        jsonw_put_cstr(&w, "arguments", EV(ev, tool_proposed)->arguments);
        end(&w, out);
        break;
    case EV_TOOL_COMPLETED:
        tool_end(ev, EV(ev, tool_completed)->call_id, tool, false, EV(ev, tool_completed)->result, out);
        break;
    case EV_TOOL_FAILED:
        tool_end(ev, EV(ev, tool_failed)->call_id, tool, true, EV(ev, tool_failed)->result, out);
        break;
    case EV_TOOL_TIMED_OUT:
        tool_end(ev, EV(ev, tool_timed_out)->call_id, tool, true, EV(ev, tool_timed_out)->result, out);
        break;
    case EV_TOOL_CANCELLED:
        tool_end(ev, EV(ev, tool_cancelled)->call_id, tool, true, EV(ev, tool_cancelled)->result, out);
        break;
    case EV_TURN_COMPLETED:
        agent_end(o, ev, "completed", out);
        break;
    case EV_TURN_FAILED:
        agent_end(o, ev, "failed", out);
        break;
    case EV_TURN_TIMED_OUT:
        agent_end(o, ev, "timed_out", out);
        break;
    case EV_TURN_CANCELLED:
        agent_end(o, ev, "cancelled", out);
        break;
    case EV_TURN_BLOCKED:
        agent_end(o, ev, "blocked", out);
        break;
    default:
        break;
    }
}
