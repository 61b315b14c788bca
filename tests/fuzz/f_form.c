/* SPDX-License-Identifier: MIT
 *
 * f_form: two texts with a NUL between them. Whichever string of the first is learnt, what the second is
 * said to hold in its place is what json_parse finds there.
 */
#include "fuzz/fuzz.h"

#include "json/form.h"

/* The nth string, keys not counted; NULL when there are fewer. */
static const struct json *nth(const struct json *j, size_t *n)
{
    if (json_type(j) == JSON_STRING && (*n)-- == 0)
        return j;
    const struct json *found = NULL;
    for (const struct json *c = json_first(j); c && !found; c = json_next(c))
        found = nth(c, n);
    return found;
}

static void compare(struct form *f, struct str text, size_t i)
{
    struct err e = ERR_INIT;
    struct str got;
    if (!form_read(f, text, &got))
        return;
    struct json *j = json_parse(text, &e);
    TAU_ASSERT(j && str_eq(json_str(nth(j, &i)), got));
    json_free(j);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    enum { STRINGS = 40 };
    struct err e = ERR_INIT;
    struct str rest = str_make((const char *)data, n), first, second;
    if (!str_split(&rest, '\0', &first) || !str_split(&rest, '\0', &second))
        return 0;
    struct json *j = json_parse(first, &e);
    struct form f = FORM_INIT;
    for (size_t i = 0; j && i < STRINGS; i++) {
        size_t left = i;
        const struct json *wanted = nth(j, &left);
        if (wanted && form_learn(&f, first, j, wanted)) {
            compare(&f, first, i);
            compare(&f, second, i);
        }
    }
    form_free(&f);
    json_free(j);
    return 0;
}
