/* SPDX-License-Identifier: MIT
 *
 * reduce_memory: what is remembered. Writing an entry again takes the place of what it said; its
 * pin stays, and one that was forgotten is back.
 */
#include "state/draft.h"
#include "json/json.h"

/* A list of strings as lines; NULL when there is none. */
static const char *lines(const struct json *list, struct arena *a)
{
    struct buf b = BUF_OWN;
    for (const struct json *c = json_first(list); c; c = json_next(c))
        if (json_type(c) == JSON_STRING)
            buf_printf(&b, "%s%s", b.len ? "\n" : "", json_cstr(c, ""));
    const char *text = b.len ? arena_strndup(a, buf_cstr(&b), b.len) : NULL;
    buf_free(&b);
    return text;
}

void reduce_memory_written(struct draft *d, const struct event *ev)
{
    struct err e = ERR_INIT;
    CLEANUP(json_free_p) struct json *j = json_parse(str_of(EV(ev, memory_written)->entry), &e);
    const char *id = json_cstr(json_get(j, "id"), "");
    if (!id[0])
        return;
    struct arena a = ARENA_INIT;
    const struct rec *old = draft_bring(d, REC_MEMORY, id);
    const struct rec_memory *was = old ? REC(old, memory) : NULL;
    draft_put(d, REC_MEMORY,
              &(struct rec_memory){.id = id,
                                   .summary = json_cstr(json_get(j, "summary"), ""),
                                   .facts = lines(json_get(j, "facts"), &a),
                                   .tags = lines(json_get(j, "tags"), &a),
                                   .type = json_cstr(json_get(j, "type"), "fact"),
                                   .importance = json_f64(json_get(j, "importance"), 0),
                                   .pinned = was && was->pinned,
                                   .by = json_cstr(json_get(j, "by"), ""),
                                   .session = ev->ids.session,
                                   .turn = ev->ids.turn,
                                   .revision = was ? was->revision + 1 : 1,
                                   .created_ms = was ? was->created_ms : ev->ts_ms,
                                   .updated_ms = ev->ts_ms,
                                   .seq = ev->seq});
    arena_free(&a);
}

/* Nothing durable: who looks sees it pass. */
void reduce_memory_recalled(struct draft *d, const struct event *ev)
{
    (void)d, (void)ev;
}

static bool memory_get(struct draft *d, const char *id, struct rec_memory *ret)
{
    const struct rec *r = draft_bring(d, REC_MEMORY, id);
    if (r)
        *ret = *REC(r, memory);
    return r != NULL;
}

void reduce_memory_pinned(struct draft *d, const struct event *ev)
{
    struct rec_memory m;
    if (!memory_get(d, EV(ev, memory_pinned)->memory_id, &m))
        return;
    m.pinned = !EV(ev, memory_pinned)->off;
    draft_put(d, REC_MEMORY, &m);
}

void reduce_memory_forgotten(struct draft *d, const struct event *ev)
{
    struct rec_memory m;
    if (!memory_get(d, EV(ev, memory_forgotten)->memory_id, &m))
        return;
    m.forgotten = true;
    draft_put(d, REC_MEMORY, &m);
}

void reduce_memory_restored(struct draft *d, const struct event *ev)
{
    struct rec_memory m;
    if (!memory_get(d, EV(ev, memory_restored)->memory_id, &m))
        return;
    m.forgotten = false;
    draft_put(d, REC_MEMORY, &m);
}
