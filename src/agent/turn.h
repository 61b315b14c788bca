/* SPDX-License-Identifier: MIT
 *
 * turn: the turn engine. One call runs one turn from turn.started to its terminal event, on a thread
 * of its own; it is the only emitter of that turn. It keeps nothing: what it needs of the past it
 * reads by queries, what happens it emits.
 */
#ifndef TAU_AGENT_TURN_H
#define TAU_AGENT_TURN_H

#include "base/base.h"
#include "base/cancel.h"
#include "base/thread.h"
#include "contract/seams.h"
#include "policy/policy.h"
#include "tool/jobs.h"

/* What all turns of a process share; outlives them. */
struct agent_env {
    struct sink sink;
    struct asker asker; /* ask == NULL: nobody can be asked */
    struct actor actor;
    struct reader reader;
    struct policy *policy;
    struct jobs *jobs;
    struct calls *calls;       /* those that run (agent/calls.h) */
    struct keep_cache *keep;   /* copies that earlier turns made; NULL: none */
    struct pool *tools;        /* the tool pool */
    const char *workspace;     /* real path */
    const char *store_dir;
    const char *script;        /* local/script: its file; NULL: none */
    int64_t max_steps, parallel_tools;
    int64_t turn_timeout_ms, request_timeout_ms, tool_timeout_ms; /* 0: none (the preset's) */
    /* Of one request: until there is a connection, until the answer begins, between two pieces. */
    int64_t connect_timeout_ms, wait_timeout_ms, idle_timeout_ms;
    int64_t approval_timeout_ms;
    int64_t retries, patience_ms; /* of one request, agent/retry.h */
};

struct turn_start {
    const char *session, *turn, *input, *model; /* model: provider/name */
    struct steers *steers; /* what is said meanwhile (agent/steer.h); shut when the turn ends */
    const char *schema; /* JSON Schema that the answer shall meet, or NULL */
    const char *images; /* as in turn.created, or NULL */
    struct cancel *cancel;
    const char *(*cancelled_by)(void *arg); /* who fired the token; never NULL */
    void *arg;
};

/* Blocks until the turn has ended (its terminal event is committed, or can not be). */
void turn_run(const struct agent_env *env, const struct turn_start *start);

#endif
