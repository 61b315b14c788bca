/* SPDX-License-Identifier: MIT
 *
 * clock: the two clocks of the program, replaceable in tests. Any thread.
 */
#ifndef TAU_BASE_CLOCK_H
#define TAU_BASE_CLOCK_H

#include "base/base.h"

int64_t clock_wall_ms(void); /* Unix time, for people and for the log; can jump */
int64_t clock_mono_us(void); /* for deadlines and durations; never goes back */
int64_t clock_mono_ms(void);

/* Tests only, before any other thread exists: from now on both clocks stand at these values until
 * they are set again; negative values give the real clocks back. */
void clock_freeze(int64_t wall_ms, int64_t mono_us);

/* Milliseconds until the deadline (in clock_mono_ms terms) for poll(): -1 when deadline is
 * INT64_MAX (none), 0 when it has passed, capped at INT_MAX. */
int clock_poll_ms(int64_t deadline_ms);
#define CLOCK_NEVER INT64_MAX

/* "2026-11-20T12:00:00.123Z" (RFC 3339). size >= 25. */
void clock_format(int64_t wall_ms, char *buf, size_t size);

/* A length of time as messages name it: "60 s", "1.5 s", "0.25 s". In buf. */
enum { CLOCK_SECONDS = 32 };
const char *clock_seconds(int64_t ms, char buf[CLOCK_SECONDS]);

#endif
