/* SPDX-License-Identifier: MIT
 *
 * log: reading events back.
 */
#include "store/handle.h"

struct event *store_event_of(sqlite3_stmt *st, struct err *e)
{
    struct event_ids ids = {
        .session = sql_cstr(st, 3),
        .turn = sql_cstr(st, 4),
        .task = sql_cstr(st, 5),
        .mission = sql_cstr(st, 6),
        .run = sql_cstr(st, 7),
    };
    return event_from(sqlite3_column_int64(st, 0), sqlite3_column_int64(st, 1), sql_str(st, 8),
                      &ids, sql_str(st, 9), e);
}

/* The event of the row that st stands on; NULL says which it was. */
static struct event *event_at(const struct store *s, sqlite3_stmt *st, struct err *e)
{
    struct event *ev = store_event_of(st, e);
    if (!ev)
        (void)err_wrap(e, "%s: event %lld", s->file, (long long)sqlite3_column_int64(st, 0));
    return ev;
}

bool store_events(struct store *s, int64_t after, int64_t upto,
                  bool (*fn)(void *arg, struct event *ev, const char *proc), void *arg,
                  struct err *e)
{
    CLEANUP(sql_done_p)
    sqlite3_stmt *st = sql_prepare(s->db,
                                   "SELECT " STORE_EVENT_COLUMNS " FROM event"
                                   " WHERE seq > ?1 AND seq <= ?2 ORDER BY seq",
                                   e);
    bool ok = st != NULL;
    if (!ok)
        return false;
    sql_bind_i64(st, 1, after);
    sql_bind_i64(st, 2, upto);
    while (ok && sql_row(st, &ok, e)) {
        struct event *ev = event_at(s, st, e);
        if (!ev)
            return false;
        if (s->txn)
            s->folded = MAX(s->folded, ev->seq);
        if (!fn(arg, ev, sql_cstr(st, 2)))
            return true;
    }
    /* Where numbers are missing there was nothing to read. */
    if (ok && s->txn)
        s->folded = MAX(s->folded, MIN(upto, s->last));
    return ok;
}

bool store_turn_events(struct store *s, const char *turn, bool (*fn)(void *arg, struct event *ev),
                       void *arg, struct err *e)
{
    CLEANUP(sql_done_p)
    sqlite3_stmt *st = sql_prepare(
        s->db, "SELECT " STORE_EVENT_COLUMNS " FROM event WHERE turn = ?1 ORDER BY seq", e);
    bool ok = st != NULL;
    if (!ok)
        return false;
    sql_bind_cstr(st, 1, turn);
    while (ok && sql_row(st, &ok, e)) {
        struct event *ev = event_at(s, st, e);
        if (!ev)
            return false;
        if (!fn(arg, ev))
            break;
    }
    return ok;
}

bool store_range(struct store *s, int64_t *ret_first, int64_t *ret_last, int64_t *ret_folded,
                 struct err *e)
{
    CLEANUP(sql_done_p)
    sqlite3_stmt *st = sql_prepare(s->db,
                                   "SELECT (SELECT value FROM meta WHERE key = 'first_seq'),"
                                   " ifnull((SELECT max(seq) FROM event), 0),"
                                   " (SELECT value FROM meta WHERE key = ?1)",
                                   e);
    bool ok = st != NULL;
    if (!ok)
        return false;
    sql_bind_cstr(st, 1, s->prefix[0] ? "base_seq" : "folded_seq");
    if (!sql_row(st, &ok, e))
        return false;
    *ret_first = sqlite3_column_int64(st, 0);
    *ret_last = MAX(sqlite3_column_int64(st, 1), *ret_first - 1);
    *ret_folded = MIN(sqlite3_column_int64(st, 2), *ret_last);
    return true;
}
