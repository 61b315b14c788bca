/* SPDX-License-Identifier: MIT
 *
 * hub: where the core publishes and everybody reads: the newest snapshot, and a ring of the newest
 * events with a cursor per reader. Events that all have read are let go. A slow reader never blocks the
 * writer: when it is HUB_RING events or HUB_BYTES of their data behind it is lapped and told so. One
 * publisher; any number of readers on any thread.
 */
#ifndef TAU_STATE_HUB_H
#define TAU_STATE_HUB_H

#include "base/base.h"
#include "contract/event.h"
#include "state/snapshot.h"

enum { HUB_RING = 8192, HUB_BYTES = 16 << 20 };

struct hub;
struct hub *hub_new(void);
void hub_free(struct hub *h); /* all readers are gone */

/* Publisher: events first, then the snapshot that holds them, then one notification. References
 * are taken. s NULL: only events (the snapshot follows within 8 ms). */
void hub_publish(struct hub *h, struct event *const *events, size_t n, const struct snapshot *s);

/* The newest snapshot, with a reference for the caller. */
struct snapshot *hub_snapshot(struct hub *h);

struct hub_filter {
    const char *session, *turn; /* NULL: any; copied. bus.* events concern them all */
    const char *kinds;          /* "turn.,tool.completed": comma between; a final dot takes all that
                                   begin so; NULL: any */
    bool snapshots;             /* wake for new snapshots */
    bool events;                /* wake for events that pass */
    bool quiet;                 /* whoever reads is woken otherwise: no descriptor is taken, hub_fd is -1 */
};

struct hub_reader;

/* Starts after the newest event. One thread at a time uses a reader. NULL when the system has no
 * eventfd left (errno), which a quiet one needs none of. */
struct hub_reader *hub_read(struct hub *h, const struct hub_filter *filter);
void hub_read_end(struct hub_reader *r); /* NULL is fine */

/* An eventfd, readable once there is something that the filter wakes for; hub_arm re-arms it. */
int hub_fd(const struct hub_reader *r);

/* The next event that passes the filter, with a reference; NULL when there is none. When the reader
 * was lapped it is a bus.gap event whatever the filter says, and the next call goes on at the oldest
 * that is left. So is one with `reset`: this process slept while what others wrote was pruned. A gap whose `to` lies before its `from` left out ephemeral events only. */
struct event *hub_next(struct hub_reader *r);

/* Makes fd unreadable until there is something new. Call it before looking, so that nothing is
 * missed: poll, hub_arm, hub_next until NULL, hub_snapshot. */
void hub_arm(struct hub_reader *r);

#endif
