/* SPDX-License-Identifier: MIT
 *
 * Looking a store over: what is told of it, how much, and that nothing is changed.
 */
#include "lib/test.h"

#include "base/fs.h"
#include "base/mem.h"
#include "store/blob.h"
#include "store/inspect.h"
#include "store/store.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char *dir;

static int up(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct store *s = NULL;
    dir = test_tmpdir("inspect");
    struct store_options o = {.dir = dir, .proc = "proc_1"};
    OK(store_open(&s, &o, &e));
    store_close(s);
    return 0;
}

static int down(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    OK(fs_remove_tree(dir, &e));
    free(dir);
    return 0;
}

static void run_sql(const char *sql)
{
    char *path = fs_join(dir, "tau.db");
    sqlite3 *db;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    free(path);
}

/* n events at these numbers apart, with this data. */
static void fill(int n, int apart, const char *kind, const char *json)
{
    char *sql = mem_printf("WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < %d)"
                           " INSERT INTO event(seq, ts_ms, proc, session, kind, json)"
                           " SELECT 1 + i * %d, 1, 'p', 's', '%s', '%s' FROM n",
                           n - 1, apart, kind, json);
    run_sql(sql);
    free(sql);
}

struct told {
    int n;
    char last[200];
};

static void tell(void *arg, const char *text)
{
    struct told *t = arg;
    t->n++;
    snprintf(t->last, sizeof(t->last), "%s", text);
}

static struct told look(struct inspect_log *log)
{
    struct err e = ERR_INIT;
    struct told t = {0};
    OK(inspect_database(dir, tell, &t, log, &e));
    return t;
}

static void a_sound_store_has_no_findings(void **state)
{
    (void)state;
    struct inspect_log log;
    assert_int_equal(look(&log).n, 0);
    assert_int_equal(log.events, 0);
    fill(10, 1, "zoo.counted", "{}");
    assert_int_equal(look(&log).n, 0);
    assert_int_equal(log.events, 10);
    assert_int_equal(log.first, 1);
    assert_int_equal(log.last, 10);
    assert_int_equal(log.version, STORE_VERSION);
}

/* Where it was pruned holes are no findings. */
static void holes_before_first_seq(void **state)
{
    (void)state;
    struct inspect_log log;
    fill(5, 3, "zoo.counted", "{}"); /* 1 4 7 10 13 */
    struct told t = look(&log);
    assert_int_equal(t.n, 4);
    assert_string_equal(t.last, "the log has a hole between 10 and 13");
    run_sql("UPDATE meta SET value = 13 WHERE key = 'first_seq'");
    assert_int_equal(look(&log).n, 0);
    assert_int_equal(log.events, 5);
}

static void not_more_than_so_many_findings(void **state)
{
    (void)state;
    struct inspect_log log;
    fill(INSPECT_FINDINGS_MAX + 1, 2, "zoo.counted", "{}");
    assert_int_equal(look(&log).n, INSPECT_FINDINGS_MAX);
}

static void one_more_finding_is_not_told(void **state)
{
    (void)state;
    struct inspect_log log;
    fill(INSPECT_FINDINGS_MAX + 2, 2, "zoo.counted", "{}");
    assert_int_equal(look(&log).n, INSPECT_FINDINGS_MAX);
    assert_int_equal(log.events, INSPECT_FINDINGS_MAX + 2);
}

static void an_event_that_is_none(void **state)
{
    (void)state;
    struct inspect_log log;
    fill(1, 1, "zoo.counted", "{\"a\":");
    struct told t = look(&log);
    assert_int_equal(t.n, 1);
    assert_non_null(strstr(t.last, "event 1 is none"));
}

/* ---- blobs ---- */

struct bad {
    int n;
    size_t named;
    bool missing;
};

static void see(void *arg, const struct inspect_blob *b)
{
    struct bad *x = arg;
    x->n++;
    x->named = b->n_named;
    x->missing = b->missing;
    for (size_t i = 0; i < b->n_named; i++)
        assert_string_equal(b->named[i].what, "art_1");
}

static void name_blob(int n, const char *sha)
{
    char *json = mem_printf("{\"artifact_id\":\"art_1\",\"path\":\"x\",\"media_type\":\"text/plain\","
                            "\"bytes\":5,\"sha256\":\"%s\"}", sha);
    fill(n, 1, "artifact.created", json);
    free(json);
}

static struct bad look_blobs(struct inspect_blobs *all)
{
    struct err e = ERR_INIT;
    struct bad bad = {0};
    OK(inspect_blobs(dir, see, &bad, all, &e));
    return bad;
}

#define HELLO "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"

static void a_blob_is_what_its_name_says(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct inspect_blobs all;
    char sha[DIGEST_HEX];
    int64_t bytes;
    name_blob(2, HELLO);
    struct bad bad = look_blobs(&all);
    assert_int_equal(bad.n, 1);
    assert_true(bad.missing);
    assert_int_equal(bad.named, 2);
    struct blob_writer *w = blob_begin(dir, &e);
    OK(blob_add(w, STR("hello"), &e));
    OK(blob_end(w, sha, &bytes, &e));
    assert_string_equal(sha, HELLO);
    assert_int_equal(look_blobs(&all).n, 0);
    assert_int_equal(all.blobs, 1);
    assert_int_equal(all.bytes, 5);
    char *path = mem_printf("%s/blobs/%.2s/%s", dir, HELLO, HELLO + 2);
    OK(fs_replace(path, STR("hallo"), 0600, &e));
    bad = look_blobs(&all);
    assert_int_equal(bad.n, 1);
    assert_false(bad.missing);
    assert_int_equal(all.bad, 1);
    free(path);
}

static void who_names_it_is_told_up_to_a_limit(void **state)
{
    (void)state;
    struct inspect_blobs all;
    name_blob(INSPECT_NAMED_MAX, HELLO);
    assert_int_equal(look_blobs(&all).named, INSPECT_NAMED_MAX);
    run_sql("DELETE FROM event");
    name_blob(INSPECT_NAMED_MAX + 1, HELLO);
    assert_int_equal(look_blobs(&all).named, INSPECT_NAMED_MAX);
}

int main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, up, down)
    const struct CMUnitTest tests[] = {
        T(a_sound_store_has_no_findings),
        T(holes_before_first_seq),
        T(not_more_than_so_many_findings),
        T(one_more_finding_is_not_told),
        T(an_event_that_is_none),
        T(a_blob_is_what_its_name_says),
        T(who_names_it_is_told_up_to_a_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
