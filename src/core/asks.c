/* SPDX-License-Identifier: MIT
 *
 * asks: questions of tool threads that wait for an operator. The question is committed before it can
 * be answered; the answer is committed before the tool hears of it.
 */
#include "base/clock.h"
#include "base/mem.h"
#include "core/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void add(struct core *c, struct ask *ask)
{
    pthread_mutex_lock(&c->ask_lock);
    ask->next = c->asks;
    c->asks = ask;
    pthread_mutex_unlock(&c->ask_lock);
}

static bool take_out(struct core *c, struct ask *ask)
{
    bool found = false;
    pthread_mutex_lock(&c->ask_lock);
    for (struct ask **at = &c->asks; *at; at = &(*at)->next)
        if (*at == ask) {
            *at = ask->next;
            found = true;
            break;
        }
    pthread_mutex_unlock(&c->ask_lock);
    return found;
}

bool asks_ask(void *ctx, struct event *requested, struct cancel *cancel,
              struct ask_answer *ret_answer, struct err *e)
{
    struct core *c = ctx;
    struct sink sink = core_sink(c);
    struct action_answer woken;
    const struct ev_approval_requested *r = EV(requested, approval_requested);
    struct ask ask = {.waiter = waiter_new(), .answer = ret_answer, .expires_ms = r->expires_ms};
    struct event_ids ids = {0};
    char session[ID_MAX] = "", turn[ID_MAX] = "";
    snprintf(ask.id, sizeof(ask.id), "%s", r->approval_id);
    snprintf(session, sizeof(session), "%s", requested->ids.session);
    snprintf(turn, sizeof(turn), "%s", requested->ids.turn);
    ids = (struct event_ids){.session = session, .turn = turn};
    add(c, &ask);
    bool ok = sink.emit_sync(sink.ctx, requested, cancel, e) &&
              waiter_wait(ask.waiter, cancel, &woken, e);
    if (!ok && !take_out(c, &ask)) {
        /* The core took it this very moment: until it woke us it still writes to our stack, and what
         * it says is on the log already. */
        ok = waiter_wait(ask.waiter, NULL, &woken, e);
    } else if (!ok && e->code == ERR_CANCELLED) {
        /* Nobody answered in time: say so, that the question does not stand for ever. */
        err_set(e, ERR_CANCELLED, "stopped before the question was answered");
        sink.emit(sink.ctx, event_new(EV_APPROVAL_EXPIRED, &ids,
                                      &(struct ev_approval_expired){.approval_id = ask.id}));
    }
    if (ok && !woken.accepted) {
        *e = woken.err;
        ok = false;
    }
    waiter_unref(ask.waiter);
    return ok;
}

static struct ask *take(struct core *c, const char *approval)
{
    struct ask *found = NULL;
    pthread_mutex_lock(&c->ask_lock);
    for (struct ask **at = &c->asks; *at; at = &(*at)->next)
        if (strcmp((*at)->id, approval) == 0) {
            found = *at;
            *at = found->next;
            break;
        }
    pthread_mutex_unlock(&c->ask_lock);
    return found;
}

void asks_answer(struct core *c, const char *approval, bool approved, const char *scope,
                 const char *by, const char *reason, const char *arguments)
{
    struct ask *ask = take(c, approval);
    if (!ask)
        return; /* its turn was stopped meanwhile */
    struct ask_answer *a = ask->answer;
    struct action_answer answer = {.accepted = true};
    a->approved = approved;
    snprintf(a->scope, sizeof(a->scope), "%s", scope ? scope : "once");
    snprintf(a->by, sizeof(a->by), "%s", by);
    a->reason = mem_strdup(reason);
    a->arguments = mem_strdup(arguments);
    waiter_done(ask->waiter, &answer);
}

int64_t asks_next_expiry(struct core *c)
{
    int64_t next = INT64_MAX;
    pthread_mutex_lock(&c->ask_lock);
    for (struct ask *a = c->asks; a; a = a->next)
        if (a->expires_ms)
            next = MIN(next, a->expires_ms);
    pthread_mutex_unlock(&c->ask_lock);
    return next;
}

/* Effect: the question is over; its thread is told. */
static void expire(struct core *c, void *arg, bool done)
{
    struct ask *ask = done ? take(c, arg) : NULL;
    struct action_answer answer = {0};
    if (!ask)
        return;
    err_set(&answer.err, ERR_APPROVAL_EXPIRED, "nobody answered in time");
    answer.err.phase = PHASE_APPROVAL;
    waiter_done(ask->waiter, &answer);
}

int64_t asks_expire(struct batch *b)
{
    int64_t now = clock_wall_ms();
    int64_t next = asks_next_expiry(b->core);
    if (next > now)
        return next;
    const struct snapshot *s = b->core->snap;
    const struct section *sec = s->sections[REC_APPROVAL];
    for (size_t i = 0; i < sec->n; i++) {
        const struct rec_approval *a = REC(sec->v[i], approval);
        struct err e = ERR_INIT;
        struct event_ids ids = {.session = a->session, .turn = a->turn};
        if (rec_ended(sec->v[i]) || !a->expires_ms || a->expires_ms > now)
            continue;
        if (batch_emit(b, EV_APPROVAL_EXPIRED, &ids,
                       &(struct ev_approval_expired){.approval_id = a->id}, &e))
            batch_effect(b, expire, mem_strdup(a->id));
    }
    return next;
}
