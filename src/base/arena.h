/* SPDX-License-Identifier: MIT
 *
 * arena: memory that is given back all at once. For what lives as long as one request, turn, frame
 * or parse. Nothing in an arena may own a descriptor or a lock. Not shared between threads.
 */
#ifndef TAU_BASE_ARENA_H
#define TAU_BASE_ARENA_H

#include "base/base.h"
#include "base/str.h"

struct arena {
    struct arena_chunk *top;
    size_t used; /* bytes handed out since the last reset, for tests and limits */
};

#define ARENA_INIT ((struct arena){0})

void arena_free(struct arena *a);  /* everything; usable again */
void arena_reset(struct arena *a); /* everything, but keeps one chunk for the next round */

/* For what is built once and kept long: an arena that is still empty gets one chunk of just this
 * size, the sum of arena_size() of the objects to come. One that is not empty stays as it is. */
void arena_reserve(struct arena *a, size_t bytes);
size_t arena_size(size_t n); /* what an object of n bytes takes */

/* Zeroed, aligned for any type; never NULL. */
void *arena_new(struct arena *a, size_t size) __attribute__((returns_nonnull));
void *arena_array(struct arena *a, size_t n, size_t size) __attribute__((returns_nonnull));
char *arena_strdup(struct arena *a, const char *s); /* NULL gives NULL */
char *arena_strndup(struct arena *a, const char *p, size_t n) __attribute__((returns_nonnull));
char *arena_printf(struct arena *a, const char *fmt, ...)
    ATTR_PRINTF(2, 3) __attribute__((returns_nonnull));

#define ARENA_NEW(a, type) ((type *)arena_new((a), sizeof(type)))

#endif
