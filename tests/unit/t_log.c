/* SPDX-License-Identifier: MIT */
#include "lib/test.h"

#include "base/clock.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char *dir;

static int setup(void **state)
{
    (void)state;
    dir = test_tmpdir("log");
    log_quiet();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    bool ok = fs_remove_tree(dir, &e);
    free(dir);
    return ok ? 0 : -1;
}

static int64_t newest(void)
{
    static struct log_line lines[LOG_RING];
    size_t n = log_read(0, lines, LOG_RING);
    return n ? lines[n - 1].n : 0;
}

static struct log_line last_line(void)
{
    struct log_line line = {0};
    assert_int_equal(log_read(newest() - 1, &line, 1), 1);
    return line;
}

static char *content(const char *path)
{
    struct err e = ERR_INIT;
    struct buf b = BUF_INIT((size_t)32 << 20);
    OK(fs_read_file(path, &b, &e));
    return buf_take(&b);
}

static off_t size_of(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 ? st.st_size : -1;
}

static void test_levels(void **state)
{
    (void)state;
    int64_t before = newest();
    log_info("not by default");
    assert_int_equal(newest(), before);
    log_level(LOG_DEBUG);
    clock_freeze(1234, -1);
    errno = EBUSY;
    log_debug("x=%d", 7);
    assert_int_equal(errno, EBUSY);
    clock_freeze(-1, -1);
    struct log_line line = last_line();
    assert_int_equal(line.n, before + 1);
    assert_int_equal(line.ts_ms, 1234);
    assert_int_equal(line.level, LOG_DEBUG);
    assert_string_equal(line.text, "x=7");
}

static void test_escapes(void **state)
{
    (void)state;
    static const struct {
        const char *in, *out;
    } rows[] = {
        {"a\nb\tc\rd", "a\\nb\\tc\\rd"},
        {"\x1b[31mred\x7f", "\\x1b[31mred\\x7f"},
        {"\xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80", "\xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80"},
        {"\xc2\x9b"
         "1m",
         "\\xc2\\x9b1m"},
        {"\x9b"
         "1m",
         "\\x9b1m"},
        {"\xc3", "\\xc3"},
        {"\xe2\x82"
         "x",
         "\\xe2\\x82x"},
        {"\xc0\xaf", "\\xc0\\xaf"},
        {"\xff", "\\xff"},
        {"", ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        log_error("%s", rows[i].in);
        assert_string_equal(last_line().text, rows[i].out);
    }
}

static void test_length(void **state)
{
    (void)state;
    char text[LOG_LINE_MAX + 2];
    memset(text, 'x', sizeof(text));
    text[LOG_LINE_MAX - 1] = '\0';
    log_error("%s", text);
    assert_string_equal(last_line().text, text);
    text[LOG_LINE_MAX - 1] = 'x';
    text[LOG_LINE_MAX] = '\0';
    log_error("%s", text);
    struct log_line line = last_line();
    assert_int_equal(strlen(line.text), LOG_LINE_MAX - 1);
    assert_string_equal(line.text + LOG_LINE_MAX - 5, "x...");
    /* Characters of three bytes and escapes of four are cut whole. */
    for (size_t i = 0; i < LOG_LINE_MAX; i++)
        text[i] = "\xe2\x82\xac"[i % 3];
    log_error("%s", text);
    line = last_line();
    assert_string_equal(line.text + strlen(line.text) - 6, "\xe2\x82\xac...");
    memset(text, 1, LOG_LINE_MAX);
    log_error("%s", text);
    line = last_line();
    assert_string_equal(line.text + strlen(line.text) - 7, "\\x01...");
}

static void test_ring(void **state)
{
    (void)state;
    static struct log_line lines[LOG_RING + 5];
    int64_t before = newest();
    for (int i = 0; i < LOG_RING + 5; i++)
        log_error("%d", i);
    assert_int_equal(log_read(before, lines, ARRAY_LEN(lines)), LOG_RING);
    assert_string_equal(lines[0].text, "5");
    assert_string_equal(lines[LOG_RING - 1].text, "1004");
    assert_int_equal(lines[0].n, before + 6);
    assert_int_equal(log_read(newest() - 3, lines, 2), 2);
    assert_string_equal(lines[0].text, "1002");
    assert_int_equal(log_read(newest(), lines, 1), 0);
    assert_int_equal(log_read(newest() + 100, lines, 1), 0);
}

static void test_file(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    CLEANUP(mem_free_p) char *path = fs_join(dir, "tau.log");
    CLEANUP(mem_free_p) char *none = fs_join(dir, "no/where");
    struct stat st;
    FAILS(log_to(none, &e), ERR_IO);
    clock_freeze(0, -1);
    OK(log_to(path, &e));
    log_warn("one\ntwo");
    OK(log_to(path, &e)); /* again: it is appended to */
    log_error("three");
    log_quiet();
    log_error("four");
    clock_freeze(-1, -1);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    CLEANUP(mem_free_p) char *text = content(path);
    assert_string_equal(text, "1970-01-01T00:00:00.000Z warning one\\ntwo\n"
                              "1970-01-01T00:00:00.000Z error three\n");
}

/* A line of which the file gets exactly n bytes. */
static void log_bytes(size_t n)
{
    log_error("%0*d", (int)(n - strlen("1970-01-01T00:00:00.000Z error \n")), 0);
}

static void test_rotation(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    CLEANUP(mem_free_p) char *path = fs_join(dir, "full.log");
    CLEANUP(mem_free_p) char *old = fs_join(dir, "full.log.1");
    CLEANUP(fd_close_p) int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_int_equal(ftruncate(fd, LOG_FILE_MAX - 100), 0);
    OK(log_to(path, &e));
    log_bytes(100); /* to the limit */
    assert_int_equal(size_of(path), LOG_FILE_MAX);
    assert_int_equal(size_of(old), -1);
    log_bytes(50); /* and past it */
    assert_int_equal(size_of(old), LOG_FILE_MAX + 50);
    assert_int_equal(size_of(path), 0);
    log_bytes(60);
    assert_int_equal(size_of(path), 60);
    /* Another process rotated: this one follows, and takes nobody's file away. */
    assert_int_equal(ftruncate(fd, 0), 0);
    assert_int_equal(truncate(path, LOG_FILE_MAX - 10), 0);
    OK(log_to(path, &e));
    assert_int_equal(rename(path, old), 0);
    OK(fs_replace(path, STR("theirs\n"), 0600, &e));
    log_bytes(50);
    log_bytes(40);
    assert_int_equal(size_of(path), 7 + 40);
    assert_int_equal(size_of(old), LOG_FILE_MAX + 40);
    log_quiet();
}

/* A file that was too large already: an older tau's, or one whose rotation failed. */
static void test_rotation_of_a_larger_one(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    CLEANUP(mem_free_p) char *path = fs_join(dir, "large.log");
    CLEANUP(mem_free_p) char *old = fs_join(dir, "large.log.1");
    OK(fs_replace(path, STR(""), 0600, &e));
    assert_int_equal(truncate(path, LOG_FILE_MAX + 1), 0);
    OK(log_to(path, &e));
    log_bytes(50);
    assert_int_equal(size_of(old), LOG_FILE_MAX + 51);
    assert_int_equal(size_of(path), 0);
    /* The one that another process began may be too large as well. */
    assert_int_equal(truncate(path, LOG_FILE_MAX - 10), 0);
    OK(log_to(path, &e));
    assert_int_equal(rename(path, old), 0);
    OK(fs_replace(path, STR(""), 0600, &e));
    assert_int_equal(truncate(path, LOG_FILE_MAX + 1), 0);
    log_bytes(50);
    log_bytes(60);
    assert_int_equal(size_of(old), LOG_FILE_MAX + 61);
    assert_int_equal(size_of(path), 0);
    log_quiet();
}

/* Where nothing can be renamed the lines go on into the file that is there. */
static void test_rotation_fails(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    CLEANUP(mem_free_p) char *path = fs_join(dir, "stuck.log");
    CLEANUP(mem_free_p) char *old = fs_join(dir, "stuck.log.1");
    CLEANUP(mem_free_p) char *inside = fs_join(old, "x");
    OK(fs_mkdirs(inside, 0700, &e)); /* a directory is in the way */
    OK(fs_replace(path, STR(""), 0600, &e));
    assert_int_equal(truncate(path, LOG_FILE_MAX), 0);
    OK(log_to(path, &e));
    log_bytes(50);
    log_bytes(50);
    assert_int_equal(size_of(path), LOG_FILE_MAX + 100);
    log_quiet();
}

static void test_full_device(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    OK(log_to("/dev/full", &e));
    log_error("lost from the file, kept in the ring");
    assert_string_equal(last_line().text, "lost from the file, kept in the ring");
    log_quiet();
}

static void test_stderr(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    char text[128] = "";
    int fds[2], saved = dup(STDERR_FILENO);
    assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
    OK(log_to(NULL, &e));
    dup2(fds[1], STDERR_FILENO);
    log_warn("mind the %s", "gap");
    dup2(saved, STDERR_FILENO);
    log_quiet();
    ssize_t n = read(fds[0], text, sizeof(text) - 1);
    close(fds[0]);
    close(fds[1]);
    close(saved);
    assert_int_equal(n, strlen(text));
    assert_string_equal(text, "tau: warning: mind the gap\n");
}

enum { THREADS = 3, EACH = 400 };

static void *write_many(void *arg)
{
    for (int i = 0; i < EACH; i++)
        log_error("thread %d line %d", *(int *)arg, i);
    return NULL;
}

/* Lines of several threads land whole, over a rotation, and none is lost. */
static void test_threads(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    pthread_t t[THREADS];
    int ids[THREADS];
    size_t lines = 0;
    CLEANUP(mem_free_p) char *path = fs_join(dir, "many.log");
    CLEANUP(mem_free_p) char *old = fs_join(dir, "many.log.1");
    OK(fs_replace(path, STR(""), 0600, &e));
    assert_int_equal(truncate(path, LOG_FILE_MAX - 20000), 0);
    OK(log_to(path, &e));
    for (int i = 0; i < THREADS; i++) {
        ids[i] = i;
        assert_int_equal(pthread_create(&t[i], NULL, write_many, &ids[i]), 0);
    }
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(t[i], NULL), 0);
    log_quiet();
    CLEANUP(mem_free_p) char *a = content(path);
    struct err ignored = ERR_INIT;
    struct buf b = BUF_INIT((size_t)32 << 20);
    assert_true(fs_read_file(old, &b, &ignored));
    struct str parts[2] = {str_of(a), str_sub(buf_view(&b), LOG_FILE_MAX - 20000, b.len)}, line;
    for (size_t i = 0; i < 2; i++)
        while (str_line(&parts[i], &line)) {
            assert_int_equal(str_find(line, STR("error thread ")), 25);
            lines++;
        }
    assert_int_equal(lines, THREADS * EACH);
    buf_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_levels),         cmocka_unit_test(test_escapes),
        cmocka_unit_test(test_length),         cmocka_unit_test(test_ring),
        cmocka_unit_test(test_file),           cmocka_unit_test(test_rotation),
        cmocka_unit_test(test_rotation_fails), cmocka_unit_test(test_full_device),
        cmocka_unit_test(test_rotation_of_a_larger_one),
        cmocka_unit_test(test_stderr),         cmocka_unit_test(test_threads),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
