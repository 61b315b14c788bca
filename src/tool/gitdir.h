/* SPDX-License-Identifier: MIT
 *
 * gitdir: where a repository keeps its data, and which branch is checked out, by reading its files. Git
 * itself is not run, because a repository's configuration can make it run programs. Any thread.
 */
#ifndef TAU_TOOL_GITDIR_H
#define TAU_TOOL_GITDIR_H

#include "base/base.h"
#include "base/str.h"

enum {
    GITDIR_FILE_MAX = 4096,  /* bytes of the small files that are read */
    GITDIR_PARENTS_MAX = 32, /* directories above a path where a repository is looked for */
};

/* The data of the repository whose top is this directory; NULL when it is none. The caller frees. */
char *gitdir_at(const char *dir);

/* What is checked out in the repository that the path is, or lies in: the branch, or the first digits of a
 * commit; cut to size. False: there is no repository, or nothing in it that can be understood. */
bool gitdir_branch(const char *path, char *ret, size_t size);

/* ---- what the files say; pure ---- */

/* Where the data lie, of a .git that is a file; empty when it does not say so in a name that can be. */
struct str gitdir_link(struct str text);

/* The same as gitdir_branch, of a HEAD. */
bool gitdir_head(struct str text, char *ret, size_t size);

#endif
