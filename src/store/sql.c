/* SPDX-License-Identifier: MIT
 *
 * sql: connections, failures, binding and stepping.
 */
#include "store/sql.h"

#include "store/content.h"
#include "store/recall.h"
#include "store/search.h"

#include <ctype.h>
#include <pthread.h>
#include <string.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void start(void)
{
    /* Nobody reads the library's memory statistics, and they cost a lock per allocation. Refused
     * when somebody (a test's VFS) started the library before; then they stay on. */
    (void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

/* ---- failures ---- */

/* What a primary result code of SQLite means to us. */
static const struct {
    int rc;
    enum err_code code;
    const char *text;
} failures[] = {
    {SQLITE_FULL, ERR_STORE_FULL, "the disk is full"},
    {SQLITE_CORRUPT, ERR_STORE_DAMAGED, "the database is damaged"},
    {SQLITE_NOTADB, ERR_STORE_DAMAGED, "this is not a database"},
    {SQLITE_READONLY, ERR_STORE, "it can only be read"},
    {SQLITE_BUSY, ERR_STORE, "another process has been writing for too long"},
    {SQLITE_LOCKED, ERR_STORE, "another connection has been writing for too long"},
    {SQLITE_CANTOPEN, ERR_STORE, "it can not be opened"},
    {SQLITE_PERM, ERR_STORE, "permission denied"},
};

static const char *name_of(sqlite3 *db)
{
    const char *name = db ? sqlite3_db_filename(db, "main") : NULL;
    return name && name[0] ? name : "the store in memory";
}

static bool fail(sqlite3 *db, const char *name, struct err *e)
{
    int rc = db ? sqlite3_extended_errcode(db) : SQLITE_NOMEM;
    for (size_t i = 0; i < ARRAY_LEN(failures); i++)
        if (failures[i].rc == (rc & 0xff)) {
            err_set(e, failures[i].code, "%s: %s", name, failures[i].text);
            e->phase = PHASE_PERSIST;
            return false;
        }
    int why = db ? sqlite3_system_errno(db) : 0;
    if ((rc & 0xff) == SQLITE_IOERR && why)
        err_sys(e, ERR_STORE, why, "%s", name);
    else
        err_set(e, ERR_STORE, "%s: %s", name, db ? sqlite3_errmsg(db) : "out of memory");
    e->phase = PHASE_PERSIST;
    return false;
}

bool sql_failed(sqlite3 *db, struct err *e)
{
    return fail(db, name_of(db), e);
}

/* ---- connections ---- */

static bool settings(sqlite3 *db, bool read_only, struct err *e)
{
    static const struct {
        int op, value;
    } flags[] = {
        {SQLITE_DBCONFIG_DEFENSIVE, 1},        {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
        {SQLITE_DBCONFIG_ENABLE_FKEY, 1},      {SQLITE_DBCONFIG_DQS_DML, 0},
        {SQLITE_DBCONFIG_DQS_DDL, 0},          {SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
        {SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1},
    };
    for (size_t i = 0; i < ARRAY_LEN(flags); i++)
        if (sqlite3_db_config(db, flags[i].op, flags[i].value, NULL) != SQLITE_OK)
            return sql_failed(db, e);
    if (sqlite3_busy_timeout(db, SQL_BUSY_MS) != SQLITE_OK)
        return sql_failed(db, e);
    if (!content_functions(db, e) || !search_functions(db, e) || !recall_functions(db, e))
        return false;
    return !read_only || sql_exec(db, "PRAGMA query_only = 1", e);
}

sqlite3 *sql_open(const char *name, const char *vfs, bool read_only, struct err *e)
{
    pthread_once(&once, start);
    /* A reader opens for writing too: only so can it rebuild the index of a WAL that a killed
     * process left. query_only keeps it from changing anything. The writer makes the file itself.
     */
    int flags =
        SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_URI | SQLITE_OPEN_EXRESCODE;
    sqlite3 *db = NULL;
    if (sqlite3_open_v2(name, &db, flags, vfs) != SQLITE_OK)
        fail(db, name, e);
    else if (settings(db, read_only, e))
        return db;
    sql_close(db);
    return NULL;
}

char *sql_still(const char *path)
{
    struct buf b = BUF_OWN;
    buf_puts(&b, "file:");
    for (const unsigned char *p = (const unsigned char *)path; *p; p++)
        if (isalnum(*p) || *p == '/' || *p == '.' || *p == '-' || *p == '_')
            buf_putc(&b, (char)*p);
        else
            buf_printf(&b, "%%%02X", *p);
    buf_puts(&b, "?mode=ro&immutable=1");
    return buf_take(&b);
}

void sql_fold_at_close(sqlite3 *db)
{
    /* Without it the WAL stays as it is, which loses nothing. */
    (void)sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, NULL);
}

void sql_close(sqlite3 *db)
{
    int rc = sqlite3_close(db);
    TAU_ASSERT(rc == SQLITE_OK); /* a statement was left */
}

/* ---- statements ---- */

bool sql_exec(sqlite3 *db, const char *sql, struct err *e)
{
    return sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK || sql_failed(db, e);
}

sqlite3_stmt *sql_prepare(sqlite3 *db, const char *sql, struct err *e)
{
    sqlite3_stmt *st = NULL;
    if (sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &st, NULL) != SQLITE_OK)
        sql_failed(db, e);
    return st;
}

void sql_done_p(sqlite3_stmt **st)
{
    /* Repeats the failure of the last step, which was reported then. */
    (void)sqlite3_finalize(*st);
    *st = NULL;
}

/* Can fail only for a wrong index, a busy statement, or text past SQLite's gigabyte: our defects.
 */
static void bound(int rc)
{
    TAU_ASSERT(rc == SQLITE_OK);
}

void sql_bind_str(sqlite3_stmt *st, int at, struct str s)
{
    bound(s.p ? sqlite3_bind_text64(st, at, s.p, s.n, SQLITE_STATIC, SQLITE_UTF8)
              : sqlite3_bind_null(st, at));
}

void sql_bind_cstr(sqlite3_stmt *st, int at, const char *s)
{
    sql_bind_str(st, at, str_make(s, s ? strlen(s) : 0));
}

void sql_bind_i64(sqlite3_stmt *st, int at, int64_t v)
{
    bound(sqlite3_bind_int64(st, at, v));
}

void sql_bind_f64(sqlite3_stmt *st, int at, double v)
{
    bound(sqlite3_bind_double(st, at, v));
}

void sql_bind_null(sqlite3_stmt *st, int at)
{
    bound(sqlite3_bind_null(st, at));
}

bool sql_row(sqlite3_stmt *st, bool *ret_ok, struct err *e)
{
    int rc = sqlite3_step(st);
    if (rc != SQLITE_ROW && rc != SQLITE_DONE)
        *ret_ok = sql_failed(sqlite3_db_handle(st), e);
    return rc == SQLITE_ROW;
}

bool sql_run(sqlite3_stmt *st, struct err *e)
{
    bool ok = true;
    while (sql_row(st, &ok, e))
        ;
    /* Repeats the failure of the step. */
    (void)sqlite3_reset(st);
    return ok;
}

bool sql_i64(sqlite3 *db, const char *sql, int64_t *ret_value, struct err *e)
{
    CLEANUP(sql_done_p) sqlite3_stmt *st = sql_prepare(db, sql, e);
    bool ok = st != NULL;
    if (!ok)
        return false;
    bool row = sql_row(st, &ok, e);
    if (ok)
        *ret_value = row ? sqlite3_column_int64(st, 0) : 0;
    return ok;
}

struct str sql_str(sqlite3_stmt *st, int at)
{
    const char *p = (const char *)sqlite3_column_text(st, at);
    return str_make(p, p ? (size_t)sqlite3_column_bytes(st, at) : 0);
}

const char *sql_cstr(sqlite3_stmt *st, int at)
{
    return (const char *)sqlite3_column_text(st, at);
}
