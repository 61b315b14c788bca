/* SPDX-License-Identifier: MIT
 *
 * event: one allocation a fact: the struct, its strings, its decoded form.
 */
#include "contract/event.h"

#include "base/clock.h"
#include "base/mem.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* Field tables, one per kind. */
#define EVENT(id, lc, wire, durability, text)                                                      \
    static const struct field lc##_fields[] = {
#define FIELD(lc, ftype, member, fpresence, text)                                                  \
    {.name = #member,                                                                              \
     .type = FIELD_##ftype,                                                                        \
     .presence = FIELD_##fpresence,                                                                \
     .offset = offsetof(struct ev_##lc, member),                                                   \
     .doc = text},
#define EVENT_END(lc)                                                                              \
    {.name = NULL}                                                                                 \
    }                                                                                              \
    ;
#include "contract/events.def"
#undef EVENT
#undef FIELD
#undef EVENT_END

enum { EPHEMERAL, DURABLE };

const struct event_desc event_table[EV_COUNT] = {
    [EV_UNKNOWN] = {.wire = "", .durable = true, .doc = ""},
#define EVENT(id, lc, kindname, durability, text) \
    [EV_##id] = {.wire = kindname,                                                                     \
                 .durable = durability,                                                            \
                 .doc = text,                                                                      \
                 .set = {.name = kindname,                                                             \
                         .fields = lc##_fields,                                                    \
                         .n = ARRAY_LEN(lc##_fields) - 1,                                          \
                         .size = sizeof(struct ev_##lc)}},
#define FIELD(lc, ftype, member, fpresence, text)
#define EVENT_END(lc)
#include "contract/events.def"
#undef EVENT
#undef FIELD
#undef EVENT_END
};

struct event_box {
    struct event ev; /* first, so that the two addresses are one */
    atomic_int refs;
    struct arena arena;
};

enum event_kind event_kind_find(struct str wire)
{
    for (int i = 1; i < EV_COUNT; i++)
        if (str_is(wire, event_table[i].wire))
            return (enum event_kind)i;
    return EV_UNKNOWN;
}

static size_t text_bytes(const char *s)
{
    return s ? arena_size(strlen(s) + 1) : 0;
}

/* bytes: what else will be put into its arena. A ring holds thousands of events, so that each gets
 * the memory that it needs and no more. */
static struct event_box *box_new(const struct event_ids *ids, int64_t ts_ms, size_t bytes)
{
    struct event_box *box = NEW(struct event_box);
    atomic_init(&box->refs, 1);
    box->ev.ts_ms = ts_ms;
    if (ids)
        bytes += text_bytes(ids->session) + text_bytes(ids->turn) + text_bytes(ids->task) +
                 text_bytes(ids->mission) + text_bytes(ids->run);
    arena_reserve(&box->arena, bytes);
    if (ids)
        box->ev.ids = (struct event_ids){
            .session = arena_strdup(&box->arena, ids->session),
            .turn = arena_strdup(&box->arena, ids->turn),
            .task = arena_strdup(&box->arena, ids->task),
            .mission = arena_strdup(&box->arena, ids->mission),
            .run = arena_strdup(&box->arena, ids->run),
        };
    return box;
}

struct event *event_new(enum event_kind kind, const struct event_ids *ids, const void *fields)
{
    const struct event_desc *desc = &event_table[kind];
    struct buf json = BUF_OWN;
    struct jsonw w = JSONW(&json);
    jsonw_begin_object(&w);
    if (fields)
        field_write(&desc->set, &w, fields);
    jsonw_end_object(&w);
    struct event_box *box =
        box_new(ids, clock_wall_ms(),
                arena_size(json.len + 1) + arena_size(desc->set.size) +
                    (fields ? field_bytes(&desc->set, fields) : 0));
    void *u = arena_new(&box->arena, desc->set.size);
    if (fields)
        field_copy(&desc->set, &box->arena, u, fields);
    box->ev.kind = kind;
    box->ev.kind_name = desc->wire;
    box->ev.data = str_make(arena_strndup(&box->arena, json.data, json.len), json.len);
    box->ev.u = u;
    buf_free(&json);
    return &box->ev;
}

/* What data says, decoded into an arena that goes away again: only then is it known how much memory
 * it takes. NULL with no error for an unknown kind. */
static const void *decode(enum event_kind kind, const struct json *data, struct arena *a,
                          struct err *e)
{
    if (kind == EV_UNKNOWN)
        return NULL;
    const struct field_set *set = &event_table[kind].set;
    void *u = arena_new(a, set->size);
    if (field_read(set, data, a, u, FIELD_OPEN, e))
        return u;
    err_wrap(e, "%s", event_table[kind].wire);
    return NULL;
}

struct event *event_from(int64_t seq, int64_t ts_ms, struct str wire, const struct event_ids *ids,
                         struct str data, struct err *e)
{
    CLEANUP(json_free_p) struct json *json = json_parse(data, e);
    if (!json)
        return NULL;
    struct arena scratch = ARENA_INIT;
    enum event_kind kind = event_kind_find(wire);
    const struct field_set *set = &event_table[kind].set;
    const void *fields = decode(kind, json, &scratch, e);
    if (kind != EV_UNKNOWN && !fields) {
        arena_free(&scratch);
        return NULL;
    }
    struct event_box *box =
        box_new(ids, ts_ms,
                arena_size(data.n + 1) +
                    (fields ? arena_size(set->size) + field_bytes(set, fields)
                            : arena_size(wire.n + 1)));
    box->ev.seq = seq;
    box->ev.kind = kind;
    box->ev.kind_name = event_table[kind].wire;
    if (fields) {
        void *u = arena_new(&box->arena, set->size);
        field_copy(set, &box->arena, u, fields);
        box->ev.u = u;
    } else {
        box->ev.kind_name = arena_strndup(&box->arena, wire.p, wire.n);
    }
    box->ev.data = str_make(arena_strndup(&box->arena, data.p, data.n), data.n);
    arena_free(&scratch);
    return &box->ev;
}

/* Cuts one value, with the blanks before it, off valid JSON: up to the comma or the bracket that ends
 * what it is in. */
static struct str raw_value(struct str *rest)
{
    size_t n = 0;
    int depth = 0;
    for (bool quoted = false; n < rest->n; n++) {
        char c = rest->p[n];
        if (quoted && c == '\\')
            n++;
        else if (c == '"')
            quoted = !quoted;
        else if (quoted)
            continue;
        else if (c == '{' || c == '[')
            depth++;
        else if ((c == '}' || c == ']' || c == ',' || c == ':') && depth == 0)
            break;
        else if (c == '}' || c == ']')
            depth--;
    }
    struct str value = str_trim(str_sub(*rest, 0, n));
    *rest = str_sub(*rest, n + 1, rest->n);
    return value;
}

/* The bytes of a member's value in a valid object, as they were written; empty when the key is not
 * there in its plain form. */
static struct str raw_member(struct str object, const char *quoted_key)
{
    object = str_trim(object);
    struct str rest = str_sub(object, 1, object.n);
    while (rest.n) {
        struct str key = raw_value(&rest);
        struct str value = raw_value(&rest);
        if (str_is(key, quoted_key))
            return value;
    }
    return STR_NULL;
}

struct event *event_parse(struct str envelope, struct err *e)
{
    CLEANUP(json_free_p) struct json *j = json_parse(envelope, e);
    if (!j)
        return NULL;
    struct str kind = json_str(json_get(j, "kind"));
    const struct json *data = json_get(j, "data");
    if (kind.n == 0 || !data || json_type(data) != JSON_OBJECT) {
        err_set(e, ERR_INVALID, "an event needs 'kind' and 'data'");
        return NULL;
    }
    if (json_i64(json_get(j, "schema_version"), 0) != EVENT_SCHEMA_VERSION) {
        err_set(e, ERR_INVALID, "schema_version: expected %d", EVENT_SCHEMA_VERSION);
        return NULL;
    }
    struct event_ids ids = {
        .session = json_cstr(json_get(j, "session"), NULL),
        .turn = json_cstr(json_get(j, "turn"), NULL),
        .task = json_cstr(json_get(j, "task"), NULL),
        .mission = json_cstr(json_get(j, "mission"), NULL),
        .run = json_cstr(json_get(j, "run"), NULL),
    };
    struct arena a = ARENA_INIT;
    struct str text = raw_member(envelope, "\"data\"");
    if (text.n == 0) /* the key is written with escapes */
        text = str_of(json_text(data, &a));
    struct event *ev = event_from(json_i64(json_get(j, "seq"), 0), json_i64(json_get(j, "ts_ms"), 0),
                                  kind, &ids, text, e);
    if (ev)
        ev->after = json_i64(json_get(j, "after"), 0);
    arena_free(&a);
    return ev;
}

struct event *event_ref(struct event *ev)
{
    struct event_box *box = CONTAINER_OF(ev, struct event_box, ev);
    atomic_fetch_add_explicit(&box->refs, 1, memory_order_relaxed);
    return ev;
}

void event_unref(struct event *ev)
{
    if (!ev)
        return;
    struct event_box *box = CONTAINER_OF(ev, struct event_box, ev);
    if (atomic_fetch_sub_explicit(&box->refs, 1, memory_order_acq_rel) != 1)
        return;
    arena_free(&box->arena);
    free(box);
}

bool event_durable(const struct event *ev)
{
    return ev->kind == EV_UNKNOWN ? ev->seq > 0 || ev->after == 0 : event_table[ev->kind].durable;
}

void event_write(const struct event *ev, struct buf *out)
{
    struct jsonw w = JSONW(out);
    jsonw_begin_object(&w);
    jsonw_put_i64(&w, "schema_version", EVENT_SCHEMA_VERSION);
    if (ev->seq)
        jsonw_put_i64(&w, "seq", ev->seq);
    else
        jsonw_put_i64(&w, "after", ev->after);
    jsonw_put_i64(&w, "ts_ms", ev->ts_ms);
    jsonw_opt_cstr(&w, "session", ev->ids.session);
    jsonw_opt_cstr(&w, "turn", ev->ids.turn);
    jsonw_opt_cstr(&w, "task", ev->ids.task);
    jsonw_opt_cstr(&w, "mission", ev->ids.mission);
    jsonw_opt_cstr(&w, "run", ev->ids.run);
    jsonw_put_cstr(&w, "kind", ev->kind_name);
    jsonw_put_raw(&w, "data", ev->data);
    jsonw_end_object(&w);
}
