/* SPDX-License-Identifier: MIT
 *
 * offline_match: which kind a prompt is. A pattern is a row of words:
 *   show|list    one of these words; a small slip of the pen in a long word is forgiven
 *   [the|my]     perhaps one of these
 *   *            any words, each of which counts against the pattern
 *   {path}       a word that looks like the name of a file or directory, or a quoted one
 *   {file}       the same, or a plain word, which counts less; for places where only a file can be
 *   {a} {b}      one quoted text, or as few words as will do
 *   {n} {m}      a number, in digits or letters
 *   {word}       one word that could be a name
 *   {glob}       a pattern of file names, or an ending
 *   {symbol}     one word that looks like a name in a program
 *   {rest}       all that is left, as it was written
 * The whole prompt must fit, apart from courtesies around it. What is written out in full counts
 * for a pattern; the best of all patterns of all kinds wins, the earlier one when two are as good.
 */
#include "model/offline_words.h"

#include "text/fuzzy.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

const struct offline_kind *const offline_kinds[] = {
    &offline_help, &offline_summarize, &offline_find, &offline_tree, &offline_changes,
    &offline_run,  &offline_edit,      &offline_show, &offline_jobs,
    &offline_call_tool,
    &offline_memory, &offline_tasks, &offline_greet,
};
const size_t offline_kinds_n = ARRAY_LEN(offline_kinds);

enum {
    STEPS_MAX = 20000,   /* of one pattern on one prompt */
    TEXT_WORDS_MAX = 16, /* of an {a} or {b} without quotes */
    PATTERN_TOKENS_MAX = 24,
    COURTESIES_MAX = 6,
    TYPO_1_LEN = 5, /* length from which one slip is forgiven, and two */
    TYPO_2_LEN = 9,
};

/* ---- patterns ---- */

enum token_kind { LITERAL, OPTIONAL, ANY, SLOT };

struct token {
    enum token_kind kind;
    struct str words; /* LITERAL, OPTIONAL: alternatives with | between */
    enum offline_slot slot;
    bool bare; /* {file} */
};

static const char *const slot_names[SLOT_COUNT] = {
    [SLOT_PATH] = "path", [SLOT_A] = "a",       [SLOT_B] = "b",
    [SLOT_N] = "n",       [SLOT_M] = "m",       [SLOT_REST] = "rest",
    [SLOT_WORD] = "word", [SLOT_GLOB] = "glob", [SLOT_SYMBOL] = "symbol",
};

static size_t split_pattern(const char *pattern, struct token *out)
{
    struct str rest = str_of(pattern);
    struct str part;
    size_t n = 0;
    while (str_split(&rest, ' ', &part)) {
        TAU_ASSERT(n < PATTERN_TOKENS_MAX && part.n > 0);
        struct token *t = &out[n++];
        *t = (struct token){.kind = LITERAL, .words = part};
        if (str_is(part, "*"))
            t->kind = ANY;
        if (part.p[0] == '[' || part.p[0] == '{') {
            t->kind = part.p[0] == '[' ? OPTIONAL : SLOT;
            t->words = str_sub(part, 1, part.n - 2);
        }
        if (t->kind == SLOT) {
            t->bare = str_is(t->words, "file");
            t->slot = t->bare ? SLOT_PATH : 0;
            while (!t->bare && t->slot < SLOT_COUNT && !str_is(t->words, slot_names[t->slot]))
                t->slot++;
            TAU_ASSERT(t->slot < SLOT_COUNT);
        }
    }
    return n;
}

/* 0: no; 3: the word; 2: nearly the word. */
static int literal_score(struct str alternatives, const struct word *w)
{
    struct str rest = alternatives;
    struct str part;
    int best = 0;
    if (w->quoted)
        return 0;
    while (str_split(&rest, '|', &part)) {
        if (word_is(w, part))
            return 3;
        if (part.n < TYPO_1_LEN || w->text.n > 40)
            continue;
        char lower[41];
        for (size_t i = 0; i < w->text.n; i++)
            lower[i] = (char)tolower((unsigned char)w->text.p[i]);
        int limit = part.n >= TYPO_2_LEN ? 2 : 1;
        if (lower[0] == part.p[0] &&
            fuzzy_distance(str_make(lower, w->text.n), part, limit) <= limit)
            best = 2;
    }
    return best;
}

/* Names without a dot or a slash that are files all the same. */
static const char *const known_files[] = {"readme",   "license",    "licence",   "copying",
                                          "makefile", "dockerfile", "changelog", "authors"};

static bool looks_like_path(const struct word *w)
{
    bool letter = false, sign = false;
    if (w->text.n == 0 || w->text.n > 4096 || memchr(w->text.p, '\n', w->text.n))
        return false;
    if (w->quoted)
        return !memchr(w->text.p, ' ', w->text.n) || memchr(w->text.p, '.', w->text.n) != NULL;
    for (size_t i = 0; i < ARRAY_LEN(known_files); i++)
        if (word_is(w, str_of(known_files[i])))
            return true;
    for (size_t i = 0; i < w->text.n; i++) {
        unsigned char c = (unsigned char)w->text.p[i];
        letter = letter || isalnum(c) || c >= 0x80;
        sign = sign || (c == '.' && i + 1 < w->text.n) || c == '/';
        if (strchr("\"'`<>|;&$(){}*", c))
            return false;
    }
    return (letter && sign) || str_is(w->text, "..") || str_is(w->text, "/");
}

static bool looks_like_name(const struct word *w)
{
    for (size_t i = 0; i < w->text.n; i++)
        if (!isalnum((unsigned char)w->text.p[i]) && !strchr("_-.+", w->text.p[i]))
            return false;
    return w->text.n > 0 && w->text.p[0] != '-';
}

/* *.c, .md */
static bool looks_like_glob(const struct word *w)
{
    struct str s = w->text;
    for (size_t i = 0; i < s.n; i++)
        if (!isalnum((unsigned char)s.p[i]) && !strchr("*?._-/[]{}+", s.p[i]))
            return false;
    return s.n > 1 && (str_index(s, '*') >= 0 || (s.p[0] == '.' && isalnum((unsigned char)s.p[1])));
}

/* buf_add, TAU_ASSERT, getName, main() */
static bool looks_like_symbol(const struct word *w)
{
    struct str s = w->text;
    bool sign = w->quoted, letter = false;
    if (str_ends(s, "()")) {
        s.n -= 2;
        sign = true;
    }
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (!isalnum(c) && c != '_' && c != ':')
            return false;
        letter = letter || isalpha(c);
        sign = sign || c == '_' || (i > 0 && isupper(c)) || (i > 0 && isdigit(c));
    }
    return letter && sign;
}

/* Those that come before "lines" and "commits" in letters. */
static struct str number_in_letters(struct str s)
{
    static const char *const rows[][2] = {{"two", "2"},   {"three", "3"}, {"four", "4"},
                                          {"five", "5"},  {"six", "6"},   {"seven", "7"},
                                          {"eight", "8"}, {"nine", "9"},  {"ten", "10"},
                                          {"twenty", "20"}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (s.n == strlen(rows[i][0]) && strncasecmp(s.p, rows[i][0], s.n) == 0)
            return str_of(rows[i][1]);
    return STR_NULL;
}

static bool looks_like_number(const struct word *w)
{
    int64_t n;
    if (!w->quoted && number_in_letters(w->text).p)
        return true;
    return !w->quoted && w->text.n < 10 && str_i64(w->text, &n) && n >= 0;
}

/* ---- matching ---- */

struct fit {
    const struct token *tokens;
    size_t n_tokens;
    const struct words *words;
    struct offline_match *match;
    int steps;
    bool found;
};

static void fit_from(struct fit *f, size_t token, size_t word, int score);

/* From one word to another as it was written, for what will be run. */
static struct str rest_span(const struct words *w, size_t from)
{
    const struct word *last = &w->v[w->n - 1];
    const char *begin = w->v[from].raw.p;
    struct str end = last->quoted ? last->raw : word_strip_end(last->raw);
    return str_make(begin, (size_t)(end.p + end.n - begin));
}

static struct str raw_span(const struct words *w, size_t from, size_t to)
{
    const char *end = w->v[to - 1].quoted ? w->v[to - 1].raw.p + w->v[to - 1].raw.n
                                          : w->v[to - 1].text.p + w->v[to - 1].text.n;
    const char *begin = w->v[from].quoted ? w->v[from].raw.p : w->v[from].text.p;
    return str_make(begin, (size_t)(end - begin));
}

static void with_slot(struct fit *f, size_t token, size_t word, size_t to, int score)
{
    enum offline_slot slot = f->tokens[token].slot;
    struct str before = f->match->slots[slot];
    bool quoted_before = f->match->quoted[slot];
    bool one_quoted = to == word + 1 && f->words->v[word].quoted;
    f->match->slots[slot] = one_quoted          ? f->words->v[word].text
                            : slot == SLOT_REST ? rest_span(f->words, word)
                                                : raw_span(f->words, word, to);
    f->match->quoted[slot] = one_quoted;
    bool number = slot == SLOT_N || slot == SLOT_M;
    if (number && number_in_letters(f->match->slots[slot]).p)
        f->match->slots[slot] = number_in_letters(f->match->slots[slot]);
    fit_from(f, token + 1, to, score);
    if (!f->found) {
        f->match->slots[slot] = before;
        f->match->quoted[slot] = quoted_before;
    }
}

static void fit_text(struct fit *f, size_t token, size_t word, int score)
{
    const struct words *w = f->words;
    if (w->v[word].quoted) {
        with_slot(f, token, word, word + 1, score + 4);
        return;
    }
    size_t most = MIN(w->n, word + TEXT_WORDS_MAX);
    for (size_t to = word + 1; to <= most && !f->found; to++) {
        if (to > word + 1 && w->v[to - 1].quoted)
            return;
        with_slot(f, token, word, to, score + 1 - (int)(to - word - 1));
    }
}

static void fit_slot(struct fit *f, size_t token, size_t word, int score)
{
    const struct words *w = f->words;
    if (word == w->n)
        return;
    switch (f->tokens[token].slot) {
    case SLOT_PATH:
        if (looks_like_path(&w->v[word]))
            with_slot(f, token, word, word + 1, score + 4);
        else if (f->tokens[token].bare && looks_like_name(&w->v[word]))
            with_slot(f, token, word, word + 1, score + 1);
        return;
    case SLOT_N:
    case SLOT_M:
        if (looks_like_number(&w->v[word]))
            with_slot(f, token, word, word + 1, score + 3);
        return;
    case SLOT_WORD:
        if (looks_like_name(&w->v[word]))
            with_slot(f, token, word, word + 1, score + 1);
        return;
    case SLOT_SYMBOL:
        if (looks_like_symbol(&w->v[word]))
            with_slot(f, token, word, word + 1, score + 2);
        return;
    case SLOT_GLOB:
        if (looks_like_glob(&w->v[word]))
            with_slot(f, token, word, word + 1, score + 4);
        return;
    case SLOT_REST:
        with_slot(f, token, word, w->n, score + (w->v[word].quoted ? 3 : 1));
        return;
    default:
        fit_text(f, token, word, score);
    }
}

/* Tries tokens from `token` on against words from `word` on; the first fit is kept. */
static void fit_from(struct fit *f, size_t token, size_t word, int score)
{
    const struct words *w = f->words;
    if (f->found || f->steps++ > STEPS_MAX)
        return;
    if (token == f->n_tokens) {
        f->found = word == w->n;
        f->match->score = score;
        return;
    }
    const struct token *t = &f->tokens[token];
    int here = word < w->n && t->kind <= OPTIONAL ? literal_score(t->words, &w->v[word]) : 0;
    switch (t->kind) {
    case LITERAL:
        if (here)
            fit_from(f, token + 1, word + 1, score + here);
        return;
    case OPTIONAL:
        if (here)
            fit_from(f, token + 1, word + 1, score + here - 1);
        fit_from(f, token + 1, word, score);
        return;
    case ANY:
        for (size_t to = word; to <= w->n && !f->found; to++) {
            /* A second file must not be passed over in silence. */
            if (to > word && looks_like_path(&w->v[to - 1]))
                return;
            fit_from(f, token + 1, to, score - (int)(to - word));
        }
        return;
    case SLOT:
        fit_slot(f, token, word, score);
    }
}

static bool match_words(const struct words *w, bool has_input, struct offline_match *ret, bool any)
{
    for (size_t k = 0; k < offline_kinds_n; k++)
        for (const struct offline_pattern *p = offline_kinds[k]->patterns; p->text; p++) {
            struct token tokens[PATTERN_TOKENS_MAX];
            struct offline_match match = {.kind = offline_kinds[k], .form = p->form};
            struct fit f = {.tokens = tokens, .words = w, .match = &match};
            if (p->wants_input && !has_input)
                continue;
            f.n_tokens = split_pattern(p->text, tokens);
            fit_from(&f, 0, 0, p->wants_input ? 2 : 0);
            if (f.found && match.score > 0 && (!any || match.score > ret->score)) {
                *ret = match;
                any = true;
            }
        }
    return any;
}

/* "what's in src" as "what is in src", the first word that is such, when nothing is quoted before it; the
 * prompt itself when there is none. In the arena. */
static struct str spell_out(struct arena *a, struct str prompt)
{
    static const char *const fronts[] = {"what", "where", "who", "how", "that", "there"};
    static const char *const tails[] = {"'s ", "\xE2\x80\x99s "};
    for (size_t at = 0; at < prompt.n && prompt.p[at] != '"' && prompt.p[at] != '`'; at++) {
        struct str s = str_sub(prompt, at, prompt.n);
        if (at && prompt.p[at - 1] != ' ')
            continue;
        for (size_t i = 0; i < ARRAY_LEN(fronts); i++) {
            size_t n = strlen(fronts[i]);
            if (s.n < n || strncasecmp(s.p, fronts[i], n) != 0)
                continue;
            for (size_t k = 0; k < ARRAY_LEN(tails); k++)
                if (str_starts(str_sub(s, n, s.n), tails[k]))
                    return str_of(arena_printf(a, "%.*s is %.*s", (int)(at + n), prompt.p,
                                               STR_ARG(str_sub(s, n + strlen(tails[k]), s.n))));
        }
    }
    return prompt;
}

static bool match_prompt(struct arena *a, struct str prompt, bool has_input, struct offline_match *ret)
{
    struct words *w = ARENA_NEW(a, struct words);
    words_split(w, prompt);
    /* First as it stands: a greeting is nothing but courtesies. */
    bool any = match_words(w, has_input, ret, false);
    for (int i = 0; i < COURTESIES_MAX && words_strip_courtesy(w); i++)
        any = match_words(w, has_input, ret, any);
    return any;
}

bool offline_match(struct arena *a, struct str prompt, bool has_input, struct offline_match *ret)
{
    if (offline_literal(prompt, ret) || match_prompt(a, prompt, has_input, ret))
        return true;
    struct str spelled = spell_out(a, prompt);
    return spelled.p != prompt.p && match_prompt(a, spelled, has_input, ret);
}

int offline_nearness(struct arena *a, struct str prompt, const struct offline_kind *kind)
{
    struct words *w = ARENA_NEW(a, struct words);
    int n = 0;
    words_split(w, prompt);
    for (size_t i = 0; i < w->n; i++) {
        struct str rest = str_of(kind->words);
        struct str part;
        int best = 0;
        while (str_split(&rest, ' ', &part))
            best = MAX(best, literal_score(part, &w->v[i]));
        n += best;
    }
    return n;
}

char *offline_slot(struct arena *a, const struct offline_match *match, enum offline_slot slot,
                   bool escapes)
{
    struct str s = match->slots[slot];
    if (!s.p)
        return NULL;
    char *out = arena_strndup(a, s.p, s.n);
    /* A quoted slot lies in the prompt right behind its quote; only "..." has escapes. */
    if (!escapes || !match->quoted[slot] || s.p[-1] != '"')
        return out;
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (c == '\\' && i + 1 < s.n && strchr("nt\"\\", s.p[i + 1]) && s.p[i + 1]) {
            c = s.p[++i];
            c = c == 'n' ? '\n' : c == 't' ? '\t' : c;
        }
        out[n++] = c;
    }
    out[n] = '\0';
    return out;
}
