/* SPDX-License-Identifier: MIT
 *
 * core: the loop of the core thread, the seams, start and stop.
 *
 * When a commit fails the facts of that drain stay at the head of the line, in order, and are tried
 * again every CORE_RETRY_MS; wishes are refused with the reason. Everybody sees bus.degraded until a
 * commit works again. Nothing is lost while the process lives.
 */
#include "core/core.h"

#include "agent/calls.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "core/batch.h"
#include "core/internal.h"
#include "tool/keep_cache.h"

#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LOOKS = 2, LOOK_LATE_MS = 100 }; /* at the store, after it was stirred */
enum { IDLE_LOOK_MS = 20 };                /* whether turns still run, when nothing can wake us */

/* ---- publishing ---- */

static void publish(struct core *c, struct event *const *events, size_t n, bool urgent)
{
    int64_t now = clock_mono_ms();
    bool at_once = urgent || now - c->published_ms >= CORE_PUBLISH_MS;
    hub_publish(c->hub, events, n, at_once ? c->snap : NULL);
    c->unpublished = !at_once;
    if (at_once)
        c->published_ms = now;
}

static void publish_late(struct core *c)
{
    if (!c->unpublished || clock_mono_ms() - c->published_ms < CORE_PUBLISH_MS)
        return;
    hub_publish(c->hub, NULL, 0, c->snap);
    c->unpublished = false;
    c->published_ms = clock_mono_ms();
}

/* ---- a log that can not be written ---- */

static void set_degraded(struct core *c, const struct err *why)
{
    const char *reason = why ? err_code_name(why->code) : "";
    if (strcmp(c->snap->degraded, reason) == 0)
        return;
    struct draft *d = draft_new(c->snap);
    draft_degraded(d, reason);
    const struct snapshot *old = c->snap;
    c->snap = draft_finish(d, c->seq);
    snapshot_unref(old);
    struct event *ev = event_new(EV_BUS_DEGRADED, NULL,
                                 &(struct ev_bus_degraded){.reason_code = why ? reason : NULL});
    ev->after = c->seq;
    publish(c, &ev, 1, true);
    event_unref(ev);
    if (why)
        log_error("the log can not be written: %s", why->message);
    else
        log_warn("the log can be written again");
}

/* Keeps the facts of a failed drain for the next try and frees the rest. */
static void hold(struct core *c, struct queue_node *list)
{
    struct queue_node **tail = &c->held;
    while (list) {
        struct msg *m = CONTAINER_OF(list, struct msg, node);
        list = list->next;
        if (m->type == MSG_ACTION) {
            msg_free(m);
            continue;
        }
        m->node.next = NULL;
        *tail = &m->node;
        tail = &m->node.next;
    }
}

static void free_messages(struct queue_node *list)
{
    while (list) {
        struct msg *m = CONTAINER_OF(list, struct msg, node);
        list = list->next;
        msg_free(m);
    }
}

/* ---- the loop ---- */

static void wake_sync(struct core *c)
{
    pthread_mutex_lock(&c->sync_lock);
    c->sync_wanted = true;
    pthread_cond_signal(&c->sync_cond);
    pthread_mutex_unlock(&c->sync_lock);
}

/* Held facts first, then what is new. */
static struct queue_node *take_messages(struct core *c)
{
    struct queue_node *fresh = queue_take_all(&c->mailbox);
    struct queue_node *list = c->held ? c->held : fresh;
    if (c->held) {
        struct queue_node *last = c->held;
        while (last->next)
            last = last->next;
        last->next = fresh;
        c->held = NULL;
    }
    return list;
}

/* After deltas: when the last ones were taken just before, the next can wait. */
static void hush(struct core *c)
{
    int64_t now = clock_mono_ms();
    if (now - c->delta_ms < CORE_PUBLISH_MS / 2)
        atomic_store(&c->quiet_ms, now + CORE_PUBLISH_MS);
    c->delta_ms = now;
}

/* True when something may have been written. */
static bool drain(struct core *c)
{
    struct queue_node *list = take_messages(c);
    struct batch b;
    batch_init(&b, c);
    asks_expire(&b);
    for (struct queue_node *n = list; n; n = n->next) {
        struct msg *m = CONTAINER_OF(n, struct msg, node);
        if (m->type == MSG_STOP)
            c->stopping = true;
        batch_take(&b, m);
    }
    if (batch_commit(&b)) {
        c->retry_ms = 0;
        if (b.events.n || b.effects.n || b.reread)
            publish(c, b.events.v, b.events.n, b.urgent);
        if (b.open)
            set_degraded(c, NULL);
        batch_answer(&b);
        free_messages(list);
        if (b.sync)
            wake_sync(c);
        if (b.deltas)
            hush(c);
    } else {
        c->retry_ms = clock_mono_ms() + CORE_RETRY_MS;
        set_degraded(c, &b.err);
        batch_answer(&b);
        hold(c, list);
    }
    bool wrote = b.open || c->retry_ms;
    batch_done(&b);
    return wrote;
}

static bool look_due(const struct core *c)
{
    return c->looks_left > 0 && clock_mono_ms() >= c->look_ms;
}

/* What other processes committed becomes part of the snapshot. One that can not be read now is when
 * something is written next. */
static void follow(struct core *c)
{
    struct batch b;
    c->follow_ms = clock_mono_ms();
    c->follow_late = false;
    batch_init(&b, c);
    batch_tail(&b);
    if (batch_commit(&b)) {
        if (b.events.n)
            publish(c, b.events.v, b.events.n, b.urgent);
    } else {
        log_warn("what another tau wrote can not be read now: %s", b.err.message);
    }
    batch_done(&b);
}

/* At most once a frame, however fast they write; and after each stir again, soon and then late, for a
 * commit that had not come to its end (store.h). */
static void look_around(struct core *c)
{
    int64_t now = clock_mono_ms();
    bool stirred, foreign = store_foreign(c->store, &stirred);
    if (stirred) {
        c->looks_left = LOOKS;
        c->look_ms = now + CORE_PUBLISH_MS;
    } else if (look_due(c)) {
        c->looks_left--;
        c->look_ms = now + LOOK_LATE_MS;
    }
    if (!foreign && !c->follow_late)
        return;
    if (clock_mono_ms() - c->follow_ms >= CORE_PUBLISH_MS)
        follow(c);
    else
        c->follow_late = true;
}

static int64_t next_deadline(struct core *c)
{
    int64_t next = c->looks_left > 0 ? c->look_ms : CLOCK_NEVER;
    int64_t expiry = c->retry_ms ? INT64_MAX : asks_next_expiry(c); /* else it could not be said anyhow */
    if (c->unpublished)
        next = MIN(next, c->published_ms + CORE_PUBLISH_MS);
    if (c->follow_late)
        next = MIN(next, c->follow_ms + CORE_PUBLISH_MS);
    if (c->retry_ms)
        next = MIN(next, c->retry_ms);
    if (expiry != INT64_MAX)
        next = MIN(next, clock_mono_ms() + MAX(expiry - clock_wall_ms(), 0));
    return next;
}

static void core_loop(void *arg)
{
    struct core *c = arg;
    while (!c->stopping || c->held) {
        struct pollfd p[2] = {{.fd = c->mailbox.fd, .events = POLLIN},
                              {.fd = store_watch_fd(c->store), .events = POLLIN}};
        int64_t quiet = atomic_load(&c->quiet_ms);
        int64_t deadline = next_deadline(c);
        int ready = poll(p, 2, clock_poll_ms(quiet ? MIN(quiet, deadline) : deadline));
        bool retry = c->retry_ms && clock_mono_ms() >= c->retry_ms;
        /* From here on a delta wakes us again; what came until now is taken below. */
        atomic_store(&c->quiet_ms, 0);
        /* While writing does not work only the timer tries it, but wishes are answered at once. */
        bool due = (ready > 0 && p[0].revents) || quiet || retry ||
                   (!c->retry_ms && asks_next_expiry(c) <= clock_wall_ms());
        bool wrote = due && drain(c);
        /* Our own commits make the watch readable, too; after a look it is quiet again. Text that only
         * passes by is no reason for one. */
        if (wrote || (ready > 0 && p[1].revents) || c->follow_late || look_due(c))
            look_around(c);
        publish_late(c);
        if (c->stopping && c->held && c->retry_ms)
            break; /* writing does not work: what is held is told so by core_stop */
    }
}

static void sync_loop(void *arg)
{
    struct core *c = arg;
    pthread_mutex_lock(&c->sync_lock);
    for (;;) {
        while (!c->sync_wanted && !c->sync_stop)
            pthread_cond_wait(&c->sync_cond, &c->sync_lock);
        if (!c->sync_wanted)
            break;
        c->sync_wanted = false;
        pthread_mutex_unlock(&c->sync_lock);
        struct err e = ERR_INIT;
        if (!store_sync(c->store, &e))
            log_error("the log could not be synced: %s", e.message);
        pthread_mutex_lock(&c->sync_lock);
    }
    pthread_mutex_unlock(&c->sync_lock);
}

/* ---- seams ---- */

/* Two neighbouring deltas of one part become one while nobody has read them. */
static bool merge_deltas(struct queue_node *last, struct queue_node *node)
{
    struct msg *a = CONTAINER_OF(last, struct msg, node);
    struct msg *b = CONTAINER_OF(node, struct msg, node);
    if (a->type != MSG_EVENT || a->event->kind != b->event->kind ||
        b->event->kind != EV_TURN_TEXT_DELTA)
        return false;
    const struct ev_turn_text_delta *x = EV(a->event, turn_text_delta);
    const struct ev_turn_text_delta *y = EV(b->event, turn_text_delta);
    size_t nx = strlen(x->text);
    size_t ny = strlen(y->text);
    if (strcmp(x->part, y->part) != 0 || x->offset + (int64_t)nx != y->offset ||
        nx + ny > CORE_DELTA_MERGE_MAX)
        return false;
    char *both = mem_new(nx + ny + 1);
    memcpy(both, x->text, nx);
    memcpy(both + nx, y->text, ny);
    struct event *ev = event_new(
        EV_TURN_TEXT_DELTA, &a->event->ids,
        &(struct ev_turn_text_delta){.part = x->part, .offset = x->offset, .text = both});
    free(both);
    event_unref(a->event);
    a->event = ev;
    return true;
}

static void sink_emit(void *ctx, struct event *ev)
{
    struct core *c = ctx;
    struct msg *m = NEW(struct msg);
    bool merged = false;
    bool durable = event_durable(ev);
    m->type = MSG_EVENT;
    m->event = ev;
    bool ok = durable
                  ? queue_push(&c->mailbox, &m->node, true)
                  : queue_push_or_merge(&c->mailbox, &m->node, merge_deltas, &merged);
    if (!ok || merged)
        msg_free(m);
    else if (!durable && atomic_load(&c->quiet_ms) == 0)
        queue_wake(&c->mailbox);
}

static bool sink_emit_sync(void *ctx, struct event *ev, struct cancel *cancel, struct err *e)
{
    struct core *c = ctx;
    struct msg *m = NEW(struct msg);
    struct waiter *waiter = waiter_new();
    struct action_answer answer = {0};
    m->type = MSG_EVENT;
    m->event = ev;
    m->waiter = waiter_ref(waiter);
    bool ok;
    if (!queue_push(&c->mailbox, &m->node, true)) {
        msg_free(m);
        ok = err_set(e, ERR_SHUTTING_DOWN, "tau is shutting down");
    } else {
        ok = waiter_wait(waiter, cancel, &answer, e);
        if (ok && !answer.accepted) {
            *e = answer.err;
            ok = false;
        }
    }
    waiter_unref(waiter);
    return ok;
}

static void actor_submit(void *ctx, const char *action, struct str arguments,
                         const struct principal *who, const char *idem,
                         void (*done)(void *arg, const struct action_answer *), void *arg)
{
    struct core *c = ctx;
    struct msg *m = NEW(struct msg);
    m->type = MSG_ACTION;
    m->action = mem_strdup(action);
    m->arguments = mem_strndup(arguments.n ? arguments.p : "{}", arguments.n ? arguments.n : 2);
    m->idem = mem_strdup(idem);
    m->principal = mem_strdup(who->name);
    m->role = who->role;
    m->done = done;
    m->arg = arg;
    if (queue_push(&c->mailbox, &m->node, true))
        return;
    struct action_answer answer = {0};
    err_set(&answer.err, ERR_SHUTTING_DOWN, "tau is shutting down");
    if (done)
        done(arg, &answer);
    msg_free(m);
}

static void wake_waiter(void *arg, const struct action_answer *answer)
{
    waiter_done(arg, answer);
    waiter_unref(arg);
}

static void actor_submit_wait(void *ctx, const char *action, struct str arguments,
                              const struct principal *who, struct action_answer *ret_answer)
{
    struct waiter *waiter = waiter_new();
    struct err e = ERR_INIT;
    actor_submit(ctx, action, arguments, who, NULL, wake_waiter, waiter_ref(waiter));
    if (!waiter_wait(waiter, NULL, ret_answer, &e))
        *ret_answer = (struct action_answer){.err = e};
    waiter_unref(waiter);
}

struct hub *core_hub(struct core *c)
{
    return c->hub;
}

struct sink core_sink(struct core *c)
{
    return (struct sink){sink_emit, sink_emit_sync, c};
}

struct actor core_actor(struct core *c)
{
    return (struct actor){actor_submit, actor_submit_wait, c};
}

struct reader core_reader(struct core *c)
{
    return (struct reader){queries_run, c};
}

const char *core_proc(const struct core *c)
{
    return store_proc(c->store);
}

const char *core_store_name(const struct core *c)
{
    return store_name(c->store);
}

void core_model(struct core *c, char *buf, size_t size)
{
    pthread_mutex_lock(&c->model_lock);
    snprintf(buf, size, "%s", c->model);
    pthread_mutex_unlock(&c->model_lock);
}

/* ---- start ---- */

struct load {
    struct draft *draft;
};

static void load_record(void *arg, struct rec *r)
{
    struct load *load = arg;
    draft_load(load->draft, r);
}

/* What the projections hold. */
bool core_load_state(struct core *c, struct err *e)
{
    struct load load = {draft_new(c->snap)};
    int64_t first, last, folded, before;
    /* Others may write meanwhile: all of it is read as it was at one moment. */
    bool ok = store_read_begin(c->store, &last, e) &&
              store_range(c->store, &first, &last, &folded, e);
    for (int kind = 0; ok && kind < REC_COUNT; kind++) {
        ok = store_load(c->store, (enum rec_kind)kind, NULL, load_record, &load, &before, e);
        if (ok)
            draft_load_before(load.draft, (enum rec_kind)kind, before);
    }
    store_read_end(c->store);
    if (!ok) {
        draft_drop(load.draft);
        return false;
    }
    const struct snapshot *old = c->snap;
    c->seq = folded;
    c->snap = draft_finish(load.draft, c->seq);
    snapshot_unref(old);
    return true;
}

/* Is something open, or leased by a process that is gone? Then it may be for us to end it. */
static bool may_recover(struct core *c)
{
    static const enum rec_kind open[] = {REC_TURN, REC_TOOL, REC_APPROVAL, REC_JOB};
    for (size_t k = 0; k < ARRAY_LEN(open); k++) {
        const struct section *sec = c->snap->sections[open[k]];
        for (size_t i = 0; i < sec->n; i++)
            if (!rec_ended(sec->v[i]))
                return true;
    }
    const struct section *sessions = c->snap->sections[REC_SESSION];
    for (size_t i = 0; i < sessions->n; i++) {
        const char *proc = REC(sessions->v[i], session)->proc;
        if (proc && store_proc_gone(c->store, proc))
            return true;
    }
    return false;
}

/* Several processes may start at once after one has died, and each would end the same things. Under
 * the write lock only one does, and it must know what the others did before: what it learns by taking
 * the lock is taken in first, and then it looks again. */
static bool recover_now(struct core *c, struct err *e)
{
    enum { TRIES = 1000 };
    for (int i = 0; i < TRIES && may_recover(c); i++) {
        struct batch b;
        batch_init(&b, c);
        bool ok = batch_open(&b, e);
        bool news = ok && b.events.n > 0;
        if (news) {
            store_rollback(c->store);
            b.tail = true;
        } else if (ok && !recover(&b, e)) {
            ok = false;
            b.failed = true;
        }
        if (!batch_commit(&b)) {
            if (ok)
                *e = b.err;
            ok = false;
        }
        hub_publish(c->hub, b.events.v, b.events.n, c->snap);
        batch_done(&b);
        if (!ok || !news)
            return ok;
    }
    hub_publish(c->hub, NULL, 0, c->snap);
    return true;
}

static void fill_env(struct core *c, const struct core_options *o)
{
    c->env = (struct agent_env){
        .sink = core_sink(c),
        .actor = core_actor(c),
        .reader = core_reader(c),
        .policy = c->policy,
        .jobs = c->jobs,
        .calls = c->calls,
        .keep = c->keep,
        .tools = c->tools,
        .workspace = c->workspace,
        .store_dir = c->store_dir,
        .script = c->script,
        .max_steps = o->max_steps,
        .parallel_tools = o->parallel_tools,
        .turn_timeout_ms = o->turn_timeout_ms,
        .request_timeout_ms = o->request_timeout_ms,
        .tool_timeout_ms = o->tool_timeout_ms,
        .connect_timeout_ms = o->connect_timeout_ms,
        .wait_timeout_ms = o->wait_timeout_ms,
        .idle_timeout_ms = o->idle_timeout_ms,
        .retries = o->retries,
        .patience_ms = o->patience_ms,
        .approval_timeout_ms = o->approval_timeout_ms,
    };
    if (o->interactive)
        c->env.asker = (struct asker){asks_ask, c};
}

static void make_pools(struct core *c, int64_t parallel_tools)
{
    c->tools = pool_new("tau-tool", (size_t)(c->turns_max * parallel_tools), 0);
    c->queries = pool_new("tau-query", CORE_QUERY_THREADS, 0);
    c->jobs = jobs_new();
    c->calls = calls_new();
    c->keep = keep_cache_new();
}

struct core *core_start(const struct core_options *o, struct err *e)
{
    struct core *c = NEW(struct core);
    struct id proc = id_make("proc");
    c->workspace = mem_strdup(o->workspace);
    c->store_dir = mem_strdup(o->store_dir);
    c->source = mem_strdup(o->source);
    c->script = mem_strdup(o->script);
    c->model = mem_strdup(o->model);
    c->turns_max = o->turns_max;
    c->approval_timeout_ms = o->approval_timeout_ms;
    c->interactive = o->interactive;
    c->policy = o->policy;
    c->door = o->door;
    c->hub = hub_new();
    c->snap = snapshot_empty();
    pthread_mutex_init(&c->ask_lock, NULL);
    pthread_mutex_init(&c->model_lock, NULL);
    pthread_mutex_init(&c->sync_lock, NULL);
    pthread_cond_init(&c->sync_cond, NULL);
    pthread_mutex_init(&c->querier_lock, NULL);
    struct store_options so = {
        .dir = o->store_dir, .proc = proc.s, .memory = o->no_session, .unwatched = o->alone,
        .vfs = o->vfs};
    bool ok = queue_init(&c->mailbox, CORE_MAILBOX) ||
              err_sys(e, ERR_IO, errno, "the mailbox of the core");
    ok = ok && store_open(&c->store, &so, e) && core_load_state(c, e) &&
         core_catch_up(c, e) && recover_now(c, e);
    if (ok) {
        make_pools(c, o->parallel_tools);
        fill_env(c, o);
        ok = thread_start(&c->thread, "tau-core", 512 * 1024, core_loop, c, e) &&
             thread_start(&c->sync, "tau-sync", 0, sync_loop, c, e);
    }
    if (ok && !o->no_session)
        c->retain = retain_start(o->store_dir, o->vfs, o->keep_ms, o->max_bytes);
    if (!ok) {
        core_stop(c, 0);
        return NULL;
    }
    return c;
}

/* ---- stop ---- */

static void stop_sync(struct core *c)
{
    pthread_mutex_lock(&c->sync_lock);
    c->sync_wanted = c->sync.running;
    c->sync_stop = true;
    pthread_cond_signal(&c->sync_cond);
    pthread_mutex_unlock(&c->sync_lock);
    thread_join(&c->sync);
}

/* Those who still wait are told that it will not happen. */
static void refuse_waiting(struct queue_node *list)
{
    struct action_answer answer = {0};
    err_set(&answer.err, ERR_SHUTTING_DOWN, "tau is shutting down");
    for (struct queue_node *n = list; n; n = n->next) {
        struct msg *m = CONTAINER_OF(n, struct msg, node);
        if (m->waiter)
            waiter_done(m->waiter, &answer);
        if (m->type == MSG_ACTION && m->done)
            m->done(m->arg, &answer);
    }
    free_messages(list);
}

/* Waits until no turn runs, or the grace is over. Turns end through the mailbox, so core still runs. */
static bool wait_for_turns(struct core *c, int64_t grace_ms)
{
    int64_t deadline = clock_mono_ms() + grace_ms;
    /* Without a descriptor to be woken by it is looked at now and then. */
    struct hub_reader *r = hub_read(c->hub, &(struct hub_filter){.snapshots = true});
    bool idle;
    for (;;) {
        if (r)
            hub_arm(r);
        struct snapshot *s = hub_snapshot(c->hub);
        const struct section *turns = s->sections[REC_TURN];
        idle = true;
        for (size_t i = 0; i < turns->n; i++) {
            const struct rec_turn *t = REC(turns->v[i], turn);
            if (!rec_ended(turns->v[i]) && t->proc && strcmp(t->proc, core_proc(c)) == 0)
                idle = false;
        }
        snapshot_unref(s);
        int64_t next = r ? deadline : MIN(deadline, clock_mono_ms() + IDLE_LOOK_MS);
        if (idle || (cancel_wait_fd(NULL, r ? hub_fd(r) : -1, POLLIN, next) == CANCEL_DEADLINE && next == deadline))
            break;
    }
    hub_read_end(r);
    return idle;
}

void core_stop(struct core *c, int64_t grace_ms)
{
    retain_stop(TAKE(c->retain));
    if (c->thread.running) {
        struct principal self = {"shutdown", ROLE_ADMIN};
        struct action_answer answer;
        actor_submit_wait(c, "turn.cancel", STR("{\"turn\":\"*\"}"), &self, &answer);
        /* Those that are left when the grace is over are told below that nothing is written any more,
         * and end by that: until they are joined all that a tool may ask for stays. */
        wait_for_turns(c, grace_ms);
        jobs_stop(c->jobs);
        struct msg *m = NEW(struct msg);
        m->type = MSG_STOP;
        if (!queue_push(&c->mailbox, &m->node, true))
            msg_free(m);
        thread_join(&c->thread);
    }
    if (c->mailbox.fd > 0)
        queue_close(&c->mailbox);
    refuse_waiting(TAKE(c->held));
    refuse_waiting(c->mailbox.fd > 0 ? queue_take_all(&c->mailbox) : NULL);
    /* That they shall end could not be said before when nothing could be written. */
    for (struct run *run = c->runs; run; run = run->next)
        cancel_fire(run->cancel);
    while (c->runs) {
        struct run *run = c->runs;
        c->runs = run->next;
        thread_join(&run->thread);
        run_free(run);
    }
    if (c->tools)
        pool_free(c->tools);
    if (c->queries)
        pool_free(c->queries);
    jobs_free(c->jobs);
    calls_free(c->calls);
    keep_cache_free(c->keep);
    stop_sync(c);
    for (size_t i = 0; i < c->n_queriers; i++)
        querier_close(c->queriers[i]);
    snapshot_unref(c->snap);
    store_close(c->store);
    if (c->mailbox.fd > 0)
        queue_done(&c->mailbox);
    hub_free(c->hub);
    pthread_mutex_destroy(&c->ask_lock);
    pthread_mutex_destroy(&c->model_lock);
    pthread_mutex_destroy(&c->sync_lock);
    pthread_cond_destroy(&c->sync_cond);
    pthread_mutex_destroy(&c->querier_lock);
    free(c->workspace);
    free(c->store_dir);
    free(c->source);
    free(c->script);
    free(c->model);
    free(c);
}

/* ---- the session to begin with ---- */

static bool switch_to(struct core *c, const char *name, bool create, bool watch, char *ret_id,
                      struct err *e)
{
    struct principal self = {"operator", ROLE_OPERATOR};
    struct action_answer answer;
    struct buf args = BUF_OWN;
    struct jsonw w = JSONW(&args);
    jsonw_begin_object(&w);
    jsonw_put_cstr(&w, "session", name);
    jsonw_put_bool(&w, "create", create);
    jsonw_put_bool(&w, "watch", watch);
    jsonw_end_object(&w);
    actor_submit_wait(c, "session.switch", buf_view(&args), &self, &answer);
    buf_free(&args);
    if (!answer.accepted) {
        *e = answer.err;
        return false;
    }
    memcpy(ret_id, answer.id, ID_MAX);
    return true;
}

bool core_open_session(struct core *c, const char *name, bool last, bool create, char *ret_id,
                       struct err *e)
{
    if (last || name)
        return switch_to(c, last ? "@last" : name, create && !last, false, ret_id, e);
    ret_id[0] = '\0'; /* made when there is something to keep */
    return true;
}

bool core_watch_session(struct core *c, const char *name, bool last, char *ret_id, struct err *e)
{
    return switch_to(c, last ? "@last" : name, false, true, ret_id, e);
}
