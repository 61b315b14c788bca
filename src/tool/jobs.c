/* SPDX-License-Identifier: MIT
 *
 * jobs: the table of background commands. `lock` guards the list and every `info`, `output`, `tail`
 * and `by`; the rest of a job is set before its thread runs and then belongs to that thread. No
 * event is emitted and nothing waits under the lock.
 */
#include "tool/jobs.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/thread.h"
#include "text/utf8.h"
#include "tool/sh.h"
#include "json/jsonw.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct job {
    struct job *next; /* older */
    struct jobs *jobs;
    struct job_info info;
    char *command, *cwd, *store_dir; /* cwd absolute, or NULL */
    struct sink sink;
    struct policy *policy;
    struct cancel *cancel;
    int64_t timeout_ms, started_ms; /* 0: not started */
    struct output *output;          /* while it runs */
    struct buf tail;                /* of the output, once it ended */
    char by[64];                    /* who stopped it */
    bool ended;
};

struct jobs {
    pthread_mutex_t lock;
    pthread_cond_t changed; /* a job ended */
    struct pool *pool;
    struct job *newest;
    size_t running;
    bool closing;
};

static void job_free(struct job *job)
{
    output_free(job->output);
    buf_free(&job->tail);
    cancel_unref(job->cancel);
    free(job->command);
    free(job->cwd);
    free(job->store_dir);
    free(job);
}

struct jobs *jobs_new(void)
{
    struct jobs *j = NEW(struct jobs);
    pthread_condattr_t attr;
    pthread_mutex_init(&j->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&j->changed, &attr);
    pthread_condattr_destroy(&attr);
    j->pool = pool_new("job", JOBS_MAX, 0);
    return j;
}

/* Under the lock. One that only has a place is not among them: its start may wait for what ends later. */
static bool has_open(const struct jobs *j)
{
    for (const struct job *job = j->newest; job; job = job->next)
        if (!job->ended)
            return true;
    return false;
}

void jobs_stop(struct jobs *j)
{
    pthread_mutex_lock(&j->lock);
    j->closing = true;
    for (struct job *job = j->newest; job; job = job->next)
        if (!job->ended) {
            if (!job->by[0])
                snprintf(job->by, sizeof(job->by), "shutdown");
            cancel_fire(job->cancel);
        }
    while (has_open(j))
        pthread_cond_wait(&j->changed, &j->lock);
    pthread_mutex_unlock(&j->lock);
}

void jobs_free(struct jobs *j)
{
    if (!j)
        return;
    jobs_stop(j);
    pool_free(j->pool);
    while (j->newest) {
        struct job *job = j->newest;
        j->newest = job->next;
        job_free(job);
    }
    pthread_cond_destroy(&j->changed);
    pthread_mutex_destroy(&j->lock);
    free(j);
}

/* ---- events ---- */

static struct event *make_event(struct job *job, enum event_kind kind, const void *fields)
{
    return event_new(kind, &(struct event_ids){.session = job->info.session}, fields);
}

static void emit(struct job *job, enum event_kind kind, const void *fields)
{
    job->sink.emit(job->sink.ctx, make_event(job, kind, fields));
}

static void emit_failed(struct job *job, const struct err *e)
{
    CLEANUP(buf_free) struct buf b = BUF_OWN;
    struct jsonw w = JSONW(&b);
    jsonw_err(&w, e);
    emit(job, EV_JOB_FAILED,
         &(struct ev_job_failed){.job_id = job->info.id, .error = buf_cstr(&b)});
}

static void emit_end(struct job *job, const struct sh_end *end, const char *artifact)
{
    struct err e = ERR_INIT;
    const struct launch_result *r = &end->result;
    bool ok = sh_judge(end, &e);
    if (!ok && e.code == ERR_CANCELLED) {
        char by[sizeof(job->by)];
        pthread_mutex_lock(&job->jobs->lock);
        memcpy(by, job->by, sizeof(by));
        pthread_mutex_unlock(&job->jobs->lock);
        emit(job, EV_JOB_CANCELLED,
             &(struct ev_job_cancelled){.job_id = job->info.id, .by = by[0] ? by : NULL});
        return;
    }
    if (!ok && e.code == ERR_TIMEOUT) {
        emit(job, EV_JOB_TIMED_OUT,
             &(struct ev_job_timed_out){.job_id = job->info.id, .ms = r->elapsed_ms});
        return;
    }
    if (!ok && e.code != ERR_EXIT_STATUS && e.code != ERR_KILLED) {
        e.phase = PHASE_TOOL;
        emit_failed(job, &e);
        return;
    }
    emit(job, EV_JOB_COMPLETED,
         &(struct ev_job_completed){.job_id = job->info.id,
                                    .exit = r->exit_code,
                                    .signal = r->signo,
                                    .artifact = artifact,
                                    .bytes = output_bytes(job->output),
                                    .ms = r->elapsed_ms});
}

/* ---- the thread of a job ---- */

static void set_status(struct job *job, const char *status)
{
    pthread_mutex_lock(&job->jobs->lock);
    snprintf(job->info.status, sizeof(job->info.status), "%s", status);
    pthread_mutex_unlock(&job->jobs->lock);
}

/* Of a command that ran to some end. */
static const char *status_of(const struct sh_end *end)
{
    struct err e = ERR_INIT;
    if (sh_judge(end, &e) || e.code == ERR_EXIT_STATUS || e.code == ERR_KILLED)
        return "completed";
    return e.code == ERR_CANCELLED ? "cancelled" : e.code == ERR_TIMEOUT ? "timed_out" : "failed";
}

/* The last words of a job: from here on only its info and the tail of its output are kept. Ended
 * jobs past JOBS_ENDED_MAX are forgotten. */
static void finish(struct job *job, const char *status, const struct sh_end *end,
                   const char *artifact)
{
    struct jobs *j = job->jobs;
    struct output *output;
    CLEANUP(buf_free) struct buf tail = BUF_OWN;
    output_tail(job->output, JOB_TAIL_MAX, &tail);
    pthread_mutex_lock(&j->lock);
    snprintf(job->info.status, sizeof(job->info.status), "%s", status);
    job->info.bytes = output_bytes(job->output);
    job->info.ms = job->started_ms ? clock_mono_ms() - job->started_ms : 0;
    if (end && strcmp(status, "completed") == 0) {
        job->info.exit = end->result.exit_code;
        job->info.signo = end->result.signo;
    }
    if (artifact)
        snprintf(job->info.artifact, sizeof(job->info.artifact), "%s", artifact);
    job->tail = tail;
    tail = BUF_OWN;
    output = TAKE(job->output);
    job->ended = true;
    j->running--;
    size_t n = 0;
    for (struct job **at = &j->newest; *at;) {
        struct job *old = *at;
        n += old->ended;
        if (!old->ended || n <= JOBS_ENDED_MAX || old == job) {
            at = &old->next;
            continue;
        }
        *at = old->next;
        job_free(old);
    }
    pthread_cond_broadcast(&j->changed);
    pthread_mutex_unlock(&j->lock);
    output_free(output);
}

/* job.started holds the pid, so it can only be written once the command runs; when the log does not
 * take it, the command is ended before anything is read from it. */
static bool announce_start(struct job *job, struct sh *c, struct err *e)
{
    struct event *ev =
        make_event(job, EV_JOB_STARTED,
                   &(struct ev_job_started){.job_id = job->info.id, .pid = c->launched.proc.pid});
    if (job->sink.emit_sync(job->sink.ctx, ev, job->cancel, e))
        return true;
    struct err lost = ERR_INIT;
    struct sh_end end;
    struct cancel *now = cancel_new(NULL);
    cancel_fire(now);
    c->cancel = now;
    if (!sh_finish(c, &end, &lost))
        err_wrap(e, "%s", lost.message);
    cancel_unref(now);
    return false;
}

static void job_run(void *arg)
{
    struct job *job = arg;
    struct err e = {.phase = PHASE_TOOL};
    struct sh c = {
        .policy = job->policy,
        .text = job->command,
        .cwd = job->cwd,
        .output = job->output,
        .cancel = job->cancel,
        .deadline_ms = job->timeout_ms ? clock_mono_ms() + job->timeout_ms : CLOCK_NEVER,
    };
    struct sh_end end = {.result.end = LAUNCH_CANCELLED};
    const char *artifact = NULL;
    int64_t total;
    if (cancel_fired(job->cancel)) {
        emit_end(job, &end, NULL);
        finish(job, "cancelled", NULL, NULL);
        return;
    }
    bool ok = sh_start(&c, &e);
    if (ok) {
        pthread_mutex_lock(&job->jobs->lock);
        job->started_ms = clock_mono_ms();
        pthread_mutex_unlock(&job->jobs->lock);
        set_status(job, "running");
    }
    ok = ok && announce_start(job, &c, &e) && sh_finish(&c, &end, &e);
    struct err lost = ERR_INIT;
    /* An output that can not be kept whole is no reason to forget how the command ended. */
    if (!output_end(job->output, &artifact, &total, &lost) && ok)
        log_warn("%s: %s", job->info.id, lost.message);
    if (ok)
        emit_end(job, &end, artifact);
    else
        emit_failed(job, &e);
    finish(job, ok ? status_of(&end) : "failed", ok ? &end : NULL, artifact);
}

/* ---- starting and stopping ---- */

static struct job *make_job(struct jobs *j, struct tool_call *call, const char *command,
                            const char *cwd, int64_t timeout_ms)
{
    struct job *job = NEW(struct job);
    struct id id = id_make("job");
    job->jobs = j;
    memcpy(job->info.id, id.s, sizeof(job->info.id));
    snprintf(job->info.session, sizeof(job->info.session), "%s", call->session);
    snprintf(job->info.status, sizeof(job->info.status), "queued");
    bool cut;
    struct str shown = str_sub(str_of(command), 0, sizeof(job->info.command) - 1);
    shown.n = utf8_valid_prefix(shown, &cut);
    memcpy(job->info.command, shown.p, shown.n);
    job->info.exit = I64_NONE;
    job->command = mem_strdup(command);
    job->cwd = cwd ? mem_printf("%s/%s", call->root.path, cwd) : NULL;
    job->store_dir = mem_strdup(call->store_dir);
    job->sink = call->sink;
    job->policy = call->policy;
    job->cancel = cancel_new(NULL);
    job->timeout_ms = timeout_ms;
    job->tail = BUF_OWN;
    job->output = output_new(&(struct output_spec){.sink = job->sink,
                                                   .ids = {.session = job->info.session},
                                                   .part = job->info.id,
                                                   .store_dir = job->store_dir,
                                                   .job = true});
    return job;
}

static bool refuse_ending(struct err *e)
{
    return err_set(e, ERR_SHUTTING_DOWN, "tau is ending");
}

/* Takes a place for one more. */
static bool reserve(struct jobs *j, struct err *e)
{
    pthread_mutex_lock(&j->lock);
    bool closing = j->closing, full = j->running == JOBS_MAX;
    j->running += !closing && !full;
    pthread_mutex_unlock(&j->lock);
    if (closing)
        return refuse_ending(e);
    return !full || err_set(e, ERR_OVERLOADED, "%d jobs run already", JOBS_MAX);
}

static void give_back(struct jobs *j)
{
    pthread_mutex_lock(&j->lock);
    j->running--;
    pthread_mutex_unlock(&j->lock);
}

/* False when all were stopped while it waited for its first event: it is listed, and must not run. */
static bool list_job(struct jobs *j, struct job *job)
{
    pthread_mutex_lock(&j->lock);
    bool closing = j->closing;
    if (closing)
        snprintf(job->by, sizeof(job->by), "shutdown");
    job->next = j->newest;
    j->newest = job;
    pthread_mutex_unlock(&j->lock);
    return !closing;
}

bool jobs_start(struct jobs *j, struct tool_call *call, const char *command, const char *cwd,
                int64_t timeout_ms, char *ret_id, struct err *e)
{
    if (!j)
        return err_set(e, ERR_UNSUPPORTED, "there are no background jobs here");
    if (!reserve(j, e))
        return false;
    struct job *job = make_job(j, call, command, cwd, timeout_ms);
    struct event *queued =
        make_event(job, EV_JOB_QUEUED,
                   &(struct ev_job_queued){
                       .job_id = job->info.id, .command = command, .call_id = call->call_id});
    if (!job->sink.emit_sync(job->sink.ctx, queued, call->cancel, e)) {
        give_back(j);
        job_free(job);
        return false;
    }
    memcpy(ret_id, job->info.id, sizeof(job->info.id));
    if (!list_job(j, job)) {
        struct sh_end none = {.result.end = LAUNCH_CANCELLED};
        emit_end(job, &none, NULL);
        finish(job, "cancelled", NULL, NULL);
        return refuse_ending(e);
    }
    if (!pool_run(j->pool, job_run, job)) {
        err_set(e, ERR_OVERLOADED, "no thread for a job");
        emit_failed(job, e);
        finish(job, "failed", NULL, NULL);
        return false;
    }
    return true;
}

static struct job *find(struct jobs *j, const char *id)
{
    for (struct job *job = j->newest; job; job = job->next)
        if (strcmp(job->info.id, id) == 0)
            return job;
    return NULL;
}

bool jobs_cancel(struct jobs *j, const char *id, const char *by)
{
    pthread_mutex_lock(&j->lock);
    struct job *job = find(j, id);
    bool running = job && !job->ended;
    if (running && !job->by[0])
        snprintf(job->by, sizeof(job->by), "%s", by ? by : "");
    if (running)
        cancel_fire(job->cancel);
    pthread_mutex_unlock(&j->lock);
    return running;
}

/* ---- looking ---- */

size_t jobs_running(struct jobs *j)
{
    pthread_mutex_lock(&j->lock);
    size_t n = j->running;
    pthread_mutex_unlock(&j->lock);
    return n;
}

/* Under the lock. */
static void fill_info(const struct job *job, struct job_info *out)
{
    *out = job->info;
    if (job->ended)
        return;
    out->bytes = output_bytes(job->output);
    out->ms = job->started_ms ? clock_mono_ms() - job->started_ms : 0;
}

size_t jobs_list(struct jobs *j, struct job_info *out, size_t max)
{
    size_t n = 0;
    pthread_mutex_lock(&j->lock);
    for (struct job *job = j->newest; job && n < max; job = job->next)
        fill_info(job, &out[n++]);
    pthread_mutex_unlock(&j->lock);
    return n;
}

bool jobs_get(struct jobs *j, const char *id, struct job_info *ret_info, size_t tail_max,
              struct buf *tail)
{
    tail_max = MIN(tail_max, (size_t)JOB_TAIL_MAX);
    pthread_mutex_lock(&j->lock);
    struct job *job = find(j, id);
    if (job)
        fill_info(job, ret_info);
    if (job && tail && job->output)
        output_tail(job->output, tail_max, tail);
    else if (job && tail)
        tail_text(buf_view(&job->tail), tail_max, tail);
    pthread_mutex_unlock(&j->lock);
    return job;
}

bool jobs_wait(struct jobs *j, const char *id, struct cancel *cancel, int64_t deadline_ms)
{
    enum { LOOK_MS = 50 }; /* how late a cancel may be seen */
    for (;;) {
        struct timespec until;
        int64_t now = clock_mono_ms();
        pthread_mutex_lock(&j->lock);
        struct job *job = find(j, id);
        bool ended = !job || job->ended;
        if (!ended && !cancel_fired(cancel) && now < deadline_ms) {
            int64_t wake = MIN(deadline_ms, now + LOOK_MS);
            until = (struct timespec){wake / 1000, wake % 1000 * 1000000};
            pthread_cond_timedwait(&j->changed, &j->lock, &until);
        }
        pthread_mutex_unlock(&j->lock);
        if (ended || cancel_fired(cancel) || now >= deadline_ms)
            return ended;
    }
}
