/* SPDX-License-Identifier: MIT */
#include "lib/test.h"

#include "text/diff.h"

#include <stdio.h>

static void expect(const char *before, const char *after, int context, const char *diff)
{
    CLEANUP(buf_free) struct buf b = BUF_OWN;
    diff_unified(&b, "f", str_of(before), str_of(after), context, NULL);
    assert_string_equal(buf_cstr(&b), diff);
}

static void test_hunks(void **state)
{
    (void)state;
    expect("", "", 3, "");
    expect("a\n", "a\n", 3, "");
    expect("", "a\nb\n", 3, "--- a/f\n+++ b/f\n@@ -0,0 +1,2 @@\n+a\n+b\n");
    expect("a\nb\n", "", 3, "--- a/f\n+++ b/f\n@@ -1,2 +0,0 @@\n-a\n-b\n");
    expect("a\nb\nc\n", "a\nx\nc\n", 3, "--- a/f\n+++ b/f\n@@ -1,3 +1,3 @@\n a\n-b\n+x\n c\n");
    expect("a\nb\nc\n", "a\nx\nc\n", 0, "--- a/f\n+++ b/f\n@@ -2 +2 @@\n-b\n+x\n");
    expect("a\nb\nc\n", "a\nb\nnew\nc\n", 0, "--- a/f\n+++ b/f\n@@ -2,0 +3 @@\n+new\n");
    expect("a\nb", "a\nb\n", 1,
           "--- a/f\n+++ b/f\n@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+b\n");
    expect("a\nb", "x\nb", 1,
           "--- a/f\n+++ b/f\n@@ -1,2 +1,2 @@\n-a\n+x\n b\n\\ No newline at end of file\n");
}

/* Changes two contexts apart share a hunk; one line more, and they do not. */
static void test_hunks_join(void **state)
{
    (void)state;
    expect("a\n1\n2\nb\n", "A\n1\n2\nB\n", 1,
           "--- a/f\n+++ b/f\n@@ -1,4 +1,4 @@\n-a\n+A\n 1\n 2\n-b\n+B\n");
    expect("a\n1\n2\n3\nb\n", "A\n1\n2\n3\nB\n", 1,
           "--- a/f\n+++ b/f\n@@ -1,2 +1,2 @@\n-a\n+A\n 1\n@@ -4,2 +4,2 @@\n 3\n-b\n+B\n");
}

static void test_stat(void **state)
{
    (void)state;
    CLEANUP(buf_free) struct buf b = BUF_OWN;
    struct diff_stat stat;
    diff_unified(&b, "f", STR("a\nb\nc\nd\n"), STR("a\nx\nd\ne\nf\n"), 3, &stat);
    assert_int_equal(stat.removed, 2);
    assert_int_equal(stat.added, 3);
    diff_unified(&b, "f", STR("a"), STR("a"), 3, &stat);
    assert_int_equal(stat.removed + stat.added, 0);
}

static size_t number(struct str *s)
{
    size_t n = 0;
    while (s->n && s->p[0] >= '0' && s->p[0] <= '9') {
        n = n * 10 + (size_t)(s->p[0] - '0');
        *s = str_sub(*s, 1, s->n);
    }
    return n;
}

static void expect_char(struct str *s, char c)
{
    assert_true(s->n > 0 && s->p[0] == c);
    *s = str_sub(*s, 1, s->n);
}

/* A line with its LF off the front. */
static struct str take_line(struct str *s)
{
    ssize_t lf = str_index(*s, '\n');
    struct str line = str_sub(*s, 0, lf < 0 ? s->n : (size_t)lf + 1);
    *s = str_sub(*s, line.n, s->n);
    return line;
}

/* Applies the diff as patch(1) would, trusting nothing: line numbers, counts, context. */
static void apply(struct str diff, struct str before, struct buf *out)
{
    size_t line = 1, made = 1;
    take_line(&diff);
    take_line(&diff);
    while (diff.n) {
        struct str head = take_line(&diff);
        head = str_sub(head, 4, head.n);
        size_t from = number(&head), n = 1, to, m = 1;
        if (head.p[0] == ',') {
            expect_char(&head, ',');
            n = number(&head);
        }
        expect_char(&head, ' ');
        expect_char(&head, '+');
        to = number(&head);
        if (head.p[0] == ',') {
            expect_char(&head, ',');
            m = number(&head);
        }
        from += n == 0;
        to += m == 0;
        for (; line < from; line++, made++)
            buf_str(out, take_line(&before));
        assert_int_equal(line, from);
        assert_int_equal(made, to);
        while (diff.n && diff.p[0] != '@') {
            struct str row = take_line(&diff);
            char sign = row.p[0];
            row = str_sub(row, 1, row.n);
            if (diff.n && diff.p[0] == '\\') {
                take_line(&diff);
                row.n--;
            }
            if (sign != '+') {
                assert_true(str_eq(row, take_line(&before)));
                line++;
            }
            if (sign != '-') {
                buf_str(out, row);
                made++;
            }
        }
        assert_int_equal(line, from + n);
        assert_int_equal(made, to + m);
    }
    buf_str(out, before);
}

static void expect_applies(struct str before, struct str after, int context)
{
    CLEANUP(buf_free) struct buf diff = BUF_OWN, out = BUF_OWN;
    diff_unified(&diff, "f", before, after, context, NULL);
    if (str_eq(before, after)) {
        assert_int_equal(diff.len, 0);
        return;
    }
    apply(buf_view(&diff), before, &out);
    assert_true(str_eq(buf_view(&out), after));
}

static void random_text(struct buf *b, uint64_t *seed, uint64_t lines, uint64_t kinds)
{
    for (uint64_t n = test_random(seed) % (lines + 1); n > 0; n--)
        buf_printf(b, "%c\n", 'a' + (int)(test_random(seed) % kinds));
    if (b->len && test_random(seed) % 4 == 0)
        buf_truncate(b, b->len - 1);
}

static void test_applies(void **state)
{
    (void)state;
    uint64_t seed = test_seed();
    for (int i = 0; i < 5000; i++) {
        CLEANUP(buf_free) struct buf a = BUF_OWN, b = BUF_OWN;
        uint64_t kinds = 1 + test_random(&seed) % 6;
        random_text(&a, &seed, 30, kinds);
        random_text(&b, &seed, 30, kinds);
        expect_applies(buf_view(&a), buf_view(&b), (int)(test_random(&seed) % 4));
    }
}

/* Past the limit of the search the diff is coarse but right. */
static void test_limit(void **state)
{
    (void)state;
    uint64_t seed = test_seed();
    CLEANUP(buf_free) struct buf a = BUF_OWN, b = BUF_OWN;
    for (int i = 0; i < 3000; i++) {
        buf_printf(&a, "%d\n", i);
        buf_printf(&b, "%d\n", test_random(&seed) % 3 ? i : -i - 1);
    }
    expect_applies(buf_view(&a), buf_view(&b), 3);
    struct diff_stat stat;
    CLEANUP(buf_free) struct buf out = BUF_OWN;
    diff_unified(&out, "f", buf_view(&a), buf_view(&b), 3, &stat);
    assert_int_equal(stat.added, stat.removed);
    assert_true(stat.added < 3000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hunks), cmocka_unit_test(test_hunks_join),
        cmocka_unit_test(test_stat),  cmocka_unit_test(test_applies),
        cmocka_unit_test(test_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
