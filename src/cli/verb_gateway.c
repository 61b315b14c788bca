/* SPDX-License-Identifier: MIT
 *
 * verb_gateway: the console's gateway: up, down, drained; its requests, what came of one, and its end.
 */
#include "base/clock.h"
#include "cli/serving.h"
#include "cli/verb.h"

#include <inttypes.h>
#include <string.h>

enum { EVENTS_SHOWN = 200, PREVIEW = 60 };

static bool number(struct verb *v, int64_t *ret, struct err *e)
{
    const char *text = verb_arg(v, 1);
    return (text && str_i64(str_of(text), ret)) ||
           err_set(e, ERR_USAGE, "gateway %s: expected the number of a request, got '%.40s'", verb_arg(v, 0),
                   text ? text : "");
}

static bool up(struct verb *v, struct err *e)
{
    const char *yes = verb_arg(v, 2);
    if (yes && strcmp(yes, "yes") != 0)
        return err_set(e, ERR_USAGE, "gateway: expected yes, got '%.40s'", yes);
    return serving_up(v->app->serving, v->app, verb_arg(v, 1), yes != NULL, e);
}

static bool down(struct verb *v, struct err *e)
{
    if (verb_arg(v, 1))
        return err_set(e, ERR_USAGE, "gateway down takes no address");
    return serving_down(v->app->serving, e);
}

static bool drain(struct verb *v, struct err *e)
{
    const char *off = verb_arg(v, 1);
    if (off && strcmp(off, "off") != 0)
        return err_set(e, ERR_USAGE, "gateway drain: expected off, got '%.40s'", off);
    return verb_act(v, ACT_GATEWAY_DRAIN, &(struct act_gateway_drain){.off = off != NULL}, NULL, e);
}

static bool cancel(struct verb *v, struct err *e)
{
    int64_t n;
    return number(v, &n, e) &&
           verb_act(v, ACT_GATEWAY_CANCEL, &(struct act_gateway_cancel){.request = n}, NULL, e);
}

static void put_time(struct verb *v, int64_t ms)
{
    char when[32];
    clock_format(ms, when, sizeof(when));
    buf_printf(v->out, "%.12s  ", when + strlen("YYYY-MM-DD "));
}

struct came {
    int64_t seq; /* the first event */
    size_t n;
};

static bool event_row(struct verb *v, const struct json *j, void *arg)
{
    struct came *c = arg;
    const struct json *ev = json_get(j, "event"), *data = json_get(ev, "data");
    const char *what = json_cstr(json_get(data, "name"), json_cstr(json_get(data, "title"), ""));
    int64_t seq = json_i64(json_get(j, "seq"), 0);
    if (seq < c->seq)
        return true;
    c->n++;
    put_time(v, json_i64(json_get(ev, "ts_ms"), 0));
    buf_printf(v->out, "%8" PRId64 "  %-24s %.*s\n", seq, json_cstr(json_get(ev, "kind"), ""), PREVIEW, what);
    return true;
}

/* What the log has of it: of a turn all of it, of another action what it made. */
static bool put_events(struct verb *v, const struct http_seen *r, struct err *e)
{
    struct came c = {.seq = r->about.seq};
    bool turn = strncmp(r->about.id, "turn_", 5) == 0;
    struct qry_log_page args = {.after = r->about.seq - 1, .limit = turn ? EVENTS_SHOWN : 1};
    if (turn)
        args.turn = r->about.id;
    bool ok = verb_read(v, QRY_LOG_PAGE, &args, event_row, &c, NULL, e);
    if (ok && c.n == EVENTS_SHOWN)
        buf_printf(v->out, "... and what came after: tau ctl log.page turn=%s\n", r->about.id);
    return ok;
}

static bool log_of(struct verb *v, struct err *e)
{
    int64_t n;
    struct http_seen r;
    char path[SERVING_PATH];
    if (!number(v, &n, e))
        return false;
    if (!serving_request(v->app->serving, n, &r))
        return err_set(e, ERR_NOT_FOUND, "request %" PRId64 " is not among the newest %d", n, (int)GATEWAY_SEEN_MAX);
    put_time(v, r.begun_ms);
    buf_printf(v->out, "%s %s\n", r.method[0] ? r.method : "-", serving_path(&r, path));
    buf_printf(v->out, "%14sfrom %s, as %s\n", "", r.who, r.caller[0] ? r.caller : "nobody: it had no token, or needed none");
    if (r.about.seq > 0 && !put_events(v, &r, e))
        return false;
    if (r.live && !r.status) {
        buf_puts(v->out, "it waits for its answer\n");
        return true;
    }
    if (r.live) {
        buf_printf(v->out, "%d: its answer goes on\n", r.status);
        return true;
    }
    put_time(v, r.begun_ms + r.ms);
    if (!r.status)
        buf_puts(v->out, "its client went before there was an answer\n");
    else
        buf_printf(v->out, "%d%s%s after %" PRId64 " ms\n", r.status, r.about.code[0] ? " " : "", r.about.code, r.ms);
    return true;
}

bool verb_gateway(struct verb *v, struct err *e)
{
    static const struct {
        const char *name;
        bool (*run)(struct verb *v, struct err *e);
        bool lists; /* then what is served */
    } ways[] = {
        {"up", up, true}, {"down", down, true}, {"drain", drain, true}, {"cancel", cancel, true}, {"log", log_of, false},
    };
    const char *what = verb_arg(v, 0);
    bool lists = true;
    if (!v->app->serving)
        return err_set(e, ERR_USAGE, "this is for a tau that stays: the console, or line mode") ||
               err_hint(e, "on the command line: tau gateway serve");
    for (size_t i = 0; what && i < ARRAY_LEN(ways); i++) {
        if (strcmp(what, ways[i].name) != 0)
            continue;
        if (!ways[i].run(v, e))
            return false;
        lists = ways[i].lists;
        what = NULL;
    }
    if (what)
        return err_set(e, ERR_USAGE, "gateway: expected up, down, drain, cancel or log, got '%.40s'", what);
    if (lists)
        serving_write(v->app->serving, v->out);
    return true;
}
