/* SPDX-License-Identifier: MIT
 *
 * json: strict reading of JSON (RFC 8259) over cJSON, which is included in src/json only. Strict
 * means: the whole input, valid UTF-8, no duplicate keys, no U+0000 in strings, exact-case lookup,
 * at most JSON_DEPTH_MAX levels, and integers kept to 64 bits. A parsed value is immutable; any
 * thread may read it.
 */
#ifndef TAU_JSON_JSON_H
#define TAU_JSON_JSON_H

#include "base/arena.h"
#include "base/base.h"
#include "base/err.h"
#include "base/str.h"

/* Levels of nesting; values of one text (a value costs some 80 bytes of memory). */
enum { JSON_DEPTH_MAX = 128, JSON_VALUES_MAX = 1 << 20 };

struct json; /* one value; a root owns all below it */
enum json_type { JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT };

/* ERR_INVALID with the byte offset and what was expected, ERR_TOO_LARGE past JSON_VALUES_MAX. Free
 * the root with json_free. The text is not needed any more afterwards. */
struct json *json_parse(struct str text, struct err *e) ATTR_WARN;

/* Is the text one valid value of at most depth_max levels? The same errors without building a tree,
 * but duplicate keys pass. For text that shall be put into other JSON as it is: depth_max is then
 * JSON_DEPTH_MAX less the levels around it, or the whole could not be read back. */
bool json_check(struct str text, int depth_max, struct err *e) ATTR_WARN;

void json_free(struct json *root);
void json_free_p(struct json **root); /* for CLEANUP() */

enum json_type json_type(const struct json *j);
const char *json_type_name(enum json_type type); /* "null", "bool", ... */

/* Members and elements; NULL when j is not an object or array, or it is not there. */
const struct json *json_get(const struct json *j, const char *key);
size_t json_len(const struct json *j);
/* for (c = json_first(j); c; c = json_next(c)) */
const struct json *json_first(const struct json *j);
const struct json *json_next(const struct json *child);
const char *json_key(const struct json *member); /* NULL outside an object */

/* The value, or the fallback when j is NULL or of another type. An integer must be a whole number
 * within int64_t, written without a point or exponent; a double must be finite. */
struct str json_str(const struct json *j); /* empty view with p == NULL when it is no string */
const char *json_cstr(const struct json *j, const char *fallback);
int64_t json_i64(const struct json *j, int64_t fallback);
bool json_is_i64(const struct json *j, int64_t *ret_value);
double json_f64(const struct json *j, double fallback);
bool json_bool(const struct json *j, bool fallback);

/* The value's compact text, appended to an arena. Numbers are written as they were read. */
char *json_text(const struct json *j, struct arena *a);

#endif
