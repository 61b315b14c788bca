/* SPDX-License-Identifier: MIT
 *
 * reduce_task: what is to be done, from its creation to its end. A task belongs to the store, and
 * remembers only where it was made.
 */
#include "state/draft.h"

static bool task_step(const struct draft *d, const struct event *ev, struct rec_task *ret_task)
{
    const struct rec *r;
    const char *status;
    if (!draft_step(d, ev, &r, &status) || !r)
        return false;
    *ret_task = *REC(r, task);
    ret_task->status = status;
    ret_task->updated_ms = ev->ts_ms;
    return true;
}

void reduce_task_created(struct draft *d, const struct event *ev)
{
    const struct ev_task_created *c = EV(ev, task_created);
    const struct rec *r;
    const char *status;
    if (!draft_step(d, ev, &r, &status))
        return;
    draft_put(d, REC_TASK,
              &(struct rec_task){.id = c->task_id,
                                 .title = text_or_empty(c->title),
                                 .detail = c->detail,
                                 .parent = c->parent,
                                 .status = status,
                                 .stage = "pending",
                                 .session = ev->ids.session,
                                 .turn = ev->ids.turn,
                                 .by = text_or_empty(c->by),
                                 .created_ms = ev->ts_ms,
                                 .updated_ms = ev->ts_ms});
}

void reduce_task_updated(struct draft *d, const struct event *ev)
{
    const struct ev_task_updated *u = EV(ev, task_updated);
    struct rec_task t;
    if (!task_step(d, ev, &t))
        return;
    if (u->status)
        t.stage = u->status;
    if (u->detail)
        t.detail = u->detail;
    if (u->title)
        t.title = u->title;
    if (u->rank != 0)
        t.rank = u->rank;
    draft_put(d, REC_TASK, &t);
}

static void task_end(struct draft *d, const struct event *ev, const char *detail, const char *by,
                     const char *error)
{
    struct rec_task t;
    if (!task_step(d, ev, &t))
        return;
    t.stage = NULL;
    t.ended_ms = ev->ts_ms;
    t.error = error;
    if (detail)
        t.detail = detail;
    if (by)
        t.by = by;
    draft_put(d, REC_TASK, &t);
}

void reduce_task_completed(struct draft *d, const struct event *ev)
{
    task_end(d, ev, EV(ev, task_completed)->detail, NULL, NULL);
}

void reduce_task_failed(struct draft *d, const struct event *ev)
{
    task_end(d, ev, NULL, NULL, EV(ev, task_failed)->error);
}

void reduce_task_cancelled(struct draft *d, const struct event *ev)
{
    task_end(d, ev, NULL, EV(ev, task_cancelled)->by, NULL);
}
