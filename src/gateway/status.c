/* SPDX-License-Identifier: MIT
 *
 * status: what the process is and does, as JSON.
 */
#include "base/clock.h"
#include "base/mem.h"
#include "gateway/internal.h"
#include "json/jsonw.h"

#include "config.h"

#include <string.h>

void gateway_health(void *ctx, const struct http_request *r, struct http_reply *ret)
{
    (void)ctx, (void)r;
    buf_puts(&ret->body, "{\"status\":\"ok\"}");
}

void gateway_ready(void *ctx, const struct http_request *r, struct http_reply *ret)
{
    struct gateway *g = ctx;
    struct snapshot *s = hub_snapshot(g->o.hub);
    struct jsonw w = {.out = &ret->body};
    (void)r;
    jsonw_begin_object(&w);
    bool drains = gateway_drains(g);
    jsonw_put_cstr(&w, "status", s->degraded[0] ? "degraded" : drains ? "draining" : "ready");
    jsonw_opt_cstr(&w, "reason_code", s->degraded[0] ? s->degraded : NULL);
    jsonw_end_object(&w);
    ret->status = s->degraded[0] || drains ? 503 : 200;
    snapshot_unref(s);
}

static void write_requests(struct gateway *g, struct jsonw *w)
{
    jsonw_key(w, "requests");
    jsonw_begin_object(w);
    for (size_t i = 0; i < gateway_routes_n; i++)
        jsonw_put_i64(w, gateway_routes[i].path, atomic_load(&g->requests[i]));
    jsonw_put_i64(w, "other", atomic_load(&g->requests[GATEWAY_ROUTES_MAX]));
    jsonw_end_object(w);
}

static void write_counters(struct gateway *g, struct jsonw *w)
{
    jsonw_put_i64(w, "streams", (int64_t)http_server_streams(g->server));
    jsonw_put_i64(w, "failed", atomic_load(&g->failed));
    write_requests(g, w);
}

void gateway_tell(struct gateway *g, struct jsonw *w)
{
    char bind[GATEWAY_ADDRESS];
    gateway_address(g, bind);
    jsonw_begin_object(w);
    jsonw_put_cstr(w, "bind", bind);
    jsonw_put_i64(w, "auth_failures", atomic_load(&g->refused));
    write_counters(g, w);
    jsonw_end_object(w);
}

/* The process's socket counts for itself, and tells of the gateway, if one is up. */
static void write_local(struct gateway *g, struct jsonw *w)
{
    jsonw_key(w, "gateway");
    if (!g->o.door.tell || !g->o.door.tell(g->o.door.ctx, w))
        jsonw_null(w);
    jsonw_key(w, "socket");
    jsonw_begin_object(w);
    write_counters(g, w);
    jsonw_end_object(w);
}

static void write_sessions(const struct snapshot *s, struct jsonw *w)
{
    const struct section *all = s->sections[REC_SESSION];
    jsonw_key(w, "sessions");
    jsonw_begin_array(w);
    for (size_t i = 0; i < all->n; i++) {
        const struct rec_session *r = REC(all->v[i], session);
        jsonw_begin_object(w);
        jsonw_put_cstr(w, "id", r->id);
        jsonw_opt_cstr(w, "name", r->name);
        jsonw_opt_cstr(w, "proc", r->proc);
        jsonw_end_object(w);
    }
    jsonw_end_array(w);
}

static size_t running(const struct snapshot *s)
{
    size_t n = 0;
    for (size_t i = 0; i < s->sections[REC_TURN]->n; i++)
        n += !rec_ended(s->sections[REC_TURN]->v[i]);
    return n;
}

void gateway_status(void *ctx, const struct http_request *r, struct http_reply *ret)
{
    struct gateway *g = ctx;
    struct snapshot *s = hub_snapshot(g->o.hub);
    struct jsonw w = {.out = &ret->body};
    (void)r;
    jsonw_begin_object(&w);
    jsonw_key(&w, "service");
    jsonw_begin_object(&w);
    jsonw_put_cstr(&w, "service_status", gateway_drains(g) ? "draining" : "running");
    jsonw_put_cstr(&w, "version", PACKAGE_VERSION);
    jsonw_put_cstr(&w, "proc", g->proc);
    jsonw_put_cstr(&w, "store", g->store);
    jsonw_put_i64(&w, "seq", s->seq);
    jsonw_put_i64(&w, "service_last_started_unix_ms", g->started_ms);
    jsonw_put_i64(&w, "uptime_ms", clock_mono_ms() - g->started_mono_ms);
    jsonw_put_cstr(&w, "health_state", s->degraded[0] ? "degraded" : "healthy");
    jsonw_put_i64(&w, "active_runs", (int64_t)running(s));
    jsonw_end_object(&w);
    jsonw_key(&w, "auth");
    jsonw_begin_object(&w);
    jsonw_put_cstr(&w, "mode", g->o.local ? "none" : "token"); /* the kernel says who is at the socket */
    jsonw_put_i64(&w, "auth_failures", atomic_load(&g->refused));
    jsonw_end_object(&w);
    if (g->o.local) {
        write_local(g, &w);
    } else {
        jsonw_key(&w, "gateway");
        gateway_tell(g, &w);
    }
    write_sessions(s, &w);
    jsonw_end_object(&w);
    snapshot_unref(s);
}

/* "turns,tools": the bits of these sections; 0 and an answer when one is none. */
static uint32_t sections_of(const char *list, struct http_reply *ret)
{
    uint32_t bits = 0;
    struct str rest = str_of(list), part;
    while (str_split(&rest, ',', &part)) {
        uint32_t bit = 0;
        for (size_t i = 0; i < REC_COUNT; i++)
            if (str_is(part, rec_table[i].section))
                bit = UINT32_C(1) << i;
        if (!bit) {
            http_error(ret, 400, "unknown_section", "sections: one of them is no section of the state");
            return 0;
        }
        bits |= bit;
    }
    return bits;
}

void gateway_state(void *ctx, const struct http_request *r, struct http_reply *ret)
{
    struct gateway *g = ctx;
    const char *list = http_query(r, "sections");
    uint32_t bits = list ? sections_of(list, ret) : (UINT32_C(1) << REC_COUNT) - 1;
    if (!bits) {
        if (ret->status == 200)
            http_error(ret, 400, "unknown_section", "sections: none is named");
        return;
    }
    struct snapshot *s = hub_snapshot(g->o.hub);
    snapshot_write(s, bits, !list, &ret->body);
    snapshot_unref(s);
}
