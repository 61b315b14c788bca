/* SPDX-License-Identifier: MIT
 *
 * thread: named threads with a stated stack, always joined; and a pool that runs one function per
 * item. Signals are blocked in main before the first thread, so no thread here receives any.
 */
#ifndef TAU_BASE_THREAD_H
#define TAU_BASE_THREAD_H

#include "base/base.h"
#include "base/err.h"

#include <pthread.h>

enum { THREAD_STACK = 256 * 1024 };

struct thread {
    pthread_t id;
    bool running;
};

/* name: at most 15 characters are kept (prctl). stack_bytes 0 means THREAD_STACK; a sanitizer build
 * gives more, because its frames are larger. ERR_OVERLOADED when the system gives no thread. */
bool thread_start(struct thread *t, const char *name, size_t stack_bytes, void (*fn)(void *),
                  void *arg, struct err *e) ATTR_WARN;
void thread_join(struct thread *t); /* does nothing when it is not running */

/* At most max threads, made when needed and kept until pool_free; items wait in order. */
struct pool;
/* Never NULL; starts no thread yet. */
struct pool *pool_new(const char *name, size_t max, size_t stack_bytes);

/* Runs fn(arg) on some thread of the pool. False after pool_free began, and when the pool has no
 * thread and can not get one: fn will not run. How many may wait is the caller's limit. */
bool pool_run(struct pool *p, void (*fn)(void *), void *arg) ATTR_WARN;

/* Waits for all items, joins all threads. Items must end by themselves (cancel tokens). */
void pool_free(struct pool *p);

#endif
