/* SPDX-License-Identifier: MIT
 *
 * http_server: HTTP/1.1 over libmicrohttpd. Its connections are those of http_link.c, which gives each a
 * deadline. A stream or an answer that has nothing to send is suspended until it is woken.
 */
#include "net/http_server.h"

#include "base/clock.h"
#include "base/mem.h"
#include "base/secret.h"
#include "json/jsonw.h"
#include "net/http_guard.h"
#include "net/http_link.h"
#include "net/lib_mhd.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

struct flow {
    struct flow *next, **here;
    struct http_server *server;
    struct MHD_Connection *connection;
    struct http_stream stream;
    struct http_seen seen;
    int64_t begun_mono_us;
    bool suspended, cut;
};

struct http_server {
    struct http_options o;
    const struct lib_mhd *mhd;
    struct MHD_Daemon *daemon;
    char name[256];
    int port;
    struct http_links *links;
    pthread_mutex_t lock;
    pthread_cond_t changed; /* n_calls, once it stops */
    struct flow *flows;
    struct call *waits; /* for their answer */
    size_t n_flows, n_calls; /* streams; requests that have no whole answer yet, and those */
    uint64_t wakes;
    bool stopping;
    atomic_llong requests;
    atomic_bool drains;
};

/* What a request carries from its first call to its end. */
struct call {
    struct call *next, **here; /* of those that wait */
    struct MHD_Connection *connection;
    struct http_later later;
    bool suspended, cut;
    bool answered, too_large;
    struct buf body;
    struct http_seen seen;
    int64_t begun_mono_us;
};

enum { STOP_MS = 250 }; /* for answers that are made already to go out */

static _Atomic(const struct lib_mhd *) mhd_of_all; /* the same whoever sets it */

const char *http_query(const struct http_request *r, const char *name)
{
    return mhd_of_all->MHD_lookup_connection_value(r->connection, MHD_GET_ARGUMENT_KIND, name);
}

const char *http_header(const struct http_request *r, const char *name)
{
    return mhd_of_all->MHD_lookup_connection_value(r->connection, MHD_HEADER_KIND, name);
}

void http_error(struct http_reply *r, int status, const char *code, const char *message)
{
    buf_clear(&r->body);
    struct jsonw w = {.out = &r->body};
    r->status = status;
    snprintf(r->about.code, sizeof(r->about.code), "%s", code);
    r->media_type = "application/json";
    jsonw_begin_object(&w);
    jsonw_key(&w, "error");
    jsonw_begin_object(&w);
    jsonw_put_cstr(&w, "type", status < 500 ? "invalid_request_error" : "server_error");
    jsonw_put_cstr(&w, "code", code);
    jsonw_put_cstr(&w, "message", message);
    jsonw_end_object(&w);
    jsonw_end_object(&w);
}

static void refuse(struct http_reply *r, const struct http_refusal *why)
{
    http_error(r, why->status, why->code, why->message);
}

static void tell(struct http_server *s, const struct http_seen *seen)
{
    if (s->o.seen)
        s->o.seen(s->o.ctx, seen);
}

/* ---- streams ---- */

static ssize_t flow_read(void *cls, uint64_t pos, char *out, size_t max)
{
    struct flow *f = cls;
    struct http_server *s = f->server;
    (void)pos;
    for (;;) {
        pthread_mutex_lock(&s->lock);
        uint64_t wakes = s->wakes;
        bool over = s->stopping || f->cut;
        pthread_mutex_unlock(&s->lock);
        long n = over ? -1 : f->stream.fill(f->stream.ctx, out, max);
        if (n != 0)
            return n < 0 ? MHD_CONTENT_READER_END_OF_STREAM : n;
        pthread_mutex_lock(&s->lock);
        bool again = s->wakes != wakes || s->stopping || f->cut;
        f->suspended = !again;
        if (!again)
            s->mhd->MHD_suspend_connection(f->connection);
        pthread_mutex_unlock(&s->lock);
        if (!again)
            return 0;
    }
}

static void flow_end(void *cls)
{
    struct flow *f = cls;
    struct http_server *s = f->server;
    pthread_mutex_lock(&s->lock);
    *f->here = f->next;
    if (f->next)
        f->next->here = f->here;
    s->n_flows--;
    pthread_mutex_unlock(&s->lock);
    f->stream.end(f->stream.ctx);
    if (f->seen.live) {
        f->seen.live = false;
        f->seen.again = true;
        f->seen.ms = (clock_mono_us() - f->begun_mono_us) / 1000;
        tell(s, &f->seen);
    }
    free(f);
}

static void resume_all(struct http_server *s)
{
    s->wakes++;
    for (struct call *w = s->waits; w; w = w->next) {
        if (w->suspended)
            s->mhd->MHD_resume_connection(w->connection);
        w->suspended = false;
    }
    for (struct flow *f = s->flows; f; f = f->next) {
        if (f->suspended)
            s->mhd->MHD_resume_connection(f->connection);
        f->suspended = false;
    }
}

void http_server_wake(struct http_server *s)
{
    pthread_mutex_lock(&s->lock);
    resume_all(s);
    pthread_mutex_unlock(&s->lock);
}

bool http_server_cut(struct http_server *s, int64_t id)
{
    bool found = false;
    pthread_mutex_lock(&s->lock);
    for (struct flow *f = s->flows; f && !found; f = f->next)
        found = f->cut = f->seen.id == id;
    for (struct call *w = s->waits; w && !found; w = w->next)
        found = w->cut = w->seen.id == id;
    if (found)
        resume_all(s);
    pthread_mutex_unlock(&s->lock);
    return found;
}

void http_server_drain(struct http_server *s, bool drains)
{
    atomic_store(&s->drains, drains);
}

bool http_server_drains(const struct http_server *s)
{
    return atomic_load(&s->drains);
}

size_t http_server_streams(struct http_server *s)
{
    pthread_mutex_lock(&s->lock);
    size_t n = s->n_flows;
    pthread_mutex_unlock(&s->lock);
    return n;
}

/* *ret: NULL, or the stream, which lives as long as the response does. */
static struct MHD_Response *respond_flow(struct http_server *s, struct MHD_Connection *c,
                                         const struct http_reply *reply, struct flow **ret)
{
    struct flow *f = mem_new(sizeof(*f));
    f->server = s;
    f->connection = c;
    f->stream = reply->stream;
    struct MHD_Response *r = s->mhd->MHD_create_response_from_callback(
        MHD_SIZE_UNKNOWN, HTTP_STREAM_BUF, flow_read, f, flow_end);
    if (!r) {
        f->stream.end(f->stream.ctx);
        free(f);
        return NULL;
    }
    pthread_mutex_lock(&s->lock);
    f->next = s->flows;
    f->here = &s->flows;
    if (f->next)
        f->next->here = &f->next;
    s->flows = f;
    s->n_flows++;
    pthread_mutex_unlock(&s->lock);
    *ret = f;
    return r;
}

/* ---- requests ---- */

/* The bytes become the response's, which frees them. */
static struct MHD_Response *respond_body(struct http_server *s, struct buf *body)
{
    size_t n = body->len;
    char *bytes = buf_take(body);
    struct MHD_Response *r =
        s->mhd->MHD_create_response_from_buffer(n, bytes, MHD_RESPMEM_MUST_FREE);
    if (!r)
        free(bytes);
    return r;
}

static enum MHD_Result queue(struct http_server *s, struct MHD_Connection *c, struct call *call,
                             struct http_reply *reply, bool last, const char *allow)
{
    struct MHD_Response *r;
    struct flow *flow = NULL;
    bool stream = reply->stream.fill != NULL;
    if (stream)
        r = respond_flow(s, c, reply, &flow);
    else
        r = respond_body(s, &reply->body);
    buf_free(&reply->body);
    if (!r)
        return MHD_NO;
    call->answered = true;
    call->seen.streams = stream;
    call->seen.live = false;
    call->seen.status = reply->status;
    call->seen.about = reply->about;
    call->seen.ms = (clock_mono_us() - call->begun_mono_us) / 1000;
    if (stream)
        http_link_forever(s->links, c);
    bool ok = s->mhd->MHD_add_response_header(r, "Content-Type", reply->media_type) &&
              s->mhd->MHD_add_response_header(r, "Cache-Control", "no-store") &&
              s->mhd->MHD_add_response_header(r, "X-Content-Type-Options", "nosniff") &&
              (!last || s->mhd->MHD_add_response_header(r, "Connection", "close")) &&
              (!allow || s->mhd->MHD_add_response_header(r, "Allow", allow)) &&
              (reply->status != 503 || s->mhd->MHD_add_response_header(r, "Retry-After", "5")) &&
              (reply->status != 401 ||
               s->mhd->MHD_add_response_header(r, "WWW-Authenticate", "Bearer"));
    enum MHD_Result done =
        ok ? s->mhd->MHD_queue_response(c, (unsigned)reply->status, r) : MHD_NO;
    if (flow && done == MHD_YES) {
        call->seen.live = true;
        pthread_mutex_lock(&s->lock);
        flow->seen = call->seen;
        flow->begun_mono_us = call->begun_mono_us;
        pthread_mutex_unlock(&s->lock);
        tell(s, &call->seen);
    }
    s->mhd->MHD_destroy_response(r);
    return done;
}

/* The library cuts a line off by zeros in place: over CR and LF, or over a lone LF. */
static bool ends_bare(const char *last)
{
    return last[strlen(last) + 1] != '\0';
}

static enum MHD_Result on_header(void *cls, enum MHD_ValueKind kind, const char *key, const char *value)
{
    struct http_head *h = cls;
    (void)kind;
    if (!value)
        return MHD_YES;
    h->bare_lf |= ends_bare(value);
    if (strcasecmp(key, "Host") == 0) {
        h->hosts++;
        h->host = value;
    } else if (strcasecmp(key, "Content-Length") == 0) {
        h->lengths++;
        h->length = value;
    } else if (strcasecmp(key, "Transfer-Encoding") == 0) {
        h->encodings++;
    } else if (strcasecmp(key, "Origin") == 0) {
        h->origin = value;
    }
    return MHD_YES;
}

/* Does the path belong to the route? *ret_rest: what is behind its asterisk. */
static bool is_path(const struct http_route *r, const char *path, const char **ret_rest)
{
    size_t n = strlen(r->path);
    *ret_rest = "";
    if (n == 0 || r->path[n - 1] != '*')
        return strcmp(r->path, path) == 0;
    if (strncmp(r->path, path, n - 1) != 0 || !path[n - 1])
        return false;
    *ret_rest = path + n - 1;
    return true;
}

/* The row of this path and method. *ret_allow: the methods of its path, when it has another. */
static const struct http_route *find_route(struct http_server *s, struct http_request *request,
                                           const char **ret_allow)
{
    const char *as = strcmp(request->method, "HEAD") == 0 ? "GET" : request->method;
    for (size_t i = 0; i < s->o.n_routes; i++) {
        const struct http_route *r = &s->o.routes[i];
        if (!is_path(r, request->path, &request->rest))
            continue;
        if (strcmp(r->method, as) == 0)
            return r;
        *ret_allow = r->method;
    }
    return NULL;
}

/* Who calls; NULL: nobody that is known. Every token is compared, so that the time says nothing. */
static const struct principal *caller_of(struct http_server *s, const struct http_request *request)
{
    struct str token = http_bearer(http_header(request, "Authorization"));
    const struct principal *who = NULL;
    for (size_t i = 0; i < s->o.n_callers && !s->o.local; i++)
        if (secret_equal(token, str_of(s->o.callers[i].token)))
            who = &s->o.callers[i].who;
    return s->o.local ? &s->o.callers[0].who : who;
}

static bool text_of(const struct sockaddr *at, char *ret, socklen_t size)
{
    const void *bytes = at->sa_family == AF_INET6 ? (const void *)&((const struct sockaddr_in6 *)(const void *)at)->sin6_addr
                                                  : &((const struct sockaddr_in *)(const void *)at)->sin_addr;
    return inet_ntop(at->sa_family, bytes, ret, size) != NULL;
}

static void call_begin(struct http_server *s, struct MHD_Connection *c, struct call *call)
{
    const union MHD_ConnectionInfo *i =
        s->mhd->MHD_get_connection_info(c, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const struct sockaddr *at = i ? i->client_addr : NULL;
    call->seen = (struct http_seen){.id = atomic_fetch_add(&s->requests, 1) + 1,
                                    .method = "",
                                    .path = "(other)",
                                    .caller = "",
                                    .begun_ms = clock_wall_ms()};
    call->begun_mono_us = clock_mono_us();
    pthread_mutex_lock(&s->lock);
    s->n_calls++;
    pthread_mutex_unlock(&s->lock);
    if (s->o.local)
        snprintf(call->seen.who, sizeof(call->seen.who), "local");
    else if (at && !text_of(at, call->seen.who, sizeof(call->seen.who)))
        call->seen.who[0] = '\0';
}

/* The route, once it may be answered; else NULL, and why is in the reply. */
static const struct http_route *admit(struct http_server *s, struct call *call, struct http_request *request,
                                      struct http_reply *reply, const char **ret_allow)
{
    static const struct principal nobody = {"", ROLE_VIEW};
    const struct http_route *r = find_route(s, request, ret_allow);
    request->who = &nobody;
    if (r) {
        call->seen.method = r->method;
        call->seen.path = r->path;
    }
    if (!r && *ret_allow)
        http_error(reply, 405, "method_not_allowed", "this path has another method");
    else if (!r)
        http_error(reply, 404, "not_found", "there is nothing at this path");
    if (!r || r->auth == HTTP_OPEN)
        return r;
    request->who = caller_of(s, request);
    call->seen.caller = request->who ? request->who->name : "";
    if (!request->who)
        http_error(reply, 401, "unauthorized", "missing or invalid bearer token");
    else if (request->who->role < r->role)
        http_error(reply, 403, "role_too_low", "the token is of somebody who may not do this");
    else if (atomic_load(&s->drains) && !r->calm)
        http_error(reply, 503, "draining", "no new requests are taken: what goes on is let end");
    else
        return r;
    return NULL;
}

/* The answer, or the connection sleeps until it is woken and this is called again. */
static enum MHD_Result wait_later(struct http_server *s, struct MHD_Connection *c, struct call *call,
                                  bool last)
{
    for (;;) {
        struct http_reply reply = {.status = 200, .media_type = "application/json", .body = BUF_OWN};
        pthread_mutex_lock(&s->lock);
        uint64_t wakes = s->wakes;
        bool cut = call->cut, over = s->stopping || cut;
        reply.about = call->seen.about;
        pthread_mutex_unlock(&s->lock);
        bool there = call->later.poll(call->later.ctx, &reply);
        if (!there && over)
            http_error(&reply, 503, cut ? "cancelled" : "shutting_down",
                       cut ? "the operator of this server ended the request; what it began goes on"
                           : "the server ends");
        if (there || over)
            http_link_again(s->links, c); /* from here on it is its client's to take the answer */
        if (there || over)
            return queue(s, c, call, &reply, last, NULL);
        if (!call->seen.live || call->seen.about.seq != reply.about.seq) {
            call->seen.live = true;
            call->seen.about = reply.about;
            tell(s, &call->seen);
            call->seen.again = true;
        }
        pthread_mutex_lock(&s->lock);
        bool again = s->wakes != wakes || s->stopping || call->cut;
        call->suspended = !again;
        if (!again && !call->here) {
            call->connection = c;
            call->next = s->waits;
            call->here = &s->waits;
            if (call->next)
                call->next->here = &call->next;
            s->waits = call;
        }
        if (!again)
            s->mhd->MHD_suspend_connection(c);
        pthread_mutex_unlock(&s->lock);
        if (!again)
            return MHD_YES;
    }
}

static bool is_post(const char *method)
{
    return strcmp(method, "POST") == 0;
}

static enum MHD_Result answer(struct http_server *s, struct MHD_Connection *c, struct call *call,
                              struct http_request *request, bool last)
{
    struct http_reply reply = {.status = 200, .media_type = "application/json", .body = BUF_OWN};
    const char *allow = NULL;
    const struct http_route *r = admit(s, call, request, &reply, &allow);
    request->body = buf_view(&call->body);
    if (r && call->too_large)
        refuse(&reply, &http_too_large);
    else if (r)
        r->answer(s->o.ctx, request, &reply);
    if (!reply.later.poll)
        return queue(s, c, call, &reply, last, allow);
    buf_free(&reply.body);
    call->later = reply.later;
    call->seen.about = reply.about;
    http_link_forever(s->links, c);
    return wait_later(s, c, call, last);
}

/* Of a server that is bound to all addresses, the one that this caller came to is its own. */
static const struct http_refusal *guard(struct http_server *s, struct MHD_Connection *c, const struct http_head *head)
{
    char here[INET6_ADDRSTRLEN];
    struct sockaddr_storage at = {0};
    socklen_t n = sizeof(at);
    if (s->o.local)
        return http_guard(head, NULL, NULL, 0);
    const union MHD_ConnectionInfo *i =
        http_is_any(s->name) ? s->mhd->MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD) : NULL;
    bool known = i && getsockname(i->connect_fd, (struct sockaddr *)&at, &n) == 0 &&
                 text_of((const struct sockaddr *)&at, here, sizeof(here));
    return http_guard(head, s->name, known ? here : NULL, http_server_port(s));
}

static enum MHD_Result on_request(void *cls, struct MHD_Connection *c, const char *path,
                                  const char *method, const char *version, const char *data,
                                  size_t *size, void **context)
{
    struct http_server *s = cls;
    struct call *call = *context;
    struct http_head head = {.bare_lf = ends_bare(version)};
    struct http_reply reply = {.status = 200, .media_type = "application/json", .body = BUF_OWN};
    struct http_request request = {.connection = c, .method = method, .path = path, .rest = ""};
    const char *allow = NULL;
    bool first = !call;
    if (!http_link_is_heard(s->links, c))
        return MHD_NO;
    if (first) {
        *context = call = NEW(struct call);
        call->body = (struct buf){.max = HTTP_BODY_MAX};
        call_begin(s, c, call);
    } else if (*size > 0) {
        call->too_large |= is_post(method) && !buf_add(&call->body, data, *size);
        *size = 0;
        return MHD_YES;
    } else if (call->later.poll) {
        return wait_later(s, c, call, false);
    }
    s->mhd->MHD_get_connection_values(c, MHD_HEADER_KIND, on_header, &head);
    const struct http_refusal *no = first ? guard(s, c, &head) : NULL;
    if (no) {
        refuse(&reply, no);
        return queue(s, c, call, &reply, true, NULL);
    }
    bool body = head.encodings || (head.length && strcmp(head.length, "0") != 0);
    /* An answer to the first call ends the connection: it is for those whose body nobody shall read. */
    if (first && (!body || (is_post(method) && admit(s, call, &request, &reply, &allow)))) {
        buf_free(&reply.body);
        return MHD_YES;
    }
    if (!first)
        return answer(s, c, call, &request, body && !is_post(method));
    if (reply.status == 200) /* another method with a body that has no use */
        return answer(s, c, call, &request, true);
    return queue(s, c, call, &reply, true, allow);
}

static void on_done(void *cls, struct MHD_Connection *c, void **context,
                    enum MHD_RequestTerminationCode code)
{
    struct http_server *s = cls;
    struct call *call = *context;
    (void)code;
    if (!call)
        return;
    http_link_again(s->links, c);
    bool left = call->seen.live; /* its client is gone before there was an answer */
    call->seen.live = false;
    if (left)
        call->seen.ms = (clock_mono_us() - call->begun_mono_us) / 1000;
    if (!call->seen.streams && (call->answered || left))
        tell(s, &call->seen);
    pthread_mutex_lock(&s->lock);
    if (--s->n_calls == 0 && s->stopping)
        pthread_cond_signal(&s->changed);
    if (call->here) {
        *call->here = call->next;
        if (call->next)
            call->next->here = call->here;
    }
    pthread_mutex_unlock(&s->lock);
    if (call->later.end)
        call->later.end(call->later.ctx);
    buf_free(&call->body);
    free(call);
    *context = NULL;
}

static void quiet(void *cls, const char *fmt, va_list ap)
{
    (void)cls, (void)fmt, (void)ap;
}

/* ---- start and stop ---- */

static bool address(const char *name, int port, struct sockaddr_storage *ret, struct err *e)
{
    struct sockaddr_in *four = (struct sockaddr_in *)ret;
    struct sockaddr_in6 *six = (struct sockaddr_in6 *)ret;
    const char *text = strcmp(name, "localhost") == 0 ? "127.0.0.1" : name;
    *ret = (struct sockaddr_storage){0};
    if (inet_pton(AF_INET, text, &four->sin_addr) == 1) {
        four->sin_family = AF_INET;
        four->sin_port = htons((uint16_t)port);
    } else if (inet_pton(AF_INET6, text, &six->sin6_addr) == 1) {
        six->sin6_family = AF_INET6;
        six->sin6_port = htons((uint16_t)port);
    } else {
        return err_set(e, ERR_USAGE, "'%.80s' is no address of this machine: give one like 127.0.0.1", name);
    }
    return true;
}

/* What stands in the way of listening, and what can be done; any other: the system says it. */
static const struct {
    int why;
    enum err_code code;
    const char *hint;
} obstacles[] = {
    {EADDRINUSE, ERR_EXISTS, "another program listens there; --bind ADDRESS:PORT takes another place, port 0 any"},
    {EADDRNOTAVAIL, ERR_IO, "this machine has no such address; ip address lists those it has"},
    {EACCES, ERR_IO, "ports below 1024 are the system's; take one above, or port 0 for any"},
    {EMFILE, ERR_IO, "end what has many files open, or raise the limit (ulimit -n)"},
};

static bool tell_why(const struct http_server *s, int why, struct err *e)
{
    size_t i = 0;
    while (i < ARRAY_LEN(obstacles) && obstacles[i].why != why)
        i++;
    enum err_code code = i < ARRAY_LEN(obstacles) ? obstacles[i].code : ERR_IO;
    if (s->o.local)
        err_sys(e, code, why, "the socket of this process can not be served");
    else
        err_sys(e, code, why, "%s port %d can not be listened on", s->name, s->o.port);
    return i < ARRAY_LEN(obstacles) ? err_hint(e, "%s", obstacles[i].hint) : false;
}

static bool start_daemon(struct http_server *s, struct err *e)
{
    struct sockaddr_storage at = {0};
    if (!s->o.local && !address(s->name, s->o.port, &at, e))
        return false;
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG;
    if (at.ss_family == AF_INET6)
        flags |= MHD_USE_IPv6;
    unsigned each = s->o.local || http_is_loopback(s->name) ? HTTP_CLIENTS_MAX : HTTP_PER_ADDRESS;
    /* Where it listens: an address, or what listens already. */
    enum MHD_OPTION where = s->o.local ? MHD_OPTION_LISTEN_SOCKET : MHD_OPTION_SOCK_ADDR;
    const struct MHD_OptionItem listens[] = {
        {where, s->o.local ? s->o.listen_fd : 0, s->o.local ? NULL : &at}, {MHD_OPTION_END, 0, NULL}};
    /* A client may be there before its port is known. */
    pthread_mutex_lock(&s->lock);
    errno = 0;
    s->daemon = s->mhd->MHD_start_daemon(
        flags, (uint16_t)s->o.port, NULL, NULL, on_request, s, MHD_OPTION_EXTERNAL_LOGGER, quiet, NULL,
        MHD_OPTION_NOTIFY_COMPLETED, on_done, s, MHD_OPTION_NOTIFY_CONNECTION, http_link_notify, s->links,
        MHD_OPTION_ARRAY, listens, MHD_OPTION_CONNECTION_LIMIT,
        (unsigned)HTTP_CLIENTS_MAX, MHD_OPTION_PER_IP_CONNECTION_LIMIT, each,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HTTP_HEAD_MAX, MHD_OPTION_LISTEN_BACKLOG_SIZE, 4096u,
        MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_END);
    int why = errno;
    const union MHD_DaemonInfo *i =
        s->daemon ? s->mhd->MHD_get_daemon_info(s->daemon, MHD_DAEMON_INFO_BIND_PORT) : NULL;
    s->port = i ? i->port : s->o.port;
    pthread_mutex_unlock(&s->lock);
    return s->daemon || tell_why(s, why, e);
}

struct http_server *http_server_start(const struct http_options *options, struct err *e)
{
    const struct lib_mhd *mhd = lib_mhd(e);
    if (!mhd)
        return NULL;
    mhd_of_all = mhd;
    struct http_server *s = mem_new(sizeof(*s));
    s->o = *options;
    s->mhd = mhd;
    snprintf(s->name, sizeof(s->name), "%s", options->local ? "" : options->name);
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->changed, &attr);
    pthread_condattr_destroy(&attr);
    if (options->self)
        *options->self = s;
    s->links = http_links_new(mhd, options->local, options->head_ms ? options->head_ms : HTTP_HEAD_MS, e);
    if (s->links && start_daemon(s, e))
        return s;
    if (options->self)
        *options->self = NULL;
    http_server_stop(s);
    return NULL;
}

void http_server_stop(struct http_server *s)
{
    if (!s)
        return;
    pthread_mutex_lock(&s->lock);
    s->stopping = true;
    resume_all(s);
    /* The library ends connections where they stand: who was answered shall hear it. */
    int64_t until = clock_mono_ms() + STOP_MS;
    struct timespec at = {.tv_sec = (time_t)(until / 1000), .tv_nsec = until % 1000 * 1000000};
    while (s->daemon && s->n_calls > 0 && pthread_cond_timedwait(&s->changed, &s->lock, &at) == 0)
        ;
    pthread_mutex_unlock(&s->lock);
    if (s->daemon)
        s->mhd->MHD_stop_daemon(s->daemon);
    http_links_free(s->links);
    pthread_cond_destroy(&s->changed);
    pthread_mutex_destroy(&s->lock);
    free(s);
}

int http_server_port(struct http_server *s)
{
    pthread_mutex_lock(&s->lock);
    int port = s->port;
    pthread_mutex_unlock(&s->lock);
    return port;
}
