/* SPDX-License-Identifier: MIT
 *
 * socket: the way in for other processes of this user.
 */
#include "gateway/socket.h"

#include "base/cancel.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/thread.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { NAME_DIGITS = 16, BACKLOG = 64, DIR_TRIES = 50 };

struct gateway_socket {
    struct gateway_options o;
    char *path;
    int fd; /* the door's until it is joined, as the gateway */
    struct cancel *cancel;
    struct thread door;
    struct gateway *gateway; /* once somebody came */
};

/* ---- where ---- */

/* Ours, a directory, and nobody else's business. *ret_there: false when it is not there at all. */
static bool is_own_dir(const char *path, bool *ret_there, struct err *e)
{
    struct stat st;
    *ret_there = lstat(path, &st) == 0;
    if (!*ret_there)
        return errno == ENOENT || err_sys(e, ERR_IO, errno, "%.300s", path);
    if (S_ISDIR(st.st_mode) && st.st_uid == geteuid() && (st.st_mode & 077) == 0)
        return true;
    err_set(e, ERR_IO, "%.300s is not a directory of yours alone: tau has no socket there", path);
    return err_hint(e, "chmod 700 it, or if it is another's, set XDG_RUNTIME_DIR to a directory of yours");
}

/* The same; made when it is missing. Whoever leaves may take it away again at once. */
static bool make_own_dir(const char *path, struct err *e)
{
    bool there;
    if (mkdir(path, 0700) != 0 && errno != EEXIST)
        return err_sys(e, ERR_IO, errno, "%.300s", path);
    return is_own_dir(path, &there, e);
}

/* The directory of a store's sockets; NULL when it can not be one. *ret_there: it is. It is made when
 * ret_there is NULL. The one above is looked at, too: whose it is can put what he likes in our place. */
static char *socket_dir(const char *state_dir, bool *ret_there, struct err *e)
{
    char base[64], digest[DIGEST_HEX];
    const char *runtime = getenv("XDG_RUNTIME_DIR");
    CLEANUP(mem_free_p) char *real = realpath(state_dir, NULL);
    if (!real) {
        err_sys(e, ERR_IO, errno, "%.300s", state_dir);
        return NULL;
    }
    digest_hex(str_of(real), digest);
    snprintf(base, sizeof(base), "/tmp/tau-%u", (unsigned)geteuid());
    bool has = runtime && runtime[0] == '/' && strlen(runtime) < 60;
    CLEANUP(mem_free_p) char *top = has ? fs_join(runtime, "tau") : mem_strdup(base);
    CLEANUP(mem_free_p) char *dir = mem_printf("%s/%.*s", top, (int)NAME_DIGITS, digest);
    bool ok = ret_there ? is_own_dir(top, ret_there, e) && is_own_dir(dir, ret_there, e)
                        : make_own_dir(top, e) && make_own_dir(dir, e);
    return ok ? TAKE(dir) : NULL;
}

static bool at_path(const char *path, struct sockaddr_un *ret)
{
    *ret = (struct sockaddr_un){.sun_family = AF_UNIX};
    return (size_t)snprintf(ret->sun_path, sizeof(ret->sun_path), "%s", path) < sizeof(ret->sun_path);
}

/* ---- those of others ---- */

/* 0 when somebody listens, else why nobody answered. */
static int knock(const char *path)
{
    struct sockaddr_un at;
    CLEANUP(fd_close_p) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (!at_path(path, &at))
        return ENAMETOOLONG;
    if (fd >= 0 && connect(fd, (struct sockaddr *)&at, sizeof(at)) == 0)
        return 0;
    return errno == EAGAIN ? 0 : errno;
}

static int by_pid(const void *a, const void *b)
{
    const struct gateway_peer *x = a, *y = b;
    return (x->pid > y->pid) - (x->pid < y->pid);
}

bool gateway_socket_list(const char *state_dir, gateway_peers *ret, struct err *e)
{
    if (!fs_exists(state_dir))
        return true; /* nobody has worked here */
    bool there = false;
    CLEANUP(mem_free_p) char *dir = socket_dir(state_dir, &there, e);
    if (!dir || !there)
        return dir != NULL; /* nobody has been here */
    DIR *d = opendir(dir);
    if (!d)
        return errno == ENOENT || err_sys(e, ERR_IO, errno, "%.300s", dir);
    for (struct dirent *entry; (entry = readdir(d));) {
        struct str name = str_of(entry->d_name);
        int64_t pid;
        if (!str_ends(name, ".sock") || !str_i64(str_sub(name, 0, name.n - 5), &pid) || pid <= 0)
            continue;
        char *path = fs_join(dir, entry->d_name);
        /* Our own is there; to knock would have it served. */
        int failure = pid == (int64_t)getpid() ? 0 : knock(path);
        if (failure == ECONNREFUSED)
            (void)unlink(path); /* its process is gone */
        /* Any other failure is one of ours, as of too many descriptors, and says nothing of that process. */
        if (failure == ECONNREFUSED || failure == ENOENT)
            free(path);
        else
            VEC_PUSH(ret, ((struct gateway_peer){(long)pid, path}));
    }
    (void)closedir(d);
    if (ret->n > 0)
        qsort(ret->v, ret->n, sizeof(*ret->v), by_pid);
    return true;
}

void gateway_peers_done(gateway_peers *p)
{
    for (size_t i = 0; i < p->n; i++)
        free(p->v[i].path);
    free(p->v);
    *p = (gateway_peers){0};
}

/* ---- ours ---- */

/* *ret_gone: somebody took its directory away before it was in there. */
static int listen_at(const char *path, bool *ret_gone, struct err *e)
{
    struct sockaddr_un at;
    CLEANUP(fd_close_p) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    CLEANUP(mem_free_p) char *nameless = mem_printf("%s.new", path);
    *ret_gone = false;
    if (!at_path(nameless, &at)) {
        err_set(e, ERR_IO, "%.300s is too long for a socket", path);
        return -1;
    }
    (void)unlink(at.sun_path); /* of a process that had our number before */
    /* Its directory lets nobody else in, so that there is no moment in which the mode matters. It gets its
     * name when it listens: before, whoever knocks would take it for one of a process that is gone. */
    if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof(at)) != 0 || chmod(at.sun_path, 0600) != 0 ||
        listen(fd, BACKLOG) != 0 || rename(at.sun_path, path) != 0) {
        *ret_gone = errno == ENOENT;
        err_sys(e, ERR_IO, errno, "the socket %.300s", path);
        (void)unlink(at.sun_path);
        return -1;
    }
    int listens = fd;
    fd = -1;
    return listens;
}

/* The last that leaves takes the directory with it, also from under us before our socket is there. */
static void remove_dir_of(const char *socket)
{
    CLEANUP(mem_free_p) char *dir = mem_strndup(socket, (size_t)(strrchr(socket, '/') - socket));
    (void)rmdir(dir); /* another's socket is there */
}

/* The first one that comes is served by the gateway, which takes over from here. Where it can not start,
 * nobody shall wait for an answer: the socket goes. */
static void wait_at_door(void *arg)
{
    struct gateway_socket *s = arg;
    struct err e = ERR_INIT;
    if (cancel_wait_fd(s->cancel, s->fd, POLLIN, CLOCK_NEVER) != CANCEL_READY)
        return;
    s->o.listen_fd = fcntl(s->fd, F_DUPFD_CLOEXEC, 0); /* the library closes its own */
    s->gateway = gateway_start(&s->o, &e);
    if (s->gateway)
        return;
    log_error("the socket for tau ctl: %s", e.message);
    (void)unlink(s->path);
    remove_dir_of(s->path);
    fd_close_p(&s->fd); /* and with it those that wait at it */
}

static bool open_socket(struct gateway_socket *s, struct err *e)
{
    bool gone = true;
    for (int i = 0; i < DIR_TRIES && gone; i++) {
        CLEANUP(mem_free_p) char *dir = socket_dir(s->o.state_dir, NULL, e);
        if (!dir)
            return false;
        free(s->path);
        s->path = mem_printf("%s/%ld.sock", dir, (long)getpid());
        s->fd = listen_at(s->path, &gone, e);
    }
    return s->fd >= 0;
}

struct gateway_socket *gateway_socket_start(const struct gateway_options *options, struct err *e)
{
    struct gateway_socket *s = NEW(struct gateway_socket);
    s->o = *options;
    s->o.local = true;
    s->fd = -1;
    s->cancel = cancel_new(NULL);
    if (open_socket(s, e) && thread_start(&s->door, "gw-door", 0, wait_at_door, s, e))
        return s;
    gateway_socket_stop(s);
    return NULL;
}

void gateway_socket_stop(struct gateway_socket *s)
{
    if (!s)
        return;
    cancel_fire(s->cancel);
    thread_join(&s->door);
    if (s->fd >= 0) {
        (void)unlink(s->path);
        remove_dir_of(s->path);
    }
    gateway_stop(s->gateway);
    fd_close_p(&s->fd);
    cancel_unref(s->cancel);
    free(s->path);
    free(s);
}
