/* SPDX-License-Identifier: MIT
 *
 * jobs: background commands and the four tools that work with them.
 */
#include "lib/test.h"

#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"
#include "lib/tools.h"
#include "tool/output.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static struct tools t;

static int setup(void **state)
{
    (void)state;
    tools_open(&t, "jobs", PRESET_BALANCED);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    tools_close(&t);
    return 0;
}

/* Starts a job; the caller frees its id. */
static char *start(const char *arguments)
{
    struct err e = ERR_INIT;
    OK(tools_call(&t, "jobs_create", arguments, &e));
    struct str result = str_of(t.outcome.result);
    assert_true(str_starts(result, "started job_"));
    return mem_strndup(result.p + 8, (size_t)str_index(result, ';') - 8);
}

static bool about(const char *tool, const char *id, struct err *e)
{
    CLEANUP(mem_free_p) char *args = mem_printf("{\"job_id\":\"%s\"}", id);
    return tools_call(&t, tool, args, e);
}

static void wait_for(const char *id)
{
    assert_true(jobs_wait(t.jobs, id, NULL, clock_mono_ms() + 60000));
}

static void completes(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    CLEANUP(mem_free_p) char *id = start("{\"command\":\"echo out; echo err >&2; exit 4\"}");
    assert_string_equal(t.intent.action, "run in the background: echo out; echo err >&2; exit 4");
    const struct event *ev = tools_wait(&t, EV_JOB_COMPLETED);
    assert_string_equal(EV(ev, job_completed)->job_id, id);
    assert_int_equal(EV(ev, job_completed)->exit, 4);
    assert_int_equal(EV(ev, job_completed)->bytes, 8);
    assert_null(EV(ev, job_completed)->artifact);
    assert_string_equal(ev->ids.session, "sess_test");
    assert_null(ev->ids.turn); /* a job outlives its turn */
    ev = tools_event(&t, EV_JOB_QUEUED, 0);
    assert_string_equal(EV(ev, job_queued)->command, "echo out; echo err >&2; exit 4");
    assert_string_equal(EV(ev, job_queued)->call_id, "call_test");
    ev = tools_event(&t, EV_JOB_STARTED, 0);
    assert_true(EV(ev, job_started)->pid > 0);
    CLEANUP(mem_free_p) char *chunks = tools_chunks(&t, true);
    assert_string_equal(chunks, "out\nerr\n");
    wait_for(id);
    OK(about("jobs_status", id, &e));
    assert_non_null(strstr(t.outcome.result, "completed with exit 4"));
    assert_true(str_ends(str_of(t.outcome.result), "\nout\nerr\n"));
    OK(tools_call(&t, "jobs_list", "{}", &e));
    assert_non_null(strstr(t.outcome.result, id));
    OK(tools_call(&t, "jobs_list", "{\"status\":\"running\"}", &e));
    assert_string_equal(t.outcome.result, "[no jobs]\n");
    assert_int_equal(jobs_running(t.jobs), 0);
}

static void from_bash(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    tools_mkdir(&t, "sub");
    OK(tools_call(&t, "bash", "{\"command\":\"pwd\",\"background\":true,\"cwd\":\"sub\"}", &e));
    assert_int_equal(strncmp(t.outcome.result, "started job_", 12), 0);
    tools_wait(&t, EV_JOB_COMPLETED);
    CLEANUP(mem_free_p) char *chunks = tools_chunks(&t, true);
    assert_true(str_ends(str_of(chunks), "/ws/sub\n"));
}

/* Arguments and variables arrive as they are, and policy is shown the command that they make. */
static void arguments(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    CLEANUP(mem_free_p)
    char *id = start("{\"command\":\"printf\",\"args\":[\"%s|\",\"plain\",\"two "
                     "words\",\"it's\",\"$HOME\",\"\"],"
                     "\"env\":{\"A_1\":\"x y\"}}");
    assert_string_equal(t.intent.command,
                        "A_1='x y' printf '%s|' plain 'two words' 'it'\\''s' '$HOME' ''");
    tools_wait(&t, EV_JOB_COMPLETED);
    CLEANUP(mem_free_p) char *chunks = tools_chunks(&t, true);
    assert_string_equal(chunks, "plain|two words|it's|$HOME||");
    FAILS(tools_call(&t, "jobs_create", "{\"command\":\"true\",\"env\":{\"A B\":\"x\"}}", &e),
          ERR_BAD_ARGUMENTS);
    FAILS(tools_call(&t, "jobs_create", "{\"command\":\"true\",\"env\":{\"A\":1}}", &e),
          ERR_BAD_ARGUMENTS);
    FAILS(tools_call(&t, "jobs_create", "{\"command\":\"true\",\"env\":[]}", &e),
          ERR_BAD_ARGUMENTS);
    FAILS(tools_call(&t, "jobs_create", "{\"command\":\"true\",\"cwd\":\"..\"}", &e), ERR_OUTSIDE);
    FAILS(tools_call(&t, "jobs_create", "{\"command\":\"a\\nb\"}", &e), ERR_DENIED);
    assert_int_equal(tools_count(&t, EV_JOB_QUEUED), 1);
}

static bool gone(const char *file)
{
    int64_t pid = 0;
    CLEANUP(mem_free_p) char *text = tools_get(&t, file, NULL);
    return str_i64(str_trim(str_of(text)), &pid) && kill((pid_t)pid, 0) < 0 && errno == ESRCH;
}

static void cancels(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    CLEANUP(mem_free_p)
    char *id = start("{\"command\":\"setsid sh -c 'echo $$ > pid; exec sleep 60' & "
                     "while ! [ -s pid ]; do sleep 0.01; done; echo ready; wait\"}");
    tools_wait(&t, EV_JOB_OUTPUT_DELTA);
    OK(about("jobs_status", id, &e));
    assert_non_null(strstr(t.outcome.result, "running"));
    assert_non_null(strstr(t.outcome.result, "\nready\n"));
    OK(tools_call(&t, "jobs_list", "{\"status\":\"running\"}", &e));
    assert_non_null(strstr(t.outcome.result, id));
    OK(about("jobs_cancel", id, &e));
    assert_non_null(strstr(t.outcome.result, "was stopped: cancelled"));
    assert_true(gone("pid"));
    const struct event *ev = tools_wait(&t, EV_JOB_CANCELLED);
    assert_string_equal(EV(ev, job_cancelled)->by, "turn:turn_test");
    OK(about("jobs_cancel", id, &e));
    assert_non_null(strstr(t.outcome.result, "had ended already: cancelled"));
    assert_int_equal(tools_count(&t, EV_JOB_CANCELLED), 1);
    FAILS(about("jobs_cancel", "job_none", &e), ERR_NOT_FOUND);
    FAILS(about("jobs_status", "job_none", &e), ERR_NOT_FOUND);
}

static void times_out(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    CLEANUP(mem_free_p)
    char *id = start("{\"command\":\"echo $$ > pid; sleep 60\",\"timeout_ms\":300}");
    tools_wait(&t, EV_JOB_TIMED_OUT);
    wait_for(id);
    assert_true(gone("pid"));
    OK(about("jobs_status", id, &e));
    assert_non_null(strstr(t.outcome.result, "timed_out"));
}

static void much_output(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    CLEANUP(mem_free_p) char *id = start("{\"command\":\"seq 1 50000\"}");
    const struct event *ev = tools_wait(&t, EV_JOB_COMPLETED);
    assert_int_equal(EV(ev, job_completed)->bytes, 288894);
    const struct event *made = tools_event(&t, EV_ARTIFACT_CREATED, 0);
    assert_string_equal(EV(made, artifact_created)->artifact_id, EV(ev, job_completed)->artifact);
    assert_int_equal(EV(made, artifact_created)->bytes, 288894);
    wait_for(id);
    CLEANUP(mem_free_p)
    char *args = mem_printf("{\"job_id\":\"%s\",\"output_preview_bytes\":13}", id);
    OK(tools_call(&t, "jobs_status", args, &e));
    assert_true(str_ends(str_of(t.outcome.result), "output]\n49999\n50000\n"));
    assert_non_null(strstr(t.outcome.result, EV(ev, job_completed)->artifact));
    free(TAKE(args));
    args = mem_printf("{\"job_id\":\"%s\",\"output_preview_bytes\":0}", id);
    OK(tools_call(&t, "jobs_status", args, &e));
    assert_true(str_ends(str_of(t.outcome.result), ": seq 1 50000\n")); /* how it is, and no more */
    free(TAKE(args));
    args = mem_printf("{\"job_id\":\"%s\",\"output_preview_bytes\":16001}", id);
    FAILS(tools_call(&t, "jobs_status", args, &e), ERR_INVALID);
}

/* A job that the log does not take is not run. */
static void no_journal(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    t.sink_fails = true;
    FAILS(tools_call(&t, "jobs_create", "{\"command\":\"echo > ran\"}", &e), ERR_STORE);
    assert_int_equal(jobs_running(t.jobs), 0);
    assert_false(tools_has(&t, "ran"));
    t.sink_fails = false;
}

static void no_program(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    tools_lose_exec(true);
    CLEANUP(mem_free_p) char *id = start("{\"command\":\"true\"}");
    const struct event *ev = tools_wait(&t, EV_JOB_FAILED);
    assert_non_null(strstr(EV(ev, job_failed)->error, "spawn_failed"));
    wait_for(id);
    tools_lose_exec(false);
    OK(about("jobs_status", id, &e));
    assert_non_null(strstr(t.outcome.result, "failed"));
}

/* Another session neither sees nor stops it. */
static void other_session(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    CLEANUP(mem_free_p) char *id = start("{\"command\":\"sleep 60\"}");
    t.session = "sess_other";
    FAILS(about("jobs_status", id, &e), ERR_NOT_FOUND);
    FAILS(about("jobs_cancel", id, &e), ERR_NOT_FOUND);
    OK(tools_call(&t, "jobs_list", "{}", &e));
    assert_string_equal(t.outcome.result, "[no jobs]\n");
    assert_true(jobs_cancel(t.jobs, id, "operator"));
    const struct event *ev = tools_wait(&t, EV_JOB_CANCELLED);
    assert_string_equal(EV(ev, job_cancelled)->by, "operator");
}

static void at_most(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    char *ids[JOBS_MAX];
    for (int i = 0; i < JOBS_MAX; i++)
        ids[i] = start("{\"command\":\"sleep 60\"}");
    FAILS(tools_call(&t, "jobs_create", "{\"command\":\"sleep 60\"}", &e), ERR_OVERLOADED);
    assert_int_equal(jobs_running(t.jobs), JOBS_MAX);
    OK(tools_call(&t, "jobs_list", "{\"limit\":5}", &e));
    assert_non_null(strstr(t.outcome.result, "[and 27 older]"));
    OK(about("jobs_cancel", ids[0], &e));
    free(start("{\"command\":\"sleep 60\"}"));
    for (int i = 0; i < JOBS_MAX; i++)
        free(ids[i]);
    /* What still runs ends with the table. */
    jobs_free(t.jobs);
    assert_int_equal(tools_count(&t, EV_JOB_CANCELLED), JOBS_MAX + 1);
    t.jobs = jobs_new();
}

static void old_ones_are_forgotten(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    tools_lose_exec(true); /* they end at once */
    CLEANUP(mem_free_p) char *first = start("{\"command\":\"true\"}");
    wait_for(first);
    for (int i = 1; i < JOBS_ENDED_MAX; i++) {
        char *id = start("{\"command\":\"true\"}");
        wait_for(id);
        free(id);
    }
    OK(about("jobs_status", first, &e));
    CLEANUP(mem_free_p) char *last = start("{\"command\":\"true\"}");
    wait_for(last);
    FAILS(about("jobs_status", first, &e), ERR_NOT_FOUND);
    OK(about("jobs_status", last, &e));
    tools_lose_exec(false);
}

#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

/* When tau ends none runs and none starts; a turn that has not ended yet may still ask. */
static void stopped(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    CLEANUP(mem_free_p) char *id = start("{\"command\":\"sleep 60\"}");
    jobs_stop(t.jobs);
    const struct event *ev = tools_wait(&t, EV_JOB_CANCELLED);
    assert_string_equal(EV(ev, job_cancelled)->by, "shutdown");
    assert_int_equal(jobs_running(t.jobs), 0);
    FAILS(tools_call(&t, "jobs_create", "{\"command\":\"true\"}", &e), ERR_SHUTTING_DOWN);
    OK(about("jobs_status", id, &e));
    assert_non_null(strstr(t.outcome.result, "cancelled"));
    jobs_stop(t.jobs);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(completes),
        T(from_bash),
        T(arguments),
        T(cancels),
        T(times_out),
        T(much_output),
        T(no_journal),
        T(no_program),
        T(other_session),
        T(at_most),
        T(old_ones_are_forgotten),
        T(stopped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
