/* SPDX-License-Identifier: MIT
 *
 * f_schema: a schema and a value, a NUL between them. What is wrong is said in text; looking twice
 * finds the same.
 */
#include "fuzz/fuzz.h"

#include "text/utf8.h"
#include "json/schema.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct err e = ERR_INIT;
    CLEANUP(buf_free) struct buf one = BUF_OWN;
    CLEANUP(buf_free) struct buf two = BUF_OWN;
    const uint8_t *cut = n ? memchr(data, 0, n) : NULL;
    size_t at = cut ? (size_t)(cut - data) : n;
    CLEANUP(schema_free_p) struct schema *s = schema_compile(str_make((const char *)data, at), &e);
    if (!s) {
        TAU_ASSERT(e.code != ERR_NONE && utf8_valid(str_of(e.message)));
        return 0;
    }
    CLEANUP(json_free_p)
    struct json *v = cut ? json_parse(str_make((const char *)cut + 1, n - at - 1), &e) : NULL;
    if (!v)
        return 0;
    size_t broken = schema_check(s, v, &one);
    TAU_ASSERT((broken == 0) == (one.len == 0) && utf8_valid(buf_view(&one)));
    TAU_ASSERT(schema_check(s, v, &two) == broken && str_eq(buf_view(&one), buf_view(&two)));
    return 0;
}
