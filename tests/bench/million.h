/* SPDX-License-Identifier: MIT
 *
 * million: a store with one session of 1,000,000 messages, for benches.
 */
#ifndef TAU_BENCH_MILLION_H
#define TAU_BENCH_MILLION_H

#include "base/buf.h"

#define MILLION "1000000"

/* Puts the session `big` into the store of the directory, in the place of all that is there. text
 * appends what message i says, without what JSON would escape; NULL: always the same. */
void million_fill(const char *dir, void (*text)(int64_t i, struct buf *out));

#endif
