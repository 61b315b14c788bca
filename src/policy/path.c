/* SPDX-License-Identifier: MIT
 *
 * path: names become descriptors in one step, by the kernel: openat2(2) with RESOLVE_BENEATH
 * refuses whatever would leave the root while it walks, so that nothing can be swapped between a
 * check and the use. The lexical part only makes names plain; it protects nothing by itself.
 */
#include "policy/path.h"

#include "base/buf.h"
#include "base/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
    RETRIES = 64, /* openat2 says EAGAIN when a directory moves while it resolves ".." */
    LINK_BYTES = PATH_MAX + 32,
};

enum where { ANYWHERE, AT_ROOT };
static const struct {
    const char *name;
    enum where where;
} protected_names[] = {
#define PROTECTED(name, where) {name, where},
#define GUARDED(path)
#include "policy/protected.def"
#undef PROTECTED
#undef GUARDED
};

/* ---- names ---- */

static bool printable(const char *path)
{
    for (const unsigned char *p = (const unsigned char *)path; *p; p++)
        if (*p < 0x20 || *p == 0x7f)
            return false;
    return true;
}

/* What follows the root in an absolute path; NULL when it lies elsewhere. Dots are not looked at
 * yet: "/root/../x" passes here and is refused as "../x". */
static const char *below_root(const char *root, const char *path)
{
    size_t n = strlen(root);
    while (n && root[n - 1] == '/')
        n--;
    if (strncmp(path, root, n) != 0 || (path[n] != '/' && path[n] != '\0'))
        return NULL;
    return path + n;
}

char *path_relative(const struct path_root *root, const char *path, struct arena *a, struct err *e)
{
    size_t n = strlen(path);
    if (n == 0 || n > PATH_BYTES_MAX || !printable(path)) {
        err_set(e, ERR_INVALID, "%s",
                n == 0               ? "the path is empty"
                : n > PATH_BYTES_MAX ? "the path is longer than 4096 bytes"
                                     : "the path has control characters");
        return NULL;
    }
    const char *inside = path[0] == '/' ? below_root(root->path, path) : path;
    char *out = arena_new(a, n + 1);
    size_t len = 0;
    struct str rest = str_of(inside), part;
    bool out_of_it = !inside;
    while (!out_of_it && str_split(&rest, '/', &part)) {
        if (part.n == 0 || str_is(part, "."))
            continue;
        if (!str_is(part, "..")) {
            if (len)
                out[len++] = '/';
            memcpy(out + len, part.p, part.n);
            len += part.n;
            continue;
        }
        out_of_it = len == 0;
        while (len && out[--len] != '/')
            ;
    }
    if (out_of_it) {
        err_set(e, ERR_OUTSIDE, "%s is outside the workspace %s", path, root->path);
        return NULL;
    }
    out[len] = '\0';
    return out;
}

/* ---- opening ---- */

static int open_beneath(int dir, const char *relative, int flags)
{
    bool makes = (flags & O_CREAT) || (flags & O_TMPFILE) == O_TMPFILE;
    struct open_how how = {
        .flags = (uint64_t)(unsigned)flags | O_CLOEXEC,
        .mode = makes ? 0666 : 0, /* openat2 refuses a mode that it has no use for */
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
    };
    for (int tries = 0;; tries++) {
        long fd = syscall(SYS_openat2, dir, *relative ? relative : ".", &how, sizeof(how));
        if (fd >= 0 || (errno != EAGAIN && errno != EINTR) || tries == RETRIES)
            return (int)fd;
    }
}

static void explain(struct err *e, int errnum, const char *relative)
{
    switch (errnum) {
    case EXDEV:
        err_set(e, ERR_OUTSIDE, "%s leads out of the workspace", relative);
        return;
    case ENOENT:
    case ENOTDIR:
        err_sys(e, ERR_NOT_FOUND, errnum, "%s", relative);
        return;
    case ELOOP:
    case ENAMETOOLONG:
        err_sys(e, ERR_INVALID, errnum, "%s", relative);
        return;
    case EISDIR:
        err_set(e, ERR_IS_DIRECTORY, "%s is a directory", relative);
        return;
    case EEXIST:
        err_set(e, ERR_EXISTS, "%s is there already", relative);
        return;
    case ENXIO: /* a FIFO without a reader, a socket, a device without a driver */
    case ENODEV:
        err_set(e, ERR_NOT_REGULAR, "%s is not a regular file", relative);
        return;
    case ENOSYS:
        err_set(e, ERR_UNSUPPORTED, "this kernel has no openat2; tau needs Linux 5.6 or newer");
        return;
    default:
        err_sys(e, ERR_IO, errnum, "%s", relative);
    }
}

static bool check_regular(int fd, const char *relative, struct err *e)
{
    struct stat st;
    if (fstat(fd, &st) < 0)
        return err_sys(e, ERR_IO, errno, "%s", relative);
    if (S_ISDIR(st.st_mode))
        return err_set(e, ERR_IS_DIRECTORY, "%s is a directory", relative);
    if (!S_ISREG(st.st_mode))
        return err_set(e, ERR_NOT_REGULAR, "%s is a %s, not a regular file", relative,
                       S_ISFIFO(st.st_mode)   ? "FIFO"
                       : S_ISSOCK(st.st_mode) ? "socket"
                                              : "device");
    return true;
}

int path_open(const struct path_root *root, const char *relative, int flags, bool regular,
              struct err *e)
{
    /* Without O_NONBLOCK a FIFO would keep us waiting for its other end before fstat can tell. The
     * truncation waits until we know what it is. */
    int first = flags;
    if (!(flags & O_PATH)) /* which permits no other flags, and opens nothing */
        first |= O_NOCTTY;
    if (regular && !(flags & O_PATH))
        first = (first & ~O_TRUNC) | O_NONBLOCK;
    CLEANUP(fd_close_p) int fd = open_beneath(root->fd, relative, first);
    if (fd < 0) {
        explain(e, errno, relative);
        return -1;
    }
    if (regular && !check_regular(fd, relative, e))
        return -1;
    if (regular && (flags & O_TRUNC) && ftruncate(fd, 0) < 0) {
        err_sys(e, ERR_IO, errno, "%s", relative);
        return -1;
    }
    int opened = fd;
    fd = -1;
    return opened;
}

/* Opens `relative`, a directory, and makes it and its parents where they are missing. Each step is
 * made in a descriptor that the kernel resolved beneath the root, and is then opened from the root
 * again: what somebody puts in its place meanwhile is either beneath the root or refused. */
static int make_directories(const struct path_root *root, const char *relative, struct err *e)
{
    char partial[PATH_BYTES_MAX + 1];
    CLEANUP(fd_close_p) int dir = open_beneath(root->fd, "", O_PATH | O_DIRECTORY);
    size_t n = strlen(relative);
    for (size_t at = 0; dir >= 0 && at < n;) {
        size_t end = at + strcspn(relative + at, "/");
        memcpy(partial, relative, end);
        partial[end] = '\0';
        if (mkdirat(dir, partial + at, 0777) < 0 && errno != EEXIST) {
            explain(e, errno, partial);
            return -1;
        }
        fd_close_p(&dir);
        dir = open_beneath(root->fd, partial, O_PATH | O_DIRECTORY);
        if (dir < 0) {
            explain(e, errno, partial);
            return -1;
        }
        at = end + 1;
    }
    int opened = dir;
    dir = -1;
    return opened;
}

int path_open_parent(const struct path_root *root, const char *relative, bool make,
                     const char **ret_name, struct err *e)
{
    char parent[PATH_BYTES_MAX + 1];
    const char *slash = strrchr(relative, '/');
    size_t n = slash ? (size_t)(slash - relative) : 0;
    if (!relative[0] || n > PATH_BYTES_MAX) {
        if (!relative[0])
            err_set(e, ERR_IS_DIRECTORY, "the path is the workspace itself");
        else
            err_set(e, ERR_INVALID, "the path is longer than 4096 bytes");
        return -1;
    }
    memcpy(parent, relative, n);
    parent[n] = '\0';
    int fd = open_beneath(root->fd, parent, O_PATH | O_DIRECTORY);
    if (fd < 0 && errno == ENOENT && make)
        fd = make_directories(root, parent, e);
    else if (fd < 0)
        explain(e, errno, parent);
    if (fd >= 0)
        *ret_name = slash ? slash + 1 : relative;
    return fd;
}

/* ---- protected paths ---- */

/* Is `path` this name or below it? */
static bool at_or_below(struct str path, struct str name)
{
    return path.n >= name.n && strncasecmp(path.p, name.p, name.n) == 0 &&
           (path.n == name.n || path.p[name.n] == '/');
}

static bool has_component(struct str path, const char *name)
{
    struct str part;
    while (str_split(&path, '/', &part))
        if (part.n == strlen(name) && strncasecmp(part.p, name, part.n) == 0)
            return true;
    return false;
}

/* One of the configured paths, "a, b/c": slashes and dots around it mean nothing. */
static struct str configured_name(struct str s)
{
    s = str_trim(s);
    while (str_starts(s, "./"))
        s = str_sub(s, 2, s.n);
    while (str_starts(s, "/"))
        s = str_sub(s, 1, s.n);
    while (s.n && s.p[s.n - 1] == '/')
        s.n--;
    return s;
}

static bool name_protected(struct str path, const char *configured)
{
    for (size_t i = 0; i < ARRAY_LEN(protected_names); i++) {
        const char *name = protected_names[i].name;
        if (protected_names[i].where == ANYWHERE ? has_component(path, name)
                                                 : at_or_below(path, str_of(name)))
            return true;
    }
    struct str rest = str_of(configured), part;
    while (str_split(&rest, ',', &part)) {
        struct str name = configured_name(part);
        if (name.n && at_or_below(path, name))
            return true;
    }
    return false;
}

/* Where an open file really is, relative to the root's own real place. False when it can not be
 * told (no /proc, deleted, not below the root). */
static bool real_relative(const struct path_root *root, int fd, char *out, size_t size)
{
    char name[64], base[LINK_BYTES];
    snprintf(name, sizeof(name), "/proc/self/fd/%d", root->fd);
    ssize_t b = readlink(name, base, sizeof(base) - 1);
    snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
    ssize_t n = readlink(name, out, size - 1);
    if (b <= 0 || n <= 0 || (size_t)b >= sizeof(base) - 1 || (size_t)n >= size - 1)
        return false;
    base[b] = '\0';
    out[n] = '\0';
    const char *inside = below_root(base, out);
    if (!inside)
        return false;
    inside += *inside == '/';
    memmove(out, inside, strlen(inside) + 1);
    return true;
}

bool path_protected_at(const struct path_root *root, int dir, const char *name,
                       const char *configured)
{
    char real[LINK_BYTES + NAME_MAX + 1];
    if (!real_relative(root, dir, real, LINK_BYTES))
        return true;
    size_t n = strlen(real), name_n = strlen(name);
    if (name_n > NAME_MAX)
        return true;
    if (n && name_n)
        real[n++] = '/';
    memcpy(real + n, name, name_n + 1);
    return name_protected(str_make(real, n + name_n), configured);
}

char *path_real(const struct path_root *root, const char *relative, struct arena *a)
{
    size_t n = strlen(relative);
    char *partial = arena_strdup(a, relative);
    /* The deepest part that exists says through which links the rest goes; what does not exist yet
     * is made below it under its own name. */
    for (;;) {
        CLEANUP(fd_close_p) int fd = open_beneath(root->fd, partial, O_PATH);
        if (fd >= 0) {
            char *real = arena_new(a, LINK_BYTES + n + 2);
            if (!real_relative(root, fd, real, LINK_BYTES))
                return NULL;
            size_t at = strlen(real), done = strlen(partial);
            memcpy(real + at, relative + done, n - done + 1);
            return real + (real[0] == '/');
        }
        /* A link that leads out, or nowhere yet: where it will lead is not ours to guess. */
        CLEANUP(fd_close_p) int link = open_beneath(root->fd, partial, O_PATH | O_NOFOLLOW);
        if (link >= 0 || !partial[0])
            return NULL;
        char *slash = strrchr(partial, '/');
        *(slash ? slash : partial) = '\0';
    }
}

bool path_protected(const struct path_root *root, const char *relative, const char *configured)
{
    if (strlen(relative) > PATH_BYTES_MAX || name_protected(str_of(relative), configured))
        return true;
    struct arena a = ARENA_INIT;
    const char *real = path_real(root, relative, &a);
    bool yes = !real || name_protected(str_of(real), configured);
    arena_free(&a);
    return yes;
}
