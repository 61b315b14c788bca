/* SPDX-License-Identifier: MIT
 *
 * serving: the gateway of this process, up or down: of the console, and of tau gateway serve. One
 * lock, so that a command and the screen may ask at once. Any thread.
 */
#ifndef TAU_CLI_SERVING_H
#define TAU_CLI_SERVING_H

#include "base/buf.h"
#include "base/err.h"

#include <pthread.h>

struct app;
struct gateway;
struct serving {
    pthread_mutex_t lock;
    struct gateway *gateway; /* NULL: down */
};
#define SERVING_INIT {PTHREAD_MUTEX_INITIALIZER, NULL}

/* bind: "ADDRESS:PORT", ":PORT" or "PORT"; NULL: 127.0.0.1:8787. An address that others can reach
 * wants `yes`. ERR_EXISTS: it is up, or the address is taken. */
bool serving_up(struct serving *s, const struct app *a, const char *bind, bool yes,
                struct err *e) ATTR_WARN;
bool serving_down(struct serving *s, struct err *e) ATTR_WARN;
void serving_done(struct serving *s);

/* Appends where it listens and where the token is, and the newest requests; or that it is down. */
void serving_write(struct serving *s, struct buf *out);
void serving_badge(struct serving *s, char *ret, size_t size); /* "gw :8787", or nothing */

#endif
