/* SPDX-License-Identifier: MIT */
#include "lib/test.h"

#include "base/fs.h"
#include "base/mem.h"
#include "base/thread.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static char *dir;

static int setup(void **state)
{
    (void)state;
    dir = test_tmpdir("fs");
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

static mode_t mode_of(const char *path)
{
    struct stat st;
    assert_int_equal(lstat(path, &st), 0);
    return st.st_mode & 07777;
}

static void test_read_cap(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    CLEANUP(mem_free_p) char *path = fs_join(dir, "eight");
    struct buf b = BUF_INIT(8);
    OK(fs_replace(path, STR("12345678"), 0600, &e));
    OK(fs_read_file(path, &b, &e));
    assert_string_equal(buf_cstr(&b), "12345678");
    buf_clear(&b);
    OK(fs_replace(path, STR("123456789"), 0600, &e));
    FAILS(fs_read_file(path, &b, &e), ERR_TOO_LARGE);
    assert_int_equal(b.len, 0);
    buf_free(&b);
}

/* A file of a terabyte is refused by its size: nothing of it is read or held. */
static void test_read_huge(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    CLEANUP(mem_free_p) char *path = fs_join(dir, "huge");
    CLEANUP(fd_close_p) int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    if (ftruncate(fd, (off_t)1 << 40) < 0)
        skip();
    struct buf b = BUF_OWN;
    FAILS(fs_read_fd(fd, &b, &e), ERR_TOO_LARGE);
    assert_null(b.data);
    assert_int_equal(lseek(fd, 0, SEEK_CUR), 0);
}

/* A pipe can not say its size. */
static void test_read_pipe(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    for (size_t n = 7; n <= 9; n++) {
        int fds[2];
        struct buf b = BUF_INIT(10);
        assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
        OK(fs_write_all(fds[1], str_sub(STR("123456789"), 0, n), &e));
        close(fds[1]);
        assert_true(buf_puts(&b, "ab")); /* what is there counts */
        if (n <= 8) {
            OK(fs_read_fd(fds[0], &b, &e));
            assert_int_equal(b.len, n + 2);
        } else {
            FAILS(fs_read_fd(fds[0], &b, &e), ERR_TOO_LARGE);
            assert_string_equal(buf_cstr(&b), "ab");
        }
        close(fds[0]);
        buf_free(&b);
    }
}

static void test_read_errors(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct buf b = BUF_INIT(8);
    CLEANUP(mem_free_p) char *missing = fs_join(dir, "missing");
    FAILS(fs_read_file(missing, &b, &e), ERR_NOT_FOUND);
    assert_non_null(strstr(e.message, missing));
    CLEANUP(mem_free_p) char *fifo = fs_join(dir, "fifo");
    assert_int_equal(mkfifo(fifo, 0600), 0);
    FAILS(fs_read_file(fifo, &b, &e), ERR_NOT_REGULAR);
    FAILS(fs_read_file("/dev/null", &b, &e), ERR_NOT_REGULAR);
    assert_int_equal(unlink(fifo), 0);
    FAILS(fs_read_file(dir, &b, &e), ERR_IS_DIRECTORY);
    FAILS(fs_write_all(-1, STR("x"), &e), ERR_IO);
    OK(fs_write_all(-1, STR(""), &e));
    buf_free(&b);
}

static void test_replace(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    CLEANUP(mem_free_p) char *sub = fs_join(dir, "replace");
    CLEANUP(mem_free_p) char *path = fs_join(sub, "file");
    struct buf b = BUF_OWN;
    FAILS(fs_replace(path, STR("x"), 0600, &e), ERR_NOT_FOUND);
    OK(fs_mkdirs(sub, 0700, &e));
    mode_t before = umask(077);
    OK(fs_replace(path, STR("old"), 0644, &e));
    umask(before);
    assert_int_equal(mode_of(path), 0644);
    OK(fs_replace(path, STR(""), 0600, &e));
    assert_int_equal(mode_of(path), 0600);
    OK(fs_read_file(path, &b, &e));
    assert_int_equal(b.len, 0);
    /* A directory in the place: refused, and no temporary file is left. */
    FAILS(fs_replace(sub, STR("x"), 0600, &e), ERR_IS_DIRECTORY);
    OK(fs_remove_tree(path, &e));
    assert_int_equal(rmdir(sub), 0);
    buf_free(&b);
}

static void test_mkdirs(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    CLEANUP(mem_free_p) char *a = fs_join(dir, "a");
    CLEANUP(mem_free_p) char *deep = fs_join(dir, "a//b/c/");
    CLEANUP(mem_free_p) char *b = fs_join(dir, "a/b");
    CLEANUP(mem_free_p) char *file = fs_join(dir, "file");
    CLEANUP(mem_free_p) char *below = fs_join(dir, "file/x");
    OK(fs_mkdirs(a, 0755, &e));
    OK(fs_mkdirs(deep, 0700, &e));
    OK(fs_mkdirs(deep, 0700, &e));
    assert_true(fs_exists(deep));
    assert_int_equal(mode_of(b), 0700);
    OK(fs_replace(file, STR(""), 0600, &e));
    FAILS(fs_mkdirs(file, 0700, &e), ERR_EXISTS);
    FAILS(fs_mkdirs(below, 0700, &e), ERR_EXISTS);
    FAILS(fs_mkdirs("", 0700, &e), ERR_INVALID);
    OK(fs_mkdirs("/", 0700, &e));
}

static void test_remove_tree(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    CLEANUP(mem_free_p) char *tree = fs_join(dir, "tree");
    CLEANUP(mem_free_p) char *keep = fs_join(dir, "keep");
    CLEANUP(mem_free_p) char *kept = fs_join(keep, "file");
    CLEANUP(mem_free_p) char *inner = fs_join(tree, "x/y");
    CLEANUP(mem_free_p) char *link = fs_join(tree, "x/link");
    CLEANUP(mem_free_p) char *file = fs_join(tree, "x/y/f");
    OK(fs_remove_tree(tree, &e));
    OK(fs_mkdirs(inner, 0700, &e));
    OK(fs_mkdirs(keep, 0700, &e));
    OK(fs_replace(kept, STR("k"), 0600, &e));
    OK(fs_replace(file, STR("f"), 0600, &e));
    assert_int_equal(symlink(keep, link), 0);
    OK(fs_remove_tree(tree, &e));
    assert_false(fs_exists(tree));
    assert_true(fs_exists(kept));
    /* A link as the path itself: the link goes, its target stays. */
    assert_int_equal(symlink(keep, tree), 0);
    OK(fs_remove_tree(tree, &e));
    assert_true(fs_exists(kept));
}

/* n directories below one another in dir/deep; dir/deep is the first. */
static void make_deep(int n)
{
    int at = open(dir, O_DIRECTORY | O_CLOEXEC);
    for (int i = 0; i < n; i++) {
        const char *name = i ? "d" : "deep";
        assert_int_equal(mkdirat(at, name, 0700), 0);
        int next = openat(at, name, O_DIRECTORY | O_CLOEXEC);
        close(at);
        at = next;
    }
    close(at);
}

static void test_remove_limit(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    CLEANUP(mem_free_p) char *deep = fs_join(dir, "deep");
    CLEANUP(mem_free_p) char *second = fs_join(dir, "deep/d");
    make_deep(FS_TREE_DEPTH);
    OK(fs_remove_tree(deep, &e));
    assert_false(fs_exists(deep));
    make_deep(FS_TREE_DEPTH + 1);
    FAILS(fs_remove_tree(deep, &e), ERR_TOO_LARGE);
    OK(fs_remove_tree(second, &e));
    OK(fs_remove_tree(deep, &e));
}

static void test_names(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    CLEANUP(mem_free_p) char *plain = fs_join("a", "b");
    CLEANUP(mem_free_p) char *root = fs_join("/", "b");
    CLEANUP(mem_free_p) char *empty = fs_join("", "b");
    assert_string_equal(plain, "a/b");
    assert_string_equal(root, "/b");
    assert_string_equal(empty, "/b");
    CLEANUP(mem_free_p) char *real = fs_real("/usr/../", &e);
    assert_string_equal(real, "/");
    assert_null(fs_real("/nowhere/at/all", &e));
    assert_int_equal(e.code, ERR_NOT_FOUND);
}

static void test_xdg(void **state)
{
    (void)state;
    static const struct {
        const char *value, *home, *result; /* result NULL: that of the password database */
    } rows[] = {
        {"/x/y", "/h", "/x/y"},
        {"rel", "/h", "/h/.local/state"},
        {"", "/h", "/h/.local/state"},
        {NULL, "/h", "/h/.local/state"},
        {NULL, NULL, NULL},
        {NULL, "", NULL},
        {NULL, "rel", NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        rows[i].value ? setenv("XDG_STATE_HOME", rows[i].value, 1) : unsetenv("XDG_STATE_HOME");
        rows[i].home ? setenv("HOME", rows[i].home, 1) : unsetenv("HOME");
        char *path = fs_xdg("XDG_STATE_HOME", ".local/state");
        assert_int_equal(path[0], '/');
        if (rows[i].result)
            assert_string_equal(path, rows[i].result);
        else
            assert_true(str_ends(str_of(path), "/.local/state"));
        free(path);
    }
}

struct rename {
    struct thread thread;
    bool no_flag, no_link;
    bool ready;
    int taken, why, dangling, at_last; /* what it answered */
};

static void make_file(int at, const char *name, const char *text)
{
    struct err e = ERR_INIT;
    CLEANUP(fd_close_p) int fd = openat(at, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    OK(fs_write_all(fd, str_of(text), &e));
}

static void rename_all(void *arg)
{
    struct rename *r = arg;
    CLEANUP(fd_close_p) int at = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    r->ready = at >= 0 && (!r->no_flag || test_take_away(SYS_renameat2, EINVAL)) &&
               (!r->no_link || test_take_away(SYS_linkat, EPERM));
    r->taken = fs_rename_new(at, "new", "taken");
    r->why = errno;
    r->dangling = fs_rename_new(at, "new", "dangling");
    r->at_last = fs_rename_new(at, "new", "free");
}

/* A name that something has stays what it is, on every kind of file system. */
static void test_rename_new(void **state)
{
    (void)state;
    struct rename rows[] = {{.no_flag = false}, {.no_flag = true}, {.no_flag = true, .no_link = true}};
    struct err e = ERR_INIT;
    CLEANUP(fd_close_p) int at = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    make_file(at, "taken", "theirs");
    assert_int_equal(symlinkat("nowhere", at, "dangling"), 0);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct rename *r = &rows[i];
        struct stat st;
        make_file(at, "new", "ours");
        OK(thread_start(&r->thread, "renames", 0, rename_all, r, &e));
        thread_join(&r->thread);
        assert_true(r->ready);
        assert_int_equal(r->taken, -1);
        assert_int_equal(r->why, EEXIST);
        assert_int_equal(r->dangling, -1);
        assert_int_equal(r->at_last, 0);
        assert_int_equal(fstatat(at, "taken", &st, 0), 0);
        assert_int_equal(st.st_size, strlen("theirs"));
        assert_int_equal(fstatat(at, "free", &st, 0), 0);
        assert_int_equal(st.st_nlink, 1);
        assert_int_equal(faccessat(at, "new", F_OK, 0), -1);
        assert_int_equal(unlinkat(at, "free", 0), 0);
    }
    assert_int_equal(unlinkat(at, "dangling", 0), 0);
    assert_int_equal(unlinkat(at, "taken", 0), 0);
}

/* fd_close_p closes, forgets, and keeps errno. */
static void test_close(void **state)
{
    (void)state;
    int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    int same = fd;
    fd_close_p(&fd);
    assert_int_equal(fd, -1);
    assert_int_equal(fcntl(same, F_GETFD), -1);
    errno = 77;
    fd_close_p(&fd);
    assert_int_equal(errno, 77);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read_cap),    cmocka_unit_test(test_read_huge),
        cmocka_unit_test(test_read_pipe),   cmocka_unit_test(test_read_errors),
        cmocka_unit_test(test_replace),     cmocka_unit_test(test_mkdirs),
        cmocka_unit_test(test_remove_tree), cmocka_unit_test(test_remove_limit),
        cmocka_unit_test(test_names),       cmocka_unit_test(test_xdg),
        cmocka_unit_test(test_close),       cmocka_unit_test(test_rename_new),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
