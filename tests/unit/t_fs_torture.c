/* SPDX-License-Identifier: MIT
 *
 * What fs_replace promises when it can not do its work: the old file is whole, nothing lies beside
 * it, and the error says why. The full disk is a small tmpfs in a mount namespace of our own; where
 * the system gives none, those tests say that they were skipped.
 */
#include "lib/test.h"

#include "base/fs.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/proc.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DISK_BYTES = 64 * 1024, DISK_FILES = 8, LOOP_BYTES = 20000, ROUNDS = 20 };

static char *dir;
static bool mounted;

/* A namespace in which we may mount; root gets one. */
static bool own_mounts(void)
{
    return unshare(CLONE_NEWNS) == 0 && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
}

static int setup(void **state)
{
    (void)state;
    char options[64];
    dir = test_tmpdir("torture");
    snprintf(options, sizeof(options), "size=%d,nr_inodes=%d,mode=700", DISK_BYTES, DISK_FILES);
    mounted = own_mounts() && mount("tau-test", dir, "tmpfs", MS_NOSUID | MS_NODEV, options) == 0;
    if (!mounted)
        printf("# no small file system: %s\n", strerror(errno));
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    if (mounted && umount(dir) < 0)
        return -1;
    bool ok = fs_remove_tree(dir, &e);
    free(dir);
    return ok ? 0 : -1;
}

static int files_in(const char *path)
{
    int n = 0;
    DIR *d = opendir(path);
    assert_non_null(d);
    for (struct dirent *entry = readdir(d); entry; entry = readdir(d))
        n += entry->d_name[0] != '.';
    closedir(d);
    return n;
}

static void assert_content(const char *path, const char *expected)
{
    struct err e = ERR_INIT;
    struct buf b = BUF_OWN;
    OK(fs_read_file(path, &b, &e));
    assert_string_equal(buf_cstr(&b), expected);
    buf_free(&b);
}

static void test_disk_full(void **state)
{
    (void)state;
    if (!mounted)
        skip();
    struct err e = ERR_INIT;
    struct buf big = BUF_OWN;
    CLEANUP(mem_free_p) char *path = fs_join(dir, "file");
    buf_fill(&big, 'x', DISK_BYTES + 1);
    OK(fs_replace(path, STR("the old one"), 0600, &e));
    FAILS(fs_replace(path, buf_view(&big), 0600, &e), ERR_STORE_FULL);
    assert_non_null(strstr(e.message, path));
    assert_content(path, "the old one");
    assert_int_equal(files_in(dir), 1);
    /* Room was given back, so what fits is still written. */
    OK(fs_replace(path, str_sub(buf_view(&big), 0, DISK_BYTES / 2), 0600, &e));
    /* The old file needs its half until the new one is whole: one byte more does not fit. */
    FAILS(fs_replace(path, str_sub(buf_view(&big), 0, DISK_BYTES / 2 + 1), 0600, &e),
          ERR_STORE_FULL);
    buf_truncate(&big, DISK_BYTES / 2);
    assert_content(path, buf_cstr(&big));
    OK(fs_remove_tree(path, &e));
    buf_free(&big);
}

static void test_no_file_left(void **state)
{
    (void)state;
    if (!mounted)
        skip();
    struct err e = ERR_INIT;
    char *paths[DISK_FILES] = {0};
    int n = 0;
    for (bool ok = true; ok && n < DISK_FILES; n += ok) {
        char name[16];
        snprintf(name, sizeof(name), "f%d", n);
        paths[n] = fs_join(dir, name);
        ok = fs_replace(paths[n], STR("old"), 0600, &e);
    }
    assert_in_range(n, 1, DISK_FILES - 1);
    assert_int_equal(e.code, ERR_STORE_FULL);
    FAILS(fs_replace(paths[0], STR("new"), 0600, &e), ERR_STORE_FULL);
    assert_content(paths[0], "old");
    FAILS(fs_mkdirs(paths[n], 0700, &e), ERR_STORE_FULL);
    for (int i = 0; i < DISK_FILES && paths[i]; i++) {
        OK(fs_remove_tree(paths[i], &e));
        free(paths[i]);
    }
    assert_int_equal(files_in(dir), 0);
}

static void test_read_only(void **state)
{
    (void)state;
    if (!mounted)
        skip();
    struct err e = ERR_INIT;
    CLEANUP(mem_free_p) char *path = fs_join(dir, "file");
    OK(fs_replace(path, STR("old"), 0600, &e));
    assert_int_equal(mount(NULL, dir, NULL, MS_REMOUNT | MS_RDONLY, NULL), 0);
    bool replaced = fs_replace(path, STR("new"), 0600, &e);
    enum err_code code = e.code;
    bool there = fs_mkdirs(dir, 0700, &e);
    bool removed = fs_remove_tree(path, &e);
    assert_int_equal(mount(NULL, dir, NULL, MS_REMOUNT, NULL), 0);
    assert_false(replaced);
    assert_int_equal(code, ERR_IO);
    assert_true(there); /* a directory that exists needs no writing */
    assert_false(removed);
    assert_content(path, "old");
    OK(fs_remove_tree(path, &e));
}

/* The log on a full disk: nothing ends, the ring has every line, and the file goes on later. */
static void test_log_full(void **state)
{
    (void)state;
    if (!mounted)
        skip();
    struct err e = ERR_INIT;
    struct log_line lines[2];
    CLEANUP(mem_free_p) char *path = fs_join(dir, "log");
    CLEANUP(mem_free_p) char *filler = fs_join(dir, "filler");
    struct buf big = BUF_OWN;
    buf_fill(&big, 'x', DISK_BYTES);
    OK(log_to(path, &e));
    OK(fs_replace(filler, buf_view(&big), 0600, &e));
    log_error("into the void");
    OK(fs_remove_tree(filler, &e));
    log_error("room again");
    log_quiet();
    assert_int_equal(log_read(0, lines, 2), 2);
    assert_string_equal(lines[0].text, "into the void");
    struct buf text = BUF_OWN;
    OK(fs_read_file(path, &text, &e));
    assert_null(strstr(buf_cstr(&text), "into the void"));
    assert_non_null(strstr(buf_cstr(&text), " error room again\n"));
    buf_free(&text);
    buf_free(&big);
    /* The log keeps its descriptor for life; it must not keep the mount. */
    OK(log_to("/dev/null", &e));
    log_quiet();
    OK(fs_remove_tree(path, &e));
}

/* A limit on file size stops the write half-way, for everybody. */
static void test_short_write(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct rlimit before, small;
    struct buf big = BUF_OWN;
    struct sigaction ignore = {.sa_handler = SIG_IGN}, old;
    CLEANUP(mem_free_p) char *path = fs_join(dir, "limited");
    buf_fill(&big, 'x', 8193);
    OK(fs_replace(path, STR("old"), 0600, &e));
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small = (struct rlimit){.rlim_cur = 8192, .rlim_max = before.rlim_max};
    sigaction(SIGXFSZ, &ignore, &old);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    bool over = fs_replace(path, buf_view(&big), 0600, &e);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    sigaction(SIGXFSZ, &old, NULL);
    assert_false(over);
    assert_int_equal(e.code, ERR_IO);
    assert_content(path, "old");
    assert_int_equal(files_in(dir), 1);
    OK(fs_remove_tree(path, &e));
    buf_free(&big);
}

/* ---- killed in the middle ---- */

/* What the child does: writes the file again and again, each time in another letter, and says so.
 */
static int replace_for_ever(const char *path)
{
    struct err e = ERR_INIT;
    struct buf b = BUF_OWN;
    for (int i = 0;; i++) {
        buf_clear(&b);
        buf_fill(&b, (char)('a' + i % 26), LOOP_BYTES);
        if (!fs_replace(path, buf_view(&b), 0600, &e) || write(STDOUT_FILENO, ".", 1) != 1)
            return 1;
    }
}

static void assert_whole(const char *path)
{
    struct err e = ERR_INIT;
    struct buf b = BUF_OWN;
    OK(fs_read_file(path, &b, &e));
    assert_int_equal(b.len, LOOP_BYTES);
    assert_int_equal(strspn(buf_cstr(&b), (char[]){b.data[0], '\0'}), LOOP_BYTES);
    buf_free(&b);
}

/* Killed with no warning, at twenty moments that nobody chose: the file is one of the whole ones.
 */
static void test_killed(void **state)
{
    (void)state;
    CLEANUP(mem_free_p) char *own = test_tmpdir("killed");
    CLEANUP(mem_free_p) char *path = fs_join(own, "file");
    struct err e = ERR_INIT;
    const char *const argv[] = {"/proc/self/exe", "replace-for-ever", path, NULL};
    for (int round = 0; round < ROUNDS; round++) {
        int fds[2], status;
        char dot;
        struct proc p;
        assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
        OK(proc_start(&p, &(struct proc_spec){.argv = argv, .fd = {{fds[1], 1}}, .n_fd = 1}, &e));
        close(fds[1]);
        for (int i = 0; i <= round % 3; i++)
            assert_int_equal(read(fds[0], &dot, 1), 1);
        proc_signal(&p, SIGKILL);
        OK(proc_reap(&p, &status, &e));
        close(fds[0]);
        assert_whole(path);
    }
    OK(fs_remove_tree(own, &e));
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_disk_full),   cmocka_unit_test(test_no_file_left),
        cmocka_unit_test(test_read_only),   cmocka_unit_test(test_log_full),
        cmocka_unit_test(test_short_write), cmocka_unit_test(test_killed),
    };
    if (argc == 3 && strcmp(argv[1], "replace-for-ever") == 0)
        return replace_for_ever(argv[2]);
    return cmocka_run_group_tests(tests, setup, teardown);
}
