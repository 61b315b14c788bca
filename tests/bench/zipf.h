/* SPDX-License-Identifier: MIT
 *
 * zipf: made-up words, as frequent as those of a language. The same at every run.
 */
#ifndef TAU_TESTS_BENCH_ZIPF_H
#define TAU_TESTS_BENCH_ZIPF_H

#include "base/buf.h"

enum { ZIPF_WORDS = 50000 };

uint64_t zipf_random(void);

/* The word of a rank, made of its digits: frequent ones are short. Ranks come as 1/r. */
void zipf_word(struct buf *out);

#endif
