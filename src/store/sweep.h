/* SPDX-License-Identifier: MIT
 *
 * sweep: blobs that no event names: what a process had written, or begun to write, when it died, or
 * what was shown to tau and never sent. Only those go that nobody has written or used for SWEEP_AGE_MS; a writer that finds one
 * there makes it young again (store/blob.h). Any thread; other processes may work meanwhile.
 */
#ifndef TAU_STORE_SWEEP_H
#define TAU_STORE_SWEEP_H

#include "base/base.h"
#include "base/cancel.h"
#include "base/err.h"

static const int64_t SWEEP_AGE_MS = 7 * 24 * (int64_t)3600 * 1000;

/* So many are looked up in one run, from a fan on that is picked at random; the next does others. */
enum { SWEEP_MOST = 10000 };

struct swept {
    int64_t blobs, bytes;
};

/* dry_run: only counts. Reads the whole log when there is one that could go. True also when it was
 * cancelled. */
bool sweep_blobs(const char *dir, bool dry_run, struct cancel *cancel, struct swept *ret,
                 struct err *e) ATTR_WARN;

#endif
