/* SPDX-License-Identifier: MIT
 *
 * reduce_turn: a turn from its creation to its end, and the part of the transcript that it writes.
 */
#include "state/draft.h"

#include <stdlib.h>

static const char TURN_PULLED[] = "pulled";

/* The turn as it is after the event; false when the event may not happen in it. */
static bool turn_step(const struct draft *d, const struct event *ev, struct rec_turn *ret_turn)
{
    const struct rec *r;
    const char *status;
    if (!draft_step(d, ev, &r, &status) || !r)
        return false;
    *ret_turn = *REC(r, turn);
    ret_turn->status = status;
    return true;
}

/* With its session. */
static bool turn_and_session(const struct draft *d, const struct event *ev,
                             struct rec_turn *ret_turn, struct rec_session *ret_session)
{
    if (!turn_step(d, ev, ret_turn) || !session_get(d, ret_turn->session, ret_session))
        return false;
    ret_session->updated_ms = ev->ts_ms;
    return true;
}

static void put_both(struct draft *d, const struct rec_turn *t, const struct rec_session *s)
{
    draft_put(d, REC_TURN, t);
    draft_put(d, REC_SESSION, s);
}

void reduce_turn_created(struct draft *d, const struct event *ev)
{
    const struct ev_turn_created *c = EV(ev, turn_created);
    const struct rec *r;
    const char *status;
    struct rec_session s;
    if (!draft_step(d, ev, &r, &status) || !session_get(d, ev->ids.session, &s))
        return;
    struct arena a = ARENA_INIT;
    s.turns++;
    s.redo = NULL; /* what was gone back from is another branch now */
    s.updated_ms = ev->ts_ms;
    draft_put(d, REC_TURN,
              &(struct rec_turn){.id = ev->ids.turn,
                                 .session = s.id,
                                 .status = status,
                                 .source = text_or_empty(c->source),
                                 .input = text_head(&a, c->input, INPUT_KEEP),
                                 .proc = d->proc,
                                 .created_ms = ev->ts_ms});
    draft_put(d, REC_SESSION, &s);
    arena_free(&a);
}

void reduce_turn_queued(struct draft *d, const struct event *ev)
{
    struct rec_turn t;
    if (!turn_step(d, ev, &t))
        return;
    t.position = EV(ev, turn_queued)->position;
    draft_put(d, REC_TURN, &t);
}

void reduce_turn_started(struct draft *d, const struct event *ev)
{
    const struct ev_turn_started *start = EV(ev, turn_started);
    struct rec_turn t;
    struct rec_session s;
    if (!turn_and_session(d, ev, &t, &s))
        return;
    t.provider = start->provider;
    t.model = start->model;
    t.position = 0;
    t.started_ms = ev->ts_ms;
    if (d->proc)
        t.proc = d->proc;
    put_both(d, &t, &s);
}

void reduce_turn_provider_requested(struct draft *d, const struct event *ev)
{
    struct rec_turn t;
    if (!turn_step(d, ev, &t))
        return;
    t.requests++;
    draft_put(d, REC_TURN, &t);
}

void reduce_turn_retrying(struct draft *d, const struct event *ev)
{
    struct rec_turn t;
    if (!turn_step(d, ev, &t))
        return;
    t.retries++;
    draft_put(d, REC_TURN, &t);
}

/* `to` is provider/model, or the name of another model of the same provider. */
void reduce_turn_fell_back(struct draft *d, const struct event *ev)
{
    struct rec_turn t;
    if (!turn_step(d, ev, &t))
        return;
    struct arena a = ARENA_INIT;
    struct str to = str_of(EV(ev, turn_fell_back)->to);
    ssize_t slash = str_index(to, '/');
    t.model = to.p;
    if (slash > 0) {
        t.provider = arena_strndup(&a, to.p, (size_t)slash);
        t.model = to.p + slash + 1;
    }
    draft_put(d, REC_TURN, &t);
    arena_free(&a);
}

/* ---- what it writes ---- */

/* A chunk: it opens the entry of its part or goes on in it, and live text that it holds goes. */
static void reduce_chunk(struct draft *d, const struct event *ev, const char *kind,
                         const char *part, int64_t offset, const char *text)
{
    struct rec_turn t;
    struct rec_session s;
    struct rec_entry entry;
    if (!turn_and_session(d, ev, &t, &s))
        return;
    bool there = entry_get(d, part, &entry);
    if (there && (!entry.open || strcmp(entry.turn, t.id) != 0))
        return;
    if (!there)
        entry = (struct rec_entry){.id = part, .turn = t.id, .kind = kind, .open = true};
    entry.body = body_with(entry.body, offset, text, EVENT_DATA_MAX);
    if (there) {
        draft_put(d, REC_ENTRY, &entry);
    } else {
        entry_add(d, ev, &s, &entry);
        draft_put(d, REC_SESSION, &s);
    }
    body_unref(entry.body);
    if (live_find(d->next->live, part))
        live_trim(draft_live(d), part, piece_end(offset, str_of(text).n));
}

void reduce_turn_text(struct draft *d, const struct event *ev)
{
    const struct ev_turn_text *x = EV(ev, turn_text);
    reduce_chunk(d, ev, "text", x->part, x->offset, x->text);
}

void reduce_turn_reasoning(struct draft *d, const struct event *ev)
{
    const struct ev_turn_reasoning *x = EV(ev, turn_reasoning);
    reduce_chunk(d, ev, "reasoning", x->part, x->offset, x->text);
}

/* A part of a message is whole: its entry is closed with that text, or made. */
static void part_end(struct draft *d, const struct event *ev, struct rec_session *s,
                     const struct rec_entry *like, struct str text)
{
    struct rec_entry entry;
    bool there = entry_get(d, like->id, &entry);
    if (there && strcmp(entry.turn, like->turn) != 0)
        return;
    if (!there)
        entry = *like;
    /* Chunks that said the same keep their buffer: readers of the two bodies share it. */
    entry.body = str_eq(body_view(entry.body), text) ? body_ref(entry.body) : body_of(text);
    entry.body_seq = ev->seq;
    entry.open = false;
    if (there)
        draft_put(d, REC_ENTRY, &entry);
    else
        entry_add(d, ev, s, &entry);
    body_unref(entry.body);
    if (live_find(d->next->live, like->id))
        live_end_part(draft_live(d), like->id);
}

/* Text parts of what the operator sent, and what stands for an image; text and reasoning of what the model answered. */
static void message_parts(struct draft *d, const struct event *ev, struct rec_session *s,
                          const char *turn, const struct json *content)
{
    const struct ev_turn_message *m = EV(ev, turn_message);
    bool user = strcmp(text_or_empty(m->role), "user") == 0;
    if (!content || json_type(content) != JSON_ARRAY)
        return;
    struct arena a = ARENA_INIT;
    size_t at = 0;
    for (const struct json *c = json_first(content); c; c = json_next(c), at++) {
        struct str type = json_str(json_get(c, "type"));
        bool shown = user && str_is(type, "image") && json_get(c, "text");
        bool text = str_is(type, "text") || shown;
        if (!text && (user || !str_is(type, "reasoning")))
            continue;
        const char *part = json_cstr(json_get(c, "part"), NULL);
        struct rec_entry like = {
            .id = part ? part : arena_printf(&a, "%s/%zu", text_or_empty(m->entry), at),
            .turn = turn,
            .kind = user   ? "user"
                    : text ? "text"
                           : "reasoning"};
        part_end(d, ev, s, &like, json_str(json_get(c, "text")));
    }
    arena_free(&a);
}

/* Ends the live text of a turn's answers; what its calls put out goes on. */
static void live_end_written(struct draft *d, const char *turn)
{
    for (size_t i = d->next->live->n_parts; i > 0; i--) {
        const struct live_part *p = d->next->live->parts[i - 1];
        bool written = p->kind == EV_TURN_TEXT_DELTA || p->kind == EV_TURN_REASONING_DELTA;
        if (written && p->turn && strcmp(p->turn, turn) == 0)
            live_end_part(draft_live(d), p->part);
    }
}

/* What a list shows of a message: its first text, or the first call that it makes. */
static const char *preview_of(const struct json *content, struct arena *a)
{
    for (const struct json *c = json_first(content); c; c = json_next(c)) {
        const char *text = json_cstr(json_get(c, "text"), NULL);
        const char *call = json_cstr(json_get(c, "name"), NULL);
        if (text || call)
            return text_head(a, text ? arena_strdup(a, text) : arena_printf(a, "[%s]", call),
                             INPUT_KEEP);
    }
    return NULL;
}

/* Its place in the tree. The caller puts s, and makes it the head. */
static void message_add(struct draft *d, const struct event *ev, const struct rec_session *s,
                        const char *turn, const struct json *content)
{
    const struct ev_turn_message *m = EV(ev, turn_message);
    if (draft_find(d, REC_MESSAGE, m->entry))
        return;
    struct arena a = ARENA_INIT;
    draft_put(d, REC_MESSAGE,
              &(struct rec_message){.id = m->entry,
                                    .session = s->id,
                                    .turn = turn,
                                    .role = text_or_empty(m->role),
                                    .parent = m->parent ? m->parent : s->head,
                                    .branch = text_or_empty(s->branch),
                                    .seq = ev->seq,
                                    .n = s->entries,
                                    .preview = preview_of(content, &a),
                                    .ts_ms = ev->ts_ms});
    arena_free(&a);
}

/* A message of the model ends its step, so what was begun and is not part of it (an attempt that
 * broke off) is closed as well. */
void reduce_turn_message(struct draft *d, const struct event *ev)
{
    const struct ev_turn_message *m = EV(ev, turn_message);
    const char *role = text_or_empty(m->role);
    struct rec_turn t;
    struct rec_session s;
    if (!turn_and_session(d, ev, &t, &s))
        return;
    struct err ignored = ERR_INIT; /* what can not be read has no parts to show */
    CLEANUP(json_free_p) struct json *content = json_parse(str_of(m->content), &ignored);
    if (strcmp(role, "user") == 0 || strcmp(role, "assistant") == 0)
        message_parts(d, ev, &s, t.id, content);
    if (strcmp(role, "assistant") == 0) {
        entry_close_all(d, t.session, t.id, true);
        live_end_written(d, t.id);
    }
    if (m->entry) {
        message_add(d, ev, &s, t.id, content);
        s.head = m->entry;
    }
    draft_put(d, REC_SESSION, &s);
}

void reduce_turn_steered(struct draft *d, const struct event *ev)
{
    const char *text = EV(ev, turn_steered)->text;
    struct rec_turn t;
    struct rec_session s;
    if (!turn_and_session(d, ev, &t, &s))
        return;
    struct arena a = ARENA_INIT;
    struct rec_entry entry = {.id = arena_printf(&a, "%s/steer/%lld", t.id, (long long)ev->seq),
                              .turn = t.id,
                              .kind = "steer",
                              .open = true,
                              .body = body_of(str_of(text)),
                              .body_seq = ev->seq};
    entry_add(d, ev, &s, &entry);
    body_unref(entry.body);
    arena_free(&a);
    draft_put(d, REC_SESSION, &s);
}

/* A queued turn that was taken back leaves no trace in the transcript: it says so to its end. */
void reduce_turn_pulled(struct draft *d, const struct event *ev)
{
    const struct ev_turn_pulled *p = EV(ev, turn_pulled);
    struct rec_turn t;
    struct rec_entry entry;
    if (!turn_step(d, ev, &t))
        return;
    if (!p->steer) {
        t.finish_reason = TURN_PULLED;
        draft_put(d, REC_TURN, &t);
        return;
    }
    struct arena a = ARENA_INIT;
    const char *id = arena_printf(&a, "%s/steer/%lld", t.id, (long long)p->steer);
    if (entry_get(d, id, &entry) && entry.open) {
        entry.open = false;
        entry.kind = "pulled";
        draft_put(d, REC_ENTRY, &entry);
    }
    arena_free(&a);
}

/* ---- what it used ---- */

void reduce_turn_usage_reported(struct draft *d, const struct event *ev)
{
    const struct ev_turn_usage_reported *u = EV(ev, turn_usage_reported);
    struct rec_turn t;
    struct rec_session s;
    if (!turn_and_session(d, ev, &t, &s))
        return;
    t.input_tokens = count_add(t.input_tokens, u->input);
    t.output_tokens = count_add(t.output_tokens, u->output);
    t.cost_usd = cost_add(t.cost_usd, u->cost_usd);
    s.input_tokens = count_add(s.input_tokens, u->input);
    s.output_tokens = count_add(s.output_tokens, u->output);
    s.cost_usd = cost_add(s.cost_usd, u->cost_usd);
    put_both(d, &t, &s);
}

void reduce_turn_context_measured(struct draft *d, const struct event *ev)
{
    struct rec_turn t;
    struct rec_session s;
    if (!turn_and_session(d, ev, &t, &s))
        return;
    s.context_used = EV(ev, turn_context_measured)->used;
    s.context_window = EV(ev, turn_context_measured)->window;
    draft_put(d, REC_SESSION, &s);
}

void reduce_turn_compacted(struct draft *d, const struct event *ev)
{
    struct rec_turn t;
    struct rec_session s;
    if (!turn_and_session(d, ev, &t, &s))
        return;
    s.context_used = EV(ev, turn_compacted)->after;
    draft_put(d, REC_SESSION, &s);
}

/* ---- its end ---- */

void reduce_turn_cancelling(struct draft *d, const struct event *ev)
{
    struct rec_turn t;
    if (!turn_step(d, ev, &t))
        return;
    t.by = EV(ev, turn_cancelling)->by;
    draft_put(d, REC_TURN, &t);
}

/* What a terminal event says; `entry`: it shows in the transcript. */
struct ending {
    const char *finish_reason, *by, *error;
    bool entry;
};

static void turn_end(struct draft *d, const struct event *ev, const struct ending *end)
{
    struct rec_turn t;
    struct rec_session s;
    if (!turn_and_session(d, ev, &t, &s))
        return;
    entry_close_all(d, t.session, t.id, false);
    if (end->entry) {
        struct arena a = ARENA_INIT;
        entry_add(d, ev, &s,
                  &(struct rec_entry){.id = arena_printf(&a, "%s/end", t.id),
                                      .turn = t.id,
                                      .kind = "end",
                                      .error = end->error});
        arena_free(&a);
    }
    if (live_has_turn(d->next->live, t.id))
        live_end_turn(draft_live(d), t.id);
    t.finish_reason = end->finish_reason;
    if (end->by)
        t.by = end->by;
    t.error = end->error;
    t.position = 0;
    t.ended_ms = ev->ts_ms;
    put_both(d, &t, &s);
}

void reduce_turn_completed(struct draft *d, const struct event *ev)
{
    turn_end(d, ev, &(struct ending){.finish_reason = EV(ev, turn_completed)->finish_reason});
}

void reduce_turn_failed(struct draft *d, const struct event *ev)
{
    turn_end(d, ev, &(struct ending){.error = EV(ev, turn_failed)->error, .entry = true});
}

void reduce_turn_timed_out(struct draft *d, const struct event *ev)
{
    turn_end(d, ev, &(struct ending){.error = EV(ev, turn_timed_out)->error, .entry = true});
}

void reduce_turn_cancelled(struct draft *d, const struct event *ev)
{
    const struct ev_turn_cancelled *c = EV(ev, turn_cancelled);
    const struct rec *r = draft_find(d, REC_TURN, ev->ids.turn);
    const char *reason = r ? REC(r, turn)->finish_reason : NULL;
    bool pulled = reason && strcmp(reason, TURN_PULLED) == 0;
    turn_end(d, ev,
             &(struct ending){.finish_reason = pulled ? TURN_PULLED : NULL,
                              .by = c->by,
                              .error = c->error,
                              .entry = !pulled});
}

void reduce_turn_blocked(struct draft *d, const struct event *ev)
{
    turn_end(d, ev, &(struct ending){.error = EV(ev, turn_blocked)->error, .entry = true});
}
