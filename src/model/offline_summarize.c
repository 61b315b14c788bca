/* SPDX-License-Identifier: MIT
 *
 * offline_summarize: the kind summarize-file: reads the file and says what it is, how large, its
 * outline, and the sentences that say most. A directory is described as a tree. Text from standard
 * input is treated as a file; a diff from there is reviewed.
 */
#include "model/offline_doc.h"
#include "model/offline_kind.h"

#include <string.h>

enum { ENTRIES_MAX = 400, HEADINGS_SHOWN = 30, NAMES_SHOWN = 80, SENTENCES = 4 };

/* ---- the answer ---- */

static void say_headings(struct offline_move *m, const struct doc_entry *v, size_t n, size_t more)
{
    int top = 6;
    for (size_t i = 0; i < n; i++)
        top = MIN(top, v[i].level);
    offline_say(m, "\n**Sections**\n\n");
    size_t shown = MIN(n, (size_t)HEADINGS_SHOWN);
    for (size_t i = 0; i < shown; i++)
        offline_say(m, "%*s- %.*s\n", MIN(v[i].level - top, 3) * 2, "", STR_ARG(v[i].name));
    if (n + more > shown)
        offline_say(m, "- and %zu more\n", n + more - shown);
}

/* One line for each sort of entry: "Functions (12): a, b, c". */
static void say_names(struct offline_move *m, struct str path, const struct doc_entry *v, size_t n, size_t more)
{
    const char *where = path.n ? arena_printf(m->a, "%.*s:", STR_ARG(path)) : "line ";
    for (size_t i = 0; i < n; i++) {
        size_t count = 0, shown = 0;
        bool first = true;
        for (size_t k = 0; k < n; k++) {
            count += strcmp(v[k].what, v[i].what) == 0;
            first = first && (k >= i || strcmp(v[k].what, v[i].what) != 0);
        }
        if (!first)
            continue;
        offline_say(m, "\n**%s:** ", offline_count(m->a, (int64_t)count, v[i].what));
        for (size_t k = i; k < n && shown < NAMES_SHOWN; k++)
            if (strcmp(v[k].what, v[i].what) == 0)
                offline_say(m, "%s`%.*s` (%s%lld)", shown++ ? ", " : "", STR_ARG(v[k].name), where,
                            (long long)v[k].line);
        if (count > shown)
            offline_say(m, " and %zu more", count - shown);
        offline_say(m, "\n");
    }
    if (more)
        offline_say(m, "\n(and %s)\n", offline_count(m->a, (int64_t)more, "further entry"));
}

/* Those that were not said with the first paragraph. */
static void say_sentences(struct offline_move *m, const struct doc *d, struct str first)
{
    struct str sentences[SENTENCES];
    size_t n = doc_key_sentences(m->a, d, sentences, SENTENCES);
    bool any = false;
    for (size_t i = 0; i < n; i++) {
        if (str_find(first, sentences[i]) >= 0)
            continue;
        if (!any)
            offline_say(m,
                        "\n**Telling sentences** (quoted, picked by the frequency of their words)"
                        "\n\n");
        any = true;
        offline_say(m, "- %.*s\n", STR_ARG(sentences[i]));
    }
}

static void say_prose(struct offline_move *m, const struct doc *d, const struct doc_entry *v,
                      size_t n, size_t more)
{
    bool later;
    struct str first = doc_first_paragraph(m->a, d, &later);
    if (first.n)
        offline_say(m, "\n%s: \"%.*s\"\n", later ? "Its first longer paragraph" : "It begins", STR_ARG(first));
    if (n)
        say_headings(m, v, n, more);
    say_sentences(m, d, first);
}

static void say_program(struct offline_move *m, const struct doc *d, const struct doc_sort *sort,
                        const struct doc_entry *v, size_t n, size_t more)
{
    struct str comment = doc_head_comment(m->a, d, sort);
    if (comment.n)
        offline_say(m, "\nIts head comment says: \"%.*s\"\n",
                    STR_ARG(offline_clip(m->a, comment, 700)));
    if (n) {
        say_names(m, d->path, v, n, more);
        return;
    }
    if (comment.n)
        return;
    CLEANUP(buf_free) struct buf lines = BUF_OWN;
    for (size_t i = 0; i < d->n && i < 8; i++)
        buf_printf(&lines, "%.*s\n", STR_ARG(offline_clip(m->a, d->lines[i].text, 200)));
    offline_say(m, "\nI find no outline in it. It begins:\n");
    kind_say_fenced(m, "", buf_view(&lines));
}

void summarize_doc(struct offline_move *m, const struct doc *d, const char *name)
{
    const struct doc_sort *sort = doc_sort_of(d);
    size_t n, more;
    if (d->n == 0) {
        offline_say(m, "%s is empty.\n", name);
        return;
    }
    offline_say(m, "%s is %s: ", name, doc_sort_name(sort));
    doc_say_size(m, d);
    offline_say(m, ".\n");
    if (d->more)
        offline_say(m, "It is large; what follows is about its first %zu lines.\n", d->n);
    if (d->replaced)
        offline_say(m, "Some of its bytes are not UTF-8.\n");
    if (d->cut)
        offline_say(m, "Of lines that are very long only the beginning was looked at.\n");
    struct doc_entry *v = doc_outline(m->a, d, sort, ENTRIES_MAX, &n, &more);
    if (doc_sort_is_prose(sort))
        say_prose(m, d, v, n, more);
    else
        say_program(m, d, sort, v, n, more);
}

/* ---- input that came along ---- */

static void plan_input(const struct offline_turn *t, struct str input, struct offline_move *m)
{
    struct doc d;
    if (str_trim(input).n == 0) {
        offline_say(m, "Nothing came on standard input.\n");
        return;
    }
    if (diff_looks_like(input)) {
        offline_say(m, "A diff came on standard input. ");
        if (diff_say(t, input, true, m))
            return;
        buf_clear(&m->text);
    }
    doc_of_text(t->a, input, &d);
    summarize_doc(m, &d, "What came on standard input");
}

static bool takes_input(struct str input)
{
    return diff_looks_like(input) || str_index(input, '\n') >= 0;
}

/* ---- the plan ---- */

/* "1234 a.txt" of wc; the call is made when it was not yet. False while it is awaited. */
static bool count_bytes(const struct offline_turn *t, struct str path, struct offline_move *m, struct doc *d)
{
    for (size_t i = 0; i < t->n_results; i++) {
        struct str rest = str_trim(t->results[i].text), number;
        if (!str_is(t->results[i].tool, "bash"))
            continue;
        if (t->results[i].is_error || !str_split(&rest, ' ', &number) || !str_i64(number, &d->bytes))
            d->bytes = 0;
        return true;
    }
    offline_call(m, "bash", "command", arena_printf(t->a, "wc -c -- %s", kind_shell_quote(t->a, path)), NULL);
    return false;
}

enum { FORM_FILE, FORM_BYTES, FORM_NAME, FORM_TWO, FORM_INPUT, FORM_NOTHING };

static void summarize_plan(const struct offline_turn *t, const struct offline_match *match,
                           struct offline_move *m)
{
    struct doc d;
    const struct offline_result *failed;
    struct str path;
    struct offline_match named = *match;
    if (match->form == FORM_TWO) {
        offline_say(
            m,
            "I look at one file at a time: ask for `summarize %.*s`, then for `summarize %.*s`. "
            "To see what differs: `run diff -u %.*s %.*s`.\n",
            STR_ARG(match->slots[SLOT_PATH]), STR_ARG(match->slots[SLOT_B]),
            STR_ARG(match->slots[SLOT_PATH]), STR_ARG(match->slots[SLOT_B]));
        return;
    }
    if (match->form == FORM_NAME) {
        named.slots[SLOT_PATH] = match->slots[SLOT_WORD];
        match = &named;
    }
    if (!match->slots[SLOT_PATH].p) {
        struct str input = t->input.p ? t->input : match->score == 0 ? t->prompt : STR_NULL;
        if (input.p)
            plan_input(t, input, m);
        else
            offline_say(m, "Which file? For example: `summarize README.md`. For what lies here: "
                           "`explain the tree`; for your changes: `what changed?`\n");
        return;
    }
    if (kind_take_directory(t, match, m))
        return;
    path = doc_path(t->a, match->slots[SLOT_PATH]);
    switch (kind_read(t, &path, m, &d, &failed)) {
    case DOC_READING:
        return;
    case DOC_FAILED:
        kind_say_unread(t, path, failed, m);
        return;
    case DOC_READY:
        if (match->form == FORM_BYTES && d.n && !count_bytes(t, path, m, &d))
            return;
        summarize_doc(m, &d, arena_printf(t->a, "`%.*s`", STR_ARG(path)));
    }
}

static const struct offline_pattern patterns[] = {
    PATTERN(FORM_FILE,
            "summarize|summarise|sum|recap|digest|abridge|condense|outline|tldr|"
            "tl;dr|gist|explain|describe|analyze|analyse|review|overview|skim [up] [of|the|this|"
            "my|our] [file|document|text] {path} [file|document] [for] [me]"),
    PATTERN(FORM_FILE, "summarize|summarise|explain|describe|analyze|analyse|review|outline|"
                       "recap|condense|skim|digest|tldr|tl;dr * {path} *"),
    PATTERN(FORM_FILE, "[a|an|the] [short|brief|quick|one-line] summary|overview|outline|gist|"
                       "tldr|recap|digest|abstract of|for|about [the|this] [file] {path}"),
    PATTERN(FORM_FILE,
            "give|show|write|make|prepare|get|do|provide [me|us] [a|an|the] [short|"
            "brief|quick|concise] summary|overview|outline|gist|recap|digest|abstract|tldr|"
            "description of|for|about [the|this] [file] {path} *"),
    PATTERN(FORM_FILE, "what is|does|are [in|inside|the] [the] [file] {path} [about|do|does|"
                       "contain|say|describe|mean|for|good|define|implement|all] [for|about]"),
    PATTERN(FORM_FILE, "what's [in|inside] [the] [file] {path} [about|for|all] [about]"),
    PATTERN(FORM_FILE, "what|whats is|are|the [the] contents|content|purpose|point|idea|role|"
                       "gist|meaning|topic|subject of|in [the] [file] {path}"),
    PATTERN(FORM_FILE, "tell [me] [something|more|all] about|what [is] [the] [in] [file] {path} "
                       "[is|does|says|contains|about] [about]"),
    PATTERN(FORM_FILE, "walk|lead|guide|take [me|us] through [the] [file] {path}"),
    PATTERN(FORM_FILE, "help [me] [to] understand [the] [file] {path}"),
    PATTERN(FORM_FILE, "understand|inspect|study|examine [the] [file] {path}"),
    PATTERN(FORM_FILE, "read|open|look [at|through|into] [the] [file] {path} and|then|to [then] "
                       "[tell|explain|say|summarize|summarise|describe|give|write|report] *"),
    PATTERN(FORM_FILE, "look [at|into] [the] [file] {path}"),
    PATTERN(FORM_FILE, "{path} summary|overview|outline|summarize|summarise|tldr|explain|"
                       "explained|gist"),
    PATTERN(FORM_FILE, "in [a] [few|two|three|one] [words|sentence|sentences|paragraph] what is|"
                       "does {path} [do|about|say|contain]"),
    PATTERN(FORM_FILE, "how does|do [the] {path} work|works"),
    PATTERN(FORM_BYTES, "how many bytes has|does|is|are|do [there] [in] [the] [file] {path} [have|contain]"),
    PATTERN(FORM_BYTES, "how big|large is [the] [file] {path}"),
    PATTERN(FORM_BYTES, "count [the] bytes in|of [the] [file] {path}"),
    PATTERN(FORM_BYTES, "[what] [is] [the] size of [the] [file] {path}"),
    PATTERN(FORM_FILE, "how many|long|big|large [lines|words|bytes|functions|sections] has|does|"
                       "is|are|do [there] [in] [the] [file] {path} [have|contain]"),
    PATTERN(FORM_FILE, "count [the] lines|words|bytes|functions in|of [the] [file] {path}"),
    PATTERN(FORM_FILE, "wc [-l] {path}"),
    PATTERN(FORM_FILE, "[tell] [me] how many lines|words|bytes|functions [of] [code|text] are|is|has|does [there] [in|inside] "
                       "[the] [file] {path} [have|contain]"),
    PATTERN(FORM_FILE, "[tell] [me] how many lines|words|bytes|functions [the] [file] {path} has|contains|is"),
    PATTERN(FORM_FILE, "what's [the] [line|word|byte] count|number|length|size [of] [lines|words|bytes] of|for|in [the] "
                       "[file] {path}"),
    PATTERN(FORM_FILE, "[give|show|write|make|get] [me|us] [a|the] list|names|outline of [all] [the] functions|types|classes|"
                       "headings|sections|symbols|methods|definitions in|of|from [the] [file] {path}"),
    PATTERN(FORM_FILE, "list|show|name|give [me] [all] [the|every] function|functions|types|classes|methods|"
                       "symbols|definitions defined|declared|implemented in|by [the] [file] {path}"),
    PATTERN(FORM_FILE, "list|show|name|tell [me] [all] [the|which] functions|types|classes|headings|sections|symbols|methods|"
                       "definitions [that] [the] [file] {path} has|contains|defines|declares"),
    PATTERN(FORM_FILE, "what|which are [all] [the] functions|types|classes|headings|sections|symbols|methods|definitions "
                       "in|of|inside [the] [file] {path}"),
    PATTERN(FORM_FILE, "[what] [is] [the] number|count of lines|words|bytes in|of [the] [file] {path}"),
    PATTERN(FORM_FILE, "[what] [is] [the] line|word|byte count|number of|for|in [the] [file] {path}"),
    PATTERN(FORM_FILE, "[what] [is] [the] length|size of [the] [file] {path}"),
    PATTERN(FORM_FILE, "what is the outline|structure|summary|gist of [the] [file] {path}"),
    PATTERN(FORM_FILE, "what is|gets defined|declared|implemented in [the] [file] {path}"),
    PATTERN(FORM_TWO, "summarize|summarise|explain|describe|review|compare|diff|outline [the] "
                      "[files] {path} and|with|to|versus|vs {b}"),
    PATTERN(FORM_NAME, "summarize|summarise|explain|describe|outline|recap [the] [file|"
                       "directory|folder|script] {word}"),
    PATTERN(FORM_FILE,
            "which|what functions|types|classes|headings|sections|symbols|methods|"
            "definitions are|does|do [there] [in|inside] [the] [file] {path} [have|define|"
            "contain]"),
    PATTERN(FORM_FILE, "list|show|name [me] [all] [the] functions|types|classes|headings|"
                       "sections|symbols|methods|definitions in|of|from [the] [file] {path}"),
    PATTERN_INPUT(FORM_INPUT,
                  "summarize|summarise|review|explain|describe|recap|condense|check|"
                  "analyze|analyse|tldr|tl;dr|inspect|outline [this|it|that|these|the|my] [text|"
                  "diff|patch|input|stdin|change|changes|log|output|file|code|document|mail|"
                  "message] *"),
    PATTERN_INPUT(FORM_INPUT, "what is|does this|it|that [about|say|do|mean|change]"),
    PATTERN_INPUT(FORM_INPUT, "what's this|it|that [about]"),
    PATTERN_INPUT(FORM_INPUT, "code review"),
    PATTERN_INPUT(FORM_INPUT, "[give|write] [me] [a] [short|brief] summary|tldr|review|overview|"
                              "gist [of|for] [this|that|it|the] [diff|patch|text|input]"),
    PATTERN_INPUT(FORM_INPUT, "what do you think|see|notice [of|about|in] [this|it|that] [diff|"
                              "patch|text]"),
    PATTERN_INPUT(FORM_INPUT, "any|find problems|issues|bugs|remarks|comments|mistakes *"),
    PATTERN(FORM_NOTHING, "summarize|summarise|explain|describe|recap|condense|tldr|tl;dr [this|"
                          "it|that|something|a] [file|document|text]"),
    PATTERN(FORM_NOTHING, "give|write [me] [a|the] summary|tldr|recap"),
    PATTERN_END,
};

static const char *const examples[] = {
    "summarize README.md",
    "what does src/main.c do?",
    "git diff | tau -p \"review this\"",
    NULL,
};

const struct offline_kind offline_summarize = {
    .name = "summarize-file",
    .help = "read a file, or what comes on standard input, and say what is in it",
    .words = "summarize summarise summary file explain describe overview about outline review text "
             "document function functions contents diff read understand",
    .examples = examples,
    .patterns = patterns,
    .takes_input = takes_input,
    .plan = summarize_plan,
};
