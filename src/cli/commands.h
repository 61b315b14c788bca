/* SPDX-License-Identifier: MIT
 *
 * commands: one function a subcommand of options.def that is no verb; a missing one does not link. Each returns the
 * exit status of the process. Main thread.
 */
#ifndef TAU_CLI_COMMANDS_H
#define TAU_CLI_COMMANDS_H

#include "base/buf.h"
#include "cli/options.h"

int cmd_session_repair(const struct options *o);
int cmd_policy_trust(const struct options *o);
int cmd_onboard(const struct options *o);
int cmd_prove(const struct options *o);
int cmd_clean(const struct options *o);
int cmd_gateway_serve(const struct options *o);
int cmd_gateway_routes(const struct options *o);
int cmd_up(const struct options *o);
int cmd_status(const struct options *o);
int cmd_down(const struct options *o);
int cmd_shell(const struct options *o);
int cmd_shell_live(const struct options *o);
int cmd_ctl(const struct options *o);
int cmd_completion(const struct options *o);

/* The words that tau clean takes, each with a blank behind it. */
void cmd_clean_words(struct buf *out);

#endif
