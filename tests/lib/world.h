/* SPDX-License-Identifier: MIT
 *
 * world: a store that holds a random log, and the snapshot that the fold of that log is. For tests of
 * the law: what is read back from the projections is the fold.
 */
#ifndef TAU_TESTS_WORLD_H
#define TAU_TESTS_WORLD_H

#include "lib/gen.h"
#include "state/reduce.h"
#include "store/store.h"

struct world {
    struct gen *gen;
    struct store *store;
    struct snapshot *snap;
    int64_t n; /* durable events so far */
    char *dir;
};

void world_open(struct world *w, const char *name, uint64_t seed);
void world_reopen(struct world *w); /* closes the store, and opens it again */
void world_close(struct world *w);

/* Folds some events into store and snapshot, as the core does: one transaction, one draft. */
void world_batch(struct world *w);

/* What a draft changed goes into the store; in a transaction. */
void world_put_changed(struct world *w, const struct draft *d);

/* Fails the test unless all records are read back as the fold has them. */
void world_assert_law(struct world *w);

#endif
