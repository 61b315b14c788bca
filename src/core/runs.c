/* SPDX-License-Identifier: MIT
 *
 * runs: the turns of this process. One turn runs in a session at a time and `turns_max` in all; the
 * others wait in order, and are told their place. Each turn has a thread of its own, which core
 * joins when the turn says that it has ended.
 */
#include "agent/steer.h"
#include "base/clock.h"
#include "base/mem.h"
#include "core/internal.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

static const char *cancelled_by(void *arg)
{
    struct run *run = arg;
    const char *by = atomic_load(&run->by);
    return by ? by : "operator";
}

/* A turn thread: the turn, then word to core that the thread can be joined. */
static void run_thread(void *arg)
{
    struct run *run = arg;
    struct core *c = run->core;
    struct turn_start start = {.session = run->session,
                               .turn = run->id,
                               .input = run->input,
                               .model = run->model,
                               .schema = run->schema,
                               .images = run->images,
                               .cancel = run->cancel,
                               .steers = run->steers,
                               .cancelled_by = cancelled_by,
                               .arg = run};
    turn_run(&c->env, &start);
    struct msg *m = NEW(struct msg);
    m->type = MSG_TURN_ENDED;
    memcpy(m->turn, run->id, ID_MAX);
    if (!queue_push(&c->mailbox, &m->node, true))
        msg_free(m);
}

struct run *runs_of_session(struct core *c, const char *session)
{
    for (struct run *r = c->runs; r; r = r->next)
        if (strcmp(r->session, session) == 0)
            return r;
    return NULL;
}

struct run *runs_find(struct core *c, const char *turn)
{
    for (struct run *r = c->runs; r; r = r->next)
        if (strcmp(r->id, turn) == 0)
            return r;
    return NULL;
}

void run_free(struct run *r)
{
    cancel_unref(r->cancel);
    steers_free(r->steers);
    free(r->input);
    free(r->images);
    free(r->model);
    free(r->schema);
    free(r);
}

static void remove_run(struct core *c, struct run *run)
{
    for (struct run **at = &c->runs; *at; at = &(*at)->next)
        if (*at == run) {
            *at = run->next;
            break;
        }
    run_free(run);
}

static bool may_start(struct core *c, const struct run *run)
{
    int64_t running = 0;
    for (const struct run *r = c->runs; r; r = r->next) {
        if (r->started)
            running++;
        if (r->started && strcmp(r->session, run->session) == 0)
            return false;
    }
    return running < c->turns_max;
}

/* Effect: starts whatever may start now. */
static void start_waiting(struct core *c, void *arg, bool done)
{
    (void)arg;
    for (struct run *r = done ? c->runs : NULL; r; r = r->next) {
        struct err e = ERR_INIT;
        /* It may have been cancelled in the transaction that made room for it. */
        const struct rec *rec = snapshot_find(c->snap, REC_TURN, r->id);
        if (r->started || !rec || rec_ended(rec) || cancel_fired(r->cancel) || !may_start(c, r))
            continue;
        r->started = thread_start(&r->thread, "tau-turn", 0, run_thread, r, &e);
        if (!r->started)
            return; /* no thread to be had: the next turn that ends tries again */
    }
}

/* Effect: the turn is committed, so it may run; or it never happened. */
static void let_run(struct core *c, void *arg, bool done)
{
    struct run *run = runs_find(c, arg);
    if (run && !done)
        remove_run(c, run);
    else if (run)
        start_waiting(c, NULL, true);
}

/* At the end of the line, so that an action of the same drain finds it. */
static void add_run(struct core *c, struct run *run)
{
    struct run **at = &c->runs;
    while (*at)
        at = &(*at)->next;
    *at = run;
}

bool runs_submit(struct batch *b, const char *session, const struct act_turn_submit *what,
                 const char *model, char *ret_turn, struct err *e)
{
    struct core *c = b->core;
    int64_t position = 0;
    for (const struct run *r = c->runs; r; r = r->next)
        position += !r->started || strcmp(r->session, session) == 0;
    if (position >= CORE_WAITING_MAX)
        return err_set(e, ERR_OVERLOADED, "%d turns wait already", CORE_WAITING_MAX);

    struct id id = id_make("turn");
    struct event_ids ids = {.session = session, .turn = id.s};
    if (!batch_emit(b, EV_TURN_CREATED, &ids,
                    &(struct ev_turn_created){.source = what->source ? what->source : c->source,
                                              .input = what->input,
                                              .schema = what->schema,
                                              .images = what->images},
                    e))
        return false;
    struct run *run = NEW(struct run);
    run->core = c;
    run->seq = b->events.v[b->events.n - 1]->seq;
    run->steers = steers_new();
    memcpy(run->id, id.s, ID_MAX);
    memccpy(run->session, session, 0, ID_MAX - 1);
    run->input = mem_strdup(what->input);
    run->model = mem_strdup(model);
    run->schema = what->schema ? mem_strdup(what->schema) : NULL;
    run->images = what->images ? mem_strdup(what->images) : NULL;
    run->cancel = cancel_new(NULL);
    if (!may_start(c, run) &&
        !batch_emit(b, EV_TURN_QUEUED, &ids, &(struct ev_turn_queued){.position = MAX(position, 1)},
                    e)) {
        run_free(run);
        return false;
    }
    add_run(c, run);
    batch_effect(b, let_run, mem_strdup(id.s));
    memcpy(ret_turn, id.s, ID_MAX);
    return true;
}

/* Effect: fires the token of a turn; one that never started is over then. */
static void fire(struct core *c, void *arg, bool done)
{
    struct run *run = done ? runs_find(c, arg) : NULL;
    if (!run)
        return;
    cancel_fire(run->cancel);
    if (!run->started)
        remove_run(c, run);
}

bool runs_cancel(struct batch *b, const char *turn, const char *by, struct err *e)
{
    struct run *run = runs_find(b->core, turn);
    const struct rec *r = draft_find(b->draft, REC_TURN, turn);
    struct event_ids ids = {.session = run ? run->session : NULL, .turn = turn};
    if (!r || rec_ended(r))
        return true; /* it has ended: that is what was wanted */
    if (!run)
        return err_set(e, ERR_CONFLICT, "turn %s runs in another process", turn);
    if (strcmp(REC(r, turn)->status, "cancelling") == 0)
        return true;
    /* `by` lives in the event; the turn needs it until it ends. */
    atomic_store(&run->by, strcmp(by, "shutdown") == 0 ? "shutdown" : "operator");
    if (!batch_emit(b, EV_TURN_CANCELLING, &ids, &(struct ev_turn_cancelling){.by = by}, e))
        return false;
    if (!run->started &&
        !batch_emit(b, EV_TURN_CANCELLED, &ids, &(struct ev_turn_cancelled){.by = by}, e))
        return false;
    batch_effect(b, fire, mem_strdup(turn));
    return true;
}

void runs_ended(struct batch *b, const char *turn)
{
    struct core *c = b->core;
    struct run *run = runs_find(c, turn);
    int64_t position = 0;
    struct err e = ERR_INIT;
    if (run) {
        thread_join(&run->thread);
        remove_run(c, run);
    }
    /* Those who still wait have moved up. */
    for (const struct run *r = c->runs; r; r = r->next) {
        if (r->started || may_start(c, r))
            continue;
        position++;
        const struct rec *rec = draft_find(b->draft, REC_TURN, r->id);
        struct event_ids ids = {.session = r->session, .turn = r->id};
        if (rec && !rec_ended(rec) && REC(rec, turn)->position != position &&
            !batch_emit(b, EV_TURN_QUEUED, &ids, &(struct ev_turn_queued){.position = position},
                        &e))
            break;
    }
    batch_effect(b, start_waiting, NULL);
}
