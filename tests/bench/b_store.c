/* SPDX-License-Identifier: MIT
 *
 * b_store: what a commit costs, and how long a store is opened that has a session of 1,000,000
 * messages. One row a measurement: name, value, unit.
 */
#include "lib/test.h"

#include "base/clock.h"
#include "base/fs.h"
#include "store/query.h"
#include "store/store.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

enum { COMMITS = 5000, PAGES = 200 };
#define MESSAGES "1000000"

static void row(const char *name, double value, const char *unit)
{
    printf("%-44s %12.1f %s\n", name, value, unit);
}

static struct store *open_store(const char *dir)
{
    struct err e = ERR_INIT;
    struct store *s = NULL;
    struct store_options o = {.dir = dir, .proc = "proc_1"};
    OK(store_open(&s, &o, &e));
    return s;
}

/* ---- commits ---- */

static void commit_one(struct store *s, const struct rec *r)
{
    struct err e = ERR_INIT;
    struct event_ids ids = {.session = "ses_01M7WG32KCXXXXXX", .turn = "turn_01M7WG32KCXXXXX"};
    struct event *ev = event_new(EV_TURN_STEERED, &ids,
                                 &(struct ev_turn_steered){.text = "and then look at the tests"});
    int64_t last;
    OK(store_begin(s, &last, &e));
    OK(store_append(s, ev, &e));
    if (r)
        OK(store_put(s, r, &e));
    OK(store_commit(s, &e));
    event_unref(ev);
}

static void bench_commits(struct store *s)
{
    struct err e = ERR_INIT;
    struct rec *r =
        rec_new(REC_SESSION, &(struct rec_session){.id = "ses_01M7WG32KCXXXXXX", .name = "main"});
    for (int with = 0; with < 2; with++) {
        int64_t from = clock_mono_us();
        for (int i = 0; i < COMMITS; i++)
            commit_one(s, with ? r : NULL);
        row(with ? "commit of an event and a record" : "commit of an event",
            (double)(clock_mono_us() - from) / COMMITS, "us");
        from = clock_mono_us();
        OK(store_sync(s, &e));
        row("  sync and checkpoint of those", (double)(clock_mono_us() - from), "us");
    }
    rec_unref(r);
}

/* ---- a large session ---- */

static void fill(const char *dir)
{
    char *path = fs_join(dir, "tau.db");
    sqlite3 *db;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(
        sqlite3_exec(
            db,
            "BEGIN; CREATE TEMP TABLE c AS WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1"
            " FROM c WHERE i < " MESSAGES ") SELECT i FROM c;"
            "DELETE FROM event; DELETE FROM session; DELETE FROM tally;"
            "INSERT INTO event(seq, ts_ms, proc, session, turn, kind, json) SELECT i, i, 'proc_1',"
            " 'big', 'turn_' || (i / 20), 'turn.message', '{\"entry\":\"m' || i || '\",\"role\":"
            "\"user\",\"content\":[{\"type\":\"text\",\"part\":\"part_' || i || '\",\"text\":\"a"
            " message that is neither long nor short\"}]}' FROM c;"
            "INSERT INTO transcript(live, id, session, turn, kind, open, body_seq, n, ts_ms)"
            " SELECT 0, 'part_' || i, 'big', 'turn_' || (i / 20), 'user', 0, i, i, i FROM c;"
            "INSERT INTO session(live, id, name, entries, created_ms, updated_ms)"
            " VALUES(0, 'big', 'big', " MESSAGES ", 1, 1); COMMIT",
            NULL, NULL, NULL),
        SQLITE_OK);
    sqlite3_close(db);
    free(path);
}

static void count(void *arg, struct rec *r)
{
    ++*(int64_t *)arg;
    rec_unref(r);
}

static bool count_row(void *arg, struct str json)
{
    (void)json;
    ++*(int64_t *)arg;
    return true;
}

static void bench_large(const char *dir)
{
    struct err e = ERR_INIT;
    int64_t n = 0, before, seq, from = clock_mono_us();
    struct store *s = open_store(dir);
    row("store opened, " MESSAGES " messages", (double)(clock_mono_us() - from), "us");
    from = clock_mono_us();
    for (int k = 0; k < REC_COUNT; k++)
        OK(store_load(s, (enum rec_kind)k, "big", count, &n, &before, &e));
    row("  its session read", (double)(clock_mono_us() - from), "us");
    row("  records", (double)n, "");
    struct querier *q = querier_open(dir, NULL, &e);
    OK(q != NULL);
    from = clock_mono_us();
    for (int i = 0; i < PAGES; i++) {
        struct qry_transcript_page page = {.session = "big", .before = 5000 * (i + 1)};
        OK(querier_run(q, QRY_TRANSCRIPT_PAGE, &page, NULL, count_row, &n, &seq, &e));
    }
    row("  a page of 200 somewhere in it", (double)(clock_mono_us() - from) / PAGES, "us");
    querier_close(q);
    store_close(s);
}

int main(void)
{
    struct err e = ERR_INIT;
    char *dir = test_tmpdir("bench-store");
    int64_t from = clock_mono_us();
    struct store *s = open_store(dir);
    row("store made", (double)(clock_mono_us() - from), "us");
    bench_commits(s);
    from = clock_mono_us();
    store_close(s);
    row("store closed", (double)(clock_mono_us() - from), "us");
    from = clock_mono_us();
    store_close(open_store(dir));
    row("store opened and closed", (double)(clock_mono_us() - from), "us");
    fill(dir);
    bench_large(dir);
    OK(fs_remove_tree(dir, &e));
    free(dir);
    return 0;
}
