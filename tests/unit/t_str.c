/* SPDX-License-Identifier: MIT */
#include "lib/test.h"

#include "base/str.h"

#include <float.h>

static void assert_str(struct str s, const char *expected)
{
    if (!str_is(s, expected))
        fail_msg("\"%.*s\", expected \"%s\"", STR_ARG(s), expected);
}

static void test_compare(void **state)
{
    (void)state;
    assert_true(str_eq(STR_NULL, STR("")));
    assert_true(str_eq(STR("ab"), str_make("abc", 2)));
    assert_false(str_eq(STR("ab"), STR("abc")));
    assert_int_equal(str_of(NULL).n, 0);
    assert_true(str_starts(STR("abc"), "ab"));
    assert_true(str_starts(STR_NULL, ""));
    assert_false(str_starts(STR("a"), "ab"));
    assert_true(str_ends(STR("abc"), "bc"));
    assert_true(str_ends(STR("abc"), ""));
    assert_false(str_ends(STR("c"), "bc"));
    assert_true(str_cmp(STR("a"), STR("b")) < 0);
    assert_true(str_cmp(STR("ab"), STR("a")) > 0);
    assert_true(str_cmp(STR(""), STR_NULL) == 0);
    assert_true(str_cmp(STR("\xff"), STR("a")) > 0); /* bytes, not signed characters */
    assert_true(str_cmp(str_make("a\0b", 3), str_make("a\0a", 3)) > 0);
}

static void test_parts(void **state)
{
    (void)state;
    assert_str(str_trim(STR(" \t\r\na b\n ")), "a b");
    assert_str(str_trim(STR(" \n")), "");
    assert_str(str_trim(STR_NULL), "");
    assert_str(str_sub(STR("abcdef"), 2, 3), "cde");
    assert_str(str_sub(STR("abc"), 2, SIZE_MAX), "c");
    assert_str(str_sub(STR("abc"), 3, 1), "");
    assert_str(str_sub(STR("abc"), SIZE_MAX, SIZE_MAX), "");
    assert_str(str_sub(STR_NULL, 5, 5), "");
    assert_int_equal(str_index(STR("abcb"), 'b'), 1);
    assert_int_equal(str_index(STR("abc"), 'x'), -1);
    assert_int_equal(str_index(STR_NULL, 'x'), -1);
    assert_int_equal(str_find(STR("aXbXbb"), STR("bb")), 4);
    assert_int_equal(str_find(STR("abc"), STR("abcd")), -1);
    assert_int_equal(str_find(STR("abc"), STR("")), 0);
    assert_int_equal(str_find(STR_NULL, STR("a")), -1);
}

static void test_split(void **state)
{
    (void)state;
    static const struct {
        const char *in;
        size_t n;
        const char *parts[4];
    } rows[] = {
        {"a,b,c", 3, {"a", "b", "c"}}, {"a", 1, {"a"}}, {"", 1, {""}}, {",", 2, {"", ""}},
        {"a,,", 3, {"a", "", ""}},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct str rest = str_of(rows[i].in), part;
        size_t n = 0;
        for (; str_split(&rest, ',', &part); n++) {
            assert_in_range(n, 0, 3);
            assert_str(part, rows[i].parts[n]);
        }
        assert_int_equal(n, rows[i].n);
    }
    struct str none = STR_NULL, part;
    assert_false(str_split(&none, ',', &part));
}

static void test_line(void **state)
{
    (void)state;
    struct str rest = STR("one\r\n\ntwo\rx\n\r\nlast"), line;
    static const char *const lines[] = {"one", "", "two\rx", "", "last"};
    for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
        assert_true(str_line(&rest, &line));
        assert_str(line, lines[i]);
    }
    assert_false(str_line(&rest, &line));
    rest = STR("end\n");
    assert_true(str_line(&rest, &line));
    assert_false(str_line(&rest, &line));
    rest = STR_NULL;
    assert_false(str_line(&rest, &line));
}

static void test_i64(void **state)
{
    (void)state;
    static const struct {
        const char *in;
        bool ok;
        int64_t value;
    } rows[] = {
        {"0", true, 0},
        {"-0", true, 0},
        {"+12", true, 12},
        {"007", true, 7},
        {"9223372036854775807", true, INT64_MAX},
        {"9223372036854775808", false, 0},
        {"-9223372036854775808", true, INT64_MIN},
        {"-9223372036854775809", false, 0},
        {"92233720368547758070", false, 0},
        {"", false, 0},
        {"-", false, 0},
        {"+", false, 0},
        {" 1", false, 0},
        {"1 ", false, 0},
        {"1.0", false, 0},
        {"0x1", false, 0},
        {"--1", false, 0},
        {"1:", false, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        int64_t value = 42;
        if (str_i64(str_of(rows[i].in), &value) != rows[i].ok)
            fail_msg("%s", rows[i].in);
        assert_true(value == (rows[i].ok ? rows[i].value : 42));
    }
    int64_t value;
    assert_true(str_i64(str_make("12345", 3), &value)); /* a view ends where it ends */
    assert_int_equal(value, 123);
}

static void test_f64(void **state)
{
    (void)state;
    static const struct {
        const char *in;
        bool ok;
        double value;
    } rows[] = {
        {"0", true, 0},      {"-1.5", true, -1.5},
        {"2e3", true, 2000}, {"1.7976931348623157e308", true, DBL_MAX},
        {"1e309", false, 0}, {"inf", false, 0},
        {"nan", false, 0},   {"", false, 0},
        {" 1", false, 0},    {"1 ", false, 0},
        {"1,5", false, 0},   {"1x", false, 0},
        {"0x10", false, 0},  {"\v1", false, 0},
        {"e", false, 0},     {"1e", false, 0},
        {".", false, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        double value = 42;
        if (str_f64(str_of(rows[i].in), &value) != rows[i].ok)
            fail_msg("%s", rows[i].in);
        assert_true(value == (rows[i].ok ? rows[i].value : 42));
    }
    /* 63 characters are read, 64 are not. */
    char digits[64];
    double value;
    memset(digits, '0', sizeof(digits));
    assert_true(str_f64(str_make(digits, 63), &value));
    assert_false(str_f64(str_make(digits, 64), &value));
    /* A NUL in the view is no end of a number. */
    assert_false(str_f64(str_make("1\0"
                                  "2",
                                  3),
                         &value));
    assert_false(str_f64(str_make("\0", 1), &value));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_compare), cmocka_unit_test(test_parts), cmocka_unit_test(test_split),
        cmocka_unit_test(test_line),    cmocka_unit_test(test_i64),   cmocka_unit_test(test_f64),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
