/* SPDX-License-Identifier: MIT
 *
 * peer: another tau of this user that works on the same store.
 */
#include "cli/peer.h"

#include "base/clock.h"
#include "json/json.h"
#include "net/net.h"
#include "net/sse.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FAILURE_BYTES = 64 * 1024, CONNECT_MS = 5000, EVENT_BYTES = 64 << 20 };

bool peer_find(const char *state_dir, const char *pid, char **ret_path, struct err *e)
{
    gateway_peers all = {0};
    int64_t wanted = 0;
    CLEANUP(buf_free) struct buf names = BUF_OWN;
    if (pid && (!str_i64(str_of(pid), &wanted) || wanted <= 0))
        return err_set(e, ERR_USAGE, "--pid: expected the number of a process, got '%.40s'", pid);
    if (!gateway_socket_list(state_dir, &all, e))
        return false;
    struct gateway_peer *one = !pid && all.n == 1 ? &all.v[0] : NULL;
    for (size_t i = 0; i < all.n; i++) {
        buf_printf(&names, "%s%ld", i ? ", " : "", all.v[i].pid);
        if (pid && all.v[i].pid == wanted)
            one = &all.v[i];
    }
    if (one) {
        *ret_path = TAKE(one->path);
    } else if (all.n == 0) {
        err_set(e, ERR_NOT_FOUND, "no tau runs here");
        err_hint(e, "start one: tau, or tau gateway serve");
    } else if (pid) {
        err_set(e, ERR_NOT_FOUND, "no tau with the number %s runs here; there is %s", pid, buf_cstr(&names));
    } else {
        err_set(e, ERR_AMBIGUOUS, "%zu run here: %s", all.n, buf_cstr(&names));
        err_hint(e, "--pid says which");
    }
    gateway_peers_done(&all);
    return *ret_path != NULL;
}

static bool failed(int status, struct str body, struct err *e)
{
    struct err parse = ERR_INIT;
    CLEANUP(json_free_p) struct json *j = json_parse(body, &parse);
    const struct json *failure = json_get(j, "failure"), *error = json_get(j, "error");
    if (failure) {
        json_read_err(failure, e);
        e->code = err_code_find(json_cstr(json_get(failure, "reason_code"), "internal"));
        return false;
    }
    return err_set(e, ERR_INVALID, "%s (status %d)", json_cstr(json_get(error, "message"), "it was refused"),
                   status);
}

bool peer_call(const char *path, const char *route, struct str body, struct cancel *cancel,
               bool (*sink)(void *arg, struct str bytes), void *arg, struct err *e)
{
    CLEANUP(buf_free) struct buf url = BUF_OWN, why = {.max = FAILURE_BYTES};
    static const char *const headers[] = {"Content-Type: application/json", "Expect:"};
    buf_printf(&url, "http://localhost%s", route);
    struct net_request request = {.url = buf_cstr(&url),
                                  .socket = path,
                                  .headers = headers,
                                  .n_headers = ARRAY_LEN(headers),
                                  .body = body,
                                  .cancel = cancel,
                                  .wait_ms = cancel ? PEER_WAIT_MS : 0,
                                  .connect_ms = CONNECT_MS,
                                  .deadline_ms = CLOCK_NEVER};
    struct net_stream *s = net_open(&request, e);
    struct str bytes;
    bool ok = s != NULL, good = true, goes_on = true;
    while (ok && goes_on && (ok = net_read(s, &bytes, e)) && bytes.p) {
        good = net_status(s) < 400;
        goes_on = good ? bytes.n == 0 || sink(arg, bytes) : buf_str(&why, bytes);
    }
    if (ok && !good)
        ok = failed(net_status(s), buf_view(&why), e);
    net_close(s);
    return ok;
}

/* ---- server-sent events ---- */

struct following {
    struct sse sse;
    bool (*on_event)(void *arg, struct str json);
    void *arg;
    struct err *e;
    bool ok, stopped; /* by on_event */
};

static bool on_event(void *arg, const char *name, struct str data, struct err *e)
{
    struct following *f = arg;
    (void)name;
    (void)e;
    f->stopped = !f->on_event(f->arg, data);
    return !f->stopped;
}

static bool on_bytes(void *arg, struct str bytes)
{
    struct following *f = arg;
    bool goes_on = sse_feed(&f->sse, bytes, on_event, f, f->e);
    f->ok = goes_on || f->stopped;
    return goes_on;
}

bool peer_follow(const char *path, struct cancel *cancel, bool (*fn)(void *arg, struct str json), void *arg,
                 struct err *e)
{
    struct following f = {.sse = {.line = BUF_INIT(EVENT_BYTES), .data = BUF_INIT(EVENT_BYTES)},
                          .on_event = fn,
                          .arg = arg,
                          .e = e,
                          .ok = true};
    bool ok = peer_call(path, "/gateway/operator/events", STR_NULL, cancel, on_bytes, &f, e);
    sse_free(&f.sse);
    return ok && f.ok;
}

bool peer_into_buf(void *buf, struct str bytes)
{
    return buf_str(buf, bytes);
}

void peer_escape(struct buf *out, struct str text)
{
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        if (isalnum(c) || c == '-' || c == '.' || c == '_' || c == '~')
            buf_putc(out, (char)c);
        else
            buf_printf(out, "%%%02X", c);
    }
}
