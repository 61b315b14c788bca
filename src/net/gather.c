/* SPDX-License-Identifier: MIT
 *
 * gather: how long the net thread rests.
 */
#include "net/gather.h"

enum { WASTED = 4 };

int gather_look(struct gather *g, int64_t now_us, size_t pieces, size_t bytes)
{
    bool rested = g->dense >= GATHER_AFTER;
    bool soon = now_us - g->last_us <= (rested ? 2 * GATHER_MS * 1000 : GATHER_SOON_US);
    if (pieces == 0)
        return 0;
    g->last_us = now_us;
    if (bytes > GATHER_BYTES || !soon)
        g->dense = 0;
    else if (rested && pieces < 2)
        g->dense -= WASTED;
    else
        g->dense = MIN(g->dense + 1, 2 * GATHER_AFTER);
    return g->dense >= GATHER_AFTER ? GATHER_MS : 0;
}
