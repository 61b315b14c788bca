/* SPDX-License-Identifier: MIT
 *
 * Snapshots are bounded, shared and written the same way each time.
 */
#include "lib/test.h"

#include "base/buf.h"
#include "base/mem.h"
#include "lib/fold.h"
#include "lib/gen.h"
#include "json/json.h"

#include <stdio.h>
#include <stdlib.h>

static void name(char out[32], const char *prefix, size_t i)
{
    snprintf(out, 32, "%s%zu", prefix, i);
}

/* One ended record of the kind, in f->session and f->turn. */
static void add_ended(struct fold *f, enum rec_kind kind, size_t i)
{
    char id[32];
    name(id, "x", i);
    switch (kind) {
    case REC_SESSION: {
        const char *session = f->session;
        f->session = id;
        ADD(f, SESSION_CREATED, session_created, .name = id);
        f->session = session;
        break;
    }
    case REC_TURN: {
        const char *turn = f->turn;
        f->turn = id;
        ADD(f, TURN_CREATED, turn_created, .source = "x", .input = "y");
        ADD(f, TURN_STARTED, turn_started, .provider = "p", .model = "m");
        ADD(f, TURN_COMPLETED, turn_completed, .finish_reason = "stop");
        f->turn = turn;
        break;
    }
    case REC_ENTRY:
        ADD(f, TURN_STEERED, turn_steered, .text = id);
        ADD(f, TURN_PULLED, turn_pulled, .steer = f->snap->seq); /* what waits does not leave */
        break;
    case REC_MESSAGE:
        ADD(f, TURN_MESSAGE, turn_message, .entry = id, .role = "tool", .content = "[]");
        break;
    case REC_BRANCH:
        ADD(f, SESSION_HEAD_MOVED, session_head_moved, .how = "move");
        break;
    case REC_MARK:
        ADD(f, SESSION_MARKED, session_marked, .name = id, .entry = "entry");
        break;
    case REC_TOOL:
        ADD(f, TOOL_PROPOSED, tool_proposed, .call_id = id, .name = "ls");
        ADD(f, TOOL_FAILED, tool_failed, .call_id = id, .error = "{}");
        break;
    case REC_APPROVAL:
        ADD(f, APPROVAL_REQUESTED, approval_requested, .approval_id = id, .call_id = "call");
        ADD(f, APPROVAL_EXPIRED, approval_expired, .approval_id = id);
        break;
    case REC_ARTIFACT:
        ADD(f, ARTIFACT_CREATED, artifact_created, .artifact_id = id, .path = "p");
        break;
    case REC_JOB:
        ADD(f, JOB_QUEUED, job_queued, .job_id = id, .command = "x");
        ADD(f, JOB_CANCELLED, job_cancelled, .job_id = id);
        break;
    case REC_TASK:
        ADD(f, TASK_CREATED, task_created, .task_id = id, .title = "x", .by = "y");
        ADD(f, TASK_COMPLETED, task_completed, .task_id = id);
        break;
    case REC_MEMORY: {
        char entry[64];
        snprintf(entry, sizeof(entry), "{\"id\":\"%s\",\"summary\":\"x\"}", id);
        ADD(f, MEMORY_WRITTEN, memory_written, .entry = entry);
        break;
    }
    case REC_SAFETY:
        ADD(f, SAFETY_APPLIED, safety_applied, .stage = "input", .mode = "warn");
        break;
    case REC_ERROR:
        ADD(f, ERROR_RAISED, error_raised, .error = "{}");
        break;
    case REC_COUNT:
        break;
    }
}

static size_t ended(const struct section *s, const char *session)
{
    size_t n = 0;
    for (size_t i = 0; i < s->n; i++) {
        const char *own = rec_session(s->v[i]);
        n += rec_ended(s->v[i]) && (!own || !session || strcmp(own, session) == 0);
    }
    return n;
}

/* As many ended ones as the table says stay, one more pushes the oldest out; live ones always stay,
 * and another session has its own share. */
static void test_bounded(void **state)
{
    (void)state;
    for (int k = 0; k < REC_COUNT; k++) {
        enum rec_kind kind = (enum rec_kind)k;
        struct fold f = fold_running();
        ADD(&f, SESSION_LEASED, session_leased, .proc = "me");
        ADD(&f, TOOL_PROPOSED, tool_proposed, .call_id = "call", .name = "ls");
        ADD(&f, JOB_QUEUED, job_queued, .job_id = "job", .command = "x");
        ADD(&f, APPROVAL_REQUESTED, approval_requested, .approval_id = "appr", .call_id = "call");
        const struct section *s = f.snap->sections[kind];
        size_t live = s->n - ended(s, NULL);
        size_t keep = rec_table[kind].keep;
        while (ended(f.snap->sections[kind], "s") < keep)
            add_ended(&f, kind, f.snap->sections[kind]->n);
        assert_int_equal(f.snap->sections[kind]->n, keep + live);
        assert_int_equal(f.snap->sections[kind]->before, 0);
        char *oldest = NULL;
        s = f.snap->sections[kind];
        for (size_t i = s->n; i > 0; i--)
            if (rec_ended(s->v[i - 1])) {
                free(oldest);
                oldest = mem_strdup(rec_key(s->v[i - 1]));
            }
        add_ended(&f, kind, 1000);
        s = f.snap->sections[kind];
        assert_int_equal(s->n, keep + live);
        assert_int_equal(s->before, 1);
        assert_null(snapshot_find(f.snap, kind, oldest));
        free(oldest);
        static const struct {
            enum rec_kind kind;
            const char *key;
        } live_ones[] = {{REC_SESSION, "s"}, {REC_TURN, "t"},        {REC_TOOL, "call"},
                         {REC_JOB, "job"},   {REC_APPROVAL, "appr"}, {REC_ENTRY, "call"}};
        /* Where a branch begins the transcript does, too. */
        for (size_t i = 0; i < ARRAY_LEN(live_ones) - (kind == REC_BRANCH); i++)
            assert_non_null(snapshot_find(f.snap, live_ones[i].kind, live_ones[i].key));
        if (rec_table[kind].session >= 0) {
            f.session = "s2";
            f.turn = "t2";
            ADD(&f, SESSION_CREATED, session_created, .name = "two");
            ADD(&f, TURN_CREATED, turn_created, .source = "x", .input = "y");
            ADD(&f, TURN_STARTED, turn_started, .provider = "p", .model = "m");
            ADD(&f, TOOL_PROPOSED, tool_proposed, .call_id = "call2", .name = "ls");
            if (kind != REC_APPROVAL)
                add_ended(&f, kind, 2000);
            assert_int_equal(f.snap->sections[kind]->before, 1);
            assert_int_equal(ended(f.snap->sections[kind], "s"), keep);
        }
        fold_done(&f);
    }
}

/* A session that leaves takes with it all that was in it, unless something goes on in it. */
static void test_session_leaves(void **state)
{
    (void)state;
    struct fold f = fold_running();
    size_t keep = rec_table[REC_SESSION].keep;
    ADD(&f, TURN_STEERED, turn_steered, .text = "x");
    for (size_t i = 0; i < keep + 5; i++)
        add_ended(&f, REC_SESSION, i);
    assert_int_equal(f.snap->sections[REC_SESSION]->n, keep);
    assert_non_null(snapshot_find(f.snap, REC_SESSION, "s")); /* its turn runs */
    assert_non_null(snapshot_find(f.snap, REC_TURN, "t"));
    assert_int_equal(f.snap->sections[REC_SESSION]->before, 6);
    ADD(&f, TURN_COMPLETED, turn_completed, .finish_reason = "stop");
    assert_non_null(snapshot_find(f.snap, REC_SESSION, "s")); /* no more than may stay */
    const struct section *jobs = f.snap->sections[REC_JOB];
    add_ended(&f, REC_SESSION, 1000);
    assert_null(snapshot_find(f.snap, REC_SESSION, "s"));
    assert_null(snapshot_find(f.snap, REC_TURN, "t"));
    assert_int_equal(f.snap->sections[REC_ENTRY]->n, 0);
    assert_int_equal(f.snap->sections[REC_ENTRY]->before, 1);
    assert_int_equal(f.snap->sections[REC_TURN]->before, 1);
    assert_ptr_equal(f.snap->sections[REC_JOB], jobs); /* it had none */
    fold_done(&f);
}

/* Many small logs over one another: the ended ones never pass what may stay. */
static void test_bounded_always(void **state)
{
    (void)state;
    struct gen *g = gen_new(test_seed());
    struct snapshot *s = snapshot_empty();
    for (int i = 0; i < 4000; i++) {
        struct event *ev = gen_next(g);
        struct draft *d = draft_new(s);
        draft_reduce(d, ev, NULL);
        snapshot_unref(s);
        s = draft_finish(d, gen_seq(g));
        event_unref(ev);
        for (int k = 0; k < REC_COUNT; k++)
            assert_true(ended(s->sections[k], NULL) <=
                        rec_table[k].keep * MAX(s->sections[REC_SESSION]->n, (size_t)1));
    }
    gen_free(g);
    snapshot_unref(s);
}

static char *written(const struct snapshot *s, uint32_t sections, bool live)
{
    struct buf b = BUF_OWN;
    snapshot_write(s, sections, live, &b);
    return buf_take(&b);
}

static void test_write(void **state)
{
    (void)state;
    struct snapshot *s = snapshot_empty();
    char *text = written(s, 0, false);
    assert_string_equal(text, "{\"seq\":0}");
    free(text);
    text = written(s, 1u << REC_TOOL | 1u << REC_ERROR, true);
    assert_string_equal(text, "{\"seq\":0,\"tools\":{\"before\":0,\"items\":[]},\"errors\":"
                              "{\"before\":0,\"items\":[]},\"live\":{\"parts\":[],\"phases\":[]}}");
    free(text);
    snapshot_unref(s);
    struct fold f = fold_empty();
    ADD(&f, SESSION_CREATED, session_created, .name = "work");
    ADD(&f, TURN_CREATED, turn_created, .source = "console", .input = "hi");
    ADD(&f, TURN_STARTED, turn_started, .provider = "p", .model = "m");
    ADD(&f, TURN_TEXT_DELTA, turn_text_delta, .part = "part", .text = "an\"swer");
    ADD(&f, TURN_PHASE_ENTERED, turn_phase_entered, .phase = "stream");
    ADD(&f, BUS_DEGRADED, bus_degraded, .reason_code = "store_full");
    text = written(f.snap, 1u << REC_TURN, true);
    assert_string_equal(
        text,
        "{\"seq\":3,\"turns\":{\"before\":0,\"items\":[{\"id\":\"t\",\"session\":\"s\",\"status\":"
        "\"running\",\"source\":\"console\",\"input\":\"hi\",\"provider\":\"p\",\"model\":\"m\","
        "\"proc\":\"proc_a\",\"created_ms\":1001,\"started_ms\":1002}]},\"degraded\":\"store_"
        "full\","
        "\"live\":{\"parts\":[{\"session\":\"s\",\"turn\":\"t\",\"part\":\"part\",\"kind\":"
        "\"turn.text_delta\",\"offset\":0,\"text\":\"an\\\"swer\"}],\"phases\":[{\"turn\":\"t\","
        "\"phase\":\"stream\",\"since_ms\":1004}]}}");
    free(text);
    fold_done(&f);
}

/* Whatever is in it, what is written is JSON, all of it. */
static void test_write_random(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct gen *g = gen_new(test_seed());
    struct snapshot *s = snapshot_empty();
    for (int i = 0; i < 20; i++) {
        struct draft *d = draft_new(s);
        for (int k = 0; k < 50; k++) {
            struct event *ev = gen_next(g);
            draft_reduce(d, ev, "proc");
            event_unref(ev);
        }
        snapshot_unref(s);
        s = draft_finish(d, gen_seq(g));
        char *text = written(s, UINT32_MAX, true);
        CLEANUP(json_free_p) struct json *j = json_parse(str_of(text), &e);
        OK(j != NULL);
        for (int k = 0; k < REC_COUNT; k++) {
            const struct json *section = json_get(j, rec_table[k].section);
            assert_int_equal(json_len(json_get(section, "items")), s->sections[k]->n);
        }
        assert_int_equal(json_i64(json_get(j, "seq"), -1), gen_seq(g));
        free(text);
    }
    snapshot_unref(s);
    gen_free(g);
}

/* What is read back from the store stands behind what is there, and is not marked changed. */
static void test_load(void **state)
{
    (void)state;
    struct fold f = fold_running();
    struct draft *d = draft_new(f.snap);
    const struct rec *const *changed;
    draft_load(d, rec_new(REC_SESSION, &(struct rec_session){.id = "old", .name = "old"}));
    draft_load(d, rec_new(REC_SESSION, &(struct rec_session){.id = "s", .name = "stale"}));
    draft_load_before(d, REC_SESSION, 7);
    draft_load_before(d, REC_TOOL, 0);
    assert_int_equal(draft_changed(d, &changed), 0);
    struct snapshot *s = draft_finish(d, 9);
    assert_int_equal(s->seq, 9);
    assert_int_equal(s->version, f.snap->version + 1);
    assert_int_equal(s->sections[REC_SESSION]->n, 2);
    assert_int_equal(s->sections[REC_SESSION]->before, 7);
    assert_string_equal(rec_key(s->sections[REC_SESSION]->v[1]), "old");
    assert_string_equal(REC(snapshot_find(s, REC_SESSION, "s"), session)->name, "work");
    assert_ptr_equal(s->sections[REC_TOOL], f.snap->sections[REC_TOOL]);
    assert_ptr_equal(s->live, f.snap->live);
    assert_null(snapshot_find(s, REC_SESSION, "nobody"));
    assert_null(snapshot_find(s, REC_SESSION, NULL));
    assert_null(snapshot_live(s, "nobody"));
    assert_null(snapshot_phase(s, "nobody"));
    snapshot_unref(s);
    snapshot_unref(NULL);
    fold_done(&f);
}

static void test_degraded(void **state)
{
    (void)state;
    struct snapshot *s = snapshot_empty();
    struct draft *d = draft_new(s);
    char longest[200];
    memset(longest, 'x', sizeof(longest) - 1);
    longest[sizeof(longest) - 1] = '\0';
    draft_degraded(d, longest);
    snapshot_unref(s);
    s = draft_finish(d, 0);
    assert_int_equal(strlen(s->degraded), sizeof(s->degraded) - 1);
    d = draft_new(s);
    snapshot_unref(s);
    draft_degraded(d, "");
    s = draft_finish(d, 0);
    assert_string_equal(s->degraded, "");
    snapshot_unref(s);
    draft_drop(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bounded),        cmocka_unit_test(test_session_leaves),
        cmocka_unit_test(test_bounded_always), cmocka_unit_test(test_write),
        cmocka_unit_test(test_write_random),   cmocka_unit_test(test_load),
        cmocka_unit_test(test_degraded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
