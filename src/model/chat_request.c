/* SPDX-License-Identifier: MIT
 *
 * chat_request: the body of a request, from the canonical one.
 */
#include "model/chat.h"

#include "base/base64.h"
#include "base/fs.h"
#include "store/blob.h"
#include "json/json.h"
#include "json/jsonw.h"

#include <stdlib.h>
#include <string.h>

static bool is_type(const struct json *part, const char *type)
{
    return strcmp(json_cstr(json_get(part, "type"), ""), type) == 0;
}

static bool has_image(const struct json *content)
{
    for (const struct json *p = json_first(content); p; p = json_next(p))
        if (is_type(p, "image"))
            return true;
    return false;
}

/* The text of all text parts; servers take one string where there is nothing else. */
static void write_text(struct jsonw *w, const struct json *content)
{
    struct buf all = BUF_OWN;
    for (const struct json *p = json_first(content); p; p = json_next(p))
        if (is_type(p, "text"))
            buf_str(&all, json_str(json_get(p, "text")));
    jsonw_str(w, buf_view(&all));
    buf_free(&all);
}

static void write_text_part(struct jsonw *w, struct str text)
{
    jsonw_begin_object(w);
    jsonw_put_cstr(w, "type", "text");
    jsonw_put_str(w, "text", text);
    jsonw_end_object(w);
}

static bool write_image(struct jsonw *w, const struct json *part, const char *store_dir,
                        struct err *e)
{
    struct err gone = ERR_INIT;
    struct str text = json_str(json_get(part, "text"));
    const char *sha = json_cstr(json_get(part, "sha256"), "");
    CLEANUP(fd_close_p) int fd = store_dir ? blob_open(store_dir, sha, &gone) : -1;
    if (fd < 0) {
        write_text_part(w, text.n ? text : STR("[image]"));
        return true;
    }
    struct buf bytes = BUF_INIT(CHAT_IMAGE_MAX);
    struct buf url = BUF_OWN;
    bool ok = fs_read_fd(fd, &bytes, e);
    if (ok) {
        buf_printf(&url, "data:%s;base64,", json_cstr(json_get(part, "media_type"), "image/png"));
        base64_encode(&url, buf_view(&bytes));
        jsonw_begin_object(w);
        jsonw_put_cstr(w, "type", "image_url");
        jsonw_key(w, "image_url");
        jsonw_begin_object(w);
        jsonw_put_str(w, "url", buf_view(&url));
        jsonw_end_object(w);
        jsonw_end_object(w);
    }
    buf_free(&bytes);
    buf_free(&url);
    return ok || err_wrap(e, "an image of the conversation");
}

static bool write_user(struct jsonw *w, const struct json *content, const char *store_dir,
                       struct err *e)
{
    bool ok = true;
    jsonw_begin_object(w);
    jsonw_put_cstr(w, "role", "user");
    jsonw_key(w, "content");
    if (!has_image(content)) {
        write_text(w, content);
    } else {
        jsonw_begin_array(w);
        for (const struct json *p = json_first(content); ok && p; p = json_next(p)) {
            if (is_type(p, "image"))
                ok = write_image(w, p, store_dir, e);
            else if (is_type(p, "text"))
                write_text_part(w, json_str(json_get(p, "text")));
        }
        jsonw_end_array(w);
    }
    jsonw_end_object(w);
    return ok;
}

/* Some servers read the arguments of earlier calls as JSON and fail when they are not. */
static void write_arguments(struct jsonw *w, const struct json *part)
{
    struct str text = json_str(json_get(part, "arguments"));
    struct err e = ERR_INIT;
    struct buf b = BUF_OWN;
    if (json_check(text, JSON_DEPTH_MAX, &e) && str_starts(str_trim(text), "{")) {
        jsonw_put_str(w, "arguments", text);
        return;
    }
    struct jsonw inner = JSONW(&b);
    jsonw_begin_object(&inner);
    jsonw_put_str(&inner, "not_json", text);
    jsonw_end_object(&inner);
    jsonw_put_str(w, "arguments", buf_view(&b));
    buf_free(&b);
}

static void write_calls(struct jsonw *w, const struct json *content)
{
    bool any = false;
    for (const struct json *p = json_first(content); p; p = json_next(p)) {
        if (!is_type(p, "tool_call"))
            continue;
        if (!any) {
            jsonw_key(w, "tool_calls");
            jsonw_begin_array(w);
            any = true;
        }
        jsonw_begin_object(w);
        jsonw_put_str(w, "id", json_str(json_get(p, "call_id")));
        jsonw_put_cstr(w, "type", "function");
        jsonw_key(w, "function");
        jsonw_begin_object(w);
        jsonw_put_str(w, "name", json_str(json_get(p, "name")));
        write_arguments(w, p);
        jsonw_end_object(w);
        jsonw_end_object(w);
    }
    if (any)
        jsonw_end_array(w);
}

static void write_assistant(struct jsonw *w, const struct json *content)
{
    jsonw_begin_object(w);
    jsonw_put_cstr(w, "role", "assistant");
    jsonw_key(w, "content");
    write_text(w, content);
    write_calls(w, content);
    jsonw_end_object(w);
}

/* Each result is a message of its own. */
static void write_results(struct jsonw *w, const struct json *content)
{
    for (const struct json *p = json_first(content); p; p = json_next(p)) {
        if (!is_type(p, "tool_result"))
            continue;
        jsonw_begin_object(w);
        jsonw_put_cstr(w, "role", "tool");
        jsonw_put_str(w, "tool_call_id", json_str(json_get(p, "call_id")));
        jsonw_put_str(w, "content", json_str(json_get(p, "text")));
        jsonw_end_object(w);
    }
}

static bool write_messages(struct jsonw *w, const struct json *request, const char *store_dir,
                           struct err *e)
{
    bool ok = true;
    struct str system = json_str(json_get(request, "system"));
    jsonw_key(w, "messages");
    jsonw_begin_array(w);
    if (system.n) {
        jsonw_begin_object(w);
        jsonw_put_cstr(w, "role", "system");
        jsonw_put_str(w, "content", system);
        jsonw_end_object(w);
    }
    const struct json *m = json_first(json_get(request, "messages"));
    for (; ok && m; m = json_next(m)) {
        const char *role = json_cstr(json_get(m, "role"), "");
        const struct json *content = json_get(m, "content");
        if (strcmp(role, "user") == 0)
            ok = write_user(w, content, store_dir, e);
        else if (strcmp(role, "assistant") == 0)
            write_assistant(w, content);
        else
            write_results(w, content);
    }
    jsonw_end_array(w);
    return ok;
}

static void write_tools(struct jsonw *w, const struct json *tools, struct arena *a)
{
    if (json_len(tools) == 0)
        return;
    jsonw_key(w, "tools");
    jsonw_begin_array(w);
    for (const struct json *t = json_first(tools); t; t = json_next(t)) {
        jsonw_begin_object(w);
        jsonw_put_cstr(w, "type", "function");
        jsonw_put_raw(w, "function", str_of(json_text(t, a)));
        jsonw_end_object(w);
    }
    jsonw_end_array(w);
}

static void write_schema(struct jsonw *w, const struct json *schema, struct arena *a)
{
    if (!schema)
        return;
    jsonw_key(w, "response_format");
    jsonw_begin_object(w);
    jsonw_put_cstr(w, "type", "json_schema");
    jsonw_key(w, "json_schema");
    jsonw_begin_object(w);
    jsonw_put_cstr(w, "name", "answer");
    jsonw_put_raw(w, "schema", str_of(json_text(schema, a)));
    jsonw_end_object(w);
    jsonw_end_object(w);
}

bool chat_request(struct str canonical, const struct chat_takes *takes, struct buf *out,
                  struct err *e)
{
    CLEANUP(json_free_p) struct json *request = json_parse(canonical, e);
    struct arena a = ARENA_INIT;
    struct jsonw w = JSONW(out);
    if (!request)
        return err_wrap(e, "the request");
    jsonw_begin_object(&w);
    jsonw_put_str(&w, "model", json_str(json_get(request, "model")));
    bool ok = write_messages(&w, request, takes->store_dir, e);
    write_tools(&w, json_get(request, "tools"), &a);
    if (takes->schema)
        write_schema(&w, json_get(request, "schema"), &a);
    jsonw_put_bool(&w, "stream", true);
    if (takes->usage) {
        jsonw_key(&w, "stream_options");
        jsonw_begin_object(&w);
        jsonw_put_bool(&w, "include_usage", true);
        jsonw_end_object(&w);
    }
    jsonw_end_object(&w);
    arena_free(&a);
    return ok && (buf_ok(out) ||
                  err_set(e, ERR_TOO_LARGE, "the conversation is larger than a request may be"));
}
