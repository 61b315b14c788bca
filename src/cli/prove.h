/* SPDX-License-Identifier: MIT
 *
 * prove: what the steps of tau prove are made with: this very program as a child in a place of its own,
 * scripts for its model, and its log read past it. Main thread.
 */
#ifndef TAU_CLI_PROVE_H
#define TAU_CLI_PROVE_H

#include "cli/place.h"
#include "base/buf.h"
#include "base/cancel.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/proc.h"
#include "json/jsonw.h"

enum { PROVE_ARGS_MAX = 24, PROVE_WAIT_MS = 30000 };

struct prove {
    struct place at;
    struct cancel *cancel; /* stops what waits, with ERR_CANCELLED; NULL: nobody can */
    struct proc child;
    bool runs;
    struct buf out, err; /* of the last child that ended */
    int status;          /* as a shell has it: 128 and the signal */
    VEC(int) statuses;   /* of the children of the step */
    int64_t seq;         /* of the log before the step */
    struct jsonw *w;     /* evidence of the step is written there, as members of an object */
};

bool prove_open(struct prove *p, struct cancel *cancel, struct err *e) ATTR_WARN;
void prove_close(struct prove *p, bool keep); /* keep: the directory stays */

/* The steps that the model plays next, a line of JSON each. */
bool prove_script(struct prove *p, const char *text, struct err *e) ATTR_WARN;

/* Starts tau with these arguments (NULL ends them) and this on standard input. Place, store and script are
 * added. */
bool prove_start(struct prove *p, const char *input, struct err *e, const char *arg, ...)
    __attribute__((sentinel)) ATTR_WARN;

/* Waits for its end, and reads what it printed. */
bool prove_wait(struct prove *p, struct err *e) ATTR_WARN;

/* Waits until an event of this kind, with this text in it, came since the step began; *ret (may be NULL)
 * is its seq. */
bool prove_event(struct prove *p, const char *kind, const char *text, int64_t *ret, struct err *e) ATTR_WARN;

/* Is there one now? How many? */
int prove_count(struct prove *p, const char *kind, const char *text);

/* The last child's standard output is the newest answer of the log, byte for byte but for the end of the
 * line. */
bool prove_same(struct prove *p, struct err *e) ATTR_WARN;

/* False with ERR_INTERNAL when the status is another. */
bool prove_status(struct prove *p, int wanted, struct err *e) ATTR_WARN;

#endif
