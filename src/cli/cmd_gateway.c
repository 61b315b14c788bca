/* SPDX-License-Identifier: MIT
 *
 * cmd_gateway: the gateway without a console, in the foreground: what starts it sees it end.
 */
#include "base/clock.h"
#include "base/fs.h"
#include "cli/app.h"
#include "cli/commands.h"
#include "cli/report.h"
#include "gateway/gateway.h"
#include "net/http_guard.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { STOP_GRACE_MS = 3000, PORT_MAX = 65535 };

/* "127.0.0.1:8787", "[::1]:8787", ":8787", "8787"; port 0 is any. */
static bool parse_bind(const char *text, char *name, size_t size, int64_t *ret_port, struct err *e)
{
    struct str all = str_of(text);
    const char *colon = strrchr(text, ':');
    struct str host = colon ? str_make(text, (size_t)(colon - text)) : STR("");
    struct str port = colon ? str_of(colon + 1) : all;
    if (host.n >= 2 && host.p[0] == '[' && host.p[host.n - 1] == ']')
        host = str_sub(host, 1, host.n - 2);
    if (!str_i64(port, ret_port) || *ret_port < 0 || *ret_port > PORT_MAX || host.n >= size)
        return err_set(e, ERR_USAGE, "--bind: expected ADDRESS:PORT, like 127.0.0.1:%d, got '%.80s'",
                       GATEWAY_PORT, text);
    snprintf(name, size, "%.*s", (int)host.n, host.n ? host.p : "");
    if (host.n == 0)
        snprintf(name, size, "127.0.0.1");
    return true;
}

static bool serve(struct app *a, const struct gateway_options *where, struct err *e)
{
    struct gateway_options o = *where;
    o.hub = core_hub(a->core);
    o.reader = core_reader(a->core);
    o.proc = core_proc(a->core);
    o.store = core_store_name(a->core);
    o.state_dir = a->state_dir;
    struct gateway *g = gateway_start(&o, e);
    if (!g)
        return false;
    bool six = strchr(o.name, ':') != NULL;
    printf("gateway: http://%s%s%s:%d\ntoken:   %s\n", six ? "[" : "", o.name, six ? "]" : "",
           gateway_port(g), gateway_token_path(g));
    fflush(stdout);
    sigset_t ends;
    int signal = 0;
    sigemptyset(&ends);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGHUP);
    while (sigwait(&ends, &signal) != 0)
        ;
    gateway_stop(g);
    return true;
}

int cmd_gateway_serve(const struct options *o)
{
    struct app a = {0};
    struct err e = ERR_INIT;
    char name[64] = "127.0.0.1";
    int64_t port = GATEWAY_PORT;
    bool ok = !o->value[OPT_BIND] || parse_bind(o->value[OPT_BIND], name, sizeof(name), &port, &e);
    if (ok && !http_is_loopback(name) && !o->value[OPT_YES]) {
        ok = err_set(&e, ERR_USAGE, "others can reach tau at %s, over a line that is not encrypted", name);
        err_hint(&e, "if they shall, give --yes");
    }
    ok = ok && app_open(&a, o, &e) && app_policy(&a, false, &e) && app_core(&a, "gateway", true, &e) &&
         serve(&a, &(struct gateway_options){.name = name, .port = (int)port}, &e);
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
    bool ok = fs_write_all(STDOUT_FILENO, buf_view(&out), &e);
    if (!ok)
        report(&e);
    buf_free(&out);
    return ok ? 0 : err_code_exit(e.code);
}
