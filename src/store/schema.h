/* SPDX-License-Identifier: MIT
 *
 * schema: the tables, and the statements on the tables that are made from rec_table. All of it is
 * text made from our own tables; nothing from outside is ever part of it.
 *
 * A projection has one table a section: ord (the order in which records first came), live (is it
 * still going on), then a column a field. BODY fields have no column, see store/content.h. tally
 * counts the ended records of a section and session, so that nobody has to.
 */
#ifndef TAU_STORE_SCHEMA_H
#define TAU_STORE_SCHEMA_H

#include "base/buf.h"
#include "contract/record.h"
#include "store/sql.h"

/* What people type of an id, and what indexes hold: its last characters. */
#define SCHEMA_END "substr(id, -4)"
#define SCHEMA_ENDS_IN(what)                                                                       \
    "(" SCHEMA_END " = upper(substr(" what ", -4))"                                                \
    " AND upper(substr(id, -length(" what "))) = upper(" what "))"

/* Makes what is missing, in one transaction, and brings an older database up to date. *ret_version:
 * the database's version afterwards; when it is newer than ours nothing was changed. */
bool schema_make(sqlite3 *db, int64_t *ret_version, struct err *e) ATTR_WARN;

/* Are the projections those of this tau, and hold they the whole log? A newer database counts as
 * current: nothing can be done about it. */
bool schema_current(sqlite3 *db, bool *ret_current, struct err *e) ATTR_WARN;

/* Is f a column of its kind's table? */
bool schema_is_column(const struct field *f);

/* What stands before the name of a section in that of its table: nothing, or SCHEMA_BASE for the copy of
 * the projections as they were at meta.base_seq, for a log that lost events before (store/salvage.h). */
#define SCHEMA_BASE "base_"

/* Parameters of the two: 1 live, then the columns in table order. `change` touches no index and
 * changes a row only when live and what indexes hold are as before; else `put` is needed. */
void schema_put(struct buf *out, const char *prefix, enum rec_kind kind);
void schema_change(struct buf *out, const char *prefix, enum rec_kind kind);

/* "SELECT <every field, bodies filled in> FROM <table> AS t", without a condition. */
void schema_select(struct buf *out, const char *prefix, enum rec_kind kind);

/* The rows that a snapshot holds, newest first: ord, and whether it is live. Parameters: 1 how many ended
 * ones, 2 the session when `by_session`, which the copy can not. */
void schema_held(struct buf *out, const char *prefix, enum rec_kind kind, bool by_session);

/* "DELETE FROM ...;" of every projection; the index of what was said is filled anew. */
void schema_clear(struct buf *out);

/* Makes the tables of the copy, where they are missing. Empty: as it was before the first event. */
void schema_make_base(struct buf *out);

/* Fills the empty projections with the copy and sets meta.folded_seq to what that holds; without one
 * nothing is folded. In a transaction. */
bool schema_restore(sqlite3 *db, struct err *e) ATTR_WARN;

#endif
