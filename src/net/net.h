/* SPDX-License-Identifier: MIT
 *
 * net: requests to other machines. One thread has the one curl multi of the process, so that
 * connections are kept alive and used again by whoever asks next. A request is a stream: its owner
 * takes what has come, and what it does not take fills a bounded buffer and then stops the
 * transfer, so nothing is ever dropped and nothing grows.
 *
 * Only http and https, certificates verified (against the system's authorities, or those of the file
 * SSL_CERT_FILE), no redirect followed, proxies as the environment says
 * (http_proxy, https_proxy, no_proxy). The thread is started by the first net_open or net_warm.
 */
#ifndef TAU_NET_NET_H
#define TAU_NET_NET_H

#include "base/base.h"
#include "base/cancel.h"
#include "base/err.h"
#include "base/str.h"

enum {
    NET_BUFFER_MAX = 256 * 1024, /* bytes that wait for the owner of one stream */
    NET_HEADERS_MAX = 100,       /* of an answer */
    NET_HEADER_BYTES_MAX = 64 * 1024,
    NET_REQUEST_HEADERS_MAX = 16,
};

struct net_request {
    const char *url;
    const char *socket;         /* the path of one that is connected to instead of the host; or NULL */
    const char *const *headers; /* "Name: value"; they may hold a key, which no message repeats */
    size_t n_headers;
    struct str body; /* POST with this body; p NULL: GET. Valid until net_close */
    struct cancel *cancel;
    /* Most time until there is a connection, then until the answer begins, then between two pieces
     * of it; 0: no limit. And until all of it is over, clock_mono_ms. */
    int64_t connect_ms, wait_ms, idle_ms, deadline_ms;
    /* Called on the owner's thread whenever it begins to wait: does what is due and says when it
     * wants to be called again (clock_mono_ms, CLOCK_NEVER). NULL: nothing is ever due. */
    int64_t (*idle)(void *arg);
    void *idle_arg;
};

struct net_stream;

/* Begins; does not wait for the network. NULL when libcurl is missing or no thread can be had. */
struct net_stream *net_open(const struct net_request *request, struct err *e) ATTR_WARN;

/* What came, in *ret (valid until the next call); p NULL at the end of the answer. The first call
 * returns as soon as status line and headers are there, with no bytes perhaps. ERR_TIMEOUT names
 * the limit that passed; ERR_CANCELLED, ERR_PROVIDER_UNAVAILABLE (no such host, refused, no TLS),
 * ERR_STREAM_CUT (it broke off), ERR_STREAM_INVALID (it is no HTTP). Phase: provider_connect until
 * there is a connection, provider_wait until the answer begins, then stream. Owner's thread. */
bool net_read(struct net_stream *s, struct str *ret, struct err *e) ATTR_WARN;

/* Of the answer, once the first net_read came back. Owner's thread. */
int net_status(struct net_stream *s);
/* The value of a header (in small or capital letters), cut to size; false and "" without it. */
bool net_header(struct net_stream *s, const char *name, char *ret, size_t size);
/* When the other side wants to be asked again, from its Retry-After (RFC 9110, 10.2.3: seconds or a
 * date), in milliseconds from now; 0 without one. */
int64_t net_retry_after_ms(struct net_stream *s);
/* "127.0.0.1:11434": where the request goes, for messages. */
const char *net_host(const struct net_stream *s);

/* Ends the request wherever it is; waits until the thread has let go of it. NULL is fine. */
void net_close(struct net_stream *s);

/* The same for an answer of which all that counts has been read: what little is left of it is read
 * in the background for at most NET_DRAIN_MS, so that the connection can be used again. One whose request was
 * not sent whole by then ends as by net_close. */
enum { NET_DRAIN_MS = 500, NET_DRAIN_BYTES = 64 * 1024 };
void net_finish(struct net_stream *s);

/* Makes the library and the thread ready in the background, so that the first request need not. */
void net_warm(void);

/* How many connections were opened so far, for tests and figures. */
int64_t net_connections(void);

/* Ends the thread, and every stream that is not closed with ERR_CANCELLED. What is opened afterwards
 * fails; what was opened before can be read to what has come of it, and must be closed. */
void net_stop(void);

#endif
