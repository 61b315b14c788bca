/* SPDX-License-Identifier: MIT
 *
 * privs: limits, capabilities and signals of the calling process.
 */
#ifndef TAU_EXEC_PRIVS_H
#define TAU_EXEC_PRIVS_H

#include "exec/plan.h"

/* The plan's resource limits; never raises one. No core files in any case. */
bool privs_limit(const struct plan *p, struct err *e) ATTR_WARN;

/* Gives every capability up, for us and for whatever we start, and the way back with it: bounding,
 * inheritable, ambient, permitted and effective sets, and the special meaning of uid 0. */
bool privs_drop(struct err *e) ATTR_WARN;

/* All signals to their defaults and unblocked. */
void privs_signals(void);

#endif
