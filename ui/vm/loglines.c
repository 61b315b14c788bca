/* SPDX-License-Identifier: MIT
 *
 * loglines: what keys and commands did, and what tau noted.
 */
#include "ui/vm/loglines.h"

#include "base/log.h"
#include "ui/vm/toolrow.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The time; a key or a level behind it, and that where there is little room. */
enum { TIME_CELLS = 9, MARK_CELLS = 11, MARK_CELLS_NARROW = 6, NARROW = 60 };

static int mark_cells(int width)
{
    return width < NARROW ? MARK_CELLS_NARROW : MARK_CELLS;
}

static void add_key(struct doc *d, const char *time, const struct loglines_key *k, int width)
{
    doc_row(d, 1);
    doc_puts(d, LOOK_DIM, time);
    doc_printf(d, LOOK_KEY, "%-*s ", mark_cells(width) - 1, k->key);
    doc_printf(d, LOOK_TEXT, ":%s", k->command);
}

static void add_line(struct doc *d, const char *time, const struct log_line *l, int width, bool cut)
{
    static const char *const levels[] = {"error", "warn", "info", "debug"};
    char mark[40];
    enum look look = l->level == LOG_ERROR ? LOOK_FAIL : l->level == LOG_WARN ? LOOK_NOTICE : LOOK_DIM;
    int cells = mark_cells(width);
    snprintf(mark, sizeof(mark), "%s%-*s ", time, cells - 1, levels[l->level]);
    if (!cut) {
        doc_text(d, 1 + cells + (time[0] ? TIME_CELLS : 0), width, look, mark, LOOK_DIM, str_of(l->text));
        return;
    }
    doc_row(d, 1);
    doc_puts(d, LOOK_DIM, mark);
    doc_puts(d, look, l->text);
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
    if (look.levels > 0) {
        n = 0;
        n_lines = keep_grave(lines, n_lines, look.levels);
    }
    while (k < n || l < n_lines) {
        char when[16];
        bool key = l == n_lines || (k < n && keys[k].ts_ms <= lines[l].ts_ms);
        clock_text(key ? keys[k].ts_ms : lines[l].ts_ms, when, sizeof(when) - 1);
        snprintf(when + strlen(when), 2, " ");
        if (look.timeless)
            when[0] = '\0';
        if (key)
            add_key(d, when, &keys[k++], width);
        else
            add_line(d, when, &lines[l++], width, look.cut);
    }
    free(lines);
    return n + n_lines;
}
