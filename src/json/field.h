/* SPDX-License-Identifier: MIT
 *
 * field: a C struct described by a table, and what follows from the table: JSON both ways, JSON
 * Schema, deep copies, equality. Events, arguments of actions, queries and tools, rows and records
 * are all described so; nothing converts them by hand.
 */
#ifndef TAU_JSON_FIELD_H
#define TAU_JSON_FIELD_H

#include "base/arena.h"
#include "base/base.h"
#include "base/body.h"
#include "base/err.h"
#include "json/json.h"
#include "json/jsonw.h"

enum field_type {
    FIELD_STR,   /* const char *; NULL = absent */
    FIELD_I64,   /* int64_t; see presence */
    FIELD_F64,   /* double; 0 = absent when optional */
    FIELD_BOOL,  /* bool; false = absent when optional */
    FIELD_JSON,  /* const char *: raw text of any JSON value; NULL = absent */
    FIELD_BODY,  /* struct body: a string on the wire; empty = absent when optional */
    FIELD_STRS,  /* struct field_list of const char *: array of strings */
    FIELD_LIST,  /* struct field_list of `of->size` bytes each: array of objects */
};

enum field_presence {
    FIELD_REQ, /* must be there; always written */
    FIELD_OPT, /* absent when zero or NULL */
    FIELD_NUL, /* FIELD_I64 only: absent when I64_NONE, so that 0 can be said */
};

#define I64_NONE INT64_MIN

struct field_list {
    void *v; /* array, in the arena that read it */
    size_t n;
};

struct field_set;

struct field {
    const char *name; /* on the wire */
    enum field_type type;
    enum field_presence presence;
    size_t offset;
    const char *doc;
    /* I64, F64: the range. STR, BODY: max is the most bytes; STRS, LIST: the most items. max 0: the
     * default limit (FIELD_STR_MAX, FIELD_LIST_MAX, none for numbers). */
    int64_t min, max;
    const char *choices;        /* STR: "ask|edits|plan|auto"; NULL: any */
    const struct field_set *of; /* LIST */
};

struct field_set {
    const char *name; /* for error messages: "edit", "turn.created" */
    const struct field *fields;
    size_t n, size;
};

/* The default limits: bytes of a string, items of a list; and levels of a FIELD_JSON value that is
 * read strictly, so that it can be put into an event. A table has at most 64 rows. */
enum { FIELD_STR_MAX = 16 << 20, FIELD_LIST_MAX = 10000, FIELD_JSON_DEPTH_MAX = 96 };

/* FIELDS(struct_type, FIELD rows...) for tables that are not made from a .def file. */
#define FIELD_ROW(S, T, P, member, text, ...)                                                      \
    {.name = #member, .type = FIELD_##T, .presence = FIELD_##P, .offset = offsetof(S, member),     \
     .doc = text, ##__VA_ARGS__}
#define FIELD_SET(var, wire, S, ...)                                                               \
    static const struct field var##_fields[] = {__VA_ARGS__};                                      \
    static const struct field_set var = {wire, var##_fields, ARRAY_LEN(var##_fields), sizeof(S)}

enum field_mode {
    FIELD_STRICT, /* unknown members are errors: arguments of tools and actions */
    FIELD_OPEN,   /* unknown members are passed over: events, which are only ever added to */
};

/* Object to struct. Strings, lists and raw JSON are copied into the arena; bodies are references of
 * the struct's own (field_drop). null counts as absent but for FIELD_REQ and FIELD_JSON. On failure
 * (ERR_INVALID) *out is unspecified, holds no bodies, and the message names the path:
 * "edits[2].find: expected string, got number". */
bool field_read(const struct field_set *set, const struct json *j, struct arena *a, void *out,
                enum field_mode mode, struct err *e) ATTR_WARN;

/* Struct to members of an object that the caller has opened, in table order. A required field that
 * is NULL is written as "" or null. FIELD_JSON texts must be valid. */
void field_write(const struct field_set *set, struct jsonw *w, const void *in);

/* The same with the braces. */
void field_write_object(const struct field_set *set, struct jsonw *w, const void *in);

/* Deep copy of strings and lists into the arena; bodies get a reference (see field_drop). */
void field_copy(const struct field_set *set, struct arena *a, void *out, const void *in);

/* What field_copy takes from the arena, without the struct itself: for arena_reserve. */
size_t field_bytes(const struct field_set *set, const void *in);

/* Gives the references of BODY fields back. */
void field_drop(const struct field_set *set, void *p);

bool field_equal(const struct field_set *set, const void *a, const void *b);

/* JSON Schema (2020-12 subset: type, properties, required, additionalProperties false, enum,
 * minimum, maximum, items, description) as one object. */
void field_schema(const struct field_set *set, struct jsonw *w);

const struct field *field_find(const struct field_set *set, struct str name);

#endif
