/* SPDX-License-Identifier: MIT
 *
 * cancel: a token that says "stop now". A parent knows its children without a reference: a child
 * takes itself out of the list, under the parent's lock, before its memory goes. Firing holds the
 * parent's lock while it fires the children, so locks are always taken from parent to child.
 * Writing an eventfd does not block, so it may happen under the lock.
 */
#include "base/cancel.h"

#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* How long a wait looks away when the system has no descriptor left for the eventfd. */
enum { BLIND_MS = 50 };

struct cancel {
    atomic_size_t refs;
    atomic_bool fired;
    struct cancel *parent; /* a reference; set once */
    pthread_mutex_t lock;  /* guards fd and children, and writing `fired` */
    int fd;                /* made at the first cancel_fd; -1 before */
    struct cancel *children;
    struct cancel *prev, *next; /* guarded by the parent's lock */
};

static void link_to(struct cancel *parent, struct cancel *c)
{
    pthread_mutex_lock(&parent->lock);
    c->next = parent->children;
    if (c->next)
        c->next->prev = c;
    parent->children = c;
    atomic_store(&c->fired, atomic_load(&parent->fired));
    pthread_mutex_unlock(&parent->lock);
}

static void unlink_from(struct cancel *parent, struct cancel *c)
{
    pthread_mutex_lock(&parent->lock);
    if (c->prev)
        c->prev->next = c->next;
    else
        parent->children = c->next;
    if (c->next)
        c->next->prev = c->prev;
    pthread_mutex_unlock(&parent->lock);
}

struct cancel *cancel_new(struct cancel *parent)
{
    struct cancel *c = NEW(struct cancel);
    atomic_init(&c->refs, 1);
    atomic_init(&c->fired, false);
    pthread_mutex_init(&c->lock, NULL);
    c->fd = -1;
    c->parent = parent ? cancel_ref(parent) : NULL;
    if (parent)
        link_to(parent, c);
    return c;
}

struct cancel *cancel_ref(struct cancel *c)
{
    if (c)
        atomic_fetch_add_explicit(&c->refs, 1, memory_order_relaxed);
    return c;
}

void cancel_unref(struct cancel *c)
{
    /* A loop and no recursion: the last child may hold the last reference of a whole line. */
    while (c && atomic_fetch_sub_explicit(&c->refs, 1, memory_order_acq_rel) == 1) {
        struct cancel *parent = c->parent;
        if (parent)
            unlink_from(parent, c);
        fd_close_p(&c->fd);
        pthread_mutex_destroy(&c->lock);
        free(c);
        c = parent;
    }
}

/* Under the lock. An eventfd's write fails only when its counter is full, and then it is readable.
 */
static void make_readable(const struct cancel *c)
{
    const uint64_t one = 1;
    ssize_t n = c->fd < 0 ? 0 : write(c->fd, &one, sizeof(one));
    (void)n;
}

void cancel_fire(struct cancel *c)
{
    pthread_mutex_lock(&c->lock);
    if (!atomic_exchange(&c->fired, true)) {
        make_readable(c);
        for (struct cancel *child = c->children; child; child = child->next)
            cancel_fire(child);
    }
    pthread_mutex_unlock(&c->lock);
}

bool cancel_fired(const struct cancel *c)
{
    return c && atomic_load_explicit(&c->fired, memory_order_acquire);
}

int cancel_fd(struct cancel *c)
{
    if (!c)
        return -1;
    pthread_mutex_lock(&c->lock);
    if (c->fd < 0) {
        c->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        if (atomic_load(&c->fired))
            make_readable(c);
    }
    int fd = c->fd;
    pthread_mutex_unlock(&c->lock);
    return fd;
}

enum cancel_wait cancel_wait_fds(struct cancel *c, struct pollfd *fds, size_t n,
                                 int64_t deadline_ms)
{
    struct pollfd all[CANCEL_FDS_MAX + 1] = {{.fd = cancel_fd(c), .events = POLLIN}};
    TAU_ASSERT(n <= CANCEL_FDS_MAX);
    if (n)
        memcpy(all + 1, fds, n * sizeof(*fds));
    for (;;) {
        if (cancel_fired(c))
            return CANCEL_FIRED;
        int left = clock_poll_ms(deadline_ms);
        bool blind = c && all[0].fd < 0 && (left < 0 || left > BLIND_MS);
        int ready = poll(all, n + 1, blind ? BLIND_MS : left);
        if (ready < 0) {
            TAU_ASSERT(errno == EINTR || errno == ENOMEM);
            continue;
        }
        if (cancel_fired(c))
            return CANCEL_FIRED;
        if (ready > 0 && n) {
            memcpy(fds, all + 1, n * sizeof(*fds));
            return CANCEL_READY;
        }
        if (!blind && left < INT_MAX)
            return CANCEL_DEADLINE;
    }
}

enum cancel_wait cancel_wait_fd(struct cancel *c, int fd, short events, int64_t deadline_ms)
{
    struct pollfd p = {.fd = fd, .events = events};
    return cancel_wait_fds(c, &p, 1, deadline_ms);
}
