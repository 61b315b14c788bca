/* SPDX-License-Identifier: MIT */
#include "lib/test.h"

#include "base/fs.h"
#include "base/mem.h"
#include "base/proc.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define SH(script) ((const char *const[]){"sh", "-c", (script), NULL})

/* Runs a script to its end and gives what it printed; it must end with `exit_code`. */
static char *output_of(const struct proc_spec *spec, int exit_code)
{
    struct err e = ERR_INIT;
    struct buf out = BUF_OWN;
    int code = -1;
    OK(proc_run(spec, &out, -1, NULL, &code, &e));
    assert_int_equal(code, exit_code);
    return buf_take(&out);
}

static void make_pipe(int fds[2])
{
    assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
}

/* Waits until nobody holds the other end; false when something was in the pipe. */
static bool all_gone(int fd)
{
    char c;
    return read(fd, &c, 1) == 0;
}

static void test_output(void **state)
{
    (void)state;
    CLEANUP(mem_free_p)
    char *out =
        output_of(&(struct proc_spec){.argv = SH("cat; echo out; echo err >&2; exit 3")}, 3);
    assert_string_equal(out, "out\n");
}

static void test_signal(void **state)
{
    (void)state;
    CLEANUP(mem_free_p)
    char *out = output_of(&(struct proc_spec){.argv = SH("kill -TERM $$")}, 128 + SIGTERM);
    assert_string_equal(out, "");
}

static void test_output_cap(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    int code = -1;
    struct proc_spec spec = {.argv = SH("head -c 1000000 /dev/zero | tr '\\0' x")};
    struct buf out = BUF_INIT(1000000);
    OK(proc_run(&spec, &out, -1, NULL, &code, &e));
    assert_int_equal(out.len, 1000000);
    assert_true(buf_ok(&out));
    buf_free(&out);
    out = BUF_INIT(999999);
    OK(proc_run(&spec, &out, -1, NULL, &code, &e));
    assert_int_equal(code, 0);
    assert_int_equal(out.len, 999999);
    assert_false(buf_ok(&out));
    buf_free(&out);
    OK(proc_run(&spec, NULL, -1, NULL, &code, &e));
    assert_int_equal(code, 0);
}

/* A descriptor that somebody forgot to mark is still not the child's. */
static void test_closed(void **state)
{
    (void)state;
    int low = dup(STDIN_FILENO), high = fcntl(STDIN_FILENO, F_DUPFD, 200);
    assert_true(low > 2 && high >= 200);
    const char *const argv[] = {"ls", "/proc/self/fd", NULL};
    CLEANUP(mem_free_p) char *out = output_of(&(struct proc_spec){.argv = argv}, 0);
    assert_string_equal(out, "0\n1\n2\n3\n"); /* 3 is ls looking */
    close(low);
    close(high);
}

static int place(int fd, int want)
{
    assert_int_equal(dup3(fd, want, O_CLOEXEC), want);
    close(fd);
    return want;
}

static char *read_to_end(int fd)
{
    struct err e = ERR_INIT;
    struct buf b = BUF_OWN;
    OK(fs_read_fd(fd, &b, &e));
    close(fd);
    return buf_take(&b);
}

/* A pipe whose ends have these numbers. */
static void make_pipe_at(int from, int to)
{
    int fds[2];
    make_pipe(fds);
    int high = fcntl(fds[0], F_DUPFD_CLOEXEC, 40);
    close(fds[0]);
    place(fds[1] == to ? fcntl(fds[1], F_DUPFD_CLOEXEC, 40) : fds[1], to);
    place(high, from);
}

/* Each takes the number of the other, and one stays where it is. */
static void test_swapped(void **state)
{
    (void)state;
    int status;
    struct err e = ERR_INIT;
    struct proc p;
    for (int to = 7; to <= 9; to++)
        make_pipe_at(to + 13, to);
    struct proc_spec spec = {
        .argv = SH("echo to-seven >&7; echo to-eight >&8; echo to-nine >&9"),
        .fd = {{7, 8}, {8, 7}, {9, 9}},
        .n_fd = 3,
    };
    OK(proc_start(&p, &spec, &e));
    for (int fd = 7; fd <= 9; fd++)
        close(fd);
    CLEANUP(mem_free_p) char *of_seven = read_to_end(20);
    CLEANUP(mem_free_p) char *of_eight = read_to_end(21);
    CLEANUP(mem_free_p) char *of_nine = read_to_end(22);
    OK(proc_reap(&p, &status, &e));
    assert_int_equal(status, 0);
    assert_string_equal(of_seven, "to-eight\n");
    assert_string_equal(of_eight, "to-seven\n");
    assert_string_equal(of_nine, "to-nine\n");
}

static void test_signals_are_default(void **state)
{
    (void)state;
    sigset_t all, before;
    struct sigaction ignore = {.sa_handler = SIG_IGN}, old;
    sigfillset(&all);
    assert_int_equal(sigaction(SIGPIPE, &ignore, &old), 0);
    assert_int_equal(pthread_sigmask(SIG_SETMASK, &all, &before), 0);
    /* glibc leaves its own two signals, 32 and 33, ignored. */
    const char *const argv[] = {"grep", "-cE", "^Sig(Blk:.0{16}|Ign:.0{7}[01][08]0{7})$",
                                "/proc/self/status", NULL};
    CLEANUP(mem_free_p) char *out = output_of(&(struct proc_spec){.argv = argv}, 0);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    sigaction(SIGPIPE, &old, NULL);
    assert_string_equal(out, "2\n");
}

static void test_surroundings(void **state)
{
    (void)state;
    const char *const env[] = {"A=1", NULL};
    const char *const show[] = {"/usr/bin/env", NULL};
    CLEANUP(mem_free_p) char *vars = output_of(&(struct proc_spec){.argv = show, .envp = env}, 0);
    assert_string_equal(vars, "A=1\n");
    const char *const pwd[] = {"/bin/pwd", NULL};
    CLEANUP(mem_free_p) char *cwd = output_of(&(struct proc_spec){.argv = pwd, .cwd = "/usr"}, 0);
    assert_string_equal(cwd, "/usr\n");
    /* Session, group and process are one number: it leads both. */
    CLEANUP(mem_free_p)
    char *ids = output_of(
        &(struct proc_spec){.argv =
                                SH("read pid c s pp pg sid rest </proc/$$/stat; test $pid = $pg && "
                                   "test $pid = $sid && echo leader")},
        0);
    assert_string_equal(ids, "leader\n");
}

static void test_not_started(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct proc p;
    const char *const missing[] = {"/nowhere/program", NULL};
    const char *const unknown[] = {"no-program-has-this-name", NULL};
    const char *const directory[] = {"/usr", NULL};
    FAILS(proc_start(&p, &(struct proc_spec){.argv = missing}, &e), ERR_SPAWN);
    FAILS(proc_start(&p, &(struct proc_spec){.argv = unknown}, &e), ERR_SPAWN);
    assert_non_null(strstr(e.message, "no-program-has-this-name"));
    FAILS(proc_start(&p, &(struct proc_spec){.argv = directory}, &e), ERR_SPAWN);
    FAILS(proc_start(&p, &(struct proc_spec){.argv = SH("true"), .cwd = "/nowhere"}, &e),
          ERR_NOT_FOUND);
    FAILS(proc_start(&p, &(struct proc_spec){.argv = SH("true"), .fd = {{9999, 3}}, .n_fd = 1}, &e),
          ERR_SPAWN);
}

/* PATH that names the working directory does not run what lies there. */
static void test_relative_path(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct proc p;
    CLEANUP(mem_free_p) char *dir = test_tmpdir("proc");
    CLEANUP(mem_free_p) char *planted = fs_join(dir, "planted-program");
    CLEANUP(mem_free_p) char *path = mem_strdup(getenv("PATH"));
    const char *const argv[] = {"planted-program", NULL};
    const char *const absolute[] = {"./planted-program", NULL};
    OK(fs_replace(planted, STR("#!/bin/sh\necho ran\n"), 0755, &e));
    setenv("PATH", ".::/usr/bin:/bin", 1);
    FAILS(proc_start(&p, &(struct proc_spec){.argv = argv, .cwd = dir}, &e), ERR_SPAWN);
    CLEANUP(mem_free_p) char *out = output_of(&(struct proc_spec){.argv = absolute, .cwd = dir}, 0);
    assert_string_equal(out, "ran\n");
    setenv("PATH", path, 1);
    OK(fs_remove_tree(dir, &e));
}

static void test_signal_and_reap(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct proc p;
    int status;
    const char *const argv[] = {"tail", "-f", "/dev/null", NULL};
    OK(proc_start(&p, &(struct proc_spec){.argv = argv}, &e));
    assert_int_equal(fcntl(p.pidfd, F_GETFD), FD_CLOEXEC);
    proc_signal(&p, SIGTERM);
    assert_int_equal(cancel_wait_fd(NULL, p.pidfd, POLLIN, INT64_MAX), CANCEL_READY);
    OK(proc_reap(&p, &status, &e));
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
    assert_int_equal(p.pidfd, -1);
    proc_signal(&p, SIGTERM);
    proc_signal_group(&p, SIGTERM);
}

/* A child, its child and that one's child hold the pipe; when it ends, all of them have died. */
#define TREE "sh -c 'tail -f /dev/null & tail -f /dev/null' & echo x >&3; tail -f /dev/null"

static void test_deadline_kills_all(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    int fds[2], code = -1;
    char c;
    struct buf out = BUF_OWN;
    make_pipe(fds);
    struct proc_spec spec = {.argv = SH("echo partial;" TREE), .fd = {{fds[1], 3}}, .n_fd = 1};
    FAILS(proc_run(&spec, &out, 200, NULL, &code, &e), ERR_TIMEOUT);
    close(fds[1]);
    assert_int_equal(code, -1);
    assert_int_equal(out.len, 0);
    /* On a slow day the tree was not complete yet; the next test waits for it. */
    while (read(fds[0], &c, 1) == 1)
        continue;
    assert_true(all_gone(fds[0]));
    close(fds[0]);
    buf_free(&out);
}

struct firing {
    int fd;
    struct cancel *c;
};

static void *fire_when_started(void *arg)
{
    struct firing *f = arg;
    char text[2];
    if (read(f->fd, text, 2) == 2)
        cancel_fire(f->c);
    return NULL;
}

static void test_cancel_kills_all(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    int fds[2], code = -1;
    pthread_t t;
    struct buf out = BUF_OWN;
    make_pipe(fds);
    struct firing f = {.fd = fds[0], .c = cancel_new(NULL)};
    assert_int_equal(pthread_create(&t, NULL, fire_when_started, &f), 0);
    struct proc_spec spec = {.argv = SH(TREE), .fd = {{fds[1], 3}}, .n_fd = 1};
    FAILS(proc_run(&spec, &out, -1, f.c, &code, &e), ERR_CANCELLED);
    assert_int_equal(pthread_join(t, NULL), 0);
    close(fds[1]);
    assert_true(all_gone(fds[0]));
    close(fds[0]);
    cancel_unref(f.c);
    buf_free(&out);
}

/* What stays behind holds our pipe open; the end of the child is the end all the same. */
static void test_left_behind(void **state)
{
    (void)state;
    int fds[2];
    make_pipe(fds);
    CLEANUP(mem_free_p)
    char *out = output_of(&(struct proc_spec){.argv = SH("tail -f /dev/null & echo done"),
                                              .fd = {{fds[1], 3}},
                                              .n_fd = 1},
                          0);
    assert_string_equal(out, "done\n");
    close(fds[1]);
    assert_true(all_gone(fds[0]));
    close(fds[0]);
}

/* A child that closes its output early is waited for nonetheless. */
static void test_closed_output(void **state)
{
    (void)state;
    CLEANUP(mem_free_p)
    char *out = output_of(&(struct proc_spec){.argv = SH("echo a; exec >&-; cat; exit 7")}, 7);
    assert_string_equal(out, "a\n");
}

static int open_fds(void)
{
    int n = 0;
    for (int fd = 0; fd < 256; fd++)
        n += fcntl(fd, F_GETFD) >= 0;
    return n;
}

/* Last: nothing above, whether it went well or not, kept a descriptor. */
static int fds_at_start;

static void test_no_leak(void **state)
{
    (void)state;
    assert_int_equal(open_fds(), fds_at_start);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_output),
        cmocka_unit_test(test_signal),
        cmocka_unit_test(test_output_cap),
        cmocka_unit_test(test_closed),
        cmocka_unit_test(test_swapped),
        cmocka_unit_test(test_signals_are_default),
        cmocka_unit_test(test_surroundings),
        cmocka_unit_test(test_not_started),
        cmocka_unit_test(test_relative_path),
        cmocka_unit_test(test_signal_and_reap),
        cmocka_unit_test(test_deadline_kills_all),
        cmocka_unit_test(test_cancel_kills_all),
        cmocka_unit_test(test_left_behind),
        cmocka_unit_test(test_closed_output),
        cmocka_unit_test(test_no_leak),
    };
    fds_at_start = open_fds();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
