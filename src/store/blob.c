/* SPDX-License-Identifier: MIT
 *
 * blob: a temporary file that gets the name of its digest. It is synced before it is named, so what
 * has a name is whole; whoever asks for it again after a power loss finds all of it or nothing.
 */
#include "store/blob.h"

#include "base/fs.h"
#include "base/mem.h"
#include "store/place.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { COPY_CHUNK = 64 * 1024, FAN_CHARS = 2, ALONE_MAX = 8, NAME_CHARS_MAX = 64 };

struct blob_writer {
    char *dir, *temporary; /* <store>/blobs, and a file in it */
    int fd;
    int64_t bytes;
    struct digest digest;
};

/* ---- places ---- */

static bool is_digest(const char *sha)
{
    return strlen(sha) == DIGEST_HEX - 1 && strspn(sha, "0123456789abcdef") == DIGEST_HEX - 1;
}

static char *fan_of(const char *dir, const char *sha)
{
    return mem_printf("%s/%.*s", dir, FAN_CHARS, sha);
}

/* ---- writing ---- */

/* Opens w->temporary by `make`, in a directory that is made when it is missing. */
static struct blob_writer *begin(const char *store_dir, const char *file, int (*make)(char *path),
                                 struct err *e)
{
    struct blob_writer *w = NEW(struct blob_writer);
    w->fd = -1;
    w->dir = fs_join(store_dir, "blobs");
    w->temporary = fs_join(w->dir, file);
    digest_init(&w->digest);
    if (fs_mkdirs(w->dir, 0700, e)) {
        w->fd = make(w->temporary);
        if (w->fd >= 0)
            return w;
        err_sys(e, ERR_STORE, errno, "%s", w->dir);
    }
    blob_abort(w);
    return NULL;
}

static int make_any(char *path)
{
    return mkostemp(path, O_CLOEXEC);
}

static int make_new(char *path)
{
    return open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
}

struct blob_writer *blob_begin(const char *store_dir, struct err *e)
{
    return begin(store_dir, "new-XXXXXX", make_any, e);
}

static bool is_plain_name(const char *name)
{
    size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
    return n > 0 && n <= NAME_CHARS_MAX && name[n] == '\0';
}

struct blob_writer *blob_begin_named(const char *store_dir, const char *name, struct err *e)
{
    if (!is_plain_name(name)) {
        err_set(e, ERR_INVALID, "a blob can not be begun as '%s'", name);
        return NULL;
    }
    CLEANUP(mem_free_p) char *file = mem_printf("part-%s", name);
    return begin(store_dir, file, make_new, e);
}

bool blob_add(struct blob_writer *w, struct str data, struct err *e)
{
    if (!fs_write_all(w->fd, data, e))
        return err_wrap(e, "%s", w->dir);
    digest_add(&w->digest, data);
    w->bytes += (int64_t)data.n;
    return true;
}

void blob_abort(struct blob_writer *w)
{
    if (!w)
        return;
    if (w->fd >= 0) {
        (void)unlink(w->temporary); /* gone already when it got its name */
        fd_close_p(&w->fd);
    }
    free(w->dir);
    free(w->temporary);
    free(w);
}

/* Is the same content there? One of another size is none of ours and is written over. */
static bool is_there(const char *path, int64_t bytes)
{
    struct stat st;
    return lstat(path, &st) == 0 && S_ISREG(st.st_mode) && st.st_size == bytes;
}

/* A sweep that has not set it aside yet leaves it (store/sweep.c). */
static bool make_young(const char *path)
{
    return utimensat(AT_FDCWD, path, NULL, AT_SYMLINK_NOFOLLOW) == 0;
}

/* Of a file that is synced already. */
static bool give_name(const char *dir, const char *temporary, int64_t bytes, const char *sha,
                      struct err *e)
{
    CLEANUP(mem_free_p) char *fan = fan_of(dir, sha);
    CLEANUP(mem_free_p) char *path = fs_join(fan, sha + FAN_CHARS);
    if (!fs_mkdirs(fan, 0700, e))
        return false;
    if (is_there(path, bytes) && make_young(path) && is_there(path, bytes))
        return true;
    return rename(temporary, path) == 0 || err_sys(e, ERR_STORE, errno, "%s", path);
}

static bool sync_name(const char *dir, const char *sha, struct err *e)
{
    CLEANUP(mem_free_p) char *fan = fan_of(dir, sha);
    return place_sync_dir(fan, e) && place_sync_dir(dir, e);
}

bool blob_end(struct blob_writer *w, char ret_sha[DIGEST_HEX], int64_t *ret_bytes, struct err *e)
{
    char sha[DIGEST_HEX];
    digest_end(&w->digest, sha);
    bool ok = fsync(w->fd) == 0 || err_sys(e, ERR_STORE, errno, "%s: sync", w->temporary);
    /* The name is synced also when it was there: who made it may not have come so far. */
    ok = ok && give_name(w->dir, w->temporary, w->bytes, sha, e) && sync_name(w->dir, sha, e);
    if (ok) {
        memcpy(ret_sha, sha, DIGEST_HEX);
        *ret_bytes = w->bytes;
    }
    blob_abort(w);
    return ok;
}

/* ---- copying a file ---- */

/* At most `left` bytes, for a file may grow while it is read. write: into the blob too, for its
 * digest only when the bytes were cloned. */
static bool read_through(struct blob_writer *w, int fd, int64_t left, bool write, struct err *e)
{
    CLEANUP(mem_free_p) char *chunk = mem_new(COPY_CHUNK);
    for (off_t at = 0; left > 0;) {
        ssize_t n = pread(fd, chunk, (size_t)MIN(left, (int64_t)COPY_CHUNK), at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_sys(e, ERR_IO, errno, "read");
        if (n == 0)
            break; /* it shrank */
        struct str got = str_make(chunk, (size_t)n);
        if (write) {
            if (!blob_add(w, got, e))
                return false;
        } else {
            digest_add(&w->digest, got);
            w->bytes += n;
        }
        at += n;
        left -= n;
    }
    return true;
}

/* A writer that holds the content of an open file. */
static struct blob_writer *copy_fd(const char *store_dir, int fd, struct err *e)
{
    struct stat st;
    if (fstat(fd, &st) < 0) {
        err_sys(e, ERR_IO, errno, "stat");
        return NULL;
    }
    if (!S_ISREG(st.st_mode)) {
        err_set(e, ERR_NOT_REGULAR, "only a regular file can be kept");
        return NULL;
    }
    struct blob_writer *w = blob_begin(store_dir, e);
    if (!w)
        return NULL;
    /* A clone shares its blocks and is taken at one instant. Most file systems have none. */
    bool cloned = ioctl(w->fd, FICLONE, fd) == 0 && fstat(w->fd, &st) == 0;
    if (read_through(w, cloned ? w->fd : fd, st.st_size, !cloned, e))
        return w;
    blob_abort(w);
    return NULL;
}

bool blob_from_fd(const char *store_dir, int fd, char ret_sha[DIGEST_HEX], int64_t *ret_bytes,
                  struct err *e)
{
    struct blob_writer *w = copy_fd(store_dir, fd, e);
    return w && blob_end(w, ret_sha, ret_bytes, e);
}

/* ---- copying many files ---- */

struct pending {
    char *temporary;
    char sha[DIGEST_HEX];
    int64_t bytes;
};

struct blob_batch {
    char *store_dir, *dir;
    VEC(struct pending) files;
};

struct blob_batch *blob_batch_new(const char *store_dir)
{
    struct blob_batch *b = NEW(struct blob_batch);
    b->store_dir = mem_strdup(store_dir);
    b->dir = fs_join(store_dir, "blobs");
    return b;
}

bool blob_batch_copy(struct blob_batch *b, int fd, char ret_sha[DIGEST_HEX], int64_t *ret_bytes,
                     struct err *e)
{
    struct blob_writer *w = copy_fd(b->store_dir, fd, e);
    if (!w)
        return false;
    struct pending file = {.bytes = w->bytes};
    digest_end(&w->digest, file.sha);
    memcpy(ret_sha, file.sha, DIGEST_HEX);
    *ret_bytes = w->bytes;
    file.temporary = TAKE(w->temporary);
    VEC_PUSH(&b->files, file);
    fd_close_p(&w->fd);
    blob_abort(w); /* has nothing to remove any more */
    return true;
}

/* One call for the whole file system is cheaper than two for each of many files. */
static bool sync_all(const char *dir, struct err *e)
{
    CLEANUP(fd_close_p) int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return (fd >= 0 && syncfs(fd) == 0) || err_sys(e, ERR_STORE, errno, "%s: sync", dir);
}

static bool sync_file(const char *path, struct err *e)
{
    CLEANUP(fd_close_p) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    return (fd >= 0 && fsync(fd) == 0) || err_sys(e, ERR_STORE, errno, "%s: sync", path);
}

/* Content before names, names before the answer. */
static bool settle(struct blob_batch *b, struct err *e)
{
    bool alone = b->files.n <= ALONE_MAX;
    bool ok = alone || sync_all(b->dir, e);
    for (size_t i = 0; ok && alone && i < b->files.n; i++)
        ok = sync_file(b->files.v[i].temporary, e);
    for (size_t i = 0; ok && i < b->files.n; i++)
        ok = give_name(b->dir, b->files.v[i].temporary, b->files.v[i].bytes, b->files.v[i].sha, e);
    for (size_t i = 0; ok && alone && i < b->files.n; i++)
        ok = sync_name(b->dir, b->files.v[i].sha, e);
    return ok && (alone || sync_all(b->dir, e));
}

bool blob_batch_end(struct blob_batch *b, struct err *e)
{
    bool ok = settle(b, e);
    blob_batch_abort(b);
    return ok;
}

void blob_batch_abort(struct blob_batch *b)
{
    if (!b)
        return;
    for (size_t i = 0; i < b->files.n; i++) {
        (void)unlink(b->files.v[i].temporary); /* gone already when it got its name */
        free(b->files.v[i].temporary);
    }
    free(b->files.v);
    free(b->store_dir);
    free(b->dir);
    free(b);
}

/* ---- what a process that died had begun ---- */

bool blob_rescue(const char *store_dir, const char *name, char ret_sha[DIGEST_HEX],
                 int64_t *ret_bytes, struct err *e)
{
    if (!is_plain_name(name))
        return err_set(e, ERR_INVALID, "no blob can be begun as '%s'", name);
    CLEANUP(mem_free_p) char *path = mem_printf("%s/blobs/part-%s", store_dir, name);
    int fd = open(path, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    struct stat st;
    if (fd < 0)
        return err_sys(e, errno == ENOENT ? ERR_NOT_FOUND : ERR_STORE, errno, "%s", path);
    struct blob_writer *w = NEW(struct blob_writer);
    w->fd = fd;
    w->dir = fs_join(store_dir, "blobs");
    w->temporary = TAKE(path);
    digest_init(&w->digest);
    bool ok = (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) ||
              err_set(e, ERR_STORE, "%s is not a file", w->temporary);
    ok = ok && read_through(w, fd, st.st_size, false, e);
    if (ok)
        return blob_end(w, ret_sha, ret_bytes, e);
    /* It stays for the next try. */
    fd_close_p(&w->fd);
    blob_abort(w);
    return false;
}

/* ---- reading ---- */

int blob_open(const char *store_dir, const char *sha, struct err *e)
{
    if (!is_digest(sha)) {
        err_set(e, ERR_INVALID, "a blob is named by 64 lower-case hex digits");
        return -1;
    }
    CLEANUP(mem_free_p)
    char *path = mem_printf("%s/blobs/%.*s/%s", store_dir, FAN_CHARS, sha, sha + FAN_CHARS);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0)
        err_sys(e, errno == ENOENT ? ERR_NOT_FOUND : ERR_STORE, errno, "blob %s", sha);
    return fd;
}

bool blob_use(const char *store_dir, const char *sha)
{
    struct err ignored = ERR_INIT;
    CLEANUP(fd_close_p) int fd = blob_open(store_dir, sha, &ignored);
    if (fd < 0 || futimens(fd, NULL) < 0)
        return false;
    CLEANUP(fd_close_p) int again = blob_open(store_dir, sha, &ignored);
    return again >= 0;
}
