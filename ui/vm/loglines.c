/* SPDX-License-Identifier: MIT
 *
 * loglines: what keys and commands did, and what tau noted.
 */
#include "ui/vm/loglines.h"

#include "base/log.h"
#include "ui/vm/toolrow.h"

#include <stdio.h>
#include <stdlib.h>

enum { COLUMN_TIME, COLUMN_WHAT, COLUMN_TEXT };

/* A key or a level is what stands before the text. */
static const struct column names[] = {
    [COLUMN_TIME] = {"TIME", 8, 8, false},
    [COLUMN_WHAT] = {"WHAT", 6, 11, false},
    [COLUMN_TEXT] = {"TEXT", COLUMN_REST, COLUMN_REST, false},
};

struct columns loglines_columns(struct loglines_look look)
{
    return (struct columns){.v = names, .n = ARRAY_LEN(names), .hidden = look.timeless ? 1U << COLUMN_TIME : 0};
}

static void add_key(struct doc *d, const struct columns *c, const char *time, const struct loglines_key *k, int width)
{
    char text[sizeof(k->command) + 1];
    snprintf(text, sizeof(text), ":%s", k->command);
    doc_row(d, 1);
    columns_put(d, c, COLUMN_TIME, width, LOOK_DIM, time);
    columns_put(d, c, COLUMN_WHAT, width, LOOK_KEY, k->key);
    columns_put(d, c, COLUMN_TEXT, width, LOOK_TEXT, text);
}

static void add_line(struct doc *d, const struct columns *c, const char *time, const struct log_line *l, int width,
                     bool cut)
{
    static const char *const levels[] = {"error", "warn", "info", "debug"};
    enum look look = l->level == LOG_ERROR ? LOOK_FAIL : l->level == LOG_WARN ? LOOK_NOTICE : LOOK_DIM;
    size_t first = d->rows.n;
    doc_row(d, 1);
    columns_put(d, c, COLUMN_TIME, width, LOOK_DIM, time);
    columns_put(d, c, COLUMN_WHAT, width, LOOK_DIM, levels[l->level]);
    if (cut) {
        columns_put(d, c, COLUMN_TEXT, width, look, l->text);
        return;
    }
    /* What needs several rows goes on below where it begins. */
    doc_column(d, COLUMN_TEXT + 1);
    doc_text(d, columns_from(c, COLUMN_TEXT, width), width, look, NULL, look, str_of(l->text));
    doc_column(d, 0);
    doc_join(d, first);
}

static size_t keep_grave(struct log_line *lines, size_t n, int levels)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if ((int)lines[i].level < levels)
            lines[kept++] = lines[i];
    return kept;
}

size_t loglines_make(struct doc *d, const struct loglines_key *keys, size_t n, int64_t after, int width,
                     struct loglines_look look)
{
    struct log_line *lines = mem_array(LOGLINES_MAX, sizeof(*lines));
    size_t n_lines = log_read(after, lines, LOGLINES_MAX), k = 0, l = 0;
    struct columns c = loglines_columns(look);
    if (look.levels > 0) {
        n = 0;
        n_lines = keep_grave(lines, n_lines, look.levels);
    }
    while (k < n || l < n_lines) {
        char when[16];
        bool key = l == n_lines || (k < n && keys[k].ts_ms <= lines[l].ts_ms);
        clock_text(key ? keys[k].ts_ms : lines[l].ts_ms, when, sizeof(when));
        if (key)
            add_key(d, &c, when, &keys[k++], width);
        else
            add_line(d, &c, when, &lines[l++], width, look.cut);
    }
    free(lines);
    return n + n_lines;
}
