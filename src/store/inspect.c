/* SPDX-License-Identifier: MIT
 *
 * inspect: looking a store over.
 */
#include "store/inspect.h"

#include "base/fs.h"
#include "base/map.h"
#include "base/mem.h"
#include "contract/event.h"
#include "store/blob.h"
#include "store/handle.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CHUNK = 1 << 16 };

static sqlite3 *open_still(const char *dir, struct err *e)
{
    CLEANUP(mem_free_p) char *path = fs_join(dir, "tau.db");
    return sql_open(path, NULL, true, e);
}

/* ---- pages and events ---- */

static bool look_pages(sqlite3 *db, void (*finding)(void *arg, const char *text), void *arg,
                       struct err *e)
{
    CLEANUP(buf_free) struct buf sql = BUF_OWN;
    buf_printf(&sql, "PRAGMA integrity_check(%d)", INSPECT_FINDINGS_MAX);
    CLEANUP(sql_done_p) sqlite3_stmt *st = sql_prepare(db, buf_cstr(&sql), e);
    bool ok = st != NULL;
    while (ok && sql_row(st, &ok, e))
        if (!str_is(sql_str(st, 0), "ok"))
            finding(arg, sql_cstr(st, 0));
    return ok;
}

/* Pages may be sound and hold what nobody wrote. */
static bool is_event(sqlite3_stmt *st, struct err *e)
{
    struct event *ev = store_event_of(st, e);
    if (ev)
        event_unref(ev);
    return ev != NULL;
}

static bool look_events(sqlite3 *db, void (*finding)(void *arg, const char *text), void *arg,
                        struct inspect_log *ret, struct err *e)
{
    CLEANUP(sql_done_p)
    sqlite3_stmt *st = sql_prepare(db, "SELECT " STORE_EVENT_COLUMNS " FROM event ORDER BY seq", e);
    bool ok = st && sql_i64(db, "SELECT value FROM meta WHERE key = 'version'", &ret->version, e) &&
              sql_i64(db, "SELECT value FROM meta WHERE key = 'first_seq'", &ret->first, e) &&
              sql_i64(db, STORE_NEWEST, &ret->last, e);
    int64_t before = ret->first - 1;
    size_t found = 0;
    while (ok && sql_row(st, &ok, e)) {
        int64_t seq = sqlite3_column_int64(st, 0);
        struct err why = ERR_INIT;
        ret->events++;
        if (!is_event(st, &why) && found++ < INSPECT_FINDINGS_MAX) {
            CLEANUP(mem_free_p)
            char *text = mem_printf("event %lld is none: %s", (long long)seq, why.message);
            finding(arg, text);
        }
        if (seq < ret->first)
            continue;
        if (seq != before + 1 && found++ < INSPECT_FINDINGS_MAX) {
            CLEANUP(mem_free_p)
            char *text = mem_printf("the log has a hole between %lld and %lld", (long long)before,
                                    (long long)seq);
            finding(arg, text);
        }
        before = seq;
    }
    return ok;
}

bool inspect_database(const char *dir, void (*finding)(void *arg, const char *text), void *arg,
                      struct inspect_log *ret, struct err *e)
{
    *ret = (struct inspect_log){0};
    sqlite3 *db = open_still(dir, e);
    bool ok = db && look_pages(db, finding, arg, e) && look_events(db, finding, arg, ret, e);
    sql_close(db);
    return ok;
}

/* ---- who names what ---- */

/* Where events name blobs: a member, or a member of each item of a list. The name of what it is goes
 * along. */
static const struct {
    enum event_kind kind;
    const char *list, *sha, *what; /* list NULL: sha and what are paths into the data itself */
} places[] = {
    {EV_ARTIFACT_CREATED, NULL, "$.sha256", "$.artifact_id"},
    {EV_TOOL_STARTED, "$.copies", "$.sha256", "$.path"},
    {EV_SESSION_RESTORING, "$.files", "$.before", "$.path"},
    {EV_SESSION_RESTORING, "$.files", "$.sha256", "$.path"},
    {EV_TURN_CREATED, "$.images", "$.sha256", "$.name"},
    {EV_TURN_MESSAGE, "$.content", "$.sha256", "$.type"},
};

struct named {
    char sha[DIGEST_HEX];
    VEC(struct inspect_named) by;
};

static void named_free(void *arg)
{
    struct named *n = arg;
    for (size_t i = 0; i < n->by.n; i++) {
        free(n->by.v[i].kind);
        free(n->by.v[i].session);
        free(n->by.v[i].what);
    }
    free(n->by.v);
    free(n);
}

/* Columns: seq, session, digest, what. */
static void note(struct map *all, sqlite3_stmt *st, enum event_kind kind)
{
    struct str sha = sql_str(st, 2);
    struct named *n = map_get(all, sha);
    if (sha.n != DIGEST_HEX - 1)
        return; /* of no file */
    if (!n) {
        n = NEW(struct named);
        snprintf(n->sha, sizeof(n->sha), "%.*s", STR_ARG(sha));
        map_put(all, sha, n);
    }
    if (n->by.n == INSPECT_NAMED_MAX)
        return;
    struct inspect_named by = {.seq = sqlite3_column_int64(st, 0),
                               .kind = mem_strdup(event_table[kind].wire),
                               .session = mem_strdup(sql_cstr(st, 1)),
                               .what = mem_strdup(sql_cstr(st, 3))};
    VEC_PUSH(&n->by, by);
}

static bool collect(sqlite3 *db, struct map *all, size_t place, struct err *e)
{
    const char *from = places[place].list;
    CLEANUP(buf_free) struct buf sql = BUF_OWN;
    buf_printf(&sql, "SELECT e.seq, e.session, json_extract(%s, '%s'), json_extract(%s, '%s')"
                     " FROM event AS e",
               from ? "j.value" : "e.json", places[place].sha, from ? "j.value" : "e.json",
               places[place].what);
    if (from)
        buf_printf(&sql, ", json_each(e.json, '%s') AS j", from);
    buf_printf(&sql, " WHERE e.kind = '%s'%s ORDER BY e.seq", event_table[places[place].kind].wire,
               from ? " AND j.type = 'object'" : "");
    CLEANUP(sql_done_p) sqlite3_stmt *st = sql_prepare(db, buf_cstr(&sql), e);
    bool ok = st != NULL;
    while (ok && sql_row(st, &ok, e))
        note(all, st, places[place].kind);
    return ok;
}

/* ---- the blobs ---- */

/* Its digest and size; false with *ret_missing when there is none. */
static bool digest_of(const char *dir, const char *sha, char ret_sha[DIGEST_HEX], int64_t *ret_bytes,
                      bool *ret_missing, struct err *e)
{
    CLEANUP(fd_close_p) int fd = blob_open(dir, sha, e);
    struct digest d;
    *ret_bytes = 0;
    *ret_missing = fd < 0 && e->code == ERR_NOT_FOUND;
    if (fd < 0)
        return false;
    CLEANUP(mem_free_p) char *chunk = mem_new(CHUNK);
    digest_init(&d);
    for (;;) {
        ssize_t n = read(fd, chunk, CHUNK);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_sys(e, ERR_IO, errno, "blob %s", sha);
        if (n == 0)
            break;
        digest_add(&d, str_make(chunk, (size_t)n));
        *ret_bytes += n;
    }
    digest_end(&d, ret_sha);
    return true;
}

/* One that can not be read is as good as damaged. */
static void look_blob(const char *dir, const struct named *n,
                      void (*bad)(void *arg, const struct inspect_blob *b), void *arg,
                      struct inspect_blobs *ret)
{
    struct inspect_blob b = {.named = n->by.v, .n_named = n->by.n};
    struct err why = ERR_INIT;
    char sha[DIGEST_HEX];
    int64_t bytes;
    bool read = digest_of(dir, n->sha, sha, &bytes, &b.missing, &why);
    ret->blobs++;
    ret->bytes += bytes;
    if (read && strcmp(sha, n->sha) == 0)
        return;
    ret->bad++;
    memcpy(b.sha, n->sha, DIGEST_HEX);
    bad(arg, &b);
}

bool inspect_blobs(const char *dir, void (*bad)(void *arg, const struct inspect_blob *b), void *arg,
                   struct inspect_blobs *ret, struct err *e)
{
    struct map all = {0};
    size_t at = 0;
    const char *key;
    void *value;
    *ret = (struct inspect_blobs){0};
    sqlite3 *db = open_still(dir, e);
    bool ok = db != NULL;
    for (size_t i = 0; ok && i < ARRAY_LEN(places); i++)
        ok = collect(db, &all, i, e);
    sql_close(db);
    while (ok && map_next(&all, &at, &key, &value))
        look_blob(dir, value, bad, arg, ret);
    map_free(&all, named_free);
    return ok;
}
