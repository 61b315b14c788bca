/* SPDX-License-Identifier: MIT
 *
 * events: the log as server-sent events (WHATWG HTML, section 9.2). A durable event has the id
 * "<store>:<seq>", so that a client that comes again says what it has; what it lacks is read from the
 * log, and so is what the ring has lost. Each follower is at one place of the log: a slow one costs a
 * number and a buffer, never a queue.
 */
#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "gateway/internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE_ROWS = 64, BATCH = 16 * 1024, PING_MS = 15000 };

struct follower {
    struct gateway *g;
    struct hub_reader *reader;
    struct buf out;
    size_t sent;
    int64_t seq; /* the newest durable one that was written */
    int64_t last_ms;
    bool replays; /* from the log, before what the ring has */
    char after[32];
};

static void put(struct follower *f, int64_t seq, struct str json)
{
    if (seq > 0)
        buf_printf(&f->out, "id: %s:%" PRId64 "\n", f->g->store, seq);
    buf_puts(&f->out, "data: ");
    buf_str(&f->out, json);
    buf_puts(&f->out, "\n\n");
    if (seq > 0)
        f->seq = seq;
}

/* What the follower has can not be gone on from: it begins anew from the state that is sent. */
static void reset(struct follower *f)
{
    struct snapshot *s = hub_snapshot(f->g->o.hub);
    buf_printf(&f->out,
               "data: {\"schema_version\":2,\"kind\":\"bus.gap\",\"after\":%" PRId64 ",\"data\":"
               "{\"from\":%" PRId64 ",\"to\":%" PRId64 ",\"reset\":true}}\n\n",
               s->seq, f->seq + 1, s->seq);
    buf_printf(&f->out, "event: snapshot\nid: %s:%" PRId64 "\ndata: ", f->g->store, s->seq);
    snapshot_write(s, (UINT32_C(1) << REC_COUNT) - 1, true, &f->out);
    buf_puts(&f->out, "\n\n");
    f->seq = s->seq;
    f->replays = false;
    snapshot_unref(s);
}

struct page {
    struct follower *f;
    size_t n;
};

static bool on_row(void *arg, struct str json)
{
    struct page *p = arg;
    static const char member[] = ",\"event\":";
    ssize_t at = str_find(json, STR(",\"event\":"));
    int64_t seq = 0;
    /* {"seq":7,"event":{...}}: the event goes on as it was written, byte for byte. */
    if (at > 7 && str_i64(str_sub(json, 7, (size_t)at - 7), &seq)) {
        size_t from = (size_t)at + sizeof(member) - 1;
        put(p->f, seq, str_sub(json, from, json.n - from - 1));
        p->n++;
    }
    return p->f->out.len < BATCH;
}

static void replay(struct follower *f)
{
    struct page p = {.f = f};
    struct err e = ERR_INIT;
    char args[80];
    int64_t seen = 0;
    size_t before = f->out.len;
    snprintf(args, sizeof(args), "{\"after\":%" PRId64 ",\"limit\":%d}", f->seq, PAGE_ROWS);
    bool ok = f->g->o.reader.query(f->g->o.reader.ctx, "log.page", str_of(args), f->g->cancel, on_row, &p,
                                   &seen, &e);
    if (!ok && e.code == ERR_PRUNED)
        reset(f);
    else if (!ok || (p.n < PAGE_ROWS && f->out.len - before < BATCH))
        f->replays = false;
}

static void follow(struct follower *f)
{
    hub_arm(f->reader);
    for (struct event *ev; f->out.len < BATCH && (ev = hub_next(f->reader));) {
        CLEANUP(buf_free) struct buf json = BUF_OWN;
        if (ev->kind == EV_BUS_GAP && EV(ev, bus_gap)->reset) {
            reset(f);
        } else if (ev->kind == EV_BUS_GAP || (event_durable(ev) && ev->seq > f->seq + 1)) {
            f->replays = true; /* the log has it, this one as well */
            event_unref(ev);
            return;
        } else if (!event_durable(ev) || ev->seq > f->seq) {
            event_write(ev, &json);
            put(f, event_durable(ev) ? ev->seq : 0, buf_view(&json));
        }
        event_unref(ev);
    }
}

static long fill(void *ctx, char *out, size_t max)
{
    struct follower *f = ctx;
    int64_t now = clock_mono_ms();
    if (f->sent == f->out.len) {
        buf_clear(&f->out);
        f->sent = 0;
        for (int i = 0; i < 2 && f->out.len == 0; i++) {
            if (f->replays)
                replay(f);
            if (f->out.len == 0)
                follow(f);
        }
        if (f->out.len == 0 && f->replays)
            replay(f);
        if (f->out.len == 0 && now - f->last_ms >= PING_MS)
            buf_puts(&f->out, ": ping\n\n");
    }
    if (f->out.len == 0)
        return 0;
    f->last_ms = now;
    size_t n = MIN(max, f->out.len - f->sent);
    memcpy(out, f->out.data + f->sent, n);
    f->sent += n;
    return (long)n;
}

static void end(void *ctx)
{
    struct follower *f = ctx;
    hub_read_end(f->reader);
    buf_free(&f->out);
    free(f);
}

/* Where the client is: "<store>:<seq>" or a number. -1: nowhere that is known here. */
static int64_t place_of(struct gateway *g, const char *id)
{
    int64_t seq;
    const char *colon = strrchr(id, ':');
    if (colon && !str_is(str_make(id, (size_t)(colon - id)), g->store))
        return -1;
    return str_i64(str_of(colon ? colon + 1 : id), &seq) && seq >= 0 ? seq : -1;
}

void gateway_events(void *ctx, const struct http_request *r, struct http_reply *ret)
{
    struct gateway *g = ctx;
    const char *id = http_header(r, "Last-Event-ID");
    if (!id)
        id = http_query(r, "after");
    struct follower *f = NEW(struct follower);
    *f = (struct follower){.g = g, .out = BUF_OWN, .last_ms = clock_mono_ms()};
    f->reader = hub_read(g->o.hub, &(struct hub_filter){.events = true, .quiet = true}); /* the fan wakes it */
    if (!f->reader) {
        free(f);
        http_error(ret, 503, "overloaded", "no descriptor is left for another stream");
        return;
    }
    struct snapshot *s = hub_snapshot(g->o.hub);
    f->seq = s->seq;
    if (id) {
        int64_t seq = place_of(g, id);
        bool known = seq >= 0 && seq <= s->seq;
        f->seq = known ? seq : 0;
        f->replays = known && seq < s->seq;
        if (!known)
            reset(f);
    } else {
        buf_puts(&f->out, ": tau\n\n"); /* so that the head goes out at once */
    }
    snapshot_unref(s);
    ret->media_type = "text/event-stream";
    ret->stream = (struct http_stream){fill, end, f};
}
