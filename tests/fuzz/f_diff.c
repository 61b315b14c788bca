/* SPDX-License-Identifier: MIT
 *
 * f_diff: two texts with a NUL between. The numbers of added and removed lines are those of the
 * diff, and they account for the difference of the two.
 */
#include "fuzz/fuzz.h"

#include "text/diff.h"

static size_t lines(struct str s)
{
    struct str line;
    size_t n = 0;
    while (str_line(&s, &line))
        n++;
    return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct str rest = str_make((const char *)data, n), before, line;
    if (!str_split(&rest, '\0', &before))
        return 0;
    CLEANUP(buf_free) struct buf b = BUF_OWN;
    struct diff_stat stat;
    size_t added = 0, removed = 0;
    diff_unified(&b, "f", before, rest, (int)(n % 4), &stat);
    struct str diff = buf_view(&b);
    for (size_t i = 0; str_line(&diff, &line); i++) {
        added += i > 1 && str_starts(line, "+");
        removed += i > 1 && str_starts(line, "-");
    }
    TAU_ASSERT(added == stat.added && removed == stat.removed);
    TAU_ASSERT(lines(before) + added == lines(rest) + removed);
    TAU_ASSERT(str_eq(before, rest) == (b.len == 0));
    return 0;
}
