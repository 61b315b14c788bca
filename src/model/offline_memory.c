/* SPDX-License-Identifier: MIT
 *
 * offline_memory: the kind memory: keeps what is said, finds it again, and forgets it. The words of
 * a question are searched for without those that every sentence has; when nothing has them all, the
 * longest alone is tried.
 */
#include "model/offline_kind.h"
#include "model/offline_words.h"

#include <ctype.h>
#include <string.h>

enum { SUMMARY_MAX = 1200, ENTRIES_MAX = 50, TRIES = 2 };

/* The forms of REMEMBER are the types of an entry. */
enum {
    FORM_FACT,
    FORM_DECISION,
    FORM_PREFERENCE,
    FORM_GOAL,
    FORM_TODO,
    FORM_RECALL,
    FORM_COUNT,
    FORM_FORGET,
    FORM_FORGET_ID
};

static const char *const types[] = {NULL, "decision", "preference", "goal", "todo"};

static const char nothing[] = "[nothing is remembered";

/* ---- words to search for ---- */

static bool is_common(struct str word)
{
    return list_has(
        "a|an|the|of|in|on|at|to|for|from|with|and|or|is|are|was|were|be|do|does|did|my|"
        "our|your|his|her|their|its|it|this|that|these|those|i|we|you|me|us|about|how|"
        "what|which|who|when|where|why|there|have|has|had|will|would|should|can|could|"
        "anything|something|everything|all|any",
        word);
}

/* "the release of tau" becomes "release tau"; with `longest` it is "release". Empty when there is
 * nothing but common words. */
static char *query_of(struct arena *a, struct str text, bool longest)
{
    struct words *w = ARENA_NEW(a, struct words);
    struct str best = {0};
    CLEANUP(buf_free) struct buf b = BUF_OWN;
    words_split(w, text);
    for (size_t i = 0; i < w->n && i < 16; i++) {
        struct str word = w->v[i].text;
        if (!w->v[i].quoted && is_common(word))
            continue;
        if (word.n > best.n)
            best = word;
        buf_printf(&b, "%s%s%.*s%s", b.len ? " " : "", w->v[i].quoted ? "\"" : "", STR_ARG(word),
                   w->v[i].quoted ? "\"" : "");
    }
    if (longest)
        return arena_strndup(a, best.n ? best.p : "", best.n);
    return arena_strndup(a, b.len ? buf_cstr(&b) : "", b.len);
}

/* ---- entries in a result ---- */

struct entry {
    struct str id, summary;
};

/* An entry begins at the margin; its first line below is the summary. */
static size_t entries_of(struct str text, struct entry out[ENTRIES_MAX])
{
    struct str line;
    size_t n = 0;
    while (str_line(&text, &line)) {
        if (line.n == 0 || line.p[0] == '[')
            continue;
        if (line.p[0] != ' ' && n < ENTRIES_MAX) {
            struct str id = line;
            ssize_t blank = str_index(line, ' ');
            id.n = blank < 0 ? id.n : (size_t)blank;
            out[n++] = (struct entry){.id = id};
        } else if (n > 0 && !out[n - 1].summary.p) {
            out[n - 1].summary = str_trim(line);
        }
    }
    return n;
}

static struct str end_of_id(struct arena *a, struct str id)
{
    struct str end = id.n > 6 ? str_sub(id, id.n - 6, 6) : id;
    while (end.n && ((unsigned char)end.p[0] & 0xC0) == 0x80) /* a whole character, whatever it is */
        end = str_sub(end, 1, end.n);
    char *s = arena_strndup(a, end.p, end.n);
    for (char *p = s; *p; p++)
        *p = (char)tolower((unsigned char)*p);
    return str_of(s);
}

static void say_entries(struct offline_move *m, const struct entry *v, size_t n)
{
    for (size_t i = 0; i < n; i++)
        offline_say(m, "- %.*s (`%.*s`)\n", STR_ARG(offline_clip(m->a, v[i].summary, 400)),
                    STR_ARG(end_of_id(m->a, v[i].id)));
}

/* ---- remember ---- */

static void remember_plan(const struct offline_turn *t, const struct offline_match *match,
                          struct offline_move *m)
{
    char *text = offline_slot(t->a, match, SLOT_REST, true);
    struct str summary = str_trim(str_of(text));
    if (summary.n > SUMMARY_MAX) {
        offline_say(m, "That is longer than the %d bytes of an entry. Say it in a sentence.\n",
                    SUMMARY_MAX);
        return;
    }
    if (t->n_results == 0) {
        offline_call(m, "memory_write", "summary", arena_strndup(t->a, summary.p, summary.n),
                     "memory_type", types[match->form], NULL);
        return;
    }
    const struct offline_result *r = &t->results[0];
    if (r->is_error) {
        offline_say_failed(m, r, "remember that");
        return;
    }
    ssize_t at = str_find(r->text, STR("mem_"));
    struct str id = at < 0 ? STR("") : str_trim(str_sub(r->text, (size_t)at, r->text.n));
    offline_say(m, "I keep that in memory as `%.*s`: %.*s\n", STR_ARG(end_of_id(t->a, id)),
                STR_ARG(summary));
}

/* ---- recall ---- */

static void ask_what(struct offline_move *m, const char *what)
{
    offline_say(m, "Which? Say a word of it: `%s`.\n", what);
}

/* The next search, or the result to be shown; NULL when a call was added. */
static const struct offline_result *search(const struct offline_turn *t, struct str about,
                                           struct offline_move *m)
{
    char *query = query_of(t->a, about, false), *word = query_of(t->a, about, true);
    const struct offline_result *last = NULL;
    size_t n = 0;
    for (size_t i = 0; i < t->n_results; i++)
        if (str_is(t->results[i].tool, "memory_search")) {
            last = &t->results[i];
            n++;
        }
    bool missed = last && !last->is_error && str_starts(last->text, nothing);
    if (!last)
        offline_call(m, "memory_search", "query", query, "#limit", "20", NULL);
    else if (missed && n < TRIES && strcmp(query, word) != 0)
        offline_call(m, "memory_search", "query", word, "#limit", "20", NULL);
    else
        return last;
    return NULL;
}

static void recall_plan(const struct offline_turn *t, struct str about, struct offline_move *m)
{
    struct entry v[ENTRIES_MAX];
    if (!query_of(t->a, about, false)[0]) {
        ask_what(m, "what do you remember about the release?");
        return;
    }
    const struct offline_result *r = search(t, about, m);
    if (!r)
        return;
    if (r->is_error) {
        offline_say_failed(m, r, "search memory");
        return;
    }
    size_t n = entries_of(r->text, v);
    if (n == 0)
        offline_say(m, "Nothing is remembered of that. `remember that ...` keeps something.\n");
    else
        offline_say(m, "%s is remembered of that:\n\n", n == 1 ? "This" : "All this");
    say_entries(m, v, n);
}

static void count_plan(const struct offline_turn *t, struct offline_move *m)
{
    if (t->n_results == 0) {
        offline_call(m, "memory_tree", NULL);
        return;
    }
    const struct offline_result *r = &t->results[0];
    if (r->is_error) {
        offline_say_failed(m, r, "look at memory");
    } else if (str_starts(r->text, nothing)) {
        offline_say(m, "Nothing is remembered yet. `remember that ...` keeps something.\n");
    } else {
        offline_say(m, "So much is remembered, by type:\n");
        kind_say_block(m, r->text, 20);
        offline_say(m, "\n`what do you remember about WORD?` shows what there is of something, `tau memory list` "
                       "all of it.\n");
    }
}

/* ---- forget ---- */

static void forget(const struct offline_turn *t, struct str id, struct str what,
                   struct offline_move *m)
{
    const struct offline_result *r = t->n_results ? &t->results[t->n_results - 1] : NULL;
    if (!r || !str_is(r->tool, "memory_delete")) {
        offline_call(m, "memory_delete", "memory_id", arena_strndup(t->a, id.p, id.n), NULL);
    } else if (r->is_error) {
        offline_say_failed(m, r, "forget that");
    } else {
        offline_say(m, "Forgotten: %.*s. `tau memory restore %.*s` brings it back.\n",
                    STR_ARG(what), STR_ARG(end_of_id(t->a, id)));
    }
}

/* Only what is meant beyond doubt is forgotten. */
static void forget_plan(const struct offline_turn *t, struct str about, struct offline_move *m)
{
    struct entry v[ENTRIES_MAX];
    char *query = query_of(t->a, about, false);
    const struct offline_result *found = NULL;
    if (!query[0]) {
        ask_what(m, "forget what I said about the release");
        return;
    }
    for (size_t i = 0; i < t->n_results; i++)
        if (str_is(t->results[i].tool, "memory_search"))
            found = &t->results[i];
    if (!found) {
        offline_call(m, "memory_search", "query", query, "#limit", "20", NULL);
        return;
    }
    size_t n = found->is_error ? 0 : entries_of(found->text, v);
    if (found->is_error) {
        offline_say_failed(m, found, "search memory");
    } else if (n == 1) {
        forget(t, v[0].id, v[0].summary, m);
    } else if (n == 0) {
        offline_say(m, "Nothing is remembered that has all these words.\n");
    } else {
        offline_say(m, "Several entries have these words. Which one?\n\n");
        say_entries(m, v, n);
        offline_say(m, "\n`forget memory ID` names it.\n");
    }
}

static void memory_plan(const struct offline_turn *t, const struct offline_match *match,
                        struct offline_move *m)
{
    enum offline_slot slot = match->slots[SLOT_A].p ? SLOT_A : SLOT_REST;
    struct str rest = match->slots[slot], word = match->slots[SLOT_WORD];
    if (match->quoted[slot] && rest.n) /* side by side */
        rest = str_of(arena_printf(t->a, "\"%.*s\"", STR_ARG(rest)));
    switch (match->form) {
    case FORM_RECALL:
        recall_plan(t, rest, m);
        return;
    case FORM_COUNT:
        count_plan(t, m);
        return;
    case FORM_FORGET:
        forget_plan(t, rest, m);
        return;
    case FORM_FORGET_ID:
        forget(t, word, str_of(arena_printf(t->a, "`%.*s`", STR_ARG(word))), m);
        return;
    default:
        remember_plan(t, match, m);
    }
}

static const struct offline_pattern patterns[] = {
    PATTERN(FORM_FACT, "remember [that|this] {rest}"),
    PATTERN(FORM_FACT,
            "remember|note|memorize|memorise|save|store|keep this|that|the [fact] {rest}"),
    PATTERN(FORM_FACT, "keep|bear in mind [that] {rest}"),
    PATTERN(FORM_FACT, "do not|never forget [that] {rest}"),
    PATTERN(FORM_FACT, "don't|dont forget [that] {rest}"),
    PATTERN(FORM_FACT, "add|write|put|save|store|note to|into|in [the|your] memory [that] {rest}"),
    PATTERN(FORM_FACT, "make a note [that|of] {rest}"),
    PATTERN(FORM_DECISION, "remember|note|record [this|the|our|my|a|as] decision [that|to] {rest}"),
    PATTERN(FORM_DECISION, "remember|note that we|i decided [that|to] {rest}"),
    PATTERN(FORM_PREFERENCE,
            "remember|note [this|the|our|my|a|as] preference [that|to|for] {rest}"),
    PATTERN(FORM_GOAL, "remember|note [this|the|our|my|a|as] goal [that|to|is] {rest}"),
    PATTERN(FORM_TODO, "remember to {rest}"),
    PATTERN(FORM_RECALL, "recall {rest}"),
    PATTERN(FORM_RECALL, "what do|did you|we remember|know|recall|keep about|of|on {rest}"),
    PATTERN(FORM_RECALL, "what is|was remembered|known|kept|noted about|of|on {rest}"),
    PATTERN(FORM_RECALL, "what did i|we say|tell|note|decide [you] about|on {rest}"),
    PATTERN(FORM_RECALL, "what have|had i|we said|told|noted|decided [to] [you] about|on {rest}"),
    PATTERN(FORM_RECALL, "[is|was] [there] anything|something remembered|known|kept|noted|stored about|of|on {rest}"),
    PATTERN(FORM_RECALL, "do you remember|recall [anything|something] [about|of] {rest}"),
    PATTERN(FORM_RECALL, "search|look|check [in|through] [the|your|my] memory|memories for|about "
                         "{rest}"),
    PATTERN(FORM_RECALL, "find|look [up] {a} in [the|your|my] memory|memories"),
    PATTERN(FORM_RECALL, "[show] [me] [all] memories|memory about|of|on|for {rest}"),
    PATTERN(FORM_COUNT, "what do you remember|know|recall [so] [far]"),
    PATTERN(FORM_COUNT, "what is|are|was remembered|kept [so] [far]"),
    PATTERN(FORM_COUNT, "what is in [the|your|my] memory"),
    PATTERN(FORM_COUNT, "what did|have|had i|we tell|told|ask|asked|say|said [to] [you] [to] [remember|keep|note]"),
    PATTERN(FORM_COUNT, "what did|have|had you remember|remembered|note|noted [for] [me] [so] [far]"),
    PATTERN(FORM_COUNT, "show|list|open|display [me] [the|your|my|all] [of] [the|your] "
                        "memory|memories"),
    PATTERN(FORM_COUNT,
            "how much|many [memories|entries] is|are|do remembered|there|you [remember] "
            "[in] [memory]"),
    PATTERN(FORM_FORGET, "forget [about|that|what] {rest}"),
    PATTERN(FORM_FORGET, "forget what i|we said|told|noted [you] about|of|on {rest}"),
    PATTERN(FORM_FORGET, "forget everything|anything|all about {rest}"),
    PATTERN(FORM_FORGET, "remove|delete|drop {a} from [the|your|my] memory"),
    PATTERN(FORM_FORGET, "remove|delete|drop the {a} from [the|your|my] memory"),
    PATTERN(FORM_FORGET_ID, "forget|remove|delete|drop [the] memory|entry {word}"),
    PATTERN_END,
};

static const char *const examples[] = {"remember that releases are cut on Fridays",
                                       "what do you remember about releases?",
                                       "forget what I said about releases", NULL};

const struct offline_kind offline_memory = {
    .name = "memory",
    .help = "keep something beyond this session, find it again, or forget it",
    .words = "remember memory memories recall forget note noted",
    .examples = examples,
    .patterns = patterns,
    .plan = memory_plan,
};
