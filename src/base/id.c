/* SPDX-License-Identifier: MIT
 *
 * id: names that sort by the time they were made. An id that is made in the millisecond of the one
 * before (or after the wall clock stepped back) keeps that millisecond and counts its random part
 * up by one; when that part is used up the next millisecond is borrowed.
 */
#include "base/id.h"

#include "base/clock.h"
#include "base/digest.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

enum { PREFIX_MAX = 12, DIGITS = 10 };

#define RANDOM_BITS (DIGITS * 5)
#define RANDOM_LAST (((uint64_t)1 << RANDOM_BITS) - 1)

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* guards the three below */
static uint64_t last_ms, last_random;
static uint64_t count; /* 0: real ids */

static void put_base32(char *to, uint64_t value)
{
    static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    for (size_t i = DIGITS; i-- > 0; value >>= 5)
        to[i] = digits[value & 31];
}

static uint64_t fresh_random(void)
{
    uint64_t r;
    random_bytes(&r, sizeof(r));
    return r & RANDOM_LAST;
}

/* Under the lock. */
static void next(void)
{
    uint64_t now = (uint64_t)clock_wall_ms();
    if (now > last_ms) {
        last_ms = now;
        last_random = fresh_random();
    } else if (last_random < RANDOM_LAST) {
        last_random++;
    } else {
        last_ms++;
        last_random = fresh_random();
    }
}

struct id id_make(const char *prefix)
{
    struct id id = {0};
    int n = (int)strlen(prefix);
    TAU_ASSERT(n <= PREFIX_MAX);
    pthread_mutex_lock(&lock);
    if (count) {
        snprintf(id.s, sizeof(id.s), "%.*s_0000000000_%010llu", PREFIX_MAX, prefix,
                 (unsigned long long)(count++ % 10000000000u));
    } else {
        next();
        snprintf(id.s, sizeof(id.s), "%.*s_", PREFIX_MAX, prefix);
        put_base32(id.s + n + 1, last_ms);
        put_base32(id.s + n + 1 + DIGITS, last_random);
    }
    pthread_mutex_unlock(&lock);
    return id;
}

void id_count_from(uint64_t n)
{
    pthread_mutex_lock(&lock);
    count = n;
    pthread_mutex_unlock(&lock);
}
