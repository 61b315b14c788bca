/* SPDX-License-Identifier: MIT */
#include "lib/test.h"

#include "base/clock.h"

#include <limits.h>

static void test_freeze(void **state)
{
    (void)state;
    clock_freeze(1000, 2000000);
    assert_int_equal(clock_wall_ms(), 1000);
    assert_int_equal(clock_mono_us(), 2000000);
    assert_int_equal(clock_mono_ms(), 2000);
    clock_freeze(-1, -1);
    int64_t a = clock_mono_us();
    assert_true(clock_mono_us() >= a);
    assert_true(clock_wall_ms() > 1500000000000); /* some time after 2017 */
}

static void test_poll(void **state)
{
    (void)state;
    clock_freeze(-1, 5000999);
    assert_int_equal(clock_poll_ms(CLOCK_NEVER), -1);
    assert_int_equal(clock_poll_ms(4999), 0);
    assert_int_equal(clock_poll_ms(5000), 0);
    assert_int_equal(clock_poll_ms(5001), 1);
    assert_int_equal(clock_poll_ms(5000 + (int64_t)INT_MAX), INT_MAX);
    assert_int_equal(clock_poll_ms(5001 + (int64_t)INT_MAX), INT_MAX);
    assert_int_equal(clock_poll_ms(CLOCK_NEVER - 1), INT_MAX);
    assert_int_equal(clock_poll_ms(INT64_MIN), 0);
    clock_freeze(-1, -1);
}

static void test_format(void **state)
{
    (void)state;
    static const struct {
        int64_t ms;
        const char *text;
    } rows[] = {
        {0, "1970-01-01T00:00:00.000Z"},
        {-1, "1969-12-31T23:59:59.999Z"},
        {1795176000123, "2026-11-20T12:00:00.123Z"},
        {951782400000, "2000-02-29T00:00:00.000Z"},
        {253402300799999, "9999-12-31T23:59:59.999Z"},
        {253402300800000, "9999-12-31T23:59:59.999Z"},
        {INT64_MIN, "0001-01-01T00:00:00.000Z"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char text[25];
        clock_format(rows[i].ms, text, sizeof(text));
        assert_string_equal(text, rows[i].text);
    }
}

static void test_seconds(void **state)
{
    (void)state;
    static const struct {
        int64_t ms;
        const char *text;
    } rows[] = {{0, "0 s"}, {1, "0.001 s"}, {250, "0.25 s"}, {1000, "1 s"}, {1500, "1.5 s"}, {60000, "60 s"}, {600100, "600.1 s"}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char text[CLOCK_SECONDS];
        assert_string_equal(clock_seconds(rows[i].ms, text), rows[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_freeze),
        cmocka_unit_test(test_seconds), cmocka_unit_test(test_poll),
        cmocka_unit_test(test_format),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
