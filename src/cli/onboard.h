/* SPDX-License-Identifier: MIT
 *
 * onboard: what can be asked from here: keys that are set, servers that answer. Main thread.
 */
#ifndef TAU_CLI_ONBOARD_H
#define TAU_CLI_ONBOARD_H

#include "base/mem.h"
#include "model/endpoint.h"

struct offer {
    enum endpoint_id id;
    int status;      /* of its list of models; 0: it did not answer */
    char model[160]; /* "ollama/qwen3": what would be chosen; "": it named none */
    char why[200];   /* what is wrong with it; "": nothing */
};
typedef VEC(struct offer) offers;

/* Asks the server of every endpoint that has a key, and of every one of this machine, for its models. A
 * server of this machine that is not there is not listed. */
void onboard_look(offers *ret);

/* A model can be asked there now. */
bool onboard_works(const struct offer *o);

#endif
