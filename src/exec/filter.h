/* SPDX-License-Identifier: MIT
 *
 * filter: the system calls that a command may not make, by libseccomp (included in filter.c and
 * meta.c only).
 */
#ifndef TAU_EXEC_FILTER_H
#define TAU_EXEC_FILTER_H

#include "exec/plan.h"

/* Loads the filter for us and all we start. Wants no_new_privs. With ret_listener the calls of
 * meta.h are asked of whoever holds that descriptor; NULL lets them pass (inside bubblewrap, where
 * everything outside is a read-only mount). */
bool filter_apply(const struct plan *p, int *ret_listener, struct err *e) ATTR_WARN;

#endif
