/* SPDX-License-Identifier: MIT
 *
 * buf: an owned, growing byte buffer that is created with the most it may hold.
 *
 * Invariants: data is always NUL-terminated (data[len] == 0) once something was appended; len never
 * passes max. An append that would pass max changes nothing and sets `full`, which stays set; check
 * once at the end with buf_ok(). Not shared between threads.
 *
 * Life cycle: struct buf b = BUF_INIT(max); ... buf_free(&b); or CLEANUP(buf_free).
 */
#ifndef TAU_BASE_BUF_H
#define TAU_BASE_BUF_H

#include "base/base.h"
#include "base/str.h"

#include <stdarg.h>

struct buf {
    char *data;
    size_t len, cap, max;
    bool full;
};

#define BUF_INIT(most) ((struct buf){.max = (most)})
/* For text that our own code makes, whose size no outsider drives. */
#define BUF_OWN BUF_INIT((size_t)1 << 30)

void buf_free(struct buf *b);  /* frees the bytes; the buffer is empty and usable again */
void buf_clear(struct buf *b); /* forgets the bytes, keeps the memory, clears `full` */

/* Each returns false when max is reached and nothing was added. */
bool buf_add(struct buf *b, const void *p, size_t n);
bool buf_str(struct buf *b, struct str s);
bool buf_puts(struct buf *b, const char *s);
bool buf_putc(struct buf *b, char c);
bool buf_fill(struct buf *b, char c, size_t n); /* c, n times */
bool buf_printf(struct buf *b, const char *fmt, ...) ATTR_PRINTF(2, 3);
bool buf_vprintf(struct buf *b, const char *fmt, va_list ap);
/* How many of a thing, in words: "1 turn", "2 turns", "0 matches", "3 entries". */
bool buf_count(struct buf *b, int64_t n, const char *noun);

/* Room for n more bytes to be written at data + len by the caller, who then adds to len; NULL when
 * max would be passed. */
char *buf_room(struct buf *b, size_t n);

void buf_drop(struct buf *b, size_t n);     /* n bytes off the front */
void buf_truncate(struct buf *b, size_t n); /* keep the first n */

bool buf_ok(const struct buf *b);
struct str buf_view(const struct buf *b);
const char *buf_cstr(const struct buf *b); /* never NULL */

/* Gives the bytes away (the caller frees; never NULL) and leaves the buffer empty. */
char *buf_take(struct buf *b);

#endif
