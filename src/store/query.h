/* SPDX-License-Identifier: MIT
 *
 * query: the rows of queries.def, answered from a read-only connection. One querier per thread.
 */
#ifndef TAU_STORE_QUERY_H
#define TAU_STORE_QUERY_H

#include "base/base.h"
#include "base/cancel.h"
#include "base/err.h"
#include "contract/action.h"

struct querier;

enum { QUERY_STEPS_MAX = 50 * 1000 * 1000, QUERY_DEADLINE_MS = 10000 };

/* Opens <dir>/tau.db read-only. A store in memory is read through `shared`, the name that
 * store_memory_name() gives (NULL for files). */
struct querier *querier_open(const char *dir, const char *shared, struct err *e) ATTR_WARN;
/* Does the store hold what the queries of this tau read? One that an older tau left does not, until
 * somebody opens it for writing (store_open) and folds the log. */
bool querier_current(struct querier *q, bool *ret_current, struct err *e) ATTR_WARN;

void querier_close(struct querier *q); /* NULL is fine */

/* Instructions of SQLite that the last query took, to the thousand below. For tests: it says what a query
 * costs without a clock. */
int64_t querier_steps(const struct querier *q);

struct store;
const char *store_memory_name(const struct store *s); /* NULL for a store in a file */

/* args: the struct qry_<lc> of the row. Each row is one JSON object of the row's columns. Ends
 * early when row() returns false, the token fires (ERR_CANCELLED), or the step limit or deadline is
 * reached (ERR_TIMEOUT). *ret_seq: the newest seq of what it saw. */
bool querier_run(struct querier *q, enum query_id id, const void *args, struct cancel *cancel,
                 bool (*row)(void *arg, struct str json), void *arg, int64_t *ret_seq,
                 struct err *e) ATTR_WARN;

/* The same by name, with the arguments as a JSON object (empty: none). ERR_NOT_FOUND, ERR_INVALID
 * with the path of the field. */
bool querier_ask(struct querier *q, const char *name, struct str arguments_json,
                 struct cancel *cancel, bool (*row)(void *arg, struct str json), void *arg,
                 int64_t *ret_seq, struct err *e) ATTR_WARN;

#endif
