/* SPDX-License-Identifier: MIT
 *
 * fs: files and directories of our own.
 */
#include "base/fs.h"

#include "base/mem.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { READ_CHUNK = 64 * 1024 };

void fd_close_p(int *fd)
{
    int saved = errno;
    if (*fd >= 0)
        close(*fd); /* what was written was checked by fsync; a read has nothing to lose */
    *fd = -1;
    errno = saved;
}

/* The code that a failed call on a path deserves. */
static enum err_code code_of(int errnum)
{
    switch (errnum) {
    case ENOENT:
    case ENOTDIR:
        return ERR_NOT_FOUND;
    case EISDIR:
        return ERR_IS_DIRECTORY;
    case EEXIST:
        return ERR_EXISTS;
    case ENAMETOOLONG:
    case ELOOP:
        return ERR_INVALID;
    default:
        return ERR_IO;
    }
}

/* ---- reading and writing ---- */

static bool too_large(const struct buf *b, struct err *e)
{
    return err_set(e, ERR_TOO_LARGE, "more than %zu bytes", b->max);
}

/* Is there still a byte to read, now that the buffer is full? */
static bool at_end(int fd, const struct buf *b, struct err *e)
{
    char one;
    ssize_t n;
    do
        n = read(fd, &one, 1);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return err_sys(e, code_of(errno), errno, "read");
    return n == 0 || too_large(b, e);
}

static bool read_rest(int fd, struct buf *b, struct err *e)
{
    for (;;) {
        size_t left = b->max - b->len;
        if (left == 0)
            return at_end(fd, b, e);
        size_t want = MIN(left, (size_t)READ_CHUNK);
        char *to = buf_room(b, want);
        ssize_t n = read(fd, to, want);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_sys(e, code_of(errno), errno, "read");
        b->len += (size_t)n;
        b->data[b->len] = '\0';
        if (n == 0)
            return true;
    }
}

bool fs_read_fd(int fd, struct buf *b, struct err *e)
{
    struct stat st;
    size_t before = b->len;
    if (fstat(fd, &st) < 0)
        return err_sys(e, ERR_IO, errno, "stat");
    /* A regular file says beforehand that it is too large; its offset may be past the start. */
    if (S_ISREG(st.st_mode)) {
        off_t at = lseek(fd, 0, SEEK_CUR);
        if (at >= 0 && st.st_size > at && (uint64_t)(st.st_size - at) > b->max - b->len)
            return too_large(b, e);
    }
    if (!read_rest(fd, b, e)) {
        buf_truncate(b, before);
        return false;
    }
    return true;
}

bool fs_read_file(const char *path, struct buf *b, struct err *e)
{
    struct stat st;
    /* O_NONBLOCK: nobody may ever write to a FIFO of that name. */
    CLEANUP(fd_close_p) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return err_sys(e, code_of(errno), errno, "%s", path);
    if (fstat(fd, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
        return err_set(e, ERR_NOT_REGULAR, "%s: not a regular file", path);
    return fs_read_fd(fd, b, e) || err_wrap(e, "%s", path);
}

bool fs_write_all(int fd, struct str data, struct err *e)
{
    while (data.n) {
        ssize_t n = write(fd, data.p, data.n);
        if (n < 0 && errno == EAGAIN) {
            /* A terminal or pipe that somebody else made non-blocking. */
            struct pollfd p = {.fd = fd, .events = POLLOUT};
            if (poll(&p, 1, -1) < 0 && errno != EINTR)
                return err_sys(e, ERR_IO, errno, "poll");
            continue;
        }
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_sys(e, ERR_IO, errno, "write");
        data = str_sub(data, (size_t)n, data.n);
    }
    return true;
}

/* ---- replacing ---- */

static char *parent_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        return mem_strdup(".");
    return mem_strndup(path, slash == path ? 1 : (size_t)(slash - path));
}

/* Some file systems can not sync a directory and say EINVAL; there the rename is all there is. */
static bool sync_directory(const char *dir, struct err *e)
{
    CLEANUP(fd_close_p) int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return err_sys(e, ERR_IO, errno, "%s", dir);
    if (fsync(fd) < 0 && errno != EINVAL)
        return err_sys(e, ERR_IO, errno, "%s: sync", dir);
    return true;
}

static bool write_whole(int fd, struct str data, mode_t mode, struct err *e)
{
    if (fchmod(fd, mode) < 0)
        return err_sys(e, ERR_IO, errno, "set mode");
    if (!fs_write_all(fd, data, e))
        return false;
    if (fsync(fd) < 0)
        return err_sys(e, ERR_IO, errno, "sync");
    return true;
}

bool fs_replace(const char *path, struct str data, mode_t mode, struct err *e)
{
    CLEANUP(mem_free_p) char *temporary = mem_printf("%s.XXXXXX", path);
    CLEANUP(mem_free_p) char *dir = parent_of(path);
    CLEANUP(fd_close_p) int fd = mkostemp(temporary, O_CLOEXEC);
    if (fd < 0)
        return err_sys(e, code_of(errno), errno, "%s", path);
    bool ok = write_whole(fd, data, mode, e) || err_wrap(e, "%s", path);
    if (ok && rename(temporary, path) < 0)
        ok = err_sys(e, code_of(errno), errno, "%s", path);
    if (!ok) {
        unlink(temporary); /* the failure that is reported is the first one */
        return false;
    }
    return sync_directory(dir, e);
}

bool fs_copy(int from, int to, struct err *e)
{
    char bytes[READ_CHUNK];
    for (;;) {
        ssize_t n = read(from, bytes, sizeof(bytes));
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n == 0 || err_sys(e, ERR_IO, errno, "the copy");
        if (!fs_write_all(to, str_make(bytes, (size_t)n), e))
            return false;
    }
}

/* A second name, which fails when it is there; then the first goes. */
static int link_new(int dir, const char *from, const char *to)
{
    if (linkat(dir, from, dir, to, 0) < 0)
        return -1;
    if (unlinkat(dir, from, 0) == 0)
        return 0;
    int why = errno;
    (void)!unlinkat(dir, to, 0); /* ours, of just now; the failure that counts is the first one */
    errno = why;
    return -1;
}

int fs_rename_new(int dir, const char *from, const char *to)
{
    struct stat st;
    if (renameat2(dir, from, dir, to, RENAME_NOREPLACE) == 0)
        return 0;
    if (errno != EINVAL && errno != ENOSYS)
        return -1;
    if (link_new(dir, from, to) == 0)
        return 0;
    if (errno != EPERM && errno != EOPNOTSUPP && errno != ENOSYS)
        return -1;
    /* A file system that has neither: to look right before is all there is. */
    if (fstatat(dir, to, &st, AT_SYMLINK_NOFOLLOW) == 0) {
        errno = EEXIST;
        return -1;
    }
    return renameat(dir, from, dir, to);
}

/* ---- directories ---- */

static bool make_one(const char *path, mode_t mode, struct err *e)
{
    struct stat st;
    if (mkdir(path, mode) == 0)
        return true;
    int why = errno;
    /* Besides EEXIST: a read-only file system and a closed parent are no matter when it is there.
     */
    if (stat(path, &st) == 0)
        return S_ISDIR(st.st_mode) || err_sys(e, ERR_EXISTS, ENOTDIR, "%s", path);
    return err_sys(e, code_of(why), why, "%s", path);
}

bool fs_mkdirs(const char *path, mode_t mode, struct err *e)
{
    CLEANUP(mem_free_p) char *partial = mem_strdup(path);
    if (!path[0])
        return err_set(e, ERR_INVALID, "no directory named");
    for (char *p = partial + 1; *p; p++) {
        if (*p != '/' || p[-1] == '/')
            continue;
        *p = '\0';
        if (!make_one(partial, mode, e))
            return false;
        *p = '/';
    }
    return make_one(path, mode, e);
}

char *fs_real(const char *path, struct err *e)
{
    char *real = realpath(path, NULL);
    if (!real)
        err_sys(e, code_of(errno), errno, "%s", path);
    return real;
}

bool fs_exists(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0;
}

static void dir_close_p(DIR **d)
{
    if (*d)
        closedir(*d);
}

static bool remove_entry(int dir, const char *name, int depth, struct err *e);

/* What lies in the directory `name` of `dir`; not the directory itself. */
static bool remove_inside(int dir, const char *name, int depth, struct err *e)
{
    if (depth >= FS_TREE_DEPTH)
        return err_set(e, ERR_TOO_LARGE, "%s: more than %d directories deep", name, FS_TREE_DEPTH);
    CLEANUP(fd_close_p)
    int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    CLEANUP(dir_close_p) DIR *d = fd < 0 ? NULL : fdopendir(fd);
    if (!d)
        return err_sys(e, code_of(errno), errno, "%s", name);
    fd = -1; /* closedir closes it */
    for (;;) {
        errno = 0;
        struct dirent *entry = readdir(d);
        if (!entry && errno)
            return err_sys(e, ERR_IO, errno, "%s", name);
        if (!entry)
            return true;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        if (!remove_entry(dirfd(d), entry->d_name, depth + 1, e))
            return err_wrap(e, "%s", name);
    }
}

static bool remove_entry(int dir, const char *name, int depth, struct err *e)
{
    if (unlinkat(dir, name, 0) == 0 || errno == ENOENT)
        return true;
    /* Linux answers EISDIR for a directory; EPERM is what POSIX would say. */
    if (errno != EISDIR && errno != EPERM)
        return err_sys(e, ERR_IO, errno, "%s", name);
    if (!remove_inside(dir, name, depth, e))
        return false;
    if (unlinkat(dir, name, AT_REMOVEDIR) == 0 || errno == ENOENT)
        return true;
    return err_sys(e, ERR_IO, errno, "%s", name);
}

bool fs_lies_in(const char *path, const char *root)
{
    size_t n = strlen(root);
    while (n > 0 && root[n - 1] == '/')
        n--;
    return strncmp(path, root, n) == 0 && (path[n] == '/' || path[n] == '\0');
}

bool fs_remove_tree(const char *path, struct err *e)
{
    return remove_entry(AT_FDCWD, path, 0, e);
}

/* ---- names ---- */

char *fs_join(const char *dir, const char *name)
{
    size_t n = strlen(dir);
    return mem_printf("%s%s%s", dir, n && dir[n - 1] == '/' ? "" : "/", name);
}
