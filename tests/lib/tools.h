/* SPDX-License-Identifier: MIT
 *
 * tools: a workspace on disk, a sink that collects, and calls of built-in tools as a turn makes
 * them (arguments as JSON, validated; intend; run), but without policy's verdict and without a
 * journal.
 */
#ifndef TAU_TESTS_TOOLS_H
#define TAU_TESTS_TOOLS_H

#include "base/cancel.h"
#include "contract/event.h"
#include "policy/policy.h"
#include "tool/call.h"
#include "tool/jobs.h"

#include <pthread.h>

struct tools {
    char *top;   /* a temporary directory; ws, store, state, config and out lie in it */
    char *ws;    /* the workspace, a real path */
    char *store; /* for blobs */
    struct path_root root;
    struct policy *policy;
    struct cancel *cancel;
    struct jobs *jobs;
    struct reader reader; /* answers without rows unless a test sets it */
    int64_t deadline_ms; /* of calls; CLOCK_NEVER unless a test sets it */
    const char *session; /* of calls */
    bool sink_fails;     /* emit_sync answers ERR_STORE */

    /* Of the last call, until the next. */
    struct arena arena;
    struct tool_call call;
    struct tool_intent intent;
    struct tool_outcome outcome;
    bool intended; /* intend() was passed */
    const char *artifact;
    int64_t total;

    pthread_mutex_t lock; /* guards the events */
    pthread_cond_t changed;
    struct event **events;
    size_t n, cap;
};

void tools_open(struct tools *t, const char *name, enum policy_preset preset);
void tools_close(struct tools *t);

/* Another workspace than the fixture's own; tools_close does not remove it. */
void tools_enter(struct tools *t, const char *ws);

/* Files of the workspace. tools_get fails the test when the file is not there; the caller frees. */
void tools_put(struct tools *t, const char *relative, const char *text);
void tools_put_bytes(struct tools *t, const char *relative, const void *p, size_t n);
char *tools_get(struct tools *t, const char *relative, size_t *ret_n);
bool tools_has(struct tools *t, const char *relative);
void tools_mkdir(struct tools *t, const char *relative);

/* One call. between (may be NULL) runs after intend() and before run(). The outcome is t->outcome;
 * its result is never NULL and NUL-terminated. */
bool tools_call(struct tools *t, const char *tool, const char *arguments, struct err *e);
bool tools_call_between(struct tools *t, const char *tool, const char *arguments,
                        void (*between)(struct tools *), struct err *e);

/* Events so far: how many of a kind, and the nth (from 0; NULL when there is none). The reference
 * is the fixture's. tools_forget drops them all. */
size_t tools_count(struct tools *t, enum event_kind kind);
const struct event *tools_event(struct tools *t, enum event_kind kind, size_t nth);
void tools_forget(struct tools *t);

/* Waits until there is an event of this kind; fails the test after a minute. */
const struct event *tools_wait(struct tools *t, enum event_kind kind);

/* As if tau-exec were not installed, from now on; or there again. */
void tools_lose_exec(bool lost);

/* The bytes of a blob; fails the test when it is not there. The caller frees. */
char *tools_blob(struct tools *t, const char *sha, size_t *ret_n);

/* The texts of all output chunks of a part, put together; fails when their offsets have gaps. */
char *tools_chunks(struct tools *t, bool job);

#endif
