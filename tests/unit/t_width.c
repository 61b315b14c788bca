/* SPDX-License-Identifier: MIT */
#include "lib/test.h"

#include "text/utf8.h"
#include "text/width.h"

#include <locale.h>
#include <stdio.h>

static void expect(struct str in, const char *out)
{
    CLEANUP(buf_free) struct buf b = BUF_OWN;
    width_sanitize(&b, in);
    assert_string_equal(buf_cstr(&b), out);
}

static void test_width(void **state)
{
    (void)state;
    assert_int_equal(width_char('a'), 1);
    assert_int_equal(width_char(0), 1);
    assert_int_equal(width_char(0x1B), 1);
    assert_int_equal(width_char(0x7F), 1);
    assert_int_equal(width_char(0x301), 0);
    assert_int_equal(width_char(0x4E2D), 2);
    assert_int_equal(width_char(0x1F600), 2);
    assert_int_equal(width_char(0x10FFFF), 1);
    assert_int_equal(width_str(STR("")), 0);
    assert_int_equal(width_str(STR("ab \xE4\xB8\xAD e\xCC\x81 \xFF")), 9);
}

static void test_fit(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int cells;
        size_t bytes;
        int used;
    } rows[] = {
        {"abc", 0, 0, 0},
        {"abc", 2, 2, 2},
        {"abc", 3, 3, 3},
        {"abc", 9, 3, 3},
        {"a\xE4\xB8\xAD"
         "b",
         2, 1, 1},
        {"a\xE4\xB8\xAD"
         "b",
         3, 4, 3},
        {"ae\xCC\x81"
         "b",
         2, 4, 2},
        {"ae\xCC\x81"
         "b",
         1, 1, 1},
        {"\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x91\xA7", 3, 0, 0},
        {"\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x91\xA7", 4, 11, 4},
        {"", 3, 0, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        int used = -1;
        assert_int_equal(width_fit(str_of(rows[i].text), rows[i].cells, &used), rows[i].bytes);
        assert_int_equal(used, rows[i].used);
    }
}

static void test_controls(void **state)
{
    (void)state;
    expect(STR("\x1B[31mred\x07"), "^[[31mred^G");
    expect(str_make("\0\x7F", 2), "^@^?");
    expect(STR("\xC2\x9B"
               "31m\xC2\x85"),
           "\\x9b31m\\x85");
    expect(STR("a\r\nb\rc\r\r\nd\r"), "a\nb^Mc^M\nd^M");
    expect(STR("\xE2\x80\xAE"
               "abc\xE2\x81\xA6\xEF\xBB\xBF"),
           "<U+202E>abc<U+2066><U+FEFF>");
    expect(STR("a\xE2\x80\x8B"
               "b\xF3\xA0\x81\x81"),
           "a<U+200B>b<U+E0041>");
    expect(STR("\xFF\xC3"), "\xEF\xBF\xBD\xEF\xBF\xBD");
    expect(STR("\xEF\xBF\xBD"), "\xEF\xBF\xBD");
    expect(STR("\xF4\x8F\xBF\xBF"), "\xEF\xBF\xBD");
    expect(STR("plain \xC3\xA9 \xE4\xB8\xAD"), "plain \xC3\xA9 \xE4\xB8\xAD");
}

static void test_tabs(void **state)
{
    (void)state;
    expect(STR("\tx"), "        x");
    expect(STR("1234567\tx"), "1234567 x");
    expect(STR("12345678\tx"), "12345678        x");
    expect(STR("abc\n\xE4\xB8\xAD\tx"), "abc\n\xE4\xB8\xAD      x");
    expect(STR("\x1B\tx"), "^[      x");
}

static void test_emoji(void **state)
{
    (void)state;
    /* Joined pictures stay joined, also behind a skin tone and a dropped selector. */
    expect(STR("\xF0\x9F\x91\xA9\xF0\x9F\x8F\xBD\xE2\x80\x8D\xF0\x9F\x91\xA7"),
           "\xF0\x9F\x91\xA9\xF0\x9F\x8F\xBD\xE2\x80\x8D\xF0\x9F\x91\xA7");
    expect(STR("\xF0\x9F\x8F\xB3\xEF\xB8\x8F\xE2\x80\x8D\xF0\x9F\x8C\x88"),
           "\xF0\x9F\x8F\xB3\xE2\x80\x8D\xF0\x9F\x8C\x88");
    /* Elsewhere a joiner is a trick. */
    expect(STR("a\xE2\x80\x8D\xF0\x9F\x91\xA7"), "a<U+200D>\xF0\x9F\x91\xA7");
    expect(STR("\xF0\x9F\x91\xA9\xE2\x80\x8D"
               "a"),
           "\xF0\x9F\x91\xA9<U+200D>a");
    expect(STR("\xF0\x9F\x91\xA9\xE2\x80\x8D"), "\xF0\x9F\x91\xA9<U+200D>");
    expect(STR("\xE2\x9A\xA0\xEF\xB8\x8F!"), "\xE2\x9A\xA0!");
}

static void expect_json(struct str in, const char *out)
{
    CLEANUP(buf_free) struct buf b = BUF_OWN;
    assert_int_equal(width_json(&b, in, false), in.n);
    assert_string_equal(buf_cstr(&b), out);
}

static void test_json(void **state)
{
    (void)state;
    expect_json(STR("{\"a\": \"\\u001b \xC3\xA9 \xE4\xB8\xAD\"}\n\t"), "{\"a\": \"\\u001b \xC3\xA9 \xE4\xB8\xAD\"}\n\t");
    expect_json(STR("\xC2\x9B"
                    "31m\xC2\x80\x7F\x1B\r"),
                "\\u009b31m\\u0080\\u007f\\u001b\\u000d");
    expect_json(STR("\xE2\x80\xAE\xE2\x81\xA6\xE2\x80\x8F\xEF\xBB\xBF\xEF\xB8\x8F"), "\\u202e\\u2066\\u200f\\ufeff\\ufe0f");
    expect_json(STR("\xF3\xA0\x81\x81\xF4\x8F\xBF\xBF"), "\\udb40\\udc41\\udbff\\udfff");
    expect_json(STR("\xF0\x9F\x98\x80\xFF\xC3"), "\xF0\x9F\x98\x80\xEF\xBF\xBD\xEF\xBF\xBD");
}

/* Wherever it is cut in two, it is the same. */
static void test_json_pieces(void **state)
{
    (void)state;
    struct str all = STR("a\xC2\x9B\xE2\x80\xAE\xF0\x9F\x98\x80\xF3\xA0\x81\x81z\xFF\xE2\x80y\xE2\x80");
    CLEANUP(buf_free) struct buf whole = BUF_OWN;
    width_json(&whole, all, false);
    for (size_t at = 0; at <= all.n; at++) {
        CLEANUP(buf_free) struct buf out = BUF_OWN;
        size_t taken = width_json(&out, str_sub(all, 0, at), true);
        assert_true(taken <= at && at - taken < 4);
        assert_int_equal(width_json(&out, str_sub(all, taken, all.n), false), all.n - taken);
        assert_string_equal(buf_cstr(&out), buf_cstr(&whole));
    }
}

static bool is_harmless(uint32_t cp)
{
    return cp == '\n' || (cp >= 0x20 && cp != 0x7F && !(cp >= 0x80 && cp < 0xA0) &&
                          !(cp >= 0x202A && cp <= 0x202E) && !(cp >= 0x2066 && cp <= 0x2069) &&
                          cp != 0x200B && cp != 0xFEFF && !(cp >= 0xFE00 && cp <= 0xFE0F));
}

/* Any bytes: the output is valid, holds nothing but LF and what can be shown, and cleaning it again
 * changes nothing. */
static void test_any_bytes(void **state)
{
    (void)state;
    uint64_t seed = test_seed();
    for (int i = 0; i < 20000; i++) {
        CLEANUP(buf_free) struct buf in = BUF_OWN, out = BUF_OWN, again = BUF_OWN;
        for (uint64_t n = test_random(&seed) % 12; n > 0; n--) {
            static const uint32_t some[] = {0x1F469, 0x200D, 0x1F467, 0x1F3FD, 0xFE0F, 0x202E, 9,
                                            13,      10,     27,      0x9B,    0x301,  0xFF};
            char c[4];
            uint64_t r = test_random(&seed);
            uint32_t cp = r & 1 ? some[(r >> 8) % ARRAY_LEN(some)] : (uint32_t)(r >> 8) % 0x110000;
            if (r & 16)
                buf_putc(&in, (char)(r >> 32));
            buf_add(&in, c, utf8_encode(cp, c));
        }
        width_sanitize(&out, buf_view(&in));
        assert_true(utf8_valid(buf_view(&out)));
        for (struct str s = buf_view(&out); s.n;) {
            size_t bytes;
            assert_true(is_harmless(utf8_next(s, &bytes)));
            s = str_sub(s, bytes, s.n);
        }
        width_sanitize(&again, buf_view(&out));
        assert_string_equal(buf_cstr(&again), buf_cstr(&out));
    }
}

/* What fits is a prefix of at most so many cells, and one more cluster would not fit. */
static void test_fit_random(void **state)
{
    (void)state;
    uint64_t seed = test_seed();
    for (int i = 0; i < 20000; i++) {
        static const char *const bits[] = {
            "a", " ", "\xE4\xB8\xAD", "\xCC\x81", "\xC3\xA9", "\xF0\x9F\x91\xA9", "\xE2\x80\x8D"};
        CLEANUP(buf_free) struct buf b = BUF_OWN;
        for (uint64_t n = test_random(&seed) % 16; n > 0; n--)
            buf_puts(&b, bits[test_random(&seed) % ARRAY_LEN(bits)]);
        int cells = (int)(test_random(&seed) % 12), used;
        size_t n = width_fit(buf_view(&b), cells, &used);
        assert_true(used <= cells);
        assert_int_equal(used, width_str(str_sub(buf_view(&b), 0, n)));
        struct str rest = str_sub(buf_view(&b), n, b.len);
        if (rest.n)
            assert_true(used + width_str(str_sub(rest, 0, utf8_cluster(rest))) > cells);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_width),      cmocka_unit_test(test_fit),
        cmocka_unit_test(test_controls),   cmocka_unit_test(test_tabs),
        cmocka_unit_test(test_emoji),      cmocka_unit_test(test_any_bytes),
        cmocka_unit_test(test_fit_random), cmocka_unit_test(test_json),
        cmocka_unit_test(test_json_pieces),
    };
    if (!setlocale(LC_CTYPE, "C.UTF-8")) {
        fputs("no UTF-8 locale\n", stderr);
        return 99;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
