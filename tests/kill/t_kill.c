/* SPDX-License-Identifier: MIT
 *
 * The real tau, killed with SIGKILL at a random system call of a turn with text, reads, writes,
 * edits and a command. Whenever that was, aftermath.h says what must hold, and the conversation goes
 * on. TAU_TEST_SEED repeats a run; TAU_KILLS sets how many kills there are.
 */
#include "lib/test.h"

#include "kill/aftermath.h"
#include "kill/trace.h"

#include "base/fs.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

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

static void run(struct place *p, struct traced *t, const char *level, const char *prompt, long at)
{
    const char *argv[] = {p->tau,     "--model=local/script", p->script_arg, p->store_arg, p->dir_arg,
                          "--mode=auto", level, "--session=test", "--output=events", "-p",
                          prompt,     NULL};
    trace_run(t, argv, (const char *const *)p->env, p->f.workspace, at);
}

/* One life: killed at call `at`, looked at, gone on with. */
static void one_life(const char *level, long at)
{
    struct place p;
    struct traced first, second;
    struct aftermath log;
    place_open(&p, script);
    run(&p, &first, level, "change the files", at);
    char *db = fs_join(p.f.state, "tau.db");
    if (fs_exists(db)) {
        aftermath_read(&log, &p);
        check_shown(&log, buf_view(&first.out));
        check_files(&log, &p);
        aftermath_free(&log);
    }
    run(&p, &second, level, "are you there", 0);
    if (!WIFEXITED(second.status) || WEXITSTATUS(second.status) != 0)
        fail_msg("the next run ended with status %#x", (unsigned)second.status);
    aftermath_read(&log, &p);
    check_shown(&log, buf_view(&first.out));
    check_shown(&log, buf_view(&second.out));
    check_files(&log, &p);
    check_ends(&log);
    aftermath_free(&log);
    free(db);
    buf_free(&first.out);
    buf_free(&second.out);
    place_close(&p);
}

static void count_calls(const char *level, struct traced *t)
{
    struct place p;
    place_open(&p, script);
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
