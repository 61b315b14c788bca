/* SPDX-License-Identifier: MIT
 *
 * audit: what happens to the gateway itself, in the log. Callers that are refused can be many, so that an
 * address has one event a minute, and all of them AUDIT_PER_MINUTE; what is not said at once is counted in
 * the next one.
 */
#include "base/clock.h"
#include "gateway/internal.h"

#include <stdio.h>
#include <string.h>

enum { MINUTE_MS = 60000 };

static void emit(struct gateway *g, enum event_kind kind, const void *data)
{
    if (g->o.sink.emit && !g->o.local)
        g->o.sink.emit(g->o.sink.ctx, event_new(kind, &(struct event_ids){0}, data));
}

void audit_started(struct gateway *g)
{
    char bind[GATEWAY_ADDRESS];
    gateway_address(g, bind);
    emit(g, EV_GATEWAY_STARTED, &(struct ev_gateway_started){.bind = bind, .auth_mode = "token"});
}

static void say(struct gateway *g, const struct audit_row *row)
{
    emit(g, EV_GATEWAY_AUTH_FAILED,
         &(struct ev_gateway_auth_failed){.address = row->address, .count = row->count});
}

/* The row of the address, or the last one, for all that have none. Called with the lock. */
static struct audit_row *row_of(struct audit *a, const char *who)
{
    for (size_t i = 0; i < a->n; i++)
        if (strcmp(a->rows[i].address, who) == 0)
            return &a->rows[i];
    bool room = a->n + 1 < AUDIT_ADDRESSES;
    struct audit_row *row = &a->rows[room ? a->n++ : AUDIT_ADDRESSES - 1];
    snprintf(row->address, sizeof(row->address), "%s", room ? who : "others");
    return row;
}

void audit_refused(struct gateway *g, const char *who)
{
    int64_t minute = clock_mono_ms() / MINUTE_MS + 1; /* 0: never */
    struct audit *a = &g->audit;
    pthread_mutex_lock(&g->lock);
    struct audit_row *row = row_of(a, who);
    row->count++;
    a->said = a->minute == minute ? a->said : 0;
    a->minute = minute;
    bool due = row->minute != minute && a->said < AUDIT_PER_MINUTE;
    struct audit_row now = *row;
    if (due) {
        row->minute = minute;
        row->count = 0;
        a->said++;
    }
    pthread_mutex_unlock(&g->lock);
    if (due)
        say(g, &now);
}

void audit_stopped(struct gateway *g)
{
    for (size_t i = 0; i < AUDIT_ADDRESSES; i++)
        if (g->audit.rows[i].count > 0)
            say(g, &g->audit.rows[i]);
    emit(g, EV_GATEWAY_STOPPED, &(struct ev_gateway_stopped){0});
}
