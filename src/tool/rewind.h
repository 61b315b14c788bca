/* SPDX-License-Identifier: MIT
 *
 * rewind: files of the workspace back to what they were at a point of the log. The events after that
 * point say what each file was before it was first changed, and what tau left there last; a file
 * that is something else now was changed by somebody else, and is not touched without a word.
 *
 *     rewind_new, rewind_event (each event after the point, in order), rewind_look: what would be done
 *     rewind_keep (what is there now becomes copies), rewind_write (for the log), rewind_apply
 *
 * One thread at a time. Blocks on the disk, and on git for what only git has.
 */
#ifndef TAU_TOOL_REWIND_H
#define TAU_TOOL_REWIND_H

#include "base/base.h"
#include "base/buf.h"
#include "base/digest.h"
#include "base/err.h"
#include "json/json.h"
#include "policy/policy.h"

enum { REWIND_FILES_MAX = 20000 };

enum rewind_do {
    REWIND_SAME,    /* it is so already */
    REWIND_WRITE,   /* its old content comes back */
    REWIND_REMOVE,  /* there was no such file */
    REWIND_TOUCHED, /* somebody else changed it since: only when that is asked for */
    REWIND_LOST,    /* it can not be had back: why */
};

struct rewind_file {
    const char *path; /* relative to the workspace */
    enum rewind_do act;
    const char *why;             /* LOST; TOUCHED: what is there instead */
    char want[DIGEST_HEX];       /* copy of its old content; "": there was no file, or it is LOST */
    char now[DIGEST_HEX];        /* what is there now, "": no file; a copy after rewind_keep */
    bool done;                   /* after rewind_apply */
    char failure[120];           /* after rewind_apply: why not; "": none */
};

struct rewind;

/* ERR_IO when the workspace can not be opened. Strings are copied; the policy must live as long. */
struct rewind *rewind_new(const char *workspace, const char *store_dir, struct policy *policy,
                          struct err *e);
void rewind_free(struct rewind *r); /* NULL is fine */

/* An envelope of the log; what concerns no file is passed over. ERR_TOO_LARGE past REWIND_FILES_MAX. */
bool rewind_event(struct rewind *r, const struct json *envelope, struct err *e) ATTR_WARN;

/* Of all files that the events name only those that were given here; without one, all. Before
 * rewind_look. */
void rewind_only(struct rewind *r, const char *path);

/* Compares with the disk. */
void rewind_look(struct rewind *r);

/* By path, after rewind_look. */
const struct rewind_file *const *rewind_files(const struct rewind *r, size_t *ret_n);

/* Copies of what will be replaced. `touched`: also of what somebody else changed. */
bool rewind_keep(struct rewind *r, bool touched, struct err *e) ATTR_WARN;

/* What rewind_apply is about to do, for session.restoring.files; "[]" when that is nothing. */
void rewind_write(const struct rewind *r, bool touched, struct buf *out);

/* Does it, each file whole or not at all. How many were done; those that failed say so. */
size_t rewind_apply(struct rewind *r, bool touched);

#endif
