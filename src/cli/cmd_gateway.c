/* SPDX-License-Identifier: MIT
 *
 * cmd_gateway: the gateway without a console, in the foreground: what starts it sees it end.
 */
#include "cli/app.h"
#include "cli/commands.h"
#include "cli/report.h"
#include "cli/serving.h"
#include "cli/signals.h"
#include "cli/watching.h"
#include "gateway/gateway.h"


int cmd_gateway_serve(const struct options *o)
{
    struct app a = {0};
    struct err e = ERR_INIT;
    struct serving s = SERVING_INIT;
    struct watching w = WATCHING_INIT;
    struct buf said = BUF_OWN;
    bool ok = app_open(&a, o, &e);
    a.door = serving_door(&s, &a);
    a.door.open = NULL; /* the process is its gateway */
    a.door.close = NULL;
    ok = ok && app_policy(&a, false, &e) && app_core(&a, "gateway", true, &e) &&
         watching_begin(&w, &a, &e) && serving_up(&s, &a, o->value[OPT_BIND], o->value[OPT_YES] != NULL, &e);
    if (ok) {
        serving_write(&s, &said);
        ok = report_out(buf_view(&said), &e);
    }
    if (ok) {
        sigset_t ends;
        int signal = 0;
        signals_of_end(&ends);
        while (sigwait(&ends, &signal) != 0)
            ;
    }
    serving_done(&s);
    watching_done(&w);
    buf_free(&said);
    if (!ok)
        report(&e);
    app_close(&a);
    return ok ? 0 : err_code_exit(e.code);
}

int cmd_gateway_routes(const struct options *o)
{
    static const char *const auths[] = {[HTTP_OPEN] = "open", [HTTP_TOKEN] = "token"};
    static const char *const roles[] = {"view", "chat", "operator", "admin"};
    struct err e = ERR_INIT;
    struct buf out = BUF_OWN;
    (void)o;
    for (size_t i = 0; i < gateway_routes_n; i++) {
        const struct http_route *r = &gateway_routes[i];
        buf_printf(&out, "%-6s %-26s %-6s %-9s %s\n", r->method, r->path, auths[r->auth], roles[r->role],
                   r->help);
    }
    bool ok = report_out(buf_view(&out), &e);
    if (!ok)
        report(&e);
    buf_free(&out);
    return ok ? 0 : err_code_exit(e.code);
}
