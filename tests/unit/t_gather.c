/* SPDX-License-Identifier: MIT
 *
 * When the net thread rests: in quick trickles only, and how many looks that leaves. All of it in a time of
 * its own.
 */
#include "net/gather.h"

#include "lib/test.h"

struct stream {
    struct gather g;
    int64_t now_us;
    int looks, rests;
};

/* n pieces, one each so many us, of so many bytes, as the net thread would take them. */
static void play(struct stream *s, int n, int64_t each_us, size_t bytes)
{
    int64_t begun = s->now_us, taken = 0;
    while (taken < n) {
        int64_t there = MIN((s->now_us - begun) / each_us, (int64_t)n);
        if (there == taken) { /* it waits for the next one */
            s->now_us = begun + (taken + 1) * each_us;
            continue;
        }
        int ms = gather_look(&s->g, s->now_us, (size_t)(there - taken), (size_t)(there - taken) * bytes);
        taken = there;
        s->looks++;
        s->rests += ms > 0;
        s->now_us += ms * 1000;
    }
}

static void test_quick(void **state)
{
    struct stream s = {.now_us = 1000000};
    (void)state;
    play(&s, 5000, 1000, 200); /* 1,000 a second */
    assert_in_range(s.looks, 5000 / GATHER_MS, 5000 / GATHER_MS + GATHER_AFTER + 1);
    assert_int_equal(gather_look(&s.g, s.now_us, 0, 0), 0); /* there was nothing: it waits */
}

/* What comes slowly, or much at once, is taken when it comes. */
static void test_slow(void **state)
{
    struct stream s = {.now_us = 1000000};
    (void)state;
    play(&s, 5000, GATHER_SOON_US + 1, 200);
    assert_int_equal(s.rests, 0);
    assert_int_equal(s.looks, 5000);
    play(&s, 5000, 100, GATHER_BYTES + 1);
    assert_int_equal(s.rests, 0);
    play(&s, GATHER_AFTER - 1, 1000, 200); /* a short answer, or a call */
    assert_int_equal(s.rests, 0);
}

/* A trickle that becomes slow is soon taken at once again, and is rested for when it is quick again. */
static void test_changes(void **state)
{
    struct stream s = {.now_us = 1000000};
    (void)state;
    play(&s, 2000, 1000, 200);
    int before = s.rests;
    assert_true(before > 100);
    play(&s, 1000, 10000, 200);
    assert_in_range(s.rests - before, 0, GATHER_AFTER);
    before = s.rests;
    play(&s, 2000, 1000, 200);
    assert_true(s.rests - before > 100);
    before = s.rests;
    s.now_us += 60000000;
    play(&s, GATHER_AFTER - 1, 1000, 200); /* another answer, a minute later */
    assert_int_equal(s.rests, before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_quick), cmocka_unit_test(test_slow),
                                       cmocka_unit_test(test_changes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
