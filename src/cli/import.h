/* SPDX-License-Identifier: MIT
 *
 * import: a session from a file: tau's own events, or entries of Tau as JSON lines or in SQLite. What
 * it is, is told by its content. The file is read and judged whole before anything is written; then
 * its facts go through core one after another, into a session that nobody is shown until all of it
 * is there.
 */
#ifndef TAU_CLI_IMPORT_H
#define TAU_CLI_IMPORT_H

#include "base/buf.h"
#include "base/id.h"
#include "contract/event.h"
#include "contract/seams.h"

/* A line of an export is an event with its envelope, so that it can be as large as an event. */
enum { IMPORT_ENVELOPE_MAX = 64 << 10, IMPORT_LINE_MAX = EVENT_DATA_MAX + IMPORT_ENVELOPE_MAX };
enum { IMPORT_ENTRIES_MAX = 10 * 1000 * 1000 };

struct import {
    struct sink sink;
    struct actor actor;
    struct principal who;
    const char *path, *name, *store_dir;
    bool replace, dry_run;
    struct cancel *cancel; /* stops it: ERR_CANCELLED; NULL: nobody can */
    void (*progress)(void *arg, int64_t entries); /* now and then; NULL: nobody is told */
    void *arg;
    /* Set by it. */
    char session[ID_MAX];
    const char *format;
    int64_t entries;        /* that the session holds */
    int64_t duplicates;     /* ids that were there already: left out */
    int64_t invalid_parent; /* parents that are not there: made roots */
    int64_t cycles;         /* members of a ring: one of it made a root */
    int64_t roots, system;  /* system: prompts, left out: tau has its own */
    int64_t orphans;        /* results without a call: kept as text */
    int64_t unanswered;     /* calls without a result: closed */
    int64_t artifacts;      /* that came with their bytes, or whose bytes were here */
    int64_t missing;        /* artifacts whose bytes are nowhere: left out */
};

/* When it fails or is stopped nobody is shown what came of it. */
bool import_run(struct import *im, struct err *e) ATTR_WARN;

/* ---- by file ---- */

/* The id in this store of what the file calls so. */
struct id import_id(const struct import *im, const char *prefix, struct str old);
bool import_stopped(const struct import *im, struct err *e); /* true with ERR_CANCELLED */
void import_count(struct import *im); /* one entry more */
void import_emit(struct import *im, enum event_kind kind, const char *turn, const void *fields);
bool import_begin(struct import *im, struct err *e) ATTR_WARN; /* makes the session, im->session */
bool import_act(struct import *im, const char *action, struct str arguments, char *ret_id,
                struct err *e) ATTR_WARN;

struct tausql;
bool import_tau(struct import *im, int fd, struct tausql *sql, struct err *e) ATTR_WARN;
bool import_events(struct import *im, int fd, struct err *e) ATTR_WARN;

/* Lines of a file with their place. */
struct import_lines {
    int fd;
    struct buf bytes;
    size_t at;
    int64_t line, offset; /* of the line that was given last */
    bool end;
};
/* False at the end, and on failure, which sets *ret_ok to false and e. */
bool import_line(const struct import *im, struct import_lines *l, struct str *ret, bool *ret_ok,
                 struct err *e) ATTR_WARN;

#endif
