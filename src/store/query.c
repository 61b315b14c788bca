/* SPDX-License-Identifier: MIT
 *
 * query: a querier: the limits its queries run under, and their answers as JSON. The texts are in
 * query_sql.c.
 *
 * A query runs in one read transaction together with the question for the newest seq, so that the
 * seq it answers with is the one it saw.
 */
#include "store/query_sql.h"

#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"
#include "store/content.h"
#include "store/schema.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { STEPS_AT_ONCE = 1000 }; /* between two looks at limits and token */

/* ---- limits ---- */

static enum err_code why_stop(const struct querier *q)
{
    if (cancel_fired(q->cancel))
        return ERR_CANCELLED;
    if (q->steps > QUERY_STEPS_MAX || clock_mono_ms() >= q->deadline_ms)
        return ERR_TIMEOUT;
    return ERR_NONE;
}

/* SQLite calls it every STEPS_AT_ONCE instructions; anything but 0 ends the statement. */
static int on_progress(void *arg)
{
    struct querier *q = arg;
    q->steps += STEPS_AT_ONCE;
    q->stopped = why_stop(q);
    return q->stopped != ERR_NONE;
}

static bool stopped(const struct querier *q, const char *name, struct err *e)
{
    if (q->stopped == ERR_CANCELLED)
        return err_set(e, ERR_CANCELLED, "%s was cancelled", name);
    err_set(e, ERR_TIMEOUT, "%s took too long", name);
    return err_hint(e, "ask for less: a smaller range or limit");
}

/* ---- opening ---- */

/* Where nothing may be written, and nothing is left to be folded, the file is all there is. */
static bool lies_still(const char *dir, const char *path)
{
    CLEANUP(mem_free_p) char *wal = mem_printf("%s-wal", path);
    return access(dir, W_OK) != 0 && !fs_exists(wal);
}

struct querier *querier_open(const char *dir, const char *shared, struct err *e)
{
    struct querier *q = NEW(struct querier);
    CLEANUP(mem_free_p) char *path = shared ? mem_strdup(shared) : fs_join(dir, "tau.db");
    q->dir = mem_strdup(dir ? dir : "");
    if (!shared && lies_still(dir, path)) {
        char *still = sql_still(path);
        free(path);
        path = still;
    }
    q->db = sql_open(path, NULL, true, e);
    if (q->db && (q->begin = sql_prepare(q->db, "BEGIN", e)) &&
        (q->end = sql_prepare(q->db, "ROLLBACK", e)) &&
        (q->newest = sql_prepare(q->db, STORE_NEWEST, e))) {
        sqlite3_progress_handler(q->db, STEPS_AT_ONCE, on_progress, q);
        return q;
    }
    querier_close(q);
    return NULL;
}

bool querier_current(struct querier *q, bool *ret_current, struct err *e)
{
    return schema_current(q->db, ret_current, e);
}

void querier_close(struct querier *q)
{
    if (!q)
        return;
    sql_done_p(&q->begin);
    sql_done_p(&q->end);
    sql_done_p(&q->newest);
    for (int i = 0; i < QRY_COUNT; i++)
        sql_done_p(&q->st[i]);
    sql_close(q->db);
    free(q->dir);
    free(q);
}

/* ---- statements ---- */

/* {section.field} */
static void expand(struct buf *out, struct str name)
{
    struct str section = {0};
    bool found = str_split(&name, '.', &section);
    for (int k = 0; found && k < REC_COUNT; k++) {
        const struct field *f = field_find(&rec_table[k].set, name);
        if (str_is(section, rec_table[k].section) && f) {
            content_body(out, (enum rec_kind)k, f);
            return;
        }
    }
    TAU_ASSERT(!"a query names a field that is not there");
}

static void write_sql(struct buf *out, const char *text)
{
    for (const char *at; (at = strchr(text, '{')); text = strchr(at, '}') + 1) {
        buf_add(out, text, (size_t)(at - text));
        expand(out, str_make(at + 1, (size_t)(strchr(at, '}') - at - 1)));
    }
    buf_puts(out, text);
}

static sqlite3_stmt *statement(struct querier *q, enum query_id id, struct err *e)
{
    if (!q->st[id]) {
        struct buf sql = BUF_OWN;
        write_sql(&sql, query_sql[id].sql);
        q->st[id] = sql_prepare(q->db, buf_cstr(&sql), e);
        buf_free(&sql);
    }
    return q->st[id];
}

static const void *member(const void *args, const struct field *f)
{
    return (const char *)args + f->offset;
}

/* What was given, but never more than the row's limit. */
static int64_t limit_of(enum query_id id, const void *args)
{
    const struct query_desc *d = &query_table[id];
    const struct field *f = field_find(&d->args, STR("limit"));
    int64_t given = f ? *(const int64_t *)member(args, f) : 0;
    if (given <= 0)
        given = query_sql[id].limit;
    return given > 0 ? MIN(given, d->limit) : d->limit;
}

static void bind_argument(sqlite3_stmt *st, int at, const struct field *f, const void *args)
{
    const void *p = member(args, f);
    if (f->type == FIELD_STR)
        sql_bind_cstr(st, at, *(const char *const *)p);
    else if (f->type == FIELD_BOOL)
        sql_bind_i64(st, at, *(const bool *)p);
    else if (f->presence == FIELD_OPT && *(const int64_t *)p == 0)
        sql_bind_null(st, at); /* absent */
    else
        sql_bind_i64(st, at, *(const int64_t *)p);
}

static void bind_arguments(sqlite3_stmt *st, enum query_id id, const void *args)
{
    const struct query_desc *d = &query_table[id];
    for (int at = 1; at <= sqlite3_bind_parameter_count(st); at++) {
        const char *name = sqlite3_bind_parameter_name(st, at) + 1;
        if (strcmp(name, "limit") == 0) {
            sql_bind_i64(st, at, limit_of(id, args));
            continue;
        }
        const struct field *f = field_find(&d->args, str_of(name));
        TAU_ASSERT(f != NULL);
        bind_argument(st, at, f, args);
    }
}

/* ---- running ---- */

static bool answer(struct querier *q, enum query_id id, const void *args, sqlite3_stmt *st,
                   bool (*row)(void *arg, struct str json), void *arg, struct err *e)
{
    const struct query_desc *d = &query_table[id];
    query_row_fn *write = query_sql[id].row ? query_sql[id].row : query_row_plain;
    struct buf json = BUF_INIT(QUERY_ROW_BYTES_MAX);
    bool ok = true, more = true;
    while (ok && more && (q->stopped = why_stop(q)) == ERR_NONE && sql_row(st, &ok, e)) {
        buf_clear(&json);
        struct jsonw w = JSONW(&json);
        jsonw_begin_object(&w);
        ok = write(q, d, args, st, &w, e);
        jsonw_end_object(&w);
        if (ok && !buf_ok(&json))
            ok = err_set(e, ERR_TOO_LARGE, "%s: a row of more than %d bytes", d->name,
                         QUERY_ROW_BYTES_MAX);
        more = ok && row(arg, buf_view(&json));
    }
    buf_free(&json);
    if (q->stopped != ERR_NONE)
        ok = stopped(q, d->name, e);
    return ok;
}

static bool in_transaction(struct querier *q, enum query_id id, const void *args,
                           bool (*row)(void *arg, struct str json), void *arg, int64_t *ret_seq,
                           struct err *e)
{
    bool ok = true;
    sqlite3_stmt *st = statement(q, id, e);
    if (!st)
        return false;
    if (sql_row(q->newest, &ok, e))
        *ret_seq = sqlite3_column_int64(q->newest, 0);
    (void)sqlite3_reset(q->newest); /* repeats the failure of the step */
    bind_arguments(st, id, args);
    ok = ok && (!query_sql[id].may || query_sql[id].may(q, args, e));
    ok = ok && answer(q, id, args, st, row, arg, e);
    (void)sqlite3_reset(st); /* the same */
    return ok;
}

bool querier_run(struct querier *q, enum query_id id, const void *args, struct cancel *cancel,
                 bool (*row)(void *arg, struct str json), void *arg, int64_t *ret_seq,
                 struct err *e)
{
    int64_t seq = 0;
    q->cancel = cancel;
    q->steps = 0;
    q->deadline_ms = clock_mono_ms() + QUERY_DEADLINE_MS;
    q->stopped = ERR_NONE;
    if (query_sql[id].check && !query_sql[id].check(args, e))
        return false;
    if (!sql_run(q->begin, e))
        return false;
    bool ok = in_transaction(q, id, args, row, arg, &seq, e);
    /* The end may not be stopped, and a read transaction that is ended anyhow is as good. */
    struct err ignored = ERR_INIT;
    q->cancel = NULL;
    q->last_steps = q->steps;
    q->steps = 0;
    q->deadline_ms = CLOCK_NEVER;
    if (!sqlite3_get_autocommit(q->db) && !sql_run(q->end, &ignored))
        TAU_ASSERT(sqlite3_get_autocommit(q->db));
    if (ok)
        *ret_seq = seq;
    return ok;
}

int64_t querier_steps(const struct querier *q)
{
    return q->last_steps;
}

bool querier_ask(struct querier *q, const char *name, struct str arguments_json,
                 struct cancel *cancel, bool (*row)(void *arg, struct str json), void *arg,
                 int64_t *ret_seq, struct err *e)
{
    enum query_id id = query_find(str_of(name));
    if (id == QRY_COUNT)
        return err_set(e, ERR_NOT_FOUND, "there is no query '%s'", name);
    struct arena arena = ARENA_INIT;
    CLEANUP(json_free_p)
    struct json *j = json_parse(arguments_json.n ? arguments_json : STR("{}"), e);
    void *args = arena_new(&arena, query_table[id].args.size);
    bool ok = j && field_read(&query_table[id].args, j, &arena, args, FIELD_STRICT, e) &&
              querier_run(q, id, args, cancel, row, arg, ret_seq, e);
    arena_free(&arena);
    return ok;
}
