/* SPDX-License-Identifier: MIT
 *
 * b_store: what a commit costs, and how long a store is opened that has a session of 1,000,000
 * messages. One row a measurement: name, value, unit.
 */
#include "bench/million.h"
#include "lib/test.h"

#include "base/clock.h"
#include "base/fs.h"
#include "store/query.h"
#include "store/store.h"

#include <stdio.h>
#include <stdlib.h>

enum { COMMITS = 5000, PAGES = 200 };

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
    row("store opened, " MILLION " messages", (double)(clock_mono_us() - from), "us");
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
    million_fill(dir, NULL);
    bench_large(dir);
    OK(fs_remove_tree(dir, &e));
    free(dir);
    return 0;
}
