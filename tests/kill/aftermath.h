/* SPDX-License-Identifier: MIT
 *
 * aftermath: what a tau that was killed left behind, and what must hold of it:
 *
 *  - every durable event that it had printed is in the log, byte for byte;
 *  - the log has no hole, and the projections are the fold of the log;
 *  - a file that changed has a tool.started on the log and a copy of what it was;
 *  - after the next process every turn has ended once, and no fact was illegal.
 */
#ifndef TAU_TESTS_AFTERMATH_H
#define TAU_TESTS_AFTERMATH_H

#include "lib/core.h"

#include "base/mem.h"
#include "state/reduce.h"

/* A workspace with a.txt ("one"), b.txt ("old") and c.txt ("two"), a store and a script. */
struct place {
    struct fixture f;
    char *tau, *store_arg, *dir_arg, *script_arg;
    char *env[4]; /* NULL-terminated */
};
void place_open(struct place *p, const char *script);
void place_close(struct place *p);

struct aftermath {
    VEC(struct event *) v;
    struct draft *fold;
};

/* Reads the whole log and holds the projections against its fold. */
void aftermath_read(struct aftermath *log, struct place *p);
void aftermath_free(struct aftermath *log);

/* Each fails the test. out: lines of --output events. */
void check_shown(const struct aftermath *log, struct str out);
void check_files(const struct aftermath *log, struct place *p);
void check_ends(const struct aftermath *log);

#endif
