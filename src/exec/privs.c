/* SPDX-License-Identifier: MIT
 *
 * privs: what a command is not to inherit.
 */
#include "exec/privs.h"

#include <dirent.h>
#include <errno.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Threads of this user now: RLIMIT_NPROC counts them all, so the plan's number comes on top. */
static uint64_t threads_of_user(void)
{
    uint64_t n = 0;
    DIR *proc = opendir("/proc");
    for (struct dirent *d; proc && (d = readdir(proc));) {
        char path[sizeof("/proc//task") + 256];
        struct stat st;
        if (d->d_name[0] < '1' || d->d_name[0] > '9')
            continue;
        snprintf(path, sizeof(path), "/proc/%s/task", d->d_name);
        if (stat(path, &st) == 0 && st.st_uid == getuid() && st.st_nlink > 2)
            n += st.st_nlink - 2;
    }
    if (proc)
        closedir(proc);
    return n;
}

static bool limit(__rlimit_resource_t which, const char *name, uint64_t value, struct err *e)
{
    struct rlimit old;
    if (getrlimit(which, &old) < 0)
        return err_sys(e, ERR_SPAWN, errno, "limit: %s", name);
    rlim_t most = MIN((rlim_t)value, old.rlim_max);
    struct rlimit set = {.rlim_cur = most, .rlim_max = most};
    if (which == RLIMIT_CPU && most < old.rlim_max)
        set.rlim_max = most + 1; /* SIGXCPU first, SIGKILL a second later */
    if (setrlimit(which, &set) < 0)
        return err_sys(e, ERR_SPAWN, errno, "limit: %s", name);
    return true;
}

bool privs_limit(const struct plan *p, struct err *e)
{
    if (!limit(RLIMIT_CORE, "core", 0, e))
        return false;
    if (p->cpu_s && !limit(RLIMIT_CPU, "cpu", p->cpu_s, e))
        return false;
    if (p->file_bytes && !limit(RLIMIT_FSIZE, "file size", p->file_bytes, e))
        return false;
    if (p->descriptors && !limit(RLIMIT_NOFILE, "descriptors", p->descriptors, e))
        return false;
    return !p->processes || limit(RLIMIT_NPROC, "processes", threads_of_user() + p->processes, e);
}

bool privs_drop(struct err *e)
{
    /* Wants CAP_SETPCAP: a user without it has nothing to gain from uid 0 either. */
    int bits = SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP |
               SECBIT_NO_SETUID_FIXUP_LOCKED | SECBIT_KEEP_CAPS_LOCKED |
               SECBIT_NO_CAP_AMBIENT_RAISE | SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED;
    if (prctl(PR_SET_SECUREBITS, bits) < 0 && errno != EPERM)
        return err_sys(e, ERR_SANDBOX, errno, "capabilities: securebits");
    for (int cap = 0; prctl(PR_CAPBSET_READ, cap) >= 0; cap++)
        if (prctl(PR_CAPBSET_DROP, cap) < 0 && errno != EPERM)
            return err_sys(e, ERR_SANDBOX, errno, "capabilities: bounding set");
    if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0 && errno != EINVAL)
        return err_sys(e, ERR_SANDBOX, errno, "capabilities: ambient set");
    struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {{0}};
    if (syscall(SYS_capset, &head, none) < 0)
        return err_sys(e, ERR_SANDBOX, errno, "capabilities");
    return true;
}

void privs_signals(void)
{
    struct sigaction normal = {.sa_handler = SIG_DFL};
    for (int i = 1; i < _NSIG; i++)
        sigaction(i, &normal, NULL); /* fails for SIGKILL, SIGSTOP and libc's own: as it should */
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}
