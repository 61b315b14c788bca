/* SPDX-License-Identifier: MIT
 *
 * answer: JSON found and held against a schema. Pure functions.
 */
#include "agent/answer.h"

#include <string.h>

static bool is_json(struct str text)
{
    struct err e = ERR_INIT;
    CLEANUP(json_free_p) struct json *j = json_parse(text, &e);
    return j != NULL;
}

/* The lines between two fences; the first may name a language. */
static bool next_fence(struct str *rest, struct str *ret_block)
{
    struct str line;
    bool open = false;
    const char *from = NULL;
    while (str_split(rest, '\n', &line)) {
        bool fence = str_trim(line).n >= 3 && memcmp(str_trim(line).p, "```", 3) == 0;
        if (fence && open) {
            *ret_block = str_trim(str_make(from, (size_t)(line.p - from)));
            return true;
        }
        if (fence)
            from = line.p + line.n + (rest->n ? 1 : 0);
        open |= fence;
    }
    return false;
}

/* From the first that opens to the last that closes. */
static bool widest(struct str text, struct str *ret)
{
    size_t from = 0, to = text.n;
    while (from < text.n && text.p[from] != '{' && text.p[from] != '[')
        from++;
    while (to > from && text.p[to - 1] != '}' && text.p[to - 1] != ']')
        to--;
    *ret = str_sub(text, from, to - from);
    return to > from;
}

bool answer_json(struct str text, struct str *ret_json)
{
    struct str rest = text;
    *ret_json = str_trim(text);
    if (is_json(*ret_json))
        return true;
    while (next_fence(&rest, ret_json))
        if (is_json(*ret_json))
            return true;
    return widest(text, ret_json) && is_json(*ret_json);
}

bool answer_meets(struct schema *schema, struct str text, struct buf *ret_report, struct err *e)
{
    struct str found;
    struct err why = ERR_INIT;
    size_t n = 1;
    if (!answer_json(text, &found)) {
        CLEANUP(json_free_p) struct json *none = json_parse(str_trim(text), &why);
        buf_printf(ret_report, "$: this is no JSON: %s\n", why.message);
    } else {
        CLEANUP(json_free_p) struct json *value = json_parse(found, &why);
        n = schema_check(schema, value, ret_report);
    }
    if (n == 0)
        return true;
    struct str rest = buf_view(ret_report);
    struct str line;
    if (!str_split(&rest, '\n', &line))
        line = STR("$");
    return err_set(e, ERR_SCHEMA, "the answer does not meet the schema: %.*s", STR_ARG(line));
}
