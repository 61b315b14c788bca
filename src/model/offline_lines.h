/* SPDX-License-Identifier: MIT
 *
 * offline_lines: changes planned line by line, and turned into the edits that the edit tool takes:
 * each finds a text that is in the file exactly once, and no two overlap. Only src/model includes
 * this. One turn thread; all in the arena.
 */
#ifndef TAU_MODEL_OFFLINE_LINES_H
#define TAU_MODEL_OFFLINE_LINES_H

#include "model/offline_doc.h"

enum {
    LINES_EDITS_MAX = 100,       /* what one call of edit takes */
    LINES_FIND_MAX = 128 * 1024, /* bytes of the texts of one call */
};

struct lines {
    struct arena *a;
    const struct doc *doc;
    struct str text; /* all lines with LF between */
    size_t *at;      /* where each begins in text; at[n] is the end + 1 */
    struct line_change {
        bool touched, drop, set;
        struct str with, before, after; /* whole lines; p == NULL: none */
    } * changes;
    struct str first; /* of an empty file */
};

void lines_init(struct lines *l, struct arena *a, const struct doc *doc);

/* How often a text is there, overlapping places too. */
size_t lines_count(const struct lines *l, struct str text);

void lines_set(struct lines *l, size_t i, struct str line);
void lines_drop(struct lines *l, size_t i);
void lines_insert(struct lines *l, size_t i, struct str line, bool after);
void lines_begin_with(struct lines *l, struct str line); /* of an empty file */

/* The whole text as it will be, without a newline at its end. */
struct str lines_result(const struct lines *l);

/* The array `edits` as JSON, or NULL when the limits above are passed. */
const char *lines_edits(const struct lines *l);

/* The lines that are most like a text that is not there; how many. */
size_t lines_nearest(const struct lines *l, struct str text, size_t *out, size_t max);

#endif
