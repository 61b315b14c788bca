/* SPDX-License-Identifier: MIT
 *
 * gateway: its routes, its start and its stop.
 */
#include "gateway/gateway.h"

#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"
#include "gateway/internal.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>

enum { FAN_MS = 5, FAN_PING_MS = 15000 };

const struct http_route gateway_routes[] = {
    {"GET", "/healthz", HTTP_OPEN, ROLE_VIEW, true, gateway_health, "the process answers"},
    {"GET", "/readyz", HTTP_OPEN, ROLE_VIEW, true, gateway_ready, "its log can be written, and it takes requests"},
    {"GET", "/gateway/status", HTTP_TOKEN, ROLE_VIEW, true, gateway_status,
     "what the process is and does: uptime, requests, refusals, sessions"},
    {"GET", "/gateway/operator/state", HTTP_TOKEN, ROLE_VIEW, false, gateway_state,
     "the snapshot; ?sections=turns,tools only these"},
    {"GET", "/gateway/operator/events", HTTP_TOKEN, ROLE_VIEW, false, gateway_events,
     "the log as server-sent events; Last-Event-ID or ?after= goes on from there"},
    {"GET", "/gateway/operator/queries/*", HTTP_TOKEN, ROLE_VIEW, false, gateway_ask,
     "a query by its name, its arguments in the query string; more than VIEW where its row says so"},
    {"POST", "/gateway/operator/actions/*", HTTP_TOKEN, ROLE_CHAT, false, gateway_act,
     "an action by its name, its arguments as the body; ?wait=done until its turn has ended"},
};
const size_t gateway_routes_n = ARRAY_LEN(gateway_routes);
_Static_assert(ARRAY_LEN(gateway_routes) <= GATEWAY_ROUTES_MAX, "a counter for each route");

static void count(struct gateway *g, const struct http_seen *s)
{
    size_t at = GATEWAY_ROUTES_MAX;
    for (size_t i = 0; i < gateway_routes_n && !s->again; i++)
        if (strcmp(gateway_routes[i].path, s->path) == 0)
            at = i;
    if (!s->again)
        atomic_fetch_add(&g->requests[at], 1);
    if (s->status == 401) {
        atomic_fetch_add(&g->refused, 1);
        audit_refused(g, s->who);
    }
    if (s->status >= 500)
        atomic_fetch_add(&g->failed, 1);
}

/* The place of a request among the newest: its own, or the one after all, for which the oldest goes that
 * does not go on. Called with the lock. */
static struct http_seen *place(struct gateway *g, const struct http_seen *s)
{
    for (size_t i = g->n_newest; s->again && i > 0; i--)
        if (g->newest[i - 1].id == s->id)
            return &g->newest[i - 1];
    if (s->again)
        return NULL;
    g->n_seen++;
    if (g->n_newest < GATEWAY_SEEN_MAX)
        return &g->newest[g->n_newest++];
    size_t out = 0;
    while (out < GATEWAY_SEEN_MAX && g->newest[out].live)
        out++;
    out = out < GATEWAY_SEEN_MAX ? out : 0;
    memmove(&g->newest[out], &g->newest[out + 1], (GATEWAY_SEEN_MAX - 1 - out) * sizeof(g->newest[0]));
    return &g->newest[GATEWAY_SEEN_MAX - 1];
}

static void seen(void *ctx, const struct http_seen *s)
{
    struct gateway *g = ctx;
    count(g, s);
    pthread_mutex_lock(&g->lock);
    struct http_seen *at = place(g, s);
    if (at)
        *at = *s;
    pthread_mutex_unlock(&g->lock);
    if (s->streams && s->live)
        (void)eventfd_write(g->begun_fd, 1); /* the fan sleeps without an end while there is none */
    if (g->o.changed)
        g->o.changed(g->o.ctx);
}

size_t gateway_seen(struct gateway *g, struct http_seen *ret, size_t max)
{
    pthread_mutex_lock(&g->lock);
    size_t n = MIN(max, g->n_newest);
    memcpy(ret, &g->newest[g->n_newest - n], n * sizeof(*ret));
    pthread_mutex_unlock(&g->lock);
    return n;
}

int64_t gateway_requests(struct gateway *g)
{
    pthread_mutex_lock(&g->lock);
    int64_t n = g->n_seen;
    pthread_mutex_unlock(&g->lock);
    return n;
}

bool gateway_cut(struct gateway *g, int64_t request)
{
    return request > 0 && http_server_cut(g->server, request);
}

bool gateway_drain(struct gateway *g, bool drains)
{
    if (http_server_drains(g->server) == drains)
        return false;
    http_server_drain(g->server, drains);
    if (g->o.changed)
        g->o.changed(g->o.ctx);
    return true;
}

bool gateway_drains(const struct gateway *g)
{
    if (g->o.local)
        return g->o.door.drains && g->o.door.drains(g->o.door.ctx);
    return http_server_drains(g->server);
}

int64_t gateway_started_ms(const struct gateway *g)
{
    return g->started_ms;
}

void gateway_wake(struct gateway *g)
{
    pthread_mutex_lock(&g->lock);
    if (g->server && !g->stopping)
        http_server_wake(g->server);
    pthread_mutex_unlock(&g->lock);
}

void gateway_acts(struct gateway *g)
{
    pthread_mutex_lock(&g->lock);
    g->acts++;
    pthread_mutex_unlock(&g->lock);
}

void gateway_acted(struct gateway *g)
{
    pthread_mutex_lock(&g->lock);
    if (--g->acts == 0)
        pthread_cond_signal(&g->idle);
    pthread_mutex_unlock(&g->lock);
}

size_t gateway_streams(struct gateway *g)
{
    return http_server_streams(g->server);
}

void gateway_address(const struct gateway *g, char ret[GATEWAY_ADDRESS])
{
    bool six = strchr(g->name, ':') != NULL;
    snprintf(ret, GATEWAY_ADDRESS, "%s%.80s%s:%d", six ? "[" : "", g->name, six ? "]" : "", gateway_port(g));
}

/* Wakes the streams: for what was published, and now and then for a sign of life. */
static void fan(void *arg)
{
    struct gateway *g = arg;
    struct hub_reader *r = g->published;
    int64_t woken_ms = clock_mono_ms();
    for (;;) {
        bool any = http_server_streams(g->server) > 0;
        int64_t until = any ? woken_ms + FAN_PING_MS : CLOCK_NEVER;
        struct pollfd p[] = {{.fd = hub_fd(r), .events = POLLIN}, {.fd = g->begun_fd, .events = POLLIN}};
        eventfd_t begun;
        enum cancel_wait woke = cancel_wait_fds(g->cancel, p, ARRAY_LEN(p), until);
        if (woke == CANCEL_FIRED)
            break;
        /* A stream has begun: there is nothing for the others, but from now on there is an end to the sleep. */
        if (eventfd_read(g->begun_fd, &begun) == 0 && woke == CANCEL_READY && !p[0].revents)
            continue;
        hub_arm(r);
        for (struct event *ev; (ev = hub_next(r));)
            event_unref(ev);
        gateway_wake(g);
        woken_ms = clock_mono_ms();
        if (any && cancel_wait_fd(g->cancel, -1, 0, clock_mono_ms() + FAN_MS) == CANCEL_FIRED)
            break;
    }
}

/* What the fan looks at, there before the first stream: without it nobody would ever be woken. */
static bool open_fan(struct gateway *g, struct err *e)
{
    g->begun_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (g->begun_fd >= 0)
        g->published = hub_read(g->o.hub, &(struct hub_filter){.events = true, .snapshots = true});
    if (g->published)
        return true;
    err_set(e, ERR_OVERLOADED, "no descriptor is left for the gateway");
    return err_hint(e, "end what has many files open, or raise the limit (ulimit -n)");
}

struct gateway *gateway_start(const struct gateway_options *options, struct err *e)
{
    struct gateway *g = NEW(struct gateway);
    g->o = *options;
    g->proc = mem_strdup(options->proc);
    g->store = mem_strdup(options->store);
    g->name = mem_strdup(options->local ? "" : options->name);
    g->started_ms = clock_wall_ms();
    g->started_mono_ms = clock_mono_ms();
    g->cancel = cancel_new(NULL);
    pthread_mutex_init(&g->lock, NULL);
    pthread_cond_init(&g->idle, NULL);
    g->callers[0] = (struct http_caller){g->token, {"operator", ROLE_ADMIN}};
    g->callers[1] = (struct http_caller){g->view_token, {"viewer", ROLE_VIEW}};
    bool up = false;
    if (open_fan(g, e) && (options->local || gateway_token(g, options->state_dir, e))) {
        /* Whoever waits at the socket already is answered at once. */
        struct http_options o = {.self = &g->server,
                                 .name = g->name,
                                 .port = options->port,
                                 .local = options->local,
                                 .listen_fd = options->listen_fd,
                                 .callers = g->callers,
                                 .n_callers = ARRAY_LEN(g->callers),
                                 .routes = gateway_routes,
                                 .n_routes = gateway_routes_n,
                                 .seen = seen,
                                 .ctx = g};
        up = http_server_start(&o, e) != NULL;
    }
    if (up && thread_start(&g->fan, "gw-fan", 0, fan, g, e)) {
        audit_started(g);
        return g;
    }
    gateway_stop(g);
    return NULL;
}

void gateway_stop(struct gateway *g)
{
    if (!g)
        return;
    bool was_up = g->fan.running;
    cancel_fire(g->cancel);
    thread_join(&g->fan);
    pthread_mutex_lock(&g->lock);
    g->stopping = true;
    pthread_mutex_unlock(&g->lock);
    http_server_stop(g->server); /* it answers until then, and its answers look at it */
    g->server = NULL;
    pthread_mutex_lock(&g->lock);
    while (g->acts > 0)
        pthread_cond_wait(&g->idle, &g->lock);
    pthread_mutex_unlock(&g->lock);
    if (was_up)
        audit_stopped(g);
    cancel_unref(g->cancel);
    hub_read_end(g->published);
    fd_close_p(&g->begun_fd);
    pthread_cond_destroy(&g->idle);
    pthread_mutex_destroy(&g->lock);
    secret_wipe(g->token); /* a memset before free may be left out by the compiler */
    secret_wipe(g->view_token);
    free(g->proc);
    free(g->store);
    free(g->name);
    free(g->token_path);
    free(g);
}

int gateway_port(const struct gateway *g)
{
    return http_server_port(g->server);
}

const char *gateway_token_path(const struct gateway *g)
{
    return g->token_path;
}
