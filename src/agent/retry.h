/* SPDX-License-Identifier: MIT
 *
 * retry: whether a request that failed is sent again, and when. This is the only place that tries
 * again: a provider fails at once, and a turn that has failed is not begun anew. Pure but for the
 * clock and random numbers; any thread.
 */
#ifndef TAU_AGENT_RETRY_H
#define TAU_AGENT_RETRY_H

#include "base/base.h"
#include "base/err.h"

enum {
    RETRY_FIRST_MS = 400, /* before the second attempt; each further one waits twice as long */
    RETRY_MOST_MS = 10000,
    RETRY_TIMES_MAX = 20,
};

struct retry {
    int64_t times;       /* attempts after the first */
    int64_t patience_ms; /* the longest wait that the other side may ask for */
    int64_t deadline_ms; /* of the turn, clock_mono_ms */
};

/* After attempt `n` (from 1) failed with e and nothing of its answer was shown: true with the wait
 * in *ret_ms, never shorter than e->retry_after_ms. False when it stays failed; when it is the wait
 * that is too long, e says so. */
bool retry_again(const struct retry *r, int n, struct err *e, int64_t *ret_ms);

#endif
