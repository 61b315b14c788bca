/* SPDX-License-Identifier: MIT
 *
 * The editor: clusters, words, rows, cutting, undo, history, and random operations.
 */
#include "lib/test.h"

#include "base/base.h"
#include "text/utf8.h"
#include "ui/widget/editor.h"

#include <locale.h>
#include <stdio.h>

#define E_ACUTE "e\xcc\x81"
#define FAMILY "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x91\xa7"
#define WIDE "\xe6\x97\xa5"

static struct editor *with(const char *text)
{
    struct editor *ed = editor_new(10000);
    assert_true(editor_insert(ed, str_of(text)));
    return ed;
}

static void is(struct editor *ed, const char *text, size_t cursor)
{
    struct str now = editor_text(ed);
    if (!str_is(now, text) || editor_cursor(ed) != cursor)
        fail_msg("<%.*s> at %zu, expected <%s> at %zu", STR_ARG(now), editor_cursor(ed), text,
                 cursor);
}

/* Whatever it is given whole: no control character, and no half of one that does not fit. */
static void test_set(void **state)
{
    (void)state;
    struct editor *ed = editor_new(5);
    editor_set(ed, STR("a\x1b[\nb\x7f"));
    is(ed, "a[\nb", 4);
    editor_set(ed, STR("abc" WIDE));
    is(ed, "abc", 3);
    editor_set(ed, STR("ab" WIDE));
    is(ed, "ab" WIDE, 5);
    editor_set(ed, STR("a\xff"));
    is(ed, "a\xef\xbf\xbd", 4);
    editor_free(ed);
}

static void test_clusters(void **state)
{
    (void)state;
    struct editor *ed = with("a" E_ACUTE FAMILY WIDE);
    size_t n = strlen("a" E_ACUTE FAMILY WIDE);
    is(ed, "a" E_ACUTE FAMILY WIDE, n);
    assert_true(editor_do(ed, EDIT_LEFT));
    is(ed, "a" E_ACUTE FAMILY WIDE, n - 3);
    assert_true(editor_do(ed, EDIT_BACKSPACE)); /* the family goes as one */
    is(ed, "a" E_ACUTE WIDE, 4);
    assert_true(editor_do(ed, EDIT_BACKSPACE));
    is(ed, "a" WIDE, 1);
    assert_true(editor_do(ed, EDIT_DELETE));
    is(ed, "a", 1);
    assert_false(editor_do(ed, EDIT_DELETE));
    assert_false(editor_do(ed, EDIT_RIGHT));
    assert_true(editor_do(ed, EDIT_LEFT));
    assert_false(editor_do(ed, EDIT_LEFT));
    editor_free(ed);
}

static void test_what_goes_in(void **state)
{
    (void)state;
    struct editor *ed = editor_new(8);
    assert_true(editor_insert(ed, STR("a\x1b\x07\x7f\r"
                                      "b\n\tc")));
    is(ed, "ab\n\tc", 5);
    assert_true(editor_insert(ed, STR("\xff")));
    is(ed, "ab\n\tc\xef\xbf\xbd", 8); /* exactly its limit */
    assert_false(editor_insert(ed, STR("x")));
    assert_true(editor_insert(ed, STR("\x01")));
    editor_clear(ed);
    assert_true(editor_empty(ed));
    editor_free(ed);
}

static void test_words_and_lines(void **state)
{
    (void)state;
    struct editor *ed = with("one two-three\nfour");
    editor_do(ed, EDIT_WORD_LEFT);
    is(ed, "one two-three\nfour", 14);
    editor_do(ed, EDIT_WORD_LEFT);
    is(ed, "one two-three\nfour", 8);
    editor_do(ed, EDIT_LINE_START);
    is(ed, "one two-three\nfour", 0);
    editor_do(ed, EDIT_WORD_RIGHT);
    is(ed, "one two-three\nfour", 3);
    editor_do(ed, EDIT_LINE_END);
    is(ed, "one two-three\nfour", 13);
    editor_do(ed, EDIT_KILL_WORD_BACK); /* to the blank, as in a shell */
    is(ed, "one \nfour", 4);
    editor_do(ed, EDIT_KILL_WORD_BACK); /* and goes on cutting */
    is(ed, "\nfour", 0);
    editor_do(ed, EDIT_END);
    editor_do(ed, EDIT_YANK);
    is(ed, "\nfourone two-three", 18);
    editor_do(ed, EDIT_START);
    editor_do(ed, EDIT_KILL_LINE); /* at its end the line end itself */
    is(ed, "fourone two-three", 0);
    editor_do(ed, EDIT_KILL_WORD);
    is(ed, " two-three", 0);
    editor_do(ed, EDIT_YANK);
    is(ed, "\nfourone two-three", 8);
    editor_do(ed, EDIT_KILL_LINE_BACK);
    is(ed, "\n two-three", 1);
    editor_free(ed);
}

static void test_undo(void **state)
{
    (void)state;
    struct editor *ed = editor_new(10000);
    assert_false(editor_do(ed, EDIT_UNDO));
    for (const char *p = "abc"; *p; p++)
        editor_insert(ed, str_make(p, 1));
    editor_insert(ed, STR(" "));
    editor_insert(ed, STR("d"));
    assert_true(editor_do(ed, EDIT_UNDO));
    is(ed, "abc ", 4);
    editor_do(ed, EDIT_UNDO);
    is(ed, "abc", 3);
    editor_do(ed, EDIT_UNDO); /* what was typed in one go */
    is(ed, "", 0);
    assert_true(editor_do(ed, EDIT_REDO));
    is(ed, "abc", 3);
    editor_insert(ed, STR("x"));
    assert_false(editor_do(ed, EDIT_REDO)); /* another way was taken */
    editor_clear(ed);
    editor_do(ed, EDIT_UNDO); /* also what was cleared */
    is(ed, "abcx", 4);
    editor_free(ed);
}

static void test_undo_limits(void **state)
{
    (void)state;
    struct editor *ed = editor_new(10000);
    for (int i = 0; i < EDITOR_UNDO_MAX + 10; i++)
        editor_insert(ed, STR("\n"));
    size_t steps = 0;
    while (editor_do(ed, EDIT_UNDO))
        steps++;
    assert_int_equal(steps, EDITOR_UNDO_MAX);
    is(ed, "\n\n\n\n\n\n\n\n\n\n", 10);
    editor_free(ed);
}

static void test_rows(void **state)
{
    (void)state;
    struct editor *ed = with("one two three");
    assert_int_equal(editor_rows(ed, 80), 1);
    assert_int_equal(editor_rows(ed, 14), 1); /* a cell stays for the cursor */
    assert_int_equal(editor_rows(ed, 13), 2);
    assert_int_equal(editor_rows(ed, 6), 3);
    editor_set(ed, STR("abcdefghij"));
    assert_int_equal(editor_rows(ed, 6), 2);
    editor_set(ed, STR(WIDE WIDE WIDE));
    assert_int_equal(editor_rows(ed, 6), 2); /* two of them are four of five cells */
    editor_set(ed, STR("a\n\nb\n"));
    assert_int_equal(editor_rows(ed, 80), 4);
    editor_set(ed, STR(""));
    assert_int_equal(editor_rows(ed, 1), 1);
    editor_free(ed);
}

static void test_up_and_down(void **state)
{
    (void)state;
    struct editor *ed = with("a long first\nab\nthe third one");
    editor_rows(ed, 80);
    editor_do(ed, EDIT_UP);
    is(ed, "a long first\nab\nthe third one", 15); /* as far as the line goes */
    editor_do(ed, EDIT_UP);
    is(ed, "a long first\nab\nthe third one", 12); /* and back to its column */
    editor_do(ed, EDIT_LINE_START);
    editor_do(ed, EDIT_RIGHT);
    editor_do(ed, EDIT_DOWN);
    is(ed, "a long first\nab\nthe third one", 14);
    editor_free(ed);
    /* Within one wrapped line. */
    ed = with("one two three");
    editor_rows(ed, 9);
    editor_do(ed, EDIT_UP);
    is(ed, "one two three", 5);
    editor_do(ed, EDIT_DOWN);
    is(ed, "one two three", 13);
    editor_free(ed);
}

static void test_history(void **state)
{
    (void)state;
    struct editor *ed = editor_new(100);
    editor_remember(ed, STR("first"));
    editor_remember(ed, STR("second"));
    editor_remember(ed, STR("second")); /* not twice */
    editor_insert(ed, STR("draft"));
    editor_do(ed, EDIT_UP);
    is(ed, "second", 6);
    editor_do(ed, EDIT_UP);
    is(ed, "first", 5);
    assert_false(editor_do(ed, EDIT_UP));
    editor_do(ed, EDIT_DOWN);
    editor_do(ed, EDIT_DOWN);
    is(ed, "draft", 5);
    assert_false(editor_do(ed, EDIT_DOWN));
    editor_clear(ed);
    for (int i = 0; i <= EDITOR_HISTORY_MAX; i++) {
        char text[20];
        snprintf(text, sizeof(text), "n%d", i);
        editor_remember(ed, str_of(text));
    }
    size_t n = 0;
    while (editor_do(ed, EDIT_UP))
        n++;
    assert_int_equal(n, EDITOR_HISTORY_MAX);
    is(ed, "n1", 2);
    editor_free(ed);
}

static void drawn(struct editor *ed, struct rect r, const char *expected, int x, int y)
{
    struct canvas c = CANVAS_NONE;
    CLEANUP(buf_free) struct buf out = BUF_OWN;
    canvas_resize(&c, 12, 4);
    editor_draw(ed, &c, r, LOOK_TEXT);
    canvas_dump(&c, false, &out);
    assert_string_equal(buf_cstr(&out), expected);
    assert_int_equal(c.cursor_x, x);
    assert_int_equal(c.cursor_y, y);
    canvas_done(&c);
}

static void test_drawing(void **state)
{
    (void)state;
    struct rect r = {1, 1, 8, 2};
    struct editor *ed = with("one two three four");
    drawn(ed, r, "\n three\n four\n\n", 5, 2); /* the rows around the cursor */
    editor_do(ed, EDIT_START);
    drawn(ed, r, "\n one two\n three\n\n", 1, 1);
    editor_set(ed, STR("a\tb" E_ACUTE WIDE));
    drawn(ed, r, "\n a    b" E_ACUTE "\n " WIDE "\n\n", 3, 2);
    editor_set(ed, STR("x\xe2\x80\xaey")); /* an override is shown, not obeyed */
    drawn(ed, (struct rect){0, 0, 12, 1}, "x<U+202E>y\n\n\n\n", 10, 0);
    editor_free(ed);
}

static void test_draw_line(void **state)
{
    (void)state;
    struct canvas c = CANVAS_NONE;
    CLEANUP(buf_free) struct buf out = BUF_OWN;
    struct editor *ed = with("abc\ndefghijkl");
    canvas_resize(&c, 10, 1);
    editor_draw_line(ed, &c, (struct rect){2, 0, 6, 1}, LOOK_TEXT);
    canvas_dump(&c, false, &out);
    assert_string_equal(buf_cstr(&out), "  hijkl\n");
    assert_int_equal(c.cursor_x, 7);
    editor_do(ed, EDIT_START);
    canvas_clear(&c);
    buf_clear(&out);
    editor_draw_line(ed, &c, (struct rect){2, 0, 6, 1}, LOOK_TEXT);
    canvas_dump(&c, false, &out);
    assert_string_equal(buf_cstr(&out), "  abc de\n");
    assert_int_equal(c.cursor_x, 2);
    canvas_done(&c);
    editor_free(ed);
}

static void test_random_edits(void **state)
{
    (void)state;
    static const char *const pieces[] = {"a",    " ",    "\n",   "\t",       WIDE,          E_ACUTE,
                                         FAMILY, "word", "\xff", "\xcc\x81", "\xe2\x80\x8b"};
    uint64_t seed = test_seed();
    struct editor *ed = editor_new(300);
    struct canvas c = CANVAS_NONE;
    canvas_resize(&c, 20, 5);
    for (int i = 0; i < 20000; i++) {
        if (test_random(&seed) % 2)
            editor_insert(ed, str_of(pieces[test_random(&seed) % ARRAY_LEN(pieces)]));
        else
            editor_do(ed, (enum editor_op)(test_random(&seed) % EDIT_OPS));
        if (test_random(&seed) % 20 == 0)
            editor_remember(ed, editor_text(ed));
        struct str text = editor_text(ed);
        size_t at = editor_cursor(ed);
        assert_true(utf8_valid(text));
        assert_true(at <= text.n);
        assert_true(at == text.n || ((unsigned char)text.p[at] & 0xC0) != 0x80);
        if (i % 16 == 0) {
            editor_draw(ed, &c, (struct rect){0, 0, 1 + (int)(test_random(&seed) % 20), 3},
                        LOOK_TEXT);
            assert_true(c.cursor_x >= 0 && c.cursor_x < c.w);
            assert_true(c.cursor_y >= 0 && c.cursor_y < 3);
        }
    }
    canvas_done(&c);
    editor_free(ed);
}

int main(void)
{
    setlocale(LC_CTYPE, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_set), cmocka_unit_test(test_clusters),        cmocka_unit_test(test_what_goes_in),
        cmocka_unit_test(test_words_and_lines), cmocka_unit_test(test_undo),
        cmocka_unit_test(test_undo_limits),     cmocka_unit_test(test_rows),
        cmocka_unit_test(test_up_and_down),     cmocka_unit_test(test_history),
        cmocka_unit_test(test_drawing),         cmocka_unit_test(test_draw_line),
        cmocka_unit_test(test_random_edits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
