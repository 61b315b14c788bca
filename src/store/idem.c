/* SPDX-License-Identifier: MIT
 *
 * idem: answers by idempotency key. A row that is too old counts as not there; each new one drops a
 * few of those.
 */
#include "store/handle.h"

#include "base/clock.h"
#include "base/mem.h"

enum { IDEM_KEEP_MS = 24 * 3600 * 1000, FORGET_AT_ONCE = 100 };

bool store_idem_get(struct store *s, const char *principal, const char *key, const char *args_hash,
                    char **ret_answer, struct err *e)
{
    CLEANUP(sql_done_p)
    sqlite3_stmt *st = sql_prepare(s->db,
                                   "SELECT args_hash, answer FROM idempotency"
                                   " WHERE principal = ?1 AND key = ?2 AND ts_ms > ?3",
                                   e);
    bool ok = st != NULL;
    if (!ok)
        return false;
    sql_bind_cstr(st, 1, principal);
    sql_bind_cstr(st, 2, key);
    sql_bind_i64(st, 3, clock_wall_ms() - IDEM_KEEP_MS);
    bool row = sql_row(st, &ok, e);
    if (row && !str_is(sql_str(st, 0), args_hash))
        return err_set(e, ERR_CONFLICT, "the idempotency key was used with other arguments");
    if (ok)
        *ret_answer = row ? mem_strdup(sql_cstr(st, 1)) : NULL;
    return ok;
}

/* Not all at once: it holds up the transaction of another's action. */
static bool forget_old(struct store *s, int64_t now, struct err *e)
{
    CLEANUP(sql_done_p)
    sqlite3_stmt *st = sql_prepare(s->db,
                                   "DELETE FROM idempotency WHERE (principal, key) IN"
                                   " (SELECT principal, key FROM idempotency WHERE ts_ms <= ?1"
                                   " ORDER BY ts_ms LIMIT ?2)",
                                   e);
    if (!st)
        return false;
    sql_bind_i64(st, 1, now - IDEM_KEEP_MS);
    sql_bind_i64(st, 2, FORGET_AT_ONCE);
    return sql_run(st, e);
}

static bool insert(struct store *s, const char *principal, const char *key, const char *args_hash,
                   const char *answer, int64_t now, struct err *e)
{
    CLEANUP(sql_done_p)
    sqlite3_stmt *st =
        sql_prepare(s->db, "INSERT OR REPLACE INTO idempotency VALUES(?1, ?2, ?3, ?4, ?5)", e);
    if (!st)
        return false;
    sql_bind_cstr(st, 1, principal);
    sql_bind_cstr(st, 2, key);
    sql_bind_cstr(st, 3, args_hash);
    sql_bind_cstr(st, 4, answer);
    sql_bind_i64(st, 5, now);
    return sql_run(st, e);
}

bool store_idem_put(struct store *s, const char *principal, const char *key, const char *args_hash,
                    const char *answer, struct err *e)
{
    int64_t now = clock_wall_ms();
    if (!store_may_write(s, e))
        return false;
    return (forget_old(s, now, e) && insert(s, principal, key, args_hash, answer, now, e)) ||
           store_spoiled(s, e);
}
