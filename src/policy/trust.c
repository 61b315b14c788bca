/* SPDX-License-Identifier: MIT
 *
 * trust: a small text file, read whole.
 */
#include "policy/trust.h"

#include "base/buf.h"
#include "base/fs.h"
#include "base/mem.h"
#include "store/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The text of the list; a missing file is an empty one. */
static bool read_list(const char *file, struct buf *b, struct err *e)
{
    struct stat st;
    CLEANUP(fd_close_p)
    int fd = open(file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
    if (fd < 0 && errno == ENOENT)
        return true;
    if (fd < 0)
        return err_sys(e, ERR_CONFIG, errno, "%s", file);
    if (fstat(fd, &st) < 0)
        return err_sys(e, ERR_IO, errno, "%s", file);
    if (!S_ISREG(st.st_mode) || st.st_uid != geteuid())
        return err_set(e, ERR_CONFIG, "%s is not a file of ours", file);
    if (st.st_mode & 077)
        return err_set(e, ERR_CONFIG, "%s is open to others; chmod 600 %s", file, file);
    return fs_read_fd(fd, b, e) || err_wrap(e, "%s", file);
}

static bool has_line(struct str text, const char *path)
{
    struct str line;
    while (str_line(&text, &line))
        if (str_is(line, path))
            return true;
    return false;
}

bool trust_find(const char *config_dir, const char *path, bool *ret_trusted, struct err *e)
{
    CLEANUP(mem_free_p) char *file = fs_join(config_dir, "trusted");
    CLEANUP(buf_free) struct buf b = BUF_INIT(TRUST_FILE_MAX);
    if (!read_list(file, &b, e))
        return false;
    *ret_trusted = has_line(buf_view(&b), path);
    return true;
}

static bool change_list(const char *file, const char *path, bool trust, struct err *e)
{
    CLEANUP(buf_free) struct buf old = BUF_INIT(TRUST_FILE_MAX);
    CLEANUP(buf_free) struct buf new = BUF_INIT(TRUST_FILE_MAX);
    if (!read_list(file, &old, e))
        return false;
    if (has_line(buf_view(&old), path) == trust)
        return true;
    struct str rest = buf_view(&old), line;
    while (str_line(&rest, &line)) {
        if (line.n == 0 || str_is(line, path))
            continue;
        buf_str(&new, line);
        buf_putc(&new, '\n');
    }
    if (trust)
        buf_printf(&new, "%s\n", path);
    if (!buf_ok(&new))
        return err_set(e, ERR_TOO_LARGE, "%s: the list is full", file);
    return fs_replace(file, buf_view(&new), 0600, e);
}

bool trust_set(const char *config_dir, const char *path, bool trust, struct err *e)
{
    CLEANUP(mem_free_p) char *file = fs_join(config_dir, "trusted");
    CLEANUP(mem_free_p) char *lock = fs_join(config_dir, "trusted.lock");
    if (path[0] != '/' || strpbrk(path, "\r\n"))
        return err_set(e, ERR_INVALID, "the path can not be kept in a list of lines");
    if (!fs_mkdirs(config_dir, 0700, e))
        return false;
    /* Read and written back under one lock, so that no change of another process is lost between both. */
    CLEANUP(fd_close_p) int held = lock_wait(lock, POLICY_FILE_MS, e);
    return held >= 0 && change_list(file, path, trust, e);
}
