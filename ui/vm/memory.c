/* SPDX-License-Identifier: MIT
 *
 * memory: what is remembered, as rows.
 */
#include "ui/vm/memory.h"

#include "ui/vm/toolrow.h"

#include <stdlib.h>

enum { SIGN = 2 };

enum { COLUMN_TYPE, COLUMN_ENTRY, COLUMN_AGE };

static const struct column names[] = {
    [COLUMN_TYPE] = {"TYPE", 11, 11, false},
    [COLUMN_ENTRY] = {"ENTRY", COLUMN_REST, COLUMN_REST, false},
    [COLUMN_AGE] = {"AGE", 4, 4, true},
};
const struct columns memory_columns = {.v = names, .n = ARRAY_LEN(names), .before = SIGN};

static char *copy_of(const struct json *row, const char *name)
{
    return mem_strdup(json_cstr(json_get(row, name), ""));
}

void memory_add(struct memory_rows *rows, const struct json *row)
{
    const char *text = json_get(row, "snippet") ? "snippet" : "summary";
    struct memory_row r = {.id = copy_of(row, "id"),
                           .type = copy_of(row, "type"),
                           .text = copy_of(row, text),
                           .pinned = json_bool(json_get(row, "pinned"), false),
                           .updated_ms = json_i64(json_get(row, "updated_ms"), 0)};
    VEC_PUSH(&rows->v, r);
}

void memory_clear(struct memory_rows *rows)
{
    for (size_t i = 0; i < rows->v.n; i++) {
        free(rows->v.v[i].id);
        free(rows->v.v[i].type);
        free(rows->v.v[i].text);
    }
    free(rows->v.v);
    *rows = (struct memory_rows){0};
}

void memory_make(struct doc *d, const struct memory_rows *rows, int width, int64_t now_wall_ms)
{
    for (size_t i = 0; i < rows->v.n; i++) {
        const struct memory_row *r = &rows->v.v[i];
        char age[24];
        doc_row(d, 1);
        doc_id(d, r->id);
        doc_puts(d, LOOK_KEY, r->pinned ? "* " : "  ");
        columns_put(d, &memory_columns, COLUMN_TYPE, width, LOOK_DIM, r->type);
        columns_put(d, &memory_columns, COLUMN_ENTRY, width, LOOK_TEXT, r->text);
        age_text(now_wall_ms - r->updated_ms, age, sizeof(age));
        columns_put(d, &memory_columns, COLUMN_AGE, width, LOOK_DIM, age);
    }
}
