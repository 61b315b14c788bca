/* SPDX-License-Identifier: MIT
 *
 * filter: one row per refusal. The list is of what must not be done, since builds and tests use
 * most of the rest. A call of a foreign architecture ends the process.
 *
 * Arguments are compared as the 64 bits that the filter sees, although the kernel looks at the
 * lower half of some: where a match refuses, the comparison is masked to that half; where a
 * mismatch refuses, strange upper bits only refuse more.
 */
#include "exec/filter.h"

#include "exec/meta.h"
#include "exec/rules.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sched.h>
#include <seccomp.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>

/* When a row counts. */
enum when {
    ALWAYS,
    SHARED_IPC,  /* no IPC namespace of our own */
    SHARED_PIDS, /* no process namespace of our own */
    NO_TRUNCATE, /* Landlock does not know truncation yet */
    NO_LISTENER, /* nobody looks at modes for us */
};

struct row {
    enum when when;
    int nr;
    int error;
    unsigned n;
    struct scmp_arg_cmp arg[2];
};

/* clang-format off */
#define NO(name) {ALWAYS, SCMP_SYS(name), EPERM, 0, {{0}}}
#define GONE(name) {ALWAYS, SCMP_SYS(name), ENOSYS, 0, {{0}}}
#define IPC(name) {SHARED_IPC, SCMP_SYS(name), ENOSYS, 0, {{0}}}
#define BITS(i, bits) {i, SCMP_CMP_MASKED_EQ, bits, bits}
#define LOW(i, value) {i, SCMP_CMP_MASKED_EQ, 0xFFFFFFFFu, value}
#define CLONE(flag) {ALWAYS, SCMP_SYS(clone), EPERM, 1, {BITS(0, flag)}}
#define IOCTL(what) {ALWAYS, SCMP_SYS(ioctl), EPERM, 1, {LOW(1, what)}}
#define MAKES(name, i) {ALWAYS, SCMP_SYS(name), EPERM, 1, {BITS(i, S_ISUID)}}
#define SETUID(name, i) {NO_LISTENER, SCMP_SYS(name), EPERM, 1, {BITS(i, S_ISUID)}}
#define DEVICE(name, i, type)                                                                      \
    {ALWAYS, SCMP_SYS(name), EPERM, 1, {{i, SCMP_CMP_MASKED_EQ, S_IFMT, type}}}

/* Calls that the libseccomp we build with has no names for. */
enum {
    NR_SETXATTRAT = 463,
    NR_REMOVEXATTRAT = 466,
    NR_OPEN_TREE_ATTR = 467,
    NR_FILE_SETATTR = 469,
};

static const struct row rows[] = {
    /* other processes */
    /* In a process namespace of its own there is nobody else to trace, and leak checkers do it. */
    {SHARED_PIDS, SCMP_SYS(ptrace), EPERM, 0, {{0}}},
    NO(process_vm_readv), NO(process_vm_writev), NO(process_madvise), NO(kcmp),
    NO(pidfd_getfd), NO(move_pages), NO(migrate_pages), NO(perf_event_open),
    {SHARED_PIDS, SCMP_SYS(prlimit64), EPERM, 1, {{0, SCMP_CMP_NE, 0, 0}}},
    IPC(shmget), IPC(shmat), IPC(shmctl), IPC(msgget), IPC(msgsnd), IPC(msgrcv), IPC(msgctl),
    IPC(semget), IPC(semop), IPC(semtimedop), IPC(semctl), IPC(mq_open), IPC(mq_unlink),
    /* mounts, roots and namespaces; clone3 hides its flags in memory, and libc knows clone */
    NO(mount), NO(umount2), NO(pivot_root), NO(chroot), NO(fsopen), NO(fsconfig), NO(fsmount),
    NO(fspick), NO(open_tree), NO(move_mount), NO(mount_setattr), NO(setns), NO(unshare),
    {ALWAYS, NR_OPEN_TREE_ATTR, EPERM, 0, {{0}}},
    GONE(clone3),
    CLONE(CLONE_NEWNS), CLONE(CLONE_NEWCGROUP), CLONE(CLONE_NEWUTS), CLONE(CLONE_NEWIPC),
    CLONE(CLONE_NEWUSER), CLONE(CLONE_NEWPID), CLONE(CLONE_NEWNET),
    /* ways round the rules for files; openat2 hides its mode in memory */
    NO(open_by_handle_at), NO(fanotify_init), GONE(openat2),
    {NO_TRUNCATE, SCMP_SYS(truncate), EACCES, 0, {{0}}},
    {NO_TRUNCATE, SCMP_SYS(open), EACCES, 1,
     {{1, SCMP_CMP_MASKED_EQ, O_TRUNC | O_ACCMODE, O_TRUNC}}},
    {NO_TRUNCATE, SCMP_SYS(openat), EACCES, 1,
     {{2, SCMP_CMP_MASKED_EQ, O_TRUNC | O_ACCMODE, O_TRUNC}}},
    DEVICE(mknod, 1, S_IFCHR), DEVICE(mknod, 1, S_IFBLK),
    DEVICE(mknodat, 2, S_IFCHR), DEVICE(mknodat, 2, S_IFBLK),
    IOCTL(FS_IOC_SETFLAGS), IOCTL(FS_IOC32_SETFLAGS), IOCTL(FS_IOC_FSSETXATTR),
    {ALWAYS, NR_FILE_SETATTR, ENOSYS, 0, {{0}}},
    /* files that run as somebody else */
    SETUID(chmod, 1), SETUID(fchmod, 1), SETUID(fchmodat, 2),
    {NO_LISTENER, NR_FCHMODAT2, EPERM, 1, {BITS(2, S_ISUID)}},
    MAKES(mknod, 1), MAKES(mknodat, 2), MAKES(creat, 1),
    {ALWAYS, SCMP_SYS(open), EPERM, 2, {BITS(1, O_CREAT), BITS(2, S_ISUID)}},
    {ALWAYS, SCMP_SYS(openat), EPERM, 2, {BITS(2, O_CREAT), BITS(3, S_ISUID)}},
    /* attributes: Landlock does not see them, and an access list is a mode by another name */
    {SHARED_PIDS, SCMP_SYS(setxattr), EOPNOTSUPP, 0, {{0}}},
    {SHARED_PIDS, SCMP_SYS(lsetxattr), EOPNOTSUPP, 0, {{0}}},
    {SHARED_PIDS, SCMP_SYS(fsetxattr), EOPNOTSUPP, 0, {{0}}},
    {SHARED_PIDS, SCMP_SYS(removexattr), EOPNOTSUPP, 0, {{0}}},
    {SHARED_PIDS, SCMP_SYS(lremovexattr), EOPNOTSUPP, 0, {{0}}},
    {SHARED_PIDS, SCMP_SYS(fremovexattr), EOPNOTSUPP, 0, {{0}}},
    {SHARED_PIDS, NR_SETXATTRAT, EOPNOTSUPP, 0, {{0}}},
    {SHARED_PIDS, NR_REMOVEXATTRAT, EOPNOTSUPP, 0, {{0}}},
    /* typing into a terminal for somebody else */
    IOCTL(TIOCSTI), IOCTL(TIOCLINUX),
    /* the kernel and the machine */
    NO(bpf), NO(userfaultfd), NO(io_uring_setup), NO(io_uring_enter), NO(io_uring_register),
    NO(add_key), NO(request_key), NO(keyctl), NO(kexec_load), NO(kexec_file_load), NO(init_module),
    NO(finit_module), NO(delete_module), NO(reboot), NO(swapon), NO(swapoff), NO(acct),
    NO(quotactl), NO(quotactl_fd), NO(iopl), NO(ioperm), NO(syslog), NO(vhangup),
    NO(lookup_dcookie), NO(nfsservctl), NO(settimeofday), NO(clock_settime), NO(clock_adjtime),
    NO(adjtimex), NO(stime), NO(sethostname), NO(setdomainname),
};
/* clang-format on */

static bool counts(const struct plan *p, enum when when, bool listener)
{
    switch (when) {
    case ALWAYS:
        return true;
    case SHARED_IPC:
    case SHARED_PIDS:
        return !p->inner;
    case NO_TRUNCATE:
        return rules_abi(p) < 3;
    case NO_LISTENER:
        return !listener;
    }
    return true;
}

/* 0, or a negative errno. A call that this architecture lacks needs no rule. */
static int refuse(scmp_filter_ctx ctx, int nr, int error, unsigned n,
                  const struct scmp_arg_cmp *arg)
{
    if (nr < 0)
        return 0;
    return seccomp_rule_add_array(ctx, SCMP_ACT_ERRNO((uint32_t)error), nr, n, arg);
}

/* Every family but the allowed ones; of netlink, which libc asks for addresses, routes only. */
static int refuse_sockets(scmp_filter_ctx ctx, const struct plan *p)
{
    enum { FAMILIES = 64 };
    if (!p->network && !p->unix_sockets)
        return refuse(ctx, SCMP_SYS(socket), EACCES, 0, NULL);
    struct scmp_arg_cmp more = {0, SCMP_CMP_GE, FAMILIES, 0};
    int r = refuse(ctx, SCMP_SYS(socket), EACCES, 1, &more);
    for (unsigned f = 0; r == 0 && f < FAMILIES; f++) {
        bool inet = f == AF_INET || f == AF_INET6 || f == AF_NETLINK;
        struct scmp_arg_cmp is[2] = {{0, SCMP_CMP_EQ, f, 0}, {2, SCMP_CMP_NE, 0, 0}};
        if (f == AF_NETLINK && p->network)
            r = refuse(ctx, SCMP_SYS(socket), EACCES, 2, is);
        else if (!(inet && p->network) && !(f == AF_UNIX && p->unix_sockets))
            r = refuse(ctx, SCMP_SYS(socket), EACCES, 1, is);
    }
    return r;
}

static int fill(scmp_filter_ctx ctx, const struct plan *p, bool listener)
{
    /* no_new_privs is set already; a program may not be told about it by a second try. */
    int r = seccomp_attr_set(ctx, SCMP_FLTATR_CTL_NNP, 0);
    for (size_t i = 0; r == 0 && i < ARRAY_LEN(rows); i++)
        if (counts(p, rows[i].when, listener))
            r = refuse(ctx, rows[i].nr, rows[i].error, rows[i].n, rows[i].arg);
    if (r == 0)
        r = refuse_sockets(ctx, p);
    for (size_t i = 0; r == 0 && listener && meta_call(p, i) != META_END; i++)
        if (meta_call(p, i) >= 0)
            r = seccomp_rule_add(ctx, SCMP_ACT_NOTIFY, meta_call(p, i), 0);
    return r;
}

bool filter_apply(const struct plan *p, int *ret_listener, struct err *e)
{
    scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);
    if (!ctx)
        return err_set(e, ERR_SANDBOX, "seccomp: cannot make a filter");
    int r = fill(ctx, p, ret_listener != NULL);
    if (r == 0)
        r = seccomp_load(ctx);
    if (r == 0 && ret_listener) {
        *ret_listener = seccomp_notify_fd(ctx);
        r = *ret_listener < 0 ? *ret_listener : 0;
    }
    seccomp_release(ctx);
    return r == 0 ? true : err_sys(e, ERR_SANDBOX, -r, "seccomp");
}
