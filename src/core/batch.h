/* SPDX-License-Identifier: MIT
 *
 * batch: one drain of the mailbox as one transaction. Core thread only. The order is init, take for
 * every message, commit; then the caller publishes; then answer, and done.
 */
#ifndef TAU_CORE_BATCH_H
#define TAU_CORE_BATCH_H

#include "core/internal.h"

void batch_init(struct batch *b, struct core *c);
void batch_take(struct batch *b, struct msg *m);

/* In the place of taking messages: what other processes have committed. Then batch_commit, which writes
 * nothing. */
void batch_tail(struct batch *b);

/* Commits what was taken; false: nothing of it happened, b->err says why. */
bool batch_commit(struct batch *b);

/* Answers those who waited. After a failed commit actions are refused with b->err; waiters of facts
 * go on waiting, since their facts are kept and tried again. */
void batch_answer(struct batch *b);

/* Runs the effects of a committed batch; frees everything but the messages. */
void batch_done(struct batch *b);

#endif
