/* SPDX-License-Identifier: MIT
 *
 * requests: what others asked over HTTP, as rows.
 */
#include "ui/vm/requests.h"

#include "ui/vm/toolrow.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { ID_SIZE = 24 };

enum { COLUMN_TIME, COLUMN_STATUS, COLUMN_ROUTE, COLUMN_FROM, COLUMN_TOOK };

static const struct column names[] = {
    [COLUMN_TIME] = {"TIME", 8, 8, false},
    [COLUMN_STATUS] = {"ST", 3, 3, false},
    [COLUMN_ROUTE] = {"ROUTE", COLUMN_REST, COLUMN_REST, false},
    [COLUMN_FROM] = {"FROM", 0, 15, false},
    [COLUMN_TOOK] = {"TOOK", 6, 6, true},
};
const struct columns requests_columns = {.v = names, .n = ARRAY_LEN(names)};

static void took(const struct ui_request *r, char *buf, size_t size)
{
    if (r->live)
        snprintf(buf, size, "live");
    else if (r->ms < 1000)
        snprintf(buf, size, "%" PRId64 "ms", r->ms);
    else
        duration_text(r->ms, buf, size);
}

static enum look look_of(const struct ui_request *r)
{
    return r->live ? LOOK_RUNS : r->status >= 400 || !r->status ? LOOK_FAIL : LOOK_OK;
}

/* Three cells: what it got. */
static void status_text(const struct ui_request *r, char *buf, size_t size)
{
    if (r->status)
        snprintf(buf, size, "%d", r->status);
    else
        snprintf(buf, size, "%s", r->live ? "..." : "---");
}

static const struct ui_request *find(const struct ui_gateway *g, const char *id)
{
    for (size_t i = 0; i < g->n; i++) {
        char text[ID_SIZE];
        snprintf(text, sizeof(text), "%" PRId64, g->newest[i].n);
        if (strcmp(text, id) == 0)
            return &g->newest[i];
    }
    return NULL;
}

/* The end of a path says more than its beginning: what has no room loses that, at a slash. */
static void put_path(struct doc *d, const char *path, int width, int room)
{
    CLEANUP(buf_free) struct buf text = BUF_OWN;
    const char *at = path;
    while (at && (int)strlen(at) + (at > path ? 3 : 0) > room)
        at = strchr(at + 1, '/');
    if (!at)
        at = strrchr(path, '/');
    if (!at)
        at = path;
    buf_printf(&text, "%s%s", at > path ? "..." : "", at);
    columns_put(d, &requests_columns, COLUMN_ROUTE, width, LOOK_TEXT, buf_cstr(&text));
}

static void add_request(struct doc *d, const struct ui_request *r, int width)
{
    const struct columns *c = &requests_columns;
    char id[ID_SIZE], text[32];
    int room = columns_cells(c, COLUMN_ROUTE, width);
    doc_row(d, 1);
    snprintf(id, sizeof(id), "%" PRId64, r->n);
    doc_id(d, id);
    clock_text(r->begun_ms, text, sizeof(text));
    columns_put(d, c, COLUMN_TIME, width, LOOK_DIM, text);
    status_text(r, text, sizeof(text));
    columns_put(d, c, COLUMN_STATUS, width, look_of(r), text);
    const char *method = r->method[0] ? r->method : "-";
    if (strcmp(method, "GET") != 0) {
        snprintf(text, sizeof(text), "%s ", method);
        columns_put(d, c, COLUMN_ROUTE, width, LOOK_KEY, text);
        room -= (int)strlen(text);
    }
    put_path(d, r->path, width, room);
    columns_put(d, c, COLUMN_FROM, width, LOOK_DIM, r->who);
    took(r, text, sizeof(text));
    columns_put(d, c, COLUMN_TOOK, width, LOOK_DIM, text);
}

void requests_make(struct doc *d, const struct ui_gateway *g, int width)
{
    for (size_t i = 0; i < g->n; i++)
        add_request(d, &g->newest[i], width);
}

static void line(struct doc *d, const char *name, const char *value)
{
    doc_row(d, 1);
    doc_printf(d, LOOK_DIM, "%-8s ", name);
    doc_puts(d, LOOK_TEXT, value);
}

bool requests_live(const struct ui_gateway *g, const char *id)
{
    const struct ui_request *r = find(g, id);
    return r && r->live;
}

void requests_show(struct doc *d, const struct ui_gateway *g, const char *id)
{
    const struct ui_request *r = find(g, id);
    char text[48];
    if (!r)
        return;
    line(d, "number", id);
    line(d, "method", r->method);
    line(d, "route", r->path);
    status_text(r, text, sizeof(text));
    line(d, "status", text);
    if (r->code[0])
        line(d, "why", r->code);
    line(d, "from", r->who);
    clock_text(r->begun_ms, text, sizeof(text));
    line(d, "at", text);
    took(r, text, sizeof(text));
    line(d, "took", text);
}
