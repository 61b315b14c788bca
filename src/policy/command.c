/* SPDX-License-Identifier: MIT
 *
 * command: from words to effects. Each look can only make a command worse, never better; what is
 * not recognised stays what its program's row says, and a program without a row is unknown.
 */
#include "policy/command.h"

#include "base/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "policy/sed.h"

enum { PATTERN_STEPS = 2000 };

static const struct {
    const char *pattern;
    bool secret;
} secrets[] = {
#define SECRET(pattern) {pattern, true},
#define EXCEPT(pattern) {pattern, false},
#include "policy/secrets.def"
#undef SECRET
#undef EXCEPT
};

/* Directories that a command may name without leaving what everybody may read. */
static const char *const common[] = {"/dev/null", "/usr/include/", "/usr/lib/", "/usr/share/"};

/* What a judgement needs besides the command itself. */
struct judge {
    const struct command_place *place;
    struct arena *arena;
    const char *cwds[COMMAND_CWDS_MAX]; /* where the command may stand */
    size_t n_cwds;
};

/* ---- secrets ---- */

/* Can one name match both patterns? Classes count as any character. *steps bounds the search; a
 * pattern that uses them up is taken to match. */
static bool patterns_meet(const char *a, const char *b, int *steps)
{
    if ((*steps)-- <= 0)
        return true;
    if (*a == '*' || *b == '*') {
        const char *star = *a == '*' ? a : b, *other = *a == '*' ? b : a;
        if (patterns_meet(star + 1, other, steps))
            return true;
        return *other && patterns_meet(star, other + 1, steps);
    }
    if (!*a || !*b)
        return *a == *b;
    if (*a == '[' || *b == '[') {
        const char *end_a = *a == '[' ? strchr(a + 1, ']') : a;
        const char *end_b = *b == '[' ? strchr(b + 1, ']') : b;
        return !end_a || !end_b || patterns_meet(end_a + 1, end_b + 1, steps);
    }
    if (*a != '?' && *b != '?' && strncasecmp(a, b, 1) != 0)
        return false;
    return patterns_meet(a + 1, b + 1, steps);
}

/* The same where the first is a word of the shell, whose globs do not stand for a dot in front. */
static bool word_meets(const char *word, const char *pattern)
{
    int steps = PATTERN_STEPS;
    if (pattern[0] == '.' && strchr("*?[", word[0]))
        return false;
    return patterns_meet(word, pattern, &steps);
}

/* "id_rsa*" without its end: nearly every pattern meets one that goes on with anything. */
static void stem_of(const char *pattern, char *stem, size_t size)
{
    snprintf(stem, size, "%s", pattern);
    size_t n = strlen(stem);
    if (n > 1 && stem[n - 1] == '*')
        stem[n - 1] = '\0';
}

bool command_secret(const char *path, bool globs)
{
    char stem[64];
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    for (size_t i = 0; i < ARRAY_LEN(secrets); i++) {
        if (!globs) {
            if (fnmatch(secrets[i].pattern, name, FNM_CASEFOLD) == 0)
                return secrets[i].secret;
            continue;
        }
        stem_of(secrets[i].pattern, stem, sizeof(stem));
        if (secrets[i].secret && word_meets(name, stem))
            return true;
    }
    return false;
}

bool command_mentions(struct str text, const char *name, struct arena *a)
{
    char *plain = arena_new(a, text.n + 1);
    size_t n = 0, len = strlen(name);
    for (size_t i = 0; i < text.n; i++)
        if (!strchr("'\"\\", text.p[i]))
            plain[n++] = text.p[i];
    for (char *word = plain; *(word += strspn(word, " \t\n;|&<>(){}$`=/,:@![]*?#~^%"));) {
        size_t end = strcspn(word, " \t\n;|&<>(){}$`=/,:@![]*?#~^%");
        if (end == len && memcmp(word, name, len) == 0)
            return true;
        word += end;
    }
    return false;
}

/* ---- paths ---- */

/* The part of a word that may be a path: what follows "=", or the first "/" of an option. */
static const char *path_part(const char *word)
{
    if (word[0] != '-')
        return word;
    const char *equals = strchr(word, '=');
    if (equals)
        return equals + 1;
    return strchr(word, '/');
}

static bool climbs(const char *path)
{
    struct str rest = str_of(path), part;
    while (str_split(&rest, '/', &part))
        if (str_is(part, ".."))
            return true;
    return false;
}

static bool is_common(const char *path)
{
    for (size_t i = 0; i < ARRAY_LEN(common); i++) {
        size_t n = strlen(common[i]);
        if (strncmp(path, common[i], n) == 0 && (common[i][n - 1] == '/' || path[n] == '\0'))
            return true;
    }
    return false;
}

/* Has a pattern a component that may become .git or .tau? */
static bool may_be_guarded(const char *pattern, struct arena *a)
{
    struct str rest = str_of(pattern), part;
    while (str_split(&rest, '/', &part)) {
        const char *name = arena_strndup(a, part.p, part.n);
        if (word_meets(name, ".git") || word_meets(name, ".tau"))
            return true;
    }
    return false;
}

struct look {
    bool out, guarded, secret;
};

/* A path from one directory. A ".." leads out, since a link before it would take it elsewhere. */
static void look_from(const struct judge *j, const char *cwd, const char *path, bool globs,
                      struct look *ret_look)
{
    struct err e = ERR_INIT;
    const char *full =
        path[0] == '/' || !cwd[0] ? path : arena_printf(j->arena, "%s/%s", cwd, path);
    const char *relative = path_relative(j->place->root, full, j->arena, &e);
    if (climbs(path) || !relative) {
        ret_look->out = true;
        return;
    }
    if (globs) { /* which link it would be is not known yet; the sandbox sees to it */
        ret_look->guarded |= may_be_guarded(relative, j->arena);
        return;
    }
    const char *real = path_real(j->place->root, relative, j->arena);
    ret_look->guarded |= path_protected(j->place->root, relative, j->place->protected_paths);
    ret_look->secret |= real && command_secret(real, false);
    CLEANUP(fd_close_p) int fd = path_open(j->place->root, relative, O_PATH, false, &e);
    ret_look->out |= fd < 0 && e.code == ERR_OUTSIDE;
}

/* "HEAD:path" and "remote:path": what follows the colon names a file, too. */
static const char *last_name(const char *word)
{
    const char *colon = strrchr(word, ':');
    return colon && colon[1] ? colon + 1 : word;
}

/* Looks at one word as a path, from every place where the command may stand. shows: its content
 * would be seen. */
static void look_at_path(struct judge *j, struct command_part *part, const char *path, bool globs,
                         bool shows)
{
    struct look look = {0};
    if (!path || !path[0] || strcmp(path, "-") == 0)
        return;
    look.secret = command_secret(last_name(path), globs);
    bool harmless = path[0] == '/' && is_common(path) && !climbs(path);
    for (size_t i = 0; i < j->n_cwds && !harmless; i++)
        look_from(j, j->cwds[i], path, globs, &look);
    if (look.out && !part->outside)
        part->outside = path;
    if (look.guarded && !part->guarded)
        part->guarded = path;
    if (look.secret && shows && !part->secret)
        part->secret = path;
}

/* Names of files from a file: what is in that one is shown when it holds none ("cannot open ..."). */
static bool takes_list(const struct shell_command *c, size_t from)
{
    static const char *const options[] = {"--files0", "-files0", "--fromf", "--from-f"};
    bool is_file = from > 0 && strcmp(c->words[from - 1], "file") == 0;
    for (size_t i = from; i < c->n; i++) {
        const char *word = c->words[i];
        for (size_t k = 0; k < ARRAY_LEN(options); k++)
            if (strncmp(word, options[k], strlen(options[k])) == 0)
                return true;
        if (is_file && word[0] == '-' && (strncmp(word, "--f", 3) == 0 || (word[1] != '-' && strchr(word, 'f'))))
            return true;
    }
    return false;
}

static void look_at_words(struct judge *j, struct command_part *part, size_t from, size_t skip)
{
    const struct shell_command *c = part->shell;
    unsigned flags = part->program ? part->program->flags : 0;
    bool shows = !(flags & (PROGRAM_NAMES | PROGRAM_TEXT)) || takes_list(c, from);
    for (size_t i = from; i < c->n; i++) {
        if (i == skip || ((flags & PROGRAM_TEXT) && !c->globs[i]))
            continue;
        const char *word = c->words[i], *equals = strchr(word, '=');
        look_at_path(j, part, path_part(word), c->globs[i], shows);
        if (word[0] == '-' && word[1] && word[1] != '-' && word[2]) /* -fx; -rf/x is met above */
            look_at_path(j, part, word + 2, c->globs[i], shows);
        if (equals && word[0] != '-') /* of=x */
            look_at_path(j, part, equals + 1, c->globs[i], shows);
    }
}

/* The index of the pattern of grep and its like, which is no path; 0 when -e or -f gives it, or
 * when the shell may turn a word into that. */
static size_t pattern_word(const struct shell_command *c, size_t from)
{
    size_t first = 0;
    for (size_t i = from; i < c->n; i++) {
        const char *word = c->words[i];
        if (c->globs[i] && strchr("-*?[", word[0]))
            return 0;
        if (word[0] == '-' && word[1] == '-' &&
            (strncmp(word, "--re", 4) == 0 || strncmp(word, "--f", 3) == 0))
            return 0;
        if (word[0] == '-' && word[1] != '-' && strpbrk(word, "ef"))
            return 0;
        if (!first && !(word[0] == '-' && word[1]))
            first = i;
    }
    return first;
}

/* ---- git ---- */

/* Would git, standing here, take a directory of the workspace for a bare repository? Its config
 * would then be one that file tools may write. */
static bool bare_repository(const struct judge *j, const char *cwd)
{
    char dir[PATH_BYTES_MAX + 8];
    snprintf(dir, sizeof(dir), "%s", cwd);
    for (;;) {
        struct err e = ERR_INIT;
        const char *slash = dir[0] ? "/" : "";
        const char *git = arena_printf(j->arena, "%s%s.git", dir, slash);
        const char *head = arena_printf(j->arena, "%s%sHEAD", dir, slash);
        CLEANUP(fd_close_p) int found = path_open(j->place->root, git, O_PATH, false, &e);
        if (found >= 0)
            return false;
        CLEANUP(fd_close_p) int bare = path_open(j->place->root, head, O_PATH, false, &e);
        if (bare >= 0)
            return true;
        char *cut = strrchr(dir, '/');
        if (!dir[0])
            return false;
        *(cut ? cut : dir) = '\0';
    }
}

/* The options that may stand before git's subcommand without changing what it does. */
static bool plain_global(const char *word)
{
    static const char *const plain[] = {"--no-pager", "--no-optional-locks", "--literal-pathspecs"};
    for (size_t i = 0; i < ARRAY_LEN(plain); i++)
        if (strcmp(word, plain[i]) == 0)
            return true;
    return false;
}

/* Finds the subcommand of a program that has them; returns the index after it. What stands between
 * (git -c, npm --prefix) leaves the command unknown, or makes it run others. */
static size_t find_sub(struct judge *j, struct command_part *part)
{
    const struct shell_command *c = part->shell;
    bool git = strcmp(part->name, "git") == 0;
    size_t at = 1;
    while (git && at < c->n && plain_global(c->words[at]))
        at++;
    if (at < c->n && (c->words[at][0] == '-' || c->globs[at])) {
        bool runs = git && program_has_option(c, at, "cp", "config-env exec-path paginate");
        part->class = runs ? COMMAND_RUNS : COMMAND_UNKNOWN;
        part->raised = true;
        part->why = arena_printf(j->arena, "%s %s: changes what it runs", part->name, c->words[at]);
        return 0;
    }
    if (at == c->n)
        return at;
    part->sub = c->words[at];
    const struct program *row = program_find(part->name, part->sub);
    if (row)
        part->program = row;
    return at + 1;
}

/* Words that make git run something wherever they stand. */
static bool git_runs(const struct shell_command *c)
{
    static const char *const parts[] = {"ext::", "upload-pack", "receive-pack", "%G",
                                        "%(signature"};
    for (size_t i = 1; i < c->n; i++)
        for (size_t k = 0; k < ARRAY_LEN(parts); k++)
            if (strstr(c->words[i], parts[k]))
                return true;
    return false;
}

static void judge_git(struct judge *j, struct command_part *part)
{
    if (git_runs(part->shell)) {
        part->class = COMMAND_RUNS;
        part->raised = true;
        part->why = "git: a word that makes it run a program";
        return;
    }
    if (part->class != COMMAND_READS)
        return;
    bool bare = false;
    for (size_t i = 0; i < j->n_cwds; i++)
        bare |= bare_repository(j, j->cwds[i]);
    if (!bare && j->place->repo_trusted)
        return;
    part->class = bare ? COMMAND_RUNS : COMMAND_UNKNOWN;
    part->raised = true;
    part->why = bare
                    ? "git: stands in a directory that looks like a bare repository"
                    : "git: without a sandbox, the configuration of an untrusted repository counts";
}

/* ---- single programs ---- */

/* bash evaluates the subscript of a variable's name, and with it any substitution. */
static bool subscripts(const struct shell_command *c)
{
    for (size_t i = 1; i < c->n; i++)
        if (strpbrk(c->words[i], "$`") || (strchr(c->words[i], '[') && c->words[i][1]))
            return true;
    return false;
}

/* Has a format of printf the conversion %n, with which bash sets any variable, PATH say? */
static bool assigns(const struct shell_command *c)
{
    for (size_t i = 1; i < c->n; i++) {
        for (const char *p = c->words[i]; (p = strchr(p, '%')); p++) {
            p += 1 + strspn(p + 1, "-+ #'0123456789.*hlLjzt$");
            if (*p == 'n')
                return true;
            if (!*p)
                break;
        }
    }
    return false;
}

/* From now on the commands may stand somewhere else: also where they stood, since a cd can fail. */
static bool change_directory(struct judge *j, const struct command_part *part)
{
    const struct shell_command *c = part->shell;
    if (c->n != 2 || c->words[1][0] == '-' || !c->words[1][0] || c->globs[1] || part->outside)
        return false;
    size_t before = j->n_cwds;
    for (size_t i = 0; i < before; i++) {
        struct err e = ERR_INIT;
        if (j->n_cwds == COMMAND_CWDS_MAX)
            return false;
        const char *full = j->cwds[i][0] && c->words[1][0] != '/'
                               ? arena_printf(j->arena, "%s/%s", j->cwds[i], c->words[1])
                               : c->words[1];
        const char *relative = path_relative(j->place->root, full, j->arena, &e);
        if (!relative)
            return false;
        j->cwds[j->n_cwds++] = relative;
    }
    return true;
}

static void raise_to(struct command_part *part, enum command_class class, const char *why)
{
    if (class <= part->class)
        return;
    part->class = class;
    part->raised = true;
    part->why = why;
}

static void judge_special(struct judge *j, struct command_part *part, size_t *skip)
{
    const struct shell_command *c = part->shell;
    if (strcmp(part->name, "sed") == 0 && !sed_reads(c, skip))
        raise_to(part, COMMAND_RUNS, "sed: an option or a script that may write or run");
    if (strcmp(part->name, "printf") == 0 && assigns(c))
        raise_to(part, COMMAND_RUNS, "printf: %n sets a variable");
    if ((strcmp(part->name, "test") == 0 || strcmp(part->name, "[") == 0) && subscripts(c))
        raise_to(part, COMMAND_RUNS, "test: a word that bash may evaluate");
    if (part->program && (part->program->flags & PROGRAM_REPO))
        judge_git(j, part);
}

/* ---- a command ---- */

/* A program by its path is the one of the table only in the system's own directories. */
static bool place_of_program(struct judge *j, struct command_part *part)
{
    const char *word = part->shell->words[0];
    const char *slash = strrchr(word, '/');
    if (!slash) {
        bool builtin = part->program && (part->program->flags & PROGRAM_BUILTIN);
        return builtin || !program_hijacked(word, j->place->path, j->place->root->path);
    }
    size_t n = (size_t)(slash - word);
    return (n == 4 && memcmp(word, "/bin", n) == 0) || (n == 8 && memcmp(word, "/usr/bin", n) == 0);
}

static void judge_redirects(struct judge *j, struct command_part *part)
{
    const struct shell_command *c = part->shell;
    for (size_t i = 0; i < c->n_redirects; i++) {
        const struct shell_redirect *r = &c->redirects[i];
        if (r->dup || strcmp(r->target, "/dev/null") == 0)
            continue;
        if (r->write && !part->writes)
            part->writes = r->target;
        look_at_path(j, part, r->target, r->globs, !r->write);
    }
}

static void judge_part(struct judge *j, struct command_part *part)
{
    const struct shell_command *c = part->shell;
    size_t from = 1, skip = 0;
    part->moved = j->n_cwds > 1 || j->cwds[0][0];
    program_basename(c->words[0], part->name, sizeof(part->name));
    part->program = program_find(part->name, NULL);
    part->class = part->program ? part->program->class : COMMAND_UNKNOWN;
    part->why = arena_printf(j->arena, "%s %s", part->name, command_class_text(part->class));
    if (part->program && (part->program->flags & PROGRAM_SUBS))
        from = find_sub(j, part);
    if (from && part->program) {
        bool by_option = false;
        part->class = program_class(part->program, c, from, &by_option);
        part->raised = by_option;
        part->why = by_option
                        ? arena_printf(j->arena, "%s: %s", part->program->name, part->program->why)
                        : arena_printf(j->arena, "%s %s", part->program->name,
                                       command_class_text(part->class));
    }
    if (part->program && (part->program->flags & PROGRAM_PATTERN))
        skip = pattern_word(c, from ? from : 1);
    judge_special(j, part, &skip);
    if (part->class == COMMAND_READS && !place_of_program(j, part)) {
        /* A rule for "ls" does not mean one that PATH finds in the workspace; one for "./ls" does.
         */
        bool named = strchr(c->words[0], '/') != NULL;
        raise_to(part, named ? COMMAND_UNKNOWN : COMMAND_RUNS,
                 arena_printf(j->arena, "%s: not the system's own program", c->words[0]));
    }
    look_at_words(j, part, from > 1 ? from : 1, skip);
    judge_redirects(j, part);
    if (strcmp(part->name, "cd") == 0 && !change_directory(j, part))
        raise_to(part, COMMAND_UNKNOWN, "cd: where it leads is not known");
    part->risk = program_risk(part->name, part->sub, c);
    bool touches = part->class != COMMAND_READS || part->writes;
    if (!part->risk && touches && part->outside)
        part->risk = "may write outside the workspace";
    if (!part->risk && touches && part->guarded)
        part->risk = "names a protected path";
}

/* Something from the network goes on into a program that runs what it reads. */
static bool runs_downloads(const struct command *c)
{
    bool network = false;
    for (size_t i = 0; i < c->n; i++) {
        const struct command_part *part = &c->parts[i];
        bool code = part->program && (part->program->flags & PROGRAM_CODE);
        if (network && (part->class == COMMAND_RUNS || code))
            return true;
        network |= part->class == COMMAND_NETWORK;
    }
    return false;
}

void command_judge(const struct command_place *place, struct str text, struct arena *a,
                   struct command *ret_command)
{
    struct judge j = {.place = place, .arena = a, .cwds = {place->cwd}, .n_cwds = 1};
    struct command c = {0};
    struct shell_list list;
    c.parsed = shell_parse(text, a, &list, &c.why);
    if (!c.parsed) {
        c.risk = "could not be understood";
        *ret_command = c;
        return;
    }
    c.n = list.n;
    c.parts = arena_array(a, list.n, sizeof(*c.parts));
    for (size_t i = 0; i < c.n; i++) {
        c.parts[i].shell = &list.commands[i];
        judge_part(&j, &c.parts[i]);
        if (!c.risk)
            c.risk = c.parts[i].risk;
    }
    if (!c.risk && runs_downloads(&c))
        c.risk = "runs what it downloads";
    *ret_command = c;
}

bool command_part_reads(const struct command_part *part)
{
    return part->class == COMMAND_READS && !part->outside && !part->secret && !part->writes;
}

bool command_reads(const struct command *c)
{
    for (size_t i = 0; i < c->n; i++)
        if (!command_part_reads(&c->parts[i]))
            return false;
    return c->parsed;
}
