/* SPDX-License-Identifier: MIT
 *
 * The verbs have one name each, other names lead to one that is there, and a line names at most one.
 */
#include "contract/verbs.h"

#include "lib/test.h"

static void test_names(void **state)
{
    (void)state;
    for (size_t i = 0; i < VERB_COUNT; i++) {
        assert_true(verb_table[i].words[0] && verb_table[i].name[0] && verb_table[i].help[0]);
        for (size_t k = i + 1; k < VERB_COUNT; k++) {
            assert_string_not_equal(verb_table[i].words, verb_table[k].words);
            assert_string_not_equal(verb_table[i].name, verb_table[k].name);
        }
        assert_int_equal(verb_of_name(str_of(verb_table[i].name)), i);
    }
    for (size_t i = 0; i < verb_aliases_n; i++) {
        assert_int_equal(verb_of_name(str_of(verb_aliases[i].name)), verb_aliases[i].verb);
        for (size_t k = 0; k < VERB_COUNT; k++)
            assert_string_not_equal(verb_aliases[i].name, verb_table[k].name);
        for (size_t k = i + 1; k < verb_aliases_n; k++)
            assert_string_not_equal(verb_aliases[i].name, verb_aliases[k].name);
    }
    assert_int_equal(verb_of_name(STR("")), VERB_COUNT);
    assert_int_equal(verb_of_name(STR("session list")), VERB_COUNT);
}

static void words(const char *line, enum verb_id want, const char *rest)
{
    struct str got = STR("");
    assert_int_equal(verb_of_words(str_of(line), &got), want);
    if (!str_is(got, rest))
        fail_msg("%s: <%.*s>", line, STR_ARG(got));
}

static void test_words(void **state)
{
    (void)state;
    words("session list", VERB_SESSION_LIST, "");
    words("  config   why  policy.mode ", VERB_CONFIG_WHY, "policy.mode");
    words("session listing", VERB_COUNT, "");
    words("session", VERB_COUNT, "");
    words("gateway up", VERB_COUNT, ""); /* one word: that is its name */
    words("", VERB_COUNT, "");
    words("policy test \"rm -rf x\"", VERB_POLICY_TEST, "\"rm -rf x\"");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_names), cmocka_unit_test(test_words)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
