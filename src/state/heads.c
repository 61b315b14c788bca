/* SPDX-License-Identifier: MIT
 *
 * heads: a list of heads as text.
 */
#include "state/heads.h"

#include "base/buf.h"
#include "json/json.h"
#include "json/jsonw.h"

#include <string.h>

static struct json *parse(const char *list)
{
    struct err e = ERR_INIT;
    struct json *j = list ? json_parse(str_of(list), &e) : NULL;
    if (j && json_type(j) == JSON_ARRAY)
        return j;
    json_free(j);
    return NULL;
}

/* Those from `skip` on, without the last `drop`, and one more when it is not NULL. */
static const char *write(const struct json *j, size_t skip, size_t drop, const char *more,
                         struct arena *a)
{
    struct buf b = BUF_OWN;
    struct jsonw w = JSONW(&b);
    size_t n = json_len(j), at = 0;
    jsonw_begin_array(&w);
    for (const struct json *c = json_first(j); c; c = json_next(c), at++)
        if (at >= skip && at + drop < n)
            jsonw_cstr(&w, json_cstr(c, ""));
    if (more)
        jsonw_cstr(&w, more);
    jsonw_end_array(&w);
    const char *text = arena_strndup(a, buf_cstr(&b), b.len);
    buf_free(&b);
    return text;
}

const char *heads_push(const char *list, const char *head, struct arena *a)
{
    CLEANUP(json_free_p) struct json *j = parse(list);
    size_t n = json_len(j);
    return write(j, n >= HEADS_MAX ? n - HEADS_MAX + 1 : 0, 0, head ? head : "", a);
}

const char *heads_pop(const char *list, struct arena *a)
{
    CLEANUP(json_free_p) struct json *j = parse(list);
    return json_len(j) > 1 ? write(j, 0, 1, NULL, a) : NULL;
}

const char *heads_top(const char *list, struct arena *a)
{
    CLEANUP(json_free_p) struct json *j = parse(list);
    const struct json *last = NULL;
    for (const struct json *c = json_first(j); c; c = json_next(c))
        last = c;
    return last ? arena_strdup(a, json_cstr(last, "")) : NULL;
}

const char *heads_move(const char *from, const char *to, struct arena *a)
{
    return arena_printf(a, "%s %s", from ? from : "", to ? to : "");
}

const char *heads_came_from(const char *list, const char *head, struct arena *a)
{
    struct str to = str_of(heads_top(list, a)), from;
    bool moved = str_split(&to, ' ', &from) && str_is(to, head ? head : "");
    return moved ? arena_strndup(a, from.p, from.n) : NULL;
}
