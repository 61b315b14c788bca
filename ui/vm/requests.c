/* SPDX-License-Identifier: MIT
 *
 * requests: what others asked over HTTP, as rows.
 */
#include "ui/vm/requests.h"

#include "ui/vm/toolrow.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
    WHO_FROM = 60,
    ID_SIZE = 24,
    ROW_FIXED = 15 /* cells of margin, time and status, and a blank before the right end */
};

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
static void put_path(struct doc *d, const char *path, int room)
{
    const char *at = path;
    while (at && (int)strlen(at) + (at > path ? 3 : 0) > room)
        at = strchr(at + 1, '/');
    if (!at)
        at = strrchr(path, '/');
    doc_printf(d, LOOK_TEXT, "%s%s", at > path ? "..." : "", at);
}

void requests_make(struct doc *d, const struct ui_gateway *g, int width)
{
    for (size_t i = 0; i < g->n; i++) {
        const struct ui_request *r = &g->newest[i];
        char id[ID_SIZE], status[16], when[16], how_long[24], right[80];
        snprintf(id, sizeof(id), "%" PRId64, r->n);
        clock_text(r->begun_ms, when, sizeof(when));
        took(r, how_long, sizeof(how_long));
        doc_row(d, 1);
        doc_id(d, id);
        doc_printf(d, LOOK_DIM, "%s ", when);
        status_text(r, status, sizeof(status));
        doc_printf(d, look_of(r), "%s ", status);
        const char *method = strcmp(r->method, "GET") == 0 ? "" : r->method[0] ? r->method : "-";
        if (method[0])
            doc_printf(d, LOOK_KEY, "%s ", method);
        if (width >= WHO_FROM)
            snprintf(right, sizeof(right), "%.47s  %6s", r->who, how_long);
        else
            snprintf(right, sizeof(right), "%s", how_long);
        put_path(d, r->path, width - ROW_FIXED - (int)strlen(method) - (method[0] ? 1 : 0) - (int)strlen(right));
        doc_right(d, LOOK_DIM, right);
    }
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
