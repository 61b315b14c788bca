/* SPDX-License-Identifier: MIT */
#include "text/markdown_cost.h"

#include "base/base.h"

#include <string.h>

/* Only these, and one of them is `needs` ('\0': that does not matter). */
static bool is_made_of(struct str line, const char *chars, char needs)
{
    bool has = needs == '\0';
    for (size_t i = 0; i < line.n; i++) {
        if (line.p[i] == '\0' || !strchr(chars, line.p[i]))
            return false;
        has |= line.p[i] == needs;
    }
    return has;
}

/* A line ends at LF, CR LF and CR. */
static struct str next_line(struct str *rest)
{
    size_t n = 0;
    while (n < rest->n && rest->p[n] != '\n' && rest->p[n] != '\r')
        n++;
    struct str line = str_sub(*rest, 0, n);
    bool pair = n + 1 < rest->n && rest->p[n] == '\r' && rest->p[n + 1] == '\n';
    *rest = str_sub(*rest, n + (pair ? 2 : 1), rest->n);
    return line;
}

bool markdown_is_costly(struct str piece)
{
    int rules = 0, images = 0;
    for (size_t i = 0; i + 1 < piece.n; i++)
        images += piece.p[i] == '!' && piece.p[i + 1] == '[';
    while (piece.n > 0 && rules <= MARKDOWN_RULES_MAX) {
        struct str line = next_line(&piece);
        if (is_made_of(line, " \t>", '\0'))
            rules = 0;
        else if (is_made_of(line, "|-: \t\v\f>*+", '-'))
            rules++;
    }
    return rules > MARKDOWN_RULES_MAX || images > MARKDOWN_IMAGES_MAX;
}
