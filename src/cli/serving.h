/* SPDX-License-Identifier: MIT
 *
 * serving: the gateway of this process, up or down: of the console, and of tau gateway serve. A
 * command, the core and the screen may ask at once: the lock is held for moments only, and never while
 * the gateway goes up or down. Any thread.
 */
#ifndef TAU_CLI_SERVING_H
#define TAU_CLI_SERVING_H

#include "base/buf.h"
#include "base/err.h"
#include "base/thread.h"
#include "contract/seams.h"
#include "gateway/gateway.h"

#include <pthread.h>
#include <stdatomic.h>

struct app;
struct serving {
    pthread_mutex_t lock;      /* of the pointer, and for as long as it is used */
    pthread_mutex_t move_lock; /* of who starts or stops it; taken before the other */
    struct gateway *gateway;   /* NULL: down */
    int changed_fd;          /* eventfd; -1: nobody looks on */
    atomic_bool told;        /* it is readable, or will be in a moment */
    const struct app *app;   /* of the door */
    pthread_mutex_t order_lock;
    struct thread order;     /* what the door was asked for last */
    atomic_bool ordered;     /* and has not done yet */
    char bind[128];
    bool yes, opens;
};
#define SERVING_INIT                                                                               \
    {.lock = PTHREAD_MUTEX_INITIALIZER, .move_lock = PTHREAD_MUTEX_INITIALIZER, .changed_fd = -1,              \
     .order_lock = PTHREAD_MUTEX_INITIALIZER}

/* For the core's actions; a has its core by the time somebody asks. A thread of its own does it, and
 * error.raised says when it can not. */
struct door serving_door(struct serving *s, const struct app *a);

/* bind: "ADDRESS:PORT", ":PORT" or "PORT"; NULL: 127.0.0.1:8787. An address that others can reach
 * wants `yes`. ERR_EXISTS: it is up, or the address is taken. */
bool serving_may(const char *bind, bool yes, struct err *e) ATTR_WARN; /* would that be listened at? */
bool serving_up(struct serving *s, const struct app *a, const char *bind, bool yes,
                struct err *e) ATTR_WARN;
bool serving_down(struct serving *s, struct err *e) ATTR_WARN;
void serving_done(struct serving *s);

/* Takes no new requests, or does again; ends one that goes on. ERR_NOT_FOUND: the gateway is down, or no
 * request of that number goes on; ERR_OVERLOADED: it goes up or down just now, as the door was asked. */
bool serving_drain(struct serving *s, bool drains, struct err *e) ATTR_WARN;
bool serving_cut(struct serving *s, int64_t request, struct err *e) ATTR_WARN;

/* One of the newest requests; false: it is not among them. */
bool serving_request(struct serving *s, int64_t request, struct http_seen *ret);

/* Appends where it listens and where the token is, and the newest requests; or that it is down. */
void serving_write(struct serving *s, struct buf *out);

/* "/gateway/operator/actions/task.create": the path of its route, with the name that it was asked for. */
enum { SERVING_PATH = 96 };
const char *serving_path(const struct http_seen *r, char ret[SERVING_PATH]);

/* What is served now: address "" when it is down. Whoever looks on sets changed_fd before; it is made
 * readable by the first change after each look. */
struct serving_view {
    char address[GATEWAY_ADDRESS];
    int64_t since_ms, requests;
    bool drains;
    size_t streams, n;
    struct http_seen seen[GATEWAY_SEEN_MAX]; /* oldest first */
};
void serving_look(struct serving *s, struct serving_view *ret);
void serving_badge(struct serving *s, char *ret, size_t size); /* "gw :8787", "gw :8787 drains", or nothing */

#endif
