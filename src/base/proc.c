/* SPDX-License-Identifier: MIT
 *
 * proc: children by posix_spawn and pidfd. The descriptors of a child are first copied above every
 * number that it will use, so that no copy to its place can hit one that is still needed.
 */
#include "base/proc.h"

#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define DEFAULT_PATH "/usr/local/bin:/usr/bin:/bin"

enum { READ_CHUNK = 16 * 1024, READS_PER_ROUND = 16 };

/* ---- finding the program ---- */

static bool is_program(const char *path)
{
    struct stat st;
    return access(path, X_OK) == 0 && stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

/* The path to run, malloc'd. Relative directories of PATH are passed over: which program runs must
 * not depend on where, since the directory may be anybody's. */
static char *find_program(const char *name, struct err *e)
{
    if (strchr(name, '/'))
        return mem_strdup(name);
    const char *path = getenv("PATH");
    struct str rest = str_of(path ? path : DEFAULT_PATH), dir;
    while (str_split(&rest, ':', &dir)) {
        if (!str_starts(dir, "/"))
            continue;
        char *candidate = mem_printf("%.*s/%s", STR_ARG(dir), name);
        if (is_program(candidate))
            return candidate;
        free(candidate);
    }
    err_set(e, ERR_SPAWN, "%s: no such program in PATH", name);
    return NULL;
}

bool proc_find(const char *name)
{
    struct err unused = ERR_INIT;
    char *path = find_program(name, &unused);
    bool found = path && is_program(path);
    free(path);
    return found;
}

/* ---- descriptors ---- */

struct spare {
    int fd[PROC_FD_MAX];
    size_t n;
};

static void spare_close_p(struct spare *s)
{
    while (s->n)
        fd_close_p(&s->fd[--s->n]);
}

static bool spare_copy(struct spare *s, const struct proc_spec *spec, struct err *e)
{
    TAU_ASSERT(spec->n_fd <= PROC_FD_MAX);
    for (size_t i = 0; i < spec->n_fd; i++) {
        TAU_ASSERT(spec->fd[i].to >= 0 && spec->fd[i].to < PROC_FD_TO);
        int fd = fcntl(spec->fd[i].from, F_DUPFD_CLOEXEC, PROC_FD_TO);
        if (fd < 0)
            return err_sys(e, ERR_SPAWN, errno, "descriptor %d", spec->fd[i].from);
        s->fd[s->n++] = fd;
    }
    return true;
}

/* Every number up to the highest gets what the child shall have there, the rest is closed. */
static int plan_fds(posix_spawn_file_actions_t *actions, const struct proc_spec *spec,
                    const struct spare *s)
{
    int source[PROC_FD_TO], why = 0, most = STDERR_FILENO;
    for (size_t i = 0; i < PROC_FD_TO; i++)
        source[i] = -1;
    for (size_t i = 0; i < spec->n_fd; i++) {
        source[spec->fd[i].to] = s->fd[i];
        most = MAX(most, spec->fd[i].to);
    }
    for (int to = 0; to <= most && !why; to++) {
        if (source[to] >= 0)
            why = posix_spawn_file_actions_adddup2(actions, source[to], to);
        else if (to <= STDERR_FILENO)
            why = posix_spawn_file_actions_addopen(actions, to, "/dev/null", O_RDWR, 0);
        else
            why = posix_spawn_file_actions_addclose(actions, to);
    }
    return why ? why : posix_spawn_file_actions_addclosefrom_np(actions, most + 1);
}

/* ---- starting ---- */

static int plan_attributes(posix_spawnattr_t *attr, const struct proc_spec *spec)
{
    sigset_t none, all;
    short flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
    if (spec->new_session)
        flags |= POSIX_SPAWN_SETSID;
    if (spec->foreground)
        flags |= POSIX_SPAWN_SETPGROUP;
    sigemptyset(&none);
    sigfillset(&all);
    int why = posix_spawnattr_setflags(attr, flags);
    if (!why)
        why = posix_spawnattr_setsigmask(attr, &none);
    return why ? why : posix_spawnattr_setsigdefault(attr, &all);
}

static int spawn(pid_t *ret_pid, const char *path, const struct proc_spec *spec,
                 const struct spare *s)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attr;
    char *const *argv = (char *const *)(uintptr_t)spec->argv;
    char *const *envp = spec->envp ? (char *const *)(uintptr_t)spec->envp : environ;
    int why = posix_spawn_file_actions_init(&actions);
    if (why)
        return why;
    why = posix_spawnattr_init(&attr);
    if (why) {
        posix_spawn_file_actions_destroy(&actions);
        return why;
    }
    why = plan_attributes(&attr, spec);
    if (!why && spec->cwd)
        why = posix_spawn_file_actions_addchdir_np(&actions, spec->cwd);
    if (!why)
        why = plan_fds(&actions, spec, s);
    if (!why && spec->foreground)
        why = posix_spawn_file_actions_addtcsetpgrp_np(&actions, STDIN_FILENO);
    if (!why)
        why = posix_spawn(ret_pid, path, &actions, &attr, argv, envp);
    posix_spawnattr_destroy(&attr);
    posix_spawn_file_actions_destroy(&actions);
    return why;
}

static bool not_started(const char *path, const struct proc_spec *spec, int why, struct err *e)
{
    struct stat st;
    if (spec->cwd && stat(spec->cwd, &st) < 0)
        return err_sys(e, ERR_NOT_FOUND, errno, "%s", spec->cwd);
    return err_sys(e, ERR_SPAWN, why, "%s", path);
}

static bool wait_for(pid_t pid, int *ret_status, struct err *e)
{
    pid_t got;
    do
        got = waitpid(pid, ret_status, 0);
    while (got < 0 && errno == EINTR);
    return got == pid || err_sys(e, ERR_INTERNAL, errno, "wait for process %d", (int)pid);
}

bool proc_start(struct proc *p, const struct proc_spec *spec, struct err *e)
{
    CLEANUP(spare_close_p) struct spare spare = {.n = 0};
    CLEANUP(mem_free_p) char *path = find_program(spec->argv[0], e);
    pid_t pid;
    if (!path || !spare_copy(&spare, spec, e))
        return false;
    int why = spawn(&pid, path, spec, &spare);
    if (why)
        return not_started(path, spec, why, e);
    /* Until somebody waits for it the number can not go to another process. */
    int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
    if (pidfd < 0) {
        int status;
        struct err ignored = ERR_INIT;
        err_sys(e, ERR_SPAWN, errno, "%s: pidfd", path);
        kill(pid, SIGKILL);
        (void)wait_for(pid, &status, &ignored); /* the first failure is the one to tell */
        return false;
    }
    *p = (struct proc){.pid = pid, .pidfd = pidfd};
    return true;
}

/* ---- afterwards ---- */

bool proc_reap(struct proc *p, int *ret_status, struct err *e)
{
    int status = 0;
    bool ok = wait_for(p->pid, &status, e);
    fd_close_p(&p->pidfd);
    if (ok)
        *ret_status = status;
    return ok;
}

void proc_signal(const struct proc *p, int signo)
{
    if (p->pidfd >= 0)
        syscall(SYS_pidfd_send_signal, p->pidfd, signo, NULL, 0);
}

void proc_signal_group(const struct proc *p, int signo)
{
    if (p->pidfd >= 0)
        kill(-p->pid, signo);
}

/* ---- helpers to their end ---- */

/* Reads what is there, without waiting, but not for ever: at least what a pipe holds, so that one
 * round after the child ended has its last words. False at the end of the file. */
static bool drain(int fd, struct buf *out)
{
    char chunk[READ_CHUNK];
    for (int i = 0; i < READS_PER_ROUND; i++) {
        ssize_t n = read(fd, chunk, sizeof(chunk));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errno == EAGAIN;
        if (n == 0)
            return false;
        size_t fits = out ? MIN((size_t)n, out->max - out->len) : 0;
        if (fits)
            buf_add(out, chunk, fits);
        if (out && fits < (size_t)n)
            out->full = true;
    }
    return true;
}

/* Until the child ended, the token fired or the deadline passed. */
static enum cancel_wait watch(const struct proc *p, int fd, struct buf *out, int64_t deadline_ms,
                              struct cancel *c)
{
    struct pollfd fds[2] = {{.fd = p->pidfd, .events = POLLIN}, {.fd = fd, .events = POLLIN}};
    for (;;) {
        enum cancel_wait how = cancel_wait_fds(c, fds, 2, deadline_ms);
        if (how != CANCEL_READY)
            return how;
        bool open = fds[1].fd < 0 || drain(fd, out);
        if (fds[0].revents)
            return CANCEL_READY;
        if (!open)
            fds[1].fd = -1; /* else poll would report its end again and again */
    }
}

/* A pipe whose reading end does not block; the writing end does, as every program expects. */
static bool make_pipe(int *ret_from, int *ret_to, struct err *e)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0)
        return err_sys(e, ERR_SPAWN, errno, "pipe");
    *ret_from = ends[0];
    *ret_to = ends[1];
    return fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0 || err_sys(e, ERR_SPAWN, errno, "pipe");
}

bool proc_run(const struct proc_spec *spec, struct buf *out, int64_t timeout_ms, struct cancel *c,
              int *ret_exit, struct err *e)
{
    CLEANUP(fd_close_p) int from = -1;
    CLEANUP(fd_close_p) int to = -1;
    int64_t deadline = CLOCK_NEVER;
    size_t before = out ? out->len : 0;
    struct proc p;
    int status;
    if (timeout_ms >= 0 && __builtin_add_overflow(clock_mono_ms(), timeout_ms, &deadline))
        deadline = CLOCK_NEVER;
    if (!make_pipe(&from, &to, e))
        return false;
    struct proc_spec own = *spec;
    TAU_ASSERT(own.n_fd < PROC_FD_MAX);
    own.fd[own.n_fd].from = to;
    own.fd[own.n_fd++].to = STDOUT_FILENO;
    own.new_session = true;
    if (!proc_start(&p, &own, e))
        return false;
    fd_close_p(&to);
    enum cancel_wait how = watch(&p, from, out, deadline, c);
    proc_signal_group(&p, SIGKILL);
    bool ok = proc_reap(&p, &status, e);
    if (ok && how == CANCEL_FIRED)
        ok = err_set(e, ERR_CANCELLED, "%s: stopped", spec->argv[0]);
    if (ok && how == CANCEL_DEADLINE)
        ok = err_set(e, ERR_TIMEOUT, "%s: no end after %lld ms", spec->argv[0],
                     (long long)timeout_ms);
    if (ok)
        *ret_exit = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    else if (out)
        buf_truncate(out, before);
    return ok;
}
