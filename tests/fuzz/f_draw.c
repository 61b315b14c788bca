/* SPDX-License-Identifier: MIT
 *
 * Text of a model or a tool as rows on a canvas: whatever it is, no cell gets a control character
 * and nothing is drawn outside. The first byte is the width.
 */
#include "fuzz/fuzz.h"

#include "base/base.h"
#include "ui/vm/doc.h"

#include <locale.h>

static void check_cells(const struct canvas *c)
{
    for (int i = 0; i < c->w * c->h; i++) {
        const struct cell *cell = &c->cells[i];
        TAU_ASSERT(cell->width <= 2);
        TAU_ASSERT(cell->width != 2 || (i % c->w + 1 < c->w && cell[1].width == 0));
        for (size_t k = 0; k < CELL_CP_MAX && cell->cp[k]; k++)
            TAU_ASSERT(cell->cp[k] >= 0x20 && (cell->cp[k] < 0x7F || cell->cp[k] >= 0xA0));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0 || size > 65536)
        return 0;
    setlocale(LC_CTYPE, "C.UTF-8");
    int w = 1 + data[0] % 120;
    struct str text = str_make((const char *)data + 1, size - 1);
    struct doc d = DOC_INIT;
    doc_text(&d, 3, w, LOOK_TEXT, "> ", LOOK_PROMPT, text);
    doc_diff(&d, 1, w, text);
    doc_tail(&d, 2, w, LOOK_TEXT, text, 7);
    doc_row(&d, 0);
    doc_add(&d, LOOK_TEXT, text);
    struct canvas c = CANVAS_NONE;
    canvas_resize(&c, w, 12);
    for (size_t i = 0; i < d.rows.n && i < 200; i++) {
        doc_draw(&d, i, &c, (struct rect){(int)(i % 5), (int)(i % 12), w, 1}, i % 7 == 0);
        if (i % 12 == 11)
            check_cells(&c);
    }
    check_cells(&c);
    canvas_done(&c);
    doc_done(&d);
    return 0;
}
