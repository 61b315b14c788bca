/* SPDX-License-Identifier: MIT
 *
 * offer: what an answer "for this session" or "always" would add, said as a rule; and why a command
 * is asked about. Pure.
 */
#ifndef TAU_POLICY_OFFER_H
#define TAU_POLICY_OFFER_H

#include "policy/decide.h"

/* Fills session_rule and prefix_rule. Nothing is offered for what is risky, was not understood,
 * runs others, redirects into files, leads out or has two commands that are not read-only; no
 * prefix for programs in a language of their own, nor a rule that would mean more than it shows. */
void offer_rules(const struct facts *f, struct decision *d);

/* "npm is not known to be read-only", "writes out.txt", ... */
const char *offer_reason(const struct command_part *part, struct arena *a);

#endif
