/* SPDX-License-Identifier: MIT
 *
 * export: the forms in which a session can be written.
 */
#include "cli/export.h"

#include "base/clock.h"
#include "base/mem.h"
#include "text/utf8.h"

#include <stdlib.h>
#include <string.h>

static const struct export_format *const formats[] = {&export_md, &export_html, &export_tau,
                                                      &export_jsonl};

const struct export_format *export_find(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(formats); i++)
        if (strcmp(formats[i]->name, name) == 0)
            return formats[i];
    return NULL;
}

const struct export_format *export_for(const char *path)
{
    for (size_t i = 0; i < ARRAY_LEN(formats); i++)
        if (str_ends(str_of(path), formats[i]->suffix))
            return formats[i];
    return NULL;
}

/* ---- pages ---- */

struct page {
    struct export *x;
    const struct export_format *f;
    struct buf out;
    int64_t after; /* the cursor of the last row */
    size_t rows;
    struct err *e;
    bool failed;
};

static bool page_row(void *arg, struct str raw)
{
    struct page *p = arg;
    CLEANUP(json_free_p) struct json *row = json_parse(raw, p->e);
    p->failed = !row;
    if (!row)
        return false;
    p->rows++;
    p->after = json_i64(json_get(row, p->f->cursor), p->after);
    p->f->row(p->x, row, raw, &p->out);
    arena_reset(&p->x->arena);
    return p->out.len < EXPORT_PAGE_BYTES;
}

static bool put_page(struct page *p)
{
    struct export *x = p->x;
    struct str page = buf_view(&p->out);
    return p->f->put ? p->f->put(x, page, p->e) : x->put(x->arg, page, p->e);
}

/* The rows are written when the query has ended. */
static bool read_page(struct page *p)
{
    struct buf args = BUF_OWN;
    struct jsonw w = JSONW(&args);
    struct export *x = p->x;
    p->rows = 0;
    jsonw_begin_object(&w);
    jsonw_put_cstr(&w, "session", x->session);
    jsonw_put_i64(&w, "after", p->after);
    jsonw_end_object(&w);
    bool ok = x->reader.query(x->reader.ctx, query_table[p->f->query].name, buf_view(&args),
                              x->cancel, page_row, p, NULL, p->e) &&
              !p->failed && put_page(p);
    buf_clear(&p->out);
    buf_free(&args);
    return ok;
}

static bool begin_row(void *arg, struct str raw)
{
    struct page *p = arg;
    CLEANUP(json_free_p) struct json *row = json_parse(raw, p->e);
    p->failed = !row;
    p->rows++;
    if (row)
        p->f->begin(p->x, row, &p->out);
    arena_reset(&p->x->arena);
    return false;
}

static bool begin(struct page *p)
{
    struct buf args = BUF_OWN;
    struct jsonw w = JSONW(&args);
    struct export *x = p->x;
    jsonw_begin_object(&w);
    jsonw_put_cstr(&w, "session", x->session);
    jsonw_end_object(&w);
    bool ok = x->reader.query(x->reader.ctx, "session.get", buf_view(&args), x->cancel, begin_row,
                              p, NULL, p->e) &&
              !p->failed;
    buf_free(&args);
    return ok &&
           (p->rows || err_set(p->e, ERR_NOT_FOUND, "there is no session '%.100s'", x->session));
}

bool export_run(struct export *x, const struct export_format *f, struct err *e)
{
    struct page p = {.x = x, .f = f, .out = BUF_OWN, .e = e};
    x->state = f->state ? mem_new(f->state) : NULL;
    x->arena = ARENA_INIT;
    bool ok = begin(&p) && (!f->before || (x->put(x->arg, buf_view(&p.out), e) && f->before(x, e)));
    if (f->before)
        buf_clear(&p.out);
    do
        ok = ok && read_page(&p);
    while (ok && p.rows);
    if (ok && f->end) {
        f->end(x, &p.out);
        ok = x->put(x->arg, buf_view(&p.out), e);
    }
    buf_free(&p.out);
    arena_free(&x->arena);
    free(TAKE(x->state));
    return ok;
}

/* ---- for formats ---- */

static bool turns_direction(uint32_t cp)
{
    return (cp >= 0x202A && cp <= 0x202E) || (cp >= 0x2066 && cp <= 0x2069) || cp == 0x200E ||
           cp == 0x200F || cp == 0x061C;
}

void export_visible(struct buf *out, struct str text)
{
    while (text.n > 0) {
        size_t n, m = 0;
        char code[4];
        uint32_t cp = utf8_next(text, &n);
        if (cp == '\r') {
            if (text.n == 1 || text.p[1] != '\n')
                buf_putc(out, '\n');
        } else if (turns_direction(cp)) {
            buf_printf(out, "[U+%04X]", (unsigned)cp);
        } else {
            if (cp < 0x20 && cp != '\t' && cp != '\n')
                cp += 0x2400; /* the picture of that control character */
            else if (cp == 0x7F)
                cp = 0x2421;
            else if (cp >= 0x80 && cp < 0xA0)
                cp = UTF8_REPLACEMENT;
            m = utf8_encode(cp, code);
            buf_add(out, code, m);
        }
        text = str_sub(text, n, text.n);
    }
}

const char *export_time(struct export *x, const struct json *ms)
{
    char when[32];
    clock_format(json_i64(ms, 0), when, sizeof(when));
    return arena_printf(&x->arena, "%.10s %.5s", when, when + 11);
}

static void add_files(struct buf *out, const struct json *files)
{
    for (const struct json *f = json_first(files); f; f = json_next(f)) {
        buf_puts(out, " · ");
        export_visible(out, json_str(json_get(f, "path")));
        if (json_get(f, "added"))
            buf_printf(out, " +%lld -%lld", (long long)json_i64(json_get(f, "added"), 0),
                       (long long)json_i64(json_get(f, "removed"), 0));
    }
}

void export_call(struct buf *out, const struct json *row)
{
    int64_t ms = json_i64(json_get(row, "ms"), -1);
    int64_t status;
    export_visible(out, json_str(json_get(row, "tool")));
    buf_printf(out, " · %s", json_cstr(json_get(row, "status"), "?"));
    if (json_is_i64(json_get(row, "exit"), &status))
        buf_printf(out, " · exit %lld", (long long)status);
    if (ms >= 0)
        buf_printf(out, " · %lld.%lld s", (long long)(ms / 1000), (long long)(ms % 1000 / 100));
    add_files(out, json_get(row, "files"));
}

void export_failure(struct buf *out, const struct json *error)
{
    struct err e = ERR_INIT;
    json_read_err(error, &e);
    buf_printf(out, "%s: ", err_code_name(e.code));
    export_visible(out, str_of(e.message));
    if (err_hint_text(&e)[0]) {
        buf_puts(out, " (");
        export_visible(out, str_of(err_hint_text(&e)));
        buf_putc(out, ')');
    }
}
