/* SPDX-License-Identifier: MIT
 *
 * toolset: the calls of one step, from proposal to answer. Everything that must hold for a call
 * wherever it comes from is done here and can not be gone round: validation, policy, the question to
 * the operator, the journal (tool.started committed before anything changes, old contents kept),
 * clipping, and the terminal event.
 *
 * Calls that only read run side by side; calls on the same path run in the order in which the model
 * made them; a command runs alone. Turn thread; the calls themselves run on the tool pool.
 */
#ifndef TAU_AGENT_TOOLSET_H
#define TAU_AGENT_TOOLSET_H

#include "agent/step.h"
#include "agent/turn.h"

struct toolset; /* of one turn: remembers what was indexed for its commands */

struct toolset *toolset_new(const struct agent_env *env, const struct turn_start *start,
                            struct err *e) ATTR_WARN;
void toolset_free(struct toolset *t);

/* Runs all calls, each to its terminal event, and keeps the answers as one message. False when the
 * answers could not be kept. deadline_ms: of the turn. */
bool toolset_run(struct toolset *t, const struct step_call *calls, size_t n, int64_t deadline_ms,
                 struct err *e) ATTR_WARN;

/* Where the last run ended: in a tool, or in a question that was stopped before its answer. */
enum err_phase toolset_phase(const struct toolset *t);

#endif
