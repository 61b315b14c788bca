/* SPDX-License-Identifier: MIT
 *
 * headless: one turn without a console. Standard output gets the answer and nothing else; everything
 * about it goes to standard error.
 */
#ifndef TAU_CLI_HEADLESS_H
#define TAU_CLI_HEADLESS_H

#include "cli/app.h"

/* Is this run one turn without a console? */
bool headless_wanted(const struct options *o);

/* Runs it; returns the exit status of the process. */
int headless_run(const struct options *o);

#endif
