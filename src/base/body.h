/* SPDX-License-Identifier: MIT
 *
 * body: text that only grows at its end, shared by many readers without a lock. A body is a counted
 * buffer and a length; bytes below the length never change, so an older body of the same buffer
 * stays valid while a newer, longer one is made. One thread appends (core); any thread reads and
 * drops references.
 */
#ifndef TAU_BASE_BODY_H
#define TAU_BASE_BODY_H

#include "base/base.h"
#include "base/str.h"

struct body {
    struct body_buf *buf; /* NULL: empty */
    size_t len;
};

#define BODY_NONE ((struct body){0})

/* A body with a copy of s and one reference, of exactly its size; an empty s gives BODY_NONE. */
struct body body_of(struct str s);

/* One more reference, and one less; BODY_NONE is fine. Any thread. */
struct body body_ref(struct body b);
void body_unref(struct body b);

/* Its bytes, valid as long as the caller's reference. Any thread. */
struct str body_view(struct body b);

/* A body of b followed by s, with a reference of its own; b keeps its reference. Amortised cost is
 * that of s: when the buffer has room and b is its newest end the bytes are written in place (by the
 * one appending thread), else they are copied to a buffer of twice the size. */
struct body body_append(struct body b, struct str s);

#endif
