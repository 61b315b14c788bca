/* SPDX-License-Identifier: MIT
 *
 * steer: texts for a running turn.
 */
#include "agent/steer.h"

#include "base/mem.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct steer {
    int64_t ticket, seq;
    char *text;
    bool settled; /* it is the turn's */
};

struct steers {
    pthread_mutex_t lock; /* guards all below */
    pthread_cond_t settled;
    struct steer v[STEERS_MAX]; /* in the order in which they were said */
    size_t n;
    int64_t tickets;
    bool closed;
};

struct steers *steers_new(void)
{
    struct steers *s = NEW(struct steers);
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->settled, NULL);
    return s;
}

void steers_free(struct steers *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < s->n; i++)
        free(s->v[i].text);
    pthread_mutex_destroy(&s->lock);
    pthread_cond_destroy(&s->settled);
    free(s);
}

/* A ticket is there until it is settled for good. */
static struct steer *find(struct steers *s, int64_t ticket)
{
    size_t i = 0;
    while (i < s->n && s->v[i].ticket != ticket)
        i++;
    TAU_ASSERT(i < s->n);
    return &s->v[i];
}

/* The caller has taken the text out, or frees it. */
static void forget(struct steers *s, struct steer *one)
{
    size_t at = (size_t)(one - s->v);
    memmove(one, one + 1, (s->n - at - 1) * sizeof(*one));
    s->n--;
}

int64_t steers_reserve(struct steers *s, struct err *e)
{
    int64_t ticket = 0;
    pthread_mutex_lock(&s->lock);
    if (s->closed)
        err_set(e, ERR_CONFLICT, "the turn is at its end");
    else if (s->n == STEERS_MAX)
        err_set(e, ERR_OVERLOADED, "%d texts wait for the turn already", STEERS_MAX);
    else
        s->v[s->n++] = (struct steer){.ticket = ticket = ++s->tickets};
    pthread_mutex_unlock(&s->lock);
    return ticket;
}

void steers_fill(struct steers *s, int64_t ticket, int64_t seq, const char *text)
{
    pthread_mutex_lock(&s->lock);
    struct steer *one = find(s, ticket);
    one->seq = seq;
    one->text = mem_strdup(text);
    pthread_mutex_unlock(&s->lock);
}

int64_t steers_hold(struct steers *s, int64_t *ret_seq, const char **ret_text)
{
    int64_t ticket = 0;
    pthread_mutex_lock(&s->lock);
    for (size_t i = s->n; i > 0 && !ticket; i--) {
        struct steer *one = &s->v[i - 1];
        if (!one->settled)
            continue;
        one->settled = false;
        ticket = one->ticket;
        *ret_seq = one->seq;
        *ret_text = one->text;
    }
    pthread_mutex_unlock(&s->lock);
    return ticket;
}

void steers_settle(struct steers *s, int64_t ticket, bool deliver)
{
    pthread_mutex_lock(&s->lock);
    struct steer *one = find(s, ticket);
    one->settled = deliver;
    if (!deliver) {
        free(one->text);
        forget(s, one);
    }
    pthread_cond_signal(&s->settled);
    pthread_mutex_unlock(&s->lock);
}

static struct steer *oldest(struct steers *s, bool settled)
{
    for (size_t i = 0; i < s->n; i++)
        if (s->v[i].settled == settled)
            return &s->v[i];
    return NULL;
}

bool steers_take(struct steers *s, int64_t *ret_seq, char **ret_text)
{
    pthread_mutex_lock(&s->lock);
    struct steer *one = oldest(s, true);
    if (one) {
        *ret_seq = one->seq;
        *ret_text = one->text;
        forget(s, one);
    }
    pthread_mutex_unlock(&s->lock);
    return one != NULL;
}

bool steers_close(struct steers *s)
{
    pthread_mutex_lock(&s->lock);
    while (!oldest(s, true) && oldest(s, false))
        pthread_cond_wait(&s->settled, &s->lock);
    s->closed = s->n == 0;
    bool closed = s->closed;
    pthread_mutex_unlock(&s->lock);
    return closed;
}

void steers_shut(struct steers *s)
{
    pthread_mutex_lock(&s->lock);
    s->closed = true;
    pthread_mutex_unlock(&s->lock);
}
