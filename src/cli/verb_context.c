/* SPDX-License-Identifier: MIT
 *
 * verb_context: what fills the model's window.
 */
#include "cli/verb.h"

#include "base/clock.h"

#include <stdio.h>
#include <string.h>

enum { BAR_CELLS = 20, NAME_CELLS = 24 };

struct window {
    int64_t used, window; /* tokens, of the session */
    bool largest;         /* the heading of those was written */
};

static bool window_row(struct verb *v, const struct json *row, void *arg)
{
    struct window *w = arg;
    (void)v;
    w->used = json_i64(json_get(row, "context_used"), 0);
    w->window = json_i64(json_get(row, "context_window"), 0);
    return true;
}

static void put_bar(struct buf *out, int64_t tokens, int64_t all)
{
    int64_t cells = all > 0 ? (tokens * BAR_CELLS + all - 1) / all : 0;
    buf_fill(out, '#', (size_t)MAX((int64_t)0, MIN(cells, (int64_t)BAR_CELLS)));
}

static bool part_row(struct verb *v, const struct json *row, void *arg)
{
    struct window *w = arg;
    const char *part = json_cstr(json_get(row, "part"), "");
    const char *name = json_cstr(json_get(row, "name"), NULL);
    long long n = (long long)json_i64(json_get(row, "n"), 0);
    int64_t tokens = json_i64(json_get(row, "tokens"), 0);
    bool largest = strcmp(part, "largest") == 0;
    char label[96], end[VERB_SHORT_MAX];
    if (strcmp(part, "left_out") == 0) {
        buf_puts(v->out, "older messages had no room\n");
        return true;
    }
    if (largest && !w->largest)
        buf_puts(v->out, "the largest messages:\n");
    w->largest = w->largest || largest;
    if (largest)
        snprintf(label, sizeof(label), "  %s %s", name ? name : "",
                 verb_short(json_cstr(json_get(row, "entry"), ""), end));
    else
        snprintf(label, sizeof(label), "%s%s%s", strcmp(part, "result") == 0 ? "results of" : part,
                 name ? " " : "", name ? name : "");
    buf_printf(v->out, "%-*s %5lld  %8lld  ", NAME_CELLS, label, n, (long long)tokens);
    put_bar(v->out, tokens, w->used);
    buf_putc(v->out, '\n');
    return true;
}

bool verb_context(struct verb *v, struct err *e)
{
    char id[ID_MAX], name[VERB_NAME_MAX];
    struct window w = {0};
    size_t n = 0;
    if (!verb_session(v, verb_arg(v, 0), id, name, e))
        return false;
    if (v->json)
        return verb_rows(v, QRY_CONTEXT_PARTS, &(struct qry_context_parts){.session = id}, part_row,
                         &w, NULL, e);
    if (!verb_rows(v, QRY_SESSION_GET, &(struct qry_session_get){.session = id}, window_row, &w,
                   NULL, e))
        return false;
    size_t begin = v->out->len;
    buf_printf(v->out, "%s: %lld of %lld tokens (%lld%%), estimated, in the last request\n", name,
               (long long)w.used, (long long)w.window,
               (long long)(w.window > 0 ? w.used * 100 / w.window : 0));
    buf_printf(v->out, "%-*s %5s  %8s\n", NAME_CELLS, "", "n", "tokens");
    if (!verb_rows(v, QRY_CONTEXT_PARTS, &(struct qry_context_parts){.session = id}, part_row, &w,
                   &n, e))
        return false;
    if (n == 0) {
        buf_truncate(v->out, begin);
        buf_printf(v->out, "%s: nothing was sent to a model yet\n", name);
    }
    return true;
}
