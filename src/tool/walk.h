/* SPDX-License-Identifier: MIT
 *
 * walk: what lies below a directory of the workspace, by name, parents before children. Links are
 * told of but never followed; what is opened is opened in its parent's descriptor, so that a
 * directory that becomes a link meanwhile is passed over. Any thread.
 */
#ifndef TAU_TOOL_WALK_H
#define TAU_TOOL_WALK_H

#include "base/base.h"
#include "base/cancel.h"
#include "base/err.h"
#include "policy/path.h"

#include <sys/stat.h>

enum {
    WALK_DEPTH_MAX = 64,
    WALK_ENTRIES_MAX = 500000,    /* of one walk */
    WALK_DIRECTORY_MAX = 100000,  /* names of one directory */
    WALK_IGNORE_MAX = 256 * 1024, /* bytes of one .gitignore */
};

/* Valid during the callback only. */
struct walk_entry {
    const char *path; /* relative to the root of the workspace */
    const char *name; /* its last component */
    int dir;          /* descriptor of the directory that holds it */
    int depth;        /* 0: in the directory where the walk began */
    struct stat st;   /* of the entry itself, not of what a link leads to */
};

enum walk_next { WALK_ON, WALK_PASS /* do not enter this directory */, WALK_END };

struct walk {
    const struct path_root *root;
    const char *start;     /* a relative path of path_relative; "" is the root */
    bool ignore;           /* leave out .git and what .gitignore and .git/info/exclude name */
    int max_depth;         /* directories deeper than this are told of, not entered */
    size_t max_entries;    /* 0: WALK_ENTRIES_MAX */
    size_t max_names;      /* of one directory; 0: WALK_DIRECTORY_MAX */
    struct cancel *cancel; /* may be NULL */
    int64_t deadline_ms;
    enum walk_next (*each)(void *arg, const struct walk_entry *entry);
    void *arg;
    /* Set by walk_run: */
    size_t entries;
    bool cut; /* a limit ended it, or a directory could not be read */
};

/* True when it came to its end, also by WALK_END or a limit (see cut). ERR_NOT_FOUND and the like
 * for the start (not a directory: ERR_INVALID), ERR_CANCELLED, ERR_TIMEOUT. */
bool walk_run(struct walk *w, struct err *e) ATTR_WARN;

#endif
