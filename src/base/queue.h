/* SPDX-License-Identifier: MIT
 *
 * queue: many senders, one receiver. Messages carry their own link; the receiver takes the whole
 * list at once, outside the lock. The eventfd is written only when the list was empty.
 */
#ifndef TAU_BASE_QUEUE_H
#define TAU_BASE_QUEUE_H

#include "base/base.h"

#include <pthread.h>

struct queue_node {
    struct queue_node *next;
};

struct queue {
    pthread_mutex_t lock; /* guards all below but fd */
    pthread_cond_t room;
    struct queue_node *head, **tail;
    size_t n, max;
    bool closed, armed;
    int fd; /* eventfd: readable while something waits that was pushed loudly, or the queue is closed */
};

/* max: messages that may wait. False when the system has no eventfd left (errno). */
bool queue_init(struct queue *q, size_t max) ATTR_WARN;
void queue_done(struct queue *q); /* the queue must be empty */

/* Appends. With `wait` blocks while the queue is full; without it a full queue refuses. False when
 * refused or closed: the message is still the caller's. Any thread. */
bool queue_push(struct queue *q, struct queue_node *m, bool wait) ATTR_WARN;

/* Gives `merge` the newest waiting message under the lock; when it answers true the message m was
 * merged into it, the caller still owns m and nothing is queued. Otherwise as queue_push with wait,
 * but the receiver is not woken: it finds the message when it looks, or when queue_wake is called.
 * merge must not block. *ret_merged says which. False when closed. */
bool queue_push_or_merge(struct queue *q, struct queue_node *m,
                         bool (*merge)(struct queue_node *last, struct queue_node *m),
                         bool *ret_merged) ATTR_WARN;

/* Makes the eventfd readable when something waits. Any thread. */
void queue_wake(struct queue *q);

/* Takes everything, oldest first, and re-arms the eventfd. NULL when empty. Receiver only. */
struct queue_node *queue_take_all(struct queue *q);

/* No message is accepted any more; waiting senders are refused; what waits can still be taken. */
void queue_close(struct queue *q);

#endif
