/* SPDX-License-Identifier: MIT
 *
 * What every face takes for granted of the tables of actions and queries.
 */
#include "lib/test.h"

#include "contract/action.h"

/* "area.verb", lower case, with one dot. */
static void check_name(const char *name)
{
    size_t dots = 0;
    for (const char *p = name; *p; p++) {
        bool letter = (*p >= 'a' && *p <= 'z') || *p == '_';
        dots += *p == '.';
        if (!letter && *p != '.')
            fail_msg("%s: not a name", name);
    }
    if (dots != 1 || name[0] == '.' || name[strlen(name) - 1] == '.')
        fail_msg("%s: not a name", name);
}

static void check_fields(const struct field_set *set)
{
    for (size_t i = 0; i < set->n; i++) {
        assert_true(set->fields[i].doc[0] != '\0');
        assert_true(set->fields[i].offset < set->size);
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(set->fields[i].name, set->fields[k].name);
    }
}

static void test_actions(void **state)
{
    (void)state;
    for (int i = 0; i < ACT_COUNT; i++) {
        const struct action_desc *d = &action_table[i];
        check_name(d->name);
        check_fields(&d->set);
        assert_string_equal(d->set.name, d->name);
        assert_true(d->help[strlen(d->help) - 1] == '.');
        assert_int_equal(action_find(str_of(d->name)), i);
        assert_int_equal(query_find(str_of(d->name)), QRY_COUNT);
    }
    assert_int_equal(action_find(STR("turn")), ACT_COUNT);
    assert_int_equal(action_find(STR("")), ACT_COUNT);
    assert_int_equal(action_find(STR("turn.submit ")), ACT_COUNT);
}

static void test_queries(void **state)
{
    (void)state;
    for (int i = 0; i < QRY_COUNT; i++) {
        const struct query_desc *d = &query_table[i];
        check_name(d->name);
        check_fields(&d->args);
        assert_true(d->limit > 0);
        assert_true(d->n_columns > 0);
        assert_true(d->help[strlen(d->help) - 1] == '.');
        assert_int_equal(query_find(str_of(d->name)), i);
        for (size_t k = 0; k < d->n_columns; k++) {
            assert_true(d->columns[k].doc[0] != '\0');
            for (size_t m = 0; m < k; m++)
                assert_string_not_equal(d->columns[k].name, d->columns[m].name);
        }
    }
    assert_int_equal(query_find(STR("session")), QRY_COUNT);
}

static void test_roles(void **state)
{
    (void)state;
    assert_string_equal(role_name(ROLE_VIEW), "view");
    assert_string_equal(role_name(ROLE_CHAT), "chat");
    assert_string_equal(role_name(ROLE_OPERATOR), "operator");
    assert_string_equal(role_name(ROLE_ADMIN), "admin");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_actions),
        cmocka_unit_test(test_queries),
        cmocka_unit_test(test_roles),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
