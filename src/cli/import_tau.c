/* SPDX-License-Identifier: MIT
 *
 * import_tau: sessions of Tau: entries {id, parent_id, message} as JSON lines (with or without the
 * line that names the schema) or in SQLite. All entries are read and judged first, then their tree
 * is mended where it is none, then they are walked from the roots on and become turns, messages and
 * calls. An entry by itself has some bytes in memory; its text is read again when its turn comes.
 */
#include "cli/import.h"

#include "base/mem.h"
#include "contract/event.h"
#include "store/blob.h"
#include "store/tausql.h"
#include "text/utf8.h"
#include "json/json.h"
#include "json/jsonw.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { NONE = -1, RESULT_MAX = 64 * 1024, RESULT_HEAD = 48 * 1024 };

struct node {
    int64_t id, parent_id, offset, length;
    int32_t parent, first, last, next; /* in the order of the file */
    int32_t before; /* in the conversation, of which prompts of the system are no part; set by the walk */
    bool duplicate, system;
    char seen; /* 1: on the way that is walked, 2: done */
};

struct pending {
    char *given, *name;
    struct id id;
    bool answered;
};

struct tau {
    struct import *im;
    int fd;
    struct tausql *sql;
    VEC(struct node) nodes;
    struct err *e;
    bool failed;
    int64_t line;

    /* The walk. */
    int32_t head;
    struct id turn;
    bool open;
    int64_t turns;
    VEC(struct pending) calls;
    struct buf text;
};

/* ---- reading ---- */

static bool bad(struct tau *t, int64_t id, const char *what)
{
    t->failed = true;
    if (t->sql)
        return err_set(t->e, ERR_INVALID, "%s: entry %lld: %s", t->im->path, (long long)id, what);
    return err_set(t->e, ERR_INVALID, "%s:%lld: %s", t->im->path, (long long)t->line, what);
}

static bool check_message(struct tau *t, int64_t id, const struct json *message, bool *ret_system)
{
    static const char *const roles[] = {"system", "user", "assistant", "tool"};
    struct str role = json_str(json_get(message, "role"));
    bool known = false;
    for (size_t i = 0; i < ARRAY_LEN(roles); i++)
        known |= str_is(role, roles[i]);
    if (!message || json_type(message) != JSON_OBJECT)
        return bad(t, id, "it has no message");
    if (!known)
        return bad(t, id, "role: expected system, user, assistant or tool");
    if (!json_get(message, "content") || json_type(json_get(message, "content")) != JSON_ARRAY)
        return bad(t, id, "content: expected a list of blocks");
    for (const struct json *b = json_first(json_get(message, "content")); b; b = json_next(b))
        if (!json_str(json_get(b, "type")).p)
            return bad(t, id, "content: a block has no type");
    *ret_system = str_is(role, "system");
    return true;
}

static bool add_node(struct tau *t, struct node n)
{
    if (t->nodes.n == IMPORT_ENTRIES_MAX)
        return bad(t, n.id, "more entries than can be imported");
    n.parent = n.first = n.last = n.next = n.before = NONE;
    VEC_PUSH(&t->nodes, n);
    return true;
}

static bool add_line(struct tau *t, struct str line, int64_t offset)
{
    struct err why = ERR_INIT;
    struct node n = {.offset = offset, .length = (int64_t)line.n};
    CLEANUP(json_free_p) struct json *j = json_parse(line, &why);
    if (!j) {
        bad(t, 0, "");
        return err_set(t->e, ERR_INVALID, "%s:%lld: %s", t->im->path, (long long)t->line,
                       why.message);
    }
    struct str type = json_str(json_get(j, "record_type"));
    if (str_is(type, "meta")) {
        if (json_i64(json_get(j, "schema_version"), 0) == 1)
            return true;
        return bad(t, 0, "a schema_version that is not known here: a newer Tau wrote it");
    }
    if (type.p && !str_is(type, "entry"))
        return bad(t, 0, "record_type: expected meta or entry");
    if (!json_is_i64(json_get(j, "id"), &n.id) || n.id < 1)
        return bad(t, 0, "id: expected a whole number from 1 on");
    const struct json *parent = json_get(j, "parent_id");
    if (parent && json_type(parent) != JSON_NULL &&
        (!json_is_i64(parent, &n.parent_id) || n.parent_id < 1))
        return bad(t, 0, "parent_id: expected null or a whole number from 1 on");
    return check_message(t, n.id, json_get(j, "message"), &n.system) && add_node(t, n);
}

static bool read_lines(struct tau *t)
{
    struct import_lines l = {.fd = t->fd, .bytes = BUF_OWN};
    struct str line;
    bool ok = true;
    while (ok && import_line(t->im, &l, &line, &ok, t->e)) {
        t->line = l.line;
        if (str_trim(line).n)
            ok = add_line(t, line, l.offset + (line.p - l.bytes.data));
    }
    buf_free(&l.bytes);
    return ok;
}

static bool add_row(void *arg, int64_t id, int64_t parent, struct str message)
{
    struct tau *t = arg;
    struct err why = ERR_INIT;
    struct node n = {.id = id, .parent_id = parent};
    if (import_stopped(t->im, t->e)) {
        t->failed = true;
        return false;
    }
    CLEANUP(json_free_p) struct json *j = json_parse(message, &why);
    if (!j)
        return bad(t, id, why.message);
    return check_message(t, id, j, &n.system) && add_node(t, n);
}

/* ---- the tree ---- */

static int by_id(const void *a, const void *b, void *nodes)
{
    const struct node *x = (const struct node *)nodes + *(const int32_t *)a;
    const struct node *y = (const struct node *)nodes + *(const int32_t *)b;
    if (x->id != y->id)
        return x->id < y->id ? -1 : 1;
    return x < y ? -1 : x > y;
}

static int32_t find_node(const struct tau *t, const int32_t *sorted, size_t n, int64_t id)
{
    size_t low = 0, high = n;
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (t->nodes.v[sorted[mid]].id < id)
            low = mid + 1;
        else
            high = mid;
    }
    return low < n && t->nodes.v[sorted[low]].id == id ? sorted[low] : NONE;
}

/* Of a ring the member that the file has first becomes a root. */
static void break_rings(struct tau *t)
{
    for (size_t i = 0; i < t->nodes.n; i++) {
        int32_t at = (int32_t)i;
        while (at != NONE && t->nodes.v[at].seen == 0) {
            t->nodes.v[at].seen = 1;
            at = t->nodes.v[at].parent;
        }
        if (at != NONE && t->nodes.v[at].seen == 1) {
            int32_t first = at, k = at;
            do {
                t->im->cycles++;
                first = MIN(first, k);
                t->nodes.v[k].seen = 2;
                k = t->nodes.v[k].parent;
            } while (k != at);
            t->nodes.v[first].parent = NONE;
        }
        for (at = (int32_t)i; at != NONE && t->nodes.v[at].seen == 1; at = t->nodes.v[at].parent)
            t->nodes.v[at].seen = 2;
    }
}

static void link_nodes(struct tau *t)
{
    size_t n = t->nodes.n;
    int32_t *sorted = mem_array(n + 1, sizeof(*sorted));
    for (size_t i = 0; i < n; i++)
        sorted[i] = (int32_t)i;
    qsort_r(sorted, n, sizeof(*sorted), by_id, t->nodes.v);
    for (size_t i = 1; i < n; i++)
        if (t->nodes.v[sorted[i]].id == t->nodes.v[sorted[i - 1]].id) {
            t->nodes.v[sorted[i]].duplicate = true;
            t->im->duplicates++;
        }
    for (size_t i = 0; i < n; i++) {
        struct node *x = &t->nodes.v[i];
        if (x->parent_id == 0 || x->duplicate)
            continue;
        x->parent = find_node(t, sorted, n, x->parent_id);
        t->im->invalid_parent += x->parent == NONE;
    }
    free(sorted);
    break_rings(t);
    for (size_t i = 0; i < n; i++) {
        struct node *x = &t->nodes.v[i];
        if (x->duplicate)
            continue;
        t->im->roots += x->parent == NONE;
        if (x->parent == NONE)
            continue;
        struct node *p = &t->nodes.v[x->parent];
        if (p->last == NONE)
            p->first = (int32_t)i;
        else
            t->nodes.v[p->last].next = (int32_t)i;
        p->last = (int32_t)i;
    }
}

/* ---- facts ---- */

static struct id message_id(const struct tau *t, int32_t at)
{
    char text[24];
    snprintf(text, sizeof(text), "%lld", (long long)t->nodes.v[at].id);
    return import_id(t->im, "msg", str_of(text));
}

static void fail_call(struct tau *t, struct pending *p)
{
    t->im->unanswered++;
    p->answered = true;
    import_emit(t->im, EV_TOOL_CANCELLED, t->turn.s,
                &(struct ev_tool_cancelled){
                    .call_id = p->id.s,
                    .error = "{\"reason_code\":\"cancelled\",\"phase\":\"tool\",\"message\":"
                             "\"the file has no result of this call\",\"retryable\":false}",
                    .result = "error: the file has no result of this call"});
}

static void forget_calls(struct tau *t)
{
    for (size_t i = 0; i < t->calls.n; i++) {
        if (!t->calls.v[i].answered)
            fail_call(t, &t->calls.v[i]);
        free(t->calls.v[i].given);
        free(t->calls.v[i].name);
    }
    t->calls.n = 0;
}

static void close_turn(struct tau *t)
{
    if (!t->open)
        return;
    forget_calls(t);
    t->open = false;
    import_emit(t->im, EV_TURN_COMPLETED, t->turn.s,
                &(struct ev_turn_completed){.finish_reason = "stop"});
}

static void open_turn(struct tau *t, const char *input)
{
    char text[24];
    snprintf(text, sizeof(text), "%lld", (long long)t->turns++);
    t->turn = import_id(t->im, "turn", str_of(text));
    t->open = true;
    import_emit(t->im, EV_TURN_CREATED, t->turn.s,
                &(struct ev_turn_created){.source = "import", .input = input});
    import_emit(t->im, EV_TURN_STARTED, t->turn.s,
                &(struct ev_turn_started){.provider = "import", .model = "tau"});
}

static void emit_message(struct tau *t, int32_t at, const char *role, const char *content)
{
    struct id entry = message_id(t, at);
    import_emit(t->im, EV_TURN_MESSAGE, t->turn.s,
                &(struct ev_turn_message){.entry = entry.s, .role = role, .content = content});
    t->head = at;
    import_count(t->im);
}

static void put_text(struct jsonw *w, struct str text)
{
    jsonw_begin_object(w);
    jsonw_put_cstr(w, "type", "text");
    jsonw_put_str(w, "text", text);
    jsonw_end_object(w);
}

/* A block that is no text and no call: told of, as text. */
static void put_other(struct jsonw *w, const struct json *block)
{
    const struct json *source = json_get(block, "source");
    struct buf b = BUF_OWN;
    buf_printf(&b, "[%.40s: %.2000s]", json_cstr(json_get(block, "type"), "?"),
               json_cstr(json_get(source, "url"), json_cstr(json_get(source, "mime_type"), "?")));
    put_text(w, buf_view(&b));
    buf_free(&b);
}

static void put_call(struct tau *t, struct jsonw *w, int32_t at, const struct json *block)
{
    struct arena a = ARENA_INIT;
    const struct json *arguments = json_get(block, "arguments");
    struct pending p = {.given = mem_strdup(json_cstr(json_get(block, "id"), "")),
                        .name = mem_strdup(json_cstr(json_get(block, "name"), "unknown"))};
    const char *text = !arguments                            ? "{}"
                       : json_type(arguments) == JSON_STRING ? json_cstr(arguments, "")
                                                             : json_text(arguments, &a);
    p.id = import_id(
        t->im, "call",
        str_of(arena_printf(&a, "%lld/%zu/%s", (long long)t->nodes.v[at].id, t->calls.n, p.given)));
    jsonw_begin_object(w);
    jsonw_put_cstr(w, "type", "tool_call");
    jsonw_put_cstr(w, "call_id", p.id.s);
    jsonw_put_cstr(w, "name", p.name);
    jsonw_put_cstr(w, "arguments", text);
    jsonw_end_object(w);
    VEC_PUSH(&t->calls, p);
    arena_free(&a);
}

/* After the message, as a turn does it. */
static void propose_calls(struct tau *t, const struct json *content)
{
    size_t i = 0;
    for (const struct json *b = json_first(content); b; b = json_next(b)) {
        struct arena a = ARENA_INIT;
        const struct json *arguments = json_get(b, "arguments");
        if (!str_is(json_str(json_get(b, "type")), "tool_call"))
            continue;
        const char *text = !arguments                            ? "{}"
                           : json_type(arguments) == JSON_STRING ? json_cstr(arguments, "")
                                                                 : json_text(arguments, &a);
        import_emit(t->im, EV_TOOL_PROPOSED, t->turn.s,
                    &(struct ev_tool_proposed){.call_id = t->calls.v[i].id.s,
                                               .name = t->calls.v[i].name,
                                               .arguments = text});
        i++;
        arena_free(&a);
    }
}

/* The texts of a message, a line between them. */
static void all_text(const struct json *content, struct buf *out)
{
    for (const struct json *b = json_first(content); b; b = json_next(b)) {
        if (out->len)
            buf_putc(out, '\n');
        buf_str(out, json_str(json_get(b, "text")));
    }
}

static void said(struct tau *t, int32_t at, struct str role, const struct json *content)
{
    struct buf parts = BUF_OWN;
    struct jsonw w = JSONW(&parts);
    bool user = str_is(role, "user");
    if (user) {
        struct buf input = BUF_OWN;
        close_turn(t);
        all_text(content, &input);
        open_turn(t, buf_cstr(&input));
        buf_free(&input);
    } else {
        forget_calls(t);
        if (!t->open)
            open_turn(t, "");
    }
    jsonw_begin_array(&w);
    for (const struct json *b = json_first(content); b; b = json_next(b)) {
        struct str type = json_str(json_get(b, "type"));
        if (str_is(type, "text"))
            put_text(&w, json_str(json_get(b, "text")));
        else if (str_is(type, "tool_call") && !user)
            put_call(t, &w, at, b);
        else
            put_other(&w, b);
    }
    jsonw_end_array(&w);
    emit_message(t, at, user ? "user" : "assistant", buf_cstr(&parts));
    if (!user)
        propose_calls(t, content);
    buf_free(&parts);
}

/* ---- results ---- */

/* What is too large for the model is kept whole beside it. */
static bool keep_whole(struct tau *t, struct str text, const char *call, struct id *ret,
                       struct err *e)
{
    char sha[DIGEST_HEX];
    int64_t bytes;
    *ret = import_id(t->im, "artifact", str_of(call));
    if (t->im->dry_run)
        return true;
    struct blob_writer *w = blob_begin(t->im->store_dir, e);
    if (!w)
        return false;
    if (!blob_add(w, text, e)) {
        blob_abort(w);
        return false;
    }
    if (!blob_end(w, sha, &bytes, e))
        return false;
    CLEANUP(mem_free_p) char *path = mem_printf("result of %s", call);
    import_emit(t->im, EV_ARTIFACT_CREATED, t->turn.s,
                &(struct ev_artifact_created){.artifact_id = ret->s,
                                              .path = path,
                                              .media_type = "text/plain",
                                              .bytes = bytes,
                                              .sha256 = sha});
    return true;
}

static bool end_call(struct tau *t, const struct pending *p, struct str text, bool is_error,
                     struct err *e)
{
    struct id artifact = {0};
    struct buf result = BUF_OWN;
    bool large = text.n > RESULT_MAX;
    if (large && !keep_whole(t, text, p->id.s, &artifact, e))
        return false;
    struct str head = large ? utf8_clip(text, RESULT_HEAD) : text;
    buf_str(&result, head);
    if (large)
        buf_printf(&result, "\n[%zu more bytes: artifact %s]\n", text.n - head.n, artifact.s);
    import_emit(t->im, EV_TOOL_STARTED, t->turn.s, &(struct ev_tool_started){.call_id = p->id.s});
    if (is_error)
        import_emit(t->im, EV_TOOL_FAILED, t->turn.s,
                    &(struct ev_tool_failed){
                        .call_id = p->id.s,
                        .error =
                            "{\"reason_code\":\"internal\",\"phase\":\"tool\",\"message\":"
                            "\"it failed where it ran\",\"retryable\":false,\"hint\":\"see its "
                            "result\"}",
                        .result = buf_cstr(&result),
                        .bytes = (int64_t)text.n,
                        .truncated = large,
                        .artifact = large ? artifact.s : NULL,
                        .exit = I64_NONE});
    else
        import_emit(t->im, EV_TOOL_COMPLETED, t->turn.s,
                    &(struct ev_tool_completed){.call_id = p->id.s,
                                                .result = buf_cstr(&result),
                                                .summary = "imported",
                                                .bytes = (int64_t)text.n,
                                                .truncated = large,
                                                .artifact = large ? artifact.s : NULL,
                                                .exit = I64_NONE});
    buf_free(&result);
    return true;
}

static struct pending *call_of(struct tau *t, const char *given)
{
    for (size_t i = 0; i < t->calls.n; i++)
        if (!t->calls.v[i].answered && strcmp(t->calls.v[i].given, given) == 0)
            return &t->calls.v[i];
    return NULL;
}

static bool answered(struct tau *t, int32_t at, const struct json *message, struct err *e)
{
    struct buf text = BUF_OWN, parts = BUF_OWN;
    struct jsonw w = JSONW(&parts);
    struct pending *p = call_of(t, json_cstr(json_get(message, "tool_call_id"), ""));
    bool is_error = json_bool(json_get(message, "is_error"), false);
    bool ok = true;
    all_text(json_get(message, "content"), &text);
    if (!t->open)
        open_turn(t, "");
    jsonw_begin_array(&w);
    if (p) {
        p->answered = true;
        ok = end_call(t, p, buf_view(&text), is_error, e);
        jsonw_begin_object(&w);
        jsonw_put_cstr(&w, "type", "tool_result");
        jsonw_put_cstr(&w, "call_id", p->id.s);
        jsonw_put_bool(&w, "is_error", is_error);
        jsonw_end_object(&w);
    } else {
        struct buf note = BUF_OWN;
        t->im->orphans++;
        buf_printf(&note, "[result of %.80s, whose call is not in the file]\n",
                   json_cstr(json_get(message, "tool_name"), "a tool"));
        buf_str(&note, buf_view(&text));
        put_text(&w, buf_view(&note));
        buf_free(&note);
    }
    jsonw_end_array(&w);
    if (ok)
        emit_message(t, at, p ? "tool" : "assistant", buf_cstr(&parts));
    buf_free(&text);
    buf_free(&parts);
    return ok;
}

/* ---- the walk ---- */

static bool move_head(struct tau *t, int32_t to, struct err *e)
{
    struct buf args = BUF_OWN;
    struct jsonw w = JSONW(&args);
    close_turn(t);
    jsonw_begin_object(&w);
    jsonw_put_cstr(&w, "session", t->im->session);
    if (to != NONE)
        jsonw_put_cstr(&w, "entry", message_id(t, to).s);
    jsonw_end_object(&w);
    t->head = to;
    bool ok = import_act(t->im, "session.move", buf_view(&args), NULL, e);
    buf_free(&args);
    return ok;
}

static struct json *message_of(struct tau *t, const struct node *n, struct json **ret_root,
                               struct err *e)
{
    struct str text;
    if (t->sql) {
        if (!tausql_message(t->sql, n->id, &text, e))
            return NULL;
        return *ret_root = json_parse(text, e);
    }
    buf_clear(&t->text);
    char *to = buf_room(&t->text, (size_t)n->length);
    ssize_t got = pread(t->fd, to, (size_t)n->length, (off_t)n->offset);
    if (got != (ssize_t)n->length) {
        err_set(e, ERR_CONFLICT, "%s: the file changed while it was read", t->im->path);
        return NULL;
    }
    *ret_root = json_parse(str_make(to, (size_t)n->length), e);
    return *ret_root;
}

static bool visit(struct tau *t, int32_t at, struct err *e)
{
    const struct node *n = &t->nodes.v[at];
    struct json *root = NULL;
    if (n->system) {
        t->im->system++;
        return true;
    }
    if (n->before != t->head && !move_head(t, n->before, e))
        return false;
    if (!message_of(t, n, &root, e))
        return false;
    const struct json *message = t->sql ? root : json_get(root, "message");
    struct str role = json_str(json_get(message, "role"));
    bool ok = true;
    if (str_is(role, "tool"))
        ok = answered(t, at, message, e);
    else
        said(t, at, role, json_get(message, "content"));
    json_free(root);
    return ok;
}

static bool walk(struct tau *t, struct err *e)
{
    VEC(int32_t) stack = {0};
    int32_t last = NONE;
    bool ok = true;
    for (size_t i = t->nodes.n; i-- > 0;)
        if (!t->nodes.v[i].duplicate && t->nodes.v[i].parent == NONE)
            VEC_PUSH(&stack, (int32_t)i);
    while (ok && stack.n) {
        int32_t at = stack.v[--stack.n];
        size_t from = stack.n;
        ok = !import_stopped(t->im, e) && visit(t, at, e);
        const struct node *n = &t->nodes.v[at];
        for (int32_t c = n->first; c != NONE; c = t->nodes.v[c].next) {
            t->nodes.v[c].before = n->system ? n->before : at;
            VEC_PUSH(&stack, c);
        }
        for (size_t a = from, b = stack.n; a + 1 < b; a++, b--) {
            int32_t swap = stack.v[a];
            stack.v[a] = stack.v[b - 1];
            stack.v[b - 1] = swap;
        }
    }
    free(stack.v);
    close_turn(t);
    /* It goes on where the file ends. */
    for (size_t i = 0; i < t->nodes.n; i++)
        if (!t->nodes.v[i].duplicate && !t->nodes.v[i].system)
            last = (int32_t)i;
    return ok && (last == t->head || move_head(t, last, e));
}

bool import_tau(struct import *im, int fd, struct tausql *sql, struct err *e)
{
    struct tau t = {.im = im, .fd = fd, .sql = sql, .e = e, .head = NONE, .text = BUF_OWN};
    bool ok = sql ? tausql_each(sql, add_row, &t, e) && !t.failed : read_lines(&t);
    if (ok && t.nodes.n == 0)
        ok = err_set(e, ERR_INVALID, "%s: there is no entry in it", im->path);
    if (ok)
        link_nodes(&t);
    ok = ok && import_begin(im, e) && walk(&t, e);
    for (size_t i = 0; i < t.calls.n; i++) {
        free(t.calls.v[i].given);
        free(t.calls.v[i].name);
    }
    free(t.calls.v);
    free(t.nodes.v);
    buf_free(&t.text);
    return ok;
}
