/* SPDX-License-Identifier: MIT
 *
 * Queries: each row of queries.def runs and answers as its columns say; what they give; when they
 * stop; what text of users can not do.
 */
#include "lib/test.h"

#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/thread.h"
#include "store/blob.h"
#include "store/query.h"
#include "store/store.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

static char *dir;
static struct store *s;
static struct querier *q;

static int open_all(bool memory)
{
    struct err e = ERR_INIT;
    dir = test_tmpdir("query");
    struct store_options o = {.dir = dir, .proc = "proc_1", .memory = memory};
    OK(store_open(&s, &o, &e));
    q = querier_open(dir, store_memory_name(s), &e);
    assert_non_null(q);
    return 0;
}

static int up(void **state)
{
    (void)state;
    return open_all(false);
}

static int up_in_memory(void **state)
{
    (void)state;
    return open_all(true);
}

static int down(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    querier_close(q);
    store_close(s);
    clock_freeze(-1, -1);
    OK(fs_remove_tree(dir, &e));
    free(dir);
    return 0;
}

/* ---- writing ---- */

static void begin(void)
{
    struct err e = ERR_INIT;
    int64_t last;
    OK(store_begin(s, &last, &e));
}

static void commit(void)
{
    struct err e = ERR_INIT;
    OK(store_commit(s, &e));
}

static int64_t append(enum event_kind kind, const char *session, const char *turn,
                      const void *fields)
{
    struct err e = ERR_INIT;
    struct event_ids ids = {.session = session, .turn = turn};
    struct event *ev = event_new(kind, &ids, fields);
    OK(store_append(s, ev, &e));
    int64_t seq = ev->seq;
    event_unref(ev);
    return seq;
}

static void put(enum rec_kind kind, const void *fields)
{
    struct err e = ERR_INIT;
    struct rec *r = rec_new(kind, fields);
    OK(store_put(s, r, &e));
    rec_unref(r);
}

static int64_t message(const char *session, const char *role, const char *content)
{
    return append(EV_TURN_MESSAGE, session, "turn_1",
                  &(struct ev_turn_message){.entry = role, .role = role, .content = content});
}

/* ---- asking ---- */

struct answer {
    struct json *rows[64];
    size_t n, stop_after;
    int64_t seq;
    struct cancel *cancel;
    int64_t clock_us; /* set when a row comes */
};

static bool keep(void *arg, struct str json)
{
    struct answer *a = arg;
    struct err e = ERR_INIT;
    assert_true(a->n < ARRAY_LEN(a->rows));
    a->rows[a->n] = json_parse(json, &e);
    if (!a->rows[a->n])
        fail_msg("%s: %.*s", e.message, STR_ARG(json));
    a->n++;
    if (a->cancel)
        cancel_fire(a->cancel);
    if (a->clock_us)
        clock_freeze(1, a->clock_us);
    return a->n != a->stop_after;
}

static void forget(struct answer *a)
{
    for (size_t i = 0; i < a->n; i++)
        json_free(a->rows[i]);
    a->n = 0;
}

static bool run(enum query_id id, const void *args, struct answer *a, struct err *e)
{
    return querier_run(q, id, args, a->cancel, keep, a, &a->seq, e);
}

static struct answer ask(enum query_id id, const void *args)
{
    struct err e = ERR_INIT;
    struct answer a = {.seq = -1};
    OK(run(id, args, &a, &e));
    return a;
}

static void assert_member(const struct json *row, const char *key, const char *expected)
{
    struct str s2 = json_str(json_get(row, key));
    if (!expected)
        assert_null(json_get(row, key));
    else if (!str_is(s2, expected))
        fail_msg("%s: '%.*s' is not '%s'", key, STR_ARG(s2), expected);
}

static void assert_rows(struct answer a, const char *key, const char *expected)
{
    struct buf got = BUF_OWN;
    for (size_t i = 0; i < a.n; i++) {
        struct str v = json_str(json_get(a.rows[i], key));
        int64_t n;
        if (v.p)
            buf_printf(&got, "%.*s ", STR_ARG(v));
        else if (json_is_i64(json_get(a.rows[i], key), &n))
            buf_printf(&got, "%lld ", (long long)n);
    }
    assert_string_equal(buf_cstr(&got), expected);
    buf_free(&got);
    forget(&a);
}

/* ---- every row ---- */

/* One of everything, so that no query is without an answer. */
static void seed(void)
{
    struct err e = ERR_INIT;
    char sha[DIGEST_HEX];
    int64_t bytes;
    struct blob_writer *w = blob_begin(dir, &e);
    OK(blob_add(w, STR("0123456789\xff\xc3"), &e));
    OK(blob_end(w, sha, &bytes, &e));
    begin();
    int64_t asked = append(EV_TURN_CREATED, "ses_1", "turn_1",
                           &(struct ev_turn_created){.source = "test", .input = "what is it?"});
    int64_t proposed =
        append(EV_TOOL_PROPOSED, "ses_1", "turn_1",
               &(struct ev_tool_proposed){.call_id = "call_1", .name = "ls", .arguments = "{}"});
    int64_t done = append(
        EV_TOOL_COMPLETED, "ses_1", "turn_1",
        &(struct ev_tool_completed){
            .call_id = "call_1", .result = "a.c\nb.c", .summary = "2 files", .exit = I64_NONE});
    message("ses_1", "user", "[{\"type\":\"text\",\"part\":\"e1\",\"text\":\"what is it?\"}]");
    put(REC_SESSION, &(struct rec_session){.id = "ses_1",
                                           .name = "main",
                                           .turns = 1,
                                           .entries = 2,
                                           .proc = "proc_1",
                                           .updated_ms = 9});
    put(REC_MESSAGE, &(struct rec_message){.id = "msg_1",
                                           .session = "ses_1",
                                           .role = "user",
                                           .branch = "b1",
                                           .preview = "hi",
                                           .seq = asked,
                                           .n = 1});
    put(REC_BRANCH, &(struct rec_branch){.id = "b1", .session = "ses_1", .lineage = "[]"});
    put(REC_MARK, &(struct rec_mark){
                      .id = "ses_1/here", .session = "ses_1", .name = "here", .entry = "msg_1"});
    put(REC_ENTRY, &(struct rec_entry){.id = "e1",
                                       .session = "ses_1",
                                       .turn = "turn_1",
                                       .kind = "user",
                                       .body_seq = asked,
                                       .n = 1});
    put(REC_ENTRY,
        &(struct rec_entry){
            .id = "call_1", .session = "ses_1", .turn = "turn_1", .kind = "tool", .n = 2});
    put(REC_ENTRY, &(struct rec_entry){.id = "e3",
                                       .session = "ses_1",
                                       .turn = "turn_1",
                                       .kind = "end",
                                       .error = "{\"message\":\"no\"}",
                                       .n = 3});
    put(REC_TOOL, &(struct rec_tool){.id = "call_1",
                                     .session = "ses_1",
                                     .turn = "turn_1",
                                     .name = "ls",
                                     .status = "completed",
                                     .summary = "2 files",
                                     .arguments_seq = proposed,
                                     .result_seq = done,
                                     .started_ms = 10,
                                     .ended_ms = 14,
                                     .exit = I64_NONE});
    put(REC_ARTIFACT, &(struct rec_artifact){.id = "art_1",
                                             .session = "ses_1",
                                             .path = "out",
                                             .media_type = "text/plain",
                                             .bytes = bytes,
                                             .sha256 = sha});
    put(REC_TASK, &(struct rec_task){.id = "task_1", .title = "mend it", .status = "open"});
    put(REC_MEMORY,
        &(struct rec_memory){.id = "mem_1", .summary = "what it is", .type = "fact"});
    put(REC_APPROVAL, &(struct rec_approval){.id = "appr_1", .session = "ses_1", .turn = "turn_1", .call = "call_1",
                                             .status = "requested", .action = "run it", .risk = "run",
                                             .rule = "mode ask", .requested_ms = 3});
    put(REC_JOB, &(struct rec_job){.id = "job_1",
                                   .session = "ses_1",
                                   .status = "completed",
                                   .command = "make",
                                   .exit = 0});
    commit();
}

static bool is_of_type(const struct json *j, enum field_type type)
{
    switch (type) {
    case FIELD_I64:
        return json_is_i64(j, &(int64_t){0});
    case FIELD_BOOL:
        return json_type(j) == JSON_BOOL;
    case FIELD_F64:
        return json_type(j) == JSON_NUMBER;
    case FIELD_JSON:
        return true;
    default:
        return json_type(j) == JSON_STRING;
    }
}

static void assert_columns(const struct query_desc *d, const struct json *row)
{
    size_t known = 0;
    for (size_t i = 0; i < d->n_columns; i++) {
        const struct json *v = json_get(row, d->columns[i].name);
        known += v != NULL;
        if (v && !is_of_type(v, d->columns[i].type))
            fail_msg("%s: %s is of another type", d->name, d->columns[i].name);
    }
    assert_true(known > 0);
    assert_int_equal(json_len(row), known); /* and nothing else */
}

static void append_task(const char *task, enum event_kind kind, const void *fields)
{
    struct err e = ERR_INIT;
    struct event_ids ids = {.session = "ses_1", .task = task};
    struct event *ev = event_new(kind, &ids, fields);
    OK(store_append(s, ev, &e));
    event_unref(ev);
}

static void every_query_answers(void **state)
{
    (void)state;
    seed();
    begin();
    append_task("task_1", EV_TASK_CREATED,
                &(struct ev_task_created){.task_id = "task_1", .title = "mend it", .by = "me"});
    append(EV_TURN_CONTEXT_MEASURED, "ses_1", "turn_1",
           &(struct ev_turn_context_measured){
               .used = 9, .window = 99, .parts = "{\"shares\":[{\"part\":\"system\",\"n\":1,"
                                                 "\"bytes\":9}]}"});
    commit();
    static const struct {
        const char *name, *value;
    } given[] = {
        {"session", "ses_1"}, {"call", "call_1"},  {"artifact", "art_1"},
        {"query", "what is"}, {"task", "task_1"}};
    for (int id = 0; id < QRY_COUNT; id++) {
        const struct query_desc *d = &query_table[id];
        char *args = mem_new(d->args.size);
        for (size_t i = 0; i < ARRAY_LEN(given); i++) {
            const struct field *f = field_find(&d->args, str_of(given[i].name));
            if (f)
                *(const char **)(void *)(args + f->offset) = given[i].value;
        }
        struct answer a = ask((enum query_id)id, args);
        if (a.n == 0)
            fail_msg("%s: no row", d->name);
        assert_int_equal(a.seq, 6);
        for (size_t i = 0; i < a.n; i++)
            assert_columns(d, a.rows[i]);
        forget(&a);
        /* The same with nothing that fits. */
        memset(args, 0, d->args.size);
        for (size_t i = 0; i < d->args.n; i++)
            if (d->args.fields[i].type == FIELD_STR)
                *(const char **)(void *)(args + d->args.fields[i].offset) =
                    strcmp(d->args.fields[i].name, "role") == 0   ? "tool"
                    : strcmp(d->args.fields[i].name, "kind") == 0 ? "alias"
                                                                  : "none";
        a = ask((enum query_id)id, args);
        assert_int_equal(a.n, 0);
        free(args);
    }
}

/* ---- what they give ---- */

static void sessions_newest_first(void **state)
{
    (void)state;
    begin();
    put(REC_SESSION, &(struct rec_session){.id = "s1", .name = "Alpha", .updated_ms = 1});
    put(REC_SESSION, &(struct rec_session){.id = "s2", .name = "be%ta", .updated_ms = 3});
    put(REC_SESSION, &(struct rec_session){.id = "s3", .name = "alps", .updated_ms = 2});
    put(REC_SESSION, &(struct rec_session){.id = "s4", .name = "x", .archived = true});
    commit();
    assert_rows(ask(QRY_SESSION_LIST, &(struct qry_session_list){0}), "id", "s2 s3 s1 ");
    assert_rows(ask(QRY_SESSION_LIST, &(struct qry_session_list){.limit = 2}), "id", "s2 s3 ");
    assert_rows(ask(QRY_SESSION_LIST, &(struct qry_session_list){.limit = -5}), "id", "s2 s3 s1 ");
    assert_rows(ask(QRY_SESSION_LIST, &(struct qry_session_list){.match = "ALP"}), "id", "s3 s1 ");
    assert_rows(ask(QRY_SESSION_LIST, &(struct qry_session_list){.match = "%"}), "id", "s2 ");
}

static void pages_of_a_transcript(void **state)
{
    (void)state;
    seed();
    struct answer a = ask(QRY_TRANSCRIPT_PAGE, &(struct qry_transcript_page){.session = "ses_1"});
    assert_int_equal(a.n, 3);
    assert_member(a.rows[0], "text", "what is it?");
    assert_member(a.rows[1], "text", "a.c\nb.c");
    assert_member(a.rows[0], "tool", NULL);
    assert_member(a.rows[1], "tool", "ls");
    assert_member(a.rows[1], "status", "completed");
    assert_member(a.rows[2], "text", NULL);
    assert_member(json_get(a.rows[2], "error"), "message", "no");
    forget(&a);
    struct qry_transcript_page page = {.session = "ses_1", .limit = 2};
    assert_rows(ask(QRY_TRANSCRIPT_PAGE, &page), "n", "2 3 ");
    page.before = 2;
    assert_rows(ask(QRY_TRANSCRIPT_PAGE, &page), "n", "1 ");
    page.before = 1;
    assert_rows(ask(QRY_TRANSCRIPT_PAGE, &page), "n", "");
}

static bool count(void *arg, struct str json)
{
    (void)json;
    ++*(int64_t *)arg;
    return true;
}

/* No page is longer than the row says, whoever asks. */
static void a_page_has_a_limit(void **state)
{
    (void)state;
    int64_t limit = query_table[QRY_JOB_LIST].limit;
    begin();
    for (int i = 0; i <= limit; i++) {
        char id[16];
        snprintf(id, sizeof(id), "j%d", i);
        put(REC_JOB, &(struct rec_job){.id = id, .session = "a", .status = "completed"});
    }
    commit();
    struct err e = ERR_INIT;
    for (int64_t asked = limit - 1; asked <= limit + 1; asked++) {
        struct answer a = {0};
        struct qry_job_list args = {.limit = asked};
        int64_t n = 0;
        OK(querier_run(q, QRY_JOB_LIST, &args, NULL, count, &n, &a.seq, &e));
        assert_int_equal(n, MIN(asked, limit));
    }
}

static void messages_hold_what_the_model_was_given(void **state)
{
    (void)state;
    begin();
    message("ses_1", "old", "[]");
    int64_t base = message("other", "other", "[]");
    message("ses_1", "user", "[{\"type\":\"text\",\"part\":\"p\",\"text\":\"\\u00e9 \\\"q\\\"\"}]");
    message("ses_1", "assistant",
            "[{\"type\":\"tool_call\",\"call_id\":\"c1\",\"name\":\"ls\",\"arguments\":\"{"
            "\\\"a\\\":1.0}\"}]");
    message("ses_1", "tool",
            "[{\"type\":\"tool_result\",\"call_id\":\"c1\",\"is_error\":false},"
            "{\"type\":\"tool_result\",\"call_id\":\"c2\",\"is_error\":true,\"x\":1.50},"
            "{\"type\":\"tool_result\",\"call_id\":\"c3\",\"is_error\":true},"
            "{\"type\":\"tool_result\",\"call_id\":\"c4\",\"text\":\"own\"},"
            "{\"type\":\"note\"}, 7, \"plain\", null]");
    int64_t r1 = append(
        EV_TOOL_COMPLETED, "ses_1", "turn_1",
        &(struct ev_tool_completed){
            .call_id = "c1", .result = "one\n\"two\" \\ é", .summary = "", .exit = I64_NONE});
    const char *error = "{\"reason_code\":\"denied\",\"message\":\"not \\\"allowed\\\"\"}";
    int64_t r2 =
        append(EV_TOOL_FAILED, "ses_1", "turn_1",
               &(struct ev_tool_failed){.call_id = "c2", .error = error, .exit = I64_NONE});
    struct rec_tool tool = {.id = "c1",
                            .session = "ses_1",
                            .turn = "turn_1",
                            .name = "ls",
                            .status = "completed",
                            .result_seq = r1,
                            .exit = I64_NONE};
    put(REC_TOOL, &tool);
    tool.id = "c2";
    tool.error = error;
    tool.result_seq = r2;
    put(REC_TOOL, &tool);
    put(REC_SESSION, &(struct rec_session){.id = "ses_1", .name = "a", .base_seq = base});
    commit();
    struct answer a =
        ask(QRY_TRANSCRIPT_MESSAGES, &(struct qry_transcript_messages){.session = "ses_1"});
    assert_int_equal(a.n, 3);
    assert_int_equal(a.seq, 7);
    struct arena arena = ARENA_INIT;
    static const char *const contents[] = {
        "[{\"type\":\"text\",\"part\":\"p\",\"text\":\"é \\\"q\\\"\"}]",
        "[{\"type\":\"tool_call\",\"call_id\":\"c1\",\"name\":\"ls\",\"arguments\":\"{\\\"a\\\":1."
        "0}\"}]",
        "[{\"type\":\"tool_result\",\"call_id\":\"c1\",\"is_error\":false,"
        "\"text\":\"one\\n\\\"two\\\" \\\\ é\"},"
        "{\"type\":\"tool_result\",\"call_id\":\"c2\",\"is_error\":true,\"x\":1.50,"
        "\"text\":\"error: not \\\"allowed\\\"\"},"
        "{\"type\":\"tool_result\",\"call_id\":\"c3\",\"is_error\":true,\"text\":\"\"},"
        "{\"type\":\"tool_result\",\"call_id\":\"c4\",\"text\":\"own\"},"
        "{\"type\":\"note\"},7,\"plain\",null]",
    };
    for (size_t i = 0; i < a.n; i++) {
        assert_int_equal(json_i64(json_get(a.rows[i], "seq"), 0), base + (int64_t)(a.n - i)); /* the newest first */
        assert_string_equal(json_text(json_get(a.rows[i], "content"), &arena),
                            contents[a.n - 1 - i]);
    }
    arena_free(&arena);
    forget(&a);
}

static void the_log_by_page(void **state)
{
    (void)state;
    begin();
    for (int i = 1; i <= 12; i++)
        append(EV_TURN_STEERED, i % 2 ? "a" : "b", i % 3 ? "t1" : "t2",
               &(struct ev_turn_steered){.text = "x"});
    commit();
    struct qry_log_page all = {.limit = 3}, of_a = {.session = "a"}, of_t2 = {.turn = "t2"},
                        both = {.session = "a", .turn = "t2", .after = 3};
    assert_rows(ask(QRY_LOG_PAGE, &all), "seq", "1 2 3 ");
    all.after = 10;
    assert_rows(ask(QRY_LOG_PAGE, &all), "seq", "11 12 ");
    assert_rows(ask(QRY_LOG_PAGE, &of_a), "seq", "1 3 5 7 9 11 ");
    assert_rows(ask(QRY_LOG_PAGE, &of_t2), "seq", "3 6 9 12 ");
    assert_rows(ask(QRY_LOG_PAGE, &both), "seq", "9 ");
    /* From the other end, and only of a kind. */
    all = (struct qry_log_page){.before = INT64_MAX, .limit = 3};
    assert_rows(ask(QRY_LOG_PAGE, &all), "seq", "10 11 12 ");
    all.before = 10;
    assert_rows(ask(QRY_LOG_PAGE, &all), "seq", "7 8 9 ");
    all.after = 8;
    assert_rows(ask(QRY_LOG_PAGE, &all), "seq", "9 ");
    of_a.before = 9;
    of_a.limit = 2;
    assert_rows(ask(QRY_LOG_PAGE, &of_a), "seq", "5 7 ");
    of_t2.before = 12;
    assert_rows(ask(QRY_LOG_PAGE, &of_t2), "seq", "3 6 9 ");
    static const struct {
        const char *kind, *seqs;
    } kinds[] = {{"turn.steered", "11 12 "}, {"turn.", "11 12 "}, {"turn", ""}, {".", ""},
                 {"turn.steered.", ""},      {"tool.", ""}};
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        all = (struct qry_log_page){.kind = kinds[i].kind, .after = 10};
        assert_rows(ask(QRY_LOG_PAGE, &all), "seq", kinds[i].seqs);
    }
    struct answer a = ask(QRY_LOG_PAGE, &both);
    const struct json *ev = json_get(a.rows[0], "event");
    assert_member(ev, "kind", "turn.steered");
    assert_member(ev, "session", "a");
    assert_int_equal(json_i64(json_get(ev, "seq"), 0), 9);
    assert_member(json_get(ev, "data"), "text", "x");
    forget(&a);
}

static void a_range_of_an_artifact(void **state)
{
    (void)state;
    seed();
    struct qry_artifact_read args = {.artifact = "art_1", .offset = 8, .limit = 3};
    struct answer a = ask(QRY_ARTIFACT_READ, &args);
    assert_member(a.rows[0], "text", "89\xef\xbf\xbd"); /* what is not UTF-8 */
    assert_int_equal(json_i64(json_get(a.rows[0], "bytes"), 0), 12);
    forget(&a);
    args = (struct qry_artifact_read){.artifact = "art_1", .offset = 100};
    a = ask(QRY_ARTIFACT_READ, &args);
    assert_member(a.rows[0], "text", "");
    forget(&a);
    struct err e = ERR_INIT;
    args.offset = -1;
    FAILS(run(QRY_ARTIFACT_READ, &args, &a, &e), ERR_INVALID);
    begin();
    put(REC_ARTIFACT,
        &(struct rec_artifact){.id = "bad", .session = "a", .sha256 = "../../tau.db"});
    commit();
    args = (struct qry_artifact_read){.artifact = "bad"};
    FAILS(run(QRY_ARTIFACT_READ, &args, &a, &e), ERR_INVALID);
}

static void an_artifact_comes_in_mebibytes(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    char sha[DIGEST_HEX];
    int64_t bytes;
    size_t n = (1 << 20) + 1;
    char *data = mem_new(n);
    memset(data, 'x', n);
    struct blob_writer *w = blob_begin(dir, &e);
    OK(blob_add(w, str_make(data, n), &e));
    OK(blob_end(w, sha, &bytes, &e));
    begin();
    put(REC_ARTIFACT,
        &(struct rec_artifact){.id = "big", .session = "a", .sha256 = sha, .bytes = bytes});
    commit();
    static const int64_t asked[] = {0, 1 << 20, (1 << 20) + 1};
    for (size_t i = 0; i < ARRAY_LEN(asked); i++) {
        struct answer a = ask(QRY_ARTIFACT_READ,
                              &(struct qry_artifact_read){.artifact = "big", .limit = asked[i]});
        assert_int_equal(json_str(json_get(a.rows[0], "text")).n, 1 << 20);
        forget(&a);
    }
    free(data);
}

/* ---- what users write is never SQL ---- */

static void text_is_never_sql(void **state)
{
    (void)state;
    seed();
    static const char *const texts[] = {
        "' OR 1=1 --", "\"; DROP TABLE event; --", "ses_1' --", "%", "_____", "\\",
        ":session",    "{tools.result}",           "$.x"};
    for (size_t t = 0; t < ARRAY_LEN(texts); t++)
        for (int id = 0; id < QRY_COUNT; id++) {
            const struct query_desc *d = &query_table[id];
            char *args = mem_new(d->args.size);
            bool any = false;
            for (size_t i = 0; i < d->args.n; i++)
                if (d->args.fields[i].type == FIELD_STR) {
                    *(const char **)(void *)(args + d->args.fields[i].offset) = texts[t];
                    any = true;
                }
            struct answer a = {.seq = -1};
            struct err e = ERR_INIT;
            /* It is refused, or it finds nothing. */
            assert_true(run((enum query_id)id, args, &a, &e) || e.code == ERR_INVALID);
            assert_true(any);
            assert_int_equal(a.n, 0);
            free(args);
        }
    struct answer a = ask(QRY_LOG_PAGE, &(struct qry_log_page){0});
    assert_int_equal(a.n, 4);
    forget(&a);
}

static void tools_by_use(void **state)
{
    (void)state;
    begin();
    for (int i = 0; i < 6; i++) {
        char id[16];
        snprintf(id, sizeof(id), "c%d", i);
        put(REC_TOOL, &(struct rec_tool){.id = id,
                                         .session = i < 5 ? "a" : "b",
                                         .turn = "t",
                                         .name = i % 3 ? "grep" : "ls",
                                         .exit = I64_NONE,
                                         .status = i == 1   ? "started"
                                                   : i == 2 ? "failed"
                                                            : "completed",
                                         .started_ms = 100,
                                         .ended_ms = i == 1 ? 0 : 100 + i});
    }
    commit();
    struct answer a = ask(QRY_TOOL_STATS, &(struct qry_tool_stats){.session = "a"});
    assert_int_equal(a.n, 2);
    assert_member(a.rows[0], "name", "grep");
    assert_int_equal(json_i64(json_get(a.rows[0], "calls"), -1), 3);
    assert_int_equal(json_i64(json_get(a.rows[0], "failed"), -1), 1);
    assert_int_equal(json_i64(json_get(a.rows[0], "ms"), -1), 6);
    assert_int_equal(json_i64(json_get(a.rows[1], "failed"), -1), 0);
    forget(&a);
    a = ask(QRY_TOOL_STATS, &(struct qry_tool_stats){0});
    assert_int_equal(json_i64(json_get(a.rows[0], "calls"), -1), 4);
    forget(&a);
}

/* ---- stopping ---- */

static void ends_when_the_reader_has_enough(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    seed();
    struct answer a = {.stop_after = 2};
    OK(run(QRY_LOG_PAGE, &(struct qry_log_page){0}, &a, &e));
    assert_int_equal(a.n, 2);
    assert_int_equal(a.seq, 4);
    forget(&a);
    assert_rows(ask(QRY_LOG_PAGE, &(struct qry_log_page){0}), "seq", "1 2 3 4 ");
}

static void ends_when_cancelled(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    seed();
    struct answer a = {.cancel = cancel_new(NULL)};
    FAILS(run(QRY_LOG_PAGE, &(struct qry_log_page){0}, &a, &e), ERR_CANCELLED);
    assert_int_equal(a.n, 1);
    forget(&a);
    FAILS(run(QRY_LOG_PAGE, &(struct qry_log_page){0}, &a, &e), ERR_CANCELLED);
    assert_int_equal(a.n, 0);
    cancel_unref(a.cancel);
    assert_rows(ask(QRY_LOG_PAGE, &(struct qry_log_page){0}), "seq", "1 2 3 4 ");
}

static void ends_at_its_deadline(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    seed();
    for (int past = 0; past < 2; past++) {
        clock_freeze(1, 1000);
        struct answer a = {.clock_us = 1000 + (int64_t)(QUERY_DEADLINE_MS - 1 + past) * 1000};
        if (past)
            FAILS(run(QRY_LOG_PAGE, &(struct qry_log_page){0}, &a, &e), ERR_TIMEOUT);
        else
            OK(run(QRY_LOG_PAGE, &(struct qry_log_page){0}, &a, &e));
        assert_int_equal(a.n, past ? 1 : 4);
        forget(&a);
    }
}

/* A table that never ends stands for a query that is too large. */
static void make_endless(void)
{
    char *path = fs_join(dir, "tau.db");
    sqlite3 *db;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(
        sqlite3_exec(db,
                     "DROP TABLE tools; CREATE VIEW tools AS WITH RECURSIVE c(i) AS (SELECT 1"
                     " UNION ALL SELECT i FROM c) SELECT 1 AS live, 'x' AS name, 's' AS session,"
                     " 'completed' AS status, 1 AS started_ms, 2 AS ended_ms FROM c",
                     NULL, NULL, NULL),
        SQLITE_OK);
    sqlite3_close(db);
    free(path);
}

static void ends_at_its_step_limit(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct answer a = {0};
    make_endless();
    clock_freeze(1, 1000); /* the deadline never comes */
    FAILS(run(QRY_TOOL_STATS, &(struct qry_tool_stats){0}, &a, &e), ERR_TIMEOUT);
    assert_non_null(strstr(e.message, "tool.stats"));
    assert_rows(ask(QRY_LOG_PAGE, &(struct qry_log_page){0}), "seq", "");
}

static void history_of_a_task(void **state)
{
    (void)state;
    begin();
    put(REC_TASK, &(struct rec_task){.id = "task_0AB1", .title = "mend it", .status = "completed"});
    append_task("task_0AB1", EV_TASK_CREATED,
                &(struct ev_task_created){.task_id = "task_0AB1", .title = "mend", .by = "me"});
    append_task("task_0AB1", EV_TASK_UPDATED, &(struct ev_task_updated){.task_id = "task_0AB1",
                                                           .status = "blocked",
                                                           .detail = "no light",
                                                           .by = "turn:t1"});
    append(EV_TURN_STEERED, "ses_1", "t", &(struct ev_turn_steered){.text = "task_1"});
    append_task("task_0AB1", EV_TASK_COMPLETED, &(struct ev_task_completed){.task_id = "task_0AB1"});
    commit();
    struct qry_task_history args = {.task = "0ab1"};
    assert_rows(ask(QRY_TASK_HISTORY, &args), "what", "created updated completed ");
    assert_rows(ask(QRY_TASK_HISTORY, &args), "by", "me turn:t1 ");
    assert_rows(ask(QRY_TASK_HISTORY, &args), "status", "blocked ");
    args.limit = 2;
    assert_rows(ask(QRY_TASK_HISTORY, &args), "seq", "2 4 ");
    args.task = "ab1"; /* three are not enough */
    assert_rows(ask(QRY_TASK_HISTORY, &args), "seq", "");
}

/* The last request of a session counts, and only of that one. */
static void parts_of_the_context(void **state)
{
    (void)state;
    static const char *const parts[] = {"{\"shares\":[{\"part\":\"user\",\"bytes\":1}]}",
                                        "{\"shares\":[{\"part\":\"system\",\"n\":1,\"bytes\":5},"
                                        "{\"part\":\"result\",\"name\":\"ls\",\"n\":2}]}",
                                        "{\"system\":3}"};
    begin();
    for (size_t i = 0; i < 2; i++)
        append(EV_TURN_CONTEXT_MEASURED, "a", "t",
               &(struct ev_turn_context_measured){.used = 1, .window = 2, .parts = parts[i]});
    append(EV_TURN_CONTEXT_MEASURED, "b", "t",
           &(struct ev_turn_context_measured){.used = 1, .window = 2, .parts = parts[2]});
    append(EV_TURN_CONTEXT_MEASURED, "c", "t",
           &(struct ev_turn_context_measured){.used = 1, .window = 2});
    commit();
    struct qry_context_parts args = {.session = "a"};
    assert_rows(ask(QRY_CONTEXT_PARTS, &args), "part", "system result ");
    assert_rows(ask(QRY_CONTEXT_PARTS, &args), "tokens", "2 ");
    args.session = "b"; /* as an older tau noted it */
    assert_rows(ask(QRY_CONTEXT_PARTS, &args), "part", "");
    args.session = "c";
    assert_rows(ask(QRY_CONTEXT_PARTS, &args), "part", "");
}

static void tree_of_memory(void **state)
{
    (void)state;
    begin();
    put(REC_SESSION, &(struct rec_session){.id = "s1", .name = "one"});
#define MEM(i, t, ses, ...)                                                                        \
    put(REC_MEMORY, &(struct rec_memory){                                                          \
                        .id = "mem_" i, .type = t, .session = ses, .summary = i, __VA_ARGS__})
    MEM("1", "fact", "s1", .seq = 1);
    MEM("2", "fact", NULL, .seq = 2);
    MEM("3", "goal", "s1", .seq = 3, .pinned = true);
    MEM("4", "goal", "s1", .seq = 4);
    MEM("5", "goal", "gone", .seq = 5);
    MEM("6", "goal", "s1", .seq = 6, .forgotten = true);
    commit();
    assert_rows(ask(QRY_MEMORY_TREE, &(struct qry_memory_tree){0}), "entries", "2 1 1 1 ");
    assert_rows(ask(QRY_MEMORY_TREE, &(struct qry_memory_tree){0}), "type", "goal goal fact fact ");
    assert_rows(ask(QRY_MEMORY_TREE, &(struct qry_memory_tree){0}), "name", "one one ");
    assert_rows(ask(QRY_MEMORY_TREE, &(struct qry_memory_tree){.type = "goal"}), "pinned", "1 0 ");
}

static void fire(void *c)
{
    cancel_fire(c);
}

static void ends_in_the_middle_of_a_step(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct answer a = {.cancel = cancel_new(NULL)};
    struct thread t = {0};
    make_endless();
    OK(thread_start(&t, "fire", 0, fire, a.cancel, &e));
    FAILS(run(QRY_TOOL_STATS, &(struct qry_tool_stats){0}, &a, &e), ERR_CANCELLED);
    thread_join(&t);
    cancel_unref(a.cancel);
}

static void sees_what_was_committed(void **state)
{
    (void)state;
    seed();
    begin();
    append(EV_TURN_STEERED, "a", "t", &(struct ev_turn_steered){.text = "x"});
    /* In memory a reader waits for the writer; in a file it sees the state before. */
    if (!store_memory_name(s))
        assert_rows(ask(QRY_LOG_PAGE, &(struct qry_log_page){.after = 3}), "seq", "4 ");
    commit();
    struct answer a = ask(QRY_LOG_PAGE, &(struct qry_log_page){.after = 3});
    assert_int_equal(a.seq, 5);
    assert_rows(a, "seq", "4 5 ");
}

int main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, up, down)
#define M(fn)                                                                                      \
    {                                                                                              \
        "in memory: " #fn, fn, up_in_memory, down, NULL                                            \
    }
    const struct CMUnitTest tests[] = {
        T(every_query_answers),
        T(history_of_a_task),
        T(parts_of_the_context),
        T(tree_of_memory),
        M(every_query_answers),
        T(sessions_newest_first),
        T(pages_of_a_transcript),
        T(a_page_has_a_limit),
        T(messages_hold_what_the_model_was_given),
        T(the_log_by_page),
        T(a_range_of_an_artifact),
        T(an_artifact_comes_in_mebibytes),
        T(text_is_never_sql),
        T(tools_by_use),
        T(ends_when_the_reader_has_enough),
        T(ends_when_cancelled),
        T(ends_at_its_deadline),
        T(ends_at_its_step_limit),
        T(ends_in_the_middle_of_a_step),
        T(sees_what_was_committed),
        M(sees_what_was_committed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
