/* SPDX-License-Identifier: MIT
 *
 * schema: tables and statements from the field tables.
 *
 * A change of a projection's columns changes the digest of its DDL ("shape" in meta). A database
 * with another shape gets its projections made anew, empty, with folded_seq at the beginning, and
 * whoever opens it folds the log again. The index of what was said needs no fold: it is filled there
 * and then. (That of memory is filled with the records.)
 */
#include "store/schema.h"

#include "base/digest.h"
#include "base/mem.h"
#include "contract/event.h"
#include "store/content.h"
#include "store/handle.h"
#include "store/recall.h"
#include "store/search.h"
#include "store/store.h"

#include <stdlib.h>
#include <string.h>

enum { NAME_CHARS = 8 };
enum { LOOKED_AT = 10 }; /* rows for one that is kept, when a store is opened */

/* Columns that never change once a record was made, and what pages are found by; and the member of
 * the session that says up to where they were given up (session.reset). */
static const struct {
    enum rec_kind kind;
    const char *column, *base;
} ordered[] = {
    {REC_ENTRY, "n", "base_n"},       /* its place in the session */
    {REC_MESSAGE, "seq", "base_seq"}, /* its event */
};

/* More indexes, and the columns that they hold beside those that every table has. */
static const struct {
    enum rec_kind kind;
    const char *name, *on, *columns;
} more[] = {
    {REC_MESSAGE, "parent", "(parent)", "parent"}, /* who follows whom */
    /* The end of an id as it is typed. */
    {REC_MESSAGE, "end", "(" SCHEMA_END ")", ""},
    {REC_TASK, "end", "(" SCHEMA_END ")", ""},
    {REC_MEMORY, "end", "(" SCHEMA_END ")", ""},
    /* In the order of their words' index, and in those in which they are listed. */
    {REC_MEMORY, "seq", "(seq)", "seq"},
    {REC_MEMORY, "shown", "(pinned, updated_ms) WHERE forgotten = 0", "pinned updated_ms forgotten"},
    {REC_MEMORY, "gone", "(pinned, updated_ms) WHERE forgotten = 1", ""},
    {REC_MEMORY, "typed", "(type, pinned, updated_ms) WHERE forgotten = 0", "type"},
};

/* Its row in `ordered`, or -1. */
static int order_of(enum rec_kind kind)
{
    for (size_t i = 0; i < ARRAY_LEN(ordered); i++)
        if (ordered[i].kind == kind)
            return (int)i;
    return -1;
}

/* ---- columns ---- */

bool schema_is_column(const struct field *f)
{
    return f->type != FIELD_BODY;
}

static const char *sql_type(const struct field *f)
{
    switch (f->type) {
    case FIELD_I64:
    case FIELD_BOOL:
        return "INTEGER";
    case FIELD_F64:
        return "REAL";
    default:
        return "TEXT";
    }
}

static bool is_in_more(enum rec_kind kind, const struct field *f)
{
    for (size_t i = 0; i < ARRAY_LEN(more); i++) {
        struct str columns = str_of(more[i].columns), name;
        while (more[i].kind == kind && str_split(&columns, ' ', &name))
            if (str_is(name, f->name))
                return true;
    }
    return false;
}

static bool is_indexed(enum rec_kind kind, const struct field *f)
{
    const struct rec_desc *d = &rec_table[kind];
    int by = order_of(kind);
    return f == d->set.fields || is_in_more(kind, f) ||
           (d->session >= 0 && f->offset == (size_t)d->session) ||
           (by >= 0 && strcmp(ordered[by].column, f->name) == 0);
}

/* Walks the columns: for (f = NULL; (f = next_column(set, f));) */
static const struct field *next_column(const struct field_set *set, const struct field *f)
{
    for (f = f ? f + 1 : set->fields; f < set->fields + set->n; f++)
        if (schema_is_column(f))
            return f;
    return NULL;
}

/* ---- tables ---- */

static void make_table(struct buf *out, const char *prefix, enum rec_kind kind)
{
    const struct field_set *set = &rec_table[kind].set;
    buf_printf(out, "CREATE TABLE \"%s%s\"(ord INTEGER PRIMARY KEY, live INTEGER NOT NULL", prefix,
               rec_table[kind].section);
    for (const struct field *f = NULL; (f = next_column(set, f));)
        buf_printf(out, ", \"%s\" %s%s", f->name, sql_type(f),
                   f == set->fields ? " NOT NULL UNIQUE" : "");
    buf_puts(out, ") STRICT;\n");
}

static void make_indexes(struct buf *out, enum rec_kind kind)
{
    const char *t = rec_table[kind].section;
    buf_printf(out, "CREATE INDEX \"%s_live\" ON \"%s\"(live) WHERE live = 1;\n", t, t);
    for (size_t i = 0; i < ARRAY_LEN(more); i++)
        if (more[i].kind == kind)
            buf_printf(out, "CREATE INDEX \"%s_%s\" ON \"%s\"%s;\n", t, more[i].name, t,
                       more[i].on);
    if (rec_table[kind].session >= 0)
        buf_printf(out, "CREATE INDEX \"%s_of\" ON \"%s\"(\"session\", \"%s\");\n", t, t,
                   order_of(kind) < 0 ? "live" : ordered[order_of(kind)].column);
}

/* The tally follows by itself, whatever writes the table. */
static void make_triggers(struct buf *out, enum rec_kind kind)
{
    static const struct {
        const char *suffix, *event, *when, *count;
    } rows[] = {
        {"comes", "INSERT", "NEW.live = 0", "1"},
        {"ends", "UPDATE OF live", "OLD.live <> NEW.live", "OLD.live - NEW.live"},
    };
    const char *t = rec_table[kind].section;
    const char *of = rec_table[kind].session >= 0 ? "ifnull(NEW.\"session\", '')" : "''";
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        buf_printf(out,
                   "CREATE TRIGGER \"%s_%s\" AFTER %s ON \"%s\" WHEN %s BEGIN"
                   " INSERT INTO tally VALUES('%s', %s, %s)"
                   " ON CONFLICT(section, session) DO UPDATE SET ended = ended + excluded.ended;"
                   " END;\n",
                   t, rows[i].suffix, rows[i].event, t, rows[i].when, t, of, rows[i].count);
}

static void make_projections(struct buf *out)
{
    buf_puts(out,
             "CREATE TABLE tally(section TEXT NOT NULL, session TEXT NOT NULL,"
             " ended INTEGER NOT NULL, PRIMARY KEY(section, session)) STRICT, WITHOUT ROWID;\n");
    for (int k = 0; k < REC_COUNT; k++) {
        make_table(out, "", (enum rec_kind)k);
        make_indexes(out, (enum rec_kind)k);
        make_triggers(out, (enum rec_kind)k);
    }
    /* On the log, but made here: an older store gets it when its projections are made anew. */
    buf_puts(out, "CREATE INDEX IF NOT EXISTS event_task ON event(task, seq)"
                  " WHERE task IS NOT NULL;\n"
                  "CREATE INDEX IF NOT EXISTS event_measured ON event(session, seq)"
                  " WHERE kind = 'turn.context_measured';\n");
    search_make(out);
    recall_make(out);
}

static void make_log(struct buf *out)
{
    buf_puts(out,
             "CREATE TABLE meta(key TEXT PRIMARY KEY, value ANY NOT NULL) STRICT, WITHOUT ROWID;\n"
             "CREATE TABLE event(seq INTEGER PRIMARY KEY, ts_ms INTEGER NOT NULL,"
             " proc TEXT NOT NULL, session TEXT, turn TEXT, task TEXT, mission TEXT, run TEXT,"
             " kind TEXT NOT NULL, part TEXT, json TEXT NOT NULL) STRICT;\n"
             "CREATE INDEX event_session ON event(session, seq) WHERE session IS NOT NULL;\n"
             "CREATE INDEX event_turn ON event(turn, seq) WHERE turn IS NOT NULL;\n"
             "CREATE INDEX event_message ON event(session, seq) WHERE kind = 'turn.message';\n"
             "CREATE INDEX event_part ON event(part, seq) WHERE part IS NOT NULL;\n"
             "CREATE TABLE idempotency(principal TEXT NOT NULL, key TEXT NOT NULL,"
             " args_hash TEXT NOT NULL, answer TEXT NOT NULL, ts_ms INTEGER NOT NULL,"
             " PRIMARY KEY(principal, key)) STRICT, WITHOUT ROWID;\n"
             "CREATE INDEX idempotency_age ON idempotency(ts_ms);\n");
}

/* ---- opening ---- */

/* As ids are written, but short: it is a part of every event id. */
static void make_name(char name[NAME_CHARS + 1])
{
    static const char digits[] = "0123456789abcdefghjkmnpqrstvwxyz";
    unsigned char r[NAME_CHARS];
    random_bytes(r, sizeof(r));
    for (size_t i = 0; i < NAME_CHARS; i++)
        name[i] = digits[r[i] & 31];
    name[NAME_CHARS] = '\0';
}

static bool put_meta(sqlite3 *db, const char *key, const char *text, int64_t number, struct err *e)
{
    CLEANUP(sql_done_p)
    sqlite3_stmt *st = sql_prepare(db, "INSERT OR REPLACE INTO meta VALUES(?1, ?2)", e);
    if (!st)
        return false;
    sql_bind_cstr(st, 1, key);
    if (text)
        sql_bind_cstr(st, 2, text);
    else
        sql_bind_i64(st, 2, number);
    return sql_run(st, e);
}

static bool make_all(sqlite3 *db, const char *projections, const char *shape, struct err *e)
{
    struct buf sql = BUF_OWN;
    char name[NAME_CHARS + 1];
    make_name(name);
    make_log(&sql);
    bool ok = sql_exec(db, buf_cstr(&sql), e) && sql_exec(db, projections, e) &&
              put_meta(db, "version", NULL, STORE_VERSION, e) && put_meta(db, "name", name, 0, e) &&
              put_meta(db, "shape", shape, 0, e) && put_meta(db, "first_seq", NULL, 1, e) &&
              put_meta(db, "folded_seq", NULL, 0, e);
    buf_free(&sql);
    return ok;
}

/* What is there and is not the log: an older tau's projections, whatever their names. A virtual table
 * takes its own tables along. */
static bool drop_projections(sqlite3 *db, struct err *e)
{
    CLEANUP(sql_done_p)
    sqlite3_stmt *st = sql_prepare(
        db,
        "SELECT 'DROP ' || iif(type = 'view', 'VIEW', 'TABLE') || ' \"'"
        "  || replace(name, '\"', '\"\"') || '\";' FROM pragma_table_list WHERE schema = 'main'"
        "  AND type IN ('table', 'virtual', 'view') AND name NOT IN ('event', 'meta', 'idempotency')"
        "  AND name NOT LIKE 'sqlite%' AND name NOT GLOB '" SCHEMA_BASE "*'",
        e);
    struct buf sql = BUF_OWN;
    bool ok = st != NULL;
    while (ok && sql_row(st, &ok, e))
        buf_str(&sql, sql_str(st, 0));
    if (st)
        (void)sqlite3_reset(st); /* repeats a failure that sql_row has told */
    ok = ok && sql_exec(db, buf_cstr(&sql), e);
    buf_free(&sql);
    return ok;
}

static bool fill_search(sqlite3 *db, struct err *e)
{
    struct buf sql = BUF_OWN;
    search_fill(&sql);
    bool ok = sql_exec(db, buf_cstr(&sql), e);
    buf_free(&sql);
    return ok;
}

/* ---- the copy ---- */

void schema_make_base(struct buf *out)
{
    for (int k = 0; k < REC_COUNT; k++) {
        const char *t = rec_table[k].section;
        make_table(out, SCHEMA_BASE, (enum rec_kind)k);
        buf_printf(out, "CREATE INDEX \"" SCHEMA_BASE "%s_live\" ON \"" SCHEMA_BASE "%s\"(live)"
                        " WHERE live = 1;\n", t, t);
    }
}

static bool has_table(sqlite3 *db, const char *name, bool *ret_has, struct err *e)
{
    CLEANUP(sql_done_p)
    sqlite3_stmt *st = sql_prepare(
        db, "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?1", e);
    bool ok = st != NULL;
    if (!ok)
        return false;
    sql_bind_cstr(st, 1, name);
    *ret_has = sql_row(st, &ok, e);
    return ok;
}

/* The columns that both tables have. */
static bool put_shared(sqlite3 *db, const char *from, const char *to, struct buf *out, struct err *e)
{
    CLEANUP(sql_done_p)
    sqlite3_stmt *st = sql_prepare(db,
                                   "SELECT name FROM pragma_table_info(?1) WHERE name IN"
                                   " (SELECT name FROM pragma_table_info(?2)) ORDER BY cid",
                                   e);
    bool ok = st != NULL;
    const char *comma = "";
    if (!ok)
        return false;
    sql_bind_cstr(st, 1, from);
    sql_bind_cstr(st, 2, to);
    for (; sql_row(st, &ok, e); comma = ", ")
        buf_printf(out, "%s\"%s\"", comma, sql_cstr(st, 0));
    return ok;
}

static bool copy_rows(sqlite3 *db, const char *from, const char *to, struct err *e)
{
    CLEANUP(buf_free) struct buf columns = BUF_OWN;
    CLEANUP(buf_free) struct buf sql = BUF_OWN;
    if (!put_shared(db, from, to, &columns, e))
        return false;
    buf_printf(&sql, "INSERT INTO \"%s\"(%s) SELECT %s FROM \"%s\" ORDER BY ord", to,
               buf_cstr(&columns), buf_cstr(&columns), from);
    return sql_exec(db, buf_cstr(&sql), e);
}

/* A tau with other records takes what it knows of the copy. */
static bool remake_base(sqlite3 *db, struct err *e)
{
    CLEANUP(buf_free) struct buf sql = BUF_OWN;
    bool ok = true;
    for (int k = 0; ok && k < REC_COUNT; k++) {
        const char *t = rec_table[k].section;
        CLEANUP(mem_free_p) char *name = mem_printf(SCHEMA_BASE "%s", t);
        bool has = false;
        if (!has_table(db, name, &has, e))
            return false;
        buf_clear(&sql);
        if (has)
            buf_printf(&sql, "DROP INDEX IF EXISTS \"" SCHEMA_BASE "%s_live\";"
                             " ALTER TABLE \"" SCHEMA_BASE "%s\" RENAME TO \"was_%s\";", t, t, t);
        ok = sql_exec(db, buf_cstr(&sql), e);
    }
    buf_clear(&sql);
    schema_make_base(&sql);
    ok = ok && sql_exec(db, buf_cstr(&sql), e);
    for (int k = 0; ok && k < REC_COUNT; k++) {
        const char *t = rec_table[k].section;
        CLEANUP(mem_free_p) char *was = mem_printf("was_%s", t);
        CLEANUP(mem_free_p) char *name = mem_printf(SCHEMA_BASE "%s", t);
        bool has = false;
        if (!has_table(db, was, &has, e))
            return false;
        buf_clear(&sql);
        buf_printf(&sql, "DROP TABLE IF EXISTS \"%s\"", was);
        ok = (!has || copy_rows(db, was, name, e)) && sql_exec(db, buf_cstr(&sql), e);
    }
    return ok;
}

bool schema_restore(sqlite3 *db, struct err *e)
{
    bool has = false;
    if (!has_table(db, SCHEMA_BASE "session", &has, e))
        return false;
    if (!has)
        return sql_exec(db, "UPDATE meta SET value = 0 WHERE key = 'folded_seq'", e);
    bool ok = remake_base(db, e);
    for (int k = 0; ok && k < REC_COUNT; k++) {
        CLEANUP(mem_free_p) char *name = mem_printf(SCHEMA_BASE "%s", rec_table[k].section);
        ok = copy_rows(db, name, rec_table[k].section, e);
    }
    CLEANUP(buf_free) struct buf sql = BUF_OWN;
    recall_fill(&sql);
    buf_puts(&sql, "UPDATE meta SET value = (SELECT value FROM meta WHERE key = 'base_seq')"
                   " WHERE key = 'folded_seq'");
    return ok && sql_exec(db, buf_cstr(&sql), e);
}

static bool make_anew(sqlite3 *db, const char *projections, const char *shape, struct err *e)
{
    return drop_projections(db, e) && sql_exec(db, projections, e) && fill_search(db, e) &&
           put_meta(db, "shape", shape, 0, e) && schema_restore(db, e);
}

static bool is_empty(sqlite3 *db, bool *ret_empty, struct err *e)
{
    int64_t n = 0;
    bool ok = sql_i64(db, "SELECT count(*) FROM sqlite_schema", &n, e);
    *ret_empty = n == 0;
    return ok;
}

static bool look(sqlite3 *db, const char *shape, int64_t *ret_version, bool *ret_same,
                 struct err *e)
{
    CLEANUP(sql_done_p)
    sqlite3_stmt *st = sql_prepare(db,
                                   "SELECT (SELECT value FROM meta WHERE key = 'version'),"
                                   " (SELECT value FROM meta WHERE key = 'shape')",
                                   e);
    bool ok = st != NULL;
    /* Without the table: another program's file, or what is left of ours. */
    if (!st && sqlite3_errcode(db) == SQLITE_ERROR)
        return err_set(e, ERR_STORE_DAMAGED, "%s: this is not a store of tau",
                       sqlite3_db_filename(db, "main"));
    if (!st || !sql_row(st, &ok, e))
        return false;
    *ret_version = sqlite3_column_int64(st, 0);
    *ret_same = str_is(sql_str(st, 1), shape);
    return true;
}

static bool migrate(sqlite3 *db, const char *projections, const char *shape, int64_t *ret_version,
                    struct err *e)
{
    bool empty, same = false;
    int64_t version = STORE_VERSION;
    if (!is_empty(db, &empty, e))
        return false;
    if (empty) {
        *ret_version = version;
        return make_all(db, projections, shape, e);
    }
    if (!look(db, shape, &version, &same, e))
        return false;
    *ret_version = MAX(version, STORE_VERSION);
    if (version > STORE_VERSION)
        return true;
    return (same || make_anew(db, projections, shape, e)) &&
           (version == STORE_VERSION || put_meta(db, "version", NULL, STORE_VERSION, e));
}

bool schema_current(sqlite3 *db, bool *ret_current, struct err *e)
{
    struct buf projections = BUF_OWN;
    char shape[DIGEST_HEX];
    int64_t version = 0, folded = 0;
    bool same = false;
    make_projections(&projections);
    digest_hex(buf_view(&projections), shape);
    buf_free(&projections);
    bool ok = look(db, shape, &version, &same, e) &&
              sql_i64(db,
                      "SELECT value >= (" STORE_NEWEST ") FROM meta WHERE key = 'folded_seq'",
                      &folded, e);
    *ret_current = version > STORE_VERSION || (same && folded);
    return ok;
}

bool schema_make(sqlite3 *db, int64_t *ret_version, struct err *e)
{
    struct buf projections = BUF_OWN;
    char shape[DIGEST_HEX];
    bool empty, same = false;
    make_projections(&projections);
    digest_hex(buf_view(&projections), shape);
    /* The usual case writes nothing. */
    bool ok = is_empty(db, &empty, e) && (empty || look(db, shape, ret_version, &same, e));
    if (ok && (empty || *ret_version < STORE_VERSION || (!same && *ret_version == STORE_VERSION))) {
        ok = sql_exec(db, "BEGIN IMMEDIATE", e);
        ok = ok && migrate(db, buf_cstr(&projections), shape, ret_version, e);
        ok = ok && sql_exec(db, "COMMIT", e);
        struct err ignored = ERR_INIT; /* the first failure is the one to tell */
        if (!sqlite3_get_autocommit(db) && !sql_exec(db, "ROLLBACK", &ignored))
            ok = false;
    }
    buf_free(&projections);
    return ok;
}

/* ---- statements ---- */

void schema_put(struct buf *out, const char *prefix, enum rec_kind kind)
{
    const struct field_set *set = &rec_table[kind].set;
    int n = 1;
    buf_printf(out, "INSERT INTO \"%s%s\"(live", prefix, rec_table[kind].section);
    for (const struct field *f = NULL; (f = next_column(set, f)); n++)
        buf_printf(out, ", \"%s\"", f->name);
    buf_puts(out, ") VALUES(?1");
    for (int i = 2; i <= n; i++)
        buf_printf(out, ", ?%d", i);
    buf_printf(out, ") ON CONFLICT(\"%s\") DO UPDATE SET live = excluded.live",
               set->fields[0].name);
    for (const struct field *f = set->fields; (f = next_column(set, f));)
        buf_printf(out, ", \"%s\" = excluded.\"%s\"", f->name, f->name);
}

void schema_change(struct buf *out, const char *prefix, enum rec_kind kind)
{
    const struct field_set *set = &rec_table[kind].set;
    struct buf where = BUF_OWN;
    int n = 2;
    const char *comma = "";
    buf_puts(&where, " WHERE live = ?1");
    buf_printf(out, "UPDATE \"%s%s\" SET ", prefix, rec_table[kind].section);
    for (const struct field *f = NULL; (f = next_column(set, f)); n++) {
        if (is_indexed(kind, f)) {
            buf_printf(&where, " AND \"%s\" %s ?%d", f->name, f == set->fields ? "=" : "IS", n);
            continue;
        }
        buf_printf(out, "%s\"%s\" = ?%d", comma, f->name, n);
        comma = ", ";
    }
    buf_str(out, buf_view(&where));
    buf_free(&where);
}

void schema_select(struct buf *out, const char *prefix, enum rec_kind kind)
{
    const struct field_set *set = &rec_table[kind].set;
    for (size_t i = 0; i < set->n; i++) {
        buf_puts(out, i ? ", " : "SELECT ");
        if (schema_is_column(&set->fields[i]))
            buf_printf(out, "t.\"%s\"", set->fields[i].name);
        else
            content_body(out, kind, &set->fields[i]);
    }
    buf_printf(out, " FROM \"%s%s\" AS t", prefix, rec_table[kind].section);
}

/* The newest ended ones, by an index that holds them in order: what lies before is not touched. Of all
 * sessions together only the newest rows are looked at, since what one of them gave up (a head that
 * moved) may be as long as it likes. */
static void newest_ended(struct buf *out, const char *prefix, enum rec_kind kind, bool by_session)
{
    const char *t = rec_table[kind].section;
    int by = order_of(kind);
    buf_puts(out, "SELECT ord FROM ");
    if (by_session || by < 0)
        buf_printf(out, "\"%s%s\" AS x", prefix, t);
    else
        buf_printf(out,
                   "(SELECT ord, live, \"session\", \"%s\" FROM \"%s%s\" WHERE live = 0"
                   " ORDER BY ord DESC LIMIT ?1 * %d) AS x",
                   ordered[by].column, prefix, t, LOOKED_AT);
    if (by_session && by >= 0)
        buf_printf(out, " INDEXED BY \"%s_of\"", t);
    buf_puts(out, " WHERE live = 0");
    if (by_session)
        buf_puts(out, " AND \"session\" = ?2");
    if (by >= 0)
        buf_printf(
            out, " AND \"%s\" > ifnull((SELECT s.\"%s\" FROM \"%s%s\" AS s WHERE s.\"id\" = %s), 0)",
            ordered[by].column, ordered[by].base, prefix, rec_table[REC_SESSION].section,
            by_session ? "?2" : "x.\"session\"");
    buf_printf(out, " ORDER BY \"%s\" DESC LIMIT ?1",
               by_session && by >= 0 ? ordered[by].column : "ord");
}

void schema_held(struct buf *out, const char *prefix, enum rec_kind kind, bool by_session)
{
    buf_printf(out, "SELECT ord, 1 FROM \"%s%s\" WHERE live = 1%s UNION ALL SELECT ord, 0 FROM (",
               prefix, rec_table[kind].section, by_session ? " AND \"session\" = ?2" : "");
    newest_ended(out, prefix, kind, by_session);
    buf_puts(out, ") ORDER BY 1 DESC");
}

void schema_clear(struct buf *out)
{
    buf_puts(out, "DELETE FROM tally;");
    for (int k = 0; k < REC_COUNT; k++)
        buf_printf(out, "DELETE FROM \"%s\";", rec_table[k].section);
    search_fill(out);
    recall_fill(out);
}
