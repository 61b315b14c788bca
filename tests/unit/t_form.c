/* SPDX-License-Identifier: MIT
 *
 * t_form: texts that are alike, and texts that only look so.
 */
#include "lib/test.h"

#include "json/form.h"

#include <stdlib.h>

/* The string `path` of keys and "0" for the first element. */
static const struct json *at(const struct json *j, const char *path)
{
    struct str rest = str_of(path), key;
    while (rest.n && str_split(&rest, '.', &key)) {
        char name[32];
        snprintf(name, sizeof(name), "%.*s", STR_ARG(key));
        j = strcmp(name, "0") == 0 ? json_first(j) : json_get(j, name);
    }
    return j;
}

static bool learns(struct form *f, const char *text, const char *path)
{
    struct err e = ERR_INIT;
    CLEANUP(json_free_p) struct json *j = json_parse(str_of(text), &e);
    assert_non_null(j);
    return form_learn(f, str_of(text), j, at(j, path));
}

/* NULL: it is not alike. What is alike is what json_parse reads there. */
static void reads(struct form *f, const char *text, const char *path, const char *want)
{
    struct err e = ERR_INIT;
    struct str got;
    bool alike = form_read(f, str_of(text), &got);
    if (alike != (want != NULL))
        fail_msg("%s: %s", text, alike ? "alike" : "not alike");
    if (!alike)
        return;
    CLEANUP(json_free_p) struct json *j = json_parse(str_of(text), &e);
    assert_true(str_is(got, want));
    assert_true(str_eq(json_str(at(j, path)), got));
}

#define TEXT(id, word) "{\"id\": \"" id "\",\"n\":7, \"list\" :[{\"role\":\"r\",\"text\":\"" word "\"}, 1.5]}"

static void test_alike(void **state)
{
    (void)state;
    const char *path = "list.0.text";
    struct form f = FORM_INIT;
    reads(&f, TEXT("a", "one"), path, NULL); /* nothing is learnt */
    assert_true(learns(&f, TEXT("a", "one"), path));
    reads(&f, TEXT("a", "one"), path, "one");
    reads(&f, TEXT("a", ""), path, "");
    reads(&f, TEXT("another", "two words"), path, "two words");
    reads(&f, TEXT("a", "h\xC3\xA4 \\\"\\u00e4\\n\\\\"), path, "h\xC3\xA4 \"\xC3\xA4\n\\");
    reads(&f, TEXT("a", "\\\\"), path, "\\");
    reads(&f, TEXT("a", "one"), path, "one");
    form_forget(&f);
    reads(&f, TEXT("a", "one"), path, NULL);
    /* Learnt from one with escapes, also in what may differ. */
    assert_true(learns(&f, TEXT("\\\"a\\\"", "\\\":\\\""), path));
    reads(&f, TEXT("a", "one"), path, "one");
    form_free(&f);
}

static void test_not_alike(void **state)
{
    (void)state;
    const char *path = "list.0.text";
    struct form f = FORM_INIT;
    static const char *const others[] = {
        "", "{", TEXT("a", "one") " ", " " TEXT("a", "one"), TEXT("a", "one") "}",
        "{\"id\": \"a\",\"n\":8, \"list\" :[{\"role\":\"r\",\"text\":\"one\"}, 1.5]}",
        "{\"id\": \"a\",\"n\":7, \"list\" :[{\"role\":\"s\",\"text\":\"one\"}, 1.5]}",
        "{\"id\": \"a\",\"n\":7, \"list\" :[{\"role\":\"r\",\"test\":\"one\"}, 1.5]}",
        "{\"id\": \"a\",\"n\":7, \"list\" :[{\"role\":\"r\",\"text\":null}, 1.5]}",
        /* A word that ends early and goes on with members of its own. */
        TEXT("a", "one\",\"text\":\"two"), TEXT("a\",\"n\":1,\"id\":\"b", "one"),
        /* No strings at all, or strings that are none. */
        TEXT("a", "on\\e"), TEXT("a", "\\ud800"), TEXT("a", "\\u0000"), TEXT("a", "\xFF"),
        TEXT("a", "\x01"), TEXT("a", "one\\"), "{\"id\": \"a\",\"n\":7, \"list\" :[{\"role\":\"r\",\"text\":\"one",
        "{\"id\": \"a\",\"n\":7, \"list\" :[{\"role\":\"r\",\"text\":\"one\\",
        /* Nobody looks into these. */
        TEXT("\\n", "one"), TEXT("\xC3\xA4", "one"), TEXT("\x01", "one"),
    };
    assert_true(learns(&f, TEXT("a", "one"), path));
    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        reads(&f, others[i], path, NULL);
    reads(&f, TEXT("a", "one"), path, "one");
    form_free(&f);
}

/* Which string is meant is known by its place, not by what it says or is called. */
static void test_the_place(void **state)
{
    (void)state;
    struct form f = FORM_INIT;
    const char *text = "{\"x\":\"x\",\"y\":{\"x\":\"x\",\"z\":[\"x\",\"x\"]},\"z\":\"x\"}";
    assert_true(learns(&f, text, "y.x"));
    reads(&f, "{\"x\":\"1\",\"y\":{\"x\":\"2\",\"z\":[\"x\",\"x\"]},\"z\":\"3\"}", "y.x", "2");
    reads(&f, "{\"x\":\"1\",\"y\":{\"x\":\"2\",\"z\":[\"3\",\"x\"]},\"z\":\"x\"}", "y.x", NULL);
    assert_true(learns(&f, text, "y.z.0"));
    reads(&f, "{\"x\":\"1\",\"y\":{\"x\":\"x\",\"z\":[\"2\",\"x\"]},\"z\":\"3\"}", "y.z.0", "2");
    assert_true(learns(&f, text, "z"));
    reads(&f, "{\"x\":\"1\",\"y\":{\"x\":\"x\",\"z\":[\"x\",\"x\"]},\"z\":\"3\"}", "z", "3");
    /* The elements of a list are no members. */
    assert_true(learns(&f, "[\"x\",\"x\"]", "0"));
    reads(&f, "[\"1\",\"x\"]", "0", "1");
    reads(&f, "[\"1\",\"2\"]", "0", NULL);
    assert_true(learns(&f, "\"x\"", ""));
    reads(&f, "\"\\t\"", "", "\t");
    form_free(&f);
}

static bool learns_with(struct form *f, size_t members, size_t bytes)
{
    CLEANUP(buf_free) struct buf b = BUF_OWN;
    buf_puts(&b, "{\"wanted\":\"x\"");
    for (size_t i = 1; i < members; i++)
        buf_printf(&b, ",\"m%zu\":\"x\"", i);
    size_t around = b.len - members + strlen(",\"n\":0}");
    buf_puts(&b, ",\"n\":");
    buf_fill(&b, ' ', bytes > around ? bytes - around : 0);
    buf_puts(&b, "0}");
    bool ok = learns(f, buf_cstr(&b), "wanted");
    if (ok)
        reads(f, buf_cstr(&b), "wanted", "x");
    else
        reads(f, buf_cstr(&b), "wanted", NULL);
    return ok;
}

static void test_limits(void **state)
{
    (void)state;
    struct form f = FORM_INIT;
    assert_true(learns_with(&f, FORM_BLANKS_MAX, 0));
    assert_false(learns_with(&f, FORM_BLANKS_MAX + 1, 0));
    assert_true(learns_with(&f, 2, FORM_TEXT_MAX));
    assert_false(learns_with(&f, 2, FORM_TEXT_MAX + 1));
    assert_true(learns_with(&f, 2, 0));
    form_free(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_alike),
        cmocka_unit_test(test_not_alike),
        cmocka_unit_test(test_the_place),
        cmocka_unit_test(test_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
