/* SPDX-License-Identifier: MIT
 *
 * meta: the calls on metadata, one row each, and signals where Landlock can not scope them.
 *
 * A file is found from the caller's own words (its working directory or descriptor, then the path),
 * opened by us without following magic links, and named by what the kernel says its path is. Inside
 * a root that may be written the call is done on that descriptor; anywhere else it is refused. A
 * file that has no path any more (a pipe, a deleted file) harms nobody. Setuid is refused
 * everywhere, setgid for anything but directories.
 *
 * We act as the same user without capabilities, so the kernel's own checks still hold.
 */
#include "exec/meta.h"

#include "base/fs.h"
#include "base/str.h"
#include "exec/reap.h"
#include "exec/rules.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <unistd.h>
#include <utime.h>

enum op { MODE, OWNER, TIMES_S, TIMES_US, TIMES_NS, SIGNAL, SIGNAL_FD };

enum { NO_ARG = -1, NOFOLLOW = -2, PAGE = 4096 };

/* Which argument is what. flags: NO_ARG follow links, NOFOLLOW never. */
static const struct call {
    int nr;
    enum op op;
    int dir, path, flags, value;
} calls[] = {
    {SCMP_SYS(chmod), MODE, NO_ARG, 0, NO_ARG, 1},
    {SCMP_SYS(fchmod), MODE, 0, NO_ARG, NO_ARG, 1},
    {SCMP_SYS(fchmodat), MODE, 0, 1, NO_ARG, 2},
    {NR_FCHMODAT2, MODE, 0, 1, 3, 2},
    {SCMP_SYS(chown), OWNER, NO_ARG, 0, NO_ARG, 1},
    {SCMP_SYS(lchown), OWNER, NO_ARG, 0, NOFOLLOW, 1},
    {SCMP_SYS(fchown), OWNER, 0, NO_ARG, NO_ARG, 1},
    {SCMP_SYS(fchownat), OWNER, 0, 1, 4, 2},
    {SCMP_SYS(utime), TIMES_S, NO_ARG, 0, NO_ARG, 1},
    {SCMP_SYS(utimes), TIMES_US, NO_ARG, 0, NO_ARG, 1},
    {SCMP_SYS(futimesat), TIMES_US, 0, 1, NO_ARG, 2},
    {SCMP_SYS(utimensat), TIMES_NS, 0, 1, 3, 2},
    /* only where Landlock can not keep signals inside (its ABI 6) */
    {SCMP_SYS(kill), SIGNAL, NO_ARG, NO_ARG, NO_ARG, 0},
    {SCMP_SYS(tkill), SIGNAL, NO_ARG, NO_ARG, NO_ARG, 0},
    {SCMP_SYS(tgkill), SIGNAL, NO_ARG, NO_ARG, NO_ARG, 0},
    {SCMP_SYS(rt_sigqueueinfo), SIGNAL, NO_ARG, NO_ARG, NO_ARG, 0},
    {SCMP_SYS(rt_tgsigqueueinfo), SIGNAL, NO_ARG, NO_ARG, NO_ARG, 0},
    {SCMP_SYS(pidfd_send_signal), SIGNAL_FD, NO_ARG, NO_ARG, NO_ARG, 0},
};

enum { SCOPED_SIGNALS_ABI = 6 };

struct request {
    const struct seccomp_notif *n;
    const struct call *call;
    int listener;
    char path[PATH_MAX];
};

int meta_call(const struct plan *p, size_t i)
{
    if (i >= ARRAY_LEN(calls))
        return META_END;
    if (calls[i].op >= SIGNAL && rules_abi(p) >= SCOPED_SIGNALS_ABI)
        return -1;
    return calls[i].nr;
}

static uint64_t arg(const struct request *r, int i)
{
    return r->n->data.args[i];
}

/* Copies n bytes of the caller. */
static bool peek(const struct request *r, uint64_t from, void *to, size_t n)
{
    struct iovec here = {.iov_base = to, .iov_len = n};
    struct iovec there = {.iov_base = (void *)(uintptr_t)from, .iov_len = n};
    return process_vm_readv((pid_t)r->n->pid, &here, 1, &there, 1, 0) == (ssize_t)n;
}

/* The caller's path, page by page, since the next page may not exist. 0 or an errno. */
static int peek_path(struct request *r, uint64_t from)
{
    for (size_t n = 0; n < sizeof(r->path);) {
        size_t piece = MIN(PAGE - (from + n) % PAGE, sizeof(r->path) - n);
        if (!peek(r, from + n, r->path + n, piece))
            return EFAULT;
        if (memchr(r->path + n, '\0', piece))
            return 0;
        n += piece;
    }
    return ENAMETOOLONG;
}

static int open_caller(const struct request *r, const char *what, int flags)
{
    char path[64];
    snprintf(path, sizeof(path), "/proc/%d/%s", (int)r->n->pid, what);
    return open(path, flags | O_CLOEXEC);
}

static int open_caller_fd(const struct request *r, int64_t fd)
{
    char what[32];
    if (fd == AT_FDCWD)
        return open_caller(r, "cwd", O_PATH);
    if (fd < 0) {
        errno = EBADF;
        return -1;
    }
    snprintf(what, sizeof(what), "fd/%d", (int)fd);
    int got = open_caller(r, what, O_PATH);
    if (got < 0 && errno == ENOENT)
        errno = EBADF;
    return got;
}

/* libc changes links through "/proc/self/fd/N", which means the caller's, not ours. */
static bool names_fd(const char *path, int64_t *ret_fd)
{
    static const char *const heads[] = {"/proc/self/fd/", "/proc/thread-self/fd/", "/dev/fd/"};
    for (size_t i = 0; i < ARRAY_LEN(heads); i++)
        if (str_starts(str_of(path), heads[i]) &&
            str_i64(str_of(path + strlen(heads[i])), ret_fd) && *ret_fd >= 0)
            return true;
    return false;
}

/* An O_PATH descriptor of the file that is meant, or -1 with errno. */
static int open_meant(struct request *r)
{
    const struct call *c = r->call;
    int64_t dir = c->dir >= 0 ? (int)arg(r, c->dir) : AT_FDCWD;
    int64_t named;
    uint64_t flags = c->flags >= 0 ? arg(r, c->flags) : 0;
    bool nofollow = c->flags == NOFOLLOW || (flags & AT_SYMLINK_NOFOLLOW);
    if (c->path == NO_ARG || arg(r, c->path) == 0) /* utimensat(fd, NULL, ...) */
        return open_caller_fd(r, dir);
    int error = peek_path(r, arg(r, c->path));
    if (error == 0 && r->path[0] == '\0' && !(flags & AT_EMPTY_PATH))
        error = ENOENT;
    if (error) {
        errno = error;
        return -1;
    }
    if (r->path[0] == '\0')
        return open_caller_fd(r, dir);
    if (names_fd(r->path, &named))
        return open_caller_fd(r, named);
    CLEANUP(fd_close_p)
    int base = r->path[0] == '/' ? open("/", O_PATH | O_CLOEXEC) : open_caller_fd(r, dir);
    if (base < 0)
        return -1;
    struct open_how how = {.flags = O_PATH | O_CLOEXEC | (nofollow ? O_NOFOLLOW : 0),
                           .resolve = RESOLVE_NO_MAGICLINKS};
    return (int)syscall(SYS_openat2, base, r->path, &how, sizeof(how));
}

/* Whether the command may change what fd is. */
static bool is_inside(const struct plan *p, int fd, const struct stat *st)
{
    char name[64];
    char path[PATH_MAX];
    snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
    ssize_t n = readlink(name, path, sizeof(path) - 1);
    if (n <= 0)
        return false;
    path[n] = '\0';
    if (st->st_nlink == 0)
        return true;
    if (path[0] != '/')
        return !S_ISREG(st->st_mode) && !S_ISDIR(st->st_mode);
    bool inside = fs_lies_in(path, p->work) || (p->scratch && fs_lies_in(path, p->scratch));
    for (size_t i = 0; !inside && i < p->write.n; i++)
        inside = fs_lies_in(path, p->write.v[i]);
    return inside;
}

static int set_mode(const struct request *r, int fd, const struct stat *st)
{
    char name[64];
    mode_t mode = (mode_t)arg(r, r->call->value) & 07777;
    if ((mode & S_ISUID) || ((mode & S_ISGID) && !S_ISDIR(st->st_mode)))
        return EPERM;
    if (S_ISLNK(st->st_mode))
        return EOPNOTSUPP;
    snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
    return chmod(name, mode) < 0 ? errno : 0;
}

static int set_owner(const struct request *r, int fd)
{
    uid_t uid = (uid_t)arg(r, r->call->value);
    gid_t gid = (gid_t)arg(r, r->call->value + 1);
    return fchownat(fd, "", uid, gid, AT_EMPTY_PATH) < 0 ? errno : 0;
}

/* Each call has its own way to say two times. */
static int peek_times(const struct request *r, struct timespec ts[2])
{
    uint64_t at = arg(r, r->call->value);
    struct utimbuf s;
    struct timeval us[2];
    if (r->call->op == TIMES_NS)
        return peek(r, at, ts, 2 * sizeof(ts[0])) ? 0 : EFAULT;
    if (r->call->op == TIMES_S) {
        if (!peek(r, at, &s, sizeof(s)))
            return EFAULT;
        ts[0] = (struct timespec){.tv_sec = s.actime};
        ts[1] = (struct timespec){.tv_sec = s.modtime};
        return 0;
    }
    if (!peek(r, at, us, sizeof(us)))
        return EFAULT;
    for (int i = 0; i < 2; i++) {
        if (us[i].tv_usec < 0 || us[i].tv_usec >= 1000000)
            return EINVAL;
        ts[i] = (struct timespec){.tv_sec = us[i].tv_sec, .tv_nsec = us[i].tv_usec * 1000};
    }
    return 0;
}

static int set_times(const struct request *r, int fd)
{
    struct timespec ts[2];
    bool now = arg(r, r->call->value) == 0;
    int error = now ? 0 : peek_times(r, ts);
    if (error)
        return error;
    return syscall(SYS_utimensat, fd, "", now ? NULL : ts, AT_EMPTY_PATH) < 0 ? errno : 0;
}

/* The caller may be gone, and its number another's, by the time we opened its things. */
static bool still_there(const struct request *r)
{
    return seccomp_notify_id_valid(r->listener, r->n->id) == 0;
}

static int change(const struct plan *p, struct request *r)
{
    struct stat st;
    CLEANUP(fd_close_p) int fd = open_meant(r);
    if (fd < 0)
        return errno;
    if (fstat(fd, &st) < 0)
        return errno;
    if (!still_there(r) || !is_inside(p, fd, &st))
        return EPERM;
    switch (r->call->op) {
    case MODE:
        return set_mode(r, fd, &st);
    case OWNER:
        return set_owner(r, fd);
    case TIMES_S:
    case TIMES_US:
    case TIMES_NS:
        return set_times(r, fd);
    case SIGNAL:
    case SIGNAL_FD:
        break;
    }
    return EPERM;
}

/* The process that a pidfd of the caller stands for; 0 when it is none. */
static pid_t pid_of_fd(const struct request *r)
{
    char what[32];
    char text[1024];
    int64_t pid = 0;
    struct str line;
    snprintf(what, sizeof(what), "fdinfo/%d", (int)arg(r, 0));
    CLEANUP(fd_close_p) int fd = open_caller(r, what, O_RDONLY);
    ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof(text));
    struct str rest = str_make(text, n > 0 ? (size_t)n : 0);
    while (str_line(&rest, &line))
        if (str_starts(line, "Pid:") && str_i64(str_trim(str_sub(line, 4, line.n)), &pid))
            return (pid_t)pid;
    return 0;
}

/* A thread belongs to the process whose tasks list it. */
static pid_t process_of(int64_t tid)
{
    char path[64];
    char text[2048];
    int64_t pid = tid;
    struct str line;
    snprintf(path, sizeof(path), "/proc/%d/status", (int)tid);
    CLEANUP(fd_close_p) int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof(text));
    struct str rest = str_make(text, n > 0 ? (size_t)n : 0);
    while (str_line(&rest, &line))
        if (str_starts(line, "Tgid:") && str_i64(str_trim(str_sub(line, 5, line.n)), &pid))
            break;
    return (pid_t)pid;
}

static bool may_signal(const struct request *r)
{
    int target = (int)arg(r, 0);
    if (target == 0)
        return true; /* its own group, which holds nobody else's */
    if (target == -1)
        return false;
    return target < 0 ? reap_has_group(-target) : reap_is_ours(process_of(target));
}

/* By a descriptor of ours: the number that the caller gave can mean another process by the time that the
 * kernel looks. Details of a signal are not passed on. */
static int signal_fd(const struct request *r)
{
    pid_t pid = pid_of_fd(r);
    if (pid <= 0 || !reap_is_ours(pid) || arg(r, 2) != 0 || arg(r, 3) != 0)
        return EPERM;
    CLEANUP(fd_close_p) int fd = (int)syscall(SYS_pidfd_open, pid, 0);
    if (fd < 0)
        return errno;
    /* Ours still, after it was opened: the number was not given to another one meanwhile. */
    if (!reap_is_ours(pid))
        return ESRCH;
    return syscall(SYS_pidfd_send_signal, fd, (int)arg(r, 1), NULL, 0) == 0 ? 0 : errno;
}

static void answer(const struct plan *p, struct request *r, struct seccomp_notif_resp *resp)
{
    for (size_t i = 0; i < ARRAY_LEN(calls); i++)
        if (calls[i].nr == r->n->data.nr)
            r->call = &calls[i];
    if (!r->call) {
        resp->error = -EPERM;
    } else if (r->call->op == SIGNAL_FD) {
        resp->error = -signal_fd(r);
    } else if (r->call->op == SIGNAL) {
        /* Plain numbers: what we looked at is what the kernel will use. */
        if (may_signal(r))
            resp->flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
        else
            resp->error = -EPERM;
    } else {
        resp->error = -change(p, r);
    }
}

void meta_answer(const struct plan *p, int listener)
{
    struct seccomp_notif *n = NULL;
    struct seccomp_notif_resp *resp = NULL;
    if (seccomp_notify_alloc(&n, &resp) < 0)
        return;
    memset(n, 0, sizeof(*n));
    if (seccomp_notify_receive(listener, n) == 0) {
        struct request r = {.n = n, .listener = listener};
        memset(resp, 0, sizeof(*resp));
        resp->id = n->id;
        answer(p, &r, resp);
        if (seccomp_notify_respond(listener, resp) < 0)
            r.call = NULL; /* the caller was killed meanwhile */
    }
    seccomp_notify_free(n, resp);
}
