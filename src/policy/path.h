/* SPDX-License-Identifier: MIT
 *
 * path: paths that a model names. Resolved below an open directory with openat2(2), so that no
 * "..", symlink or race leads outside; the descriptor that comes out is what is used. Any thread.
 */
#ifndef TAU_POLICY_PATH_H
#define TAU_POLICY_PATH_H

#include "base/arena.h"
#include "base/base.h"
#include "base/err.h"

enum { PATH_BYTES_MAX = 4096 };

struct path_root {
    int fd;           /* O_PATH directory */
    const char *path; /* its real path */
};

/* Lexical: "a/../b", "./x", and absolute paths below the root become "b", "x", relative without
 * dots; "" is the root. ERR_OUTSIDE for what leads out, ERR_INVALID for control bytes, an empty name
 * or more than 4,096 bytes. Nothing is looked up. */
char *path_relative(const struct path_root *root, const char *path, struct arena *a,
                    struct err *e) ATTR_WARN;

/* Opens a relative path (of path_relative) with these flags beneath the root. Symlinks are followed
 * while they stay inside; magic links never. ERR_OUTSIDE, ERR_NOT_FOUND, ERR_NOT_REGULAR (a FIFO,
 * device or socket when `regular`; never blocks), ERR_IS_DIRECTORY, ERR_IO. */
int path_open(const struct path_root *root, const char *relative, int flags, bool regular,
              struct err *e) ATTR_WARN;

/* Opens the directory that holds it, making missing ones (0777 & umask) when `make`; *ret_name is
 * its last component. The descriptor and the name are what a file is replaced by (renameat). */
int path_open_parent(const struct path_root *root, const char *relative, bool make,
                     const char **ret_name, struct err *e) ATTR_WARN;

/* Where it really is, links looked through, relative to the root; what does not exist yet keeps its
 * name. NULL when that can not be told: it leads out, a link leads nowhere, there is no /proc. */
char *path_real(const struct path_root *root, const char *relative, struct arena *a);

/* Is it a path that file tools never change: .git (hooks, config and all), .tau, the instruction
 * files at the root, and what policy.protected lists? Case is ignored, links are looked through. */
bool path_protected(const struct path_root *root, const char *relative, const char *configured);

/* The same for `name` in an open directory (of path_open_parent; "" asks for the directory itself).
 * A tool that writes asks this last, with the descriptor that it writes through: then no link that
 * is swapped in meanwhile counts. Doubt is true. */
bool path_protected_at(const struct path_root *root, int dir, const char *name,
                       const char *configured);

#endif
