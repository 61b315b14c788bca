/* SPDX-License-Identifier: MIT
 *
 * watch: follows a process that already runs, over all of its threads, counts their system calls, and
 * kills it at the n-th. Its own thread does the tracing, so that the test can go on typing.
 */
#ifndef TAU_TESTS_WATCH_H
#define TAU_TESTS_WATCH_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/types.h>

struct watch {
    pid_t pid;
    long at;           /* <= 0: only counts */
    atomic_long calls; /* entry and exit count each */
    atomic_bool ready, gone;
    bool refused;      /* the system does not let us trace it */
    pthread_t thread;
};

void watch_start(struct watch *w, pid_t pid, long at);

/* Waits until the process is gone. */
void watch_end(struct watch *w);

#endif
