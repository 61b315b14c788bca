/* SPDX-License-Identifier: MIT
 *
 * memory: what is remembered, as rows. Pure; UI thread.
 */
#ifndef TAU_UI_MEMORY_H
#define TAU_UI_MEMORY_H

#include "json/json.h"
#include "ui/vm/columns.h"

/* A row of the answer of memory.list or memory.search; strings are its own. */
struct memory_row {
    char *id, *type, *text; /* text: the summary, or the place that was found */
    bool pinned;
    int64_t updated_ms;
};

struct memory_rows {
    VEC(struct memory_row) v;
    int64_t entries, pinned; /* in all, of memory.types */
};

void memory_add(struct memory_rows *rows, const struct json *row);
void memory_clear(struct memory_rows *rows); /* frees; usable again */

extern const struct columns memory_columns;

/* Each row is about its entry (doc_row_id). */
void memory_make(struct doc *d, const struct memory_rows *rows, int width, int64_t now_wall_ms);

#endif
