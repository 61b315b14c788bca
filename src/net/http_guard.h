/* SPDX-License-Identifier: MIT
 *
 * http_guard: what a request's head must be before anybody looks at what it asks for: a Host that is
 * this server, no Origin but its own, one length, lines that end as RFC 9112 section 2.2 says. Pure,
 * so that every shape is a row of a test. Any thread.
 */
#ifndef TAU_NET_HTTP_GUARD_H
#define TAU_NET_HTTP_GUARD_H

#include "base/base.h"
#include "base/str.h"

struct http_head {
    size_t hosts, lengths, encodings; /* how often each header is there */
    bool bare_lf;                     /* a line ends without CR */
    const char *host, *origin;        /* NULL: absent */
    const char *length;               /* Content-Length, or NULL */
};

/* What is wrong, as a row with its status; NULL: nothing. The order is the order of the checks. */
struct http_refusal {
    int status;
    const char *code, *message;
};
enum { HTTP_BODY_MAX = 64 * 1024 };
extern const struct http_refusal http_too_large; /* of a body past that, also when its head did not say so */

/* name: how the server is bound ("127.0.0.1"); that, and on loopback its other names, are its own. NULL:
 * in the file system, where every Host will do, and no page comes from. here: the address that the caller
 * reached, which is one of many when name is that of all (http_is_any); may be NULL. */
const struct http_refusal *http_guard(const struct http_head *h, const char *name, const char *here, int port);

/* "Bearer TOKEN": the scheme in any case (RFC 6750 section 2.1). An empty view when it is not that. */
struct str http_bearer(const char *authorization);

/* Does it stand for every address of this machine: 0.0.0.0 or ::? */
bool http_is_any(const char *name);

/* Is this an address of this machine alone: 127.0.0.0/8, ::1 or localhost? */
bool http_is_loopback(const char *name);

#endif
