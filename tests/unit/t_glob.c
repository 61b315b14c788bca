/* SPDX-License-Identifier: MIT */
#include "lib/test.h"

#include "text/glob.h"

#include <stdio.h>

static void test_match(void **state)
{
    static const struct {
        const char *pattern, *path;
        bool match;
    } rows[] = {
        {"", "", true},
        {"", "a", false},
        {"a", "a", true},
        {"a", "A", false},
        {"a", "ab", false},
        {"*", "", true},
        {"*", "abc", true},
        {"*", "a/b", false},
        {"*.c", "x.c", true},
        {"*.c", "x.h", false},
        {"*.c", ".c", true},
        {"a*b*c", "aXXbYYc", true},
        {"a*b*c", "aXXbYY", false},
        {"a*bc", "abbbc", true},
        {"?", "a", true},
        {"?", "\xC3\xA9", true},
        {"?", "/", false},
        {"?", "", false},
        {"[abc]", "b", true},
        {"[abc]", "d", false},
        {"[a-cx]", "c", true},
        {"[a-cx]", "x", true},
        {"[!a-c]", "b", false},
        {"[!a-c]", "z", true},
        {"[^a-c]", "z", true},
        {"[!a]", "/", false},
        {"[]a]", "]", true},
        {"[!]a]", "b", true},
        {"[a-]", "-", true},
        {"[\\]]", "]", true},
        {"[[:digit:]x]", "7", true},
        {"[[:digit:]x]", "x", true},
        {"[[:digit:]]", "x", false},
        {"[[:xdigit:]]", "f", true},
        {"[[:digit]", ":", true},
        {"[[:digit]", "x", false},
        {"[[:]", ":", true},
        {"[\xC3\xA0-\xC3\xBC]", "\xC3\xA9", true},
        {"[abc", "[abc", true},
        {"[abc", "a", false},
        {"\\*", "*", true},
        {"\\*", "a", false},
        {"a\\", "a\\", true},
        {"**", "a/b/c", true},
        {"**/c", "c", true},
        {"**/c", "a/b/c", true},
        {"**/c", "a/bc", false},
        {"a/**", "a/b/c", true},
        {"a/**", "a", false},
        {"a/**/d", "a/d", true},
        {"a/**/d", "a/b/c/d", true},
        {"a/**/d", "a/bd", false},
        {"***/c", "a/b/c", true},
        {"**/*.c", "x.c", true},
        {"**/*.c", "src/x.c", true},
        {"src**c", "src/a/c", true},
        {"a**/b", "a/x/b", true},
        {"{a,b}", "a", true},
        {"{a,b}", "b", true},
        {"{a,b}", "c", false},
        {"x.{c,h}", "x.h", true},
        {"{a,}b", "b", true},
        {"{a*,?}/x", "abc/x", true},
        {"{a,b}{c,d}", "bc", true},
        {"{a,b}{c,d}", "ab", false},
        {"{a}", "{a}", true},
        {"{a,b", "{a,b", true},
        {"a,b}", "a,b}", true},
        {"{a,[}]}", "}", true},
        {"{x,**/y}", "a/b/y", true},
        {"{x,**/y}", "y", true},
        {"{a\\,b,c}", "a,b", true},
        {"{a\\,b,c}", "a", false},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (glob_match(str_of(rows[i].pattern), str_of(rows[i].path)) != rows[i].match)
            fail_msg("'%s' and '%s': not %d", rows[i].pattern, rows[i].path, rows[i].match);
    }
}

/* Patterns that make a backtracking matcher run for ever. */
static void test_hostile(void **state)
{
    (void)state;
    CLEANUP(buf_free) struct buf pattern = BUF_OWN, path = BUF_OWN;
    for (int i = 0; i < 300; i++)
        buf_puts(&pattern, i % 2 ? "**a*" : "{a,aa}");
    buf_fill(&path, 'a', 2000);
    assert_true(glob_match(buf_view(&pattern), buf_view(&path)) ||
                !glob_match(buf_view(&pattern), buf_view(&path)));
    buf_putc(&path, 'b');
    buf_putc(&pattern, 'c');
    assert_false(glob_match(buf_view(&pattern), buf_view(&path)));
}

/* Each '[' begins a search for its end, and each "[:" one for the end of a name. */
static void test_open_sets(void **state)
{
    (void)state;
    CLEANUP(buf_free) struct buf pattern = BUF_OWN, line = BUF_OWN, rules = BUF_OWN;
    for (int i = 0; i < 400; i++)
        buf_puts(&pattern, "[:");
    assert_true(glob_match(buf_view(&pattern), buf_view(&pattern)));
    assert_false(glob_match(buf_view(&pattern), STR("[")));
    buf_putc(&pattern, ']'); /* closes the one whose set is short enough */
    assert_false(glob_match(buf_view(&pattern), buf_view(&pattern)));
    for (int i = 0; i < 2048; i++)
        buf_puts(&line, "[:");
    for (int i = 0; i < 200; i++)
        buf_printf(&rules, "%s\n", buf_cstr(&line));
    buf_puts(&rules, "last\n");
    struct ignore *g = ignore_new();
    ignore_add(g, STR(""), buf_view(&rules));
    assert_true(ignore_match(g, STR("last"), false));
    ignore_free(g);
}

static void test_longest_set(void **state)
{
    (void)state;
    CLEANUP(buf_free) struct buf set = BUF_OWN;
    buf_putc(&set, '[');
    buf_fill(&set, 'a', 254);
    buf_putc(&set, ']');
    assert_true(glob_match(buf_view(&set), STR("a")));
    buf_puts(&set, "]"); /* a set, then a ']' */
    assert_true(glob_match(buf_view(&set), STR("a]")));
    buf_clear(&set);
    buf_putc(&set, '[');
    buf_fill(&set, 'a', 255);
    buf_putc(&set, ']');
    assert_false(glob_match(buf_view(&set), STR("a")));
    assert_true(glob_match(buf_view(&set), buf_view(&set)));
}

/* Lines that are no rules use up what there may be of rules. */
static void test_refused_lines(void **state)
{
    (void)state;
    CLEANUP(buf_free) struct buf text = BUF_OWN;
    for (int more = 0; more < 2; more++) {
        buf_clear(&text);
        buf_fill(&text, '\n', (size_t)(9999 + more));
        buf_puts(&text, "last\n");
        struct ignore *g = ignore_new();
        ignore_add(g, STR(""), buf_view(&text));
        assert_int_equal(ignore_match(g, STR("last"), false), !more);
        ignore_free(g);
    }
}

static void test_limit(void **state)
{
    (void)state;
    CLEANUP(buf_free) struct buf text = BUF_OWN;
    buf_fill(&text, 'a', 1023);
    assert_true(glob_match(buf_view(&text), buf_view(&text)));
    buf_putc(&text, 'a');
    assert_false(glob_match(buf_view(&text), buf_view(&text)));
}

static void expect_ignored(const struct ignore *g, const char *path, bool is_dir, bool ignored)
{
    if (ignore_match(g, str_of(path), is_dir) != ignored)
        fail_msg("%s%s: not %d", path, is_dir ? "/" : "", ignored);
}

static void test_ignore(void **state)
{
    (void)state;
    struct ignore *g = ignore_new();
    ignore_add(g, STR(""),
               STR("\xEF\xBB\xBF# comment\n\n*.o\n!keep.o\nbuild/\n/top\na/b\ndoc/*.txt\n"
                   "**/deep/x\nlogs/**\n\\#hash\n\\!bang\ntrail\\ \nspaces   \r\n{a,b}.z\n"
                   "[ab].q\n"));
    ignore_add(g, STR("sub"), STR("/only\n!*.o\n"));
    static const struct {
        const char *path;
        bool dir, ignored;
    } rows[] = {
        {"x.o", false, true},
        {"dir/x.o", false, true},
        {"keep.o", false, false},
        {"dir/keep.o", false, false},
        {"build", true, true},
        {"build", false, false},
        {"dir/build", true, true},
        {"top", false, true},
        {"dir/top", false, false},
        {"a/b", false, true},
        {"x/a/b", false, false},
        {"doc/n.txt", false, true},
        {"doc/s/n.txt", false, false},
        {"deep/x", false, true},
        {"p/q/deep/x", false, true},
        {"logs", true, false},
        {"logs/a", false, true},
        {"logs/a/b", false, true},
        {"#hash", false, true},
        {"!bang", false, true},
        {"trail ", false, true},
        {"trail", false, false},
        {"spaces", false, true},
        {"a.z", false, false},
        {"{a,b}.z", false, true},
        {"b.q", false, true},
        {"sub/only", false, true},
        {"only", false, false},
        {"sub/x/only", false, false},
        {"sub/x.o", false, false},
        {"subx/x.o", false, true},
        {".git", true, true},
        {"m/.git", false, true},
        {".git/config", false, true},
        {".gitignore", false, false},
        {"# comment", false, false},
        {"", true, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        expect_ignored(g, rows[i].path, rows[i].dir, rows[i].ignored);
    ignore_pop(g, STR("sub"));
    expect_ignored(g, "sub/only", false, false);
    expect_ignored(g, "sub/x.o", false, true);
    ignore_free(g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_match),
        cmocka_unit_test(test_hostile),
        cmocka_unit_test(test_open_sets),
        cmocka_unit_test(test_longest_set),
        cmocka_unit_test(test_refused_lines),
        cmocka_unit_test(test_limit),
        cmocka_unit_test(test_ignore),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
