/* SPDX-License-Identifier: MIT
 *
 * demo: the console with answers that were written beforehand (data/tour.jsonl), in a place of its own, so
 * that tau can be looked at without a key and without a trace. Main thread.
 */
#ifndef TAU_CLI_DEMO_H
#define TAU_CLI_DEMO_H

#include "cli/options.h"
#include "cli/place.h"

/* Makes the place, and has the options name it and the script. place_close when it is over. */
bool demo_open(struct place *p, struct options *o, struct err *e) ATTR_WARN;

/* What an empty session says in it. */
extern const char demo_greeting[];

#endif
