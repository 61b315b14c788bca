/* SPDX-License-Identifier: MIT
 *
 * t_offline_lines: changes of lines become edits that the edit tool can take: each text is in the
 * file once, none overlap, and together they make the text that was planned.
 */
#include "lib/test.h"

#include "model/offline_lines.h"
#include "json/json.h"

#include <stdio.h>
#include <stdlib.h>

struct place {
    size_t at, n;
    struct str replace;
};

static int by_place(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    return x->at < y->at ? -1 : x->at > y->at;
}

/* What the edit tool would do; fails the test where it would refuse. */
static struct str apply(struct arena *a, struct str text, const struct json *edits)
{
    struct place places[LINES_EDITS_MAX];
    size_t n = 0, at = 0;
    CLEANUP(buf_free) struct buf out = BUF_OWN;
    assert_true(json_len(edits) <= LINES_EDITS_MAX);
    for (const struct json *j = json_first(edits); j; j = json_next(j)) {
        struct str find = json_str(json_get(j, "find"));
        ssize_t first = str_find(text, find);
        assert_true(find.n > 0 && first >= 0);
        assert_true(str_find(str_sub(text, (size_t)first + 1, text.n), find) < 0);
        places[n++] = (struct place){(size_t)first, find.n, json_str(json_get(j, "replace"))};
    }
    qsort(places, n, sizeof(*places), by_place);
    for (size_t i = 0; i < n; i++) {
        assert_true(places[i].at >= at);
        buf_str(&out, str_sub(text, at, places[i].at - at));
        buf_str(&out, places[i].replace);
        at = places[i].at + places[i].n;
    }
    buf_str(&out, str_sub(text, at, text.n));
    return str_make(arena_strndup(a, buf_cstr(&out), out.len), out.len);
}

static struct str random_line(struct arena *a, uint64_t *seed)
{
    static const char *const some[] = {"", "}", "a", "ab", "b", "a b", "x"};
    uint64_t k = test_random(seed) % (ARRAY_LEN(some) + 2);
    return str_of(k < ARRAY_LEN(some)
                      ? some[k]
                      : arena_printf(a, "line %u", (unsigned)(test_random(seed) % 30)));
}

static void plan_something(struct lines *l, size_t n, uint64_t *seed)
{
    for (uint64_t k = 1 + test_random(seed) % 5; k > 0; k--) {
        size_t i = (size_t)(test_random(seed) % n);
        size_t many = 1 + (size_t)(test_random(seed) % 3);
        switch (test_random(seed) % 4) {
        case 0:
            lines_set(l, i, random_line(l->a, seed));
            break;
        case 1:
            for (; many > 0 && i < n; many--, i++)
                lines_drop(l, i);
            break;
        default:
            lines_insert(l, i, random_line(l->a, seed), test_random(seed) % 2);
        }
    }
}

/* What lines_result says must be what the plan means: checked against a list made line by line. */
static void check(uint64_t *seed)
{
    struct arena a = ARENA_INIT;
    struct err e = ERR_INIT;
    struct buf text = BUF_OWN;
    struct doc d;
    struct lines l;
    size_t n = 1 + (size_t)(test_random(seed) % 30);
    for (size_t i = 0; i < n; i++) {
        buf_str(&text, random_line(&a, seed));
        buf_putc(&text, '\n');
    }
    doc_of_text(&a, buf_view(&text), &d);
    assert_int_equal(d.n, n);
    lines_init(&l, &a, &d);
    plan_something(&l, n, seed);
    const char *edits = lines_edits(&l);
    if (edits) {
        struct json *j = json_parse(str_of(edits), &e);
        assert_non_null(j);
        struct str got = apply(&a, l.text, j);
        struct str want = lines_result(&l);
        if (!str_eq(got, want))
            fail_msg("%s: got \"%.*s\", want \"%.*s\"", edits, STR_ARG(got), STR_ARG(want));
        json_free(j);
    } else {
        assert_true(l.text.n == 0); /* one empty line has no text that could be found */
    }
    arena_free(&a);
    buf_free(&text);
}

static void test_random_changes(void **state)
{
    (void)state;
    uint64_t seed = test_seed();
    for (int i = 0; i < 20000; i++)
        check(&seed);
}

static void begin(struct arena *a, struct doc *d, struct lines *l, const char *text)
{
    doc_of_text(a, str_of(text), d);
    lines_init(l, a, d);
}

static void test_results(void **state)
{
    (void)state;
    struct arena a = ARENA_INIT;
    struct doc d;
    struct lines l;
    begin(&a, &d, &l, "a\nb\nc\n");
    lines_drop(&l, 1);
    lines_insert(&l, 0, STR("0"), false);
    lines_insert(&l, 2, STR("d\n"), true);
    assert_true(str_is(lines_result(&l), "0\na\nc\nd"));
    begin(&a, &d, &l, "a\nb\n");
    lines_drop(&l, 0);
    lines_drop(&l, 1);
    assert_string_equal(lines_edits(&l), "[{\"find\":\"a\\nb\",\"replace\":\"\"}]");
    begin(&a, &d, &l, "");
    lines_begin_with(&l, STR("first"));
    assert_true(str_is(lines_result(&l), "first"));
    assert_null(lines_edits(&l));
    arena_free(&a);
}

/* At the limit of edits of one call, and one past it. */
static void test_limit_of_edits(void **state)
{
    (void)state;
    for (int n = LINES_EDITS_MAX; n <= LINES_EDITS_MAX + 1; n++) {
        struct arena a = ARENA_INIT;
        struct buf text = BUF_OWN;
        struct doc d;
        struct lines l;
        for (int i = 0; i < n; i++)
            buf_printf(&text, "line <%d>\nbetween <%d>\n", i, i);
        begin(&a, &d, &l, buf_cstr(&text));
        for (int i = 0; i < n; i++)
            lines_set(&l, (size_t)i * 2, STR("new"));
        assert_int_equal(lines_edits(&l) != NULL, n == LINES_EDITS_MAX);
        arena_free(&a);
        buf_free(&text);
    }
}

/* A line of which only the front was seen is not changed. */
static void test_clipped_line(void **state)
{
    (void)state;
    struct arena a = ARENA_INIT;
    struct doc d;
    struct lines l;
    begin(&a, &d, &l, "a\nlong\n");
    d.lines[1].cut = true;
    lines_set(&l, 0, STR("b"));
    assert_non_null(lines_edits(&l));
    lines_set(&l, 1, STR("b"));
    assert_null(lines_edits(&l));
    arena_free(&a);
}

static void test_many_equal_lines(void **state)
{
    (void)state;
    struct arena a = ARENA_INIT;
    struct buf text = BUF_OWN;
    struct doc d;
    struct lines l;
    for (int i = 0; i < 20000; i++)
        buf_puts(&text, "}\n");
    begin(&a, &d, &l, buf_cstr(&text));
    lines_insert(&l, 10000, STR("x"), true);
    /* Only the whole file is unique, and that is within the limit. */
    const char *edits = lines_edits(&l);
    assert_non_null(edits);
    struct err e = ERR_INIT;
    struct json *j = json_parse(str_of(edits), &e);
    assert_true(str_eq(apply(&a, l.text, j), lines_result(&l)));
    json_free(j);
    arena_free(&a);
    buf_free(&text);
}

static void test_nearest(void **state)
{
    (void)state;
    struct arena a = ARENA_INIT;
    struct doc d;
    struct lines l;
    size_t out[2];
    begin(&a, &d, &l, "alpha beta\nint MAIN(void)\nint main(int)\nnothing\nmian(void)\n");
    assert_int_equal(lines_nearest(&l, STR("main(void)"), out, 2), 2);
    assert_int_equal(out[0], 1);
    assert_int_equal(lines_nearest(&l, STR("qqqq"), out, 2), 0);
    assert_int_equal(lines_nearest(&l, STR(""), out, 2), 0);
    assert_int_equal(lines_count(&l, STR("a")), 5);
    assert_int_equal(lines_count(&l, STR("")), 0);
    arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_changes),   cmocka_unit_test(test_results),
        cmocka_unit_test(test_limit_of_edits),   cmocka_unit_test(test_clipped_line),
        cmocka_unit_test(test_many_equal_lines), cmocka_unit_test(test_nearest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
