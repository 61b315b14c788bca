/* SPDX-License-Identifier: MIT
 *
 * rules: Landlock, as far as the running kernel has it.
 */
#ifndef TAU_EXEC_RULES_H
#define TAU_EXEC_RULES_H

#include "exec/plan.h"

/* The ABI that counts: the kernel's, or the plan's when that is lower. 0: none. */
int rules_abi(const struct plan *p);

/* Restricts the calling process and all it starts, for ever. Wants no_new_privs. */
bool rules_apply(const struct plan *p, struct err *e) ATTR_WARN;

#endif
