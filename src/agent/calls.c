/* SPDX-License-Identifier: MIT
 *
 * calls: a list of the calls that run, each with its token. The lock guards the list alone: a token is
 * fired outside of it, by a reference of its own, since what that wakes may end the call at once.
 */
#include "agent/calls.h"

#include "base/mem.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct running {
    char *call;
    struct cancel *token; /* a reference of the list's own */
};

struct calls {
    pthread_mutex_t lock;
    VEC(struct running) all;
};

struct calls *calls_new(void)
{
    struct calls *c = NEW(struct calls);
    pthread_mutex_init(&c->lock, NULL);
    return c;
}

void calls_free(struct calls *c)
{
    if (!c)
        return;
    TAU_ASSERT(c->all.n == 0);
    free(c->all.v);
    pthread_mutex_destroy(&c->lock);
    free(c);
}

/* Called with the lock. */
static struct running *find(struct calls *c, const char *call)
{
    for (size_t i = 0; i < c->all.n; i++)
        if (strcmp(c->all.v[i].call, call) == 0)
            return &c->all.v[i];
    return NULL;
}

struct cancel *calls_begin(struct calls *c, const char *call, struct cancel *turn)
{
    struct cancel *token = cancel_new(turn);
    pthread_mutex_lock(&c->lock);
    VEC_PUSH(&c->all, ((struct running){mem_strdup(call), cancel_ref(token)}));
    pthread_mutex_unlock(&c->lock);
    return token;
}

void calls_end(struct calls *c, const char *call, struct cancel *token)
{
    pthread_mutex_lock(&c->lock);
    struct running *r = find(c, call);
    if (r) {
        free(r->call);
        cancel_unref(r->token);
        *r = c->all.v[--c->all.n];
    }
    pthread_mutex_unlock(&c->lock);
    cancel_unref(token);
}

bool calls_cancel(struct calls *c, const char *call)
{
    pthread_mutex_lock(&c->lock);
    struct running *r = find(c, call);
    struct cancel *token = r ? cancel_ref(r->token) : NULL;
    pthread_mutex_unlock(&c->lock);
    if (token)
        cancel_fire(token);
    cancel_unref(token);
    return token != NULL;
}
