/* SPDX-License-Identifier: MIT
 *
 * records: rows of the projections from and to struct rec. Parameters and columns follow the field
 * tables, in the order in which schema.c wrote them.
 */
#include "store/handle.h"

#include "base/mem.h"
#include "store/recall.h"
#include "store/schema.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- writing ---- */

static const void *member(const void *p, const struct field *f)
{
    return (const char *)p + f->offset;
}

static void bind_field(sqlite3_stmt *st, int at, const struct field *f, const void *from)
{
    const void *p = member(from, f);
    switch (f->type) {
    case FIELD_I64: {
        int64_t v = *(const int64_t *)p;
        if (f->presence == FIELD_NUL && v == I64_NONE)
            sql_bind_null(st, at);
        else
            sql_bind_i64(st, at, v);
        return;
    }
    case FIELD_F64:
        sql_bind_f64(st, at, *(const double *)p);
        return;
    case FIELD_BOOL:
        sql_bind_i64(st, at, *(const bool *)p);
        return;
    case FIELD_STR:
    case FIELD_JSON:
        sql_bind_cstr(st, at, *(const char *const *)p);
        return;
    default:
        TAU_ASSERT(!"a record field without a column type");
    }
}

static bool run_with(sqlite3_stmt *st, const struct rec *r, struct err *e)
{
    const struct field_set *set = &rec_table[r->kind].set;
    int at = 2;
    sql_bind_i64(st, 1, !rec_ended(r));
    for (size_t i = 0; i < set->n; i++)
        if (schema_is_column(&set->fields[i]))
            bind_field(st, at++, &set->fields[i], r->u);
    return sql_run(st, e);
}

static sqlite3_stmt *statement(struct store *s, sqlite3_stmt **slot, enum rec_kind kind,
                               void (*make)(struct buf *, const char *, enum rec_kind),
                               struct err *e)
{
    if (!*slot) {
        struct buf sql = BUF_OWN;
        make(&sql, s->prefix, kind);
        *slot = sql_prepare(s->db, buf_cstr(&sql), e);
        buf_free(&sql);
    }
    return *slot;
}

static bool put_words(struct store *s, sqlite3_stmt **slot, const char *id, bool remove,
                      struct err *e)
{
    if (!*slot) {
        struct buf sql = BUF_OWN;
        recall_words(&sql, remove);
        *slot = sql_prepare(s->db, buf_cstr(&sql), e);
        buf_free(&sql);
    }
    if (!*slot)
        return false;
    sql_bind_cstr(*slot, 1, id);
    return sql_run(*slot, e);
}

static bool put_record(struct store *s, const struct rec *r, struct err *e);

/* The words of an entry that is there go before it changes, and come after. */
bool store_put(struct store *s, const struct rec *r, struct err *e)
{
    if (r->kind != REC_MEMORY || s->prefix[0])
        return put_record(s, r, e);
    if (!store_may_write(s, e))
        return false;
    return (put_words(s, &s->words_out, rec_key(r), true, e) && put_record(s, r, e) &&
            put_words(s, &s->words_in, rec_key(r), false, e)) ||
           store_spoiled(s, e);
}

static bool put_record(struct store *s, const struct rec *r, struct err *e)
{
    if (!store_may_write(s, e))
        return false;
    /* Most puts change a record that is there: that dirties one page, the upsert one per index. */
    sqlite3_stmt *change = statement(s, &s->change[r->kind], r->kind, schema_change, e);
    if (!change || !run_with(change, r, e))
        return store_spoiled(s, e);
    if (sqlite3_changes(s->db) > 0)
        return true;
    sqlite3_stmt *put = statement(s, &s->put[r->kind], r->kind, schema_put, e);
    return (put && run_with(put, r, e)) || store_spoiled(s, e);
}

/* ---- reading ---- */

static void read_field(sqlite3_stmt *st, int at, const struct field *f, void *to)
{
    void *p = (char *)to + f->offset;
    switch (f->type) {
    case FIELD_I64:
        *(int64_t *)p = f->presence == FIELD_NUL && sqlite3_column_type(st, at) == SQLITE_NULL
                            ? I64_NONE
                            : sqlite3_column_int64(st, at);
        return;
    case FIELD_F64:
        *(double *)p = sqlite3_column_double(st, at);
        return;
    case FIELD_BOOL:
        *(bool *)p = sqlite3_column_int64(st, at) != 0;
        return;
    case FIELD_STR:
    case FIELD_JSON:
        *(const char **)p = sql_cstr(st, at);
        return;
    case FIELD_BODY:
        *(struct body *)p = body_of(sql_str(st, at));
        return;
    default:
        TAU_ASSERT(!"a record field without a column type");
    }
}

/* The row of a statement made by schema_select. */
static struct rec *rec_of_row(sqlite3_stmt *st, enum rec_kind kind)
{
    const struct field_set *set = &rec_table[kind].set;
    void *u = mem_new(set->size);
    for (size_t i = 0; i < set->n; i++)
        read_field(st, (int)i, &set->fields[i], u);
    struct rec *r = rec_new(kind, u);
    field_drop(set, u);
    free(u);
    return r;
}

/* How many ended records there are in all. */
static bool count_ended(struct store *s, enum rec_kind kind, const char *session, int64_t *ret_n,
                        struct err *e)
{
    bool ok = true;
    if (!s->ended)
        s->ended = sql_prepare(s->db,
                               "SELECT ifnull(sum(ended), 0) FROM tally WHERE section = ?1"
                               " AND (?2 IS NULL OR session = ?2)",
                               e);
    if (!s->ended)
        return false;
    sql_bind_cstr(s->ended, 1, rec_table[kind].section);
    sql_bind_cstr(s->ended, 2, session);
    if (sql_row(s->ended, &ok, e))
        *ret_n = sqlite3_column_int64(s->ended, 0);
    (void)sqlite3_reset(s->ended); /* repeats the failure of the step */
    return ok;
}

bool store_count(struct store *s, enum rec_kind kind, int64_t *ret_ended, struct err *e)
{
    return count_ended(s, kind, NULL, ret_ended, e);
}

static size_t text_of(const struct rec *r)
{
    const struct field_set *set = &rec_table[r->kind].set;
    size_t n = 0;
    for (size_t i = 0; i < set->n; i++)
        if (set->fields[i].type == FIELD_BODY)
            n += ((const struct body *)(const void *)((const char *)r->u + set->fields[i].offset))->len;
    return n;
}

struct held {
    VEC(struct rec *) v; /* newest first */
    int64_t ended;       /* of them */
};

static sqlite3_stmt *select_one(struct store *s, enum rec_kind kind, struct err *e)
{
    struct buf sql = BUF_OWN;
    schema_select(&sql, s->prefix, kind);
    buf_puts(&sql, " WHERE t.ord = ?1");
    sqlite3_stmt *st = sql_prepare(s->db, buf_cstr(&sql), e);
    buf_free(&sql);
    return st;
}

/* The rows that `held` names, by a statement that is made when there is one. `most`: bytes of text of
 * ended ones, the last whole; what is older is not read. */
static bool read_held(struct store *s, sqlite3_stmt *held, enum rec_kind kind, size_t most,
                      struct held *h, struct err *e)
{
    CLEANUP(sql_done_p) sqlite3_stmt *one = NULL;
    size_t bytes = 0;
    bool ok = true;
    while (sql_row(held, &ok, e)) {
        bool live = sqlite3_column_int64(held, 1) != 0;
        if (!live && bytes >= most)
            continue;
        if (!one && !(one = select_one(s, kind, e)))
            return false;
        sql_bind_i64(one, 1, sqlite3_column_int64(held, 0));
        if (sql_row(one, &ok, e)) {
            struct rec *r = rec_of_row(one, kind);
            bytes += live ? 0 : text_of(r);
            h->ended += rec_ended(r);
            VEC_PUSH(&h->v, r);
        }
        (void)sqlite3_reset(one); /* repeats the failure of the step */
        if (!ok)
            return false;
    }
    return ok;
}

bool store_load(struct store *s, enum rec_kind kind, const char *session,
                void (*fn)(void *arg, struct rec *r), void *arg, int64_t *ret_before, struct err *e)
{
    if (rec_table[kind].session < 0)
        session = NULL;
    struct buf sql = BUF_OWN;
    struct held h = {0};
    int64_t ended = 0;
    schema_held(&sql, s->prefix, kind, session != NULL);
    CLEANUP(sql_done_p) sqlite3_stmt *held = sql_prepare(s->db, buf_cstr(&sql), e);
    buf_free(&sql);
    bool ok = held && (s->prefix[0] || count_ended(s, kind, session, &ended, e));
    if (!ok)
        return false;
    sql_bind_i64(held, 1, (int64_t)rec_table[kind].keep);
    if (session)
        sql_bind_cstr(held, 2, session);
    ok = read_held(s, held, kind, session ? SIZE_MAX : STORE_LOAD_TEXT, &h, e);
    for (size_t i = h.v.n; i > 0; i--) {
        if (ok)
            fn(arg, h.v.v[i - 1]);
        else
            rec_unref(h.v.v[i - 1]);
    }
    free(h.v.v);
    if (ok)
        *ret_before = MAX(ended - h.ended, 0); /* of the copy nobody counts */
    return ok;
}

static bool find(struct store *s, enum rec_kind kind, const char *condition, const char *value,
                 struct rec **ret_rec, struct err *e)
{
    struct buf sql = BUF_OWN;
    schema_select(&sql, s->prefix, kind);
    buf_puts(&sql, condition);
    CLEANUP(sql_done_p) sqlite3_stmt *st = sql_prepare(s->db, buf_cstr(&sql), e);
    buf_free(&sql);
    bool ok = st != NULL;
    if (!ok)
        return false;
    sql_bind_cstr(st, 1, value);
    bool row = sql_row(st, &ok, e);
    if (ok)
        *ret_rec = row ? rec_of_row(st, kind) : NULL;
    return ok;
}

bool store_find(struct store *s, enum rec_kind kind, const char *key, struct rec **ret_rec,
                struct err *e)
{
    struct buf where = BUF_OWN;
    buf_printf(&where, " WHERE t.\"%s\" = ?1", rec_table[kind].set.fields[0].name);
    bool ok = find(s, kind, buf_cstr(&where), key, ret_rec, e);
    buf_free(&where);
    return ok;
}

bool store_find_end(struct store *s, enum rec_kind kind, const char *end, char ret_keys[2][ID_MAX],
                    size_t *ret_n, struct err *e)
{
    struct buf sql = BUF_OWN;
    buf_printf(&sql, "SELECT id FROM \"%s\" WHERE " SCHEMA_ENDS_IN("?1") " LIMIT 2",
               rec_table[kind].section);
    CLEANUP(sql_done_p) sqlite3_stmt *st = sql_prepare(s->db, buf_cstr(&sql), e);
    buf_free(&sql);
    bool ok = st != NULL;
    *ret_n = 0;
    if (!ok)
        return false;
    sql_bind_cstr(st, 1, end);
    while (*ret_n < 2 && sql_row(st, &ok, e))
        snprintf(ret_keys[(*ret_n)++], ID_MAX, "%s", sql_cstr(st, 0));
    return ok;
}

bool store_find_session(struct store *s, const char *id_or_name, struct rec **ret_rec,
                        struct err *e)
{
    /* A name may look like the id of another session: the id goes first. */
    return find(s, REC_SESSION,
                " WHERE t.\"id\" = ?1 OR t.\"name\" = ?1"
                " ORDER BY t.\"id\" = ?1 DESC, t.\"updated_ms\" DESC LIMIT 1",
                id_or_name, ret_rec, e);
}
