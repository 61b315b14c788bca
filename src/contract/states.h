/* SPDX-License-Identifier: MIT
 *
 * states: the state machines of states.def. Pure tables; any thread.
 */
#ifndef TAU_CONTRACT_STATES_H
#define TAU_CONTRACT_STATES_H

#include "contract/event.h"

enum state_id {
    STATE_NONE, /* it does not exist yet */
#define STATE(machine, id, name, ended) STATE_##machine##_##id,
#define EDGE(machine, kind, from, to)
#include "contract/states.def"
#undef STATE
#undef EDGE
    STATE_COUNT,
    STATE_SAME
};

enum machine { MACHINE_NONE, MACHINE_TURN, MACHINE_TOOL, MACHINE_APPROVAL, MACHINE_JOB,
               MACHINE_TASK };

const char *state_name(enum state_id s); /* "running"; "" for none */
bool state_ended(enum state_id s);

/* The state of that name in the machine; STATE_NONE when there is none. */
enum state_id state_find(enum machine m, const char *name);

/* Which machine an event moves; MACHINE_NONE when it moves none. */
enum machine state_machine_of(enum event_kind kind);

/* Where kind leads from `from`: a state, or STATE_COUNT when that edge is not legal. */
enum state_id state_step(enum event_kind kind, enum state_id from);

/* The edges as data, for documentation and random walks. */
struct state_edge {
    enum machine machine;
    enum event_kind kind;
    uint64_t from; /* bit 1 << state_id */
    enum state_id to;
};
extern const struct state_edge state_edges[];
extern const size_t state_edges_n;

/* Does the event end what it is about, from whatever state? */
bool state_ends(enum event_kind kind);

#endif
