/* SPDX-License-Identifier: MIT
 *
 * fs: files and directories of our own (state, configuration, runtime). Paths that a model or a
 * repository names go through policy/path.h instead. Every descriptor is close-on-exec.
 */
#ifndef TAU_BASE_FS_H
#define TAU_BASE_FS_H

#include "base/base.h"
#include "base/buf.h"
#include "base/err.h"

/* How many directories below one another fs_remove_tree goes. */
enum { FS_TREE_DEPTH = 200 };

void fd_close_p(int *fd); /* for CLEANUP(); closes what is >= 0 and sets -1 */

/* Appends what an open file still has to b, which then holds at most b->max bytes: ERR_TOO_LARGE
 * past that (at once when the file says its size). On an error b is as it was. A missing file is
 * ERR_NOT_FOUND, a directory ERR_IS_DIRECTORY; by name also a FIFO, a device or a socket fails, with
 * ERR_NOT_REGULAR, since it may never end. */
bool fs_read_fd(int fd, struct buf *b, struct err *e) ATTR_WARN;
bool fs_read_file(const char *path, struct buf *b, struct err *e) ATTR_WARN;

/* Writes all of it, over short writes and EINTR; waits where the descriptor does not block. */
bool fs_write_all(int fd, struct str data, struct err *e) ATTR_WARN;

/* Replaces path: temporary file beside it with `mode`, write, fsync, rename, fsync of the
 * directory. The old file is whole until the new one is. When only the last step fails, the new one
 * stands already, but may not outlive a loss of power. */
bool fs_replace(const char *path, struct str data, mode_t mode, struct err *e) ATTR_WARN;

/* Writes to `to` what `from` still has, up to its end; not synced. */
bool fs_copy(int from, int to, struct err *e) ATTR_WARN;

/* Gives a file in an open directory another name there that nothing has: 0, or -1 with errno, EEXIST when
 * something has it, a link that leads nowhere too. At once, also where rename can not say so. */
int fs_rename_new(int dir, const char *from, const char *to) ATTR_WARN;

/* mkdir -p; directories that it makes get `mode`. */
bool fs_mkdirs(const char *path, mode_t mode, struct err *e) ATTR_WARN;

/* The real path (realpath(3)) in malloc'd memory, or NULL. */
char *fs_real(const char *path, struct err *e) ATTR_WARN;

/* Is there something at path, links followed? */
bool fs_exists(const char *path);

/* Is the path root, or below it? By their letters; both absolute. All lies in "/". */
bool fs_lies_in(const char *path, const char *root);

/* Removes path and what is below it, never following links; a missing path is success.
 * ERR_TOO_LARGE past FS_TREE_DEPTH; what was removed until an error stays removed. */
bool fs_remove_tree(const char *path, struct err *e) ATTR_WARN;

/* dir + "/" + name, malloc'd; a slash at the end of dir is not doubled. */
char *fs_join(const char *dir, const char *name) __attribute__((malloc, returns_nonnull));

/* $NAME when it is an absolute path, else $HOME/fallback, malloc'd (XDG Base Directory 0.8: relative
 * values are ignored). Without HOME the home of the password database counts. */
char *fs_xdg(const char *variable, const char *fallback) __attribute__((returns_nonnull));

#endif
