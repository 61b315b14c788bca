/* SPDX-License-Identifier: MIT
 *
 * export: a session as text, page by page, so that one of any length takes little memory. A format
 * appends to a buffer; where that goes is the caller's business.
 */
#ifndef TAU_CLI_EXPORT_H
#define TAU_CLI_EXPORT_H

#include "base/buf.h"
#include "contract/action.h"
#include "contract/seams.h"
#include "json/json.h"

struct export {
    struct reader reader;
    struct cancel *cancel;
    const char *session; /* id */
    const char *store_dir; /* where artifacts lie, to be written as well; NULL: they are not */
    struct arena arena;  /* of the row that is written */
    void *state;         /* of the format; freed with free() */
    /* Takes the text of a page; false with e when it can not. */
    bool (*put)(void *arg, struct str text, struct err *e);
    void *arg;
};

/* A format: what it reads, a query that goes forward by `cursor` with the argument `after`, and how
 * it writes the session (a row of session.get), each row, and the end. */
struct export_format {
    const char *name, *suffix;
    enum query_id query;
    const char *cursor; /* column */
    size_t state;
    void (*begin)(struct export *x, const struct json *session, struct buf *out);
    /* NULL: nothing; puts what stands before the rows, by itself. */
    bool (*before)(struct export *x, struct err *e);
    void (*row)(struct export *x, const struct json *row, struct str raw, struct buf *out);
    /* Puts a page of rows, and what goes between them; NULL: as it is. Not while a query runs: a slow
     * reader of ours must not hold it. */
    bool (*put)(struct export *x, struct str page, struct err *e);
    void (*end)(struct export *x, struct buf *out);
};

enum { EXPORT_PAGE_BYTES = 1 << 20 }; /* of rows that are written at once, about */

extern const struct export_format export_md, export_html, export_jsonl, export_tau;

/* By name, or by the suffix of a file's name; NULL when there is none. */
const struct export_format *export_find(const char *name);
const struct export_format *export_for(const char *path);

/* Runs the format over the session. ERR_NOT_FOUND, what the reader says, what put says. */
bool export_run(struct export *x, const struct export_format *f, struct err *e) ATTR_WARN;

/* ---- for formats ---- */

/* Appends text so that control characters, and those that turn the direction of what follows, are
 * seen and do nothing; TAB and LF stay, CR LF and CR become LF. Invalid bytes become U+FFFD. */
void export_visible(struct buf *out, struct str text);

/* "2026-11-20 12:00" */
const char *export_time(struct export *x, const struct json *ms);

/* "edit · completed · 1.2 s · a.c +3 -1", of a row that is a call. */
void export_call(struct buf *out, const struct json *row);

/* The sentence of a failure object, with its hint. */
void export_failure(struct buf *out, const struct json *error);

#endif
