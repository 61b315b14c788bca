/* SPDX-License-Identifier: MIT
 *
 * place: a workspace, a store and a script in a temporary directory of their own, for what shall touch
 * nothing else. Main thread.
 */
#ifndef TAU_CLI_PLACE_H
#define TAU_CLI_PLACE_H

#include "base/err.h"

struct place {
    char *dir; /* below $TMPDIR, 0700; NULL: not open */
    char *workspace, *store, *script; /* below it; only the first is there already */
};

/* what: "demo", in the name of the directory. */
bool place_open(struct place *p, const char *what, struct err *e) ATTR_WARN;

/* Removes all of it, unless it shall be kept; what can not be removed is said on standard error. */
void place_close(struct place *p, bool keep);

#endif
