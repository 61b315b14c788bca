/* SPDX-License-Identifier: MIT
 *
 * blob: contents kept by their digest under <dir>/blobs/ab/cdef..., written once, never changed. A
 * blob has no row of its own; events name it by sha256. Any thread; one writer value per thread.
 */
#ifndef TAU_STORE_BLOB_H
#define TAU_STORE_BLOB_H

#include "base/base.h"
#include "base/buf.h"
#include "base/digest.h"
#include "base/err.h"

struct blob_writer; /* a temporary file in <dir>/blobs */

struct blob_writer *blob_begin(const char *store_dir, struct err *e) ATTR_WARN;
/* The same for one that can be found again by `name` (letters, digits and _, at most 64) if this
 * process dies before blob_end. ERR_STORE when there is such a one already. */
struct blob_writer *blob_begin_named(const char *store_dir, const char *name,
                                     struct err *e) ATTR_WARN;

/* Makes a blob of what a process that died had added under that name. ERR_NOT_FOUND when there is
 * nothing: it ended, or was never begun. Not while its process lives. */
bool blob_rescue(const char *store_dir, const char *name, char ret_sha[DIGEST_HEX],
                 int64_t *ret_bytes, struct err *e) ATTR_WARN;

bool blob_add(struct blob_writer *w, struct str data, struct err *e) ATTR_WARN;

/* Syncs file and directory and gives it its name; true when *ret_sha and *ret_bytes are set. Frees
 * w in any case. An equal blob that is there already is kept. */
bool blob_end(struct blob_writer *w, char ret_sha[DIGEST_HEX], int64_t *ret_bytes,
              struct err *e) ATTR_WARN;
void blob_abort(struct blob_writer *w); /* NULL is fine */

/* Copies an open file (from offset 0), by reflink where the file system can. */
bool blob_from_fd(const char *store_dir, int fd, char ret_sha[DIGEST_HEX], int64_t *ret_bytes,
                  struct err *e) ATTR_WARN;

/* Many files at once, for one sync instead of one for each. Nothing has a name before
 * blob_batch_end has come back with true; after an abort nothing was kept, after a failure some.
 * Both free b. */
struct blob_batch;
struct blob_batch *blob_batch_new(const char *store_dir);
bool blob_batch_copy(struct blob_batch *b, int fd, char ret_sha[DIGEST_HEX], int64_t *ret_bytes,
                     struct err *e) ATTR_WARN;
bool blob_batch_end(struct blob_batch *b, struct err *e) ATTR_WARN;
void blob_batch_abort(struct blob_batch *b); /* NULL is fine */

/* An open descriptor, or -1. sha must be 64 hex digits. */
int blob_open(const char *store_dir, const char *sha, struct err *e) ATTR_WARN;

/* One that is there will be named again without being written: it counts as written now, and no sweep
 * takes it (store/sweep.h). False when it is not there. */
bool blob_use(const char *store_dir, const char *sha) ATTR_WARN;

#endif
