/* SPDX-License-Identifier: MIT
 *
 * What each event of sessions and turns does to the records.
 */
#include "lib/test.h"

#include "base/buf.h"
#include "lib/fold.h"
#include "lib/parses.h"

#include <stdio.h>
#include <math.h>
#include <stdlib.h>

static void test_session(void **state)
{
    (void)state;
    struct fold f = fold_empty();
    f.turn = NULL;
    REFUSES(&f, "session 's' is not there", SESSION_RENAMED, session_renamed, .name = "x");
    REFUSES(&f, "session 's' is not there", TURN_CREATED, turn_created, .input = "x");
    ADD(&f, SESSION_CREATED, session_created, .name = "work");
    REFUSES(&f, "there already", SESSION_CREATED, session_created, .name = "x");
    const struct rec_session *s = FIND(&f, SESSION, session, "s");
    assert_string_equal(s->name, "work");
    assert_int_equal(s->created_ms, 1000);
    assert_int_equal(s->updated_ms, 1000);
    ADD(&f, SESSION_LEASED, session_leased, .proc = "proc_b");
    assert_string_equal(FIND(&f, SESSION, session, "s")->proc, "proc_b");
    assert_int_equal(FIND(&f, SESSION, session, "s")->updated_ms, 1000);
    ADD(&f, SESSION_LEASED, session_leased, .proc = NULL);
    assert_null(FIND(&f, SESSION, session, "s")->proc);
    ADD(&f, SESSION_RENAMED, session_renamed, .name = "play");
    assert_string_equal(FIND(&f, SESSION, session, "s")->name, "play");
    ADD(&f, SESSION_HEAD_MOVED, session_head_moved, .entry = "msg_1");
    assert_string_equal(FIND(&f, SESSION, session, "s")->head, "msg_1");
    ADD(&f, SESSION_HEAD_MOVED, session_head_moved, .entry = NULL);
    assert_null(FIND(&f, SESSION, session, "s")->head);
    ADD(&f, SESSION_ARCHIVED, session_archived);
    assert_true(FIND(&f, SESSION, session, "s")->archived);
    f.session = "s2";
    ADD(&f, SESSION_FORKED, session_forked, .from = "s", .name = "two", .entry = "msg_1");
    assert_string_equal(FIND(&f, SESSION, session, "s2")->from, "s");
    assert_string_equal(FIND(&f, SESSION, session, "s2")->head, "msg_1");
    f.session = "s3";
    ADD(&f, SESSION_IMPORTED, session_imported, .name = "three", .source = "file", .entries = 7);
    assert_int_equal(FIND(&f, SESSION, session, "s3")->entries, 0);
    f.session = "s4";
    ADD(&f, SESSION_CREATED, session_created, .name = "import of file", .source = "file");
    assert_true(FIND(&f, SESSION, session, "s4")->partial);
    ADD(&f, SESSION_IMPORTED, session_imported, .name = "four", .source = "file", .entries = 7);
    assert_false(FIND(&f, SESSION, session, "s4")->partial);
    assert_string_equal(FIND(&f, SESSION, session, "s4")->name, "four");
    f.session = "s5";
    REFUSES(&f, "session 's5' is not there", SESSION_RESTORING, session_restoring, .files = "[]");
    REFUSES(&f, "session 's5' is not there", SESSION_RESTORED, session_restored);
    fold_done(&f);
}

static void test_life(void **state)
{
    (void)state;
    struct fold f = fold_empty();
    ADD(&f, SESSION_CREATED, session_created, .name = "work");
    REFUSES(&f, "turn 't' is not there", TURN_STARTED, turn_started, .model = "m");
    ADD(&f, TURN_CREATED, turn_created, .source = "console", .input = "do it");
    assert_string_equal(FIND(&f, TURN, turn, "t")->status, "created");
    assert_string_equal(FIND(&f, TURN, turn, "t")->proc, "proc_a");
    assert_int_equal(FIND(&f, SESSION, session, "s")->turns, 1);
    REFUSES(&f, "turn 't' is created", TURN_CREATED, turn_created, .input = "x");
    REFUSES(&f, "turn 't' is created", TURN_TEXT, turn_text, .part = "p", .text = "x");
    ADD(&f, TURN_QUEUED, turn_queued, .position = 3);
    assert_int_equal(FIND(&f, TURN, turn, "t")->position, 3);
    ADD(&f, TURN_PHASE_ENTERED, turn_phase_entered, .phase = "queue");
    assert_string_equal(snapshot_phase(f.snap, "t")->phase, "queue");
    int64_t ms = f.ms;
    ADD(&f, TURN_STARTED, turn_started, .provider = "local", .model = "script");
    const struct rec_turn *t = FIND(&f, TURN, turn, "t");
    assert_string_equal(t->status, "running");
    assert_string_equal(t->provider, "local");
    assert_string_equal(t->model, "script");
    assert_int_equal(t->position, 0);
    assert_int_equal(t->started_ms, ms);
    ADD(&f, TURN_PROVIDER_REQUESTED, turn_provider_requested, .attempt = 1);
    ADD(&f, TURN_RETRYING, turn_retrying, .attempt = 1, .reason_code = "timed_out");
    ADD(&f, TURN_FELL_BACK, turn_fell_back, .from = "local/script", .to = "openai/org/m");
    ADD(&f, TURN_PROVIDER_REQUESTED, turn_provider_requested, .attempt = 2);
    t = FIND(&f, TURN, turn, "t");
    assert_int_equal(t->requests, 2);
    assert_int_equal(t->retries, 1);
    assert_string_equal(t->provider, "openai");
    assert_string_equal(t->model, "org/m");
    ADD(&f, TURN_FELL_BACK, turn_fell_back, .from = "m", .to = "small");
    assert_string_equal(FIND(&f, TURN, turn, "t")->provider, "openai");
    assert_string_equal(FIND(&f, TURN, turn, "t")->model, "small");
    ADD(&f, TURN_FELL_BACK, turn_fell_back, .from = "small", .to = "/m");
    assert_string_equal(FIND(&f, TURN, turn, "t")->provider, "openai");
    assert_string_equal(FIND(&f, TURN, turn, "t")->model, "/m");
    ADD(&f, TURN_USAGE_REPORTED, turn_usage_reported, .input = 100, .output = 20, .cost_usd = 0.5);
    ADD(&f, TURN_USAGE_REPORTED, turn_usage_reported, .input = 10, .output = 2, .cost_usd = 0.25);
    ADD(&f, TURN_CONTEXT_MEASURED, turn_context_measured, .used = 900, .window = 1000);
    assert_int_equal(FIND(&f, SESSION, session, "s")->context_used, 900);
    ADD(&f, TURN_COMPACTED, turn_compacted, .before = 900, .after = 300);
    t = FIND(&f, TURN, turn, "t");
    const struct rec_session *s = FIND(&f, SESSION, session, "s");
    assert_int_equal(t->input_tokens, 110);
    assert_int_equal(t->output_tokens, 22);
    assert_true(t->cost_usd == 0.75 && s->cost_usd == 0.75);
    assert_int_equal(s->input_tokens, 110);
    assert_int_equal(s->output_tokens, 22);
    assert_int_equal(s->context_used, 300);
    assert_int_equal(s->context_window, 1000);
    ms = f.ms;
    ADD(&f, TURN_COMPLETED, turn_completed, .finish_reason = "stop");
    t = FIND(&f, TURN, turn, "t");
    assert_string_equal(t->status, "completed");
    assert_string_equal(t->finish_reason, "stop");
    assert_int_equal(t->ended_ms, ms);
    assert_int_equal(f.snap->sections[REC_ENTRY]->n, 0);
    assert_null(snapshot_phase(f.snap, "t"));
    REFUSES(&f, "turn 't' is completed", TURN_TEXT, turn_text, .part = "p", .text = "x");
    REFUSES(&f, "turn 't' is completed", TURN_FAILED, turn_failed, .error = "{}");
    REFUSES(&f, "turn 't' is completed", TURN_PHASE_ENTERED, turn_phase_entered, .phase = "tool");
    fold_done(&f);
}

/* A log of another program may say anything. */
static void test_numbers_past_any(void **state)
{
    (void)state;
    struct fold f = fold_running();
    for (int i = 0; i < 3; i++)
        FORCE(&f, TURN_USAGE_REPORTED, turn_usage_reported, .input = INT64_MAX, .output = INT64_MAX - 1,
              .cost_usd = 1e308);
    FORCE(&f, TURN_USAGE_REPORTED, turn_usage_reported, .input = INT64_MIN, .output = -1, .cost_usd = -1e308);
    const struct rec_turn *t = FIND(&f, TURN, turn, "t");
    const struct rec_session *s = FIND(&f, SESSION, session, "s");
    assert_true(t->input_tokens == INT64_MAX && s->input_tokens == INT64_MAX);
    assert_true(t->output_tokens == INT64_MAX && s->output_tokens == INT64_MAX);
    assert_true(isfinite(t->cost_usd) && isfinite(s->cost_usd) && t->cost_usd > 1);
    FORCE(&f, TURN_STEERED, turn_steered, .text = "x");
    f.session = "s2";
    FORCE(&f, SESSION_FORKED, session_forked, .from = "s", .name = "two", .entry = "msg_1",
          .lineage = "[[\"s\",0,1,0,9223372036854775807],[\"s\",0,1,-9223372036854775808,9223372036854775807]]");
    s = FIND(&f, SESSION, session, "s2");
    assert_true(s->kept_n == INT64_MAX && s->entries == INT64_MAX);
    f.turn = "t2";
    FORCE(&f, TURN_CREATED, turn_created, .source = "console", .input = "do it");
    assert_true(FIND(&f, SESSION, session, "s2")->entries == INT64_MAX);
    fold_done(&f);
}

/* What was asked is kept up to 200 bytes, and never half a character. */
static void test_input(void **state)
{
    (void)state;
    static const struct {
        size_t a;
        const char *rest;
        size_t kept;
    } rows[] = {{199, "", 199},  {200, "", 200},   {201, "", 200},
                {198, "ä", 200}, {199, "äx", 199}, {197, "🙂x", 197}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct fold f = fold_empty();
        struct buf b = BUF_OWN;
        buf_fill(&b, 'a', rows[i].a);
        buf_puts(&b, rows[i].rest);
        ADD(&f, SESSION_CREATED, session_created, .name = "work");
        ADD(&f, TURN_CREATED, turn_created, .source = "x", .input = buf_cstr(&b));
        const char *input = FIND(&f, TURN, turn, "t")->input;
        assert_int_equal(strlen(input), rows[i].kept);
        assert_memory_equal(input, b.data, rows[i].kept);
        buf_free(&b);
        fold_done(&f);
    }
}

static const char *body_text(const struct fold *f, const char *entry)
{
    static char out[4096];
    struct str s = body_view(FIND(f, ENTRY, entry, entry)->body);
    snprintf(out, sizeof(out), "%.*s", STR_ARG(s));
    return out;
}

static const char *live_text(const struct fold *f, const char *part)
{
    static char out[4096];
    const struct live_part *p = snapshot_live(f->snap, part);
    if (!p)
        return "none";
    snprintf(out, sizeof(out), "%lld:%.*s", (long long)p->offset, STR_ARG(body_view(p->text)));
    return out;
}

static void chunk(struct fold *f, const char *part, int64_t offset, const char *text)
{
    ADD(f, TURN_TEXT, turn_text, .part = part, .offset = offset, .text = text);
}

static void delta(struct fold *f, const char *part, int64_t offset, const char *text)
{
    ADD(f, TURN_TEXT_DELTA, turn_text_delta, .part = part, .offset = offset, .text = text);
}

static void test_chunks(void **state)
{
    (void)state;
    struct fold f = fold_running();
    chunk(&f, "p", 0, "hello");
    const struct rec_entry *e = FIND(&f, ENTRY, entry, "p");
    assert_string_equal(e->kind, "text");
    assert_string_equal(e->session, "s");
    assert_string_equal(e->turn, "t");
    assert_true(e->open);
    assert_int_equal(e->n, 1);
    assert_int_equal(e->body_seq, 0);
    assert_int_equal(FIND(&f, SESSION, session, "s")->entries, 1);
    struct rec_entry before = *e;
    struct body old = body_ref(before.body);
    chunk(&f, "p", 5, " world");
    assert_string_equal(body_text(&f, "p"), "hello world");
    assert_ptr_equal(FIND(&f, ENTRY, entry, "p")->body.buf, old.buf); /* went on in place */
    body_unref(old);
    chunk(&f, "p", 5, " world"); /* twice */
    chunk(&f, "p", 0, "hel");
    chunk(&f, "p", 6, "world!"); /* half of it is there */
    assert_string_equal(body_text(&f, "p"), "hello world!");
    chunk(&f, "p", 20, "?"); /* a hole is not filled */
    assert_string_equal(body_text(&f, "p"), "hello world!?");
    chunk(&f, "p", -1, "x");
    assert_string_equal(body_text(&f, "p"), "hello world!?");
    ADD(&f, TURN_REASONING, turn_reasoning, .part = "q", .text = "hm");
    assert_string_equal(FIND(&f, ENTRY, entry, "q")->kind, "reasoning");
    assert_int_equal(FIND(&f, ENTRY, entry, "q")->n, 2);
    fold_done(&f);
}

static void test_live(void **state)
{
    (void)state;
    struct fold f = fold_running();
    const struct section *sections[REC_COUNT];
    memcpy(sections, f.snap->sections, sizeof(sections));
    delta(&f, "p", 0, "hel");
    assert_memory_equal(sections, f.snap->sections, sizeof(sections)); /* nothing but live */
    assert_string_equal(live_text(&f, "p"), "0:hel");
    assert_int_equal(snapshot_live(f.snap, "p")->kind, EV_TURN_TEXT_DELTA);
    assert_string_equal(snapshot_live(f.snap, "p")->session, "s");
    assert_string_equal(snapshot_live(f.snap, "p")->turn, "t");
    delta(&f, "p", 3, "lo");
    delta(&f, "p", 3, "lo");
    delta(&f, "p", 1, "ello wo");
    assert_string_equal(live_text(&f, "p"), "0:hello wo");
    chunk(&f, "p", 0, "hello");
    assert_string_equal(live_text(&f, "p"), "5: wo");
    chunk(&f, "p", 5, " wor"); /* more than was live */
    assert_string_equal(live_text(&f, "p"), "9:");
    delta(&f, "p", 8, "rld");
    assert_string_equal(live_text(&f, "p"), "9:ld");
    delta(&f, "p", 20, "gap"); /* begins anew there */
    assert_string_equal(live_text(&f, "p"), "20:gap");
    delta(&f, "p", -5, "x");
    delta(&f, "p", INT64_MAX, "x");
    assert_string_equal(live_text(&f, "p"), "20:gap");
    /* A first delta that chunks hold in part already. */
    chunk(&f, "q", 0, "abcd");
    delta(&f, "q", 2, "cd");
    assert_string_equal(live_text(&f, "q"), "none");
    delta(&f, "q", 2, "cdef");
    assert_string_equal(live_text(&f, "q"), "4:ef");
    fold_done(&f);
}

/* The older snapshot keeps its live text while the newer one goes on. */
static void test_live_shared(void **state)
{
    (void)state;
    struct fold f = fold_running();
    delta(&f, "p", 0, "one");
    struct fold old = {.snap = snapshot_ref(f.snap)};
    delta(&f, "p", 3, " two");
    delta(&f, "q", 0, "other");
    assert_string_equal(live_text(&old, "p"), "0:one");
    assert_string_equal(live_text(&old, "q"), "none");
    assert_string_equal(live_text(&f, "p"), "0:one two");
    chunk(&f, "p", 0, "one two");
    assert_string_equal(live_text(&old, "p"), "0:one");
    assert_string_equal(live_text(&f, "p"), "7:");
    fold_done(&f);
    fold_done(&old);
}

/* At LIVE_TEXT_MAX nothing more is taken, and a chunk makes room again. */
static void test_live_limit(void **state)
{
    (void)state;
    enum { MOST = 1 << 20 };
    struct fold f = fold_running();
    struct buf b = BUF_OWN;
    buf_fill(&b, 'x', MOST);
    delta(&f, "p", 0, buf_cstr(&b));
    assert_int_equal(snapshot_live(f.snap, "p")->text.len, MOST);
    delta(&f, "p", MOST, "y");
    assert_int_equal(snapshot_live(f.snap, "p")->text.len, MOST);
    chunk(&f, "p", 0, "xx");
    delta(&f, "p", MOST, "yy");
    assert_int_equal(snapshot_live(f.snap, "p")->text.len, MOST);
    assert_int_equal(snapshot_live(f.snap, "p")->offset, 2);
    buf_free(&b);
    fold_done(&f);
}

static void message(struct fold *f, const char *role, const char *content)
{
    ADD(f, TURN_MESSAGE, turn_message, .entry = "msg", .role = role, .content = content);
}

static void test_message_user(void **state)
{
    (void)state;
    struct fold f = fold_running();
    int64_t seq = f.snap->seq + 1;
    message(&f, "user",
            "[{\"type\":\"text\",\"part\":\"a\",\"text\":\"one\"},"
            "{\"type\":\"image\",\"artifact\":\"x\"},{\"type\":\"text\",\"part\":\"b\",\"text\":"
            "\"two\"},{\"type\":\"text\",\"text\":\"three\"}]");
    assert_int_equal(f.snap->sections[REC_ENTRY]->n, 3);
    assert_string_equal(FIND(&f, ENTRY, entry, "a")->kind, "user");
    assert_string_equal(body_text(&f, "a"), "one");
    assert_int_equal(FIND(&f, ENTRY, entry, "a")->body_seq, seq);
    assert_false(FIND(&f, ENTRY, entry, "a")->open);
    assert_int_equal(FIND(&f, ENTRY, entry, "b")->n, 2);
    assert_string_equal(body_text(&f, "msg/3"), "three");
    assert_string_equal(FIND(&f, SESSION, session, "s")->head, "msg");
    assert_int_equal(FIND(&f, SESSION, session, "s")->entries, 3);
    message(&f, "tool", "[{\"type\":\"tool_result\",\"call_id\":\"c\",\"is_error\":false}]");
    assert_int_equal(f.snap->sections[REC_ENTRY]->n, 3);
    message(&f, "user", "[{\"type\":\"image\",\"part\":\"i\",\"text\":\"[image a.png]\"}]");
    assert_string_equal(body_text(&f, "i"), "[image a.png]");
    assert_int_equal(f.snap->sections[REC_ENTRY]->n, 4);
    message(&f, "user", "\"what is this\"");
    message(&f, "user", "[1, null, {\"type\":7}, {\"type\":\"text\",\"part\":\"\"}]");
    message(&f, "nobody", "[{\"type\":\"text\",\"part\":\"z\",\"text\":\"x\"}]");
    assert_int_equal(f.snap->sections[REC_ENTRY]->n, 4);
    fold_done(&f);
}

static void test_message_assistant(void **state)
{
    (void)state;
    struct fold f = fold_running();
    ADD(&f, TURN_REASONING, turn_reasoning, .part = "r", .text = "hm");
    chunk(&f, "lost", 0, "an attempt that broke off");
    delta(&f, "lost", 25, "...");
    chunk(&f, "a", 0, "answer");
    delta(&f, "a", 6, "!");
    chunk(&f, "a", 6, "!");
    struct body_buf *buf = FIND(&f, ENTRY, entry, "a")->body.buf;
    int64_t seq = f.snap->seq + 1;
    message(&f, "assistant",
            "[{\"type\":\"reasoning\",\"part\":\"r\",\"text\":\"hm.\"},"
            "{\"type\":\"text\",\"part\":\"a\",\"text\":\"answer!\"},"
            "{\"type\":\"text\",\"part\":\"b\",\"text\":\"more\"},"
            "{\"type\":\"tool_call\",\"call_id\":\"c\",\"name\":\"ls\",\"arguments\":\"{}\"}]");
    assert_false(FIND(&f, ENTRY, entry, "a")->open);
    assert_string_equal(body_text(&f, "a"), "answer!");
    assert_ptr_equal(FIND(&f, ENTRY, entry, "a")->body.buf, buf); /* the chunks said the same */
    assert_int_equal(FIND(&f, ENTRY, entry, "a")->body_seq, seq);
    assert_string_equal(body_text(&f, "r"), "hm.");
    assert_string_equal(body_text(&f, "b"), "more");
    assert_string_equal(FIND(&f, ENTRY, entry, "b")->kind, "text");
    assert_false(FIND(&f, ENTRY, entry, "lost")->open);
    assert_string_equal(body_text(&f, "lost"), "an attempt that broke off");
    assert_int_equal(FIND(&f, ENTRY, entry, "lost")->body_seq, 0);
    assert_int_equal(f.snap->live->n_parts, 0);
    delta(&f, "a", 7, "late"); /* of a part that is whole */
    chunk(&f, "a", 7, "late");
    assert_int_equal(f.snap->live->n_parts, 0);
    assert_string_equal(body_text(&f, "a"), "answer!");
    fold_done(&f);
}

static void test_steered(void **state)
{
    (void)state;
    struct fold f = fold_running();
    char id[40];
    int64_t seq = ADD(&f, TURN_STEERED, turn_steered, .text = "the other file");
    snprintf(id, sizeof(id), "t/steer/%lld", (long long)seq);
    assert_string_equal(FIND(&f, ENTRY, entry, id)->kind, "steer");
    assert_string_equal(body_text(&f, id), "the other file");
    fold_done(&f);
}

static void test_ends(void **state)
{
    (void)state;
    static const char *const statuses[] = {"failed", "timed_out", "cancelled", "blocked"};
    for (size_t i = 0; i < ARRAY_LEN(statuses); i++) {
        struct fold f = fold_running();
        chunk(&f, "p", 0, "partial");
        delta(&f, "p", 7, " ans");
        ADD(&f, TURN_PHASE_ENTERED, turn_phase_entered, .phase = "stream", .detail = "x");
        ADD(&f, TURN_CANCELLING, turn_cancelling, .by = "operator");
        assert_string_equal(FIND(&f, TURN, turn, "t")->status, "cancelling");
        const char *error = "{\"reason_code\":\"timed_out\"}";
        if (i == 0)
            ADD(&f, TURN_FAILED, turn_failed, .error = error);
        else if (i == 1)
            ADD(&f, TURN_TIMED_OUT, turn_timed_out, .error = error);
        else if (i == 2)
            ADD(&f, TURN_CANCELLED, turn_cancelled, .by = "operator", .error = error);
        else
            ADD(&f, TURN_BLOCKED, turn_blocked, .error = error);
        const struct rec_turn *t = FIND(&f, TURN, turn, "t");
        assert_string_equal(t->status, statuses[i]);
        assert_string_equal(t->error, error);
        assert_string_equal(t->by, "operator");
        assert_false(FIND(&f, ENTRY, entry, "p")->open);
        assert_string_equal(body_text(&f, "p"), "partial");
        assert_string_equal(FIND(&f, ENTRY, entry, "t/end")->kind, "end");
        assert_string_equal(FIND(&f, ENTRY, entry, "t/end")->error, error);
        assert_int_equal(FIND(&f, ENTRY, entry, "t/end")->n, 2);
        assert_int_equal(f.snap->live->n_parts, 0);
        assert_int_equal(f.snap->live->n_phases, 0);
        fold_done(&f);
    }
}

/* What an old log or a defect brings: nothing of it reaches what it does not belong to. */
static void test_tolerant(void **state)
{
    (void)state;
    struct fold f = fold_running();
    chunk(&f, "p", 0, "mine");
    f.turn = "t2";
    ADD(&f, TURN_CREATED, turn_created, .source = "x", .input = "y");
    ADD(&f, TURN_STARTED, turn_started, .provider = "local", .model = "script");
    chunk(&f, "p", 4, " not mine");
    message(&f, "assistant", "[{\"type\":\"text\",\"part\":\"p\",\"text\":\"not mine\"}]");
    assert_string_equal(body_text(&f, "p"), "mine");
    assert_true(FIND(&f, ENTRY, entry, "p")->open);
    ADD(&f, TURN_COMPLETED, turn_completed, .finish_reason = "stop");
    FORCE(&f, TURN_TEXT_DELTA, turn_text_delta, .part = "q", .text = "late");
    FORCE(&f, TURN_PHASE_ENTERED, turn_phase_entered, .phase = "stream");
    FORCE(&f, TURN_TEXT, turn_text, .part = "q", .text = "late");
    FORCE(&f, TURN_STARTED, turn_started, .provider = "p", .model = "m");
    assert_int_equal(f.snap->live->n_parts, 0);
    assert_int_equal(f.snap->live->n_phases, 0);
    assert_null(snapshot_find(f.snap, REC_ENTRY, "q"));
    assert_string_equal(FIND(&f, TURN, turn, "t2")->status, "completed");
    f.turn = "nobody";
    FORCE(&f, TURN_TEXT_DELTA, turn_text_delta, .part = "q", .text = "x");
    FORCE(&f, TURN_MESSAGE, turn_message, .role = "user", .content = "[]");
    f.session = "nobody";
    FORCE(&f, TURN_CREATED, turn_created, .source = "x", .input = "y");
    FORCE(&f, SESSION_RESET, session_reset);
    assert_null(snapshot_find(f.snap, REC_TURN, "nobody"));
    assert_int_equal(f.snap->live->n_parts, 0);
    fold_done(&f);
}

/* A turn that is stopped while it waits for others. */
static void test_ends_queued(void **state)
{
    (void)state;
    struct fold f = fold_empty();
    ADD(&f, SESSION_CREATED, session_created, .name = "work");
    ADD(&f, TURN_CREATED, turn_created, .source = "x", .input = "y");
    ADD(&f, TURN_QUEUED, turn_queued, .position = 2);
    ADD(&f, TURN_CANCELLED, turn_cancelled, .by = "operator");
    assert_int_equal(FIND(&f, TURN, turn, "t")->position, 0);
    assert_null(FIND(&f, TURN, turn, "t")->error);
    assert_null(FIND(&f, ENTRY, entry, "t/end")->error);
    fold_done(&f);
}

/* As many parts as may be live at once, and one more. */
static void test_live_parts_limit(void **state)
{
    (void)state;
    enum { MOST = 1024 };
    struct fold f = fold_running();
    char part[24];
    for (int i = 0; i <= MOST; i++) {
        snprintf(part, sizeof(part), "p%d", i);
        delta(&f, part, 0, "x");
        assert_int_equal(f.snap->live->n_parts, MIN(i + 1, MOST));
    }
    assert_string_equal(live_text(&f, part), "none");
    delta(&f, "p0", 1, "y");
    assert_string_equal(live_text(&f, "p0"), "0:xy");
    fold_done(&f);
}

static void test_reset(void **state)
{
    (void)state;
    struct fold f = fold_running();
    chunk(&f, "p", 0, "open");
    ADD(&f, TURN_STEERED, turn_steered, .text = "x");
    f.turn = "t2";
    f.session = "s2";
    ADD(&f, SESSION_CREATED, session_created, .name = "other");
    ADD(&f, TURN_CREATED, turn_created, .source = "x", .input = "y");
    ADD(&f, TURN_STARTED, turn_started, .provider = "local", .model = "script");
    chunk(&f, "q", 0, "stays");
    f.turn = NULL;
    f.session = "s";
    int64_t seq = ADD(&f, SESSION_RESET, session_reset);
    const struct rec_session *s = FIND(&f, SESSION, session, "s");
    assert_int_equal(s->base_seq, seq);
    assert_int_equal(s->base_n, 2);
    assert_int_equal(s->entries, 2);
    assert_null(s->head);
    assert_int_equal(f.snap->sections[REC_ENTRY]->n, 1);
    assert_int_equal(f.snap->sections[REC_ENTRY]->before, 2);
    assert_string_equal(body_text(&f, "q"), "stays");
    f.turn = "t";
    ADD(&f, TURN_STEERED, turn_steered, .text = "after");
    assert_int_equal(FIND(&f, SESSION, session, "s")->entries, 3);
    fold_done(&f);
}

/* The row of an entry that a reset drops is closed: the store has no other word of it. */
static void test_reset_closes(void **state)
{
    (void)state;
    struct fold f = fold_running();
    chunk(&f, "p", 0, "open");
    struct draft *d = draft_new(f.snap);
    struct event *ev = event_new(EV_SESSION_RESET, &(struct event_ids){.session = "s"}, NULL);
    const struct rec *const *changed;
    ev->seq = 9;
    draft_reduce(d, ev, NULL);
    assert_int_equal(draft_changed(d, &changed), 3);
    assert_int_equal(changed[0]->kind, REC_ENTRY);
    assert_false(REC(changed[0], entry)->open);
    assert_int_equal(changed[1]->kind, REC_BRANCH);
    assert_string_equal(REC(changed[1], branch)->id, "b9");
    assert_int_equal(changed[2]->kind, REC_SESSION);
    assert_null(draft_find(d, REC_ENTRY, "p"));
    draft_drop(d);
    event_unref(ev);
    fold_done(&f);
}

/* Its parts and its preview come of one reading: an answer may be long. */
static void test_a_message_is_parsed_once(void **state)
{
    (void)state;
    struct fold f = fold_running();
    parses = 0;
    ADD(&f, TURN_MESSAGE, turn_message, .entry = "msg_1", .role = "assistant",
        .content = "[{\"type\":\"text\",\"part\":\"p\",\"text\":\"hello\"}]");
    assert_int_equal(parses, 1);
    assert_string_equal(FIND(&f, MESSAGE, message, "msg_1")->preview, "hello");
    fold_done(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_session),
        cmocka_unit_test(test_life),
        cmocka_unit_test(test_input),
        cmocka_unit_test(test_numbers_past_any),
        cmocka_unit_test(test_chunks),
        cmocka_unit_test(test_live),
        cmocka_unit_test(test_live_shared),
        cmocka_unit_test(test_live_limit),
        cmocka_unit_test(test_message_user),
        cmocka_unit_test(test_message_assistant),
        cmocka_unit_test(test_a_message_is_parsed_once),
        cmocka_unit_test(test_steered),
        cmocka_unit_test(test_ends),
        cmocka_unit_test(test_reset),
        cmocka_unit_test(test_reset_closes),
        cmocka_unit_test(test_tolerant),
        cmocka_unit_test(test_ends_queued),
        cmocka_unit_test(test_live_parts_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
