/* SPDX-License-Identifier: MIT
 *
 * trust: the list of directories whose own configuration the operator agreed to:
 * <config_dir>/trusted, one real path a line, 0600. A file that others could read or write is not
 * believed. Any thread of any process: who changes it holds <config_dir>/trusted.lock meanwhile.
 */
#ifndef TAU_POLICY_TRUST_H
#define TAU_POLICY_TRUST_H

#include "base/base.h"
#include "base/err.h"

enum {
    TRUST_FILE_MAX = 1 << 20,
    POLICY_FILE_MS = 10000, /* for another process to be done with a file of ours */
};

/* *ret_trusted: is the path in the list? Errors: ERR_CONFIG for a file that is not believed,
 * ERR_IO. */
bool trust_find(const char *config_dir, const char *path, bool *ret_trusted,
                struct err *e) ATTR_WARN;

/* Puts it in or takes it out. ERR_INVALID for a path that no line can hold, ERR_LEASED when somebody else has
 * been changing the list for POLICY_FILE_MS. */
bool trust_set(const char *config_dir, const char *path, bool trust, struct err *e) ATTR_WARN;

#endif
