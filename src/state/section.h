/* SPDX-License-Identifier: MIT
 *
 * section: the records of one kind in a snapshot. Inside of src/state. A section that more than one
 * holder refers to is immutable; section_own gives the one who wants to change it a section that
 * nobody else has. What is copied then are pointers, and their number is bounded (rec_table.keep).
 */
#ifndef TAU_STATE_SECTION_H
#define TAU_STATE_SECTION_H

#include "state/snapshot.h"

struct section *section_new(void);
struct section *section_ref(const struct section *s);
void section_unref(const struct section *s); /* NULL is fine; gives the records' references back */

/* Takes the caller's reference. Answers the same section when it was the last one, else a copy. */
struct section *section_own(const struct section *s);

/* The record of that key, or NULL (also for a NULL key). Newest first. */
const struct rec *section_find(const struct section *s, const char *key);

/* Is there a record of the session; is there one that has not ended? */
bool section_has(const struct section *s, const char *session);
bool section_is_live(const struct section *s, const char *session);

/* How many of its records have ended. */
size_t section_ended(const struct section *s);

/* The rest wants an owned section. */

/* Replaces the record of that key where it stands, or puts a new one behind all. Takes the
 * reference. */
void section_put(struct section *s, const struct rec *r);

/* Moves the last record before all others: the place of one that had left. */
void section_to_front(struct section *s);

/* Takes the record at a place out. `before` is not touched. */
void section_remove(struct section *s, size_t at);

/* Drops the oldest ended records of the session (NULL: those that have none) until `keep` are left,
 * and counts them as lying before. */
void section_evict(struct section *s, const char *session, size_t keep);

/* Drops all records of the session, and counts them as lying before. */
void section_forget(struct section *s, const char *session);

#endif
