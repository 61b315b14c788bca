/* SPDX-License-Identifier: MIT */
#include "lib/test.h"

#include "base/buf.h"
#include "json/field.h"

struct edit {
    const char *find;
    const char *replace;
    struct body text;
};

struct args {
    const char *path;
    const char *mode;
    int64_t limit;
    int64_t offset;
    double ratio;
    bool all;
    const char *raw;
    struct body body;
    struct field_list names;
    struct field_list edits;
};

FIELD_SET(edit_set, "edit", struct edit, FIELD_ROW(struct edit, STR, REQ, find, "what"),
          FIELD_ROW(struct edit, STR, OPT, replace, "by what"),
          FIELD_ROW(struct edit, BODY, OPT, text, "text"));

FIELD_SET(args_set, "args", struct args,
          FIELD_ROW(struct args, STR, REQ, path, "the file", .max = 8),
          FIELD_ROW(struct args, STR, OPT, mode, NULL, .choices = "ask|edits|plan"),
          FIELD_ROW(struct args, I64, OPT, limit, NULL, .min = 1, .max = 100),
          FIELD_ROW(struct args, I64, NUL, offset, NULL),
          FIELD_ROW(struct args, F64, OPT, ratio, NULL, .min = 0, .max = 1),
          FIELD_ROW(struct args, BOOL, OPT, all, NULL),
          FIELD_ROW(struct args, JSON, OPT, raw, NULL),
          FIELD_ROW(struct args, BODY, OPT, body, NULL),
          FIELD_ROW(struct args, STRS, OPT, names, NULL, .max = 2),
          FIELD_ROW(struct args, LIST, OPT, edits, NULL, .of = &edit_set));

static const char everything[] =
    "{\"path\":\"a\",\"mode\":\"ask\",\"limit\":100,\"offset\":0,\"ratio\":0.5,\"all\":true,"
    "\"raw\":{\"x\":[1.50,9007199254740993]},\"body\":\"text\",\"names\":[\"x\",\"y\"],"
    "\"edits\":[{\"find\":\"f\",\"replace\":\"\",\"text\":\"t\"},{\"find\":\"g\"}]}";

static bool read_args(const char *text, enum field_mode mode, struct arena *a, struct args *out,
                      struct err *e)
{
    CLEANUP(json_free_p) struct json *j = json_parse(str_of(text), e);
    return j && field_read(&args_set, j, a, out, mode, e);
}

static void expect_hint(const char *text, const char *message, const char *hint)
{
    struct arena a = ARENA_INIT;
    struct args args;
    struct err e = ERR_INIT;
    FAILS(read_args(text, FIELD_STRICT, &a, &args, &e), ERR_INVALID);
    assert_string_equal(e.message, message);
    assert_string_equal(e.hint, hint);
    arena_free(&a);
}

static void expect_error(const char *text, const char *message)
{
    expect_hint(text, message, "");
}

static void test_round_trip(void **state)
{
    (void)state;
    struct arena a = ARENA_INIT;
    struct args args, copy;
    struct err e = ERR_INIT;
    OK(read_args(everything, FIELD_STRICT, &a, &args, &e));
    assert_string_equal(args.path, "a");
    assert_int_equal(args.limit, 100);
    assert_string_equal(args.raw, "{\"x\":[1.50,9007199254740993]}");
    assert_int_equal(args.edits.n, 2);

    CLEANUP(buf_free) struct buf b = BUF_OWN;
    struct jsonw w = JSONW(&b);
    field_write_object(&args_set, &w, &args);
    assert_string_equal(buf_cstr(&b), everything);

    /* The copy lives on when what it was copied from is gone. */
    struct arena other = ARENA_INIT;
    field_copy(&args_set, &other, &copy, &args);
    assert_true(field_equal(&args_set, &args, &copy));
    field_drop(&args_set, &args);
    arena_free(&a);
    buf_clear(&b);
    field_write_object(&args_set, &w, &copy);
    assert_string_equal(buf_cstr(&b), everything);
    field_drop(&args_set, &copy);
    arena_free(&other);
}

static void test_absent(void **state)
{
    (void)state;
    struct arena a = ARENA_INIT;
    struct args args;
    struct err e = ERR_INIT;
    OK(read_args("{\"path\":\"\",\"mode\":null,\"limit\":null,\"names\":null,\"raw\":null}",
                 FIELD_STRICT, &a, &args, &e));
    assert_string_equal(args.path, "");
    assert_null(args.mode);
    assert_int_equal(args.limit, 0);
    assert_true(args.offset == I64_NONE);
    assert_string_equal(args.raw, "null");
    CLEANUP(buf_free) struct buf b = BUF_OWN;
    struct jsonw w = JSONW(&b);
    field_write_object(&args_set, &w, &args);
    assert_string_equal(buf_cstr(&b), "{\"path\":\"\",\"raw\":null}");
    arena_free(&a);
}

static void test_errors(void **state)
{
    (void)state;
    expect_error("[]", "args: expected object, got array");
    expect_error("{}", "'path' is required");
    expect_error("{\"path\":null}", "path: expected string, got null");
    expect_hint("{\"pth\":\"x\"}",
                "unknown member 'pth'",
                "did you mean path? correct the named field");
    expect_hint("{\"path\":\"x\",\"Path\":1}",
                "unknown member 'Path'",
                "did you mean path? correct the named field");
    expect_hint("{\"path\":\"x\",\"zzzzzz\":1}", "unknown member 'zzzzzz'", "correct the named field");
    expect_error("{\"path\":\"123456789\"}", "path: expected at most 8 bytes, got 9");
    expect_hint("{\"path\":\"\",\"mode\":\"pln\"}",
                "mode: expected one of ask, edits, plan; got 'pln'",
                "did you mean plan? correct the named field");
    expect_error("{\"path\":\"\",\"limit\":0}", "limit: expected 1 to 100, got 0");
    expect_error("{\"path\":\"\",\"limit\":101}", "limit: expected 1 to 100, got 101");
    expect_error("{\"path\":\"\",\"limit\":\"5\"}", "limit: expected whole number, got string");
    expect_error("{\"path\":\"\",\"limit\":1.5}",
                 "limit: expected whole number of 64 bits, got 1.5");
    expect_error("{\"path\":\"\",\"offset\":-9223372036854775808}",
                 "offset: expected whole number of 64 bits, got -9223372036854775808");
    expect_error("{\"path\":\"\",\"ratio\":1.25}", "ratio: expected 0 to 1, got 1.25");
    expect_error("{\"path\":\"\",\"ratio\":1e999}", "ratio: number out of range: 1e999");
    expect_error("{\"path\":\"\",\"all\":1}", "all: expected bool, got number");
    expect_error("{\"path\":\"\",\"names\":\"x\"}", "names: expected array, got string");
    expect_error("{\"path\":\"\",\"names\":[\"x\",1]}", "names[1]: expected string, got number");
    expect_error("{\"path\":\"\",\"names\":[\"\",\"\",\"\"]}",
                 "names: expected at most 2 items, got 3");
    expect_error("{\"path\":\"\",\"edits\":[{\"find\":\"\",\"text\":\"held\"},{\"find\":\"\"},"
                 "{\"find\":1}]}",
                 "edits[2].find: expected string, got number");
    expect_error("{\"path\":\"\",\"edits\":[{}]}", "edits[0]: 'find' is required");
    expect_error("{\"path\":\"\",\"edits\":[7]}", "edits[0]: expected object, got number");
    expect_hint("{\"path\":\"\",\"edits\":[{\"find\":\"\",\"replac\":\"\"}]}",
                "edits[0]: unknown member 'replac'",
                "did you mean replace? correct the named field");
}

/* Raw JSON from outside is kept flat enough to be put into other JSON. */
static void test_raw_depth(void **state)
{
    (void)state;
    struct arena a = ARENA_INIT;
    struct args args;
    for (size_t over = 0; over <= 1; over++) {
        struct err e = ERR_INIT;
        CLEANUP(buf_free) struct buf b = BUF_OWN;
        buf_puts(&b, "{\"path\":\"\",\"raw\":");
        buf_fill(&b, '[', FIELD_JSON_DEPTH_MAX + over);
        buf_fill(&b, ']', FIELD_JSON_DEPTH_MAX + over);
        buf_putc(&b, '}');
        OK(read_args(b.data, FIELD_OPEN, &a, &args, &e));
        if (over)
            FAILS(read_args(b.data, FIELD_STRICT, &a, &args, &e), ERR_INVALID);
        else
            OK(read_args(b.data, FIELD_STRICT, &a, &args, &e));
    }
    arena_free(&a);
}

static void test_open(void **state)
{
    (void)state;
    struct arena a = ARENA_INIT;
    struct args args;
    struct err e = ERR_INIT;
    OK(read_args("{\"later\":1,\"path\":\"x\",\"edits\":[{\"find\":\"\",\"new\":{}}]}", FIELD_OPEN,
                 &a, &args, &e));
    assert_string_equal(args.path, "x");
    FAILS(read_args("{\"later\":1}", FIELD_OPEN, &a, &args, &e), ERR_INVALID);
    arena_free(&a);
}

/* Every field matters to equality. */
static void test_equal(void **state)
{
    static const char *const others[] = {
        "{\"path\":\"b\"}",
        "{\"path\":\"a\",\"mode\":\"ask\"}",
        "{\"path\":\"a\",\"limit\":1}",
        "{\"path\":\"a\",\"offset\":0}",
        "{\"path\":\"a\",\"ratio\":0.5}",
        "{\"path\":\"a\",\"all\":true}",
        "{\"path\":\"a\",\"raw\":1}",
        "{\"path\":\"a\",\"body\":\"x\"}",
        "{\"path\":\"a\",\"names\":[\"x\"]}",
        "{\"path\":\"a\",\"edits\":[{\"find\":\"x\"}]}",
        "{\"path\":\"a\",\"edits\":[{\"find\":\"y\"}]}",
    };
    (void)state;
    struct arena a = ARENA_INIT;
    struct args one, two;
    struct err e = ERR_INIT;
    for (size_t i = 0; i < ARRAY_LEN(others); i++) {
        OK(read_args(i == 10 ? others[9] : "{\"path\":\"a\"}", FIELD_STRICT, &a, &one, &e));
        OK(read_args(others[i], FIELD_STRICT, &a, &two, &e));
        assert_false(field_equal(&args_set, &one, &two));
        assert_true(field_equal(&args_set, &two, &two));
        field_drop(&args_set, &two);
    }
    arena_free(&a);
}

static void test_schema(void **state)
{
    (void)state;
    CLEANUP(buf_free) struct buf b = BUF_OWN;
    struct jsonw w = JSONW(&b);
    field_schema(&args_set, &w);
    assert_string_equal(
        buf_cstr(&b),
        "{\"type\":\"object\",\"properties\":{"
        "\"path\":{\"type\":\"string\",\"description\":\"the file\"},"
        "\"mode\":{\"type\":\"string\",\"enum\":[\"ask\",\"edits\",\"plan\"]},"
        "\"limit\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":100},"
        "\"offset\":{\"type\":\"integer\"},"
        "\"ratio\":{\"type\":\"number\",\"minimum\":0,\"maximum\":1},"
        "\"all\":{\"type\":\"boolean\"},\"raw\":{},\"body\":{\"type\":\"string\"},"
        "\"names\":{\"type\":\"array\",\"items\":{\"type\":\"string\"}},"
        "\"edits\":{\"type\":\"array\",\"items\":{\"type\":\"object\",\"properties\":{"
        "\"find\":{\"type\":\"string\",\"description\":\"what\"},"
        "\"replace\":{\"type\":\"string\",\"description\":\"by what\"},"
        "\"text\":{\"type\":\"string\",\"description\":\"text\"}},"
        "\"required\":[\"find\"],\"additionalProperties\":false}}},"
        "\"required\":[\"path\"],\"additionalProperties\":false}");
}

static void test_find(void **state)
{
    (void)state;
    assert_ptr_equal(field_find(&args_set, STR("limit")), &args_set_fields[2]);
    assert_null(field_find(&args_set, STR("Limit")));
    assert_null(field_find(&args_set, STR("")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip), cmocka_unit_test(test_absent),
        cmocka_unit_test(test_errors),     cmocka_unit_test(test_raw_depth),
        cmocka_unit_test(test_open),       cmocka_unit_test(test_equal),
        cmocka_unit_test(test_schema),     cmocka_unit_test(test_find),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
