/* SPDX-License-Identifier: MIT
 *
 * change: a file of the workspace is looked at, and later replaced as a whole if nobody touched it
 * meanwhile. Shared by write and edit. What is looked at lives in the call's arena.
 */
#ifndef TAU_TOOL_CHANGE_H
#define TAU_TOOL_CHANGE_H

#include "base/base.h"
#include "base/err.h"
#include "text/diff.h"
#include "tool/call.h"

#include <sys/stat.h>

enum { CHANGE_LINKS_MAX = 8, CHANGE_DIFF_CONTEXT = 3 };

struct change {
    const char *path; /* relative, a link at its end followed */
    bool existed;
    bool whole;     /* before holds all of it; else it has more than may be read */
    struct stat st; /* when it existed */
    struct str before;
    struct diff_stat diff; /* set by change_preview */
};

/* Looks at the file that a model named. One that is not there is fine (existed is false). Errors as
 * path_open; ERR_PROTECTED for paths that no tool changes. */
bool change_look(struct tool_call *call, const char *path, struct change *ret,
                 struct err *e) ATTR_WARN;

/* The diff between what was there and `after`, at most TOOL_PREVIEW_MAX bytes, in the arena; counts
 * its lines in c->diff. NULL when nothing differs. */
const char *change_preview(struct tool_call *call, struct change *c, struct str after);

/* Says what a call would touch, for policy: the path as given, and where a link leads. */
void change_intent(struct tool_call *call, const struct change *c, const char *path,
                   const char *verb, struct tool_intent *ret);

/* Replaces the file: a temporary file beside it, synced, renamed over it; mode and, as root, owner
 * are kept; missing directories are made. ERR_CONFLICT when it is no longer what was looked at.
 * Another name of the same file (a hard link) keeps the old content. */
bool change_apply(struct tool_call *call, const struct change *c, struct str after,
                  struct err *e) ATTR_WARN;

/* The one file of the outcome, which holds `after` now. */
void change_outcome(struct tool_call *call, const struct change *c, struct str after,
                    struct tool_outcome *ret);

#endif
