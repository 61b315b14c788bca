/* SPDX-License-Identifier: MIT */
#include "lib/test.h"

#include "base/buf.h"
#include "base/mem.h"
#include "json/json.h"
#include "json/jsonw.h"

#include <stdio.h>
#include <stdlib.h>

/* The compact text of what was parsed, or "!" and the error; the caller frees. */
static char *again(struct str text)
{
    struct err e = ERR_INIT;
    CLEANUP(json_free_p) struct json *j = json_parse(text, &e);
    if (!j)
        return mem_printf("!%s", e.message);
    struct arena a = ARENA_INIT;
    char *out = mem_strdup(json_text(j, &a));
    arena_free(&a);
    return out;
}

static void expect(struct str text, const char *expected)
{
    CLEANUP(mem_free_p) char *got = again(text);
    assert_string_equal(got, expected);
}

static void test_accepted(void **state)
{
    (void)state;
    expect(STR(" { \"a\" : [ 1 , true,false,null ] , \"b\":{} }\r\n\t"),
           "{\"a\":[1,true,false,null],\"b\":{}}");
    expect(STR("\"\""), "\"\"");
    expect(STR("\"\\u0041\\ud83d\\ude00\\/\\n\\u001f\""), "\"A\xF0\x9F\x98\x80/\\n\\u001f\"");
    expect(STR("[]"), "[]");
    expect(STR("-1"), "-1");
    expect(STR("\"\x7F\xEF\xBF\xBF\""), "\"\x7F\xEF\xBF\xBF\"");
}

static void test_refused(void **state)
{
    static const struct {
        struct str text;
        const char *message;
    } rows[] = {
        {{"", 0}, "!byte 0: expected a value, got the end of the text"},
        {{" ", 1}, "!byte 1: expected a value, got the end of the text"},
        {{"{}x", 3}, "!byte 2: expected nothing after the value"},
        {{"{}\0", 3}, "!byte 2: expected nothing after the value"},
        {{"\xEF\xBB\xBF{}", 5}, "!byte 0: expected a value"},
        {{"[1,]", 4}, "!byte 3: expected a value"},
        {{"{\"a\":1,}", 8}, "!byte 7: expected a key in quotes"},
        {{"{a:1}", 5}, "!byte 1: expected a key in quotes"},
        {{"{\"a\" 1}", 7}, "!byte 5: expected ':'"},
        {{"[1 2]", 5}, "!byte 3: expected ',' or ']'"},
        {{"{\"a\":1 2}", 9}, "!byte 7: expected ',' or '}'"},
        {{"01", 2}, "!byte 1: expected nothing after the value"},
        {{"+1", 2}, "!byte 0: expected a value"},
        {{".5", 2}, "!byte 0: expected a value"},
        {{"1.", 2}, "!byte 2: expected a digit, got the end of the text"},
        {{"1e", 2}, "!byte 2: expected a digit, got the end of the text"},
        {{"-", 1}, "!byte 1: expected a digit, got the end of the text"},
        {{"NaN", 3}, "!byte 0: expected a value"},
        {{"nul", 3}, "!byte 0: expected a value"},
        {{"True", 4}, "!byte 0: expected a value"},
        {{"\"a", 2}, "!byte 2: expected '\"', got the end of the text"},
        {{"\"a\nb\"", 5}, "!byte 2: expected an escape instead of a control character"},
        {{"\"a\0b\"", 5}, "!byte 2: expected an escape instead of a control character"},
        {{"\"a\\u0000b\"", 10}, "!byte 4: expected a character other than U+0000"},
        {{"{\"\\u0000\":1}", 12}, "!byte 4: expected a character other than U+0000"},
        {{"\"\\ud800\"", 8}, "!byte 3: expected both halves of a surrogate pair"},
        {{"\"\\udc00\"", 8}, "!byte 3: expected both halves of a surrogate pair"},
        {{"\"\\ud800\\u0041\"", 14}, "!byte 3: expected both halves of a surrogate pair"},
        {{"\"\\u12g4\"", 8}, "!byte 5: expected four hexadecimal digits"},
        {{"\"\\x\"", 4}, "!byte 2: expected one of \"\\/bfnrtu after the backslash"},
        {{"\"\xC0\xAF\"", 4}, "!byte 1: expected valid UTF-8"},
        {{"\"\xED\xA0\x80\"", 5}, "!byte 1: expected valid UTF-8"},
        {{"\"\xF4\x90\x80\x80\"", 6}, "!byte 1: expected valid UTF-8"},
        {{"\"12345678\xE2\x82\"", 12}, "!byte 9: expected valid UTF-8"},
        {{"'a'", 3}, "!byte 0: expected a value"},
        {{"[1]//", 5}, "!byte 3: expected nothing after the value"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        expect(rows[i].text, rows[i].message);
}

static void test_duplicate_keys(void **state)
{
    (void)state;
    expect(STR("{\"a\":1,\"b\":2,\"a\":3}"), "!key 'a' occurs twice in one object");
    expect(STR("{\"a\":1,\"\\u0061\":3}"), "!key 'a' occurs twice in one object");
    expect(STR("[{\"x\":{\"\":1,\"\":2}}]"), "!key '' occurs twice in one object");
    expect(STR("{\"a\":1,\"A\":2}"), "{\"a\":1,\"A\":2}");
    expect(STR("{\"a\":{\"a\":1}}"), "{\"a\":{\"a\":1}}");

    /* The same through the path for large objects: with so many keys, comparing
     * all pairs would take minutes. */
    CLEANUP(buf_free) struct buf b = BUF_OWN;
    buf_putc(&b, '{');
    for (int i = 0; i < 300000; i++)
        buf_printf(&b, "\"k%d\":%d,", i, i);
    buf_puts(&b, "\"k500\":0}");
    expect(buf_view(&b), "!key 'k500' occurs twice in one object");
}

static void test_exact_case(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    CLEANUP(json_free_p) struct json *j = json_parse(STR("{\"Path\":1,\"path\":2}"), &e);
    OK(j);
    assert_int_equal(json_i64(json_get(j, "path"), 0), 2);
    assert_int_equal(json_i64(json_get(j, "Path"), 0), 1);
    assert_null(json_get(j, "PATH"));
    assert_null(json_get(NULL, "path"));
    assert_null(json_get(json_get(j, "path"), "path"));
}

static void test_integers(void **state)
{
    static const struct {
        const char *text;
        bool whole;
        int64_t value;
    } rows[] = {
        {"0", true, 0},
        {"-0", true, 0},
        {"999999999999999", true, 999999999999999},
        {"-9999999999999999", true, -9999999999999999},
        {"9007199254740993", true, 9007199254740993},
        {"9223372036854775807", true, INT64_MAX},
        {"-9223372036854775808", true, INT64_MIN},
        {"9223372036854775808", false, 0},
        {"-9223372036854775809", false, 0},
        {"1.0", false, 0},
        {"1e3", false, 0},
        {"100000000000000000000000000000000000000000000000000000000000000000000000000", false, 0},
        {"0.10000000000000000000000000000000000000000000000000000000000000000000000001", false, 0},
        {"1e400", false, 0},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct err e = ERR_INIT;
        int64_t v = 0;
        /* Between two plain numbers, so that a text kept for the wrong one is seen. */
        CLEANUP(mem_free_p)
        char *text = mem_printf("[7,%s,{\"a\":%s},8]", rows[i].text, rows[i].text);
        CLEANUP(json_free_p) struct json *j = json_parse(str_of(text), &e);
        OK(j);
        const struct json *n = json_next(json_first(j));
        assert_int_equal(json_is_i64(n, &v), rows[i].whole);
        assert_int_equal(v, rows[i].value);
        assert_int_equal(json_is_i64(json_get(json_next(n), "a"), &v), rows[i].whole);
        assert_int_equal(json_i64(json_first(j), 0), 7);
        assert_int_equal(json_i64(json_next(json_next(n)), 0), 8);
        expect(str_of(text), text);
    }
}

static void test_doubles(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    CLEANUP(json_free_p)
    struct json *j = json_parse(
        STR("[0.5,-1e3,1e400,5,0.1000000000000000055511151231257827021181583404541015625000000]"),
        &e);
    OK(j);
    const struct json *n = json_first(j);
    assert_true(json_f64(n, 0) == 0.5);
    n = json_next(n);
    assert_true(json_f64(n, 0) == -1000);
    n = json_next(n);
    assert_true(json_f64(n, 42) == 42);
    n = json_next(n);
    assert_true(json_f64(n, 0) == 5);
    n = json_next(n);
    assert_true(json_f64(n, 0) == 0.1);
    assert_true(json_f64(NULL, 3) == 3);
}

static void test_depth(void **state)
{
    (void)state;
    for (int over = 0; over <= 1; over++) {
        struct err e = ERR_INIT;
        CLEANUP(buf_free) struct buf b = BUF_OWN;
        buf_fill(&b, '[', (size_t)JSON_DEPTH_MAX + (size_t)over);
        buf_fill(&b, ']', (size_t)JSON_DEPTH_MAX + (size_t)over);
        expect(buf_view(&b), over ? "!byte 128: expected at most 128 levels" : buf_cstr(&b));
        assert_int_equal(json_check(buf_view(&b), JSON_DEPTH_MAX, &e), !over);
        assert_false(json_check(buf_view(&b), JSON_DEPTH_MAX - 1, &e));
    }
}

static void test_values_limit(void **state)
{
    (void)state;
    for (size_t over = 0; over <= 1; over++) {
        struct err e = ERR_INIT;
        CLEANUP(buf_free) struct buf b = BUF_OWN;
        buf_putc(&b, '[');
        for (size_t i = 2; i < JSON_VALUES_MAX + over; i++)
            buf_puts(&b, "0,");
        buf_puts(&b, "0]");
        if (over)
            FAILS(json_check(buf_view(&b), 1, &e), ERR_TOO_LARGE);
        else
            OK(json_check(buf_view(&b), 1, &e));
    }
}

static void test_types(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    CLEANUP(json_free_p) struct json *j = json_parse(STR("[null,true,1,\"s\",[],{}]"), &e);
    OK(j);
    CLEANUP(buf_free) struct buf b = BUF_OWN;
    for (const struct json *c = json_first(j); c; c = json_next(c)) {
        buf_printf(&b, "%s ", json_type_name(json_type(c)));
        assert_null(json_key(c));
        assert_int_equal(json_len(c), 0);
        assert_int_equal(json_i64(c, -1), json_type(c) == JSON_NUMBER ? 1 : -1);
        assert_int_equal(json_bool(c, false), json_type(c) == JSON_BOOL);
        assert_string_equal(json_cstr(c, "no"), json_type(c) == JSON_STRING ? "s" : "no");
    }
    assert_string_equal(buf_cstr(&b), "null bool number string array object ");
    assert_int_equal(json_len(j), 6);
    assert_null(json_str(j).p);
    assert_int_equal(json_len(NULL), 0);
    assert_true(json_bool(NULL, true));
}

/* A text that is not NUL-terminated at the edge of its memory: reading past it is seen by the
 * sanitizers. */
static void test_every_prefix(void **state)
{
    static const char whole[] =
        "{\"k\\u00e9y\":[1,-2.5e+3,true,false,null,\"\xC3\xA9\\ud83d\\ude00\"],\"\":{}}";
    (void)state;
    for (size_t n = 0; n < sizeof(whole) - 1; n++) {
        struct err e = ERR_INIT;
        char *cut = malloc(n ? n : 1);
        memcpy(cut, whole, n);
        assert_null(json_parse(str_make(cut, n), &e));
        assert_int_equal(e.code, ERR_INVALID);
        free(cut);
    }
}

/* Writes a random value; strings have every kind of character. */
static void random_value(struct jsonw *w, uint64_t *seed, int depth)
{
    static const char *const bits[] = {"a",    "Z\"",          "\\",          "\n",
                                       "\x01", "\xC3\xA9",     "/",           "\xF0\x9F\x98\x80",
                                       "\x7F", " plain text ", "\xE2\x80\xAE"};
    uint64_t r = test_random(seed);
    char text[128] = "";
    for (uint64_t n = r >> 60; n > 0; n--)
        strncat(text, bits[test_random(seed) % ARRAY_LEN(bits)], 8);
    switch (r % (depth < 6 ? 9 : 6)) {
    case 0:
        jsonw_null(w);
        break;
    case 1:
        jsonw_bool(w, r & 64);
        break;
    case 2:
        jsonw_i64(w, (int64_t)test_random(seed) >> (r >> 8 & 63));
        break;
    case 3:
        jsonw_f64(w, (double)(int64_t)test_random(seed) / (double)(1 + (r >> 8 & 0xFFFF)));
        break;
    case 4:
    case 5:
        jsonw_cstr(w, text);
        break;
    case 6:
        jsonw_begin_array(w);
        for (uint64_t n = r >> 8 & 3; n > 0; n--)
            random_value(w, seed, depth + 1);
        jsonw_end_array(w);
        break;
    default:
        jsonw_begin_object(w);
        for (uint64_t n = (r >> 8 & 31) >> depth; n > 0; n--) {
            char key[160];
            snprintf(key, sizeof(key), "%s%d", text, (int)n);
            jsonw_key(w, key);
            random_value(w, seed, depth + 1);
        }
        jsonw_end_object(w);
        break;
    }
}

static void test_round_trip(void **state)
{
    (void)state;
    uint64_t seed = test_seed();
    for (int i = 0; i < 2000; i++) {
        CLEANUP(buf_free) struct buf b = BUF_OWN;
        struct jsonw w = JSONW(&b);
        random_value(&w, &seed, 0);
        expect(buf_view(&b), buf_cstr(&b));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_accepted),       cmocka_unit_test(test_refused),
        cmocka_unit_test(test_duplicate_keys), cmocka_unit_test(test_exact_case),
        cmocka_unit_test(test_integers),       cmocka_unit_test(test_doubles),
        cmocka_unit_test(test_depth),          cmocka_unit_test(test_values_limit),
        cmocka_unit_test(test_types),          cmocka_unit_test(test_every_prefix),
        cmocka_unit_test(test_round_trip),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
