/* SPDX-License-Identifier: MIT
 *
 * box: the argument list for bubblewrap. The file system in the box starts empty and holds what was
 * granted, in this order, where later mounts lie on earlier ones: system directories, /proc, /dev,
 * an empty /tmp and home, roots to read, roots to write, then what is hidden or protected in them.
 *
 * A mount costs bubblewrap a quarter of a millisecond, so the files of /etc are mounted one by one
 * only where the kernel has no Landlock to tell them apart.
 *
 * A protected path is a read-only mount on itself. So that nobody moves its parent away and makes a
 * new one, every directory between the root and it is a mount too: those can not be renamed.
 */
#include "exec/box.h"

#include "base/fs.h"
#include "base/mem.h"
#include "exec/grant.h"
#include "exec/rules.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Where the inner tau-exec is found; nothing of the machine lies below /run in the box. */
#define BOX_SELF "/run/tau/tau-exec"
#define BOX_TMP_BYTES "2147483648"

/* Pointers only: we exec or exit, so nothing is freed. */
struct args {
    VEC(const char *) v;
    bool whole_etc; /* /etc is one mount, and Landlock says what of it may be read */
};

static void add(struct args *a, const char *one)
{
    VEC_PUSH(&a->v, one);
}

static void add2(struct args *a, const char *name, const char *value)
{
    add(a, name);
    add(a, value);
}

static void mount_same(struct args *a, const char *how, const char *path)
{
    add(a, how);
    add(a, path);
    add(a, path);
}

static bool exists(const char *path)
{
    struct stat st;
    return lstat(path, &st) == 0;
}

static bool add_grant(void *arg, const struct grant *g, struct err *e)
{
    struct args *a = arg;
    char target[256];
    ssize_t n;
    switch (g->kind) {
    case GRANT_NAMES:
    case GRANT_PROC:
    case GRANT_DEVICE:
        return true;
    case GRANT_SYSTEM:
        /* /bin and its like are links into /usr; they stay links. */
        n = readlink(g->path, target, sizeof(target) - 1);
        if (n > 0 && strncmp(g->path, "/etc/", 5) != 0) {
            target[n] = '\0';
            add2(a, "--symlink", mem_strdup(target));
            add(a, g->path);
            return true;
        }
        if (strncmp(g->path, "/etc/", 5) != 0 || !a->whole_etc)
            mount_same(a, "--ro-bind-try", g->path);
        return true;
    case GRANT_READ:
    case GRANT_WRITE:
        if (exists(g->path))
            mount_same(a, g->kind == GRANT_READ ? "--ro-bind" : "--bind", g->path);
        else if (g->needed)
            return err_sys(e, ERR_SANDBOX, errno, "bwrap: %s", g->path);
        return true;
    }
    return true;
}

/* The root that a path is written through; NULL: none, so it is read-only already. */
static const char *root_of(const struct plan *p, const char *path)
{
    if (fs_lies_in(path, p->work))
        return p->work;
    for (size_t i = 0; i < p->write.n; i++)
        if (fs_lies_in(path, p->write.v[i]))
            return p->write.v[i];
    return NULL;
}

static bool listed(const struct args *pinned, const char *path)
{
    for (size_t i = 0; i < pinned->v.n; i++)
        if (strcmp(pinned->v.v[i], path) == 0)
            return true;
    return false;
}

static void add_protected(struct args *a, struct args *pinned, const struct plan *p,
                          const char *path)
{
    const char *root = root_of(p, path);
    if (!root || !exists(path))
        return;
    for (const char *at = path + strlen(root); (at = strchr(at + 1, '/'));) {
        char *dir = mem_strndup(path, (size_t)(at - path));
        if (strcmp(dir, root) == 0 || listed(pinned, dir))
            continue;
        mount_same(a, "--bind", dir);
        add(pinned, dir);
    }
    mount_same(a, "--ro-bind", path);
}

/* Parents before children, so that a mount is not covered by a later one. */
static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void add_mounts(struct args *a, const struct plan *p)
{
    struct args pinned = {0};
    struct plan_paths protect = p->protect;
    qsort(protect.v, protect.n, sizeof(protect.v[0]), by_name);
    for (size_t i = 0; i < protect.n; i++)
        add_protected(a, &pinned, p, protect.v[i]);
    /* Not over the workspace itself, when tau was started in such a directory. */
    for (size_t i = 0; i < p->hide.n; i++)
        if (exists(p->hide.v[i]) && !fs_lies_in(p->work, p->hide.v[i]))
            add2(a, "--tmpfs", p->hide.v[i]);
}

static void add_paths(struct args *a, const char *name, const struct plan_paths *list)
{
    for (size_t i = 0; i < list->n; i++)
        add2(a, name, list->v[i]);
}

static void add_count(struct args *a, const char *name, uint64_t n)
{
    if (n)
        add2(a, name, mem_printf("%llu", (unsigned long long)n));
}

static void add_inner(struct args *a, const struct plan *p)
{
    add(a, BOX_SELF);
    add(a, "--inner");
    add2(a, "--level", mem_printf("%d", PLAN_BWRAP));
    add2(a, "--status", mem_printf("%d", p->status_fd));
    if (p->lifeline_fd >= 0)
        add2(a, "--lifeline", mem_printf("%d", p->lifeline_fd));
    add2(a, "--work", p->work);
    add2(a, "--cwd", p->cwd);
    if (p->home)
        add2(a, "--home", p->home);
    add2(a, "--grace-ms", mem_printf("%d", p->grace_ms));
    if (p->network)
        add(a, "--net");
    if (p->unix_sockets)
        add(a, "--unix");
    if (p->detached)
        add(a, "--detached");
    add_count(a, "--abi", (uint64_t)p->abi);
    add_count(a, "--cpu", p->cpu_s);
    add_count(a, "--file-bytes", p->file_bytes);
    add_count(a, "--processes", p->processes);
    add_count(a, "--descriptors", p->descriptors);
    add_paths(a, "--read", &p->read);
    add_paths(a, "--write", &p->write);
    add(a, "--");
    for (char **arg = p->argv; *arg; arg++)
        add(a, *arg);
    add(a, NULL);
}

/* Descriptors of the inner tau-exec survive the way through bubblewrap. */
static bool keep(int fd)
{
    return fd < 0 || fcntl(fd, F_SETFD, 0) == 0;
}

bool box_exec(const struct plan *p, struct err *e)
{
    static const char *const head[] = {
        BOX_PROGRAM,
        "--unshare-user",
        "--unshare-pid",
        "--unshare-ipc",
        "--unshare-uts",
        "--unshare-cgroup-try",
        "--die-with-parent",
        "--new-session",
        "--as-pid-1",
        "--cap-drop",
        "ALL",
        "--proc",
        "/proc",
        "--dev",
        "/dev",
        "--perms",
        "1777",
        "--size",
        BOX_TMP_BYTES,
        "--tmpfs",
        "/tmp",
    };
    struct args a = {0};
    char *self = mem_new(PATH_MAX);
    ssize_t n = readlink("/proc/self/exe", self, PATH_MAX - 1);
    if (n < 0)
        return err_sys(e, ERR_SPAWN, errno, "bwrap: our own path");
    for (size_t i = 0; i < ARRAY_LEN(head); i++)
        add(&a, head[i]);
    if (!p->network)
        add(&a, "--unshare-net");
    if (p->home) {
        add2(&a, "--size", BOX_TMP_BYTES);
        add2(&a, "--tmpfs", p->home);
    }
    a.whole_etc = rules_abi(p) > 0;
    if (a.whole_etc)
        mount_same(&a, "--ro-bind", "/etc");
    if (!grant_walk(p, add_grant, &a, e))
        return false;
    add_mounts(&a, p);
    add2(&a, "--ro-bind", self);
    add(&a, BOX_SELF);
    add2(&a, "--chdir", p->cwd);
    add_inner(&a, p);
    if (!keep(p->status_fd) || !keep(p->lifeline_fd))
        return err_sys(e, ERR_SPAWN, errno, "bwrap: descriptors");
    execv(BOX_PROGRAM, (char **)(uintptr_t)a.v.v);
    return err_sys(e, ERR_SANDBOX, errno, "bwrap: %s", BOX_PROGRAM);
}
