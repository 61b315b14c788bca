/* SPDX-License-Identifier: MIT */
#include "lib/test.h"

#include "agent/retry.h"
#include "base/clock.h"

#include <string.h>

static const struct retry three = {.times = 3, .patience_ms = 60000, .deadline_ms = CLOCK_NEVER};

static struct err failure(enum err_code code, enum err_phase phase, int64_t after_ms)
{
    struct err e = ERR_INIT;
    err_set(&e, code, "it failed");
    e.phase = phase;
    e.retry_after_ms = after_ms;
    return e;
}

static void test_what_is_tried_again(void **state)
{
    static const struct {
        enum err_code code;
        enum err_phase phase;
        bool again;
    } rows[] = {
        {ERR_RATE_LIMITED, PHASE_PROVIDER_WAIT, true},
        {ERR_PROVIDER, PHASE_PROVIDER_WAIT, true},
        {ERR_PROVIDER_OVERLOADED, PHASE_PROVIDER_WAIT, true},
        {ERR_PROVIDER_UNAVAILABLE, PHASE_PROVIDER_CONNECT, true},
        {ERR_STREAM_CUT, PHASE_STREAM, true},
        {ERR_TIMEOUT, PHASE_PROVIDER_CONNECT, true},
        {ERR_TIMEOUT, PHASE_PROVIDER_WAIT, false},
        {ERR_TIMEOUT, PHASE_STREAM, false},
        {ERR_AUTH, PHASE_PROVIDER_WAIT, false},
        {ERR_NO_SUCH_MODEL, PHASE_PROVIDER_WAIT, false},
        {ERR_REQUEST_REFUSED, PHASE_PROVIDER_WAIT, false},
        {ERR_REQUEST_TOO_LARGE, PHASE_PROVIDER_WAIT, false},
        {ERR_CONTENT_FILTER, PHASE_STREAM, false},
        {ERR_CANCELLED, PHASE_STREAM, false},
        {ERR_LIBRARY, PHASE_PROVIDER_CONNECT, false},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct err e = failure(rows[i].code, rows[i].phase, 0);
        int64_t ms = -1;
        if (retry_again(&three, 1, &e, &ms) != rows[i].again)
            fail_msg("%s in %s", err_code_name(rows[i].code), err_phase_name(rows[i].phase));
        assert_int_equal(e.code, rows[i].code);
    }
}

static void test_how_often_and_how_long(void **state)
{
    (void)state;
    for (int n = 1; n <= 40; n++) {
        struct retry many = {.times = 40, .patience_ms = 0, .deadline_ms = CLOCK_NEVER};
        struct err e = failure(ERR_PROVIDER, PHASE_PROVIDER_WAIT, 0);
        int64_t ms;
        int64_t most = n < 6 ? (int64_t)RETRY_FIRST_MS << (n - 1) : RETRY_MOST_MS;
        assert_true(retry_again(&many, n, &e, &ms));
        assert_in_range(ms, MIN(most, (int64_t)RETRY_MOST_MS) / 2, MIN(most, (int64_t)RETRY_MOST_MS));
        assert_int_equal(retry_again(&three, n, &e, &ms), n <= 3);
    }
    const struct retry never = {.patience_ms = 60000, .deadline_ms = CLOCK_NEVER};
    struct err e = failure(ERR_PROVIDER, PHASE_PROVIDER_WAIT, 0);
    assert_false(retry_again(&never, 1, &e, &(int64_t){0}));
}

static void test_what_the_other_side_asks_for(void **state)
{
    (void)state;
    int64_t ms;
    struct err e = failure(ERR_RATE_LIMITED, PHASE_PROVIDER_WAIT, 30000);
    assert_true(retry_again(&three, 1, &e, &ms));
    assert_int_equal(ms, 30000);
    e = failure(ERR_RATE_LIMITED, PHASE_PROVIDER_WAIT, 60000);
    assert_true(retry_again(&three, 1, &e, &ms));
    e = failure(ERR_RATE_LIMITED, PHASE_PROVIDER_WAIT, 60001);
    assert_false(retry_again(&three, 1, &e, &ms));
    assert_non_null(strstr(e.hint, "in 61 s"));
    struct retry soon = three;
    soon.deadline_ms = clock_mono_ms() + 20000;
    e = failure(ERR_RATE_LIMITED, PHASE_PROVIDER_WAIT, 30000);
    assert_false(retry_again(&soon, 1, &e, &ms));
    assert_non_null(strstr(e.hint, "deadline"));
    assert_int_equal(e.code, ERR_RATE_LIMITED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_tried_again),
        cmocka_unit_test(test_how_often_and_how_long),
        cmocka_unit_test(test_what_the_other_side_asks_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
