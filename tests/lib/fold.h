/* SPDX-License-Identifier: MIT
 *
 * fold: a log written by hand and the snapshot that follows from it, one event a draft. For tests
 * that say what one event does.
 */
#ifndef TAU_TESTS_FOLD_H
#define TAU_TESTS_FOLD_H

#include "state/reduce.h"

struct fold {
    struct snapshot *snap;
    int64_t ms; /* of the next event; one more each time */
    const char *session, *turn;
};

/* An empty one; and one with the session "s" and the turn "t", which runs. */
struct fold fold_empty(void);
struct fold fold_running(void);
void fold_done(struct fold *f);

/* Adds an event that must be legal, to f->session and f->turn. Its seq, or 0 when it is ephemeral.
 */
int64_t fold_add(struct fold *f, enum event_kind kind, const void *fields);

/* The same without asking whether it is legal, as from a log of another program. */
void fold_force(struct fold *f, enum event_kind kind, const void *fields);

/* The event is refused with ERR_ILLEGAL_EDGE and these words, and would change nothing. */
void fold_refuses(struct fold *f, enum event_kind kind, const void *fields, const char *words);

/* The record; fails the test when it is not there. */
const void *fold_find(const struct fold *f, enum rec_kind kind, const char *key);

#define ADD(f, KIND, lc, ...) fold_add((f), EV_##KIND, &(struct ev_##lc){.none_ = 0, ##__VA_ARGS__})
#define FORCE(f, KIND, lc, ...)                                                                    \
    fold_force((f), EV_##KIND, &(struct ev_##lc){.none_ = 0, ##__VA_ARGS__})
#define REFUSES(f, words, KIND, lc, ...)                                                           \
    fold_refuses((f), EV_##KIND, &(struct ev_##lc){.none_ = 0, ##__VA_ARGS__}, (words))
#define FIND(f, KIND, lc, key) ((const struct rec_##lc *)fold_find((f), REC_##KIND, (key)))

#endif
