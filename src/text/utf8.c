/* SPDX-License-Identifier: MIT
 *
 * utf8: decoding by the table of well-formed sequences (Unicode, table 3-7): the lead byte decides
 * the length and the range of the second byte, which is what keeps overlong forms, surrogates and
 * code points past U+10FFFF out. Clusters come from utf8proc.
 */
#include "text/utf8.h"

#include <string.h>
#include <utf8proc.h>

/* How far back a cluster may begin; longer piles of marks are cut, so that a hostile text can not
 * make every step back a walk through all of it. */
enum { CLUSTER_BYTES_MAX = 512 };

#define HIGH_BITS UINT64_C(0x8080808080808080)

/* Length of the sequence that the lead byte announces, and the range of its second byte; 0 for a
 * byte that can not lead. */
static size_t lead(unsigned char c, unsigned char *ret_low, unsigned char *ret_high)
{
    *ret_low = c == 0xE0 ? 0xA0 : c == 0xF0 ? 0x90 : 0x80;
    *ret_high = c == 0xED ? 0x9F : c == 0xF4 ? 0x8F : 0xBF;
    if (c < 0x80)
        return 1;
    if (c < 0xC2 || c > 0xF4)
        return 0;
    return c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
}

/* The code point at the front. *ret_bytes is 0 when it is invalid; *ret_cut says that the text ends
 * inside of what may become a valid character. */
static uint32_t decode(struct str s, size_t *ret_bytes, bool *ret_cut)
{
    unsigned char low, high;
    const unsigned char *p = (const unsigned char *)s.p;
    size_t n = lead(p[0], &low, &high);
    *ret_bytes = n;
    *ret_cut = false;
    if (n <= 1)
        return n ? p[0] : UTF8_REPLACEMENT;
    uint32_t cp = p[0] & (0x7Fu >> n);
    for (size_t i = 1; i < n; i++) {
        if (i == s.n || p[i] < low || p[i] > high) {
            *ret_cut = i == s.n;
            *ret_bytes = 0;
            return UTF8_REPLACEMENT;
        }
        cp = cp << 6 | (p[i] & 0x3Fu);
        low = 0x80;
        high = 0xBF;
    }
    return cp;
}

uint32_t utf8_next(struct str s, size_t *ret_bytes)
{
    bool cut;
    uint32_t cp = decode(s, ret_bytes, &cut);
    if (*ret_bytes == 0)
        *ret_bytes = 1;
    return cp;
}

size_t utf8_valid_prefix(struct str s, bool *ret_cut)
{
    size_t at = 0;
    *ret_cut = false;
    while (at < s.n) {
        uint64_t eight;
        if (s.n - at >= sizeof(eight)) {
            memcpy(&eight, s.p + at, sizeof(eight));
            if (!(eight & HIGH_BITS)) {
                at += sizeof(eight);
                continue;
            }
        }
        size_t bytes;
        decode(str_sub(s, at, s.n), &bytes, ret_cut);
        if (bytes == 0)
            return at;
        at += bytes;
    }
    return at;
}

bool utf8_valid(struct str s)
{
    bool cut;
    return utf8_valid_prefix(s, &cut) == s.n;
}

struct str utf8_clip(struct str s, size_t max)
{
    if (s.n <= max)
        return s;
    size_t n = max;
    while (n > 0 && max - n < 3 && ((unsigned char)s.p[n] & 0xC0) == 0x80)
        n--;
    size_t bytes;
    utf8_next(str_sub(s, n, s.n), &bytes);
    /* Bytes that only look like the inside of a character may be parted anywhere. */
    return str_sub(s, 0, n + bytes > max ? n : max);
}

size_t utf8_encode(uint32_t cp, char out[4])
{
    unsigned char *o = (unsigned char *)out;
    if (cp < 0x80) {
        o[0] = (unsigned char)cp;
        return 1;
    }
    if (cp > 0x10FFFF || (cp >= 0xD800 && cp <= 0xDFFF))
        return 0;
    size_t n = cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4;
    for (size_t i = n - 1; i > 0; i--) {
        o[i] = (unsigned char)(0x80 | (cp & 0x3F));
        cp >>= 6;
    }
    o[0] = (unsigned char)((0xF00u >> n & 0xFFu) | cp);
    return n;
}

bool utf8_is_word(uint32_t cp)
{
    utf8proc_category_t c = utf8proc_category((utf8proc_int32_t)cp);
    return (c >= UTF8PROC_CATEGORY_LU && c <= UTF8PROC_CATEGORY_LO) ||
           (c >= UTF8PROC_CATEGORY_ND && c <= UTF8PROC_CATEGORY_NO);
}

void utf8_clean(struct buf *out, struct str s)
{
    bool cut;
    while (s.n) {
        size_t good = utf8_valid_prefix(s, &cut);
        buf_add(out, s.p, good);
        if (good == s.n)
            return;
        buf_puts(out, "\xEF\xBF\xBD");
        s = str_sub(s, good + 1, s.n);
    }
}

size_t utf8_cluster(struct str s)
{
    if (s.n == 0)
        return 0;
    utf8proc_int32_t state = 0;
    size_t at;
    uint32_t before = utf8_next(s, &at);
    while (at < s.n && at < CLUSTER_BYTES_MAX) {
        size_t bytes;
        uint32_t cp = utf8_next(str_sub(s, at, s.n), &bytes);
        if (utf8proc_grapheme_break_stateful((utf8proc_int32_t)before, (utf8proc_int32_t)cp,
                                             &state))
            break;
        before = cp;
        at += bytes;
    }
    return at;
}

size_t utf8_cluster_before(struct str s, size_t at)
{
    at = MIN(at, s.n);
    size_t from = at > CLUSTER_BYTES_MAX ? at - CLUSTER_BYTES_MAX : 0;
    /* A cluster can not be told from its end; walk forward from a place that surely begins one: the
     * byte after an LF, or else the edge of the window at a whole character. */
    ssize_t line = -1;
    for (size_t i = from; i + 1 < at; i++)
        if (s.p[i] == '\n')
            line = (ssize_t)i;
    if (line >= 0)
        from = (size_t)line + 1;
    else
        while (from > 0 && from + 1 < at && ((unsigned char)s.p[from] & 0xC0) == 0x80)
            from++;
    size_t start = from;
    while (from < at) {
        start = from;
        size_t n = utf8_cluster(str_sub(s, from, s.n));
        from += n;
    }
    return start;
}
