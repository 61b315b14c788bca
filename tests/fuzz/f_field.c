/* SPDX-License-Identifier: MIT
 *
 * f_field: any text against a table with every type of field. What is read is written as a text
 * that reads to an equal struct; a copy is equal as well.
 */
#include "fuzz/fuzz.h"

#include "text/utf8.h"
#include "json/field.h"

struct item {
    const char *name;
    struct body body;
};

struct all {
    const char *str, *choice, *json;
    int64_t i64, nul;
    double f64;
    bool flag;
    struct body body;
    struct field_list strs, list;
};

FIELD_SET(item_set, "item", struct item, FIELD_ROW(struct item, STR, REQ, name, NULL),
          FIELD_ROW(struct item, BODY, OPT, body, NULL));
FIELD_SET(all_set, "all", struct all, FIELD_ROW(struct all, STR, OPT, str, NULL, .max = 9),
          FIELD_ROW(struct all, STR, OPT, choice, NULL, .choices = "ask|edits|plan"),
          FIELD_ROW(struct all, JSON, OPT, json, NULL),
          FIELD_ROW(struct all, I64, OPT, i64, NULL, .min = -5, .max = 5),
          FIELD_ROW(struct all, I64, NUL, nul, NULL), FIELD_ROW(struct all, F64, OPT, f64, NULL),
          FIELD_ROW(struct all, BOOL, OPT, flag, NULL),
          FIELD_ROW(struct all, BODY, OPT, body, NULL),
          FIELD_ROW(struct all, STRS, OPT, strs, NULL, .max = 3),
          FIELD_ROW(struct all, LIST, OPT, list, NULL, .of = &item_set));

static void round_trip(struct arena *a, const struct all *one)
{
    struct err e = ERR_INIT;
    struct all two, copy;
    CLEANUP(buf_free) struct buf b = BUF_OWN;
    struct jsonw w = JSONW(&b);
    field_write_object(&all_set, &w, one);
    CLEANUP(json_free_p) struct json *j = json_parse(buf_view(&b), &e);
    TAU_ASSERT(j && field_read(&all_set, j, a, &two, FIELD_STRICT, &e));
    TAU_ASSERT(field_equal(&all_set, one, &two));
    field_copy(&all_set, a, &copy, &two);
    field_drop(&all_set, &two);
    TAU_ASSERT(field_equal(&all_set, one, &copy));
    field_drop(&all_set, &copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct err e = ERR_INIT;
    struct arena a = ARENA_INIT;
    struct all one;
    CLEANUP(json_free_p) struct json *j = json_parse(str_make((const char *)data, n), &e);
    if (j && field_read(&all_set, j, &a, &one, FIELD_STRICT, &e)) {
        round_trip(&a, &one);
        field_drop(&all_set, &one);
    } else {
        TAU_ASSERT(e.code != ERR_NONE && utf8_valid(str_of(e.message)));
    }
    if (j && field_read(&all_set, j, &a, &one, FIELD_OPEN, &e))
        field_drop(&all_set, &one);
    arena_free(&a);
    return 0;
}
