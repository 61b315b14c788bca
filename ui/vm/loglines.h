/* SPDX-License-Identifier: MIT
 *
 * loglines: what keys and commands did, and what tau noted, as rows in the order of time. UI thread.
 */
#ifndef TAU_UI_LOGLINES_H
#define TAU_UI_LOGLINES_H

#include "ui/vm/columns.h"

struct loglines_key {
    int64_t ts_ms; /* wall */
    char key[24];
    char command[64];
};

struct loglines_look {
    bool cut, timeless; /* long lines lose their end; no time stands before them */
    int levels;         /* so many of enum log_level, the gravest first, and no keys; 0: all of both */
};

/* Of rows that look so. */
struct columns loglines_columns(struct loglines_look look);

/* keys: oldest first. Of the log the lines after number `after`, at most LOGLINES_MAX. Returns how many
 * lines there are. */
enum { LOGLINES_MAX = 200 };
size_t loglines_make(struct doc *d, const struct loglines_key *keys, size_t n, int64_t after, int width,
                     struct loglines_look look);

#endif
