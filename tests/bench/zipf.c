/* SPDX-License-Identifier: MIT
 *
 * zipf: words by rank.
 */
#include "bench/zipf.h"

#include <math.h>

static uint64_t state = 1;

uint64_t zipf_random(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

void zipf_word(struct buf *out)
{
    static const char *const syllables[] = {"ba", "ce", "di", "fo", "gu", "ka", "le", "mi",
                                            "no", "pu", "ra", "se", "ti", "vo", "wu", "za"};
    /* The density of exp(uniform). */
    double u = (double)(zipf_random() >> 11) / (double)(UINT64_C(1) << 53);
    uint64_t rank = (uint64_t)exp(u * log(ZIPF_WORDS));
    do
        buf_puts(out, syllables[rank & 15]);
    while (rank >>= 4);
}
