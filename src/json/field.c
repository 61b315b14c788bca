/* SPDX-License-Identifier: MIT
 *
 * field: one loop over the table for each of read, write, copy, drop, equal and schema. While
 * reading, the way down is kept as a chain of steps on the stack; it is only written out when
 * something is wrong. Tables nest as deep as the JSON does, which json_parse limits.
 */
#include "json/field.h"

#include "base/buf.h"
#include "text/fuzzy.h"
#include "text/utf8.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>

enum { FIELDS_MAX = 64, CHOICES_MAX = 64, SHOWN_MAX = 64, PATH_BYTES_MAX = 256 };

/* One step of a path: a member, and behind it an element of its list. */
struct step {
    const struct step *up;
    const char *name;
    size_t index; /* SIZE_MAX: none */
};

struct reader {
    struct arena *a;
    enum field_mode mode;
    struct err *e;
};

static bool read_set(struct reader *r, const struct field_set *set, const struct json *j, void *out,
                     const struct step *up);

static void path_write(struct buf *b, const struct step *s)
{
    if (!s)
        return;
    path_write(b, s->up);
    if (s->name)
        buf_printf(b, "%s%s", b->len ? "." : "", s->name);
    if (s->index != SIZE_MAX)
        buf_printf(b, "[%zu]", s->index);
}

/* Sets the message and puts the path before it. */
static bool fail(struct reader *r, const struct step *at, const char *fmt, ...) ATTR_PRINTF(3, 4);
static bool fail(struct reader *r, const struct step *at, const char *fmt, ...)
{
    CLEANUP(buf_free) struct buf text = BUF_INIT(ERR_MESSAGE_MAX);
    CLEANUP(buf_free) struct buf path = BUF_INIT(PATH_BYTES_MAX);
    va_list ap;
    va_start(ap, fmt);
    buf_vprintf(&text, fmt, ap);
    va_end(ap);
    path_write(&path, at);
    return err_set(r->e, ERR_INVALID, "%s%s%s", buf_cstr(&path), path.len ? ": " : "",
                   buf_cstr(&text));
}

static bool fail_type(struct reader *r, const struct step *at, const char *expected,
                      const struct json *j)
{
    return fail(r, at, "expected %s, got %s", expected, json_type_name(json_type(j)));
}

/* Adds to what is wrong which name is near. */
static bool suggest(struct reader *r, struct str word, const char *const *names, size_t n)
{
    return fuzzy_hint(r->e, word, names, n, "", err_hint_text(r->e));
}

static size_t most(const struct field *f, size_t fallback)
{
    return f->max > 0 ? (size_t)f->max : fallback;
}

static void *member(const struct field *f, void *p)
{
    return (char *)p + f->offset;
}

static const void *member_of(const struct field *f, const void *p)
{
    return (const char *)p + f->offset;
}

static bool fail_choice(struct reader *r, const struct field *f, struct str s,
                        const struct step *at)
{
    const char *names[CHOICES_MAX];
    size_t n = 0;
    struct str rest = str_of(f->choices), word;
    CLEANUP(buf_free) struct buf text = BUF_INIT(ERR_MESSAGE_MAX);
    while (n < CHOICES_MAX && str_split(&rest, '|', &word)) {
        names[n++] = arena_strndup(r->a, word.p, word.n);
        buf_printf(&text, "%s%.*s", text.len ? ", " : "", STR_ARG(word));
    }
    buf_printf(&text, "; got '%.*s'", STR_ARG(utf8_clip(s, SHOWN_MAX)));
    return fail(r, at, "expected one of %s", buf_cstr(&text)) || suggest(r, s, names, n);
}

static bool is_choice(const struct field *f, struct str s)
{
    struct str rest = str_of(f->choices), word;
    while (str_split(&rest, '|', &word))
        if (str_eq(word, s))
            return true;
    return false;
}

static bool read_string(struct reader *r, const struct json *j, const struct step *at, size_t max,
                        struct str *ret_s)
{
    struct str s = json_str(j);
    if (!s.p)
        return fail_type(r, at, "string", j);
    if (s.n > max)
        return fail(r, at, "expected at most %zu bytes, got %zu", max, s.n);
    *ret_s = s;
    return true;
}

static bool read_str(struct reader *r, const struct field *f, const struct json *j,
                     const char **out, const struct step *at)
{
    struct str s;
    if (!read_string(r, j, at, most(f, FIELD_STR_MAX), &s))
        return false;
    if (f->choices && !is_choice(f, s))
        return fail_choice(r, f, s, at);
    *out = arena_strndup(r->a, s.p, s.n);
    return true;
}

static bool read_body(struct reader *r, const struct field *f, const struct json *j,
                      struct body *out, const struct step *at)
{
    struct str s;
    if (!read_string(r, j, at, most(f, FIELD_STR_MAX), &s))
        return false;
    *out = body_of(s);
    return true;
}

/* min and max hold for whole numbers and doubles alike; max 0 is no bound. */
static bool check_range(struct reader *r, const struct field *f, bool below, bool above,
                        const struct json *j, const struct step *at)
{
    if (f->max != 0 && (below || above))
        return fail(r, at, "expected %lld to %lld, got %.*s", (long long)f->min, (long long)f->max,
                    SHOWN_MAX, json_text(j, r->a));
    if (f->min != 0 && below)
        return fail(r, at, "expected at least %lld, got %.*s", (long long)f->min, SHOWN_MAX,
                    json_text(j, r->a));
    return true;
}

static bool read_i64(struct reader *r, const struct field *f, const struct json *j, int64_t *out,
                     const struct step *at)
{
    if (json_type(j) != JSON_NUMBER)
        return fail_type(r, at, "whole number", j);
    if (!json_is_i64(j, out) || (f->presence == FIELD_NUL && *out == I64_NONE))
        return fail(r, at, "expected whole number of 64 bits, got %.*s", SHOWN_MAX,
                    json_text(j, r->a));
    bool above = *out > f->max;
    return check_range(r, f, *out < f->min, above, j, at);
}

static bool read_f64(struct reader *r, const struct field *f, const struct json *j, double *out,
                     const struct step *at)
{
    if (json_type(j) != JSON_NUMBER)
        return fail_type(r, at, "number", j);
    *out = json_f64(j, (double)NAN);
    if (isnan(*out))
        return fail(r, at, "number out of range: %.*s", SHOWN_MAX, json_text(j, r->a));
    bool above = *out > (double)f->max;
    return check_range(r, f, *out < (double)f->min, above, j, at);
}

static bool read_list(struct reader *r, const struct field *f, const struct json *j,
                      struct field_list *out, const struct step *at)
{
    size_t size = f->type == FIELD_STRS ? sizeof(char *) : f->of->size;
    size_t n = json_len(j), max = most(f, FIELD_LIST_MAX);
    if (json_type(j) != JSON_ARRAY)
        return fail_type(r, at, "array", j);
    if (n > max)
        return fail(r, at, "expected at most %zu items, got %zu", max, n);
    char *items = out->v = arena_array(r->a, n, size);
    for (const struct json *item = json_first(j); item; item = json_next(item)) {
        const struct step step = {.up = at, .index = out->n};
        char *to = items + out->n * size;
        struct str s;
        /* Counted before it is read: on failure field_drop must see what it holds already. */
        out->n++;
        if (f->type == FIELD_LIST) {
            if (!read_set(r, f->of, item, to, &step))
                return false;
        } else {
            if (!read_string(r, item, &step, FIELD_STR_MAX, &s))
                return false;
            ((const char **)(void *)to)[0] = arena_strndup(r->a, s.p, s.n);
        }
    }
    return true;
}

/* The events that will hold the value add levels of their own, and must stay readable. */
static bool read_json(struct reader *r, const struct json *j, const char **out,
                      const struct step *at)
{
    struct err too_deep = ERR_INIT;
    *out = json_text(j, r->a);
    if (r->mode == FIELD_STRICT && !json_check(str_of(*out), FIELD_JSON_DEPTH_MAX, &too_deep))
        return fail(r, at, "expected at most %d levels", FIELD_JSON_DEPTH_MAX);
    return true;
}

static bool read_field(struct reader *r, const struct field *f, const struct json *j, void *out,
                       const struct step *up)
{
    const struct step at = {.up = up, .name = f->name, .index = SIZE_MAX};
    void *to = member(f, out);
    /* Models write null for what they leave out. */
    if (json_type(j) == JSON_NULL && f->presence != FIELD_REQ && f->type != FIELD_JSON)
        return true;
    switch (f->type) {
    case FIELD_STR:
        return read_str(r, f, j, to, &at);
    case FIELD_I64:
        return read_i64(r, f, j, to, &at);
    case FIELD_F64:
        return read_f64(r, f, j, to, &at);
    case FIELD_BOOL:
        if (json_type(j) != JSON_BOOL)
            return fail_type(r, &at, "bool", j);
        *(bool *)to = json_bool(j, false);
        return true;
    case FIELD_JSON:
        return read_json(r, j, to, &at);
    case FIELD_BODY:
        return read_body(r, f, j, to, &at);
    case FIELD_STRS:
    case FIELD_LIST:
        return read_list(r, f, j, to, &at);
    }
    return false;
}

static bool fail_unknown(struct reader *r, const struct field_set *set, const char *key,
                         const struct step *up)
{
    const char *names[FIELDS_MAX];
    for (size_t i = 0; i < set->n; i++)
        names[i] = set->fields[i].name;
    return fail(r, up, "unknown member '%.*s'", STR_ARG(utf8_clip(str_of(key), SHOWN_MAX))) ||
           suggest(r, str_of(key), names, set->n);
}

/* The field of that name. Members mostly come in table order, so the search begins at *hint. */
static const struct field *find_from(const struct field_set *set, const char *name, size_t *hint)
{
    for (size_t i = 0; i < set->n; i++) {
        size_t at = (*hint + i) % set->n;
        if (strcmp(set->fields[at].name, name) == 0) {
            *hint = at + 1;
            return &set->fields[at];
        }
    }
    return NULL;
}

static bool read_set(struct reader *r, const struct field_set *set, const struct json *j, void *out,
                     const struct step *up)
{
    uint64_t seen = 0;
    size_t hint = 0;
    TAU_ASSERT(set->n <= FIELDS_MAX);
    for (size_t i = 0; i < set->n; i++)
        if (set->fields[i].presence == FIELD_NUL)
            *(int64_t *)member(&set->fields[i], out) = I64_NONE;
    if (json_type(j) != JSON_OBJECT)
        return fail_type(r, up, "object", j);
    for (const struct json *m = json_first(j); m; m = json_next(m)) {
        const struct field *f = find_from(set, json_key(m), &hint);
        if (!f && r->mode == FIELD_OPEN)
            continue;
        if (!f)
            return fail_unknown(r, set, json_key(m), up);
        if (!read_field(r, f, m, out, up))
            return false;
        seen |= UINT64_C(1) << (f - set->fields);
    }
    for (size_t i = 0; i < set->n; i++)
        if (set->fields[i].presence == FIELD_REQ && !(seen & UINT64_C(1) << i))
            return fail(r, up, "'%s' is required", set->fields[i].name);
    return true;
}

bool field_read(const struct field_set *set, const struct json *j, struct arena *a, void *out,
                enum field_mode mode, struct err *e)
{
    struct reader r = {.a = a, .mode = mode, .e = e};
    const struct step top = {.name = set->name, .index = SIZE_MAX};
    memset(out, 0, set->size);
    if (json_type(j) != JSON_OBJECT)
        return fail_type(&r, &top, "object", j);
    if (read_set(&r, set, j, out, NULL))
        return true;
    field_drop(set, out);
    return false;
}

static bool is_absent(const struct field *f, const void *p)
{
    switch (f->type) {
    case FIELD_STR:
    case FIELD_JSON:
        return !*(const char *const *)p;
    case FIELD_I64:
        return *(const int64_t *)p == (f->presence == FIELD_NUL ? I64_NONE : 0);
    case FIELD_F64:
        return *(const double *)p == 0;
    case FIELD_BOOL:
        return !*(const bool *)p;
    case FIELD_BODY:
        return ((const struct body *)p)->len == 0;
    case FIELD_STRS:
    case FIELD_LIST:
        return ((const struct field_list *)p)->n == 0;
    }
    return true;
}

static void write_list(const struct field *f, struct jsonw *w, const struct field_list *list)
{
    jsonw_begin_array(w);
    for (size_t i = 0; i < list->n; i++) {
        if (f->type == FIELD_STRS)
            jsonw_str(w, str_of(((const char *const *)list->v)[i]));
        else
            field_write_object(f->of, w, (const char *)list->v + i * f->of->size);
    }
    jsonw_end_array(w);
}

static void write_value(const struct field *f, struct jsonw *w, const void *p)
{
    const char *text;
    switch (f->type) {
    case FIELD_STR:
        jsonw_str(w, str_of(*(const char *const *)p));
        return;
    case FIELD_I64:
        jsonw_i64(w, *(const int64_t *)p);
        return;
    case FIELD_F64:
        jsonw_f64(w, *(const double *)p);
        return;
    case FIELD_BOOL:
        jsonw_bool(w, *(const bool *)p);
        return;
    case FIELD_JSON:
        text = *(const char *const *)p;
        jsonw_raw(w, text ? str_of(text) : STR("null"));
        return;
    case FIELD_BODY:
        jsonw_str(w, body_view(*(const struct body *)p));
        return;
    case FIELD_STRS:
    case FIELD_LIST:
        write_list(f, w, p);
        return;
    }
}

void field_write(const struct field_set *set, struct jsonw *w, const void *in)
{
    for (size_t i = 0; i < set->n; i++) {
        const struct field *f = &set->fields[i];
        const void *p = member_of(f, in);
        if (f->presence != FIELD_REQ && is_absent(f, p))
            continue;
        jsonw_key(w, f->name);
        write_value(f, w, p);
    }
}

void field_write_object(const struct field_set *set, struct jsonw *w, const void *in)
{
    jsonw_begin_object(w);
    field_write(set, w, in);
    jsonw_end_object(w);
}

static void copy_list(const struct field *f, struct arena *a, struct field_list *out,
                      const struct field_list *in)
{
    size_t size = f->type == FIELD_STRS ? sizeof(char *) : f->of->size;
    char *items = arena_array(a, in->n, size);
    for (size_t i = 0; i < in->n; i++) {
        if (f->type == FIELD_STRS)
            ((const char **)(void *)items)[i] = arena_strdup(a, ((const char *const *)in->v)[i]);
        else
            field_copy(f->of, a, items + i * size, (const char *)in->v + i * size);
    }
    *out = (struct field_list){.v = in->n ? items : NULL, .n = in->n};
}

void field_copy(const struct field_set *set, struct arena *a, void *out, const void *in)
{
    memcpy(out, in, set->size);
    for (size_t i = 0; i < set->n; i++) {
        const struct field *f = &set->fields[i];
        void *to = member(f, out);
        const void *from = member_of(f, in);
        switch (f->type) {
        case FIELD_STR:
        case FIELD_JSON:
            *(const char **)to = arena_strdup(a, *(const char *const *)from);
            break;
        case FIELD_BODY:
            *(struct body *)to = body_ref(*(const struct body *)from);
            break;
        case FIELD_STRS:
        case FIELD_LIST:
            copy_list(f, a, to, from);
            break;
        case FIELD_I64:
        case FIELD_F64:
        case FIELD_BOOL:
            break;
        }
    }
}

static size_t list_bytes(const struct field *f, const struct field_list *list)
{
    size_t bytes = arena_size(list->n * (f->of ? f->of->size : sizeof(char *)));
    for (size_t i = 0; i < list->n; i++) {
        if (f->type == FIELD_LIST)
            bytes += field_bytes(f->of, (const char *)list->v + i * f->of->size);
        else if (((const char *const *)list->v)[i])
            bytes += arena_size(strlen(((const char *const *)list->v)[i]) + 1);
    }
    return bytes;
}

size_t field_bytes(const struct field_set *set, const void *in)
{
    size_t bytes = 0;
    for (size_t i = 0; i < set->n; i++) {
        const struct field *f = &set->fields[i];
        const void *from = member_of(f, in);
        const char *text = NULL;
        if (f->type == FIELD_STR || f->type == FIELD_JSON)
            text = *(const char *const *)from;
        if (text)
            bytes += arena_size(strlen(text) + 1);
        if (f->type == FIELD_STRS || f->type == FIELD_LIST)
            bytes += list_bytes(f, from);
    }
    return bytes;
}

void field_drop(const struct field_set *set, void *p)
{
    for (size_t i = 0; i < set->n; i++) {
        const struct field *f = &set->fields[i];
        if (f->type == FIELD_BODY) {
            struct body *b = member(f, p);
            body_unref(*b);
            *b = BODY_NONE;
        } else if (f->type == FIELD_LIST) {
            struct field_list *list = member(f, p);
            for (size_t k = 0; k < list->n; k++)
                field_drop(f->of, (char *)list->v + k * f->of->size);
        }
    }
}

static bool equal_cstr(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool equal_list(const struct field *f, const struct field_list *a,
                       const struct field_list *b)
{
    if (a->n != b->n)
        return false;
    for (size_t i = 0; i < a->n; i++) {
        bool same = f->type == FIELD_STRS
                        ? equal_cstr(((const char *const *)a->v)[i], ((const char *const *)b->v)[i])
                        : field_equal(f->of, (const char *)a->v + i * f->of->size,
                                      (const char *)b->v + i * f->of->size);
        if (!same)
            return false;
    }
    return true;
}

static bool equal_field(const struct field *f, const void *a, const void *b)
{
    switch (f->type) {
    case FIELD_STR:
    case FIELD_JSON:
        return equal_cstr(*(const char *const *)a, *(const char *const *)b);
    case FIELD_I64:
        return *(const int64_t *)a == *(const int64_t *)b;
    case FIELD_F64:
        return *(const double *)a == *(const double *)b;
    case FIELD_BOOL:
        return *(const bool *)a == *(const bool *)b;
    case FIELD_BODY:
        return str_eq(body_view(*(const struct body *)a), body_view(*(const struct body *)b));
    case FIELD_STRS:
    case FIELD_LIST:
        return equal_list(f, a, b);
    }
    return false;
}

bool field_equal(const struct field_set *set, const void *a, const void *b)
{
    for (size_t i = 0; i < set->n; i++) {
        const struct field *f = &set->fields[i];
        if (!equal_field(f, member_of(f, a), member_of(f, b)))
            return false;
    }
    return true;
}

static void schema_field(const struct field *f, struct jsonw *w)
{
    static const char *const types[] = {
        [FIELD_STR] = "string",   [FIELD_I64] = "integer", [FIELD_F64] = "number",
        [FIELD_BOOL] = "boolean", [FIELD_BODY] = "string", [FIELD_STRS] = "array",
        [FIELD_LIST] = "array",   [FIELD_JSON] = NULL,
    };
    bool numeric = f->type == FIELD_I64 || f->type == FIELD_F64;
    jsonw_begin_object(w);
    jsonw_opt_cstr(w, "type", types[f->type]);
    jsonw_opt_cstr(w, "description", f->doc);
    if (f->choices && f->type == FIELD_STR) {
        struct str rest = str_of(f->choices), word;
        jsonw_key(w, "enum");
        jsonw_begin_array(w);
        while (str_split(&rest, '|', &word))
            jsonw_str(w, word);
        jsonw_end_array(w);
    }
    if (numeric && (f->min != 0 || f->max != 0))
        jsonw_put_i64(w, "minimum", f->min);
    if (numeric && f->max != 0)
        jsonw_put_i64(w, "maximum", f->max);
    if (f->type == FIELD_STRS)
        jsonw_put_raw(w, "items", STR("{\"type\":\"string\"}"));
    if (f->type == FIELD_LIST) {
        jsonw_key(w, "items");
        field_schema(f->of, w);
    }
    jsonw_end_object(w);
}

void field_schema(const struct field_set *set, struct jsonw *w)
{
    jsonw_begin_object(w);
    jsonw_put_cstr(w, "type", "object");
    jsonw_key(w, "properties");
    jsonw_begin_object(w);
    for (size_t i = 0; i < set->n; i++) {
        jsonw_key(w, set->fields[i].name);
        schema_field(&set->fields[i], w);
    }
    jsonw_end_object(w);
    jsonw_key(w, "required");
    jsonw_begin_array(w);
    for (size_t i = 0; i < set->n; i++)
        if (set->fields[i].presence == FIELD_REQ)
            jsonw_cstr(w, set->fields[i].name);
    jsonw_end_array(w);
    jsonw_put_bool(w, "additionalProperties", false);
    jsonw_end_object(w);
}

const struct field *field_find(const struct field_set *set, struct str name)
{
    for (size_t i = 0; i < set->n; i++)
        if (str_is(name, set->fields[i].name))
            return &set->fields[i];
    return NULL;
}
