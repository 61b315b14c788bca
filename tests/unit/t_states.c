/* SPDX-License-Identifier: MIT */
#include "lib/test.h"

#include "contract/states.h"

static const enum machine machines[] = {MACHINE_TURN, MACHINE_TOOL, MACHINE_APPROVAL, MACHINE_JOB, MACHINE_TASK};

/* The states that can be reached from nothing, by all edges of a machine. */
static uint64_t reached(enum machine m)
{
    uint64_t in = (uint64_t)1 << STATE_NONE, before = 0;
    while (in != before) {
        before = in;
        for (size_t i = 0; i < state_edges_n; i++)
            if (state_edges[i].machine == m && state_edges[i].from & in &&
                state_edges[i].to != STATE_SAME)
                in |= (uint64_t)1 << state_edges[i].to;
    }
    return in;
}

static uint64_t states_of(enum machine m)
{
    uint64_t all = (uint64_t)1 << STATE_NONE;
    for (int s = 1; s < STATE_COUNT; s++)
        if (state_find(m, state_name((enum state_id)s)) == (enum state_id)s)
            all |= (uint64_t)1 << s;
    return all;
}

static void test_reachable(void **state)
{
    (void)state;
    uint64_t all = 0;
    for (size_t i = 0; i < ARRAY_LEN(machines); i++) {
        assert_true(reached(machines[i]) == states_of(machines[i]));
        all |= states_of(machines[i]);
    }
    assert_true(all == ((uint64_t)1 << STATE_COUNT) - 1);
}

/* Nothing leads on from an end, and from everything else an end can be reached in one step or the
 * state has a next one. */
static void test_ends(void **state)
{
    (void)state;
    for (int s = 1; s < STATE_COUNT; s++) {
        size_t out = 0;
        for (size_t i = 0; i < state_edges_n; i++)
            out += state_edges[i].from >> s & 1 && state_edges[i].to != STATE_SAME;
        if (state_ended((enum state_id)s))
            assert_int_equal(out, 0);
        else
            assert_true(out > 0);
        for (size_t i = 0; i < state_edges_n; i++)
            if (state_ended((enum state_id)s))
                assert_false(state_edges[i].from >> s & 1);
    }
}

/* An event has one row, of its own machine's states, and is durable. */
static void test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < state_edges_n; i++) {
        const struct state_edge *edge = &state_edges[i];
        assert_int_equal(state_machine_of(edge->kind), edge->machine);
        assert_true(event_table[edge->kind].durable);
        assert_true((edge->from & ~states_of(edge->machine)) == 0);
        for (size_t k = 0; k < i; k++)
            assert_true(state_edges[k].kind != edge->kind);
    }
}

static void test_step(void **state)
{
    (void)state;
    assert_int_equal(state_step(EV_TURN_CREATED, STATE_NONE), STATE_TURN_CREATED);
    assert_int_equal(state_step(EV_TURN_CREATED, STATE_TURN_CREATED), STATE_COUNT);
    assert_int_equal(state_step(EV_TURN_TEXT, STATE_TURN_CANCELLING), STATE_TURN_CANCELLING);
    assert_int_equal(state_step(EV_TURN_TEXT, STATE_TURN_COMPLETED), STATE_COUNT);
    assert_int_equal(state_step(EV_TOOL_COMPLETED, STATE_TOOL_PROPOSED), STATE_COUNT);
    assert_int_equal(state_step(EV_TOOL_STARTED, STATE_TURN_CREATED), STATE_COUNT);
    assert_int_equal(state_step(EV_SESSION_CREATED, STATE_NONE), STATE_COUNT);
    assert_int_equal(state_machine_of(EV_SESSION_CREATED), MACHINE_NONE);
    assert_int_equal(state_machine_of(EV_UNKNOWN), MACHINE_NONE);
}

static void test_names(void **state)
{
    (void)state;
    assert_string_equal(state_name(STATE_NONE), "");
    assert_string_equal(state_name(STATE_COUNT), "");
    assert_string_equal(state_name(STATE_TURN_TIMED_OUT), "timed_out");
    assert_int_equal(state_find(MACHINE_TURN, "timed_out"), STATE_TURN_TIMED_OUT);
    assert_int_equal(state_find(MACHINE_TOOL, "timed_out"), STATE_TOOL_TIMED_OUT);
    assert_int_equal(state_find(MACHINE_TURN, "proposed"), STATE_NONE);
    assert_int_equal(state_find(MACHINE_TURN, NULL), STATE_NONE);
    assert_int_equal(state_find(MACHINE_TURN, ""), STATE_NONE);
    assert_false(state_ended(STATE_NONE));
    assert_false(state_ended(STATE_COUNT));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reachable), cmocka_unit_test(test_ends),  cmocka_unit_test(test_rows),
        cmocka_unit_test(test_step),      cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
