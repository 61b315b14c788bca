/* SPDX-License-Identifier: MIT
 *
 * cmd_agent: the operator's view, and then the console; by the names that Tau's own launcher knows.
 */
#include "cli/agent.h"
#include "cli/app.h"
#include "cli/report.h"
#include "cli/shell.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the launcher sets where nobody says anything, and the variable that says it. */
static const struct {
    enum option_id option;
    const char *variable, *value;
} defaults[] = {
    {OPT_REQUEST_TIMEOUT, "TAU_UNIFIED_TUI_REQUEST_TIMEOUT_MS", "45000"},
    {OPT_AGENT_RETRIES, "TAU_UNIFIED_TUI_AGENT_REQUEST_MAX_RETRIES", "0"},
};

void agent_defaults(struct options *o)
{
    for (size_t i = 0; i < ARRAY_LEN(defaults); i++) {
        const char *said = getenv(defaults[i].variable);
        if (!o->value[defaults[i].option])
            o->value[defaults[i].option] = said && said[0] ? said : defaults[i].value;
    }
}

void agent_say_unkept(const struct options *o)
{
    if (o->value[OPT_GATEWAY_DIR])
        fprintf(stderr, "tau: --%s: nothing is kept there; --%s names where files for other programs are written,"
                        " and tau info says where the gateway's token is\n",
                option_table[OPT_GATEWAY_DIR].name, option_table[OPT_DASHBOARD_DIR].name);
}

static void add(struct buf *out, const struct options *o, enum option_id id)
{
    if (o->value[id])
        buf_printf(out, " --%s %s", option_table[id].name, o->value[id]);
}

bool agent_launch(const struct options *o, struct err *e)
{
    struct app a = {0};
    CLEANUP(buf_free) struct buf out = BUF_OWN;
    bool ok = app_open(&a, o, e) && shell_frame(&a, "agent-interactive", e);
    buf_puts(&out, "interactive.launch=ready mode=agent-interactive\ninteractive.command=tau");
    add(&out, o, OPT_MODEL);
    add(&out, o, OPT_GATEWAY_DIR);
    add(&out, o, OPT_DASHBOARD_DIR);
    add(&out, o, OPT_REQUEST_TIMEOUT);
    add(&out, o, OPT_AGENT_RETRIES);
    buf_putc(&out, '\n');
    ok = ok && report_out(buf_view(&out), e);
    if (ok)
        agent_say_unkept(o);
    app_close(&a);
    return ok;
}
