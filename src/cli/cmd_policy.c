/* SPDX-License-Identifier: MIT
 *
 * cmd_policy: is this directory trusted.
 */
#include "cli/app.h"
#include "cli/commands.h"
#include "cli/report.h"
#include "policy/policy.h"

#include <string.h>

int cmd_policy_trust(const struct options *o)
{
    struct app a = {0};
    struct err e = ERR_INIT;
    struct buf out = BUF_OWN;
    const char *answer = o->n_args ? o->args[0] : NULL;
    bool ok = app_open(&a, o, &e) && app_policy(&a, true, &e);
    if (ok && answer && strcmp(answer, "yes") != 0 && strcmp(answer, "no") != 0)
        ok = err_set(&e, ERR_USAGE, "policy trust: expected yes or no, got '%s'", answer);
    if (ok && answer)
        ok = policy_trust(a.policy, strcmp(answer, "yes") == 0, &e);
    if (ok)
        buf_printf(&out, "%s is %s\n", a.workspace,
                   policy_trusted(a.policy) ? "trusted" : "not trusted");
    if (ok)
        ok = report_out(buf_view(&out), &e);
    if (!ok)
        report(&e);
    buf_free(&out);
    app_close(&a);
    return ok ? 0 : err_code_exit(e.code);
}
