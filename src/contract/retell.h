/* SPDX-License-Identifier: MIT
 *
 * retell: turns that were said elsewhere, said again in a session of this store: an import, a merge.
 * Ids become other ones, so that a store can take in what it wrote itself. Left out are edges of the
 * session itself, and what is about the machine (jobs, tasks, memory, failures). What is still open
 * when there is no more of it is closed, so that nothing stays open below what has ended. One thread
 * at a time; it writes nothing itself.
 */
#ifndef TAU_CONTRACT_RETELL_H
#define TAU_CONTRACT_RETELL_H

#include "base/arena.h"
#include "base/id.h"
#include "base/map.h"
#include "contract/event.h"
#include "json/json.h"

struct retell {
    const char *session; /* where it is said again */
    const char *salt;    /* which telling this is: it and the old ids decide the new ones */
    bool bare;  /* without what it cost and which files it changed: that was there, and stays there */
    const char *why;     /* one line: why what is open did not end */
    struct arena arena;  /* ids that were handed out; the caller may free it between two events */
    struct map open;     /* of turns, calls and questions: their id to what they are and the turn's */
};

/* The id of this telling of what was called old; prefix is the kind of thing, at most 12 letters. The
 * same every time, so no table is needed. */
struct id retell_make_id(const char *salt, const char *prefix, struct str old);

/* The same for an id as it stands in an event; in the arena. */
const char *retell_id(struct retell *r, struct str old);

/* *ret: the event as it is said here (the caller's), NULL for one that is left out. data: its data,
 * parsed. ERR_INVALID. */
bool retell_event(struct retell *r, const struct event *ev, const struct json *data,
                  struct event **ret, struct err *e) ATTR_WARN;

/* Gives the events that end what is open, calls and questions before turns; fn takes each over.
 * Frees what r holds. */
void retell_end(struct retell *r, void (*fn)(void *arg, struct event *ev), void *arg);

#endif
