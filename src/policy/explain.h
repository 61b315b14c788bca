/* SPDX-License-Identifier: MIT
 *
 * explain: what tau policy test shows: how a command was read, what each part of it is taken for,
 * and what would be decided. Any thread.
 */
#ifndef TAU_POLICY_EXPLAIN_H
#define TAU_POLICY_EXPLAIN_H

#include "policy/policy.h"

/* Adds lines of text, and decides as if the tool bash were called with this command in cwd
 * (relative to the workspace; NULL: its root) without any session. */
void policy_explain(struct policy *p, const char *command, const char *cwd, struct buf *out,
                    struct decision *ret_decision);

#endif
