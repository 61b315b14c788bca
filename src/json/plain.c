/* SPDX-License-Identifier: MIT
 *
 * plain: eight bytes at a time. In each lane the top bit of x - 0x20, (x ^ '"') - 1, (x ^ '\\') - 1
 * or x itself is set when the byte needs attention. A borrow can only set bits above a lane that is
 * set already, so the lowest one is exact.
 */
#include "json/plain.h"

#include <endian.h>
#include <string.h>

#define LANES(byte) (UINT64_C(0x0101010101010101) * (byte))

size_t plain_run(struct str s)
{
    size_t at = 0;
    for (; s.n - at >= 8; at += 8) {
        uint64_t x;
        memcpy(&x, s.p + at, sizeof(x));
        x = le64toh(x);
        uint64_t special = (x | (x - LANES(0x20)) | ((x ^ LANES('"')) - LANES(1)) |
                            ((x ^ LANES('\\')) - LANES(1))) &
                           LANES(0x80);
        if (special)
            return at + (size_t)__builtin_ctzll(special) / 8;
    }
    for (; at < s.n; at++) {
        unsigned char c = (unsigned char)s.p[at];
        if (c < 0x20 || c >= 0x80 || c == '"' || c == '\\')
            break;
    }
    return at;
}
