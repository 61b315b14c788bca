/* SPDX-License-Identifier: MIT */
#include "lib/test.h"

#include "base/buf.h"
#include "text/regex.h"

static void expect(const char *pattern, bool ignore_case, struct str subject, size_t from,
                   int start, int end)
{
    struct err e = ERR_INIT;
    size_t s = 99, t = 99;
    CLEANUP(regex_free_p) struct regex *r = regex_new(str_of(pattern), ignore_case, &e);
    OK(r);
    enum regex_result result = regex_find(r, subject, from, &s, &t);
    if (start < 0) {
        assert_int_equal(result, REGEX_NO);
        return;
    }
    assert_int_equal(result, REGEX_YES);
    assert_int_equal(s, start);
    assert_int_equal(t, end);
}

static void test_find(void **state)
{
    (void)state;
    expect("b+", false, STR("abbbc"), 0, 1, 4);
    expect("b+", false, STR("abbbc"), 2, 2, 4);
    expect("b", false, STR("abbbc"), 4, -1, 0);
    expect("b", false, STR("abc"), 9, -1, 0);
    expect("B", false, STR("abc"), 0, -1, 0);
    expect("B", true, STR("abc"), 0, 1, 2);
    expect("\xC3\x89", true, STR("\xC3\xA9"), 0, 0, 2);
    expect("x|c$", false, STR("abc"), 0, 2, 3);
    expect("", false, STR(""), 0, 0, 0);
    expect("", false, STR_NULL, 0, 0, 0);
    expect("$", false, STR("abc"), 3, 3, 3);
    expect("(?<=b)c", false, STR("abc"), 2, 2, 3);
    expect(".", false, STR("\xF0\x9F\x98\x80"), 0, 0, 4);
    expect("a.c", false, str_make("a\0c", 3), 0, 0, 3);
    /* From the middle of a character: the next one. */
    expect(".", false, STR("\xC3\xA9x"), 1, 2, 3);
}

static void test_invalid_subject(void **state)
{
    (void)state;
    expect("caf.", false, STR("un caf\xE9!"), 0, 3, 7);
    expect("a.*z", false, STR("a\xFF\xFE\xC3\xA9z"), 0, 0, 6);
    expect("[^a]", false, STR("a\xFF"), 0, 1, 2);
    expect("[ -~]", false, STR("\xFF\xC3"), 0, -1, 0);
    expect("\\w", false,
           STR("\xFF\xFE"
               "b"),
           0, 2, 3);
    expect("\xEF\xBF\xBD", false, STR("\xFF\xEF\xBF\xBD"), 0, 1, 4);
}

static void test_errors(void **state)
{
    static const struct {
        const char *pattern, *message;
    } rows[] = {
        {"a(b", "pattern, byte 3: missing closing parenthesis"},
        {"a)b", "pattern, byte 1: unmatched closing parenthesis"},
        {"[z-a]", "pattern, byte 3: range out of order in character class"},
        {"*a", "pattern, byte 0: quantifier does not follow a repeatable item"},
        {"\\C", "pattern, byte 2: using \\C is disabled by the application"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct err e = ERR_INIT;
        FAILS(regex_new(str_of(rows[i].pattern), false, &e), ERR_INVALID);
        assert_string_equal(e.message, rows[i].message);
    }
    struct err e = ERR_INIT;
    FAILS(regex_new(STR("\xFF"), false, &e), ERR_INVALID);
    FAILS(regex_new(STR("(*UCP)a"), false, &e), ERR_INVALID);
    regex_free(NULL);
}

static void test_pattern_limits(void **state)
{
    (void)state;
    for (size_t over = 0; over <= 1; over++) {
        struct err e = ERR_INIT;
        CLEANUP(buf_free) struct buf b = BUF_OWN;
        buf_fill(&b, 'a', (16 << 10) + over);
        CLEANUP(regex_free_p) struct regex *r = regex_new(buf_view(&b), false, &e);
        assert_int_equal(r != NULL, !over);
        buf_clear(&b);
        buf_fill(&b, '(', 100 + over);
        buf_fill(&b, ')', 100 + over);
        CLEANUP(regex_free_p) struct regex *deep = regex_new(buf_view(&b), false, &e);
        assert_int_equal(deep != NULL, !over);
    }
}

/* Patterns that would hold a naive matcher for longer than anybody lives. */
static void test_match_limits(void **state)
{
    static const char *const patterns[] = {
        "(a+)+$", "(a|aa)+$", "(a*)*b", "^(([a-z])+.)+[A-Z]([a-z])+$", "(.*)(.*)(.*)(.*)[xy]",
    };
    (void)state;
    CLEANUP(buf_free) struct buf b = BUF_OWN;
    buf_fill(&b, 'a', 5000);
    buf_puts(&b, "!");
    for (size_t i = 0; i < ARRAY_LEN(patterns); i++) {
        struct err e = ERR_INIT;
        size_t s, t;
        CLEANUP(regex_free_p) struct regex *r = regex_new(str_of(patterns[i]), false, &e);
        OK(r);
        if (regex_find(r, buf_view(&b), 0, &s, &t) == REGEX_YES)
            fail_msg("%s matched", patterns[i]);
        /* And it can be used again. */
        (void)!regex_find(r, STR("aB"), 0, &s, &t);
    }
}

static void test_limit_is_told(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    size_t s, t;
    CLEANUP(buf_free) struct buf b = BUF_OWN;
    buf_fill(&b, 'a', 64);
    buf_puts(&b, "!");
    CLEANUP(regex_free_p) struct regex *r = regex_new(STR("^(a+)+$"), false, &e);
    OK(r);
    assert_int_equal(regex_find(r, buf_view(&b), 0, &s, &t), REGEX_LIMIT);
    assert_int_equal(regex_find(r, STR("aaa"), 0, &s, &t), REGEX_YES);
}

static void test_subject_limit(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    size_t s, t;
    CLEANUP(buf_free) struct buf b = BUF_OWN;
    CLEANUP(regex_free_p) struct regex *r = regex_new(STR("a$"), false, &e);
    OK(r);
    buf_fill(&b, 'b', REGEX_SUBJECT_MAX - 1);
    buf_putc(&b, 'a');
    assert_int_equal(regex_find(r, buf_view(&b), 0, &s, &t), REGEX_YES);
    buf_putc(&b, 'a');
    assert_int_equal(regex_find(r, buf_view(&b), 0, &s, &t), REGEX_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_find),          cmocka_unit_test(test_invalid_subject),
        cmocka_unit_test(test_errors),        cmocka_unit_test(test_pattern_limits),
        cmocka_unit_test(test_match_limits),  cmocka_unit_test(test_limit_is_told),
        cmocka_unit_test(test_subject_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
