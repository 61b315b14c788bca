/* SPDX-License-Identifier: MIT
 *
 * steer: what is said while a turn runs, and taking it back before it was sent.
 */
#include "agent/steer.h"

#include "base/mem.h"
#include "core/internal.h"

#include <stdlib.h>
#include <string.h>

/* A text that goes to a turn, or comes back, once the transaction is over. */
struct passing {
    char turn[ID_MAX];
    int64_t ticket;
    bool back;
};

/* Effect. A run ends on the core thread only, after what it has here was settled or with it. */
static void settle(struct core *c, void *arg, bool done)
{
    struct passing *p = arg;
    struct run *run = runs_find(c, p->turn);
    if (run)
        steers_settle(run->steers, p->ticket, p->back ? !done : done);
}

static void settle_later(struct batch *b, const struct run *run, int64_t ticket, bool back)
{
    struct passing *p = NEW(struct passing);
    *p = (struct passing){.ticket = ticket, .back = back};
    memcpy(p->turn, run->id, ID_MAX);
    batch_effect(b, settle, p);
}

/* The session's turn that runs and whose question stands in the conversation, so that what is added
 * comes after it. */
static struct run *running(struct batch *b, const struct rec_session *s)
{
    struct run *run = runs_of_session(b->core, s->id);
    const struct rec *head = s->head ? draft_find(b->draft, REC_MESSAGE, s->head) : NULL;
    const char *turn = head ? REC(head, message)->turn : NULL;
    return run && run->started && turn && strcmp(turn, run->id) == 0 ? run : NULL;
}

static bool stops(struct batch *b, const struct run *run)
{
    const struct rec *r = draft_find(b->draft, REC_TURN, run->id);
    return cancel_fired(run->cancel) || (r && strcmp(REC(r, turn)->status, "cancelling") == 0);
}

/* True: it is on its way to the turn. False with ERR_NONE: the turn takes no more. */
static bool steer(struct batch *b, struct run *run, const char *text, struct err *e)
{
    struct event_ids ids = {.session = run->session, .turn = run->id};
    int64_t ticket = steers_reserve(run->steers, e);
    if (!ticket && e->code == ERR_CONFLICT)
        *e = ERR_INIT;
    if (!ticket)
        return false;
    bool ok = batch_emit(b, EV_TURN_STEERED, &ids, &(struct ev_turn_steered){.text = text}, e);
    if (ok)
        steers_fill(run->steers, ticket, b->events.v[b->events.n - 1]->seq, text);
    if (ok)
        settle_later(b, run, ticket, false);
    else
        steers_settle(run->steers, ticket, false);
    return ok;
}

bool act_turn_steer(struct batch *b, const struct act_turn_steer *args, const struct principal *who,
                    struct action_answer *ret_answer, struct err *e)
{
    struct core *c = b->core;
    const struct rec_session *s = NULL;
    if (str_trim(str_of(args->input)).n == 0)
        return err_set(e, ERR_INVALID, "there is nothing to say: the text is empty");
    if ((args->session || c->current[0]) && !(s = sessions_find(b, args->session, e)))
        return false;
    struct run *run = s ? running(b, s) : NULL;
    if (run && stops(b, run))
        return err_set(e, ERR_CONFLICT, "the turn is being stopped");
    if (run && steer(b, run, args->input, e)) {
        memcpy(ret_answer->id, run->id, ID_MAX);
        return true;
    }
    /* Nothing runs that it could be added to: it is asked for by itself. */
    struct act_turn_submit submit = {
        .session = args->session, .input = args->input, .source = args->source};
    return e->code == ERR_NONE && act_turn_submit(b, &submit, who, ret_answer, e);
}

/* The newest turn of the session that has not begun. */
static struct run *newest_queued(struct core *c, const char *session)
{
    struct run *newest = NULL;
    for (struct run *r = c->runs; r; r = r->next)
        if (!r->started && !cancel_fired(r->cancel) && strcmp(r->session, session) == 0)
            newest = r;
    return newest;
}

static bool pull_queued(struct batch *b, struct run *run, const char *by,
                        struct action_answer *ret_answer, struct err *e)
{
    struct event_ids ids = {.session = run->session, .turn = run->id};
    if (!batch_emit(b, EV_TURN_PULLED, &ids, &(struct ev_turn_pulled){.text = run->input}, e) ||
        !runs_cancel(b, run->id, by, e))
        return false;
    ret_answer->text = mem_strdup(run->input);
    memcpy(ret_answer->id, run->id, ID_MAX);
    return true;
}

bool act_turn_pull(struct batch *b, const struct act_turn_pull *args, const struct principal *who,
                   struct action_answer *ret_answer, struct err *e)
{
    int64_t seq = 0;
    const char *text = NULL;
    const struct rec_session *s = sessions_find(b, args->session, e);
    if (!s)
        return false;
    struct run *run = runs_of_session(b->core, s->id);
    struct run *queued = newest_queued(b->core, s->id);
    int64_t ticket = run && run->started ? steers_hold(run->steers, &seq, &text) : 0;
    if (ticket && queued && queued->seq > seq) {
        steers_settle(run->steers, ticket, true);
        ticket = 0;
    }
    if (!ticket)
        return queued ? pull_queued(b, queued, who->name, ret_answer, e)
                      : err_set(e, ERR_NOT_FOUND, "nothing waits to be sent");
    struct event_ids ids = {.session = run->session, .turn = run->id};
    if (!batch_emit(b, EV_TURN_PULLED, &ids, &(struct ev_turn_pulled){.text = text, .steer = seq},
                    e)) {
        steers_settle(run->steers, ticket, true);
        return false;
    }
    ret_answer->text = mem_strdup(text);
    memcpy(ret_answer->id, run->id, ID_MAX);
    settle_later(b, run, ticket, true);
    return true;
}
