/* SPDX-License-Identifier: MIT
 *
 * prune: which rows may go, and taking them out.
 */
#include "store/prune.h"

#include "base/buf.h"
#include "base/cancel.h"
#include "store/handle.h"

enum {
    ROW_BYTES = 150,   /* of a row beside its data: ids, and its places in the indexes */
    GIVE_PAGES = 256,  /* that are given back at once: each may have to be moved */
    FOLD_FRAMES = 2000, /* pages in the WAL from which on it is folded */
    STEPS_AT_ONCE = 10000 /* of SQLite between two looks at the token */
};

/* ---- which ---- */

/* Not the first of its part... */
#define NOT_FIRST                                                                                  \
    "v.seq > (SELECT f.seq FROM event AS f WHERE f.part = v.part AND f.turn IS v.turn"             \
    " ORDER BY f.seq LIMIT 1)"
#define NOT_LAST                                                                                   \
    "v.seq < (SELECT f.seq FROM event AS f WHERE f.part = v.part AND f.kind = v.kind"              \
    " ORDER BY f.seq DESC LIMIT 1)"

/* ... and its message has all of it. */
#define TEXT                                                                                       \
    "NOT EXISTS (SELECT 1 FROM transcript AS t WHERE t.id = v.part AND t.turn IS v.turn"           \
    " AND ifnull(t.body_seq, 0) = 0) AND " NOT_FIRST

/* The call has ended, and its end says how much it put out, and where all of that is. */
#define OUTPUT                                                                                     \
    "NOT EXISTS (SELECT 1 FROM tools AS t WHERE t.id = v.part AND t.status = 'started')"           \
    " AND (" NOT_LAST " OR EXISTS (SELECT 1 FROM tools AS t JOIN event AS c ON c.seq = t.result_seq"\
    "  WHERE t.id = v.part AND json_extract(c.json, '$.bytes') > 0"                                \
    "  AND (t.artifact IS NULL OR t.artifact IS json_extract(c.json, '$.artifact'))))"

/* Text of a job is nowhere else. */
#define JOB_OUTPUT                                                                                 \
    "json_type(v.json, '$.text') IS NULL AND " NOT_LAST                                            \
    " AND NOT EXISTS (SELECT 1 FROM jobs AS t WHERE t.id = v.part AND t.live = 1)"

#define NOT_NEWEST                                                                                 \
    "v.seq < (SELECT n.seq FROM event AS n WHERE n.session = v.session AND n.kind = v.kind"        \
    " ORDER BY n.seq DESC LIMIT 1)" /* of its session */

static const struct {
    enum event_kind kind;
    enum prune_what what;
    const char *when;
} rows[] = {
    {EV_TURN_TEXT, PRUNE_CHUNKS, TEXT},
    {EV_TURN_REASONING, PRUNE_CHUNKS, TEXT},
    {EV_TOOL_OUTPUT, PRUNE_CHUNKS, OUTPUT},
    {EV_JOB_OUTPUT, PRUNE_CHUNKS, JOB_OUTPUT},
    {EV_TURN_CONTEXT_MEASURED, PRUNE_REST, NOT_NEWEST},
    {EV_SESSION_LEASED, PRUNE_REST, NOT_NEWEST},
};

/* Of the numbers ?1 .. ?2 - 1. */
static void where(struct buf *out, enum prune_what what)
{
    const char *or = "";
    buf_puts(out, " WHERE v.seq >= ?1 AND v.seq < ?2 AND (");
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (rows[i].what == what) {
            buf_printf(out, "%s(v.kind = '%s' AND %s)", or, event_table[rows[i].kind].wire,
                       rows[i].when);
            or = " OR ";
        }
    buf_putc(out, ')');
}

static sqlite3_stmt *of_range(struct store *s, const char *what, enum prune_what which, int64_t from,
                              int64_t to, struct err *e)
{
    CLEANUP(buf_free) struct buf sql = BUF_OWN;
    buf_puts(&sql, what);
    where(&sql, which);
    sqlite3_stmt *st = sql_prepare(s->db, buf_cstr(&sql), e);
    if (st) {
        sql_bind_i64(st, 1, from);
        sql_bind_i64(st, 2, to);
    }
    return st;
}

/* ---- looking ---- */

/* What a turn that goes on wrote is all needed; of a job or question its turn. */
#define OPEN                                                                                       \
    "SELECT min((SELECT min(v.seq) FROM event AS v WHERE v.turn = o.turn)) FROM ("                 \
    "SELECT id AS turn FROM turns WHERE live = 1 UNION SELECT turn FROM tools WHERE live = 1"      \
    " UNION SELECT turn FROM approvals WHERE live = 1"                                             \
    " UNION SELECT turn FROM jobs WHERE live = 1) AS o"
#define OPEN_ALONE                                                                                 \
    "SELECT min((SELECT min(v.seq) FROM event AS v WHERE v.session = j.session))"                  \
    " FROM jobs AS j WHERE j.live = 1 AND j.turn IS NULL"

bool prune_look(struct store *s, struct prune_marks *ret, struct err *e)
{
    CLEANUP(sql_done_p)
    sqlite3_stmt *st = sql_prepare(s->db,
                                   "SELECT (SELECT value FROM meta WHERE key = 'first_seq'),"
                                   " (SELECT value FROM meta WHERE key = 'rest_seq'),"
                                   " (" STORE_NEWEST "),"
                                   " min(ifnull((" OPEN "), 9223372036854775807),"
                                   " ifnull((" OPEN_ALONE "), 9223372036854775807))",
                                   e);
    bool ok = st != NULL;
    if (!ok || !sql_row(st, &ok, e))
        return false;
    *ret = (struct prune_marks){
        .first = sqlite3_column_int64(st, 0),
        .rest = MAX(sqlite3_column_int64(st, 1), 1),
        .last = sqlite3_column_int64(st, 2),
        .open = sqlite3_column_int64(st, 3),
    };
    ret->open = MIN(ret->open, ret->last + 1);
    return true;
}

bool prune_size(struct store *s, int64_t *ret_used, int64_t *ret_file, struct err *e)
{
    int64_t pages = 0, unused = 0, size = 0;
    if (!sql_i64(s->db, "PRAGMA page_count", &pages, e) ||
        !sql_i64(s->db, "PRAGMA freelist_count", &unused, e) ||
        !sql_i64(s->db, "PRAGMA page_size", &size, e))
        return false;
    *ret_used = (pages - unused) * size;
    *ret_file = pages * size;
    return true;
}

bool prune_older(struct store *s, int64_t from, int64_t to, int64_t ts_ms, int64_t now_ms,
                 int64_t *ret_upto, struct err *e)
{
    CLEANUP(sql_done_p)
    sqlite3_stmt *st = sql_prepare(
        s->db, "SELECT min(seq) FROM event WHERE seq >= ?1 AND seq < ?2 AND ts_ms >= ?3 AND ts_ms <= ?4",
        e);
    bool ok = st != NULL;
    if (!ok)
        return false;
    sql_bind_i64(st, 1, from);
    sql_bind_i64(st, 2, to);
    sql_bind_i64(st, 3, ts_ms);
    sql_bind_i64(st, 4, now_ms);
    *ret_upto = to;
    if (sql_row(st, &ok, e) && sqlite3_column_type(st, 0) != SQLITE_NULL)
        *ret_upto = sqlite3_column_int64(st, 0);
    return ok;
}

bool prune_window(struct store *s, int64_t from, int64_t to, int64_t *ret_upto, struct err *e)
{
    CLEANUP(sql_done_p)
    sqlite3_stmt *st = sql_prepare(
        s->db, "SELECT seq, length(json) FROM event WHERE seq >= ?1 AND seq < ?2 ORDER BY seq", e);
    bool ok = st != NULL;
    int64_t bytes = 0;
    if (!ok)
        return false;
    *ret_upto = MIN(to, from + PRUNE_STEP);
    sql_bind_i64(st, 1, from);
    sql_bind_i64(st, 2, *ret_upto);
    while (sql_row(st, &ok, e)) {
        bytes += sqlite3_column_int64(st, 1);
        if (bytes < PRUNE_BYTES)
            continue;
        *ret_upto = sqlite3_column_int64(st, 0) + 1;
        break;
    }
    return ok;
}

bool prune_count(struct store *s, enum prune_what what, int64_t from, int64_t to, int64_t *ret_rows,
                 int64_t *ret_bytes, struct err *e)
{
    CLEANUP(sql_done_p)
    sqlite3_stmt *st = of_range(s, "SELECT count(*), ifnull(sum(length(CAST(v.json AS BLOB))), 0)"
                                   " FROM event AS v",
                                what, from, to, e);
    bool ok = st != NULL;
    if (!ok || !sql_row(st, &ok, e))
        return false;
    *ret_rows = sqlite3_column_int64(st, 0);
    *ret_bytes = sqlite3_column_int64(st, 1) + *ret_rows * ROW_BYTES;
    return true;
}

/* ---- removing ---- */

static bool set_mark(struct store *s, const char *key, int64_t seq, struct err *e)
{
    CLEANUP(sql_done_p)
    sqlite3_stmt *st = sql_prepare(s->db,
                                   "INSERT INTO meta VALUES(?1, ?2) ON CONFLICT(key)"
                                   " DO UPDATE SET value = max(value, excluded.value)",
                                   e);
    if (!st)
        return false;
    sql_bind_cstr(st, 1, key);
    sql_bind_i64(st, 2, seq);
    return sql_run(st, e);
}

/* Rows that go one here and one there leave every page half full, and numbers only rise: nothing would
 * ever be written there again. */
static bool move_together(struct store *s, int64_t from, int64_t to, struct err *e)
{
    static const char *const steps[] = {
        "DELETE FROM temp.stays",
        "INSERT INTO temp.stays SELECT * FROM event WHERE seq >= ?1 AND seq < ?2 ORDER BY seq",
        "DELETE FROM event WHERE seq >= ?1 AND seq < ?2",
        "INSERT INTO event SELECT * FROM temp.stays ORDER BY seq",
        "DELETE FROM temp.stays",
    };
    if (!sql_exec(s->db, "CREATE TEMP TABLE IF NOT EXISTS stays AS SELECT * FROM event WHERE 0", e))
        return false;
    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        CLEANUP(sql_done_p) sqlite3_stmt *st = sql_prepare(s->db, steps[i], e);
        if (!st)
            return false;
        for (int at = 1; at <= sqlite3_bind_parameter_count(st); at++)
            sql_bind_i64(st, at, at == 1 ? from : to);
        if (!sql_run(st, e))
            return false;
    }
    return true;
}

static bool take_out(struct store *s, enum prune_what what, int64_t from, int64_t to, int64_t *ret_rows,
                     struct err *e)
{
    struct prune_marks now;
    if (!prune_look(s, &now, e))
        return false;
    /* What is not so is a defect of whoever asked, and would lose what can not be had back. */
    if (what == PRUNE_CHUNKS ? to > now.open || from > now.first : to > now.first)
        return err_set(e, ERR_CONFLICT, "%s: events %lld to %lld are still needed", s->file,
                       (long long)from, (long long)to - 1);
    CLEANUP(sql_done_p)
    sqlite3_stmt *st = of_range(s, "DELETE FROM event AS v", what, from, to, e);
    if (!st || !sql_run(st, e))
        return false;
    *ret_rows = sqlite3_changes64(s->db);
    if (*ret_rows > 0 && !move_together(s, from, to, e))
        return false;
    return set_mark(s, what == PRUNE_CHUNKS ? "first_seq" : "rest_seq", to, e);
}

bool prune_step(struct store *s, enum prune_what what, int64_t from, int64_t to, int64_t *ret_rows,
                struct err *e)
{
    int64_t last;
    *ret_rows = 0;
    if (!store_begin(s, &last, e))
        return false;
    if (take_out(s, what, from, to, ret_rows, e))
        return store_commit(s, e);
    store_rollback(s);
    return false;
}

/* ---- space ---- */

bool prune_give_back(struct store *s, bool *ret_more, struct err *e)
{
    int64_t mode = 0, before = 0, after = 0;
    CLEANUP(buf_free) struct buf sql = BUF_OWN;
    *ret_more = false;
    if (!sql_i64(s->db, "PRAGMA auto_vacuum", &mode, e) ||
        !sql_i64(s->db, "PRAGMA freelist_count", &before, e))
        return false;
    if (mode != 2 || before == 0)
        return true;
    buf_printf(&sql, "PRAGMA incremental_vacuum(%d)", GIVE_PAGES);
    if (!sql_exec(s->db, buf_cstr(&sql), e) ||
        !sql_i64(s->db, "PRAGMA freelist_count", &after, e))
        return false;
    *ret_more = after > 0 && after < before;
    return true;
}

static int is_stopped(void *cancel)
{
    return cancel_fired(cancel);
}

bool prune_rewrite(struct store *s, struct cancel *cancel, struct err *e)
{
    int64_t mode = 0, unused = 0;
    struct err open = ERR_INIT;
    if (!sql_i64(s->db, "PRAGMA auto_vacuum", &mode, e) ||
        !sql_i64(s->db, "PRAGMA freelist_count", &unused, e))
        return false;
    if (mode == 2 || unused == 0 || !store_alone(s->dir, s->proc, &open))
        return true;
    sqlite3_progress_handler(s->db, STEPS_AT_ONCE, is_stopped, cancel);
    bool ok = sql_exec(s->db, "PRAGMA auto_vacuum = INCREMENTAL; VACUUM", e);
    sqlite3_progress_handler(s->db, 0, NULL, NULL);
    return ok || cancel_fired(cancel);
}

bool prune_fold(struct store *s, bool all, struct err *e)
{
    int frames = atomic_load_explicit(&s->wal_frames, memory_order_relaxed);
    if (!all && frames < FOLD_FRAMES)
        return true;
    atomic_store_explicit(&s->wal_frames, 0, memory_order_relaxed);
    int rc = sqlite3_wal_checkpoint_v2(s->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
    return rc == SQLITE_OK || (rc & 0xff) == SQLITE_BUSY || sql_failed(s->db, e);
}
