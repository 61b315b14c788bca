/* SPDX-License-Identifier: MIT
 *
 * retell: events of turns with other ids, and the ends of what is open.
 */
#include "contract/retell.h"

#include "base/digest.h"
#include "base/mem.h"
#include "contract/states.h"
#include "json/jsonw.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- ids ---- */

/* Members whose text is an id of a store's making. */
static const char *const id_members[] = {"entry",       "parent",      "part",    "call_id",
                                         "approval_id", "artifact_id", "artifact"};

static bool is_id_member(const char *key)
{
    for (size_t i = 0; key && i < ARRAY_LEN(id_members); i++)
        if (strcmp(key, id_members[i]) == 0)
            return true;
    return false;
}

enum { ORDER = 10, CHARS = 20 }; /* of an id behind its prefix: where it comes, and all of it */

/* Where it came among others, so that ids which follow one another lie side by side in the indexes of
 * the store: its first characters, or the number that it is. */
static void put_order(char *out, struct str old)
{
    char number[32];
    size_t digits = 0;
    ssize_t mark = str_index(old, '_');
    struct str own = str_sub(old, (size_t)(mark + 1), old.n);
    while (digits < old.n && old.p[digits] >= '0' && old.p[digits] <= '9')
        digits++;
    bool is_id = mark > 0 && own.n == CHARS;
    for (size_t i = 0; i < ORDER && is_id; i++)
        is_id = (own.p[i] >= '0' && own.p[i] <= '9') || (own.p[i] >= 'A' && own.p[i] <= 'Z');
    if (is_id)
        memcpy(out, own.p, ORDER);
    else if (digits > 0 && digits <= ORDER &&
             snprintf(number, sizeof(number), "%0*d%.*s", (int)(ORDER + 1 - digits), 0, (int)digits,
                      old.p) > ORDER)
        memcpy(out, number + 1, ORDER);
}

struct id retell_make_id(const char *salt, const char *prefix, struct str old)
{
    static const char base32[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    char hex[DIGEST_HEX];
    struct digest d;
    struct id id;
    digest_init(&d);
    digest_add(&d, str_of(salt));
    digest_add(&d, str_of(prefix));
    digest_add(&d, old);
    digest_end(&d, hex);
    int n = snprintf(id.s, sizeof(id.s), "%.12s_", prefix);
    for (int i = 0; i < CHARS; i++) {
        int high = hex[2 * i] <= '9' ? hex[2 * i] - '0' : hex[2 * i] - 'a' + 10;
        int low = hex[2 * i + 1] & 1;
        id.s[n + i] = base32[high * 2 + low];
    }
    id.s[n + CHARS] = '\0';
    put_order(id.s + n, old);
    return id;
}

/* "turn_01ABC/end": what stands behind the id stays. */
const char *retell_id(struct retell *r, struct str old)
{
    ssize_t slash = str_index(old, '/'), mark = str_index(old, '_');
    struct str head = str_sub(old, 0, slash < 0 ? old.n : (size_t)slash);
    char prefix[16] = "x";
    if (mark > 0)
        snprintf(prefix, sizeof(prefix), "%.*s", (int)MIN((size_t)mark, (size_t)12), old.p);
    struct id id = retell_make_id(r->salt, prefix, head);
    struct str rest = str_sub(old, head.n, old.n);
    return arena_printf(&r->arena, "%s%.*s", id.s, STR_ARG(rest));
}

static bool is_left_out(const struct retell *r, const char *key)
{
    return r->bare && key && strcmp(key, "files") == 0;
}

static void copy_value(struct retell *r, struct jsonw *w, const struct json *j, const char *key)
{
    switch (json_type(j)) {
    case JSON_OBJECT:
        jsonw_begin_object(w);
        for (const struct json *m = json_first(j); m; m = json_next(m)) {
            if (is_left_out(r, json_key(m)))
                continue;
            jsonw_key(w, json_key(m));
            copy_value(r, w, m, json_key(m));
        }
        jsonw_end_object(w);
        break;
    case JSON_ARRAY:
        jsonw_begin_array(w);
        for (const struct json *m = json_first(j); m; m = json_next(m))
            copy_value(r, w, m, NULL);
        jsonw_end_array(w);
        break;
    case JSON_STRING:
        if (is_id_member(key) && json_str(j).n > 0)
            jsonw_cstr(w, retell_id(r, json_str(j)));
        else
            jsonw_str(w, json_str(j));
        break;
    default:
        jsonw_raw(w, str_of(json_text(j, &r->arena)));
    }
}

/* ---- what is open ---- */

/* The member that names whose state an event moves; NULL: the envelope names the turn. */
static const char *const subjects[] = {
    [MACHINE_TURN] = NULL, [MACHINE_TOOL] = "call_id", [MACHINE_APPROVAL] = "approval_id"};

/* What stands before the turn of one that is open. */
static char machine_letter(enum machine m)
{
    return (char)('a' + m);
}

/* ev as it is said here, data as it was there. */
static void note_open(struct retell *r, const struct event *ev, const struct json *data)
{
    enum machine m = state_machine_of(ev->kind);
    if (m != MACHINE_TURN && m != MACHINE_TOOL && m != MACHINE_APPROVAL)
        return;
    const char *key =
        subjects[m] ? retell_id(r, json_str(json_get(data, subjects[m]))) : ev->ids.turn;
    if (state_ends(ev->kind))
        free(map_remove(&r->open, str_of(key)));
    else if (state_step(ev->kind, STATE_NONE) != STATE_COUNT && ev->ids.turn &&
             !map_get(&r->open, str_of(key)))
        map_put(&r->open, str_of(key), mem_printf("%c%s", machine_letter(m), ev->ids.turn));
}

/* How each of them ends, in this order. */
static const struct {
    enum machine machine;
    enum event_kind kind;
} endings[] = {
    {MACHINE_APPROVAL, EV_APPROVAL_EXPIRED},
    {MACHINE_TOOL, EV_TOOL_CANCELLED},
    {MACHINE_TURN, EV_TURN_FAILED},
};

static struct event *ending(const struct retell *r, enum event_kind kind, const char *key,
                            const char *turn, const char *error)
{
    struct event_ids ids = {.session = r->session, .turn = turn};
    char result[200];
    snprintf(result, sizeof(result), "error: %s", r->why);
    if (kind == EV_APPROVAL_EXPIRED)
        return event_new(kind, &ids, &(struct ev_approval_expired){.approval_id = key});
    if (kind == EV_TOOL_CANCELLED)
        return event_new(
            kind, &ids,
            &(struct ev_tool_cancelled){.call_id = key, .error = error, .result = result});
    return event_new(kind, &ids, &(struct ev_turn_failed){.error = error});
}

void retell_end(struct retell *r, void (*fn)(void *arg, struct event *ev), void *arg)
{
    CLEANUP(buf_free) struct buf error = BUF_OWN;
    struct jsonw w = JSONW(&error);
    jsonw_begin_object(&w);
    jsonw_put_cstr(&w, "reason_code", "process_died");
    jsonw_put_cstr(&w, "phase", "worker");
    jsonw_put_cstr(&w, "message", r->why);
    jsonw_put_bool(&w, "retryable", false);
    jsonw_end_object(&w);
    for (size_t i = 0; i < ARRAY_LEN(endings); i++) {
        size_t at = 0;
        const char *key;
        void *value;
        while (map_next(&r->open, &at, &key, &value)) {
            const char *of = value;
            if (of[0] == machine_letter(endings[i].machine))
                fn(arg, ending(r, endings[i].kind, key, of + 1, buf_cstr(&error)));
        }
    }
    map_free(&r->open, free);
    arena_free(&r->arena);
}

/* ---- events ---- */

/* What a request cost, and what it was made of, was there. */
static const enum event_kind told_once[] = {EV_TURN_USAGE_REPORTED, EV_TURN_CONTEXT_MEASURED,
                                            EV_TURN_PROVIDER_REQUESTED, EV_TURN_RETRYING};

static bool is_told(const struct retell *r, const struct event *ev)
{
    static const char *const kinds[] = {"turn.", "tool.", "approval.", "artifact."};
    if (ev->kind == EV_TURN_STEERED || ev->kind == EV_TURN_PULLED)
        return false; /* what was read of it is a message */
    for (size_t i = 0; r->bare && i < ARRAY_LEN(told_once); i++)
        if (ev->kind == told_once[i])
            return false;
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        if (str_starts(str_of(ev->kind_name), kinds[i]))
            return true;
    return false;
}

bool retell_event(struct retell *r, const struct event *ev, const struct json *data,
                  struct event **ret, struct err *e)
{
    CLEANUP(buf_free) struct buf text = BUF_OWN;
    struct jsonw w = JSONW(&text);
    *ret = NULL;
    if (!is_told(r, ev))
        return true;
    const char *turn = ev->ids.turn ? retell_id(r, str_of(ev->ids.turn)) : NULL;
    struct event_ids ids = {.session = r->session, .turn = turn};
    copy_value(r, &w, data, NULL);
    *ret = event_from(0, ev->ts_ms, str_of(ev->kind_name), &ids, buf_view(&text), e);
    if (*ret)
        note_open(r, *ret, data);
    return *ret != NULL;
}
