/* SPDX-License-Identifier: MIT
 *
 * internal: what the files of the gateway share. Only they include it.
 */
#ifndef TAU_GATEWAY_INTERNAL_H
#define TAU_GATEWAY_INTERNAL_H

#include "base/base.h"
#include "base/cancel.h"
#include "base/secret.h"
#include "base/thread.h"
#include "gateway/gateway.h"

#include <pthread.h>
#include <stdatomic.h>

enum { GATEWAY_ROUTES_MAX = 32 };

/* Refused callers, by address (audit.c). */
enum { AUDIT_ADDRESSES = 64, AUDIT_PER_MINUTE = 60 };
struct audit_row {
    char address[48];
    int64_t minute; /* of its newest event */
    int64_t count;  /* since */
};
struct audit {
    struct audit_row rows[AUDIT_ADDRESSES];
    size_t n, said; /* rows; events in this minute */
    int64_t minute;
};

struct gateway {
    struct gateway_options o;
    char *proc, *store, *token_path, *name;
    char token[SECRET_TOKEN], view_token[SECRET_TOKEN];
    struct http_caller callers[2];
    struct http_server *server;
    bool stopping; /* with the lock: it is not woken any more */
    struct thread fan;
    struct hub_reader *published; /* the fan's */
    int begun_fd;                 /* eventfd: a stream has begun */
    struct cancel *cancel;
    int64_t started_ms; /* wall */
    int64_t started_mono_ms;
    pthread_mutex_t lock; /* guards the server against who wakes it, and the six below */
    pthread_cond_t idle;
    struct audit audit;
    size_t acts; /* that the core has not answered yet */
    struct http_seen newest[GATEWAY_SEEN_MAX]; /* oldest first */
    size_t n_newest;
    int64_t n_seen; /* since the start */
    atomic_llong requests[GATEWAY_ROUTES_MAX + 1]; /* the last: at no route */
    atomic_int asks;       /* queries that run */
    atomic_llong refused;  /* 401 */
    atomic_llong failed;   /* 5xx */
};

/* token.c: the tokens of the state directory, made at the first start: who has the first may do all, who
 * has the other may look. */
bool gateway_token(struct gateway *g, const char *state_dir, struct err *e) ATTR_WARN;

/* gateway.c: there may be an answer for those that wait. An action is under way; it was answered, and g
 * may be gone when this returns. Any thread. */
void gateway_wake(struct gateway *g);
void gateway_acts(struct gateway *g);
void gateway_acted(struct gateway *g);

/* audit.c: it is up; somebody was refused; it is down. The second on any thread. */
void audit_started(struct gateway *g);
void audit_refused(struct gateway *g, const char *who);
void audit_stopped(struct gateway *g);

/* status.c, events.c, acting.c: the functions of routes. ctx: the gateway. */
void gateway_health(void *ctx, const struct http_request *r, struct http_reply *ret);
void gateway_ready(void *ctx, const struct http_request *r, struct http_reply *ret);
void gateway_status(void *ctx, const struct http_request *r, struct http_reply *ret);
void gateway_state(void *ctx, const struct http_request *r, struct http_reply *ret);
void gateway_events(void *ctx, const struct http_request *r, struct http_reply *ret);
void gateway_act(void *ctx, const struct http_request *r, struct http_reply *ret);
void gateway_ask(void *ctx, const struct http_request *r, struct http_reply *ret);

#endif
