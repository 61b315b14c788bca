/* SPDX-License-Identifier: MIT
 *
 * script_file: the text of a scripted model (docs/script.md), read into steps. Pure functions: no
 * file, no clock; fuzzed. Any thread.
 */
#ifndef TAU_MODEL_SCRIPT_FILE_H
#define TAU_MODEL_SCRIPT_FILE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "model/provider.h"

enum {
    SCRIPT_BYTES_MAX = 16 << 20,    /* of a script file */
    SCRIPT_STEPS_MAX = 100000,      /* lines that are steps */
    SCRIPT_ITEMS_MAX = 10000,       /* of one step */
    SCRIPT_DELAY_MAX = 3600 * 1000, /* ms */
    SCRIPT_REPEAT_MAX = 100000000,
};

enum script_kind {
    SCRIPT_TEXT,
    SCRIPT_REASONING,
    SCRIPT_CALL,
    SCRIPT_USAGE,
    SCRIPT_DELAY,
    SCRIPT_FINISH,
    SCRIPT_FAIL,
    SCRIPT_STALL,
    SCRIPT_REPEAT,
    SCRIPT_EXPECT,
};

struct script_item {
    enum script_kind kind;
    struct str text;     /* what is said, expected, the arguments, the finish reason */
    struct str name, id; /* CALL */
    int64_t chunk;       /* TEXT: most bytes of a piece; 0: all at once */
    int64_t delay_ms;    /* between two pieces; DELAY: the wait */
    int64_t n;           /* REPEAT: how often; FAIL: on how many attempts, 0: all */
    struct model_usage usage;
    struct err fail; /* phase NONE: where the stream stands */
};

struct script_step {
    struct script_item *items;
    size_t n;
};

/* The steps of a text, found but not yet read. */
struct script_lines {
    struct script_line {
        struct str text;
        size_t number; /* from 1 */
    } * v;
    size_t n, cap;
    bool loop;
};

/* Finds the lines. `file` is named in errors: "file:line: what is wrong", ERR_INVALID. Free with
 * free(lines->v), also after an error. The lines look into `text`. */
bool script_split(struct str text, const char *file, struct script_lines *ret_lines,
                  struct err *e) ATTR_WARN;

/* Reads one line. Everything it returns is in the arena. */
bool script_read(const struct script_line *line, const char *file, struct arena *a,
                 struct script_step *ret_step, struct err *e) ATTR_WARN;

#endif
