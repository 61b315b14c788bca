/* SPDX-License-Identifier: MIT
 *
 * event: one fact of the log (schema_version 2). An event is made once and never changes but for
 * seq, which the store assigns before anybody else sees it. Counted references; any thread.
 *
 * `data` is the JSON object as it was made or read, kept byte for byte, so that kinds and fields
 * that this program does not know are stored, replayed and forwarded unchanged. `u` is its decoded
 * form, a struct ev_<lc> of events.def, or NULL for an unknown kind.
 */
#ifndef TAU_CONTRACT_EVENT_H
#define TAU_CONTRACT_EVENT_H

#include "base/arena.h"
#include "base/base.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/id.h"
#include "json/field.h"

enum { EVENT_SCHEMA_VERSION = 2, EVENT_CHUNK_MAX = 4096, EVENT_CHUNK_MS = 250 };
enum { EVENT_DATA_MAX = 16 << 20 };

enum event_kind {
    EV_UNKNOWN,
#define EVENT(id, lc, wire, durability, doc) EV_##id,
#define FIELD(lc, type, member, presence, doc)
#define EVENT_END(lc)
#include "contract/events.def"
#undef EVENT
#undef FIELD
#undef EVENT_END
    EV_COUNT
};

/* struct ev_turn_started { const char *provider; const char *model; }; ... */
#define EV_C_STR const char *
#define EV_C_I64 int64_t
#define EV_C_F64 double
#define EV_C_BOOL bool
#define EV_C_JSON const char *
#define EV_C_STRS struct field_list
#define EVENT(id, lc, wire, durability, doc)                                                       \
    struct ev_##lc {                                                                               \
        char none_;
#define FIELD(lc, type, member, presence, doc) EV_C_##type member;
#define EVENT_END(lc)                                                                              \
    }                                                                                              \
    ;
#include "contract/events.def"
#undef EVENT
#undef FIELD
#undef EVENT_END

struct event_desc {
    const char *wire;
    bool durable;
    const char *doc;
    struct field_set set;
};

extern const struct event_desc event_table[EV_COUNT]; /* [EV_UNKNOWN].wire is "" */

enum event_kind event_kind_find(struct str wire);

/* Whom an event is about. Each may be NULL; event_new copies. */
struct event_ids {
    const char *session, *turn, *task, *mission, *run;
};

struct event {
    int64_t seq;   /* 0: not committed, or ephemeral */
    int64_t after; /* ephemeral: the last seq committed when it was made */
    int64_t ts_ms;
    enum event_kind kind;
    const char *kind_name;
    struct event_ids ids;
    struct str data;
    const void *u;
};

/* Takes a struct ev_<lc> for kind (NULL when it has no fields). Copies everything. ts_ms is now. */
struct event *event_new(enum event_kind kind, const struct event_ids *ids, const void *fields);

/* From a row of the log or a line of a recording: kind by wire name, data raw. A kind we know whose
 * data does not decode is an error (ERR_INVALID, with the field path). */
struct event *event_from(int64_t seq, int64_t ts_ms, struct str wire, const struct event_ids *ids,
                         struct str data, struct err *e) ATTR_WARN;

/* From an envelope, one JSON object. */
struct event *event_parse(struct str envelope, struct err *e) ATTR_WARN;

struct event *event_ref(struct event *ev);
void event_unref(struct event *ev); /* NULL is fine */

bool event_durable(const struct event *ev); /* unknown kinds count as durable when they have a seq */

/* Appends the envelope, without a newline. */
void event_write(const struct event *ev, struct buf *out);

#define EV(ev, lc) ((const struct ev_##lc *)(ev)->u)

#endif
