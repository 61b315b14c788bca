/* SPDX-License-Identifier: MIT
 *
 * gitindex: which files git could give back as they are, read from the index file of a repository
 * (gitformat-index(5), versions 2 to 4, SHA-1). Git itself is not run, because a repository's
 * configuration can make it run programs. Pure but for opening; one thread at a time.
 */
#ifndef TAU_TOOL_GITINDEX_H
#define TAU_TOOL_GITINDEX_H

#include "base/base.h"
#include "base/str.h"
#include "policy/path.h"

#include <sys/stat.h>

enum {
    GITINDEX_BYTES_MAX = 64 << 20,
    GITINDEX_ENTRIES_MAX = 500000,
    GITINDEX_PATH_MAX = 4096,
    GITINDEX_OBJECT = 41, /* of a name, with its NUL */
};

struct gitindex;

/* The index of the repository that the workspace is, or lies in. Never NULL; without a repository,
 * with a damaged index or one of another form it knows nothing. */
struct gitindex *gitindex_open(const struct path_root *root);
void gitindex_free(struct gitindex *g); /* NULL is fine */

/* From the bytes of an index file whose own time of change is `mtime`; `prefix` ("" or "a/b/") is
 * cut off its paths, and others are left out. NULL when it is not understood. */
struct gitindex *gitindex_parse(struct str bytes, struct timespec mtime, struct str prefix);

/* Is the file, whose state is st, as git has it? Doubt is no: also a file that changed in the same
 * instant as the index. */
bool gitindex_has(const struct gitindex *g, const char *path, const struct stat *st);
/* The object that holds the content of a file that it knows: 40 digits. */
bool gitindex_object(const struct gitindex *g, const char *path, char ret[GITINDEX_OBJECT]);
size_t gitindex_count(const struct gitindex *g);

#endif
