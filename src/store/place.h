/* SPDX-License-Identifier: MIT
 *
 * place: making the files of a store so that they are whole or not there. Any thread.
 */
#ifndef TAU_STORE_PLACE_H
#define TAU_STORE_PLACE_H

#include "base/base.h"
#include "base/err.h"

/* Makes an empty store at `path` in the directory `dir`, 0600, unless there is a file. */
bool place_make(const char *path, const char *dir, struct err *e) ATTR_WARN;

/* What was made, named or removed in dir is safe from power loss. */
bool place_sync_dir(const char *dir, struct err *e) ATTR_WARN;

#endif
