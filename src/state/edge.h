/* SPDX-License-Identifier: MIT
 *
 * edge: which record an event moves, and from where to where. Inside of src/state.
 */
#ifndef TAU_STATE_EDGE_H
#define TAU_STATE_EDGE_H

#include "contract/states.h"
#include "state/reduce.h"

/* The key of the record that the event is about, and its kind; NULL when it names none. */
const char *edge_subject(const struct event *ev, enum rec_kind *ret_kind);

/* The state that a record is in; STATE_NONE when it is NULL or its kind has none. */
enum state_id edge_state(const struct rec *r);

#endif
