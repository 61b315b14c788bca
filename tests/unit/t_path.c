/* SPDX-License-Identifier: MIT */
#include "lib/test.h"

#include "base/fs.h"
#include "base/mem.h"
#include "policy/path.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* top/ws is the root, top/out lies beside it. */
static char *top, *ws;
static struct path_root root;

/* Without syncs, which would be most of the test's time. */
static void put(const char *relative, const char *text)
{
    struct err e = ERR_INIT;
    CLEANUP(mem_free_p) char *path = fs_join(top, relative);
    CLEANUP(fd_close_p) int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    assert_true(fd >= 0);
    OK(fs_write_all(fd, str_of(text), &e));
}

static void make_dir(const char *relative)
{
    struct err e = ERR_INIT;
    CLEANUP(mem_free_p) char *path = fs_join(top, relative);
    OK(fs_mkdirs(path, 0755, &e));
}

static void make_link(const char *target, const char *relative)
{
    CLEANUP(mem_free_p) char *path = fs_join(top, relative);
    assert_int_equal(symlink(target, path), 0);
}

static int setup(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    CLEANUP(mem_free_p) char *made = test_tmpdir("path");
    top = fs_real(made, &e);
    assert_non_null(top);
    make_dir("ws/a/b");
    make_dir("ws/.git/hooks");
    make_dir("out");
    put("ws/a/file", "inside");
    put("out/file", "outside");
    ws = fs_join(top, "ws");
    root = (struct path_root){.fd = open(ws, O_PATH | O_DIRECTORY | O_CLOEXEC), .path = ws};
    assert_true(root.fd >= 0);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    close(root.fd);
    bool ok = fs_remove_tree(top, &e);
    free(top);
    free(ws);
    return ok ? 0 : -1;
}

/* ---- names ---- */

static void test_relative(void **state)
{
    (void)state;
    static const struct {
        const char *path, *expected; /* NULL: outside */
    } rows[] = {
        {".", ""},
        {"./", ""},
        {"a", "a"},
        {"a/", "a"},
        {"./a//b/./c", "a/b/c"},
        {"a/../b", "b"},
        {"a/b/../../c", "c"},
        {"a/..", ""},
        {"..a/b..", "..a/b.."},
        {"...", "..."},
        {"~/x", "~/x"},
        {"..", NULL},
        {"../ws/a", NULL},
        {"a/../../b", NULL},
        {"missing/../../x", NULL},
        {"missing/../../ws/x", NULL},
        {"./.././a", NULL},
        {"/", NULL},
        {"/etc/passwd", NULL},
    };
    struct arena a = ARENA_INIT;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct err e = ERR_INIT;
        const char *got = path_relative(&root, rows[i].path, &a, &e);
        if (rows[i].expected && !got)
            fail_msg("%s: %s", rows[i].path, e.message);
        if (rows[i].expected)
            assert_string_equal(got, rows[i].expected);
        else if (got || e.code != ERR_OUTSIDE)
            fail_msg("%s: got %s, %s", rows[i].path, got ? got : "nothing", e.message);
    }
    arena_free(&a);
}

static void test_relative_absolute(void **state)
{
    (void)state;
    struct arena a = ARENA_INIT;
    struct err e = ERR_INIT;
    assert_string_equal(path_relative(&root, ws, &a, &e), "");
    assert_string_equal(path_relative(&root, arena_printf(&a, "%s/a//b", ws), &a, &e), "a/b");
    FAILS(path_relative(&root, arena_printf(&a, "%s/../out/file", ws), &a, &e), ERR_OUTSIDE);
    FAILS(path_relative(&root, arena_printf(&a, "%s-beside/x", ws), &a, &e), ERR_OUTSIDE);
    struct path_root all = {.fd = -1, .path = "/"};
    assert_string_equal(path_relative(&all, "/etc/passwd", &a, &e), "etc/passwd");
    arena_free(&a);
}

static void test_relative_invalid(void **state)
{
    (void)state;
    struct arena a = ARENA_INIT;
    struct err e = ERR_INIT;
    FAILS(path_relative(&root, "", &a, &e), ERR_INVALID);
    FAILS(path_relative(&root, "a\nb", &a, &e), ERR_INVALID);
    FAILS(path_relative(&root, "a\x1b[2J", &a, &e), ERR_INVALID);
    FAILS(path_relative(&root, "a\x7f", &a, &e), ERR_INVALID);
    char *path = arena_new(&a, PATH_BYTES_MAX + 2);
    memset(path, 'x', PATH_BYTES_MAX);
    OK(path_relative(&root, path, &a, &e) != NULL);
    path[PATH_BYTES_MAX] = 'x';
    FAILS(path_relative(&root, path, &a, &e), ERR_INVALID);
    arena_free(&a);
}

/* ---- opening ---- */

static bool opens(const char *relative, int flags, bool regular, struct err *e)
{
    CLEANUP(fd_close_p) int fd = path_open(&root, relative, flags, regular, e);
    if (fd >= 0)
        assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    return fd >= 0;
}

static void test_open(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    OK(opens("a/file", O_RDONLY, true, &e));
    OK(opens("a/file", O_PATH, true, &e));
    OK(opens("", O_RDONLY | O_DIRECTORY, false, &e));
    OK(opens("a", O_RDONLY, false, &e));
    OK(opens("a/new", O_WRONLY | O_CREAT | O_EXCL, true, &e));
    FAILS(opens("a/new", O_WRONLY | O_CREAT | O_EXCL, true, &e), ERR_EXISTS);
    FAILS(opens("a", O_RDONLY, true, &e), ERR_IS_DIRECTORY);
    FAILS(opens("a", O_WRONLY, true, &e), ERR_IS_DIRECTORY);
    FAILS(opens("none", O_RDONLY, true, &e), ERR_NOT_FOUND);
    FAILS(opens("a/file/x", O_RDONLY, true, &e), ERR_NOT_FOUND);
    /* As a caller could that forgot path_relative. */
    FAILS(opens("../out/file", O_RDONLY, true, &e), ERR_OUTSIDE);
    FAILS(opens("a/../../out/file", O_RDONLY, true, &e), ERR_OUTSIDE);
    FAILS(opens("/etc/passwd", O_RDONLY, true, &e), ERR_OUTSIDE);
}

static void test_open_links(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    make_link("a", "ws/to-dir");
    make_link("../a/file", "ws/a/up-and-back");
    make_link("../out/file", "ws/to-file");
    make_link("../out", "ws/to-out");
    make_link("/etc", "ws/to-etc");
    make_link("loop", "ws/loop");
    make_link("/proc/self/cwd", "ws/magic");
    OK(opens("to-dir/file", O_RDONLY, true, &e));
    OK(opens("a/up-and-back", O_RDONLY, true, &e));
    FAILS(opens("to-file", O_RDONLY, true, &e), ERR_OUTSIDE);
    FAILS(opens("to-out/file", O_RDONLY, true, &e), ERR_OUTSIDE);
    FAILS(opens("to-out/made", O_WRONLY | O_CREAT, true, &e), ERR_OUTSIDE);
    FAILS(opens("to-etc/passwd", O_RDONLY, true, &e), ERR_OUTSIDE);
    FAILS(opens("magic", O_RDONLY, false, &e), ERR_OUTSIDE);
    FAILS(opens("loop", O_RDONLY, true, &e), ERR_INVALID);
}

/* None of these may wait for somebody else, or do something to a device. */
static void test_open_special(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    CLEANUP(mem_free_p) char *fifo = fs_join(ws, "fifo");
    assert_int_equal(mkfifo(fifo, 0600), 0);
    FAILS(opens("fifo", O_RDONLY, true, &e), ERR_NOT_REGULAR);
    FAILS(opens("fifo", O_WRONLY, true, &e), ERR_NOT_REGULAR);
    FAILS(opens("fifo", O_RDWR | O_TRUNC, true, &e), ERR_NOT_REGULAR);

    CLEANUP(fd_close_p) int s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d/socket", root.fd);
    assert_int_equal(bind(s, (struct sockaddr *)&address, sizeof(address)), 0);
    FAILS(opens("socket", O_RDONLY, true, &e), ERR_NOT_REGULAR);

    CLEANUP(mem_free_p) char *device = fs_join(ws, "null");
    if (mknod(device, S_IFCHR | 0666, 0x103) == 0) { /* only root may */
        if (opens("null", O_RDONLY, true, &e))
            fail_msg("a device was opened");
        assert_true(e.code == ERR_NOT_REGULAR || e.code == ERR_IO); /* EACCES: mounted nodev */
    }
}

static void test_open_truncates(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct stat st;
    put("ws/a/long", "123456");
    CLEANUP(fd_close_p) int fd = path_open(&root, "a/long", O_WRONLY | O_TRUNC, true, &e);
    OK(fd >= 0);
    assert_int_equal(fstat(fd, &st), 0);
    assert_int_equal(st.st_size, 0);
}

static void test_parent(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    const char *name = NULL;
    int fd = path_open_parent(&root, "file", false, &name, &e);
    OK(fd >= 0);
    assert_string_equal(name, "file");
    close(fd);
    FAILS(path_open_parent(&root, "x/y/z", false, &name, &e) >= 0, ERR_NOT_FOUND);
    fd = path_open_parent(&root, "x/y/z", true, &name, &e);
    OK(fd >= 0);
    assert_string_equal(name, "z");
    close(fd);
    OK(opens("x/y", O_RDONLY | O_DIRECTORY, false, &e));
    FAILS(path_open_parent(&root, "", true, &name, &e) >= 0, ERR_IS_DIRECTORY);
    FAILS(path_open_parent(&root, "a/file/x", true, &name, &e) >= 0, ERR_NOT_FOUND);
}

static bool outside_is_untouched(void)
{
    struct err e = ERR_INIT;
    struct buf b = BUF_INIT(64);
    CLEANUP(mem_free_p) char *file = fs_join(top, "out/file");
    CLEANUP(mem_free_p) char *made = fs_join(top, "out/made");
    OK(fs_read_file(file, &b, &e));
    bool same = str_is(buf_view(&b), "outside") && !fs_exists(made);
    buf_free(&b);
    return same;
}

/* The way out that a resolver has which treats missing directories as plain text: "missing/../.."
 * with the directory made by somebody between the check and the use. */
static void test_missing_and_up(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct arena a = ARENA_INIT;
    const char *name;
    static const char *const tries[] = {"nope/../../out/made", "nope/x/../../../out/made",
                                        "a/nope/../../../out/made"};
    for (size_t i = 0; i < ARRAY_LEN(tries); i++) {
        FAILS(path_relative(&root, tries[i], &a, &e), ERR_OUTSIDE);
        if (path_open_parent(&root, tries[i], true, &name, &e) >= 0)
            fail_msg("%s was opened", tries[i]);
        if (opens(tries[i], O_WRONLY | O_CREAT, true, &e))
            fail_msg("%s was made", tries[i]);
    }
    assert_true(outside_is_untouched());
    arena_free(&a);
}

/* A directory and a link to the outside change places as fast as they can. */
struct swapper {
    pthread_t thread;
    bool stop; /* atomic */
};

static void *swap_run(void *arg)
{
    struct swapper *s = arg;
    CLEANUP(mem_free_p) char *one = fs_join(ws, "swap");
    CLEANUP(mem_free_p) char *two = fs_join(ws, "swapped");
    while (!__atomic_load_n(&s->stop, __ATOMIC_RELAXED))
        if (renameat2(AT_FDCWD, one, AT_FDCWD, two, RENAME_EXCHANGE) < 0)
            return NULL;
    return NULL;
}

static void test_race(void **state)
{
    (void)state;
    enum { ROUNDS_MAX = 200000, WANTED = 200 };
    struct swapper s = {0};
    int inside = 0, refused = 0;
    make_dir("ws/swap");
    put("ws/swap/file", "inside");
    make_link("../out", "ws/swapped");
    assert_int_equal(pthread_create(&s.thread, NULL, swap_run, &s), 0);
    for (int i = 0; i < ROUNDS_MAX && (inside < WANTED || refused < WANTED); i++) {
        struct err e = ERR_INIT;
        CLEANUP(fd_close_p) int fd = path_open(&root, "swap/file", O_RDONLY, true, &e);
        if (fd >= 0) {
            char text[8] = "";
            assert_int_equal(read(fd, text, 7), 6);
            assert_string_equal(text, "inside");
            inside++;
        } else {
            assert_int_equal(e.code, ERR_OUTSIDE);
            refused++;
        }
        const char *name;
        CLEANUP(fd_close_p)
        int parent = path_open_parent(&root, "swap/made/deep/x", true, &name, &e);
        /* A directory of a moment ago may be gone by the next step; nothing else may go wrong. */
        if (parent < 0 && e.code != ERR_OUTSIDE && e.code != ERR_NOT_FOUND)
            fail_msg("%s", e.message);
    }
    __atomic_store_n(&s.stop, true, __ATOMIC_RELAXED);
    assert_int_equal(pthread_join(s.thread, NULL), 0);
    assert_true(inside >= WANTED && refused >= WANTED); /* both were seen, so there was a race */
    assert_true(outside_is_untouched());
}

/* ---- protected paths ---- */

static void test_protected(void **state)
{
    (void)state;
    static const char *const yes[] = {
        ".git",      ".git/config",  ".git/hooks/new", ".GIT/config", "sub/.git/config",
        "a/b/.Git",  "git~1/config", ".tau",           ".tau/x",      "deep/.tau/y",
        "AGENTS.md", "agents.md",    "CLAUDE.md",      "SOUL.md",     "USER.md",
        "data",      "data/deep/er", "Data/x",         "ci/run.yml",
    };
    static const char *const no[] = {
        "",       "a",           "a/file",      ".gitignore",     ".github/x",
        "git",    "a.git",       "a/AGENTS.md", "AGENTS.md.bak",  "database",
        "ci/run", "ci/run.yml2", ".taurus",     "none/AGENTS.md",
    };
    const char *configured = " data/ ,./ci/run.yml,,";
    for (size_t i = 0; i < ARRAY_LEN(yes); i++)
        if (!path_protected(&root, yes[i], configured))
            fail_msg("%s is not protected", yes[i]);
    for (size_t i = 0; i < ARRAY_LEN(no); i++)
        if (path_protected(&root, no[i], configured))
            fail_msg("%s is protected", no[i]);
    assert_false(path_protected(&root, "data", NULL));
}

static void test_protected_by_link(void **state)
{
    (void)state;
    make_link(".git", "ws/innocent");
    make_link("innocent/hooks", "ws/a/b/twice");
    make_link(".git/not-yet", "ws/dangling");
    put("ws/AGENTS.md", "x");
    make_link("AGENTS.md", "ws/notes");
    make_link(".", "ws/here");
    assert_true(path_protected(&root, "innocent", NULL));
    assert_true(path_protected(&root, "innocent/hooks/pre-commit", NULL));
    assert_true(path_protected(&root, "innocent/new/deep", NULL));
    assert_true(path_protected(&root, "a/b/twice/pre-commit", NULL));
    assert_true(path_protected(&root, "dangling", NULL));
    assert_true(path_protected(&root, "notes", NULL));
    assert_true(path_protected(&root, "here/AGENTS.md", NULL));
    assert_false(path_protected(&root, "here/a/file", NULL));
}

static void test_protected_at(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    const char *name;
    make_link(".git/hooks", "ws/hidden");
    CLEANUP(fd_close_p) int dir = path_open_parent(&root, "hidden/post", false, &name, &e);
    OK(dir >= 0);
    assert_true(path_protected_at(&root, dir, name, NULL));
    CLEANUP(fd_close_p) int plain = path_open_parent(&root, "a/file", false, &name, &e);
    OK(plain >= 0);
    assert_false(path_protected_at(&root, plain, name, NULL));
    assert_false(path_protected_at(&root, plain, "", NULL));
    assert_true(path_protected_at(&root, plain, name, "a/file"));
    assert_true(path_protected_at(&root, -1, name, NULL));
    assert_true(path_protected_at(&root, root.fd, "AGENTS.md", NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_relative, setup, teardown),
        cmocka_unit_test_setup_teardown(test_relative_absolute, setup, teardown),
        cmocka_unit_test_setup_teardown(test_relative_invalid, setup, teardown),
        cmocka_unit_test_setup_teardown(test_open, setup, teardown),
        cmocka_unit_test_setup_teardown(test_open_links, setup, teardown),
        cmocka_unit_test_setup_teardown(test_open_special, setup, teardown),
        cmocka_unit_test_setup_teardown(test_open_truncates, setup, teardown),
        cmocka_unit_test_setup_teardown(test_parent, setup, teardown),
        cmocka_unit_test_setup_teardown(test_missing_and_up, setup, teardown),
        cmocka_unit_test_setup_teardown(test_race, setup, teardown),
        cmocka_unit_test_setup_teardown(test_protected, setup, teardown),
        cmocka_unit_test_setup_teardown(test_protected_by_link, setup, teardown),
        cmocka_unit_test_setup_teardown(test_protected_at, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
