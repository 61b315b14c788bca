/* SPDX-License-Identifier: MIT
 *
 * internal: what the files of core share. All of it belongs to the core thread, but for what says
 * otherwise.
 */
#ifndef TAU_CORE_INTERNAL_H
#define TAU_CORE_INTERNAL_H

#include "base/mem.h"
#include "base/queue.h"
#include "base/thread.h"
#include "contract/action.h"
#include "core/core.h"
#include "core/retain.h"
#include "state/reduce.h"
#include "store/query.h"
#include "store/store.h"

enum { CORE_MAILBOX = 4096, CORE_PUBLISH_MS = 8, CORE_RETRY_MS = 200, CORE_QUERY_THREADS = 2 };
enum { CORE_DELTA_MERGE_MAX = 4096, CORE_WAITING_MAX = 256 };

/* ---- mailbox ---- */

/* Somebody who waits for a message to be dealt with; shared by both sides. */
struct provider;
struct waiter;
struct waiter *waiter_new(void);
struct waiter *waiter_ref(struct waiter *w);
void waiter_unref(struct waiter *w);
void waiter_done(struct waiter *w, const struct action_answer *answer);
/* False with ERR_CANCELLED when the token fired first. */
bool waiter_wait(struct waiter *w, struct cancel *cancel, struct action_answer *ret_answer,
                 struct err *e) ATTR_WARN;

enum msg_type { MSG_EVENT, MSG_ACTION, MSG_TURN_ENDED, MSG_STOP };

struct msg {
    struct queue_node node; /* first */
    enum msg_type type;
    struct event *event;     /* MSG_EVENT */
    struct waiter *waiter;   /* MSG_EVENT, emit_sync: told when committed; else NULL */
    char *action, *arguments, *idem; /* MSG_ACTION */
    char *principal;
    enum role role;
    void (*done)(void *arg, const struct action_answer *);
    void *arg;
    char turn[ID_MAX]; /* MSG_TURN_ENDED */
};
void msg_free(struct msg *m);

/* ---- turns of this process ---- */

struct run {
    struct run *next;
    struct core *core;
    char id[ID_MAX], session[ID_MAX];
    char *input, *model, *schema, *images; /* schema: NULL: any answer; images: NULL: none */
    struct cancel *cancel;
    struct steers *steers;
    struct thread thread;
    int64_t seq; /* of its turn.created */
    bool started;
    _Atomic(const char *) by; /* who fired the token; a string that lives as long as the core */
};

/* ---- questions that wait ---- */

struct ask {
    struct ask *next;
    char id[ID_MAX];
    struct waiter *waiter;
    struct ask_answer *answer; /* the asking thread's, filled before waiter_done */
    int64_t expires_ms;        /* wall; 0: never */
};

struct core {
    struct store *store;
    struct hub *hub;
    struct queue mailbox;
    struct thread thread, sync;
    struct retain *retain; /* NULL: nothing leaves the log */
    struct policy *policy;
    struct door door;
    struct jobs *jobs;
    struct calls *calls;
    struct keep_cache *keep;
    struct pool *tools, *queries;
    struct agent_env env;
    char *workspace, *store_dir, *source, *script;
    pthread_mutex_t model_lock;
    char *model;              /* of new turns; core writes it, others read it under the lock */
    int64_t turns_max, approval_timeout_ms;
    bool interactive;

    const struct snapshot *snap; /* newest committed */
    int64_t seq;                 /* newest committed */
    bool unpublished;
    int64_t follow_ms; /* when others were last looked at, clock_mono_ms */
    bool follow_late;  /* they have written since */
    int looks_left;    /* how often it is looked again, at look_ms */
    int64_t look_ms;
    /* While it is not 0 core looks into its mailbox at that time (clock_mono_ms) at the latest, so
     * that deltas need not wake it: what is said in small pieces costs one wake-up a frame, not one a
     * piece. Turned on only by deltas in a hurry: those of an answer come this far apart by themselves. */
    _Atomic int64_t quiet_ms;
    int64_t delta_ms; /* when the last ones were taken, clock_mono_ms */
    int64_t published_ms;        /* clock_mono_ms */
    struct queue_node *held;     /* facts of a drain that could not be committed, in order */
    int64_t retry_ms;            /* when to try again; 0: not degraded */
    char current[ID_MAX];        /* session of actions that name none */
    struct run *runs;            /* in order of submission */
    bool stopping;

    pthread_mutex_t ask_lock; /* guards asks; threads that ask add, core answers */
    struct ask *asks;

    pthread_mutex_t sync_lock; /* guards the next two */
    pthread_cond_t sync_cond;
    bool sync_wanted, sync_stop;

    pthread_mutex_t querier_lock; /* guards the free queriers */
    struct querier *queriers[CORE_QUERY_THREADS];
    size_t n_queriers;
};

/* ---- one drain ---- */

/* What is done after the commit, on the core thread. */
struct effect {
    /* done: the batch is committed. Else it never happened: what was prepared is given back. */
    void (*fn)(struct core *c, void *arg, bool done);
    void *arg; /* freed with free() after fn */
};

struct batch {
    struct core *core;
    struct draft *draft;
    VEC(struct event *) events;
    VEC(struct effect) effects;
    VEC(struct { struct waiter *waiter; struct err err; bool ok; }) waiters;
    VEC(struct { struct msg *msg; struct action_answer answer; }) answers;
    bool open;    /* a transaction has begun */
    bool tail;    /* it only takes in what other processes wrote */
    int64_t seen; /* newest that other processes wrote and that is taken in */
    bool failed;  /* writing failed: err says why; nothing of the batch happened */
    bool sync;    /* something in it must survive a power cut */
    bool urgent;  /* publish at once */
    bool reread;  /* something is shown that was not, without an event */
    bool deltas;  /* something ephemeral is in it: more will follow soon */
    struct err err;
};

/* Appends one event to the batch: checked, numbered, reduced. Takes the event over. False with
 * ERR_ILLEGAL_EDGE when it is not legal (the batch goes on), or when writing failed (b->failed). */
bool batch_add(struct batch *b, struct event *ev, struct err *e);

/* As batch_add with event_new. */
bool batch_emit(struct batch *b, enum event_kind kind, const struct event_ids *ids,
                const void *fields, struct err *e);
/* Opens the batch's transaction, in which the draft is what the store holds; facts do that by
 * themselves. To be called before something is read from the store into the draft. */
bool batch_open(struct batch *b, struct err *e);
void batch_effect(struct batch *b, void (*fn)(struct core *c, void *arg, bool done), void *arg);

/* ---- by file ---- */

/* core/sessions.c: reads what a session keeps into the draft, in the place of what is there of it. In
 * the transaction. sessions_bring also reads the session itself. */
bool sessions_read(struct batch *b, const char *id, struct err *e);
bool sessions_bring(struct batch *b, const char *id, struct err *e);

/* core/core.c: reads what the projections hold now, in the place of what is there. */
bool core_load_state(struct core *c, struct err *e);

/* core/catchup.c: folds what the projections lack, before there is a core thread. */
bool core_catch_up(struct core *c, struct err *e);

/* For draft_source: what has left the snapshot and is named all the same. arg: the core. */
struct rec *core_read_back(void *arg, enum rec_kind kind, const char *key);

/* A record of the draft, else of the store; a reference for the caller, or NULL. */
const struct rec *batch_find(struct batch *b, enum rec_kind kind, const char *key);

/* core/recover.c: ends what died with its process, and gives its sessions free. Adds to the batch. */
bool recover(struct batch *b, struct err *e);

/* core/runs.c */
bool runs_submit(struct batch *b, const char *session, const struct act_turn_submit *what,
                 const char *model, char *ret_turn, struct err *e);
bool runs_cancel(struct batch *b, const char *turn, const char *by, struct err *e);
void runs_ended(struct batch *b, const char *turn);
struct run *runs_of_session(struct core *c, const char *session);
struct run *runs_find(struct core *c, const char *turn);
void run_free(struct run *r); /* its thread is joined, and nobody has it in a list */

/* core/asks.c */
bool asks_ask(void *ctx, struct event *requested, struct cancel *cancel,
              struct ask_answer *ret_answer, struct err *e);
void asks_answer(struct core *c, const char *approval, bool approved, const char *scope,
                 const char *by, const char *reason, const char *arguments);
/* When the next one expires, wall clock; INT64_MAX: none. Adds approval.expired for those that did. */
int64_t asks_expire(struct batch *b);
int64_t asks_next_expiry(struct core *c);

/* core/tasks.c: the task or entry of memory that is named by its id or by the end of it (at least
 * STORE_END_MIN characters, in small letters if one likes), also when it has left the snapshot.
 * ERR_NOT_FOUND, ERR_AMBIGUOUS. */
const struct rec *core_named(struct batch *b, enum rec_kind kind, const char *which, struct err *e);

/* core/images.c: are these references to images that are kept, and does the model look at any? images:
 * as in turn.submit, NULL is fine. ERR_INVALID with the path of the field, ERR_UNSUPPORTED. */
bool images_check(struct core *c, const struct provider *p, const char *model, const char *images,
                  struct err *e);

/* core/queries.c */
bool queries_run(void *ctx, const char *name, struct str arguments_json, struct cancel *cancel,
                 bool (*row)(void *arg, struct str json), void *arg, int64_t *ret_seq,
                 struct err *e);

/* core/sessions.c: the session that an action means (id, name, or the current one). NULL with
 * ERR_NOT_FOUND. Loads it from the store when it has left the snapshot. */
const struct rec_session *sessions_find(struct batch *b, const char *id_or_name, struct err *e);
/* ERR_INVALID says what a name may be. whose: "session", ... */
bool core_name_ok(const char *whose, const char *name, struct err *e);
bool sessions_name_ok(const char *name, struct err *e);
/* Makes a session that is leased to us. name NULL: one is made. */
bool sessions_make(struct batch *b, const char *name, char *ret_id, struct err *e);
/* Leases it to us. ERR_LEASED names who has it. */
bool sessions_take(struct batch *b, const char *id, struct err *e);
/* Gives all of ours free: the last thing a process does. */
void sessions_release(struct batch *b);

/* core/tree.c: what leads up to a message and the message itself, as ranges that are closed
 * (session.forked). entry NULL: nothing. ERR_NOT_FOUND. */
bool tree_lineage(struct batch *b, const char *entry, struct buf *out, struct err *e);
/* The session of an action that moves its head: ours, and nothing runs in it. *ret is a copy. */
bool tree_take(struct batch *b, const char *session, struct arena *a, struct rec_session *ret,
               struct err *e);
bool tree_move(struct batch *b, const char *session, const char *entry, const char *how,
               struct action_answer *ret_answer, struct err *e);
/* Is it what its turn began with? What was added to a running turn is a message of the user, too. */
bool tree_begins_turn(struct batch *b, const struct rec_message *m);

/* core/actions.c: runs one action. */
void action_run(struct batch *b, const struct msg *m, struct action_answer *ret_answer);

/* One handler a row of actions.def; a missing one does not link. */
#define ACTION(id, lc, name, role, confirm, help)                                                  \
    bool act_##lc(struct batch *b, const struct act_##lc *args, const struct principal *who,       \
                  struct action_answer *ret_answer, struct err *e);
#define FIELD(lc, type, member, presence, doc)
#define ACTION_END(lc)
#include "contract/actions.def"
#undef ACTION
#undef FIELD
#undef ACTION_END

#endif
