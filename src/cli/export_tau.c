/* SPDX-License-Identifier: MIT
 *
 * export_tau: the entries of a session as Tau keeps them.
 */
#include "cli/export.h"

#include <stdio.h>
#include <string.h>

/* Names of the calls that the last answer made: results name the call only. */
enum { CALLS_MAX = 256, CALL_NAME_MAX = 129 };
struct tau {
    int64_t id; /* of the last entry */
    size_t n;
    struct {
        char id[ID_MAX], name[CALL_NAME_MAX];
    } calls[CALLS_MAX];
};

static void tau_begin(struct export *x, const struct json *session, struct buf *out)
{
    (void)x, (void)session;
    buf_puts(out, "{\"record_type\":\"meta\",\"schema_version\":1}\n");
}

static const char *name_of(const struct tau *t, const char *call)
{
    for (size_t i = t->n; i-- > 0;)
        if (strcmp(t->calls[i].id, call) == 0)
            return t->calls[i].name;
    return "unknown";
}

static void note_call(struct tau *t, const struct json *part)
{
    if (t->n == CALLS_MAX)
        return;
    snprintf(t->calls[t->n].id, ID_MAX, "%s", json_cstr(json_get(part, "call_id"), ""));
    snprintf(t->calls[t->n++].name, CALL_NAME_MAX, "%s", json_cstr(json_get(part, "name"), ""));
}

static void open_entry(struct tau *t, struct jsonw *w, struct str role)
{
    jsonw_begin_object(w);
    jsonw_put_cstr(w, "record_type", "entry");
    jsonw_put_i64(w, "id", t->id + 1);
    jsonw_key(w, "parent_id");
    if (t->id > 0)
        jsonw_i64(w, t->id);
    else
        jsonw_null(w);
    t->id++;
    jsonw_key(w, "message");
    jsonw_begin_object(w);
    jsonw_put_str(w, "role", role);
    jsonw_key(w, "content");
    jsonw_begin_array(w);
}

static void put_text(struct jsonw *w, struct str text)
{
    jsonw_begin_object(w);
    jsonw_put_cstr(w, "type", "text");
    jsonw_put_str(w, "text", text);
    jsonw_end_object(w);
}

static void put_call(struct export *x, struct jsonw *w, const struct json *part)
{
    struct err ignored = ERR_INIT;
    struct str arguments = json_str(json_get(part, "arguments"));
    (void)x;
    jsonw_begin_object(w);
    jsonw_put_cstr(w, "type", "tool_call");
    jsonw_put_str(w, "id", json_str(json_get(part, "call_id")));
    jsonw_put_str(w, "name", json_str(json_get(part, "name")));
    jsonw_key(w, "arguments");
    if (arguments.n && json_check(arguments, FIELD_JSON_DEPTH_MAX, &ignored))
        jsonw_raw(w, arguments);
    else
        jsonw_str(w, arguments);
    jsonw_end_object(w);
}

static void close_entry(struct jsonw *w, struct buf *out)
{
    jsonw_end_object(w);
    jsonw_end_object(w);
    buf_putc(out, '\n');
}

/* Each result is an entry of its own there. */
static void tool_entries(struct tau *t, const struct json *content, struct buf *out)
{
    for (const struct json *p = json_first(content); p; p = json_next(p)) {
        struct jsonw w = JSONW(out);
        const char *call = json_cstr(json_get(p, "call_id"), "");
        open_entry(t, &w, STR("tool"));
        put_text(&w, json_str(json_get(p, "text")));
        jsonw_end_array(&w);
        jsonw_put_cstr(&w, "tool_call_id", call);
        jsonw_put_cstr(&w, "tool_name", name_of(t, call));
        jsonw_put_bool(&w, "is_error", json_bool(json_get(p, "is_error"), false));
        close_entry(&w, out);
    }
}

/* It has no reasoning, and no images that are kept elsewhere. */
static void tau_row(struct export *x, const struct json *row, struct str raw, struct buf *out)
{
    struct tau *t = x->state;
    struct str role = json_str(json_get(row, "role"));
    const struct json *content = json_get(row, "content");
    (void)raw;
    if (str_is(role, "tool")) {
        tool_entries(t, content, out);
        return;
    }
    if (str_is(role, "assistant"))
        t->n = 0;
    struct jsonw w = JSONW(out);
    open_entry(t, &w, role);
    for (const struct json *p = json_first(content); p; p = json_next(p)) {
        struct str type = json_str(json_get(p, "type"));
        if (str_is(type, "text")) {
            put_text(&w, json_str(json_get(p, "text")));
        } else if (str_is(type, "tool_call")) {
            put_call(x, &w, p);
            note_call(t, p);
        } else if (str_is(type, "image")) {
            put_text(&w, str_of(arena_printf(&x->arena, "[image %s]",
                                             json_cstr(json_get(p, "sha256"), "?"))));
        }
    }
    jsonw_end_array(&w);
    close_entry(&w, out);
}

const struct export_format export_tau = {
    .name = "tau",
    .suffix = ".tau.jsonl",
    .query = QRY_CONVERSATION_AFTER,
    .cursor = "seq",
    .state = sizeof(struct tau),
    .begin = tau_begin,
    .row = tau_row,
};
