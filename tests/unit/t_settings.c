/* SPDX-License-Identifier: MIT */
#include "lib/test.h"

#include "base/mem.h"
#include "contract/settings.h"

#include <stdio.h>
#include <stdlib.h>

/* Every default is a value, and each name finds its row. */
static void test_table(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    for (int i = 0; i < SET_COUNT; i++) {
        const struct setting_desc *d = &setting_table[i];
        char name[80];
        snprintf(name, sizeof(name), "%s.%s", d->section, d->key);
        assert_int_equal(setting_find(str_of(name)), i);
        OK(setting_check((enum setting_id)i, str_of(d->fallback), &e));
        assert_true(d->help[strlen(d->help) - 1] == '.');
        assert_true(d->type != SETTING_INT || d->min < d->max);
    }
    assert_int_equal(setting_find(STR("model")), SET_COUNT);
    assert_int_equal(setting_find(STR("model.")), SET_COUNT);
    assert_int_equal(setting_find(STR(".default")), SET_COUNT);
    assert_int_equal(setting_find(STR("modelxdefault")), SET_COUNT);
    assert_int_equal(setting_find(STR("model.defaults")), SET_COUNT);
    assert_int_equal(setting_find(STR("")), SET_COUNT);
}

/* The value and the nearest one that is refused. */
static void test_limits(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    for (int i = 0; i < SET_COUNT; i++) {
        const struct setting_desc *d = &setting_table[i];
        enum setting_id id = (enum setting_id)i;
        char text[32];
        if (d->type == SETTING_INT) {
            const struct {
                int64_t n;
                bool ok;
            } rows[] = {{d->min, true}, {d->max, true}, {d->min - 1, false}, {d->max + 1, false}};
            for (size_t k = 0; k < ARRAY_LEN(rows); k++) {
                snprintf(text, sizeof(text), "%lld", (long long)rows[k].n);
                if (rows[k].ok)
                    OK(setting_check(id, str_of(text), &e));
                else
                    FAILS(setting_check(id, str_of(text), &e), ERR_INVALID);
            }
        }
        if (d->type == SETTING_STR && d->max) {
            char *longest = mem_new((size_t)d->max + 2);
            memset(longest, 'x', (size_t)d->max + 1);
            OK(setting_check(id, str_make(longest, (size_t)d->max), &e));
            FAILS(setting_check(id, str_make(longest, (size_t)d->max + 1), &e), ERR_INVALID);
            free(longest);
        }
        if (d->type == SETTING_ENUM) {
            struct str rest = str_of(d->unit), choice;
            while (str_split(&rest, '|', &choice))
                OK(setting_check(id, choice, &e));
        }
        if (d->type != SETTING_STR) {
            FAILS(setting_check(id, STR(""), &e), ERR_INVALID);
            FAILS(setting_check(id, STR("no such thing"), &e), ERR_INVALID);
            assert_non_null(strstr(e.message, d->key));
            assert_non_null(strstr(e.message, "no such thing"));
        }
    }
}

static void test_words(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    FAILS(setting_check(SET_MODE, STR("Ask"), &e), ERR_INVALID);
    FAILS(setting_check(SET_MODE, STR("ask|edits"), &e), ERR_INVALID);
    FAILS(setting_check(SET_MODE, STR("as"), &e), ERR_INVALID);
    assert_non_null(strstr(e.message, "policy.mode"));
    FAILS(setting_check(SET_SANDBOX_NETWORK, STR("1"), &e), ERR_INVALID);
    FAILS(setting_check(SET_TURNS_MAX, STR("16 "), &e), ERR_INVALID);
    FAILS(setting_check(SET_TURNS_MAX, STR("99999999999999999999"), &e), ERR_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
