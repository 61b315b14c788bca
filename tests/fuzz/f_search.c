/* SPDX-License-Identifier: MIT
 *
 * f_search: what somebody looks for. Whatever it is, it is refused in words or is a question that FTS5
 * understands: nothing of it is read as an operator or as the name of a column.
 */
#include "fuzz/fuzz.h"

#include "base/buf.h"
#include "store/search.h"
#include "store/sql.h"
#include "text/utf8.h"

#include <string.h>

static void ask(struct str expression)
{
    struct err e = ERR_INIT;
    bool ok = true;
    sqlite3 *db = sql_open(":memory:", NULL, false, &e);
    TAU_ASSERT(db != NULL);
    TAU_ASSERT(sql_exec(db,
                        "CREATE VIRTUAL TABLE t USING fts5(text, prefix='2 3 4', tokenize='unicode61');"
                        " INSERT INTO t VALUES('the words of a text')",
                        &e));
    sqlite3_stmt *st = sql_prepare(db, "SELECT count(*) FROM t WHERE t MATCH ?1", &e);
    TAU_ASSERT(st != NULL);
    sql_bind_str(st, 1, expression);
    TAU_ASSERT(sql_row(st, &ok, &e) && ok);
    sql_done_p(&st);
    sql_close(db);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct str query = str_make((const char *)data, n);
    CLEANUP(buf_free) struct buf out = BUF_OWN;
    struct err e = ERR_INIT;
    /* As JSON lets nothing else through. */
    if (!utf8_valid(query) || str_index(query, '\0') >= 0)
        return 0;
    if (search_expression(&out, query, &e))
        ask(buf_view(&out));
    else
        TAU_ASSERT(e.code == ERR_INVALID && e.message[0]);
    return 0;
}
