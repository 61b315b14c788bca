/* SPDX-License-Identifier: MIT
 *
 * part: one open part of an answer while it streams.
 */
#include "agent/part.h"

#include "base/clock.h"
#include "text/utf8.h"

void part_begin(struct part *p, bool reasoning)
{
    int64_t now_us = clock_mono_us();
    *p = (struct part){.id = id_make("part"),
                       .reasoning = reasoning,
                       .text = BUF_INIT(PART_MAX),
                       .told_us = now_us - PART_DELTA_MS * 1000, /* the first piece waits for nothing */
                       .chunk_us = now_us};
}

static int64_t chunk_due_us(const struct part *p)
{
    return p->chunk_us + EVENT_CHUNK_MS * 1000;
}

static int64_t delta_due_us(const struct part *p)
{
    return p->told_us + PART_DELTA_MS * 1000;
}

/* The longest piece of at most EVENT_CHUNK_MAX bytes that cuts no character. */
static struct str next_chunk(struct str rest)
{
    if (rest.n <= EVENT_CHUNK_MAX)
        return rest;
    bool cut;
    struct str piece = str_sub(rest, 0, EVENT_CHUNK_MAX);
    size_t whole = utf8_valid_prefix(piece, &cut);
    return cut && whole ? str_sub(piece, 0, whole) : piece;
}

/* What was not told yet, as one delta. */
static void tell(struct part *p, const struct sink *sink, const struct event_ids *ids, int64_t now_us)
{
    if (p->told == p->text.len)
        return;
    int64_t offset = (int64_t)p->told;
    const char *text = p->text.data + p->told; /* ends in the buffer's NUL */
    struct event *ev =
        p->reasoning
            ? event_new(EV_TURN_REASONING_DELTA, ids,
                        &(struct ev_turn_reasoning_delta){
                            .part = p->id.s, .offset = offset, .text = text})
            : event_new(EV_TURN_TEXT_DELTA, ids,
                        &(struct ev_turn_text_delta){.part = p->id.s, .offset = offset, .text = text});
    sink->emit(sink->ctx, ev);
    p->told = p->text.len;
    p->told_us = now_us;
}

void part_flush(struct part *p, const struct sink *sink, const struct event_ids *ids)
{
    struct arena a = ARENA_INIT;
    tell(p, sink, ids, clock_mono_us());
    while (p->chunked < p->text.len) {
        struct str chunk = next_chunk(str_sub(buf_view(&p->text), p->chunked, p->text.len));
        const char *text = arena_strndup(&a, chunk.p, chunk.n);
        int64_t offset = (int64_t)p->chunked;
        struct event *ev =
            p->reasoning
                ? event_new(EV_TURN_REASONING, ids,
                            &(struct ev_turn_reasoning){.part = p->id.s, .offset = offset, .text = text})
                : event_new(EV_TURN_TEXT, ids,
                            &(struct ev_turn_text){.part = p->id.s, .offset = offset, .text = text});
        sink->emit(sink->ctx, ev);
        p->chunked += chunk.n;
    }
    p->chunk_us = clock_mono_us();
    arena_free(&a);
}

bool part_add(struct part *p, const struct sink *sink, const struct event_ids *ids,
              struct str piece)
{
    if (piece.n == 0)
        return true;
    if (!buf_str(&p->text, piece))
        return false;
    int64_t now_us = clock_mono_us();
    if (p->text.len - p->chunked >= EVENT_CHUNK_MAX || now_us >= chunk_due_us(p))
        part_flush(p, sink, ids);
    else if (now_us >= delta_due_us(p))
        tell(p, sink, ids, now_us);
    return true;
}

int64_t part_tick(struct part *p, const struct sink *sink, const struct event_ids *ids)
{
    if (p->chunked == p->text.len)
        return CLOCK_NEVER;
    int64_t now_us = clock_mono_us();
    if (now_us >= chunk_due_us(p)) {
        part_flush(p, sink, ids);
        return CLOCK_NEVER;
    }
    if (now_us >= delta_due_us(p))
        tell(p, sink, ids, now_us);
    int64_t due_us = chunk_due_us(p);
    if (p->told < p->text.len)
        due_us = MIN(due_us, delta_due_us(p));
    return due_us / 1000 + 1;
}

void part_free(struct part *p)
{
    buf_free(&p->text);
}
