/* SPDX-License-Identifier: MIT
 *
 * guardian: a console that dies must not leave the terminal in a bad state, and the shell's job
 * control must see one well-behaved process. So main forks before anything else: the child is tau,
 * the parent only waits, and puts the terminal right however its child ends.
 */
#ifndef TAU_CLI_GUARDIAN_H
#define TAU_CLI_GUARDIAN_H

#include "base/base.h"
#include "base/err.h"

#include <signal.h>

struct guardian {
    int fd;                        /* hangs up when the guardian is gone; -1: there is none */
    volatile sig_atomic_t *screen; /* shared: the child sets it while the screen is its own */
};

/* Splits the process. Call it before there is a second thread, an open library or a file. Returns
 * in the child only: the parent calls forget(arg), wipes its environment, stays in the shell's
 * process group under the name tau-guard, ignores SIGINT and SIGQUIT, passes SIGTERM and SIGHUP on,
 * and ends as its child did: same status, same signal. Without a terminal on standard input nothing is split, and fd is -1. ERR_SPAWN when
 * the system has no process left. */
bool guardian_split(struct guardian *ret_guardian, void (*forget)(void *arg), void *arg,
                    struct err *e) ATTR_WARN;

#endif
