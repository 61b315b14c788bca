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

void fd_close_p(int *fd); /* for CLEANUP(); closes what is >= 0 and sets -1 */

/* Reads the whole of an open file, at most b->max bytes: ERR_TOO_LARGE past that. */
bool fs_read_fd(int fd, struct buf *b, struct err *e) ATTR_WARN;
bool fs_read_file(const char *path, struct buf *b, struct err *e) ATTR_WARN;

/* Writes all of it, over short writes and EINTR. */
bool fs_write_all(int fd, struct str data, struct err *e) ATTR_WARN;

/* Replaces path: temporary file beside it with `mode`, write, fsync, rename, fsync of the
 * directory. The old file is whole until the new one is. */
bool fs_replace(const char *path, struct str data, mode_t mode, struct err *e) ATTR_WARN;

/* mkdir -p; directories that it makes get `mode`. */
bool fs_mkdirs(const char *path, mode_t mode, struct err *e) ATTR_WARN;

/* The real path (realpath(3)) in malloc'd memory, or NULL. */
char *fs_real(const char *path, struct err *e) ATTR_WARN;

bool fs_exists(const char *path);

/* Removes a tree below path, never following links; a missing path is success. */
bool fs_remove_tree(const char *path, struct err *e) ATTR_WARN;

/* dir + "/" + name, malloc'd. */
char *fs_join(const char *dir, const char *name) __attribute__((malloc, returns_nonnull));

/* $NAME when it is an absolute path, else $HOME/fallback, malloc'd (XDG Base Directory 0.8: relative
 * values are ignored). Without HOME the home of the password database counts. */
char *fs_xdg(const char *variable, const char *fallback) __attribute__((returns_nonnull));

#endif
