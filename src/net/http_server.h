/* SPDX-License-Identifier: MIT
 *
 * http_server: HTTP/1.1 for those who look on and drive tau from outside. A face gives rows: method,
 * path, who may, and the function that answers. Guards come before any of them (net/http_guard.h,
 * the token, the role); limits are named below. libmicrohttpd's threads run the functions, so none of
 * them may take long. Errors are {"error":{"type","code","message"}}.
 */
#ifndef TAU_NET_HTTP_SERVER_H
#define TAU_NET_HTTP_SERVER_H

#include "base/buf.h"
#include "base/err.h"
#include "base/id.h"
#include "base/str.h"
#include "contract/seams.h"

enum {
    HTTP_CLIENTS_MAX = 15000,        /* connections at once, on loopback also of one address */
    HTTP_PER_ADDRESS = 256,          /* of one address elsewhere */
    HTTP_HEAD_MS = 30000,            /* for a head and its body, and between two requests */
    HTTP_HEAD_MAX = 6 * 1024,        /* bytes of a head */
    HTTP_STREAM_BUF = 2048,
};

/* An answer that goes on. All of it is called by one thread at a time. */
struct http_stream {
    /* At most max bytes; 0: nothing is there now, http_server_wake asks again; -1: it is over. */
    long (*fill)(void *ctx, char *out, size_t max);
    void (*end)(void *ctx); /* the client is gone, or the answer is over; ctx may be freed */
    void *ctx;
};

struct http_request {
    void *connection;
    const char *method, *path;
    const char *rest;             /* of the path, behind a route that ends in an asterisk; else "" */
    struct str body;              /* of a POST; at most HTTP_BODY_MAX */
    const struct principal *who;  /* who calls; of an open route the least of all */
};
/* A value of the query or a header; NULL: absent. Borrowed until the function returns. */
const char *http_query(const struct http_request *r, const char *name);
const char *http_header(const struct http_request *r, const char *name);

struct http_reply;
/* An answer that is not there yet. Both are called by one thread at a time. */
struct http_later {
    /* Fills the reply and returns true; false: not yet, http_server_wake asks again. What the reply
     * is about may be said before. */
    bool (*poll)(void *ctx, struct http_reply *ret);
    void (*end)(void *ctx); /* it was answered, or the client is gone; ctx may be freed */
    void *ctx;
};

/* What a request was about, for who looks on. */
struct http_about {
    const char *name; /* what a route that ends in an asterisk was asked for; static. NULL: nothing */
    char code[32];    /* of the error that it got */
    int64_t seq;      /* the first event that it made; 0: none */
    char id[ID_MAX];  /* what it made */
};

struct http_reply {
    int status;              /* 200 */
    const char *media_type;  /* application/json */
    struct buf body;
    struct http_stream stream; /* fill set: instead of the body */
    struct http_later later;   /* poll set: instead of both, and asked at once */
    struct http_about about;
};
/* An error, in the form of them all. type is made of the status. */
void http_error(struct http_reply *r, int status, const char *code, const char *message);

enum http_auth { HTTP_OPEN, HTTP_TOKEN };
struct http_route {
    const char *method, *path; /* a path that ends in an asterisk: all that begin so, and go on */
    enum http_auth auth;
    enum role role; /* the least that the caller must have; of an open route: VIEW */
    bool calm;      /* it is answered also while the server drains */
    void (*answer)(void *ctx, const struct http_request *request, struct http_reply *ret);
    const char *help;
};

/* Of one request that is over, or that goes on: then it is told again when it is over. */
struct http_seen {
    int64_t id;                /* rises by one a request, from 1 on */
    const char *method, *path; /* path: the route's own, or "(other)" */
    const char *caller;        /* whose token it has; "": nobody's */
    int status;                /* 0: there is none yet */
    char who[48];              /* address of the caller */
    int64_t begun_ms;          /* wall */
    int64_t ms;                /* took: until its answer was made, of a stream until its end */
    bool streams, live, again; /* its answer is a stream; it goes on; it was told before */
    struct http_about about;
};

/* Somebody who may call: whoever knows the token. */
struct http_caller {
    const char *token;
    struct principal who;
};

struct http_server;
struct http_options {
    /* Set before the first request can be answered, which may be before http_server_start returns; NULL
     * again when that fails. May be NULL. */
    struct http_server **self;
    const char *name; /* an IPv4 or IPv6 address, or localhost */
    int port;         /* 0: any */
    /* Instead of both: a socket that listens in the file system. Only processes of this user are heard
     * there, they need no token, and are the first of callers. It stays the caller's. */
    bool local;
    int listen_fd;
    int64_t head_ms; /* 0: HTTP_HEAD_MS */
    const struct http_caller *callers;
    size_t n_callers;
    const struct http_route *routes;
    size_t n_routes;
    void (*seen)(void *ctx, const struct http_seen *s); /* any of the server's threads; may be NULL */
    void *ctx;
};

/* Everything in options but name is borrowed until http_server_stop. ERR_LIBRARY, ERR_EXISTS: the
 * address is taken. */
struct http_server *http_server_start(const struct http_options *options, struct err *e) ATTR_WARN;
void http_server_stop(struct http_server *s); /* streams are ended; NULL is fine */
int http_server_port(struct http_server *s);
size_t http_server_streams(struct http_server *s);

/* There may be something for every stream that waits. Any thread. */
void http_server_wake(struct http_server *s);

/* Ends a stream, or a request that waits for its answer (it gets 503). False: there is none of that id
 * that goes on. Any thread. */
bool http_server_cut(struct http_server *s, int64_t id);

/* From now on new requests get 503, but for calm routes; what goes on goes on. Or that no more. */
void http_server_drain(struct http_server *s, bool drains);
bool http_server_drains(const struct http_server *s);

#endif
