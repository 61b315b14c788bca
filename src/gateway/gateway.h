/* SPDX-License-Identifier: MIT
 *
 * gateway: the running tau over HTTP. It looks only through the seams of the contract: snapshots and
 * events of the hub, queries of the reader. A thread of its own ("gw-fan") wakes the streams when
 * something was published, at most every 5 ms, and sleeps while there is no stream.
 */
#ifndef TAU_GATEWAY_GATEWAY_H
#define TAU_GATEWAY_GATEWAY_H

#include "base/err.h"
#include "contract/seams.h"
#include "net/http_server.h"
#include "state/hub.h"

enum { GATEWAY_PORT = 8787 };

struct gateway_options {
    struct hub *hub;
    struct reader reader;
    struct actor actor;
    struct sink sink; /* emit NULL: what happens to the gateway itself is not logged */
    const char *proc;       /* this process */
    const char *store;      /* the name of its store: it begins the ids of events */
    const char *state_dir;  /* the token lies there */
    const char *name;       /* address to bind; see http_server.h */
    int port;               /* 0: any */
    bool local;             /* instead of both: listen_fd, for processes of this user; no token */
    int listen_fd;
    struct door door;       /* of a local one: the process's gateway, of which it tells */
    /* Something that gateway_seen or gateway_streams tells has changed; quick; threads of the server.
     * May be NULL. */
    void (*changed)(void *ctx);
    void *ctx;
};

struct gateway;
/* Copies what it needs; hub and reader outlive it. ERR_EXISTS: the address is taken; ERR_CONFIG: the
 * token's file can be read by others. Main thread. */
struct gateway *gateway_start(const struct gateway_options *options, struct err *e) ATTR_WARN;
/* Ends the streams, joins the threads. NULL is fine. */
void gateway_stop(struct gateway *g);
int gateway_port(const struct gateway *g);
const char *gateway_token_path(const struct gateway *g);

/* Ends what a request waits for, or its stream; what it began goes on. False: it does not go on. Any thread. */
bool gateway_cut(struct gateway *g, int64_t request);
/* New requests get 503 from now on, but for those that ask how it is; or they are taken again. False: it is
 * so already. Any thread. */
bool gateway_drain(struct gateway *g, bool drains);
bool gateway_drains(const struct gateway *g); /* of a local one: does the one behind its door? */

/* The newest requests, oldest first, at most max; how many. One that goes on stays among them while
 * there is another to leave out. Any thread. */
enum { GATEWAY_SEEN_MAX = 50 };
size_t gateway_seen(struct gateway *g, struct http_seen *ret, size_t max);
int64_t gateway_requests(struct gateway *g); /* since the start */
int64_t gateway_started_ms(const struct gateway *g);
size_t gateway_streams(struct gateway *g);

/* "127.0.0.1:8787", "[::1]:8787": where it listens. */
enum { GATEWAY_ADDRESS = 96 };
void gateway_address(const struct gateway *g, char ret[GATEWAY_ADDRESS]);

/* The same with its counters, as the object `gateway` of /gateway/status. Any thread. */
struct jsonw;
void gateway_tell(struct gateway *g, struct jsonw *w);

/* What the table of routes says, as lines of method, path, auth, role and meaning. */
extern const struct http_route gateway_routes[];
extern const size_t gateway_routes_n;

#endif
