/* SPDX-License-Identifier: MIT
 *
 * Damaged databases: whichever pages are overwritten, what can be read is had, what is said to be lost is
 * what is not there, and the store works again. Also rows that are found by their pages alone.
 */
#include "lib/test.h"
#include "lib/world.h"

#include "base/clock.h"
#include "base/digest.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/thread.h"
#include "core/refold.h"
#include "core/retain.h"
#include "store/inspect.h"
#include "store/pages.h"
#include "store/salvage.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Each has the whole log read a few times; under the sanitizers there is one of each sort. */
#ifdef __SANITIZE_ADDRESS__
enum { DAMAGES = 12 };
#else
enum { DAMAGES = 24 };
#endif
enum { EVENTS = 1500, PAGE = 4096 };

/* ---- what there was ---- */

struct log {
    char (*sha)[DIGEST_HEX]; /* by seq; empty: no such event */
    int64_t last;
};

static bool note(void *arg, struct event *ev, const char *proc)
{
    struct log *l = arg;
    (void)proc;
    l->sha = mem_grow(l->sha, (size_t)MAX(ev->seq, l->last) + 1, DIGEST_HEX);
    for (; l->last < ev->seq; l->last++)
        l->sha[l->last + 1][0] = '\0';
    digest_hex(ev->data, l->sha[ev->seq]);
    event_unref(ev);
    return true;
}

static struct log read_log(struct store *s)
{
    struct err e = ERR_INIT;
    struct log l = {0};
    OK(store_events(s, 0, INT64_MAX, note, &l, &e));
    return l;
}

/* ---- damage ---- */

static char *path_of(const char *dir)
{
    return fs_join(dir, "tau.db");
}

static void run_sql(const char *dir, const char *sql)
{
    char *path = path_of(dir);
    sqlite3 *db;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    free(path);
}

static int64_t pages_in(const char *dir)
{
    struct stat st;
    char *path = path_of(dir);
    assert_int_equal(stat(path, &st), 0);
    free(path);
    return st.st_size / PAGE;
}

/* What a page becomes: nothing, text, noise, or, if it `may_turn`, itself with some bytes turned, which
 * nobody can tell from what was written when they lie within a text. */
static void damage(struct gen *g, const char *dir, int64_t page, bool may_turn)
{
    unsigned char bytes[PAGE];
    char *path = path_of(dir);
    int fd = open(path, O_RDWR | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(pread(fd, bytes, PAGE, (off_t)(page - 1) * PAGE), PAGE);
    switch (gen_random(g, may_turn ? 4 : 3)) {
    case 0:
        memset(bytes, 0, PAGE);
        break;
    case 1:
        memset(bytes, 'x', PAGE);
        break;
    case 2:
        for (size_t i = 0; i < PAGE; i++)
            bytes[i] = (unsigned char)gen_random(g, 256);
        break;
    default:
        for (size_t i = 0; i < 8; i++)
            bytes[gen_random(g, PAGE)] ^= (unsigned char)(1 + gen_random(g, 255));
    }
    assert_int_equal(pwrite(fd, bytes, PAGE, (off_t)(page - 1) * PAGE), PAGE);
    close(fd);
    free(path);
}

static void copy_file(const char *from, const char *to)
{
    struct err e = ERR_INIT;
    struct buf b = BUF_OWN;
    char *a = path_of(from), *z = path_of(to);
    OK(fs_read_file(a, &b, &e));
    OK(fs_replace(z, buf_view(&b), 0600, &e));
    buf_free(&b);
    free(a);
    free(z);
}

/* ---- mending ---- */

static void count(void *arg, const char *text)
{
    (void)text;
    ++*(int *)arg;
}

static int findings(const char *dir)
{
    struct err e = ERR_INIT;
    struct inspect_log log;
    int n = 0;
    if (!inspect_database(dir, count, &n, &log, &e)) {
        assert_int_equal(e.code, ERR_STORE_DAMAGED);
        n++;
    }
    return n;
}

/* False when nothing could be had. */
static bool mend(struct salvage *s, const char *dir)
{
    struct err e = ERR_INIT;
    struct salvage look;
    char *backup = NULL;
    bool seen = salvage_look(&look, dir, &e);
    e = ERR_INIT;
    if (!salvage_read(s, dir, &e)) {
        assert_int_equal(e.code, ERR_STORE_DAMAGED);
        assert_false(seen);
        salvage_done(&look);
        return false;
    }
    assert_true(seen);
    assert_int_equal(look.events, s->events);
    assert_true(look.lost.n <= s->lost.n); /* it does not look at the copy that pruning left */
    salvage_done(&look);
    OK(refold(s->to, s->last + 1, &e));
    OK(salvage_settle(s, &e));
    OK(salvage_swap(s, &backup, &e));
    assert_true(fs_exists(backup));
    free(backup);
    return true;
}

/* kept: also of what pruning left, where not every number was there. */
static bool is_lost(const struct salvage *s, int64_t seq, bool kept)
{
    for (size_t i = 0; i < s->lost.n; i++)
        if ((kept || !s->lost.v[i].kept) && s->lost.v[i].from <= seq && seq <= s->lost.v[i].to)
            return true;
    return s->edge && seq > s->last;
}

/* Everything that is there is what it was, and what is not there is said to be lost. */
static void assert_log(const struct log *was, struct store *store, const struct salvage *s, bool turned)
{
    struct log is = read_log(store);
    assert_true(turned || is.last <= was->last);
    for (int64_t seq = 1; seq <= was->last; seq++) {
        bool there = seq <= is.last && is.sha[seq][0];
        if (there && !turned && strcmp(is.sha[seq], was->sha[seq]) != 0)
            fail_msg("event %lld is another", (long long)seq);
        /* A bit that turned in a number moves its event. Where pruning left some numbers only, nobody can tell
         * that one of them is missing; in the whole part it is told. */
        bool moved = turned && seq < s->first;
        if (!there && was->sha[seq][0] && !moved && !is_lost(s, seq, true))
            fail_msg("event %lld is gone, and nobody says so", (long long)seq);
        if (there && is_lost(s, seq, false))
            fail_msg("event %lld is there, and said to be lost", (long long)seq);
    }
    free(is.sha);
}

static void assert_works(struct store *s)
{
    struct err e = ERR_INIT;
    int64_t last, first, newest, folded;
    OK(store_check(s, &e));
    OK(store_range(s, &first, &newest, &folded, &e));
    OK(store_begin(s, &last, &e));
    struct event *ev = event_new(EV_TURN_STEERED, NULL, &(struct ev_turn_steered){.text = "hello"});
    OK(store_append(s, ev, &e));
    assert_int_equal(ev->seq, newest + 1);
    event_unref(ev);
    store_rollback(s);
}

static void one(struct world *w, const struct log *was, const char *dir, int pages, bool turned)
{
    struct err e = ERR_INIT;
    struct salvage s = {0};
    OK(fs_remove_tree(dir, &e));
    OK(fs_mkdirs(dir, 0700, &e));
    copy_file(w->dir, dir);
    int64_t n = pages_in(dir);
    for (int i = 0; i < pages; i++)
        damage(w->gen, dir, 1 + (int64_t)gen_random(w->gen, (uint64_t)n), turned);
    if (findings(dir) > 0 && mend(&s, dir)) {
        struct store *store = NULL;
        struct store_options o = {.dir = dir, .proc = "proc_1"};
        assert_int_equal(findings(dir), 0);
        OK(store_open(&store, &o, &e));
        assert_log(was, store, &s, turned);
        assert_works(store);
        if (s.lost.n == 0 && !s.edge && !turned) {
            struct store *own = w->store;
            w->store = store;
            world_assert_law(w);
            w->store = own;
        }
        /* What is shown can be made again from what is there now. */
        OK(store_rebuild(store, &e));
        store_close(store);
        OK(store_open(&store, &o, &e));
        assert_works(store);
        store_close(store);
    }
    salvage_done(&s);
}

static void whichever_pages_are_damaged(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct world w;
    struct retained done;
    world_open(&w, "salvage", test_seed());
    char *dir = fs_join(w.dir, "damaged");
    for (int round = 0; round < 2; round++) {
        while (w.n < EVENTS * (round + 1))
            world_batch(&w);
        if (round == 1) {
            /* A log that was pruned. */
            struct retain_options o = {.dir = w.dir, .keep_ms = 1, .steps = 4};
            clock_freeze(INT64_MAX / 4, 0);
            OK(retain_run(&o, &done, &e));
            clock_freeze(-1, -1);
        }
        run_sql(w.dir, "PRAGMA wal_checkpoint(TRUNCATE)");
        struct log was = read_log(w.store);
        for (int i = 0; i < DAMAGES; i++)
            one(&w, &was, dir, 1 + i % 3, i % 4 == 3);
        free(was.sha);
    }
    free(dir);
    world_close(&w);
}

static void the_end_of_the_log_is_damaged(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct world w;
    struct salvage s = {0};
    world_open(&w, "edge", test_seed());
    while (w.n < 300)
        world_batch(&w);
    run_sql(w.dir, "PRAGMA wal_checkpoint(TRUNCATE)");
    struct log was = read_log(w.store);
    store_close(w.store);
    w.store = NULL;
    /* All that lies behind the first third, index or not. */
    for (int64_t n = pages_in(w.dir), i = 1 + n / 3; i <= n; i++)
        damage(w.gen, w.dir, i, false);
    if (mend(&s, w.dir)) {
        world_reopen(&w);
        assert_log(&was, w.store, &s, false);
        assert_works(w.store);
        /* No number is given that may have been given. */
        int64_t first, last, folded;
        OK(store_range(w.store, &first, &last, &folded, &e));
        assert_true(last >= (s.edge ? was.last : s.last));
    }
    salvage_done(&s);
    free(was.sha);
    world_close(&w);
}

static void nothing_is_left(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct world w;
    struct salvage s;
    world_open(&w, "nothing", test_seed());
    while (w.n < 50)
        world_batch(&w);
    run_sql(w.dir, "PRAGMA wal_checkpoint(TRUNCATE)");
    /* Not while somebody has it open. */
    FAILS(salvage_read(&s, w.dir, &e), ERR_LEASED);
    salvage_done(&s);
    store_close(w.store);
    w.store = NULL;
    char *path = path_of(w.dir);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    char blank[PAGE];
    memset(blank, ' ', PAGE);
    for (int64_t n = pages_in(w.dir), i = 0; i < n; i++)
        assert_int_equal(pwrite(fd, blank, PAGE, (off_t)i * PAGE), PAGE);
    close(fd);
    e = ERR_INIT;
    FAILS(salvage_read(&s, w.dir, &e), ERR_STORE_DAMAGED);
    salvage_done(&s);
    e = ERR_INIT;
    FAILS(salvage_look(&s, w.dir, &e), ERR_STORE_DAMAGED);
    salvage_done(&s);
    free(path);
    world_close(&w);
}

/* ---- others ---- */

static void nobody_else_meanwhile(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct world w;
    struct salvage s, other;
    struct store *store = NULL;
    char *backup = NULL;
    world_open(&w, "others", test_seed());
    while (w.n < 50)
        world_batch(&w);
    store_close(w.store);
    w.store = NULL;
    struct store_options o = {.dir = w.dir, .proc = "proc_1"};
    OK(salvage_read(&s, w.dir, &e));
    FAILS(salvage_read(&other, w.dir, &e), ERR_LEASED);
    salvage_done(&other);
    assert_true(fs_exists(s.to));
    FAILS(store_open(&store, &o, &e), ERR_LEASED);
    e = ERR_INIT;
    OK(refold(s.to, s.last + 1, &e));
    OK(salvage_settle(&s, &e));
    OK(salvage_swap(&s, &backup, &e));
    /* Before its end already: it is whole. */
    OK(store_open(&store, &o, &e));
    store_close(store);
    salvage_done(&s);
    free(backup);
    world_close(&w);
}

struct swap {
    struct thread thread;
    struct salvage *s;
    char **backup;
    struct err *e;
    bool ok;
};

static void swap_there(void *arg)
{
    struct swap *x = arg;
    bool gone = test_take_away(SYS_linkat, EPERM);
#ifdef SYS_link
    gone = gone && test_take_away(SYS_link, EPERM);
#endif
    x->ok = gone && salvage_swap(x->s, x->backup, x->e);
}

static bool swap_without_links(struct salvage *s, char **backup, struct err *e)
{
    struct swap x = {.s = s, .backup = backup, .e = e};
    struct err failed = ERR_INIT;
    assert_true(thread_start(&x.thread, "swaps", 1 << 20, swap_there, &x, &failed));
    thread_join(&x.thread);
    return x.ok;
}

static void what_was_written_meanwhile_is_kept(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct world w;
    struct salvage s;
    char *backup = NULL;
    world_open(&w, "meanwhile", test_seed());
    while (w.n < 50)
        world_batch(&w);
    store_close(w.store);
    w.store = NULL;
    OK(salvage_read(&s, w.dir, &e));
    OK(refold(s.to, s.last + 1, &e));
    OK(salvage_settle(&s, &e));
    /* By one that does not look at the lock. */
    run_sql(w.dir, "INSERT INTO event(seq, ts_ms, proc, kind, json) SELECT seq + 1, ts_ms, proc, kind,"
                   " json FROM event ORDER BY seq DESC LIMIT 1");
    FAILS(salvage_swap(&s, &backup, &e), ERR_CONFLICT);
    int64_t last = s.last;
    salvage_done(&s);
    e = ERR_INIT;
    char *backups = fs_join(w.dir, "backup");
    assert_false(fs_exists(backups));
    /* Once more, and it is in what is read. */
    OK(salvage_read(&s, w.dir, &e));
    assert_int_equal(s.last, last + 1);
    OK(refold(s.to, s.last + 1, &e));
    OK(salvage_settle(&s, &e));
    /* One that is not there is no success, and the damaged one stays, on a file system without hard links, too. */
    char *fresh = path_of(s.to), *damaged = path_of(w.dir);
    int64_t pages = pages_in(w.dir);
    assert_int_equal(unlink(fresh), 0);
    FAILS(salvage_swap(&s, &backup, &e), ERR_STORE);
    assert_int_equal(pages_in(w.dir), pages);
    e = ERR_INIT;
    FAILS(swap_without_links(&s, &backup, &e), ERR_STORE);
    assert_int_equal(pages_in(w.dir), pages);
    e = ERR_INIT;
    salvage_done(&s);
    OK(salvage_read(&s, w.dir, &e));
    OK(refold(s.to, s.last + 1, &e));
    OK(salvage_settle(&s, &e));
    CLEANUP(buf_free) struct buf was = BUF_OWN, kept = BUF_OWN;
    OK(fs_read_file(damaged, &was, &e));
    OK(swap_without_links(&s, &backup, &e));
    OK(fs_read_file(backup, &kept, &e));
    assert_true(str_eq(buf_view(&was), buf_view(&kept)));
    salvage_done(&s);
    free(TAKE(backup));
    free(damaged);
    free(fresh);
    free(backups);
    world_close(&w);
}

/* ---- pages ---- */

struct rows {
    int64_t n, sum, longest;
    bool values;
};

static bool see(void *arg, const struct page_row *row)
{
    struct rows *r = arg;
    if (row->n != 5 || row->v[0].type != PAGE_NULL)
        return true; /* of the table of tables */
    r->n++;
    r->sum += row->rowid;
    r->longest = MAX(r->longest, (int64_t)row->v[4].s.n);
    r->values &= row->v[4].type == PAGE_TEXT && row->v[1].type == PAGE_INT &&
                 row->v[1].i == -row->rowid * 1000003 && row->v[2].type == PAGE_REAL &&
                 row->v[3].type == PAGE_BLOB && row->v[3].s.n == 3 && row->v[4].s.p[0] == 'a';
    return true;
}

static bool stop(void *arg, const struct page_row *row)
{
    (void)row;
    return ++*(int *)arg < 3;
}

/* Rows of every length around the places where they begin to go over pages. */
static void rows_are_found_without_trees(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    static const int sizes[] = {512, 4096, 65536};
    char *dir = test_tmpdir("pages"), *path = path_of(dir);
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        struct rows r = {.values = true};
        int some = 0;
        char *sql = mem_printf(
            "PRAGMA page_size = %d; CREATE TABLE t(a INTEGER PRIMARY KEY, b, c, d, e);"
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1200)"
            " INSERT INTO t SELECT i, -i * 1000003, i + 0.5, x'010203', printf('a%%.*c', i * 7, 'b') FROM n;",
            sizes[i]);
        (void)unlink(path);
        run_sql(dir, sql);
        CLEANUP(fd_close_p) int fd = open(path, O_RDONLY | O_CLOEXEC);
        OK(pages_each(fd, see, &r, &e));
        assert_int_equal(r.n, 1200);
        assert_int_equal(r.sum, 1200 * 1201 / 2);
        assert_int_equal(r.longest, 1200 * 7 + 1);
        assert_true(r.values);
        OK(pages_each(fd, stop, &some, &e));
        assert_int_equal(some, 3);
        free(sql);
    }
    FAILS(pages_each(-1, see, NULL, &e), ERR_STORE);
    OK(fs_remove_tree(dir, &e));
    free(path);
    free(dir);
}

static bool count_rows(void *arg, const struct page_row *row)
{
    *(int *)arg += row->v[0].type == PAGE_INT && row->v[0].i == 7;
    return true;
}

static int rows_of(const char *dir, const char *sql)
{
    struct err e = ERR_INIT;
    char *path = path_of(dir);
    int n = 0;
    (void)unlink(path);
    run_sql(dir, sql);
    CLEANUP(fd_close_p) int fd = open(path, O_RDONLY | O_CLOEXEC);
    OK(pages_each(fd, count_rows, &n, &e));
    free(path);
    return n;
}

/* The first column is 7 in each; the bytes of a row are those of its blob and some of its head. */
static void rows_that_are_too_wide_or_long_are_passed_over(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    char *dir = test_tmpdir("wide");
    for (int more = 0; more < 2; more++) {
        struct buf table = BUF_OWN;
        buf_puts(&table, "CREATE TABLE t(c0");
        for (int i = 1; i < PAGES_COLUMNS_MAX + more; i++)
            buf_printf(&table, ", c%d", i);
        buf_puts(&table, "); INSERT INTO t(c0) VALUES(7)");
        assert_int_equal(rows_of(dir, buf_cstr(&table)), more ? 0 : 1);
        buf_clear(&table);
        /* Head: its own length, a byte for the type of 7, four for that of the blob; then both. */
        buf_printf(&table, "CREATE TABLE t(a, b); INSERT INTO t VALUES(7, zeroblob(%d))",
                   PAGES_ROW_MAX - 7 + more);
        assert_int_equal(rows_of(dir, buf_cstr(&table)), more ? 0 : 1);
        buf_free(&table);
    }
    OK(fs_remove_tree(dir, &e));
    free(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whichever_pages_are_damaged),
        cmocka_unit_test(the_end_of_the_log_is_damaged),
        cmocka_unit_test(nothing_is_left),
        cmocka_unit_test(nobody_else_meanwhile),
        cmocka_unit_test(what_was_written_meanwhile_is_kept),
        cmocka_unit_test(rows_are_found_without_trees),
        cmocka_unit_test(rows_that_are_too_wide_or_long_are_passed_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
