/* SPDX-License-Identifier: MIT
 *
 * verb_session: sessions of the workspace: which there are, and what was said in one.
 */
#include "cli/verb.h"

#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"
#include "text/utf8.h"

#include <stdlib.h>
#include <string.h>

/* Bytes of a call that a transcript shows. */
enum { ARGUMENTS_SHOWN = 400, RESULT_SHOWN = 2000 };

static bool list_row(struct verb *v, const struct json *j, void *arg)
{
    CLEANUP(buf_free) struct buf turns = BUF_OWN;
    char when[32];
    (void)arg;
    clock_format(json_i64(json_get(j, "updated_ms"), 0), when, sizeof(when));
    buf_count(&turns, json_i64(json_get(j, "turns"), 0), "turn");
    buf_printf(v->out, "%-24s %.16s  %10s  %s\n", json_cstr(json_get(j, "name"), ""), when, buf_cstr(&turns),
               json_cstr(json_get(j, "proc"), NULL) ? "in use" : "");
    return true;
}

bool verb_session_list(struct verb *v, struct err *e)
{
    struct qry_session_list args = {.match = verb_arg(v, 0)};
    return verb_number(v, OPT_LIMIT, &args.limit, e) &&
           verb_rows(v, QRY_SESSION_LIST, &args, list_row, NULL, NULL, e);
}

static bool get_row(struct verb *v, const struct json *j, void *arg)
{
    const char *head = arg;
    CLEANUP(mem_free_p) char *path = fs_join(v->app->state_dir, "tau.db");
    buf_printf(v->out, "session: path=%s name=%s entries=%lld active_head=%s\n", path,
               json_cstr(json_get(j, "name"), ""), (long long)json_i64(json_get(j, "entries"), 0),
               head[0] ? head : "none");
    return true;
}

bool verb_session_get(struct verb *v, struct err *e)
{
    char session[ID_MAX], head[ID_MAX] = "";
    if (verb_session(v, verb_arg(v, 0), session, NULL, e))
        return verb_head(v, session, head, e) &&
               verb_rows(v, QRY_SESSION_GET, &(struct qry_session_get){.session = session}, get_row, head, NULL, e);
    if (verb_arg(v, 0) || e->code != ERR_NOT_FOUND)
        return false;
    *e = ERR_INIT; /* nothing was said here yet */
    return v->json || get_row(v, NULL, head);
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
static void entry_text(struct buf *out, const struct json *j)
{
    const char *kind = json_cstr(json_get(j, "kind"), "");
    struct str text = json_str(json_get(j, "text"));
    if (strcmp(kind, "user") == 0 || strcmp(kind, "steer") == 0)
        buf_printf(out, "> %.*s\n\n", STR_ARG(text));
    else if (strcmp(kind, "unsent") == 0)
        buf_printf(out, "> %.*s\n(not sent)\n\n", STR_ARG(text));
    else if (strcmp(kind, "end") == 0)
        buf_printf(out, "! %s\n\n", json_cstr(json_get(json_get(j, "error"), "message"), "ended"));
    else if (strcmp(kind, "tool") == 0)
        tool_text(out, j, text);
    else if (strcmp(kind, "text") == 0)
        buf_printf(out, "%.*s\n\n", STR_ARG(text));
}

struct page {
    struct verb *v;
    struct buf text;
    int64_t first_n; /* smallest n of the page */
    size_t rows;
    struct err *e;
    bool failed;
};

static bool page_row(void *arg, struct str text)
{
    struct page *p = arg;
    CLEANUP(json_free_p) struct json *j = json_parse(text, p->e);
    p->failed = !j;
    if (!j)
        return false;
    if (p->rows++ == 0)
        p->first_n = json_i64(json_get(j, "n"), 1);
    if (p->v->json) {
        buf_str(&p->text, text);
        buf_putc(&p->text, '\n');
    } else {
        entry_text(&p->text, j);
    }
    return true;
}

static bool read_page(struct page *p, const char *session, int64_t before)
{
    struct buf args = BUF_OWN;
    struct jsonw w = JSONW(&args);
    p->text = BUF_INIT(VERB_OUTPUT_MAX);
    p->rows = 0;
    field_write_object(&query_table[QRY_TRANSCRIPT_PAGE].args, &w,
                       &(struct qry_transcript_page){.session = session, .before = before});
    bool ok = p->v->reader.query(p->v->reader.ctx, "transcript.page", buf_view(&args), p->v->cancel,
                                 page_row, p, NULL, p->e) &&
              !p->failed;
    buf_free(&args);
    return ok;
}

/* Pages come newest first; the text is put together from the oldest. */
bool verb_session_show(struct verb *v, struct err *e)
{
    VEC(char *) pages = {0};
    char session[ID_MAX];
    struct page p = {.v = v, .e = e};
    int64_t before = 0;
    size_t bytes = 0;
    bool ok = verb_session(v, verb_arg(v, 0), session, NULL, e);
    while (ok && before != 1) {
        ok = read_page(&p, session, before);
        before = p.rows ? p.first_n : 1;
        bytes += p.text.len;
        char *text = buf_take(&p.text);
        VEC_PUSH(&pages, text);
        if (ok && bytes > VERB_OUTPUT_MAX)
            ok = err_set(e, ERR_TOO_LARGE, "the transcript is larger than %d MiB",
                         VERB_OUTPUT_MAX >> 20);
    }
    for (size_t i = pages.n; i-- > 0;) {
        buf_puts(v->out, pages.v[i]);
        free(pages.v[i]);
    }
    free(pages.v);
    return ok;
}

static bool reset_one(struct verb *v, const char *which, struct err *e)
{
    char session[ID_MAX], name[VERB_NAME_MAX];
    if (!verb_session(v, which, session, name, e) ||
        !verb_act(v, ACT_SESSION_RESET, &(struct act_session_reset){.session = session}, NULL, e))
        return false;
    buf_printf(v->out, "%s begins anew\n", name);
    return true;
}

bool verb_session_reset(struct verb *v, struct err *e)
{
    bool ok = reset_one(v, verb_arg(v, 0), e);
    for (int i = 1; ok && verb_arg(v, i); i++)
        ok = reset_one(v, verb_arg(v, i), e);
    return ok;
}
