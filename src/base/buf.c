/* SPDX-License-Identifier: MIT
 *
 * buf: an owned, growing byte buffer with a cap.
 */
#include "base/buf.h"

#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void buf_free(struct buf *b)
{
    free(b->data);
    *b = BUF_INIT(b->max);
}

void buf_clear(struct buf *b)
{
    b->len = 0;
    b->full = false;
    if (b->data)
        b->data[0] = '\0';
}

char *buf_room(struct buf *b, size_t n)
{
    if (n > b->max - b->len) {
        b->full = true;
        return NULL;
    }
    if (b->len + n + 1 > b->cap) {
        size_t cap = MAX(b->cap * 2, b->len + n + 1);
        cap = MAX(cap, (size_t)64);
        b->data = mem_grow(b->data, cap, 1);
        b->cap = cap;
    }
    return b->data + b->len;
}

bool buf_add(struct buf *b, const void *p, size_t n)
{
    char *to = buf_room(b, n);
    if (!to)
        return false;
    if (n)
        memcpy(to, p, n);
    b->len += n;
    b->data[b->len] = '\0';
    return true;
}

bool buf_str(struct buf *b, struct str s)
{
    return buf_add(b, s.p, s.n);
}

bool buf_puts(struct buf *b, const char *s)
{
    return buf_add(b, s, strlen(s));
}

bool buf_putc(struct buf *b, char c)
{
    return buf_add(b, &c, 1);
}

bool buf_fill(struct buf *b, char c, size_t n)
{
    char *to = buf_room(b, n);
    if (!to)
        return false;
    memset(to, c, n);
    b->len += n;
    b->data[b->len] = '\0';
    return true;
}

bool buf_vprintf(struct buf *b, const char *fmt, va_list ap)
{
    va_list again;
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, fmt, again);
    va_end(again);
    char *to = n < 0 ? NULL : buf_room(b, (size_t)n);
    if (!to)
        return false;
    vsnprintf(to, (size_t)n + 1, fmt, ap);
    b->len += (size_t)n;
    return true;
}

bool buf_printf(struct buf *b, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    bool ok = buf_vprintf(b, fmt, ap);
    va_end(ap);
    return ok;
}

bool buf_count(struct buf *b, int64_t n, const char *noun)
{
    struct str word = str_of(noun);
    bool hisses = str_ends(word, "ch") || str_ends(word, "sh") || str_ends(word, "s") || str_ends(word, "x");
    bool y = word.n > 1 && str_ends(word, "y") && !strchr("aeou", word.p[word.n - 2]);
    if (n == 1)
        return buf_printf(b, "1 %s", noun);
    return buf_printf(b, "%lld %.*s%s", (long long)n, (int)(word.n - y), noun, y ? "ies" : hisses ? "es" : "s");
}

void buf_drop(struct buf *b, size_t n)
{
    n = MIN(n, b->len);
    if (n == 0)
        return;
    memmove(b->data, b->data + n, b->len - n);
    buf_truncate(b, b->len - n);
}

void buf_truncate(struct buf *b, size_t n)
{
    if (n > b->len || !b->data)
        return;
    b->len = n;
    b->data[n] = '\0';
}

bool buf_ok(const struct buf *b)
{
    return !b->full;
}

struct str buf_view(const struct buf *b)
{
    return (struct str){b->data ? b->data : "", b->len};
}

const char *buf_cstr(const struct buf *b)
{
    return b->data ? b->data : "";
}

char *buf_take(struct buf *b)
{
    char *data = b->data ? b->data : mem_new(1);
    *b = BUF_INIT(b->max);
    return data;
}
