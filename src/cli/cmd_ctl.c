/* SPDX-License-Identifier: MIT
 *
 * cmd_ctl: actions and queries of the tau that runs here, from scripts. Their names, arguments and types
 * are those of the tables; this file knows none of them.
 */
#include "base/arena.h"
#include "base/fs.h"
#include "cli/app.h"
#include "cli/commands.h"
#include "cli/peer.h"
#include "cli/report.h"
#include "cli/signals.h"
#include "contract/action.h"
#include "json/json.h"
#include "json/jsonw.h"
#include "text/fuzzy.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ANSWER_BYTES = 4 << 20 };

/* ---- arguments ---- */

static bool add_value(struct jsonw *w, const struct field_set *set, struct str name, struct str value,
                      struct err *e)
{
    const struct field *f = field_find(set, name);
    struct err not_json = ERR_INIT;
    int64_t n;
    double d;
    if (!f)
        return err_set(e, ERR_USAGE, "%s has no argument '%.*s'", set->name, STR_ARG(str_sub(name, 0, 60)));
    jsonw_key(w, f->name);
    switch (f->type) {
    case FIELD_I64:
        if (!str_i64(value, &n))
            return err_set(e, ERR_USAGE, "%s: expected a whole number, got '%.*s'", f->name,
                           STR_ARG(str_sub(value, 0, 60)));
        jsonw_i64(w, n);
        return true;
    case FIELD_F64:
        if (!str_f64(value, &d))
            return err_set(e, ERR_USAGE, "%s: expected a number, got '%.*s'", f->name,
                           STR_ARG(str_sub(value, 0, 60)));
        jsonw_f64(w, d);
        return true;
    case FIELD_BOOL:
        if (!str_is(value, "true") && !str_is(value, "false"))
            return err_set(e, ERR_USAGE, "%s: expected true or false, got '%.*s'", f->name,
                           STR_ARG(str_sub(value, 0, 60)));
        jsonw_bool(w, str_is(value, "true"));
        return true;
    case FIELD_STR:
    case FIELD_BODY:
        jsonw_str(w, value);
        return true;
    default: { /* lists and objects are written as JSON */
        CLEANUP(json_free_p) struct json *j = json_parse(value, &not_json);
        if (!j)
            return err_set(e, ERR_USAGE, "%s: expected JSON: %s", f->name, not_json.message);
        jsonw_raw(w, value);
        return true;
    }
    }
}

static bool split(const char *word, struct str *ret_name, struct str *ret_value, struct err *e)
{
    const char *equals = strchr(word, '=');
    if (!equals)
        return err_set(e, ERR_USAGE, "expected NAME=VALUE, got '%.60s'", word);
    *ret_name = str_make(word, (size_t)(equals - word));
    *ret_value = str_of(equals + 1);
    return true;
}

/* The words after the action as an object; one that is JSON already goes as it is. */
static bool write_arguments(const struct options *o, const struct field_set *set, struct buf *out, struct err *e)
{
    struct jsonw w = {.out = out};
    if (o->n_args == 2 && o->args[1][0] == '{')
        return buf_puts(out, o->args[1]);
    jsonw_begin_object(&w);
    for (int i = 1; i < o->n_args; i++) {
        struct str name, value;
        if (!split(o->args[i], &name, &value, e) || !add_value(&w, set, name, value, e))
            return false;
    }
    jsonw_end_object(&w);
    return true;
}

static bool write_query(const struct options *o, const struct field_set *set, struct buf *out, struct err *e)
{
    for (int i = 1; i < o->n_args; i++) {
        struct str name, value;
        if (!split(o->args[i], &name, &value, e))
            return false;
        if (!field_find(set, name))
            return err_set(e, ERR_USAGE, "%s has no argument '%.*s'", set->name,
                           STR_ARG(str_sub(name, 0, 60)));
        buf_putc(out, i == 1 ? '?' : '&');
        buf_str(out, name);
        buf_putc(out, '=');
        peer_escape(out, value);
    }
    return true;
}

/* ---- what comes back ---- */

/* Of an action: what it made or gave back; nothing when there is neither. */
static void add_answer(const struct json *j, struct buf *out)
{
    const struct json *turn = json_get(j, "turn");
    const char *text = json_cstr(json_get(j, "text"), NULL), *id = json_cstr(json_get(j, "id"), NULL);
    if (text)
        buf_printf(out, "%s\n", text);
    else if (id)
        buf_printf(out, "%s%s%s\n", id, turn ? " " : "", json_cstr(json_get(turn, "status"), ""));
}

/* Of a query: a line of JSON each row. */
static void add_rows(const struct json *j, struct buf *out)
{
    struct arena arena = ARENA_INIT;
    for (const struct json *row = json_first(json_get(j, "rows")); row; row = json_next(row))
        buf_printf(out, "%s\n", json_text(row, &arena));
    arena_free(&arena);
}

/* Whole, or not at all: what is cut is no JSON any more. */
static bool fetch(const char *path, const char *route, struct str body, struct buf *answer, struct err *e)
{
    if (!peer_call(path, route, body, NULL, peer_into_buf, answer, e))
        return false;
    if (buf_ok(answer))
        return true;
    err_set(e, ERR_TOO_LARGE, "the answer has more than %d MiB", ANSWER_BYTES >> 20);
    return err_hint(e, "--json gives one of any size");
}

/* The same, read; the caller frees it. NULL with the error. */
static struct json *fetch_json(const char *path, const char *route, struct str body, struct buf *answer, struct err *e)
{
    return fetch(path, route, body, answer, e) ? json_parse(buf_view(answer), e) : NULL;
}

static bool print(const char *path, const char *route, struct str body,
                  void (*add)(const struct json *j, struct buf *out), bool (*write)(struct str text, struct err *e),
                  struct err *e)
{
    CLEANUP(buf_free) struct buf answer = {.max = ANSWER_BYTES}, out = BUF_OWN;
    CLEANUP(json_free_p) struct json *j = fetch_json(path, route, body, &answer, e);
    if (!j)
        return false;
    add(j, &out);
    return write(buf_view(&out), e);
}

/* A turn that was waited for and did not complete is a failure here, as it is of tau -p. */
static bool completed(const struct json *turn, struct err *e)
{
    struct str status = json_str(json_get(turn, "status"));
    if (!turn || str_is(status, "completed"))
        return true;
    if (json_get(turn, "error"))
        json_read_err(json_get(turn, "error"), e);
    if (e->code == ERR_NONE)
        err_set(e, str_is(status, "cancelled") ? ERR_CANCELLED : ERR_INTERNAL, "the turn did not come to its end");
    return false;
}

/* Of an action and the turn that it made. */
static bool print_end(const char *path, const char *route, struct str body, bool json, struct err *e)
{
    CLEANUP(buf_free) struct buf answer = {.max = ANSWER_BYTES}, out = BUF_OWN;
    CLEANUP(json_free_p) struct json *j = fetch_json(path, route, body, &answer, e);
    if (!j)
        return false;
    add_answer(j, &out);
    return (json ? report_json(str_trim(buf_view(&answer)), e) : report_out(buf_view(&out), e)) &&
           completed(json_get(j, "turn"), e);
}

struct passing {
    struct report_json json;
    struct err *e;
};

static bool pass(void *arg, struct str bytes)
{
    struct passing *p = arg;
    return report_json_add(&p->json, bytes, p->e);
}

/* As it comes, of any size, and an LF at its end. */
static bool stream(const char *path, const char *route, struct str body, struct err *e)
{
    struct passing p = {.e = e};
    return peer_call(path, route, body, NULL, pass, &p, e) && e->code == ERR_NONE && report_json_end(&p.json, e);
}

/* ---- events, a line each ---- */

static bool on_event(void *arg, struct str json)
{
    return report_json(str_trim(json), arg);
}

static bool follow(const char *path, struct err *e)
{
    return peer_follow(path, NULL, on_event, e, e) && e->code == ERR_NONE;
}

/* ---- the list ---- */

static void write_fields(struct buf *out, const struct field_set *set)
{
    for (size_t i = 0; i < set->n; i++)
        buf_printf(out, set->fields[i].presence == FIELD_REQ ? " %s=" : " [%s=]", set->fields[i].name);
    buf_putc(out, '\n');
}

static bool list(const char *state_dir, struct err *e)
{
    gateway_peers all = {0};
    CLEANUP(buf_free) struct buf out = BUF_OWN;
    if (!gateway_socket_list(state_dir, &all, e))
        return false;
    for (size_t i = 0; i < all.n; i++)
        buf_printf(&out, "running: %ld at %s\n", all.v[i].pid, all.v[i].path);
    if (all.n == 0)
        buf_puts(&out, "running: none\n");
    gateway_peers_done(&all);
    buf_puts(&out, "\nactions:\n");
    for (int i = 0; i < ACT_COUNT; i++) {
        buf_printf(&out, "  %s", action_table[i].name);
        write_fields(&out, &action_table[i].set);
    }
    buf_puts(&out, "\nqueries:\n");
    for (int i = 0; i < QRY_COUNT; i++) {
        buf_printf(&out, "  %s", query_table[i].name);
        write_fields(&out, &query_table[i].args);
    }
    buf_puts(&out, "\nand: status, state, events\n");
    return report_out(buf_view(&out), e);
}

/* ---- */

static bool act(const struct options *o, const char *path, enum action_id id, struct err *e)
{
    CLEANUP(buf_free) struct buf route = BUF_OWN, body = BUF_OWN;
    bool yes = o->value[OPT_YES], wait = o->value[OPT_WAIT];
    buf_printf(&route, "/gateway/operator/actions/%s%s%s%s", action_table[id].name, yes || wait ? "?" : "",
               yes ? "confirm=yes&" : "", wait ? "wait=done" : "");
    if (!write_arguments(o, &action_table[id].set, &body, e))
        return false;
    if (wait)
        return print_end(path, buf_cstr(&route), buf_view(&body), o->value[OPT_JSON], e);
    return o->value[OPT_JSON] ? stream(path, buf_cstr(&route), buf_view(&body), e)
                              : print(path, buf_cstr(&route), buf_view(&body), add_answer, report_out, e);
}

static bool ask(const struct options *o, const char *path, enum query_id id, struct err *e)
{
    CLEANUP(buf_free) struct buf route = BUF_OWN;
    buf_printf(&route, "/gateway/operator/queries/%s", query_table[id].name);
    if (!write_query(o, &query_table[id].args, &route, e))
        return false;
    return o->value[OPT_JSON] ? stream(path, buf_cstr(&route), STR_NULL, e)
                              : print(path, buf_cstr(&route), STR_NULL, add_rows, report_json, e);
}

/* What is asked of the process itself. */
static const char *const plain_names[] = {"status", "state", "events"};

static bool is_plain(const char *what)
{
    for (size_t i = 0; i < ARRAY_LEN(plain_names); i++)
        if (strcmp(what, plain_names[i]) == 0)
            return true;
    return false;
}

static bool unknown(const char *what, struct err *e)
{
    const char *names[ACT_COUNT + QRY_COUNT + ARRAY_LEN(plain_names)];
    size_t n = 0;
    for (int i = 0; i < ACT_COUNT; i++)
        names[n++] = action_table[i].name;
    for (int i = 0; i < QRY_COUNT; i++)
        names[n++] = query_table[i].name;
    for (size_t i = 0; i < ARRAY_LEN(plain_names); i++)
        names[n++] = plain_names[i];
    err_set(e, ERR_USAGE, "there is no action or query '%.60s'", what);
    return fuzzy_hint(e, str_of(what), names, n, "", "tau ctl lists them");
}

static bool run(const struct options *o, const char *state_dir, struct err *e)
{
    CLEANUP(mem_free_p) char *path = NULL;
    const char *what = o->n_args > 0 ? o->args[0] : NULL;
    if (!what)
        return list(state_dir, e);
    enum action_id action = action_find(str_of(what));
    enum query_id query = query_find(str_of(what));
    if (action == ACT_COUNT && query == QRY_COUNT && !is_plain(what))
        return unknown(what, e);
    if (!peer_find(state_dir, o->value[OPT_PID], &path, e))
        return false;
    return action != ACT_COUNT          ? act(o, path, action, e)
           : query != QRY_COUNT         ? ask(o, path, query, e)
           : strcmp(what, "status") == 0 ? stream(path, "/gateway/status", STR_NULL, e)
           : strcmp(what, "state") == 0  ? stream(path, "/gateway/operator/state", STR_NULL, e)
                                         : follow(path, e);
}

int cmd_ctl(const struct options *o)
{
    /* Nothing here is lost when it is ended in the middle, and events have no end of their own. */
    signals_end_us();
    struct app a = {0};
    struct err e = ERR_INIT;
    bool ok = app_open(&a, o, &e) && run(o, a.state_dir, &e);
    if (!ok)
        report(&e);
    app_close(&a);
    return ok ? 0 : err_code_exit(e.code);
}
