/* SPDX-License-Identifier: MIT
 *
 * check: what was found of a store (store/inspect.h), in words. Main thread, or a thread of the console.
 */
#ifndef TAU_CLI_CHECK_H
#define TAU_CLI_CHECK_H

#include "base/buf.h"
#include "store/inspect.h"

#define CHECK_WHOLE                                                                                \
    "the store is whole: every page, every number of the log and every file that it names is "     \
    "there\n"

/* A line for each line of a finding. */
void check_put_finding(struct buf *out, const char *text);

/* A blob that is missing or damaged, and who names it. */
void check_put_blob(struct buf *out, const struct inspect_blob *b);

#endif
