/* SPDX-License-Identifier: MIT
 *
 * context: the body of the next request, made from what the log says and nothing else. A call that
 * was never answered (its process died, the turn was cut) gets an answer made here, because a
 * request with an open call is refused by every provider.
 */
#include "agent/prompt.h"
#include "agent/turn.h"
#include "base/mem.h"
#include "json/jsonw.h"
#include "tool/call.h"

#include <stdlib.h>
#include <string.h>

/* Walks the messages once; calls of the last assistant message that no tool message answered yet
 * are kept in `open`. */
struct walk {
    struct jsonw *w;
    struct arena arena;
    VEC(const char *) open;
    struct err *e;
    bool failed;
};

static void close_open_calls(struct walk *walk)
{
    if (walk->open.n == 0)
        return;
    struct jsonw *w = walk->w;
    jsonw_begin_object(w);
    jsonw_put_cstr(w, "role", "tool");
    jsonw_key(w, "content");
    jsonw_begin_array(w);
    for (size_t i = 0; i < walk->open.n; i++) {
        jsonw_begin_object(w);
        jsonw_put_cstr(w, "type", "tool_result");
        jsonw_put_cstr(w, "call_id", walk->open.v[i]);
        jsonw_put_bool(w, "is_error", true);
        jsonw_put_cstr(w, "text", "error: this call was cut off and has no result");
        jsonw_end_object(w);
    }
    jsonw_end_array(w);
    jsonw_end_object(w);
    walk->open.n = 0;
    arena_reset(&walk->arena);
}

static void answered(struct walk *walk, const char *call_id)
{
    for (size_t i = 0; i < walk->open.n; i++)
        if (strcmp(walk->open.v[i], call_id) == 0) {
            walk->open.n--;
            memmove(&walk->open.v[i], &walk->open.v[i + 1],
                    (walk->open.n - i) * sizeof(*walk->open.v));
            return;
        }
}

/* A part as the model gets it: without the part's id, which is ours. */
static void write_part(struct walk *walk, const struct json *part)
{
    struct jsonw *w = walk->w;
    struct arena a = ARENA_INIT;
    jsonw_begin_object(w);
    for (const struct json *m = json_first(part); m; m = json_next(m)) {
        if (strcmp(json_key(m), "part") == 0)
            continue;
        jsonw_key(w, json_key(m));
        jsonw_raw(w, str_of(json_text(m, &a)));
    }
    jsonw_end_object(w);
    arena_free(&a);
}

static bool add_message(void *arg, struct str text)
{
    struct walk *walk = arg;
    CLEANUP(json_free_p) struct json *row = json_parse(text, walk->e);
    if (!row) {
        walk->failed = true;
        return false;
    }
    const char *role = json_cstr(json_get(row, "role"), "");
    const struct json *content = json_get(row, "content");
    if (strcmp(role, "tool") != 0)
        close_open_calls(walk);
    struct jsonw *w = walk->w;
    jsonw_begin_object(w);
    jsonw_put_cstr(w, "role", role);
    jsonw_key(w, "content");
    jsonw_begin_array(w);
    for (const struct json *part = json_first(content); part; part = json_next(part)) {
        const char *type = json_cstr(json_get(part, "type"), "");
        const char *call = json_cstr(json_get(part, "call_id"), "");
        if (strcmp(type, "tool_call") == 0)
            VEC_PUSH(&walk->open, arena_strdup(&walk->arena, call));
        else if (strcmp(type, "tool_result") == 0)
            answered(walk, call);
        write_part(walk, part);
    }
    jsonw_end_array(w);
    jsonw_end_object(w);
    return true;
}

static void write_tools(struct jsonw *w)
{
    jsonw_key(w, "tools");
    jsonw_begin_array(w);
    for (size_t i = 0; i < tool_table_n; i++) {
        jsonw_begin_object(w);
        jsonw_put_cstr(w, "name", tool_table[i]->name);
        jsonw_put_cstr(w, "description", tool_table[i]->doc);
        jsonw_key(w, "parameters");
        field_schema(tool_table[i]->args, w);
        jsonw_end_object(w);
    }
    jsonw_end_array(w);
}

bool context_build(const struct reader *reader, const char *session,
                   const char *model, const char *workspace, struct cancel *cancel, struct buf *out,
                   struct err *e)
{
    struct jsonw w = JSONW(out);
    struct walk walk = {.w = &w, .e = e};
    struct buf args = BUF_OWN;
    struct buf system = BUF_OWN;
    int64_t seq;

    struct jsonw q = JSONW(&args);
    jsonw_begin_object(&q);
    jsonw_put_cstr(&q, "session", session);
    jsonw_end_object(&q);

    prompt_system(&system, workspace);
    jsonw_begin_object(&w);
    jsonw_put_cstr(&w, "model", model);
    jsonw_put_str(&w, "system", buf_view(&system));
    jsonw_key(&w, "messages");
    jsonw_begin_array(&w);
    bool ok = reader->query(reader->ctx, "transcript.messages", buf_view(&args), cancel, add_message,
                            &walk, &seq, e) &&
              !walk.failed;
    if (ok) {
        close_open_calls(&walk);
        jsonw_end_array(&w);
        write_tools(&w);
        jsonw_end_object(&w);
        ok = buf_ok(out) || err_set(e, ERR_TOO_LARGE, "the conversation is larger than a request may be");
    }
    e->phase = ok ? e->phase : PHASE_CONTEXT;
    arena_free(&walk.arena);
    free(walk.open.v);
    buf_free(&args);
    buf_free(&system);
    return ok;
}
