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
    {EV_TURN_CREATED, "$.input"},        {EV_TURN_STEERED, "$.text"},
    {EV_TOOL_PROPOSED, "$.arguments"},   {EV_TOOL_STARTED, "$.arguments"},
    {EV_TOOL_COMPLETED, "$.result"},     {EV_TOOL_FAILED, "$.result"},
    {EV_TOOL_TIMED_OUT, "$.result"},     {EV_TOOL_CANCELLED, "$.result"},
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
    int64_t max;              /* chunks that end past it are left out; 0: all */
} chunked[] = {
    {REC_ENTRY, "body", {EV_TURN_TEXT, EV_TURN_REASONING}, "t.\"kind\" IN ('text','reasoning')", 0},
    {REC_TOOL, "output", {EV_TOOL_OUTPUT}, "t.\"status\" = 'started'", 0},
    {REC_JOB, "output", {EV_JOB_OUTPUT}, "1", CONTENT_OUTPUT_MAX},
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

void content_event(struct buf *out, const char *seq, const char *key)
{
    buf_puts(out, "(SELECT CASE e.kind");
    for (size_t i = 0; i < ARRAY_LEN(members); i++)
        buf_printf(out, " WHEN '%s' THEN json_extract(e.json,'%s')",
                   event_table[members[i].kind].wire, members[i].path);
    buf_printf(out,
               " WHEN '%s' THEN (SELECT json_extract(p.value,'$.text')"
               " FROM json_each(e.json,'$.content') AS p"
               " WHERE p.type = 'object' AND json_extract(p.value,'$.part') = %s LIMIT 1)"
               " END FROM event AS e WHERE e.seq = %s)",
               event_table[EV_TURN_MESSAGE].wire, key, seq);
}

static void chunks(struct buf *out, size_t at, const char *key)
{
    buf_printf(out,
               "(SELECT group_concat(x,'') FROM (SELECT json_extract(json,'$.text') AS x"
               " FROM event WHERE part = t.\"%s\" AND ",
               key);
    kinds_in(out, chunked[at].kinds, ARRAY_LEN(chunked[at].kinds));
    if (chunked[at].max)
        buf_printf(out,
                   " AND json_extract(json,'$.offset')"
                   " + length(CAST(json_extract(json,'$.text') AS BLOB)) <= %lld",
                   (long long)chunked[at].max);
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
