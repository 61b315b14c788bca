/* SPDX-License-Identifier: MIT
 *
 * markdown_fence: as CommonMark has them (4.5, fenced code blocks).
 */
#include "text/markdown_fence.h"

enum { INDENT_MAX = 3, FENCE_MIN = 3, TAB_COLUMNS = 4 };

static size_t count(struct str s, char c)
{
    size_t n = 0;
    while (n < s.n && s.p[n] == c)
        n++;
    return n;
}

bool markdown_fence_begins(struct str text, struct markdown_fence *ret, size_t *ret_n)
{
    ssize_t end = str_index(text, '\n');
    size_t indent = count(text, ' ');
    if (end < 0 || indent > INDENT_MAX || indent >= (size_t)end)
        return false;
    struct str line = str_sub(text, indent, (size_t)end - indent);
    char mark = line.p[0];
    size_t n = count(line, mark);
    if ((mark != '`' && mark != '~') || n < FENCE_MIN)
        return false;
    struct str info = str_trim(str_sub(line, n, line.n));
    if (str_index(line, '\r') >= 0 && line.p[line.n - 1] != '\r')
        return false; /* two lines to the parser */
    if (mark == '`' && str_index(info, '`') >= 0)
        return false; /* code in a line of text */
    *ret = (struct markdown_fence){
        .mark = mark, .n = n, .indent = (int)indent, .diff = str_starts(info, "diff")};
    *ret_n = (size_t)end + 1;
    return true;
}

bool markdown_fence_ends(const struct markdown_fence *f, struct str line)
{
    size_t indent = count(line, ' ');
    struct str rest = str_sub(line, indent, line.n);
    size_t n = count(rest, f->mark);
    return indent <= INDENT_MAX && n >= f->n && str_trim(str_sub(rest, n, rest.n)).n == 0;
}

struct str markdown_fence_line(const struct markdown_fence *f, struct str line, size_t *ret_blanks)
{
    size_t indent = (size_t)f->indent, n = MIN(count(line, ' '), indent);
    bool tab = n < indent && n < line.n && line.p[n] == '\t';
    *ret_blanks = tab ? TAB_COLUMNS - indent : 0;
    return str_sub(line, n + tab, line.n);
}
