/* SPDX-License-Identifier: MIT
 *
 * b_search: how long it takes to find something in 1,000,000 messages, whose words are as frequent
 * as those of a language (Zipf), and what the index costs. One row a measurement: name, value, unit.
 */
#include "bench/million.h"
#include "bench/zipf.h"
#include "lib/test.h"

#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"
#include "store/query.h"
#include "store/search.h"
#include "store/store.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

enum { WORDS_A_MESSAGE = 12, QUERIES = 1000, COMMITS = 2000 };

static void row(const char *name, double value, const char *unit)
{
    printf("%-44s %12.1f %s\n", name, value, unit);
}

static void message(int64_t i, struct buf *out)
{
    (void)i;
    for (int k = 0; k < WORDS_A_MESSAGE; k++) {
        if (k)
            buf_putc(out, ' ');
        zipf_word(out);
    }
}

static bool count_row(void *arg, struct str json)
{
    (void)json;
    ++*(int64_t *)arg;
    return true;
}

/* One to three words; every second time the last is cut, as while it is typed. */
static void a_query(struct buf *out)
{
    buf_clear(out);
    for (uint64_t k = zipf_random() % 3 + 1; k > 0; k--) {
        zipf_word(out);
        if (k > 1)
            buf_putc(out, ' ');
    }
    ssize_t from = 0;
    for (size_t i = 0; i < out->len; i++)
        if (out->data[i] == ' ')
            from = (ssize_t)i + 1;
    if (zipf_random() & 1 && out->len - (size_t)from > 3)
        buf_truncate(out, out->len - 1);
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
    struct buf query = BUF_OWN;
    int64_t found = 0, seq;
    struct querier *q = querier_open(dir, NULL, &e);
    OK(q != NULL);
    for (int i = 0; i < QUERIES; i++) {
        a_query(&query);
        struct qry_session_search args = {.query = buf_cstr(&query)};
        int64_t from = clock_mono_us();
        OK(querier_run(q, QRY_SESSION_SEARCH, &args, NULL, count_row, &found, &seq, &e));
        times[i] = clock_mono_us() - from;
    }
    qsort(times, QUERIES, sizeof(times[0]), by_time);
    row("search of " MILLION " messages: median", (double)times[QUERIES / 2], "us");
    row("  p95", (double)times[QUERIES * 95 / 100], "us");
    row("  p99", (double)times[QUERIES * 99 / 100], "us");
    row("  rows a query", (double)found / QUERIES, "");
    buf_free(&query);
    querier_close(q);
}

static void bench_index(const char *dir)
{
    CLEANUP(mem_free_p) char *path = fs_join(dir, "tau.db");
    struct err e = ERR_INIT;
    struct buf sql = BUF_OWN;
    sqlite3 *db;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    OK(search_functions(db, &e));
    search_fill(&sql);
    int64_t from = clock_mono_us();
    assert_int_equal(sqlite3_exec(db, buf_cstr(&sql), NULL, NULL, NULL), SQLITE_OK);
    row("index of " MILLION " messages made anew", (double)(clock_mono_us() - from) / 1e6, "s");
    sqlite3_close(db);
    buf_free(&sql);
}

/* A message a transaction, beside a million. */
static void bench_commits(struct store *s)
{
    struct err e = ERR_INIT;
    struct event_ids ids = {.session = "big", .turn = "turn_1"};
    struct buf content = BUF_OWN;
    int64_t last, from = clock_mono_us();
    for (int i = 0; i < COMMITS; i++) {
        buf_clear(&content);
        buf_puts(&content, "[{\"type\":\"text\",\"text\":\"");
        message(i, &content);
        buf_puts(&content, "\"}]");
        struct event *ev = event_new(
            EV_TURN_MESSAGE, &ids,
            &(struct ev_turn_message){.entry = "m", .role = "user", .content = buf_cstr(&content)});
        OK(store_begin(s, &last, &e));
        OK(store_append(s, ev, &e));
        OK(store_commit(s, &e));
        event_unref(ev);
    }
    row("commit of a message, indexed", (double)(clock_mono_us() - from) / COMMITS, "us");
    buf_free(&content);
}

int main(void)
{
    struct err e = ERR_INIT;
    char *dir = test_tmpdir("bench-search");
    struct store *s = NULL;
    struct store_options o = {.dir = dir, .proc = "proc_1"};
    OK(store_open(&s, &o, &e));
    store_close(s);
    million_fill(dir, message);
    bench_index(dir);
    bench_queries(dir);
    OK(store_open(&s, &o, &e));
    bench_commits(s);
    store_close(s);
    OK(fs_remove_tree(dir, &e));
    free(dir);
    return 0;
}
