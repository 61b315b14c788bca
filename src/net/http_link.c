/* SPDX-License-Identifier: MIT
 *
 * http_link: the list of them, and its sweeper. The sweeper only shuts a socket down: the library sees
 * its end, tells of it, and closes it, so that no descriptor is used after it is another's.
 */
#include "net/http_link.h"

#include "base/clock.h"
#include "base/mem.h"
#include "base/thread.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

struct link {
    struct link *next, **here;
    int fd;
    int64_t until_ms; /* INT64_MAX: it has no deadline */
    bool foreign;     /* of another user, who is not heard */
};

struct http_links {
    const struct lib_mhd *mhd;
    bool local;
    int64_t head_ms;
    struct thread sweeper;
    pthread_mutex_t lock;
    pthread_cond_t changed; /* first, a deadline, stopping */
    struct link *first;
    bool stopping;
};

static void sweep(void *arg)
{
    struct http_links *all = arg;
    pthread_mutex_lock(&all->lock);
    while (!all->stopping) {
        int64_t now = clock_mono_ms(), next = INT64_MAX;
        for (struct link *l = all->first; l; l = l->next) {
            if (l->until_ms <= now) {
                (void)shutdown(l->fd, SHUT_RDWR);
                l->until_ms = INT64_MAX;
            }
            next = MIN(next, l->until_ms);
        }
        if (next == INT64_MAX) {
            pthread_cond_wait(&all->changed, &all->lock);
        } else {
            struct timespec at = {.tv_sec = (time_t)(next / 1000), .tv_nsec = next % 1000 * 1000000};
            pthread_cond_timedwait(&all->changed, &all->lock, &at);
        }
    }
    pthread_mutex_unlock(&all->lock);
}

struct http_links *http_links_new(const struct lib_mhd *mhd, bool local, int64_t head_ms, struct err *e)
{
    struct http_links *all = NEW(struct http_links);
    pthread_condattr_t attr;
    all->mhd = mhd;
    all->local = local;
    all->head_ms = head_ms;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_mutex_init(&all->lock, NULL);
    pthread_cond_init(&all->changed, &attr);
    pthread_condattr_destroy(&attr);
    if (thread_start(&all->sweeper, "gw-sweep", 0, sweep, all, e))
        return all;
    http_links_free(all);
    return NULL;
}

void http_links_free(struct http_links *all)
{
    if (!all)
        return;
    pthread_mutex_lock(&all->lock);
    all->stopping = true;
    pthread_cond_signal(&all->changed);
    pthread_mutex_unlock(&all->lock);
    thread_join(&all->sweeper);
    pthread_cond_destroy(&all->changed);
    pthread_mutex_destroy(&all->lock);
    free(all);
}

/* SO_PEERCRED, unix(7): who connected, as the kernel knows it. */
static bool is_own_user(int fd)
{
    struct ucred peer = {0};
    socklen_t n = sizeof(peer);
    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &n) == 0 && peer.uid == geteuid();
}

static void begin(struct http_links *all, int fd, void **context)
{
    struct link *l = NEW(struct link);
    l->fd = fd;
    l->until_ms = clock_mono_ms() + all->head_ms;
    l->foreign = all->local && !is_own_user(fd);
    if (l->foreign) /* what it sent before can be read all the same */
        (void)shutdown(fd, SHUT_RDWR);
    pthread_mutex_lock(&all->lock);
    bool first = !all->first;
    l->next = all->first;
    l->here = &all->first;
    if (l->next)
        l->next->here = &l->next;
    all->first = l;
    *context = l;
    if (first)
        pthread_cond_signal(&all->changed);
    pthread_mutex_unlock(&all->lock);
}

void http_link_notify(void *cls, struct MHD_Connection *c, void **context,
                      enum MHD_ConnectionNotificationCode code)
{
    struct http_links *all = cls;
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        const union MHD_ConnectionInfo *i =
            all->mhd->MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD);
        begin(all, i ? i->connect_fd : -1, context);
        return;
    }
    struct link *l = *context;
    if (!l)
        return;
    pthread_mutex_lock(&all->lock);
    *l->here = l->next;
    if (l->next)
        l->next->here = l->here;
    pthread_mutex_unlock(&all->lock);
    free(l);
    *context = NULL;
}

static struct link *link_of(const struct http_links *all, struct MHD_Connection *c)
{
    const union MHD_ConnectionInfo *i =
        all->mhd->MHD_get_connection_info(c, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return i ? i->socket_context : NULL;
}

static void set_until(struct http_links *all, struct MHD_Connection *c, int64_t until_ms)
{
    struct link *l = link_of(all, c);
    if (!l)
        return;
    pthread_mutex_lock(&all->lock);
    /* The sweeper only has to know of an earlier one; that is the first of all. */
    bool first = l->until_ms == INT64_MAX;
    l->until_ms = until_ms;
    if (first)
        pthread_cond_signal(&all->changed);
    pthread_mutex_unlock(&all->lock);
}

void http_link_again(struct http_links *all, struct MHD_Connection *c)
{
    set_until(all, c, clock_mono_ms() + all->head_ms);
}

void http_link_forever(struct http_links *all, struct MHD_Connection *c)
{
    set_until(all, c, INT64_MAX);
}

bool http_link_is_heard(const struct http_links *all, struct MHD_Connection *c)
{
    const struct link *l = link_of(all, c);
    return l && !l->foreign;
}
