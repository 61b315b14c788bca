/* SPDX-License-Identifier: MIT
 *
 * answers: actions on their way.
 */
#include "ui/answers.h"

#include "base/buf.h"
#include "base/mem.h"
#include "json/field.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct pending {
    struct answers *all;
    struct answer answer;
    struct pending *next;
};

struct answers {
    pthread_mutex_t lock; /* guards all but fd */
    struct pending *head, **tail;
    size_t users; /* the console, and each action on its way */
    bool closed;
    int fd;
};

struct answers *answers_new(void)
{
    int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (fd < 0)
        return NULL;
    struct answers *a = NEW(struct answers);
    pthread_mutex_init(&a->lock, NULL);
    a->tail = &a->head;
    a->users = 1;
    a->fd = fd;
    return a;
}

static void pending_free(struct pending *p)
{
    free(p->answer.text);
    free(p->answer.given);
    free(p);
}

/* Gives one use up; whoever was the last frees all. Called with the lock, gives it back. */
static void leave(struct answers *a)
{
    bool last = --a->users == 0;
    pthread_mutex_unlock(&a->lock);
    if (!last)
        return;
    while (a->head) {
        struct pending *p = a->head;
        a->head = p->next;
        pending_free(p);
    }
    close(a->fd);
    pthread_mutex_destroy(&a->lock);
    free(a);
}

void answers_free(struct answers *a)
{
    if (!a)
        return;
    pthread_mutex_lock(&a->lock);
    a->closed = true;
    leave(a);
}

int answers_fd(const struct answers *a)
{
    return a->fd;
}

/* On the core's thread: must not block. */
static void on_done(void *arg, const struct action_answer *result)
{
    struct pending *p = arg;
    struct answers *a = p->all;
    p->answer.result = *result;
    p->answer.given = mem_strdup(result->text);
    p->answer.result.text = NULL;
    p->next = NULL;
    pthread_mutex_lock(&a->lock);
    *a->tail = p;
    a->tail = &p->next;
    int rc = a->closed ? 0 : eventfd_write(a->fd, 1);
    (void)rc; /* a full counter has woken the reader already */
    leave(a);
}

void answers_submit(struct answers *a, const struct actor *actor, const struct principal *who,
                    enum action_id action, const void *arguments, char *text)
{
    struct pending *p = NEW(struct pending);
    p->all = a;
    p->answer.action = action;
    p->answer.text = text;
    pthread_mutex_lock(&a->lock);
    a->users++;
    pthread_mutex_unlock(&a->lock);
    CLEANUP(buf_free) struct buf json = BUF_OWN;
    struct jsonw w = JSONW(&json);
    field_write_object(&action_table[action].set, &w, arguments);
    actor->submit(actor->ctx, action_table[action].name, buf_view(&json), who, NULL, on_done, p);
}

bool answers_next(struct answers *a, struct answer *ret_answer)
{
    pthread_mutex_lock(&a->lock);
    struct pending *p = a->head;
    if (p) {
        a->head = p->next;
        if (!a->head)
            a->tail = &a->head;
    } else {
        eventfd_t n;
        if (eventfd_read(a->fd, &n) != 0)
            n = 0; /* it was armed already */
    }
    pthread_mutex_unlock(&a->lock);
    if (!p)
        return false;
    *ret_answer = p->answer;
    free(p);
    return true;
}
