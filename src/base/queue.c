/* SPDX-License-Identifier: MIT
 *
 * queue: many senders, one receiver. The eventfd is written and read under the lock: neither
 * blocks, and so it is readable exactly while something waits that was pushed loudly, or the queue is
 * closed.
 */
#include "base/queue.h"

#include "base/fs.h"

#include <sys/eventfd.h>
#include <unistd.h>

bool queue_init(struct queue *q, size_t max)
{
    int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (fd < 0)
        return false;
    *q = (struct queue){.max = max, .fd = fd};
    q->tail = &q->head;
    pthread_mutex_init(&q->lock, NULL);
    pthread_cond_init(&q->room, NULL);
    return true;
}

void queue_done(struct queue *q)
{
    TAU_ASSERT(!q->head);
    fd_close_p(&q->fd);
    pthread_cond_destroy(&q->room);
    pthread_mutex_destroy(&q->lock);
}

/* A counter that is 0 or 1 and an eventfd of our own: neither call has a way to fail. */
static void arm(struct queue *q)
{
    const uint64_t one = 1;
    if (q->armed || q->closed)
        return;
    q->armed = true;
    TAU_ASSERT(write(q->fd, &one, sizeof(one)) == sizeof(one));
}

static void disarm(struct queue *q)
{
    uint64_t count;
    q->armed = false;
    TAU_ASSERT(read(q->fd, &count, sizeof(count)) == sizeof(count));
}

/* Under the lock, with room. */
static void append(struct queue *q, struct queue_node *m)
{
    m->next = NULL;
    *q->tail = m;
    q->tail = &m->next;
    q->n++;
}

bool queue_push(struct queue *q, struct queue_node *m, bool wait)
{
    pthread_mutex_lock(&q->lock);
    while (wait && q->n >= q->max && !q->closed)
        pthread_cond_wait(&q->room, &q->lock);
    bool taken = q->n < q->max && !q->closed;
    if (taken) {
        append(q, m);
        arm(q);
    }
    pthread_mutex_unlock(&q->lock);
    return taken;
}

void queue_wake(struct queue *q)
{
    pthread_mutex_lock(&q->lock);
    if (q->head)
        arm(q);
    pthread_mutex_unlock(&q->lock);
}

bool queue_push_or_merge(struct queue *q, struct queue_node *m,
                         bool (*merge)(struct queue_node *last, struct queue_node *m),
                         bool *ret_merged)
{
    bool merged = false, taken = false;
    pthread_mutex_lock(&q->lock);
    while (!q->closed) {
        /* tail points to the link of the newest message, which is asked again after every wait. */
        merged = q->head && merge(CONTAINER_OF(q->tail, struct queue_node, next), m);
        taken = merged || q->n < q->max;
        if (taken)
            break;
        arm(q); /* a full queue is worth a look */
        pthread_cond_wait(&q->room, &q->lock);
    }
    if (taken && !merged)
        append(q, m);
    pthread_mutex_unlock(&q->lock);
    if (taken)
        *ret_merged = merged;
    return taken;
}

struct queue_node *queue_take_all(struct queue *q)
{
    pthread_mutex_lock(&q->lock);
    struct queue_node *all = q->head;
    if (q->armed && !q->closed)
        disarm(q);
    if (q->n >= q->max)
        pthread_cond_broadcast(&q->room);
    q->head = NULL;
    q->tail = &q->head;
    q->n = 0;
    pthread_mutex_unlock(&q->lock);
    return all;
}

void queue_close(struct queue *q)
{
    pthread_mutex_lock(&q->lock);
    arm(q); /* from now on nobody makes it otherwise */
    q->closed = true;
    pthread_cond_broadcast(&q->room);
    pthread_mutex_unlock(&q->lock);
}
