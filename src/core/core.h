/* SPDX-License-Identifier: MIT
 *
 * core: the heart of a process: one thread that is the only writer. It takes facts and wishes from
 * its mailbox, checks them, commits them, reduces them, publishes, notifies, in this order, one
 * transaction a drain. It starts the turns, closes what died with another process, and hands out the
 * seams through which everybody else works.
 */
#ifndef TAU_CORE_CORE_H
#define TAU_CORE_CORE_H

#include "agent/turn.h"
#include "base/base.h"
#include "base/err.h"
#include "contract/seams.h"
#include "policy/policy.h"
#include "state/hub.h"

struct core;

struct core_options {
    const char *store_dir;   /* the project's state directory */
    bool no_session;         /* keep nothing: a store in memory */
    const char *workspace;   /* real path */
    const char *model;       /* provider/name of new turns */
    const char *script;      /* local/script */
    const char *source;      /* the face: console, headless */
    struct policy *policy;   /* outlives the core */
    bool interactive;        /* an operator can answer questions */
    struct door door;        /* of the actions gateway.up and down; open NULL: this face has none */
    bool alone; /* what other processes do need not be seen at once: nobody looks on (store.h) */
    int64_t turns_max, max_steps, parallel_tools;
    int64_t turn_timeout_ms, request_timeout_ms, tool_timeout_ms, approval_timeout_ms;
    int64_t retries, patience_ms;
    int64_t connect_timeout_ms, wait_timeout_ms, idle_timeout_ms;
    int64_t keep_ms, max_bytes; /* of what nothing needs any more (core/retain.h); 0: no limit */
    const char *vfs;         /* tests */
};

/* Opens the store, recovers, starts the threads. */
struct core *core_start(const struct core_options *options, struct err *e) ATTR_WARN;

/* Refuses new work, cancels what runs, waits for it (at most grace_ms, then it is left to recovery),
 * drains the mailbox, syncs, closes, joins every thread. */
void core_stop(struct core *c, int64_t grace_ms);

struct hub *core_hub(struct core *c);
struct sink core_sink(struct core *c);
struct actor core_actor(struct core *c);
struct reader core_reader(struct core *c);
const char *core_proc(const struct core *c);
const char *core_store_name(const struct core *c); /* ids of events outside begin with it */

/* The model of the next turns, copied. Any thread. */
void core_model(struct core *c, char *buf, size_t size);

/* Which session this process begins with. name NULL: a new one, made at the first turn. `last`: the
 * one that changed last. *ret_id (ID_MAX bytes). ERR_LEASED names who has it. */
bool core_open_session(struct core *c, const char *name, bool last, bool create, char *ret_id,
                       struct err *e) ATTR_WARN;

/* The same for one that another process has, to look on: what it says is shown, and to say something
 * oneself is ERR_LEASED until it is free. */
bool core_watch_session(struct core *c, const char *name, bool last, char *ret_id,
                        struct err *e) ATTR_WARN;

#endif
