/* SPDX-License-Identifier: MIT
 *
 * Several processes and threads on one store at once: opening it new together, writing at the same
 * time, syncing and reading while another writes, and dying with a transaction open.
 */
#include "lib/test.h"

#include "base/fs.h"
#include "base/thread.h"
#include "store/query.h"
#include "store/store.h"

#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PROCS = 4, COMMITS = 60 };

static char *dir;

static int up(void **state)
{
    (void)state;
    dir = test_tmpdir("procs");
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

static struct store *open_as(int i, struct err *e)
{
    char proc[32];
    struct store *s = NULL;
    snprintf(proc, sizeof(proc), "proc_%d", i);
    struct store_options o = {.dir = dir, .proc = proc};
    return store_open(&s, &o, e) ? s : NULL;
}

/* One transaction: as many events as `n`, the first with the record that counts them. */
static bool write_some(struct store *s, int n, struct err *e)
{
    int64_t last;
    if (!store_begin(s, &last, e))
        return false;
    bool ok = true;
    for (int i = 1; ok && i <= n; i++) {
        struct event *ev =
            event_new(EV_TURN_STEERED, NULL, &(struct ev_turn_steered){.text = "hello"});
        ok = store_append(s, ev, e) && ev->seq == last + i;
        event_unref(ev);
    }
    struct rec *r = rec_new(REC_SESSION, &(struct rec_session){.id = "s", .turns = last + n});
    ok = ok && store_put(s, r, e) && store_commit(s, e);
    rec_unref(r);
    if (!ok)
        store_rollback(s);
    return ok;
}

/* A child's life; its exit status is 0 when all went well. */
static int be_writer(int i)
{
    struct err e = ERR_INIT;
    struct store *s = open_as(i, &e);
    for (int j = 0; s && j < COMMITS; j++)
        if (!write_some(s, 1 + (i + j) % 3, &e) || (j % 10 == 0 && !store_sync(s, &e))) {
            store_close(s);
            s = NULL;
        }
    if (!s)
        fprintf(stderr, "# writer %d: %s\n", i, e.message);
    int status = s ? 0 : 1;
    store_close(s);
    return status;
}

static pid_t start(int (*life)(int), int i)
{
    pid_t pid = fork();
    if (pid == 0)
        _exit(life(i));
    assert_true(pid > 0);
    return pid;
}

static bool count(void *arg, struct event *ev, const char *proc)
{
    int64_t *by_proc = arg;
    int i = proc[5] - '0';
    assert_true(i >= 0 && i < PROCS);
    by_proc[i]++;
    event_unref(ev);
    return true;
}

static void many_write_at_once(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    pid_t pids[PROCS];
    for (int i = 0; i < PROCS; i++)
        pids[i] = start(be_writer, i); /* they make the store together */
    for (int i = 0; i < PROCS; i++) {
        int status = -1;
        assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
        assert_int_equal(status, 0);
    }
    struct store *s = open_as(PROCS, &e);
    OK(s != NULL);
    OK(store_check(s, &e));
    int64_t by_proc[PROCS] = {0}, all = 0;
    OK(store_events(s, 0, INT64_MAX, count, by_proc, &e));
    for (int i = 0; i < PROCS; i++) {
        int64_t expected = 0;
        for (int j = 0; j < COMMITS; j++)
            expected += 1 + (i + j) % 3;
        assert_int_equal(by_proc[i], expected);
        all += expected;
    }
    struct rec *r = NULL;
    OK(store_find(s, REC_SESSION, "s", &r, &e));
    assert_int_equal(REC(r, session)->turns, all);
    rec_unref(r);
    store_close(s);
}

/* Holds the store's write lock until it is killed. */
static int be_stuck(int i)
{
    struct err e = ERR_INIT;
    int64_t last;
    struct store *s = open_as(i, &e);
    if (!s || !write_some(s, 1, &e) || !store_begin(s, &last, &e))
        return 1;
    struct event *ev = event_new(EV_TURN_STEERED, NULL, &(struct ev_turn_steered){.text = "lost"});
    if (!store_append(s, ev, &e))
        return 1;
    if (write(STDOUT_FILENO + 100, "x", 1) != 1)
        return 1;
    for (;;)
        (void)pause();
}

static void a_killed_writer_gives_way(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    int fd[2];
    char one;
    assert_int_equal(pipe2(fd, O_CLOEXEC), 0);
    assert_int_equal(dup2(fd[1], STDOUT_FILENO + 100), STDOUT_FILENO + 100);
    pid_t pid = start(be_stuck, 1);
    assert_int_equal(read(fd[0], &one, 1), 1);
    struct store *s = open_as(2, &e);
    OK(s != NULL);
    assert_false(store_proc_gone(s, "proc_1"));
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    char *lock = fs_join(dir, "proc/proc_1.lock");
    assert_true(fs_exists(lock));
    assert_true(store_proc_gone(s, "proc_1"));
    assert_false(fs_exists(lock));
    assert_true(store_proc_gone(s, "proc_1"));
    free(lock);
    OK(write_some(s, 1, &e));
    int64_t first, last, folded;
    OK(store_range(s, &first, &last, &folded, &e));
    assert_int_equal(last, 2); /* what it did not commit is not there */
    OK(store_check(s, &e));
    store_close(s);
    close(fd[0]);
    close(fd[1]);
    close(STDOUT_FILENO + 100);
}

/* ---- threads ---- */

struct helpers {
    struct store *store;
    atomic_bool stop;
    atomic_int syncs, reads;
};

static void sync_all_the_time(void *arg)
{
    struct helpers *h = arg;
    struct err e = ERR_INIT;
    do {
        OK(store_sync(h->store, &e));
        atomic_fetch_add(&h->syncs, 1);
    } while (!atomic_load(&h->stop));
}

static bool any(void *arg, struct str json)
{
    (void)json;
    ++*(int64_t *)arg;
    return true;
}

/* What a reader sees never goes back, and the rows are those of the seq that it is told. */
static void read_all_the_time(void *arg)
{
    struct helpers *h = arg;
    struct err e = ERR_INIT;
    struct querier *q = querier_open(store_dir(h->store), NULL, &e);
    OK(q != NULL);
    int64_t seen = 0, seq = 0;
    do {
        int64_t rows = 0;
        struct qry_log_page page = {.after = seen};
        OK(querier_run(q, QRY_LOG_PAGE, &page, NULL, any, &rows, &seq, &e));
        assert_true(seq >= seen);
        assert_int_equal(rows, MIN(seq - seen, query_table[QRY_LOG_PAGE].limit));
        seen = seq;
        atomic_fetch_add(&h->reads, 1);
    } while (!atomic_load(&h->stop));
    querier_close(q);
}

static void threads_sync_and_read_meanwhile(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct helpers h = {.store = open_as(0, &e)};
    OK(h.store != NULL);
    struct thread sync = {0}, reader = {0};
    OK(thread_start(&sync, "sync", 0, sync_all_the_time, &h, &e));
    OK(thread_start(&reader, "reader", 0, read_all_the_time, &h, &e));
    for (int i = 0; i < 400 || atomic_load(&h.syncs) < 3 || atomic_load(&h.reads) < 3; i++)
        OK(write_some(h.store, 3, &e));
    atomic_store(&h.stop, true);
    thread_join(&sync);
    thread_join(&reader);
    OK(store_check(h.store, &e));
    store_close(h.store);
}

int main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, up, down)
    const struct CMUnitTest tests[] = {
        T(many_write_at_once),
        T(a_killed_writer_gives_way),
        T(threads_sync_and_read_meanwhile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
