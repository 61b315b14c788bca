/* SPDX-License-Identifier: MIT
 *
 * body: text that only grows at its end. `used` is where the newest body of a buffer ends; only a
 * body that ends there may be continued in place, because the bytes behind an older one are taken.
 * Readers never look at `used`: they have their own length, and whatever hands them a body (a
 * snapshot's publication) orders the bytes below it before them.
 */
#include "base/body.h"

#include "base/mem.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_CAP = 128 };

struct body_buf {
    _Atomic size_t refs;
    _Atomic size_t used; /* written by the appending thread */
    size_t cap;
    char data[];
};

static struct body_buf *buf_new(size_t cap)
{
    struct body_buf *b = mem_grow(NULL, sizeof(*b) + cap, 1);
    atomic_init(&b->refs, 1);
    atomic_init(&b->used, 0);
    b->cap = cap;
    return b;
}

static void put(struct body_buf *b, struct str s)
{
    size_t used = atomic_load_explicit(&b->used, memory_order_relaxed);
    if (s.n)
        memcpy(b->data + used, s.p, s.n);
    atomic_store_explicit(&b->used, used + s.n, memory_order_release);
}

struct body body_of(struct str s)
{
    if (s.n == 0)
        return BODY_NONE;
    struct body_buf *b = buf_new(s.n);
    put(b, s);
    return (struct body){b, s.n};
}

struct body body_ref(struct body b)
{
    if (b.buf)
        atomic_fetch_add_explicit(&b.buf->refs, 1, memory_order_relaxed);
    return b;
}

void body_unref(struct body b)
{
    /* The last one frees, and must see what all others did before they let go. */
    if (b.buf && atomic_fetch_sub_explicit(&b.buf->refs, 1, memory_order_acq_rel) == 1)
        free(b.buf);
}

struct str body_view(struct body b)
{
    return b.buf ? str_make(b.buf->data, b.len) : STR("");
}

struct body body_append(struct body b, struct str s)
{
    size_t len, cap;
    if (s.n == 0)
        return body_ref(b);
    bool over = __builtin_add_overflow(b.len, s.n, &len) || __builtin_mul_overflow(len, 2, &cap);
    TAU_ASSERT(!over);
    if (b.buf && atomic_load_explicit(&b.buf->used, memory_order_relaxed) == b.len &&
        b.buf->cap - b.len >= s.n) {
        put(b.buf, s);
        body_ref(b);
        return (struct body){b.buf, len};
    }
    struct body_buf *grown = buf_new(MAX(cap, (size_t)FIRST_CAP));
    put(grown, body_view(b));
    put(grown, s);
    return (struct body){grown, len};
}
