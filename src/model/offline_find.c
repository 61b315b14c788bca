/* SPDX-License-Identifier: MIT
 *
 * offline_find: the kind find-text: searches with grep and shows what it found by file. Small
 * letters that find nothing are looked for again in any case. Files are found by their names with
 * glob; a plain word ("find the Makefile") may be either, and a file of that name comes first.
 */
#include "model/offline_kind.h"
#include "model/offline_words.h"

#include "json/json.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

enum { LINES_SHOWN = 60, RESULTS_ASKED = 300, FILES_SHOWN = 300, FILES_ASKED = 1000, DIRECTORIES_SHOWN = 50 };

enum { FORM_TEXT, FORM_REGEX, FORM_DEFINITION, FORM_FILES, FORM_TESTS, FORM_HEADERS, FORM_NAME, FORM_PLACE, FORM_EXPLAIN };

/* ---- what is looked for ---- */

/* Words that say what sort of thing the text is; not part of it. */
static struct str drop_words(struct str s)
{
    static const char fronts[] =
        "the |a |an |all |every |any |each |text |string |word |words |phrase |symbol |function |"
        "variable |occurrences of |occurrence of |uses of |usages of |use of |usage of |"
        "references to |mentions of |mention of |calls to |calls of |lines with |"
        "lines containing |places where |places that use |files with |files containing |"
        "instances of |instance of |where |that use |that uses |that call |that calls |"
        "that contain |that contains |that mention |which use |which call |which contain |"
        "functions |places |files |lines |tests |for |comments with |macro |constant |identifier |"
        "lines that contain |matches for |matches of |type |method ";
    static const char backs[] =
        " comments| comment| everywhere| anywhere| here| function| variable| macro| constant|"
        " method| symbol| is used| are used| is defined| is called| is mentioned| appears| occurs|"
        " is| in the code| in this project| in the project| in this repo| in the repo|"
        " in the workspace| in the sources| in the files| in all files| in any file|"
        " in the codebase| in this directory| in the tree| in the source| in it";
    return list_drop(s, fronts, backs);
}

static struct str unquote(struct str s)
{
    if (s.n > 2 && strchr("\"'`", s.p[0]) && s.p[s.n - 1] == s.p[0])
        return str_sub(s, 1, s.n - 2);
    return s;
}

static bool is_capitals(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!isupper((unsigned char)s.p[i]))
            return false;
    return s.n > 1;
}

/* "wrap()" is the function wrap. */
static struct str drop_call(struct str s)
{
    for (size_t i = 0; i + 2 < s.n; i++)
        if (!isalnum((unsigned char)s.p[i]) && s.p[i] != '_')
            return s;
    return s.n > 2 && str_ends(s, "()") ? str_sub(s, 0, s.n - 2) : s;
}

/* A mark that is looked for, like FIX_ME or a quoted text: not a word of a sentence. */
static bool is_mark(struct str s)
{
    bool capital = false;
    for (size_t i = 0; i < s.n; i++) {
        if (!isupper((unsigned char)s.p[i]) && s.p[i] != '_' && !isdigit((unsigned char)s.p[i]))
            return unquote(s).n < s.n;
        capital = capital || isupper((unsigned char)s.p[i]);
    }
    return capital && s.n > 1;
}

/* "A and B" of marks, any number of them: a regex for any of them, in the arena, and the text that
 * is shown. False when it is something else. */
static bool any_of(struct arena *a, struct str s, struct str *ret_text, char **ret_pattern)
{
    CLEANUP(buf_free) struct buf text = BUF_OWN;
    CLEANUP(buf_free) struct buf pattern = BUF_OWN;
    struct str word;
    size_t n = 0;
    while (str_split(&s, ' ', &word)) {
        while (word.n && word.p[word.n - 1] == ',')
            word.n--;
        if (word.n == 0 || str_is(word, "and") || str_is(word, "or"))
            continue;
        if (!is_mark(word))
            return false;
        word = unquote(word);
        buf_printf(&text, "%s%.*s", n ? " or " : "", STR_ARG(word));
        buf_printf(&pattern, "%s%s", n++ ? "|" : "", kind_escape_regex(a, word));
    }
    *ret_text = str_of(arena_strndup(a, buf_cstr(&text), text.len));
    *ret_pattern = arena_strndup(a, buf_cstr(&pattern), pattern.len);
    return n > 1;
}

struct wanted {
    struct str text; /* as it is shown */
    char *pattern;
    bool small; /* it has no capital letter */
};

static struct wanted what_is_wanted(const struct offline_turn *t, const struct offline_match *match)
{
    bool symbol = match->slots[SLOT_SYMBOL].p != NULL;
    enum offline_slot slot = symbol ? SLOT_SYMBOL : match->slots[SLOT_A].p ? SLOT_A : SLOT_WORD;
    struct wanted w = {.text = match->slots[slot], .small = true};
    if (symbol && str_ends(w.text, "()"))
        w.text.n -= 2;
    if (!symbol && !match->quoted[SLOT_A])
        w.text = drop_call(unquote(drop_words(w.text)));
    if (match->form == FORM_TEXT && !symbol && !match->quoted[SLOT_A] &&
        any_of(t->a, w.text, &w.text, &w.pattern)) {
        w.small = false;
        return w;
    }
    /* A name in capitals with an s behind it is meant in the plural. */
    if (!match->quoted[SLOT_A] && w.text.n > 3 && w.text.p[w.text.n - 1] == 's' &&
        is_capitals(str_sub(w.text, 0, w.text.n - 1)))
        w.text.n--;
    bool slashes = w.text.n > 2 && w.text.p[0] == '/' && w.text.p[w.text.n - 1] == '/';
    if (slashes)
        w.text = str_sub(w.text, 1, w.text.n - 2);
    ssize_t lf = str_index(w.text, '\n');
    if (lf > 0)
        w.text = str_sub(w.text, 0, (size_t)lf);
    w.pattern = slashes || match->form == FORM_REGEX ? arena_strndup(t->a, w.text.p, w.text.n)
                                                     : kind_escape_regex(t->a, w.text);
    if ((match->form == FORM_DEFINITION || match->form == FORM_EXPLAIN) && w.text.n &&
        (isalnum((unsigned char)w.text.p[0]) || w.text.p[0] == '_'))
        w.pattern = arena_printf(t->a, "\\b%s\\b", w.pattern);
    for (size_t i = 0; i < w.text.n; i++)
        w.small = w.small && !isupper((unsigned char)w.text.p[i]);
    return w;
}

/* ---- the answer ---- */

static size_t count_hits(struct str text, size_t *ret_files)
{
    struct str line, last = STR("");
    struct kind_hit hit;
    size_t n = 0;
    *ret_files = 0;
    while (str_line(&text, &line)) {
        if (!kind_read_hit(line, &hit))
            continue;
        *ret_files += !str_eq(hit.path, last);
        last = hit.path;
        n++;
    }
    return n;
}

/* Each by its place, as editors take it. */
static void say_hits(struct offline_move *m, struct str text)
{
    struct str line;
    struct kind_hit hit;
    size_t shown = 0;
    offline_say(m, "\n");
    while (shown < LINES_SHOWN && str_line(&text, &line)) {
        if (!kind_read_hit(line, &hit))
            continue;
        offline_say(m, "- `%.*s:%lld`: `%.*s`\n", STR_ARG(kind_hit_path(m->a, &hit)), (long long)hit.line,
                    STR_ARG(offline_clip(m->a, str_trim(hit.text), 160)));
        shown++;
    }
}

static void say_found(const struct offline_turn *t, const struct wanted *w,
                      const struct offline_result *r, bool any_case, struct str where,
                      struct offline_move *m)
{
    size_t files;
    size_t n = count_hits(r->text, &files);
    bool more = str_find(r->text, STR("[there are more matches")) >= 0;
    const char *in = where.n ? arena_printf(t->a, " in `%.*s`", STR_ARG(where)) : "";
    if (n == 0) {
        struct str note = r->text;
        struct str line;
        offline_say(m, "`%.*s` does not occur%s%s.\n", STR_ARG(w->text), in,
                    any_case ? ", whatever the case of its letters" : "");
        if (str_line(&note, &line) && str_starts(line, "[no match in ") && str_ends(line, "]"))
            offline_say(m, "\nI searched %.*s; what git ignores and binary files are left out.\n",
                        STR_ARG(str_sub(line, 13, line.n - 14)));
        return;
    }
    offline_say(m, "`%.*s` occurs on %s%s of %s%s%s%s.\n", STR_ARG(w->text), more ? "more than " : "",
                offline_count(t->a, (int64_t)n, "line"), more ? "at least " : "",
                offline_count(t->a, (int64_t)files, "file"), in,
                any_case ? " when the case of letters does not count" : "");
    say_hits(m, r->text);
    if (n > LINES_SHOWN || more)
        offline_say(m, "\nThe first %zu are shown; name a directory or a longer text for fewer.\n",
                    MIN(n, (size_t)LINES_SHOWN));
}

/* ---- standard input ---- */

static void find_in_input(const struct offline_turn *t, const struct wanted *w,
                          struct offline_move *m)
{
    struct str rest = t->input;
    struct str line;
    size_t n = 0;
    CLEANUP(buf_free) struct buf lines = BUF_INIT(OFFLINE_ANSWER_MAX / 2);
    for (size_t number = 1; str_line(&rest, &line); number++) {
        if (str_find(line, w->text) < 0)
            continue;
        if (n++ < LINES_SHOWN)
            buf_printf(&lines, "- line %zu: `%.*s`\n", number,
                       STR_ARG(offline_clip(t->a, str_trim(line), 160)));
    }
    if (n == 0)
        offline_say(m, "`%.*s` does not occur in what came on standard input.\n", STR_ARG(w->text));
    else
        offline_say(m, "`%.*s` occurs on %s of what came on standard input.\n\n%s", STR_ARG(w->text),
                    offline_count(t->a, (int64_t)n, "line"), buf_cstr(&lines));
}

/* ---- files by name ---- */

/* "python" files are *.py. */
static const char *language_glob(struct str word)
{
    static const char *const rows[][2] = {
        {"c", "*.c"},           {"header", "*.h"},    {"c++", "*.cpp"},       {"python", "*.py"},
        {"javascript", "*.js"}, {"js", "*.js"},       {"typescript", "*.ts"}, {"shell", "*.sh"},
        {"bash", "*.sh"},       {"markdown", "*.md"}, {"rust", "*.rs"},       {"go", "*.go"},
        {"java", "*.java"},     {"ruby", "*.rb"},     {"perl", "*.pl"},       {"text", "*.txt"},
        {"json", "*.json"},     {"yaml", "*.y*ml"},   {"html", "*.html"},     {"css", "*.css"},
        {"sql", "*.sql"},       {"test", "*test*"},   {"log", "*.log"},       {"toml", "*.toml"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (word.n == strlen(rows[i][0]) && strncasecmp(word.p, rows[i][0], word.n) == 0)
            return rows[i][1];
    return NULL;
}

/* The pattern for glob: a name that has no star is looked for in every directory. */
static const char *files_pattern(const struct offline_turn *t, const struct offline_match *match)
{
    static const enum offline_slot slots[] = {SLOT_GLOB, SLOT_WORD, SLOT_PATH, SLOT_A};
    struct str name = STR("");
    if (match->form == FORM_TESTS)
        return "**/*test*";
    if (match->form == FORM_HEADERS)
        return "**/*.h*";
    for (size_t i = 0; i < ARRAY_LEN(slots) && name.n == 0; i++)
        if (match->slots[slots[i]].p)
            name = match->slots[slots[i]];
    if (match->slots[SLOT_A].p && !match->quoted[SLOT_A])
        name = unquote(drop_words(name));
    const char *language = match->slots[SLOT_WORD].p ? language_glob(name) : NULL;
    if (language)
        return arena_printf(t->a, "**/%s", language);
    if (str_index(name, '/') >= 0)
        return arena_strndup(t->a, name.p, name.n);
    bool star = str_index(name, '*') >= 0;
    const char *before = !star && (name.p[0] == '.' || str_index(name, '.') < 0) ? "*" : "";
    const char *after = !star && str_index(name, '.') < 0 ? "*" : "";
    return arena_printf(t->a, "**/%s%.*s%s", before, STR_ARG(name), after);
}

static void call_glob(const struct offline_turn *t, const char *pattern, struct offline_move *m)
{
    offline_call(m, "glob", "pattern", pattern, "#max_results", arena_printf(t->a, "%d", FILES_ASKED), NULL);
}

/* What glob found, after a line that begins with `what`. False when that is nothing. */
static bool say_files(const struct offline_turn *t, const struct offline_result *r, const char *what,
                      struct offline_move *m)
{
    struct str rest = r->text;
    struct str line;
    size_t n = 0;
    bool more = str_find(rest, STR("[there is more than these")) >= 0;
    size_t directories = 0;
    CLEANUP(buf_free) struct buf lines = BUF_INIT(OFFLINE_ANSWER_MAX / 2);
    CLEANUP(buf_free) struct buf below = BUF_INIT(OFFLINE_ANSWER_MAX / 4);
    while (str_line(&rest, &line)) {
        if (line.n == 0 || line.p[0] == '[')
            continue;
        if (str_ends(line, "/")) {
            if (directories++ < DIRECTORIES_SHOWN)
                buf_printf(&below, "- `%.*s`\n", STR_ARG(line));
            continue;
        }
        if (n++ < FILES_SHOWN)
            buf_printf(&lines, "- `%.*s`\n", STR_ARG(line));
    }
    if (n)
        offline_say(m, "%s %s%s.\n\n%s", what, more ? "more than " : "", offline_count(t->a, (int64_t)n, "file"),
                    buf_cstr(&lines));
    if (n > FILES_SHOWN)
        offline_say(m, "- and %zu more\n", n - FILES_SHOWN);
    if (directories)
        offline_say(m, "%sDirectories that match: %zu.\n\n%s", n ? "\n" : "", directories, buf_cstr(&below));
    return n || directories;
}

static void find_files(const struct offline_turn *t, const struct offline_match *match,
                       struct offline_move *m)
{
    const char *pattern = files_pattern(t, match);
    if (t->n_results == 0)
        call_glob(t, pattern, m);
    else if (t->results[0].is_error)
        offline_say_failed(m, &t->results[0], arena_printf(t->a, "look for files named `%s`", pattern));
    else if (!say_files(t, &t->results[0], arena_printf(t->a, "`%s` matches", pattern), m))
        offline_say(m, "No file matches `%s`.\n", pattern);
}

/* ---- the plan ---- */

/* A plain word that is no file or directory. */
static bool is_no_place(struct str where, const struct offline_result *r)
{
    return str_index(where, '/') < 0 && str_index(where, '.') < 0 &&
           offline_failed_with(r, "not_found");
}

/* Searches, and once more in any case; then says what was found. The first `skip` results are of
 * another search. */
static void find_on(const struct offline_turn *t, const struct wanted *w, struct str where,
                    const char *include, size_t skip, struct offline_move *m)
{
    const char *path = where.n ? arena_strndup(t->a, where.p, where.n) : NULL;
    const char *most = arena_printf(t->a, "%d", RESULTS_ASKED);
    size_t files;
    if (t->n_results == skip) {
        offline_call(m, "grep", "pattern", w->pattern, "path", path, "include", include,
                     "#max_results", most, NULL);
        return;
    }
    const struct offline_result *r = &t->results[t->n_results - 1];
    if (r->is_error) {
        offline_say_failed(m, r, arena_printf(t->a, "search for `%.*s`", STR_ARG(w->text)));
        return;
    }
    if (t->n_results == skip + 1 && count_hits(r->text, &files) == 0 && w->small) {
        offline_call(m, "grep", "pattern", w->pattern, "path", path, "include", include,
                     "#ignore_case", "true", "#max_results", most, NULL);
        return;
    }
    say_found(t, w, r, t->n_results > skip + 1, where, m);
}

/* ---- a word that may be a file or a text ---- */

/* Not /regex/, and nothing that glob would read as more than itself. */
static bool is_file_name(struct str name)
{
    for (size_t i = 0; i < name.n; i++)
        if (!name.p[i] || strchr("[]?,\\", name.p[i]))
            return false;
    return name.n && name.p[0] != '/';
}

/* The files of that name, in every directory, also with an ending behind it. People write small what
 * is README or Makefile on the disk. */
static const char *name_pattern(struct arena *a, struct str name)
{
    static const char *const same[][2] = {
        {"license", "COPYING"}, {"licence", "COPYING"}, {"licence", "LICENSE"}, {"changes", "ChangeLog"}};
    CLEANUP(buf_free) struct buf b = BUF_OWN;
    size_t base = 0;
    bool small = true;
    for (size_t i = 0; i < name.n; i++) {
        base = name.p[i] == '/' ? i + 1 : base;
        small &= !isupper((unsigned char)name.p[i]);
    }
    for (int way = 0; way < (small ? 3 : 1); way++) {
        size_t from = b.len;
        for (int ending = 0; ending < 2; ending++)
            buf_printf(&b, "%s%.*s%s", b.len ? "," : "", STR_ARG(name), ending ? ".*" : "");
        /* As it was said, then Makefile, then README. */
        for (size_t i = from, at = 0; way > 0 && i < b.len; i++) {
            at = b.data[i] == ',' ? 0 : at + 1;
            if (at > base && (way == 2 || at == base + 1))
                b.data[i] = (char)toupper((unsigned char)b.data[i]);
        }
    }
    for (size_t i = 0; i < ARRAY_LEN(same); i++)
        if (name.n == strlen(same[i][0]) && strncasecmp(name.p, same[i][0], name.n) == 0)
            buf_printf(&b, ",%s,%s.*", same[i][1], same[i][1]);
    return arena_printf(a, "**/{%s}", buf_cstr(&b));
}

/* As the text that it is when no file has that name. */
static struct offline_match as_text(const struct offline_match *match)
{
    struct offline_match text = *match;
    text.form = match->form == FORM_PLACE ? FORM_DEFINITION : FORM_TEXT;
    text.slots[SLOT_A] = match->slots[SLOT_PATH];
    text.quoted[SLOT_A] = match->quoted[SLOT_PATH];
    text.slots[SLOT_PATH] = STR_NULL;
    return text;
}

/* Both are looked for at once. Who asks where a word is may well mean the text, so that is shown, too. */
static void find_name(const struct offline_turn *t, const struct offline_match *match,
                      struct offline_move *m)
{
    struct str name = match->slots[SLOT_PATH];
    const struct offline_match text = as_text(match);
    struct wanted w = what_is_wanted(t, &text);
    if (t->n_results == 0) {
        call_glob(t, name_pattern(t->a, name), m);
        find_on(t, &w, STR(""), NULL, 0, m);
        return;
    }
    const struct offline_result *glob = &t->results[0];
    const char *what = arena_printf(t->a, "`%.*s` is the name of", STR_ARG(name));
    bool any = !glob->is_error && say_files(t, glob, what, m);
    if (!any || (match->form == FORM_PLACE && t->n_results > 1)) {
        offline_say(m, any ? "\n" : "");
        find_on(t, &w, STR(""), NULL, 1, m);
        return;
    }
    size_t files, n = t->n_results > 1 && !t->results[1].is_error ? count_hits(t->results[1].text, &files) : 0;
    if (n)
        offline_say(m, "\nAs a text it is on %s%s, which `grep %.*s` shows.\n",
                    str_find(t->results[1].text, STR("[there are more matches")) >= 0 ? "more than " : "",
                    offline_count(t->a, (int64_t)n, "line"), STR_ARG(name));
}

/* What a name is: its definition, then where it is. The files are read after grep has said which. */
static void explain(const struct offline_turn *t, const struct wanted *w, struct offline_move *m)
{
    struct offline_turn searches = *t;
    searches.n_results = 0;
    while (searches.n_results < t->n_results && str_is(t->results[searches.n_results].tool, "grep"))
        searches.n_results++;
    const struct offline_result *last = searches.n_results ? &t->results[searches.n_results - 1] : NULL;
    if (!last || last->is_error || define_say(t, last->text, w->text, m))
        find_on(&searches, w, STR(""), NULL, 0, m);
}

static void find_plan(const struct offline_turn *t, const struct offline_match *match,
                      struct offline_move *m)
{
    struct offline_match text;
    if (match->form >= FORM_FILES && match->form <= FORM_HEADERS) {
        find_files(t, match, m);
        return;
    }
    if (match->form == FORM_NAME || match->form == FORM_PLACE) {
        if (!match->quoted[SLOT_PATH] && !t->input.p && is_file_name(match->slots[SLOT_PATH])) {
            find_name(t, match, m);
            return;
        }
        text = as_text(match);
        match = &text;
    }
    struct offline_match last = *match;
    struct wanted w = what_is_wanted(t, match);
    struct str where = match->slots[SLOT_PATH].p ? match->slots[SLOT_PATH] : STR("");
    size_t skip = 0;
    if (where.n && t->n_results && is_no_place(where, &t->results[0])) {
        /* "cats in hats": no place of that name, so it was part of the text. */
        skip = 1;
        if (!match->quoted[SLOT_A])
            last.slots[SLOT_A] = str_make(w.text.p, (size_t)(where.p + where.n - w.text.p));
        w = what_is_wanted(t, &last);
        where = STR("");
    }
    if (w.text.n == 0) {
        offline_say(m, "Find what? For example: `find \"main\" in src/`.\n");
        return;
    }
    if (t->input.p && !where.n) {
        find_in_input(t, &w, m);
        return;
    }
    if (match->form == FORM_EXPLAIN) {
        explain(t, &w, m);
        return;
    }
    struct str glob = match->slots[SLOT_GLOB];
    const char *include = !glob.p            ? NULL
                          : glob.p[0] == '.' ? arena_printf(t->a, "*%.*s", STR_ARG(glob))
                                             : arena_strndup(t->a, glob.p, glob.n);
    find_on(t, &w, where, include, skip, m);
}

#define IN "in|inside|within|under|below|across"
#define THING                                                                                      \
    "text|word|words|string|phrase|symbol|function|variable|name|occurrences|mentions|uses|"       \
    "references|lines|calls [of|to|with|containing] [the] [text|word|string|phrase|symbol]"
#define PLACES                                                                                     \
    "code|project|repo|repository|workspace|codebase|sources|files|tree|directory|folder|file|"    \
    "source"

/* What people call the whole, where a word alone is meant for a file rather than for a text. */
#define HERE "project|repo|repository|workspace|directory|tree"

static const struct offline_pattern patterns[] = {
    /* Without a file it would wait for standard input, of which there is none. */
    PATTERN(FORM_TEXT, "grep|rg|ag|ack -n|-r|-rn|-nr|-R|-Rn {word}"),
    PATTERN(FORM_NAME, "find|locate [me] [the|a|an|my|our] {file} [here]"),
    PATTERN(FORM_NAME, "look for [the|a|an|my|our] {file} [here]"),
    PATTERN(FORM_NAME, "find|locate [me] [the|a|an|my|our] {file} in [the|this|my|our] " HERE),
    PATTERN(FORM_NAME, "is|are there [a|an|any|the] {path} [file] [here|there]"),
    PATTERN(FORM_NAME, "do|does i|we|you|it [have|has] [a|an|any|the] {path} [file] [here]"),
    PATTERN(FORM_PLACE, "where is|are [the|a|an|my|our] {file} [here]"),
    PATTERN(FORM_PLACE, "where is|are [the|a|an|my|our] {file} in [the|this|my|our] " HERE),
    PATTERN(FORM_PLACE, "where can|do i|we find [the|a|an|my|our] {file} [here]"),
    PATTERN(FORM_TEXT, "find|search|grep|locate|look|hunt [up] [for] {a} " IN " [the] [file|"
                       "files|directory|folder] {file}"),
    PATTERN(FORM_TEXT, "search|grep|look [through|in|inside] [the] [file|files|directory|"
                       "folder] {file} for {a}"),
    PATTERN(FORM_TEXT, "in [the] [file|directory] {file} find|search|grep|locate|look [for] {a}"),
    PATTERN(FORM_TEXT, "find|search|grep|locate|look|hunt [up] [for] {a}"),
    PATTERN(FORM_TEXT, "find|search|grep|locate|look|hunt [up] [for] {a} " IN " [all] [the|this|"
                       "my|our] " PLACES "|it|this|that|input|stdin|text|log"),
    PATTERN(FORM_TEXT, "search|grep [in|through] [all] [the|this|my|our] " PLACES " for {a}"),
    PATTERN(FORM_TEXT, "find|search|grep|locate|look [up] [for] {a} in|inside|within|across "
                       "[all] [the] {glob} [files]"),
    PATTERN(FORM_HEADERS, "find|list|show|which|what [me] [all|every] [the|our] [c|c++|header] headers [are] [there|here]"),
    PATTERN(FORM_HEADERS, "where are [all] [the|our] headers"),
    PATTERN(FORM_FILES, "find|list|show [me] [all|every] [the] {word} files|scripts|sources|"
                        "headers"),
    PATTERN(FORM_FILES, "find|list|show [me] [all|every] [the] {word} source|code files|file"),
    PATTERN(FORM_FILES, "find|list|show [me] [all|every] [the] {glob} [files]"),
    PATTERN(FORM_FILES, "which|what {word} files|scripts|headers are|exist [there] [here]"),
    PATTERN(FORM_TESTS, "which|what tests are|exist|do [there|we|i] [have] [here]"),
    PATTERN(FORM_TESTS, "list|show|find [me] [all] [the|my|our] tests"),
    PATTERN(FORM_TESTS, "where are [all] [the|my|our] tests"),
    PATTERN(FORM_TESTS, "are there [any|some] tests [here]"),
    PATTERN(FORM_FILES, "which|what files end|ends in|with|on {glob}"),
    PATTERN(FORM_FILES, "which|what {glob} files are [there|here]"),
    PATTERN(FORM_FILES, "find|list|show|display|give|get|locate|search|see [me] [for] [all|every|any] [the|of] [the] {glob} "
                        "[files|here]"),
    PATTERN(FORM_FILES, "find|list|show|display|give|get|locate|search [me] [for] [all|every|any] [the] files|names with [the] "
                        "ending|suffix|extension {glob}"),
    PATTERN(FORM_FILES, "is|are there [any|a] {glob} [file|files] [here|there]"),
    PATTERN(FORM_FILES, "which|what {glob} files exist|exists [there|here]"),
    PATTERN(FORM_DEFINITION, "find|list|show|search|locate|give|get [me] [for] [all|every|each|any] [the] use|uses|usage|"
                             "usages|reference|references|caller|callers|calls of|to|for [the] [function|symbol|"
                             "variable|type|macro|constant|method] {a}"),
    PATTERN(FORM_DEFINITION, "which|what places|functions|files|lines [that] use|uses|call|calls|reference|references {symbol}"),
    PATTERN(FORM_TEXT, "find|search|grep|locate|look [for] [the] text|string|word|words|phrase {a} " IN " [all] [the|this|"
                       "my|our] " PLACES),
    PATTERN(FORM_REGEX, "find|search|grep [for] [lines] [matching|regex|regexp|pattern] [the] "
                        "regex|regexp|pattern|matching {a}"),
    PATTERN(FORM_REGEX, "find|search|grep [for] [lines] [matching] [the] regex|regexp|pattern|"
                        "matching {a} " IN " {file}"),
    PATTERN(FORM_DEFINITION,
            "where [is|are|do|does] [the] [we|i|it] [function|symbol|variable|"
            "type|macro|constant|method|text|string|word] {a} [is|are|get|gets] defined|"
            "declared|implemented|used|called|mentioned|set|found|appear|appears|occur|occurs|"
            "located|referenced|come|comes|handled [from]"),
    PATTERN(FORM_DEFINITION,
            "where [is|are|do|does] [the] [we|i|it] [function|symbol|variable|"
            "type|macro|constant|method|text|string|word] {a} [is|are] defined|declared|"
            "implemented|used|called|mentioned|set|found|appear|appears|occur|occurs|referenced " IN
            " [the] {file}"),
    PATTERN(FORM_DEFINITION,
            "where's [the] [function|symbol|variable|type|macro|constant|method|text|string|word] "
            "{a} defined|declared|implemented|used|called|mentioned|set|found [" IN "] [the|this|"
            "our|my] [" PLACES "]"),
    PATTERN(FORM_DEFINITION, "where do|does|did [we|i|you|it|they] use|call|define|mention|set|"
                             "declare|say {a}"),
    PATTERN(FORM_DEFINITION, "where is|are [the] [function|symbol|variable|type|macro|constant|"
                             "method|text|string|word] {a}"),
    PATTERN(FORM_TEXT, "where do|does|did [we|i|you|it|they] handle|process|check|parse|create|open|read|write|print|make|"
                       "compute|store|load|start|stop|catch|free {a}"),
    PATTERN(FORM_TEXT,
            "which|what files|file|lines|places|functions [that] contain|contains|"
            "mention|mentions|use|uses|call|calls|include|includes|reference|references|have|"
            "has|define|defines|import|imports|say|says|match {a}"),
    PATTERN(FORM_DEFINITION, "who|what calls|uses|references|mentions|includes|imports {a}"),
    PATTERN(FORM_DEFINITION,
            "who|what calls|uses|references|mentions|includes|imports {a} " IN " {file}"),
    PATTERN(FORM_TEXT,
            "show|list|give|get|print [me] [all] [the|every] occurrences|uses|usages|"
            "references|mentions|instances|lines|matches|places [containing|with|that] [contain|"
            "mention] [of|to|for] {a}"),
    PATTERN(FORM_TEXT,
            "show|list|give|get|print [me] [all] [the|every] occurrences|uses|usages|"
            "references|mentions|instances|lines|matches|places [containing|with|that] [contain|"
            "mention] [of|to|for] {a} " IN " {file}"),
    PATTERN(FORM_TEXT, "list|show|find|search [me] [for] [all|any|every] [the] {a} comments|"
                       "comment|notes|markers"),
    PATTERN(FORM_TEXT, "find|search|grep|locate|look [up] [for] [the|all|any|every] " THING " {a}"),
    PATTERN(FORM_TEXT, "find|search|grep|locate|look [up] [for] [the|all|any|every] " THING
                       " {a} " IN " [the] [file|directory|folder] {file}"),
    PATTERN(FORM_TEXT, "how often|many [times] does|is|do|are {a} [used|occur|appear|called|"
                       "mentioned|there] [in|here]"),
    PATTERN(FORM_TEXT, "how often|many [times] does|is|do|are {a} used|occur|appear|called|"
                       "mentioned|there " IN " {file}"),
    PATTERN(FORM_TEXT, "[count] how often|many [times] {a} appears|occurs|is [used|called|mentioned|"
                       "there]"),
    PATTERN(FORM_TEXT, "[count] how often|many [times] {a} appears|occurs " IN " [the] {file}"),
    PATTERN(FORM_DEFINITION, "show|list|give|find [me] everything|anything|all|whatever [that] includes|uses|"
                       "calls|mentions|contains|imports|references|include|use|call|mention {a}"),
    PATTERN(FORM_TEXT, "count [the] [occurrences|uses|lines] [of|with] {a}"),
    PATTERN(FORM_TEXT, "count [the] [occurrences|uses|lines] [of|with] {a} " IN " {file}"),
    PATTERN(FORM_TEXT, "is|are there [any|a|an] {a} " IN " {file}"),
    PATTERN(FORM_TEXT, "is|are there [still] [any|a|an|some] {a} left|remaining|anywhere"),
    PATTERN(FORM_TEXT, "is|are there [still] [any|a|an|some] {a} left|remaining|anywhere " IN
                       " [all] [the|this|our|my] " PLACES),
    PATTERN(FORM_TEXT, "is|are there [still] [any|a|an|some] {a} " IN " [all] [the|this|our|my] " PLACES),
    PATTERN(FORM_DEFINITION, "is|are there [a|an|any] function|macro|type|struct|variable|class|"
                             "method|constant|symbol [named|called] {a}"),
    PATTERN(FORM_TEXT, "does|do {path} contain|mention|use|call|include|have {a}"),
    PATTERN(FORM_DEFINITION, "does anything|anyone|something|anybody use|call|mention|reference|"
                             "include {a}"),
    PATTERN(FORM_FILES, "find|locate|list|show|search|look [me] [for] [all|any|every] [the] files|"
                        "file named|called|matching|ending [in|with|like] {a}"),
    PATTERN(FORM_FILES, "find|locate|list|show|search|look|which|what [me] [for] [all|any|every] [the] "
                        "files|file [that] named|called|matching|ending|end|ends [in|with|like] {glob}"),
    PATTERN(FORM_FILES, "do|does|have [we|i|you|it] [have|got|contain] [any|some|a] {word} files|scripts|sources|headers [here|at] [all]"),
    PATTERN(FORM_FILES, "do|does|have [we|i|you|it] [have|got|contain] [any|some|a] {glob} [files] [here|at] [all]"),
    PATTERN(FORM_FILES, "is|are there [any|a|some] {word} files|scripts|sources|headers [here|there]"),
    PATTERN(FORM_EXPLAIN, "what is|does|are [a|an|the] [function|macro|type|variable|"
                          "constant] {symbol} [do|mean|for|used|about] [for]"),
    PATTERN(FORM_EXPLAIN, "explain|describe|show [me] [the] [function|macro|type|variable|"
                          "constant] {symbol}"),
    PATTERN(FORM_EXPLAIN, "what is|does [the] function|macro|type|class|struct|method|variable|constant {word} "
                          "[do|mean|for]"),
    PATTERN(FORM_EXPLAIN, "explain|describe|show [me] [the] [definition|code|body|source] [of] [the] function|macro|type|"
                          "class|struct|method {word}"),
    PATTERN(FORM_EXPLAIN, "show|give [me] [the] definition|code|body|source of {symbol}"),
    PATTERN(FORM_EXPLAIN, "how does [the] [function|method|macro|class] {symbol} work"),
    PATTERN(FORM_FILES, "find|locate|search [for] [the] file {file}"),
    PATTERN(FORM_FILES, "where is|are [the] file {file}"),
    PATTERN(FORM_FILES, "which|what files are|is named|called {a}"),
    PATTERN_END,
};

static const char *const examples[] = {
    "find \"main\" in src/",
    "where is buf_add used?",
    "find files named *.md",
    NULL,
};

const struct offline_kind offline_find = {
    .name = "find-text",
    .help = "search the files for a text, and show the lines by file",
    .words = "find search grep where text occurrences used defined called contains locate look "
             "which files uses references",
    .examples = examples,
    .patterns = patterns,
    .plan = find_plan,
};
