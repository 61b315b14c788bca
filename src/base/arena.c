/* SPDX-License-Identifier: MIT
 *
 * arena: chunks of doubling size with a bump pointer. Under AddressSanitizer the bytes that were
 * not handed out are poisoned, so that reading past an object is seen.
 */
#include "base/arena.h"

#include "base/mem.h"

#include <stdarg.h>
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#define POISON(p, n) ASAN_POISON_MEMORY_REGION((p), (n))
#define UNPOISON(p, n) ASAN_UNPOISON_MEMORY_REGION((p), (n))
#else
#define POISON(p, n) ((void)(p), (void)(n))
#define UNPOISON(p, n) ((void)(p), (void)(n))
#endif

enum { FIRST_CHUNK = 512, LARGEST_CHUNK = 1 << 20 }; /* most arenas hold one event or record */

struct arena_chunk {
    struct arena_chunk *below;
    size_t size, used;
    alignas(max_align_t) char data[];
};

static struct arena_chunk *chunk_new(struct arena_chunk *below, size_t size)
{
    struct arena_chunk *c = mem_grow(NULL, sizeof(*c) + size, 1);
    *c = (struct arena_chunk){.below = below, .size = size};
    POISON(c->data, size);
    return c;
}

static void chunk_free(struct arena_chunk *c)
{
    UNPOISON(c->data, c->size);
    free(c);
}

/* A chunk for an object that does not fit any more. */
static struct arena_chunk *chunk_grow(struct arena_chunk *below, size_t need)
{
    size_t size = below ? MIN(below->size * 2, (size_t)LARGEST_CHUNK) : 0;
    size = MAX(size, (size_t)FIRST_CHUNK);
    return chunk_new(below, MAX(size, need));
}

void arena_free(struct arena *a)
{
    while (a->top) {
        struct arena_chunk *below = a->top->below;
        chunk_free(a->top);
        a->top = below;
    }
    a->used = 0;
}

void arena_reset(struct arena *a)
{
    while (a->top && a->top->below) {
        struct arena_chunk *below = a->top->below;
        chunk_free(a->top);
        a->top = below;
    }
    if (a->top) {
        a->top->used = 0;
        POISON(a->top->data, a->top->size);
    }
    a->used = 0;
}

size_t arena_size(size_t n)
{
    const size_t align = alignof(max_align_t);
    return MAX((n + align - 1) / align * align, align);
}

void arena_reserve(struct arena *a, size_t bytes)
{
    if (!a->top && bytes > 0)
        a->top = chunk_new(NULL, bytes);
}

void *arena_new(struct arena *a, size_t size)
{
    if (size > SIZE_MAX / 2)
        return mem_grow(NULL, SIZE_MAX, 2); /* refuses, and ends the process */
    size_t need = arena_size(size);
    if (!a->top || a->top->size - a->top->used < need)
        a->top = chunk_grow(a->top, need);
    char *p = a->top->data + a->top->used;
    a->top->used += need;
    a->used += need;
    UNPOISON(p, size);
    memset(p, 0, size);
    return p;
}

void *arena_array(struct arena *a, size_t n, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(n, size, &bytes))
        bytes = SIZE_MAX;
    return arena_new(a, bytes);
}

char *arena_strdup(struct arena *a, const char *s)
{
    return s ? arena_strndup(a, s, strlen(s)) : NULL;
}

char *arena_strndup(struct arena *a, const char *p, size_t n)
{
    char *copy = arena_new(a, n + 1);
    if (n)
        memcpy(copy, p, n);
    return copy;
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    if (n < 0)
        return arena_strndup(a, "", 0);
    char *text = arena_new(a, (size_t)n + 1);
    va_start(ap, fmt);
    vsnprintf(text, (size_t)n + 1, fmt, ap);
    va_end(ap);
    return text;
}
