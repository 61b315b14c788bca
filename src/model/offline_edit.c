/* SPDX-License-Identifier: MIT
 *
 * offline_edit: the kind edit-by-instruction. The file is read first; then exactly what was asked
 * is done through edit or write, or it is said why not: the text is not there (with the lines that
 * are nearest), or it is there more than once and nobody said which (with the lines).
 */
#include "model/offline_kind.h"
#include "model/offline_lines.h"
#include "model/offline_words.h"

#include <ctype.h>
#include <string.h>

enum { LINES_NAMED = 10 };

enum form {
    FORM_REPLACE, /* a with b */
    FORM_REPLACE_ALL,
    FORM_RENAME, /* the word a to b, everywhere */
    FORM_AFTER,  /* line a after the line with b */
    FORM_BEFORE,
    FORM_END, /* line a at the end */
    FORM_TOP,
    FORM_AFTER_LINE, /* line a after line n */
    FORM_BEFORE_LINE,
    FORM_SET_LINE,     /* line n becomes a */
    FORM_DELETE_ONE,   /* the line with a */
    FORM_DELETE_ALL,   /* the lines with a */
    FORM_DELETE_LINES, /* n to m */
    FORM_DELETE_FIRST, /* line */
    FORM_DELETE_LAST,
    FORM_CUT,          /* the text a out of its line */
    FORM_CREATE,       /* with a, or empty */
    FORM_OVERWRITE,
    FORM_CREATE_INPUT, /* with what came on standard input */
    FORM_UNDO,
    FORM_RENAME_EVERYWHERE, /* in all files that have it */
    FORM_REPLACE_EVERYWHERE,
};

struct edit {
    const struct offline_turn *t;
    const struct offline_match *match;
    struct offline_move *m;
    struct doc doc;
    struct lines lines;
    struct str path, a, b;
    int64_t n, last;
};

/* ---- saying why not ---- */

static void say_line(struct edit *x, size_t i)
{
    offline_say(x->m, "- line %lld: `%.*s`\n", (long long)x->doc.lines[i].number,
                STR_ARG(offline_clip(x->t->a, x->doc.lines[i].text, 160)));
}

static void say_missing(struct edit *x, struct str text)
{
    size_t near[3];
    size_t n = lines_nearest(&x->lines, text, near, ARRAY_LEN(near));
    offline_say(x->m, "I changed nothing: `%.*s` is not in `%.*s`", STR_ARG(text),
                STR_ARG(x->path));
    if (x->doc.more)
        offline_say(x->m, " as far as I read it (%s; the file is longer)",
                    offline_count(x->m->a, (int64_t)x->doc.n, "line"));
    offline_say(x->m, n ? ". The nearest lines are:\n\n" : ".\n");
    for (size_t i = 0; i < n; i++)
        say_line(x, near[i]);
}

static void say_ambiguous(struct edit *x, struct str text, const char *ask)
{
    size_t n = 0;
    offline_say(x->m, "I changed nothing, because `%.*s` is in `%.*s` more than once:\n\n",
                STR_ARG(text), STR_ARG(x->path));
    for (size_t i = 0; i < x->doc.n; i++)
        if (str_find(x->doc.lines[i].text, text) >= 0 && n++ < LINES_NAMED)
            say_line(x, i);
    if (n > LINES_NAMED)
        offline_say(x->m, "- and %zu more lines\n", n - LINES_NAMED);
    offline_say(x->m, "\n%s\n", ask);
}

/* ---- texts ---- */

/* The text to look for: as it was written when the file has that, else with its escapes read. */
static void choose_texts(struct edit *x)
{
    struct arena *a = x->t->a;
    struct str raw = str_of(offline_slot(a, x->match, SLOT_A, false));
    bool literal = raw.n && str_index(raw, '\\') >= 0 && str_find(x->lines.text, raw) >= 0;
    x->a = literal ? raw : str_of(offline_slot(a, x->match, SLOT_A, true));
    x->b = str_of(offline_slot(a, x->match, SLOT_B, !literal));
    if (!str_i64(x->match->slots[SLOT_N], &x->n))
        x->n = 0;
    if (!str_i64(x->match->slots[SLOT_M], &x->last))
        x->last = x->n;
}

static void call_edit(struct edit *x, struct str find, struct str replace, bool all)
{
    struct arena *a = x->t->a;
    offline_call(x->m, "edit", "path", arena_strndup(a, x->path.p, x->path.n), "find",
                 arena_strndup(a, find.p, find.n), "replace",
                 arena_strndup(a, replace.p ? replace.p : "", replace.n), "#all",
                 all ? "true" : NULL, NULL);
}

static void call_write(struct edit *x, struct str content)
{
    struct arena *a = x->t->a;
    bool open = content.n && content.p[content.n - 1] != '\n';
    offline_call(x->m, "write", "path", arena_strndup(a, x->path.p, x->path.n), "content",
                 arena_printf(a, "%.*s%s", STR_ARG(content), open ? "\n" : ""), NULL);
}

/* Sends what was planned for the lines. */
static void call_lines(struct edit *x)
{
    struct str whole = lines_result(&x->lines);
    if (x->doc.n == 0 && !x->doc.more) {
        call_write(x, whole);
        return;
    }
    const char *edits = lines_edits(&x->lines);
    if (edits)
        offline_call(x->m, "edit", "path", arena_strndup(x->t->a, x->path.p, x->path.n), "#edits",
                     edits, NULL);
    else
        offline_say(x->m,
                    "I changed nothing: the place in `%.*s` can not be told from others like "
                    "it, or there are too many places.\n",
                    STR_ARG(x->path));
}

/* ---- the forms ---- */

/* Words for a part of a file that are seldom the text itself, unless they are quoted. */
static bool is_vague(const struct edit *x)
{
    return !x->match->quoted[SLOT_A] &&
           list_has("title|heading|name|version|everything|it|this|that|text|content|contents|file|"
                    "code|first line|last line|description|date|author",
                    x->a);
}

static void do_replace(struct edit *x, bool all)
{
    if (is_vague(x)) {
        offline_say(x->m,
                    "I changed nothing: which text exactly? Put it in quotes, for example: "
                    "`replace \"old %.*s\" with \"new\" in %.*s`.\n",
                    STR_ARG(x->a), STR_ARG(x->path));
        return;
    }
    size_t n = lines_count(&x->lines, x->a);
    if (n == 0)
        say_missing(x, x->a);
    else if (str_eq(x->a, x->b))
        offline_say(x->m, "There is nothing to do: both texts are the same.\n");
    else if (n > 1 && !all)
        say_ambiguous(
            x, x->a,
            "Say more of the text around it, or ask to replace it everywhere: `replace all "
            "\"...\" with \"...\" in FILE`.");
    else
        call_edit(x, x->a, x->b, all && n > 1);
}

static bool is_word_char(char c)
{
    return isalnum((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80;
}

/* The line with the whole word a replaced by b; false when it is not there. */
static bool rename_in(struct edit *x, struct str line, struct str *ret)
{
    CLEANUP(buf_free) struct buf b = BUF_OWN;
    bool any = false;
    for (size_t at = 0; at < line.n;) {
        struct str rest = str_sub(line, at, line.n);
        bool here = rest.n >= x->a.n && memcmp(rest.p, x->a.p, x->a.n) == 0;
        bool begins = at == 0 || !is_word_char(line.p[at - 1]) || !is_word_char(x->a.p[0]);
        bool ends = at + x->a.n >= line.n || !is_word_char(line.p[at + x->a.n]) ||
                    !is_word_char(x->a.p[x->a.n - 1]);
        if (here && begins && ends) {
            buf_str(&b, x->b);
            at += x->a.n;
            any = true;
        } else {
            buf_putc(&b, line.p[at++]);
        }
    }
    *ret = str_make(arena_strndup(x->t->a, buf_cstr(&b), b.len), b.len);
    return any;
}

static void do_rename(struct edit *x)
{
    size_t lines = 0;
    if (x->doc.more) {
        offline_say(x->m, "I changed nothing: `%.*s` is so long that I read only its first %zu lines. To replace the "
                          "text in all of it ask to `replace all \"...\" with \"...\" in %.*s`.\n",
                    STR_ARG(x->path), x->doc.n, STR_ARG(x->path));
        return;
    }
    for (size_t i = 0; i < x->doc.n; i++) {
        struct str line;
        if (!rename_in(x, x->doc.lines[i].text, &line))
            continue;
        lines_set(&x->lines, i, line);
        lines++;
    }
    if (lines == 0)
        say_missing(x, x->a);
    else if (str_eq(x->a, x->b))
        offline_say(x->m, "There is nothing to do: both names are the same.\n");
    else
        call_lines(x);
}

/* The one line with the text; what is said when there is none or more is said here. */
static bool one_line(struct edit *x, struct str text, const char *ask, size_t *ret)
{
    size_t exact = 0, inside = 0, first_exact = 0, first_inside = 0;
    for (size_t i = x->doc.n; i > 0; i--) {
        struct str line = x->doc.lines[i - 1].text;
        if (str_eq(str_trim(line), str_trim(text))) {
            exact++;
            first_exact = i - 1;
        }
        if (str_find(line, text) >= 0) {
            inside++;
            first_inside = i - 1;
        }
    }
    if (exact == 1 || inside == 1) {
        *ret = exact == 1 ? first_exact : first_inside;
        return true;
    }
    if (exact + inside == 0)
        say_missing(x, text);
    else
        say_ambiguous(x, text, ask);
    return false;
}

static void do_insert_at_text(struct edit *x, bool after)
{
    size_t i;
    if (!one_line(x, x->b,
                  "Which of them? Say more of the line, or its number: `insert \"...\" after "
                  "line 12 in FILE`.",
                  &i))
        return;
    lines_insert(&x->lines, i, x->a, after);
    call_lines(x);
}

static int64_t last_line(const struct edit *x)
{
    return x->doc.more ? x->doc.total : (int64_t)x->doc.n;
}

static bool has_line(struct edit *x, int64_t n)
{
    int64_t total = last_line(x);
    if (n >= 1 && (size_t)n <= x->doc.n)
        return true;
    if (x->doc.more && n >= 1 && (total == 0 || n <= total))
        offline_say(x->m, "I changed nothing: `%.*s` is so long that I read only its first %zu lines.\n",
                    STR_ARG(x->path), x->doc.n);
    else
        offline_say(x->m, "I changed nothing: `%.*s` has no line %lld; it has %lld.\n",
                    STR_ARG(x->path), (long long)n, (long long)total);
    return false;
}

static void do_insert_at_line(struct edit *x, bool after)
{
    if (!has_line(x, x->n))
        return;
    lines_insert(&x->lines, (size_t)x->n - 1, x->a, after);
    call_lines(x);
}

static void do_end(struct edit *x, bool top)
{
    if (x->doc.more && !top) {
        offline_say(x->m, "I changed nothing: `%.*s` is so long that I did not read its end.\n",
                    STR_ARG(x->path));
        return;
    }
    if (x->doc.n)
        lines_insert(&x->lines, top ? 0 : x->doc.n - 1, x->a, !top);
    else
        lines_begin_with(&x->lines, x->a);
    call_lines(x);
}

static void do_delete_text(struct edit *x, bool all)
{
    size_t n = 0, i;
    if (!all) {
        if (!one_line(x, x->a,
                      "Which of them? Ask to `delete the lines containing \"...\"` for all, "
                      "or name one: `delete line 12 in FILE`.",
                      &i))
            return;
        lines_drop(&x->lines, i);
        call_lines(x);
        return;
    }
    for (i = 0; i < x->doc.n; i++)
        if (str_find(x->doc.lines[i].text, x->a) >= 0) {
            lines_drop(&x->lines, i);
            n++;
        }
    if (n == 0)
        say_missing(x, x->a);
    else
        call_lines(x);
}

static void do_delete_lines(struct edit *x)
{
    if (!has_line(x, x->n) || !has_line(x, x->last))
        return;
    for (int64_t i = MIN(x->n, x->last); i <= MAX(x->n, x->last); i++)
        lines_drop(&x->lines, (size_t)i - 1);
    call_lines(x);
}

static void do_set_line(struct edit *x)
{
    if (!has_line(x, x->n))
        return;
    lines_set(&x->lines, (size_t)x->n - 1, x->a);
    call_lines(x);
}

static void do_form(struct edit *x)
{
    switch ((enum form)x->match->form) {
    case FORM_REPLACE:
    case FORM_REPLACE_ALL:
        do_replace(x, x->match->form == FORM_REPLACE_ALL);
        return;
    case FORM_RENAME:
        do_rename(x);
        return;
    case FORM_CUT:
        x->b = STR("");
        do_replace(x, false);
        return;
    case FORM_AFTER:
    case FORM_BEFORE:
        do_insert_at_text(x, x->match->form == FORM_AFTER);
        return;
    case FORM_AFTER_LINE:
    case FORM_BEFORE_LINE:
        do_insert_at_line(x, x->match->form == FORM_AFTER_LINE);
        return;
    case FORM_END:
    case FORM_TOP:
        do_end(x, x->match->form == FORM_TOP);
        return;
    case FORM_SET_LINE:
        do_set_line(x);
        return;
    case FORM_DELETE_ONE:
    case FORM_DELETE_ALL:
        do_delete_text(x, x->match->form == FORM_DELETE_ALL);
        return;
    case FORM_DELETE_LINES:
        do_delete_lines(x);
        return;
    case FORM_DELETE_FIRST:
    case FORM_DELETE_LAST:
        x->n = x->last = x->match->form == FORM_DELETE_FIRST ? 1 : last_line(x);
        do_delete_lines(x);
        return;
    case FORM_CREATE:
    case FORM_OVERWRITE:
    case FORM_CREATE_INPUT:
        return; /* create_plan */
    case FORM_UNDO:
    case FORM_RENAME_EVERYWHERE:
    case FORM_REPLACE_EVERYWHERE:
        return; /* edit_plan */
    }
}

/* ---- after the change ---- */

static const struct offline_result *find_change(const struct offline_turn *t)
{
    for (size_t i = 0; i < t->n_results; i++)
        if (str_is(t->results[i].tool, "edit") || str_is(t->results[i].tool, "write"))
            return &t->results[i];
    return NULL;
}

static void say_changed(const struct offline_turn *t, const struct offline_result *r,
                        struct str path, struct offline_move *m)
{
    struct str diff = r->text;
    struct str summary;
    if (r->is_error) {
        offline_say_failed(m, r, arena_printf(t->a, "change `%.*s`", STR_ARG(path)));
        return;
    }
    if (!str_line(&diff, &summary))
        summary = STR("changed");
    offline_say(m, "Done: %.*s.\n", STR_ARG(summary));
    if (str_trim(diff).n)
        kind_say_fenced(m, "diff", str_trim(diff));
}

/* ---- files that are made ---- */

static void create_plan(struct edit *x)
{
    const struct offline_result *failed;
    int form = x->match->form;
    struct str content = form == FORM_CREATE_INPUT
                             ? x->t->input
                             : str_of(offline_slot(x->t->a, x->match, SLOT_A, true));
    switch (doc_read(x->t, x->path, x->m, &x->doc, &failed)) {
    case DOC_READING:
        return;
    case DOC_FAILED:
        if (offline_failed_with(failed, "not_found"))
            call_write(x, content);
        else
            offline_say_failed(x->m, failed,
                               arena_printf(x->t->a, "look at `%.*s`", STR_ARG(x->path)));
        return;
    case DOC_READY:
        if (form == FORM_OVERWRITE || x->doc.n == 0)
            call_write(x, content);
        else
            offline_say(
                x->m,
                "I changed nothing: `%.*s` is there already, with %s%s. To replace it ask "
                "to `overwrite %.*s with \"...\"`.\n",
                STR_ARG(x->path), x->doc.total ? "" : "more than ",
                offline_count(x->m->a, x->doc.total ? x->doc.total : (int64_t)x->doc.n, "line"),
                STR_ARG(x->path));
    }
}

/* ---- the plan ---- */

static void edit_plan(const struct offline_turn *t, const struct offline_match *match,
                      struct offline_move *m)
{
    struct edit x = {.t = t, .match = match, .m = m};
    struct str asked = doc_path(t->a, match->slots[SLOT_PATH]);
    const struct offline_result *failed;
    const struct offline_result *change = find_change(t);
    x.path = asked;
    if (match->form == FORM_RENAME_EVERYWHERE || match->form == FORM_REPLACE_EVERYWHERE) {
        bool word = match->form == FORM_RENAME_EVERYWHERE;
        everywhere_plan(t, match, word ? FORM_RENAME : FORM_REPLACE_ALL, word, m);
        return;
    }
    if (match->form == FORM_UNDO) {
        offline_say(m, "I do not know what I did last: each request stands alone. What changed in files since a "
                       "question, `:rewind` puts back in the console, and `tau session rewind` outside of it; `:undo` "
                       "takes the last exchange out of the conversation.\n");
        return;
    }
    if (change) {
        say_changed(t, change, asked, m);
        return;
    }
    if (match->form >= FORM_CREATE) {
        create_plan(&x);
        return;
    }
    switch (kind_read(t, &x.path, m, &x.doc, &failed)) {
    case DOC_READING:
        return;
    case DOC_FAILED:
        kind_say_unread(t, x.path, failed, m);
        return;
    case DOC_READY:
        break;
    }
    if (!str_eq(x.path, asked)) {
        offline_say(m, "I changed nothing: there is no file `%.*s`. Did you mean `%.*s`?\n",
                    STR_ARG(asked), STR_ARG(x.path));
        return;
    }
    lines_init(&x.lines, t->a, &x.doc);
    choose_texts(&x);
    if (x.a.n == 0 && match->slots[SLOT_A].p && match->form != FORM_SET_LINE &&
        match->form != FORM_END && match->form != FORM_TOP)
        offline_say(m, "I changed nothing: the text to look for is empty.\n");
    else
        do_form(&x);
}

#define IN "in|inside|within|of|from"
#define TO "in|into|to|of"
#define SORT "[function|variable|symbol|identifier|class|struct|type|method|constant|macro|word|field]"
#define EVERYWHERE "everywhere|throughout|globally [in] [the|this|my|our] [code|project|repo|repository|workspace|codebase]"
#define IN_ALL                                                                                     \
    "in|across|throughout [all|every|each|the] [of] [the|this|my|our|whole|entire] files|file|code|project|repo|"            \
    "repository|workspace|codebase|sources|tree|directory"

static const struct offline_pattern patterns[] = {
    PATTERN(FORM_REPLACE,
            "replace|change|substitute|swap|edit|modify|turn|correct|fix|set|"
            "update [the] [text|string|word|phrase|line|value|typo|spelling] {a} with|to|by|"
            "into|for [the] [text|string|word] {b} " IN " [the] [file] {file}"),
    PATTERN(FORM_REPLACE,
            "replace|change|substitute|swap [the] [text|string|word|phrase|line|"
            "value] {a} " IN " [the] [file] {file} with|to|by|into|for [the] [text|string|word] "
            "{b}"),
    PATTERN(FORM_REPLACE,
            "in [the] [file] {file} replace|change|substitute|swap|edit|modify|"
            "turn|correct|fix|set [the] [text|string|word|phrase|line|value|typo] {a} with|to|"
            "by|into|for [the] [text|string|word] {b}"),
    PATTERN(FORM_REPLACE,
            "edit|modify|update [the] [file] {file} and|to|so [that] replace|"
            "change|substitute|swap [the] [text|string|word|phrase|line] {a} with|to|by|into {b}"),
    PATTERN(FORM_REPLACE, "{path} replace|change|substitute|swap [the] [text|string|word] {a} "
                          "with|to|by|into {b}"),
    PATTERN(FORM_REPLACE_ALL,
            "replace|change|substitute|swap all|every|each [the] [occurrences|"
            "occurrence|instances|instance|uses] [of] [the] [text|string|word|line|lines] {a} "
            "with|to|by|into|for {b} " IN " [the] [file] {file}"),
    PATTERN(FORM_REPLACE_ALL,
            "replace|change|substitute|swap [the] [text|string|word] {a} with|"
            "to|by|into|for {b} everywhere|throughout " IN " [the] [file] {file}"),
    PATTERN(FORM_REPLACE_ALL,
            "replace|change|substitute|swap [the] [text|string|word] {a} with|"
            "to|by|into|for {b} " IN " [the] [file] {file} everywhere|throughout"),
    PATTERN(FORM_REPLACE_ALL,
            "in [the] [file] {file} replace|change|substitute|swap all|every|"
            "each [the] [occurrences|occurrence|instances|instance|uses] [of] {a} with|to|by|"
            "into|for {b}"),
    PATTERN(FORM_REPLACE_ALL, "in [the] [file] {file} replace|change|substitute|swap {a} with|"
                              "to|by|into|for {b} everywhere|throughout"),
    PATTERN(FORM_REPLACE_ALL, "replace|change|substitute|swap|turn all|every|each [the] [occurrences|occurrence|instances|"
                              "instance|uses] [of] [the] [text|string|word] {a} " IN " [the] [file] {file} with|to|by|into|"
                              "for [the] [text|string|word] {b}"),
    PATTERN(FORM_REPLACE_ALL, "replace|change|substitute|swap|turn [the] [text|string|word] {a} with|to|by|into|for {b} "
                              "throughout [all] [of] [the] [file] {file}"),
    PATTERN(FORM_REPLACE_ALL, "replace|change|substitute|swap|turn [the] [text|string|word] {a} " IN " [all|whole] [of] [the] "
                              "[file] {file} with|to|by|into|for {b} everywhere|throughout"),
    PATTERN(FORM_REPLACE_ALL, "substitute|put {b} for|instead all|every|each|of [of] [the] {a} " IN " [the] [file] {file}"),
    PATTERN(FORM_RENAME,
            "rename [the] [all] [function|variable|symbol|identifier|class|struct|"
            "type|method|constant|macro|word|field|parameter|argument] {a} to|into|as {b} " IN
            "|throughout [the] [file] {file}"),
    PATTERN(FORM_RENAME,
            "in [the] [file] {file} rename [the] [function|variable|symbol|"
            "identifier|class|struct|type|method|constant|macro|word|field|parameter] {a} to|"
            "into|as {b}"),
    PATTERN(FORM_RENAME, "rename [the] [function|variable|symbol|identifier|class|struct|type|"
                         "method|constant|macro|word] {a} " IN " {file} to|into|as {b}"),
    PATTERN(FORM_RENAME_EVERYWHERE, "rename [the] [all] " SORT " {a} to|into|as {b} " EVERYWHERE),
    PATTERN(FORM_RENAME_EVERYWHERE, "rename [the] [all] " SORT " {a} to|into|as {b} " IN_ALL),
    PATTERN(FORM_RENAME_EVERYWHERE, "rename [the] [all] " SORT " {a} " IN_ALL " to|into|as {b}"),
    PATTERN(FORM_REPLACE_EVERYWHERE, "replace|change|substitute|swap [all|every|each] [the] [occurrences|occurrence|instances|"
                                     "uses] [of] [the] [text|string|word] {a} with|to|by|into|for {b} " EVERYWHERE),
    PATTERN(FORM_REPLACE_EVERYWHERE, "replace|change|substitute|swap [all|every|each] [the] [occurrences|occurrence|instances|"
                                     "uses] [of] [the] [text|string|word] {a} with|to|by|into|for {b} " IN_ALL),
    PATTERN(FORM_REPLACE_EVERYWHERE, "replace|change|substitute|swap [all|every|each] [the] [occurrences|occurrence|instances|"
                                     "uses] [of] [the] [text|string|word] {a} " IN_ALL " with|to|by|into|for {b}"),

    PATTERN(FORM_AFTER,
            "add|insert|put|append|place|write [a|the|this] [new] [line|lines|text] "
            "{a} after|below|under|behind [the] [line|lines|text] [with|containing|that] [says|"
            "contains|reads] {b} " TO " [the] [file] {file}"),
    PATTERN(FORM_BEFORE,
            "add|insert|put|append|place|write [a|the|this] [new] [line|lines|"
            "text] {a} before|above|over [the] [line|lines|text] [with|containing|that] [says|"
            "contains|reads] {b} " TO " [the] [file] {file}"),
    PATTERN(FORM_AFTER,
            "add|insert|put|place|write [a|the|this] [new] [line|lines|text] {a} " TO
            " [the] [file] {file} after|below|under [the] [line|text] [with|containing|that] "
            "[says|contains] {b}"),
    PATTERN(FORM_BEFORE,
            "add|insert|put|place|write [a|the|this] [new] [line|lines|text] {a} " TO
            " [the] [file] {file} before|above [the] [line|text] [with|containing|that] "
            "[says|contains] {b}"),
    PATTERN(FORM_AFTER,
            "in [the] [file] {file} add|insert|put|place [a|the|this] [new] [line|"
            "lines|text] {a} after|below|under [the] [line|text] [with|containing] {b}"),
    PATTERN(FORM_BEFORE, "in [the] [file] {file} add|insert|put|place [a|the|this] [new] [line|"
                         "lines|text] {a} before|above [the] [line|text] [with|containing] {b}"),
    PATTERN(FORM_AFTER, "after|below [the] [line|text] {b} in [the] [file] {file} add|insert|"
                        "put|place [a|the] [new] [line|text] {a}"),
    PATTERN(FORM_BEFORE, "before|above [the] [line|text] {b} in [the] [file] {file} add|insert|"
                         "put|place [a|the] [new] [line|text] {a}"),
    PATTERN(FORM_AFTER_LINE,
            "add|insert|put|place|write [a|the|this] [new] [line|lines|text] "
            "{a} after|below|under line|at [number] {n} " TO " [the] [file] {file}"),
    PATTERN(FORM_BEFORE_LINE,
            "add|insert|put|place|write [a|the|this] [new] [line|lines|text] "
            "{a} before|above|at|as line [number] {n} " TO " [the] [file] {file}"),
    PATTERN(FORM_END, "add|insert|put|append|place|write [a|the|this] [new] [line|lines|text] "
                      "{a} at|to|on [the] [very] end|bottom of|in [the] [file] {file}"),
    PATTERN(FORM_END, "add|append|put|insert [a|the|this] [new] [line|lines|text] {a} to|at|"
                      "onto [the] [file] {file} [at] [the] [end|bottom]"),
    PATTERN(FORM_END, "append|add [to|at] [the] [end|file] [of] {file} [a|the|this] [new] [line|"
                      "lines|text] {a}"),
    PATTERN(FORM_END, "add|insert|put|write|make [a|the|this] [new] [line|text] {a} as|be [the|a] [new|very] last|final|"
                      "bottom line of|in|to [the] [file] {file}"),
    PATTERN(FORM_END, "at|to [the] [very] end|bottom of [the] [file] {file} add|append|insert|put|write [a|the] [new] "
                      "[line|text] {a}"),
    PATTERN(FORM_TOP,
            "add|insert|put|place|write [a|the|this] [new] [line|lines|text] {a} at|"
            "to|on [the] [very] top|beginning|start|front|head of|in [the] [file] {file}"),
    PATTERN(FORM_TOP, "add|insert|put|place|write [a|the|this] [new] [line|lines|text] {a} as|"
                      "on|at [the] first line of|in|to [the] [file] {file}"),
    PATTERN(FORM_TOP, "prepend [a|the|this] [new] [line|lines|text] {a} to|in [the] [file] "
                      "{file}"),
    PATTERN(FORM_TOP, "add|insert|put|write [a|the|this] [new] [line|text] {a} to {file} at "
                      "[the] top|beginning|start"),

    PATTERN(FORM_SET_LINE, "replace|change|set|edit [the] line [number] {n} " IN " [the] [file] "
                           "{file} to|with|by|into [the] [text|line] {a}"),
    PATTERN(FORM_SET_LINE, "in [the] [file] {file} replace|change|set [the] line [number] {n} "
                           "to|with|by|into {a}"),

    PATTERN(FORM_DELETE_ONE,
            "delete|remove|drop|erase|cut|strip [the] line [that] [containing|"
            "with|matching|contains|has|says|saying|including|which] [contains|has|says] [the] "
            "[text|word|string] {a} " IN "|out [of] [the] [file] {file}"),
    PATTERN(FORM_DELETE_ONE, "in [the] [file] {file} delete|remove|drop [the] line [that] "
                             "[containing|with|matching|contains|has] {a}"),
    PATTERN(FORM_DELETE_ALL,
            "delete|remove|drop|erase|cut|strip [all|every|each|any] [the] "
            "lines|line(s) [that] [containing|with|matching|contain|have|say|saying|including|"
            "which] [contain|have|say] [the] [text|word|string] {a} " IN "|out [of] [the] "
            "[file] {file}"),
    PATTERN(FORM_DELETE_ALL,
            "delete|remove|drop|erase all|every|each|any [the] line [that] "
            "[containing|with|matching|contains|has|saying] {a} " IN " [the] [file] {file}"),
    PATTERN(FORM_DELETE_ALL, "in [the] [file] {file} delete|remove|drop [all|every] [the] lines "
                             "[that] [containing|with|matching|contain|have] {a}"),
    PATTERN(FORM_DELETE_LINES,
            "delete|remove|drop|erase|cut [the] line [number] {n} " IN " [the] [file] {file}"),
    PATTERN(FORM_DELETE_LINES, "delete|remove|drop|erase|cut [the] lines [number] {n} to|"
                               "through|until|-|and {m} " IN " [the] [file] {file}"),
    PATTERN(FORM_DELETE_LINES, "in [the] [file] {file} delete|remove|drop [the] line|lines {n} "
                               "[to|through|and|-] {m}"),
    PATTERN(FORM_DELETE_LINES, "in [the] [file] {file} delete|remove|drop [the] line {n}"),
    PATTERN(FORM_DELETE_FIRST, "delete|remove|drop|erase|cut [the] [very] first|top line " IN " [the] [file] {file}"),
    PATTERN(FORM_DELETE_LAST, "delete|remove|drop|erase|cut [the] [very] last|final|bottom line " IN " [the] [file] {file}"),
    PATTERN(FORM_DELETE_FIRST, "in [the] [file] {file} delete|remove|drop [the] first line"),
    PATTERN(FORM_DELETE_LAST, "in [the] [file] {file} delete|remove|drop [the] last line"),
    PATTERN(FORM_DELETE_LINES, "take|get|throw [the] line [number] {n} out|away of|from|in [the] [file] {file}"),
    PATTERN(FORM_CUT, "delete|remove|drop|erase|cut|strip [the] [text|word|string|phrase] {a} " IN
                      " [the] [file] {file}"),
    PATTERN(FORM_CUT, "in [the] [file] {file} delete|remove|drop|erase [the] [text|word|string] "
                      "{a}"),

    PATTERN(FORM_CREATE,
            "create|make|write|generate|add|start [a|the|me] [new] [text] [file] "
            "[called|named] {path} with|containing|saying|that|holding [contains|says|the|this|"
            "a] [following] [content|contents|text|line|lines|words] [of] {a}"),
    PATTERN(FORM_CREATE, "[a] new file [called|named] {path} with|containing|holding [the] [content|text|line] {a}"),
    PATTERN(FORM_CREATE, "create|make|add|touch [a|an|the] [new] [empty] [file] [called|named] "
                         "{path}"),
    PATTERN(FORM_CREATE, "write|save|store|put [the] [text|content|contents|line|lines] {a} to|"
                         "into|in|as [a|the] [new] file [called|named] {path}"),
    PATTERN(FORM_CREATE, "write|save|store [the] [text|content|line] {a} to|into|as {path}"),
    PATTERN(FORM_OVERWRITE, "overwrite|rewrite [the] [file] {file} with|by [the] [content|text|"
                            "line] {a}"),
    PATTERN(FORM_OVERWRITE, "replace [the] [whole|entire|all|complete] contents|content|text of "
                            "[the] [file] {file} with|by {a}"),
    PATTERN(FORM_UNDO, "undo|revert|rollback|unmake [that|this|it|the|my|your|all|everything] [last|latest] "
                       "[change|changes|edit|edits|exchange]"),
    PATTERN(FORM_UNDO, "take|roll|put that|this|it|the [last] [change|edit] back"),
    PATTERN_INPUT(FORM_CREATE_INPUT,
                  "save|write|store|put this|it|that|input|stdin|output "
                  "[text|output|input] to|into|in|as [a] [new] [the] [file] [called|named] "
                  "{file}"),
    PATTERN_INPUT(FORM_CREATE_INPUT, "create [a] [new] [file] {file} from|with this|it|stdin|"
                                     "input *"),
    PATTERN_END,
};

static const char *const examples[] = {
    "replace \"old\" with \"new\" in FILE.txt",
    "add line \"text\" after \"anchor\" in FILE.txt",
    "delete the line containing \"text\" in FILE.txt",
    "create FILE.txt with \"content\"",
    NULL,
};

const struct offline_kind offline_edit = {
    .name = "edit-by-instruction",
    .help = "change a file exactly as you say: replace, rename, add, insert, delete, create",
    .words = "replace change rename add insert append delete remove create write edit line file "
             "text with",
    .examples = examples,
    .patterns = patterns,
    .plan = edit_plan,
};
