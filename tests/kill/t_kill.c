/* SPDX-License-Identifier: MIT
 *
 * The real tau, killed with SIGKILL at a random system call of a turn with text, reads, writes,
 * edits and a command. Then, whenever that was:
 *
 *  - every durable event that it had printed is in the log, byte for byte;
 *  - the log has no hole, and the projections are the fold of the log;
 *  - a file that changed has a tool.started on the log and a copy of what it was;
 *  - the next process closes what was left open: every turn ends once, no fact was illegal;
 *  - the conversation goes on.
 *
 * TAU_TEST_SEED repeats a run; TAU_KILLS sets how many kills there are.
 */
#include "lib/test.h"

#include "kill/trace.h"
#include "lib/core.h"

#include "base/digest.h"
#include "base/fs.h"
#include "base/mem.h"
#include "state/reduce.h"
#include "store/blob.h"
#include "store/store.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static const char script[] =
    "[{\"text\":\"I will look at the files and then change them. \",\"chunk\":8},"
    "{\"call\":{\"name\":\"ls\",\"arguments\":{}}},"
    "{\"call\":{\"name\":\"read\",\"arguments\":{\"path\":\"a.txt\"}}}]\n"
    "[{\"text\":\"Now the changes.\"},"
    "{\"call\":{\"name\":\"edit\",\"arguments\":{\"path\":\"a.txt\",\"edits\":"
    "[{\"find\":\"one\",\"replace\":\"two\"}]}}},"
    "{\"call\":{\"name\":\"write\",\"arguments\":{\"path\":\"b.txt\",\"content\":\"new\\n\"}}}]\n"
    "[{\"call\":{\"name\":\"bash\",\"arguments\":{\"command\":"
    "\"printf three > c.txt; printf x >> a.txt\"}}}]\n"
    "[{\"reasoning\":\"that is all\"},{\"text\":\"Done.\"}]\n"
    "[{\"text\":\"Still here.\"}]\n";

static const struct {
    const char *path, *before;
} files[] = {{"a.txt", "one\n"}, {"b.txt", "old\n"}, {"c.txt", "two\n"}};

struct place {
    struct fixture f;
    char *tau, *store_arg, *dir_arg, *script_arg;
    char *env[4];
};

static void place_open(struct place *p)
{
    const char *build = getenv("top_builddir");
    fixture_open(&p->f, "kill", script);
    for (size_t i = 0; i < ARRAY_LEN(files); i++)
        fixture_write(&p->f, files[i].path, files[i].before);
    p->tau = mem_printf("%s/tau", build ? build : ".");
    p->store_arg = mem_printf("--store-dir=%s", p->f.state);
    p->dir_arg = mem_printf("--directory=%s", p->f.workspace);
    p->script_arg = mem_printf("--script=%s", p->f.script);
    p->env[0] = mem_printf("XDG_CONFIG_HOME=%s", p->f.config);
    p->env[1] = mem_printf("HOME=%s", p->f.dir);
    p->env[2] = NULL;
}

static void place_close(struct place *p)
{
    free(p->tau);
    free(p->store_arg);
    free(p->dir_arg);
    free(p->script_arg);
    free(p->env[0]);
    free(p->env[1]);
    fixture_close(&p->f);
}

static void run(struct place *p, struct traced *t, const char *level, const char *prompt, long at)
{
    const char *argv[] = {p->tau,     "--model=local/script", p->script_arg, p->store_arg, p->dir_arg,
                          "--mode=auto", level, "--session=test", "--output=events", "-p",
                          prompt,     NULL};
    trace_run(t, argv, (const char *const *)p->env, p->f.workspace, at);
}

/* ---- what the log says ---- */

struct log {
    VEC(struct event *) v;
    struct draft *fold;
};

static bool add_event(void *arg, struct event *ev, const char *proc)
{
    struct log *log = arg;
    assert_int_equal(ev->seq, log->v.n + 1);
    draft_reduce(log->fold, ev, proc);
    VEC_PUSH(&log->v, ev);
    return true;
}

static void load_record(void *arg, struct rec *r)
{
    draft_load(arg, r);
}

/* Reads the whole log and holds the projections against its fold. */
static void log_read(struct log *log, struct place *p)
{
    struct err e = ERR_INIT;
    struct store *store;
    struct store_options so = {.dir = p->f.state, .proc = "proc_reader"};
    int64_t first, last, folded, before;
    struct snapshot *empty = snapshot_empty();
    *log = (struct log){.fold = draft_new(empty)};
    OK(store_open(&store, &so, &e));
    OK(store_check(store, &e));
    OK(store_range(store, &first, &last, &folded, &e));
    OK(store_events(store, 0, last, add_event, log, &e));
    assert_int_equal(log->v.n, last);
    struct draft *loaded = draft_new(empty);
    for (int kind = 0; kind < REC_COUNT; kind++) {
        OK(store_load(store, (enum rec_kind)kind, NULL, load_record, loaded, &before, &e));
        draft_load_before(loaded, (enum rec_kind)kind, before);
    }
    struct snapshot *a = draft_finish(log->fold, last);
    struct snapshot *b = draft_finish(loaded, last);
    struct buf x = BUF_OWN;
    struct buf y = BUF_OWN;
    snapshot_write(a, UINT32_MAX, false, &x);
    snapshot_write(b, UINT32_MAX, false, &y);
    assert_string_equal(buf_cstr(&x), buf_cstr(&y));
    buf_free(&x);
    buf_free(&y);
    snapshot_unref(a);
    snapshot_unref(b);
    snapshot_unref(empty);
    store_close(store);
}

static void log_free(struct log *log)
{
    for (size_t i = 0; i < log->v.n; i++)
        event_unref(log->v.v[i]);
    free(log->v.v);
}

/* ---- what must hold ---- */

static void check_shown(const struct log *log, struct str out)
{
    struct str line;
    while (str_line(&out, &line)) {
        struct err e = ERR_INIT;
        struct event *ev = event_parse(line, &e);
        if (!ev)
            break; /* the line that was being written */
        if (ev->seq) {
            struct buf b = BUF_OWN;
            assert_true(ev->seq <= (int64_t)log->v.n);
            event_write(log->v.v[ev->seq - 1], &b);
            assert_int_equal(b.len, line.n);
            assert_memory_equal(b.data, line.p, line.n);
            buf_free(&b);
        }
        event_unref(ev);
    }
}

/* A copy with this digest is named by some tool.started, and is there. */
static bool copy_kept(const struct log *log, struct place *p, const char *path, const char *before)
{
    char sha[DIGEST_HEX];
    digest_hex(str_of(before), sha);
    for (size_t i = 0; i < log->v.n; i++) {
        const struct event *ev = log->v.v[i];
        const char *copies = ev->kind == EV_TOOL_STARTED ? EV(ev, tool_started)->copies : NULL;
        struct err e = ERR_INIT;
        if (!copies || !strstr(copies, path) || !strstr(copies, sha))
            continue;
        int fd = blob_open(p->f.state, sha, &e);
        if (fd >= 0)
            close(fd);
        return fd >= 0;
    }
    return false;
}

static void check_files(const struct log *log, struct place *p)
{
    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        char *now = fixture_read(&p->f, files[i].path);
        if (!now)
            fail_msg("%s is gone", files[i].path);
        if (strcmp(now, files[i].before) != 0 && !copy_kept(log, p, files[i].path, files[i].before))
            fail_msg("%s changed, and no call has a copy of what it was", files[i].path);
        free(now);
    }
}

static void check_ends(const struct log *log)
{
    VEC(const char *) created = {0};
    for (size_t i = 0; i < log->v.n; i++) {
        const struct event *ev = log->v.v[i];
        assert_int_not_equal(ev->kind, EV_ERROR_RAISED);
        if (ev->kind == EV_TURN_CREATED)
            VEC_PUSH(&created, ev->ids.turn);
    }
    for (size_t c = 0; c < created.n; c++) {
        int ends = 0;
        for (size_t i = 0; i < log->v.n; i++) {
            const struct event *ev = log->v.v[i];
            bool end = ev->kind == EV_TURN_COMPLETED || ev->kind == EV_TURN_FAILED ||
                       ev->kind == EV_TURN_TIMED_OUT || ev->kind == EV_TURN_CANCELLED ||
                       ev->kind == EV_TURN_BLOCKED;
            ends += end && strcmp(ev->ids.turn, created.v[c]) == 0;
        }
        assert_int_equal(ends, 1);
    }
    free(created.v);
}

/* One life: killed at call `at`, looked at, gone on with. */
static void one_life(const char *level, long at)
{
    struct place p;
    struct traced first, second;
    struct log log;
    place_open(&p);
    run(&p, &first, level, "change the files", at);
    char *db = fs_join(p.f.state, "tau.db");
    if (fs_exists(db)) {
        log_read(&log, &p);
        check_shown(&log, buf_view(&first.out));
        check_files(&log, &p);
        log_free(&log);
    }
    run(&p, &second, level, "are you there", 0);
    if (!WIFEXITED(second.status) || WEXITSTATUS(second.status) != 0)
        fail_msg("the next run ended with status %#x", (unsigned)second.status);
    log_read(&log, &p);
    check_shown(&log, buf_view(&first.out));
    check_shown(&log, buf_view(&second.out));
    check_files(&log, &p);
    check_ends(&log);
    log_free(&log);
    free(db);
    buf_free(&first.out);
    buf_free(&second.out);
    place_close(&p);
}

static void count_calls(const char *level, struct traced *t)
{
    struct place p;
    place_open(&p);
    run(&p, t, level, "change the files", 0);
    assert_true(WIFEXITED(t->status));
    assert_int_equal(WEXITSTATUS(t->status), 0);
    char *now = fixture_read(&p.f, "a.txt");
    /* A life that changes nothing would prove nothing. */
    assert_non_null(strstr(now, "two"));
    free(now);
    buf_free(&t->out);
    place_close(&p);
}

/* Every second kill comes where a file is being replaced: there an order that is wrong shows. */
static long choose(const struct traced *whole, int i, uint64_t state)
{
    uint64_t r = test_random(&state);
    if (i % 2 == 0 || whole->n_marks == 0)
        return 1 + (long)(r % (uint64_t)whole->calls);
    return MAX(whole->marks[r % whole->n_marks] + (long)(r / 1000 % 7) - 2, 1);
}

static void kills(const char *level, int n)
{
    uint64_t seed = test_seed();
    struct traced whole;
    count_calls(level, &whole);
    printf("# %s: %ld system calls in a whole life, %d kills\n", level, whole.calls, n);
    for (int i = 0; i < n; i++) {
        long at = choose(&whole, i, seed + (uint64_t)i);
        printf("# kill %d at call %ld\n", i, at);
        fflush(stdout);
        one_life(level, at);
    }
}

static int wanted(void)
{
    const char *n = getenv("TAU_KILLS");
    int64_t value;
    return n && str_i64(str_of(n), &value) && value > 0 ? (int)value : 16;
}

static void test_kills(void **state)
{
    (void)state;
    kills("--sandbox=auto", wanted());
}

static void test_kills_without_sandbox(void **state)
{
    (void)state;
    kills("--sandbox=none", wanted() / 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kills),
        cmocka_unit_test(test_kills_without_sandbox),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
