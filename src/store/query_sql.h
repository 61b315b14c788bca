/* SPDX-License-Identifier: MIT
 *
 * query_sql: what query.c, its table and its rows share. Inside of src/store.
 *
 * Values reach SQL as parameters only: a parameter :name is the argument of that name, :limit is the
 * smaller of argument and row limit. {section.field} in a text stands for the text of that BODY field
 * of the row `t`.
 */
#ifndef TAU_STORE_QUERY_SQL_H
#define TAU_STORE_QUERY_SQL_H

#include "store/handle.h"
#include "store/query.h"
#include "json/jsonw.h"

enum { QUERY_ROW_BYTES_MAX = 64 << 20 }; /* one row as JSON */

struct querier {
    sqlite3 *db;
    char *dir;
    sqlite3_stmt *begin, *end, *newest;
    sqlite3_stmt *st[QRY_COUNT]; /* made when first used */

    /* The query that runs. */
    struct cancel *cancel;
    int64_t steps, last_steps, deadline_ms;
    enum err_code stopped; /* ERR_NONE while it may go on */
};

/* One row as the members of an open object. */
typedef bool query_row_fn(struct querier *q, const struct query_desc *d, const void *args,
                          sqlite3_stmt *st, struct jsonw *w, struct err *e);
query_row_fn query_row_plain;    /* the columns as they are */
query_row_fn query_row_event;    /* an envelope; columns: STORE_EVENT_COLUMNS */
query_row_fn query_row_artifact; /* a range of a blob; columns: digest, size */

struct query_sql {
    const char *sql;
    query_row_fn *row; /* NULL: plain */
    /* NULL: whatever field_read let pass. */
    bool (*check)(const void *args, struct err *e);
    /* The same of what is in the store; in the transaction. NULL: always. */
    bool (*may)(struct querier *q, const void *args, struct err *e);
    int64_t limit; /* when none is given; 0: the row's */
};
extern const struct query_sql query_sql[QRY_COUNT];

#endif
