/* SPDX-License-Identifier: MIT
 *
 * launch: makes the arguments and the environment of tau-exec, and reads what it tells. The other
 * side is src/exec: plan.c has the arguments, watch.c the lines of the status.
 */
#include "policy/launch.h"

#include "base/clock.h"
#include "base/digest.h"
#include "base/fs.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { STATUS_FD = 3, LIFELINE_FD = 4, STATUS_MAX = 4096, STATUS_TRIES = 64 };

#define FALLBACK_PATH "/usr/local/bin:/usr/bin:/bin"

/* ---- where tau-exec is ---- */

static const char *exec_path;
static pthread_once_t exec_looked = PTHREAD_ONCE_INIT;

static void exec_look(void)
{
    char self[PATH_MAX];
    if (exec_path)
        return; /* it was said which */
    ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
    self[n > 0 ? n : 0] = '\0';
    char *slash = strrchr(self, '/');
    char *beside = slash ? mem_printf("%.*s/tau-exec", (int)(slash - self), self) : NULL;
    if (beside && access(beside, X_OK) == 0) {
        exec_path = beside;
        return;
    }
    free(beside);
    if (access(TAU_LIBEXECDIR "/tau-exec", X_OK) == 0)
        exec_path = TAU_LIBEXECDIR "/tau-exec";
}

const char *launch_exec_path(struct err *e)
{
    pthread_once(&exec_looked, exec_look);
    if (!exec_path)
        err_set(e, ERR_SPAWN, "tau-exec is neither beside tau nor in %s", TAU_LIBEXECDIR);
    return exec_path;
}

void launch_use_exec(const char *path)
{
    exec_path = path;
}

/* ---- a list of strings, all owned ---- */

struct list {
    VEC(char *) v;
};

static void list_add(struct list *l, char *owned)
{
    VEC_PUSH(&l->v, owned);
}

static void list_add2(struct list *l, const char *name, char *owned)
{
    list_add(l, mem_strdup(name));
    list_add(l, owned);
}

static void list_free(struct list *l)
{
    for (size_t i = 0; i < l->v.n; i++)
        free(l->v.v[i]);
    free(l->v.v);
}

/* ---- what the command is given ---- */

struct setup {
    const struct launch_spec *spec;
    enum sandbox_level level;
    const char *exec;
    char *work, *cwd; /* real paths */
    char *home;       /* what HOME says to the command */
    char *scratch;    /* NULL: /tmp does */
    struct list argv, envp;
};

static void setup_free(struct setup *s)
{
    free(s->work);
    free(s->cwd);
    free(s->home);
    free(s->scratch);
    list_free(&s->argv);
    list_free(&s->envp);
}

/* What a command may know of our environment, and nothing else. A name ending in '*' is a head. */
static const char *const passed[] = {"LANG", "LANGUAGE", "LC_*", "LOGNAME", "SHELL", "TZ", "USER"};

/* So that nothing waits for a person or draws on a screen that is not there. */
static const char *const fixed[] = {"TERM=dumb", "PAGER=cat", "GIT_PAGER=cat",
                                    "GIT_TERMINAL_PROMPT=0"};

static bool is_passed(const char *pair)
{
    const char *eq = strchr(pair, '=');
    struct str name = str_make(pair, eq ? (size_t)(eq - pair) : 0);
    for (size_t i = 0; i < ARRAY_LEN(passed); i++) {
        struct str row = str_of(passed[i]);
        bool head = str_ends(row, "*");
        if (head ? name.n >= row.n - 1 && memcmp(name.p, row.p, row.n - 1) == 0 : str_eq(name, row))
            return true;
    }
    return false;
}

static void make_env(struct setup *s)
{
    const char *path = getenv("PATH");
    const char *tmp = getenv("TMPDIR");
    if (s->level == SANDBOX_BWRAP || !tmp || tmp[0] != '/')
        tmp = "/tmp";
    for (char **v = environ; *v; v++)
        if (is_passed(*v))
            list_add(&s->envp, mem_strdup(*v));
    for (size_t i = 0; i < ARRAY_LEN(fixed); i++)
        list_add(&s->envp, mem_strdup(fixed[i]));
    list_add(&s->envp, mem_printf("PATH=%s", path && path[0] ? path : FALLBACK_PATH));
    list_add(&s->envp, mem_printf("HOME=%s", s->home));
    list_add(&s->envp, mem_printf("TMPDIR=%s", s->scratch ? s->scratch : tmp));
    list_add(&s->envp, mem_printf("TAU_SANDBOXED=%s", sandbox_level_name(s->level)));
    for (size_t i = 0; s->spec->env && s->spec->env[i]; i++)
        list_add(&s->envp, mem_strdup(s->spec->env[i]));
    list_add(&s->envp, NULL);
}

/* Paths as real paths, since mounts and Landlock know only those; what is missing is left out. */
static bool add_paths(struct list *argv, const char *name, const char *const *paths, struct err *e)
{
    for (size_t i = 0; paths && paths[i]; i++) {
        struct err missing = ERR_INIT;
        if (i == SANDBOX_PATHS_MAX)
            return err_set(e, ERR_INVALID, "more than %d paths in a list", SANDBOX_PATHS_MAX);
        char *real = fs_real(paths[i], &missing);
        if (real)
            list_add2(argv, name, real);
    }
    return true;
}

static void add_count(struct list *argv, const char *name, uint64_t n)
{
    if (n)
        list_add2(argv, name, mem_printf("%llu", (unsigned long long)MIN(n, (uint64_t)INT64_MAX)));
}

static void add_command(struct setup *s)
{
    static const char *const bash[] = {"/bin/bash", "--noprofile", "--norc", "-c"};
    static const char *const sh[] = {"/bin/sh", "-c"};
    list_add(&s->argv, mem_strdup("--"));
    for (size_t i = 0; !s->spec->command && s->spec->argv[i]; i++)
        list_add(&s->argv, mem_strdup(s->spec->argv[i]));
    if (s->spec->command) {
        bool has_bash = access(bash[0], X_OK) == 0;
        for (size_t i = 0; i < (has_bash ? ARRAY_LEN(bash) : ARRAY_LEN(sh)); i++)
            list_add(&s->argv, mem_strdup(has_bash ? bash[i] : sh[i]));
        list_add(&s->argv, mem_strdup(s->spec->command));
    }
    list_add(&s->argv, NULL);
}

static void add_hidden(struct list *argv)
{
    struct sandbox_hidden h;
    sandbox_hidden_find(&h);
    for (size_t i = 0; i < h.n; i++)
        list_add2(argv, "--hide", mem_strdup(h.path[i]));
    sandbox_hidden_free(&h);
}

static bool make_argv(struct setup *s, struct err *e)
{
    const struct launch_spec *spec = s->spec;
    const struct sandbox_profile *p = spec->profile;
    struct list *a = &s->argv;
    list_add(a, mem_strdup(s->exec));
    list_add2(a, "--level", mem_printf("%d", (int)s->level));
    list_add2(a, "--status", mem_printf("%d", STATUS_FD));
    list_add2(a, "--grace-ms", mem_printf("%d", LAUNCH_GRACE_MS));
    list_add2(a, "--work", mem_strdup(s->work));
    list_add2(a, "--cwd", mem_strdup(s->cwd));
    if (spec->detached)
        list_add(a, mem_strdup("--detached"));
    else
        list_add2(a, "--lifeline", mem_printf("%d", LIFELINE_FD));
    if (s->scratch)
        list_add2(a, "--scratch", mem_strdup(s->scratch));
    if (s->level == SANDBOX_BWRAP && strcmp(s->home, s->work) != 0 && strcmp(s->home, "/") != 0)
        list_add2(a, "--home", mem_strdup(s->home));
    if (p->network)
        list_add(a, mem_strdup("--net"));
    if (p->unix_sockets)
        list_add(a, mem_strdup("--unix"));
    add_count(a, "--abi", spec->landlock_abi > 0 ? (uint64_t)spec->landlock_abi : 0);
    add_count(a, "--cpu", p->limit.cpu_s);
    add_count(a, "--file-bytes", p->limit.file_bytes);
    add_count(a, "--processes", p->limit.processes);
    add_count(a, "--descriptors", p->limit.descriptors);
    if (!add_paths(a, "--read", p->read, e) || !add_paths(a, "--write", p->write, e) ||
        !add_paths(a, "--protect", p->protect, e))
        return false;
    if (s->level == SANDBOX_BWRAP)
        add_hidden(a);
    add_command(s);
    return true;
}

/* With Landlock alone /tmp is everybody's and so not granted: a directory of its own, which is also
 * the home. tau-exec makes it, and removes it at the end. */
static bool make_places(struct setup *s, struct err *e)
{
    const char *home = getenv("HOME");
    const char *tmp = getenv("TMPDIR");
    s->home = mem_strdup(home && home[0] == '/' ? home : "/");
    if (s->level != SANDBOX_LANDLOCK)
        return true;
    uint64_t name;
    random_bytes(&name, sizeof(name));
    CLEANUP(mem_free_p) char *real = fs_real(tmp && tmp[0] == '/' ? tmp : "/tmp", e);
    if (!real)
        return false;
    s->scratch = mem_printf("%s/tau-run-%016llx", real, (unsigned long long)name);
    if (strcmp(s->home, s->work) != 0) {
        free(s->home);
        s->home = mem_strdup(s->scratch);
    }
    return true;
}

static bool check(const struct launch_spec *spec, struct err *e)
{
    if (!spec->command && (!spec->argv || !spec->argv[0]))
        return err_set(e, ERR_INVALID, "no command");
    if (spec->command && strlen(spec->command) > LAUNCH_COMMAND_MAX)
        return err_set(e, ERR_TOO_LARGE, "the command is longer than %d bytes", LAUNCH_COMMAND_MAX);
    if (!spec->profile->workspace || spec->profile->workspace[0] != '/')
        return err_set(e, ERR_INVALID, "the workspace is not an absolute path");
    return true;
}

static bool setup_make(struct setup *s, struct err *e)
{
    if (!check(s->spec, e) || !sandbox_choose(s->spec->profile, &s->level, e))
        return false;
    s->exec = launch_exec_path(e);
    s->work = s->exec ? fs_real(s->spec->profile->workspace, e) : NULL;
    s->cwd = s->work ? fs_real(s->spec->cwd ? s->spec->cwd : s->work, e) : NULL;
    if (!s->cwd || !make_places(s, e) || !make_argv(s, e))
        return false;
    make_env(s);
    return true;
}

/* ---- starting ---- */

/* Our end does not block when it is the reading one. */
static bool open_pipe(int *ret_read, int *ret_write, bool we_read, struct err *e)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0)
        return err_sys(e, ERR_SPAWN, errno, "pipe");
    *ret_read = ends[0];
    *ret_write = ends[1];
    if (we_read && fcntl(ends[0], F_SETFL, O_NONBLOCK) < 0)
        return err_sys(e, ERR_SPAWN, errno, "pipe");
    return true;
}

struct ends {
    int out, err, status, lifeline;
};

static void ends_close_p(struct ends *x)
{
    fd_close_p(&x->out);
    fd_close_p(&x->err);
    fd_close_p(&x->status);
    fd_close_p(&x->lifeline);
}

static void give(struct proc_spec *p, int from, int to)
{
    if (from < 0)
        return;
    p->fd[p->n_fd].from = from;
    p->fd[p->n_fd++].to = to;
}

static void close_ours(struct launched *l)
{
    fd_close_p(&l->out_fd);
    fd_close_p(&l->err_fd);
    fd_close_p(&l->status_fd);
    fd_close_p(&l->lifeline_fd);
    fd_close_p(&l->proc.pidfd);
}

static bool start(const struct setup *s, struct launched *l, struct err *e)
{
    const struct launch_spec *spec = s->spec;
    CLEANUP(ends_close_p) struct ends far = {-1, -1, -1, -1};
    if (spec->out_to < 0 && !open_pipe(&l->out_fd, &far.out, true, e))
        return false;
    if (spec->separate_stderr && !open_pipe(&l->err_fd, &far.err, true, e))
        return false;
    if (spec->status_to < 0 && !open_pipe(&l->status_fd, &far.status, true, e))
        return false;
    if (!spec->detached && !open_pipe(&far.lifeline, &l->lifeline_fd, false, e))
        return false;
    struct proc_spec p = {.argv = (const char *const *)s->argv.v.v,
                          .envp = (const char *const *)s->envp.v.v,
                          .cwd = "/",
                          .new_session = true};
    int out = spec->out_to >= 0 ? spec->out_to : far.out;
    give(&p, spec->stdin_from, STDIN_FILENO);
    give(&p, out, STDOUT_FILENO);
    give(&p, far.err >= 0 ? far.err : out, STDERR_FILENO);
    give(&p, spec->status_to >= 0 ? spec->status_to : far.status, STATUS_FD);
    give(&p, far.lifeline, LIFELINE_FD);
    return proc_start(&l->proc, &p, e);
}

bool launch_start(const struct launch_spec *spec, struct launched *l, struct err *e)
{
    struct setup s = {.spec = spec};
    struct launched made = {.proc = {.pidfd = -1},
                            .out_fd = -1,
                            .err_fd = -1,
                            .status_fd = -1,
                            .lifeline_fd = -1,
                            .started_ms = clock_mono_ms()};
    bool ok = setup_make(&s, e) && start(&s, &made, e);
    if (ok) {
        made.level = s.level;
        *l = made;
    } else {
        close_ours(&made);
    }
    setup_free(&s);
    return ok;
}

/* ---- the end ---- */

void launch_cancel(const struct launched *l)
{
    proc_signal(&l->proc, SIGTERM);
}

void launch_forget(struct launched *l)
{
    struct proc kept = l->proc;
    l->proc.pidfd = -1;
    close_ours(l);
    l->proc = kept;
}

/* "exited 3 10 2 4096 0" */
static bool read_numbers(struct str rest, int64_t v[5])
{
    struct str field;
    size_t n = 0;
    while (n < 5 && str_split(&rest, ' ', &field))
        if (!str_i64(field, &v[n]) || v[n] < 0 || v[n++] > INT_MAX)
            return false;
    return n == 5;
}

/* "STEP: reason": whose fault it was follows from the step. */
static bool read_failure(struct str text, struct err *e)
{
    if (str_starts(text, "end:"))
        return err_set(e, ERR_INTERNAL, "tau-exec: %.*s", STR_ARG(text));
    bool own = str_starts(text, "command:") || str_starts(text, "directory:");
    return err_set(e, own ? ERR_SPAWN : ERR_SANDBOX, "the command was not started: %.*s",
                   STR_ARG(text));
}

static bool read_end(struct str line, struct launch_result *ret, struct err *e)
{
    struct str rest = line, word;
    int64_t v[5] = {0};
    if (!str_split(&rest, ' ', &word))
        return err_set(e, ERR_NOT_FOUND, "the command has not ended");
    if (str_is(word, "failed"))
        return read_failure(rest, e);
    bool signalled = str_is(word, "signalled");
    if ((!signalled && !str_is(word, "exited")) || !read_numbers(rest, v))
        return err_set(e, ERR_INTERNAL, "tau-exec: %.*s", STR_ARG(line));
    *ret = (struct launch_result){
        .end = signalled ? LAUNCH_SIGNALLED : LAUNCH_EXITED,
        .exit_code = (int)(signalled ? 128 + v[0] % 128 : v[0]),
        .signo = signalled ? (int)v[0] : 0,
        .user_ms = v[1],
        .sys_ms = v[2],
        .max_rss_kib = v[3],
        .killed = (int)v[4],
    };
    return true;
}

/* The first line that is complete is "started PID" or the failure; the second is the end. */
static void split_status(struct str text, int64_t *ret_pid, struct str *ret_end)
{
    struct str line;
    *ret_pid = 0;
    *ret_end = STR_NULL;
    while (str_index(text, '\n') >= 0 && str_line(&text, &line)) {
        if (str_starts(line, "started ") && str_i64(str_sub(line, 8, line.n), ret_pid))
            continue;
        *ret_end = line;
    }
}

bool launch_read_status(struct str text, struct launch_result *ret, struct err *e)
{
    int64_t pid;
    struct str end;
    split_status(text, &pid, &end);
    return read_end(end, ret, e);
}

/* Reads what is there; false at the end. */
static bool drain(int fd, struct buf *b)
{
    for (int i = 0; i < STATUS_TRIES; i++) {
        char chunk[512];
        ssize_t n = read(fd, chunk, sizeof(chunk));
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0;
        buf_add(b, chunk, (size_t)n);
    }
    return true;
}

/* Until tau-exec is gone. Answers why the end was asked for, or CANCEL_READY when it came alone. */
static enum cancel_wait wait_end(struct launched *l, struct cancel *c, int64_t deadline_ms,
                                 struct buf *said)
{
    enum cancel_wait asked = CANCEL_READY;
    for (;;) {
        struct pollfd fds[] = {{.fd = l->proc.pidfd, .events = POLLIN},
                               {.fd = l->status_fd, .events = POLLIN}};
        enum cancel_wait how =
            cancel_wait_fds(asked == CANCEL_READY ? c : NULL, fds, ARRAY_LEN(fds), deadline_ms);
        if (how == CANCEL_READY) {
            if (fds[1].revents && !drain(l->status_fd, said))
                fd_close_p(&l->status_fd);
            if (fds[0].revents)
                return asked;
        } else if (asked == CANCEL_READY) {
            asked = how;
            launch_cancel(l);
            deadline_ms = clock_mono_ms() + LAUNCH_END_MS;
        } else {
            return asked; /* even tau-exec does not end */
        }
    }
}

/* tau-exec was killed, or hangs: what can still be done is done. The command had its own group. */
static void last_resort(struct launched *l, int64_t pid)
{
    if (pid > 1 && pid <= INT_MAX)
        kill(-(pid_t)pid, SIGKILL);
    proc_signal(&l->proc, SIGKILL);
}

bool launch_wait(struct launched *l, struct cancel *c, int64_t deadline_ms,
                 struct launch_result *ret, struct err *e)
{
    CLEANUP(buf_free) struct buf said = BUF_INIT(STATUS_MAX);
    int64_t pid;
    struct str end;
    int status = 0;
    enum cancel_wait asked = wait_end(l, c, deadline_ms, &said);
    if (l->status_fd >= 0)
        drain(l->status_fd, &said);
    split_status(buf_view(&said), &pid, &end);
    if (end.n == 0)
        last_resort(l, pid);
    bool ok = proc_reap(&l->proc, &status, e);
    close_ours(l);
    struct launch_result result = {.end = LAUNCH_EXITED};
    bool by_us = asked != CANCEL_READY || (WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
    if (ok && end.n == 0 && by_us && pid == 0)
        result.end = LAUNCH_CANCELLED; /* asked to end before it had begun */
    else if (ok && end.n == 0)
        ok = err_set(e, ERR_INTERNAL, "tau-exec ended without a word (status %d)", status);
    else if (ok)
        ok = read_end(end, &result, e);
    if (!ok)
        return false;
    if (asked == CANCEL_FIRED)
        result.end = LAUNCH_CANCELLED;
    if (asked == CANCEL_DEADLINE)
        result.end = LAUNCH_TIMED_OUT;
    result.elapsed_ms = clock_mono_ms() - l->started_ms;
    *ret = result;
    return true;
}
