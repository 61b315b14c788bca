/* SPDX-License-Identifier: MIT
 *
 * part: one open part of an answer while it streams.
 */
#include "agent/part.h"

#include "base/clock.h"
#include "text/utf8.h"

void part_begin(struct part *p, bool reasoning)
{
    *p = (struct part){.id = id_make("part"),
                       .reasoning = reasoning,
                       .text = BUF_INIT(PART_MAX),
                       .chunk_us = clock_mono_us()};
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

void part_flush(struct part *p, const struct sink *sink, const struct event_ids *ids)
{
    struct arena a = ARENA_INIT;
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
    int64_t offset = (int64_t)p->text.len;
    if (piece.n == 0)
        return true;
    if (!buf_str(&p->text, piece))
        return false;
    /* The piece now ends in the buffer's NUL. */
    const char *text = p->text.data + offset;
    struct event *ev =
        p->reasoning
            ? event_new(EV_TURN_REASONING_DELTA, ids,
                        &(struct ev_turn_reasoning_delta){
                            .part = p->id.s, .offset = offset, .text = text})
            : event_new(EV_TURN_TEXT_DELTA, ids,
                        &(struct ev_turn_text_delta){.part = p->id.s, .offset = offset, .text = text});
    sink->emit(sink->ctx, ev);
    if (p->text.len - p->chunked >= EVENT_CHUNK_MAX ||
        clock_mono_us() - p->chunk_us >= EVENT_CHUNK_MS * 1000)
        part_flush(p, sink, ids);
    return true;
}

int64_t part_tick(struct part *p, const struct sink *sink, const struct event_ids *ids)
{
    int64_t due_us = p->chunk_us + EVENT_CHUNK_MS * 1000;
    if (p->chunked == p->text.len)
        return CLOCK_NEVER;
    if (clock_mono_us() < due_us)
        return due_us / 1000 + 1;
    part_flush(p, sink, ids);
    return CLOCK_NEVER;
}

void part_free(struct part *p)
{
    buf_free(&p->text);
}
