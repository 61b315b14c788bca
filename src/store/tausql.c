/* SPDX-License-Identifier: MIT */
#include "store/tausql.h"

#include "base/buf.h"
#include "base/mem.h"
#include "store/sql.h"

#include <stdlib.h>
#include <sys/stat.h>

struct tausql {
    sqlite3 *db;
    sqlite3_stmt *one;
};

/* What a program that still runs, or died, has not folded back yet would be missed. */
static bool is_whole(const char *path, struct err *e)
{
    struct stat st;
    CLEANUP(mem_free_p) char *wal = mem_printf("%s-wal", path);
    if (stat(wal, &st) != 0 || st.st_size == 0)
        return true;
    err_set(e, ERR_CONFLICT, "%s: there is more of it in %s", path, wal);
    return err_hint(e, "end the program that uses it, or: sqlite3 FILE 'PRAGMA wal_checkpoint'");
}

struct tausql *tausql_open(const char *path, struct err *e)
{
    if (!is_whole(path, e))
        return NULL;
    struct tausql *t = NEW(struct tausql);
    CLEANUP(mem_free_p) char *uri = sql_still(path);
    t->db = sql_open(uri, NULL, true, e);
    t->one = t->db ? sql_prepare(t->db, "SELECT message_json FROM session_entries WHERE id = ?1", e)
                   : NULL;
    if (t->one)
        return t;
    if (t->db && sqlite3_errcode(t->db) == SQLITE_ERROR)
        err_set(e, ERR_INVALID, "%s: it has no table session_entries, so it is no session of Tau",
                path);
    tausql_close(t);
    return NULL;
}

void tausql_close(struct tausql *t)
{
    if (!t)
        return;
    sql_done_p(&t->one);
    sql_close(t->db);
    free(t);
}

bool tausql_each(struct tausql *t,
                 bool (*fn)(void *arg, int64_t id, int64_t parent, struct str message), void *arg,
                 struct err *e)
{
    CLEANUP(sql_done_p)
    sqlite3_stmt *st = sql_prepare(
        t->db, "SELECT id, parent_id, message_json FROM session_entries ORDER BY id", e);
    bool ok = st != NULL;
    while (ok && sql_row(st, &ok, e))
        if (!fn(arg, sqlite3_column_int64(st, 0), sqlite3_column_int64(st, 1), sql_str(st, 2)))
            break;
    return ok;
}

bool tausql_message(struct tausql *t, int64_t id, struct str *ret, struct err *e)
{
    bool ok = true;
    (void)sqlite3_reset(t->one); /* repeats what the last call has told */
    sql_bind_i64(t->one, 1, id);
    if (sql_row(t->one, &ok, e))
        *ret = sql_str(t->one, 0);
    else if (ok)
        ok = err_set(e, ERR_NOT_FOUND, "entry %lld is gone", (long long)id);
    return ok;
}
