/* SPDX-License-Identifier: MIT */
#include "lib/test.h"

#include "text/utf8.h"

static void test_every_code_point(void **state)
{
    (void)state;
    for (uint32_t cp = 0; cp <= 0x110000; cp++) {
        char text[5] = "";
        size_t n = utf8_encode(cp, text), bytes = 0;
        bool valid = cp < 0xD800 || (cp > 0xDFFF && cp <= 0x10FFFF);
        assert_int_equal(n > 0, valid);
        if (!valid)
            continue;
        assert_int_equal(utf8_next(str_make(text, n), &bytes), cp);
        assert_int_equal(bytes, n);
        assert_true(utf8_valid(str_make(text, n)));
        /* Cut short it is invalid, and only cut. */
        for (size_t part = 1; part < n; part++) {
            bool cut = false;
            assert_int_equal(utf8_valid_prefix(str_make(text, part), &cut), 0);
            assert_true(cut);
            assert_int_equal(utf8_next(str_make(text, part), &bytes), UTF8_REPLACEMENT);
            assert_int_equal(bytes, 1);
        }
    }
}

static void test_words(void **state)
{
    static const uint32_t words[] = {'a', 'Z', '0', 0xE9, 0x3B1, 0x4E00, 0x5D0, 0xB2, 0x660};
    static const uint32_t others[] = {' ',     '-',   '"',    '*',    0x2014,
                                      0x1F600, 0x301, 0x200D, 0xFFFD, 0x110000};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        assert_true(utf8_is_word(words[i]));
    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        assert_false(utf8_is_word(others[i]));
}

static void test_invalid(void **state)
{
    static const char *const rows[] = {
        "\x80",
        "\xBF",
        "\xC0\x80",
        "\xC1\xBF",
        "\xE0\x9F\xBF",
        "\xED\xA0\x80",
        "\xED\xBF\xBF",
        "\xF0\x8F\xBF\xBF",
        "\xF4\x90\x80\x80",
        "\xF5\x80\x80\x80",
        "\xFE",
        "\xFF",
        "\xC3(",
        "\xE2\x82(",
        "\xF0\x9F\x98(",
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct str s = str_of(rows[i]);
        size_t bytes;
        bool cut = true;
        assert_false(utf8_valid(s));
        assert_int_equal(utf8_valid_prefix(s, &cut), 0);
        assert_false(cut);
        assert_int_equal(utf8_next(s, &bytes), UTF8_REPLACEMENT);
        assert_int_equal(bytes, 1);
    }
}

static void test_prefix(void **state)
{
    (void)state;
    bool cut;
    assert_int_equal(utf8_valid_prefix(STR("0123456789\xE2\x82"), &cut), 10);
    assert_true(cut);
    assert_int_equal(utf8_valid_prefix(STR("0123456789\xE2\x82\xAC!\xFF tail"), &cut), 14);
    assert_false(cut);
    assert_int_equal(utf8_valid_prefix(STR(""), &cut), 0);
    assert_true(utf8_valid(STR("")));
    assert_true(utf8_valid(str_make("a\0b", 3)));
    assert_int_equal(utf8_encode(0xD800, (char[4]){0}), 0);
}

static void test_clip(void **state)
{
    static const struct {
        const char *text;
        size_t max, n;
    } rows[] = {
        {"abc", 2, 2},
        {"abc", 3, 3},
        {"abc", 4, 3},
        {"abc", 0, 0},
        {"a\xC3\xA9", 2, 1},
        {"a\xC3\xA9", 3, 3},
        {"\xF0\x9F\x98\x80z", 3, 0},
        {"\xF0\x9F\x98\x80z", 4, 4},
        {"\x80\x80\x80\x80\x80", 3, 3},
        {"a\xE2\x82z", 2, 2},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_int_equal(utf8_clip(str_of(rows[i].text), rows[i].max).n, rows[i].n);
}

static void test_clean(void **state)
{
    (void)state;
    CLEANUP(buf_free) struct buf b = BUF_OWN;
    utf8_clean(&b, STR("a\xFF\xC3\xA9\xE2\x82"));
    assert_string_equal(buf_cstr(&b), "a\xEF\xBF\xBD\xC3\xA9\xEF\xBF\xBD\xEF\xBF\xBD");
}

/* Cleaning gives valid text, and leaves valid text alone. */
static void test_clean_random(void **state)
{
    (void)state;
    uint64_t seed = test_seed();
    for (int i = 0; i < 5000; i++) {
        char text[40];
        size_t n = test_random(&seed) % sizeof(text);
        for (size_t k = 0; k < n; k++)
            text[k] = (char)(test_random(&seed) >> (test_random(&seed) & 1));
        CLEANUP(buf_free) struct buf b = BUF_OWN;
        utf8_clean(&b, str_make(text, n));
        assert_true(utf8_valid(buf_view(&b)));
        if (utf8_valid(str_make(text, n)))
            assert_true(str_eq(buf_view(&b), str_make(text, n)));
    }
}

static void test_clusters(void **state)
{
    static const char *const clusters[] = {
        "a",
        "e\xCC\x81",                                    /* e and acute accent */
        "\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x91\xA7", /* family */
        "\xF0\x9F\x87\xA9\xF0\x9F\x87\xAA",             /* flag */
        "\xF0\x9F\x91\x8D\xF0\x9F\x8F\xBD",             /* thumb with skin tone */
        "\r\n",
        "\xE1\x84\x92\xE1\x85\xA1\xE1\x86\xAB", /* Hangul of three letters */
        " ",
        "\xFF",
        "z",
    };
    (void)state;
    CLEANUP(buf_free) struct buf b = BUF_OWN;
    for (size_t i = 0; i < ARRAY_LEN(clusters); i++)
        buf_puts(&b, clusters[i]);
    size_t at = 0;
    for (size_t i = 0; i < ARRAY_LEN(clusters); i++) {
        size_t n = strlen(clusters[i]);
        assert_int_equal(utf8_cluster(str_sub(buf_view(&b), at, b.len)), n);
        at += n;
        assert_int_equal(utf8_cluster_before(buf_view(&b), at), at - n);
    }
    assert_int_equal(utf8_cluster(STR("")), 0);
    assert_int_equal(utf8_cluster_before(STR("abc"), 0), 0);
}

/* A pile of marks is cut, and going back makes way. */
static void test_pile(void **state)
{
    (void)state;
    CLEANUP(buf_free) struct buf b = BUF_OWN;
    buf_putc(&b, 'x');
    for (int i = 0; i < 3000; i++)
        buf_puts(&b, "\xCC\x81");
    size_t n = utf8_cluster(buf_view(&b));
    assert_true(n > 400 && n < 600);
    size_t at = b.len, steps = 0;
    while (at > 0 && steps < 10000) {
        size_t before = utf8_cluster_before(buf_view(&b), at);
        assert_true(before < at);
        at = before;
        steps++;
    }
    assert_int_equal(at, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_code_point),
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_invalid),
        cmocka_unit_test(test_prefix),
        cmocka_unit_test(test_clip),
        cmocka_unit_test(test_clean),
        cmocka_unit_test(test_clean_random),
        cmocka_unit_test(test_clusters),
        cmocka_unit_test(test_pile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
