/* SPDX-License-Identifier: MIT
 *
 * agent: what comes before the console when it is started as tau agent or tau tui. Main thread, before any
 * other is started.
 */
#ifndef TAU_CLI_AGENT_H
#define TAU_CLI_AGENT_H

#include "cli/options.h"

/* What tau tui sets unless it is said otherwise: the deadline and the retries of a request. */
void agent_defaults(struct options *o);

/* Says on standard error that tau keeps nothing in --gateway-state-dir; nothing without that. */
void agent_say_unkept(const struct options *o);

/* The view once, and the command that is as good as what follows. */
bool agent_launch(const struct options *o, struct err *e) ATTR_WARN;

#endif
