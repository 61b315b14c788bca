/* SPDX-License-Identifier: MIT */
#include "lib/test.h"

#include "text/fuzzy.h"

static void test_distance(void **state)
{
    static const struct {
        const char *a, *b;
        int distance;
    } rows[] = {
        {"", "", 0},
        {"a", "", 1},
        {"abc", "abc", 0},
        {"abc", "abd", 1},
        {"abc", "acb", 1},
        {"abc", "xabc", 1},
        {"abc", "ab", 1},
        {"kitten", "sitting", 3},
        {"abcdef", "badcfe", 3},
        {"ca", "abc", 3},
        {"abc", "xyz", 3},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct str a = str_of(rows[i].a), b = str_of(rows[i].b);
        int d = rows[i].distance;
        assert_int_equal(fuzzy_distance(a, b, 9), d);
        assert_int_equal(fuzzy_distance(b, a, 9), d);
        assert_int_equal(fuzzy_distance(a, b, d), d);
        if (d > 0)
            assert_int_equal(fuzzy_distance(a, b, d - 1), d);
    }
    char longest[65];
    memset(longest, 'a', sizeof(longest));
    assert_int_equal(fuzzy_distance(str_make(longest, 64), str_make(longest, 64), 3), 0);
    assert_int_equal(fuzzy_distance(str_make(longest, 65), str_make(longest, 65), 3), 4);
}

static void test_nearest(void **state)
{
    static const char *const names[] = {"model", "mode", "path", "prompt", "x"};
    (void)state;
    assert_string_equal(fuzzy_nearest(STR("modl"), names, 5), "model");
    assert_string_equal(fuzzy_nearest(STR("mdoe"), names, 5), "mode");
    assert_string_equal(fuzzy_nearest(STR("pth"), names, 5), "path");
    assert_string_equal(fuzzy_nearest(STR("promtp"), names, 5), "prompt");
    assert_null(fuzzy_nearest(STR("zzzz"), names, 5));
    assert_null(fuzzy_nearest(STR("y"), names, 5));
    assert_null(fuzzy_nearest(STR(""), names, 5));
    assert_null(fuzzy_nearest(STR("model"), names, 0));
}

static int score(const char *query, const char *text)
{
    return fuzzy_score(str_of(query), str_of(text));
}

static void test_score(void **state)
{
    (void)state;
    assert_int_equal(score("abc", "acb"), 0);
    assert_int_equal(score("abc", "ab"), 0);
    assert_int_equal(score("a", ""), 0);
    assert_true(score("", "anything") > 0);
    assert_true(score("so", "session open") > 0);
    assert_true(score("SO", "session open") > 0);
    /* Prefix, start of a word, run: each beats the same letters elsewhere. */
    assert_true(score("se", "session") > score("se", "bases"));
    assert_true(score("op", "session open") > score("op", "a scope"));
    assert_true(score("op", "a scope") > score("op", "a solid map"));
    assert_true(score("so", "session open") > score("so", "asbo"));
    assert_true(score("mode", "mode") > score("mode", "mode set"));
    assert_true(score("fb", "fooBar") > score("fb", "foobar"));
}

static void test_hint(void **state)
{
    const char *const names[] = {"model", "mode"};
    struct err e = ERR_INIT;
    (void)state;
    assert_false(fuzzy_hint(&e, STR("modl"), names, 2, "--", "there they are"));
    assert_string_equal(e.hint, "did you mean --model? there they are");
    fuzzy_hint(&e, STR("zzzz"), names, 2, "--", "there they are");
    assert_string_equal(e.hint, "there they are");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_distance),
        cmocka_unit_test(test_nearest),
        cmocka_unit_test(test_hint),
        cmocka_unit_test(test_score),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
