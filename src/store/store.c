/* SPDX-License-Identifier: MIT
 *
 * store: opening, transactions, the log.
 *
 * The writer commits with synchronous=NORMAL into a WAL that it neither syncs nor folds back: both
 * are done by store_sync on a connection of its own. A commit is then a handful of writes into the
 * page cache. The death of the process loses nothing of it; power loss cuts the WAL at some commit
 * after the last sync, because every frame's checksum continues the one before.
 */
#include "store/handle.h"

#include "base/clock.h"
#include "base/fs.h"
#include "base/id.h"
#include "base/log.h"
#include "base/mem.h"
#include "store/content.h"
#include "store/lock.h"
#include "store/place.h"
#include "store/query.h"
#include "store/schema.h"
#include "store/search.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

enum {
    RETRY_MS = 5,             /* between two tries to switch a database to WAL */
    CHECKPOINT_FRAMES = 1000, /* pages in the WAL from which on it is folded back: 4 MiB */
    FOLD_FRAMES = 256, /* the same at the end: less is read back in no time, and no sync keeps
                          anybody waiting */
};
#define WAL_KEEP_BYTES "16777216" /* a WAL that grew past this is cut when it starts anew */

/* ---- opening ---- */

static int on_commit(void *arg, sqlite3 *db, const char *name, int frames)
{
    struct store *s = arg;
    (void)db, (void)name; /* one database, this one */
    atomic_store_explicit(&s->wal_frames, frames, memory_order_relaxed);
    return SQLITE_OK;
}

/* Switching to WAL wants the file alone and does not wait for that by itself. */
static bool set_wal(sqlite3 *db, struct err *e)
{
    int64_t deadline = clock_mono_ms() + SQL_BUSY_MS;
    for (;;) {
        if (sql_exec(db, "PRAGMA journal_mode = WAL", e))
            return true;
        if ((sqlite3_errcode(db) & 0xff) != SQLITE_BUSY || clock_mono_ms() >= deadline)
            return false;
        (void)poll(NULL, 0, RETRY_MS); /* nothing to wait for but time */
    }
}

static char *lock_path(const struct store *s, const char *proc)
{
    return mem_printf("%s/proc/%s.lock", s->dir, proc);
}

/* Asked when our own lock is taken: who mends takes theirs, and then looks for ours. */
static bool is_not_mended(const struct store *s, struct err *e)
{
    CLEANUP(mem_free_p) char *lock = store_repair_lock(s->dir);
    return lock_is_free(lock) || err_set(e, ERR_LEASED, "%s: the store is being repaired", s->dir) ||
           err_hint(e, "wait for its end");
}

/* Says that this handle is open, for as long as it is. */
static bool take_place(struct store *s, struct err *e)
{
    CLEANUP(mem_free_p) char *procs = fs_join(s->dir, "proc");
    if (!fs_mkdirs(procs, 0700, e))
        return false;
    CLEANUP(mem_free_p) char *lock = lock_path(s, s->proc);
    s->lock_fd = lock_take(lock, e);
    return s->lock_fd >= 0 && is_not_mended(s, e);
}

static bool open_places(struct store *s, struct err *e)
{
    if (s->memory) {
        s->file = mem_printf("file:/tau-%s?vfs=memdb", id_make("memory").s);
        return true;
    }
    s->file = fs_join(s->dir, "tau.db");
    return take_place(s, e) && place_make(s->file, s->dir, e);
}

/* A WAL is made, grows and goes; the directory stays. Without a watch others are seen at the next
 * commit of our own. */
static void watch(struct store *s, bool unwatched)
{
    if (s->memory || unwatched)
        return;
    s->watch_fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (s->watch_fd >= 0 && inotify_add_watch(s->watch_fd, s->dir, IN_MODIFY) < 0)
        fd_close_p(&s->watch_fd);
}

static bool read_name(struct store *s, struct err *e)
{
    CLEANUP(sql_done_p)
    sqlite3_stmt *st = sql_prepare(s->db, "SELECT value FROM meta WHERE key = 'name'", e);
    bool ok = st != NULL;
    if (!ok || !sql_row(st, &ok, e))
        return ok && err_set(e, ERR_STORE_DAMAGED, "%s: the store has no name", s->file);
    s->name = mem_strdup(sql_cstr(st, 0));
    return true;
}

static bool prepare_statements(struct store *s, struct err *e)
{
    CLEANUP(buf_free) struct buf said = BUF_OWN;
    search_add(&said);
    const struct {
        sqlite3_stmt **st;
        const char *sql;
    } rows[] = {
        {&s->begin, "BEGIN IMMEDIATE"},
        {&s->read, "BEGIN"},
        {&s->version, "PRAGMA data_version"},
        {&s->commit, "COMMIT"},
        {&s->rollback, "ROLLBACK"},
        {&s->newest, STORE_NEWEST},
        {&s->append, "INSERT INTO event(seq, ts_ms, proc, session, turn, task, mission, run, kind,"
                     " part, json) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)"},
        {&s->said, buf_cstr(&said)},
        {&s->set_folded, "UPDATE meta SET value = ?1 WHERE key = 'folded_seq' AND value < ?1"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (!(*rows[i].st = sql_prepare(s->db, rows[i].sql, e)))
            return false;
    return true;
}

/* Nothing of an older store is changed before there is a copy of it. One that is new has no tables. */
static bool copy_older(struct store *s, struct err *e)
{
    int64_t version = 0, tables = 0;
    if (s->memory || !sql_i64(s->db, "SELECT count(*) FROM sqlite_schema WHERE name = 'meta'", &tables, e))
        return s->memory;
    if (!tables)
        return true;
    if (!sql_i64(s->db, "SELECT value FROM meta WHERE key = 'version'", &version, e))
        return false;
    if (version >= STORE_VERSION)
        return true;
    CLEANUP(mem_free_p) char *backup = store_backup(s, e);
    if (backup)
        log_info("%s is of an older tau (%lld) and is brought up to date; as it was: %s", s->file,
                 (long long)version, backup);
    return backup != NULL;
}

static bool open_database(struct store *s, struct err *e)
{
    int64_t version = 0;
    s->db = sql_open(s->file, s->memory ? NULL : s->vfs, false, e);
    if (!s->db || (!s->memory && !set_wal(s->db, e)))
        return false;
    if (!sql_exec(s->db,
                  "PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 0;"
                  " PRAGMA journal_size_limit = " WAL_KEEP_BYTES,
                  e) ||
        !copy_older(s, e) || !schema_make(s->db, &version, e) || !read_name(s, e))
        return false;
    s->read_only = version > STORE_VERSION;
    if (s->read_only && !sql_exec(s->db, "PRAGMA query_only = 1", e))
        return false;
    sqlite3_wal_hook(s->db, on_commit, s);
    return prepare_statements(s, e);
}

bool store_open(struct store **ret_store, const struct store_options *options, struct err *e)
{
    struct store *s = NEW(struct store);
    s->dir = mem_strdup(options->dir);
    s->proc = mem_strdup(options->proc);
    s->vfs = mem_strdup(options->vfs);
    s->memory = options->memory;
    s->lock_fd = s->watch_fd = -1;
    s->folded = -1;
    s->prefix = "";
    bool ok = open_places(s, e);
    if (ok)
        watch(s, options->unwatched);
    if (!ok || !open_database(s, e)) {
        store_close(s);
        return false;
    }
    *ret_store = s;
    if (s->read_only)
        return err_set(e, ERR_STORE_NEWER,
                       "%s: a newer tau wrote this store; it is opened read-only", s->file);
    return true;
}

/* ---- a second handle ---- */

/* It appends nothing, and nobody follows it. */
static bool prepare_second(struct store *s, struct err *e)
{
    const struct {
        sqlite3_stmt **st;
        const char *sql;
    } rows[] = {
        {&s->begin, "BEGIN IMMEDIATE"}, {&s->read, "BEGIN"},          {&s->commit, "COMMIT"},
        {&s->rollback, "ROLLBACK"},     {&s->newest, STORE_NEWEST},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (!(*rows[i].st = sql_prepare(s->db, rows[i].sql, e)))
            return false;
    return true;
}

static bool make_base(struct store *s, struct err *e)
{
    CLEANUP(buf_free) struct buf sql = BUF_OWN;
    int64_t has = 0, last;
    if (!sql_i64(s->db, "SELECT count(*) FROM meta WHERE key = 'base_seq'", &has, e))
        return false;
    if (has)
        return true;
    schema_make_base(&sql);
    buf_puts(&sql, "INSERT INTO meta VALUES('base_seq', 0)");
    if (!store_begin(s, &last, e))
        return false;
    if (sql_exec(s->db, buf_cstr(&sql), e))
        return store_commit(s, e);
    store_rollback(s);
    return false;
}

static bool open_second(struct store *s, struct err *e)
{
    bool current = false;
    int64_t version;
    s->db = sql_open(s->file, s->vfs, s->read_only, e);
    if (!s->db || !schema_current(s->db, &current, e) ||
        !sql_i64(s->db, "SELECT value FROM meta WHERE key = 'version'", &version, e))
        return false;
    if (version > STORE_VERSION)
        return err_set(e, ERR_STORE_NEWER, "%s: a newer tau wrote this store", s->file);
    if (!current)
        return err_set(e, ERR_STORE, "%s: its projections are not up to date", s->file) ||
               err_hint(e, "open it once: tau session stats");
    if (!sql_exec(s->db,
                  "PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 0;"
                  " PRAGMA temp_store = MEMORY;"
                  " PRAGMA journal_size_limit = " WAL_KEEP_BYTES,
                  e) ||
        !prepare_second(s, e))
        return false;
    sqlite3_wal_hook(s->db, on_commit, s);
    return !s->prefix[0] || make_base(s, e);
}

bool store_open_second(struct store **ret_store, const char *dir, const char *vfs,
                       enum store_second how, struct err *e)
{
    struct store *s = NEW(struct store);
    s->dir = mem_strdup(dir);
    s->proc = how == STORE_PRUNE ? mem_strdup(id_make("prune").s) : mem_strdup("");
    s->vfs = mem_strdup(vfs);
    s->file = fs_join(dir, "tau.db");
    s->read_only = how == STORE_LOOK;
    s->lock_fd = s->watch_fd = -1;
    s->folded = -1;
    s->prefix = how == STORE_COPY ? SCHEMA_BASE : "";
    bool ok = how == STORE_PRUNE ? take_place(s, e) : how == STORE_COPY || is_not_mended(s, e);
    if (ok && open_second(s, e)) {
        *ret_store = s;
        return true;
    }
    store_close(s);
    return false;
}

bool store_copied(struct store *s, int64_t seq, struct err *e)
{
    CLEANUP(sql_done_p)
    sqlite3_stmt *st = sql_prepare(s->db, "UPDATE meta SET value = ?1 WHERE key = 'base_seq'", e);
    if (st) {
        sql_bind_i64(st, 1, seq);
        if (sql_run(st, e))
            return store_commit(s, e);
    }
    store_rollback(s);
    return false;
}

static void done_statements(struct store *s)
{
    sqlite3_stmt **all[] = {&s->read, &s->version, &s->begin,  &s->commit, &s->rollback,  &s->newest,
                            &s->append, &s->said,   &s->set_folded};
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        sql_done_p(all[i]);
    sql_done_p(&s->ended);
    sql_done_p(&s->words_in);
    sql_done_p(&s->words_out);
    for (int k = 0; k < REC_COUNT; k++) {
        sql_done_p(&s->put[k]);
        sql_done_p(&s->change[k]);
    }
}

void store_close(struct store *s)
{
    if (!s)
        return;
    if (s->txn)
        store_rollback(s);
    done_statements(s);
    sql_close(s->sync_db);
    if (atomic_load_explicit(&s->wal_frames, memory_order_relaxed) >= FOLD_FRAMES)
        sql_fold_at_close(s->db);
    sql_close(s->db);
    fd_close_p(&s->watch_fd);
    if (s->lock_fd >= 0) {
        CLEANUP(mem_free_p) char *lock = lock_path(s, s->proc);
        (void)unlink(lock); /* a file that stays is free, which says the same */
        fd_close_p(&s->lock_fd);
    }
    free(s->dir);
    free(s->proc);
    free(s->vfs);
    free(s->name);
    free(s->file);
    free(s);
}

/* ---- what it is ---- */

const char *store_name(const struct store *s)
{
    return s->name;
}

const char *store_dir(const struct store *s)
{
    return s->dir;
}

const char *store_proc(const struct store *s)
{
    return s->proc;
}

const char *store_memory_name(const struct store *s)
{
    return s->memory ? s->file : NULL;
}

/* Ids are letters, digits, '_' and '-'; anything else did not name a process and no file. */
static bool is_id(const char *s)
{
    static const char chars[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
    return s[0] && s[strspn(s, chars)] == '\0';
}

bool store_proc_gone(struct store *s, const char *proc)
{
    if (strcmp(proc, s->proc) == 0)
        return false;
    if (s->memory || !is_id(proc))
        return true;
    CLEANUP(mem_free_p) char *lock = lock_path(s, proc);
    if (!lock_is_free(lock))
        return false;
    (void)unlink(lock); /* nobody gets this id again; a file that stays says the same */
    return true;
}

/* ---- transactions ---- */

bool store_may_write(struct store *s, struct err *e)
{
    TAU_ASSERT(s->txn);
    if (s->failure.code != ERR_NONE) {
        *e = s->failure;
        return false;
    }
    return true;
}

bool store_spoiled(struct store *s, const struct err *e)
{
    s->failure = *e;
    return false;
}

bool store_begin(struct store *s, int64_t *ret_last, struct err *e)
{
    bool ok = true;
    TAU_ASSERT(!s->txn);
    if (s->read_only)
        return err_set(e, ERR_STORE_NEWER, "%s: a newer tau wrote this store; it can only be read",
                       s->file);
    if (!sql_run(s->begin, e))
        return false;
    s->txn = true;
    s->failure = ERR_INIT;
    s->folded = -1;
    if (sql_row(s->newest, &ok, e))
        s->last = sqlite3_column_int64(s->newest, 0);
    (void)sqlite3_reset(s->newest); /* repeats the failure of the step */
    if (!ok) {
        store_rollback(s);
        return false;
    }
    *ret_last = s->last;
    return true;
}

bool store_read_begin(struct store *s, int64_t *ret_last, struct err *e)
{
    bool ok = true;
    TAU_ASSERT(!s->txn);
    if (!sql_run(s->read, e))
        return false;
    if (sql_row(s->newest, &ok, e))
        *ret_last = sqlite3_column_int64(s->newest, 0);
    (void)sqlite3_reset(s->newest); /* repeats the failure of the step */
    if (!ok)
        store_read_end(s);
    return ok;
}

void store_read_end(struct store *s)
{
    struct err ignored = ERR_INIT; /* nothing was written that could be lost */
    if (!sqlite3_get_autocommit(s->db) && !sql_run(s->rollback, &ignored))
        TAU_ASSERT(sqlite3_get_autocommit(s->db));
}

int store_watch_fd(const struct store *s)
{
    return s->watch_fd;
}

bool store_foreign(struct store *s, bool *ret_stirred)
{
    char events[4096];
    struct err e = ERR_INIT;
    bool ok = true;
    int64_t version = s->data_version;
    *ret_stirred = false;
    if (s->watch_fd < 0)
        return false;
    while (read(s->watch_fd, events, sizeof(events)) > 0)
        *ret_stirred = true; /* which file it was does not matter */
    if (sql_row(s->version, &ok, &e))
        version = sqlite3_column_int64(s->version, 0);
    (void)sqlite3_reset(s->version);
    bool foreign = version != s->data_version;
    s->data_version = version;
    return foreign;
}

bool store_append(struct store *s, struct event *ev, struct err *e)
{
    TAU_ASSERT(event_durable(ev));
    if (!store_may_write(s, e))
        return false;
    if (ev->data.n > EVENT_DATA_MAX)
        return err_set(e, ERR_TOO_LARGE, "%s: more than %d bytes of data", ev->kind_name,
                       EVENT_DATA_MAX);
    sql_bind_i64(s->append, 1, s->last + 1);
    sql_bind_i64(s->append, 2, ev->ts_ms);
    sql_bind_cstr(s->append, 3, s->proc);
    sql_bind_cstr(s->append, 4, ev->ids.session);
    sql_bind_cstr(s->append, 5, ev->ids.turn);
    sql_bind_cstr(s->append, 6, ev->ids.task);
    sql_bind_cstr(s->append, 7, ev->ids.mission);
    sql_bind_cstr(s->append, 8, ev->ids.run);
    sql_bind_cstr(s->append, 9, ev->kind_name);
    sql_bind_cstr(s->append, 10, content_part(ev));
    sql_bind_str(s->append, 11, ev->data);
    if (!sql_run(s->append, e))
        return store_spoiled(s, e);
    sql_bind_i64(s->said, 1, s->last + 1);
    if (search_holds(ev->kind) && !sql_run(s->said, e))
        return store_spoiled(s, e);
    ev->seq = s->folded = ++s->last;
    return true;
}

bool store_clear(struct store *s, struct err *e)
{
    if (!store_may_write(s, e))
        return false;
    struct buf sql = BUF_OWN;
    schema_clear(&sql);
    bool ok = sql_exec(s->db, buf_cstr(&sql), e) && schema_restore(s->db, e);
    buf_free(&sql);
    return ok || store_spoiled(s, e);
}

static bool commit(struct store *s, struct err *e)
{
    if (!store_may_write(s, e))
        return false;
    if (s->folded >= 0 && s->set_folded) {
        sql_bind_i64(s->set_folded, 1, s->folded == s->last ? STORE_FOLDED_ALL : s->folded);
        if (!sql_run(s->set_folded, e))
            return false;
    }
    return sql_run(s->commit, e);
}

bool store_commit(struct store *s, struct err *e)
{
    if (!commit(s, e)) {
        store_rollback(s);
        return false;
    }
    s->txn = false;
    return true;
}

void store_rollback(struct store *s)
{
    if (!s->txn)
        return;
    s->txn = false;
    s->failure = ERR_INIT;
    /* Some failures have rolled it back already; one of the rollback itself leaves nothing to do.
     */
    struct err ignored = ERR_INIT;
    if (!sqlite3_get_autocommit(s->db) && !sql_run(s->rollback, &ignored))
        TAU_ASSERT(sqlite3_get_autocommit(s->db));
}

/* ---- power ---- */

static bool sync_wal(sqlite3 *db, struct err *e)
{
    sqlite3_file *wal = NULL;
    int rc = sqlite3_file_control(db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &wal);
    if (rc != SQLITE_OK || !wal || !wal->pMethods)
        return err_set(e, ERR_STORE, "%s: it has no log to sync", sqlite3_db_filename(db, "main"));
    errno = 0;
    rc = wal->pMethods->xSync(wal, SQLITE_SYNC_NORMAL | SQLITE_SYNC_DATAONLY);
    return rc == SQLITE_OK ||
           err_sys(e, ERR_STORE, errno ? errno : EIO, "%s: sync", sqlite3_db_filename(db, "main"));
}

static bool open_sync(struct store *s, struct err *e)
{
    if (s->sync_db)
        return true;
    sqlite3 *db = sql_open(s->file, s->vfs, false, e);
    if (!db)
        return false;
    /* It commits nothing, so its `synchronous` does not matter; to set that would read all tables' texts. */
    if (sql_exec(db, "PRAGMA wal_autocheckpoint = 0", e))
        s->sync_db = db;
    else
        sql_close(db);
    return s->sync_db != NULL;
}

bool store_sync(struct store *s, struct err *e)
{
    int64_t version;
    if (s->memory || s->read_only)
        return true;
    /* Reading something makes the connection open the WAL. */
    if (!open_sync(s, e) || !sql_i64(s->sync_db, "PRAGMA schema_version", &version, e) ||
        !sync_wal(s->sync_db, e))
        return false;
    int frames = atomic_load_explicit(&s->wal_frames, memory_order_relaxed);
    /* The WAL begins anew with the commit that follows a whole checkpoint. */
    int news = frames < s->folded_frames ? frames : frames - s->folded_frames;
    if (news < CHECKPOINT_FRAMES)
        return true;
    s->folded_frames = frames;
    /* Passive: it waits for nobody and nobody waits for it. What a reader holds stays for next
     * time. */
    int rc = sqlite3_wal_checkpoint_v2(s->sync_db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
    return rc == SQLITE_OK || (rc & 0xff) == SQLITE_BUSY || sql_failed(s->sync_db, e);
}
