/* SPDX-License-Identifier: MIT
 *
 * states: the state machines as tables.
 */
#include "contract/states.h"

#include <string.h>

static const struct {
    enum machine machine;
    const char *name;
    bool ended;
} states[STATE_COUNT] = {
    [STATE_NONE] = {MACHINE_NONE, "", false},
#define STATE(m, id, text, end) [STATE_##m##_##id] = {MACHINE_##m, text, end},
#define EDGE(machine, kind, from, to)
#include "contract/states.def"
#undef STATE
#undef EDGE
};

#define S(id) ((uint64_t)1 << STATE_##id)
const struct state_edge state_edges[] = {
#define STATE(m, id, text, end)
#define EDGE(m, kind, from, to) {MACHINE_##m, EV_##kind, from, STATE_##to},
#include "contract/states.def"
#undef STATE
#undef EDGE
};
const size_t state_edges_n = ARRAY_LEN(state_edges);
_Static_assert(STATE_COUNT < 64, "the sets of states are 64 bits");

static const struct state_edge *edge_of(enum event_kind kind)
{
    for (size_t i = 0; i < ARRAY_LEN(state_edges); i++)
        if (state_edges[i].kind == kind)
            return &state_edges[i];
    return NULL;
}

const char *state_name(enum state_id s)
{
    return s < STATE_COUNT ? states[s].name : "";
}

bool state_ended(enum state_id s)
{
    return s < STATE_COUNT && states[s].ended;
}

enum state_id state_find(enum machine m, const char *name)
{
    for (int i = 1; i < STATE_COUNT; i++)
        if (states[i].machine == m && name && strcmp(states[i].name, name) == 0)
            return (enum state_id)i;
    return STATE_NONE;
}

enum machine state_machine_of(enum event_kind kind)
{
    const struct state_edge *edge = edge_of(kind);
    return edge ? edge->machine : MACHINE_NONE;
}

enum state_id state_step(enum event_kind kind, enum state_id from)
{
    const struct state_edge *edge = edge_of(kind);
    if (!edge || !(edge->from & (uint64_t)1 << from))
        return STATE_COUNT;
    return edge->to == STATE_SAME ? from : edge->to;
}

bool state_ends(enum event_kind kind)
{
    for (size_t i = 0; i < state_edges_n; i++)
        if (state_edges[i].kind == kind)
            return state_ended(state_edges[i].to);
    return false;
}
