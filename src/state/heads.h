/* SPDX-License-Identifier: MIT
 *
 * heads: where a session's head was, as JSON: a list of message ids, the newest last, "" for the
 * place before the first message; or of moves, each "FROM TO". Inside of src/state, and for core,
 * which follows it. Pure.
 */
#ifndef TAU_STATE_HEADS_H
#define TAU_STATE_HEADS_H

#include "base/arena.h"
#include "base/base.h"

enum { HEADS_MAX = 256 };

/* With `head` (NULL: before the first) behind the others; the oldest goes past HEADS_MAX. list may
 * be NULL or no list: then it is empty. In the arena. */
const char *heads_push(const char *list, const char *head, struct arena *a);

/* Without the newest; NULL when nothing is left. */
const char *heads_pop(const char *list, struct arena *a);

/* The newest in the arena ("" for the place before the first), NULL when there is none. */
const char *heads_top(const char *list, struct arena *a);

/* A move as an item of a list. */
const char *heads_move(const char *from, const char *to, struct arena *a);

/* Where the newest move of a list came from ("" for the place before the first), when it led to
 * where the head is; else NULL: something was said since, or there is none. In the arena. */
const char *heads_came_from(const char *list, const char *head, struct arena *a);

#endif
