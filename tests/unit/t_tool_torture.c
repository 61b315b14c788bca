/* SPDX-License-Identifier: MIT
 *
 * Writing tools where writing can not work: a full disk, a read-only one, a limit on file size, and
 * SIGKILL at moments that nobody chose. The old file is always whole.
 */
#include "lib/test.h"

#include "base/fs.h"
#include "base/mem.h"
#include "base/proc.h"
#include "lib/tools.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <unistd.h>

enum { DISK_BYTES = 64 * 1024, LOOP_BYTES = 20000, ROUNDS = 20 };

static struct tools t;
static bool mounted;

static bool own_mounts(void)
{
    return unshare(CLONE_NEWNS) == 0 && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
}

/* The workspace becomes a small disk of its own. */
static int setup_small(void **state)
{
    (void)state;
    char options[64];
    tools_open(&t, "torture", PRESET_BALANCED);
    snprintf(options, sizeof(options), "size=%d,mode=700", DISK_BYTES);
    mounted = own_mounts() && mount("tau-test", t.ws, "tmpfs", MS_NOSUID | MS_NODEV, options) == 0;
    if (!mounted)
        printf("# no small file system: %s\n", strerror(errno));
    CLEANUP(mem_free_p) char *ws = mem_strdup(t.ws);
    tools_enter(&t, ws);
    return 0;
}

static int teardown_small(void **state)
{
    (void)state;
    if (mounted && umount2(t.ws, MNT_DETACH) < 0)
        return -1;
    tools_close(&t);
    return 0;
}

static int setup(void **state)
{
    (void)state;
    tools_open(&t, "torture", PRESET_BALANCED);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    tools_close(&t);
    return 0;
}

static size_t files(void)
{
    size_t n = 0;
    DIR *dir = opendir(t.ws);
    assert_non_null(dir);
    for (struct dirent *d = readdir(dir); d; d = readdir(dir))
        n += strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0;
    closedir(dir);
    return n;
}

static char *write_args(const char *path, char c, size_t n)
{
    struct buf b = BUF_OWN;
    buf_printf(&b, "{\"path\":\"%s\",\"content\":\"", path);
    buf_fill(&b, c, n);
    buf_puts(&b, "\"}");
    return buf_take(&b);
}

static void is_old(void)
{
    CLEANUP(mem_free_p) char *now = tools_get(&t, "a", NULL);
    assert_string_equal(now, "the old one\n");
    assert_int_equal(files(), 1);
}

static void full_disk(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    if (!mounted)
        skip();
    tools_put(&t, "a", "the old one\n");
    CLEANUP(mem_free_p) char *big = write_args("a", 'x', DISK_BYTES);
    CLEANUP(mem_free_p) char *fresh = write_args("sub/b", 'x', DISK_BYTES);
    CLEANUP(mem_free_p) char *fits = write_args("a", 'x', DISK_BYTES / 4);
    FAILS(tools_call(&t, "write", big, &e), ERR_STORE_FULL);
    is_old();
    FAILS(tools_call(&t, "write", fresh, &e), ERR_STORE_FULL);
    assert_false(tools_has(&t, "sub/b"));
    OK(tools_call(&t, "write", fits, &e));
}

static void read_only_disk(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    if (!mounted)
        skip();
    tools_put(&t, "a", "the old one\n");
    assert_int_equal(mount(NULL, t.ws, NULL, MS_REMOUNT | MS_RDONLY, NULL), 0);
    bool edited =
        tools_call(&t, "edit", "{\"path\":\"a\",\"find\":\"old\",\"replace\":\"new\"}", &e);
    enum err_code code = e.code;
    bool made = tools_call(&t, "write", "{\"path\":\"b/c\",\"content\":\"\"}", &e);
    assert_int_equal(mount(NULL, t.ws, NULL, MS_REMOUNT, NULL), 0);
    assert_false(edited);
    assert_int_equal(code, ERR_IO);
    assert_false(made);
    assert_int_equal(e.code, ERR_IO);
    is_old();
}

static void short_write(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct rlimit before, small;
    struct sigaction ignore = {.sa_handler = SIG_IGN}, old;
    tools_put(&t, "a", "the old one\n");
    CLEANUP(mem_free_p) char *big = write_args("a", 'x', 8193);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small = (struct rlimit){.rlim_cur = 8192, .rlim_max = before.rlim_max};
    sigaction(SIGXFSZ, &ignore, &old);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    bool over = tools_call(&t, "write", big, &e);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    sigaction(SIGXFSZ, &old, NULL);
    assert_false(over);
    assert_int_equal(e.code, ERR_IO);
    is_old();
}

/* ---- killed ---- */

/* What the child does: writes the file again and again through the tool, and says so. */
static int write_for_ever(const char *ws)
{
    struct err e = ERR_INIT;
    tools_open(&t, "child", PRESET_BALANCED);
    tools_enter(&t, ws);
    printf("%s\n", t.top);
    fflush(stdout);
    for (int i = 0;; i++) {
        CLEANUP(mem_free_p) char *args = write_args("a", (char)('a' + i % 26), LOOP_BYTES);
        if (!tools_call(&t, "write", args, &e) || write(STDOUT_FILENO, ".", 1) != 1)
            return 1;
    }
}

static void killed(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    const char *const argv[] = {"/proc/self/exe", "write-for-ever", t.ws, NULL};
    for (int round = 0; round < ROUNDS; round++) {
        int fds[2], status;
        char dot;
        struct proc p;
        assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
        OK(proc_start(&p, &(struct proc_spec){.argv = argv, .fd = {{fds[1], 1}}, .n_fd = 1}, &e));
        close(fds[1]);
        /* The line first, so that the child is past its setup; it goes on while we read. */
        CLEANUP(buf_free) struct buf line = BUF_OWN;
        while (read(fds[0], &dot, 1) == 1 && dot != '\n')
            buf_putc(&line, dot);
        for (int i = 0; i <= round % 3; i++)
            assert_int_equal(read(fds[0], &dot, 1), 1);
        proc_signal(&p, SIGKILL);
        OK(proc_reap(&p, &status, &e));
        close(fds[0]);
        OK(fs_remove_tree(buf_cstr(&line), &e));
        size_t n;
        CLEANUP(mem_free_p) char *now = tools_get(&t, "a", &n);
        assert_int_equal(n, LOOP_BYTES);
        assert_int_equal(strspn(now, (char[]){now[0], '\0'}), LOOP_BYTES);
    }
}

#define T(test, s) cmocka_unit_test_setup_teardown(test, setup##s, teardown##s)

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "write-for-ever") == 0)
        return write_for_ever(argv[2]);
    const struct CMUnitTest tests[] = {
        T(full_disk, _small),
        T(read_only_disk, _small),
        T(short_write, ),
        T(killed, ),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
