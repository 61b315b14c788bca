/* SPDX-License-Identifier: MIT
 *
 * draft: what the reducers share. Inside of src/state.
 *
 * How a reducer works: it copies the struct of a record to its stack (turn_step and the like do
 * that, and the edge with it), sets what is new, and puts it. The copy borrows the strings and
 * bodies of the old record, which lives until the put of that same record; so one record is copied
 * and put by one function, and never by something that it calls meanwhile.
 */
#ifndef TAU_STATE_DRAFT_H
#define TAU_STATE_DRAFT_H

#include "base/map.h"
#include "base/mem.h"
#include "state/live.h"
#include "state/reduce.h"

#include <string.h>

struct draft {
    struct rec *(*source)(void *arg, enum rec_kind kind, const char *key); /* or NULL */
    void *source_arg;
    struct snapshot *next;            /* nobody else's until draft_finish */
    const char *proc;                 /* who appended the event that is being reduced */
    VEC(const struct rec *) changed;  /* newest state; holds references */
    struct map changed_at[REC_COUNT]; /* key: place in `changed`, plus 1 */
    VEC(size_t) fresh;                /* places of what this event changed */
};

enum { OUTPUT_KEEP = 64 * 1024, INPUT_KEEP = 200, COMMAND_KEEP = 1000 };

/* Makes a record of the struct and puts it in the place of the one with the same key. */
void draft_put(struct draft *d, enum rec_kind kind, const void *fields);

/* Empties a section of what belongs to the session. */
void draft_forget(struct draft *d, enum rec_kind kind, const char *session);

struct live *draft_live(struct draft *d); /* to be changed */

/* Never NULL. For members that a record always has. */
const char *text_or_empty(const char *s);

/* The first n bytes at most, cut at a whole character, in the arena. */
const char *text_head(struct arena *a, const char *s, size_t n);

/* Sums of what events say, which may be any number: less than nothing counts as nothing, and what would be more
 * than a number holds is as much as it holds. */
int64_t count_add(int64_t sum, int64_t n);
double cost_add(double sum, double cost);

/* Where a piece of n bytes ends; -1 for an offset or a length that no text has. */
int64_t piece_end(int64_t offset, size_t n);

/* `body` with a piece added that begins at this offset: bytes that are there are passed over, a
 * hole is not filled, and no more than `most` bytes are kept. A reference for the caller. */
struct body body_with(struct body body, int64_t offset, const char *text, size_t most);

/* ---- records ---- */

/* A copy of the record; false when it is not there. */
bool session_get(const struct draft *d, const char *id, struct rec_session *ret_session);
bool entry_get(const struct draft *d, const char *id, struct rec_entry *ret_entry);

/* The transcript. `like` says id, turn, kind and what else it has; it gets the next place in the
 * session, whose copy s the caller puts. Nothing happens when there is an entry of that id. */
void entry_add(struct draft *d, const struct event *ev, struct rec_session *s,
               const struct rec_entry *like);

/* Nothing more comes: `open` is cleared. */
void entry_close(struct draft *d, const char *id);

/* The same for all that is open in a turn; with `written` only for text and reasoning. What was to be
 * delivered to the turn, and was not, is `unsent` at its end. */
void entry_close_all(struct draft *d, const char *session, const char *turn, bool written);

/* What is the state after this event? False when it may not happen now, or what it is about is not
 * there: then the reducer does nothing. *ret_rec: the record before, NULL when the event makes it.
 */
bool draft_step(const struct draft *d, const struct event *ev, const struct rec **ret_rec,
                const char **ret_status);

#endif
