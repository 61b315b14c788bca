/* SPDX-License-Identifier: MIT
 *
 * What a token costs.
 */
#include "lib/test.h"

#include "lib/fold.h"
#include "lib/mallocs.h"

static struct event *delta_make(int64_t offset)
{
    return event_new(
        EV_TURN_TEXT_DELTA, &(struct event_ids){.session = "s", .turn = "t"},
        &(struct ev_turn_text_delta){.part = "part", .offset = offset, .text = "word "});
}

/* Bytes that one delta in a draft of its own takes, after `before` of them and with so many entries
 * in the transcript. */
static size_t delta_cost(size_t entries, int64_t before, size_t *ret_calls)
{
    struct fold f = fold_running();
    for (size_t i = 0; i < entries; i++)
        ADD(&f, TURN_STEERED, turn_steered, .text = "x");
    for (int64_t i = 0; i < before; i++)
        ADD(&f, TURN_TEXT_DELTA, turn_text_delta, .part = "part", .offset = 5 * i, .text = "word ");
    struct event *ev = delta_make(5 * before);
    mallocs = (struct mallocs){0};
    struct draft *d = draft_new(f.snap);
    draft_reduce(d, ev, NULL);
    struct snapshot *s = draft_finish(d, f.snap->seq);
    size_t taken = mallocs.bytes;
    *ret_calls = mallocs.calls;
    snapshot_unref(s);
    event_unref(ev);
    fold_done(&f);
    return taken;
}

/* The cost of a token depends on nothing that grows: not on the transcript, not on the text. */
static void test_delta(void **state)
{
    (void)state;
    size_t n, small = delta_cost(1, 30, &n), some = n;
    assert_int_equal(delta_cost(190, 30, &n), small);
    assert_int_equal(n, some);
    assert_int_equal(delta_cost(1, 4000, &n), small);
    assert_int_equal(n, some);
    assert_true(some > 0 && some <= 12);
    assert_true(small <= 2048);
}

/* In a draft that took one already, the next takes no memory at all but what text needs to grow. */
static void test_deltas_of_one_draft(void **state)
{
    (void)state;
    enum { DELTAS = 1000 };
    struct fold f = fold_running();
    struct event *events[DELTAS];
    for (int64_t i = 0; i < DELTAS; i++)
        events[i] = delta_make(5 * i);
    struct draft *d = draft_new(f.snap);
    draft_reduce(d, events[0], NULL);
    mallocs = (struct mallocs){0};
    for (int64_t i = 1; i < DELTAS; i++)
        draft_reduce(d, events[i], NULL);
    assert_true(mallocs.calls > 0 && mallocs.calls <= 8);
    assert_true(mallocs.bytes <= 5 * DELTAS * 5);
    draft_drop(d);
    for (size_t i = 0; i < DELTAS; i++)
        event_unref(events[i]);
    fold_done(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_delta),
        cmocka_unit_test(test_deltas_of_one_draft),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
