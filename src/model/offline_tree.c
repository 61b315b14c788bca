/* SPDX-License-Identifier: MIT
 *
 * offline_tree: the kind explain-tree: lists a directory and the levels below, reads its README,
 * and says what lies where, how it is built and where to begin.
 */
#include "model/offline_kind.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DIRS_MAX = 200, DIRS_SHOWN = 30, SORTS_MAX = 40, TOP_FILES_SHOWN = 60, EXT_MAX = 15 };

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

static void take_file(struct tree *t, struct str path, int64_t bytes)
{
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
        offline_call(m, "ls", "path", arena_strndup(t->a, path.p, path.n), "#recursive", "true",
                     "#max_depth", "3", NULL);
        return;
    }
    if (listing->is_error) {
        offline_say_failed(m, listing, arena_printf(t->a, "list `%.*s`", STR_ARG(path)));
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
    tree_plan(t, path, m);
}

#define PLACE                                                                                      \
    "tree|structure|layout|directory|directories|folder|folders|project|repo|repository|codebase|" \
    "workspace|sources|code|organization|organisation|architecture|program"

static const struct offline_pattern patterns[] = {
    PATTERN(0, "explain|describe|show|list|print|give|draw|summarize|summarise|map|outline|"
               "analyze|explore [me|us] [a|an|the|this|my|our] [whole|entire|current|file|files|"
               "source|project|directory|code] [an] [overview|summary|map] [of] [the|this|my|our] "
               "[file|files|source|project|directory|code] " PLACE " [tree|structure|layout|here|"
               "to] [me|of|in|under] [the|this] [project|repo|repository|workspace|directory|"
               "codebase]"),
    PATTERN(0, "explain|describe|show|list|print|give|summarize|summarise|explore [me] [the|a] "
               "[file|files|directory] " PLACE "|overview|files of|in|under|below|at|for [the] "
               "[directory|folder] {file}"),
    PATTERN(0,
            "[an|the] overview|tour|structure|layout|tree|map [of] [the|this|my] [" PLACE "|here]"),
    PATTERN(0, "[an] overview|structure|layout|tree of|in|under {file}"),
    PATTERN(0, "give [me|us] [a|an] [short|brief|quick] overview|tour|map|summary [of] [the|"
               "this|my|our] [" PLACE "|files|code]"),
    PATTERN(0, "what is|are this|the|these|that [about] [" PLACE "|files|here] [about|for|do|"
               "here|there]"),
    PATTERN(0, "what is|are here|there|in|inside [here|there|the|this|my] [" PLACE "|files] "
               "[here]"),
    PATTERN(0, "what's here|in|inside [here|this|the|my] [" PLACE "|files]"),
    PATTERN(0, "what's this " PLACE " [about|for]"),
    PATTERN(0, "what does this|the " PLACE " do|contain|have"),
    PATTERN(0, "which|what files|directories|folders are|do|exist|lie [there|we|i] [here|in|"
               "have|exist] [this|the|here] [" PLACE "] [here]"),
    PATTERN(0, "what|which files|directories are|lie [there] in|under|below {file}"),
    PATTERN(0, "how is|are this|the|my|our [" PLACE "] [code|files] organized|organised|"
               "structured|laid|arranged|built|put [out|together|up]"),
    PATTERN(0, "where do|should|can|to [i|we] start|begin [reading|here|with] *"),
    PATTERN(0, "what is|does this|the " PLACE " [do|about] *"),
    PATTERN(0, "tell [me|us] about|what this|the|my [" PLACE "] [is|does] *"),
    PATTERN(0, "list|show [me] [all|the] files|directories|everything [here|in|of|under] [this|"
               "the|here] [" PLACE "] [here]"),
    PATTERN(0, "list|ls|tree|dir [the] [files|contents] [in|of|under] {path}"),
    PATTERN(0, "ls|tree|dir {file}"),
    PATTERN(0, "list [me] [all] [the] files|contents|everything in|of|under|below {file}"),
    PATTERN(0, "what is|lies in|inside|under|below [the] [directory|folder] {word}"),
    PATTERN(0, "what's in|inside|under|below [the] [directory|folder] {word}"),
    PATTERN(0, "what is|are|lies|lives|sits|goes|belongs [there] in|inside|under|below [the] {file} "
               "directory|folder"),
    PATTERN(0, "what lies|lives|sits|goes|belongs in|inside|under|below [the] {file}"),
    PATTERN(0, "what's the|this|my|our [" PLACE "] structure|layout|organization|organisation|"
               "architecture [of|here] [the|this|my|our] [" PLACE "]"),
    PATTERN(0, "what is the|this|my|our [" PLACE "] structure|layout|organization|organisation|"
               "architecture [of|here] [the|this|my|our] [" PLACE "]"),
    PATTERN(0, "what kind|sort|type of [a] " PLACE "|thing|software is this|it|that"),
    PATTERN(0, "explain|describe|show|list|print|give|summarize|summarise|explore [me] [the|a] "
               "[file|directory] " PLACE "|overview|map of|in|for [the|this|my|our] [whole|entire|"
               "source] " PLACE),
    PATTERN(0, "summarize|summarise|explain|describe [all] [the] files in|of|under|below [the] "
               "[directory] {file}"),
    PATTERN(0, "how big|large is this|the|my|our " PLACE),
    PATTERN(0, "how many files|directories are|does [there] [here|in|this|the] [this|the] [" PLACE
               "] [have|contain]"),
    PATTERN(0, "how many files|directories are [there] in|under|below {file}"),
    PATTERN(0, "count [all] [the] files|directories [here]"),
    PATTERN(0, "count [all] [the] files|directories in|under|below {file}"),
    PATTERN(0, "how do|can|to|is|does [i|we|you|one|this|it|the] build|compile|install|built|"
               "compiled|test|run [this|it|the|all] [" PLACE "|tests|test|it|thing] [built|compiled|"
               "suite|installed]"),
    PATTERN(0, "what|which [programming] language|languages is|are|does [this|the|it] [" PLACE
               "] [written|use|used|made] [in|here]"),
    PATTERN(0, "explain|describe|summarize|summarise [this|the|my|our] code|sources"),
    PATTERN(0, "ls|tree|dir|ll"),
    PATTERN(0, "look|have around|a [look] [around|here]"),
    PATTERN(0, "walk|show|guide|take [me|us] through|around [the|this|my|our] [" PLACE "]"),
    PATTERN(0, "understand|inspect|explore|study [the|this|my|our] " PLACE ""),
    PATTERN(0, "help [me] [to] understand|navigate [the|this|my|our] " PLACE ""),
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
