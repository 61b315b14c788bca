/* SPDX-License-Identifier: MIT
 *
 * lock: open file description locks.
 */
#include "store/lock.h"

#include "base/cancel.h"
#include "base/clock.h"
#include "base/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum { AGAIN_MS = 5 };

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

/* Not by a lock that the kernel waits for: whoever holds it may be stopped. */
int lock_wait(const char *path, int64_t ms, struct err *e)
{
    for (int64_t until = clock_mono_ms() + ms;;) {
        struct err why = ERR_INIT;
        int fd = lock_take(path, &why);
        if (fd >= 0 || why.code != ERR_LEASED || clock_mono_ms() >= until) {
            if (fd < 0)
                *e = why;
            return fd;
        }
        cancel_wait_fd(NULL, -1, 0, clock_mono_ms() + AGAIN_MS);
    }
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
