/* SPDX-License-Identifier: MIT
 *
 * requests: what others asked over HTTP, as rows.
 */
#include "ui/vm/requests.h"

#include "ui/vm/toolrow.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { WHO_FROM = 60, ID_SIZE = 24 };

static void took(const struct ui_request *r, char *buf, size_t size)
{
    if (r->streams)
        snprintf(buf, size, "live");
    else if (r->ms < 1000)
        snprintf(buf, size, "%" PRId64 "ms", r->ms);
    else
        duration_text(r->ms, buf, size);
}

static enum look look_of(const struct ui_request *r)
{
    return r->status >= 400 ? LOOK_FAIL : r->streams ? LOOK_RUNS : LOOK_OK;
}

void requests_make(struct doc *d, const struct ui_gateway *g, int width)
{
    for (size_t i = 0; i < g->n; i++) {
        const struct ui_request *r = &g->newest[i];
        char id[ID_SIZE], when[16], how_long[24], right[80];
        snprintf(id, sizeof(id), "%" PRId64, r->n);
        clock_text(r->begun_ms, when, sizeof(when));
        took(r, how_long, sizeof(how_long));
        doc_row(d, 1);
        doc_id(d, id);
        doc_printf(d, LOOK_DIM, "%s ", when);
        doc_printf(d, look_of(r), "%d ", r->status);
        if (strcmp(r->method, "GET") != 0)
            doc_printf(d, LOOK_KEY, "%s ", r->method[0] ? r->method : "-");
        doc_puts(d, LOOK_TEXT, r->path);
        if (width >= WHO_FROM)
            snprintf(right, sizeof(right), "%.47s  %6s", r->who, how_long);
        else
            snprintf(right, sizeof(right), "%s", how_long);
        doc_right(d, LOOK_DIM, right);
    }
}

static void line(struct doc *d, const char *name, const char *value)
{
    doc_row(d, 1);
    doc_printf(d, LOOK_DIM, "%-8s ", name);
    doc_puts(d, LOOK_TEXT, value);
}

void requests_show(struct doc *d, const struct ui_gateway *g, const char *id)
{
    for (size_t i = 0; i < g->n; i++) {
        const struct ui_request *r = &g->newest[i];
        char text[48];
        snprintf(text, sizeof(text), "%" PRId64, r->n);
        if (strcmp(text, id) != 0)
            continue;
        line(d, "method", r->method);
        line(d, "route", r->path);
        snprintf(text, sizeof(text), "%d", r->status);
        line(d, "status", text);
        line(d, "from", r->who);
        clock_text(r->begun_ms, text, sizeof(text));
        line(d, "at", text);
        took(r, text, sizeof(text));
        line(d, "took", text);
    }
}
