/* SPDX-License-Identifier: MIT
 *
 * b_memory: how long it takes to find something in 1,000,000 entries of memory, whose words are as
 * frequent as those of a language (Zipf), and what keeping one costs. One row a measurement.
 */
#include "lib/test.h"

#include "bench/zipf.h"

#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"
#include "store/query.h"
#include "store/recall.h"
#include "store/search.h"
#include "store/store.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

enum { QUERIES = 1000, COMMITS = 2000 };

static void row(const char *name, double value, const char *unit)
{
    printf("%-44s %12.1f %s\n", name, value, unit);
}

/* words(n): n of them. */
static void words_function(sqlite3_context *ctx, int n, sqlite3_value **v)
{
    CLEANUP(buf_free) struct buf out = BUF_OWN;
    (void)n;
    for (int i = sqlite3_value_int(v[0]); i > 0; i--) {
        zipf_word(&out);
        if (i > 1)
            buf_putc(&out, ' ');
    }
    sqlite3_result_text64(ctx, buf_cstr(&out), out.len, SQLITE_TRANSIENT, SQLITE_UTF8);
}

static void run(sqlite3 *db, const char *sql)
{
    char *why = NULL;
    if (sqlite3_exec(db, sql, NULL, NULL, &why) != SQLITE_OK)
        fail_msg("%s", why);
}

static void fill(const char *dir)
{
    CLEANUP(mem_free_p) char *path = fs_join(dir, "tau.db");
    struct err e = ERR_INIT;
    sqlite3 *db;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    OK(search_functions(db, &e));
    assert_int_equal(
        sqlite3_create_function(db, "words", 1, SQLITE_UTF8, NULL, words_function, NULL, NULL),
        SQLITE_OK);
    run(db, "INSERT INTO memory(live, id, summary, facts, tags, type, importance, pinned,"
            " forgotten, \"by\", revision, created_ms, updated_ms, seq) WITH RECURSIVE c(i) AS "
            "(SELECT 1 UNION ALL SELECT"
            " i + 1 FROM c WHERE i < 1000000) SELECT 0, printf('MEM%010d', i), words(8), words(6),"
            " words(2), 'fact', 0.65, i % 1000 = 0, 0, 'bench', 1, i, i, i"
            " FROM c");
    int64_t from = clock_mono_us();
    run(db, "INSERT INTO remembered_words(remembered_words) VALUES('rebuild')");
    row("index of 1000000 entries made anew", (double)(clock_mono_us() - from) / 1e6, "s");
    sqlite3_close(db);
}

static bool count_row(void *arg, struct str json)
{
    (void)json;
    ++*(int64_t *)arg;
    return true;
}

static int by_time(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

static void bench_queries(const char *dir)
{
    static int64_t times[QUERIES];
    struct err e = ERR_INIT;
    CLEANUP(buf_free) struct buf query = BUF_OWN;
    int64_t found = 0, seq;
    struct querier *q = querier_open(dir, NULL, &e);
    OK(q != NULL);
    for (int i = 0; i < QUERIES; i++) {
        buf_clear(&query);
        for (uint64_t k = zipf_random() % 3 + 1; k > 0; k--) {
            zipf_word(&query);
            if (k > 1)
                buf_putc(&query, ' ');
        }
        int64_t from = clock_mono_us();
        OK(querier_run(q, QRY_MEMORY_SEARCH, &(struct qry_memory_search){.query = buf_cstr(&query)},
                       NULL, count_row, &found, &seq, &e));
        times[i] = clock_mono_us() - from;
    }
    qsort(times, QUERIES, sizeof(times[0]), by_time);
    row("search of 1000000 entries: median", (double)times[QUERIES / 2], "us");
    row("  p95", (double)times[QUERIES * 95 / 100], "us");
    row("  p99", (double)times[QUERIES * 99 / 100], "us");
    row("  most", (double)times[QUERIES - 1], "us");
    row("  rows a query", (double)found / QUERIES, "");
    int64_t from = clock_mono_us();
    OK(querier_run(q, QRY_MEMORY_LIST, &(struct qry_memory_list){.limit = 50}, NULL, count_row,
                   &found, &seq, &e));
    row("memory.list of 50", (double)(clock_mono_us() - from), "us");
    from = clock_mono_us();
    OK(querier_run(q, QRY_MEMORY_LIST, &(struct qry_memory_list){.match = "000777"}, NULL,
                   count_row, &found, &seq, &e));
    row("memory.list by the end of an id", (double)(clock_mono_us() - from), "us");
    querier_close(q);
}

/* One entry a transaction, among a million. */
static void bench_commits(struct store *s)
{
    CLEANUP(buf_free) struct buf text = BUF_OWN;
    struct err e = ERR_INIT;
    int64_t from = clock_mono_us();
    for (int i = 0; i < COMMITS; i++) {
        char id[40];
        int64_t last;
        snprintf(id, sizeof(id), "mem_%010d", i);
        buf_clear(&text);
        for (int k = 0; k < 8; k++) {
            zipf_word(&text);
            buf_putc(&text, ' ');
        }
        struct rec *r = rec_new(REC_MEMORY, &(struct rec_memory){.id = id,
                                                                 .summary = buf_cstr(&text),
                                                                 .type = "fact",
                                                                 .by = "bench",
                                                                 .updated_ms = 1000001 + i,
                                                                 .seq = 1000001 + i});
        OK(store_begin(s, &last, &e));
        OK(store_put(s, r, &e));
        OK(store_commit(s, &e));
        rec_unref(r);
    }
    row("keeping one more: mean", (double)(clock_mono_us() - from) / COMMITS, "us");
}

int main(void)
{
    struct err e = ERR_INIT;
    char *dir = test_tmpdir("bench-memory");
    struct store *s = NULL;
    struct store_options o = {.dir = dir, .proc = "proc_1"};
    OK(store_open(&s, &o, &e));
    store_close(s);
    fill(dir);
    int64_t from = clock_mono_us();
    OK(store_open(&s, &o, &e));
    row("opening the store of 1000000 entries", (double)(clock_mono_us() - from), "us");
    bench_commits(s);
    store_close(s);
    bench_queries(dir);
    OK(fs_remove_tree(dir, &e));
    free(dir);
    return 0;
}
