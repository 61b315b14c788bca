/* SPDX-License-Identifier: MIT */
#include "lib/test.h"

#include "base/buf.h"
#include "text/argv.h"

#include <string.h>

static void expect(const char *line, const char *want)
{
    struct arena a = ARENA_INIT;
    struct err e = ERR_INIT;
    struct argv w;
    CLEANUP(buf_free) struct buf b = BUF_OWN;
    assert_true(argv_split(str_of(line), &a, &w, &e));
    for (size_t i = 0; i < w.n; i++)
        buf_printf(&b, "[%s]", w.v[i]);
    assert_string_equal(buf_cstr(&b), want);
    assert_null(w.v[w.n]);
    arena_free(&a);
}

static void test_words(void **state)
{
    (void)state;
    expect("", "");
    expect(" \t\n ", "");
    expect("a", "[a]");
    expect("  a  b\tc ", "[a][b][c]");
    expect("a\\ b c", "[a b][c]");
    expect("'a b' \"c d\"", "[a b][c d]");
    expect("'' \"\"", "[][]");
    expect("a'b'\"c\"d", "[abcd]");
    expect("'a\\b' \"a\\b\" \"a\\\"b\" \"a\\\\b\"", "[a\\b][a\\b][a\"b][a\\b]");
    expect("\"it's\" 'say \"x\"'", "[it's][say \"x\"]");
    expect("\xE4\xB8\xAD \xE6\x96\x87", "[\xE4\xB8\xAD][\xE6\x96\x87]");
}

static void test_refused(void **state)
{
    static const struct str lines[] = {
        STR("'a"), STR("\"a"), STR("a\\"), STR("a \"b' c"), {"a\0b", 3}};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
        struct arena a = ARENA_INIT;
        struct err e = ERR_INIT;
        struct argv w;
        assert_false(argv_split(lines[i], &a, &w, &e));
        assert_int_equal(e.code, ERR_USAGE);
        arena_free(&a);
    }
}

/* As many words as there may be, and one more. */
static void test_limit(void **state)
{
    (void)state;
    for (int n = ARGV_MAX; n <= ARGV_MAX + 1; n++) {
        struct arena a = ARENA_INIT;
        struct err e = ERR_INIT;
        struct argv w;
        CLEANUP(buf_free) struct buf b = BUF_OWN;
        for (int i = 0; i < n; i++)
            buf_puts(&b, "w ");
        assert_int_equal(argv_split(buf_view(&b), &a, &w, &e), n == ARGV_MAX);
        arena_free(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
