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

struct gateway {
    struct gateway_options o;
    char *proc, *store, *token_path, *name;
    char token[SECRET_TOKEN], view_token[SECRET_TOKEN];
    struct http_caller callers[2];
    struct http_server *server;
    struct thread fan;
    struct cancel *cancel;
    int64_t started_ms; /* wall */
    int64_t started_mono_ms;
    pthread_mutex_t lock; /* guards the server against who wakes it, and the five below */
    pthread_cond_t idle;
    size_t acts; /* that the core has not answered yet */
    struct http_seen newest[GATEWAY_SEEN_MAX]; /* a ring */
    uint64_t n_seen;
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

/* status.c, events.c, acting.c: the functions of routes. ctx: the gateway. */
void gateway_health(void *ctx, const struct http_request *r, struct http_reply *ret);
void gateway_ready(void *ctx, const struct http_request *r, struct http_reply *ret);
void gateway_status(void *ctx, const struct http_request *r, struct http_reply *ret);
void gateway_state(void *ctx, const struct http_request *r, struct http_reply *ret);
void gateway_events(void *ctx, const struct http_request *r, struct http_reply *ret);
void gateway_act(void *ctx, const struct http_request *r, struct http_reply *ret);
void gateway_ask(void *ctx, const struct http_request *r, struct http_reply *ret);

#endif
