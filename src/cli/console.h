/* SPDX-License-Identifier: MIT
 *
 * console: the face on a terminal: opens what a run stands on and hands it to ui/.
 */
#ifndef TAU_CLI_CONSOLE_H
#define TAU_CLI_CONSOLE_H

#include "cli/guardian.h"
#include "cli/options.h"

/* Runs it; returns the exit status of the process. */
int console_run(const struct options *o, const struct guardian *g);

#endif
