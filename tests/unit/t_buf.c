/* SPDX-License-Identifier: MIT */
#include "lib/test.h"

#include "base/buf.h"

#include <stdlib.h>

static void test_cap(void **state)
{
    (void)state;
    struct buf b = BUF_INIT(8);
    assert_true(buf_puts(&b, "12345678"));
    assert_true(buf_ok(&b));
    assert_false(buf_putc(&b, '9'));
    assert_false(buf_ok(&b));
    assert_string_equal(buf_cstr(&b), "12345678");
    buf_clear(&b);
    assert_true(buf_ok(&b));
    assert_false(buf_printf(&b, "%09d", 1));
    assert_int_equal(b.len, 0);
    buf_free(&b);
}

static void test_edit(void **state)
{
    (void)state;
    struct buf b = BUF_OWN;
    assert_string_equal(buf_cstr(&b), "");
    buf_printf(&b, "%s-%d", "abc", 42);
    buf_drop(&b, 2);
    assert_string_equal(buf_cstr(&b), "c-42");
    buf_truncate(&b, 2);
    buf_fill(&b, 'x', 3);
    assert_true(str_is(buf_view(&b), "c-xxx"));
    char *taken = buf_take(&b);
    assert_string_equal(taken, "c-xxx");
    assert_int_equal(b.len, 0);
    free(taken);
}

static void test_count(void **state)
{
    static const struct {
        int64_t n;
        const char *noun, *text;
    } rows[] = {{1, "turn", "1 turn"},     {0, "turn", "0 turns"},    {2, "other event", "2 other events"},
                {2, "match", "2 matches"}, {1, "match", "1 match"},   {2, "entry", "2 entries"},
                {1, "entry", "1 entry"},   {3, "reply", "3 replies"}, {3, "day", "3 days"}};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct buf b = BUF_OWN;
        assert_true(buf_count(&b, rows[i].n, rows[i].noun));
        assert_string_equal(buf_cstr(&b), rows[i].text);
        buf_free(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cap),
        cmocka_unit_test(test_edit),
        cmocka_unit_test(test_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
