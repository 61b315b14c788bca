/* SPDX-License-Identifier: MIT
 *
 * lock: open file description locks.
 */
#include "store/lock.h"

#include "base/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static bool try_lock(int fd)
{
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    return fcntl(fd, F_OFD_SETLK, &whole) == 0;
}

int lock_take(const char *path, struct err *e)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        err_sys(e, ERR_STORE, errno, "%s", path);
        return -1;
    }
    if (try_lock(fd))
        return fd;
    if (errno == EAGAIN || errno == EACCES)
        err_set(e, ERR_LEASED, "%s: another process holds it", path);
    else
        err_sys(e, ERR_STORE, errno, "%s", path);
    fd_close_p(&fd);
    return -1;
}

/* Asked without taking it: whoever takes it meanwhile shall not find it held. */
bool lock_is_free(const char *path)
{
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    CLEANUP(fd_close_p) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return errno == ENOENT;
    return fcntl(fd, F_OFD_GETLK, &whole) == 0 && whole.l_type == F_UNLCK;
}
