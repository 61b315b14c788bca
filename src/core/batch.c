/* SPDX-License-Identifier: MIT
 *
 * batch: one drain of the mailbox becomes one transaction. Facts and wishes are reduced into a
 * draft that nobody sees; when the transaction is committed the draft is what is published, and
 * when it is not, neither happened.
 */
#include "core/batch.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/map.h"
#include "base/mem.h"
#include "json/jsonw.h"

#include <stdlib.h>
#include <string.h>

/* Kinds whose effect must be on the disk, not only in its cache: edges of turns, answers of the
 * operator, and the start of what changes something. */
static bool wants_sync(enum event_kind kind)
{
    switch (kind) {
    case EV_TURN_CREATED:
    case EV_TURN_COMPLETED:
    case EV_TURN_FAILED:
    case EV_TURN_TIMED_OUT:
    case EV_TURN_CANCELLED:
    case EV_TURN_BLOCKED:
    case EV_APPROVAL_REQUESTED:
    case EV_APPROVAL_APPROVED:
    case EV_APPROVAL_REJECTED:
    case EV_TOOL_STARTED:
        return true;
    default:
        return false;
    }
}

/* What an operator should see without the wait of a full frame. */
static bool is_urgent(const struct batch *b, const struct event *ev)
{
    if (wants_sync(ev->kind))
        return true;
    if (ev->kind == EV_TURN_TEXT_DELTA)
        return EV(ev, turn_text_delta)->offset == 0;
    (void)b;
    return ev->kind == EV_SESSION_LEASED;
}

/* ---- what other processes wrote ---- */

struct foreign {
    struct batch *b;
    struct map known;     /* sessions that were written, to ask */
    VEC(char *) sessions; /* the same, in the order in which they came */
};

/* Whoever wrote an event wrote the records that it makes, too. What belongs to a session is read as it
 * became, since only a part of it may be here, and folding an event into a part counts wrong; what
 * belongs to none is folded. */
static bool fold_foreign(void *arg, struct event *ev, const char *proc)
{
    struct foreign *f = arg;
    const char *session = ev->ids.session;
    if (!session || strncmp(ev->kind_name, "task.", 5) == 0 ||
        strncmp(ev->kind_name, "memory.", 7) == 0)
        draft_reduce(f->b->draft, ev, proc);
    else if (!map_put(&f->known, str_of(session), f))
        VEC_PUSH(&f->sessions, mem_strdup(session));
    VEC_PUSH(&f->b->events, ev);
    return true;
}

/* Records that have ended and are not in the draft. */
static bool count_before(struct batch *b, struct err *e)
{
    for (int k = 0; k < REC_COUNT; k++) {
        const struct section *sec = draft_section(b->draft, (enum rec_kind)k);
        int64_t ended = 0;
        if (!store_count(b->core->store, (enum rec_kind)k, &ended, e))
            return false;
        for (size_t i = 0; i < sec->n; i++)
            ended -= rec_ended(sec->v[i]);
        draft_load_before(b->draft, (enum rec_kind)k, ended);
    }
    return true;
}

/* An entry of memory as it became: one that had left the snapshot was folded as if it were new. */
static bool memory_as_stored(struct batch *b, struct err *e)
{
    const struct rec *const *changed;
    size_t n = draft_changed(b->draft, &changed);
    for (size_t i = 0; i < n; i++) {
        struct rec *r = NULL;
        if (changed[i]->kind != REC_MEMORY || !draft_find(b->draft, REC_MEMORY, rec_key(changed[i])))
            continue;
        if (!store_find(b->core->store, REC_MEMORY, rec_key(changed[i]), &r, e))
            return false;
        if (r)
            draft_reload(b->draft, r);
    }
    return true;
}

static void reload(void *arg, struct rec *r)
{
    draft_reload(arg, r);
}

/* What was written since we looked is not all there any more: everything is read as it is stored (of
 * tasks and memory the log keeps all), and whoever reads here starts over. */
static bool start_over(struct foreign *f, int64_t first, struct err *e)
{
    struct batch *b = f->b;
    const struct section *sessions = draft_section(b->draft, REC_SESSION);
    int64_t before;
    for (size_t i = 0; i < sessions->n; i++)
        if (!map_put(&f->known, str_of(rec_key(sessions->v[i])), f))
            VEC_PUSH(&f->sessions, mem_strdup(rec_key(sessions->v[i])));
    struct event *gap = event_new(
        EV_BUS_GAP, NULL,
        &(struct ev_bus_gap){.from = b->core->seq + 1, .to = first - 1, .reset = true});
    gap->after = b->core->seq;
    VEC_PUSH(&b->events, gap);
    b->urgent = true;
    return store_load(b->core->store, REC_SAFETY, NULL, reload, b->draft, &before, e) &&
           store_load(b->core->store, REC_ERROR, NULL, reload, b->draft, &before, e);
}

static bool take_foreign(struct batch *b, int64_t last, struct err *e)
{
    struct core *c = b->core;
    struct foreign f = {.b = b};
    int64_t first, newest, folded;
    draft_source(b->draft, NULL, NULL);
    bool ok = store_range(c->store, &first, &newest, &folded, e) &&
              (first <= c->seq + 1 || start_over(&f, first, e));
    b->seen = last;
    ok = ok && store_events(c->store, c->seq, last, fold_foreign, &f, e);
    for (size_t i = 0; ok && i < f.sessions.n; i++)
        ok = sessions_bring(b, f.sessions.v[i], e);
    ok = ok && memory_as_stored(b, e);
    ok = ok && (f.sessions.n == 0 || count_before(b, e));
    draft_kept(b->draft);
    draft_source(b->draft, core_read_back, c);
    for (size_t i = 0; i < f.sessions.n; i++)
        free(f.sessions.v[i]);
    free(f.sessions.v);
    map_free(&f.known, NULL);
    return ok;
}

/* The first fact of a batch opens its transaction, and takes in what other processes wrote. */
bool batch_open(struct batch *b, struct err *e)
{
    int64_t last;
    if (b->open)
        return true;
    b->open = store_begin(b->core->store, &last, e);
    if (b->open && (last == b->core->seq || take_foreign(b, last, e)))
        return true;
    b->failed = true;
    b->err = *e;
    return false;
}

void batch_tail(struct batch *b)
{
    int64_t last;
    struct err e = ERR_INIT;
    b->tail = true;
    b->open = store_read_begin(b->core->store, &last, &e);
    if (b->open && (last == b->core->seq || take_foreign(b, last, &e)))
        return;
    b->failed = true;
    b->err = e;
}

/* ---- facts ---- */

static bool append(struct batch *b, struct event *ev, struct err *e)
{
    if (!store_append(b->core->store, ev, e)) {
        b->failed = true;
        b->err = *e;
        event_unref(ev);
        return false;
    }
    draft_reduce(b->draft, ev, store_proc(b->core->store));
    b->sync |= wants_sync(ev->kind);
    b->urgent |= is_urgent(b, ev);
    VEC_PUSH(&b->events, ev);
    return true;
}

bool batch_add(struct batch *b, struct event *ev, struct err *e)
{
    if (b->failed) {
        *e = b->err;
        event_unref(ev);
        return false;
    }
    if (!event_durable(ev)) {
        ev->after = b->core->seq;
        draft_reduce(b->draft, ev, NULL);
        b->deltas = true;
        b->urgent |= is_urgent(b, ev);
        VEC_PUSH(&b->events, ev);
        return true;
    }
    if (!batch_open(b, e) || !draft_check(b->draft, ev, e)) {
        event_unref(ev);
        return false;
    }
    return append(b, ev, e);
}

bool batch_emit(struct batch *b, enum event_kind kind, const struct event_ids *ids,
                const void *fields, struct err *e)
{
    return batch_add(b, event_new(kind, ids, fields), e);
}

void batch_effect(struct batch *b, void (*fn)(struct core *c, void *arg, bool done), void *arg)
{
    struct effect effect = {fn, arg};
    VEC_PUSH(&b->effects, effect);
}

/* A fact that may not happen is a defect of ours, but it is never lost. */
static void keep_refused(struct batch *b, struct event *ev, const struct err *why)
{
    struct buf error = BUF_OWN;
    struct buf event = BUF_OWN;
    struct jsonw w = JSONW(&error);
    struct err e = ERR_INIT;
    log_error("a fact was refused: %s", why->message);
    jsonw_err(&w, why);
    event_write(ev, &event);
    batch_emit(b, EV_ERROR_RAISED, &ev->ids,
               &(struct ev_error_raised){.error = buf_cstr(&error), .event = buf_cstr(&event)}, &e);
    buf_free(&error);
    buf_free(&event);
}

/* Facts that an operator can overtake: a turn that begins just as it is stopped, a question that is
 * given up just as it is answered. Whoever said them is told that they came too late; that is no
 * defect, and nothing of it is lost, since what overtook them is on the log. */
static bool overtaken(const struct batch *b, const struct event *ev)
{
    const struct rec *r = NULL;
    if (ev->kind == EV_TURN_STARTED)
        r = draft_find(b->draft, REC_TURN, ev->ids.turn);
    else if (ev->kind == EV_APPROVAL_EXPIRED)
        r = draft_find(b->draft, REC_APPROVAL, EV(ev, approval_expired)->approval_id);
    return r && (rec_ended(r) ||
                 (r->kind == REC_TURN && strcmp(REC(r, turn)->status, "cancelling") == 0));
}

static void take_event(struct batch *b, struct msg *m)
{
    struct err e = ERR_INIT;
    bool ok = batch_add(b, event_ref(m->event), &e);
    if (!ok && !b->failed && overtaken(b, m->event))
        err_set(&e, ERR_CANCELLED, "it was overtaken");
    else if (!ok && !b->failed)
        keep_refused(b, m->event, &e);
    if (m->waiter && !b->failed) {
        __typeof__(*b->waiters.v) row = {waiter_ref(m->waiter), e, ok};
        VEC_PUSH(&b->waiters, row);
    }
}

static void take_action(struct batch *b, struct msg *m)
{
    __typeof__(*b->answers.v) row = {.msg = m};
    action_run(b, m, &row.answer);
    VEC_PUSH(&b->answers, row);
}

void batch_init(struct batch *b, struct core *c)
{
    *b = (struct batch){.core = c, .draft = draft_new(c->snap)};
    draft_source(b->draft, core_read_back, c);
}

void batch_take(struct batch *b, struct msg *m)
{
    switch (m->type) {
    case MSG_EVENT:
        take_event(b, m);
        break;
    case MSG_ACTION:
        take_action(b, m);
        break;
    case MSG_TURN_ENDED:
        runs_ended(b, m->turn);
        break;
    case MSG_STOP:
        sessions_release(b);
        break;
    }
}

static bool write_records(struct batch *b, struct err *e)
{
    const struct rec *const *changed;
    size_t n = draft_changed(b->draft, &changed);
    for (size_t i = 0; i < n; i++)
        if (!store_put(b->core->store, changed[i], e))
            return false;
    return true;
}

bool batch_commit(struct batch *b)
{
    struct core *c = b->core;
    struct err e = ERR_INIT;
    if (b->tail && b->open)
        store_read_end(c->store);
    else if (!b->failed && b->open && (!write_records(b, &e) || !store_commit(c->store, &e))) {
        b->failed = true;
        b->err = e;
    }
    if (b->failed) {
        if (b->open && !b->tail)
            store_rollback(c->store);
        draft_drop(b->draft);
        b->draft = NULL;
        return false;
    }
    for (size_t i = 0; i < b->events.n; i++)
        c->seq = MAX(c->seq, b->events.v[i]->seq);
    c->seq = MAX(c->seq, b->seen);
    const struct snapshot *old = c->snap;
    c->snap = draft_finish(b->draft, c->seq);
    b->draft = NULL;
    snapshot_unref(old);
    return true;
}

/* Tells everybody who waited, after the batch was published. */
void batch_answer(struct batch *b)
{
    /* What could not be committed is tried again, and only then is it answered. */
    for (size_t i = 0; i < b->waiters.n && !b->failed; i++) {
        struct action_answer answer = {.accepted = b->waiters.v[i].ok, .err = b->waiters.v[i].err};
        waiter_done(b->waiters.v[i].waiter, &answer);
    }
    for (size_t i = 0; i < b->answers.n; i++) {
        struct msg *m = b->answers.v[i].msg;
        struct action_answer *answer = &b->answers.v[i].answer;
        char *text = answer->text;
        if (b->failed)
            *answer = (struct action_answer){.err = b->err};
        if (m->done)
            m->done(m->arg, answer);
        free(text);
    }
}

void batch_done(struct batch *b)
{
    for (size_t i = 0; i < b->effects.n; i++) {
        b->effects.v[i].fn(b->core, b->effects.v[i].arg, !b->failed);
        free(b->effects.v[i].arg);
    }
    for (size_t i = 0; i < b->events.n; i++)
        event_unref(b->events.v[i]);
    for (size_t i = 0; i < b->waiters.n; i++)
        waiter_unref(b->waiters.v[i].waiter);
    draft_drop(b->draft);
    free(b->events.v);
    free(b->effects.v);
    free(b->waiters.v);
    free(b->answers.v);
}
