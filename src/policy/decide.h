/* SPDX-License-Identifier: MIT
 *
 * decide: from a call to a verdict, in two steps: facts_gather looks at the command and the paths
 * (no lock), decide_verdict holds them against the policy (under its lock, no I/O).
 */
#ifndef TAU_POLICY_DECIDE_H
#define TAU_POLICY_DECIDE_H

#include "policy/command.h"
#include "policy/state.h"

struct path_facts {
    const char *named, *relative, *real; /* real: NULL when it can not be told */
    bool write, is_protected, secret;
};

struct facts {
    const struct tool_desc *tool;
    struct err err; /* a path or directory that can not be: deny; ERR_NONE otherwise */
    struct path_facts *paths;
    size_t n_paths;
    const char *text; /* the command, or NULL */
    struct command command;
    enum sandbox_level level; /* what it would run in */
    struct err sandbox_err;   /* there is no such level */
    bool bare_root;           /* uid 0 without bubblewrap */
};

void facts_gather(struct policy *p, const struct tool_desc *tool, const struct tool_intent *intent,
                  struct arena *a, struct facts *ret_facts);

/* session: its grants, or NULL. */
void decide_verdict(struct policy *p, const struct rules *session, const struct facts *f,
                    struct arena *a, struct decision *ret_decision);

/* The part of it that can hide the one path of `f` (policy_hides): deny rules and secrets. */
bool decide_hides(struct policy *p, const struct rules *session, const struct facts *f);

#endif
