/* SPDX-License-Identifier: MIT */
#include "lib/test.h"

#include "base/fs.h"
#include "base/mem.h"
#include "lib/tools.h"
#include "tool/builtin.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static struct tools t;

static int setup(void **state)
{
    (void)state;
    tools_open(&t, "read", PRESET_BALANCED);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    tools_close(&t);
    return 0;
}

static void whole_file(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    tools_put(&t, "a.txt", "one\ntwo\r\n\nlast");
    OK(tools_call(&t, "read", "{\"path\":\"a.txt\"}", &e));
    assert_string_equal(t.outcome.result, "     1\tone\n     2\ttwo\n     3\t\n     4\tlast\n");
    assert_string_equal(t.outcome.summary, "4 lines of a.txt");
    assert_string_equal(t.intent.action, "read a.txt");
    assert_false(t.intent.paths[0].write);
    assert_false(t.outcome.truncated);
    /* The same by its absolute path and by a detour. */
    char *args = mem_printf("{\"path\":\"%s/x/../a.txt\",\"limit\":1}", t.ws);
    OK(tools_call(&t, "read", args, &e));
    assert_non_null(strstr(t.outcome.result, "     1\tone\n[the file goes on after line 1"));
    free(args);
}

static void ranges(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    tools_put(&t, "a.txt", "1\n2\n3\n4\n5\n");
    OK(tools_call(&t, "read", "{\"path\":\"a.txt\",\"offset\":2,\"limit\":2}", &e));
    assert_string_equal(t.outcome.result,
                        "     2\t2\n     3\t3\n"
                        "[the file goes on after line 3 of 5: read on with offset 4]\n");
    tools_put(&t, "b.txt", "1\n2\n3");
    OK(tools_call(&t, "read", "{\"path\":\"b.txt\",\"limit\":2}", &e));
    assert_non_null(strstr(t.outcome.result, "after line 2 of 3:"));
    OK(tools_call(&t, "read", "{\"path\":\"b.txt\",\"limit\":1}", &e));
    assert_non_null(strstr(t.outcome.result, "after line 1 of 3:"));
    OK(tools_call(&t, "read", "{\"path\":\"a.txt\",\"offset\":4,\"limit\":2}", &e));
    assert_string_equal(t.outcome.result, "     4\t4\n     5\t5\n");
    OK(tools_call(&t, "read", "{\"path\":\"a.txt\",\"offset\":5}", &e));
    assert_string_equal(t.outcome.result, "     5\t5\n");
    OK(tools_call(&t, "read", "{\"path\":\"a.txt\",\"limit\":9223372036854775807}", &e));
    FAILS(tools_call(&t, "read", "{\"path\":\"a.txt\",\"offset\":6}", &e), ERR_BAD_ARGUMENTS);
    assert_string_equal(e.message, "offset: a.txt has only 5 lines");
    FAILS(tools_call(&t, "read", "{\"path\":\"a.txt\",\"offset\":0}", &e), ERR_INVALID);
    FAILS(tools_call(&t, "read", "{\"path\":\"a.txt\",\"limit\":\"2\"}", &e), ERR_INVALID);
    FAILS(tools_call(&t, "read", "{\"path\":\"a.txt\",\"path\":\"b\"}", &e), ERR_INVALID);
    FAILS(tools_call(&t, "read", "{\"path\":\"a.txt\",\"lines\":2}", &e), ERR_INVALID);
    FAILS(tools_call(&t, "read", "{path: a.txt}", &e), ERR_INVALID);
    FAILS(tools_call(&t, "read", "{}", &e), ERR_INVALID);
}

static void empty_file(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    tools_put(&t, "empty", "");
    OK(tools_call(&t, "read", "{\"path\":\"empty\"}", &e));
    assert_string_equal(t.outcome.result, "[the file is empty]\n");
}

/* 100 MB: a range of it comes from the front, the whole is refused, memory stays small. */
static void huge_file(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    enum { LINES = 1600000, LINE = 64 };
    CLEANUP(mem_free_p) char *path = fs_join(t.ws, "big");
    CLEANUP(buf_free) struct buf block = BUF_OWN;
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    for (int i = 0; i < LINES; i++) {
        buf_printf(&block, "%0*d\n", LINE - 1, i + 1);
        if (block.len > 1 << 20 || i == LINES - 1) {
            OK(fs_write_all(fd, buf_view(&block), &e));
            buf_clear(&block);
        }
    }
    close(fd);
    FAILS(tools_call(&t, "read", "{\"path\":\"big\"}", &e), ERR_TOO_LARGE);
    assert_non_null(strstr(e.message, "102400000 bytes"));
    assert_non_null(strstr(err_hint_text(&e), "offset and limit"));
    OK(tools_call(&t, "read", "{\"path\":\"big\",\"offset\":1599999,\"limit\":5}", &e));
    assert_non_null(strstr(t.outcome.result, "1599999\t0"));
    assert_non_null(strstr(t.outcome.result, "1600000\t0"));
    assert_true(t.arena.used < 4096);
    /* Without a limit it stops at a page. */
    OK(tools_call(&t, "read", "{\"path\":\"big\",\"offset\":1}", &e));
    assert_true(t.outcome.truncated);
    assert_true(t.outcome.result_n <= TOOL_PAGE_MAX + 200);
    assert_non_null(strstr(t.outcome.result, "[the file goes on after line 8"));
    assert_non_null(strstr(t.outcome.result, " of 1600000: read on"));
    cancel_fire(t.cancel);
    FAILS(tools_call(&t, "read", "{\"path\":\"big\",\"offset\":1599999}", &e), ERR_CANCELLED);
    unlink(path);
}

/* A limit of the preset, at it and one past it. */
static void size_limit(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    size_t max = (size_t)policy_limits(t.policy).max_file_read_bytes;
    CLEANUP(mem_free_p) char *text = mem_new(max + 1);
    memset(text, 'x', max + 1);
    tools_put_bytes(&t, "at", text, max);
    tools_put_bytes(&t, "past", text, max + 1);
    OK(tools_call(&t, "read", "{\"path\":\"at\"}", &e));
    FAILS(tools_call(&t, "read", "{\"path\":\"past\"}", &e), ERR_TOO_LARGE);
}

static void long_lines(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    size_t n = 10 << 20;
    CLEANUP(mem_free_p) char *text = mem_new(n + 3);
    memset(text, 'x', n);
    memcpy(text + n, "\ny\n", 3);
    tools_put_bytes(&t, "long", text, n + 3);
    OK(tools_call(&t, "read", "{\"path\":\"long\",\"limit\":5}", &e));
    assert_non_null(
        strstr(t.outcome.result, "x [... line of 10485760 bytes clipped]\n     2\ty\n"));
    /* At the limit and one past it. */
    text[TOOL_LINE_MAX] = '\n';
    tools_put_bytes(&t, "at", text, TOOL_LINE_MAX + 1);
    OK(tools_call(&t, "read", "{\"path\":\"at\"}", &e));
    assert_null(strstr(t.outcome.result, "clipped"));
    text[TOOL_LINE_MAX] = 'x';
    text[TOOL_LINE_MAX + 1] = '\n';
    tools_put_bytes(&t, "past", text, TOOL_LINE_MAX + 2);
    OK(tools_call(&t, "read", "{\"path\":\"past\"}", &e));
    assert_non_null(strstr(t.outcome.result, " [... line of 2001 bytes clipped]"));
    /* The cut falls between characters. */
    memcpy(text + TOOL_LINE_MAX - 1, "\xE2\x82\xAC\n", 4);
    tools_put_bytes(&t, "char", text, TOOL_LINE_MAX + 3);
    OK(tools_call(&t, "read", "{\"path\":\"char\"}", &e));
    assert_non_null(strstr(t.outcome.result, "x [... line of 2002 bytes clipped]"));
}

static void not_text(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    tools_put_bytes(&t, "nul", "abc\0def\n", 8);
    FAILS(tools_call(&t, "read", "{\"path\":\"nul\"}", &e), ERR_NOT_TEXT);
    assert_string_equal(e.message, "nul is binary (8 bytes)");
    tools_put(&t, "jpeg", "\xFF\xD8\xFF\xE0\xFF\xFE\x90\x91zz");
    FAILS(tools_call(&t, "read", "{\"path\":\"jpeg\"}", &e), ERR_NOT_TEXT);
    /* A few odd bytes in a text are shown and told of. */
    tools_put(&t, "latin", "a longer line with one \xE9 in it\n");
    OK(tools_call(&t, "read", "{\"path\":\"latin\"}", &e));
    assert_string_equal(t.outcome.result, "     1\ta longer line with one \xEF\xBF\xBD in it\n"
                                          "[bytes that are not UTF-8 are shown as \xEF\xBF\xBD]\n");
    /* A NUL far behind the front. */
    CLEANUP(mem_free_p) char *text = mem_new(20000);
    memset(text, 'x', 20000);
    for (int i = 99; i < 20000; i += 100)
        text[i] = '\n';
    text[15050] = '\0';
    tools_put_bytes(&t, "late", text, 20000);
    OK(tools_call(&t, "read", "{\"path\":\"late\",\"offset\":151,\"limit\":1}", &e));
    assert_non_null(strstr(t.outcome.result, "x\xEF\xBF\xBDx"));
}

static void not_regular(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    CLEANUP(mem_free_p) char *fifo = fs_join(t.ws, "fifo");
    assert_int_equal(mkfifo(fifo, 0644), 0);
    FAILS(tools_call(&t, "read", "{\"path\":\"fifo\"}", &e), ERR_NOT_REGULAR);
    FAILS(tools_call(&t, "read", "{\"path\":\".\"}", &e), ERR_IS_DIRECTORY);
    FAILS(tools_call(&t, "read", "{\"path\":\"missing\"}", &e), ERR_NOT_FOUND);
    FAILS(tools_call(&t, "read", "{\"path\":\"\"}", &e), ERR_INVALID);
    FAILS(tools_call(&t, "read", "{\"path\":\"a\\u0007b\"}", &e), ERR_INVALID);
}

static void outside(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    CLEANUP(mem_free_p) char *out = fs_join(t.top, "secret");
    OK(fs_replace(out, STR("secret\n"), 0644, &e));
    CLEANUP(mem_free_p) char *link = fs_join(t.ws, "link");
    CLEANUP(mem_free_p) char *dir = fs_join(t.ws, "dir");
    CLEANUP(mem_free_p) char *inner = fs_join(t.ws, "inner");
    assert_int_equal(symlink("../secret", link), 0);
    assert_int_equal(symlink("..", dir), 0);
    assert_int_equal(symlink("a.txt", inner), 0);
    tools_put(&t, "a.txt", "here\n");
    FAILS(tools_call(&t, "read", "{\"path\":\"../secret\"}", &e), ERR_OUTSIDE);
    FAILS(tools_call(&t, "read", "{\"path\":\"/etc/passwd\"}", &e), ERR_OUTSIDE);
    FAILS(tools_call(&t, "read", "{\"path\":\"link\"}", &e), ERR_OUTSIDE);
    FAILS(tools_call(&t, "read", "{\"path\":\"dir/secret\"}", &e), ERR_OUTSIDE);
    FAILS(tools_call(&t, "read", "{\"path\":\"nope/../../secret\"}", &e), ERR_OUTSIDE);
    OK(tools_call(&t, "read", "{\"path\":\"inner\"}", &e));
    assert_string_equal(t.outcome.result, "     1\there\n");
}

#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(whole_file), T(ranges),   T(empty_file),  T(huge_file), T(size_limit),
        T(long_lines), T(not_text), T(not_regular), T(outside),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
