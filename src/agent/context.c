/* SPDX-License-Identifier: MIT
 *
 * context: the body of the next request, made from what the log says and nothing else, so that it
 * can be made again. Messages are read newest first until the model's window is full; what is left
 * out is left out in whole exchanges, from the oldest on. When the last exchange alone is too
 * large, the results of its older calls are shortened.
 *
 * A call that was never answered (its process died, the turn was cut) gets an answer made here,
 * because a request with an open call is refused by every provider.
 */
#include "agent/context.h"

#include "agent/prompt.h"
#include "base/mem.h"
#include "text/utf8.h"
#include "tool/call.h"
#include "json/json.h"
#include "json/jsonw.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SHORT_RESULT = 1500, /* bytes of a result that was shortened, at each end */
    LEAST_BUDGET = 8192, /* for messages, however small the window */
    ROW_OVERHEAD = 110,  /* of a row beside what the model gets: ids and names */
};

/* ---- which messages ---- */

struct message {
    struct json *row;
    size_t bytes;     /* of it that are sent, about */
    const char *role; /* in row */
    bool shorten;     /* its results are cut */
};

struct gather {
    VEC(struct message) rows; /* newest first */
    size_t bytes, budget;
    size_t last_user; /* rows from the newest up to and with the last of the user; 0: not seen */
    int64_t before;   /* seq of the oldest */
    size_t got;       /* of the present query */
    struct err *e;
    bool failed, full;
};

/* What the model gets of a row, about; never nothing, or no number of short ones would fill a window. */
static size_t sent(size_t row)
{
    return row > 2 * ROW_OVERHEAD ? row - ROW_OVERHEAD : row / 2;
}

/* An image takes what its pixels are, not its bytes: about what providers reckon for a large one. */
static size_t image_bytes(const struct json *part)
{
    bool is_image = strcmp(json_cstr(json_get(part, "type"), ""), "image") == 0;
    return is_image ? CONTEXT_IMAGE_TOKENS * CONTEXT_TOKEN_BYTES : 0;
}

static size_t images_of(const struct json *row)
{
    size_t n = 0;
    for (const struct json *p = json_first(json_get(row, "content")); p; p = json_next(p))
        n += image_bytes(p);
    return n;
}

static bool gather_row(void *arg, struct str text)
{
    struct gather *g = arg;
    struct message m = {.row = json_parse(text, g->e), .bytes = sent(text.n)};
    g->failed = !m.row;
    if (!m.row)
        return false;
    m.role = json_cstr(json_get(m.row, "role"), "");
    m.bytes += images_of(m.row);
    g->before = json_i64(json_get(m.row, "seq"), 0);
    g->got++;
    g->bytes += m.bytes;
    VEC_PUSH(&g->rows, m);
    if (g->last_user == 0 && strcmp(m.role, "user") == 0)
        g->last_user = g->rows.n;
    g->full = g->last_user > 0 && g->bytes > g->budget;
    return !g->full;
}

/* Reads branch after branch. */
static bool gather(struct gather *g, const struct reader *reader, const char *session,
                   struct cancel *cancel)
{
    struct buf args = BUF_OWN;
    bool ok = true;
    do {
        int64_t seq;
        struct jsonw w = JSONW(&args);
        buf_clear(&args);
        g->got = 0;
        jsonw_begin_object(&w);
        jsonw_put_cstr(&w, "session", session);
        jsonw_opt_i64(&w, "before", g->before);
        jsonw_end_object(&w);
        ok = reader->query(reader->ctx, "transcript.messages", buf_view(&args), cancel, gather_row,
                           g, &seq, g->e) &&
             !g->failed;
    } while (ok && g->got > 0 && !g->full);
    buf_free(&args);
    return ok;
}

/* Drops the oldest until what is left fits and begins with what the user said; the last exchange
 * stays whole. */
static void cut(struct gather *g, size_t *ret_left_out)
{
    size_t keep = 0, bytes = 0;
    for (size_t i = 0; i < g->rows.n; i++) {
        bytes += g->rows.v[i].bytes;
        if (i >= g->last_user && bytes > g->budget)
            break;
        if (strcmp(g->rows.v[i].role, "user") == 0)
            keep = i + 1;
    }
    /* A conversation that does not begin with the user (it was imported so) is sent as it is. */
    if (keep == 0 || (!g->full && bytes <= g->budget))
        keep = g->rows.n;
    *ret_left_out = g->rows.n - keep;
    for (size_t i = keep; i < g->rows.n; i++)
        json_free(g->rows.v[i].row);
    g->rows.n = keep;
}

/* The older results of an exchange that is too large alone are the first to be shortened. */
static void shorten(struct gather *g)
{
    size_t bytes = 0;
    for (size_t i = 0; i < g->rows.n; i++)
        bytes += g->rows.v[i].bytes;
    for (size_t i = g->rows.n; i-- > 0 && bytes > g->budget;) {
        struct message *m = &g->rows.v[i];
        size_t least = 2 * SHORT_RESULT + ROW_OVERHEAD;
        if (strcmp(m->role, "tool") != 0 || m->bytes <= least)
            continue;
        m->shorten = true;
        bytes -= m->bytes - least;
    }
}

/* ---- writing ---- */

struct open_call {
    const char *id, *name;
};

/* Calls of the last assistant message that no tool message has answered are kept in `open`. */
struct walk {
    struct jsonw *w;
    const struct buf *out;
    struct context_parts *parts;
    struct arena arena;
    VEC(struct open_call) open;
    const char *name; /* of the call that the part answers */
};

/* ---- who takes how much ---- */

static void add_share(struct context_parts *p, const char *part, const char *name, size_t bytes)
{
    size_t i = 0;
    while (i < p->n_shares && (strcmp(p->shares[i].part, part) != 0 ||
                               strncmp(p->shares[i].name, name, CONTEXT_NAME_MAX - 1) != 0))
        i++;
    if (i == CONTEXT_SHARES_MAX) {
        i--;
        p->shares[i].part = "other";
        p->shares[i].name[0] = '\0';
    } else if (i == p->n_shares) {
        p->shares[p->n_shares++] = (struct context_share){.part = part};
        snprintf(p->shares[i].name, CONTEXT_NAME_MAX, "%s", name);
    }
    p->shares[i].n++;
    p->shares[i].bytes += bytes;
}

static void add_largest(struct context_parts *p, const char *name, const char *entry, size_t bytes)
{
    size_t at = p->n_largest;
    while (at > 0 && p->largest[at - 1].bytes < bytes)
        at--;
    if (at == CONTEXT_LARGEST)
        return;
    p->n_largest = MIN(p->n_largest + 1, (size_t)CONTEXT_LARGEST);
    for (size_t i = p->n_largest - 1; i > at; i--)
        p->largest[i] = p->largest[i - 1];
    p->largest[at] = (struct context_share){.part = "largest", .n = 1, .bytes = bytes};
    snprintf(p->largest[at].name, CONTEXT_NAME_MAX, "%s", name);
    snprintf(p->largest[at].entry, CONTEXT_NAME_MAX, "%s", entry);
}

static void add_part(struct walk *walk, const char *role, const char *type, size_t bytes)
{
    if (strcmp(type, "tool_result") == 0)
        add_share(walk->parts, "result", walk->name, bytes);
    else
        add_share(walk->parts,
                  strcmp(type, "tool_call") == 0   ? "calls"
                  : strcmp(type, "reasoning") == 0 ? "reasoning"
                  : strcmp(type, "image") == 0     ? "image"
                  : strcmp(role, "user") == 0      ? "user"
                  : strcmp(role, "assistant") == 0 ? "assistant"
                                                   : "other",
                  "", bytes);
}

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
        jsonw_put_cstr(w, "call_id", walk->open.v[i].id);
        jsonw_put_bool(w, "is_error", true);
        jsonw_put_cstr(w, "text", "error: this call was cut off and has no result");
        jsonw_end_object(w);
    }
    jsonw_end_array(w);
    jsonw_end_object(w);
    walk->open.n = 0;
    arena_reset(&walk->arena);
}

/* Takes a call off the open ones; false when nobody made it. */
static bool answered(struct walk *walk, const char *call_id)
{
    for (size_t i = 0; i < walk->open.n; i++)
        if (strcmp(walk->open.v[i].id, call_id) == 0) {
            walk->name = walk->open.v[i].name;
            walk->open.n--;
            memmove(&walk->open.v[i], &walk->open.v[i + 1],
                    (walk->open.n - i) * sizeof(*walk->open.v));
            return true;
        }
    return false;
}

static void write_shortened(struct jsonw *w, struct str text)
{
    struct buf b = BUF_OWN;
    struct str head = utf8_clip(text, SHORT_RESULT);
    struct str tail = str_sub(text, text.n - SHORT_RESULT, SHORT_RESULT);
    while (tail.n > 0 && ((unsigned char)tail.p[0] & 0xC0) == 0x80)
        tail = str_sub(tail, 1, tail.n);
    buf_str(&b, head);
    buf_printf(&b, "\n[%zu bytes are left out here, because there is no room for them]\n",
               text.n - head.n - tail.n);
    buf_str(&b, tail);
    jsonw_str(w, buf_view(&b));
    buf_free(&b);
}

/* A part as the model gets it: without the part's id, which is ours. */
static void write_part(struct walk *walk, const struct json *part, bool shorter)
{
    struct jsonw *w = walk->w;
    struct arena a = ARENA_INIT;
    jsonw_begin_object(w);
    for (const struct json *m = json_first(part); m; m = json_next(m)) {
        struct str text = json_str(m);
        if (strcmp(json_key(m), "part") == 0)
            continue;
        jsonw_key(w, json_key(m));
        if (shorter && strcmp(json_key(m), "text") == 0 && text.n > 2 * SHORT_RESULT)
            write_shortened(w, text);
        else
            jsonw_raw(w, str_of(json_text(m, &a)));
    }
    jsonw_end_object(w);
    arena_free(&a);
}

static void call_opens(struct walk *walk, const char *id, const char *name)
{
    struct open_call call = {arena_strdup(&walk->arena, id), arena_strdup(&walk->arena, name)};
    VEC_PUSH(&walk->open, call);
}

static void write_message(struct walk *walk, const struct message *m)
{
    const struct json *content = json_get(m->row, "content");
    struct jsonw *w = walk->w;
    bool tool = strcmp(m->role, "tool") == 0;
    if (!tool)
        close_open_calls(walk);
    size_t begin = walk->out->len;
    walk->name = NULL;
    jsonw_begin_object(w);
    jsonw_put_cstr(w, "role", m->role);
    jsonw_key(w, "content");
    jsonw_begin_array(w);
    for (const struct json *part = json_first(content); part; part = json_next(part)) {
        const char *type = json_cstr(json_get(part, "type"), "");
        const char *call = json_cstr(json_get(part, "call_id"), "");
        size_t from = walk->out->len;
        if (strcmp(type, "tool_call") == 0)
            call_opens(walk, call, json_cstr(json_get(part, "name"), ""));
        else if (strcmp(type, "tool_result") == 0 && !answered(walk, call))
            continue; /* an answer to nothing is refused as well */
        write_part(walk, part, m->shorten);
        add_part(walk, m->role, type, walk->out->len - from + image_bytes(part));
    }
    jsonw_end_array(w);
    jsonw_end_object(w);
    add_largest(walk->parts, tool && walk->name ? walk->name : m->role,
                json_cstr(json_get(m->row, "entry"), ""), walk->out->len - begin);
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

/* What there is room for: four fifths of the window, at four bytes a token, less what is always
 * there. */
static size_t budget(int64_t window, size_t fixed)
{
    size_t all = (size_t)MIN(window, (int64_t)CONTEXT_TOKENS_MAX) / 5 * 4 * CONTEXT_TOKEN_BYTES;
    return all > fixed + LEAST_BUDGET ? all - fixed : LEAST_BUDGET;
}

bool context_build(const struct context *c, struct cancel *cancel, struct buf *out,
                   struct context_parts *ret_parts, struct err *e)
{
    struct jsonw w = JSONW(out);
    struct buf tools = BUF_OWN;
    struct buf system = BUF_OWN;
    struct jsonw t = JSONW(&tools);
    struct gather g = {.e = e};
    struct walk walk = {.w = &w, .out = out, .parts = ret_parts};
    *ret_parts = (struct context_parts){0};

    prompt_system(&system, c->workspace);
    if (c->identity)
        prompt_identity(&system, c->workspace);
    if (c->schema)
        prompt_schema(&system, c->schema);
    jsonw_begin_object(&t);
    write_tools(&t);
    jsonw_end_object(&t);
    g.budget = budget(c->window, system.len + tools.len);
    bool ok = gather(&g, c->reader, c->session, cancel);
    if (ok) {
        cut(&g, &ret_parts->left_out);
        shorten(&g);
        jsonw_begin_object(&w);
        jsonw_put_cstr(&w, "model", c->model);
        jsonw_put_str(&w, "system", buf_view(&system));
        jsonw_key(&w, "messages");
        size_t from = out->len;
        jsonw_begin_array(&w);
        for (size_t i = g.rows.n; i-- > 0;)
            write_message(&walk, &g.rows.v[i]);
        close_open_calls(&walk);
        jsonw_end_array(&w);
        ret_parts->system = system.len;
        ret_parts->messages = out->len - from;
        ret_parts->tools = tools.len;
        write_tools(&w);
        if (c->schema)
            jsonw_put_raw(&w, "schema", str_of(c->schema));
        jsonw_end_object(&w);
        ok = buf_ok(out) ||
             err_set(e, ERR_TOO_LARGE, "the conversation is larger than a request may be");
    }
    e->phase = ok ? e->phase : PHASE_CONTEXT;
    for (size_t i = 0; i < g.rows.n; i++)
        json_free(g.rows.v[i].row);
    free(g.rows.v);
    arena_free(&walk.arena);
    free(walk.open.v);
    buf_free(&tools);
    buf_free(&system);
    return ok;
}
