/* SPDX-License-Identifier: MIT */
#include "lib/test.h"

#include "base/buf.h"
#include "text/markdown.h"
#include "text/width.h"

#include <locale.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

/* The rows as lines; with roles: a span of a role is between its letter and a dot. */
static void show(const struct markdown *m, size_t from, size_t to, bool roles, struct buf *out)
{
    static const char letters[MARKDOWN_ROLES] = "tseSclTHmarh";
    for (size_t i = from; i < to; i++) {
        const struct markdown_row *row = &m->rows.v[i];
        for (size_t k = 0; k < row->n; k++) {
            const struct markdown_span *s = &m->spans.v[row->first + k];
            if (roles && s->role != MARKDOWN_TEXT)
                buf_printf(out, "<%c:", letters[s->role]);
            buf_str(out, str_sub(buf_view(&m->text), s->from, s->n));
            if (roles && s->role != MARKDOWN_TEXT)
                buf_putc(out, '>');
        }
        buf_putc(out, '\n');
    }
}

static void made(const char *text, int width, bool roles, struct buf *out)
{
    struct markdown m = MARKDOWN_INIT;
    markdown_make(&m, str_of(text), width, NULL);
    show(&m, 0, m.rows.n, roles, out);
    markdown_done(&m);
}

static void expect(const char *text, int width, const char *rows)
{
    CLEANUP(buf_free) struct buf b = BUF_OWN;
    made(text, width, false, &b);
    assert_string_equal(buf_cstr(&b), rows);
}

static void expect_roles(const char *text, const char *rows)
{
    CLEANUP(buf_free) struct buf b = BUF_OWN;
    made(text, 60, true, &b);
    assert_string_equal(buf_cstr(&b), rows);
}

static void test_paragraphs(void **state)
{
    (void)state;
    expect("", 20, "");
    expect("one", 20, "one\n");
    expect("one\ntwo", 20, "one\ntwo\n");
    expect("one\n\n\n\ntwo\n", 20, "one\n\ntwo\n");
    expect("some words that are longer than a row", 12, "some words\nthat are\nlonger than\na row\n");
    expect("verylongwordwithoutablank", 10, "verylongwo\nrdwithouta\nblank\n");
    expect("# Title\ntext", 20, "Title\n\ntext\n");
    expect("a\n\n---\n\nb", 20, "a\n\n--------------------\n\nb\n");
    expect("\xE4\xB8\xAD\xE6\x96\x87", 1, "\xE4\xB8\xAD\n\xE6\x96\x87\n");
}

static void test_roles(void **state)
{
    (void)state;
    expect_roles("a **b** _c_ ~~d~~ `e`", "a <s:b> <e:c> <S:d> <c:e>\n");
    expect_roles("# A `b`", "<H:A ><c:b>\n");
    expect_roles("[the docs](https://a.example/x)", "<l:the docs><T: (><T:https://a.example/x><T:)>\n");
    expect_roles("https://a.example/x", "<l:https://a.example/x>\n");
    expect_roles("see http://a.example/x_(y_z)_a, (https://b.example/).",
                 "see <l:http://a.example/x_(y_z)_a>, (<l:https://b.example/>).\n");
    expect_roles("xhttp://a.example http:// *https://a*", "xhttp://a.example http:// <l:https://a>\n");
    expect_roles("me@a.example www.example", "me@a.example www.example\n");
    expect_roles("<me@a.example>", "<l:me@a.example>\n");
    /* What the text pretends does not hide where it goes. */
    expect_roles("[bank.example](http://evil.example/bank.example)",
                 "<l:bank.example><T: (><T:http://evil.example/bank.example><T:)>\n");
    expect_roles("![a cat](cat.png)", "<m:image: ><l:a cat><T: (><T:cat.png><T:)>\n");
    expect_roles("a <b>bold</b>", "a <b>bold</b>\n");
    expect_roles("<div>\nx\n</div>", "<div>\nx\n</div>\n");
}

static void test_lists(void **state)
{
    (void)state;
    expect("- a\n- b\n  - c\n- d", 20, "- a\n- b\n  - c\n- d\n");
    expect("3. a\n4. b\n", 20, "3. a\n4. b\n");
    expect("1) a\n\n2) b\n", 20, "1) a\n\n2) b\n");
    expect("- [x] done\n- [ ] open\n", 20, "[x] done\n[ ] open\n");
    expect("- some words that wrap", 12, "- some words\n  that wrap\n");
    expect("-\n- b", 20, "- \n- b\n");
    expect("- a\n\n  more\n", 20, "- a\n\n  more\n");
    expect("> a\n> b\n>\n> - c", 20, "| a\n| b\n|\n| - c\n");
    expect("> some words that wrap", 12, "| some words\n| that wrap\n");
    expect("- a\n\n      code\n", 20, "- a\n\n    code\n");
}

static void test_code(void **state)
{
    (void)state;
    expect("```c\nint  main(void)\n{\n}\n```", 30, "  int  main(void)\n  {\n  }\n");
    expect("```\nabcdefghij  klmnop\n```", 10, "  abcdefgh\n  ij  klmn\n  op\n");
    expect("```\nnot closed", 30, "  not closed\n");
    expect("```\n\n```", 30, "  \n");
    expect_roles("```diff\n--- a\n+++ b\n@@ -1 +1 @@\n-x\n+y\n z\n```",
                 "  <h:--- a>\n  <h:+++ b>\n  <h:@@ -1 +1 @@>\n  <r:-x>\n  <a:+y>\n  <c: z>\n");
    expect_roles("```diff\n--- a\n+++ b\n@@ -1 +1 @@\n--- x\n+++ y\n--- c\n```",
                 "  <h:--- a>\n  <h:+++ b>\n  <h:@@ -1 +1 @@>\n  <r:--- x>\n  <a:+++ y>\n  <h:--- c>\n");
}

static void test_tables(void **state)
{
    (void)state;
    expect("| a | bb |\n|---|---:|\n| 1 | 2 |\n", 40, "| a   |  bb |\n|-----|-----|\n| 1   |   2 |\n");
    expect("| a |\n|:-:|\n| long cell |\n", 40, "|     a     |\n|-----------|\n| long cell |\n");
    expect("| head | b |\n|---|---|\n| some words that wrap | x |\n", 22,
           "| head         | b   |\n|--------------|-----|\n| some words   | x   |\n| that wrap    |     |\n");
    expect("| a | b |\n|---|---|\n| `x` | **y** |\n", 40, "| a   | b   |\n|-----|-----|\n| x   | y   |\n");
    /* No room for its columns: as it was written. */
    expect("| a | b | c |\n|---|---|---|\n", 12, "| a | b | c\n|\n|---|---|---\n|\n");
}

static void test_hostile(void **state)
{
    (void)state;
    expect("`\x1b[31m`", 20, "^[[31m\n");
    expect("a\xE2\x80\xAE" "b", 20, "a<U+202E>b\n");
    expect("```\n\x1b]0;x\x07\n```", 30, "  ^[]0;x^G\n");
    expect("| \x1b[2J |\n|---|\n", 30, "| ^[[2J |\n|-------|\n");
    expect("&#27;[31m", 20, "^[[31m\n"); /* an entity that becomes one */
    expect("[a](<\x1b[31m>)", 30, "a (^[[31m)\n");
    expect("\xff\xfe", 20, "\xEF\xBF\xBD\xEF\xBF\xBD\n");
}

/* No shape is slow, deep, or wider than the room. */
static void test_shapes(void **state)
{
    (void)state;
    static const char *const shapes[] = {"> ", "- ", "1. ", "[", "![", "*", "**a ", "`", "| a ", "~~", "<a",
                                         "[a](", "&", "\t", "-\n", "# ", "|\n", "> - ", "a\r", "_a_",
                                         "a@", "a@b.", "w@x.example ", "www.", "http://", "http://a(",
                                         "https://a.example/) ", "![[]()", "||\n|-|-|\n",
                                         "|\r|-|\r", "x|y\n-|-\n", "*_", "> |-\n"};
    for (size_t i = 0; i < ARRAY_LEN(shapes); i++) {
        CLEANUP(buf_free) struct buf b = BUF_OWN;
        while (b.len < MARKDOWN_MAX)
            buf_puts(&b, shapes[i]);
        for (int width = 1; width < 100; width += 49) {
            struct markdown m = MARKDOWN_INIT;
            markdown_make(&m, buf_view(&b), width, NULL);
            for (size_t r = 0; r < m.rows.n; r++) {
                int cells = 0;
                for (size_t k = 0; k < m.rows.v[r].n; k++) {
                    const struct markdown_span *s = &m.spans.v[m.rows.v[r].first + k];
                    cells += width_str(str_sub(buf_view(&m.text), s->from, s->n));
                }
                assert_true(cells <= MAX(width, 2));
            }
            markdown_done(&m);
        }
    }
}

static const char document[] =
    "# Title\n\nSome *words* with `code` and a [link](https://a.example/b).\nA second line.\n\n"
    "- one\n- two\n  - nested\n    more\n- three\n\n1. first\n\n2. second\n\n   with a paragraph\n\n"
    "> quoted\n> - item\n>\n> end\n\n```c\nint main(void)\n{\n}\n```\n\nA line\n\n| a | b |\n|---|--:|\n"
    "| 1 | 2 |\n| 3 | 4 |\n\nSetext\n======\n\n    indented code\n\n***\n\ntext right before\n| x | y |\n"
    "|---|---|\n| 1 | 2 |\nand after\n\n<div>\nhtml\n</div>\n\n\xE6\x97\xA5\xE6\x9C\xAC last\r\n\rone more";

/* What a follower of a growing text does: rows of all blocks but the last are kept for good. However it
 * grows, the rows are those of the whole. Returns how many bytes were kept. */
static size_t grow(const char *text, size_t size, size_t step)
{
    bool joins = false;
    struct markdown_fence within = {0};
    struct markdown part = MARKDOWN_INIT, whole = MARKDOWN_INIT;
    CLEANUP(buf_free) struct buf kept = BUF_OWN;
    size_t done = 0;
    for (size_t n = 0; n < size; n += step) {
        CLEANUP(buf_free) struct buf got = BUF_OWN, want = BUF_OWN;
        markdown_make(&part, str_make(text + done, n - done), 30, &within);
        buf_str(&got, buf_view(&kept));
        if (kept.len > 0 && part.rows.n > 0 && !joins)
            buf_putc(&got, '\n');
        show(&part, 0, part.rows.n, true, &got);
        markdown_make(&whole, str_make(text, n), 30, NULL);
        show(&whole, 0, whole.rows.n, true, &want);
        if (strcmp(buf_cstr(&got), buf_cstr(&want)) != 0)
            fail_msg("after %zu bytes:\n%s--- of the whole:\n%s", n, buf_cstr(&got), buf_cstr(&want));
        if (part.last_row > 0) {
            if (kept.len > 0 && !joins)
                buf_putc(&kept, '\n');
            show(&part, 0, part.last_row, true, &kept);
            done += part.last_block;
            joins = part.joins;
            within = part.within;
        }
    }
    markdown_done(&part);
    markdown_done(&whole);
    return done;
}

static void test_growing(void **state)
{
    (void)state;
    assert_true(grow(document, sizeof(document), 1) > sizeof(document) - 60);
}

/* A long paragraph is closed line by line, but not where a mark may go on. */
static void test_long_paragraph(void **state)
{
    (void)state;
    CLEANUP(buf_free) struct buf b = BUF_OWN;
    while (b.len < 3 * MARKDOWN_PARAGRAPH)
        buf_puts(&b, "some words in a line of it\n");
    size_t plain = b.len;
    buf_puts(&b, "2. no item, for it stands in a paragraph\nwords | like | a table\nand so on\n");
    assert_true(grow(b.data, b.len, 7) > plain - MARKDOWN_PARAGRAPH - 100);
    buf_puts(&b, "a **mark that\n");
    for (int i = 0; i < 20; i++)
        buf_puts(&b, "goes on over lines\n");
    buf_puts(&b, "to** its end\n\nand another\n");
    grow(b.data, b.len, 7);
}

/* A block of code of any length is one, whatever is in it, and of one that grows only the last line is made
 * again. */
static void test_long_code(void **state)
{
    (void)state;
    static const char *const fences[][2] = {
        {"```c", "```"}, {"  ~~~~ some words", "~~~~~~"}, {" ```", "```"}, {"```diff", "  ```  "}, {"````", ""}};
    static const char *const lines[] = {
        "int main(void) { return **p; }", "", "    ```", "``", "# none", "- none\r", "~~~ x", "+ a longer line than the width has room for", "  two", "\tx", " \ty", "@@ -1,2 +1 @@", "--- gone", "--- gone too", "+++ new", "--- head"};
    for (size_t k = 0; k < ARRAY_LEN(fences); k++) {
        CLEANUP(buf_free) struct buf b = BUF_OWN, once = BUF_OWN, part = BUF_OWN, got = BUF_OWN, want = BUF_OWN;
        for (size_t i = 0; i < ARRAY_LEN(lines); i++)
            buf_printf(&part, "%s\n", lines[i]);
        buf_printf(&once, "%s\n%s%s\n", fences[k][0], buf_cstr(&part), fences[k][1][0] ? fences[k][1] : "````");
        made(buf_cstr(&once), 30, true, &want);
        buf_printf(&b, "*before*\n\n%s\n", fences[k][0]);
        size_t repeats = 0;
        for (; b.len < 3 * MARKDOWN_MAX; repeats++)
            buf_str(&b, buf_view(&part));
        buf_printf(&b, "%s\n\n**after**\n", fences[k][1]);
        bool ends = fences[k][1][0];
        made(buf_cstr(&b), 30, true, &got);
        struct str rest = buf_view(&got);
        assert_true(str_starts(rest, "<e:before>\n\n"));
        rest = str_sub(rest, strlen("<e:before>\n\n"), rest.n);
        for (size_t i = 0; i < repeats; i++) {
            assert_true(str_starts(rest, buf_cstr(&want)));
            rest = str_sub(rest, want.len, rest.n);
        }
        if (ends)
            assert_true(str_is(rest, "\n<s:after>\n"));
        else
            assert_non_null(strstr(rest.p, "**after**"));
    }
    /* However it grows. */
    CLEANUP(buf_free) struct buf b = BUF_OWN;
    buf_puts(&b, "before\n\n ```diff\n");
    while (b.len < 3 * MARKDOWN_PARAGRAPH)
        for (size_t i = 0; i < ARRAY_LEN(lines); i++)
            buf_printf(&b, "%s\n", lines[i]);
    assert_true(grow(b.data, b.len, 7) > b.len - 100);
    buf_puts(&b, "```\n\nand **after**\n\n~~~\n~~~\n\n```c\n");
    while (b.len < 6 * MARKDOWN_PARAGRAPH)
        buf_puts(&b, "more\n");
    size_t inside = b.len;
    buf_puts(&b, "``` no end\n```\nend");
    assert_true(grow(b.data, b.len, 3) > inside);
    buf_truncate(&b, 0);
    buf_puts(&b, "```");
    buf_fill(&b, 'x', (size_t)MARKDOWN_PARAGRAPH);
    buf_puts(&b, "\n");
    buf_fill(&b, 'y', (size_t)MARKDOWN_PARAGRAPH);
    buf_puts(&b, "\nz\n");
    grow(b.data, b.len, 101);
}

/* Fences in any order, and whatever lies between them. */
static void test_any_growth(void **state)
{
    (void)state;
    static const char *const parts[] = {"```\n", "```c\n", "~~~\n", "  ```\n", "````\n", "text of it\n", "\n", "    indented\n", "- item\n", "> quote\n", "``` x`y\n", "more words here and there and on\n", "\tTab\n", "# head\n", "``\n", "*a* **b**\n"};
    uint64_t seed = 7; /* the same documents each time */
    for (int run = 0; run < 30; run++) {
        CLEANUP(buf_free) struct buf b = BUF_OWN;
        size_t fill = test_random(&seed) % 3 ? 5 + test_random(&seed) % 6 : 0;
        while (b.len < 5000) {
            buf_puts(&b, parts[test_random(&seed) % ARRAY_LEN(parts)]);
            for (size_t i = 0; test_random(&seed) % 6 == 0 && i < 400; i++)
                buf_puts(&b, parts[fill]);
        }
        grow(b.data, b.len, 1 + test_random(&seed) % 300);
    }
}

/* Past what is parsed at a time: all of it is there, in pieces, and one block that is larger is plain. */
static void test_large(void **state)
{
    (void)state;
    CLEANUP(buf_free) struct buf b = BUF_OWN, out = BUF_OWN;
    int n = 0;
    for (; b.len < 3 * MARKDOWN_MAX; n++)
        buf_printf(&b, "**n%d** words\n\n", n);
    made(buf_cstr(&b), 80, false, &out);
    size_t blocks = (size_t)n;
    assert_int_equal(out.len, b.len - 4 * blocks - 1);
    assert_null(strstr(buf_cstr(&out), "**"));
    assert_non_null(strstr(buf_cstr(&out), "\nn9000 words\n"));
    buf_truncate(&b, 0);
    buf_truncate(&out, 0);
    while (b.len < 3 * MARKDOWN_MAX)
        buf_puts(&b, "**many** words in one block\n");
    buf_puts(&b, "\n**end**\n");
    made(buf_cstr(&b), 80, false, &out);
    assert_non_null(strstr(buf_cstr(&out), "**many** words"));
    assert_non_null(strstr(buf_cstr(&out), "\nend\n"));
}

/* Fails nothing itself: that is for the thread of the test. */
static void *make_struck(void *arg)
{
    bool *ok = arg;
    CLEANUP(buf_free) struct buf text = BUF_OWN, expected = BUF_OWN;
    for (int i = 0; i < 200; i++) {
        buf_puts(&text, "a ~~b~~ c\n\n");
        buf_printf(&expected, "%sa <S:b> c\n", i ? "\n" : "");
    }
    for (int i = 0; i < 100; i++) {
        CLEANUP(buf_free) struct buf b = BUF_OWN;
        made(buf_cstr(&text), 60, true, &b);
        *ok &= strcmp(buf_cstr(&b), buf_cstr(&expected)) == 0;
    }
    return NULL;
}

static void test_threads(void **state)
{
    (void)state;
    enum { THREADS = 4 };
    pthread_t threads[THREADS];
    bool ok[THREADS];
    for (int i = 0; i < THREADS; i++) {
        ok[i] = true;
        assert_int_equal(pthread_create(&threads[i], NULL, make_struck, &ok[i]), 0);
    }
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    for (int i = 0; i < THREADS; i++)
        assert_true(ok[i]);
}

int main(void)
{
    setlocale(LC_CTYPE, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_paragraphs), cmocka_unit_test(test_roles),  cmocka_unit_test(test_lists),
        cmocka_unit_test(test_code),       cmocka_unit_test(test_tables), cmocka_unit_test(test_hostile),
        cmocka_unit_test(test_shapes),     cmocka_unit_test(test_growing), cmocka_unit_test(test_long_paragraph), cmocka_unit_test(test_long_code), cmocka_unit_test(test_any_growth), cmocka_unit_test(test_large),
        cmocka_unit_test(test_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
