/* SPDX-License-Identifier: MIT
 *
 * keep_cache: which copies of which states of files this process has made, so that the next turn
 * does not copy again what nobody touched. A state is device, inode, size and both times of change;
 * one that is younger than KEEP_CACHE_SETTLE_MS is not remembered, since a file may change twice
 * within one tick of the file system's clock. Any thread; it locks inside.
 */
#ifndef TAU_TOOL_KEEP_CACHE_H
#define TAU_TOOL_KEEP_CACHE_H

#include "base/base.h"
#include "base/digest.h"

#include <sys/stat.h>

enum { KEEP_CACHE_MAX = 20000, KEEP_CACHE_SETTLE_MS = 100 };

struct keep_cache;
struct keep_cache *keep_cache_new(void);
void keep_cache_free(struct keep_cache *c); /* NULL is fine */

/* The digest of the copy of this state, when there is one. c may be NULL: then there is none. */
bool keep_cache_get(struct keep_cache *c, const struct stat *st, char ret_sha[DIGEST_HEX]);

/* Remembers one; at KEEP_CACHE_MAX all others are forgotten first. c may be NULL. */
void keep_cache_put(struct keep_cache *c, const struct stat *st, const char *sha);

#endif
