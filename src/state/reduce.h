/* SPDX-License-Identifier: MIT
 *
 * reduce: the fold. A draft is a private next snapshot: events are checked against it and reduced
 * into it, and it becomes visible only when its owner has committed them; a draft that is dropped
 * never happened. Pure: no clock, no I/O, no thread. One owner.
 */
#ifndef TAU_STATE_REDUCE_H
#define TAU_STATE_REDUCE_H

#include "base/base.h"
#include "base/err.h"
#include "state/snapshot.h"

struct draft;

struct draft *draft_new(const struct snapshot *base); /* takes a reference of its own */
void draft_drop(struct draft *d);                     /* NULL is fine */

/* Is this event legal here? Checks the edge of its state machine and that what it names is there.
 * ERR_ILLEGAL_EDGE says from what and to what. Always true for an unknown kind. */
bool draft_check(const struct draft *d, const struct event *ev, struct err *e) ATTR_WARN;

/* Applies an event that has its seq (or is ephemeral). proc: the process that appended it. */
void draft_reduce(struct draft *d, const struct event *ev, const char *proc);

/* Puts a record that was read back from the store (a session that is opened, or all at the start),
 * behind those that are there, and says how many lie before. Does not mark it changed. */
void draft_load(struct draft *d, struct rec *r); /* takes the reference */
/* The same in the place of the one that is there. */
void draft_reload(struct draft *d, struct rec *r); /* takes the reference */
void draft_load_before(struct draft *d, enum rec_kind kind, int64_t before);

/* Where to read a session, or an entry of memory, that has left the snapshot, should an event name it: when a log is folded
 * anew, or when another process opened an old session. fn answers a record with a reference, or NULL.
 * Without a source, and for what it does not have, such an event does nothing. */
void draft_source(struct draft *d, struct rec *(*fn)(void *arg, enum rec_kind kind, const char *key),
                  void *arg);

/* As draft_find, but what has left the snapshot is read from the source, and stands before all others:
 * it is the first to leave again. For kinds that belong to no session. */
const struct rec *draft_bring(struct draft *d, enum rec_kind kind, const char *key);

/* Takes out what a section holds of a session, and counts it as lying before; to be loaded again in
 * its order. Does not mark it changed. */
void draft_unload(struct draft *d, enum rec_kind kind, const char *session);

const struct rec *draft_find(const struct draft *d, enum rec_kind kind, const char *key);

/* The records as they are now; borrowed until the next change. */
const struct section *draft_section(const struct draft *d, enum rec_kind kind);

/* Records that reduce changed since draft_new, newest state, each once, in order of first change. */
size_t draft_changed(const struct draft *d, const struct rec *const **ret_v);

/* What changed so far is kept already, by whoever wrote the events: draft_changed begins anew. */
void draft_kept(struct draft *d);

/* Marks the draft degraded (reason code) or well again (""). */
void draft_degraded(struct draft *d, const char *reason_code);

/* The snapshot that the draft became; frees the draft. seq: the last committed. */
struct snapshot *draft_finish(struct draft *d, int64_t seq);

/* One reducer per kind, expanded from events.def: a missing one does not link. */
#define EVENT(id, lc, wire, durability, doc) void reduce_##lc(struct draft *, const struct event *);
#define FIELD(lc, type, member, presence, doc)
#define EVENT_END(lc)
#include "contract/events.def"
#undef EVENT
#undef FIELD
#undef EVENT_END

#endif
