/* SPDX-License-Identifier: MIT
 *
 * slash: a prompt that is a command: "/session-stats" of one-shot use. Main thread.
 */
#ifndef TAU_CLI_SLASH_H
#define TAU_CLI_SLASH_H

#include "base/str.h"
#include "cli/options.h"

/* Is it "/NAME ..." on one line? Not "/etc/passwd is what?": a name has letters and dashes only. */
bool slash_is(struct str prompt);

/* Runs it with the places of o, and returns the exit status. A name that there is none of is refused with
 * the nearest one, and nothing is sent to a model. */
int slash_run(const struct options *o, struct str prompt);

#endif
