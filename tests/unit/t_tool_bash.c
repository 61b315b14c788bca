/* SPDX-License-Identifier: MIT
 *
 * bash: results, ends and limits of commands, run for real through tau-exec.
 */
#include "lib/test.h"

#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/thread.h"
#include "lib/tools.h"
#include "text/utf8.h"
#include "tool/builtin.h"
#include "tool/output.h"
#include "json/jsonw.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

static struct tools t;

static int setup(void **state)
{
    (void)state;
    tools_open(&t, "bash", PRESET_BALANCED);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    tools_close(&t);
    return 0;
}

static bool bash(const char *command, struct err *e)
{
    CLEANUP(buf_free) struct buf b = BUF_OWN;
    struct jsonw w = JSONW(&b);
    jsonw_begin_object(&w);
    jsonw_put_cstr(&w, "command", command);
    jsonw_end_object(&w);
    return tools_call(&t, "bash", buf_cstr(&b), e);
}

static void succeeds(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    OK(bash("echo out; echo err >&2; pwd", &e));
    CLEANUP(mem_free_p) char *expected = mem_printf("out\nerr\n%s\n", t.ws);
    assert_string_equal(t.outcome.result, expected);
    assert_int_equal(t.outcome.exit, 0);
    assert_false(t.outcome.truncated);
    assert_null(t.artifact);
    assert_string_equal(t.intent.action, "run echo out; echo err >&2; pwd");
    assert_string_equal(t.intent.command, "echo out; echo err >&2; pwd");
    assert_null(t.intent.cwd);
    assert_int_equal(strncmp(t.outcome.summary, "exit 0 after ", 13), 0);
    CLEANUP(mem_free_p) char *chunks = tools_chunks(&t, false);
    assert_string_equal(chunks, expected);
    assert_true(tools_count(&t, EV_TOOL_OUTPUT_DELTA) > 0);
    OK(bash("true", &e));
    assert_string_equal(t.outcome.result, "[no output]\n");
}

static void exit_status(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    FAILS(bash("echo broken; exit 3", &e), ERR_EXIT_STATUS);
    assert_string_equal(e.message, "exit status 3");
    assert_int_equal(t.outcome.exit, 3);
    assert_string_equal(t.outcome.result, "broken\n");
    FAILS(bash("kill -9 $$", &e), ERR_KILLED);
    assert_int_equal(t.outcome.exit, 137);
    FAILS(bash("no-such-program", &e), ERR_EXIT_STATUS);
    assert_int_equal(t.outcome.exit, 127);
    assert_non_null(strstr(t.outcome.result, "no-such-program"));
}

static void elsewhere(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    tools_mkdir(&t, "a/b");
    tools_put(&t, "file", "");
    OK(tools_call(&t, "bash", "{\"command\":\"pwd\",\"cwd\":\"a/./b\"}", &e));
    assert_non_null(strstr(t.outcome.result, "/ws/a/b\n"));
    assert_string_equal(t.intent.cwd, "a/b");
    FAILS(tools_call(&t, "bash", "{\"command\":\"pwd\",\"cwd\":\"..\"}", &e), ERR_OUTSIDE);
    FAILS(tools_call(&t, "bash", "{\"command\":\"pwd\",\"cwd\":\"none\"}", &e), ERR_NOT_FOUND);
    FAILS(tools_call(&t, "bash", "{\"command\":\"pwd\",\"cwd\":\"file\"}", &e), ERR_NOT_FOUND);
    assert_false(t.intended);
}

/* What the preset says of a command's form, before anybody is asked. */
static void form(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    size_t max = (size_t)policy_limits(t.policy).max_command_length;
    CLEANUP(buf_free) struct buf b = BUF_OWN;
    buf_puts(&b, "true ");
    buf_fill(&b, 'x', max - b.len);
    OK(bash(buf_cstr(&b), &e));
    assert_true(strlen(t.intent.action) < 300);
    assert_string_equal(t.intent.preview, buf_cstr(&b));
    buf_putc(&b, 'x');
    FAILS(bash(buf_cstr(&b), &e), ERR_TOO_LARGE);
    FAILS(bash("echo 1\necho 2", &e), ERR_DENIED);
    FAILS(bash("echo 1\recho 2", &e), ERR_DENIED);
    FAILS(bash(" \t ", &e), ERR_BAD_ARGUMENTS);
    FAILS(tools_call(&t, "bash", "{\"command\":\"true\",\"timeout_ms\":0}", &e), ERR_INVALID);
    FAILS(tools_call(&t, "bash", "{\"command\":[\"true\"]}", &e), ERR_INVALID);
    assert_int_equal(tools_count(&t, EV_TOOL_OUTPUT), 0);
}

static void much_output(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    size_t max = (size_t)policy_limits(t.policy).max_command_output_bytes;
    OK(bash("seq 1 50000", &e));
    assert_true(t.outcome.result_n <= max);
    assert_true(t.outcome.truncated);
    assert_int_equal(strncmp(t.outcome.result, "1\n2\n3\n", 6), 0);
    assert_true(str_ends(str_of(t.outcome.result), "\n49999\n50000\n"));
    assert_non_null(t.artifact);
    assert_non_null(strstr(t.outcome.result, t.artifact));
    assert_int_equal(t.total, 288894);
    const struct event *ev = tools_event(&t, EV_ARTIFACT_CREATED, 0);
    assert_string_equal(EV(ev, artifact_created)->artifact_id, t.artifact);
    size_t n;
    CLEANUP(mem_free_p) char *blob = tools_blob(&t, EV(ev, artifact_created)->sha256, &n);
    assert_int_equal(n, 288894);
    assert_true(str_ends(str_make(blob, n), "\n50000\n"));
    /* Below 64 KiB, but more than the model is given: also whole. */
    tools_forget(&t);
    OK(bash("seq 1 8000", &e));
    assert_true(t.outcome.truncated);
    assert_int_equal(tools_count(&t, EV_ARTIFACT_CREATED), 1);
    CLEANUP(mem_free_p) char *chunks = tools_chunks(&t, false);
    assert_int_equal(strlen(chunks), 38893);
    assert_true(t.outcome.result_n <= max);
}

/* Output without end is ended by us, and what came is kept. */
static void endless_output(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    FAILS(bash("yes", &e), ERR_TOO_LARGE);
    const struct event *ev = tools_event(&t, EV_ARTIFACT_CREATED, 0);
    assert_int_equal(EV(ev, artifact_created)->bytes, OUTPUT_ARTIFACT_MAX);
    assert_true(t.outcome.truncated);
}

static void binary_output(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    OK(bash("printf 'a\\000b\\377c\\342\\202'", &e));
    assert_true(utf8_valid(str_of(t.outcome.result)));
    assert_int_equal(strncmp(t.outcome.result,
                             "a\xEF\xBF\xBD"
                             "b\xEF\xBF\xBD"
                             "c\xEF\xBF\xBD",
                             12),
                     0);
}

/* ---- ends from outside ---- */

static bool gone(const char *pid_text)
{
    int64_t pid = 0;
    return str_i64(str_trim(str_of(pid_text)), &pid) && kill((pid_t)pid, 0) < 0 && errno == ESRCH;
}

static void times_out(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    FAILS(tools_call(&t, "bash",
                     "{\"command\":\"echo before; echo $$ > pid; while :; do sleep 0.1; done\","
                     "\"timeout_ms\":300}",
                     &e),
          ERR_TIMEOUT);
    /* The shell may still say of its child that it was terminated. */
    assert_true(str_starts(str_of(t.outcome.result), "before\n"));
    CLEANUP(mem_free_p) char *pid = tools_get(&t, "pid", NULL);
    assert_true(gone(pid));
    /* The deadline of the call counts too, and output does not put it off. */
    t.deadline_ms = clock_mono_ms() + 300;
    FAILS(bash("while :; do echo x; sleep 0.01; done", &e), ERR_TIMEOUT);
    t.deadline_ms = clock_mono_ms();
    FAILS(bash("sleep 60", &e), ERR_TIMEOUT);
}

static void fire_when_ready(void *arg)
{
    (void)arg;
    tools_wait(&t, EV_TOOL_OUTPUT_DELTA);
    cancel_fire(t.cancel);
}

/* Cancelled with a child in a session of its own, one that forked twice, one in the background. */
static void cancels(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct thread firer;
    OK(thread_start(&firer, "firer", 0, fire_when_ready, NULL, &e));
    bool ok = bash("setsid sh -c 'echo $$ > p1; exec sleep 60' & "
                   "(sh -c 'echo $$ > p2; trap \"\" TERM; sleep 60 & wait' &) ; "
                   "sleep 60 & echo $! > p3; "
                   "while ! [ -s p1 ] || ! [ -s p2 ]; do sleep 0.01; done; echo ready; wait",
                   &e);
    thread_join(&firer);
    FAILS(ok, ERR_CANCELLED);
    assert_string_equal(t.outcome.result, "ready\n");
    static const char *const names[] = {"p1", "p2", "p3"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        CLEANUP(mem_free_p) char *pid = tools_get(&t, names[i], NULL);
        assert_true(gone(pid));
    }
    FAILS(bash("echo never > ran", &e), ERR_CANCELLED); /* the token stays fired */
    assert_false(tools_has(&t, "ran"));
}

/* What a command leaves behind does not outlive it. */
static void left_over(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    OK(bash("sleep 60 & echo $! > pid; echo done", &e));
    assert_string_equal(t.outcome.result, "done\n");
    CLEANUP(mem_free_p) char *pid = tools_get(&t, "pid", NULL);
    assert_true(gone(pid));
    assert_non_null(strstr(t.outcome.summary, "ended what was left running"));
}

static void protected_paths(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    tools_mkdir(&t, ".git");
    tools_put(&t, ".git/config", "[core]\n");
    FAILS(bash("echo '[alias]' >> .git/config", &e), ERR_PROTECTED);
    assert_non_null(strstr(e.message, ".git/config"));
    FAILS(bash("mkdir .tau", &e), ERR_PROTECTED);
    assert_non_null(strstr(e.message, ".tau"));
    OK(bash("cat .git/config", &e));
    /* Also when nobody is left who tells how it ended. */
    FAILS(bash("echo '[include]' >> .git/config; kill -9 $PPID; sleep 60", &e), ERR_PROTECTED);
    assert_non_null(strstr(e.message, ".git/config"));
    assert_non_null(strstr(e.message, "tau-exec"));
}

static void no_sandbox_program(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    tools_lose_exec(true);
    FAILS(bash("true", &e), ERR_SPAWN);
    tools_lose_exec(false);
    OK(bash("true", &e));
}

#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(succeeds),    T(exit_status),    T(elsewhere),       T(form),
        T(much_output), T(endless_output), T(binary_output),   T(times_out),
        T(cancels),     T(left_over),      T(protected_paths), T(no_sandbox_program),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
