/* SPDX-License-Identifier: MIT
 *
 * step: one request to the model and what came back: text and reasoning as open parts that stream to
 * the log, and the calls that the model wants. A step ends with one turn.message that holds all of
 * it, also when the stream broke off, so that nothing that was shown is lost.
 */
#ifndef TAU_AGENT_STEP_H
#define TAU_AGENT_STEP_H

#include "agent/turn.h"
#include "model/provider.h"

enum { STEP_CALLS_MAX = 64, STEP_PARTS_MAX = 256 };

struct step_call {
    struct id id;          /* ours, unique in the store */
    const char *name;      /* in the step's arena */
    const char *arguments; /* as the model sent them */
};

struct step {
    const struct agent_env *env;
    const struct turn_start *start;
    struct event_ids ids;
    const struct provider *provider;
    const char *model;
    int64_t deadline_ms; /* of the turn */
    struct arena arena;  /* calls live here until step_free */
    struct step_call calls[STEP_CALLS_MAX];
    size_t n_calls;
    char finish[64];
    struct buf answer;   /* the text of the answer, when the turn has a schema */
    bool said_something; /* some text reached the operator */
};

/* Builds the request, sends it, streams the answer, keeps it as a message. False with the error that
 * ended it; what had come until then is kept all the same. */
bool step_run(struct step *s, struct err *e) ATTR_WARN;

/* Frees what the last run left; the step can run again. */
void step_clear(struct step *s);

#endif
