/* SPDX-License-Identifier: MIT */
#include "lib/test.h"

#include "json/json.h"
#include "json/jsonw.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

static void test_commas(void **state)
{
    (void)state;
    CLEANUP(buf_free) struct buf b = BUF_OWN;
    struct jsonw w = JSONW(&b);
    jsonw_begin_object(&w);
    jsonw_put_cstr(&w, "a", "x");
    jsonw_put_cstr(&w, "n", NULL);
    jsonw_put_i64(&w, "i", -7);
    jsonw_put_bool(&w, "b", true);
    jsonw_put_raw(&w, "r", STR("[1, 2]"));
    jsonw_opt_cstr(&w, "gone", NULL);
    jsonw_opt_cstr(&w, "gone", "");
    jsonw_opt_i64(&w, "gone", 0);
    jsonw_opt_i64(&w, "o", 1);
    jsonw_key(&w, "l");
    jsonw_begin_array(&w);
    jsonw_begin_array(&w);
    jsonw_end_array(&w);
    jsonw_begin_object(&w);
    jsonw_end_object(&w);
    jsonw_null(&w);
    jsonw_bool(&w, false);
    jsonw_raw(&w, STR("{}"));
    jsonw_raw(&w, STR(""));
    jsonw_str(&w, STR_NULL);
    jsonw_end_array(&w);
    jsonw_put_str(&w, "k\"\n", STR("v"));
    jsonw_end_object(&w);
    assert_string_equal(buf_cstr(&b),
                        "{\"a\":\"x\",\"n\":null,\"i\":-7,\"b\":true,\"r\":[1, 2],\"o\":1,"
                        "\"l\":[[],{},null,false,{},null,\"\"],\"k\\\"\\n\":\"v\"}");
}

/* Every byte at every place of the eight that are looked at together. */
static void test_every_byte(void **state)
{
    (void)state;
    for (int c = 0; c < 256; c++) {
        for (size_t at = 0; at < 20; at++) {
            struct err e = ERR_INIT;
            char text[20];
            memset(text, 'x', sizeof(text));
            text[at] = (char)c;
            CLEANUP(buf_free) struct buf b = BUF_OWN;
            struct jsonw w = JSONW(&b);
            jsonw_str(&w, str_make(text, sizeof(text)));
            CLEANUP(json_free_p) struct json *j = json_parse(buf_view(&b), &e);
            OK(j);
            struct str s = json_str(j);
            if (c == 0 || c >= 0x80) {
                assert_int_equal(s.n, sizeof(text) + 2);
                assert_memory_equal(s.p + at, "\xEF\xBF\xBD", 3);
            } else {
                assert_true(str_eq(s, str_make(text, sizeof(text))));
            }
            /* Only what must be escaped is. */
            assert_int_equal(strchr(b.data, '\\') != NULL,
                             c != 0 && (c < 0x20 || c == '"' || c == '\\'));
        }
    }
}

static void expect_f64(double v, const char *text)
{
    CLEANUP(buf_free) struct buf b = BUF_OWN;
    struct jsonw w = JSONW(&b);
    jsonw_f64(&w, v);
    assert_string_equal(buf_cstr(&b), text);
}

static void test_numbers(void **state)
{
    (void)state;
    expect_f64(0, "0");
    expect_f64(0.1, "0.1");
    expect_f64(1.0 / 3, "0.3333333333333333");
    expect_f64(0.1 + 0.2, "0.30000000000000004");
    expect_f64(-1.5e300, "-1.5e+300");
    expect_f64((double)NAN, "null");
    expect_f64((double)INFINITY, "null");
    expect_f64(DBL_TRUE_MIN, "4.94065645841247e-324");
    CLEANUP(buf_free) struct buf b = BUF_OWN;
    struct jsonw w = JSONW(&b);
    jsonw_begin_array(&w);
    jsonw_i64(&w, INT64_MIN);
    jsonw_i64(&w, INT64_MAX);
    jsonw_i64(&w, 0);
    jsonw_end_array(&w);
    assert_string_equal(buf_cstr(&b), "[-9223372036854775808,9223372036854775807,0]");
}

static void test_f64_random(void **state)
{
    (void)state;
    uint64_t seed = test_seed();
    for (int i = 0; i < 20000; i++) {
        uint64_t bits = test_random(&seed);
        double v;
        memcpy(&v, &bits, sizeof(v));
        if (!isfinite(v))
            continue;
        CLEANUP(buf_free) struct buf b = BUF_OWN;
        struct jsonw w = JSONW(&b);
        jsonw_f64(&w, v);
        assert_true(strtod(b.data, NULL) == v);
    }
}

static void test_levels(void **state)
{
    (void)state;
    CLEANUP(buf_free) struct buf b = BUF_OWN;
    struct jsonw w = JSONW(&b);
    for (int i = 0; i < 32; i++) {
        jsonw_begin_array(&w);
        jsonw_i64(&w, i);
        jsonw_begin_object(&w);
        jsonw_put_i64(&w, "a", i);
        jsonw_key(&w, "b");
    }
    jsonw_null(&w);
    for (int i = 0; i < 32; i++) {
        jsonw_end_object(&w);
        jsonw_i64(&w, i);
        jsonw_end_array(&w);
    }
    struct err e = ERR_INIT;
    OK(json_check(buf_view(&b), 64, &e));
}

static void test_full(void **state)
{
    (void)state;
    CLEANUP(buf_free) struct buf b = BUF_INIT(10);
    struct jsonw w = JSONW(&b);
    jsonw_cstr(&w, "12345678");
    assert_true(buf_ok(&b));
    buf_clear(&b);
    jsonw_cstr(&w, "123456789");
    assert_false(buf_ok(&b));
}

static void expect_err(const struct err *in, const char *text)
{
    struct err e = ERR_INIT, out;
    CLEANUP(buf_free) struct buf b = BUF_OWN;
    struct jsonw w = JSONW(&b);
    jsonw_err(&w, in);
    assert_string_equal(buf_cstr(&b), text);
    CLEANUP(json_free_p) struct json *j = json_parse(buf_view(&b), &e);
    OK(j);
    json_read_err(j, &out);
    assert_int_equal(out.code, in->code);
    assert_int_equal(out.phase, in->phase);
    assert_int_equal(out.attempt, in->attempt);
    assert_int_equal(out.elapsed_ms, in->elapsed_ms);
    assert_string_equal(out.message, in->message);
    assert_string_equal(out.hint, in->hint);
}

static void test_err(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    err_set(&e, ERR_TIMEOUT, "no byte for %d s", 30);
    e.phase = PHASE_STREAM;
    e.attempt = 2;
    e.elapsed_ms = 30001;
    expect_err(
        &e, "{\"reason_code\":\"timed_out\",\"phase\":\"stream\",\"message\":\"no byte for 30 s\","
            "\"retryable\":true,\"attempt\":2,\"elapsed_ms\":30001,"
            "\"hint\":\"try again, or raise the deadline\"}");
    err_hint(&e, "look at the server");
    e.phase = PHASE_NONE;
    expect_err(&e, "{\"reason_code\":\"timed_out\",\"phase\":\"\",\"message\":\"no byte for 30 s\","
                   "\"retryable\":true,\"attempt\":2,\"elapsed_ms\":30001,"
                   "\"hint\":\"look at the server\"}");
    struct err out;
    CLEANUP(json_free_p)
    struct json *j = json_parse(STR("{\"reason_code\":\"from the future\"}"), &e);
    OK(j);
    json_read_err(j, &out);
    assert_int_equal(out.code, ERR_INTERNAL);
    json_read_err(NULL, &out);
    assert_int_equal(out.code, ERR_INTERNAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_commas),  cmocka_unit_test(test_every_byte),
        cmocka_unit_test(test_numbers), cmocka_unit_test(test_f64_random),
        cmocka_unit_test(test_levels),  cmocka_unit_test(test_full),
        cmocka_unit_test(test_err),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
