/* SPDX-License-Identifier: MIT
 *
 * box: bubblewrap around a second tau-exec.
 */
#ifndef TAU_EXEC_BOX_H
#define TAU_EXEC_BOX_H

#include "exec/plan.h"

#define BOX_PROGRAM "/usr/bin/bwrap"

/* Replaces us by bubblewrap; returns only with an error. The plan's status_fd and lifeline_fd are
 * what the inner tau-exec gets. */
bool box_exec(const struct plan *p, struct err *e) ATTR_WARN;

#endif
