/* SPDX-License-Identifier: MIT
 *
 * session_search: what was said before, in this session or any other of the workspace.
 */
#include "tool/builtin.h"

#include "base/clock.h"
#include "contract/action.h"
#include "json/json.h"

enum { FOUND_LIMIT = 20 };

struct session_search_args {
    const char *query, *role, *session;
    int64_t limit;
};
FIELD_SET(session_search_set, "session_search", struct session_search_args,
          FIELD_ROW(struct session_search_args, STR, REQ, query,
                    "words that must be there; \"in quotes\" side by side", .max = 1000),
          FIELD_ROW(struct session_search_args, STR, OPT, role, "only what they said",
                    .choices = "user|assistant|tool"),
          FIELD_ROW(struct session_search_args, STR, OPT, session,
                    "only of this session: its name or id", .max = 200),
          FIELD_ROW(struct session_search_args, I64, OPT, limit, "20 unless given", .min = 1,
                    .max = 200));

static bool session_search_intend(struct tool_call *call, const void *args,
                                  struct tool_intent *ret, struct err *e)
{
    const struct session_search_args *a = args;
    (void)e;
    ret->action = arena_printf(call->arena, "search what was said for %s", a->query);
    return true;
}

struct hits {
    struct buf *out;
    int64_t n;
    struct err *e;
    bool failed;
};

static bool add_hit(void *arg, struct str row)
{
    struct hits *h = arg;
    char when[32];
    CLEANUP(json_free_p) struct json *j = json_parse(row, h->e);
    h->failed = !j;
    if (!j)
        return false;
    clock_format(json_i64(json_get(j, "ts_ms"), 0), when, sizeof(when));
    buf_printf(h->out, "%.16s  %s  %s  %s%s\n  ", when, json_cstr(json_get(j, "name"), "?"),
               json_cstr(json_get(j, "role"), "?"), json_cstr(json_get(j, "entry"), "?"),
               json_i64(json_get(j, "left"), 0) ? "  (no part of the session any more)" : "");
    add_line(h->out, json_str(json_get(j, "snippet")), TOOL_LINE_MAX,
             (int64_t)json_str(json_get(j, "snippet")).n, NULL);
    buf_putc(h->out, '\n');
    h->n++;
    return true;
}

static bool session_search_run(struct tool_call *call, const void *args, struct tool_outcome *ret,
                               struct err *e)
{
    const struct session_search_args *a = args;
    CLEANUP(buf_free) struct buf out = BUF_OWN, question = BUF_OWN;
    struct qry_session_search query = {.query = a->query,
                                       .session = a->session,
                                       .role = a->role,
                                       .limit = a->limit ? a->limit : FOUND_LIMIT};
    struct hits hits = {.out = &out, .e = e};
    struct jsonw w = JSONW(&question);
    field_write_object(&query_table[QRY_SESSION_SEARCH].args, &w, &query);
    if (!call->reader.query(call->reader.ctx, "session.search", buf_view(&question), call->cancel,
                            add_hit, &hits, NULL, e) ||
        hits.failed)
        return false;
    if (hits.n == 0)
        buf_puts(&out, "[nothing was found]\n");
    else if (hits.n == query.limit)
        buf_puts(&out, "[there may be more: these are the newest]\n");
    outcome_result(call, ret, &out);
    ret->summary = call_count(call, hits.n, "place");
    return true;
}

const struct tool_desc tool_session_search = {
    .name = "session_search",
    .doc = "Finds what was said by the user, the assistant or a tool in all earlier sessions of this "
           "workspace, newest first.",
    .args = &session_search_set,
    .effect = TOOL_READS,
    .timeout_ms = TOOL_LOOK_MS,
    .intend = session_search_intend,
    .run = session_search_run,
};
