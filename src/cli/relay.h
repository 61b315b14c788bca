/* SPDX-License-Identifier: MIT
 *
 * relay: what the console shows of a session that another tau of this user has comes from that one's
 * socket: its text as it is written; and what is done to its turns goes there: stopping them, adding to
 * them, answering their questions. What is kept comes through the log in any case, so that a socket that is
 * not there costs only liveliness. Two threads: one follows, and sleeps while no such session is shown; one
 * carries what is done, and sleeps while nothing is.
 */
#ifndef TAU_CLI_RELAY_H
#define TAU_CLI_RELAY_H

#include "contract/seams.h"
#include "state/hub.h"

struct relay;
struct relay_options {
    struct hub *hub;
    struct actor actor; /* of this process */
    struct sink sink;
    const char *proc, *state_dir;
};

/* Copies what it needs; hub, actor and sink outlive it. Main thread. */
struct relay *relay_start(const struct relay_options *options, struct err *e) ATTR_WARN;
void relay_stop(struct relay *r); /* joins; NULL is fine */

/* In place of the process's own: what concerns a turn elsewhere goes there, all else to the core. */
struct actor relay_actor(struct relay *r);

/* The session that is shown now, by its id; NULL: none. Any thread; quick. */
void relay_show(struct relay *r, const char *session);

#endif
