/* SPDX-License-Identifier: MIT
 *
 * What each event of calls, questions, jobs and the rest does to the records.
 */
#include "lib/test.h"

#include "base/buf.h"
#include "lib/fold.h"

#include <stdio.h>
#include <stdlib.h>

static bool is(struct body b, const char *text)
{
    return str_is(body_view(b), text);
}

static struct fold with_call(void)
{
    struct fold f = fold_running();
    ADD(&f, TOOL_PROPOSED, tool_proposed, .call_id = "c", .name = "bash", .arguments = "{}");
    return f;
}

static void test_tool(void **state)
{
    (void)state;
    struct fold f = fold_running();
    REFUSES(&f, "tool 'c' is not there", TOOL_STARTED, tool_started, .call_id = "c");
    REFUSES(&f, "tool '' is not named", TOOL_PROPOSED, tool_proposed, .name = "x");
    int64_t proposed = ADD(&f, TOOL_PROPOSED, tool_proposed, .call_id = "c", .name = "bash",
                           .arguments = "{\"command\":\"ls\"}");
    const struct rec_tool *t = FIND(&f, TOOL, tool, "c");
    assert_string_equal(t->status, "proposed");
    assert_string_equal(t->session, "s");
    assert_string_equal(t->turn, "t");
    assert_true(is(t->arguments, "{\"command\":\"ls\"}"));
    assert_int_equal(t->arguments_seq, proposed);
    assert_true(t->exit == I64_NONE);
    assert_string_equal(FIND(&f, ENTRY, entry, "c")->kind, "tool");
    assert_true(FIND(&f, ENTRY, entry, "c")->open);
    REFUSES(&f, "tool 'c' is proposed", TOOL_OUTPUT, tool_output, .part = "c", .text = "x");
    REFUSES(&f, "tool 'c' is proposed", TOOL_COMPLETED, tool_completed, .call_id = "c");
    ADD(&f, TOOL_STARTED, tool_started, .call_id = "c");
    assert_int_equal(FIND(&f, TOOL, tool, "c")->arguments_seq, proposed);
    assert_true(is(FIND(&f, TOOL, tool, "c")->arguments, "{\"command\":\"ls\"}"));
    ADD(&f, TOOL_OUTPUT_DELTA, tool_output_delta, .part = "c", .offset = 0, .text = "a.c b.c");
    ADD(&f, TOOL_OUTPUT, tool_output, .part = "c", .offset = 0, .text = "a.c ");
    assert_true(is(FIND(&f, TOOL, tool, "c")->output, "a.c "));
    assert_int_equal(FIND(&f, TOOL, tool, "c")->bytes, 4);
    assert_true(is(snapshot_live(f.snap, "c")->text, "b.c"));
    ADD(&f, TOOL_OUTPUT, tool_output, .part = "c", .offset = 0, .text = "a"); /* twice */
    assert_int_equal(FIND(&f, TOOL, tool, "c")->bytes, 4);
    int64_t ms = f.ms;
    int64_t ended = ADD(&f, TOOL_COMPLETED, tool_completed, .call_id = "c", .result = "a.c b.c",
                        .summary = "2 files", .bytes = 7, .exit = 0, .truncated = true,
                        .artifact = "art", .files = "[]", .ms = 5);
    t = FIND(&f, TOOL, tool, "c");
    assert_string_equal(t->status, "completed");
    assert_int_equal(t->output.len, 0);
    assert_true(is(t->result, "a.c b.c"));
    assert_int_equal(t->result_seq, ended);
    assert_string_equal(t->summary, "2 files");
    assert_string_equal(t->artifact, "art");
    assert_string_equal(t->files, "[]");
    assert_int_equal(t->bytes, 7);
    assert_int_equal(t->exit, 0);
    assert_true(t->truncated);
    assert_int_equal(t->ended_ms, ms);
    assert_false(FIND(&f, ENTRY, entry, "c")->open);
    assert_int_equal(f.snap->live->n_parts, 0);
    REFUSES(&f, "tool 'c' is completed", TOOL_FAILED, tool_failed, .call_id = "c", .error = "{}");
    fold_done(&f);
}

static void test_tool_edited(void **state)
{
    (void)state;
    struct fold f = with_call();
    int64_t seq = ADD(&f, TOOL_STARTED, tool_started, .call_id = "c", .arguments = "{\"a\":1}");
    assert_true(is(FIND(&f, TOOL, tool, "c")->arguments, "{\"a\":1}"));
    assert_int_equal(FIND(&f, TOOL, tool, "c")->arguments_seq, seq);
    fold_done(&f);
}

static void test_tool_ends(void **state)
{
    (void)state;
    static const char *const statuses[] = {"failed", "timed_out", "cancelled"};
    for (size_t i = 0; i < ARRAY_LEN(statuses); i++) {
        struct fold f = with_call();
        ADD(&f, TOOL_STARTED, tool_started, .call_id = "c");
        ADD(&f, TOOL_OUTPUT, tool_output, .part = "c", .text = "half");
        const char *result = i == 1 ? NULL : "it did not work";
        if (i == 0)
            ADD(&f, TOOL_FAILED, tool_failed, .call_id = "c", .error = "{}", .exit = 2,
                .result = result);
        else if (i == 1)
            ADD(&f, TOOL_TIMED_OUT, tool_timed_out, .call_id = "c", .error = "{}",
                .result = result);
        else
            ADD(&f, TOOL_CANCELLED, tool_cancelled, .call_id = "c", .error = "{}",
                .result = result);
        const struct rec_tool *t = FIND(&f, TOOL, tool, "c");
        assert_string_equal(t->status, statuses[i]);
        assert_string_equal(t->error, "{}");
        assert_int_equal(t->output.len, 0);
        assert_int_equal(t->bytes, 4);
        assert_int_equal(t->result_seq, result ? f.snap->seq : 0);
        assert_true(is(t->result, result ? result : ""));
        assert_true(t->exit == (i == 0 ? 2 : I64_NONE));
        fold_done(&f);
    }
}

/* At most 64 KiB of output stay in the record; the rest is counted. */
static void test_output_limit(void **state)
{
    (void)state;
    enum { KEPT = 64 * 1024 };
    struct fold f = with_call();
    struct buf b = BUF_OWN;
    buf_fill(&b, 'x', EVENT_CHUNK_MAX);
    ADD(&f, TOOL_STARTED, tool_started, .call_id = "c");
    for (int64_t at = 0; at < KEPT - EVENT_CHUNK_MAX; at += EVENT_CHUNK_MAX)
        ADD(&f, TOOL_OUTPUT, tool_output, .part = "c", .offset = at, .text = buf_cstr(&b));
    buf_truncate(&b, EVENT_CHUNK_MAX - 1);
    ADD(&f, TOOL_OUTPUT, tool_output, .part = "c", .offset = KEPT - EVENT_CHUNK_MAX,
        .text = buf_cstr(&b));
    assert_int_equal(FIND(&f, TOOL, tool, "c")->output.len, KEPT - 1);
    ADD(&f, TOOL_OUTPUT, tool_output, .part = "c", .offset = KEPT - 1, .text = "yz");
    assert_int_equal(FIND(&f, TOOL, tool, "c")->output.len, KEPT);
    assert_int_equal(body_view(FIND(&f, TOOL, tool, "c")->output).p[KEPT - 1], 'y');
    assert_int_equal(FIND(&f, TOOL, tool, "c")->bytes, KEPT + 1);
    ADD(&f, TOOL_OUTPUT_DELTA, tool_output_delta, .part = "c", .offset = KEPT + 1, .text = "more");
    assert_true(is(snapshot_live(f.snap, "c")->text, "more"));
    ADD(&f, TOOL_OUTPUT, tool_output, .part = "c", .offset = KEPT + 1, .artifact = "art",
        .bytes = 3);
    assert_int_equal(FIND(&f, TOOL, tool, "c")->output.len, KEPT);
    assert_int_equal(FIND(&f, TOOL, tool, "c")->bytes, KEPT + 4);
    assert_string_equal(FIND(&f, TOOL, tool, "c")->artifact, "art");
    assert_true(is(snapshot_live(f.snap, "c")->text, "e"));
    buf_free(&b);
    fold_done(&f);
}

static void test_turn_must_run(void **state)
{
    (void)state;
    struct fold f = with_call();
    ADD(&f, TURN_FAILED, turn_failed, .error = "{}"); /* its call was forgotten */
    assert_false(FIND(&f, ENTRY, entry, "c")->open);
    REFUSES(&f, "turn 't' is failed", TOOL_STARTED, tool_started, .call_id = "c");
    REFUSES(&f, "turn 't' is failed", TOOL_PROPOSED, tool_proposed, .call_id = "c2");
    REFUSES(&f, "turn 't' is failed", APPROVAL_REQUESTED, approval_requested, .approval_id = "a",
            .call_id = "c");
    ADD(&f, TOOL_CANCELLED, tool_cancelled, .call_id = "c", .error = "{}"); /* it can be closed */
    f.turn = "t2";
    REFUSES(&f, "turn 't2' is not there", TOOL_PROPOSED, tool_proposed, .call_id = "c2");
    ADD(&f, TURN_CREATED, turn_created, .source = "x", .input = "y");
    REFUSES(&f, "turn 't2' is created", TOOL_PROPOSED, tool_proposed, .call_id = "c2");
    f.session = "s2";
    REFUSES(&f, "another session", TURN_STARTED, turn_started, .model = "m");
    fold_done(&f);
}

static void test_approval(void **state)
{
    (void)state;
    struct fold f = with_call();
    REFUSES(&f, "tool 'zz' is not there", APPROVAL_REQUESTED, approval_requested,
            .approval_id = "a", .call_id = "zz");
    REFUSES(&f, "approval 'a' is not there", APPROVAL_EXPIRED, approval_expired,
            .approval_id = "a");
    int64_t seq =
        ADD(&f, APPROVAL_REQUESTED, approval_requested, .approval_id = "a", .call_id = "c",
            .action = "run ls", .risk = "run", .rule = "mode ask", .preview = "ls",
            .session_rule = "bash(ls)", .prefix_rule = "bash(ls *)", .expires_ms = 99);
    const struct rec_approval *p = FIND(&f, APPROVAL, approval, "a");
    assert_string_equal(p->status, "requested");
    assert_string_equal(p->call, "c");
    assert_string_equal(p->turn, "t");
    assert_string_equal(p->rule, "mode ask");
    assert_true(is(p->preview, "ls"));
    assert_int_equal(p->preview_seq, seq);
    assert_int_equal(p->ended_ms, 0);
    assert_string_equal(FIND(&f, TOOL, tool, "c")->approval, "a");
    ADD(&f, APPROVAL_APPROVED, approval_approved, .approval_id = "a", .scope = "session",
        .by = "operator", .rule = "bash(ls)");
    p = FIND(&f, APPROVAL, approval, "a");
    assert_string_equal(p->status, "approved");
    assert_string_equal(p->scope, "session");
    assert_string_equal(p->by, "operator");
    assert_string_equal(p->granted, "bash(ls)");
    assert_true(p->ended_ms > p->requested_ms);
    REFUSES(&f, "approval 'a' is approved", APPROVAL_REJECTED, approval_rejected,
            .approval_id = "a", .by = "x");
    ADD(&f, APPROVAL_REQUESTED, approval_requested, .approval_id = "b", .call_id = "c");
    ADD(&f, APPROVAL_REJECTED, approval_rejected, .approval_id = "b", .by = "operator",
        .reason = "no");
    assert_string_equal(FIND(&f, APPROVAL, approval, "b")->reason, "no");
    ADD(&f, APPROVAL_REQUESTED, approval_requested, .approval_id = "d", .call_id = "c");
    ADD(&f, TURN_FAILED, turn_failed, .error = "{}");
    assert_string_equal(FIND(&f, APPROVAL, approval, "d")->status, "requested");
    ADD(&f, APPROVAL_EXPIRED, approval_expired, .approval_id = "d");
    assert_string_equal(FIND(&f, APPROVAL, approval, "d")->status, "expired");
    fold_done(&f);
}

static void test_job(void **state)
{
    (void)state;
    struct fold f = fold_running();
    struct buf b = BUF_OWN;
    buf_fill(&b, 'x', 1001);
    ADD(&f, JOB_QUEUED, job_queued, .job_id = "j", .command = buf_cstr(&b), .call_id = "c");
    assert_int_equal(strlen(FIND(&f, JOB, job, "j")->command), 1000);
    buf_free(&b);
    REFUSES(&f, "job 'j' is queued", JOB_OUTPUT, job_output, .part = "j", .text = "x");
    ADD(&f, JOB_STARTED, job_started, .job_id = "j", .pid = 42);
    assert_int_equal(FIND(&f, JOB, job, "j")->pid, 42);
    assert_string_equal(FIND(&f, JOB, job, "j")->proc, "proc_a");
    ADD(&f, JOB_OUTPUT_DELTA, job_output_delta, .part = "j", .text = "tick tock");
    ADD(&f, TURN_COMPLETED, turn_completed, .finish_reason = "stop");
    /* It outlives its turn, and so does what it puts out. */
    assert_true(is(snapshot_live(f.snap, "j")->text, "tick tock"));
    assert_null(snapshot_live(f.snap, "j")->turn);
    ADD(&f, JOB_OUTPUT, job_output, .part = "j", .text = "tick ");
    assert_true(is(snapshot_live(f.snap, "j")->text, "tock"));
    ADD(&f, JOB_COMPLETED, job_completed, .job_id = "j", .exit = 143, .signal = 15, .bytes = 9,
        .artifact = "art");
    const struct rec_job *j = FIND(&f, JOB, job, "j");
    assert_string_equal(j->status, "completed");
    assert_int_equal(j->exit, 143);
    assert_int_equal(j->signal, 15);
    assert_int_equal(j->bytes, 9);
    assert_true(is(j->output, "tick "));
    assert_int_equal(f.snap->live->n_parts, 0);
    REFUSES(&f, "job 'j' is completed", JOB_CANCELLED, job_cancelled, .job_id = "j");
    static const char *const ids[] = {"k", "l", "m"};
    for (size_t i = 0; i < ARRAY_LEN(ids); i++) {
        ADD(&f, JOB_QUEUED, job_queued, .job_id = ids[i], .command = "x");
        ADD(&f, JOB_STARTED, job_started, .job_id = ids[i], .pid = 1);
    }
    ADD(&f, JOB_FAILED, job_failed, .job_id = "k", .error = "{\"a\":1}");
    ADD(&f, JOB_TIMED_OUT, job_timed_out, .job_id = "l", .ms = 3);
    ADD(&f, JOB_CANCELLED, job_cancelled, .job_id = "m", .by = "operator");
    assert_string_equal(FIND(&f, JOB, job, "k")->error, "{\"a\":1}");
    assert_string_equal(FIND(&f, JOB, job, "l")->status, "timed_out");
    assert_string_equal(FIND(&f, JOB, job, "m")->by, "operator");
    assert_true(FIND(&f, JOB, job, "m")->exit == I64_NONE);
    fold_done(&f);
}

static void test_misc(void **state)
{
    (void)state;
    struct fold f = fold_running();
    char id[24];
    ADD(&f, ARTIFACT_CREATED, artifact_created, .artifact_id = "art", .path = "out.txt",
        .media_type = "text/plain", .bytes = 9, .sha256 = "00", .diff_stat = "{\"added\":1}");
    const struct rec_artifact *a = FIND(&f, ARTIFACT, artifact, "art");
    assert_string_equal(a->path, "out.txt");
    assert_string_equal(a->turn, "t");
    assert_string_equal(a->diff_stat, "{\"added\":1}");
    REFUSES(&f, "artifact 'art' is there already", ARTIFACT_CREATED, artifact_created,
            .artifact_id = "art");
    const char *rules[] = {"key.aws", "a\"b"};
    int64_t seq = ADD(&f, SAFETY_APPLIED, safety_applied, .stage = "output", .mode = "redact",
                      .blocked = true, .rules = {rules, 2});
    snprintf(id, sizeof(id), "%lld", (long long)seq);
    assert_string_equal(FIND(&f, SAFETY, safety, id)->rules, "[\"key.aws\",\"a\\\"b\"]");
    assert_true(FIND(&f, SAFETY, safety, id)->blocked);
    f.session = f.turn = NULL;
    seq = ADD(&f, ERROR_RAISED, error_raised, .error = "{\"a\":1}");
    snprintf(id, sizeof(id), "%lld", (long long)seq);
    assert_string_equal(FIND(&f, ERROR, error, id)->error, "{\"a\":1}");
    assert_null(FIND(&f, ERROR, error, id)->session);
    ADD(&f, BUS_DEGRADED, bus_degraded, .reason_code = "store_full");
    assert_string_equal(f.snap->degraded, "store_full");
    ADD(&f, BUS_GAP, bus_gap, .from = 1, .to = 2);
    assert_string_equal(f.snap->degraded, "store_full");
    ADD(&f, BUS_DEGRADED, bus_degraded, .reason_code = NULL);
    assert_string_equal(f.snap->degraded, "");
    fold_done(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tool),          cmocka_unit_test(test_tool_edited),
        cmocka_unit_test(test_tool_ends),     cmocka_unit_test(test_output_limit),
        cmocka_unit_test(test_turn_must_run), cmocka_unit_test(test_approval),
        cmocka_unit_test(test_job),           cmocka_unit_test(test_misc),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
