/* SPDX-License-Identifier: MIT
 *
 * What is said while a turn runs: it reaches the model once, or comes back, at whatever moment it
 * is said. A question that waits for its answer holds the turn where the test wants it.
 */
#include "lib/test.h"

#include "lib/core.h"

#include "agent/steer.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/thread.h"
#include "contract/states.h"

#include <stdlib.h>

#define WRITE_CALL                                                                                 \
    "[{\"call\":{\"name\":\"write\",\"arguments\":{\"path\":\"new.txt\",\"content\":\"x\"}}}]\n"

/* A turn that stands before its call. */
static char *begin(struct fixture *f, const char *name, const char *script, char *ret_approval)
{
    fixture_open(f, name, script);
    f->mode = MODE_ASK;
    fixture_start(f);
    char *turn = fixture_submit(f, "write");
    snapshot_unref(fixture_until(f, fixture_asks, ret_approval));
    return turn;
}

static void approve(struct fixture *f, const char *approval)
{
    struct action_answer a =
        fixture_act(f, "approval.resolve", "{\"approval\":\"%s\",\"approve\":true}", approval);
    assert_true(a.accepted);
}

static struct action_answer say(struct fixture *f, const char *text)
{
    return fixture_act(f, "turn.steer", "{\"input\":\"%s\"}", text);
}

/* How many entries of this kind the transcript has. */
static int entries(struct fixture *f, const char *kind)
{
    struct snapshot *s = hub_snapshot(core_hub(f->core));
    int n = 0;
    for (size_t i = 0; i < s->sections[REC_ENTRY]->n; i++)
        n += strcmp(REC(s->sections[REC_ENTRY]->v[i], entry)->kind, kind) == 0;
    snapshot_unref(s);
    return n;
}

static void test_after_the_call(void **state)
{
    (void)state;
    struct fixture f;
    char approval[ID_MAX];
    char *turn = begin(
        &f, "edge", WRITE_CALL "[{\"expect\":\"mind the gap\"},{\"text\":\"minded\"}]\n", approval);
    struct action_answer a = say(&f, "mind the gap");
    assert_true(a.accepted);
    assert_string_equal(a.id, turn);
    approve(&f, approval);
    assert_string_equal(fixture_ended(&f, turn), "completed");
    /* Said before the call ended, and a message behind it. */
    assert_int_equal(fixture_count(&f, "turn.steered", "mind the gap"), 1);
    assert_int_equal(fixture_count(&f, "turn.message", "mind the gap"), 1);
    struct snapshot *s = hub_snapshot(core_hub(f.core));
    const struct section *t = s->sections[REC_ENTRY];
    const char *kinds[] = {"user", "tool", "steer", "text"};
    assert_int_equal(t->n, ARRAY_LEN(kinds));
    for (size_t i = 0; i < t->n; i++) {
        assert_string_equal(REC(t->v[i], entry)->kind, kinds[i]);
        assert_false(REC(t->v[i], entry)->open);
    }
    snapshot_unref(s);
    free(turn);
    fixture_close(&f);
}

static bool speaks(const struct snapshot *s, void *arg)
{
    (void)arg;
    const struct section *t = s->sections[REC_ENTRY];
    return t->n > 1 && strcmp(REC(t->v[1], entry)->kind, "text") == 0;
}

/* An answer without calls is not the last word when something was added to it. */
static void test_after_the_answer(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, "answer",
                 "[{\"repeat\":{\"n\":200,\"text\":\"word \"},\"delay_ms\":10}]\n"
                 "[{\"expect\":\"one more thing\"},{\"text\":\"done\"}]\n");
    fixture_start(&f);
    char *turn = fixture_submit(&f, "speak");
    snapshot_unref(fixture_until(&f, speaks, NULL));
    struct action_answer a = say(&f, "one more thing");
    assert_true(a.accepted);
    assert_string_equal(a.id, turn);
    assert_string_equal(fixture_ended(&f, turn), "completed");
    assert_int_equal(fixture_count(&f, "turn.provider_requested", NULL), 2);
    assert_int_equal(entries(&f, "steer"), 1);
    free(turn);
    fixture_close(&f);
}

static void test_nothing_runs(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, "idle", "[{\"text\":\"one\"}]\n[{\"text\":\"two\"}]\n");
    fixture_start(&f);
    struct action_answer a = say(&f, "begin");
    assert_true(a.accepted);
    char *turn = mem_strdup(a.id);
    assert_string_equal(fixture_ended(&f, turn), "completed");
    assert_int_equal(fixture_count(&f, "turn.created", "begin"), 1);
    assert_int_equal(fixture_count(&f, "turn.steered", NULL), 0);
    assert_false(say(&f, "  ").accepted);
    free(turn);
    fixture_close(&f);
}

static bool one_waits(const struct snapshot *s, void *arg)
{
    (void)arg;
    const struct section *t = s->sections[REC_ENTRY];
    const struct rec_entry *last = t->n ? REC(t->v[t->n - 1], entry) : NULL;
    return last && last->open && strcmp(last->kind, "steer") == 0;
}

/* Stopped before it was read: it stands there as what was not sent, and no request has it. */
static void test_stopped(void **state)
{
    (void)state;
    struct fixture f;
    char approval[ID_MAX];
    char *turn = begin(&f, "stopped", WRITE_CALL "[{\"text\":\"after\"}]\n", approval);
    assert_true(say(&f, "too late").accepted);
    snapshot_unref(fixture_until(&f, one_waits, NULL));
    assert_true(fixture_act(&f, "turn.cancel", "{}").accepted);
    assert_string_equal(fixture_ended(&f, turn), "cancelled");
    assert_int_equal(entries(&f, "steer"), 0);
    assert_int_equal(entries(&f, "unsent"), 1);
    assert_int_equal(fixture_count(&f, "turn.message", "too late"), 0);
    /* And so it is when the next process reads it. */
    fixture_stop(&f);
    fixture_start(&f);
    assert_int_equal(entries(&f, "unsent"), 1);
    free(turn);
    fixture_close(&f);
}

static void test_pull(void **state)
{
    (void)state;
    struct fixture f;
    char approval[ID_MAX];
    char *turn = begin(&f, "pull", WRITE_CALL "[{\"text\":\"after\"}]\n", approval);
    assert_true(say(&f, "first").accepted);
    assert_true(say(&f, "second").accepted);
    char *queued = fixture_submit(&f, "third");
    struct action_answer a = fixture_act(&f, "turn.pull", "{}");
    assert_true(a.accepted);
    assert_string_equal(a.id, queued);
    assert_string_equal(fixture_ended(&f, queued), "cancelled");
    assert_true(fixture_act(&f, "turn.pull", "{}").accepted);
    assert_int_equal(fixture_count(&f, "turn.pulled", "second"), 1);
    assert_int_equal(fixture_count(&f, "turn.pulled", "first"), 0);
    approve(&f, approval);
    assert_string_equal(fixture_ended(&f, turn), "completed");
    assert_int_equal(fixture_count(&f, "turn.message", "first"), 1);
    assert_int_equal(fixture_count(&f, "turn.message", "second"), 0);
    assert_int_equal(entries(&f, "pulled"), 1);
    assert_int_equal(entries(&f, "end"), 0); /* nothing is left of what was queued */
    a = fixture_act(&f, "turn.pull", "{}");
    assert_false(a.accepted);
    assert_int_equal(a.err.code, ERR_NOT_FOUND);
    free(queued);
    free(turn);
    fixture_close(&f);
}

static void test_limit(void **state)
{
    (void)state;
    struct fixture f;
    char approval[ID_MAX];
    char *turn = begin(&f, "limit", WRITE_CALL "[{\"text\":\"after\"}]\n", approval);
    for (int i = 0; i < STEERS_MAX; i++)
        assert_true(say(&f, "more").accepted);
    struct action_answer a = say(&f, "too much");
    assert_false(a.accepted);
    assert_int_equal(a.err.code, ERR_OVERLOADED);
    approve(&f, approval);
    assert_string_equal(fixture_ended(&f, turn), "completed");
    assert_int_equal(entries(&f, "steer"), STEERS_MAX);
    free(turn);
    fixture_close(&f);
}

static bool is_empty(const struct snapshot *s, void *session)
{
    return !REC(snapshot_find(s, REC_SESSION, session), session)->head;
}

/* Undo takes the exchange back, with what was added to it. */
static void test_undo(void **state)
{
    (void)state;
    struct fixture f;
    char approval[ID_MAX];
    char *turn = begin(&f, "undo", WRITE_CALL "[{\"text\":\"after\"}]\n", approval);
    assert_true(say(&f, "and this").accepted);
    approve(&f, approval);
    assert_string_equal(fixture_ended(&f, turn), "completed");
    struct action_answer a;
    int64_t deadline = clock_mono_ms() + 20000;
    do /* its end is seen a moment before its thread is gone */
        a = fixture_act(&f, "session.undo", "{}");
    while (!a.accepted && a.err.code == ERR_CONFLICT && clock_mono_ms() < deadline);
    assert_true(a.accepted);
    snapshot_unref(fixture_until(&f, is_empty, f.session));
    free(turn);
    fixture_close(&f);
}

/* ---- the mailbox by itself ---- */

enum { ROUNDS = 2000 };

struct race {
    struct steers *steers;
    size_t delivered;
};

/* The turn: takes until it may end. */
static void take_all(void *arg)
{
    struct race *r = arg;
    int64_t seq;
    char *text;
    do {
        while (steers_take(r->steers, &seq, &text)) {
            r->delivered++;
            free(text);
        }
    } while (!steers_close(r->steers));
}

/* Whatever the core and the turn do at the same time, each text is delivered, refused or given
 * back: one of the three. */
static void test_race(void **state)
{
    (void)state;
    for (int i = 0; i < ROUNDS; i++) {
        struct race r = {.steers = steers_new()};
        struct thread turn = {0};
        struct err e = ERR_INIT;
        size_t given = 0, back = 0;
        int64_t first = steers_reserve(r.steers, &e);
        steers_fill(r.steers, first, 1, "a");
        OK(thread_start(&turn, "turn", 0, take_all, &r, &e));
        steers_settle(r.steers, first, true);
        given++;
        for (int k = 0; k < 3; k++) {
            int64_t ticket = steers_reserve(r.steers, &e), seq;
            const char *text;
            if (!ticket)
                break; /* it has ended */
            steers_fill(r.steers, ticket, k + 2, "b");
            steers_settle(r.steers, ticket, true);
            given++;
            if ((ticket = steers_hold(r.steers, &seq, &text))) {
                steers_settle(r.steers, ticket, k == 1);
                back += k != 1;
            }
        }
        thread_join(&turn);
        assert_int_equal(r.delivered + back, given);
        assert_int_equal(steers_reserve(r.steers, &e), 0);
        steers_free(r.steers);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_after_the_call), cmocka_unit_test(test_after_the_answer),
        cmocka_unit_test(test_nothing_runs),   cmocka_unit_test(test_stopped),
        cmocka_unit_test(test_pull),           cmocka_unit_test(test_limit),
        cmocka_unit_test(test_undo),           cmocka_unit_test(test_race),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
