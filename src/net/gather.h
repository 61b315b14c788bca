/* SPDX-License-Identifier: MIT
 *
 * gather: when pieces of an answer come one by one in quick succession, each would wake the net thread,
 * the turn's and the core's. They may as well be taken together: the net thread rests between two looks for
 * as long as a screen shows one picture. That is also so much longer than what a part and the core wait
 * for (agent/part.h, core/core.c) that what a look brings goes on at once, and no thread wakes a second
 * time for it. An answer that comes slowly, or in large pieces, is taken at once. Pure; the net thread.
 */
#ifndef TAU_NET_GATHER_H
#define TAU_NET_GATHER_H

#include "base/base.h"

enum {
    GATHER_MS = 16,        /* the rest */
    GATHER_AFTER = 16,     /* looks in a row that found little and soon, before the first rest */
    GATHER_BYTES = 8192,   /* more in one look is no trickle */
    GATHER_SOON_US = 4000, /* between two looks that found something */
};

struct gather {
    int64_t last_us;
    int dense; /* looks in a row, at most twice GATHER_AFTER */
};

/* A look found so many pieces and bytes. How many ms to rest before the next; 0: wait for what comes.
 * One that found a single piece after a rest was not worth it, and counts four times the other way. */
int gather_look(struct gather *g, int64_t now_us, size_t pieces, size_t bytes);

#endif
