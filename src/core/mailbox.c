/* SPDX-License-Identifier: MIT
 *
 * mailbox: messages to the core thread, and those who wait for them.
 */
#include "base/mem.h"
#include "core/internal.h"

#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct waiter {
    atomic_int refs;
    int fd; /* eventfd, written once the answer is there */
    atomic_bool done; /* carries the answer from one thread to the other; the fd only wakes */
    struct action_answer answer;
};

enum { BLIND_WAIT_MS = 2 };

struct waiter *waiter_new(void)
{
    struct waiter *w = NEW(struct waiter);
    atomic_init(&w->refs, 1);
    w->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return w;
}

struct waiter *waiter_ref(struct waiter *w)
{
    atomic_fetch_add_explicit(&w->refs, 1, memory_order_relaxed);
    return w;
}

void waiter_unref(struct waiter *w)
{
    if (!w || atomic_fetch_sub_explicit(&w->refs, 1, memory_order_acq_rel) != 1)
        return;
    if (w->fd >= 0)
        close(w->fd);
    free(w);
}

void waiter_done(struct waiter *w, const struct action_answer *answer)
{
    uint64_t one = 1;
    w->answer = *answer;
    w->answer.text = NULL; /* not theirs to keep */
    atomic_store_explicit(&w->done, true, memory_order_release);
    if (w->fd >= 0 && write(w->fd, &one, sizeof(one)) < 0)
        return; /* the counter is full: it is readable already */
}

bool waiter_wait(struct waiter *w, struct cancel *cancel, struct action_answer *ret_answer,
                 struct err *e)
{
    if (w->fd < 0) {
        /* No descriptor was left to wait for. What was given away still uses its owner's stack, so that this
         * waits all the same. */
        while (!atomic_load_explicit(&w->done, memory_order_acquire)) {
            if (cancel_fired(cancel))
                return err_set(e, ERR_CANCELLED, "stopped while waiting for the log");
            (void)poll(NULL, 0, BLIND_WAIT_MS);
        }
        *ret_answer = w->answer;
        return true;
    }
    /* When both are ready the answer counts: what is committed has happened. */
    if (cancel_wait_fd(cancel, w->fd, POLLIN, INT64_MAX) == CANCEL_FIRED) {
        struct pollfd p = {.fd = w->fd, .events = POLLIN};
        if (poll(&p, 1, 0) <= 0)
            return err_set(e, ERR_CANCELLED, "stopped while waiting for the log");
    }
    /* Taken, so that also whoever watches threads sees who waited for whom. */
    uint64_t n;
    if (read(w->fd, &n, sizeof(n)) < 0)
        n = 0; /* an earlier wait took it; the answer is there all the same */
    TAU_ASSERT(atomic_load_explicit(&w->done, memory_order_acquire));
    *ret_answer = w->answer;
    return true;
}

void msg_free(struct msg *m)
{
    if (!m)
        return;
    event_unref(m->event);
    waiter_unref(m->waiter);
    free(m->action);
    free(m->arguments);
    free(m->idem);
    free(m->principal);
    free(m);
}
