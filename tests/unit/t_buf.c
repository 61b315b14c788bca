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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cap),
        cmocka_unit_test(test_edit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
