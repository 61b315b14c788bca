/* SPDX-License-Identifier: MIT
 *
 * hunk: lines are counted off, as patch does it.
 */
#include "text/hunk.h"

/* "-3,7" or "+3" (one line): how many. */
static bool read_range(struct str *rest, char sign, int64_t *ret_n)
{
    struct str part;
    int64_t from;
    if (!str_split(rest, ' ', &part) || part.n < 2 || part.p[0] != sign)
        return false;
    struct str numbers = str_sub(part, 1, part.n);
    ssize_t comma = str_index(numbers, ',');
    size_t n = comma < 0 ? numbers.n : (size_t)comma;
    *ret_n = 1;
    return str_i64(str_sub(numbers, 0, n), &from) &&
           (comma < 0 || str_i64(str_sub(numbers, n + 1, numbers.n), ret_n)) && *ret_n >= 0;
}

/* "@@ -3,7 +3,8 @@ what it lies in" */
static void begin(struct hunk *h, struct str line)
{
    struct str rest = line, mark;
    bool read = str_split(&rest, ' ', &mark) && str_is(mark, "@@") && read_range(&rest, '-', &h->before) &&
                read_range(&rest, '+', &h->after);
    if (!read)
        *h = (struct hunk){INT64_MAX, INT64_MAX};
}

static void count_off(struct hunk *h, bool before, bool after)
{
    h->before -= before && h->before > 0;
    h->after -= after && h->after > 0;
}

enum hunk_line hunk_line(struct hunk *h, struct str line)
{
    bool inside = h->before > 0 || h->after > 0;
    if (str_starts(line, "@@")) {
        begin(h, line);
        return HUNK_HEAD;
    }
    if (!inside && (str_starts(line, "---") || str_starts(line, "+++")))
        return HUNK_HEAD;
    char sign = line.n > 0 ? line.p[0] : ' '; /* mail and people take the blank of an empty line away */
    switch (sign) {
    case '-':
        count_off(h, true, false);
        return HUNK_REMOVED;
    case '+':
        count_off(h, false, true);
        return HUNK_ADDED;
    case ' ':
        count_off(h, true, true);
        return HUNK_TEXT;
    case '\\': /* No newline at end of file */
        return HUNK_TEXT;
    default:
        *h = (struct hunk){0};
        return HUNK_TEXT;
    }
}
