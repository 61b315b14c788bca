/* SPDX-License-Identifier: MIT
 *
 * b_reduce: how fast a log is folded, published and written. One row a measurement: name, value,
 * unit.
 */
#include "base/clock.h"
#include "base/mem.h"
#include "lib/gen.h"
#include "lib/mallocs.h"
#include "state/hub.h"
#include "state/reduce.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>

enum { EVENTS = 100000, TOKENS = 200000, WRITES = 200 };

static void row(const char *name, double value, const char *unit)
{
    printf("%-44s %12.0f %s\n", name, value, unit);
}

static double rate(int64_t n, int64_t since_us)
{
    int64_t us = clock_mono_us() - since_us;
    return (double)n * 1e6 / (double)MAX(us, 1);
}

/* A log of every kind, so many events a draft. */
static struct snapshot *fold(struct event *const *v, size_t n, size_t per_draft)
{
    struct snapshot *s = snapshot_empty();
    for (size_t at = 0; at < n; at += per_draft) {
        struct draft *d = draft_new(s);
        for (size_t i = at; i < MIN(at + per_draft, n); i++)
            draft_reduce(d, v[i], "proc");
        snapshot_unref(s);
        s = draft_finish(d, (int64_t)at);
    }
    return s;
}

static void bench_fold(void)
{
    struct event **v = mem_array(EVENTS, sizeof(*v));
    struct gen *g = gen_new(1);
    size_t bytes = 0;
    for (size_t i = 0; i < EVENTS; i++) {
        v[i] = gen_next(g);
        bytes += v[i]->data.n;
    }
    int64_t from = clock_mono_us();
    snapshot_unref(fold(v, EVENTS, 1));
    row("events folded, one a draft", rate(EVENTS, from), "1/s");
    from = clock_mono_us();
    struct snapshot *s = fold(v, EVENTS, 32);
    row("events folded, 32 a draft", rate(EVENTS, from), "1/s");
    struct buf out = BUF_OWN;
    from = clock_mono_us();
    for (int i = 0; i < WRITES; i++) {
        buf_clear(&out);
        snapshot_write(s, UINT32_MAX, true, &out);
    }
    row("snapshot written", rate(WRITES * (int64_t)out.len, from) / 1e6, "MB/s");
    row("  its size", (double)out.len, "bytes");
    buf_free(&out);
    snapshot_unref(s);
    struct hub *h = hub_new();
    from = clock_mono_us();
    for (size_t i = 0; i < EVENTS; i++)
        hub_publish(h, &v[i], 1, NULL);
    row("events published, no reader", rate(EVENTS, from), "1/s");
    for (size_t i = 0; i < EVENTS; i++)
        event_unref(v[i]);
    hub_free(h);
    gen_free(g);
    free(v);
}

/* A streamed answer: deltas, with a chunk every 64 of them; 8 deltas a publication. */
static void bench_tokens(void)
{
    struct hub *h = hub_new();
    struct event_ids ids = {.session = "s", .turn = "t"};
    struct snapshot *s = snapshot_empty();
    struct event *start[] = {
        event_new(EV_SESSION_CREATED, &ids, &(struct ev_session_created){.name = "bench"}),
        event_new(EV_TURN_CREATED, &ids, &(struct ev_turn_created){.source = "x", .input = "y"}),
        event_new(EV_TURN_STARTED, &ids, &(struct ev_turn_started){.provider = "p", .model = "m"}),
    };
    struct draft *d = draft_new(s);
    for (size_t i = 0; i < ARRAY_LEN(start); i++) {
        draft_reduce(d, start[i], "proc");
        event_unref(start[i]);
    }
    snapshot_unref(s);
    s = draft_finish(d, 3);
    struct buf chunk = BUF_OWN;
    int64_t offset = 0, kept = 0;
    int64_t from = clock_mono_us();
    mallocs = (struct mallocs){0};
    for (int64_t i = 0; i < TOKENS; i += 8) {
        d = draft_new(s);
        struct event *ev[9];
        size_t n = 0;
        for (; n < 8; n++, offset += 5) {
            ev[n] = event_new(
                EV_TURN_TEXT_DELTA, &ids,
                &(struct ev_turn_text_delta){.part = "part", .offset = offset, .text = "word "});
            buf_puts(&chunk, "word ");
        }
        if (i % 64 == 56) {
            ev[n++] = event_new(
                EV_TURN_TEXT, &ids,
                &(struct ev_turn_text){.part = "part", .offset = kept, .text = buf_cstr(&chunk)});
            kept = offset;
            buf_clear(&chunk);
        }
        for (size_t k = 0; k < n; k++)
            draft_reduce(d, ev[k], "proc");
        snapshot_unref(s);
        s = draft_finish(d, i);
        hub_publish(h, ev, n, s);
        for (size_t k = 0; k < n; k++)
            event_unref(ev[k]);
    }
    row("tokens made, folded and published", rate(TOKENS, from), "1/s");
    row("  allocations a token", (double)mallocs.calls / TOKENS, "");
    row("  bytes of them a token", (double)mallocs.bytes / TOKENS, "bytes");
    row("  the whole text", (double)kept, "bytes");
    row("heap with a full ring", (double)mallinfo2().uordblks, "bytes");
    buf_free(&chunk);
    snapshot_unref(s);
    hub_free(h);
}

int main(void)
{
    bench_fold();
    bench_tokens();
    return 0;
}
