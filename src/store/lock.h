/* SPDX-License-Identifier: MIT
 *
 * lock: files that a process holds locked, mostly for as long as it lives. The kernel lets go when it dies,
 * however that happens. Locks belong to the open file, so two handles of one process exclude each
 * other too. Any thread.
 */
#ifndef TAU_STORE_LOCK_H
#define TAU_STORE_LOCK_H

#include "base/base.h"
#include "base/err.h"

/* The locked descriptor, or -1 (ERR_LEASED when somebody else has it). The file is made, 0600. */
int lock_take(const char *path, struct err *e) ATTR_WARN;

/* The same for what others hold for a moment only: tries again until they let go, so long at most. */
int lock_wait(const char *path, int64_t ms, struct err *e) ATTR_WARN;

/* Does nobody hold it? A file that is not there counts as free; one that can not be looked at as
 * held. */
bool lock_is_free(const char *path);

#endif
