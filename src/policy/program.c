/* SPDX-License-Identifier: MIT
 *
 * program: rows are few hundred and a command has few words, so everything is a walk. Options are
 * matched wider than any program would: abbreviations, clusters, values that look like options.
 * What is matched too much asks once too often.
 */
#include "policy/program.h"

#include "base/fs.h"
#include "base/mem.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { OPTION_MAX = 64, PATH_DIRECTORIES_MAX = 256 };

static const struct program table[] = {
#define BUILTIN PROGRAM_BUILTIN
#define TEXT PROGRAM_TEXT
#define NAMES PROGRAM_NAMES
#define PATTERN PROGRAM_PATTERN
#define WORDS PROGRAM_WORDS
#define SUBS PROGRAM_SUBS
#define REPO PROGRAM_REPO
#define OLD PROGRAM_OLD
#define CODE PROGRAM_CODE
#define PROGRAM(name, class, flags, operands, shorts, longs, why)                                  \
    {name, COMMAND_##class, flags, OPERANDS_##operands, shorts, longs, why},
#include "policy/programs.def"
#undef PROGRAM
#undef BUILTIN
#undef TEXT
#undef NAMES
#undef PATTERN
#undef WORDS
#undef SUBS
#undef REPO
#undef OLD
#undef CODE
};

static const struct {
    const char *name, *sub, *shorts, *longs, *why;
} risks[] = {
#define RISK(name, sub, shorts, longs, why) {name, sub, shorts, longs, why},
#include "policy/risks.def"
#undef RISK
};

const struct program *program_table(size_t *ret_n)
{
    *ret_n = ARRAY_LEN(table);
    return table;
}

const char *command_class_text(enum command_class class)
{
    static const char *const texts[] = {
        [COMMAND_READS] = "only reads",         [COMMAND_WRITES] = "changes files",
        [COMMAND_NETWORK] = "uses the network", [COMMAND_UNKNOWN] = "is not known to be read-only",
        [COMMAND_RUNS] = "runs other programs",
    };
    return texts[class];
}

void program_basename(const char *word, char *buf, size_t size)
{
    const char *slash = strrchr(word, '/');
    snprintf(buf, size, "%s", slash ? slash + 1 : word);
    if (program_find(buf, NULL))
        return;
    /* Versions, python3.11 and gawk-5.1, but only towards the wary side: cat2 is not cat. */
    char stem[64];
    snprintf(stem, sizeof(stem), "%s", buf);
    size_t n = strlen(stem);
    while (n && strchr("0123456789.-", stem[n - 1]))
        stem[--n] = '\0';
    const struct program *row = n ? program_find(stem, NULL) : NULL;
    if (row && (row->class == COMMAND_RUNS || (row->flags & PROGRAM_CODE)))
        snprintf(buf, size, "%s", stem);
}

const struct program *program_find(const char *name, const char *sub)
{
    char both[128];
    if (snprintf(both, sizeof(both), "%s%s%s", name, sub ? " " : "", sub ? sub : "") >=
        (int)sizeof(both))
        return NULL;
    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        if (strcmp(table[i].name, both) == 0)
            return &table[i];
    /* The dynamic loader runs what it is given, under many names. */
    if (!sub && (strncmp(name, "ld-", 3) == 0 || strncmp(name, "ld.so", 5) == 0))
        return program_find("env", NULL);
    return NULL;
}

/* ---- options ---- */

/* One entry of a list: its kind, and its text without the mark. */
static enum command_class entry_class(struct str *entry)
{
    if (!str_starts(*entry, "!"))
        return COMMAND_WRITES;
    *entry = str_sub(*entry, 1, entry->n);
    return COMMAND_RUNS;
}

static enum command_class worst(enum command_class a, enum command_class b)
{
    return MAX(a, b);
}

/* The worst that a list holds: for a word that may become anything. */
static enum command_class list_worst(const char *shorts, const char *longs)
{
    if (!shorts[0] && !longs[0])
        return COMMAND_READS;
    return strchr(shorts, '!') || strchr(longs, '!') ? COMMAND_RUNS : COMMAND_WRITES;
}

/* whole: the names count only as they stand (find); otherwise also cut short (getopt_long). */
static enum command_class long_class(struct str name, const char *longs, bool whole)
{
    enum command_class class = COMMAND_READS;
    struct str rest = str_of(longs), entry;
    while (name.n && str_split(&rest, ' ', &entry)) {
        enum command_class is = entry_class(&entry);
        bool hit =
            whole ? str_eq(entry, name) : entry.n >= name.n && memcmp(entry.p, name.p, name.n) == 0;
        if (hit && entry.n)
            class = worst(class, is);
    }
    return class;
}

static enum command_class cluster_class(const char *letters, const char *shorts)
{
    enum command_class class = COMMAND_READS;
    for (const char *s = shorts; *s; s++) {
        enum command_class is = *s == '!' ? COMMAND_RUNS : COMMAND_WRITES;
        s += *s == '!';
        if (strchr(letters, *s))
            class = worst(class, is);
    }
    return class;
}

/* What one word adds as an option. */
static enum command_class word_class(const char *word, bool globs, bool words, const char *shorts,
                                     const char *longs)
{
    if (globs && strchr("-*?[", word[0]))
        return list_worst(shorts, longs);
    if (word[0] != '-' || !word[1])
        return COMMAND_READS;
    struct str name = str_of(word + 1 + (word[1] == '-'));
    ssize_t equals = str_index(name, '=');
    if (equals >= 0)
        name.n = (size_t)equals;
    if (word[1] == '-')
        return long_class(name, longs, false);
    enum command_class class = cluster_class(word + 1, shorts);
    return words ? worst(class, long_class(name, longs, true)) : class;
}

static bool is_option(const char *word)
{
    return word[0] == '-' && word[1];
}

/* date's options whose value is the next word. */
static bool takes_value(const struct program *p, const char *word)
{
    return p->operands == OPERANDS_PLUS &&
           (strcmp(word, "-d") == 0 || strcmp(word, "--date") == 0 || strcmp(word, "-r") == 0);
}

static bool too_many_operands(const struct program *p, const struct shell_command *c, size_t from)
{
    size_t n = 0;
    bool plus = true;
    if (p->operands == OPERANDS_ANY)
        return false;
    for (size_t i = from; i < c->n; i++) {
        if (is_option(c->words[i]) && !c->globs[i]) {
            bool value = takes_value(p, c->words[i]) && i + 1 < c->n && !c->globs[i + 1];
            i += value;
            continue;
        }
        n += c->globs[i] ? 2 : 1;
        plus &= c->words[i][0] == '+';
    }
    return p->operands == OPERANDS_PLUS ? !plus : n > (p->operands == OPERANDS_ONE ? 1 : 0);
}

enum command_class program_class(const struct program *p, const struct shell_command *c,
                                 size_t from, bool *ret_by_option)
{
    enum command_class class = p->class;
    for (size_t i = from; i < c->n; i++)
        class = worst(class, word_class(c->words[i], c->globs[i], p->flags & PROGRAM_WORDS,
                                        p->shorts, p->longs));
    if ((p->flags & PROGRAM_OLD) && from < c->n)
        class = worst(class, cluster_class(c->words[from], p->shorts));
    if (too_many_operands(p, c, from))
        class = worst(class, COMMAND_WRITES);
    *ret_by_option = class != p->class;
    return class;
}

bool program_has_option(const struct shell_command *c, size_t from, const char *shorts,
                        const char *longs)
{
    for (size_t i = from; i < c->n; i++)
        if (word_class(c->words[i], c->globs[i], true, shorts, longs) != COMMAND_READS)
            return true;
    return !shorts[0] && !longs[0];
}

/* ---- risks ---- */

const char *program_risk(const char *name, const char *sub, const struct shell_command *c)
{
    for (size_t i = 0; i < ARRAY_LEN(risks); i++) {
        bool named = strcmp(risks[i].name, name) == 0;
        /* mkfs.ext4 */
        if (!named && strcmp(risks[i].name, "mkfs") == 0)
            named = strncmp(name, "mkfs.", 5) == 0;
        if (!named || (risks[i].sub[0] && (!sub || strcmp(risks[i].sub, sub) != 0)))
            continue;
        if (program_has_option(c, 1, risks[i].shorts, risks[i].longs))
            return risks[i].why;
    }
    return NULL;
}

/* ---- PATH ---- */

bool program_hijacked(const char *name, const char *path, const char *workspace)
{
    struct str rest = str_of(path), entry;
    size_t n = strlen(workspace);
    /* An empty entry, also at either end, is the current directory. */
    for (int i = 0; i < PATH_DIRECTORIES_MAX && str_split(&rest, ':', &entry); i++) {
        if (entry.n == 0 || entry.p[0] != '/')
            return true;
        CLEANUP(mem_free_p) char *file = mem_printf("%.*s/%s", STR_ARG(entry), name);
        if (access(file, X_OK) < 0)
            continue;
        CLEANUP(mem_free_p) char *real = realpath(file, NULL);
        return !real || (strncmp(real, workspace, n) == 0 && (real[n] == '/' || n <= 1));
    }
    return false;
}
