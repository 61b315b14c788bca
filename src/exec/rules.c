/* SPDX-License-Identifier: MIT
 *
 * rules: Landlock. Rights that came after the headers we build with are named here, and the ruleset
 * is given to the kernel in the size that its ABI knows:
 *
 *   ABI 1 files, 2 refer, 3 truncate, 4 TCP, 5 device ioctl, 6 abstract sockets and signals
 *
 * What an older kernel lacks is made up for by the system call filter (filter.c).
 */
#include "exec/rules.h"

#include "exec/grant.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FS_TRUNCATE (1ULL << 14)
#define FS_IOCTL_DEV (1ULL << 15)
#define NET_BIND_TCP (1ULL << 0)
#define NET_CONNECT_TCP (1ULL << 1)
#define SCOPE_ABSTRACT_UNIX (1ULL << 0)
#define SCOPE_SIGNAL (1ULL << 1)

#define FS_ABI_1 ((1ULL << 13) - 1)
#define FS_READ                                                                                    \
    (LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define FS_MAKE_DEVICE (LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_BLOCK)
/* What a rule for something that is no directory may hold. */
#define FS_OF_FILE                                                                                 \
    (LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_READ_FILE |   \
     FS_TRUNCATE | FS_IOCTL_DEV)

/* The kernel's landlock_ruleset_attr as of ABI 6. */
struct ruleset {
    uint64_t fs, net, scoped;
};

struct walk {
    int fd;
    uint64_t handled;
};

int rules_abi(const struct plan *p)
{
    long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    if (abi < 0)
        return 0;
    return p->abi > 0 && p->abi < abi ? p->abi : (int)abi;
}

static uint64_t handled_files(int abi)
{
    return FS_ABI_1 | (abi >= 2 ? LANDLOCK_ACCESS_FS_REFER : 0) | (abi >= 3 ? FS_TRUNCATE : 0) |
           (abi >= 5 ? FS_IOCTL_DEV : 0);
}

static uint64_t rights(enum grant_kind kind)
{
    switch (kind) {
    case GRANT_SYSTEM:
    case GRANT_READ:
        return FS_READ;
    case GRANT_NAMES:
        return LANDLOCK_ACCESS_FS_READ_DIR;
    case GRANT_PROC:
        return LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
    case GRANT_DEVICE:
        return LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | FS_TRUNCATE |
               FS_IOCTL_DEV;
    case GRANT_WRITE:
        return ~FS_MAKE_DEVICE;
    }
    return 0;
}

static bool add(void *arg, const struct grant *g, struct err *e)
{
    const struct walk *w = arg;
    int fd = open(g->path, O_PATH | O_CLOEXEC);
    if (fd < 0)
        return g->needed ? err_sys(e, ERR_SANDBOX, errno, "landlock: %s", g->path) : true;
    struct stat st;
    struct landlock_path_beneath_attr rule = {.parent_fd = fd};
    rule.allowed_access = rights(g->kind) & w->handled;
    bool ok = fstat(fd, &st) == 0;
    if (ok && !S_ISDIR(st.st_mode))
        rule.allowed_access &= FS_OF_FILE;
    ok = ok && syscall(SYS_landlock_add_rule, w->fd, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) == 0;
    if (!ok)
        err_sys(e, ERR_SANDBOX, errno, "landlock: rule for %s", g->path);
    close(fd);
    return ok;
}

bool rules_apply(const struct plan *p, struct err *e)
{
    int abi = rules_abi(p);
    if (abi == 0 && p->inner)
        return true; /* the mounts of the box say the same */
    if (abi == 0)
        return err_set(e, ERR_SANDBOX, "landlock: this kernel does not have it");
    struct ruleset set = {.fs = handled_files(abi)};
    if (!p->network)
        set.net = NET_BIND_TCP | NET_CONNECT_TCP;
    set.scoped = SCOPE_ABSTRACT_UNIX | SCOPE_SIGNAL;
    size_t size = abi >= 6 ? 24 : abi >= 4 ? 16 : 8;
    int fd = (int)syscall(SYS_landlock_create_ruleset, &set, size, 0);
    if (fd < 0)
        return err_sys(e, ERR_SANDBOX, errno, "landlock: ruleset");
    struct walk w = {.fd = fd, .handled = set.fs};
    bool ok = grant_walk(p, add, &w, e);
    if (ok && syscall(SYS_landlock_restrict_self, fd, 0) < 0)
        ok = err_sys(e, ERR_SANDBOX, errno, "landlock: restrict");
    close(fd);
    return ok;
}
