/* SPDX-License-Identifier: MIT
 *
 * onboard: what can be asked from here: keys that are set, servers that answer. Main thread.
 */
#ifndef TAU_CLI_ONBOARD_H
#define TAU_CLI_ONBOARD_H

#include "base/buf.h"
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

/* What there seems to be, without asking anything: keys that are set, and something that listens where a
 * server of this machine would. Lines of text, each with an LF; "" for nothing. At most 20 ms. */
void onboard_hint(struct buf *ret);

/* A model can be asked there now. */
bool onboard_works(const struct offer *o);

#endif
