/* SPDX-License-Identifier: MIT
 *
 * recall: the words of memory, how well an entry fits a search, and where.
 */
#include "store/recall.h"

#include "base/mem.h"
#include "store/search.h"
#include "text/utf8.h"

#include <stdlib.h>
#include <string.h>

/* Two of the characters that are for private use are words of their own to FTS5. */
#define MARK_TYPE "\xEE\x80\x80"   /* U+E000, then the type */
#define MARK_PINNED "\xEE\x80\x81" /* U+E001 */

enum { SHOWN_WORDS = 24, SHOWN_BEFORE = 6, LENGTH_USUAL = 16 };

/* ---- tables ---- */

void recall_make(struct buf *out)
{
    buf_puts(out, "CREATE VIEW remembered(seq, summary, facts, tags, marks) AS SELECT seq, summary,"
                  " facts, tags, '" MARK_TYPE "' || type || iif(pinned, ' " MARK_PINNED "', '')"
                  " FROM memory WHERE forgotten = 0;\n"
                  "CREATE VIRTUAL TABLE remembered_words USING fts5(summary, facts, tags, marks,"
                  " content='remembered', content_rowid='seq', prefix='2 3 4',"
                  " tokenize='unicode61');\n");
}

void recall_fill(struct buf *out)
{
    buf_puts(out, "INSERT INTO remembered_words(remembered_words) VALUES('rebuild');\n");
}

void recall_words(struct buf *out, bool remove)
{
    buf_printf(out,
               "INSERT INTO remembered_words(%srowid, summary, facts, tags, marks) SELECT %sseq,"
               " summary, facts, tags, marks FROM remembered"
               " WHERE seq = (SELECT seq FROM memory WHERE id = ?1)",
               remove ? "remembered_words, " : "", remove ? "'delete', " : "");
}

/* ---- the question ---- */

static struct str text_of(sqlite3_value *v)
{
    const char *p = (const char *)sqlite3_value_text(v);
    return str_make(p, p ? (size_t)sqlite3_value_bytes(v) : 0);
}

static void put_type(struct buf *out, struct str type)
{
    buf_puts(out, " AND \"" MARK_TYPE);
    for (size_t i = 0; i < type.n; i++)
        buf_putc(out, type.p[i] == '"' ? ' ' : type.p[i]);
    buf_putc(out, '"');
}

static void recall_match(sqlite3_context *ctx, int n, sqlite3_value **v)
{
    struct err e = ERR_INIT;
    CLEANUP(buf_free) struct buf out = BUF_OWN;
    (void)n;
    if (!search_expression(&out, text_of(v[0]), &e)) {
        sqlite3_result_error(ctx, e.message, -1);
        return;
    }
    if (sqlite3_value_type(v[1]) != SQLITE_NULL)
        put_type(&out, text_of(v[1]));
    if (sqlite3_value_int(v[2]))
        buf_puts(&out, " AND \"" MARK_PINNED "\"");
    sqlite3_result_text64(ctx, buf_cstr(&out), out.len, SQLITE_TRANSIENT, SQLITE_UTF8);
}

/* ---- how well ---- */

static void recall_fit(const Fts5ExtensionApi *api, Fts5Context *fts, sqlite3_context *ctx, int n,
                       sqlite3_value **v)
{
    static const double weights[] = {4, 1, 2, 0};
    double fit = 0;
    int length = 0, phrases = api->xPhraseCount(fts);
    (void)n, (void)v;
    if (api->xColumnSize(fts, -1, &length) != SQLITE_OK)
        length = LENGTH_USUAL;
    for (int i = 0; i < phrases; i++) {
        Fts5PhraseIter it;
        double hits = 0;
        int column = -1, at;
        if (api->xPhraseFirst(fts, i, &it, &column, &at) != SQLITE_OK)
            continue;
        for (; column >= 0; api->xPhraseNext(fts, &it, &column, &at))
            hits += (size_t)column < ARRAY_LEN(weights) ? weights[column] : 0;
        fit += hits / (hits + 0.5 + (double)length / LENGTH_USUAL);
    }
    sqlite3_result_double(ctx, fit);
}

/* ---- where ---- */

/* What one connection cuts texts into words with: as the index does. */
struct cutter {
    fts5_tokenizer with;
    Fts5Tokenizer *it;
};

static void cutter_free(void *arg)
{
    struct cutter *c = arg;
    if (c->it)
        c->with.xDelete(c->it);
    free(c);
}

struct word {
    char *text; /* folded */
    size_t n;
    size_t from, to; /* in the text that it comes from */
    bool whole;      /* of a query: it does not go on */
    bool hit;
};

struct words {
    VEC(struct word) v;
    size_t most; /* of a text no more are looked at */
};

static int add_word(void *arg, int flags, const char *token, int n, int from, int to)
{
    struct words *w = arg;
    struct word word = {.n = (size_t)n, .from = (size_t)from, .to = (size_t)to};
    (void)flags;
    if (w->v.n >= w->most)
        return SQLITE_DONE;
    word.text = mem_dup(token, (size_t)n);
    VEC_PUSH(&w->v, word);
    return SQLITE_OK;
}

static void words_free(struct words *w)
{
    for (size_t i = 0; i < w->v.n; i++)
        free(w->v.v[i].text);
    free(w->v.v);
}

static void cut(const struct cutter *c, struct str s, int why, struct words *w)
{
    /* Fails only when it is told to stop. */
    (void)c->with.xTokenize(c->it, w, why, s.p ? s.p : "", (int)s.n, add_word);
}

/* The words of a query; only the last may go on, when it is in no quotes. */
static void cut_query(const struct cutter *c, struct str query, struct words *w)
{
    CLEANUP(buf_free) struct buf expression = BUF_OWN;
    struct err ignored = ERR_INIT;
    if (!search_expression(&expression, query, &ignored))
        return;
    cut(c, query, FTS5_TOKENIZE_QUERY, w);
    bool goes_on = expression.len > 0 && expression.data[expression.len - 1] == '*';
    for (size_t i = 0; i < w->v.n; i++)
        w->v.v[i].whole = i + 1 < w->v.n || !goes_on;
}

static bool is_hit(const struct word *of_text, const struct words *query, size_t *ret_which)
{
    for (size_t i = 0; i < query->v.n; i++) {
        const struct word *q = &query->v.v[i];
        *ret_which = i;
        if ((q->whole ? q->n == of_text->n : q->n <= of_text->n) &&
            memcmp(q->text, of_text->text, q->n) == 0)
            return true;
    }
    return false;
}

/* The window with the most different words of the query; of equal ones the first. */
static size_t best_window(struct words *text, const struct words *query, size_t *ret_different)
{
    size_t best = 0;
    *ret_different = 0;
    for (size_t i = 0; i < text->v.n; i++) {
        uint64_t seen = 0;
        if (!text->v.v[i].hit)
            continue;
        for (size_t k = i, which; k < text->v.n && k < i + SHOWN_WORDS - SHOWN_BEFORE; k++)
            if (is_hit(&text->v.v[k], query, &which))
                seen |= UINT64_C(1) << (which & 63);
        size_t different = (size_t)__builtin_popcountll(seen);
        if (different > *ret_different) {
            *ret_different = different;
            best = i;
        }
    }
    return best;
}

/* One line: a new line, and whatever else is not to be seen, becomes a blank. */
static void put_line(struct buf *out, struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        buf_putc(out, (unsigned char)s.p[i] < ' ' || s.p[i] == 0x7f ? ' ' : s.p[i]);
}

static void put_window(struct buf *out, struct str s, const struct words *text, size_t hit)
{
    size_t first = hit > SHOWN_BEFORE ? hit - SHOWN_BEFORE : 0;
    size_t last = MIN(first + SHOWN_WORDS, text->v.n);
    size_t at = first > 0 ? text->v.v[first].from : 0;
    buf_puts(out, first > 0 ? "…" : "");
    for (size_t i = first; i < last; i++) {
        const struct word *w = &text->v.v[i];
        put_line(out, str_sub(s, at, w->from - at));
        buf_puts(out, w->hit ? "«" : "");
        put_line(out, str_sub(s, w->from, w->to - w->from));
        buf_puts(out, w->hit ? "»" : "");
        at = w->to;
    }
    if (last < text->v.n)
        buf_puts(out, "…");
    else
        put_line(out, str_sub(s, at, s.n));
}

static void recall_mark(sqlite3_context *ctx, int n, sqlite3_value **v)
{
    const struct cutter *c = sqlite3_user_data(ctx);
    struct words query = {.most = SEARCH_WORDS_MAX};
    CLEANUP(buf_free) struct buf out = BUF_OWN;
    size_t most = 0;
    if (n < 2)
        return;
    cut_query(c, text_of(v[0]), &query);
    for (int i = 1; i < n; i++) {
        struct words text = {.most = SIZE_MAX};
        struct str s = text_of(v[i]);
        size_t different, which;
        cut(c, s, FTS5_TOKENIZE_AUX, &text);
        for (size_t k = 0; k < text.v.n; k++)
            text.v.v[k].hit = is_hit(&text.v.v[k], &query, &which);
        size_t at = best_window(&text, &query, &different);
        if (different > most || i == 1) {
            most = different;
            buf_clear(&out);
            put_window(&out, s, &text, at);
        }
        words_free(&text);
    }
    words_free(&query);
    sqlite3_result_text64(ctx, buf_cstr(&out), out.len, SQLITE_TRANSIENT, SQLITE_UTF8);
}

/* ---- a connection ---- */

static fts5_api *api_of(sqlite3 *db)
{
    fts5_api *api = NULL;
    sqlite3_stmt *st = NULL;
    if (sqlite3_prepare_v2(db, "SELECT fts5(?1)", -1, &st, NULL) == SQLITE_OK &&
        sqlite3_bind_pointer(st, 1, (void *)&api, "fts5_api_ptr", NULL) == SQLITE_OK)
        (void)sqlite3_step(st);
    (void)sqlite3_finalize(st);
    return api;
}

static struct cutter *cutter_new(fts5_api *api)
{
    struct cutter *c = NEW(struct cutter);
    void *arg = NULL;
    if (api->xFindTokenizer(api, "unicode61", &arg, &c->with) == SQLITE_OK &&
        c->with.xCreate(arg, NULL, 0, &c->it) == SQLITE_OK)
        return c;
    c->it = NULL;
    cutter_free(c);
    return NULL;
}

bool recall_functions(sqlite3 *db, struct err *e)
{
    fts5_api *api = api_of(db);
    struct cutter *c = api ? cutter_new(api) : NULL;
    if (!c)
        return err_set(e, ERR_STORE, "this SQLite has no FTS5");
    int pure = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY;
    /* The cutter is freed with its function, also when that could not be made. */
    return (sqlite3_create_function_v2(db, "recall_mark", -1, pure, c, recall_mark, NULL, NULL,
                                       cutter_free) == SQLITE_OK &&
            sqlite3_create_function_v2(db, "recall_match", 3, pure, NULL, recall_match, NULL, NULL,
                                       NULL) == SQLITE_OK &&
            api->xCreateFunction(api, "recall_fit", NULL, recall_fit, NULL) == SQLITE_OK) ||
           sql_failed(db, e);
}
