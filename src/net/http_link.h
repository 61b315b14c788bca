/* SPDX-License-Identifier: MIT
 *
 * http_link: the connections of an HTTP server, from their beginning to their end. The library's own
 * timeout is one of silence, so that a client that drips would live for ever: here each connection has
 * a deadline, and a thread that looks at them sleeps while there is none. Inside of src/net.
 */
#ifndef TAU_NET_HTTP_LINK_H
#define TAU_NET_HTTP_LINK_H

#include "base/err.h"
#include "net/lib_mhd.h"

/* All connections of one server. */
struct http_links;

/* local: the socket is one of the file system, where only processes of this user are heard. head_ms: what
 * a new connection has for its first request. NULL: ERR_OVERLOADED, there is no thread. The caller owns
 * it, and frees it after the daemon that tells it of connections has stopped. */
struct http_links *http_links_new(const struct lib_mhd *mhd, bool local, int64_t head_ms,
                                  struct err *e) ATTR_WARN;
void http_links_free(struct http_links *all); /* joins its thread; NULL is fine */

/* For MHD_OPTION_NOTIFY_CONNECTION, with the links as its cls: one begins, or it ends. The library's
 * threads. */
void http_link_notify(void *cls, struct MHD_Connection *c, void **context,
                      enum MHD_ConnectionNotificationCode code);

/* From now on it has head_ms, as at its beginning; or it lives as long as it likes. Any thread, while the
 * library calls for this connection. */
void http_link_again(struct http_links *all, struct MHD_Connection *c);
void http_link_forever(struct http_links *all, struct MHD_Connection *c);

/* May its requests be heard? Not those of another user, nor of a connection that nobody told of. */
bool http_link_is_heard(const struct http_links *all, struct MHD_Connection *c);

#endif
