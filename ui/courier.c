/* SPDX-License-Identifier: MIT
 *
 * courier: a text on its way. Files have numbers for names, so that the newest are those with the largest
 * and a name is short enough for the row it is said in; what else lies in the directory stays.
 */
#include "ui/courier.h"

#include "base/fs.h"
#include "base/mem.h"
#include "base/proc.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

enum { COURIER_STACK = 512 * 1024, TMUX_MS = 10000, LEAVE_MS = 1000, NAME_TRIES = 100 };

/* ---- to tmux ---- */

/* -w: the terminal around it gets it, too. */
static bool go_to_tmux(struct courier *c)
{
    const char *const argv[] = {"tmux", "load-buffer", "-w", "-", NULL};
    CLEANUP(fd_close_p) int in = memfd_create("copy", MFD_CLOEXEC);
    if (in < 0)
        return err_sys(&c->err, ERR_IO, errno, "the copy for tmux");
    if (!fs_write_all(in, buf_view(&c->text), &c->err))
        return false;
    if (lseek(in, 0, SEEK_SET) != 0)
        return err_sys(&c->err, ERR_IO, errno, "the copy for tmux");
    struct proc_spec spec = {.argv = argv, .fd = {{in, STDIN_FILENO}}, .n_fd = 1};
    int status = -1;
    if (!proc_run(&spec, NULL, TMUX_MS, c->cancel, &status, &c->err))
        return false;
    return status == 0 || err_set(&c->err, ERR_IO, "tmux load-buffer ended with %d", status);
}

/* ---- into a file ---- */

/* "17.txt": 17; 0: none of ours. */
static int64_t number_of(const char *name)
{
    struct str s = str_of(name);
    int64_t n;
    if (!str_ends(s, ".txt") || s.p[0] < '1' || s.p[0] > '9' || !str_i64(str_sub(s, 0, s.n - 4), &n))
        return 0;
    return n;
}

static int64_t newest_in(DIR *d)
{
    int64_t newest = 0;
    for (struct dirent *entry; (entry = readdir(d));)
        newest = MAX(newest, number_of(entry->d_name));
    return newest;
}

/* One that can not be removed stays: the new one is there all the same. */
static void remove_up_to(DIR *d, int64_t last)
{
    rewinddir(d);
    for (struct dirent *entry; (entry = readdir(d));) {
        int64_t n = number_of(entry->d_name);
        if (n > 0 && n <= last)
            (void)unlinkat(dirfd(d), entry->d_name, 0);
    }
}

/* Another tau may write there, too: whoever makes a name first has it. */
static int make_file(DIR *d, int64_t *ret_n, char *name, size_t size)
{
    int64_t n = newest_in(d);
    for (int i = 0; i < NAME_TRIES && n < INT64_MAX; i++) {
        snprintf(name, size, "%" PRId64 ".txt", ++n);
        int fd = openat(dirfd(d), name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
        *ret_n = n;
        if (fd >= 0 || errno != EEXIST)
            return fd;
    }
    errno = EEXIST;
    return -1;
}

static bool go_to_file(struct courier *c)
{
    char name[32];
    int64_t n = 0;
    if (!c->dir)
        return err_set(&c->err, ERR_IO, "it is more than a terminal takes, and there is no place for a file");
    if (!fs_mkdirs(c->dir, 0700, &c->err))
        return false;
    DIR *d = opendir(c->dir);
    if (!d)
        return err_sys(&c->err, ERR_IO, errno, "%s", c->dir);
    CLEANUP(fd_close_p) int fd = make_file(d, &n, name, sizeof(name));
    bool ok = fd >= 0 || err_sys(&c->err, ERR_IO, errno, "%s/%s", c->dir, name);
    if (ok && !fs_write_all(fd, buf_view(&c->text), &c->err)) {
        (void)unlinkat(dirfd(d), name, 0); /* half of it is of no use; the error is told */
        ok = false;
    }
    if (ok) {
        remove_up_to(d, n - COURIER_KEPT);
        c->path = fs_join(c->dir, name);
    }
    (void)closedir(d); /* it was only read */
    return ok;
}

/* ---- the way ---- */

static void go(void *arg)
{
    struct courier *c = arg;
    if (c->to_tmux && go_to_tmux(c))
        c->place = COURIER_TMUX;
    else if (c->to_file && go_to_file(c))
        c->place = COURIER_FILE;
    int rc = eventfd_write(c->fd, 1);
    (void)rc; /* its counter is 0: this can not fail */
}

static void clear(struct courier *c)
{
    cancel_unref(c->cancel);
    c->cancel = NULL;
    buf_free(&c->text);
    free(TAKE(c->dir));
    free(TAKE(c->path));
    c->err = ERR_INIT;
    c->place = COURIER_BACK;
}

bool courier_start(struct courier *c, struct str text, bool to_tmux, bool to_file, const char *dir,
                   struct err *e)
{
    if (c->thread.running)
        return err_set(e, ERR_CONFLICT, "another copy is on its way");
    if (c->fd < 0)
        c->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (c->fd < 0)
        return err_sys(e, ERR_IO, errno, "the system has no descriptor left for a copy");
    clear(c);
    buf_str(&c->text, text);
    c->cancel = cancel_new(NULL);
    c->dir = mem_strdup(dir);
    c->to_tmux = to_tmux;
    c->to_file = to_file;
    return thread_start(&c->thread, "tau-copy", COURIER_STACK, go, c, e);
}

bool courier_take(struct courier *c)
{
    eventfd_t n;
    if (c->fd < 0 || eventfd_read(c->fd, &n) != 0)
        return false;
    thread_join(&c->thread);
    return true;
}

void courier_done(struct courier *c)
{
    struct pollfd p = {.fd = c->fd, .events = POLLIN};
    if (c->thread.running && poll(&p, 1, LEAVE_MS) <= 0)
        cancel_fire(c->cancel);
    thread_join(&c->thread);
    clear(c);
    fd_close_p(&c->fd);
}
