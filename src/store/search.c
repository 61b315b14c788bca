/* SPDX-License-Identifier: MIT
 *
 * search: the index of what was said, and how a question to it is put.
 */
#include "store/search.h"

#include "json/json.h"
#include "text/utf8.h"

#include <string.h>

/* Events whose text is `$.result`; a message has several parts. */
static const enum event_kind results[] = {EV_TOOL_COMPLETED, EV_TOOL_FAILED, EV_TOOL_TIMED_OUT,
                                          EV_TOOL_CANCELLED};

static void kinds(struct buf *out)
{
    buf_printf(out, "('%s'", event_table[EV_TURN_MESSAGE].wire);
    for (size_t i = 0; i < ARRAY_LEN(results); i++)
        buf_printf(out, ",'%s'", event_table[results[i]].wire);
    buf_putc(out, ')');
}

void search_make(struct buf *out)
{
    buf_puts(out, "CREATE VIEW said(seq, text) AS SELECT seq, text FROM (SELECT seq,"
                  " said_text(kind, json) AS text FROM event WHERE kind IN ");
    kinds(out);
    /* Short beginnings of words have an index of their own: they are in many words. Merging more
     * segments at once, and less often, makes a commit take half the time. */
    buf_puts(out, ") WHERE text <> '';\n"
                  "CREATE VIRTUAL TABLE search USING fts5(text, content='said',"
                  " content_rowid='seq', prefix='2 3 4', tokenize='unicode61');\n"
                  "INSERT INTO search(search, rank) VALUES('automerge', 16);\n");
}

void search_fill(struct buf *out)
{
    buf_puts(out, "INSERT INTO search(search) VALUES('rebuild');\n");
}

void search_add(struct buf *out)
{
    /* What the view says of one event; through the view its text would be made twice, once to see whether
     * there is any. */
    buf_puts(out, "WITH one(seq, text) AS MATERIALIZED (SELECT seq, said_text(kind, json) FROM event"
                  " WHERE seq = ?1 AND kind IN ");
    kinds(out);
    buf_puts(out, ") INSERT INTO search(rowid, text) SELECT seq, text FROM one WHERE text <> ''");
}

void search_remove(struct buf *out, const char *which)
{
    buf_printf(out,
               "INSERT INTO search(search, rowid, text) SELECT 'delete', seq, text FROM said"
               " WHERE seq IN (%s);\n",
               which);
}

bool search_holds(enum event_kind kind)
{
    for (size_t i = 0; i < ARRAY_LEN(results); i++)
        if (kind == results[i])
            return true;
    return kind == EV_TURN_MESSAGE;
}

/* ---- the question ---- */

/* Does FTS5 see a word in it? A phrase without one would match nothing. */
static bool has_word(struct str s)
{
    while (s.n > 0) {
        size_t n;
        uint32_t cp = utf8_next(s, &n);
        if (utf8_is_word(cp))
            return true;
        s = str_sub(s, n, s.n);
    }
    return false;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* The next word, or what is between two quotes; a quote that is not closed goes to the end. */
static bool next_phrase(struct str *rest, struct str *ret, bool *ret_quoted)
{
    size_t n = 0;
    while (rest->n > 0 && is_blank(rest->p[0]))
        *rest = str_sub(*rest, 1, rest->n);
    if (rest->n == 0)
        return false;
    *ret_quoted = rest->p[0] == '"';
    if (*ret_quoted)
        *rest = str_sub(*rest, 1, rest->n);
    while (n < rest->n && (*ret_quoted ? rest->p[n] != '"'
                                       : rest->p[n] != '"' && !is_blank(rest->p[n])))
        n++;
    *ret = str_sub(*rest, 0, n);
    *rest = str_sub(*rest, *ret_quoted ? n + 1 : n, rest->n);
    return true;
}

bool search_expression(struct buf *out, struct str query, struct err *e)
{
    struct str phrase;
    bool quoted, last_quoted = false;
    int n = 0;
    if (query.n > SEARCH_QUERY_MAX)
        return err_set(e, ERR_INVALID, "query: more than %d bytes", SEARCH_QUERY_MAX);
    while (next_phrase(&query, &phrase, &quoted)) {
        if (!has_word(phrase))
            continue;
        if (n++ == SEARCH_WORDS_MAX)
            return err_set(e, ERR_INVALID, "query: more than %d words", SEARCH_WORDS_MAX);
        buf_printf(out, "%s\"%.*s\"", n > 1 ? " AND " : "", STR_ARG(phrase));
        last_quoted = quoted;
    }
    if (n == 0)
        return err_set(e, ERR_INVALID, "query: there is no word in it");
    if (!last_quoted)
        buf_puts(out, " *");
    return true;
}

/* ---- functions ---- */

/* Text and reasoning of a message, a line between its parts. */
static void message_text(const struct json *data, struct buf *out)
{
    for (const struct json *p = json_first(json_get(data, "content")); p; p = json_next(p)) {
        struct str type = json_str(json_get(p, "type"));
        struct str text = json_str(json_get(p, "text"));
        if (text.n == 0 || (!str_is(type, "text") && !str_is(type, "reasoning")))
            continue;
        if (out->len)
            buf_putc(out, '\n');
        buf_str(out, text);
    }
}

/* said_text(KIND, DATA): what an event says, NULL when that is nothing. Pure, so that a view of any
 * file may use it. */
static void said_text(sqlite3_context *ctx, int n, sqlite3_value **v)
{
    struct err ignored = ERR_INIT;
    const char *kind = (const char *)sqlite3_value_text(v[0]);
    const char *text = (const char *)sqlite3_value_text(v[1]);
    if (n != 2 || !kind || !text)
        return;
    CLEANUP(json_free_p)
    struct json *data = json_parse(str_make(text, (size_t)sqlite3_value_bytes(v[1])), &ignored);
    CLEANUP(buf_free) struct buf out = BUF_OWN;
    if (strcmp(kind, event_table[EV_TURN_MESSAGE].wire) == 0)
        message_text(data, &out);
    else
        buf_str(&out, json_str(json_get(data, "result")));
    if (out.len)
        sqlite3_result_text64(ctx, buf_cstr(&out), out.len, SQLITE_TRANSIENT, SQLITE_UTF8);
}

static void search_words(sqlite3_context *ctx, int n, sqlite3_value **v)
{
    struct err e = ERR_INIT;
    struct buf out = BUF_OWN;
    const char *text = (const char *)sqlite3_value_text(v[0]);
    if (n != 1 || !text ||
        !search_expression(&out, str_make(text, (size_t)sqlite3_value_bytes(v[0])), &e))
        sqlite3_result_error(ctx, e.message, -1);
    else
        sqlite3_result_text64(ctx, buf_cstr(&out), out.len, SQLITE_TRANSIENT, SQLITE_UTF8);
    buf_free(&out);
}

bool search_functions(sqlite3 *db, struct err *e)
{
    int pure = SQLITE_UTF8 | SQLITE_DETERMINISTIC;
    return (sqlite3_create_function_v2(db, "said_text", 2, pure | SQLITE_INNOCUOUS, NULL, said_text,
                                       NULL, NULL, NULL) == SQLITE_OK &&
            sqlite3_create_function_v2(db, "search_words", 1, pure | SQLITE_DIRECTONLY, NULL,
                                       search_words, NULL, NULL, NULL) == SQLITE_OK) ||
           sql_failed(db, e);
}
