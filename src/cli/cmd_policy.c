/* SPDX-License-Identifier: MIT
 *
 * cmd_policy: what is allowed here, and why.
 */
#include "base/fs.h"
#include "cli/app.h"
#include "cli/commands.h"
#include "cli/report.h"
#include "policy/explain.h"

#include <string.h>
#include <unistd.h>

static int finish(struct app *a, bool ok, struct buf *out, struct err *e)
{
    if (ok)
        ok = fs_write_all(STDOUT_FILENO, buf_view(out), e);
    if (!ok)
        report(e);
    buf_free(out);
    app_close(a);
    return ok ? 0 : err_code_exit(e->code);
}

int cmd_policy_show(const struct options *o)
{
    struct app a = {0};
    struct err e = ERR_INIT;
    struct buf out = BUF_OWN;
    bool ok = app_open(&a, o, &e) && app_policy(&a, true, &e);
    if (ok) {
        policy_show(a.policy, &out);
        buf_putc(&out, '\n');
    }
    return finish(&a, ok, &out, &e);
}

int cmd_policy_test(const struct options *o)
{
    struct app a = {0};
    struct err e = ERR_INIT;
    struct buf out = BUF_OWN;
    struct decision d;
    bool ok = app_open(&a, o, &e) && app_policy(&a, true, &e);
    if (ok)
        policy_explain(a.policy, o->args[0], NULL, &out, &d);
    return finish(&a, ok, &out, &e);
}

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
    return finish(&a, ok, &out, &e);
}
