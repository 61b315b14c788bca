/* SPDX-License-Identifier: MIT
 *
 * reap: our descendants, found by their parents in /proc. We are their subreaper, so that whoever
 * loses its parent becomes our child and stays in the tree, whatever session it made.
 */
#ifndef TAU_EXEC_REAP_H
#define TAU_EXEC_REAP_H

#include "base/base.h"

/* Sends signo to every descendant that is not a zombie; returns to how many. */
int reap_signal(int signo);

/* How many there are, zombies not counted. */
int reap_count(void);

/* Stops all, then kills all, until none is found: a process that is stopped starts no other. Reaps
 * what it can meanwhile by calling `reap`, which answers whether children are left. False when some
 * are left after deadline_ms. */
bool reap_kill(bool (*reap)(void *arg), void *arg, int64_t deadline_ms);

/* Whether pid is one of them. */
bool reap_is_ours(pid_t pid);

/* Whether one of them is in this process group. */
bool reap_has_group(pid_t pgid);

#endif
