/* SPDX-License-Identifier: MIT
 *
 * meta: what Landlock does not govern, decided by the supervisor: mode, owner and times of files,
 * and (where the kernel can not keep signals inside) signals. The filter hands such calls to us; we
 * find the file ourselves, look where it is, and do the call on the file that we found, so that
 * nothing the caller changes meanwhile matters.
 */
#ifndef TAU_EXEC_META_H
#define TAU_EXEC_META_H

#include "exec/plan.h"

enum { META_END = -1000000 };

/* Newer than the libseccomp that we build with; the same number on every machine. */
enum { NR_FCHMODAT2 = 452 };

/* The i-th call that is handed to us: its number, negative where this machine lacks it; META_END
 * past the last. */
int meta_call(const struct plan *p, size_t i);

/* Answers the one call that waits at the listener; the listener must be readable. Never blocks for
 * long, never fails: what can not be answered is refused. */
void meta_answer(const struct plan *p, int listener);

#endif
