/* SPDX-License-Identifier: MIT
 *
 * cmd_session: sessions of the workspace, read from the store by the same queries as everywhere.
 */
#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"
#include "cli/app.h"
#include "cli/commands.h"
#include "cli/report.h"
#include "store/query.h"
#include "store/store.h"
#include "text/utf8.h"
#include "text/width.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Bytes of a call that a transcript shows. */
enum { ARGUMENTS_SHOWN = 400, RESULT_SHOWN = 2000 };

struct listing {
    struct buf *out;
    char id[ID_MAX]; /* of the first row */
    int64_t first_n; /* smallest n of a transcript page */
    size_t rows;
};

static bool run(const struct app *a, enum query_id id, const void *args,
                bool (*row)(void *arg, struct str json), struct listing *l, struct err *e)
{
    int64_t seq;
    struct querier *q = querier_open(a->state_dir, NULL, e);
    bool ok = q && querier_run(q, id, args, NULL, row, l, &seq, e);
    querier_close(q);
    return ok;
}

static int finish(struct app *a, bool ok, struct buf *out, struct err *e)
{
    struct buf shown = BUF_OWN;
    if (isatty(STDOUT_FILENO))
        width_sanitize(&shown, buf_view(out));
    else
        buf_str(&shown, buf_view(out));
    if (ok)
        ok = fs_write_all(STDOUT_FILENO, buf_view(&shown), e);
    if (!ok)
        report(e);
    buf_free(&shown);
    buf_free(out);
    app_close(a);
    return ok ? 0 : err_code_exit(e->code);
}

/* A workspace that tau never worked in has no store, and that is no error. */
static bool has_store(const struct app *a)
{
    CLEANUP(mem_free_p) char *db = fs_join(a->state_dir, "tau.db");
    return fs_exists(db);
}

static bool list_row(void *arg, struct str row)
{
    struct listing *l = arg;
    struct err e = ERR_INIT;
    char when[32];
    struct json *j = json_parse(row, &e);
    clock_format(json_i64(json_get(j, "updated_ms"), 0), when, sizeof(when));
    buf_printf(l->out, "%-24s %.16s  %4lld turns  %s\n", json_cstr(json_get(j, "name"), ""), when,
               (long long)json_i64(json_get(j, "turns"), 0),
               json_cstr(json_get(j, "proc"), NULL) ? "in use" : "");
    json_free(j);
    return true;
}

int cmd_session_list(const struct options *o)
{
    struct app a = {0};
    struct err e = ERR_INIT;
    struct buf out = BUF_OWN;
    struct listing l = {.out = &out};
    struct qry_session_list args = {.match = o->n_args ? o->args[0] : NULL};
    bool ok = app_open(&a, o, &e) &&
              (!has_store(&a) || run(&a, QRY_SESSION_LIST, &args, list_row, &l, &e));
    return finish(&a, ok, &out, &e);
}

static bool find_row(void *arg, struct str row)
{
    struct listing *l = arg;
    struct err e = ERR_INIT;
    struct json *j = json_parse(row, &e);
    const char *id = json_cstr(json_get(j, "id"), "");
    const char *name = json_cstr(json_get(j, "name"), "");
    const char *wanted = buf_cstr(l->out);
    bool hit = !wanted[0] || strcmp(wanted, name) == 0 || strcmp(wanted, id) == 0;
    if (hit)
        snprintf(l->id, sizeof(l->id), "%s", id);
    json_free(j);
    return !hit;
}

/* A call: what was asked for, how it ended when that was not well, what came of it. */
static void tool_text(struct buf *out, const struct json *j, struct str result)
{
    const char *status = json_cstr(json_get(j, "status"), "");
    struct str arguments = json_str(json_get(j, "arguments"));
    struct str asked = utf8_clip(arguments, ARGUMENTS_SHOWN);
    struct str shown = utf8_clip(result, RESULT_SHOWN);
    buf_printf(out, "[%s] %.*s%s", json_cstr(json_get(j, "tool"), "tool"), STR_ARG(asked),
               asked.n < arguments.n ? "..." : "");
    if (strcmp(status, "completed") != 0)
        buf_printf(out, " (%s)", status);
    buf_printf(out, "\n%.*s\n", STR_ARG(shown));
    if (shown.n < result.n)
        buf_printf(out, "[%zu more bytes]\n", result.n - shown.n);
    if (shown.n > 0 && shown.p[shown.n - 1] != '\n')
        buf_puts(out, "\n");
}

/* One entry as text: who, then what. */
static bool entry_row(void *arg, struct str row)
{
    struct listing *l = arg;
    struct err e = ERR_INIT;
    struct json *j = json_parse(row, &e);
    const char *kind = json_cstr(json_get(j, "kind"), "");
    struct str text = json_str(json_get(j, "text"));
    const struct json *error = json_get(j, "error");
    if (l->rows++ == 0)
        l->first_n = json_i64(json_get(j, "n"), 1);
    if (strcmp(kind, "user") == 0)
        buf_printf(l->out, "> %.*s\n\n", STR_ARG(text));
    else if (strcmp(kind, "end") == 0)
        buf_printf(l->out, "! %s\n\n", json_cstr(json_get(error, "message"), "ended"));
    else if (strcmp(kind, "tool") == 0)
        tool_text(l->out, j, text);
    else if (strcmp(kind, "text") == 0)
        buf_printf(l->out, "%.*s\n\n", STR_ARG(text));
    json_free(j);
    return true;
}

/* Pages come newest first; the text is put together from the oldest. */
static bool show_transcript(const struct app *a, const char *session, struct buf *out,
                            struct err *e)
{
    VEC(char *) pages = {0};
    int64_t before = 0;
    bool ok = true;
    do {
        struct buf page = BUF_OWN;
        struct listing l = {.out = &page};
        struct qry_transcript_page args = {.session = session, .before = before};
        ok = run(a, QRY_TRANSCRIPT_PAGE, &args, entry_row, &l, e);
        before = l.rows ? l.first_n : 0;
        char *text = buf_take(&page);
        VEC_PUSH(&pages, text);
    } while (ok && before > 1);
    for (size_t i = pages.n; i-- > 0;) {
        buf_puts(out, pages.v[i]);
        free(pages.v[i]);
    }
    free(pages.v);
    return ok;
}

int cmd_session_show(const struct options *o)
{
    struct app a = {0};
    struct err e = ERR_INIT;
    struct buf out = BUF_OWN;
    struct buf wanted = BUF_OWN;
    struct listing found = {.out = &wanted};
    struct qry_session_list args = {0};
    if (o->n_args)
        buf_puts(&wanted, o->args[0]);
    bool ok = app_open(&a, o, &e);
    if (ok && has_store(&a))
        ok = run(&a, QRY_SESSION_LIST, &args, find_row, &found, &e);
    if (ok && !found.id[0])
        ok = err_set(&e, ERR_NOT_FOUND, "there is no session%s%s%s here", o->n_args ? " '" : "",
                     o->n_args ? o->args[0] : "", o->n_args ? "'" : "");
    ok = ok && show_transcript(&a, found.id, &out, &e);
    buf_free(&wanted);
    return finish(&a, ok, &out, &e);
}

int cmd_session_repair(const struct options *o)
{
    struct app a = {0};
    struct err e = ERR_INIT;
    struct buf out = BUF_OWN;
    struct store *store = NULL;
    struct id proc = id_make("proc");
    bool ok = app_open(&a, o, &e);
    if (ok && !has_store(&a)) {
        buf_puts(&out, "there is no store here yet\n");
        return finish(&a, true, &out, &e);
    }
    struct store_options so = {.dir = a.state_dir, .proc = proc.s};
    ok = ok && store_open(&store, &so, &e);
    char *backup = ok ? store_backup(store, &e) : NULL;
    ok = ok && backup && store_check(store, &e);
    if (backup)
        buf_printf(&out, "backup  %s\n", backup);
    if (ok)
        buf_puts(&out, "the store is whole: every page and every number of the log is there\n");
    free(backup);
    store_close(store);
    return finish(&a, ok, &out, &e);
}
