/* SPDX-License-Identifier: MIT
 *
 * rate: the times of the last calls in a ring per principal, so that the window slides.
 */
#include "policy/rate.h"

#include "base/mem.h"

#include <stdlib.h>

struct calls {
    int64_t at[RATE_CALLS_MAX]; /* a ring; the newest before `next` */
    size_t next, n;
};

void rate_free(struct rate *r)
{
    map_free(&r->principals, free);
}

/* The k-th newest call, from 0. */
static int64_t newest(const struct calls *c, size_t k)
{
    return c->at[(c->next + RATE_CALLS_MAX - 1 - k) % RATE_CALLS_MAX];
}

static bool is_idle(const struct calls *c, int64_t now)
{
    return c->n == 0 || newest(c, 0) + RATE_WINDOW_MS <= now;
}

/* Forgets everybody who made no call in the window. */
static void forget_idle(struct rate *r, int64_t now)
{
    struct map kept = {0};
    size_t at = 0;
    const char *key;
    void *value;
    while (map_next(&r->principals, &at, &key, &value)) {
        if (is_idle(value, now))
            free(value);
        else
            map_put(&kept, str_of(key), value);
    }
    map_free(&r->principals, NULL);
    r->principals = kept;
}

bool rate_count(struct rate *r, const char *principal, int64_t limit, int64_t now,
                int64_t *ret_wait_ms)
{
    struct calls *c = map_get(&r->principals, str_of(principal));
    size_t most = (size_t)MIN(MAX(limit, 1), (int64_t)RATE_CALLS_MAX);
    if (!c && r->principals.n >= RATE_PRINCIPALS_MAX)
        forget_idle(r, now);
    if (!c && r->principals.n >= RATE_PRINCIPALS_MAX) {
        *ret_wait_ms = RATE_WINDOW_MS;
        return false;
    }
    if (!c) {
        c = NEW(struct calls);
        map_put(&r->principals, str_of(principal), c);
    }
    if (c->n >= most && newest(c, most - 1) + RATE_WINDOW_MS > now) {
        *ret_wait_ms = newest(c, most - 1) + RATE_WINDOW_MS - now;
        return false;
    }
    c->at[c->next] = now;
    c->next = (c->next + 1) % RATE_CALLS_MAX;
    c->n = MIN(c->n + 1, (size_t)RATE_CALLS_MAX);
    return true;
}
