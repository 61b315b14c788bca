/* SPDX-License-Identifier: MIT
 *
 * f_nearest: what comes before the first NUL was looked for in what comes after it.
 */
#include "fuzz/fuzz.h"

#include "text/utf8.h"
#include "tool/nearest.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    char hint[256] = "";
    struct str all = str_make((const char *)data, n);
    ssize_t at = str_index(all, '\0');
    size_t cut = at < 0 ? n / 2 : (size_t)at;
    struct str find = str_sub(all, 0, cut), text = str_sub(all, cut + (at >= 0), n);
    bool found = nearest_hint(text, find, hint, sizeof(hint));
    TAU_ASSERT(found == (hint[0] != '\0'));
    TAU_ASSERT(utf8_valid(str_of(hint)));
    for (const char *p = hint; *p; p++)
        TAU_ASSERT((unsigned char)*p >= 0x20 && *p != 0x7f);
    return 0;
}
