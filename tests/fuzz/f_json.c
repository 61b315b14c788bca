/* SPDX-License-Identifier: MIT
 *
 * f_json: any text. What parses is written as a text that parses to the same; what the checker
 * refuses does not parse.
 */
#include "fuzz/fuzz.h"

#include "text/utf8.h"
#include "json/json.h"

#include <string.h>

static void look(const struct json *j)
{
    int64_t i;
    TAU_ASSERT(!json_is_i64(j, &i) || json_f64(j, 0.5) != 0.5);
    TAU_ASSERT(json_type(j) != JSON_STRING || utf8_valid(json_str(j)));
    for (const struct json *c = json_first(j); c; c = json_next(c)) {
        TAU_ASSERT(!json_key(c) || json_get(j, json_key(c)) == c);
        look(c);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct err e = ERR_INIT;
    struct arena a = ARENA_INIT;
    struct str text = str_make((const char *)data, n);
    bool valid = json_check(text, JSON_DEPTH_MAX, &e);
    struct json *j = json_parse(text, &e);
    TAU_ASSERT(valid || !j);
    if (j) {
        look(j);
        const char *once = json_text(j, &a);
        struct json *again = json_parse(str_of(once), &e);
        TAU_ASSERT(again && strcmp(json_text(again, &a), once) == 0);
        json_free(again);
    } else {
        TAU_ASSERT(e.code != ERR_NONE && utf8_valid(str_of(e.message)));
    }
    json_free(j);
    arena_free(&a);
    return 0;
}
