/* SPDX-License-Identifier: MIT
 *
 * argv: splitting a line.
 */
#include "text/argv.h"

#include <string.h>

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n';
}

/* One word from *at on into `to`; *at is then behind it. */
static bool take_word(struct str line, size_t *at, char *to, size_t *ret_n, struct err *e)
{
    char quote = 0;
    size_t n = 0;
    size_t i = *at;
    for (; i < line.n && (quote || !is_blank(line.p[i])); i++) {
        char c = line.p[i];
        if (c == quote) {
            quote = 0;
        } else if (!quote && (c == '\'' || c == '"')) {
            quote = c;
        } else if (c == '\\' && quote != '\'') {
            if (i + 1 == line.n)
                return err_set(e, ERR_USAGE, "the line ends in a backslash");
            char next = line.p[i + 1];
            if (quote && next != '"' && next != '\\')
                to[n++] = c;
            to[n++] = next;
            i++;
        } else {
            to[n++] = c;
        }
    }
    if (quote)
        return err_set(e, ERR_USAGE, "a quote %c is not closed", quote);
    *at = i;
    *ret_n = n;
    return true;
}

bool argv_split(struct str line, struct arena *a, struct argv *ret, struct err *e)
{
    struct argv w = {.n = 0};
    size_t at = 0;
    if (line.n && memchr(line.p, '\0', line.n))
        return err_set(e, ERR_USAGE, "the line has a NUL in it");
    char *room = arena_new(a, line.n + 1);
    for (;;) {
        while (at < line.n && is_blank(line.p[at]))
            at++;
        if (at == line.n)
            break;
        if (w.n == ARGV_MAX)
            return err_set(e, ERR_USAGE, "the line has more than %d words", ARGV_MAX);
        size_t n = 0;
        if (!take_word(line, &at, room, &n, e))
            return false;
        w.v[w.n++] = arena_strndup(a, room, n);
    }
    *ret = w;
    return true;
}
