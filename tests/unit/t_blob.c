/* SPDX-License-Identifier: MIT
 *
 * Blobs: named by digest, whole or not there.
 */
#include "lib/test.h"

#include "base/fs.h"
#include "base/mem.h"
#include "store/blob.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define HELLO "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"

static char *dir;

static void signal_ignore(int signo)
{
    struct sigaction sa = {.sa_handler = SIG_IGN};
    assert_int_equal(sigaction(signo, &sa, NULL), 0);
}

static int up(void **state)
{
    (void)state;
    dir = test_tmpdir("blob");
    return 0;
}

static int down(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    OK(fs_remove_tree(dir, &e));
    free(dir);
    return 0;
}

/* Files and directories right below <dir>/blobs. */
static int entries(void)
{
    char *path = fs_join(dir, "blobs");
    DIR *d = opendir(path);
    int n = -2;
    assert_non_null(d);
    while (readdir(d))
        n++;
    closedir(d);
    free(path);
    return n;
}

static void assert_holds(const char *sha, struct str expected)
{
    struct err e = ERR_INIT;
    struct buf b = BUF_OWN;
    int fd = blob_open(dir, sha, &e);
    assert_true(fd >= 0);
    OK(fs_read_fd(fd, &b, &e));
    assert_true(str_eq(buf_view(&b), expected));
    buf_free(&b);
    close(fd);
}

static void put(struct str data, char sha[DIGEST_HEX])
{
    struct err e = ERR_INIT;
    int64_t bytes = -1;
    struct blob_writer *w = blob_begin(dir, &e);
    assert_non_null(w);
    OK(blob_add(w, str_sub(data, 0, 2), &e));
    OK(blob_add(w, str_sub(data, 2, data.n), &e));
    OK(blob_end(w, sha, &bytes, &e));
    assert_int_equal(bytes, data.n);
}

static void is_named_by_its_digest(void **state)
{
    (void)state;
    char sha[DIGEST_HEX];
    put(STR("hello"), sha);
    assert_string_equal(sha, HELLO);
    assert_holds(HELLO, STR("hello"));
    char *path = mem_printf("%s/blobs/2c/%s", dir, HELLO + 2);
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    free(path);
    put(STR("hello"), sha); /* again: kept, and no second one */
    put(STR(""), sha);
    assert_holds(sha, STR(""));
    assert_int_equal(entries(), 2);
}

static void one_of_another_size_is_mended(void **state)
{
    (void)state;
    char sha[DIGEST_HEX];
    put(STR("hello"), sha);
    char *path = mem_printf("%s/blobs/2c/%s", dir, HELLO + 2);
    assert_int_equal(truncate(path, 2), 0);
    put(STR("hello"), sha);
    assert_holds(HELLO, STR("hello"));
    free(path);
}

static void an_abandoned_one_leaves_nothing(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct blob_writer *w = blob_begin(dir, &e);
    OK(blob_add(w, STR("half"), &e));
    assert_int_equal(entries(), 1);
    blob_abort(w);
    blob_abort(NULL);
    assert_int_equal(entries(), 0);
}

static void keeps_an_open_file(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    char *path = fs_join(dir, "file");
    struct buf data = BUF_OWN;
    for (int i = 0; i < 20000; i++)
        buf_printf(&data, "line %d\n", i);
    OK(fs_replace(path, buf_view(&data), 0600, &e));
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_int_equal(lseek(fd, 100, SEEK_SET), 100); /* from the start all the same */
    char sha[DIGEST_HEX], expected[DIGEST_HEX];
    int64_t bytes = -1;
    OK(blob_from_fd(dir, fd, sha, &bytes, &e));
    digest_hex(buf_view(&data), expected);
    assert_string_equal(sha, expected);
    assert_int_equal(bytes, data.len);
    assert_holds(sha, buf_view(&data));
    close(fd);
    free(path);
    buf_free(&data);
}

static void keeps_only_regular_files(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    char sha[DIGEST_HEX];
    int64_t bytes;
    int fd[2];
    assert_int_equal(pipe2(fd, O_CLOEXEC), 0);
    FAILS(blob_from_fd(dir, fd[0], sha, &bytes, &e), ERR_NOT_REGULAR);
    close(fd[0]);
    close(fd[1]);
    fd[0] = open("/dev/zero", O_RDONLY | O_CLOEXEC);
    FAILS(blob_from_fd(dir, fd[0], sha, &bytes, &e), ERR_NOT_REGULAR);
    close(fd[0]);
}

static void refuses_other_names(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    char sha[DIGEST_HEX];
    put(STR("hello"), sha);
    static const char *const wrong[] = {
        "", "2c", HELLO "0", "../../../../../../../../../../../../../../../../etc/passwd",
        "2CF24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"};
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        assert_int_equal(blob_open(dir, wrong[i], &e), -1);
        assert_int_equal(e.code, ERR_INVALID);
    }
    sha[0] = 'f';
    assert_int_equal(blob_open(dir, sha, &e), -1);
    assert_int_equal(e.code, ERR_NOT_FOUND);
}

/* What can not be written is an error, and nothing is left behind. */
static void a_write_that_fails_is_said(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    char data[8192] = {0};
    struct rlimit before, small = {.rlim_cur = 4096};
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small.rlim_max = before.rlim_max;
    signal_ignore(SIGXFSZ);
    struct blob_writer *w = blob_begin(dir, &e);
    assert_non_null(w);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    bool ok = blob_add(w, str_make(data, sizeof(data)), &e);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_false(ok);
    assert_non_null(strstr(e.message, "blobs"));
    blob_abort(w);
    assert_int_equal(entries(), 0);
    char *file = fs_join(dir, "file");
    OK(fs_replace(file, STR("x"), 0600, &e));
    assert_null(blob_begin(file, &e)); /* no directory can be made there */
    free(file);
}

/* A few files are synced one by one, more of them together; the outcome is the same. */
static void many_at_once(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    for (int n = 0; n <= 20; n += 4) {
        char sha[20][DIGEST_HEX];
        int64_t bytes;
        struct blob_batch *b = blob_batch_new(dir);
        CLEANUP(mem_free_p) char *file = fs_join(dir, "file");
        for (int i = 0; i < n; i++) {
            /* Every second one is the same content twice. */
            char text[8] = {(char)('a' + n), (char)('a' + i / 2)};
            OK(fs_replace(file, str_of(text), 0600, &e));
            CLEANUP(fd_close_p) int fd = open(file, O_RDONLY | O_CLOEXEC);
            OK(blob_batch_copy(b, fd, sha[i], &bytes, &e));
            assert_int_equal(bytes, 2);
            assert_int_equal(blob_open(dir, sha[i], &e), -1); /* has no name yet */
        }
        OK(blob_batch_end(b, &e));
        for (int i = 0; i < n; i++) {
            char text[8] = {(char)('a' + n), (char)('a' + i / 2)};
            assert_holds(sha[i], str_of(text));
        }
    }
    int before = entries();
    struct blob_batch *b = blob_batch_new(dir);
    char sha[DIGEST_HEX];
    int64_t bytes;
    CLEANUP(mem_free_p) char *file = fs_join(dir, "file");
    OK(fs_replace(file, STR("dropped"), 0600, &e));
    CLEANUP(fd_close_p) int fd = open(file, O_RDONLY | O_CLOEXEC);
    OK(blob_batch_copy(b, fd, sha, &bytes, &e));
    blob_batch_abort(b);
    assert_int_equal(entries(), before);
    assert_int_equal(blob_open(dir, sha, &e), -1);
    blob_batch_abort(NULL);
}

/* What was begun under a name is found again until it ended. */
static void is_rescued(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    char sha[DIGEST_HEX] = "";
    int64_t bytes = 0;
    struct blob_writer *w = blob_begin_named(dir, "art_1", &e);
    OK(w);
    OK(blob_add(w, STR("hel"), &e));
    OK(blob_add(w, STR("lo"), &e));
    assert_null(blob_begin_named(dir, "art_1", &e)); /* there is one */
    assert_int_equal(e.code, ERR_STORE);
    /* Its process is gone: nobody ends it. */
    OK(blob_rescue(dir, "art_1", sha, &bytes, &e));
    assert_string_equal(sha, HELLO);
    assert_int_equal(bytes, 5);
    assert_holds(HELLO, STR("hello"));
    FAILS(blob_rescue(dir, "art_1", sha, &bytes, &e), ERR_NOT_FOUND);
    blob_abort(w);
    w = blob_begin_named(dir, "art_2", &e);
    OK(w);
    OK(blob_end(w, sha, &bytes, &e));
    FAILS(blob_rescue(dir, "art_2", sha, &bytes, &e), ERR_NOT_FOUND);
    static const char *const bad[] = {"", "../x", "a/b", "a.b", "a b"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        assert_null(blob_begin_named(dir, bad[i], &e));
        assert_int_equal(e.code, ERR_INVALID);
        FAILS(blob_rescue(dir, bad[i], sha, &bytes, &e), ERR_INVALID);
    }
    CLEANUP(mem_free_p) char *fifo = fs_join(dir, "blobs/part-fifo");
    assert_int_equal(mkfifo(fifo, 0600), 0);
    FAILS(blob_rescue(dir, "fifo", sha, &bytes, &e), ERR_STORE);
}

int main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, up, down)
    const struct CMUnitTest tests[] = {
        T(is_named_by_its_digest),          T(one_of_another_size_is_mended),
        T(an_abandoned_one_leaves_nothing), T(keeps_an_open_file),
        T(keeps_only_regular_files),        T(refuses_other_names),
        T(a_write_that_fails_is_said),
        T(many_at_once),
        T(is_rescued),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
