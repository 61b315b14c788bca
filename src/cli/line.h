/* SPDX-License-Identifier: MIT
 *
 * line: tau without a screen: a line in, an answer out. For screen readers, serial lines, TERM=dumb and
 * scripts. Standard output gets answers and what commands say, standard error all else. Main thread.
 */
#ifndef TAU_CLI_LINE_H
#define TAU_CLI_LINE_H

#include "cli/options.h"

/* Lines of standard input until its end or /quit. Returns the exit status: that of the first turn or
 * command that did not succeed, else 0. */
int line_run(const struct options *o);

/* Commands from the file of --command-file, a line each, and a report of them on standard error. */
int line_run_file(const struct options *o);

#endif
