/* SPDX-License-Identifier: MIT
 *
 * socket: the way in for other processes of this user: the gateway's own routes at a socket in the file
 * system, <runtime>/tau/<store>/<pid>.sock. The runtime directory is $XDG_RUNTIME_DIR, else
 * /tmp/tau-<uid>; every directory on the way is ours and closed to others (0700), the socket is 0600, and
 * who connects is asked of the kernel (SO_PEERCRED). Nothing is loaded before somebody comes: until then
 * it costs a thread that sleeps.
 */
#ifndef TAU_GATEWAY_SOCKET_H
#define TAU_GATEWAY_SOCKET_H

#include "base/err.h"
#include "base/mem.h"
#include "gateway/gateway.h"

struct gateway_socket;

/* options: as for gateway_start; name, port and listen_fd are not looked at. state_dir says which store.
 * Main thread. */
struct gateway_socket *gateway_socket_start(const struct gateway_options *options, struct err *e) ATTR_WARN;
void gateway_socket_stop(struct gateway_socket *s); /* and removes it, with its directory when it was the last; NULL is fine */

/* The processes that can be asked there now, lowest number first; sockets that nobody listens at are
 * removed. Paths and array are the caller's. Empty, too, when there is no such directory. */
struct gateway_peer {
    long pid;
    char *path;
};
typedef VEC(struct gateway_peer) gateway_peers;
bool gateway_socket_list(const char *state_dir, gateway_peers *ret, struct err *e) ATTR_WARN;
void gateway_peers_done(gateway_peers *p);

#endif
