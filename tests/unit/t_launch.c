/* SPDX-License-Identifier: MIT
 *
 * What is started is ended: each way to get away from one's parent, against each way to end. The
 * program runs itself again as the process that launches and is killed.
 */
#include "lib/test.h"

#include "policy/launch.h"

#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/proc.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { SOON_MS = 20000 };

struct place {
    char *dir;
    struct sandbox_profile profile;
    char mark[32]; /* how long our sleepers sleep: their name in /proc */
};

static void place_make(struct place *p, enum sandbox_level level)
{
    static int n;
    char *made = test_tmpdir("launch");
    struct err e = ERR_INIT;
    p->dir = fs_real(made, &e);
    free(made);
    assert_non_null(p->dir);
    p->profile = (struct sandbox_profile){.level = level, .required = true, .workspace = p->dir};
    snprintf(p->mark, sizeof(p->mark), "7%d.%d", getpid(), ++n);
}

static void place_free(struct place *p)
{
    struct err e = ERR_INIT;
    OK(fs_remove_tree(p->dir, &e));
    free(p->dir);
}

/* How many processes have the mark as an argument, wherever they went. */
static int count_marked(const char *mark)
{
    int n = 0;
    DIR *proc = opendir("/proc");
    for (struct dirent *d; (d = readdir(proc));) {
        char path[300];
        char line[4096];
        snprintf(path, sizeof(path), "/proc/%.200s/cmdline", d->d_name);
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        ssize_t got = fd < 0 ? 0 : read(fd, line, sizeof(line) - 1);
        fd_close_p(&fd);
        if (got <= 0)
            continue;
        line[got] = '\0';
        const char *second = line + strlen(line) + 1;
        if (strcmp(line, "sleep") == 0 && second < line + got && strcmp(second, mark) == 0)
            n++;
    }
    closedir(proc);
    return n;
}

/* Reads until `until` was seen, or to the end when it is NULL. */
static void read_output(int fd, const char *until, struct buf *out)
{
    int64_t deadline = clock_mono_ms() + SOON_MS;
    while (!until || !strstr(buf_cstr(out), until)) {
        char chunk[65536];
        assert_int_equal(cancel_wait_fd(NULL, fd, POLLIN, deadline), CANCEL_READY);
        ssize_t n = read(fd, chunk, sizeof(chunk));
        if (n == 0)
            return;
        if (n > 0)
            assert_true(buf_add(out, chunk, (size_t)n));
    }
}

static struct launch_result run(const struct launch_spec *spec, struct buf *out)
{
    struct err e = ERR_INIT;
    struct launched l;
    struct launch_result r;
    OK(launch_start(spec, &l, &e));
    read_output(l.out_fd, NULL, out);
    OK(launch_wait(&l, NULL, clock_mono_ms() + SOON_MS, &r, &e));
    return r;
}

static void each_level(void (*test)(enum sandbox_level level))
{
    for (int i = SANDBOX_NONE; i <= (int)sandbox_probe()->best; i++)
        test((enum sandbox_level)i);
}

/* ---- results ---- */

static void result_at(enum sandbox_level level)
{
    struct place p;
    CLEANUP(buf_free) struct buf out = BUF_OWN;
    place_make(&p, level);
    struct launch_spec spec = LAUNCH_SPEC_INIT;
    spec.profile = &p.profile;
    spec.command = "pwd; echo err >&2; exit 7";
    struct launch_result r = run(&spec, &out);
    assert_int_equal(r.end, LAUNCH_EXITED);
    assert_int_equal(r.exit_code, 7);
    assert_int_equal(r.signo, 0);
    assert_int_equal(r.killed, 0);
    assert_true(r.max_rss_kib > 0);
    char *want = mem_printf("%s\nerr\n", p.dir);
    assert_string_equal(buf_cstr(&out), want);
    free(want);

    spec.command = "kill -SEGV $$";
    r = run(&spec, &out);
    assert_int_equal(r.end, LAUNCH_SIGNALLED);
    assert_int_equal(r.signo, SIGSEGV);
    assert_int_equal(r.exit_code, 128 + SIGSEGV);

    /* 137 is a code like any other when nobody killed it. */
    spec.command = "exit 137";
    r = run(&spec, &out);
    assert_int_equal(r.end, LAUNCH_EXITED);
    assert_int_equal(r.exit_code, 137);
    place_free(&p);
}

static void test_result(void **state)
{
    (void)state;
    each_level(result_at);
}

static void streams_at(enum sandbox_level level)
{
    struct place p;
    struct err e = ERR_INIT;
    struct launched l;
    struct launch_result r;
    CLEANUP(buf_free) struct buf out = BUF_OWN, err = BUF_OWN;
    int ends[2];
    place_make(&p, level);
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    assert_int_equal(write(ends[1], "hello\n", 6), 6);
    close(ends[1]);
    struct launch_spec spec = LAUNCH_SPEC_INIT;
    spec.profile = &p.profile;
    spec.command = "read a; echo $a $x; echo other >&2";
    spec.env = (const char *const[]){"x=more", NULL};
    spec.stdin_from = ends[0];
    spec.separate_stderr = true;
    OK(launch_start(&spec, &l, &e));
    close(ends[0]);
    read_output(l.out_fd, NULL, &out);
    read_output(l.err_fd, NULL, &err);
    OK(launch_wait(&l, NULL, CLOCK_NEVER, &r, &e));
    assert_string_equal(buf_cstr(&out), "hello more\n");
    assert_string_equal(buf_cstr(&err), "other\n");
    place_free(&p);
}

static void test_streams(void **state)
{
    (void)state;
    each_level(streams_at);
}

static void output_at(enum sandbox_level level)
{
    enum { BYTES = 20 * 1024 * 1024 };
    struct place p;
    CLEANUP(buf_free) struct buf out = BUF_OWN;
    place_make(&p, level);
    struct launch_spec spec = LAUNCH_SPEC_INIT;
    spec.profile = &p.profile;
    spec.command = "head -c 20971520 /dev/zero";
    assert_int_equal(run(&spec, &out).exit_code, 0);
    assert_int_equal(out.len, BYTES);
    place_free(&p);
}

static void test_output(void **state)
{
    (void)state;
    each_level(output_at);
}

/* ---- what is seen ---- */

static bool says(const struct launch_spec *spec, const char *text)
{
    CLEANUP(buf_free) struct buf out = BUF_OWN;
    run(spec, &out);
    return strstr(buf_cstr(&out), text) != NULL;
}

/* tau was started in the home, and in a directory that is hidden elsewhere. */
static void test_home(void **state)
{
    (void)state;
    struct place p;
    struct err e = ERR_INIT;
    if (!sandbox_probe()->bwrap)
        skip();
    place_make(&p, SANDBOX_BWRAP);
    static const char *const files[] = {".ssh/key", ".config/own/here", ".config/other/token"};
    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        CLEANUP(mem_free_p) char *path = fs_join(p.dir, files[i]);
        char *slash = strrchr(path, '/');
        *slash = '\0';
        OK(fs_mkdirs(path, 0755, &e));
        *slash = '/';
        OK(fs_replace(path, STR("sesame\n"), 0644, &e));
    }
    char *old = mem_strdup(getenv("HOME"));
    setenv("HOME", p.dir, 1);
    struct launch_spec spec = LAUNCH_SPEC_INIT;
    spec.profile = &p.profile;
    spec.command = "echo > new; cat .ssh/* ~/.ssh/key .config/*/*";
    assert_false(says(&spec, "sesame"));
    spec.command = "echo ~; ls -A; ls /";
    assert_true(says(&spec, "new"));
    char *own = mem_printf("%s/.config/own", p.dir);
    p.profile.workspace = own;
    spec.command = "cat here; cp here there; cat ../other/token";
    assert_true(says(&spec, "sesame"));
    spec.command = "cat ../other/token ~/.config/other/token ~/.ssh/key";
    assert_false(says(&spec, "sesame"));
    spec.command = "ls";
    assert_true(says(&spec, "there"));
    setenv("HOME", old ? old : "/", 1);
    free(own);
    free(old);
    place_free(&p);
}

/* ---- what is inherited ---- */

static void clean_at(enum sandbox_level level)
{
    struct place p;
    CLEANUP(buf_free) struct buf out = BUF_OWN;
    place_make(&p, level);
    setenv("OPENAI_API_KEY", "sk-secret", 1);
    setenv("LD_LIBRARY_PATH", "/nowhere", 1);
    setenv("LC_TIME", "C", 1);
    int leak = open("/dev/null", O_RDWR);
    assert_true(leak >= 0 && dup2(leak, 77) == 77);
    struct launch_spec spec = LAUNCH_SPEC_INIT;
    spec.profile = &p.profile;
    spec.command = "env; for f in /proc/self/fd/*; do test -e $f && echo fd ${f##*/}; done";
    assert_int_equal(run(&spec, &out).exit_code & ~1, 0);
    close(77);
    close(leak);
    unsetenv("OPENAI_API_KEY");
    unsetenv("LD_LIBRARY_PATH");
    static const char *const known[] = {
        "LANG",   "LANGUAGE", "LOGNAME", "SHELL",         "TZ",
        "USER",   "TERM",     "PAGER",   "GIT_PAGER",     "GIT_TERMINAL_PROMPT",
        "PATH",   "HOME",     "TMPDIR",  "TAU_SANDBOXED", "PWD",
        "OLDPWD", "SHLVL",    "_"};
    struct str rest = buf_view(&out), line;
    bool time = false;
    while (str_line(&rest, &line)) {
        if (str_starts(line, "fd ")) {
            assert_true(str_is(line, "fd 0") || str_is(line, "fd 1") || str_is(line, "fd 2"));
            continue;
        }
        time = time || str_is(line, "LC_TIME=C");
        bool found = str_starts(line, "LC_");
        for (size_t i = 0; i < ARRAY_LEN(known); i++)
            found = found || (str_starts(line, known[i]) && line.p[strlen(known[i])] == '=');
        if (!found)
            fail_msg("in the environment: %.*s", STR_ARG(line));
    }
    assert_true(time);
    char *want = mem_printf("TAU_SANDBOXED=%s\n", sandbox_level_name(level));
    assert_non_null(strstr(buf_cstr(&out), want));
    assert_non_null(strstr(buf_cstr(&out), "TERM=dumb\n"));
    free(want);
    place_free(&p);
}

static void test_clean(void **state)
{
    (void)state;
    each_level(clean_at);
}

static void limits_at(enum sandbox_level level)
{
    struct place p;
    CLEANUP(buf_free) struct buf out = BUF_OWN;
    place_make(&p, level);
    p.profile.limit.cpu_s = 11;
    p.profile.limit.file_bytes = 4096;
    p.profile.limit.descriptors = 33;
    p.profile.limit.processes = 50;
    struct launch_spec spec = LAUNCH_SPEC_INIT;
    spec.profile = &p.profile;
    spec.command = "ulimit -St; ulimit -n; ulimit -f; ulimit -c; head -c 4096 /dev/zero > fits; "
                   "head -c 4097 /dev/zero > not; stat -c %s fits not";
    assert_int_equal(run(&spec, &out).exit_code, 0);
    assert_true(str_starts(buf_view(&out), "11\n33\n4\n0\n"));
    assert_true(str_ends(buf_view(&out), "4096\n4096\n"));
    /* More processes than allowed: a user gets no more, uid 0 loses all of them. */
    buf_clear(&out);
    spec.command = NULL; /* bash would try again for a while */
    spec.argv = (const char *const[]){
        "/bin/dash", "-c", "for i in 1 2 3 4 5 6 7 8; do sleep 30 & done; echo all; wait", NULL};
    p.profile.limit.processes = 4;
    struct launch_result r = run(&spec, &out);
    assert_true(sandbox_probe()->root || !strstr(buf_cstr(&out), "all"));
    assert_true(r.killed > 0);
    /* As many as allowed are fine: the shell and three. */
    spec.argv = (const char *const[]){"/bin/dash", "-c",
                                      "for i in 1 2 3; do sleep 0.3 & done; wait; exit 3", NULL};
    assert_int_equal(run(&spec, &out).exit_code, 3);
    place_free(&p);
}

static void test_limits(void **state)
{
    (void)state;
    each_level(limits_at);
}

/* ---- the end of all descendants ---- */

/* Every way out of a family that a shell has; the last one does not mind SIGTERM. */
static char *flee(const struct place *p, const char *then)
{
    return mem_printf("sleep %1$s & setsid sleep %1$s & nohup sleep %1$s >/dev/null 2>&1 &\n"
                      "(setsid sh -c '(sleep %1$s &) & (setsid sleep %1$s &)' &)\n"
                      "(trap '' TERM HUP; setsid sleep %1$s & disown; sleep %1$s &)\n"
                      "n=0; while [ $n -lt 7 ]; do n=0; for f in /proc/[0-9]*/cmdline; do\n"
                      "a=; b=; { read -r -d '' a; read -r -d '' b; } <$f\n"
                      "[ \"$a $b\" = 'sleep %1$s' ] && n=$((n + 1)); done; done 2>/dev/null\n"
                      "echo ready; %2$s",
                      p->mark, then);
}

static void cancel_at(enum sandbox_level level)
{
    struct place p;
    struct err e = ERR_INIT;
    struct launched l;
    struct launch_result r;
    CLEANUP(buf_free) struct buf out = BUF_OWN;
    struct cancel *c = cancel_new(NULL);
    place_make(&p, level);
    struct launch_spec spec = LAUNCH_SPEC_INIT;
    char *tail = flee(&p, "while :; do sleep 1; done");
    char *command = mem_printf("trap '' TERM; %s", tail);
    spec.profile = &p.profile;
    spec.command = command;
    OK(launch_start(&spec, &l, &e));
    read_output(l.out_fd, "ready", &out);
    assert_int_equal(count_marked(p.mark), 7);
    cancel_fire(c);
    OK(launch_wait(&l, c, CLOCK_NEVER, &r, &e));
    assert_int_equal(r.end, LAUNCH_CANCELLED);
    assert_int_equal(r.signo, SIGKILL);
    assert_true(r.killed >= 8 || level == SANDBOX_BWRAP);
    assert_int_equal(count_marked(p.mark), 0);
    free(command);
    free(tail);
    cancel_unref(c);
    place_free(&p);
}

static void test_cancel(void **state)
{
    (void)state;
    each_level(cancel_at);
}

static void deadline_at(enum sandbox_level level)
{
    struct place p;
    struct err e = ERR_INIT;
    struct launched l;
    struct launch_result r;
    CLEANUP(buf_free) struct buf out = BUF_OWN;
    place_make(&p, level);
    struct launch_spec spec = LAUNCH_SPEC_INIT;
    char *command = flee(&p, "wait");
    spec.profile = &p.profile;
    spec.command = command;
    OK(launch_start(&spec, &l, &e));
    read_output(l.out_fd, "ready", &out);
    OK(launch_wait(&l, NULL, clock_mono_ms(), &r, &e));
    assert_int_equal(r.end, LAUNCH_TIMED_OUT);
    assert_int_equal(count_marked(p.mark), 0);
    free(command);
    place_free(&p);
}

static void test_deadline(void **state)
{
    (void)state;
    each_level(deadline_at);
}

static void left_over_at(enum sandbox_level level)
{
    struct place p;
    CLEANUP(buf_free) struct buf out = BUF_OWN;
    place_make(&p, level);
    struct launch_spec spec = LAUNCH_SPEC_INIT;
    char *command = flee(&p, "exit 5");
    spec.profile = &p.profile;
    spec.command = command;
    struct launch_result r = run(&spec, &out);
    assert_int_equal(r.end, LAUNCH_EXITED);
    assert_int_equal(r.exit_code, 5);
    assert_int_equal(r.killed, 7);
    assert_int_equal(count_marked(p.mark), 0);
    free(command);
    place_free(&p);
}

static void test_left_over(void **state)
{
    (void)state;
    each_level(left_over_at);
}

/* A cancel that comes before anything happened is one too. */
static void early_at(enum sandbox_level level)
{
    struct place p;
    struct err e = ERR_INIT;
    struct launched l;
    struct launch_result r;
    place_make(&p, level);
    struct launch_spec spec = LAUNCH_SPEC_INIT;
    char *command = mem_printf("sleep %s", p.mark);
    spec.profile = &p.profile;
    spec.command = command;
    for (int i = 0; i < 10; i++) {
        OK(launch_start(&spec, &l, &e));
        launch_cancel(&l);
        launch_cancel(&l);
        OK(launch_wait(&l, NULL, clock_mono_ms() + i * 5, &r, &e));
        assert_int_equal(count_marked(p.mark), 0);
    }
    free(command);
    place_free(&p);
}

static void test_early(void **state)
{
    (void)state;
    each_level(early_at);
}

/* How many processes have this text in their arguments. */
static int count_with(const char *text)
{
    int n = 0;
    DIR *proc = opendir("/proc");
    for (struct dirent *d; (d = readdir(proc));) {
        char line[8192];
        CLEANUP(mem_free_p) char *path = mem_printf("/proc/%s/cmdline", d->d_name);
        CLEANUP(fd_close_p) int fd = open(path, O_RDONLY | O_CLOEXEC);
        ssize_t got = fd < 0 ? 0 : read(fd, line, sizeof(line));
        n += got > 0 && memmem(line, (size_t)got, text, strlen(text));
    }
    closedir(proc);
    return n;
}

/* Nobody stands still: each process starts another in a session of its own and ends at once. */
static void hoppers_at(enum sandbox_level level)
{
    struct place p;
    struct err e = ERR_INIT;
    struct launched l;
    struct launch_result r;
    CLEANUP(buf_free) struct buf out = BUF_OWN;
    struct cancel *c = cancel_new(NULL);
    CLEANUP(mem_free_p) char *self = realpath("/proc/self/exe", NULL);
    CLEANUP(mem_free_p) char *dir = mem_strdup(self);
    place_make(&p, level);
    *strrchr(dir, '/') = '\0';
    p.profile.read = (const char *const[]){dir, NULL};
    struct launch_spec spec = LAUNCH_SPEC_INIT;
    spec.profile = &p.profile;
    spec.argv = (const char *const[]){self, "hop", p.mark, NULL};
    OK(launch_start(&spec, &l, &e));
    read_output(l.out_fd, "ready", &out);
    assert_true(count_with(p.mark) > 0);
    cancel_fire(c);
    OK(launch_wait(&l, c, CLOCK_NEVER, &r, &e));
    assert_int_equal(r.end, LAUNCH_CANCELLED);
    assert_int_equal(count_with(p.mark), 0);
    cancel_unref(c);
    place_free(&p);
}

static void test_hoppers(void **state)
{
    (void)state;
    each_level(hoppers_at);
}

/* ---- the end of the launcher ---- */

/* Runs ourselves as the launcher in `mode`; answers tau-exec's pid once the command is ready. */
static pid_t start_launcher(struct proc *helper, const char *mode, const struct place *p)
{
    struct err e = ERR_INIT;
    CLEANUP(buf_free) struct buf out = BUF_OWN;
    int ends[2];
    int64_t pid = 0;
    char *self = realpath("/proc/self/exe", NULL);
    const char *argv[] = {self, mode, sandbox_level_name(p->profile.level), p->dir, p->mark, NULL};
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    struct proc_spec spec = {.argv = argv, .n_fd = 2};
    spec.fd[0].from = ends[1];
    spec.fd[0].to = 1;
    spec.fd[1].from = 2;
    spec.fd[1].to = 2;
    OK(proc_start(helper, &spec, &e));
    close(ends[1]);
    read_output(ends[0], "\n", &out);
    assert_true(str_i64(str_trim(buf_view(&out)), &pid));
    close(ends[0]);
    free(self);
    return (pid_t)pid;
}

static void launcher_killed_at(enum sandbox_level level)
{
    struct place p;
    struct err e = ERR_INIT;
    struct proc helper;
    int status;
    place_make(&p, level);
    pid_t pid = start_launcher(&helper, "launch", &p);
    assert_int_equal(count_marked(p.mark), 7);
    int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
    assert_true(pidfd >= 0);
    proc_signal(&helper, SIGKILL);
    OK(proc_reap(&helper, &status, &e));
    struct pollfd gone = {pidfd, POLLIN, 0};
    assert_int_equal(poll(&gone, 1, SOON_MS), 1);
    assert_int_equal(count_marked(p.mark), 0);
    close(pidfd);
    place_free(&p);
}

/* Killed at any moment of its launching; what it leaves is a tau-exec on its way out, or nothing.
 */
static void killed_early_at(enum sandbox_level level)
{
    enum { KILLS = 12, SPREAD_US = 30000 };
    struct place p;
    uint64_t random = test_seed();
    place_make(&p, level);
    for (int i = 0; i < KILLS; i++) {
        struct proc helper;
        struct err e = ERR_INIT;
        int status, ends[2];
        char *self = realpath("/proc/self/exe", NULL);
        const char *argv[] = {self, "launch", sandbox_level_name(level), p.dir, p.mark, NULL};
        assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
        struct proc_spec spec = {.argv = argv, .n_fd = 1};
        spec.fd[0].from = ends[1];
        spec.fd[0].to = 1;
        OK(proc_start(&helper, &spec, &e));
        close(ends[1]);
        int64_t until = clock_mono_us() + (int64_t)(test_random(&random) % SPREAD_US);
        while (clock_mono_us() < until)
            ;
        proc_signal(&helper, SIGKILL);
        OK(proc_reap(&helper, &status, &e));
        close(ends[0]);
        free(self);
    }
    /* The lifelines are closed; each supervisor that there is ends by itself. */
    int64_t deadline = clock_mono_ms() + SOON_MS;
    while (count_with(p.dir) + count_with(p.mark) > 0 && clock_mono_ms() < deadline)
        poll(NULL, 0, 5);
    assert_int_equal(count_with(p.dir), 0);
    assert_int_equal(count_with(p.mark), 0);
    place_free(&p);
}

static void test_killed_early(void **state)
{
    (void)state;
    each_level(killed_early_at);
}

static void test_launcher_killed(void **state)
{
    (void)state;
    each_level(launcher_killed_at);
}

static void detached_at(enum sandbox_level level)
{
    struct place p;
    struct err e = ERR_INIT;
    struct proc helper;
    struct launch_result r;
    CLEANUP(buf_free) struct buf text = BUF_OWN;
    int status;
    place_make(&p, level);
    pid_t pid = start_launcher(&helper, "detach", &p);
    int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
    assert_true(pidfd >= 0);
    proc_signal(&helper, SIGKILL);
    OK(proc_reap(&helper, &status, &e));
    char *status_path = mem_printf("%s.status", p.dir);
    char *out_path = mem_printf("%s.out", p.dir);
    OK(fs_read_file(status_path, &text, &e));
    FAILS(launch_read_status(buf_view(&text), &r, &e), ERR_NOT_FOUND);
    /* It goes on when its file appears, which only we make. */
    char *go = mem_printf("%s/go", p.dir);
    OK(fs_replace(go, STR("x"), 0600, &e));
    struct pollfd gone = {pidfd, POLLIN, 0};
    assert_int_equal(poll(&gone, 1, SOON_MS), 1);
    buf_clear(&text);
    OK(fs_read_file(status_path, &text, &e));
    OK(launch_read_status(buf_view(&text), &r, &e));
    assert_int_equal(r.exit_code, 3);
    buf_clear(&text);
    OK(fs_read_file(out_path, &text, &e));
    assert_string_equal(buf_cstr(&text), "went on\nbehind\n");
    unlink(status_path);
    unlink(out_path);
    free(status_path);
    free(out_path);
    free(go);
    close(pidfd);
    place_free(&p);
}

static void test_detached(void **state)
{
    (void)state;
    each_level(detached_at);
}

/* When even tau-exec is killed the command's group goes, and it is said. */
static void test_exec_killed(void **state)
{
    (void)state;
    struct place p;
    struct err e = ERR_INIT;
    struct launched l;
    struct launch_result r;
    CLEANUP(buf_free) struct buf out = BUF_OWN;
    place_make(&p, SANDBOX_NONE);
    struct launch_spec spec = LAUNCH_SPEC_INIT;
    char *command = mem_printf("sleep %s & echo ready; wait", p.mark);
    spec.profile = &p.profile;
    spec.command = command;
    OK(launch_start(&spec, &l, &e));
    read_output(l.out_fd, "ready", &out);
    proc_signal(&l.proc, SIGKILL);
    int out_fd = dup(l.out_fd);
    FAILS(launch_wait(&l, NULL, CLOCK_NEVER, &r, &e), ERR_INTERNAL);
    read_output(out_fd, NULL, &out); /* its end says that nobody is left */
    close(out_fd);
    free(command);
    place_free(&p);
}

/* ---- refusals ---- */

static void refused_at(enum sandbox_level level)
{
    struct place p;
    struct err e = ERR_INIT;
    struct launched l;
    struct launch_result r;
    place_make(&p, level);
    struct launch_spec spec = LAUNCH_SPEC_INIT;
    spec.profile = &p.profile;
    FAILS(launch_start(&spec, &l, &e), ERR_INVALID);
    spec.argv = (const char *const[]){"no-such-program-here", NULL};
    OK(launch_start(&spec, &l, &e));
    FAILS(launch_wait(&l, NULL, CLOCK_NEVER, &r, &e), ERR_SPAWN);
    assert_non_null(strstr(e.message, "no-such-program-here"));

    char *missing = mem_printf("%s/missing", p.dir);
    spec.cwd = missing;
    FAILS(launch_start(&spec, &l, &e), ERR_NOT_FOUND);
    free(missing);
    spec.cwd = NULL;

    char *longest = mem_new(LAUNCH_COMMAND_MAX + 2);
    memset(longest, ' ', LAUNCH_COMMAND_MAX);
    memcpy(longest, "exit 4", 6);
    spec.argv = NULL;
    spec.command = longest;
    CLEANUP(buf_free) struct buf out = BUF_OWN;
    assert_int_equal(run(&spec, &out).exit_code, 4);
    longest[LAUNCH_COMMAND_MAX] = ' ';
    FAILS(launch_start(&spec, &l, &e), ERR_TOO_LARGE);
    free(longest);
    place_free(&p);
}

static void test_refused(void **state)
{
    (void)state;
    each_level(refused_at);
}

static void test_paths_limit(void **state)
{
    (void)state;
    struct place p;
    struct err e = ERR_INIT;
    struct launched l;
    CLEANUP(buf_free) struct buf out = BUF_OWN;
    const char *roots[SANDBOX_PATHS_MAX + 2] = {NULL};
    place_make(&p, sandbox_probe()->best);
    for (size_t i = 0; i < SANDBOX_PATHS_MAX; i++)
        roots[i] = "/usr";
    p.profile.read = roots;
    struct launch_spec spec = LAUNCH_SPEC_INIT;
    spec.profile = &p.profile;
    spec.command = "exit 6";
    assert_int_equal(run(&spec, &out).exit_code, 6);
    roots[SANDBOX_PATHS_MAX] = "/usr";
    FAILS(launch_start(&spec, &l, &e), ERR_INVALID);
    place_free(&p);
}

static void test_status_text(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct launch_result r;
    OK(launch_read_status(STR("started 5\nsignalled 9 1 2 3 4\n"), &r, &e));
    assert_int_equal(r.exit_code, 137);
    assert_int_equal(r.killed, 4);
    FAILS(launch_read_status(STR("started 5\nexited 0 1 2"), &r, &e), ERR_NOT_FOUND);
    FAILS(launch_read_status(STR("started 5\nexited 0 1 2\n"), &r, &e), ERR_INTERNAL);
    FAILS(launch_read_status(STR("started 5\nwent 0 1 2 3 4\n"), &r, &e), ERR_INTERNAL);
    OK(launch_read_status(STR("exited 2147483647 1 2 3 4\n"), &r, &e));
    FAILS(launch_read_status(STR("exited 2147483648 1 2 3 4\n"), &r, &e), ERR_INTERNAL);
    FAILS(launch_read_status(STR("exited -1 1 2 3 4\n"), &r, &e), ERR_INTERNAL);
    FAILS(launch_read_status(STR("failed command: x: no\n"), &r, &e), ERR_SPAWN);
    FAILS(launch_read_status(STR("failed landlock: no\n"), &r, &e), ERR_SANDBOX);
    FAILS(launch_read_status(STR("started 5\nfailed end: some\n"), &r, &e), ERR_INTERNAL);
}

/* ---- the helper's side ---- */

static int launcher(const char *mode, const char *level, const char *dir, const char *mark)
{
    struct err e = ERR_INIT;
    struct launched l;
    struct place p = {.profile = {.required = true, .workspace = dir}};
    struct launch_spec spec = LAUNCH_SPEC_INIT;
    CLEANUP(buf_free) struct buf out = BUF_OWN;
    snprintf(p.mark, sizeof(p.mark), "%s", mark);
    bool detach = strcmp(mode, "detach") == 0;
    /* A test that fails half-way must not leave us behind. */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    char *status = mem_printf("%s.status", dir);
    char *output = mem_printf("%s.out", dir);
    spec.profile = &p.profile;
    spec.command = detach ? "while ! [ -e go ]; do :; done; echo went on; "
                            "(while [ -e go ]; do :; done; echo behind) & (setsid rm go &); exit 3"
                          : flee(&p, "wait");
    spec.detached = detach;
    if (detach) {
        spec.status_to = open(status, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        spec.out_to = open(output, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    }
    if (!sandbox_level_find(level, &p.profile.level) || !launch_start(&spec, &l, &e)) {
        fprintf(stderr, "launcher: %s\n", e.message);
        return 1;
    }
    if (detach)
        launch_forget(&l);
    else
        read_output(l.out_fd, "ready", &out);
    printf("%d\n", l.proc.pid);
    fflush(stdout);
    for (;;)
        pause();
}

enum { HOPPERS = 8 };

ATTR_NORETURN static void hop(void)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigaction(SIGTERM, &ignore, NULL);
    for (int i = 0; i < HOPPERS && fork() > 0; i++)
        ;
    if (write(1, "ready\n", 6) != 6)
        _exit(1);
    for (;;) {
        if (fork() > 0)
            _exit(0);
        setsid();
    }
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "hop") == 0)
        hop();
    launch_use_exec(test_program("tau-exec"));
    if (argc == 5)
        return launcher(argv[1], argv[2], argv[3], argv[4]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_result),          cmocka_unit_test(test_streams),
        cmocka_unit_test(test_output),          cmocka_unit_test(test_home),
        cmocka_unit_test(test_clean),           cmocka_unit_test(test_limits),
        cmocka_unit_test(test_cancel),          cmocka_unit_test(test_deadline),
        cmocka_unit_test(test_left_over),       cmocka_unit_test(test_early),
        cmocka_unit_test(test_hoppers),         cmocka_unit_test(test_killed_early),
        cmocka_unit_test(test_launcher_killed), cmocka_unit_test(test_detached),
        cmocka_unit_test(test_exec_killed),     cmocka_unit_test(test_refused),
        cmocka_unit_test(test_paths_limit),     cmocka_unit_test(test_status_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
