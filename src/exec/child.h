/* SPDX-License-Identifier: MIT
 *
 * child: what happens between fork and the command: the steps that take rights away, in the one
 * order that works.
 */
#ifndef TAU_EXEC_CHILD_H
#define TAU_EXEC_CHILD_H

#include "exec/plan.h"

/* Runs in the forked child and never returns. Waits for child_release. A failed step is told
 * through `channel` (a seqpacket socket, closed by a successful exec) as "step: reason"; so is the
 * listener of the filter, as a descriptor beside an empty text. parent is the supervisor: when it
 * ends, so do we. */
ATTR_NORETURN void child_run(const struct plan *p, int channel, pid_t parent);

/* The other end: lets the child go on. */
bool child_release(int channel, struct err *e) ATTR_WARN;

/* The other end: waits until the child runs its command. False with the child's error;
 * *ret_listener is -1 or owned by the caller. */
bool child_hear(int channel, int *ret_listener, struct err *e) ATTR_WARN;

#endif
