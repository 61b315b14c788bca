/* SPDX-License-Identifier: MIT
 *
 * calls: the calls of tools that run in this process, so that one of them can be stopped and its turn
 * goes on. Any thread.
 */
#ifndef TAU_AGENT_CALLS_H
#define TAU_AGENT_CALLS_H

#include "base/base.h"
#include "base/cancel.h"

struct calls;
struct calls *calls_new(void);
void calls_free(struct calls *c); /* when none runs any more; NULL is fine */

/* The call runs: its token, a child of the turn's, owned by the caller who ends it with calls_end. */
struct cancel *calls_begin(struct calls *c, const char *call, struct cancel *turn);
void calls_end(struct calls *c, const char *call, struct cancel *token);

/* Fires the token of a call; false when it does not run here. */
bool calls_cancel(struct calls *c, const char *call);

#endif
