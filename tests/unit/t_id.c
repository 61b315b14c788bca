/* SPDX-License-Identifier: MIT */
#include "lib/test.h"

#include "base/clock.h"
#include "base/id.h"

#include <pthread.h>
#include <stdlib.h>

static void test_layout(void **state)
{
    (void)state;
    clock_freeze(0x123456789A, -1);
    struct id id = id_make("turn");
    assert_int_equal(strlen(id.s), 4 + 1 + 20);
    /* 0x123456789A in fives from the right: 26 4 30 12 5 26 8 2 0 0. */
    assert_memory_equal(id.s, "turn_0028T5CY4T", 15);
    assert_int_equal(strspn(id.s + 5, "0123456789ABCDEFGHJKMNPQRSTVWXYZ"), 20);
    clock_freeze(-1, -1);
}

/* Later ids sort later, whatever the wall clock does. */
static void test_order(void **state)
{
    (void)state;
    static const int64_t clocks[] = {5000000, 5000000, 4000000, 5000001, 1, 6000000};
    clock_freeze(5000000, -1);
    struct id before = id_make("a");
    for (size_t i = 0; i < 6000; i++) {
        clock_freeze(clocks[i % ARRAY_LEN(clocks)], -1);
        struct id now = id_make("a");
        assert_true(strcmp(before.s, now.s) < 0);
        before = now;
    }
    clock_freeze(-1, -1);
}

static void test_longest_prefix(void **state)
{
    (void)state;
    struct id id = id_make("abcdefghijkl");
    assert_int_equal(strlen(id.s), 12 + 1 + 20);
    assert_memory_equal(id.s, "abcdefghijkl_", 13);
}

static void test_count(void **state)
{
    (void)state;
    id_count_from(1);
    assert_string_equal(id_make("ses").s, "ses_0000000000_0000000001");
    assert_string_equal(id_make("msg").s, "msg_0000000000_0000000002");
    id_count_from(0);
    assert_int_equal(strlen(id_make("ses").s), 24);
}

enum { THREADS = 4, EACH = 500 };

static void *make_many(void *arg)
{
    struct id *ids = arg;
    for (size_t i = 0; i < EACH; i++)
        ids[i] = id_make("t");
    return NULL;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(((const struct id *)a)->s, ((const struct id *)b)->s);
}

static void test_threads(void **state)
{
    (void)state;
    static struct id ids[THREADS * EACH];
    pthread_t threads[THREADS];
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, make_many, ids + i * EACH), 0);
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    qsort(ids, ARRAY_LEN(ids), sizeof(ids[0]), by_text);
    for (size_t i = 1; i < ARRAY_LEN(ids); i++)
        assert_string_not_equal(ids[i - 1].s, ids[i].s);
}

int main(void)
{
    /* test_order steps the clock back, so ids of the real time come after it. */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order),          cmocka_unit_test(test_layout),
        cmocka_unit_test(test_longest_prefix), cmocka_unit_test(test_count),
        cmocka_unit_test(test_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
