/* SPDX-License-Identifier: MIT
 *
 * Canvas, looks, rows of text, and what part of many rows is shown.
 */
#include "lib/test.h"

#include "ui/draw/theme.h"
#include "ui/view/view.h"
#include "ui/vm/diffrows.h"
#include "ui/vm/doc.h"
#include "ui/vm/toolrow.h"
#include "ui/widget/textview.h"

#include <locale.h>

#define WIDE "\xe6\x97\xa5"

static void is(const struct canvas *c, const char *expected)
{
    CLEANUP(buf_free) struct buf out = BUF_OWN;
    canvas_dump(c, false, &out);
    assert_string_equal(buf_cstr(&out), expected);
}

static void test_wide_cells(void **state)
{
    (void)state;
    struct canvas c = CANVAS_NONE;
    canvas_resize(&c, 6, 1);
    assert_int_equal(canvas_put(&c, 0, 0, LOOK_TEXT, 0, STR("a" WIDE "b")), 4);
    is(&c, "a" WIDE "b\n");
    canvas_put(&c, 2, 0, LOOK_TEXT, 0, STR("x")); /* its right half is overwritten */
    is(&c, "a xb\n");
    canvas_put(&c, 1, 0, LOOK_TEXT, 0, STR(WIDE));
    canvas_put(&c, 1, 0, LOOK_TEXT, 0, STR("y")); /* its left half */
    is(&c, "ay b\n");
    canvas_put(&c, 5, 0, LOOK_TEXT, 0, STR(WIDE)); /* half outside */
    is(&c, "ay b\n");
    canvas_put(&c, 0, 0, LOOK_TEXT, 0, STR("e\xcc\x81\xcc\x82\xcc\x83\xcc\x84\xcc\x85"));
    assert_int_equal(c.cells[0].cp[3], 0x0303); /* what a cell holds, and no more */
    canvas_done(&c);
}

static void test_clip(void **state)
{
    (void)state;
    struct canvas c = CANVAS_NONE;
    canvas_resize(&c, 8, 3);
    struct rect all = canvas_clip(&c, (struct rect){2, 1, 3, 1});
    canvas_put(&c, 0, 1, LOOK_TEXT, 0, STR("abcdefgh"));
    canvas_put(&c, 0, 0, LOOK_TEXT, 0, STR("above"));
    canvas_fill(&c, (struct rect){-5, 1, 8, 9}, LOOK_RULE, '-');
    canvas_put(&c, 4, 1, LOOK_TEXT, 0, STR(WIDE)); /* cut by the clip: a blank, not a half */
    is(&c, "\n  -d\n\n");
    canvas_clip(&c, (struct rect){0, 0, 8, 3}); /* never grows */
    canvas_put(&c, 0, 0, LOOK_TEXT, 0, STR("no"));
    canvas_unclip(&c, all);
    canvas_put(&c, 6, 2, LOOK_TEXT, 0, STR("yes"));
    is(&c, "\n  -d\n      ye\n");
    canvas_done(&c);
}

static void test_raw(void **state)
{
    (void)state;
    struct canvas c = CANVAS_NONE;
    canvas_resize(&c, 20, 1);
    canvas_put_raw(&c, 0, 0, LOOK_TEXT, 0, STR("a\x1b[2J\nb\xff"));
    is(&c, "a^[[2J b\xef\xbf\xbd\n");
    canvas_clear(&c);
    canvas_put(&c, 0, 0, LOOK_TEXT, 0, STR("\x1b\x07z")); /* even when the caller forgot */
    is(&c, "??z\n");
    canvas_done(&c);
}

static void test_sizes(void **state)
{
    (void)state;
    struct canvas c = CANVAS_NONE;
    canvas_resize(&c, 0, -3);
    assert_int_equal(c.w, 1);
    assert_int_equal(c.h, 1);
    canvas_resize(&c, CANVAS_W_MAX + 1, CANVAS_H_MAX + 1);
    assert_int_equal(c.w, CANVAS_W_MAX);
    assert_int_equal(c.h, CANVAS_H_MAX);
    canvas_done(&c);
}

static void test_theme(void **state)
{
    (void)state;
    assert_int_equal(theme_choose(NULL, 256, NULL, NULL), THEME_DARK);
    assert_int_equal(theme_choose("auto", 256, "", "15;0"), THEME_DARK);
    assert_int_equal(theme_choose("auto", 256, NULL, "0;15"), THEME_LIGHT);
    assert_int_equal(theme_choose("auto", 256, NULL, "0;default;7"), THEME_LIGHT);
    assert_int_equal(theme_choose("auto", 256, "1", "0;15"), THEME_MONO);
    assert_int_equal(theme_choose("light", 256, "1", NULL), THEME_LIGHT); /* asked for */
    assert_int_equal(theme_choose("dark", 0, NULL, NULL), THEME_MONO);    /* there are none */
    for (int look = 0; look < LOOK_COUNT; look++) {
        struct style few = theme_style(THEME_DARK, 8, (enum look)look);
        assert_true(few.fg < 8 && few.bg < 8);
        struct style mono = theme_style(THEME_MONO, 256, (enum look)look);
        assert_true(mono.fg == -1 && mono.bg == -1);
        assert_true(look_name((enum look)look)[0]);
    }
    /* A question stands out without colours as well. */
    assert_true(theme_style(THEME_MONO, 0, LOOK_ASK).attr & ATTR_REVERSE);
    assert_true(theme_style(THEME_MONO, 0, LOOK_CHOSEN).attr & ATTR_REVERSE);
}

/* ---- docs ---- */

static void shows(const struct doc *d, int w, const char *expected)
{
    struct canvas c = CANVAS_NONE;
    CLEANUP(buf_free) struct buf out = BUF_OWN;
    canvas_resize(&c, w, (int)d->rows.n);
    for (size_t i = 0; i < d->rows.n; i++)
        doc_draw(d, i, &c, (struct rect){0, (int)i, w, 1}, false);
    canvas_dump(&c, false, &out);
    assert_string_equal(buf_cstr(&out), expected);
    canvas_done(&c);
}

static void test_doc(void **state)
{
    (void)state;
    struct doc d = DOC_INIT;
    doc_text(&d, 3, 14, LOOK_TEXT, "> ", LOOK_PROMPT, STR("one two three\n\n  four"));
    shows(&d, 14, " > one two\n   three\n\n     four\n");
    doc_clear(&d);
    doc_row(&d, 1);
    doc_puts(&d, LOOK_TEXT, "a name that is long");
    doc_right(&d, LOOK_TEXT, "ok");
    doc_right(&d, LOOK_TEXT, " 3s");
    shows(&d, 12, " a nam ok 3s\n"); /* the right side is never cut */
    struct doc_mark m = doc_mark(&d);
    doc_text(&d, 0, 10, LOOK_TEXT, NULL, LOOK_TEXT, STR(""));
    assert_int_equal(d.rows.n, 2);
    doc_rewind(&d, m);
    shows(&d, 12, " a nam ok 3s\n");
    doc_done(&d);
}

/* What was wrapped stays below where it began, in whatever order. */
static void test_doc_sort(void **state)
{
    (void)state;
    struct doc d = DOC_INIT;
    doc_column(&d, 1);
    doc_text(&d, 2, 12, LOOK_TEXT, "b ", LOOK_TEXT, STR("second of all\nhere"));
    doc_text(&d, 2, 12, LOOK_TEXT, "c ", LOOK_TEXT, STR("third"));
    doc_text(&d, 2, 12, LOOK_TEXT, "a ", LOOK_TEXT, STR("first one too"));
    shows(&d, 12, "b second of\n  all\n  here\nc third\na first one\n  too\n");
    assert_int_equal(doc_head(&d, 2), 0);
    assert_int_equal(doc_after(&d, 0), 3);
    assert_int_equal(doc_head(&d, 3), 3);
    assert_int_equal(doc_after(&d, 4), 6);
    doc_sort(&d, 1);
    shows(&d, 12, "a first one\n  too\nb second of\n  all\n  here\nc third\n");
    doc_reverse(&d);
    shows(&d, 12, "c third\nb second of\n  all\n  here\na first one\n  too\n");
    doc_clear(&d);
    doc_sort(&d, 1);
    doc_reverse(&d);
    assert_int_equal(d.rows.n, 0);
    doc_done(&d);
}

/* By the number behind them, as they are written beside calls and requests. */
static void test_sort_sizes(void **state)
{
    (void)state;
    static const char *const sorted[] = {"",    "0ms",   "7ms",   "1.5s",  "9",     "10s", "59s",   "3m05s", "3m20s",
                                         "10m", "12m00s", "1h00m", "2h", "3d", "99h59m", "100h00", "100h01", "1x", "3m 5", "5m3h", "5mm",
                                         "live"};
    struct doc d = DOC_INIT;
    for (size_t step = 1; step < ARRAY_LEN(sorted); step += 2) {
        CLEANUP(buf_free) struct buf want = BUF_OWN;
        doc_clear(&d);
        for (size_t i = 0; i < ARRAY_LEN(sorted); i++) {
            doc_row(&d, 0);
            doc_column(&d, 1);
            doc_puts(&d, LOOK_TEXT, sorted[(i * 13 + step) % ARRAY_LEN(sorted)]);
            doc_column(&d, 0);
            buf_printf(&want, "%s\n", sorted[i]);
        }
        doc_sort(&d, 1);
        shows(&d, 20, buf_cstr(&want));
    }
    doc_done(&d);
}

static void test_doc_tail(void **state)
{
    (void)state;
    struct doc d = DOC_INIT;
    doc_tail(&d, 0, 30, LOOK_TEXT, STR("1\n2\n3\n"), 3);
    shows(&d, 30, "1\n2\n3\n");
    doc_clear(&d);
    doc_tail(&d, 0, 30, LOOK_TEXT, STR("1\n2\n3\n4\n"), 3);
    shows(&d, 30, "... 1 more line before\n2\n3\n4\n");
    doc_clear(&d);
    doc_tail(&d, 0, 4, LOOK_TEXT, STR("x\naaaabbbbccccdddd"), 2);
    shows(&d, 4, "cccc\ndddd\n");
    doc_done(&d);
}

static void test_diff(void **state)
{
    (void)state;
    assert_true(doc_is_diff(STR("--- a/x\n+++ b/x\n")));
    assert_true(doc_is_diff(STR("edited\n@@ -1 +1 @@\n")));
    assert_false(doc_is_diff(STR("-x\n+y\n")));
    struct doc d = DOC_INIT;
    doc_diff(&d, 0, 20, STR("--- a\n+++ b\n@@ -1 +1 @@\n-x\n+y\n z\n"));
    static const enum look looks[] = {LOOK_HUNK,    LOOK_HUNK,  LOOK_HUNK,
                                      LOOK_REMOVED, LOOK_ADDED, LOOK_TEXT};
    assert_int_equal(d.rows.n, ARRAY_LEN(looks));
    for (size_t i = 0; i < ARRAY_LEN(looks); i++)
        assert_int_equal(d.spans.v[d.rows.v[i].first].look, looks[i]);
    doc_done(&d);
}

/* What was removed or added may begin as a head does. */
static void test_diff_like_heads(void **state)
{
    (void)state;
    struct doc d = DOC_INIT;
    struct str sql = STR("--- a\n+++ b\n@@ -1,2 +1 @@\n--- note\n-x\n+++ y\n--- c\n+++ d\n");
    static const enum look looks[] = {LOOK_HUNK,    LOOK_HUNK,  LOOK_HUNK, LOOK_REMOVED,
                                      LOOK_REMOVED, LOOK_ADDED, LOOK_HUNK, LOOK_HUNK};
    doc_diff(&d, 0, 20, sql);
    assert_int_equal(d.rows.n, ARRAY_LEN(looks));
    for (size_t i = 0; i < ARRAY_LEN(looks); i++)
        assert_int_equal(d.spans.v[d.rows.v[i].first].look, looks[i]);
    doc_clear(&d);
    diff_rows(&d, 0, 80, DIFF_WORDS, sql);
    assert_int_equal(d.rows.n, ARRAY_LEN(looks));
    for (size_t i = 0; i < ARRAY_LEN(looks); i++)
        assert_int_equal(d.spans.v[d.rows.v[i].first].look, looks[i]);
    doc_clear(&d);
    diff_rows(&d, 0, 80, DIFF_SIDES, sql);
    assert_int_equal(d.rows.n, ARRAY_LEN(looks) - 1); /* a pair is one row */
    doc_done(&d);
}

static void test_duration(void **state)
{
    (void)state;
    static const struct {
        int64_t ms;
        const char *text;
    } rows[] = {{-5, "0ms"},        {0, "0ms"},          {99, "99ms"},     {999, "999ms"},
                {1000, "1.0s"},     {9999, "9.9s"},
                {10000, "10s"},     {59999, "59s"},      {60000, "1m00s"}, {3599999, "59m59s"},
                {3600000, "1h00m"}, {90061000, "25h01m"}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char text[24];
        duration_text(rows[i].ms, text, sizeof(text));
        assert_string_equal(text, rows[i].text);
    }
}

/* ---- many rows ---- */

static void test_following(void **state)
{
    (void)state;
    struct textview v = {.follow = true};
    textview_fit(&v, 100, 10);
    assert_int_equal(v.top, 90);
    textview_fit(&v, 105, 10);
    assert_int_equal(v.top, 95);
    textview_move(&v, -1);
    assert_false(v.follow);
    textview_fit(&v, 200, 10);
    assert_int_equal(v.top, 94); /* the place is kept */
    textview_page(&v, 100);
    assert_true(v.follow);
    assert_int_equal(v.top, 190);
    textview_page(&v, -1);
    assert_int_equal(v.top, 182);
    textview_top(&v);
    textview_move(&v, -5);
    assert_int_equal(v.top, 0);
    textview_fit(&v, 3, 10);
    assert_int_equal(v.top, 0);
    textview_fit(&v, 0, 0);
    textview_move(&v, 1);
    assert_int_equal(v.top, 0);
}

static void test_cursor(void **state)
{
    (void)state;
    struct textview v = {.has_cursor = true};
    textview_fit(&v, 50, 10);
    textview_move(&v, 12);
    assert_int_equal(v.cursor, 12);
    assert_int_equal(v.top, 3);
    textview_move(&v, -10);
    assert_int_equal(v.top, 2);
    textview_to(&v, 40);
    assert_true(v.cursor == 40 && v.top == 40);
    textview_fit(&v, 20, 10);
    assert_true(v.cursor == 19 && v.top == 10);
    textview_bottom(&v);
    assert_true(v.follow);
}

/* Names of any length: the chosen one is in view. */
static void test_candidates(void **state)
{
    (void)state;
    struct name_list names = {0};
    struct canvas c = CANVAS_NONE;
    struct rect row = {0, 0, 40, 1};
    const char *const rows[] = {" aaaaaaaaaaaaaaaaaaaaaaaaa0  aaaaaaaaaaa\n", " aaaaaaaaaaaaaaaaaaaaaaaaa1  bbbbb  bb\n",
                                " aaaaaaaaaaaaaaaaaaaaaaaaa1  bbbbb  bb\n", " aaaaaaaaaaaaaaaaaaaaaaaaa1  bbbbb  bb\n",
                                " bbbbb  bb  b\n"};
    const char *const all[] = {"aaaaaaaaaaaaaaaaaaaaaaaaa0", "aaaaaaaaaaaaaaaaaaaaaaaaa1", "bbbbb", "bb", "b"};
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        name_list_add(&names, all[i]);
    canvas_resize(&c, row.w, 1);
    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        CLEANUP(buf_free) struct buf out = BUF_OWN;
        view_candidates(&c, row, &names, i, "");
        canvas_dump(&c, false, &out);
        assert_string_equal(buf_cstr(&out), rows[i]);
    }
    canvas_done(&c);
    name_list_done(&names);
}

int main(void)
{
    setlocale(LC_CTYPE, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wide_cells), cmocka_unit_test(test_clip),
        cmocka_unit_test(test_raw),        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_theme),      cmocka_unit_test(test_doc),
        cmocka_unit_test(test_doc_sort),   cmocka_unit_test(test_sort_sizes),
        cmocka_unit_test(test_doc_tail),   cmocka_unit_test(test_diff), cmocka_unit_test(test_diff_like_heads),
        cmocka_unit_test(test_duration),   cmocka_unit_test(test_following),
        cmocka_unit_test(test_cursor),     cmocka_unit_test(test_candidates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
