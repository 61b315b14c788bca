/* SPDX-License-Identifier: MIT
 *
 * offline_prose: the sentences of a text, and which of them say most. A sentence is worth the
 * frequency of its words in the whole text, without the words that every text has, set against its
 * length; the beginning of a text counts somewhat more. Nothing is made up: what comes out stands
 * in the text.
 */
#include "text/utf8.h"
#include "model/offline_doc.h"
#include "model/offline_words.h"

#include "base/map.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum {
    SENTENCES_MAX = 4000,
    SENTENCE_MIN = 25, /* bytes; shorter ones are labels */
    SENTENCE_LONG = 320,
    WORD_MIN = 3,
    WORD_MAX = 40,
    PARAGRAPH_MAX = 600,
    PROSE_MAX = 512 << 10, /* bytes of a text whose sentences are weighed */
};

/* ---- what is prose ---- */

static bool is_prose_line(struct str line)
{
    struct str s = str_trim(line);
    if (s.n == 0 || str_starts(line, "    ") || str_starts(line, "\t"))
        return false;
    if (strchr("#|>=~", s.p[0]) || str_starts(s, "---") || str_starts(s, "[![") ||
        str_starts(s, "![") || str_starts(s, "<") || str_starts(s, "***") || str_starts(s, "[1]"))
        return false;
    return true;
}

static bool is_list_item(struct str line)
{
    struct str s = str_trim(line);
    size_t digits = 0;
    while (digits < s.n && isdigit((unsigned char)s.p[digits]))
        digits++;
    return str_starts(s, "- ") || str_starts(s, "* ") || str_starts(s, "+ ") ||
           (digits && digits + 1 < s.n && (s.p[digits] == '.' || s.p[digits] == ')') &&
            s.p[digits + 1] == ' ');
}

static bool is_fence(struct str line)
{
    return str_starts(line, "```") || str_starts(line, "~~~");
}

/* Where the last `sign` of the text is, 0 without one. */
static size_t last_of(struct str text, const char *sign)
{
    for (size_t i = text.n; i > 0; i--)
        if (str_starts(str_sub(text, i, text.n), sign))
            return i;
    return 0;
}

/* The text of a line without the signs of Markdown that mean nothing to a reader. A line may be long and
 * full of brackets: what comes after each is not looked for again and again. */
static void add_plain(struct buf *out, struct str line)
{
    line = str_trim(line);
    if (is_list_item(line))
        line = str_sub(line, (size_t)str_index(line, ' ') + 1, line.n);
    size_t last_target = last_of(line, "]("), last_close = last_of(line, ")");
    for (size_t i = 0; i < line.n; i++) {
        struct str rest = str_sub(line, i, line.n);
        if (str_starts(rest, "**") || str_starts(rest, "__")) {
            i++;
            continue;
        }
        /* [words](target) keeps its words. */
        if (rest.p[0] == ']' && rest.n > 1 && rest.p[1] == '(' && i < last_close) {
            i += (size_t)str_index(rest, ')');
            continue;
        }
        if (rest.p[0] == '[' && i < last_target)
            continue;
        buf_putc(out, rest.p[0]);
    }
}

/* The paragraphs of a text, one line each. List items are paragraphs of their own. */
static void join_paragraphs(const struct doc *d, struct buf *out)
{
    bool code = false, open = false;
    for (size_t i = 0; i < d->n && out->len < PROSE_MAX; i++) {
        struct str line = utf8_clip(d->lines[i].text, PROSE_MAX);
        if (is_fence(line)) {
            code = !code;
            line = STR("");
        }
        bool prose = !code && is_prose_line(line);
        bool underlined =
            prose && i + 1 < d->n &&
            (str_starts(d->lines[i + 1].text, "===") || str_starts(d->lines[i + 1].text, "---"));
        if (open && (!prose || underlined || is_list_item(line)))
            buf_putc(out, '\n');
        if (!prose || underlined) {
            open = false;
            continue;
        }
        if (open && !is_list_item(line))
            buf_putc(out, ' ');
        add_plain(out, line);
        open = true;
    }
    buf_putc(out, '\n');
}

struct str doc_first_paragraph(struct arena *a, const struct doc *d, bool *ret_later)
{
    CLEANUP(buf_free) struct buf b = BUF_OWN;
    join_paragraphs(d, &b);
    struct str rest = buf_view(&b);
    struct str line;
    *ret_later = false;
    while (str_line(&rest, &line)) {
        line = str_trim(line);
        if (line.n < SENTENCE_MIN) {
            *ret_later = *ret_later || line.n > 0;
            continue;
        }
        return offline_clip(a, line, PARAGRAPH_MAX);
    }
    return STR("");
}

/* ---- sentences ---- */

struct sentence {
    struct str text;
    double score;
    size_t nth;
};

static bool ends_sentence(struct str s, size_t i)
{
    if (!strchr(".!?", s.p[i]) || !s.p[i])
        return false;
    if (i + 1 == s.n)
        return true;
    if (s.p[i + 1] != ' ')
        return false;
    /* "e.g. this" goes on; so does "No. 5". */
    unsigned char after = i + 2 < s.n ? (unsigned char)s.p[i + 2] : ' ';
    return i >= 3 && s.p[i - 2] != '.' && !islower(after) && !isdigit(after);
}

static size_t split_sentences(struct arena *a, struct str text, struct sentence **ret)
{
    struct sentence *v = arena_array(a, SENTENCES_MAX, sizeof(*v));
    struct str rest = text;
    struct str line;
    size_t n = 0;
    while (str_line(&rest, &line)) {
        size_t from = 0;
        for (size_t i = 0; i < line.n && n < SENTENCES_MAX; i++) {
            if (!ends_sentence(line, i) && i + 1 < line.n)
                continue;
            struct str s = str_trim(str_sub(line, from, i + 1 - from));
            from = i + 1;
            if (s.n >= SENTENCE_MIN && str_index(s, ' ') > 0) {
                v[n] = (struct sentence){.text = s, .nth = n};
                n++;
            }
        }
    }
    *ret = v;
    return n;
}

static bool is_common(struct str word)
{
    static const char common[] =
        "the|and|for|are|but|not|you|all|can|her|was|one|our|out|has|have|had|its|with|this|that|"
        "from|they|them|then|than|their|there|these|those|will|would|which|what|when|where|who|"
        "how|why|been|being|were|such|into|only|also|more|most|some|other|each|any|may|must|shall|"
        "should|could|does|did|done|over|under|after|before|between|because|your|his|she|him|very|"
        "just|here|about|like|use|used|see|nor|own";
    return list_has(common, word);
}

/* The next word in small letters, in `out`; false at the end. Bytes past ASCII are letters. */
static bool next_word(struct str s, size_t *at, char out[WORD_MAX], size_t *ret_n)
{
    for (;;) {
        size_t n = 0;
        while (*at < s.n && !isalnum((unsigned char)s.p[*at]) && (unsigned char)s.p[*at] < 0x80)
            (*at)++;
        if (*at == s.n)
            return false;
        while (*at < s.n && (isalnum((unsigned char)s.p[*at]) || (unsigned char)s.p[*at] >= 0x80 ||
                             s.p[*at] == '_')) {
            if (n < WORD_MAX)
                out[n++] = (char)tolower((unsigned char)s.p[*at]);
            (*at)++;
        }
        *ret_n = n;
        if (n >= WORD_MIN && !is_common(str_make(out, n)))
            return true;
    }
}

static void count_words(struct map *counts, struct str text)
{
    char word[WORD_MAX];
    size_t at = 0, n;
    while (next_word(text, &at, word, &n)) {
        struct str key = str_make(word, n);
        uintptr_t count = (uintptr_t)map_get(counts, key);
        map_put(counts, key, (void *)(count + 1));
    }
}

static void score(struct sentence *s, const struct map *counts, size_t n_sentences)
{
    char word[WORD_MAX];
    size_t at = 0, n, words = 0;
    double sum = 0;
    while (next_word(s->text, &at, word, &n)) {
        sum += (double)(uintptr_t)map_get(counts, str_make(word, n));
        words++;
    }
    s->score = sum / ((double)words + 6);
    if (s->nth == 0)
        s->score *= 1.6;
    else if (s->nth < 3 || s->nth + 1 == n_sentences)
        s->score *= 1.2;
    size_t marks = 0;
    for (size_t i = 0; i < s->text.n; i++)
        marks += strchr("`|{}<>;=", s->text.p[i]) != NULL;
    if (marks > 6)
        s->score *= 0.3; /* a list of names, or code */
    if (s->text.n > SENTENCE_LONG)
        s->score *= 0.5;
}

static int by_score(const void *a, const void *b)
{
    const struct sentence *x = a, *y = b;
    if (x->score != y->score)
        return x->score > y->score ? -1 : 1;
    return x->nth < y->nth ? -1 : x->nth > y->nth;
}

static int by_place(const void *a, const void *b)
{
    const struct sentence *x = a, *y = b;
    return x->nth < y->nth ? -1 : x->nth > y->nth;
}

size_t doc_key_sentences(struct arena *a, const struct doc *d, struct str *out, size_t max)
{
    CLEANUP(buf_free) struct buf b = BUF_OWN;
    struct sentence *v;
    struct map counts = {0};
    join_paragraphs(d, &b);
    struct str text = str_make(arena_strndup(a, buf_cstr(&b), b.len), b.len);
    size_t n = split_sentences(a, text, &v);
    count_words(&counts, text);
    for (size_t i = 0; i < n; i++)
        score(&v[i], &counts, n);
    map_free(&counts, NULL);
    qsort(v, n, sizeof(*v), by_score);
    n = MIN(n, max);
    qsort(v, n, sizeof(*v), by_place);
    for (size_t i = 0; i < n; i++)
        out[i] = offline_clip(a, v[i].text, SENTENCE_LONG);
    return n;
}
