/* SPDX-License-Identifier: MIT
 *
 * rate: how many calls a principal made in the last 60 seconds. The owner locks.
 */
#ifndef TAU_POLICY_RATE_H
#define TAU_POLICY_RATE_H

#include "base/base.h"
#include "base/map.h"

enum { RATE_WINDOW_MS = 60000, RATE_CALLS_MAX = 240, RATE_PRINCIPALS_MAX = 1024 };

struct rate {
    struct map principals;
};

void rate_free(struct rate *r);

/* Counts a call made at `now` (clock_mono_ms) unless `limit` calls (at most RATE_CALLS_MAX) lie
 * within the window; then false, and *ret_wait_ms says how long until the next is free. A refused
 * call does not count. Past RATE_PRINCIPALS_MAX those without a call in the window are forgotten;
 * when every one is busy, a new one is refused. */
bool rate_count(struct rate *r, const char *principal, int64_t limit, int64_t now,
                int64_t *ret_wait_ms);

#endif
