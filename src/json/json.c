/* SPDX-License-Identifier: MIT
 *
 * json: a struct json is a cJSON node. The text is checked first (check.c), so cJSON only ever sees
 * valid input; then it builds the tree, and one walk mends what it can not do:
 *
 * - Numbers. cJSON makes doubles and looks at 63 characters. An odd number (see check.h) becomes 0
 *   and blanks in a copy of the text; its node gets its own text in valuestring, which
 *   cJSON_Delete frees, and its double from there. All others are whole and exact as doubles.
 * - Keys. Duplicates are refused after decoding, so that "a" and "\u0061" are the same key. Large
 *   objects are sorted for it: comparing all pairs would be a gift to an attacker.
 */
#include "json/json.h"

#include "base/buf.h"
#include "base/mem.h"
#include "text/utf8.h"
#include "json/check.h"
#include "json/jsonw.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { PAIRWISE_MAX = 16, SHOWN_KEY_MAX = 64 };

static const cJSON *node(const struct json *j)
{
    return (const cJSON *)(const void *)j;
}

static const struct json *view(const cJSON *n)
{
    return (const struct json *)(const void *)n;
}

static int by_key(const void *a, const void *b)
{
    return strcmp((*(cJSON *const *)a)->string, (*(cJSON *const *)b)->string);
}

/* A key that occurs twice, or NULL. */
static const char *duplicate_sorted(const cJSON *object, size_t n)
{
    const char *twice = NULL;
    const cJSON **all = mem_array(n, sizeof(const cJSON *));
    size_t i = 0;
    for (const cJSON *m = object->child; m; m = m->next)
        all[i++] = m;
    qsort(all, n, sizeof(const cJSON *), by_key);
    for (i = 1; i < n && !twice; i++)
        if (strcmp(all[i - 1]->string, all[i]->string) == 0)
            twice = all[i]->string;
    free(all);
    return twice;
}

static const char *duplicate(const cJSON *object)
{
    size_t n = json_len(view(object));
    if (n > PAIRWISE_MAX)
        return duplicate_sorted(object, n);
    for (const cJSON *a = object->child; a; a = a->next)
        for (const cJSON *b = a->next; b; b = b->next)
            if (strcmp(a->string, b->string) == 0)
                return a->string;
    return NULL;
}

struct mending {
    const struct check *check;
    size_t numbers, odd; /* how many were met */
};

static void mend_number(struct mending *m, cJSON *n)
{
    const struct check *c = m->check;
    if (m->odd < c->odd.n && c->odd.v[m->odd].nth == m->numbers) {
        const struct check_odd *o = &c->odd.v[m->odd++];
        n->valuestring = mem_strndup(c->text.p + o->at, o->n);
        n->valuedouble = strtod(n->valuestring, NULL);
    }
    m->numbers++;
}

/* Depth is at most JSON_DEPTH_MAX: the text was checked. */
static bool mend(struct mending *m, cJSON *n, struct err *e)
{
    if (cJSON_IsNumber(n)) {
        mend_number(m, n);
        return true;
    }
    const char *twice = cJSON_IsObject(n) ? duplicate(n) : NULL;
    if (twice)
        return err_set(e, ERR_INVALID, "key '%.*s' occurs twice in one object",
                       STR_ARG(utf8_clip(str_of(twice), SHOWN_KEY_MAX)));
    for (cJSON *child = n->child; child; child = child->next)
        if (!mend(m, child, e))
            return false;
    return true;
}

/* A copy of the text in which the odd numbers are 0. */
static char *without_odd(const struct check *c)
{
    char *copy = mem_dup(c->text.p, c->text.n);
    for (size_t i = 0; i < c->odd.n; i++) {
        const struct check_odd *o = &c->odd.v[i];
        memset(copy + o->at, ' ', o->n);
        copy[o->at] = '0';
    }
    return copy;
}

struct json *json_parse(struct str text, struct err *e)
{
    struct check c = {.text = text, .depth_max = JSON_DEPTH_MAX, .note_odd = true, .e = e};
    if (!check_text(&c)) {
        free(c.odd.v);
        return NULL;
    }
    char *copy = c.odd.n ? without_odd(&c) : NULL;
    cJSON *root = cJSON_ParseWithLengthOpts(copy ? copy : text.p, text.n, NULL, 0);
    free(copy);
    struct mending m = {.check = &c};
    if (!root) {
        /* The text is valid, so only memory can be short. */
        err_set(e, ERR_NO_MEMORY, "no memory for %zu bytes of JSON", text.n);
    } else if (!mend(&m, root, e)) {
        cJSON_Delete(root);
        root = NULL;
    }
    free(c.odd.v);
    return (struct json *)(void *)root;
}

bool json_check(struct str text, int depth_max, struct err *e)
{
    struct check c = {.text = text, .depth_max = depth_max, .e = e};
    return check_text(&c);
}

void json_free(struct json *root)
{
    cJSON_Delete((cJSON *)(void *)root);
}

void json_free_p(struct json **root)
{
    json_free(*root);
    *root = NULL;
}

enum json_type json_type(const struct json *j)
{
    switch (node(j)->type & 0xFF) {
    case cJSON_True:
    case cJSON_False:
        return JSON_BOOL;
    case cJSON_Number:
        return JSON_NUMBER;
    case cJSON_String:
        return JSON_STRING;
    case cJSON_Array:
        return JSON_ARRAY;
    case cJSON_Object:
        return JSON_OBJECT;
    default:
        return JSON_NULL;
    }
}

const char *json_type_name(enum json_type type)
{
    static const char *const names[] = {
        [JSON_NULL] = "null",     [JSON_BOOL] = "bool",   [JSON_NUMBER] = "number",
        [JSON_STRING] = "string", [JSON_ARRAY] = "array", [JSON_OBJECT] = "object",
    };
    return names[type];
}

const struct json *json_get(const struct json *j, const char *key)
{
    if (!j || !cJSON_IsObject(node(j)))
        return NULL;
    const cJSON *m = node(j)->child;
    while (m && strcmp(m->string, key) != 0)
        m = m->next;
    return view(m);
}

size_t json_len(const struct json *j)
{
    size_t n = 0;
    for (const struct json *c = json_first(j); c; c = json_next(c))
        n++;
    return n;
}

const struct json *json_first(const struct json *j)
{
    return j ? view(node(j)->child) : NULL;
}

const struct json *json_next(const struct json *child)
{
    return view(node(child)->next);
}

const char *json_key(const struct json *member)
{
    return node(member)->string;
}

struct str json_str(const struct json *j)
{
    return str_of(json_cstr(j, NULL));
}

const char *json_cstr(const struct json *j, const char *fallback)
{
    return j && cJSON_IsString(node(j)) ? node(j)->valuestring : fallback;
}

bool json_is_i64(const struct json *j, int64_t *ret_value)
{
    if (!j || !cJSON_IsNumber(node(j)))
        return false;
    if (node(j)->valuestring)
        return str_i64(str_of(node(j)->valuestring), ret_value);
    *ret_value = (int64_t)node(j)->valuedouble;
    return true;
}

int64_t json_i64(const struct json *j, int64_t fallback)
{
    int64_t v;
    return json_is_i64(j, &v) ? v : fallback;
}

double json_f64(const struct json *j, double fallback)
{
    return j && cJSON_IsNumber(node(j)) && isfinite(node(j)->valuedouble) ? node(j)->valuedouble
                                                                          : fallback;
}

bool json_bool(const struct json *j, bool fallback)
{
    return j && cJSON_IsBool(node(j)) ? !!cJSON_IsTrue(node(j)) : fallback;
}

/* A value inside brackets that this file writes itself: jsonw counts fewer levels. */
static void write_value(struct buf *out, const struct json *j)
{
    struct jsonw w = JSONW(out);
    enum json_type type = json_type(j);
    switch (type) {
    case JSON_NULL:
        jsonw_null(&w);
        return;
    case JSON_BOOL:
        jsonw_bool(&w, json_bool(j, false));
        return;
    case JSON_NUMBER:
        if (node(j)->valuestring)
            buf_puts(out, node(j)->valuestring);
        else
            jsonw_i64(&w, json_i64(j, 0));
        return;
    case JSON_STRING:
        jsonw_str(&w, json_str(j));
        return;
    case JSON_ARRAY:
    case JSON_OBJECT:
        break;
    }
    buf_putc(out, type == JSON_OBJECT ? '{' : '[');
    for (const struct json *c = json_first(j); c; c = json_next(c)) {
        if (json_key(c)) {
            jsonw_str(&w, str_of(json_key(c)));
            buf_putc(out, ':');
        }
        write_value(out, c);
        if (json_next(c))
            buf_putc(out, ',');
    }
    buf_putc(out, type == JSON_OBJECT ? '}' : ']');
}

char *json_text(const struct json *j, struct arena *a)
{
    CLEANUP(buf_free) struct buf out = BUF_OWN;
    write_value(&out, j);
    return arena_strndup(a, out.data, out.len);
}
