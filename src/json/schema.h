/* SPDX-License-Identifier: MIT
 *
 * schema: JSON Schema, the part of draft 2020-12 that is a row of the table in schema.c. A keyword
 * that is no row is an error of the schema, so that nothing of it is passed over in silence; `format`
 * and what only describes (title, default, ...) is allowed and not checked. A compiled schema may be
 * used by one thread at a time.
 */
#ifndef TAU_JSON_SCHEMA_H
#define TAU_JSON_SCHEMA_H

#include "base/base.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "json/json.h"

/* Bytes of a schema; levels, of it and while a value is looked at; steps that one value may cost;
 * lines of one report. */
enum {
    SCHEMA_BYTES_MAX = 256 << 10,
    SCHEMA_DEPTH_MAX = 64,
    SCHEMA_CHECK_DEPTH_MAX = 200,
    SCHEMA_STEPS_MAX = 2000000,
    SCHEMA_REPORT_MAX = 10,
};

struct schema;

/* ERR_INVALID names the path of what is wrong ("$.properties.age.typ: ..."), ERR_TOO_LARGE. Free with
 * schema_free. The text is not needed any more afterwards. */
struct schema *schema_compile(struct str text, struct err *e) ATTR_WARN;
void schema_free(struct schema *s); /* NULL is fine */
void schema_free_p(struct schema **s);

/* How many times the value breaks the schema; 0: it meets it. Appends the first SCHEMA_REPORT_MAX as
 * lines, "$.age: expected integer, got string". */
size_t schema_check(struct schema *s, const struct json *value, struct buf *out) ATTR_WARN;

#endif
