/* SPDX-License-Identifier: MIT
 *
 * clock: the two clocks of the program. The frozen values are atomics only so that a thread which a
 * test starts later may read them; -1 means that the real clock counts.
 */
#include "base/clock.h"

#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>

/* Years 1 to 9999: what four digits can write. */
#define WALL_FIRST_MS (-62135596800000)
#define WALL_LAST_MS 253402300799999

static _Atomic int64_t frozen_wall_ms = -1;
static _Atomic int64_t frozen_mono_us = -1;

static int64_t read_us(clockid_t id)
{
    struct timespec ts;
    /* Both clocks exist on every Linux, so this can not fail; if it does nothing can go on. */
    TAU_ASSERT(clock_gettime(id, &ts) == 0);
    return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

int64_t clock_wall_ms(void)
{
    int64_t frozen = atomic_load_explicit(&frozen_wall_ms, memory_order_relaxed);
    return frozen >= 0 ? frozen : read_us(CLOCK_REALTIME) / 1000;
}

int64_t clock_mono_us(void)
{
    int64_t frozen = atomic_load_explicit(&frozen_mono_us, memory_order_relaxed);
    return frozen >= 0 ? frozen : read_us(CLOCK_MONOTONIC);
}

int64_t clock_mono_ms(void)
{
    return clock_mono_us() / 1000;
}

void clock_freeze(int64_t wall_ms, int64_t mono_us)
{
    atomic_store(&frozen_wall_ms, wall_ms < 0 ? -1 : wall_ms);
    atomic_store(&frozen_mono_us, mono_us < 0 ? -1 : mono_us);
}

int clock_poll_ms(int64_t deadline_ms)
{
    if (deadline_ms == CLOCK_NEVER)
        return -1;
    int64_t now = clock_mono_ms();
    if (deadline_ms <= now)
        return 0;
    return (int)MIN(deadline_ms - now, (int64_t)INT_MAX);
}

void clock_format(int64_t wall_ms, char *buf, size_t size)
{
    struct tm tm = {0};
    wall_ms = MAX(wall_ms, (int64_t)WALL_FIRST_MS);
    wall_ms = MIN(wall_ms, (int64_t)WALL_LAST_MS);
    int64_t ms = wall_ms % 1000;
    if (ms < 0)
        ms += 1000; /* before 1970 the fraction still counts forwards */
    time_t s = (time_t)((wall_ms - ms) / 1000);
    gmtime_r(&s, &tm);
    snprintf(buf, size, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", tm.tm_year + 1900, tm.tm_mon + 1,
             tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, (int)ms);
}

const char *clock_seconds(int64_t ms, char buf[CLOCK_SECONDS])
{
    int n = snprintf(buf, CLOCK_SECONDS, "%lld.%03d", (long long)(ms / 1000), (int)(ms % 1000));
    while (buf[n - 1] == '0')
        n--;
    n -= buf[n - 1] == '.';
    snprintf(buf + n, CLOCK_SECONDS - (size_t)n, " s");
    return buf;
}
