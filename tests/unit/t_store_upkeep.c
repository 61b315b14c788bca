/* SPDX-License-Identifier: MIT
 *
 * Idempotency keys, backups, and what the check finds.
 */
#include "lib/test.h"

#include "base/clock.h"
#include "base/fs.h"
#include "store/store.h"

#include <dirent.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char *dir;
static struct store *s;

static int up(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    dir = test_tmpdir("upkeep");
    struct store_options o = {.dir = dir, .proc = "proc_1"};
    OK(store_open(&s, &o, &e));
    return 0;
}

static int down(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    store_close(s);
    s = NULL;
    clock_freeze(-1, -1);
    OK(fs_remove_tree(dir, &e));
    free(dir);
    return 0;
}

static void say(int n)
{
    struct err e = ERR_INIT;
    int64_t last;
    OK(store_begin(s, &last, &e));
    for (int i = 0; i < n; i++) {
        struct event *ev =
            event_new(EV_TURN_STEERED, NULL, &(struct ev_turn_steered){.text = "hello"});
        OK(store_append(s, ev, &e));
        event_unref(ev);
    }
    OK(store_commit(s, &e));
}

static void tamper(const char *path, const char *sql)
{
    sqlite3 *db;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

/* ---- idempotency ---- */

static void put(const char *principal, const char *key, const char *hash, const char *answer)
{
    struct err e = ERR_INIT;
    int64_t last;
    OK(store_begin(s, &last, &e));
    OK(store_idem_put(s, principal, key, hash, answer, &e));
    OK(store_commit(s, &e));
}

static void assert_answer(const char *principal, const char *key, const char *hash,
                          const char *expected)
{
    struct err e = ERR_INIT;
    char *answer = (char *)&e;
    OK(store_idem_get(s, principal, key, hash, &answer, &e));
    if (expected)
        assert_string_equal(answer, expected);
    else
        assert_null(answer);
    free(answer);
}

static void the_same_key_gives_the_same_answer(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    char *answer = NULL;
    assert_answer("operator", "k", "h1", NULL);
    put("operator", "k", "h1", "{\"seq\":7}");
    assert_answer("operator", "k", "h1", "{\"seq\":7}");
    assert_answer("somebody else", "k", "h2", NULL);
    assert_answer("operator", "k2", "h2", NULL);
    FAILS(store_idem_get(s, "operator", "k", "h2", &answer, &e), ERR_CONFLICT);
    assert_null(answer);
}

static void a_rolled_back_answer_was_never_given(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    int64_t last;
    OK(store_begin(s, &last, &e));
    OK(store_idem_put(s, "operator", "k", "h1", "a", &e));
    store_rollback(s);
    assert_answer("operator", "k", "h1", NULL);
}

static int64_t keys_kept(void)
{
    int64_t n = -1;
    char *path = fs_join(dir, "tau.db");
    sqlite3 *db;
    sqlite3_stmt *st;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, "SELECT count(*) FROM idempotency", -1, &st, NULL),
                     SQLITE_OK);
    if (sqlite3_step(st) == SQLITE_ROW)
        n = sqlite3_column_int64(st, 0);
    sqlite3_finalize(st);
    sqlite3_close(db);
    free(path);
    return n;
}

static void old_keys_go_some_at_a_time(void **state)
{
    (void)state;
    const int64_t day = 24 * 3600 * 1000, start = 1800000000000;
    struct err e = ERR_INIT;
    char key[20];
    int64_t last;
    clock_freeze(start, 0);
    OK(store_begin(s, &last, &e));
    for (int i = 0; i < 150; i++) {
        snprintf(key, sizeof(key), "k%d", i);
        OK(store_idem_put(s, "operator", key, "h", "a", &e));
    }
    OK(store_commit(s, &e));
    assert_int_equal(keys_kept(), 150);
    clock_freeze(start + 2 * day, 0);
    put("operator", "new", "h", "a");
    assert_int_equal(keys_kept(), 51);
    put("operator", "newer", "h", "a");
    assert_int_equal(keys_kept(), 2);
    clock_freeze(-1, -1);
}

static void a_key_lives_24_hours(void **state)
{
    (void)state;
    const int64_t day = 24 * 3600 * 1000, start = 1800000000000;
    clock_freeze(start, 0);
    put("operator", "k", "h1", "old");
    clock_freeze(start + day - 1, 0);
    assert_answer("operator", "k", "h1", "old");
    clock_freeze(start + day, 0);
    assert_answer("operator", "k", "h2", NULL); /* also with other arguments */
    put("operator", "k", "h2", "new");
    assert_answer("operator", "k", "h2", "new");
    clock_freeze(start + 3 * day, 0);
    put("operator", "k3", "h", "x"); /* drops the old row */
    clock_freeze(start + day, 0);
    assert_answer("operator", "k", "h2", NULL);
}

/* ---- backup ---- */

static void a_backup_is_a_whole_store(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    say(3);
    char *one = store_backup(s, &e), *two = store_backup(s, &e);
    assert_non_null(one);
    assert_non_null(two);
    assert_string_not_equal(one, two);
    struct stat st;
    assert_int_equal(stat(one, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    say(1);
    /* It opens as a store of its own, with the same name and what was there then. */
    char *other = fs_join(dir, "other"), *path = fs_join(other, "tau.db");
    OK(fs_mkdirs(other, 0700, &e));
    assert_int_equal(rename(one, path), 0);
    struct store *copy = NULL;
    struct store_options o = {.dir = other, .proc = "proc_2"};
    OK(store_open(&copy, &o, &e));
    assert_string_equal(store_name(copy), store_name(s));
    int64_t first, last, folded;
    OK(store_range(copy, &first, &last, &folded, &e));
    assert_int_equal(last, 3);
    OK(store_check(copy, &e));
    store_close(copy);
    free(one);
    free(two);
    free(other);
    free(path);
}

/* ---- check ---- */

static void check_finds_a_hole(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    char *path = fs_join(dir, "tau.db");
    say(5);
    OK(store_check(s, &e));
    tamper(path, "DELETE FROM event WHERE seq = 3");
    FAILS(store_check(s, &e), ERR_STORE_DAMAGED);
    assert_non_null(strstr(e.message, "between 2 and 4"));
    tamper(path, "DELETE FROM event WHERE seq < 3");
    FAILS(store_check(s, &e), ERR_STORE_DAMAGED);
    tamper(path, "UPDATE meta SET value = 4 WHERE key = 'first_seq'");
    OK(store_check(s, &e));
    free(path);
}

static void numbers_go_on_after_pruning(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    char *path = fs_join(dir, "tau.db");
    int64_t first, last, folded;
    say(5);
    tamper(path, "DELETE FROM event; UPDATE meta SET value = 6 WHERE key = 'first_seq'");
    OK(store_range(s, &first, &last, &folded, &e));
    assert_int_equal(last, 5);
    OK(store_begin(s, &last, &e));
    assert_int_equal(last, 5);
    store_rollback(s);
    say(1);
    OK(store_check(s, &e));
    free(path);
}

static void check_finds_a_broken_index(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    char *path = fs_join(dir, "tau.db");
    say(5);
    store_close(s);
    tamper(path, "PRAGMA writable_schema = 1; UPDATE sqlite_schema SET sql ="
                 " 'CREATE INDEX event_turn ON event(ts_ms, seq)' WHERE name = 'event_turn'");
    struct store_options o = {.dir = dir, .proc = "proc_1"};
    OK(store_open(&s, &o, &e));
    FAILS(store_check(s, &e), ERR_STORE_DAMAGED);
    assert_non_null(strstr(e.message, path));
    free(path);
}

static bool drop(void *arg, struct event *ev, const char *proc)
{
    (void)arg, (void)proc;
    event_unref(ev);
    return true;
}

/* A page in the middle was overwritten: whoever meets it is told, by name, and the rest is read. */
static void a_damaged_page_is_said(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    char *path = fs_join(dir, "tau.db"), junk[4096];
    for (int i = 0; i < 300; i++)
        say(10);
    store_close(s);
    memset(junk, 0x5a, sizeof(junk));
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    /* The last quarter is the log. */
    for (off_t page = st.st_size / 4096 / 4 * 3; page < st.st_size / 4096; page += 3)
        assert_int_equal(pwrite(fd, junk, sizeof(junk), page * 4096), sizeof(junk));
    close(fd);
    struct store_options o = {.dir = dir, .proc = "proc_1"};
    OK(store_open(&s, &o, &e));
    FAILS(store_check(s, &e), ERR_STORE_DAMAGED);
    FAILS(store_events(s, 0, INT64_MAX, drop, NULL, &e), ERR_STORE_DAMAGED);
    assert_non_null(strstr(e.message, path));
    assert_int_equal(e.phase, PHASE_PERSIST);
    OK(store_events(s, 0, 10, drop, NULL, &e));
    free(path);
}

/* ---- an older version ---- */

/* A file as the first version made it: its log, and a projection that had fewer columns. */
static const char older[] =
    "PRAGMA journal_mode = WAL;"
    "CREATE TABLE meta(key TEXT PRIMARY KEY, value ANY NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE event(seq INTEGER PRIMARY KEY, ts_ms INTEGER NOT NULL, proc TEXT NOT NULL,"
    " session TEXT, turn TEXT, task TEXT, mission TEXT, run TEXT, kind TEXT NOT NULL, part TEXT,"
    " json TEXT NOT NULL) STRICT;"
    "CREATE INDEX event_session ON event(session, seq) WHERE session IS NOT NULL;"
    "CREATE INDEX event_turn ON event(turn, seq) WHERE turn IS NOT NULL;"
    "CREATE INDEX event_message ON event(session, seq) WHERE kind = 'turn.message';"
    "CREATE INDEX event_part ON event(part, seq) WHERE part IS NOT NULL;"
    "CREATE TABLE idempotency(principal TEXT NOT NULL, key TEXT NOT NULL, args_hash TEXT NOT NULL,"
    " answer TEXT NOT NULL, ts_ms INTEGER NOT NULL, PRIMARY KEY(principal, key)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX idempotency_age ON idempotency(ts_ms);"
    "CREATE TABLE session(ord INTEGER PRIMARY KEY, live INTEGER NOT NULL, id TEXT NOT NULL UNIQUE,"
    " name TEXT) STRICT;"
    "INSERT INTO session VALUES(1, 0, 's', 'old');"
    "INSERT INTO meta VALUES('version', 1), ('name', 'abcdefgh'), ('shape', 'older'),"
    " ('first_seq', 1), ('folded_seq', 2);"
    "INSERT INTO event(seq, ts_ms, proc, session, kind, json) VALUES"
    " (1, 1000, 'proc_0', 's', 'session.created', '{\"name\":\"old\"}'),"
    " (2, 1001, 'proc_0', 's', 'session.renamed', '{\"name\":\"still old\"}');";

static int64_t number_in(const char *path, const char *sql)
{
    sqlite3 *db;
    sqlite3_stmt *st;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &st, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(st), SQLITE_ROW);
    int64_t n = sqlite3_column_int64(st, 0);
    sqlite3_finalize(st);
    sqlite3_close(db);
    return n;
}

/* How many files are in backup/; the path of one. */
static int backups(const char *of, char **ret_path)
{
    char *in = fs_join(of, "backup");
    DIR *d = opendir(in);
    int n = 0;
    for (struct dirent *one; d && (one = readdir(d));) {
        if (one->d_name[0] == '.')
            continue;
        n++;
        free(*ret_path);
        *ret_path = fs_join(in, one->d_name);
    }
    if (d)
        closedir(d);
    free(in);
    return n;
}

static void an_older_store_is_copied_before_it_is_changed(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct store *old = NULL;
    int64_t first, last, folded;
    char *in = fs_join(dir, "older"), *path = fs_join(in, "tau.db"), *copy = NULL;
    OK(fs_mkdirs(in, 0700, &e));
    tamper(path, older);
    struct store_options o = {.dir = in, .proc = "proc_1"};
    OK(store_open(&old, &o, &e));
    assert_int_equal(backups(in, &copy), 1);
    assert_int_equal(number_in(copy, "SELECT value FROM meta WHERE key = 'version'"), 1);
    assert_int_equal(number_in(copy, "SELECT count(*) FROM event"), 2);
    assert_int_equal(number_in(copy, "SELECT count(*) FROM pragma_table_info('session')"), 4);
    assert_int_equal(number_in(path, "SELECT value FROM meta WHERE key = 'version'"), STORE_VERSION);
    assert_string_equal(store_name(old), "abcdefgh");
    /* The log is as it was, and will be folded again. */
    OK(store_range(old, &first, &last, &folded, &e));
    assert_int_equal(first, 1);
    assert_int_equal(last, 2);
    assert_int_equal(folded, 0);
    OK(store_check(old, &e));
    store_close(old);
    /* Only once. */
    OK(store_open(&old, &o, &e));
    assert_int_equal(backups(in, &copy), 1);
    store_close(old);
    /* One of the same version whose projections are others loses nothing by being made anew. */
    tamper(path, "UPDATE meta SET value = 'other' WHERE key = 'shape'");
    OK(store_open(&old, &o, &e));
    assert_int_equal(backups(in, &copy), 1);
    store_close(old);
    free(copy);
    free(path);
    free(in);
}

/* Where no copy can be made nothing is changed. */
static void an_older_store_without_a_copy_stays_as_it_is(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct store *old = NULL;
    char *in = fs_join(dir, "older"), *path = fs_join(in, "tau.db"), *file = fs_join(in, "backup");
    OK(fs_mkdirs(in, 0700, &e));
    tamper(path, older);
    OK(fs_replace(file, STR("in the way"), 0600, &e));
    struct store_options o = {.dir = in, .proc = "proc_1"};
    assert_false(store_open(&old, &o, &e));
    assert_int_equal(number_in(path, "SELECT value FROM meta WHERE key = 'version'"), 1);
    assert_int_equal(number_in(path, "SELECT count(*) FROM pragma_table_info('session')"), 4);
    free(file);
    free(path);
    free(in);
}

int main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, up, down)
    const struct CMUnitTest tests[] = {
        T(the_same_key_gives_the_same_answer),
        T(a_rolled_back_answer_was_never_given),
        T(old_keys_go_some_at_a_time),
        T(a_key_lives_24_hours),
        T(a_backup_is_a_whole_store),
        T(check_finds_a_hole),
        T(numbers_go_on_after_pruning),
        T(check_finds_a_broken_index),
        T(a_damaged_page_is_said),
        T(an_older_store_is_copied_before_it_is_changed),
        T(an_older_store_without_a_copy_stays_as_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
