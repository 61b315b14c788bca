/* SPDX-License-Identifier: MIT
 *
 * markdown_cost: texts that the parser takes quadratic time over. They are known by two counts; no
 * document that somebody wrote comes near them.
 */
#ifndef TAU_TEXT_MARKDOWN_COST_H
#define TAU_TEXT_MARKDOWN_COST_H

#include "base/str.h"

enum {
    /* Lines that may part a table's head from its body ("|-|-|"), with no empty line between them:
     * each has the paragraph above it read anew. */
    MARKDOWN_RULES_MAX = 8,
    /* "![": each link behind them walks over all that are open. */
    MARKDOWN_IMAGES_MAX = 1000,
};

/* Whether the piece (up to MARKDOWN_MAX bytes) has more of one of them. Any thread. */
bool markdown_is_costly(struct str piece);

#endif
