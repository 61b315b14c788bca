/* SPDX-License-Identifier: MIT
 *
 * queries: reading what is older than the snapshot, on two threads with a read-only connection each.
 * The asking thread waits; rows come to it through the callback, on the query thread.
 */
#include "base/mem.h"
#include "core/internal.h"

#include <stdlib.h>

struct job {
    struct core *core;
    enum query_id id;
    const void *args;
    struct cancel *cancel;
    bool (*row)(void *arg, struct str json);
    void *arg;
    int64_t seq;
    struct err err;
    bool ok;
    struct waiter *waiter;
};

static struct querier *borrow(struct core *c, struct err *e)
{
    struct querier *q = NULL;
    pthread_mutex_lock(&c->querier_lock);
    if (c->n_queriers)
        q = c->queriers[--c->n_queriers];
    pthread_mutex_unlock(&c->querier_lock);
    return q ? q : querier_open(c->store_dir, store_memory_name(c->store), e);
}

static void give_back(struct core *c, struct querier *q)
{
    pthread_mutex_lock(&c->querier_lock);
    if (c->n_queriers < CORE_QUERY_THREADS) {
        c->queriers[c->n_queriers++] = q;
        q = NULL;
    }
    pthread_mutex_unlock(&c->querier_lock);
    querier_close(q);
}

static void run_job(void *arg)
{
    struct job *job = arg;
    struct querier *q = borrow(job->core, &job->err);
    struct action_answer answer = {.accepted = true};
    if (q) {
        job->ok = querier_run(q, job->id, job->args, job->cancel, job->row, job->arg, &job->seq,
                              &job->err);
        give_back(job->core, q);
    }
    waiter_done(job->waiter, &answer);
}

bool queries_run(void *ctx, const char *name, struct str arguments_json, struct cancel *cancel,
                 bool (*row)(void *arg, struct str json), void *arg, int64_t *ret_seq,
                 struct err *e)
{
    struct core *c = ctx;
    enum query_id id = query_find(str_of(name));
    struct arena arena = ARENA_INIT;
    struct action_answer answer;
    if (id == QRY_COUNT)
        return err_set(e, ERR_NOT_FOUND, "there is no query '%s'", name);
    CLEANUP(json_free_p)
    struct json *j = json_parse(arguments_json.n ? arguments_json : STR("{}"), e);
    void *args = arena_new(&arena, query_table[id].args.size);
    bool ok = j && field_read(&query_table[id].args, j, &arena, args, FIELD_STRICT, e);
    if (ok) {
        struct job job = {.core = c,
                          .id = id,
                          .args = args,
                          .cancel = cancel,
                          .row = row,
                          .arg = arg,
                          .waiter = waiter_new()};
        /* The query heeds the token itself; its answer must be waited for, since it uses our stack. */
        ok = pool_run(c->queries, run_job, &job) ? waiter_wait(job.waiter, NULL, &answer, e)
                                                 : err_set(e, ERR_SHUTTING_DOWN, "tau is shutting down");
        if (ok && !job.ok) {
            *e = job.err;
            ok = false;
        }
        if (ok && ret_seq)
            *ret_seq = job.seq;
        waiter_unref(job.waiter);
    }
    arena_free(&arena);
    return ok;
}
