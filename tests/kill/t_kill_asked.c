/* SPDX-License-Identifier: MIT
 *
 * The real console on a terminal, with an operator who answers what it asks, killed with SIGKILL at
 * a random system call. What the log says must hold (aftermath.h), a file is changed only after an
 * answer that is on the log, and the guardian gives the terminal back.
 */
#include "lib/test.h"

#include "base/clock.h"
#include "kill/aftermath.h"
#include "kill/watch.h"
#include "lib/vt.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static const char script[] =
    "[{\"text\":\"I will change two files.\"},"
    "{\"call\":{\"name\":\"edit\",\"arguments\":{\"path\":\"a.txt\",\"edits\":"
    "[{\"find\":\"one\",\"replace\":\"two\"}]}}}]\n"
    "[{\"call\":{\"name\":\"write\",\"arguments\":{\"path\":\"b.txt\",\"content\":\"new\\n\"}}}]\n"
    "[{\"text\":\"Both are done.\"}]\n"
    "[{\"text\":\"Still here.\"}]\n";

/* Every system call is stopped at, maybe beside much else. */
enum { LIFE_MS = 120000 };

static struct vt *console(struct place *p)
{
    const char *argv[] = {p->tau,       "--model=local/script", p->script_arg, p->store_arg,
                          p->dir_arg,   "--session=test",       NULL};
    return vt_start(argv, (const char *const *)p->env, 80, 24);
}

/* Types the request and says yes to what is asked, until the turn is done or tau is gone. */
static bool operate(struct vt *v, struct watch *w)
{
    int64_t deadline = clock_mono_ms() + LIFE_MS;
    vt_send(v, "change them\r");
    while (!atomic_load(&w->gone) && clock_mono_ms() < deadline) {
        vt_pump(v, 50);
        if (vt_shows(v, "Both are done."))
            return true;
        if (!vt_shows(v, "y once"))
            continue;
        /* The line takes a letter once it was there, and nothing was typed, for a moment. */
        vt_pump(v, 500);
        if (vt_shows(v, "y once"))
            vt_send(v, "y");
        vt_pump(v, 400);
    }
    return false;
}

/* Files change only after an answer that is on the log. */
static void check_answered(const struct aftermath *log)
{
    int started = 0, approved = 0;
    for (size_t i = 0; i < log->v.n; i++) {
        if (log->v.v[i]->kind == EV_APPROVAL_APPROVED)
            approved++;
        if (log->v.v[i]->kind == EV_TOOL_STARTED)
            started++;
        assert_true(started <= approved);
    }
}

static long one_life(long at)
{
    struct place p;
    struct watch w;
    struct aftermath log;
    place_open(&p, script);
    struct vt *v = console(&p);
    vt_expect(v, "Enter send");
    pid_t tau = vt_child_of(vt_pid(v));
    assert_true(tau > 0);
    watch_start(&w, tau, at);
    if (w.refused) {
        watch_end(&w);
        vt_free(v);
        place_close(&p);
        return -1;
    }
    bool done = operate(v, &w);
    if (at <= 0)
        assert_true(done);
    long calls = atomic_load(&w.calls);
    if (!atomic_load(&w.gone))
        kill(tau, SIGKILL);
    watch_end(&w);
    int status = vt_end(v);
    /* The guardian ends as tau did, and leaves the screen as it was. */
    assert_true(WIFSIGNALED(status) || WIFEXITED(status));
    assert_false(vt_alternate(v));
    assert_true(vt_cursor_visible(v));
    vt_free(v);

    aftermath_read(&log, &p);
    check_files(&log, &p);
    check_answered(&log);
    aftermath_free(&log);

    /* The next one closes what was open, and the conversation goes on. */
    v = console(&p);
    vt_expect(v, "Enter send");
    vt_send(v, "are you there\r");
    vt_expect(v, "are you there");
    vt_send(v, ":q\r");
    vt_end(v);
    vt_free(v);
    aftermath_read(&log, &p);
    check_files(&log, &p);
    check_ends(&log);
    aftermath_free(&log);
    place_close(&p);
    return calls;
}

static void test_kills(void **state)
{
    (void)state;
    const char *n = getenv("TAU_KILLS");
    int kills = n && strtol(n, NULL, 10) > 0 ? (int)strtol(n, NULL, 10) : 4;
    uint64_t seed = test_seed();
    long calls = one_life(0);
    if (calls < 0) {
        printf("# not run: this user may not trace tau, which is not dumpable\n");
        skip();
    }
    printf("# %ld system calls in a whole life, %d kills\n", calls, kills);
    for (int i = 0; i < kills; i++) {
        long at = 1 + (long)(test_random(&seed) % (uint64_t)calls);
        printf("# kill %d at call %ld\n", i, at);
        fflush(stdout);
        one_life(at);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_kills)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
