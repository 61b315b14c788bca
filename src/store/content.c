/* SPDX-License-Identifier: MIT
 *
 * content: the member that holds a record's text, by kind of event; and what is made of chunks.
 */
#include "store/content.h"

#include <string.h>

/* The text of an event, as a path into its data. A message holds several parts; see below. */
static const struct {
    enum event_kind kind;
    const char *path;
} members[] = {
    {EV_TURN_CREATED, "$.input"},         {EV_TURN_STEERED, "$.text"},
    {EV_TOOL_PROPOSED, "$.arguments"},    {EV_TOOL_STARTED, "$.arguments"},
    {EV_TOOL_COMPLETED, "$.result"},      {EV_TOOL_FAILED, "$.result"},
    {EV_TOOL_TIMED_OUT, "$.result"},      {EV_TOOL_CANCELLED, "$.result"},
    {EV_APPROVAL_REQUESTED, "$.preview"}, {EV_APPROVAL_APPROVED, "$.arguments"},
};

static const enum event_kind chunk_kinds[] = {EV_TURN_TEXT, EV_TURN_REASONING, EV_TOOL_OUTPUT,
                                              EV_JOB_OUTPUT};

/* Fields that chunks make while their <name>_seq is 0. */
static const struct {
    enum rec_kind rec;
    const char *field;
    enum event_kind kinds[2]; /* EV_UNKNOWN: none */
    const char *when;         /* condition on the row t */
    const char *which;        /* condition on the event */
    int64_t max;              /* bytes that are kept */
} chunked[] = {
    {REC_ENTRY,
     "body",
     {EV_TURN_TEXT, EV_TURN_REASONING},
     "t.\"kind\" IN ('text','reasoning')",
     "turn IS t.\"turn\"",
     EVENT_DATA_MAX},
    {REC_TOOL, "output", {EV_TOOL_OUTPUT}, "t.\"status\" = 'started'", "1", CONTENT_OUTPUT_MAX},
    {REC_JOB, "output", {EV_JOB_OUTPUT}, "1", "1", CONTENT_OUTPUT_MAX},
};

static void kinds_in(struct buf *out, const enum event_kind *kinds, size_t n)
{
    buf_puts(out, "kind IN (");
    for (size_t i = 0; i < n && kinds[i] != EV_UNKNOWN; i++)
        buf_printf(out, "%s'%s'", i ? "," : "", event_table[kinds[i]].wire);
    buf_putc(out, ')');
}

const char *content_part(const struct event *ev)
{
    for (size_t i = 0; i < ARRAY_LEN(chunk_kinds); i++)
        if (ev->kind == chunk_kinds[i]) {
            const struct field *f = field_find(&event_table[ev->kind].set, STR("part"));
            return *(const char *const *)(const void *)((const char *)ev->u + f->offset);
        }
    return NULL;
}

/* A part without an id is named by its message and place. Of two with one id the last counts. */
#define PART_ID                                                                                    \
    "CASE json_type(p.value,'$.part') WHEN 'text' THEN json_extract(p.value,'$.part')"             \
    " ELSE ifnull(json_extract(e.json,'$.entry'),'') || '/' || p.key END"

void content_event(struct buf *out, const char *seq, const char *key)
{
    buf_puts(out, "(SELECT CASE e.kind");
    for (size_t i = 0; i < ARRAY_LEN(members); i++)
        buf_printf(out, " WHEN '%s' THEN json_extract(e.json,'%s')",
                   event_table[members[i].kind].wire, members[i].path);
    buf_printf(out,
               " WHEN '%s' THEN (SELECT json_extract(p.value,'$.text')"
               " FROM json_each(e.json,'$.content') AS p WHERE p.type = 'object'"
               " AND json_extract(p.value,'$.type') IN ('text','reasoning','image')"
               " AND " PART_ID " = %s ORDER BY p.key DESC LIMIT 1)"
               " END FROM event AS e WHERE e.seq = %s)",
               event_table[EV_TURN_MESSAGE].wire, key, seq);
}

static void chunks(struct buf *out, size_t at, const char *key)
{
    buf_printf(out,
               "(SELECT pieces(at, x, %lld) FROM (SELECT json_extract(json,'$.offset') AS at,"
               " json_extract(json,'$.text') AS x FROM event WHERE part = t.\"%s\" AND %s AND ",
               (long long)chunked[at].max, key, chunked[at].which);
    kinds_in(out, chunked[at].kinds, ARRAY_LEN(chunked[at].kinds));
    buf_puts(out, " ORDER BY seq))");
}

void content_body(struct buf *out, enum rec_kind kind, const struct field *f)
{
    const char *key = rec_table[kind].set.fields[0].name;
    struct buf seq = BUF_OWN, id = BUF_OWN;
    buf_printf(&seq, "t.\"%s_seq\"", f->name);
    buf_printf(&id, "t.\"%s\"", key);
    buf_printf(out, "CASE WHEN %s > 0 THEN ", buf_cstr(&seq));
    content_event(out, buf_cstr(&seq), buf_cstr(&id));
    for (size_t i = 0; i < ARRAY_LEN(chunked); i++)
        if (chunked[i].rec == kind && strcmp(chunked[i].field, f->name) == 0) {
            buf_printf(out, " WHEN %s THEN ", chunked[i].when);
            chunks(out, i, key);
        }
    buf_puts(out, " END");
    buf_free(&seq);
    buf_free(&id);
}

/* ---- pieces(offset, text, most): the aggregate that puts chunks together ---- */

/* Bytes that are there are passed over, a hole is not filled, and no more than `most` are kept:
 * what the reducer does with the same chunks. */
static void pieces_step(sqlite3_context *ctx, int n, sqlite3_value **v)
{
    struct buf *b = sqlite3_aggregate_context(ctx, sizeof(*b));
    const char *text = (const char *)sqlite3_value_text(v[1]);
    if (!b || !text || n != 3)
        return;
    b->max = (size_t)sqlite3_value_int64(v[2]);
    struct str piece = str_make(text, (size_t)sqlite3_value_bytes(v[1]));
    int64_t offset = sqlite3_value_int64(v[0]);
    if (offset < 0 || offset > INT64_MAX / 2 || offset + (int64_t)piece.n <= (int64_t)b->len)
        return;
    if (offset < (int64_t)b->len)
        piece = str_sub(piece, b->len - (size_t)offset, piece.n);
    buf_str(b, str_sub(piece, 0, b->max - b->len));
}

static void pieces_final(sqlite3_context *ctx)
{
    struct buf *b = sqlite3_aggregate_context(ctx, 0);
    if (!b)
        return;
    sqlite3_result_text64(ctx, buf_cstr(b), b->len, SQLITE_TRANSIENT, SQLITE_UTF8);
    buf_free(b);
}

bool content_functions(sqlite3 *db, struct err *e)
{
    return sqlite3_create_function_v2(db, "pieces", 3, SQLITE_UTF8 | SQLITE_DIRECTONLY, NULL, NULL,
                                      pieces_step, pieces_final, NULL) == SQLITE_OK ||
           sql_failed(db, e);
}
