/* SPDX-License-Identifier: MIT
 *
 * Searching what was said: what is found, in which order, with which words; that nothing typed is
 * syntax; that the index follows the log.
 */
#include "lib/test.h"

#include "base/fs.h"
#include "base/mem.h"
#include "lib/parses.h"
#include "store/query.h"
#include "store/search.h"
#include "store/store.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

static char *dir;
static struct store *s;
static struct querier *q;

static void open_all(void)
{
    struct err e = ERR_INIT;
    struct store_options o = {.dir = dir, .proc = "proc_1"};
    OK(store_open(&s, &o, &e));
    q = querier_open(dir, NULL, &e);
    assert_non_null(q);
}

static void close_all(void)
{
    querier_close(q);
    store_close(s);
}

static int up(void **state)
{
    (void)state;
    dir = test_tmpdir("search");
    open_all();
    return 0;
}

static int down(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    close_all();
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

static int64_t append(enum event_kind kind, const char *session, const void *fields)
{
    struct err e = ERR_INIT;
    struct event_ids ids = {.session = session, .turn = "turn_1"};
    struct event *ev = event_new(kind, &ids, fields);
    OK(store_append(s, ev, &e));
    int64_t seq = ev->seq;
    event_unref(ev);
    return seq;
}

static int64_t say(const char *session, const char *role, const char *entry, const char *text)
{
    struct buf content = BUF_OWN;
    struct jsonw w = JSONW(&content);
    jsonw_begin_array(&w);
    jsonw_begin_object(&w);
    jsonw_put_cstr(&w, "type", "text");
    jsonw_put_cstr(&w, "text", text);
    jsonw_end_object(&w);
    jsonw_end_array(&w);
    int64_t seq =
        append(EV_TURN_MESSAGE, session,
               &(struct ev_turn_message){.entry = entry, .role = role, .content = buf_cstr(&content)});
    buf_free(&content);
    return seq;
}

static void session(const char *id, const char *name, int64_t base_seq)
{
    struct err e = ERR_INIT;
    struct rec *r = rec_new(
        REC_SESSION, &(struct rec_session){.id = id, .name = name, .base_seq = base_seq});
    OK(store_put(s, r, &e));
    rec_unref(r);
}

/* ---- asking ---- */

static bool note(void *arg, struct str json)
{
    struct err e = ERR_INIT;
    struct json *j = json_parse(json, &e);
    assert_non_null(j);
    buf_printf(arg, "%s%s ", json_cstr(json_get(j, "entry"), "?"),
               json_i64(json_get(j, "left"), 0) ? "-" : "");
    json_free(j);
    return true;
}

static void assert_search(struct qry_session_search args, const char *expected)
{
    struct err e = ERR_INIT;
    struct buf got = BUF_OWN;
    int64_t seq;
    OK(querier_run(q, QRY_SESSION_SEARCH, &args, NULL, note, &got, &seq, &e));
    if (strcmp(buf_cstr(&got), expected) != 0)
        fail_msg("%s: found '%s', not '%s'", args.query, buf_cstr(&got), expected);
    buf_free(&got);
}

static void assert_found(const char *query, const char *expected)
{
    assert_search((struct qry_session_search){.query = query}, expected);
}

static void seed(void)
{
    begin();
    say("ses_1", "user", "m1", "Where is the parser of foo_bar?");
    say("ses_1", "assistant", "m2", "The parser lies in src/parse.c, line 12.\nIt is \xC3\xA9l\xC3\xA9gant.");
    append(EV_TOOL_COMPLETED, "ses_1",
           &(struct ev_tool_completed){
               .call_id = "call_1", .result = "parse.c: int parser(void)", .summary = "1", .exit = I64_NONE});
    append(EV_TOOL_FAILED, "ses_1",
           &(struct ev_tool_failed){
               .call_id = "call_2", .error = "{}", .result = "error: no such parser", .exit = I64_NONE});
    int64_t reset = append(EV_SESSION_RESET, "ses_1", NULL);
    say("ses_1", "user", "m3", "forget the lexer");
    append(EV_TURN_MESSAGE, "ses_1",
           &(struct ev_turn_message){
               .entry = "m4",
               .role = "assistant",
               .content = "[{\"type\":\"reasoning\",\"text\":\"thought of zebras\"},"
                          "{\"type\":\"text\",\"text\":\"said nothing\"},{\"type\":\"tool_call\"},7]"});
    say("ses_2", "user", "m5", "another parser, in \xE6\x97\xA5\xE6\x9C\xAC\xE8\xAA\x9E");
    session("ses_1", "one", reset);
    session("ses_2", "two", 0);
    commit();
}

static void finds_what_was_said(void **state)
{
    (void)state;
    seed();
    assert_found("parser", "m5 call_2- call_1- m2- m1- ");
    assert_found("PARSER another", "m5 ");
    assert_found("zebras", "m4 ");
    assert_found("nothing thought", "m4 ");
    assert_found("elegant", "m2- ");
    assert_found("\xE6\x97\xA5\xE6\x9C\xAC\xE8\xAA\x9E", "m5 ");
    assert_found("nowhere", "");
    /* The last word may go on, others may not. */
    assert_found("pars", "m5 call_2- call_1- m2- m1- ");
    assert_found("pars lies", "");
    assert_found("parser li", "m2- ");
    /* Side by side. */
    assert_found("\"the parser\"", "m2- m1- ");
    assert_found("\"parser the\"", "");
    assert_found("\"the pars\"", "");
    /* Nor does it go on for what follows without a word in it, and that takes nothing from one that
     * may. */
    assert_found("\"the pars\" -", "");
    assert_found("pars \"!\"", "m5 call_2- call_1- m2- m1- ");
    assert_found("foo_bar", "m1- ");
    assert_found("bar", "m1- ");
    assert_found("src/parse.c", "m2- ");
}

static void finds_within_limits(void **state)
{
    (void)state;
    seed();
    assert_search((struct qry_session_search){.query = "parser", .session = "ses_2"}, "m5 ");
    assert_search((struct qry_session_search){.query = "parser", .session = "two"}, "m5 ");
    assert_search((struct qry_session_search){.query = "lexer", .session = "one"}, "m3 ");
    assert_search((struct qry_session_search){.query = "parser", .session = "nobody"}, "");
    assert_search((struct qry_session_search){.query = "parser", .role = "user"}, "m5 m1- ");
    assert_search((struct qry_session_search){.query = "parser", .role = "tool"}, "call_2- call_1- ");
    assert_search((struct qry_session_search){.query = "parser", .role = "assistant"}, "m2- ");
    assert_search((struct qry_session_search){.query = "parser", .limit = 2}, "m5 call_2- ");
    /* Of two of one name it is the newer, also when the clock tells no difference; as everywhere. */
    begin();
    say("ses_3", "user", "m6", "a third parser");
    session("ses_3", "two", 0);
    commit();
    assert_search((struct qry_session_search){.query = "parser", .session = "two"}, "m6 ");
}

static void many_are_cut(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    int64_t seq;
    begin();
    for (int i = 0; i < 250; i++)
        say("ses_1", "user", "m", "the same words");
    commit();
    static const struct {
        int64_t limit, rows;
    } rows[] = {{0, 50}, {1, 1}, {200, 200}, {201, 200}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct buf got = BUF_OWN;
        struct qry_session_search args = {.query = "same", .limit = rows[i].limit};
        OK(querier_run(q, QRY_SESSION_SEARCH, &args, NULL, note, &got, &seq, &e));
        assert_int_equal(got.len / 2, rows[i].rows);
        buf_free(&got);
    }
}

static bool keep_row(void *arg, struct str json)
{
    buf_str(arg, json);
    return false;
}

static void shows_the_place(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct buf row = BUF_OWN;
    int64_t seq;
    seed();
    struct qry_session_search args = {.query = "line"};
    OK(querier_run(q, QRY_SESSION_SEARCH, &args, NULL, keep_row, &row, &seq, &e));
    struct json *j = json_parse(buf_view(&row), &e);
    assert_string_equal(json_cstr(json_get(j, "snippet"), ""),
                        "The parser lies in src/parse.c, \xC2\xABline\xC2\xBB 12. It is \xC3\xA9l\xC3\xA9gant.");
    assert_string_equal(json_cstr(json_get(j, "role"), ""), "assistant");
    assert_string_equal(json_cstr(json_get(j, "session"), ""), "ses_1");
    assert_string_equal(json_cstr(json_get(j, "name"), ""), "one");
    assert_string_equal(json_cstr(json_get(j, "turn"), ""), "turn_1");
    assert_int_equal(json_i64(json_get(j, "seq"), 0), 2);
    json_free(j);
    buf_free(&row);
}

/* ---- nothing typed is syntax ---- */

static void nothing_is_syntax(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "AND", "OR NOT", "parser AND", "NEAR(a b)", "text:parser", "parser*", "*parser", "^parser",
        "pa\"rs\"er", "\"open", "a\"", "''", "parser;--", "(parser", "parser)", "{text}: x", "- a",
        "+parser", "\\parser", "%s%n", "a \"\" b", "\"a\"\"b\"", "\xE2\x80\x94 a", "\xC3\xA9*\"", "a.b:c{d}",
    };
    seed();
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct err e = ERR_INIT;
        struct buf got = BUF_OWN;
        int64_t seq;
        struct qry_session_search args = {.query = rows[i]};
        if (!querier_run(q, QRY_SESSION_SEARCH, &args, NULL, note, &got, &seq, &e) &&
            e.code != ERR_INVALID)
            fail_msg("%s: %s", rows[i], e.message);
        buf_free(&got);
    }
    assert_found("parser* another", "m5 ");
    assert_found("(parser) ^another", "m5 ");
    assert_found("the \xE2\x80\x94 \"-\" lexer", "m3 ");
}

static void assert_refused(struct qry_session_search args, const char *part)
{
    struct err e = ERR_INIT;
    struct buf got = BUF_OWN;
    int64_t seq;
    assert_false(querier_run(q, QRY_SESSION_SEARCH, &args, NULL, note, &got, &seq, &e));
    assert_int_equal(e.code, ERR_INVALID);
    if (!strstr(e.message, part))
        fail_msg("'%s' does not say '%s'", e.message, part);
    buf_free(&got);
}

static void refuses_what_it_can_not_search(void **state)
{
    (void)state;
    char text[SEARCH_QUERY_MAX + 2];
    assert_refused((struct qry_session_search){.query = ""}, "no word");
    assert_refused((struct qry_session_search){.query = " \"\" -- \xE2\x80\x94 "}, "no word");
    assert_refused((struct qry_session_search){.query = "a", .role = "system"}, "'system'");
    memset(text, 'a', sizeof(text));
    text[SEARCH_QUERY_MAX] = '\0';
    assert_found(text, "");
    text[SEARCH_QUERY_MAX] = 'a';
    text[SEARCH_QUERY_MAX + 1] = '\0';
    assert_refused((struct qry_session_search){.query = text}, "1000 bytes");
    for (int i = 0; i < 33; i++)
        memcpy(text + 2 * i, "a ", 3);
    assert_refused((struct qry_session_search){.query = text}, "32 words");
    text[64] = '\0';
    assert_found(text, "");
}

/* ---- the index follows the log ---- */

static void change(const char *sql)
{
    char *path = fs_join(dir, "tau.db");
    struct err e = ERR_INIT;
    sqlite3 *db;
    char *why = NULL;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    OK(search_functions(db, &e));
    if (sqlite3_exec(db, sql, NULL, NULL, &why) != SQLITE_OK)
        fail_msg("%s: %s", sql, why);
    sqlite3_close(db);
    free(path);
}

static void follows_the_log(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct buf sql = BUF_OWN;
    int64_t last;
    begin();
    say("ses_1", "user", "m1", "never committed");
    store_rollback(s);
    assert_found("never", "");
    seed();
    /* Made anew with the other projections. */
    OK(store_begin(s, &last, &e));
    OK(store_clear(s, &e));
    commit();
    assert_found("another parser", "m5 ");
    /* What leaves the log leaves the index. */
    close_all();
    search_remove(&sql, "SELECT 1 UNION SELECT 2");
    buf_puts(&sql, "DELETE FROM event WHERE seq < 3");
    change(buf_cstr(&sql));
    buf_free(&sql);
    change("INSERT INTO search(search) VALUES('integrity-check')");
    open_all();
    assert_found("parser", "m5 call_2 call_1 ");
}

static void an_older_store_gets_it(void **state)
{
    (void)state;
    seed();
    close_all();
    change("DROP TABLE search; DROP VIEW said;"
           "UPDATE meta SET value = 'older' WHERE key = 'shape'");
    open_all();
    assert_found("another parser", "m5 ");
    close_all();
    change("UPDATE meta SET value = 'older' WHERE key = 'shape'");
    open_all();
    assert_found("another parser", "m5 ");
    begin();
    say("ses_2", "user", "m9", "another parser again");
    commit();
    assert_found("another parser", "m9 m5 ");
}

/* To see whether a message says anything is to make its text; it goes into the index as it was made. */
static void a_message_is_parsed_once(void **state)
{
    (void)state;
    begin();
    parses = 0;
    say("a", "user", "m1", "kingfishers");
    assert_int_equal(parses, 1);
    say("a", "user", "m2", "");
    assert_int_equal(parses, 2);
    commit();
    assert_search((struct qry_session_search){.query = "kingfishers"}, "m1 ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(finds_what_was_said, up, down),
        cmocka_unit_test_setup_teardown(finds_within_limits, up, down),
        cmocka_unit_test_setup_teardown(many_are_cut, up, down),
        cmocka_unit_test_setup_teardown(shows_the_place, up, down),
        cmocka_unit_test_setup_teardown(nothing_is_syntax, up, down),
        cmocka_unit_test_setup_teardown(refuses_what_it_can_not_search, up, down),
        cmocka_unit_test_setup_teardown(a_message_is_parsed_once, up, down),
        cmocka_unit_test_setup_teardown(follows_the_log, up, down),
        cmocka_unit_test_setup_teardown(an_older_store_gets_it, up, down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
