/* SPDX-License-Identifier: MIT
 *
 * memory_tools: memory_write, memory_read, memory_search, memory_delete and memory_tree. What is
 * written goes through an action, with the turn's name, as when the operator writes it.
 */
#include "tool/builtin.h"

#include "base/clock.h"
#include "contract/action.h"
#include "json/json.h"

#include <stdio.h>
#include <string.h>

bool call_act(struct tool_call *call, enum action_id id, const void *args, char *ret_id,
              struct err *e)
{
    struct action_answer answer;
    struct principal who = {arena_printf(call->arena, "turn:%s", call->turn), ROLE_OPERATOR};
    CLEANUP(buf_free) struct buf text = BUF_OWN;
    struct jsonw w = JSONW(&text);
    field_write_object(&action_table[id].set, &w, args);
    call->actor.submit_wait(call->actor.ctx, action_table[id].name, buf_view(&text), &who, &answer);
    if (!answer.accepted) {
        *e = answer.err;
        if (e->code == ERR_INVALID)
            e->code = ERR_BAD_ARGUMENTS;
        return false;
    }
    if (ret_id)
        memcpy(ret_id, answer.id, ID_MAX);
    return true;
}

struct rows {
    void (*row)(struct buf *out, const struct json *j);
    struct buf *out;
    int64_t n;
    struct err *e;
    bool failed;
};

static bool take_row(void *arg, struct str text)
{
    struct rows *r = arg;
    CLEANUP(json_free_p) struct json *j = json_parse(text, r->e);
    r->failed = !j;
    if (j)
        r->row(r->out, j);
    r->n += j != NULL;
    return j != NULL;
}

bool call_rows(struct tool_call *call, enum query_id id, const void *args,
               void (*row)(struct buf *out, const struct json *j), struct buf *out, int64_t *ret_n,
               struct err *e)
{
    struct rows r = {.row = row, .out = out, .e = e};
    CLEANUP(buf_free) struct buf text = BUF_OWN;
    struct jsonw w = JSONW(&text);
    field_write_object(&query_table[id].args, &w, args);
    bool ok = call->reader.query(call->reader.ctx, query_table[id].name, buf_view(&text),
                                 call->cancel, take_row, &r, NULL, e) &&
              !r.failed;
    *ret_n = r.n;
    return ok;
}

/* ---- memory_write ---- */

struct write_args {
    const char *memory_id, *summary, *memory_type;
    struct field_list facts, tags;
    double importance;
};
FIELD_SET(write_set, "memory_write", struct write_args,
          FIELD_ROW(struct write_args, STR, REQ, summary, "what, in a sentence", .max = 1200),
          FIELD_ROW(struct write_args, STRS, OPT, facts, "facts, each at most 400 bytes",
                    .max = 32),
          FIELD_ROW(struct write_args, STRS, OPT, tags, "words to find it by", .max = 32),
          FIELD_ROW(struct write_args, STR, OPT, memory_type, "fact unless given",
                    .choices = "identity|goal|decision|todo|preference|fact|event|observation"),
          FIELD_ROW(struct write_args, F64, OPT, importance,
                    "from 0 to 1; that of the type unless "
                    "given"),
          FIELD_ROW(struct write_args, STR, OPT, memory_id, "an entry to write anew",
                    .max = ID_MAX));

static bool write_intend(struct tool_call *call, const void *args, struct tool_intent *ret,
                         struct err *e)
{
    const struct write_args *a = args;
    (void)e;
    ret->action = arena_printf(call->arena, "remember: %s", a->summary);
    return true;
}

static bool write_run(struct tool_call *call, const void *args, struct tool_outcome *ret,
                      struct err *e)
{
    const struct write_args *a = args;
    char id[ID_MAX];
    struct act_memory_write act = {.memory = a->memory_id,
                                   .summary = a->summary,
                                   .facts = a->facts,
                                   .tags = a->tags,
                                   .type = a->memory_type,
                                   .importance = a->importance,
                                   .session = call->session,
                                   .turn = call->turn};
    if (!call_act(call, ACT_MEMORY_WRITE, &act, id, e))
        return false;
    ret->result = ret->summary = arena_printf(call->arena, "remembered as %s", id);
    ret->result_n = strlen(ret->result);
    return true;
}

const struct tool_desc tool_memory_write = {
    .name = "memory_write",
    .doc = "Remembers something beyond this session: a fact, a decision, what the user prefers. "
           "Search first, and write an entry that is there anew with its memory_id.",
    .args = &write_set,
    .effect = TOOL_CONTROLS,
    .timeout_ms = TOOL_CHANGE_MS,
    .intend = write_intend,
    .run = write_run,
};

/* ---- entries as text ---- */

static void add_entry(struct buf *out, const struct json *j)
{
    char when[32];
    struct str facts = json_str(json_get(j, "facts")), line;
    struct str tags = json_str(json_get(j, "tags"));
    const char *session = json_cstr(json_get(j, "session"), NULL);
    clock_format(json_i64(json_get(j, "updated_ms"), 0), when, sizeof(when));
    buf_printf(out, "%s  %s%s  %.10s  by %s%s%s\n  %s\n", json_cstr(json_get(j, "id"), ""),
               json_cstr(json_get(j, "type"), ""),
               json_bool(json_get(j, "pinned"), false) ? ", pinned" : "", when,
               json_cstr(json_get(j, "by"), ""), session ? " in " : "", session ? session : "",
               json_cstr(json_get(j, "summary"), ""));
    while (str_split(&facts, '\n', &line))
        buf_printf(out, "  - %.*s\n", STR_ARG(line));
    if (tags.n) {
        buf_puts(out, "  tags:");
        while (str_split(&tags, '\n', &line))
            buf_printf(out, " %.*s", STR_ARG(line));
        buf_putc(out, '\n');
    }
}

/* ---- memory_read ---- */

struct one_args {
    const char *memory_id;
};
FIELD_SET(read_set, "memory_read", struct one_args,
          FIELD_ROW(struct one_args, STR, REQ, memory_id, "which; the end of its id is enough",
                    .max = ID_MAX));

static bool read_intend(struct tool_call *call, const void *args, struct tool_intent *ret,
                        struct err *e)
{
    const struct one_args *a = args;
    (void)e;
    ret->action = arena_printf(call->arena, "read memory %s", a->memory_id);
    return true;
}

static bool read_run(struct tool_call *call, const void *args, struct tool_outcome *ret,
                     struct err *e)
{
    const struct one_args *a = args;
    CLEANUP(buf_free) struct buf out = BUF_OWN;
    struct qry_memory_list query = {.match = a->memory_id, .limit = 2};
    int64_t n;
    if (!call_rows(call, QRY_MEMORY_LIST, &query, add_entry, &out, &n, e))
        return false;
    if (n == 0)
        return err_set(e, ERR_NOT_FOUND, "there is no memory '%.80s'", a->memory_id);
    outcome_result(call, ret, &out);
    ret->summary = call_count(call, n, "entry");
    return true;
}

const struct tool_desc tool_memory_read = {
    .name = "memory_read",
    .doc = "Reads one entry of memory, with all its facts and where it comes from.",
    .args = &read_set,
    .effect = TOOL_READS,
    .timeout_ms = TOOL_LOOK_MS,
    .intend = read_intend,
    .run = read_run,
};

/* ---- memory_search ---- */

struct search_args {
    const char *query, *memory_type;
    int64_t limit;
};
FIELD_SET(search_set, "memory_search", struct search_args,
          FIELD_ROW(struct search_args, STR, REQ, query, "words that must be there", .max = 1000),
          FIELD_ROW(struct search_args, STR, OPT, memory_type, "only of this type",
                    .choices = "identity|goal|decision|todo|preference|fact|event|observation"),
          FIELD_ROW(struct search_args, I64, OPT, limit, "5 unless given", .min = 1, .max = 50));

static bool search_intend(struct tool_call *call, const void *args, struct tool_intent *ret,
                          struct err *e)
{
    const struct search_args *a = args;
    (void)e;
    ret->action = arena_printf(call->arena, "search memory for %s", a->query);
    return true;
}

static bool search_run(struct tool_call *call, const void *args, struct tool_outcome *ret,
                       struct err *e)
{
    const struct search_args *a = args;
    CLEANUP(buf_free) struct buf out = BUF_OWN;
    struct qry_memory_search query = {.query = a->query, .type = a->memory_type, .limit = a->limit};
    struct event_ids ids = {.session = call->session, .turn = call->turn};
    int64_t n;
    if (!call_rows(call, QRY_MEMORY_SEARCH, &query, add_entry, &out, &n, e))
        return false;
    call->sink.emit(call->sink.ctx,
                    event_new(EV_MEMORY_RECALLED, &ids,
                              &(struct ev_memory_recalled){.query = a->query, .hits = n}));
    if (n == 0)
        buf_puts(&out, "[nothing is remembered of that]\n");
    outcome_result(call, ret, &out);
    ret->summary = n == 1 ? "1 entry" : arena_printf(call->arena, "%lld entries", (long long)n);
    return true;
}

const struct tool_desc tool_memory_search = {
    .name = "memory_search",
    .doc = "Finds what is remembered of something, best matches first.",
    .args = &search_set,
    .effect = TOOL_READS,
    .timeout_ms = TOOL_LOOK_MS,
    .intend = search_intend,
    .run = search_run,
};

/* ---- memory_delete ---- */

FIELD_SET(delete_set, "memory_delete", struct one_args,
          FIELD_ROW(struct one_args, STR, REQ, memory_id, "which; the end of its id is enough",
                    .max = ID_MAX));

static bool delete_intend(struct tool_call *call, const void *args, struct tool_intent *ret,
                          struct err *e)
{
    const struct one_args *a = args;
    (void)e;
    ret->action = arena_printf(call->arena, "forget memory %s", a->memory_id);
    return true;
}

static bool delete_run(struct tool_call *call, const void *args, struct tool_outcome *ret,
                       struct err *e)
{
    const struct one_args *a = args;
    char id[ID_MAX];
    if (!call_act(call, ACT_MEMORY_FORGET, &(struct act_memory_forget){.memory = a->memory_id}, id,
                  e))
        return false;
    ret->result = ret->summary =
        arena_printf(call->arena, "%s is forgotten; it can be restored", id);
    ret->result_n = strlen(ret->result);
    return true;
}

const struct tool_desc tool_memory_delete = {
    .name = "memory_delete",
    .doc = "Forgets an entry of memory: it is not found any more, and can be restored.",
    .args = &delete_set,
    .effect = TOOL_CONTROLS,
    .timeout_ms = TOOL_CHANGE_MS,
    .intend = delete_intend,
    .run = delete_run,
};

/* ---- memory_tree ---- */

struct tree_args {
    char none_;
};
static const struct field_set tree_set = {"memory_tree", NULL, 0, sizeof(struct tree_args)};

static bool tree_intend(struct tool_call *call, const void *args, struct tool_intent *ret,
                        struct err *e)
{
    (void)call, (void)args, (void)e;
    ret->action = "count memory by type and session";
    return true;
}

static void add_count(struct buf *out, const struct json *j)
{
    const char *name = json_cstr(json_get(j, "name"), NULL);
    int64_t pinned = json_i64(json_get(j, "pinned"), 0);
    buf_printf(out, "%-12s %6lld", json_cstr(json_get(j, "type"), ""),
               (long long)json_i64(json_get(j, "entries"), 0));
    if (name)
        buf_printf(out, "  session %s", name);
    if (pinned > 0)
        buf_printf(out, "  %lld pinned", (long long)pinned);
    buf_putc(out, '\n');
}

static bool tree_run(struct tool_call *call, const void *args, struct tool_outcome *ret,
                     struct err *e)
{
    CLEANUP(buf_free) struct buf out = BUF_OWN;
    int64_t n;
    (void)args;
    if (!call_rows(call, QRY_MEMORY_TREE, &(struct qry_memory_tree){0}, add_count, &out, &n, e))
        return false;
    if (n == 0)
        buf_puts(&out, "[nothing is remembered yet]\n");
    outcome_result(call, ret, &out);
    ret->summary = call_count(call, n, "row");
    return true;
}

const struct tool_desc tool_memory_tree = {
    .name = "memory_tree",
    .doc = "Says how much is remembered, by type and by the session that it comes from.",
    .args = &tree_set,
    .effect = TOOL_READS,
    .timeout_ms = TOOL_LOOK_MS,
    .intend = tree_intend,
    .run = tree_run,
};
