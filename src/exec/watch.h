/* SPDX-License-Identifier: MIT
 *
 * watch: the supervisor: starts the command, watches it, the lifeline and the signals, and ends
 * everything when one of them says so.
 */
#ifndef TAU_EXEC_WATCH_H
#define TAU_EXEC_WATCH_H

#include "exec/plan.h"

/* Returns the exit status for main: 0 when the end was reported on the status descriptor. */
int watch_run(const struct plan *p);

#endif
