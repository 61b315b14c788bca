/* SPDX-License-Identifier: MIT
 *
 * reduce_job: commands in the background. A job belongs to a session and may outlive its turn, so
 * what it puts out stays with its record, ended or not.
 */
#include "state/draft.h"

static bool job_step(const struct draft *d, const struct event *ev, struct rec_job *ret_job)
{
    const struct rec *r;
    const char *status;
    if (!draft_step(d, ev, &r, &status) || !r)
        return false;
    *ret_job = *REC(r, job);
    ret_job->status = status;
    return true;
}

void reduce_job_queued(struct draft *d, const struct event *ev)
{
    const struct ev_job_queued *q = EV(ev, job_queued);
    const struct rec *r;
    const char *status;
    struct rec_session s;
    if (!draft_step(d, ev, &r, &status) || !session_get(d, ev->ids.session, &s))
        return;
    struct arena a = ARENA_INIT;
    draft_put(d, REC_JOB,
              &(struct rec_job){.id = q->job_id,
                                .session = s.id,
                                .turn = ev->ids.turn,
                                .call = q->call_id,
                                .status = status,
                                .command = text_head(&a, q->command, COMMAND_KEEP),
                                .proc = d->proc,
                                .exit = I64_NONE,
                                .queued_ms = ev->ts_ms});
    s.updated_ms = ev->ts_ms;
    draft_put(d, REC_SESSION, &s);
    arena_free(&a);
}

void reduce_job_started(struct draft *d, const struct event *ev)
{
    struct rec_job j;
    if (!job_step(d, ev, &j))
        return;
    j.pid = EV(ev, job_started)->pid;
    if (d->proc)
        j.proc = d->proc;
    j.started_ms = ev->ts_ms;
    draft_put(d, REC_JOB, &j);
}

void reduce_job_output(struct draft *d, const struct event *ev)
{
    const struct ev_job_output *o = EV(ev, job_output);
    struct rec_job j;
    if (!job_step(d, ev, &j))
        return;
    size_t n = o->text ? strlen(o->text) : (size_t)MAX(o->bytes, 0);
    int64_t end = piece_end(o->offset, n);
    struct body output = body_with(j.output, o->offset, o->text, OUTPUT_KEEP);
    j.output = output;
    j.bytes = MAX(j.bytes, end);
    if (o->artifact)
        j.artifact = o->artifact;
    if (live_find(d->next->live, j.id))
        live_trim(draft_live(d), j.id, end);
    draft_put(d, REC_JOB, &j);
    body_unref(output);
}

/* The caller set what its event says. */
static void job_end(struct draft *d, const struct event *ev, struct rec_job *j)
{
    struct rec_session s;
    j->ended_ms = ev->ts_ms;
    if (live_find(d->next->live, j->id))
        live_end_part(draft_live(d), j->id);
    if (session_get(d, j->session, &s)) {
        s.updated_ms = ev->ts_ms;
        draft_put(d, REC_SESSION, &s);
    }
    draft_put(d, REC_JOB, j);
}

void reduce_job_completed(struct draft *d, const struct event *ev)
{
    const struct ev_job_completed *c = EV(ev, job_completed);
    struct rec_job j;
    if (!job_step(d, ev, &j))
        return;
    j.exit = c->exit;
    j.signal = c->signal;
    j.bytes = c->bytes;
    if (c->artifact)
        j.artifact = c->artifact;
    job_end(d, ev, &j);
}

void reduce_job_failed(struct draft *d, const struct event *ev)
{
    struct rec_job j;
    if (!job_step(d, ev, &j))
        return;
    j.error = EV(ev, job_failed)->error;
    job_end(d, ev, &j);
}

void reduce_job_timed_out(struct draft *d, const struct event *ev)
{
    struct rec_job j;
    if (job_step(d, ev, &j))
        job_end(d, ev, &j);
}

void reduce_job_cancelled(struct draft *d, const struct event *ev)
{
    struct rec_job j;
    if (!job_step(d, ev, &j))
        return;
    j.by = EV(ev, job_cancelled)->by;
    job_end(d, ev, &j);
}
