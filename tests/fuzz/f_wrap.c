/* SPDX-License-Identifier: MIT
 *
 * f_wrap: the first byte is the number of cells, the rest the text. Every row fits, and together
 * they are the text but for blanks at the breaks.
 */
#include "fuzz/fuzz.h"

#include "text/width.h"
#include "text/wrap.h"

#include <locale.h>

static size_t wrap_line(struct str line, int cells)
{
    struct str row;
    const char *at = line.p, *end = line.p + line.n;
    size_t rows = 0;
    while (wrap_row(&line, cells, &row)) {
        TAU_ASSERT(width_str(row) <= MAX(cells, 2));
        TAU_ASSERT(row.p == at || (row.p == at + 1 && *at == ' ' && rows > 0));
        at = row.p + row.n;
        rows++;
    }
    TAU_ASSERT(at == end || (at + 1 == end && *at == ' '));
    return rows;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static bool ready;
    if (!ready)
        ready = setlocale(LC_CTYPE, "C.UTF-8") != NULL;
    if (n == 0)
        return 0;
    int cells = data[0] % 100;
    CLEANUP(buf_free) struct buf clean = BUF_OWN;
    width_sanitize(&clean, str_make((const char *)data + 1, n - 1));
    struct str text = buf_view(&clean), line;
    size_t rows = 0;
    while (str_split(&text, '\n', &line))
        rows += wrap_line(line, cells);
    TAU_ASSERT(rows == wrap_count(buf_view(&clean), cells));
    return 0;
}
