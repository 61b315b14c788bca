/* SPDX-License-Identifier: MIT
 *
 * keep: copies of what a tool is about to change, and what a command changed. write and edit name
 * their files, so these are copied one by one; a command may change anything, so the workspace is
 * indexed before the first command of a turn, and what git could not give back (modified or
 * untracked, not ignored) is copied. Copies are blobs, by reflink where the file system can.
 *
 * Git's own index file says what git could give back (tool/gitindex.h). The index is brought up to
 * date by walking again, not by notifications of the kernel: a walk compares stats only.
 *
 * Ignored files, .git, and directories that are links are not looked at. One index is used by one
 * thread at a time.
 */
#ifndef TAU_TOOL_KEEP_H
#define TAU_TOOL_KEEP_H

#include "base/arena.h"
#include "base/base.h"
#include "base/cancel.h"
#include "base/digest.h"
#include "base/err.h"
#include "contract/tool.h"
#include "policy/path.h"
#include "tool/call.h"

enum {
    KEEP_FILES_MAX = 50000,     /* files that an index knows */
    KEEP_COPIES_MAX = 2000,     /* files that are copied at one refresh */
    KEEP_FILE_MAX = 32 << 20,   /* bytes of one copied file */
    KEEP_BYTES_MAX = 256 << 20, /* bytes copied at one refresh */
    KEEP_CHANGES_MAX = 1000,    /* files that one diff names */
    KEEP_LINES_MAX = 1 << 20,   /* bytes of a file whose changed lines are counted */
};

struct keep_copy {
    const char *path;        /* relative to the workspace */
    char sha256[DIGEST_HEX]; /* empty: there was no such file */
    int64_t mode;            /* its permissions */
};

/* Keeps the present content of a file that a call will change, synced. `path` as the model gave it.
 * A file that does not exist yet is success, with an empty digest. The strings are in the call's
 * arena. ERR_NOT_REGULAR and the like as path_open; errors of the blob store. */
bool keep_file(struct tool_call *call, const char *path, struct keep_copy *ret_copy,
               struct err *e) ATTR_WARN;

struct keep_index;
struct keep_cache; /* tool/keep_cache.h: of the process, shared by all indexes */

/* An index that knows nothing yet. The root's descriptor must stay open and the cache (NULL: none)
 * alive as long as the index; the rest is copied. */
struct keep_index *keep_index_new(const struct path_root *root, const char *store_dir,
                                  struct keep_cache *cache);
void keep_index_free(struct keep_index *k); /* NULL is fine */

/* Before a command: walks the workspace; what changed since the last walk is indexed anew, and what
 * git could not give back and was not copied in this state before is copied. *ret_copies (in the
 * arena) are the copies that are new to this index, for tool.started.copies. Past a limit the rest
 * is indexed but not copied, so it will count as not restorable; that is no error. Errors:
 * ERR_CANCELLED, the store. */
bool keep_index_refresh(struct keep_index *k, struct cancel *cancel, struct arena *a,
                        const struct keep_copy **ret_copies, size_t *ret_n,
                        struct err *e) ATTR_WARN;

/* After a command: what differs from the index, by path, in the arena; each says whether its old
 * state can be had back. The index then knows the new state. *ret_more: there were more than
 * KEEP_CHANGES_MAX, or more files than an index knows. */
bool keep_index_diff(struct keep_index *k, struct cancel *cancel, struct arena *a,
                     struct tool_file **ret_files, size_t *ret_n, bool *ret_more,
                     struct err *e) ATTR_WARN;

#endif
