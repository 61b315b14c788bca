/* SPDX-License-Identifier: MIT
 *
 * f_utf8: any bytes through decoding, clusters, cleaning and sanitising.
 */
#include "fuzz/fuzz.h"

#include "text/utf8.h"
#include "text/width.h"

#include <locale.h>

static void clusters(struct str s)
{
    size_t at = 0;
    while (at < s.n) {
        size_t n = utf8_cluster(str_sub(s, at, s.n));
        TAU_ASSERT(n > 0 && n <= s.n - at);
        at += n;
    }
    for (size_t left = s.n, steps = 0; left > 0 && steps < 32; steps++) {
        size_t before = utf8_cluster_before(s, left);
        TAU_ASSERT(before < left);
        left = before;
    }
}

static void sanitise(struct str s)
{
    CLEANUP(buf_free) struct buf once = BUF_OWN, twice = BUF_OWN;
    width_sanitize(&once, s);
    TAU_ASSERT(utf8_valid(buf_view(&once)));
    for (struct str rest = buf_view(&once); rest.n;) {
        size_t bytes;
        uint32_t cp = utf8_next(rest, &bytes);
        TAU_ASSERT(cp == '\n' || (cp >= 0x20 && (cp < 0x7F || cp >= 0xA0)));
        TAU_ASSERT(cp < 0x202A || cp > 0x202E);
        rest = str_sub(rest, bytes, rest.n);
    }
    width_sanitize(&twice, buf_view(&once));
    TAU_ASSERT(str_eq(buf_view(&once), buf_view(&twice)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static bool ready;
    if (!ready)
        ready = setlocale(LC_CTYPE, "C.UTF-8") != NULL;
    struct str s = str_make((const char *)data, n);
    bool cut;
    size_t good = utf8_valid_prefix(s, &cut);
    TAU_ASSERT(good <= n && (good == n) == utf8_valid(s));
    CLEANUP(buf_free) struct buf clean = BUF_OWN;
    utf8_clean(&clean, s);
    TAU_ASSERT(utf8_valid(buf_view(&clean)));
    clusters(s);
    sanitise(s);
    int used;
    TAU_ASSERT(width_fit(s, 20, &used) <= n && used <= 20);
    return 0;
}
