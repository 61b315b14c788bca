/* SPDX-License-Identifier: MIT
 *
 * offline_tree: the kind explain-tree: lists a directory and the levels below, reads its README,
 * and says what lies where, how it is built and where to begin.
 */
#include "model/offline_kind.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DIRS_MAX = 200, DIRS_SHOWN = 30, SORTS_MAX = 40, TOP_FILES_SHOWN = 60, EXT_MAX = 15, LARGEST = 10 };

enum { FORM_TREE, FORM_LARGEST, FORM_LINES };

struct count {
    struct str name;
    size_t files;
    int64_t bytes;
};

struct tree {
    struct count dirs[DIRS_MAX];
    size_t n_dirs, more_dirs;
    struct count endings[SORTS_MAX];
    size_t n_endings;
    struct count largest[LARGEST]; /* files, the largest first */
    size_t n_largest;
    struct str top[TOP_FILES_SHOWN];
    size_t n_top, more_top;
    size_t files, all_dirs;
    int64_t bytes;
    struct str readme;
    bool cut;
};

/* ---- counting what ls says ---- */

static struct count *count_of(struct count *v, size_t *n, size_t max, struct str name)
{
    for (size_t i = 0; i < *n; i++)
        if (str_eq(v[i].name, name))
            return &v[i];
    if (*n == max)
        return NULL;
    v[*n] = (struct count){.name = name};
    return &v[(*n)++];
}

static struct str ending_of(struct str path)
{
    for (size_t i = path.n; i > 0 && path.p[i - 1] != '/'; i--)
        if (path.p[i - 1] == '.')
            return i > 1 && path.p[i - 2] != '/' && path.n - i < EXT_MAX
                       ? str_sub(path, i - 1, path.n)
                       : STR("");
    return STR("");
}

static void take_largest(struct tree *t, struct str path, int64_t bytes)
{
    size_t at = t->n_largest;
    while (at > 0 && t->largest[at - 1].bytes < bytes)
        at--;
    if (at == LARGEST)
        return;
    t->n_largest = MIN(t->n_largest + 1, (size_t)LARGEST);
    memmove(&t->largest[at + 1], &t->largest[at], (t->n_largest - at - 1) * sizeof(*t->largest));
    t->largest[at] = (struct count){.name = path, .bytes = bytes};
}

static void take_file(struct tree *t, struct str path, int64_t bytes)
{
    take_largest(t, path, bytes);
    ssize_t slash = str_index(path, '/');
    struct str ending = ending_of(path);
    t->files++;
    t->bytes += bytes;
    if (slash < 0) {
        if (t->n_top < TOP_FILES_SHOWN)
            t->top[t->n_top++] = path;
        else
            t->more_top++;
        if (str_starts(path, "README") && (!t->readme.n || str_ends(path, ".md")))
            t->readme = path;
    } else {
        struct count *dir =
            count_of(t->dirs, &t->n_dirs, DIRS_MAX, str_sub(path, 0, (size_t)slash));
        if (dir) {
            dir->files++;
            dir->bytes += bytes;
        }
    }
    struct count *sort = ending.n ? count_of(t->endings, &t->n_endings, SORTS_MAX, ending) : NULL;
    if (sort) {
        sort->files++;
        sort->bytes += bytes;
    }
}

/* "      1234  src/a.c" and "       dir  src/" */
static void take_listing(struct tree *t, struct str text)
{
    struct str line;
    while (str_line(&text, &line)) {
        struct str s = str_trim(line);
        ssize_t gap = str_find(s, STR("  "));
        int64_t bytes;
        if (str_starts(s, "[")) {
            t->cut = t->cut || str_find(s, STR("there is more")) >= 0;
            continue;
        }
        if (gap <= 0)
            continue;
        struct str path = str_trim(str_sub(s, (size_t)gap, s.n));
        struct str kind = str_sub(s, 0, (size_t)gap);
        if (str_i64(kind, &bytes)) {
            take_file(t, path, bytes);
        } else if (str_is(kind, "dir")) {
            t->all_dirs++;
            struct str name = str_ends(path, "/") ? str_sub(path, 0, path.n - 1) : path;
            if (str_index(name, '/') < 0 && !count_of(t->dirs, &t->n_dirs, DIRS_MAX, name))
                t->more_dirs++;
        }
    }
}

static int by_files(const void *a, const void *b)
{
    const struct count *x = a, *y = b;
    if (x->files != y->files)
        return x->files > y->files ? -1 : 1;
    return str_cmp(x->name, y->name);
}

static int by_bytes(const void *a, const void *b)
{
    const struct count *x = a, *y = b;
    if (x->bytes != y->bytes)
        return x->bytes > y->bytes ? -1 : 1;
    return str_cmp(x->name, y->name);
}

/* ---- what names tell ---- */

static const struct {
    const char *name, *text;
} usual_dirs[] = {
    {"src", "the sources"},
    {"lib", "library code"},
    {"include", "public headers"},
    {"test", "tests"},
    {"tests", "tests"},
    {"spec", "tests or specifications"},
    {"doc", "documentation"},
    {"docs", "documentation"},
    {"man", "manual pages"},
    {"examples", "examples"},
    {"example", "examples"},
    {"scripts", "scripts"},
    {"tools", "helper programs"},
    {"bin", "programs"},
    {"data", "data"},
    {"assets", "images and the like"},
    {"static", "files that are served"},
    {"public", "files that are served"},
    {"build", "what a build makes"},
    {"dist", "what a build makes"},
    {"target", "what a build makes"},
    {"vendor", "code of others"},
    {"third_party", "code of others"},
    {"node_modules", "packages"},
    {"cmd", "programs"},
    {"pkg", "packages"},
    {"internal", "internal packages"},
    {"ui", "the user interface"},
    {"web", "web pages"},
    {"bench", "benchmarks"},
    {".github", "checks that run on the server"},
    {".ci", "checks that run on the server"},
    {"ci", "checks that run on the server"},
    {"po", "translations"},
    {"locale", "translations"},
    {"migrations", "changes of a database"},
    {"config", "configuration"},
    {"include", "headers"},
};

static const struct {
    const char *name, *text;
} build_files[] = {
    {"configure.ac", "autotools (`./configure && make`)"},
    {"CMakeLists.txt", "CMake (`cmake -B build && cmake --build build`)"},
    {"meson.build", "Meson (`meson setup build && ninja -C build`)"},
    {"Cargo.toml", "Cargo (`cargo build`, `cargo test`)"},
    {"go.mod", "Go (`go build ./...`, `go test ./...`)"},
    {"package.json", "npm (`npm install`, `npm test`)"},
    {"pyproject.toml", "Python packaging (`pip install .`)"},
    {"setup.py", "Python packaging (`pip install .`)"},
    {"pom.xml", "Maven (`mvn package`)"},
    {"build.gradle", "Gradle (`gradle build`)"},
    {"Gemfile", "Bundler (`bundle install`)"},
    {"Makefile", "make (`make`)"},
    {"Dockerfile", "a container image (`docker build .`)"},
    {"bootstrap", "a script of its own (`./bootstrap`)"},
};

static const char *dir_text(struct str name)
{
    for (size_t i = 0; i < ARRAY_LEN(usual_dirs); i++)
        if (str_is(name, usual_dirs[i].name))
            return usual_dirs[i].text;
    return NULL;
}

/* ---- the answer ---- */

static void say_size(struct offline_move *m, int64_t bytes)
{
    if (bytes < 10 * 1024)
        offline_say(m, "%s", offline_count(m->a, bytes, "byte"));
    else if (bytes < (int64_t)10 << 20)
        offline_say(m, "%lld KiB", (long long)(bytes >> 10));
    else
        offline_say(m, "%lld MiB", (long long)(bytes >> 20));
}

static void say_readme(const struct offline_turn *turn, struct offline_move *m,
                       const struct offline_result *readme)
{
    struct offline_turn only = *turn;
    struct offline_move unused = {.a = m->a};
    const struct offline_result *failed;
    struct doc d;
    if (!readme || readme->is_error)
        return;
    struct offline_result one = *readme;
    only.results = &one;
    only.n_results = 1;
    struct str path = offline_argument(turn, readme, "path");
    if (doc_read(&only, path, &unused, &d, &failed) == DOC_FAILED)
        return;
    bool later;
    struct str first = doc_first_paragraph(m->a, &d, &later);
    if (first.n)
        offline_say(m, "\nIts `%.*s` says: \"%.*s\"\n", STR_ARG(path), STR_ARG(first));
}

static void say_dirs(struct offline_move *m, struct tree *t)
{
    size_t shown = MIN(t->n_dirs, (size_t)DIRS_SHOWN);
    if (t->n_dirs == 0)
        return;
    offline_say(m, "\n**Directories**\n\n");
    for (size_t i = 0; i < shown; i++) {
        const char *text = dir_text(t->dirs[i].name);
        offline_say(m, "- `%.*s/`: %s, ", STR_ARG(t->dirs[i].name),
                    offline_count(m->a, (int64_t)t->dirs[i].files, "file"));
        say_size(m, t->dirs[i].bytes);
        offline_say(m, "%s%s\n", text ? "; by its name " : "", text ? text : "");
    }
    if (t->n_dirs + t->more_dirs > shown)
        offline_say(m, "- and %zu more\n", t->n_dirs + t->more_dirs - shown);
}

static void say_files(struct offline_move *m, struct tree *t)
{
    if (t->n_top) {
        offline_say(m, t->n_dirs ? "\n**Files at the top:** " : "\n**Files:** ");
        for (size_t i = 0; i < t->n_top; i++)
            offline_say(m, "%s`%.*s`", i ? ", " : "", STR_ARG(t->top[i]));
        if (t->more_top)
            offline_say(m, " and %zu more", t->more_top);
        offline_say(m, "\n");
    }
    qsort(t->endings, t->n_endings, sizeof(*t->endings), by_files);
    if (t->n_endings) {
        offline_say(m, "\n**By ending:** ");
        for (size_t i = 0; i < MIN(t->n_endings, (size_t)10); i++) {
            const struct doc_sort *sort = doc_sort_of_name(t->endings[i].name);
            offline_say(m, "%s%zu `%.*s`%s%s%s", i ? ", " : "", t->endings[i].files,
                        STR_ARG(t->endings[i].name), sort ? " (" : "",
                        sort ? doc_sort_name(sort) : "", sort ? ")" : "");
        }
        offline_say(m, "\n");
    }
}

static void say_hints(struct offline_move *m, const struct tree *t)
{
    bool any = false;
    for (size_t i = 0; i < ARRAY_LEN(build_files); i++)
        for (size_t k = 0; k < t->n_top; k++)
            if (str_is(t->top[k], build_files[i].name)) {
                offline_say(m, any ? ", %s" : "\n**Built with:** %s", build_files[i].text);
                any = true;
            }
    if (any)
        offline_say(m, ", as far as the names of the files tell.\n");
    if (t->readme.n)
        offline_say(m, "\nA good place to begin is `summarize %.*s`.\n", STR_ARG(t->readme));
}

static void say_tree(const struct offline_turn *turn, struct offline_move *m, struct tree *t,
                     struct str path, const struct offline_result *readme)
{
    bool here = str_is(path, ".");
    const char *name = here ? "The workspace" : arena_printf(m->a, "`%.*s`", STR_ARG(path));
    if (t->files == 0 && t->n_dirs == 0) {
        offline_say(m, "%s is empty, apart from what git ignores.\n", name);
        return;
    }
    offline_say(m, "%s holds %s%s in %s (", name, t->cut ? "more than " : "",
                offline_count(m->a, (int64_t)t->files, "file"),
                offline_count(m->a, (int64_t)t->all_dirs, "directory"));
    say_size(m, t->bytes);
    offline_say(m, "), without what git ignores and looking three levels deep.\n");
    if (t->cut)
        offline_say(m, "There is more than I was told of: what follows counts only the first of it.\n");
    say_readme(turn, m, readme);
    say_dirs(m, t);
    say_files(m, t);
    say_hints(m, t);
}

static void call_ls(const struct offline_turn *t, struct str path, const char *levels, struct offline_move *m)
{
    offline_call(m, "ls", "path", arena_strndup(t->a, path.p, path.n), "#recursive", "true", "#max_depth", levels, NULL);
}

static void say_unlisted(const struct offline_turn *t, const struct offline_result *listing, struct str path,
                         struct offline_move *m)
{
    offline_say_failed(m, listing, arena_printf(t->a, "list `%.*s`", STR_ARG(path)));
}

/* ---- the largest files, and lines ---- */

static void largest_plan(const struct offline_turn *t, struct str path, struct offline_move *m)
{
    if (t->n_results == 0) {
        call_ls(t, path, "16", m);
        return;
    }
    if (t->results[0].is_error) {
        say_unlisted(t, &t->results[0], path, m);
        return;
    }
    struct tree *tree = ARENA_NEW(t->a, struct tree);
    take_listing(tree, t->results[0].text);
    if (tree->n_largest == 0) {
        offline_say(m, "There is no file in `%.*s`.\n", STR_ARG(path));
        return;
    }
    offline_say(m, "The largest of %s%s:\n\n", tree->cut ? "the first " : "",
                offline_count(t->a, (int64_t)tree->files, "file"));
    for (size_t i = 0; i < tree->n_largest; i++) {
        offline_say(m, "- `%.*s`: ", STR_ARG(tree->largest[i].name));
        say_size(m, tree->largest[i].bytes);
        offline_say(m, "\n");
    }
}

/* "src/a.c:120", as git grep -c counts the lines of the files that it keeps. */
static void lines_plan(const struct offline_turn *t, struct offline_move *m)
{
    if (t->n_results == 0) {
        offline_call(m, "bash", "command", "git grep -I -c ''", NULL);
        return;
    }
    const struct offline_result *r = &t->results[0];
    if (r->is_error) {
        offline_say_failed(m, r, "count the lines of the files that git keeps");
        return;
    }
    struct tree *tree = ARENA_NEW(t->a, struct tree);
    struct str rest = r->text, line;
    int64_t n;
    while (str_line(&rest, &line)) {
        size_t colon = line.n;
        while (colon > 0 && line.p[colon - 1] != ':')
            colon--;
        /* With lines in the place of bytes. */
        if (colon > 1 && str_i64(str_sub(line, colon, line.n), &n))
            take_file(tree, str_sub(line, 0, colon - 1), n);
    }
    bool cut = diff_is_cut(r->text);
    offline_say(m, "%s%s in %s%s that git keeps, without those that are no text.\n", cut ? "More than " : "",
                offline_count(m->a, tree->bytes, "line"), cut ? "more than " : "",
                offline_count(m->a, (int64_t)tree->files, "file"));
    qsort(tree->endings, tree->n_endings, sizeof(*tree->endings), by_bytes);
    if (tree->n_endings)
        offline_say(m, "\n**By ending**\n\n");
    for (size_t i = 0; i < MIN(tree->n_endings, (size_t)LARGEST); i++) {
        const struct count *c = &tree->endings[i];
        const struct doc_sort *sort = doc_sort_of_name(c->name);
        offline_say(m, "- `%.*s`%s%s%s: %s in %s\n", STR_ARG(c->name), sort ? " (" : "", sort ? doc_sort_name(sort) : "",
                    sort ? ")" : "", offline_count(m->a, c->bytes, "line"),
                    offline_count(m->a, (int64_t)c->files, "file"));
    }
}

/* ---- the plans ---- */

void tree_plan(const struct offline_turn *t, struct str path, struct offline_move *m)
{
    const struct offline_result *listing = NULL, *readme = NULL;
    while (path.n > 1 && path.p[path.n - 1] == '/')
        path.n--;
    for (size_t i = 0; i < t->n_results; i++) {
        if (str_is(t->results[i].tool, "ls"))
            listing = &t->results[i];
        else if (listing && str_is(t->results[i].tool, "read"))
            readme = &t->results[i];
    }
    if (!listing) {
        call_ls(t, path, "3", m);
        return;
    }
    if (listing->is_error) {
        say_unlisted(t, listing, path, m);
        return;
    }
    struct tree *tree = ARENA_NEW(t->a, struct tree);
    take_listing(tree, listing->text);
    if (tree->readme.n && !readme) {
        const char *in = str_is(path, ".") ? "" : arena_printf(t->a, "%.*s/", STR_ARG(path));
        offline_call(m, "read", "path", arena_printf(t->a, "%s%.*s", in, STR_ARG(tree->readme)),
                     "#limit", "80", NULL);
        return;
    }
    say_tree(t, m, tree, path, readme);
}

static void plan(const struct offline_turn *t, const struct offline_match *match,
                 struct offline_move *m)
{
    struct str path = match->slots[SLOT_PATH].p   ? match->slots[SLOT_PATH]
                      : match->slots[SLOT_WORD].p ? match->slots[SLOT_WORD]
                                                  : STR(".");
    if (match->form == FORM_LARGEST)
        largest_plan(t, path, m);
    else if (match->form == FORM_LINES)
        lines_plan(t, m);
    else
        tree_plan(t, path, m);
}

#define PLACE                                                                                      \
    "tree|structure|layout|directory|directories|folder|folders|project|repo|repository|codebase|" \
    "workspace|sources|code|organization|organisation|architecture|program"

static const struct offline_pattern patterns[] = {
    PATTERN(FORM_TREE, "explain|describe|show|list|print|give|draw|summarize|summarise|map|outline|"
               "analyze|explore [me|us] [a|an|the|this|my|our] [whole|entire|current|file|files|"
               "source|project|directory|code] [an] [overview|summary|map] [of] [the|this|my|our] "
               "[file|files|source|project|directory|code] " PLACE " [tree|structure|layout|here|"
               "to] [me|of|in|under] [the|this] [project|repo|repository|workspace|directory|"
               "codebase]"),
    PATTERN(FORM_TREE, "explain|describe|show|list|print|give|summarize|summarise|explore [me] [the|a] "
               "[file|files|directory] " PLACE "|overview|files of|in|under|below|at|for [the] "
               "[directory|folder] {file}"),
    PATTERN(FORM_TREE,
            "[an|the] overview|tour|structure|layout|tree|map [of] [the|this|my] [" PLACE "|here]"),
    PATTERN(FORM_TREE, "[an] overview|structure|layout|tree of|in|under {file}"),
    PATTERN(FORM_TREE, "give [me|us] [a|an] [short|brief|quick] overview|tour|map|summary [of] [the|"
               "this|my|our] [" PLACE "|files|code]"),
    PATTERN(FORM_TREE, "what is|are this|the|these|that [about] [" PLACE "|files|here] [about|for|do|"
               "here|there]"),
    PATTERN(FORM_TREE, "what is|are here|there|in|inside [here|there|the|this|my] [" PLACE "|files] "
               "[here]"),
    PATTERN(FORM_TREE, "what's here|in|inside [here|this|the|my] [" PLACE "|files]"),
    PATTERN(FORM_TREE, "what's this " PLACE " [about|for]"),
    PATTERN(FORM_TREE, "what does this|the " PLACE " do|contain|have"),
    PATTERN(FORM_TREE, "which|what files|directories|folders are|do|exist|lie [there|we|i] [here|in|"
               "have|exist] [this|the|here] [" PLACE "] [here]"),
    PATTERN(FORM_TREE, "what|which files|directories are|lie [there] in|under|below {file}"),
    PATTERN(FORM_TREE, "how is|are this|the|my|our [" PLACE "] [code|files] organized|organised|"
               "structured|laid|arranged|built|put [out|together|up]"),
    PATTERN(FORM_TREE, "where do|should|can|to [i|we] start|begin [reading|here|with] *"),
    PATTERN(FORM_TREE, "what is|does this|the " PLACE " [do|about] *"),
    PATTERN(FORM_TREE, "tell [me|us] about|what this|the|my [" PLACE "] [is|does] *"),
    PATTERN(FORM_TREE, "list|show [me] [all|the] files|directories|everything [here|in|of|under] [this|"
               "the|here] [" PLACE "] [here]"),
    PATTERN(FORM_TREE, "list|ls|tree|dir [the] [files|contents] [in|of|under] {path}"),
    PATTERN(FORM_TREE, "ls|tree|dir {file}"),
    PATTERN(FORM_TREE, "list [me] [all] [the] files|contents|everything in|of|under|below {file}"),
    PATTERN(FORM_TREE, "what is|lies in|inside|under|below [the] [directory|folder] {word}"),
    PATTERN(FORM_TREE, "what's in|inside|under|below [the] [directory|folder] {word}"),
    PATTERN(FORM_TREE, "what is|are|lies|lives|sits|goes|belongs [there] in|inside|under|below [the] {file} "
               "directory|folder"),
    PATTERN(FORM_TREE, "what lies|lives|sits|goes|belongs in|inside|under|below [the] {file}"),
    PATTERN(FORM_TREE, "what's the|this|my|our [" PLACE "] structure|layout|organization|organisation|"
               "architecture [of|here] [the|this|my|our] [" PLACE "]"),
    PATTERN(FORM_TREE, "what is the|this|my|our [" PLACE "] structure|layout|organization|organisation|"
               "architecture [of|here] [the|this|my|our] [" PLACE "]"),
    PATTERN(FORM_TREE, "what kind|sort|type of [a] " PLACE "|thing|software is this|it|that"),
    PATTERN(FORM_TREE, "explain|describe|show|list|print|give|summarize|summarise|explore [me] [the|a] "
               "[file|directory] " PLACE "|overview|map of|in|for [the|this|my|our] [whole|entire|"
               "source] " PLACE),
    PATTERN(FORM_TREE, "summarize|summarise|explain|describe [all] [the] files in|of|under|below [the] "
               "[directory] {file}"),
    PATTERN(FORM_TREE, "how big|large is this|the|my|our " PLACE),
    PATTERN(FORM_TREE, "how many files|directories are|does [there] [here|in|this|the] [this|the] [" PLACE
               "] [have|contain]"),
    PATTERN(FORM_TREE, "how many files|directories are [there] in|under|below {file}"),
    PATTERN(FORM_TREE, "count [all] [the] files|directories [here]"),
    PATTERN(FORM_TREE, "count [all] [the] files|directories in|under|below {file}"),
    PATTERN(FORM_TREE, "how do|can|to|is|does [i|we|you|one|this|it|the] build|compile|install|built|"
               "compiled|test|run [this|it|the|all] [" PLACE "|tests|test|it|thing] [built|compiled|"
               "suite|installed]"),
    PATTERN(FORM_TREE, "what|which [programming] language|languages is|are|does [this|the|it] [" PLACE
               "] [written|use|used|made] [in|here]"),
    PATTERN(FORM_TREE, "explain|describe|summarize|summarise [this|the|my|our] code|sources"),
    PATTERN(FORM_TREE, "ls|tree|dir|ll"),
    PATTERN(FORM_LARGEST, "what|which is|are [the] biggest|largest|longest|heaviest file|files [here|in] [this|the] [" PLACE "]"),
    PATTERN(FORM_LARGEST, "show|list|find|name|print|give [me] [the] [ten] biggest|largest|longest|heaviest file|files "
                          "[here|in] [this|the] [" PLACE "]"),
    PATTERN(FORM_LARGEST, "what|which|show|list|find|name [me] [is|are] [the] biggest|largest|longest file|files in|below {file}"),
    PATTERN(FORM_LARGEST, "which|what file|files is|are [the] biggest|largest|longest"),
    PATTERN(FORM_LINES, "how many lines [of] [code|source|text] is|are|has|have|does [there] [in] [this|the|it|here] "
                        "[" PLACE "] [here|have]"),
    PATTERN(FORM_LINES, "[count] [the] lines of code|source [here|in] [this|the] [" PLACE "]"),
    PATTERN(FORM_LINES, "count [all] [the] lines [here|in] [this|the] [" PLACE "|files]"),
    PATTERN(FORM_TREE, "look|have around|a [look] [around|here]"),
    PATTERN(FORM_TREE, "walk|show|guide|take [me|us] through|around [the|this|my|our] [" PLACE "]"),
    PATTERN(FORM_TREE, "understand|inspect|explore|study [the|this|my|our] " PLACE ""),
    PATTERN(FORM_TREE, "help [me] [to] understand|navigate [the|this|my|our] " PLACE ""),
    PATTERN_END,
};

static const char *const examples[] = {
    "explain the tree",
    "what is in src/?",
    "how is this project organized?",
    NULL,
};

const struct offline_kind offline_tree = {
    .name = "explain-tree",
    .help = "list the files below a directory and say what lies where",
    .words = "tree structure layout directory folder project repo repository codebase files "
             "overview organized where list explain explore",
    .examples = examples,
    .patterns = patterns,
    .plan = plan,
};
