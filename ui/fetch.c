/* SPDX-License-Identifier: MIT
 *
 * fetch: entries of a transcript that lie before what the snapshot holds.
 */
#include "ui/fetch.h"

#include "base/buf.h"
#include "base/fs.h"
#include "contract/action.h"
#include "json/json.h"

#include <stdlib.h>
#include <sys/eventfd.h>

static bool add_row(void *arg, struct str text)
{
    struct fetch *f = arg;
    struct err e = ERR_INIT;
    CLEANUP(json_free_p) struct json *j = json_parse(text, &e);
    CLEANUP(arena_free) struct arena a = ARENA_INIT;
    if (!j)
        return true; /* one row that can not be read is no reason to show none */
    const struct json *error = json_get(j, "error");
    bool has_error = error && json_type(error) == JSON_OBJECT;
    struct rec_entry en = {.id = json_cstr(json_get(j, "id"), ""),
                           .session = f->session,
                           .turn = json_cstr(json_get(j, "turn"), ""),
                           .kind = json_cstr(json_get(j, "kind"), "text"),
                           .body = body_of(json_str(json_get(j, "text"))),
                           .error = has_error ? json_text(error, &a) : NULL,
                           .n = json_i64(json_get(j, "n"), 0),
                           .ts_ms = json_i64(json_get(j, "ts_ms"), 0)};
    VEC_PUSH(&f->rows, rec_new(REC_ENTRY, &en));
    body_unref(en.body);
    return f->rows.n < FETCH_PAGE;
}

static void run(void *arg)
{
    struct fetch *f = arg;
    CLEANUP(buf_free) struct buf args = BUF_OWN;
    struct jsonw w = JSONW(&args);
    int64_t seq;
    field_write_object(&query_table[QRY_TRANSCRIPT_PAGE].args, &w,
                       &(struct qry_transcript_page){
                           .session = f->session, .before = f->before, .limit = FETCH_PAGE});
    f->ok = f->reader->query(f->reader->ctx, query_table[QRY_TRANSCRIPT_PAGE].name, buf_view(&args),
                             f->cancel, add_row, f, &seq, &f->err);
    int rc = eventfd_write(f->fd, 1);
    (void)rc; /* its counter is 0: this can not fail */
}

static void drop_rows(struct fetch *f)
{
    for (size_t i = 0; i < f->rows.n; i++)
        rec_unref(f->rows.v[i]);
    f->rows.n = 0;
}

bool fetch_start(struct fetch *f, const struct reader *reader, const char *session, int64_t before)
{
    if (f->thread.running || !reader->query)
        return false;
    if (f->fd < 0)
        f->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (!f->cancel)
        f->cancel = cancel_new(NULL);
    if (f->fd < 0)
        return false;
    drop_rows(f);
    free(f->session);
    f->session = mem_strdup(session);
    f->reader = reader;
    f->before = before;
    f->err = ERR_INIT;
    return thread_start(&f->thread, "tau-fetch", 0, run, f, &f->err);
}

bool fetch_take(struct fetch *f)
{
    eventfd_t n;
    if (f->fd < 0 || eventfd_read(f->fd, &n) != 0)
        return false;
    thread_join(&f->thread);
    return true;
}

void fetch_done(struct fetch *f)
{
    if (f->cancel)
        cancel_fire(f->cancel);
    thread_join(&f->thread);
    cancel_unref(f->cancel);
    drop_rows(f);
    free(f->rows.v);
    free(f->session);
    fd_close_p(&f->fd);
}
