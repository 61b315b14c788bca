/* SPDX-License-Identifier: MIT
 *
 * sql: what src/store uses of SQLite: how a connection is opened, how a failure becomes a struct
 * err, binding and stepping. A connection and its statements belong to one thread at a time.
 */
#ifndef TAU_STORE_SQL_H
#define TAU_STORE_SQL_H

#include "base/base.h"
#include "base/err.h"
#include "base/str.h"

#include <sqlite3.h>

enum { SQL_BUSY_MS = 5000 };

/* name: a path, or a file: URI. vfs NULL: the default. With read_only nothing can be written
 * through it. Every connection has the same safe settings. NULL with ERR_STORE and its relatives.
 */
sqlite3 *sql_open(const char *name, const char *vfs, bool read_only, struct err *e) ATTR_WARN;

/* The name for sql_open of a database that nobody writes, and for which no file may be made beside it.
 * The caller frees. */
char *sql_still(const char *path);

/* When it is closed as the last connection of its file, the WAL is folded back (with its syncs) and
 * removed. Without this call the WAL is left for whoever opens the file next. */
void sql_fold_at_close(sqlite3 *db);
void sql_close(sqlite3 *db); /* all statements are finalized; NULL is fine */

/* Sets e from the last failure of the connection, in words that name its file. Returns false. */
bool sql_failed(sqlite3 *db, struct err *e);

/* One or more statements without results, written here and never made from outside text. */
bool sql_exec(sqlite3 *db, const char *sql, struct err *e) ATTR_WARN;

/* Finalize with sqlite3_finalize or sql_done_p. */
sqlite3_stmt *sql_prepare(sqlite3 *db, const char *sql, struct err *e) ATTR_WARN;
void sql_done_p(sqlite3_stmt **st); /* for CLEANUP() */

/* Parameters count from 1. Text is borrowed until the statement was reset; p == NULL binds NULL. */
void sql_bind_str(sqlite3_stmt *st, int at, struct str s);
void sql_bind_cstr(sqlite3_stmt *st, int at, const char *s);
void sql_bind_i64(sqlite3_stmt *st, int at, int64_t v);
void sql_bind_f64(sqlite3_stmt *st, int at, double v);
void sql_bind_null(sqlite3_stmt *st, int at);

/* True when there is a row; false at the end and on failure, which sets *ret_ok to false and e. */
bool sql_row(sqlite3_stmt *st, bool *ret_ok, struct err *e) ATTR_WARN;

/* Steps a statement that gives no rows to its end and resets it. */
bool sql_run(sqlite3_stmt *st, struct err *e) ATTR_WARN;

/* Runs a query whose answer is one integer (0 when there is no row or it is NULL). */
bool sql_i64(sqlite3 *db, const char *sql, int64_t *ret_value, struct err *e) ATTR_WARN;

/* Columns count from 0 and are valid until the next step. p == NULL for NULL. */
struct str sql_str(sqlite3_stmt *st, int at);
const char *sql_cstr(sqlite3_stmt *st, int at);

#endif
