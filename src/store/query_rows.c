/* SPDX-License-Identifier: MIT
 *
 * query_rows: rows of SQL as JSON.
 */
#include "base/fs.h"
#include "store/blob.h"
#include "store/query_sql.h"

#include <errno.h>
#include <unistd.h>

enum { ARTIFACT_BYTES_MAX = 1 << 20 }; /* of an artifact in one answer */

static void put_f64(struct jsonw *w, const char *name, double v)
{
    jsonw_key(w, name);
    jsonw_f64(w, v);
}

/* A column without a value is left out. */
bool query_row_plain(struct querier *q, const struct query_desc *d, const void *args,
                      sqlite3_stmt *st, struct jsonw *w, struct err *e)
{
    (void)q, (void)args, (void)e;
    for (size_t i = 0; i < d->n_columns; i++) {
        const struct query_column *c = &d->columns[i];
        int at = (int)i;
        if (sqlite3_column_type(st, at) == SQLITE_NULL)
            continue;
        if (c->type == FIELD_I64)
            jsonw_put_i64(w, c->name, sqlite3_column_int64(st, at));
        else if (c->type == FIELD_BOOL)
            jsonw_put_bool(w, c->name, sqlite3_column_int64(st, at) != 0);
        else if (c->type == FIELD_F64)
            put_f64(w, c->name, sqlite3_column_double(st, at));
        else if (c->type == FIELD_JSON)
            jsonw_put_raw(w, c->name, sql_str(st, at));
        else
            jsonw_put_str(w, c->name, sql_str(st, at));
    }
    return true;
}

bool query_row_event(struct querier *q, const struct query_desc *d, const void *args,
                      sqlite3_stmt *st, struct jsonw *w, struct err *e)
{
    (void)q, (void)d, (void)args;
    struct event *ev = store_event_of(st, e);
    if (!ev)
        return false;
    struct buf envelope = BUF_INIT(QUERY_ROW_BYTES_MAX);
    event_write(ev, &envelope);
    jsonw_put_i64(w, "seq", ev->seq);
    jsonw_put_raw(w, "event", buf_view(&envelope));
    buf_free(&envelope);
    event_unref(ev);
    return true;
}

static bool read_range(int fd, int64_t offset, struct buf *out, struct err *e)
{
    while (out->len < out->max) {
        char *to = buf_room(out, out->max - out->len);
        ssize_t n = pread(fd, to, out->max - out->len, offset + (int64_t)out->len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_sys(e, ERR_IO, errno, "read");
        if (n == 0)
            break;
        out->len += (size_t)n;
    }
    return true;
}

/* Columns: digest, size. */
bool query_row_artifact(struct querier *q, const struct query_desc *d, const void *args,
                         sqlite3_stmt *st, struct jsonw *w, struct err *e)
{
    const struct qry_artifact_read *a = args;
    (void)d;
    if (a->offset < 0 || a->limit < 0)
        return err_set(e, ERR_INVALID, "offset and limit can not be negative");
    CLEANUP(fd_close_p) int fd = blob_open(q->dir, sql_cstr(st, 0), e);
    if (fd < 0)
        return false;
    size_t most = a->limit > 0 ? (size_t)MIN(a->limit, (int64_t)ARTIFACT_BYTES_MAX)
                               : (size_t)ARTIFACT_BYTES_MAX;
    struct buf text = BUF_INIT(most);
    bool ok = read_range(fd, a->offset, &text, e);
    if (ok) {
        jsonw_put_i64(w, "offset", a->offset);
        jsonw_put_i64(w, "bytes", sqlite3_column_int64(st, 1));
        jsonw_put_str(w, "text", buf_view(&text));
    }
    buf_free(&text);
    return ok;
}
