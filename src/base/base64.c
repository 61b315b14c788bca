/* SPDX-License-Identifier: MIT
 *
 * base64: six bits a character.
 */
#include "base/base64.h"

#include <string.h>

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_encode(struct buf *out, struct str bytes)
{
    const unsigned char *p = (const unsigned char *)bytes.p;
    for (size_t i = 0; i < bytes.n; i += 3) {
        unsigned v = (unsigned)p[i] << 16 | (i + 1 < bytes.n ? (unsigned)p[i + 1] << 8 : 0) |
                     (i + 2 < bytes.n ? (unsigned)p[i + 2] : 0);
        buf_putc(out, digits[v >> 18]);
        buf_putc(out, digits[v >> 12 & 63]);
        buf_putc(out, i + 1 < bytes.n ? digits[v >> 6 & 63] : '=');
        buf_putc(out, i + 2 < bytes.n ? digits[v & 63] : '=');
    }
}

static int value_of(char c)
{
    const char *at = c ? strchr(digits, c) : NULL;
    return at ? (int)(at - digits) : -1;
}

bool base64_decode(struct buf *out, struct str text)
{
    if (text.n % 4)
        return false;
    for (size_t i = 0; i < text.n; i += 4) {
        const char *c = text.p + i;
        bool last = i + 4 == text.n;
        int pad = !last || c[3] != '=' ? 0 : c[2] == '=' ? 2 : 1;
        unsigned v = 0;
        for (int k = 0; k < 4; k++) {
            int six = k >= 4 - pad ? 0 : value_of(c[k]);
            if (six < 0)
                return false;
            v = v << 6 | (unsigned)six;
        }
        if ((pad == 1 && v & 0xFF) || (pad == 2 && v & 0xFFFF))
            return false;
        for (int k = 0; k < 3 - pad; k++)
            buf_putc(out, (char)(v >> (16 - 8 * k) & 0xFF));
    }
    return buf_ok(out);
}
