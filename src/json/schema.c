/* SPDX-License-Identifier: MIT
 *
 * schema: one table of keywords. A row says what its value must look like, which is checked when
 * the schema is compiled, and the function that holds a value against it. The parsed schema itself
 * is walked; only patterns are made ready before.
 */
#include "json/schema.h"

#include "base/mem.h"
#include "text/regex.h"
#include "text/utf8.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

struct pattern {
    struct pattern *next;
    const struct json *at;
    struct regex *regex;
};

struct schema {
    struct json *root;
    struct pattern *patterns;
};

/* Where we are: a list from the end to the root. */
struct path {
    const struct path *up;
    const char *key; /* NULL: an index, or the root */
    size_t index;
};

enum { PATH_KEY_MAX = 60, PATH_PARTS_MAX = 40 };

static void write_path(struct buf *out, const struct path *p)
{
    const struct path *parts[PATH_PARTS_MAX];
    size_t n = 0;
    for (; p->up; p = p->up)
        if (n < PATH_PARTS_MAX)
            parts[n++] = p;
    buf_putc(out, '$');
    while (n-- > 0) {
        if (!parts[n]->key) {
            buf_printf(out, "[%zu]", parts[n]->index);
            continue;
        }
        buf_printf(out, ".%.*s", STR_ARG(utf8_clip(str_of(parts[n]->key), PATH_KEY_MAX)));
    }
}

/* ---- compiling ---- */

/* What the value of a keyword must look like. */
enum form {
    FORM_ANY,
    FORM_TYPE,
    FORM_ENUM,
    FORM_STRINGS,
    FORM_COUNT,
    FORM_NUMBER,
    FORM_POSITIVE,
    FORM_BOOL,
    FORM_PATTERN,
    FORM_REF,
    FORM_SCHEMA,
    FORM_LIST, /* of schemas */
    FORM_MAP,  /* of schemas, by name */
};

struct look;
struct keyword {
    const char *name;
    enum form form;
    /* arg: the keyword's value; in: the schema it stands in. NULL: nothing to check by itself. */
    void (*check)(struct look *l, const struct json *arg, const struct json *in,
                  const struct json *v, const struct path *at);
};
static const struct keyword *keyword_find(const char *name);

static const char *const type_names[] = {"null",   "boolean", "integer", "number",
                                         "string", "array",   "object"};

static bool wrong(struct err *e, const struct path *at, const char *what)
{
    CLEANUP(buf_free) struct buf b = BUF_OWN;
    write_path(&b, at);
    return err_set(e, ERR_INVALID, "%s: %s", buf_cstr(&b), what);
}

static bool is_type_name(const struct json *j)
{
    for (size_t i = 0; i < ARRAY_LEN(type_names); i++)
        if (strcmp(json_cstr(j, ""), type_names[i]) == 0)
            return true;
    return false;
}

static bool is_list_of(const struct json *j, bool (*fits)(const struct json *), size_t least)
{
    if (json_type(j) != JSON_ARRAY || json_len(j) < least)
        return false;
    for (const struct json *c = json_first(j); c; c = json_next(c))
        if (!fits(c))
            return false;
    return true;
}

/* A number that no double holds: nobody knows how it compares. */
static bool is_beyond(const struct json *j)
{
    int64_t n;
    return json_type(j) == JSON_NUMBER && !json_is_i64(j, &n) && isnan(json_f64(j, NAN));
}

static bool is_string(const struct json *j)
{
    return json_type(j) == JSON_STRING;
}

/* What a $ref means: the root, or one of its definitions. */
static const struct json *target(const struct schema *s, const struct json *ref)
{
    static const char *const places[] = {"$defs", "definitions"};
    const char *to = json_cstr(ref, "");
    if (strcmp(to, "#") == 0)
        return s->root;
    for (size_t i = 0; i < ARRAY_LEN(places); i++) {
        size_t n = strlen(places[i]);
        if (strncmp(to, "#/", 2) == 0 && strncmp(to + 2, places[i], n) == 0 && to[2 + n] == '/')
            return json_get(json_get(s->root, places[i]), to + 3 + n);
    }
    return NULL;
}

static bool compile(struct schema *s, const struct json *j, const struct path *at, int depth,
                    struct err *e);

static bool compile_children(struct schema *s, const struct json *j, const struct path *at,
                             int depth, struct err *e)
{
    size_t i = 0;
    for (const struct json *c = json_first(j); c; c = json_next(c), i++) {
        struct path here = {.up = at, .key = json_key(c), .index = i};
        if (!compile(s, c, &here, depth, e))
            return false;
    }
    return true;
}

static bool compile_pattern(struct schema *s, const struct json *j, const struct path *at,
                            struct err *e)
{
    struct regex *regex = regex_new(json_str(j), false, e);
    if (!regex) {
        CLEANUP(mem_free_p) char *why = mem_strdup(e->message);
        return wrong(e, at, why);
    }
    struct pattern *p = NEW(struct pattern);
    *p = (struct pattern){.next = s->patterns, .at = j, .regex = regex};
    s->patterns = p;
    return true;
}

static bool compile_value(struct schema *s, enum form form, const struct json *j,
                          const struct path *at, int depth, struct err *e)
{
    int64_t n;
    switch (form) {
    case FORM_ANY:
        return true;
    case FORM_TYPE:
        return is_type_name(j) || is_list_of(j, is_type_name, 1) ||
               wrong(e, at,
                     "expected null, boolean, integer, number, string, array or object, or a "
                     "list of them");
    case FORM_ENUM:
        return (json_type(j) == JSON_ARRAY && json_len(j)) ||
               wrong(e, at, "expected a list with a value in it");
    case FORM_STRINGS:
        return is_list_of(j, is_string, 0) || wrong(e, at, "expected a list of strings");
    case FORM_COUNT:
        return (json_is_i64(j, &n) && n >= 0) || wrong(e, at, "expected a whole number from 0");
    case FORM_NUMBER:
        return (json_type(j) == JSON_NUMBER && !is_beyond(j)) ||
               wrong(e, at, is_beyond(j) ? "number out of range" : "expected a number");
    case FORM_POSITIVE:
        return json_f64(j, 0) > 0 || wrong(e, at, "expected a number above 0");
    case FORM_BOOL:
        return json_type(j) == JSON_BOOL || wrong(e, at, "expected true or false");
    case FORM_PATTERN:
        return is_string(j) ? compile_pattern(s, j, at, e) : wrong(e, at, "expected a string");
    case FORM_REF:
        return target(s, j) || wrong(e, at,
                                     "expected \"#\" or \"#/$defs/NAME\" with a name that is "
                                     "there");
    case FORM_SCHEMA:
        return compile(s, j, at, depth + 1, e);
    case FORM_LIST:
        return (json_type(j) == JSON_ARRAY && json_len(j))
                   ? compile_children(s, j, at, depth + 1, e)
                   : wrong(e, at, "expected a list of schemas");
    case FORM_MAP:
        return json_type(j) == JSON_OBJECT ? compile_children(s, j, at, depth + 1, e)
                                           : wrong(e, at, "expected an object of schemas");
    }
    return true;
}

static bool compile(struct schema *s, const struct json *j, const struct path *at, int depth,
                    struct err *e)
{
    if (json_type(j) == JSON_BOOL)
        return true;
    if (json_type(j) != JSON_OBJECT)
        return wrong(e, at, "expected a schema: an object, true or false");
    if (depth > SCHEMA_DEPTH_MAX)
        return wrong(e, at, "the schema is nested too deeply");
    for (const struct json *m = json_first(j); m; m = json_next(m)) {
        struct path here = {.up = at, .key = json_key(m)};
        const struct keyword *k = keyword_find(json_key(m));
        if (!k) {
            wrong(e, &here, "this keyword of JSON Schema is not known here");
            err_hint(e, "tau would not check it; docs/schema.md lists those that it does");
            return false;
        }
        if (!compile_value(s, k->form, m, &here, depth, e))
            return false;
    }
    return true;
}

struct schema *schema_compile(struct str text, struct err *e)
{
    static const struct path root = {0};
    struct schema *s = NEW(struct schema);
    bool ok = text.n <= SCHEMA_BYTES_MAX ||
              err_set(e, ERR_TOO_LARGE, "a schema has at most %d KiB", SCHEMA_BYTES_MAX >> 10);
    s->root = ok ? json_parse(text, e) : NULL;
    if (!s->root || !compile(s, s->root, &root, 0, e)) {
        schema_free(s);
        return NULL;
    }
    return s;
}

void schema_free(struct schema *s)
{
    if (!s)
        return;
    for (struct pattern *p = s->patterns, *next; p; p = next) {
        next = p->next;
        regex_free(p->regex);
        free(p);
    }
    json_free(s->root);
    free(s);
}

void schema_free_p(struct schema **s)
{
    schema_free(*s);
    *s = NULL;
}

/* ---- looking at a value ---- */

struct look {
    struct schema *schema;
    struct buf *out;
    size_t broken;
    int quiet; /* within a branch that may fail */
    int depth;
    int64_t steps;
};

static void look(struct look *l, const struct json *in, const struct json *v,
                 const struct path *at);

ATTR_PRINTF(3, 4)
static void broke(struct look *l, const struct path *at, const char *fmt, ...)
{
    va_list args;
    if (l->broken++ >= SCHEMA_REPORT_MAX || l->quiet)
        return;
    va_start(args, fmt);
    write_path(l->out, at);
    buf_puts(l->out, ": ");
    buf_vprintf(l->out, fmt, args);
    va_end(args);
    buf_putc(l->out, '\n');
}

/* Does one branch hold? Says nothing. */
static bool holds(struct look *l, const struct json *in, const struct json *v,
                  const struct path *at)
{
    size_t before = l->broken;
    l->quiet++;
    look(l, in, v, at);
    l->quiet--;
    bool ok = l->broken == before;
    l->broken = before;
    return ok;
}

static bool spend(struct look *l)
{
    return ++l->steps <= SCHEMA_STEPS_MAX;
}

/* -1, 0, 1; whole numbers are compared as such. None is beyond what a double holds. */
static int compare(const struct json *a, const struct json *b)
{
    int64_t x, y;
    if (json_is_i64(a, &x) && json_is_i64(b, &y))
        return (x > y) - (x < y);
    double f = json_f64(a, 0);
    double g = json_f64(b, 0);
    return (f > g) - (f < g);
}

static bool equal(struct look *l, const struct json *a, const struct json *b)
{
    if (!spend(l) || json_type(a) != json_type(b) || is_beyond(a) || is_beyond(b))
        return false;
    switch (json_type(a)) {
    case JSON_NULL:
        return true;
    case JSON_BOOL:
        return json_bool(a, false) == json_bool(b, false);
    case JSON_NUMBER:
        return compare(a, b) == 0;
    case JSON_STRING:
        return str_eq(json_str(a), json_str(b));
    case JSON_ARRAY:
    case JSON_OBJECT:
        break;
    }
    if (json_len(a) != json_len(b))
        return false;
    bool object = json_type(a) == JSON_OBJECT;
    const struct json *d = json_first(b);
    for (const struct json *c = json_first(a); c; c = json_next(c)) {
        const struct json *other = object ? json_get(b, json_key(c)) : d;
        if (!other || !equal(l, c, other))
            return false;
        d = d ? json_next(d) : NULL;
    }
    return true;
}

/* From 2^53 on all that a double can hold are whole. */
static bool is_whole_double(double f)
{
    const double exact = 9007199254740992.0;
    return f >= exact || f <= -exact || (double)(int64_t)f == f;
}

static bool is_whole(const struct json *v)
{
    int64_t n;
    return json_is_i64(v, &n) || (json_type(v) == JSON_NUMBER && is_whole_double(json_f64(v, 0.5)));
}

static const char *type_of(const struct json *v)
{
    if (json_type(v) == JSON_BOOL)
        return "boolean";
    return is_whole(v) ? "integer" : json_type_name(json_type(v));
}

static bool is_of(const struct json *v, const char *type)
{
    return strcmp(type_of(v), type) == 0 ||
           (strcmp(type, "number") == 0 && json_type(v) == JSON_NUMBER);
}

#define CHECK(name)                                                                                \
    static void check_##name(struct look *l, const struct json *arg, const struct json *in,        \
                             const struct json *v, const struct path *at)

CHECK(type)
{
    (void)in;
    CLEANUP(buf_free) struct buf want = BUF_OWN;
    if (json_type(arg) == JSON_STRING) {
        if (!is_of(v, json_cstr(arg, "")))
            broke(l, at, "expected %s, got %s", json_cstr(arg, ""), type_of(v));
        return;
    }
    for (const struct json *c = json_first(arg); c; c = json_next(c)) {
        if (is_of(v, json_cstr(c, "")))
            return;
        buf_printf(&want, "%s%s", want.len ? " or " : "", json_cstr(c, ""));
    }
    broke(l, at, "expected %s, got %s", buf_cstr(&want), type_of(v));
}

/* The first bytes of a value, for a message. */
static void tell_value(struct buf *out, const struct json *v)
{
    struct arena a = ARENA_INIT;
    struct str text = str_of(json_text(v, &a));
    struct str clip = utf8_clip(text, 60);
    buf_str(out, clip);
    if (clip.n < text.n)
        buf_puts(out, "...");
    arena_free(&a);
}

CHECK(enum)
{
    (void)in;
    CLEANUP(buf_free) struct buf want = BUF_OWN;
    for (const struct json *c = json_first(arg); c; c = json_next(c))
        if (equal(l, c, v))
            return;
    for (const struct json *c = json_first(arg); c && want.len < 300 && !l->quiet;
         c = json_next(c)) {
        buf_puts(&want, want.len ? ", " : "");
        tell_value(&want, c);
    }
    broke(l, at, "expected one of %s", buf_cstr(&want));
}

CHECK(const)
{
    (void)in;
    CLEANUP(buf_free) struct buf want = BUF_OWN;
    if (equal(l, arg, v))
        return;
    tell_value(&want, arg);
    broke(l, at, "expected %s", buf_cstr(&want));
}

CHECK(properties)
{
    (void)in;
    if (json_type(v) != JSON_OBJECT)
        return;
    for (const struct json *p = json_first(arg); p; p = json_next(p)) {
        const struct json *m = spend(l) ? json_get(v, json_key(p)) : NULL;
        if (m)
            look(l, p, m, &(struct path){.up = at, .key = json_key(p)});
    }
}

CHECK(additional)
{
    const struct json *known = json_get(in, "properties");
    if (json_type(v) != JSON_OBJECT)
        return;
    for (const struct json *m = json_first(v); m; m = json_next(m)) {
        struct path here = {.up = at, .key = json_key(m)};
        if (!spend(l))
            return;
        if (json_get(known, json_key(m)))
            continue;
        if (json_type(arg) == JSON_BOOL && !json_bool(arg, true))
            broke(l, &here, "there is no such member");
        else
            look(l, arg, m, &here);
    }
}

CHECK(required)
{
    (void)in;
    if (json_type(v) != JSON_OBJECT)
        return;
    for (const struct json *c = json_first(arg); c && spend(l); c = json_next(c))
        if (!json_get(v, json_cstr(c, "")))
            broke(l, &(struct path){.up = at, .key = json_cstr(c, "")},
                  "is required and not there");
}

static void each_item(struct look *l, const struct json *one, const struct json *list, size_t from,
                      const struct json *v, const struct path *at)
{
    size_t i = 0;
    for (const struct json *c = json_first(v); c; c = json_next(c), i++) {
        if (i < from || (!one && !list))
            continue;
        look(l, one ? one : list, c, &(struct path){.up = at, .index = i});
        list = list ? json_next(list) : NULL;
    }
}

CHECK(items)
{
    if (json_type(v) == JSON_ARRAY)
        each_item(l, arg, NULL, json_len(json_get(in, "prefixItems")), v, at);
}

CHECK(prefix_items)
{
    (void)in;
    if (json_type(v) == JSON_ARRAY)
        each_item(l, NULL, json_first(arg), 0, v, at);
}

CHECK(unique_items)
{
    (void)in;
    if (json_type(v) != JSON_ARRAY || !json_bool(arg, false))
        return;
    for (const struct json *c = json_first(v); c; c = json_next(c))
        for (const struct json *d = json_next(c); d; d = json_next(d)) {
            if (l->steps > SCHEMA_STEPS_MAX)
                return;
            if (equal(l, c, d)) {
                broke(l, at, "two items are the same");
                return;
            }
        }
}

static void count(struct look *l, const struct json *arg, int64_t got, bool most, const char *what,
                  const struct path *at)
{
    int64_t limit = json_i64(arg, 0);
    if (most ? got > limit : got < limit)
        broke(l, at, "expected at %s %lld %s, got %lld", most ? "most" : "least", (long long)limit,
              what, (long long)got);
}

static int64_t characters(struct str s)
{
    int64_t n = 0;
    for (size_t i = 0; i < s.n; i++)
        n += ((unsigned char)s.p[i] & 0xC0) != 0x80;
    return n;
}

#define CHECK_COUNT(name, json, got, most, what)                                                   \
    CHECK(name)                                                                                    \
    {                                                                                              \
        (void)in;                                                                                  \
        if (json_type(v) == (json))                                                                \
            count(l, arg, got, most, what, at);                                                    \
    }
CHECK_COUNT(min_items, JSON_ARRAY, (int64_t)json_len(v), false, "items")
CHECK_COUNT(max_items, JSON_ARRAY, (int64_t)json_len(v), true, "items")
CHECK_COUNT(min_properties, JSON_OBJECT, (int64_t)json_len(v), false, "members")
CHECK_COUNT(max_properties, JSON_OBJECT, (int64_t)json_len(v), true, "members")
CHECK_COUNT(min_length, JSON_STRING, characters(json_str(v)), false, "characters")
CHECK_COUNT(max_length, JSON_STRING, characters(json_str(v)), true, "characters")

CHECK(pattern)
{
    (void)in;
    size_t from, to;
    const struct pattern *p = l->schema->patterns;
    if (json_type(v) != JSON_STRING)
        return;
    while (p && p->at != arg)
        p = p->next;
    if (p && regex_find(p->regex, json_str(v), 0, &from, &to) != REGEX_YES)
        broke(l, at, "does not match %.*s", STR_ARG(utf8_clip(json_str(arg), 100)));
}

#define CHECK_BOUND(name, wrong_when, what)                                                        \
    CHECK(name)                                                                                    \
    {                                                                                              \
        (void)in;                                                                                  \
        CLEANUP(buf_free) struct buf limit = BUF_OWN;                                              \
        if (json_type(v) != JSON_NUMBER || !(wrong_when))                                          \
            return;                                                                                \
        tell_value(&limit, arg);                                                                   \
        broke(l, at, "expected a number " what " %s", buf_cstr(&limit));                           \
    }
CHECK_BOUND(minimum, compare(v, arg) < 0, "not below")
CHECK_BOUND(maximum, compare(v, arg) > 0, "not above")
CHECK_BOUND(above, compare(v, arg) <= 0, "above")
CHECK_BOUND(below, compare(v, arg) >= 0, "below")

static bool is_multiple(const struct json *v, const struct json *of)
{
    int64_t x, y;
    if (json_is_i64(v, &x) && json_is_i64(of, &y))
        return x % y == 0;
    /* 0.3 is a multiple of 0.1, whatever their doubles say. */
    double q = json_f64(v, 0) / json_f64(of, 1);
    double size = q < 0 ? -q : q;
    double slack = 1e-9 * MAX(size, 1.0);
    return is_whole_double(size) || is_whole_double(q) ||
           (size < 1e15 && size + slack - (double)(int64_t)(size + slack) <= 2 * slack);
}
CHECK_BOUND(multiple, !is_multiple(v, arg), "that is a multiple of")

CHECK(all_of)
{
    (void)in;
    for (const struct json *c = json_first(arg); c; c = json_next(c))
        look(l, c, v, at);
}

CHECK(any_of)
{
    (void)in;
    for (const struct json *c = json_first(arg); c; c = json_next(c))
        if (holds(l, c, v, at))
            return;
    broke(l, at, "meets none of the %zu schemas of anyOf", json_len(arg));
}

CHECK(one_of)
{
    (void)in;
    size_t n = 0;
    for (const struct json *c = json_first(arg); c; c = json_next(c))
        n += holds(l, c, v, at);
    if (n != 1)
        broke(l, at, "meets %zu of the %zu schemas of oneOf, and must meet one", n, json_len(arg));
}

CHECK(not )
{
    (void)in;
    if (holds(l, arg, v, at))
        broke(l, at, "meets the schema of not");
}

CHECK(ref)
{
    (void)in;
    look(l, target(l->schema, arg), v, at);
}

static const struct keyword keywords[] = {
    {"$comment", FORM_ANY, NULL},
    {"$defs", FORM_MAP, NULL},
    {"$id", FORM_ANY, NULL},
    {"$ref", FORM_REF, check_ref},
    {"$schema", FORM_ANY, NULL},
    {"additionalProperties", FORM_SCHEMA, check_additional},
    {"allOf", FORM_LIST, check_all_of},
    {"anyOf", FORM_LIST, check_any_of},
    {"const", FORM_ANY, check_const},
    {"default", FORM_ANY, NULL},
    {"definitions", FORM_MAP, NULL},
    {"deprecated", FORM_ANY, NULL},
    {"description", FORM_ANY, NULL},
    {"enum", FORM_ENUM, check_enum},
    {"examples", FORM_ANY, NULL},
    {"exclusiveMaximum", FORM_NUMBER, check_below},
    {"exclusiveMinimum", FORM_NUMBER, check_above},
    {"format", FORM_ANY, NULL},
    {"items", FORM_SCHEMA, check_items},
    {"maxItems", FORM_COUNT, check_max_items},
    {"maxLength", FORM_COUNT, check_max_length},
    {"maxProperties", FORM_COUNT, check_max_properties},
    {"maximum", FORM_NUMBER, check_maximum},
    {"minItems", FORM_COUNT, check_min_items},
    {"minLength", FORM_COUNT, check_min_length},
    {"minProperties", FORM_COUNT, check_min_properties},
    {"minimum", FORM_NUMBER, check_minimum},
    {"multipleOf", FORM_POSITIVE, check_multiple},
    {"not", FORM_SCHEMA, check_not},
    {"oneOf", FORM_LIST, check_one_of},
    {"pattern", FORM_PATTERN, check_pattern},
    {"prefixItems", FORM_LIST, check_prefix_items},
    {"properties", FORM_MAP, check_properties},
    {"required", FORM_STRINGS, check_required},
    {"title", FORM_ANY, NULL},
    {"type", FORM_TYPE, check_type},
    {"uniqueItems", FORM_BOOL, check_unique_items},
};

static const struct keyword *keyword_find(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(keywords); i++)
        if (strcmp(keywords[i].name, name) == 0)
            return &keywords[i];
    return NULL;
}

static void look(struct look *l, const struct json *in, const struct json *v, const struct path *at)
{
    if (!spend(l))
        return;
    if (json_type(in) == JSON_BOOL) {
        if (!json_bool(in, true))
            broke(l, at, "nothing may be here");
        return;
    }
    if (is_beyond(v)) {
        broke(l, at, "number out of range");
        return;
    }
    if (l->depth == SCHEMA_CHECK_DEPTH_MAX) {
        broke(l, at, "the schema leads deeper than %d levels here", SCHEMA_CHECK_DEPTH_MAX);
        return;
    }
    l->depth++;
    for (const struct json *m = json_first(in); m; m = json_next(m)) {
        const struct keyword *k = keyword_find(json_key(m));
        if (k && k->check)
            k->check(l, m, in, v, at);
    }
    l->depth--;
}

size_t schema_check(struct schema *s, const struct json *value, struct buf *out)
{
    static const struct path root = {0};
    struct look l = {.schema = s, .out = out};
    look(&l, s->root, value, &root);
    /* A value that could not be looked at to its end does not meet it. */
    if (l.steps > SCHEMA_STEPS_MAX)
        broke(&l, &root, "it takes more than %d steps to hold this against the schema",
              SCHEMA_STEPS_MAX);
    return l.broken;
}
