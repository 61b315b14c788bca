/* SPDX-License-Identifier: MIT
 *
 * trace: runs a program and kills it with SIGKILL at its n-th system call, counted over all of its
 * threads (its children are not counted, and live or die as they would).
 */
#ifndef TAU_TESTS_TRACE_H
#define TAU_TESTS_TRACE_H

#include "base/buf.h"

enum { TRACE_MARKS_MAX = 256 };

struct traced {
    long calls;      /* system calls until the end; entry and exit count each */
    long marks[TRACE_MARKS_MAX]; /* which of them renamed a file: where something changes for good */
    size_t n_marks;
    bool killed;     /* by us */
    int status;      /* as of waitpid */
    struct buf out;  /* standard output until the end */
};

/* at <= 0: only counts. env: further "NAME=value", NULL-terminated. Fails the test when the system
 * does not let it trace. */
void trace_run(struct traced *t, const char *const *argv, const char *const *env, const char *cwd,
               long at);

#endif
