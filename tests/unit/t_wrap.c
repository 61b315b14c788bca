/* SPDX-License-Identifier: MIT */
#include "lib/test.h"

#include "base/buf.h"
#include "text/utf8.h"
#include "text/width.h"
#include "text/wrap.h"

#include <locale.h>
#include <stdio.h>

/* The rows, each in bars. */
static void expect(const char *text, int cells, const char *rows)
{
    CLEANUP(buf_free) struct buf b = BUF_OWN;
    struct str rest = str_of(text), row;
    buf_putc(&b, '|');
    while (wrap_row(&rest, cells, &row)) {
        buf_str(&b, row);
        buf_putc(&b, '|');
    }
    assert_string_equal(buf_cstr(&b), rows);
}

static void test_rows(void **state)
{
    (void)state;
    expect("", 5, "||");
    expect("abc", 3, "|abc|");
    expect("abcd", 3, "|abc|d|");
    expect("ab cd", 5, "|ab cd|");
    expect("ab cd", 4, "|ab|cd|");
    expect("ab cd", 2, "|ab|cd|");
    expect("ab cd ef", 5, "|ab cd|ef|");
    expect("ab cd ", 5, "|ab cd|");
    expect("a   b", 2, "|a | b|");
    expect("a verylongword b", 6, "|a|verylo|ngword|b|");
    expect(" word", 4, "||word|");
    expect("  indented text", 10, "|  indented|text|");
    expect("\xE4\xB8\xAD\xE6\x96\x87\xE5\xAD\x97", 5, "|\xE4\xB8\xAD\xE6\x96\x87|\xE5\xAD\x97|");
    expect("abe\xCC\x81"
           "d",
           3, "|abe\xCC\x81|d|");
    expect("ab", 0, "|a|b|");
    expect("ab", -5, "|a|b|");
    /* A cluster wider than the row, a character wider than the row. */
    expect("\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x91\xA7", 3,
           "|\xF0\x9F\x91\xA9\xE2\x80\x8D|\xF0\x9F\x91\xA7|");
    expect("a\xE4\xB8\xAD", 1, "|a|\xE4\xB8\xAD|");
    /* A blank with a mark on it is a letter. */
    expect("ab \xCC\x81"
           "cd",
           3, "|ab \xCC\x81|cd|");
    struct str none = STR_NULL, row;
    assert_false(wrap_row(&none, 5, &row));
}

static void test_count(void **state)
{
    (void)state;
    assert_int_equal(wrap_count(STR_NULL, 5), 0);
    assert_int_equal(wrap_count(STR(""), 5), 1);
    assert_int_equal(wrap_count(STR("a\n"), 5), 2);
    assert_int_equal(wrap_count(STR("a\n\nab cd ef\nx"), 5), 5);
}

/* Rows hold at most the cells; together they are the line, with at most one blank missing at each
 * break. */
static void test_any_line(void **state)
{
    static const char *const bits[] = {"a",
                                       "bc",
                                       " ",
                                       " ",
                                       "  ",
                                       "\xE4\xB8\xAD",
                                       "\xCC\x81",
                                       "\xC3\xA9",
                                       "\xF0\x9F\x91\xA9",
                                       "\xE2\x80\x8D",
                                       "word",
                                       "\xF0\x9F\x87\xA9\xF0\x9F\x87\xAA"};
    (void)state;
    uint64_t seed = test_seed();
    for (int i = 0; i < 20000; i++) {
        CLEANUP(buf_free) struct buf b = BUF_OWN;
        for (uint64_t n = test_random(&seed) % 30; n > 0; n--)
            buf_puts(&b, bits[test_random(&seed) % ARRAY_LEN(bits)]);
        int cells = (int)(2 + test_random(&seed) % 12);
        struct str rest = buf_view(&b), row;
        const char *at = rest.p;
        size_t rows = 0;
        while (wrap_row(&rest, cells, &row)) {
            assert_true(width_str(row) <= cells);
            if (row.p != at) {
                assert_true(rows > 0 && row.p == at + 1 && *at == ' ');
            } else if (rows > 0 && at[-1] != ' ') {
                /* Broken inside a word: the row before was full up to the next cluster. */
                assert_true(row.n > 0);
            }
            at = row.p + row.n;
            rows++;
        }
        const char *end = b.data ? b.data + b.len : at;
        assert_true(at == end || (at + 1 == end && *at == ' '));
        assert_int_equal(rows, wrap_count(buf_view(&b), cells));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_count),
        cmocka_unit_test(test_any_line),
    };
    if (!setlocale(LC_CTYPE, "C.UTF-8")) {
        fputs("no UTF-8 locale\n", stderr);
        return 99;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
