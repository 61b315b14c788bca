/* SPDX-License-Identifier: MIT
 *
 * salvage: reading around damage, and a fresh database of what was read.
 *
 * An event that is lost is lost for what was made of it, too: without the beginning of a turn the fold
 * can do nothing with what followed. But the projections lie on other pages, and hold what those
 * events made. So when events are lost, records are taken from there, and the log counts as whole from
 * its end on, and begins with a copy of the projections at that place.
 */
#include "store/salvage.h"

#include "base/clock.h"
#include "base/fs.h"
#include "store/handle.h"
#include "store/lock.h"
#include "store/pages.h"
#include "store/place.h"
#include "store/prune.h"
#include "store/recall.h"
#include "store/schema.h"
#include "store/search.h"
#include "store/swap.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    PROBES = 4096,      /* in a range that could not be read */
    AT_ONCE = 1000,     /* rows in one transaction */
    COLUMNS_MAX = 64,
};

/* ---- walking around damage ---- */

struct walk {
    sqlite3_stmt *st; /* rows ?1 <= number < ?2 in order; the number is column 0 */
    /* Takes a row; false: it is no good, which counts as damage. */
    bool (*take)(void *arg, sqlite3_stmt *st);
    void (*bad)(void *arg, int64_t from, int64_t to); /* could not be read; to is not in it */
    void *arg;
    const struct err *stop; /* it ends when this is set: what was read has no place */
};

/* Rows from `from` on: *ret_next is behind the last that was read. False when damage ended it. */
static bool read_on(struct walk *w, int64_t from, int64_t to, int64_t *ret_next)
{
    int rc;
    *ret_next = from;
    (void)sqlite3_reset(w->st); /* repeats what ended the last walk */
    sql_bind_i64(w->st, 1, from);
    sql_bind_i64(w->st, 2, to);
    while ((rc = sqlite3_step(w->st)) == SQLITE_ROW) {
        int64_t n = sqlite3_column_int64(w->st, 0);
        if (n < *ret_next || n >= to || !w->take(w->arg, w->st))
            break; /* numbers do not rise, or the row is no row */
        *ret_next = n + 1;
    }
    (void)sqlite3_reset(w->st);
    return rc == SQLITE_DONE;
}

/* Can something be read there? Or is there nothing, and that is known? */
static bool is_sound(struct walk *w, int64_t from, int64_t to)
{
    (void)sqlite3_reset(w->st);
    sql_bind_i64(w->st, 1, from);
    sql_bind_i64(w->st, 2, to);
    int rc = sqlite3_step(w->st);
    int64_t n = rc == SQLITE_ROW ? sqlite3_column_int64(w->st, 0) : from;
    (void)sqlite3_reset(w->st);
    return (rc == SQLITE_ROW && n >= from && n < to) || rc == SQLITE_DONE;
}

/* The first place behind `from` where reading goes on: in steps that double, and then between the last
 * two. `to` when there is none. */
static int64_t behind(struct walk *w, int64_t from, int64_t to)
{
    int64_t step = 1, bad = from, good;
    for (;; step *= 2) {
        if (step > to - from)
            return to;
        good = from + step;
        if (is_sound(w, good, to))
            break;
        bad = good;
        if (step > INT64_MAX / 4)
            return to;
    }
    while (good - bad > 1) {
        int64_t middle = bad + (good - bad) / 2;
        if (is_sound(w, middle, to))
            good = middle;
        else
            bad = middle;
    }
    return good;
}

/* What steps jumped over: whole pages may lie between damaged ones. known < 0: nobody knows how much. */
static void between(struct walk *w, int64_t from, int64_t to, int64_t known)
{
    int64_t end = MIN(to, known < 0 ? from + PROBES : known + 1), step = MAX((end - from) / PROBES, 1), bad = from;
    for (int64_t at = from + 1; at < end && w->stop->code == ERR_NONE; at += step) {
        int64_t next;
        if (!is_sound(w, at, to))
            continue;
        (void)read_on(w, at, to, &next);
        if (next == at)
            continue; /* only the gap before what comes behind */
        w->bad(w->arg, bad, at);
        bad = next;
        at = MAX(at, next - step);
    }
    if (bad < to)
        w->bad(w->arg, bad, to);
}

/* All that can be read of 1 .. INT64_MAX - 1. known: the newest number there is, as far as is known, or -1.
 */
static void walk(struct walk *w, int64_t known)
{
    int64_t at = 1, next;
    while (!read_on(w, at, INT64_MAX, &next) && w->stop->code == ERR_NONE) {
        int64_t on = behind(w, next, INT64_MAX);
        between(w, next, on, known);
        if (on == INT64_MAX)
            return;
        at = on;
    }
}

/* ---- events ---- */

struct reading {
    struct salvage *s;
    sqlite3 *db;         /* the damaged one */
    sqlite3 *to;         /* the fresh one; to look, one in memory with the numbers only */
    sqlite3_stmt *put;
    int64_t before;      /* the last that was read */
    int64_t in_txn;
    bool sure; /* that the newest number is known, which is s->last */
    VEC(struct salvage_range) bad;
    struct err err; /* of the fresh one */
};

static void note_lost(struct salvage *s, int64_t from, int64_t to, bool kept)
{
    struct salvage_range r = {from, to, kept};
    if (from <= to)
        VEC_PUSH(&s->lost, r);
}

static bool loses(const struct salvage *s)
{
    return s->lost.n > 0 || s->edge;
}

static bool turn_over(struct reading *r)
{
    if (++r->in_txn % AT_ONCE != 0)
        return true;
    return sql_exec(r->to, "COMMIT; BEGIN", &r->err);
}

static void copy_row(sqlite3_stmt *from, sqlite3_stmt *to)
{
    for (int i = 0; i < MIN(sqlite3_column_count(from), sqlite3_bind_parameter_count(to)); i++)
        if (sqlite3_bind_value(to, i + 1, sqlite3_column_value(from, i)) != SQLITE_OK)
            TAU_ASSERT(!"a column that can not be bound");
}

/* Columns as STORE_EVENT_COLUMNS, then part. */
static bool take_event(void *arg, sqlite3_stmt *st)
{
    struct reading *r = arg;
    struct err e = ERR_INIT;
    struct event *ev = store_event_of(st, &e);
    if (!ev)
        return false;
    event_unref(ev);
    int64_t seq = sqlite3_column_int64(st, 0);
    if (r->sure && seq > r->s->last + SALVAGE_EDGE)
        return false; /* a number that turned */
    copy_row(st, r->put);
    if (!sql_run(r->put, &r->err) || !turn_over(r))
        return false;
    r->s->events += sqlite3_changes(r->to) > 0; /* a number may stand on two pages */
    r->before = MAX(r->before, seq);
    return true;
}

static void bad_events(void *arg, int64_t from, int64_t to)
{
    struct reading *r = arg;
    struct salvage_range range = {from, to - 1, false};
    VEC_PUSH(&r->bad, range);
    r->s->edge |= to == INT64_MAX;
}

/* The greatest that can be had of several places, since any of them may be damaged. *ret_sure: the indexes
 * of the log, which name nearly all of it, are not. */
static int64_t newest_known(sqlite3 *db, bool *ret_sure)
{
    enum { FIRST_INDEX = 1, LAST_INDEX = 2 };
    static const char *const places[] = {
        "SELECT max(seq) FROM event",
        "SELECT max(seq) FROM event INDEXED BY event_session WHERE session IS NOT NULL",
        "SELECT max(seq) FROM event INDEXED BY event_turn WHERE turn IS NOT NULL",
        "SELECT max(seq) FROM messages",
        "SELECT max(seq) FROM memory",
        "SELECT max(CAST(id AS INTEGER)) FROM errors",
        "SELECT value FROM meta WHERE key = 'base_seq'",
        "SELECT value - 1 FROM meta WHERE key = 'first_seq'",
    };
    int64_t newest = 0;
    *ret_sure = true;
    for (size_t i = 0; i < ARRAY_LEN(places); i++) {
        struct err ignored = ERR_INIT;
        int64_t n = 0;
        if (sql_i64(db, places[i], &n, &ignored))
            newest = MAX(newest, n);
        else if (i >= FIRST_INDEX && i <= LAST_INDEX)
            *ret_sure = false;
    }
    return newest;
}

/* From first_seq on every number that was not read is lost; before it, where nothing could be read. */
static bool find_lost(struct reading *r, sqlite3 *have, struct err *e)
{
    struct salvage *s = r->s;
    for (size_t i = 0; i < r->bad.n; i++)
        note_lost(s, r->bad.v[i].from, MIN(r->bad.v[i].to, s->first - 1), true);
    CLEANUP(sql_done_p)
    sqlite3_stmt *st = sql_prepare(have, "SELECT seq FROM event WHERE seq >= ?1 ORDER BY seq", e);
    bool ok = st != NULL;
    if (!ok)
        return false;
    int64_t next = s->first;
    sql_bind_i64(st, 1, s->first);
    while (sql_row(st, &ok, e)) {
        int64_t seq = sqlite3_column_int64(st, 0);
        note_lost(s, next, seq - 1, false);
        next = seq + 1;
    }
    note_lost(s, next, s->last, false);
    return ok;
}

/* By their numbers. Without the tables' table there is no way to them. */
static void read_by_number(struct reading *r)
{
    struct salvage *s = r->s;
    struct err damaged = ERR_INIT;
    int64_t known = newest_known(r->db, &r->sure);
    CLEANUP(sql_done_p)
    sqlite3_stmt *st = sql_prepare(r->db,
                                   "SELECT " STORE_EVENT_COLUMNS ", part FROM event NOT INDEXED"
                                   " WHERE seq >= ?1 AND seq < ?2 ORDER BY seq",
                                   &damaged);
    if (!sql_i64(r->db, "SELECT value FROM meta WHERE key = 'first_seq'", &s->first, &damaged))
        s->first = 1;
    s->first = MAX(s->first, 1);
    s->last = s->seen = known;
    s->edge = !st;
    if (!st)
        return;
    struct walk w = {st, take_event, bad_events, r, &r->err};
    walk(&w, known);
    s->last = MAX(known, r->before);
}

static bool is_bad(const struct reading *r, int64_t seq)
{
    for (size_t i = 0; i < r->bad.n; i++)
        if (r->bad.v[i].from <= seq && seq <= r->bad.v[i].to)
            return true;
    return false;
}

/* Page by page: a row of the table event, as it is stored. */
static bool take_page_row(void *arg, const struct page_row *row)
{
    enum { TS = 1, PROC, SESSION, TURN, TASK, MISSION, RUN, KIND, PART, JSON, COLUMNS };
    static const int to[COLUMNS] = {0, 2, 3, 4, 5, 6, 7, 8, 9, 11, 10}; /* parameters */
    struct reading *r = arg;
    struct err e = ERR_INIT;
    if (row->n != COLUMNS || row->v[0].type != PAGE_NULL || row->v[TS].type != PAGE_INT ||
        row->v[PROC].type != PAGE_TEXT || row->v[KIND].type != PAGE_TEXT ||
        row->v[JSON].type != PAGE_TEXT || row->rowid < 1 || row->rowid > INT64_MAX / 2)
        return true;
    struct event_ids none = {0};
    struct event *ev = event_from(row->rowid, row->v[TS].i, row->v[KIND].s, &none, row->v[JSON].s, &e);
    if (!ev)
        return true;
    event_unref(ev);
    if (r->sure && row->rowid > r->s->last + SALVAGE_EDGE)
        return true;
    /* Before first_seq it may be one that was pruned, in a page that was given up. */
    if (row->rowid < r->s->first && !is_bad(r, row->rowid))
        return true;
    (void)sqlite3_clear_bindings(r->put);
    sql_bind_i64(r->put, 1, row->rowid);
    for (int i = TS; i < COLUMNS && to[i] <= sqlite3_bind_parameter_count(r->put); i++)
        if (row->v[i].type == PAGE_INT)
            sql_bind_i64(r->put, to[i], row->v[i].i);
        else if (row->v[i].type == PAGE_TEXT)
            sql_bind_str(r->put, to[i], row->v[i].s);
    if (!sql_run(r->put, &r->err))
        return false;
    if (sqlite3_changes(r->to) > 0) {
        r->s->events++;
        r->before = MAX(r->before, row->rowid);
        return turn_over(r);
    }
    return true;
}

static bool read_by_page(struct reading *r, struct err *e)
{
    CLEANUP(mem_free_p) char *path = fs_join(r->s->from, "tau.db");
    CLEANUP(fd_close_p) int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_sys(e, ERR_STORE, errno, "%s", path);
    if (!pages_each(fd, take_page_row, r, e))
        return false;
    /* Texts are borrowed from pages that are gone. */
    (void)sqlite3_clear_bindings(r->put);
    r->s->last = MAX(r->s->last, r->before);
    if (r->sure && r->before == r->s->last)
        r->s->edge = false;
    return true;
}

/* What no tree leads to any more may still be there. */
static bool read_events(struct reading *r, struct err *e)
{
    struct salvage *s = r->s;
    read_by_number(r);
    if (r->err.code == ERR_NONE && !find_lost(r, r->to, e))
        return false;
    if (r->err.code == ERR_NONE && (s->lost.n > 0 || s->edge || s->events == 0)) {
        s->lost.n = 0;
        if (!read_by_page(r, e) || !find_lost(r, r->to, e))
            return false;
    }
    if (r->err.code != ERR_NONE) {
        *e = r->err;
        return false;
    }
    return s->events > 0 ||
           (err_set(e, ERR_STORE_DAMAGED, "%s/tau.db: no event of it can be read", s->from) ||
            err_hint(e, "nothing was changed; an older copy may be in backup/"));
}

/* ---- opening ---- */

static sqlite3 *open_damaged(const char *dir, struct err *e)
{
    CLEANUP(mem_free_p) char *path = fs_join(dir, "tau.db");
    sqlite3 *db = sql_open(path, NULL, true, e);
    if (db && !sql_exec(db, "PRAGMA cell_size_check = 1", e)) {
        sql_close(db);
        return NULL;
    }
    return db;
}

/* The WAL of the damaged one must never meet the fresh one. It goes into the file, or else beside the
 * backup. */
static bool fold_damaged(const struct salvage *s, struct err *e)
{
    CLEANUP(mem_free_p) char *path = fs_join(s->from, "tau.db");
    struct err ignored = ERR_INIT;
    sqlite3 *db = sql_open(path, NULL, false, e);
    if (!db)
        return false;
    (void)!sql_exec(db, "PRAGMA wal_checkpoint(TRUNCATE)", &ignored);
    sql_close(db);
    return true;
}

static void begin(struct salvage *s, const char *dir)
{
    *s = (struct salvage){.from = mem_strdup(dir)};
}

static bool look_into(struct reading *r, struct err *e)
{
    r->to = sql_open(":memory:", NULL, false, e);
    return r->to &&
           sql_exec(r->to, "CREATE TABLE event(seq INTEGER PRIMARY KEY); BEGIN", e) &&
           (r->put = sql_prepare(r->to, "INSERT OR IGNORE INTO event VALUES(?1)", e));
}

static void close_reading(struct reading *r)
{
    sql_done_p(&r->put);
    sql_close(r->to);
    sql_close(r->db);
    free(r->bad.v);
}

bool salvage_look(struct salvage *s, const char *dir, struct err *e)
{
    struct reading r = {.s = s, .err = ERR_INIT};
    begin(s, dir);
    r.db = open_damaged(dir, e);
    bool ok = r.db && look_into(&r, e) && read_events(&r, e);
    close_reading(&r);
    return ok;
}

/* ---- the fresh one ---- */

static bool make_fresh(struct reading *r, struct err *e)
{
    CLEANUP(mem_free_p) char *path = fs_join(r->s->to, "tau.db");
    if (!fs_remove_tree(r->s->to, e) || !fs_mkdirs(r->s->to, 0700, e) ||
        !place_make(path, r->s->to, e))
        return false;
    r->to = sql_open(path, NULL, false, e);
    return r->to &&
           sql_exec(r->to, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN", e) &&
           (r->put = sql_prepare(r->to,
                                 "INSERT OR IGNORE INTO event(seq, ts_ms, proc, session, turn, task,"
                                 " mission, run, kind, json, part)"
                                 " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
                                 e));
}

struct rows {
    sqlite3_stmt *put;
    int64_t n, bad;
};

/* A row that the fresh table does not take is no good. */
static bool take_row(void *arg, sqlite3_stmt *st)
{
    struct rows *r = arg;
    copy_row(st, r->put);
    int rc = sqlite3_step(r->put);
    r->n += rc == SQLITE_DONE;
    return sqlite3_reset(r->put) == SQLITE_OK;
}

static void bad_rows(void *arg, int64_t from, int64_t to)
{
    (void)from, (void)to;
    ((struct rows *)arg)->bad++;
}

/* The columns that both have, ord first; false when the damaged one has no such table. */
static bool shared(sqlite3 *from, sqlite3 *to, const char *table, struct buf *out, int *ret_n)
{
    struct err ignored = ERR_INIT;
    CLEANUP(sql_done_p)
    sqlite3_stmt *a = sql_prepare(from, "SELECT name FROM pragma_table_info(?1) ORDER BY name <> 'ord', cid",
                                  &ignored);
    CLEANUP(sql_done_p)
    sqlite3_stmt *b = sql_prepare(to, "SELECT 1 FROM pragma_table_info(?1) WHERE name = ?2", &ignored);
    bool ok = a && b;
    if (!ok)
        return false;
    sql_bind_cstr(a, 1, table);
    *ret_n = 0;
    while (*ret_n < COLUMNS_MAX && sql_row(a, &ok, &ignored)) {
        (void)sqlite3_reset(b);
        sql_bind_cstr(b, 1, table);
        sql_bind_cstr(b, 2, sql_cstr(a, 0));
        if (sql_row(b, &ok, &ignored))
            buf_printf(out, "%s\"%s\"", (*ret_n)++ ? ", " : "", sql_cstr(a, 0));
    }
    return ok && *ret_n > 1;
}

/* Rows of a table of records into the same table of the fresh one. *ret_bad: not all could be read. */
static bool copy_table(struct reading *r, const char *table, int64_t *ret_n, bool *ret_bad, struct err *e)
{
    CLEANUP(buf_free) struct buf columns = BUF_OWN;
    CLEANUP(buf_free) struct buf get = BUF_OWN;
    CLEANUP(buf_free) struct buf put = BUF_OWN;
    struct err damaged = ERR_INIT;
    int n = 0;
    if (!shared(r->db, r->to, table, &columns, &n)) {
        *ret_bad = true;
        return true;
    }
    buf_printf(&get, "SELECT %s FROM \"%s\" NOT INDEXED WHERE ord >= ?1 AND ord < ?2 ORDER BY ord",
               buf_cstr(&columns), table);
    buf_printf(&put, "INSERT OR IGNORE INTO \"%s\"(%s) VALUES(?1", table, buf_cstr(&columns));
    for (int i = 2; i <= n; i++)
        buf_printf(&put, ", ?%d", i);
    buf_putc(&put, ')');
    CLEANUP(sql_done_p) sqlite3_stmt *from = sql_prepare(r->db, buf_cstr(&get), &damaged);
    CLEANUP(sql_done_p) sqlite3_stmt *to = sql_prepare(r->to, buf_cstr(&put), e);
    if (!to)
        return false;
    struct rows rows = {.put = to};
    const struct err never = ERR_INIT;
    struct walk w = {from, take_row, bad_rows, &rows, &never};
    int64_t newest = 0;
    CLEANUP(mem_free_p) char *most = mem_printf("SELECT max(ord) FROM \"%s\"", table);
    if (!from || !sql_i64(r->db, most, &newest, &damaged))
        newest = -1;
    if (from)
        walk(&w, newest);
    *ret_n += rows.n;
    *ret_bad |= !from || rows.bad > 0;
    return true;
}

/* Both kinds of tables of records, or one. */
static bool copy_records(struct reading *r, const char *prefix, int64_t *ret_n, bool *ret_bad,
                         struct err *e)
{
    bool ok = true;
    for (int k = 0; ok && k < REC_COUNT; k++) {
        CLEANUP(mem_free_p) char *table = mem_printf("%s%s", prefix, rec_table[k].section);
        ok = copy_table(r, table, ret_n, ret_bad, e);
    }
    return ok;
}

static bool put_number(sqlite3 *db, const char *key, int64_t n, struct err *e)
{
    CLEANUP(sql_done_p)
    sqlite3_stmt *st = sql_prepare(db, "INSERT OR REPLACE INTO meta VALUES(?1, ?2)", e);
    if (!st)
        return false;
    sql_bind_cstr(st, 1, key);
    sql_bind_i64(st, 2, n);
    return sql_run(st, e);
}

/* Numbers name the same events as before, so the store keeps its name. */
static bool copy_name(struct reading *r, struct err *e)
{
    struct err damaged = ERR_INIT;
    bool ok = true;
    CLEANUP(sql_done_p)
    sqlite3_stmt *name =
        sql_prepare(r->db, "SELECT value FROM meta WHERE key = 'name'", &damaged);
    CLEANUP(sql_done_p)
    sqlite3_stmt *put = sql_prepare(r->to, "UPDATE meta SET value = ?1 WHERE key = 'name'", e);
    if (!put)
        return false;
    if (!name || !sql_row(name, &ok, &damaged))
        return true;
    sql_bind_cstr(put, 1, sql_cstr(name, 0));
    return sql_run(put, e);
}

/* The copy of an earlier salvage is where the fold begins; one that has holes counts as lost events. */
static bool copy_base(struct reading *r, struct err *e)
{
    struct salvage *s = r->s;
    struct err damaged = ERR_INIT;
    CLEANUP(buf_free) struct buf sql = BUF_OWN;
    int64_t base = 0, n = 0;
    bool bad = false;
    schema_make_base(&sql);
    if (!sql_exec(r->to, buf_cstr(&sql), e))
        return false;
    if (!sql_i64(r->db, "SELECT value FROM meta WHERE key = 'base_seq'", &base, &damaged))
        bad = s->first > 1; /* was there one? */
    if (base > 0 && !copy_records(r, SCHEMA_BASE, &n, &bad, e))
        return false;
    if (bad)
        note_lost(s, 1, s->first - 1, true);
    s->based = base > 0;
    return put_number(r->to, "base_seq", base, e) &&
           put_number(r->to, "first_seq", s->first, e);
}

static bool fill(struct reading *r, struct err *e)
{
    bool ignored = false;
    return make_fresh(r, e) && read_events(r, e) && copy_base(r, e) &&
           copy_name(r, e) &&
           (!loses(r->s) || copy_records(r, "", &r->s->records, &ignored, e)) &&
           put_number(r->to, "folded_seq", STORE_FOLDED_ALL, e) && sql_exec(r->to, "COMMIT", e);
}

static bool lock_store(struct salvage *s, struct err *e)
{
    CLEANUP(mem_free_p) char *lock = store_repair_lock(s->from);
    s->lock_fd = lock_take(lock, e);
    if (s->lock_fd >= 0) {
        s->to = fs_join(s->from, "salvage");
        return true;
    }
    return e->code == ERR_LEASED &&
           (err_set(e, ERR_LEASED, "%s: the store is being repaired already", s->from) ||
            err_hint(e, "wait for its end"));
}

/* What was not put into place goes while it is still ours. */
static void unlock_store(struct salvage *s)
{
    struct err ignored = ERR_INIT;
    if (!s->to)
        return;
    (void)!fs_remove_tree(s->to, &ignored); /* what stays is in nobody's way */
    free(TAKE(s->to));
    fd_close_p(&s->lock_fd);
}

bool salvage_read(struct salvage *s, const char *dir, struct err *e)
{
    struct reading r = {.s = s, .err = ERR_INIT};
    begin(s, dir);
    if (!lock_store(s, e) || !store_alone(dir, "", e) || !fold_damaged(s, e))
        return false;
    r.db = open_damaged(dir, e);
    bool ok = r.db && fill(&r, e);
    close_reading(&r);
    return ok;
}

/* ---- projections ---- */

/* The columns but ord. */
static void columns_of(struct buf *out, enum rec_kind kind)
{
    const struct field_set *set = &rec_table[kind].set;
    buf_puts(out, "live");
    for (size_t i = 0; i < set->n; i++)
        if (schema_is_column(&set->fields[i]))
            buf_printf(out, ", \"%s\"", set->fields[i].name);
}

/* What the damaged one still had is there; the rest comes from the fold, which is the copy. Then the copy
 * is what is there, at the end of the log; a log that is whole needs none. */
static void settle_sql(const struct salvage *s, struct buf *out)
{
    bool copy = loses(s) || s->based;
    int64_t next = s->last + 1 + (s->edge ? SALVAGE_EDGE : 0);
    buf_puts(out, "BEGIN IMMEDIATE;");
    for (int k = 0; k < REC_COUNT; k++) {
        const char *t = rec_table[k].section;
        CLEANUP(buf_free) struct buf columns = BUF_OWN;
        columns_of(&columns, (enum rec_kind)k);
        buf_printf(out,
                   "INSERT OR IGNORE INTO \"%s\"(%s) SELECT %s FROM \"" SCHEMA_BASE "%s\" ORDER BY ord;", t,
                   buf_cstr(&columns), buf_cstr(&columns), t);
        if (copy)
            buf_printf(out,
                       "DELETE FROM \"" SCHEMA_BASE "%s\"; INSERT INTO \"" SCHEMA_BASE "%s\"(ord, %s)"
                       " SELECT ord, %s FROM \"%s\" ORDER BY ord;",
                       t, t, buf_cstr(&columns), buf_cstr(&columns), t);
        else
            buf_printf(out, "DROP TABLE \"" SCHEMA_BASE "%s\";", t);
    }
    if (!copy)
        buf_puts(out, "DELETE FROM meta WHERE key = 'base_seq';");
    if (loses(s))
        buf_printf(out, "UPDATE meta SET value = %lld WHERE key = 'first_seq';"
                        " UPDATE meta SET value = %lld WHERE key = 'base_seq';",
                   (long long)next, (long long)next - 1);
    search_fill(out);
    recall_fill(out);
    buf_puts(out, "COMMIT;");
}

bool salvage_settle(struct salvage *s, struct err *e)
{
    CLEANUP(mem_free_p) char *path = fs_join(s->to, "tau.db");
    CLEANUP(buf_free) struct buf sql = BUF_OWN;
    sqlite3 *db = sql_open(path, NULL, false, e);
    if (!db)
        return false;
    settle_sql(s, &sql);
    /* One file, all of it on the disk, before it takes the place of another. */
    bool ok = sql_exec(db, "PRAGMA synchronous = FULL", e) && sql_exec(db, buf_cstr(&sql), e) &&
              sql_exec(db, "PRAGMA wal_checkpoint(TRUNCATE)", e);
    sql_fold_at_close(db);
    sql_close(db);
    return ok;
}

/* ---- into place ---- */

/* Whoever has no lock of ours, such as an older tau, may have written all the same. */
static bool is_as_read(const struct salvage *s, struct err *e)
{
    bool sure;
    sqlite3 *db = open_damaged(s->from, e);
    if (!db)
        return false;
    int64_t now = newest_known(db, &sure);
    sql_close(db);
    return now <= s->seen ||
           err_set(e, ERR_CONFLICT, "%s: another process wrote to the store meanwhile", s->from) ||
           err_hint(e, "nothing was changed; end it, then try again");
}

bool salvage_swap(struct salvage *s, char **ret_backup, struct err *e)
{
    CLEANUP(mem_free_p) char *fresh = fs_join(s->to, "tau.db");
    bool ok = store_alone(s->from, "", e) && fold_damaged(s, e) && is_as_read(s, e) &&
              swap_database(s->from, fresh, ret_backup, e);
    if (ok)
        unlock_store(s);
    return ok;
}

void salvage_done(struct salvage *s)
{
    unlock_store(s);
    free(s->from);
    free(s->lost.v);
}
