/* SPDX-License-Identifier: MIT */
#include "lib/test.h"

#include "base/err.h"
#include "base/str.h"

#include <errno.h>

static void test_set(void **state)
{
    (void)state;
    struct err e = {.phase = PHASE_TOOL, .attempt = 3, .elapsed_ms = 5, .hint = "old"};
    assert_false(err_set(&e, ERR_INVALID, "%s is %d", "x", 7));
    assert_int_equal(e.code, ERR_INVALID);
    assert_int_equal(e.phase, PHASE_TOOL);
    assert_int_equal(e.attempt, 0);
    assert_int_equal(e.elapsed_ms, 0);
    assert_string_equal(e.message, "x is 7");
    assert_string_equal(err_hint_text(&e), "correct the named field");
    assert_false(err_hint(&e, "use %c", 'y'));
    assert_string_equal(err_hint_text(&e), "use y");
    assert_false(err_wrap(&e, "line %d", 2));
    assert_string_equal(e.message, "line 2: x is 7");
    assert_int_equal(e.code, ERR_INVALID);
    assert_string_equal(e.hint, "use y");
}

static void test_sys(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    assert_false(err_sys(&e, ERR_IO, EACCES, "%s", "/x"));
    assert_string_equal(e.message, "/x: Permission denied");
    assert_int_equal(e.code, ERR_IO);
    static const struct {
        enum err_code given;
        int errnum;
        enum err_code got;
    } rows[] = {
        {ERR_IO, ENOSPC, ERR_STORE_FULL},    {ERR_IO, EDQUOT, ERR_STORE_FULL},
        {ERR_STORE, ENOSPC, ERR_STORE_FULL}, {ERR_STORE, EIO, ERR_STORE},
        {ERR_SPAWN, ENOSPC, ERR_SPAWN},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        err_sys(&e, rows[i].given, rows[i].errnum, "x");
        assert_int_equal(e.code, rows[i].got);
    }
}

/* Whatever the length, a message ends with a whole character. */
static void test_cut(void **state)
{
    (void)state;
    static const char *const characters[] = {"x", "\xc3\xa4", "\xe2\x82\xac", "\xf0\x9f\x98\x80"};
    for (size_t c = 0; c < ARRAY_LEN(characters); c++) {
        size_t n = strlen(characters[c]);
        for (size_t lead = 0; lead < 4; lead++) {
            char text[ERR_MESSAGE_MAX + 16] = "aaaa";
            size_t len = lead;
            while (len + n < sizeof(text)) {
                memcpy(text + len, characters[c], n + 1);
                len += n;
            }
            struct err e = ERR_INIT;
            err_set(&e, ERR_IO, "%s", text);
            size_t kept = strlen(e.message);
            assert_true(kept > ERR_MESSAGE_MAX - 1 - n);
            assert_int_equal((kept - lead) % n, 0);
            assert_memory_equal(e.message, text, kept);
            err_wrap(&e, "b");
            kept = strlen(e.message);
            assert_true(kept > ERR_MESSAGE_MAX - 1 - n);
            assert_int_equal((kept - lead - 3) % n, 0);
        }
    }
}

/* One full message wrapped in another: cut, never past the end. */
static void test_wrap_full(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    err_set(&e, ERR_IO, "%0600d", 1);
    assert_int_equal(strlen(e.message), ERR_MESSAGE_MAX - 1);
    for (int i = 0; i < 3; i++)
        err_wrap(&e, "%0600d", 2);
    assert_int_equal(strlen(e.message), ERR_MESSAGE_MAX - 1);
}

/* Every row has a name of its own in the form that programs compare, and known exits. */
static void test_table(void **state)
{
    (void)state;
    static const int exits[] = {0, 1, 2, 3, 4, 5, 6, 130};
    for (int i = 0; i < ERR_COUNT; i++) {
        enum err_code code = (enum err_code)i;
        const char *name = err_code_name(code);
        bool known = false;
        assert_int_equal(strspn(name, "abcdefghijklmnopqrstuvwxyz_"), strlen(name));
        assert_int_equal(err_code_find(name), code);
        for (size_t k = 0; k < ARRAY_LEN(exits); k++)
            known |= err_code_exit(code) == exits[k];
        assert_true(known);
        assert_int_equal(err_code_exit(code) == 0, code == ERR_NONE);
        assert_in_range(err_code_http(code), 200, 599);
        struct err e = {.code = code};
        assert_non_null(err_hint_text(&e));
    }
    assert_int_equal(err_code_find("no such"), ERR_INTERNAL);
    assert_int_equal(err_code_find(NULL), ERR_INTERNAL);
    assert_true(err_code_retryable(ERR_TIMEOUT));
    assert_false(err_code_retryable(ERR_DENIED));
}

static void test_phases(void **state)
{
    (void)state;
    for (int i = 0; i < PHASE_COUNT; i++)
        assert_int_equal(err_phase_find(err_phase_name((enum err_phase)i)), i);
    assert_int_equal(err_phase_find("no such"), PHASE_NONE);
    assert_int_equal(err_phase_find(NULL), PHASE_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_set),   cmocka_unit_test(test_sys),
        cmocka_unit_test(test_cut),   cmocka_unit_test(test_wrap_full),
        cmocka_unit_test(test_table), cmocka_unit_test(test_phases),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
