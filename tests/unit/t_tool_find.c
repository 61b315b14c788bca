/* SPDX-License-Identifier: MIT */
#include "lib/test.h"

#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"
#include "lib/tools.h"
#include "text/regex.h"
#include "tool/walk.h"
#include "json/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static struct tools t;

static int setup(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    tools_open(&t, "find", PRESET_BALANCED);
    tools_mkdir(&t, "src/deep/er");
    tools_mkdir(&t, "build");
    tools_mkdir(&t, ".git/info");
    tools_put(&t, ".gitignore", "build/\n*.o\n");
    tools_put(&t, ".git/info/exclude", "private.txt\n");
    tools_put(&t, "private.txt", "needle\n");
    tools_put(&t, "src/.gitignore", "!keep.o\n/only_here\n");
    tools_put(&t, "src/a.c", "int one;\nint needle;\nint three;\nint four;\nint five;\n");
    tools_put(&t, "src/a.o", "needle\n");
    tools_put(&t, "src/keep.o", "a needle, kept\n");
    tools_put(&t, "src/only_here", "needle\n");
    tools_put(&t, "src/deep/only_here", "a Needle, with a capital\n");
    tools_put(&t, "src/deep/er/b.c", "needle needle\n");
    tools_put(&t, "build/out.c", "needle\n");
    tools_put_bytes(&t, "src/bin", "needle\0\n", 8);
    CLEANUP(mem_free_p) char *out = fs_join(t.top, "out");
    CLEANUP(mem_free_p) char *secret = fs_join(t.top, "out/needle.c");
    CLEANUP(mem_free_p) char *link = fs_join(t.ws, "src/linked");
    OK(fs_mkdirs(out, 0755, &e));
    OK(fs_replace(secret, STR("needle\n"), 0644, &e));
    assert_int_equal(symlink("../../out", link), 0);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    tools_close(&t);
    return 0;
}

static void grep_finds(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    OK(tools_call(&t, "grep", "{\"pattern\":\"needle\"}", &e));
    assert_string_equal(t.outcome.result, "src/a.c:2:int needle;\n"
                                          "src/deep/er/b.c:1:needle needle\n"
                                          "src/keep.o:1:a needle, kept\n");
    assert_string_equal(t.outcome.summary, "3 matches in 3 files");
    assert_string_equal(t.intent.action, "search the workspace for needle");
    OK(tools_call(&t, "grep", "{\"pattern\":\"NEEDLE\",\"ignore_case\":true,\"path\":\"src/deep\"}",
                  &e));
    assert_string_equal(t.outcome.result, "src/deep/er/b.c:1:needle needle\n"
                                          "src/deep/only_here:1:a Needle, with a capital\n");
    OK(tools_call(&t, "grep", "{\"pattern\":\"^int \\\\w+;$\",\"include\":\"*.c\"}", &e));
    assert_string_equal(t.outcome.summary, "5 matches in 1 file");
    OK(tools_call(&t, "grep", "{\"pattern\":\"needle\",\"include\":\"src/*/*/*.c\"}", &e));
    assert_string_equal(t.outcome.summary, "1 match in 1 file");
    /* A file that is named is searched, ignored or not. */
    OK(tools_call(&t, "grep", "{\"pattern\":\"needle\",\"path\":\"build/out.c\"}", &e));
    assert_string_equal(t.outcome.result, "build/out.c:1:needle\n");
    OK(tools_call(&t, "grep", "{\"pattern\":\"nowhere\"}", &e));
    assert_non_null(strstr(t.outcome.result, "[no match in"));
}

/* The first number between colons is the line, whatever the path has. */
static void grep_paths_with_numbers(void **state)
{
    struct err e = ERR_INIT;
    (void)state;
    CLEANUP(mem_free_p) char *odd = fs_join(t.ws, "odd");
    OK(fs_mkdirs(odd, 0755, &e));
    tools_put(&t, "odd/a:12:b", "a pebble:7:\n");
    tools_put(&t, "odd/f:9", "pebble\n");
    tools_put(&t, "odd/g:h9:", "pebble\n");
    OK(tools_call(&t, "grep", "{\"pattern\":\"pebble\",\"path\":\"odd\"}", &e));
    assert_string_equal(t.outcome.result, "odd/a\\x3a12:b:1:a pebble:7:\n"
                                          "odd/f\\x3a9:1:pebble\n"
                                          "odd/g:h9::1:pebble\n");
}

/* A search through everything does not show what a read would be asked about. */
static void grep_hides(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    tools_put(&t, "src/.env", "TOKEN=needle-in-secret\n");
    OK(tools_call(&t, "grep", "{\"pattern\":\"needle-in-secret\"}", &e));
    assert_null(strstr(t.outcome.result, "TOKEN"));
    assert_non_null(strstr(t.outcome.result, "[1 file that may hold secrets"));
    OK(tools_call(&t, "grep", "{\"pattern\":\"needle-in-secret\",\"path\":\"src/.env\"}", &e));
    assert_non_null(strstr(t.outcome.result, "TOKEN"));
}

static void grep_context(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    OK(tools_call(&t, "grep", "{\"pattern\":\"one|five\",\"path\":\"src/a.c\",\"context\":1}", &e));
    assert_string_equal(t.outcome.result, "src/a.c:1:int one;\n"
                                          "src/a.c-2-int needle;\n"
                                          "--\n"
                                          "src/a.c-4-int four;\n"
                                          "src/a.c:5:int five;\n");
    OK(tools_call(&t, "grep", "{\"pattern\":\"one|three\",\"path\":\"src/a.c\",\"context\":1}",
                  &e));
    assert_string_equal(t.outcome.result, "src/a.c:1:int one;\n"
                                          "src/a.c-2-int needle;\n"
                                          "src/a.c:3:int three;\n"
                                          "src/a.c-4-int four;\n");
}

static void grep_limits(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    OK(tools_call(&t, "grep", "{\"pattern\":\"int\",\"max_results\":5,\"path\":\"src/a.c\"}", &e));
    assert_false(t.outcome.truncated);
    OK(tools_call(&t, "grep", "{\"pattern\":\"int\",\"max_results\":4,\"path\":\"src/a.c\"}", &e));
    assert_true(t.outcome.truncated);
    assert_non_null(strstr(t.outcome.result, "[there are more matches than these 4]"));
    CLEANUP(mem_free_p) char *line = mem_new(100000);
    memset(line, 'x', 99999);
    memcpy(line + 50000, "needle", 6);
    tools_put(&t, "src/long.c", line);
    OK(tools_call(&t, "grep", "{\"pattern\":\"needle\",\"path\":\"src/long.c\"}", &e));
    assert_true(t.outcome.result_n < 600);
    assert_non_null(strstr(t.outcome.result, "needle"));
    assert_non_null(strstr(t.outcome.result, "[... line of 99999 bytes clipped]"));
}

static void grep_large_files(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    enum { MOST = 16 << 20 };
    CLEANUP(mem_free_p) char *text = mem_new(MOST + 1);
    for (size_t i = 0; i <= MOST; i++)
        text[i] = i % 64 ? 'x' : '\n';
    memcpy(text + MOST - 6, "needle", 6);
    tools_mkdir(&t, "large");
    tools_put_bytes(&t, "large/at", text, MOST);
    tools_put_bytes(&t, "large/past", text, MOST + 1);
    OK(tools_call(&t, "grep", "{\"pattern\":\"needle\",\"path\":\"large\"}", &e));
    assert_string_equal(t.outcome.summary, "1 match in 1 file");
    assert_non_null(strstr(t.outcome.result, "[1 file of more than 16 MiB not searched]"));
    FAILS(tools_call(&t, "grep", "{\"pattern\":\"needle\",\"path\":\"large/past\"}", &e),
          ERR_TOO_LARGE);
}

static void grep_refuses(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    FAILS(tools_call(&t, "grep", "{\"pattern\":\"(open\"}", &e), ERR_BAD_ARGUMENTS);
    assert_true(strncmp(e.message, "pattern: ", 9) == 0);
    FAILS(tools_call(&t, "grep", "{\"pattern\":\"x\",\"path\":\"../out\"}", &e), ERR_OUTSIDE);
    FAILS(tools_call(&t, "grep", "{\"pattern\":\"x\",\"path\":\"src/linked\"}", &e), ERR_OUTSIDE);
    FAILS(tools_call(&t, "grep", "{\"pattern\":\"x\",\"path\":\"src/bin\"}", &e), ERR_NOT_TEXT);
    FAILS(tools_call(&t, "grep", "{\"pattern\":\"x\",\"path\":\"nothing\"}", &e), ERR_NOT_FOUND);
    FAILS(tools_call(&t, "grep", "{\"pattern\":\"x\",\"max_results\":1001}", &e), ERR_INVALID);
    CLEANUP(mem_free_p) char *fifo = fs_join(t.ws, "fifo");
    assert_int_equal(mkfifo(fifo, 0644), 0);
    FAILS(tools_call(&t, "grep", "{\"pattern\":\"x\",\"path\":\"fifo\"}", &e), ERR_NOT_REGULAR);
    OK(tools_call(&t, "grep", "{\"pattern\":\"x\"}", &e));
    cancel_fire(t.cancel);
    FAILS(tools_call(&t, "grep", "{\"pattern\":\"x\"}", &e), ERR_CANCELLED);
}

/* A pattern that backtracks without end does not hold the thread. */
static void grep_bomb(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    tools_put(&t, "bomb", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab\n");
    OK(tools_call(&t, "grep", "{\"pattern\":\"(a+)+$\",\"path\":\"bomb\"}", &e));
    OK(tools_call(&t, "grep", "{\"pattern\":\"(a|aa|a?)+$\",\"path\":\"bomb\"}", &e));
}

/* The search of a whole file that comes first never hides a line that matches. */
static void grep_law(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    uint64_t seed = test_seed();
    static const char *const atoms[] = {"a",     "b",     "[^a]",   ".",     "\\\\b", "\\\\B",
                                        "\\\\s", "(a|b)", "a+",     "b*",    "^",     "$",
                                        "(?!a)", "a?+",   ".{2,3}", "\\\\W", "[ab]",  "(?=b)"};
    for (int round = 0; round < 300; round++) {
        CLEANUP(buf_free) struct buf pattern = BUF_OWN, text = BUF_OWN, args = BUF_OWN;
        for (uint64_t i = 1 + test_random(&seed) % 4; i > 0; i--)
            buf_puts(&pattern, atoms[test_random(&seed) % ARRAY_LEN(atoms)]);
        for (uint64_t i = test_random(&seed) % 30; i > 0; i--)
            buf_putc(&text, "ab \nab\n"[test_random(&seed) % 7]);
        buf_printf(&args, "{\"pattern\":\"%s\",\"path\":\"law\"}", buf_cstr(&pattern));
        tools_put(&t, "law", buf_cstr(&text));
        CLEANUP(json_free_p) struct json *j = json_parse(buf_view(&args), &e);
        struct regex *regex = regex_new(json_str(json_get(j, "pattern")), false, &e);
        assert_non_null(regex);
        struct str rest = buf_view(&text), line;
        size_t expected = 0, from, to;
        while (str_line(&rest, &line))
            expected += regex_find(regex, line, 0, &from, &to) == REGEX_YES;
        regex_free(regex);
        OK(tools_call(&t, "grep", buf_cstr(&args), &e));
        char summary[32];
        snprintf(summary, sizeof(summary), "%zu match", expected);
        if (strncmp(t.outcome.summary, summary, strlen(summary)) != 0)
            fail_msg("%s in '%s': %s, not %zu", buf_cstr(&pattern), buf_cstr(&text),
                     t.outcome.summary, expected);
    }
}

static void lists(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    OK(tools_call(&t, "ls", "{\"path\":\"src\"}", &e));
    assert_string_equal(t.outcome.result, "        19  .gitignore\n"
                                          "        52  a.c\n"
                                          "         7  a.o\n"
                                          "         8  bin\n"
                                          "       dir  deep/\n"
                                          "        15  keep.o\n"
                                          "      link  linked -> ../../out\n"
                                          "         7  only_here\n");
    OK(tools_call(&t, "ls", "{\"path\":\"src\",\"recursive\":true}", &e));
    assert_string_equal(t.outcome.result, "        19  .gitignore\n"
                                          "        52  a.c\n"
                                          "         8  bin\n"
                                          "       dir  deep/\n"
                                          "       dir  deep/er/\n"
                                          "        14  deep/er/b.c\n"
                                          "        25  deep/only_here\n"
                                          "        15  keep.o\n"
                                          "      link  linked -> ../../out\n");
    OK(tools_call(&t, "ls", "{\"recursive\":true,\"max_depth\":2}", &e));
    assert_non_null(strstr(t.outcome.result, "src/deep/\n"));
    assert_null(strstr(t.outcome.result, "src/deep/er"));
    assert_null(strstr(t.outcome.result, ".git/"));
    OK(tools_call(&t, "ls", "{}", &e));
    assert_non_null(strstr(t.outcome.result, "dir  .git/\n"));
    assert_non_null(strstr(t.outcome.result, "dir  build/\n"));
    FAILS(tools_call(&t, "ls", "{\"path\":\"..\"}", &e), ERR_OUTSIDE);
    FAILS(tools_call(&t, "ls", "{\"path\":\"src/linked\"}", &e), ERR_OUTSIDE);
    FAILS(tools_call(&t, "ls", "{\"path\":\"src/a.c\"}", &e), ERR_INVALID);
}

static void lists_at_most(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    char name[32];
    tools_mkdir(&t, "many");
    for (int i = 0; i < 1000; i++) {
        snprintf(name, sizeof(name), "many/%04d", i);
        CLEANUP(mem_free_p) char *path = fs_join(t.ws, name);
        assert_int_equal(mkdir(path, 0755), 0);
    }
    OK(tools_call(&t, "ls", "{\"path\":\"many\"}", &e));
    assert_false(t.outcome.truncated);
    tools_put(&t, "many/z", "");
    OK(tools_call(&t, "ls", "{\"path\":\"many\"}", &e));
    assert_true(t.outcome.truncated);
    assert_non_null(strstr(t.outcome.result, "[there is more than these 1000 entries"));
    assert_string_equal(t.outcome.summary, "the first 1000 entries in many");
}

static void globs(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    OK(tools_call(&t, "glob", "{\"pattern\":\"**/*.c\"}", &e));
    assert_string_equal(t.outcome.result, "src/a.c\nsrc/deep/er/b.c\n");
    OK(tools_call(&t, "glob", "{\"pattern\":\"./*/*.c\"}", &e));
    assert_string_equal(t.outcome.result, "src/a.c\n");
    OK(tools_call(&t, "glob", "{\"pattern\":\"*\",\"path\":\"src/deep\"}", &e));
    assert_string_equal(t.outcome.result, "src/deep/er/\nsrc/deep/only_here\n");
    OK(tools_call(&t, "glob", "{\"pattern\":\"*.c\"}", &e));
    assert_string_equal(t.outcome.result, "[no file matches; **/*.c looks in every directory]\n");
    OK(tools_call(&t, "glob", "{\"pattern\":\"**\",\"max_results\":1}", &e));
    assert_true(t.outcome.truncated);
    FAILS(tools_call(&t, "glob", "{\"pattern\":\"../*\"}", &e), ERR_OUTSIDE);
    FAILS(tools_call(&t, "glob", "{\"pattern\":\"./../out/*\"}", &e), ERR_OUTSIDE);
    FAILS(tools_call(&t, "glob", "{\"pattern\":\"src/../../out/*\"}", &e), ERR_OUTSIDE);
    FAILS(tools_call(&t, "glob", "{\"pattern\":\"/etc/*\"}", &e), ERR_OUTSIDE);
    FAILS(tools_call(&t, "glob", "{\"pattern\":\"./\"}", &e), ERR_BAD_ARGUMENTS);
    FAILS(tools_call(&t, "glob", "{\"pattern\":\"*\",\"path\":\"../out\"}", &e), ERR_OUTSIDE);
}

/* ---- the walk itself ---- */

struct seen {
    size_t n;
    int deepest;
    enum walk_next say;
};

static enum walk_next see(void *arg, const struct walk_entry *entry)
{
    struct seen *s = arg;
    s->n++;
    s->deepest = MAX(s->deepest, entry->depth);
    return s->say;
}

static struct walk walk_of(struct seen *s, const char *start)
{
    return (struct walk){.root = &t.root,
                         .start = start,
                         .max_depth = WALK_DEPTH_MAX + 10,
                         .deadline_ms = CLOCK_NEVER,
                         .each = see,
                         .arg = s};
}

/* A name is one line, whatever bytes it has: what counts lines counts files. */
static void names_of_any_bytes(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    tools_mkdir(&t, "odd");
    tools_put(&t, "odd/two\nlines.md", "straw\n");
    tools_put(&t, "odd/\x1b[1m\t\xff.md", "hay\n");
    OK(tools_call(&t, "glob", "{\"pattern\":\"odd/*\"}", &e));
    assert_string_equal(t.outcome.result, "odd/\\x1b[1m\\t\xEF\xBF\xBD.md\nodd/two\\nlines.md\n");
    OK(tools_call(&t, "ls", "{\"path\":\"odd\"}", &e));
    assert_string_equal(t.outcome.result, "         4  \\x1b[1m\\t\xEF\xBF\xBD.md\n"
                                          "         6  two\\nlines.md\n");
    OK(tools_call(&t, "grep", "{\"pattern\":\"straw\"}", &e));
    assert_string_equal(t.outcome.result, "odd/two\\nlines.md:1:straw\n");
}

static void walk_deep(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    CLEANUP(buf_free) struct buf path = BUF_OWN;
    buf_puts(&path, "chain");
    for (int i = 0; i <= WALK_DEPTH_MAX; i++)
        buf_puts(&path, "/d");
    tools_mkdir(&t, buf_cstr(&path));
    struct seen s = {0};
    struct walk w = walk_of(&s, "chain");
    OK(walk_run(&w, &e));
    assert_int_equal(s.n, WALK_DEPTH_MAX + 1);
    assert_int_equal(s.deepest, WALK_DEPTH_MAX);
    assert_true(w.cut); /* the last is told of, not entered */
    s = (struct seen){0};
    w = walk_of(&s, "chain/d");
    OK(walk_run(&w, &e));
    assert_int_equal(s.n, WALK_DEPTH_MAX);
    assert_false(w.cut);
}

static void walk_limits(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct seen s = {0};
    struct walk w = walk_of(&s, "src");
    OK(walk_run(&w, &e));
    size_t all = s.n;
    for (int past = 0; past < 2; past++) {
        s = (struct seen){0};
        w = walk_of(&s, "src");
        w.max_entries = all - (size_t)past;
        OK(walk_run(&w, &e));
        assert_int_equal(s.n, all - (size_t)past);
        assert_int_equal(w.cut, past);
        s = (struct seen){0};
        w = walk_of(&s, "src/deep");
        w.max_names = 2 - (size_t)past; /* er, only_here */
        OK(walk_run(&w, &e));
        assert_int_equal(w.cut, past);
    }
}

/* A .gitignore at the limit holds; one that is larger is as if it were not there. */
static void ignore_limit(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    CLEANUP(buf_free) struct buf b = BUF_OWN;
    tools_put(&t, "src/deep/hidden", "needle\n");
    buf_puts(&b, "hidden\n");
    buf_fill(&b, '#', WALK_IGNORE_MAX - b.len);
    tools_put(&t, "src/deep/.gitignore", buf_cstr(&b));
    OK(tools_call(&t, "glob", "{\"pattern\":\"**/hidden\"}", &e));
    assert_non_null(strstr(t.outcome.result, "[no file matches"));
    buf_putc(&b, '#');
    tools_put(&t, "src/deep/.gitignore", buf_cstr(&b));
    OK(tools_call(&t, "glob", "{\"pattern\":\"**/hidden\"}", &e));
    assert_string_equal(t.outcome.result, "src/deep/hidden\n");
}

static void walk_ends(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct seen s = {.say = WALK_END};
    struct walk w = walk_of(&s, "");
    OK(walk_run(&w, &e));
    assert_int_equal(s.n, 1);
    s = (struct seen){.say = WALK_PASS};
    w = walk_of(&s, "src");
    OK(walk_run(&w, &e));
    assert_int_equal(s.deepest, 0);
    w.deadline_ms = 0;
    FAILS(walk_run(&w, &e), ERR_TIMEOUT);
    w = walk_of(&s, "src/none");
    FAILS(walk_run(&w, &e), ERR_NOT_FOUND);
}

#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(grep_finds), T(grep_paths_with_numbers), T(grep_hides), T(grep_context),     T(grep_limits), T(grep_refuses),
        T(grep_bomb),  T(grep_law),   T(grep_large_files), T(lists),       T(lists_at_most),
        T(globs),      T(names_of_any_bytes), T(walk_deep),  T(walk_ends),        T(walk_limits), T(ignore_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
