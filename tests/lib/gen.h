/* SPDX-License-Identifier: MIT
 *
 * gen: random logs in which every event is legal, over every kind of events.def. What is legal it
 * knows from the edges of states.def and from a model of its own, so that it can be held against
 * the reducer. Repeatable: the same seed gives the same log.
 *
 * Within a log: text comes in deltas and chunks and then, whole, in a message; a turn ends after
 * its calls and questions; seq rises by one; ephemeral events say after which seq they were made.
 */
#ifndef TAU_TESTS_GEN_H
#define TAU_TESTS_GEN_H

#include "contract/event.h"
#include "contract/states.h"

struct gen;
struct gen *gen_new(uint64_t seed);
void gen_free(struct gen *g);

/* The next event, with a reference for the caller. */
struct event *gen_next(struct gen *g);

/* Brings what is open to its end, one event a call; NULL when nothing is open any more. */
struct event *gen_end(struct gen *g);

/* An event that is about a life (turn, call, question, job) and that the edges forbid now; NULL
 * while a step is not whole (what it made is not all served). */
struct event *gen_illegal(struct gen *g);

/* Any kind in any order with names that are right, wrong, empty or missing, and any values. */
struct event *gen_garbage(struct gen *g);

/* An event of one kind with random values in all its fields, about nothing in particular. */
struct event *gen_kind(struct gen *g, enum event_kind kind);

uint64_t gen_random(struct gen *g, uint64_t below); /* 0 .. below - 1 */
int64_t gen_seq(const struct gen *g);

#endif
