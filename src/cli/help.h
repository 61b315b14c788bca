/* SPDX-License-Identifier: MIT
 *
 * help: what --help says, from the tables. Lines fit in 80 columns.
 */
#ifndef TAU_CLI_HELP_H
#define TAU_CLI_HELP_H

#include "base/buf.h"
#include "cli/options.h"

/* topic NULL: commands and options; else exit-codes, models or settings. False: no such topic. */
bool help_write(struct buf *out, const char *topic);

/* One subcommand and the options that it takes. */
void help_command(struct buf *out, enum command_id id);

/* The help of every subcommand whose first word this is; false when there is none. */
bool help_commands(struct buf *out, struct str first);

/* The completion script of a shell. False: not a shell we know. */
bool completion_write(struct buf *out, const char *shell);

#endif
