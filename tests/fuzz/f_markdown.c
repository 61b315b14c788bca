/* SPDX-License-Identifier: MIT
 *
 * f_markdown: the first byte is the width, the rest the text. Every row fits and is fit to be shown, and
 * a text that grows keeps the rows of its closed blocks.
 */
#include "fuzz/fuzz.h"

#include "text/markdown.h"
#include "text/width.h"

#include <locale.h>

static void check(const struct markdown *m, int width)
{
    for (size_t i = 0; i < m->rows.n; i++) {
        const struct markdown_row *row = &m->rows.v[i];
        int cells = 0;
        TAU_ASSERT(row->first + row->n <= m->spans.n);
        for (size_t k = 0; k < row->n; k++) {
            const struct markdown_span *s = &m->spans.v[row->first + k];
            TAU_ASSERT(s->from + s->n <= m->text.len && s->role < MARKDOWN_ROLES);
            cells += width_str(str_sub(buf_view(&m->text), s->from, s->n));
        }
        TAU_ASSERT(cells <= MAX(width, 2));
    }
    for (size_t i = 0; i < m->text.len; i++)
        TAU_ASSERT((unsigned char)m->text.data[i] >= 0x20 && m->text.data[i] != 0x7F);
    TAU_ASSERT(m->last_row <= m->rows.n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static bool ready;
    if (!ready)
        ready = setlocale(LC_CTYPE, "C.UTF-8") != NULL;
    if (n == 0)
        return 0;
    int width = 1 + data[0] % 120;
    struct str text = str_make((const char *)data + 1, n - 1);
    struct markdown m = MARKDOWN_INIT;
    markdown_make(&m, text, width, NULL);
    check(&m, width);
    TAU_ASSERT(m.last_block <= text.n);
    struct markdown_fence within = m.within;
    markdown_make(&m, str_sub(text, 0, text.n / 2), width, &within);
    check(&m, width);
    markdown_done(&m);
    return 0;
}
