/* SPDX-License-Identifier: MIT
 *
 * steer: what the operator adds to a turn that runs. The core puts texts in, the turn takes them out
 * at the edges of its steps; a text is in one of both hands at any time, so that it is delivered
 * once, or given back, and never lost. Any thread; no call but steers_close waits.
 *
 * A place is made before the log says anything (steers_reserve, steers_hold) and settled after the
 * transaction: until then the turn neither takes the text nor ends well without it.
 */
#ifndef TAU_AGENT_STEER_H
#define TAU_AGENT_STEER_H

#include "base/base.h"
#include "base/err.h"

enum { STEERS_MAX = 16 }; /* that were not delivered yet */

struct steers;

struct steers *steers_new(void);
void steers_free(struct steers *s); /* NULL is fine */

/* A place for a text; its ticket. 0 with ERR_CONFLICT when the turn takes no more, ERR_OVERLOADED
 * when STEERS_MAX wait. */
int64_t steers_reserve(struct steers *s, struct err *e);
/* What the place is for: the text, copied, and the seq of its turn.steered. */
void steers_fill(struct steers *s, int64_t ticket, int64_t seq, const char *text);

/* Takes the newest text that was not delivered back from the turn for now: its ticket, or 0 when
 * there is none. *ret_text is valid until it is settled. */
int64_t steers_hold(struct steers *s, int64_t *ret_seq, const char **ret_text);

/* The transaction is over: the text is the turn's (again), or goes away. */
void steers_settle(struct steers *s, int64_t ticket, bool deliver);

/* The turn's side. The oldest text that is its own: false when there is none. The caller frees it. */
bool steers_take(struct steers *s, int64_t *ret_seq, char **ret_text);

/* The turn wants to end. True: nothing waits, and nothing will be taken any more; false: there is a
 * text to deliver. Waits for what is not settled. */
bool steers_close(struct steers *s);

/* The turn ends, whatever waits. */
void steers_shut(struct steers *s);

#endif
