/* SPDX-License-Identifier: MIT
 *
 * cmd_completion: the completion script of a shell.
 */
#include "cli/commands.h"
#include "cli/help.h"
#include "cli/report.h"


int cmd_completion(const struct options *o)
{
    CLEANUP(buf_free) struct buf out = BUF_OWN;
    struct err e = ERR_INIT;
    bool ok = completion_write(&out, o->args[0])
                  ? report_out(buf_view(&out), &e)
                  : err_set(&e, ERR_USAGE, "completion: expected bash, zsh or fish, got '%s'", o->args[0]);
    if (!ok)
        report(&e);
    return ok ? 0 : err_code_exit(e.code);
}
