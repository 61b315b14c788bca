/* SPDX-License-Identifier: MIT */
#include "lib/test.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/fs.h"
#include "base/mem.h"
#include "text/shell.h"

#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* One line for what was read: words in <>, a star behind globs, redirects as fd, direction and
 * target, | between commands. */
static char *show(const char *text, struct arena *a)
{
    struct shell_list list = {0};
    const char *why = NULL;
    if (!shell_parse(str_of(text), a, &list, &why))
        return arena_printf(a, "?%s", why);
    char *out = arena_strdup(a, "");
    for (size_t i = 0; i < list.n; i++) {
        const struct shell_command *c = &list.commands[i];
        for (size_t w = 0; w < c->n; w++)
            out = arena_printf(a, "%s<%s>%s", out, c->words[w], c->globs[w] ? "*" : "");
        assert_null(c->words[c->n]);
        for (size_t r = 0; r < c->n_redirects; r++)
            out = arena_printf(a, "%s %d%s%s%s%s", out, c->redirects[r].fd,
                               c->redirects[r].write ? ">" : "<", c->redirects[r].dup ? "&" : "",
                               c->redirects[r].target, c->redirects[r].globs ? "*" : "");
        if (i + 1 < list.n)
            out = arena_printf(a, "%s|", out);
    }
    return out;
}

static void test_understood(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"ls", "<ls>"},
        {"  ls\t-l  ", "<ls><-l>"},
        {"ls;", "<ls>"},
        {"ls\n", "<ls>"},
        {"\n\n ls\n\npwd\n", "<ls>|<pwd>"},
        {"a;b\nc && d || e | f", "<a>|<b>|<c>|<d>|<e>|<f>"},
        {"a &&\n\nb", "<a>|<b>"},
        {"a;\nb", "<a>|<b>"},
        {"a&&b", "<a>|<b>"},
        {"echo 'a b'\"c d\"e", "<echo><a bc de>"},
        {"echo '' \"\"", "<echo><><>"},
        {"echo 'a|b;c&d' \"(x)<y>\"", "<echo><a|b;c&d><(x)<y>>"},
        {"echo \"a\\\"b\\\\c\\$d\\`e\\.f\"", "<echo><a\"b\\c$d`e\\.f>"},
        {"echo '\\n$x`'", "<echo><\\n$x`>"},
        {"echo a\\ b \\; \\( \\* \\$x \\\\", "<echo><a b><;><(><*><$x><\\>"},
        {"echo *.c a?b [ab] \\*x '*'", "<echo><*.c>*<a?b>*<[ab]>*<*x><*>"},
        {"[ -f x ]", "<[><-f><x><]>"},
        {"git log HEAD~1 a~ b:~", "?a home directory (~)"},
        {"git log HEAD~1 a~", "<git><log><HEAD~1><a~>"},
        {"echo a#b c=d", "<echo><a#b><c=d>"},
        {"echo \"it's\" '\"'", "<echo><it's><\">"},
        {"echo 'two\nlines'", "<echo><two\nlines>"},
        {"echo h\xc3\xa9", "<echo><h\xc3\xa9>"},
        {"find . -exec a{}b {} \\;", "<find><.><-exec><a{}b><{}><;>"},
        {"'if' x", "<if><x>"},
        {"echo if then", "<echo><if><then>"},
        {"a >x 2>>y <z 2>&1 >&- 1>|w", "<a> 1>x 2>y 0<z 2>&1 1>&- 1>w"},
        {">x a b", "<a><b> 1>x"},
        {"a 2 >x a2>y", "<a><2><a2> 1>x 1>y"},
        {"a >\"x y\" > *", "<a> 1>x y 1>**"},
        {"a <&3", "<a> 0<&3"},
        {"echo \"2\">x", "<echo><2> 1>x"},
    };
    struct arena a = ARENA_INIT;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (strcmp(show(rows[i][0], &a), rows[i][1]) != 0)
            fail_msg("%s: %s, not %s", rows[i][0], show(rows[i][0], &a), rows[i][1]);
    arena_free(&a);
}

static void test_not_understood(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "",
        " ",
        "\n",
        ";",
        "; ls",
        "ls;;",
        "ls ; ;",
        "ls &&",
        "&& ls",
        "ls |",
        "| ls",
        "ls || ; x",
        "$x",
        "echo $x",
        "echo ${x}",
        "echo $(x)",
        "echo `x`",
        "echo \"$x\"",
        "echo \"`x`\"",
        "echo $'x'",
        "echo $\"x\"",
        "echo $((1))",
        "echo ~",
        "echo ~/x",
        "echo ~root",
        "a of=~/x",
        "a x:~/y",
        "~/bin/x",
        "x=1",
        "x=1 ls",
        "x+=1 ls",
        "x[0]=1 ls",
        ">f x=1 ls",
        "\"a\"=b ls",
        "cat <<E\nE",
        "cat <<-E\nE",
        "cat <<<x",
        "cat <>x",
        "cat <(ls)",
        "tee >(ls)",
        "ls &",
        "ls & ls",
        "ls &> x",
        "ls >& x",
        "ls >&x",
        "ls |& cat",
        "(ls)",
        "{ ls; }",
        "{}{ x",
        "a{b}",
        "{ }",
        "\"{\"}",
        "{,}",
        "{}}",
        "a{b,c}",
        "{a,b}",
        "f() { ls; }",
        "function f { ls; }",
        "if a; then b; fi",
        "while a; do b; done",
        "! ls",
        "for x in a; do b; done",
        "case x in x) ls;; esac",
        "time ls",
        "coproc ls",
        "[[ a ]]",
        "echo !x",
        "echo a!",
        "echo # x",
        "ls;#x",
        "#x",
        "echo 'x",
        "echo \"x",
        "echo \"x\\\"",
        "echo \\",
        "echo a\\\nb",
        "echo \"a\\\nb\"",
        "l\\\ns",
        "'' x",
        "\"\"",
        "/bin/l?",
        "*",
        "l[s]",
        "10>x ls",
        "2>",
        "ls >",
        "ls > ;",
        "ls >> &",
        "ls >x>",
        "> x",
        "ls <|x",
        "ls >&1x",
        "ls )",
        "\x01",
        "ls\r",
        "ls\x1b",
        "ls\x7f",
        "ls \xff",
        "ls \xc0\xaf",
        "ls \xed\xa0\x80",
        "ls \"\xff\"",
        "ls 2>&1&",
        "ls\x0b-l",
        "echo \\\x01",
    };
    struct arena a = ARENA_INIT;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (show(rows[i], &a)[0] != '?')
            fail_msg("%s: %s", rows[i], show(rows[i], &a));
    struct shell_list list;
    const char *why = NULL;
    assert_false(shell_parse(STR("ls\0-l"), &a, &list, &why));
    assert_string_equal(why, "a control character");
    arena_free(&a);
}

static void test_text(void **state)
{
    (void)state;
    struct arena a = ARENA_INIT;
    struct shell_list list;
    const char *why;
    assert_true(shell_parse(STR(" a 'b c'  >x  && \n  d ;"), &a, &list, &why));
    assert_int_equal(list.n, 2);
    assert_true(str_is(list.commands[0].text, "a 'b c'  >x"));
    assert_true(str_is(list.commands[1].text, "d"));
    arena_free(&a);
}

/* unit, n times */
static bool parses(const char *unit, size_t n, const char *end)
{
    struct arena a = ARENA_INIT;
    struct buf b = BUF_OWN;
    for (size_t i = 0; i < n; i++)
        buf_puts(&b, unit);
    buf_puts(&b, end);
    struct shell_list list;
    const char *why;
    bool ok = shell_parse(buf_view(&b), &a, &list, &why);
    buf_free(&b);
    arena_free(&a);
    return ok;
}

static void test_limits(void **state)
{
    (void)state;
    assert_true(parses("a;", SHELL_COMMANDS_MAX, ""));
    assert_false(parses("a;", SHELL_COMMANDS_MAX + 1, ""));
    assert_true(parses("a ", SHELL_WORDS_MAX, ""));
    assert_false(parses("a ", SHELL_WORDS_MAX + 1, ""));
    assert_true(parses(">x ", SHELL_WORDS_MAX - 1, "a"));
    assert_false(parses(">x ", SHELL_WORDS_MAX, "a"));
    assert_true(parses("a b c d e f g h;", SHELL_WORDS_MAX / 8, ""));
    assert_false(parses("a b c d e f g h;", SHELL_WORDS_MAX / 8, "a"));
}

/* ---- the same reading as real shells ---- */

/* What `shell` sees of a text whose every program is p. */
static bool shell_sees(const char *shell, const char *text, struct buf *out)
{
    struct err e = ERR_INIT;
    CLEANUP(mem_free_p)
    char *script =
        mem_printf("p() { printf '<p>'; [ $# = 0 ] || printf '<%%s>' \"$@\"; printf '|'; "
                   "} >&9\n%s",
                   text);
    int fds[2], status;
    assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, fds[1], 9);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    char name[16] = "sh", flag[] = "-c", noglob[] = "-f";
    char *argv[] = {name, noglob, flag, script, NULL};
    char path[] = "PATH=/nonexistent";
    char *env[] = {path, NULL};
    pid_t pid;
    int failed = posix_spawn(&pid, shell, &actions, NULL, argv, env);
    posix_spawn_file_actions_destroy(&actions);
    close(fds[1]);
    if (!failed) {
        OK(fs_read_fd(fds[0], out, &e));
        assert_int_equal(waitpid(pid, &status, 0), pid);
    }
    close(fds[0]);
    return !failed;
}

/* Random texts of the characters that matter. What the parser takes, dash and bash must split in
 * the same way. */
static void test_like_shells(void **state)
{
    (void)state;
    static const char *const pieces[] = {"p",    "p ", " ", "'", "'", "\"",  "\"",   "\\",
                                         "\\\\", "~",  "=", "#", "*", ";p ", "&&p ", "\np ",
                                         "$",    "`",  "{", "}", "!", "x",   "\\\"", "\\'",
                                         "\\$",  "[",  "]", "^", "%", ":",   ",",    "-"};
    static const char *const shells[] = {"/bin/dash", "/bin/bash"};
    enum { WANTED = 150, ROUNDS_MAX = 200000 };
    uint64_t seed = test_seed();
    size_t compared = 0;
    for (int i = 0; i < ROUNDS_MAX && compared < WANTED; i++) {
        struct arena a = ARENA_INIT;
        struct buf text = BUF_INIT(256), expected = BUF_INIT(4096);
        buf_puts(&text, "p ");
        for (uint64_t n = 2 + test_random(&seed) % 12; n > 0; n--)
            buf_puts(&text, pieces[test_random(&seed) % ARRAY_LEN(pieces)]);
        struct shell_list list;
        const char *why;
        bool all_p = shell_parse(buf_view(&text), &a, &list, &why);
        for (size_t c = 0; all_p && c < list.n; c++) {
            all_p = strcmp(list.commands[c].words[0], "p") == 0;
            for (size_t w = 0; w < list.commands[c].n; w++)
                buf_printf(&expected, "<%s>", list.commands[c].words[w]);
            buf_putc(&expected, '|');
        }
        bool plain = !strpbrk(buf_cstr(&text), "\\'\"");
        if (all_p && !(plain && compared % 4)) { /* most of the samples have quotes */
            for (size_t s = 0; s < ARRAY_LEN(shells); s++) {
                struct buf seen = BUF_INIT(4096);
                if (shell_sees(shells[s], buf_cstr(&text), &seen) &&
                    strcmp(buf_cstr(&seen), buf_cstr(&expected)) != 0)
                    fail_msg("%s reads %s as %s, we as %s", shells[s], buf_cstr(&text),
                             buf_cstr(&seen), buf_cstr(&expected));
                buf_free(&seen);
            }
            compared++;
        }
        buf_free(&text);
        buf_free(&expected);
        arena_free(&a);
    }
    assert_int_equal(compared, WANTED);
}

/* Every cut of a text that has everything in it, and every byte replaced: no crash, no reading past
 * the end (the copy is exactly as long as the text). */
static void test_every_prefix(void **state)
{
    (void)state;
    static const char text[] = "a 'b' \"c\\\"\" d\\ e >f 2>&1 <g && h*i | j;k\nl";
    struct shell_list list;
    const char *why;
    for (size_t n = 0; n < sizeof(text); n++) {
        struct arena a = ARENA_INIT;
        CLEANUP(mem_free_p) char *copy = mem_new(n + 1);
        memcpy(copy, text, n);
        if (!shell_parse(str_make(copy, n), &a, &list, &why))
            assert_non_null(why);
        for (size_t i = 0; i < n; i++) {
            copy[i] = (char)(copy[i] ^ 0x21);
            if (!shell_parse(str_make(copy, n), &a, &list, &why))
                assert_non_null(why);
            copy[i] = text[i];
        }
        arena_free(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_understood),  cmocka_unit_test(test_not_understood),
        cmocka_unit_test(test_text),        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_like_shells), cmocka_unit_test(test_every_prefix),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
