/* SPDX-License-Identifier: MIT
 *
 * reduce_tool: calls of tools. A call has a record and, under the same id, a place in the
 * transcript.
 */
#include "state/draft.h"

static bool tool_step(const struct draft *d, const struct event *ev, struct rec_tool *ret_tool)
{
    const struct rec *r;
    const char *status;
    if (!draft_step(d, ev, &r, &status) || !r)
        return false;
    *ret_tool = *REC(r, tool);
    ret_tool->status = status;
    return true;
}

void reduce_tool_proposed(struct draft *d, const struct event *ev)
{
    const struct ev_tool_proposed *p = EV(ev, tool_proposed);
    const struct rec *turn = draft_find(d, REC_TURN, ev->ids.turn);
    const struct rec *r;
    const char *status;
    struct rec_session s;
    if (!turn || !draft_step(d, ev, &r, &status) || !session_get(d, REC(turn, turn)->session, &s))
        return;
    struct rec_tool t = {.id = p->call_id,
                         .session = s.id,
                         .turn = ev->ids.turn,
                         .name = text_or_empty(p->name),
                         .status = status,
                         .arguments = body_of(str_of(p->arguments)),
                         .arguments_seq = ev->seq,
                         .exit = I64_NONE,
                         .proposed_ms = ev->ts_ms};
    draft_put(d, REC_TOOL, &t);
    body_unref(t.arguments);
    entry_add(
        d, ev, &s,
        &(struct rec_entry){.id = p->call_id, .turn = ev->ids.turn, .kind = "tool", .open = true});
    s.updated_ms = ev->ts_ms;
    draft_put(d, REC_SESSION, &s);
}

void reduce_tool_started(struct draft *d, const struct event *ev)
{
    const char *edited = EV(ev, tool_started)->arguments;
    struct rec_tool t;
    if (!tool_step(d, ev, &t))
        return;
    struct body arguments = edited ? body_of(str_of(edited)) : body_ref(t.arguments);
    t.arguments = arguments;
    if (edited)
        t.arguments_seq = ev->seq;
    t.started_ms = ev->ts_ms;
    draft_put(d, REC_TOOL, &t);
    body_unref(arguments);
}

/* Past OUTPUT_KEEP the chunk only says how many bytes went to which artifact. */
void reduce_tool_output(struct draft *d, const struct event *ev)
{
    const struct ev_tool_output *o = EV(ev, tool_output);
    struct rec_tool t;
    if (!tool_step(d, ev, &t))
        return;
    size_t n = o->text ? strlen(o->text) : (size_t)MAX(o->bytes, 0);
    int64_t end = piece_end(o->offset, n);
    struct body output = body_with(t.output, o->offset, o->text, OUTPUT_KEEP);
    t.output = output;
    t.bytes = MAX(t.bytes, end);
    if (o->artifact)
        t.artifact = o->artifact;
    if (live_find(d->next->live, t.id))
        live_trim(draft_live(d), t.id, end);
    draft_put(d, REC_TOOL, &t);
    body_unref(output);
}

/* What a terminal event says; bytes 0: what was counted so far. */
struct ending {
    const char *result, *summary, *artifact, *files, *error;
    int64_t bytes, exit;
    bool truncated;
};

static void tool_end(struct draft *d, const struct event *ev, const struct ending *end)
{
    struct rec_tool t;
    struct rec_session s;
    if (!tool_step(d, ev, &t))
        return;
    struct body result = body_of(str_of(end->result));
    t.output = BODY_NONE;
    t.result = result;
    t.result_seq = end->result ? ev->seq : 0;
    t.summary = end->summary;
    if (end->bytes > 0)
        t.bytes = end->bytes;
    t.truncated = end->truncated;
    if (end->artifact)
        t.artifact = end->artifact;
    t.exit = end->exit;
    t.files = end->files;
    t.error = end->error;
    t.ended_ms = ev->ts_ms;
    entry_close(d, t.id);
    if (live_find(d->next->live, t.id))
        live_end_part(draft_live(d), t.id);
    if (session_get(d, t.session, &s)) {
        s.updated_ms = ev->ts_ms;
        draft_put(d, REC_SESSION, &s);
    }
    draft_put(d, REC_TOOL, &t);
    body_unref(result);
}

void reduce_tool_completed(struct draft *d, const struct event *ev)
{
    const struct ev_tool_completed *c = EV(ev, tool_completed);
    tool_end(d, ev,
             &(struct ending){.result = c->result,
                              .summary = c->summary,
                              .artifact = c->artifact,
                              .files = c->files,
                              .bytes = c->bytes,
                              .exit = c->exit,
                              .truncated = c->truncated});
}

void reduce_tool_failed(struct draft *d, const struct event *ev)
{
    const struct ev_tool_failed *f = EV(ev, tool_failed);
    tool_end(d, ev,
             &(struct ending){.result = f->result,
                              .summary = f->summary,
                              .artifact = f->artifact,
                              .files = f->files,
                              .error = f->error,
                              .bytes = f->bytes,
                              .exit = f->exit,
                              .truncated = f->truncated});
}

void reduce_tool_timed_out(struct draft *d, const struct event *ev)
{
    const struct ev_tool_timed_out *o = EV(ev, tool_timed_out);
    tool_end(d, ev,
             &(struct ending){.result = o->result,
                              .artifact = o->artifact,
                              .files = o->files,
                              .error = o->error,
                              .exit = I64_NONE});
}

void reduce_tool_cancelled(struct draft *d, const struct event *ev)
{
    const struct ev_tool_cancelled *c = EV(ev, tool_cancelled);
    tool_end(d, ev,
             &(struct ending){.result = c->result,
                              .artifact = c->artifact,
                              .files = c->files,
                              .error = c->error,
                              .exit = I64_NONE});
}
