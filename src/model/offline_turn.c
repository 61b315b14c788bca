/* SPDX-License-Identifier: MIT
 *
 * offline_turn: the conversation as the rules see it: what the operator last said, and the calls
 * made since with their results.
 */
#include "model/offline.h"

#include "json/json.h"

#include <string.h>

static const char input_mark[] = "--- standard input ---\n";

/* The texts of a message, one after another. */
static struct str message_text(const struct json *message, struct arena *a)
{
    CLEANUP(buf_free) struct buf b = BUF_OWN;
    const struct json *content = json_get(message, "content");
    for (const struct json *p = json_first(content); p; p = json_next(p))
        if (str_is(json_str(json_get(p, "type")), "text")) {
            if (b.len)
                buf_putc(&b, '\n');
            buf_str(&b, json_str(json_get(p, "text")));
        }
    return str_make(arena_strndup(a, buf_cstr(&b), b.len), b.len);
}

static void split_input(struct offline_turn *t, struct str text)
{
    struct str mark = str_make(input_mark, sizeof(input_mark) - 1);
    ssize_t at = str_find(text, mark);
    t->input = STR_NULL;
    if (at < 0 || (at > 0 && text.p[at - 1] != '\n')) {
        t->prompt = str_trim(text);
        return;
    }
    t->prompt = str_trim(str_sub(text, 0, (size_t)at));
    t->input = str_sub(text, (size_t)at + mark.n, text.n);
}

/* Calls and results go by their ids, which matter only while a message is read. */
struct open_call {
    struct str id;
    size_t index;
};

static struct str copy(struct arena *a, struct str s)
{
    return str_make(arena_strndup(a, s.p ? s.p : "", s.n), s.n);
}

static void take_calls(struct offline_turn *t, const struct json *message, struct open_call *open)
{
    for (const struct json *p = json_first(json_get(message, "content")); p; p = json_next(p)) {
        if (!str_is(json_str(json_get(p, "type")), "tool_call") ||
            t->n_results == OFFLINE_RESULTS_MAX)
            continue;
        const struct json *args = json_get(p, "arguments");
        open[t->n_results] =
            (struct open_call){copy(t->a, json_str(json_get(p, "call_id"))), t->n_results};
        t->results[t->n_results++] = (struct offline_result){
            .tool = copy(t->a, json_str(json_get(p, "name"))),
            .arguments = json_type(args) == JSON_STRING ? copy(t->a, json_str(args))
                                                        : str_of(json_text(args, t->a)),
            .text = STR("error: internal: this call has no result"),
            .is_error = true,
        };
    }
}

static void take_results(struct offline_turn *t, const struct json *message,
                         const struct open_call *open)
{
    for (const struct json *p = json_first(json_get(message, "content")); p; p = json_next(p)) {
        struct str id = json_str(json_get(p, "call_id"));
        for (size_t i = 0; i < t->n_results; i++)
            if (str_is(json_str(json_get(p, "type")), "tool_result") && str_eq(open[i].id, id)) {
                t->results[i].text = copy(t->a, json_str(json_get(p, "text")));
                t->results[i].is_error = json_bool(json_get(p, "is_error"), false);
            }
    }
}

bool offline_turn_read(struct offline_turn *t, const struct request *r, struct arena *a,
                       struct err *e)
{
    struct open_call open[OFFLINE_RESULTS_MAX];
    size_t from = r->messages.n;
    *t = (struct offline_turn){.a = a};
    t->results = arena_array(a, OFFLINE_RESULTS_MAX, sizeof(*t->results));
    while (from > 0 && r->messages.v[from - 1].role != REQUEST_USER)
        from--;
    for (size_t i = from ? from - 1 : 0; i < r->messages.n; i++) {
        CLEANUP(json_free_p) struct json *message = json_parse(r->messages.v[i].json, e);
        if (!message)
            return err_wrap(e, "message %zu of the request", i + 1);
        if (r->messages.v[i].role == REQUEST_USER)
            split_input(t, message_text(message, a));
        else if (r->messages.v[i].role == REQUEST_ASSISTANT)
            take_calls(t, message, open);
        else if (r->messages.v[i].role == REQUEST_TOOL)
            take_results(t, message, open);
    }
    return true;
}

struct str offline_argument(const struct offline_turn *t, const struct offline_result *r,
                            const char *name)
{
    struct err e = ERR_INIT;
    CLEANUP(json_free_p) struct json *args = json_parse(r->arguments, &e);
    return args ? copy(t->a, json_str(json_get(args, name))) : STR("");
}

struct offline_failure offline_failure(const struct offline_result *r)
{
    struct offline_failure f = {.code = STR("internal"), .output = STR("")};
    struct str rest = r->text;
    struct str line;
    if (!str_line(&rest, &line))
        line = STR("it failed without a reason");
    f.output = rest.n ? rest : STR("");
    if (str_starts(line, "error: "))
        line = str_sub(line, 7, line.n);
    f.message = line;
    ssize_t colon = str_find(line, STR(": "));
    if (colon > 0 && !memchr(line.p, ' ', (size_t)colon)) {
        f.code = str_sub(line, 0, (size_t)colon);
        f.message = str_sub(line, (size_t)colon + 2, line.n);
    }
    return f;
}

bool offline_failed_with(const struct offline_result *r, const char *code)
{
    return r->is_error && str_is(offline_failure(r).code, code);
}
