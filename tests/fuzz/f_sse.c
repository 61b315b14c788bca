/* SPDX-License-Identifier: MIT
 *
 * f_sse: any bytes. What the first byte says cuts them into pieces; whatever the pieces, the events
 * are those of the whole.
 */
#include "fuzz/fuzz.h"

#include "base/buf.h"
#include "net/sse.h"

#include <string.h>

static bool write_event(void *arg, const char *name, struct str data, struct err *e)
{
    (void)e;
    TAU_ASSERT(strlen(name) < SSE_NAME_MAX);
    buf_printf(arg, "%s\n%zu\n", name, data.n);
    return buf_str(arg, data);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct err e = ERR_INIT;
    struct sse whole = SSE_INIT, cut = SSE_INIT;
    struct buf a = BUF_OWN, b = BUF_OWN;
    if (n == 0)
        return 0;
    size_t step = (size_t)data[0] % 16 + 1;
    struct str text = str_make((const char *)data + 1, n - 1);
    bool ok = sse_feed(&whole, text, write_event, &a, &e);
    for (size_t at = 0; ok && at < text.n; at += step)
        ok = sse_feed(&cut, str_sub(text, at, step), write_event, &b, &e);
    TAU_ASSERT(!ok || str_eq(buf_view(&a), buf_view(&b)));
    TAU_ASSERT(!ok || sse_pending(&whole) == sse_pending(&cut));
    sse_free(&whole);
    sse_free(&cut);
    buf_free(&a);
    buf_free(&b);
    return 0;
}
