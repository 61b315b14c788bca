/* SPDX-License-Identifier: MIT
 *
 * thread: named threads and a pool. The pool starts a thread only when more items wait than threads
 * are idle.
 */
#include "base/thread.h"

#include "base/mem.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { STACK_FACTOR = 4 };
#else
enum { STACK_FACTOR = 1 };
#endif

enum { NAME_BYTES = 16, PAGE_BYTES = 4096 };

/* ---- one thread ---- */

struct start {
    void (*fn)(void *);
    void *arg;
    char name[NAME_BYTES];
};

static void *run(void *p)
{
    struct start s = *(struct start *)p;
    free(p);
    prctl(PR_SET_NAME, s.name); /* only a help to whoever looks at the process */
    s.fn(s.arg);
    return NULL;
}

bool thread_start(struct thread *t, const char *name, size_t stack_bytes, void (*fn)(void *),
                  void *arg, struct err *e)
{
    pthread_attr_t attr;
    size_t stack = (stack_bytes ? stack_bytes : (size_t)THREAD_STACK) * STACK_FACTOR;
    stack = MAX(stack, (size_t)PTHREAD_STACK_MIN);
    stack = (stack + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
    struct start *s = NEW(struct start);
    *s = (struct start){.fn = fn, .arg = arg};
    memcpy(s->name, name, strnlen(name, sizeof(s->name) - 1));
    pthread_attr_init(&attr);
    int why = pthread_attr_setstacksize(&attr, stack);
    if (!why)
        why = pthread_create(&t->id, &attr, run, s);
    pthread_attr_destroy(&attr);
    if (why) {
        free(s);
        return err_sys(e, ERR_OVERLOADED, why, "no thread for %s", name);
    }
    t->running = true;
    return true;
}

void thread_join(struct thread *t)
{
    if (!t->running)
        return;
    TAU_ASSERT(pthread_join(t->id, NULL) == 0);
    t->running = false;
}

/* ---- the pool ---- */

struct item {
    struct item *next;
    void (*fn)(void *);
    void *arg;
};

struct pool {
    char *name;
    size_t stack_bytes, max;
    pthread_mutex_t lock; /* guards all below */
    pthread_cond_t work;
    struct item *head, **tail;
    size_t waiting, idle, n;
    bool closing;
    struct thread threads[];
};

struct pool *pool_new(const char *name, size_t max, size_t stack_bytes)
{
    TAU_ASSERT(max > 0);
    struct pool *p = mem_new(sizeof(*p) + max * sizeof(p->threads[0]));
    p->name = mem_strdup(name);
    p->stack_bytes = stack_bytes;
    p->max = max;
    p->tail = &p->head;
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->work, NULL);
    return p;
}

/* Under the lock. The oldest item, or NULL when the pool closes and none is left. */
static struct item *next_item(struct pool *p)
{
    while (!p->head && !p->closing) {
        p->idle++;
        pthread_cond_wait(&p->work, &p->lock);
        p->idle--;
    }
    struct item *i = p->head;
    if (!i)
        return NULL;
    p->head = i->next;
    if (!p->head)
        p->tail = &p->head;
    p->waiting--;
    return i;
}

static void work(void *arg)
{
    struct pool *p = arg;
    struct item *i;
    pthread_mutex_lock(&p->lock);
    while ((i = next_item(p))) {
        pthread_mutex_unlock(&p->lock);
        i->fn(i->arg);
        free(i);
        pthread_mutex_lock(&p->lock);
    }
    pthread_mutex_unlock(&p->lock);
}

/* Under the lock. False when there is no thread at all that could run an item. */
static bool add_thread(struct pool *p)
{
    struct err e = ERR_INIT;
    char name[NAME_BYTES];
    if (p->waiting < p->idle || p->n == p->max)
        return true;
    snprintf(name, sizeof(name), "%.11s-%u", p->name, (unsigned)p->n % 1000);
    if (thread_start(&p->threads[p->n], name, p->stack_bytes, work, p, &e))
        p->n++;
    return p->n > 0;
}

bool pool_run(struct pool *p, void (*fn)(void *), void *arg)
{
    pthread_mutex_lock(&p->lock);
    bool taken = !p->closing && add_thread(p);
    if (taken) {
        struct item *i = NEW(struct item);
        *i = (struct item){.fn = fn, .arg = arg};
        *p->tail = i;
        p->tail = &i->next;
        p->waiting++;
        pthread_cond_signal(&p->work);
    }
    pthread_mutex_unlock(&p->lock);
    return taken;
}

void pool_free(struct pool *p)
{
    pthread_mutex_lock(&p->lock);
    p->closing = true;
    pthread_cond_broadcast(&p->work);
    pthread_mutex_unlock(&p->lock);
    /* No thread is added once `closing` is set, so n stands. */
    for (size_t i = 0; i < p->n; i++)
        thread_join(&p->threads[i]);
    pthread_cond_destroy(&p->work);
    pthread_mutex_destroy(&p->lock);
    free(p->name);
    free(p);
}
