/* SPDX-License-Identifier: MIT
 *
 * serving: the gateway of this process, up or down.
 */
#include "cli/serving.h"

#include "base/clock.h"
#include "cli/app.h"
#include "json/jsonw.h"
#include "net/http_guard.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>

enum { PORT_MAX = 65535, ADDRESS_MAX = 64 };

#define LOOPBACK "127.0.0.1"

/* "127.0.0.1:8787", "[::1]:8787", ":8787", "8787"; port 0 is any. */
static bool parse_bind(const char *text, char *name, size_t size, int64_t *ret_port, struct err *e)
{
    const char *colon = strrchr(text, ':');
    struct str host = colon ? str_make(text, (size_t)(colon - text)) : STR("");
    struct str port = str_of(colon ? colon + 1 : text);
    if (host.n >= 2 && host.p[0] == '[' && host.p[host.n - 1] == ']')
        host = str_sub(host, 1, host.n - 2);
    if (!str_i64(port, ret_port) || *ret_port < 0 || *ret_port > PORT_MAX || host.n >= size)
        return err_set(e, ERR_USAGE, "where to listen: expected ADDRESS:PORT, like 127.0.0.1:%d, got '%.80s'",
                       GATEWAY_PORT, text);
    if (host.n > 0)
        snprintf(name, size, "%.*s", (int)host.n, host.p);
    return true;
}

static const char moves[] = "the gateway is going up or down just now";

/* Those who look on are told once, until they have looked. */
static void changed(void *ctx)
{
    struct serving *s = ctx;
    if (s->changed_fd >= 0 && !atomic_exchange(&s->told, true)) {
        int rc = eventfd_write(s->changed_fd, 1);
        (void)rc; /* it is written once between two reads: it can not be full */
    }
}

void serving_look(struct serving *s, struct serving_view *ret)
{
    *ret = (struct serving_view){0};
    atomic_store(&s->told, false); /* before the look: what changes after it is told again */
    pthread_mutex_lock(&s->lock);
    if (s->gateway) {
        gateway_address(s->gateway, ret->address);
        ret->since_ms = gateway_started_ms(s->gateway);
        ret->requests = gateway_requests(s->gateway);
        ret->drains = gateway_drains(s->gateway);
        ret->streams = gateway_streams(s->gateway);
        ret->n = gateway_seen(s->gateway, ret->seen, GATEWAY_SEEN_MAX);
    }
    pthread_mutex_unlock(&s->lock);
}

static bool find_place(const char *bind, bool yes, char *name, size_t size, int64_t *ret_port, struct err *e)
{
    if (bind && !parse_bind(bind, name, size, ret_port, e))
        return false;
    if (http_is_loopback(name) || yes)
        return true;
    err_set(e, ERR_USAGE, "others can reach tau at %s, over a line that is not encrypted", name);
    return err_hint(e, "if they shall: --yes, or :gateway up ADDRESS:PORT yes");
}

bool serving_may(const char *bind, bool yes, struct err *e)
{
    char name[ADDRESS_MAX] = LOOPBACK;
    int64_t port;
    return find_place(bind, yes, name, sizeof(name), &port, e);
}

/* What is served from now on; returns what was. */
static struct gateway *put_gateway(struct serving *s, struct gateway *g)
{
    pthread_mutex_lock(&s->lock);
    struct gateway *was = s->gateway;
    s->gateway = g;
    pthread_mutex_unlock(&s->lock);
    return was;
}

bool serving_up(struct serving *s, const struct app *a, const char *bind, bool yes, struct err *e)
{
    char name[ADDRESS_MAX] = LOOPBACK;
    int64_t port = GATEWAY_PORT;
    if (!find_place(bind, yes, name, sizeof(name), &port, e))
        return false;
    struct gateway_options o = {.hub = core_hub(a->core),
                                .reader = core_reader(a->core),
                                .actor = core_actor(a->core),
                                .sink = core_sink(a->core),
                                .proc = core_proc(a->core),
                                .store = core_store_name(a->core),
                                .state_dir = a->state_dir,
                                .name = name,
                                .port = (int)port,
                                .changed = changed,
                                .ctx = s};
    pthread_mutex_lock(&s->move_lock);
    struct gateway *g = s->gateway; /* who moves it is the only one who changes this */
    bool ok = !g;
    if (ok) {
        ok = (g = gateway_start(&o, e)) != NULL;
        put_gateway(s, g);
    } else {
        char address[GATEWAY_ADDRESS];
        gateway_address(g, address);
        err_set(e, ERR_EXISTS, "the gateway is up already, at %s", address);
    }
    pthread_mutex_unlock(&s->move_lock);
    changed(s);
    return ok;
}

bool serving_down(struct serving *s, struct err *e)
{
    pthread_mutex_lock(&s->move_lock);
    struct gateway *g = put_gateway(s, NULL);
    gateway_stop(g);
    pthread_mutex_unlock(&s->move_lock);
    changed(s);
    return g || err_set(e, ERR_NOT_FOUND, "the gateway is down already");
}

/* The gateway, with the lock held; NULL: there is none now. */
static struct gateway *take_gateway(struct serving *s, struct err *e)
{
    pthread_mutex_lock(&s->lock);
    struct gateway *g = s->gateway;
    if (!g) {
        pthread_mutex_unlock(&s->lock);
        if (atomic_load(&s->ordered))
            err_set(e, ERR_OVERLOADED, moves);
        else
            err_set(e, ERR_NOT_FOUND, "the gateway is down");
    }
    return g;
}

bool serving_drain(struct serving *s, bool drains, struct err *e)
{
    struct gateway *g = take_gateway(s, e);
    if (!g)
        return false;
    bool ok = gateway_drain(g, drains) ||
              err_set(e, ERR_EXISTS, drains ? "the gateway drains already" : "the gateway takes requests already");
    pthread_mutex_unlock(&s->lock);
    return ok;
}

bool serving_cut(struct serving *s, int64_t request, struct err *e)
{
    struct gateway *g = take_gateway(s, e);
    if (!g)
        return false;
    bool ok = gateway_cut(g, request) ||
              err_set(e, ERR_NOT_FOUND, "no request %" PRId64 " goes on", request);
    pthread_mutex_unlock(&s->lock);
    return ok;
}

bool serving_request(struct serving *s, int64_t request, struct http_seen *ret)
{
    struct http_seen seen[GATEWAY_SEEN_MAX];
    bool found = false;
    pthread_mutex_lock(&s->lock);
    size_t n = s->gateway ? gateway_seen(s->gateway, seen, GATEWAY_SEEN_MAX) : 0;
    pthread_mutex_unlock(&s->lock);
    for (size_t i = 0; i < n && !found; i++) {
        found = seen[i].id == request;
        *ret = seen[i];
    }
    return found;
}

/* ---- the door ---- */

static void do_order(void *arg)
{
    struct serving *s = arg;
    struct err e = ERR_INIT;
    bool ok = s->opens ? serving_up(s, s->app, s->bind[0] ? s->bind : NULL, s->yes, &e) : serving_down(s, &e);
    CLEANUP(buf_free) struct buf failure = BUF_OWN;
    if (!ok) {
        struct sink sink = core_sink(s->app->core);
        struct jsonw w = {.out = &failure};
        jsonw_err(&w, &e);
        sink.emit(sink.ctx, event_new(EV_ERROR_RAISED, &(struct event_ids){0},
                                      &(struct ev_error_raised){.error = buf_cstr(&failure)}));
    }
    atomic_store(&s->ordered, false);
}

static bool order(struct serving *s, bool opens, const char *bind, bool yes, struct err *e)
{
    if (bind && strlen(bind) >= sizeof(s->bind))
        return err_set(e, ERR_INVALID, "bind: it is longer than %zu bytes", sizeof(s->bind) - 1);
    if (atomic_exchange(&s->ordered, true))
        return err_set(e, ERR_OVERLOADED, moves);
    pthread_mutex_lock(&s->order_lock);
    thread_join(&s->order); /* it has done what it was for */
    snprintf(s->bind, sizeof(s->bind), "%s", bind ? bind : "");
    s->opens = opens;
    s->yes = yes;
    bool ok = thread_start(&s->order, "gw-order", 0, do_order, s, e);
    pthread_mutex_unlock(&s->order_lock);
    if (!ok)
        atomic_store(&s->ordered, false);
    return ok;
}

static bool door_open(void *ctx, const char *bind, bool yes, struct err *e)
{
    return order(ctx, true, bind, yes, e);
}

static bool door_close(void *ctx, struct err *e)
{
    return order(ctx, false, NULL, false, e);
}

static bool door_drain(void *ctx, bool drains, struct err *e)
{
    return serving_drain(ctx, drains, e);
}

static bool door_drains(void *ctx)
{
    struct serving *s = ctx;
    struct err e = ERR_INIT;
    struct gateway *g = take_gateway(s, &e);
    bool drains = g && gateway_drains(g);
    if (g)
        pthread_mutex_unlock(&s->lock);
    return drains;
}

static bool door_tell(void *ctx, struct jsonw *w)
{
    struct serving *s = ctx;
    struct err e = ERR_INIT;
    struct gateway *g = take_gateway(s, &e);
    if (!g)
        return false;
    gateway_tell(g, w);
    pthread_mutex_unlock(&s->lock);
    return true;
}

static bool door_cut(void *ctx, int64_t request, struct err *e)
{
    return serving_cut(ctx, request, e);
}

struct door serving_door(struct serving *s, const struct app *a)
{
    s->app = a;
    return (struct door){door_open, door_close, door_drain, door_drains, door_tell, door_cut, s};
}

void serving_done(struct serving *s)
{
    pthread_mutex_lock(&s->order_lock);
    thread_join(&s->order);
    pthread_mutex_unlock(&s->order_lock);
    gateway_stop(TAKE(s->gateway));
}

const char *serving_path(const struct http_seen *r, char ret[SERVING_PATH])
{
    size_t n = strlen(r->path);
    bool named = r->about.name && n > 0 && r->path[n - 1] == '*';
    snprintf(ret, SERVING_PATH, "%.*s%s", (int)(named ? n - 1 : n), r->path, named ? r->about.name : "");
    return ret;
}

static void write_seen(struct gateway *g, struct buf *out)
{
    struct http_seen seen[GATEWAY_SEEN_MAX];
    size_t n = gateway_seen(g, seen, GATEWAY_SEEN_MAX);
    if (n > 0)
        buf_printf(out, "\n%6s  %-8s %-15s %-6s %-6s %8s  %s\n", "NUMBER", "TIME", "WHO", "METHOD", "STATUS", "MS",
                   "ROUTE");
    for (size_t i = n; i > 0; i--) { /* the newest first */
        const struct http_seen *r = &seen[i - 1];
        time_t at = (time_t)(r->begun_ms / 1000);
        struct tm tm = {0};
        (void)localtime_r(&at, &tm);
        char path[SERVING_PATH], status[8] = "-", took[24] = "live";
        if (r->status)
            snprintf(status, sizeof(status), "%d", r->status);
        if (!r->live)
            snprintf(took, sizeof(took), "%" PRId64, r->ms);
        buf_printf(out, "%6" PRId64 "  %02d:%02d:%02d %-15s %-6s %-6s %8s  %s\n", r->id, tm.tm_hour, tm.tm_min,
                   tm.tm_sec, r->who, r->method[0] ? r->method : "-", status, took, serving_path(r, path));
    }
}

void serving_write(struct serving *s, struct buf *out)
{
    pthread_mutex_lock(&s->lock);
    struct gateway *g = s->gateway;
    if (g) {
        char address[GATEWAY_ADDRESS];
        size_t streams = gateway_streams(g);
        gateway_address(g, address);
        buf_printf(out, "gateway: http://%s\ntoken:   %s\n", address, gateway_token_path(g));
        if (streams > 0)
            buf_printf(out, "streams: %zu\n", streams);
        if (gateway_drains(g))
            buf_puts(out, "drains:  new requests get 503; :gateway drain off takes them again\n");
        write_seen(g, out);
    } else {
        buf_puts(out, "gateway: down; :gateway up starts it\n");
    }
    pthread_mutex_unlock(&s->lock);
}

void serving_badge(struct serving *s, char *ret, size_t size)
{
    ret[0] = '\0';
    if (!s)
        return;
    pthread_mutex_lock(&s->lock);
    if (s->gateway)
        snprintf(ret, size, "gw :%d%s", gateway_port(s->gateway), gateway_drains(s->gateway) ? " drains" : "");
    pthread_mutex_unlock(&s->lock);
}
