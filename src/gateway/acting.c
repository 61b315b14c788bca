/* SPDX-License-Identifier: MIT
 *
 * acting: actions and queries over HTTP. An action is answered when the core has accepted or refused it,
 * and with ?wait=done when the turn that it made has ended; the connection sleeps until then. A query
 * runs on a thread of its own, so that nobody waits for it but who asked.
 */
#include "base/clock.h"
#include "base/mem.h"
#include "contract/action.h"
#include "gateway/internal.h"
#include "json/jsonw.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { QUERIES_AT_ONCE = 8, QUERY_BYTES = 1 << 20, KEY_BYTES = 200 };

/* ---- failures ---- */

/* {"error":{...},"failure":{...}}: in the form of all errors, and the whole failure object. */
static void refuse(struct http_reply *ret, const struct err *e)
{
    http_error(ret, err_code_http(e->code), err_code_name(e->code), e->message);
    struct jsonw w = {.out = &ret->body};
    buf_truncate(&ret->body, ret->body.len - 1); /* its last brace */
    buf_puts(&ret->body, ",\"failure\":");
    jsonw_err(&w, e);
    buf_putc(&ret->body, '}');
}

/* ---- actions ---- */

/* Two hold it: the request, and the core until it has answered. */
struct act {
    struct gateway *g;
    pthread_mutex_t lock;
    int holders;
    bool answered, waits;
    bool accepted;
    int64_t seq;
    char id[ID_MAX];
    char *text;
    struct err err;
};

static void let_go(struct act *a)
{
    pthread_mutex_lock(&a->lock);
    bool last = --a->holders == 0;
    pthread_mutex_unlock(&a->lock);
    if (!last)
        return;
    pthread_mutex_destroy(&a->lock);
    free(a->text);
    free(a);
}

static void end_act(void *ctx)
{
    let_go(ctx);
}

/* On the core's thread. */
static void on_answer(void *arg, const struct action_answer *answer)
{
    struct act *a = arg;
    pthread_mutex_lock(&a->lock);
    a->answered = true;
    a->accepted = answer->accepted;
    a->seq = answer->seq;
    a->err = answer->err;
    snprintf(a->id, sizeof(a->id), "%s", answer->id);
    a->text = answer->text ? mem_strdup(answer->text) : NULL;
    struct gateway *g = a->g;
    pthread_mutex_unlock(&a->lock);
    gateway_wake(g);
    let_go(a);
    gateway_acted(g);
}

static void write_answer(const struct act *a, const struct rec *turn, struct buf *out)
{
    struct jsonw w = {.out = out};
    jsonw_begin_object(&w);
    jsonw_put_bool(&w, "accepted", true);
    jsonw_put_i64(&w, "seq", a->seq);
    jsonw_opt_cstr(&w, "id", a->id[0] ? a->id : NULL);
    jsonw_opt_cstr(&w, "text", a->text);
    if (turn) {
        jsonw_key(&w, "turn");
        field_write_object(&rec_table[REC_TURN].set, &w, REC(turn, turn));
    }
    jsonw_end_object(&w);
}

static bool poll_act(void *ctx, struct http_reply *ret)
{
    struct act *a = ctx;
    pthread_mutex_lock(&a->lock);
    bool there = a->answered;
    pthread_mutex_unlock(&a->lock);
    if (!there)
        return false;
    if (!a->accepted) {
        refuse(ret, &a->err);
        return true;
    }
    ret->about.seq = a->seq;
    snprintf(ret->about.id, sizeof(ret->about.id), "%s", a->id);
    struct snapshot *s = hub_snapshot(a->g->o.hub);
    const struct rec *turn = a->waits ? snapshot_find(s, REC_TURN, a->id) : NULL;
    there = !a->waits || (turn ? rec_ended(turn) : s->seq >= a->seq);
    if (there)
        write_answer(a, turn, &ret->body);
    snapshot_unref(s);
    return there;
}

static bool is(const char *value, const char *wanted)
{
    return value && strcmp(value, wanted) == 0;
}

/* The arguments of a turn with the face that it comes from, unless they name one; NULL: they stay as they
 * are. What can not be read is left to the core, which says why. */
static char *with_source(const struct gateway *g, enum action_id id, struct str body)
{
    struct err ignored = ERR_INIT;
    if (id != ACT_TURN_SUBMIT && id != ACT_TURN_STEER)
        return NULL;
    CLEANUP(json_free_p) struct json *j = json_parse(body, &ignored);
    struct str rest = str_trim(body);
    if (!j || json_type(j) != JSON_OBJECT || json_len(j) == 0 || json_get(j, "source"))
        return NULL;
    return mem_printf("{\"source\":\"%s\",%.*s", g->o.local ? "socket" : "gateway", (int)rest.n - 1, rest.p + 1);
}

void gateway_act(void *ctx, const struct http_request *r, struct http_reply *ret)
{
    struct gateway *g = ctx;
    enum action_id id = action_find(str_of(r->rest));
    const char *key = http_header(r, "Idempotency-Key");
    struct err e = ERR_INIT;
    ret->about.name = id < ACT_COUNT ? action_table[id].name : NULL;
    if (id == ACT_COUNT)
        err_set(&e, ERR_NOT_FOUND, "there is no action '%.60s'", r->rest);
    else if (action_table[id].confirm == CONFIRM_WORD && !is(http_query(r, "confirm"), "yes"))
        err_set(&e, ERR_INVALID, "%s wants a word: ?confirm=yes", action_table[id].name);
    else if (key && strlen(key) > KEY_BYTES)
        err_set(&e, ERR_INVALID, "the Idempotency-Key is longer than %d bytes", (int)KEY_BYTES);
    if (e.code) {
        refuse(ret, &e);
        return;
    }
    struct act *a = NEW(struct act);
    a->g = g;
    a->holders = 2;
    a->waits = is(http_query(r, "wait"), "done");
    pthread_mutex_init(&a->lock, NULL);
    ret->later = (struct http_later){poll_act, end_act, a};
    gateway_acts(g);
    CLEANUP(mem_free_p) char *sourced = with_source(g, id, r->body);
    struct str body = sourced ? str_of(sourced) : r->body.n ? r->body : STR("{}");
    g->o.actor.submit(g->o.actor.ctx, action_table[id].name, body, r->who, key, on_answer, a);
}

/* ---- queries ---- */

struct ask {
    struct gateway *g;
    struct thread thread;
    struct cancel *cancel;
    char *arguments;
    enum query_id id;
    struct buf rows;
    int64_t seq;
    bool ok, cut;
    atomic_bool done;
    struct err err;
};

static bool on_row(void *arg, struct str json)
{
    struct ask *a = arg;
    size_t before = a->rows.len;
    bool fits = (before == 0 || buf_putc(&a->rows, ',')) && buf_str(&a->rows, json);
    if (!fits)
        buf_truncate(&a->rows, before);
    a->cut |= !fits;
    return fits;
}

static void run_ask(void *arg)
{
    struct ask *a = arg;
    const struct reader *r = &a->g->o.reader;
    a->ok = r->query(r->ctx, query_table[a->id].name, str_of(a->arguments), a->cancel, on_row, a, &a->seq,
                     &a->err);
    atomic_store(&a->done, true);
    gateway_wake(a->g);
}

static bool poll_ask(void *ctx, struct http_reply *ret)
{
    struct ask *a = ctx;
    if (!atomic_load(&a->done))
        return false;
    if (!a->ok && !a->cut) {
        refuse(ret, &a->err);
        return true;
    }
    buf_printf(&ret->body, "{\"seq\":%lld,\"cut\":%s,\"rows\":[", (long long)a->seq,
               a->cut ? "true" : "false");
    buf_str(&ret->body, buf_view(&a->rows));
    buf_puts(&ret->body, "]}");
    return true;
}

static void end_ask(void *ctx)
{
    struct ask *a = ctx;
    cancel_fire(a->cancel);
    thread_join(&a->thread);
    atomic_fetch_sub(&a->g->asks, 1);
    cancel_unref(a->cancel);
    buf_free(&a->rows);
    free(a->arguments);
    free(a);
}

/* The parts of the query string by the arguments' own types; what is no number stays text, and is
 * refused by whoever reads it. */
static char *arguments_of(const struct http_request *r, enum query_id id)
{
    const struct field_set *set = &query_table[id].args;
    CLEANUP(buf_free) struct buf out = BUF_OWN;
    struct jsonw w = {.out = &out};
    jsonw_begin_object(&w);
    for (size_t i = 0; i < set->n; i++) {
        const struct field *f = &set->fields[i];
        const char *value = http_query(r, f->name);
        int64_t n;
        if (!value)
            continue;
        if (f->type == FIELD_I64 && str_i64(str_of(value), &n))
            jsonw_put_i64(&w, f->name, n);
        else if (f->type == FIELD_BOOL && (is(value, "true") || is(value, "false")))
            jsonw_put_bool(&w, f->name, is(value, "true"));
        else
            jsonw_put_cstr(&w, f->name, value);
    }
    jsonw_end_object(&w);
    return mem_strdup(buf_cstr(&out));
}

void gateway_ask(void *ctx, const struct http_request *r, struct http_reply *ret)
{
    struct gateway *g = ctx;
    enum query_id id = query_find(str_of(r->rest));
    struct err e = ERR_INIT;
    ret->about.name = id < QRY_COUNT ? query_table[id].name : NULL;
    if (id == QRY_COUNT)
        err_set(&e, ERR_NOT_FOUND, "there is no query '%.60s'", r->rest);
    else if (r->who->role < query_table[id].role)
        err_set(&e, ERR_ROLE, "%s needs the role %s", query_table[id].name, role_name(query_table[id].role));
    else if (atomic_fetch_add(&g->asks, 1) >= QUERIES_AT_ONCE) {
        atomic_fetch_sub(&g->asks, 1);
        err_set(&e, ERR_OVERLOADED, "%d queries run already", (int)QUERIES_AT_ONCE);
    }
    if (e.code) {
        refuse(ret, &e);
        return;
    }
    struct ask *a = NEW(struct ask);
    a->g = g;
    a->id = id;
    a->cancel = cancel_new(g->cancel);
    a->arguments = arguments_of(r, id);
    a->rows = (struct buf){.max = QUERY_BYTES};
    if (!thread_start(&a->thread, "gw-query", 0, run_ask, a, &e)) {
        refuse(ret, &e);
        end_ask(a);
        return;
    }
    ret->later = (struct http_later){poll_ask, end_ask, a};
}
