/* SPDX-License-Identifier: MIT */
#include "lib/test.h"

#include "json/schema.h"

static const struct {
    const char *schema, *value, *report; /* "": it meets the schema */
} checks[] = {
    {"{}", "5", ""},
    {"true", "5", ""},
    {"false", "5", "$: nothing may be here\n"},
    {"{\"type\":\"integer\"}", "5.0", ""},
    {"{\"type\":\"integer\"}", "5.5", "$: expected integer, got number\n"},
    {"{\"type\":[\"string\",\"null\"]}", "true", "$: expected string or null, got boolean\n"},
    {"{\"enum\":[1,\"a\"]}", "1.0", ""},
    {"{\"enum\":[1,\"a\"]}", "\"b\"", "$: expected one of 1, \"a\"\n"},
    {"{\"const\":{\"a\":[1],\"b\":2}}", "{\"b\":2,\"a\":[1]}", ""},
    {"{\"const\":9007199254740993}", "9007199254740992", "$: expected 9007199254740993\n"},
    {"{\"properties\":{\"a\":{\"items\":{\"type\":\"string\"}}}}", "{\"a\":[\"x\",1]}",
     "$.a[1]: expected string, got integer\n"},
    {"{\"required\":[\"a\"]}", "{}", "$.a: is required and not there\n"},
    {"{\"properties\":{\"a\":true},\"additionalProperties\":false}", "{\"a\":1,\"b\":1}",
     "$.b: there is no such member\n"},
    {"{\"additionalProperties\":{\"type\":\"null\"}}", "{\"b\":1}",
     "$.b: expected null, got integer\n"},
    {"{\"prefixItems\":[{\"type\":\"string\"}],\"items\":false}", "[\"a\",1]",
     "$[1]: nothing may be here\n"},
    {"{\"uniqueItems\":true}", "[{\"a\":1},{\"a\":1}]", "$: two items are the same\n"},
    {"{\"minItems\":2}", "[1]", "$: expected at least 2 items, got 1\n"},
    {"{\"maxItems\":1}", "[1,2]", "$: expected at most 1 items, got 2\n"},
    {"{\"maxLength\":2}", "\"\xC3\xA4\xC3\xB6\"", ""},
    {"{\"minLength\":3}", "\"\xC3\xA4\xC3\xB6\"", "$: expected at least 3 characters, got 2\n"},
    {"{\"minProperties\":1}", "{}", "$: expected at least 1 members, got 0\n"},
    {"{\"maxProperties\":0}", "{\"a\":1}", "$: expected at most 0 members, got 1\n"},
    {"{\"pattern\":\"^a+$\"}", "\"aab\"", "$: does not match ^a+$\n"},
    {"{\"minimum\":2}", "1", "$: expected a number not below 2\n"},
    {"{\"maximum\":2}", "2.5", "$: expected a number not above 2\n"},
    {"{\"exclusiveMinimum\":2}", "2", "$: expected a number above 2\n"},
    {"{\"exclusiveMaximum\":2}", "2", "$: expected a number below 2\n"},
    {"{\"multipleOf\":0.1}", "0.3", ""},
    {"{\"multipleOf\":3}", "7", "$: expected a number that is a multiple of 3\n"},
    {"{\"anyOf\":[{\"type\":\"string\"},{\"type\":\"null\"}]}", "null", ""},
    {"{\"anyOf\":[{\"type\":\"string\"},{\"type\":\"null\"}]}", "1",
     "$: meets none of the 2 schemas of anyOf\n"},
    {"{\"oneOf\":[{},{\"type\":\"null\"}]}", "null",
     "$: meets 2 of the 2 schemas of oneOf, and must meet one\n"},
    {"{\"allOf\":[{\"minimum\":1},{\"maximum\":2}]}", "3", "$: expected a number not above 2\n"},
    {"{\"not\":{\"type\":\"null\"}}", "null", "$: meets the schema of not\n"},
    {"{\"$ref\":\"#/$defs/x\",\"$defs\":{\"x\":{\"type\":\"null\"}}}", "1",
     "$: expected null, got integer\n"},
    {"{\"properties\":{\"next\":{\"$ref\":\"#\"}},\"required\":[\"v\"]}",
     "{\"v\":1,\"next\":{\"next\":{\"v\":1}}}", "$.next.v: is required and not there\n"},
    /* More than a double holds is no number that could be compared. */
    {"{\"maximum\":2}", "1e999", "$: number out of range\n"},
    {"{\"minimum\":2}", "-1e999", "$: number out of range\n"},
    {"{\"const\":0}", "1e999", "$: number out of range\n"},
    {"{\"enum\":[0]}", "1e999", "$: number out of range\n"},
    {"{\"not\":{\"const\":1}}", "1e999", "$: number out of range\n"},
    {"{\"items\":{\"multipleOf\":3}}", "[3,-1e999]", "$[1]: number out of range\n"},
    {"{\"const\":[0]}", "[1e999]", "$: expected [0]\n"},
    {"{\"maximum\":1e308}", "99999999999999999999", ""},
    /* What says nothing of a value of this type. */
    {"{\"minimum\":2,\"minLength\":3,\"minItems\":1,\"required\":[\"a\"]}", "true", ""},
};

static void test_checks(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(checks); i++) {
        struct err e = ERR_INIT;
        CLEANUP(buf_free) struct buf b = BUF_OWN;
        CLEANUP(schema_free_p) struct schema *s = schema_compile(str_of(checks[i].schema), &e);
        OK(s != NULL);
        CLEANUP(json_free_p) struct json *v = json_parse(str_of(checks[i].value), &e);
        OK(v != NULL);
        size_t n = schema_check(s, v, &b);
        assert_string_equal(buf_cstr(&b), checks[i].report);
        assert_int_equal(n, checks[i].report[0] ? 1 : 0);
    }
}

static const struct {
    const char *schema, *message;
} refused[] = {
    {"[]", "$: expected a schema: an object, true or false"},
    {"{\"properties\":{\"age\":{\"typ\":\"integer\"}}}",
     "$.properties.age.typ: this keyword of JSON Schema is not known here"},
    {"{\"patternProperties\":{}}",
     "$.patternProperties: this keyword of JSON Schema is not known here"},
    {"{\"anyOf\":[{},{\"items\":[]}]}",
     "$.anyOf[1].items: expected a schema: an object, true or false"},
    {"{\"minItems\":-1}", "$.minItems: expected a whole number from 0"},
    {"{\"maximum\":1e999}", "$.maximum: number out of range"},
    {"{\"minimum\":\"a\"}", "$.minimum: expected a number"},
    {"{\"multipleOf\":1e999}", "$.multipleOf: expected a number above 0"},
    {"{\"multipleOf\":0}", "$.multipleOf: expected a number above 0"},
    {"{\"enum\":[]}", "$.enum: expected a list with a value in it"},
    {"{\"required\":[1]}", "$.required: expected a list of strings"},
    {"{\"$ref\":\"http://other/\"}",
     "$.$ref: expected \"#\" or \"#/$defs/NAME\" with a name that is there"},
};

static void test_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
        struct err e = ERR_INIT;
        FAILS(schema_compile(str_of(refused[i].schema), &e) != NULL, ERR_INVALID);
        assert_string_equal(e.message, refused[i].message);
    }
    struct err e = ERR_INIT;
    FAILS(schema_compile(STR("{\"type\":\"text\"}"), &e) != NULL, ERR_INVALID);
    FAILS(schema_compile(STR("{\"pattern\":\"(\"}"), &e) != NULL, ERR_INVALID);
    FAILS(schema_compile(STR("{"), &e) != NULL, ERR_INVALID);
}

/* Schemas that lead nowhere, and values and schemas at their limits. */
static void test_limits(void **state)
{
    (void)state;
    static const char *const endless[] = {"{\"$ref\":\"#\"}",
                                          "{\"anyOf\":[{\"$ref\":\"#\"},{\"$ref\":\"#\"}]}"};
    struct err e = ERR_INIT;
    CLEANUP(json_free_p) struct json *one = json_parse(STR("1"), &e);
    for (size_t i = 0; i < ARRAY_LEN(endless); i++) {
        CLEANUP(buf_free) struct buf b = BUF_OWN;
        CLEANUP(schema_free_p) struct schema *s = schema_compile(str_of(endless[i]), &e);
        OK(s != NULL);
        assert_true(schema_check(s, one, &b) > 0);
    }
    for (int more = 0; more < 2; more++) {
        CLEANUP(buf_free) struct buf deep = BUF_OWN;
        for (int i = 0; i < SCHEMA_DEPTH_MAX + more; i++)
            buf_puts(&deep, "{\"not\":");
        buf_puts(&deep, "{}");
        for (int i = 0; i < SCHEMA_DEPTH_MAX + more; i++)
            buf_putc(&deep, '}');
        CLEANUP(schema_free_p) struct schema *s = schema_compile(buf_view(&deep), &e);
        assert_int_equal(s != NULL, !more);
    }
    CLEANUP(buf_free) struct buf large = BUF_OWN;
    buf_puts(&large, "{}");
    while (large.len < SCHEMA_BYTES_MAX)
        buf_putc(&large, ' ');
    CLEANUP(schema_free_p) struct schema *fits = schema_compile(buf_view(&large), &e);
    OK(fits != NULL);
    buf_putc(&large, ' ');
    FAILS(schema_compile(buf_view(&large), &e) != NULL, ERR_TOO_LARGE);
    /* All are counted, the first are told. */
    CLEANUP(schema_free_p)
    struct schema *s = schema_compile(STR("{\"items\":{\"type\":\"null\"}}"), &e);
    CLEANUP(json_free_p) struct json *v = json_parse(STR("[1,1,1,1,1,1,1,1,1,1,1,1]"), &e);
    CLEANUP(buf_free) struct buf b = BUF_OWN;
    size_t lines = 0;
    assert_int_equal(schema_check(s, v, &b), 12);
    for (size_t i = 0; i < b.len; i++)
        lines += b.data[i] == '\n';
    assert_int_equal(lines, SCHEMA_REPORT_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_checks),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
