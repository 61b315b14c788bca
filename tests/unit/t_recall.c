/* SPDX-License-Identifier: MIT
 *
 * Searching what is remembered: what is found, in which order, what is never hidden, and the place
 * that is shown; lists; ids by their end.
 */
#include "lib/test.h"

#include "base/fs.h"
#include "base/mem.h"
#include "store/query.h"
#include "store/store.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

enum { COMPARED = 2000 };

static char *dir;
static struct store *s;
static struct querier *q;
static int64_t seq;

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
    dir = test_tmpdir("recall");
    seq = 0;
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

/* As the reducer does: what is not given is usual, and each writing has a number of its own. */
static void put(struct rec_memory m)
{
    struct err e = ERR_INIT;
    if (!m.type)
        m.type = "fact";
    if (!m.seq)
        m.seq = ++seq;
    if (!m.updated_ms)
        m.updated_ms = m.seq;
    m.by = "test";
    struct rec *r = rec_new(REC_MEMORY, &m);
    OK(store_put(s, r, &e));
    rec_unref(r);
}

#define PUT(...) put((struct rec_memory){__VA_ARGS__})

/* n entries with this summary. */
static void put_many(int n, struct rec_memory like)
{
    char id[ID_MAX];
    for (int i = 0; i < n; i++) {
        snprintf(id, sizeof(id), "mem_X%06d", i);
        like.id = id;
        put(like);
    }
}

/* ---- asking ---- */

static bool note(void *arg, struct str json)
{
    struct err e = ERR_INIT;
    struct json *j = json_parse(json, &e);
    assert_non_null(j);
    buf_printf(arg, "%s ", json_cstr(json_get(j, "id"), "?"));
    json_free(j);
    return true;
}

static void assert_rows(enum query_id id, const void *args, const char *expected)
{
    struct err e = ERR_INIT;
    struct buf got = BUF_OWN;
    int64_t at;
    OK(querier_run(q, id, args, NULL, note, &got, &at, &e));
    assert_string_equal(buf_cstr(&got), expected);
    buf_free(&got);
}

static void assert_found(const char *query, const char *expected)
{
    assert_rows(QRY_MEMORY_SEARCH, &(struct qry_memory_search){.query = query}, expected);
}

static bool take_snippet(void *arg, struct str json)
{
    struct err e = ERR_INIT;
    struct json *j = json_parse(json, &e);
    assert_non_null(j);
    buf_puts(arg, json_cstr(json_get(j, "snippet"), "none"));
    json_free(j);
    return false;
}

static void assert_snippet(const char *query, const char *expected)
{
    struct err e = ERR_INIT;
    struct buf got = BUF_OWN;
    struct qry_memory_search args = {.query = query};
    int64_t at;
    OK(querier_run(q, QRY_MEMORY_SEARCH, &args, NULL, take_snippet, &got, &at, &e));
    assert_string_equal(buf_cstr(&got), expected);
    buf_free(&got);
}

/* ---- tests ---- */

static void ranks(void **state)
{
    (void)state;
    begin();
    PUT(.id = "fact", .summary = "what there is", .facts = "the parser is here");
    PUT(.id = "tag", .summary = "what there is", .tags = "parser");
    PUT(.id = "summary", .summary = "the parser is here");
    PUT(.id = "long", .summary = "the parser is here, and much more is said of other things that "
                                 "nobody asked for, at length, and at great length again");
    PUT(.id = "goal", .summary = "the parser is here", .importance = 1);
    PUT(.id = "rest", .summary = "something else");
    commit();
    assert_found("parser", "goal summary tag long fact ");
    assert_found("parser here", "goal summary long fact ");
    assert_found("parser nothing", "");
    begin();
    PUT(.id = "fact", .summary = "what there is", .facts = "the parser is here", .pinned = true);
    commit();
    assert_found("parser", "fact goal summary tag long ");
}

static void follows_changes(void **state)
{
    (void)state;
    begin();
    PUT(.id = "a", .summary = "old words");
    commit();
    begin();
    PUT(.id = "a", .summary = "new words", .type = "goal");
    commit();
    assert_found("old", "");
    assert_found("new", "a ");
    begin();
    PUT(.id = "a", .summary = "new words", .forgotten = true, .seq = 2);
    commit();
    assert_found("new", "");
    begin();
    PUT(.id = "a", .summary = "new words", .seq = 2);
    PUT(.id = "b", .summary = "never seen", .forgotten = true);
    commit();
    assert_found("new", "a ");
    assert_found("seen", "");
    begin(); /* while it is forgotten it may be written */
    PUT(.id = "b", .summary = "seen now");
    commit();
    assert_found("now", "b ");
}

/* Neither forgotten ones, nor those of other types, nor any number of newer ones. */
static void hides_nothing(void **state)
{
    (void)state;
    begin();
    PUT(.id = "goal", .summary = "same words", .type = "goal");
    PUT(.id = "pinned", .summary = "same words", .pinned = true);
    PUT(.id = "old", .summary = "same words", .importance = 1);
    put_many(COMPARED - 1, (struct rec_memory){.summary = "same words", .importance = 0.5});
    commit();
    assert_rows(QRY_MEMORY_SEARCH, &(struct qry_memory_search){.query = "same", .limit = 2},
                "pinned old ");
    begin();
    PUT(.id = "mem_Y", .summary = "same words", .importance = 0.5);
    commit();
    /* One more than are compared: the one that was written first is not looked at any more... */
    assert_rows(QRY_MEMORY_SEARCH, &(struct qry_memory_search){.query = "same", .limit = 2},
                "pinned mem_Y ");
    assert_rows(QRY_MEMORY_SEARCH, &(struct qry_memory_search){.query = "same", .type = "goal"},
                "goal ");
    /* ... until it is written anew, */
    begin();
    PUT(.id = "old", .summary = "same words", .importance = 1);
    commit();
    assert_rows(QRY_MEMORY_SEARCH, &(struct qry_memory_search){.query = "same", .limit = 2},
                "pinned old ");
    /* or what is newer is forgotten. */
    begin();
    put_many(COMPARED - 1, (struct rec_memory){.summary = "same words", .forgotten = true});
    commit();
    assert_found("same", "pinned old mem_Y goal ");
}

static void types_are_exact(void **state)
{
    (void)state;
    begin();
    PUT(.id = "a", .summary = "word", .type = "fact");
    PUT(.id = "b", .summary = "word fact", .type = "fact x");
    PUT(.id = "c", .summary = "word", .type = "\"quoted\"");
    commit();
    static const struct {
        const char *type, *found;
    } rows[] = {{"fact", "a "}, {"fact x", "b "},     {"x", ""},
                {"FACT", ""},   {"\"quoted\"", "c "}, {"\"", ""}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_rows(QRY_MEMORY_SEARCH,
                    &(struct qry_memory_search){.query = "word", .type = rows[i].type},
                    rows[i].found);
}

static void shows_the_place(void **state)
{
    (void)state;
    begin();
    PUT(.id = "a", .summary = "Where the Parser lies", .facts = "in src/parse.c\nby \xC3\x89lise",
        .tags = "code");
    PUT(.id = "b", .summary =
                       "one two three four five six seven eight nine ten eleven twelve thirteen "
                       "fourteen fifteen sixteen seventeen eighteen nineteen twenty red blue green "
                       "yellow black white\x1b[31m end");
    commit();
    assert_snippet("pars", "Where the \xC2\xABParser\xC2\xBB lies");
    assert_snippet("parser wher", "\xC2\xABWhere\xC2\xBB the \xC2\xABParser\xC2\xBB lies");
    assert_snippet("elise", "in src/parse.c by \xC2\xAB\xC3\x89lise\xC2\xBB");
    assert_snippet("\"parse c\"", "in src/\xC2\xABparse\xC2\xBB.\xC2\xAB"
                                  "c\xC2\xBB by \xC3\x89lise");
    assert_snippet("lies code", "Where the Parser \xC2\xABlies\xC2\xBB");
    /* Long ones are cut before and after; nothing of it drives a terminal. */
    assert_snippet("\"seven\"",
                   "one two three four five six \xC2\xABseven\xC2\xBB eight nine ten eleven "
                   "twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen "
                   "twenty red blue green yellow\xE2\x80\xA6");
    assert_snippet("green", "\xE2\x80\xA6seventeen eighteen nineteen twenty red blue "
                            "\xC2\xABgreen\xC2\xBB yellow black white [31m end");
}

/* Whatever is searched for in whatever text: the place is a part of it, in one line, and it has a
 * mark when a word was found. */
static void shows_any_place(void **state)
{
    (void)state;
    static const char *const pieces[] = {"a",  "b",    "ab",           "abc", " ", "  ",  "\n",
                                         "\"", "'",    "\xC3\xA4",     ".",   "-", "\t",  "\x1b",
                                         "*",  "AND ", "\xE2\x80\xAE", "0",   "_", "\x7f"};
    CLEANUP(buf_free) struct buf query = BUF_OWN;
    CLEANUP(buf_free) struct buf text = BUF_OWN;
    uint64_t random = test_seed();
    for (int i = 0; i < 300; i++) {
        buf_clear(&query);
        buf_clear(&text);
        buf_putc(&query, 'a');
        buf_putc(&text, 'a');
        for (uint64_t n = test_random(&random) % 12; n > 0; n--)
            buf_puts(&query, pieces[test_random(&random) % ARRAY_LEN(pieces)]);
        for (uint64_t n = test_random(&random) % 200; n > 0; n--)
            buf_puts(&text, pieces[test_random(&random) % ARRAY_LEN(pieces)]);
        begin();
        PUT(.id = "a", .summary = buf_cstr(&text), .facts = buf_cstr(&query));
        commit();
        struct err e = ERR_INIT;
        struct buf got = BUF_OWN, bare = BUF_OWN, line = BUF_OWN;
        struct qry_memory_search args = {.query = buf_cstr(&query)};
        int64_t at;
        OK(querier_run(q, QRY_MEMORY_SEARCH, &args, NULL, take_snippet, &got, &at, &e));
        struct str shown = buf_view(&got);
        for (size_t k = 0; k < shown.n; k++) {
            struct str rest = str_sub(shown, k, shown.n);
            bool mark = str_starts(rest, "\xC2\xAB") || str_starts(rest, "\xC2\xBB");
            bool dots = str_starts(rest, "\xE2\x80\xA6");
            assert_true((unsigned char)shown.p[k] >= ' ' && shown.p[k] != 0x7f);
            if (!mark && !dots)
                buf_putc(&bare, shown.p[k]);
            k += mark ? 1 : dots ? 2 : 0;
        }
        buf_printf(&line, "%s\n%s", buf_cstr(&text), buf_cstr(&query));
        for (size_t k = 0; k < line.len; k++)
            if ((unsigned char)line.data[k] < ' ' || line.data[k] == 0x7f)
                line.data[k] = ' ';
        if (shown.n > 0 && str_find(buf_view(&line), buf_view(&bare)) < 0)
            fail_msg("'%s' is no part of '%s'", buf_cstr(&bare), buf_cstr(&line));
        if (shown.n > 0 && str_find(shown, STR("\xC2\xAB")) < 0)
            fail_msg("nothing is marked: '%s' for '%s'", buf_cstr(&got), buf_cstr(&query));
        buf_free(&got);
        buf_free(&bare);
        buf_free(&line);
    }
}

static void lists(void **state)
{
    (void)state;
    begin();
    PUT(.id = "mem_00A1", .summary = "a", .type = "goal");
    PUT(.id = "mem_00A2", .summary = "b", .pinned = true);
    PUT(.id = "mem_00A3", .summary = "c");
    PUT(.id = "mem_00A4", .summary = "d", .forgotten = true);
    PUT(.id = "mem_01A3", .summary = "e");
    commit();
    assert_rows(QRY_MEMORY_LIST, &(struct qry_memory_list){.limit = 3},
                "mem_00A2 mem_01A3 mem_00A3 ");
    assert_rows(QRY_MEMORY_LIST, &(struct qry_memory_list){.type = "goal"}, "mem_00A1 ");
    assert_rows(QRY_MEMORY_LIST, &(struct qry_memory_list){.forgotten = true}, "mem_00A4 ");
    assert_rows(QRY_MEMORY_LIST, &(struct qry_memory_list){.forgotten = true, .type = "goal"}, "");
    /* By the end of an id, forgotten or not; by less than four characters not. */
    assert_rows(QRY_MEMORY_LIST, &(struct qry_memory_list){.match = "00a4"}, "mem_00A4 ");
    assert_rows(QRY_MEMORY_LIST, &(struct qry_memory_list){.match = "mem_00A1"}, "mem_00A1 ");
    assert_rows(QRY_MEMORY_LIST, &(struct qry_memory_list){.match = "_00A1"}, "mem_00A1 ");
    assert_rows(QRY_MEMORY_LIST, &(struct qry_memory_list){.match = "0a3"}, "");
    assert_rows(QRY_MEMORY_LIST, &(struct qry_memory_list){.match = "0A4", .type = "goal"}, "");
    assert_rows(QRY_MEMORY_LIST, &(struct qry_memory_list){.match = "xx_00A1"}, "");
    assert_rows(QRY_MEMORY_LIST, &(struct qry_memory_list){.match = "%00A1"}, "");
}

static void assert_ends(const char *end, size_t n)
{
    struct err e = ERR_INIT;
    char keys[2][ID_MAX];
    size_t got;
    OK(store_find_end(s, REC_MEMORY, end, keys, &got, &e));
    assert_int_equal(got, n);
}

static void finds_ends(void **state)
{
    (void)state;
    begin();
    PUT(.id = "mem_0ABCDEF", .summary = "a");
    PUT(.id = "mem_1ABCDEF", .summary = "b");
    PUT(.id = "mem_2ABCDEF", .summary = "c");
    assert_ends("abcdef", 2);
    assert_ends("1abcdef", 1);
    assert_ends("MEM_1abcdef", 1);
    assert_ends("cdef", 2);
    assert_ends("def", 0);
    assert_ends("", 0);
    assert_ends("xmem_1ABCDEF", 0);
    commit();
}

/* What an older tau left is made anew: here with the words and no marks. */
static void fills_anew(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    begin();
    PUT(.id = "a", .summary = "some words");
    PUT(.id = "b", .summary = "some words", .forgotten = true);
    commit();
    CLEANUP(mem_free_p) char *path = fs_join(dir, "tau.db");
    sqlite3 *db;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db,
                                  "INSERT INTO remembered_words(remembered_words)"
                                  " VALUES('rebuild');"
                                  "INSERT INTO remembered_words(remembered_words)"
                                  " VALUES('integrity-check')",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    sqlite3_close(db);
    assert_found("words", "a ");
    begin();
    OK(store_clear(s, &e));
    commit();
    assert_found("words", "");
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, up, down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(ranks),           T(follows_changes), T(hides_nothing), T(types_are_exact),
        T(shows_the_place), T(shows_any_place), T(lists),           T(finds_ends),    T(fills_anew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
