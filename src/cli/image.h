/* SPDX-License-Identifier: MIT
 *
 * image: a file that goes with a question. Its bytes are kept in the store, and named by digest
 * from then on. What it is, is told by how it begins. Main thread, or a thread of the console.
 */
#ifndef TAU_CLI_IMAGE_H
#define TAU_CLI_IMAGE_H

#include "base/buf.h"
#include "base/err.h"

enum {
    IMAGE_BYTES_MAX = 20 << 20,
    IMAGE_FRONT = 12, /* bytes that tell of which kind it is */
};

/* The media type of a file that begins so; NULL: no image that models take. Pure. */
const char *image_type(struct str front);

/* Appends what turn.submit takes: {"media_type","sha256","bytes","name"}. ERR_NOT_FOUND,
 * ERR_NOT_REGULAR (a FIFO does not block), ERR_TOO_LARGE, ERR_UNSUPPORTED for what is no image. */
bool image_keep(const char *store_dir, const char *path, struct buf *out, struct err *e) ATTR_WARN;

#endif
