/* SPDX-License-Identifier: MIT
 *
 * offline_lang: what sort of file it is, and its outline, by simple patterns matched line by line.
 * A pattern's match is the name of what it found (\K drops what stands before it). What says what
 * it is may stand on another line: `above` is matched against the last line before that begins at
 * the margin with a letter or closes a block there, `below` against what follows up to a line with
 * a brace or semicolon. This is no parser: it
 * finds what is written in the usual ways.
 */
#include "model/offline_doc.h"

#include "text/regex.h"
#include "text/utf8.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { PATTERNS_MAX = 10, LINE_LOOK_MAX = 1000, BELOW_LINES = 8, SNIFF_LINES = 20, SWITCHES_MAX = 64 };

struct doc_sort {
    const char *name;
    const char *endings;  /* of the file name, with blanks between */
    const char *comment;  /* how a line of comment begins, with blanks between */
    const char *programs; /* after #! */
    bool prose;
    const char *aside; /* the signs around text of several lines that is no program; NULL: none known */
    bool switches;     /* #if 0 and the like */
    struct doc_ends ends;
    struct {
        const char *what, *pattern, *above, *below;
    } patterns[PATTERNS_MAX];
};

#define C_NOT_A_CALL "(?!(?:if|for|while|switch|return|sizeof|else|do|defined)\\b)"
#define C_TAG "^(?:typedef )?(?:struct|enum|union) "
#define C_TYPE "type"
/* By their tags, by typedef on one line, of a pointer to a function, and behind a block. */
/* clang-format off */
#define C_TYPES                                                                                    \
    {C_TYPE, C_TAG "\\K\\w+(?=\\s*\\{)", NULL, NULL},                                                 \
    {C_TYPE, C_TAG "\\K\\w+(?=\\s*(?:/[*/].*)?$)", NULL, "^\\s*\\{"},                                                 \
    {C_TYPE, "^typedef\\b[^;{]*\\(\\s*\\*\\s*\\K\\w+(?=\\s*\\)\\s*\\()", NULL, NULL},                      \
    {C_TYPE, "^typedef\\b.*\\W\\K\\w+(?=\\s*(?:\\[[^\\]]*\\])?;)", NULL, NULL},                            \
    {C_TYPE, "^(?:\\}[\\s*]*)?\\K\\w+(?=\\s*;)", "^typedef\\b", NULL}
#define C_NO_PROTOTYPE "^(?![^{]*\\)[\\w\\s()]*;)"
#define C_TYPE_ALONE "^(?!typedef\\b|struct \\w+$|else\\b|do\\b)[A-Za-z_][\\w\\s*]*$"
/* clang-format on */
#define BY_BRACE .ends = {.with = "}"}
#define BY_INDENT .ends = {.indent = true}

static const struct doc_sort sorts[] = {
    {.name = "Markdown", .endings = ".md .markdown .mkd", .prose = true},
    {.name = "a C source file",
     .switches = true,
     .ends = {.with = "}", .late_parameters = true},
     .endings = ".c",
     .comment = "/* * // */",
     .aside = "/* */",
     .patterns = {{"function",
                   "^(?!typedef\\b|#)[A-Za-z_][\\w\\s\\*]*[\\s\\*]\\K" C_NOT_A_CALL
                   "[A-Za-z_]\\w*(?=\\([^;{]*\\)\\s*\\{)"},
                  {"function",
                   "^(?!typedef\\b|#)[A-Za-z_][\\w\\s\\*]*[\\s\\*]\\K" C_NOT_A_CALL
                   "[A-Za-z_]\\w*(?=\\([^;{]*$)", NULL, C_NO_PROTOTYPE},
                  {"function", "^" C_NOT_A_CALL "\\K[A-Za-z_]\\w*(?=\\s*\\([^;]*$)",
                   C_TYPE_ALONE, C_NO_PROTOTYPE},
                  C_TYPES,
                  {"macro", "^#\\s*define \\K(?!\\w+_H\\s*$)\\w+"}}},
    {.name = "a C header",
     .switches = true,
     BY_BRACE,
     .endings = ".h",
     .comment = "/* * // */",
     .aside = "/* */",
     .patterns = {{"function",
                   "^(?!typedef\\b|#)[A-Za-z_][\\w\\s\\*]*[\\s\\*]\\K" C_NOT_A_CALL
                   "[A-Za-z_]\\w*(?=\\()"},
                  {"function", "^" C_NOT_A_CALL "\\K[A-Za-z_]\\w*(?=\\s*\\()",
                   C_TYPE_ALONE},
                  C_TYPES,
                  {"macro", "^#\\s*define \\K(?!\\w+_H\\s*$)\\w+"}}},
    {.name = "a C++ source file",
     .switches = true,
     BY_BRACE,
     .endings = ".cc .cpp .cxx .hpp .hh",
     .comment = "/* * // */",
     .aside = "/* */",
     .patterns = {{"function",
                   "^(?!typedef\\b|using\\b|#)[A-Za-z_][\\w\\s\\*&:<>,~]*[\\s\\*&]\\K" C_NOT_A_CALL
                   "[A-Za-z_~][\\w:~]*(?=\\([^;]*$)"},
                  {"class", "^\\s*(?:class|struct|enum class|enum) \\K\\w+(?=[^;]*$)"},
                  {"namespace", "^\\s*namespace \\K[\\w:]+"}}},
    {.name = "Python",
     BY_INDENT,
     .endings = ".py .pyi",
     .comment = "#",
     .programs = "python python3",
     .patterns = {{"function", "^(?:async )?def \\K\\w+"},
                  {"class", "^class \\K\\w+"},
                  {"method", "^\\s+(?:async )?def \\K\\w+", "^class\\b"},
                  {"inner function", "^\\s+(?:async )?def \\K\\w+"}},
     .aside = "\"\"\" \"\"\""},
    {.name = "JavaScript",
     BY_BRACE,
     .endings = ".js .mjs .cjs .jsx",
     .comment = "/* * // */",
     .aside = "/* */",
     .programs = "node",
     .patterns = {{"function",
                   "^(?:export )?(?:default )?(?:async )?function\\*? \\K\\w+|"
                   "^(?:(?:export )?(?:const|let|var) |(?:module\\.)?exports\\.|\\w+\\.prototype\\.)"
                   "\\K[\\w$]+(?=\\s*=\\s*(?:async\\s*)?(?:function\\b|\\((?:[^()]*\\)\\s*=>|[^()]*$)|"
                   "[\\w$]+\\s*=>))"},
                  {"class", "^(?:export )?(?:default )?class \\K\\w+"},
                  {"method",
                   "^\\s+(?:static |async |get |set |\\*)*\\K" C_NOT_A_CALL
                   "(?!catch\\b|function\\b|with\\b)[A-Za-z_$#][\\w$]*"
                   "(?=\\s?\\((?:[^();]|\\([^();]*\\))*\\)\\s*\\{)"}}},
    {.name = "TypeScript",
     BY_BRACE,
     .endings = ".ts .tsx .mts",
     .comment = "/* * // */",
     .aside = "/* */",
     .patterns = {{"function",
                   "^(?:export )?(?:default )?(?:async )?function\\*? \\K\\w+|"
                   "^(?:export )?const \\K\\w+(?=[^=]* = (?:async )?\\()"},
                  {"class", "^(?:export )?(?:default |abstract )*class \\K\\w+"},
                  {"type", "^(?:export )?(?:interface|type|enum) \\K\\w+"}}},
    {.name = "a shell script",
     BY_BRACE,
     .endings = ".sh .bash .zsh",
     .comment = "#",
     .programs = "sh bash dash zsh ksh",
     .patterns = {{"function",
                   "^(?:function )?\\K[A-Za-z_][\\w-]*(?=\\s*\\(\\))|^function \\K[\\w-]+"}}},
    {.name = "Rust",
     BY_BRACE,
     .endings = ".rs",
     .comment = "// /* *",
     .aside = "/* */",
     .patterns = {{"function",
                   "^\\s*(?:pub(?:\\(\\w+\\))? )?(?:async |unsafe |const )*fn \\K\\w+"},
                  {"type", "^(?:pub(?:\\(\\w+\\))? )?(?:struct|enum|trait|union) \\K\\w+"},
                  {"module", "^(?:pub )?mod \\K\\w+"}}},
    {.name = "Go",
     BY_BRACE,
     .endings = ".go",
     .comment = "// /* *",
     .aside = "/* */",
     .patterns = {{"function", "^func (?:\\([^)]*\\) )?\\K\\w+"},
                  {"type", "^type \\K\\w+"}}},
    {.name = "Java",
     BY_BRACE,
     .endings = ".java .kt",
     .comment = "// /* *",
     .aside = "/* */",
     .patterns =
         {{"class", "^\\s*(?:[a-z]+ )*(?:class|interface|enum|record) \\K\\w+"},
          {"method",
           "^\\s+(?:public|private|protected|static|final|abstract|fun|override)[\\w\\s<>\\[\\],]* "
           "\\K\\w+(?=\\([^;]*$)"}}},
    {.name = "Ruby",
     .ends = {.with = "end"},
     .endings = ".rb",
     .comment = "#",
     .programs = "ruby",
     .patterns = {{"method", "^\\s*def \\K[\\w.?!]+"},
                  {"class", "^\\s*(?:class|module) \\K[\\w:]+"}}},
    {.name = "Perl",
     BY_BRACE,
     .endings = ".pl .pm",
     .comment = "#",
     .programs = "perl",
     .patterns = {{"function", "^sub \\K\\w+"},
                  {"package", "^package \\K[\\w:]+"}}},
    {.name = "SQL",
     .endings = ".sql",
     .comment = "--",
     .patterns = {{"table",
                   "(?i)^create (?:virtual )?table (?:if not exists )?\\K[\\w.]+"},
                  {"index",
                   "(?i)^create (?:unique )?index (?:if not exists )?\\K[\\w.]+"}}},
    {.name = "a makefile",
     BY_INDENT,
     .endings = "Makefile GNUmakefile makefile .mk Makefile.am",
     .comment = "#",
     .patterns = {{"target", "^\\K(?!\\.[A-Z]+\\s*:)[A-Za-z0-9_.%/-]+(?=\\s*:(?!=))"}}},
    {.name = "a configuration file",
     .endings = ".ini .conf .cfg .toml .editorconfig .service",
     .comment = "# ;",
     .patterns = {{"section", "^\\[+\\K[^\\]]+(?=\\])"}}},
    {.name = "YAML",
     .endings = ".yml .yaml",
     .comment = "#",
     .patterns = {{"key", "^\\K[A-Za-z_][\\w-]*(?=:)"}}},
    {.name = "JSON",
     .endings = ".json",
     .patterns = {{"key", "^(?:  |    |\\t)\"\\K[^\"]+(?=\":)"}}},
    {.name = "JSON lines", .endings = ".jsonl .ndjson"},
    {.name = "a web page",
     .endings = ".html .htm",
     .patterns = {{"heading", "(?i)<h[1-3][^>]*>\\K[^<]+"},
                  {"title", "(?i)<title>\\K[^<]+"}}},
    {.name = "a style sheet",
     .endings = ".css .scss",
     .patterns = {{"rule", "^\\K[.#\\w][^{]*(?=\\{)"}}},
    {.name = "a diff", .endings = ".diff .patch"},
    {.name = "a manual page",
     .endings = ".1 .3 .5 .7 .8",
     .patterns = {{"section", "^\\.S[Hh] \"?\\K[^\"]+"}}},
    {.name = "reStructuredText", .endings = ".rst", .prose = true},
    {.name = "a table of values", .endings = ".csv .tsv"},
    {.name = "a log", .endings = ".log"},
    {.name = "a table of C macros", .endings = ".def .inc", .comment = "/* * //"},
    {.name = "autoconf input", .endings = ".ac .m4", .comment = "dnl #"},
    {.name = "a file whose sort I do not know"},
    {.name = "text", .endings = ".txt .text README LICENSE COPYING AUTHORS NEWS", .prose = true},
};

#define SORT_MARKDOWN (&sorts[0])
#define SORT_TEXT (&sorts[ARRAY_LEN(sorts) - 1])
#define SORT_UNKNOWN (&sorts[ARRAY_LEN(sorts) - 2])

/* ---- which sort ---- */

static bool name_ends(struct str path, struct str ending)
{
    if (path.n < ending.n || strncasecmp(path.p + path.n - ending.n, ending.p, ending.n) != 0)
        return false;
    return ending.p[0] == '.' || path.n == ending.n || path.p[path.n - ending.n - 1] == '/';
}

const struct doc_sort *doc_sort_of_name(struct str path)
{
    for (size_t i = 0; i < ARRAY_LEN(sorts); i++) {
        struct str rest = str_of(sorts[i].endings);
        struct str ending;
        while (str_split(&rest, ' ', &ending))
            if (name_ends(path, ending))
                return &sorts[i];
    }
    return NULL;
}

/* "#!/usr/bin/env python3" */
static const struct doc_sort *sort_of_program(struct str line)
{
    if (!str_starts(line, "#!"))
        return NULL;
    for (size_t i = 0; i < ARRAY_LEN(sorts); i++) {
        struct str rest = str_of(sorts[i].programs);
        struct str program;
        while (str_split(&rest, ' ', &program)) {
            ssize_t at = str_find(line, program);
            if (at > 0 && (line.p[at - 1] == '/' || line.p[at - 1] == ' ') &&
                ((size_t)at + program.n == line.n || line.p[(size_t)at + program.n] == ' '))
                return &sorts[i];
        }
    }
    return NULL;
}

const struct doc_sort *doc_sort_of(const struct doc *d)
{
    const struct doc_sort *sort = doc_sort_of_name(d->path);
    if (!sort && d->n)
        sort = sort_of_program(d->lines[0].text);
    for (size_t i = 0; !sort && i < d->n && i < SNIFF_LINES; i++) {
        struct str line = d->lines[i].text;
        if (str_starts(line, "# ") || str_starts(line, "## "))
            sort = SORT_MARKDOWN;
        else if (str_starts(line, "#include"))
            sort = &sorts[1];
        else if (str_starts(line, "diff --git "))
            sort = doc_sort_of_name(STR(".diff"));
        else if (i == 0 && (str_starts(line, "{") || str_starts(line, "[")))
            sort = doc_sort_of_name(STR(".json"));
    }
    /* An ending that is not in the table is no reason to look for sentences. */
    bool has_ending = d->path.n && str_index(d->path, '.') > 0;
    return sort ? sort : has_ending ? SORT_UNKNOWN : SORT_TEXT;
}

const char *doc_sort_name(const struct doc_sort *sort)
{
    return sort->name;
}

bool doc_sort_is_prose(const struct doc_sort *sort)
{
    return sort->prose;
}

const struct doc_ends *doc_sort_ends(const struct doc_sort *sort)
{
    return sort->ends.with || sort->ends.indent ? &sort->ends : NULL;
}

/* ---- the outline ---- */

struct outline {
    struct arena *a;
    struct doc_entry *v;
    size_t n, max, more;
};

static void add_entry(struct outline *o, const char *what, struct str name, int64_t line, int level)
{
    if (name.n == 0)
        return;
    /* A long function whose head takes two lines is found once. */
    if (o->n && o->v[o->n - 1].line == line)
        return;
    if (o->n == o->max) {
        o->more++;
        return;
    }
    o->v[o->n++] = (struct doc_entry){.what = what,
                                      .name = str_trim(offline_clip(o->a, name, 120)),
                                      .line = line,
                                      .level = level};
}

/* A line of one sign only, at least three: what underlines a heading. */
static bool is_rule(struct str line, char c)
{
    line = str_trim(line);
    for (size_t i = 0; i < line.n; i++)
        if (line.p[i] != c)
            return false;
    return line.n >= 3;
}

static void outline_prose(struct outline *o, const struct doc *d)
{
    bool code = false;
    for (size_t i = 0; i < d->n; i++) {
        struct str line = d->lines[i].text;
        if (str_starts(line, "```") || str_starts(line, "~~~"))
            code = !code;
        if (code)
            continue;
        size_t level = 0;
        while (level < line.n && line.p[level] == '#')
            level++;
        if (level >= 1 && level <= 6 && level < line.n && line.p[level] == ' ') {
            struct str name = str_trim(str_sub(line, level, line.n));
            while (name.n && name.p[name.n - 1] == '#')
                name = str_trim(str_sub(name, 0, name.n - 1));
            add_entry(o, "heading", name, d->lines[i].number, (int)level);
        } else if (i > 0 && d->lines[i - 1].text.n > 0 && !str_starts(d->lines[i - 1].text, "|") &&
                   !str_starts(d->lines[i - 1].text, "-") &&
                   (is_rule(line, '=') || is_rule(line, '-'))) {
            add_entry(o, "heading", d->lines[i - 1].text, d->lines[i - 1].number,
                      is_rule(line, '=') ? 1 : 2);
        }
    }
}

/* As much of a line as patterns look at. */
static struct str looked_at(const struct doc *d, size_t i)
{
    bool cut;
    struct str line = i < d->n ? str_sub(d->lines[i].text, 0, LINE_LOOK_MAX) : STR("");
    line.n = utf8_valid_prefix(line, &cut);
    return line;
}

/* What follows line i, up to the line where a body begins or a statement ends; in the arena. */
static struct str below_line(struct arena *a, const struct doc *d, size_t i)
{
    CLEANUP(buf_free) struct buf b = BUF_OWN;
    for (size_t k = i + 1; k < d->n && k <= i + BELOW_LINES; k++) {
        struct str line = looked_at(d, k);
        buf_str(&b, line);
        buf_putc(&b, ' ');
        if (str_index(line, '{') >= 0 || str_index(line, ';') >= 0)
            break;
    }
    return str_of(arena_strndup(a, buf_cstr(&b), b.len));
}

static bool at_margin(struct str line)
{
    return line.n && (isalpha((unsigned char)line.p[0]) || strchr("_}", line.p[0]));
}

/* Is the line inside of a comment or text of several lines? A comment begins only at the front of a line,
 * since elsewhere its signs may be part of a string; where both signs are the same each counts. */
static bool is_aside(const struct doc_sort *sort, struct str line, bool *in)
{
    struct str marks = str_of(sort->aside), open, close;
    line = str_trim(line);
    if (!str_split(&marks, ' ', &open) || !str_split(&marks, ' ', &close))
        return false;
    bool was = *in, front = line.n >= open.n && memcmp(line.p, open.p, open.n) == 0;
    if (str_eq(open, close)) {
        for (ssize_t at; (at = str_find(line, open)) >= 0; line = str_sub(line, (size_t)at + open.n, line.n)) {
            bool quoted = (at > 0 && line.p[at - 1] == '\'') ||
                          ((size_t)at + open.n < line.n && line.p[(size_t)at + open.n] == '\'');
            *in ^= !quoted;
        }
        return was || front;
    }
    if (!was && !front)
        return false;
    *in = str_find(was ? line : str_sub(line, open.n, line.n), close) < 0;
    return true;
}

/* Does a part of a file begin inside of a comment? The first sign tells, unless both are the same. */
static bool begins_aside(const struct doc *d, const struct doc_sort *sort)
{
    struct str marks = str_of(sort->aside), open, close;
    if (d->n == 0 || d->lines[0].number <= 1 || !str_split(&marks, ' ', &open) ||
        !str_split(&marks, ' ', &close) || str_eq(open, close))
        return false;
    for (size_t i = 0; i < d->n; i++) {
        ssize_t begin = str_find(d->lines[i].text, open), end = str_find(d->lines[i].text, close);
        if (begin >= 0 || end >= 0)
            return end >= 0 && (begin < 0 || end < begin);
    }
    return false;
}

/* The conditions of the preprocessor around a line, the innermost last. */
struct switches {
    enum { BY_NAME, SWITCHED_OFF, SWITCHED_ON } v[SWITCHES_MAX];
    size_t n, deeper;
};

/* "#if 0": the constant that it is about, else none. */
static bool is_constant(struct str rest, char constant)
{
    rest = str_trim(rest);
    while (rest.n && rest.p[0] == '(')
        rest = str_trim(str_sub(rest, 1, rest.n));
    if (rest.n == 0 || rest.p[0] != constant)
        return false;
    rest = str_trim(str_sub(rest, 1, rest.n));
    while (rest.n && rest.p[0] == ')')
        rest = str_trim(str_sub(rest, 1, rest.n));
    return rest.n == 0 || str_starts(rest, "/*") || str_starts(rest, "//");
}

static void take_switch(struct switches *s, struct str line)
{
    line = str_trim(line);
    if (line.n == 0 || line.p[0] != '#')
        return;
    line = str_trim(str_sub(line, 1, line.n));
    if (str_starts(line, "if")) {
        bool plain = line.n > 2 && strchr(" \t(", line.p[2]);
        struct str rest = str_sub(line, 2, line.n);
        if (s->n == SWITCHES_MAX)
            s->deeper++;
        else
            s->v[s->n++] = plain && is_constant(rest, '0')   ? SWITCHED_OFF
                           : plain && is_constant(rest, '1') ? SWITCHED_ON
                                                             : BY_NAME;
        return;
    }
    bool other = str_starts(line, "el"), last = str_starts(line, "endif");
    if (last && s->deeper)
        s->deeper--;
    else if (last && s->n)
        s->n--;
    else if (other && s->n && !s->deeper && s->v[s->n - 1] != BY_NAME)
        s->v[s->n - 1] = s->v[s->n - 1] == SWITCHED_ON ? SWITCHED_OFF
                         : str_starts(line, "else")    ? SWITCHED_ON
                                                       : BY_NAME;
}

static bool is_off(const struct switches *s)
{
    for (size_t i = 0; i < s->n; i++)
        if (s->v[i] == SWITCHED_OFF)
            return true;
    return false;
}

bool *doc_asides(struct arena *a, const struct doc *d, const struct doc_sort *sort)
{
    bool *ret = arena_array(a, d->n + 1, sizeof(*ret));
    bool in = begins_aside(d, sort);
    struct switches switches = {0};
    for (size_t i = 0; i < d->n; i++) {
        struct str line = looked_at(d, i);
        ret[i] = is_aside(sort, line, &in);
        if (sort->switches && !ret[i])
            take_switch(&switches, line);
        ret[i] |= is_off(&switches);
    }
    return ret;
}

/* A pattern that is absent fits. */
static bool fits(struct regex *pattern, struct str line)
{
    size_t from, to;
    return !pattern || regex_find(pattern, line, 0, &from, &to) == REGEX_YES;
}

static struct regex *pattern_new(const char *pattern)
{
    struct err e = ERR_INIT;
    return pattern ? regex_new(str_of(pattern), false, &e) : NULL;
}

static void outline_program(struct outline *o, const struct doc *d, const struct doc_sort *sort)
{
    struct {
        struct regex *name, *above, *below;
    } rows[PATTERNS_MAX] = {0};
    struct str above = STR("");
    const bool *aside = doc_asides(o->a, d, sort);
    for (size_t k = 0; k < PATTERNS_MAX && sort->patterns[k].pattern; k++) {
        rows[k].name = pattern_new(sort->patterns[k].pattern);
        rows[k].above = pattern_new(sort->patterns[k].above);
        rows[k].below = pattern_new(sort->patterns[k].below);
    }
    for (size_t i = 0; i < d->n; i++) {
        struct str line = looked_at(d, i);
        if (aside[i])
            continue;
        for (size_t k = 0; k < PATTERNS_MAX && rows[k].name; k++) {
            size_t from, to;
            if (regex_find(rows[k].name, line, 0, &from, &to) != REGEX_YES ||
                !fits(rows[k].above, above) ||
                (rows[k].below && !fits(rows[k].below, below_line(o->a, d, i))))
                continue;
            add_entry(o, sort->patterns[k].what, str_sub(line, from, to - from), d->lines[i].number, 0);
            break;
        }
        if (at_margin(line))
            above = line;
    }
    for (size_t k = 0; k < PATTERNS_MAX; k++) {
        regex_free(rows[k].name);
        regex_free(rows[k].above);
        regex_free(rows[k].below);
    }
}

struct doc_entry *doc_outline(struct arena *a, const struct doc *d, const struct doc_sort *sort,
                              size_t max, size_t *ret_n, size_t *ret_more)
{
    struct outline o = {.a = a, .max = max};
    o.v = arena_array(a, max, sizeof(*o.v));
    if (sort->prose)
        outline_prose(&o, d);
    else
        outline_program(&o, d, sort);
    *ret_n = o.n;
    *ret_more = o.more;
    return o.v;
}

/* ---- the comment at the head ---- */

static bool take_mark(struct str *line, const char *marks)
{
    struct str rest = str_of(marks);
    struct str mark;
    struct str s = str_trim(*line);
    while (str_split(&rest, ' ', &mark))
        if (s.n >= mark.n && memcmp(s.p, mark.p, mark.n) == 0) {
            s = str_sub(s, mark.n, s.n);
            while (s.n && strchr("#/*!-", s.p[0]) && s.p[0])
                s = str_sub(s, 1, s.n);
            if (str_ends(s, "*/"))
                s.n -= 2;
            *line = str_trim(s);
            return true;
        }
    return false;
}

bool doc_is_comment(const struct doc_sort *sort, struct str line)
{
    return sort->comment && take_mark(&line, sort->comment);
}

static bool is_legal(struct str line)
{
    static const char *const words[] = {"SPDX", "opyright", "icense", "-*-", "vim:", "coding:"};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (str_find(line, str_of(words[i])) >= 0)
            return true;
    return false;
}

/* A docstring of Python is a head comment too. */
static struct str head_docstring(struct arena *a, const struct doc *d, size_t from)
{
    CLEANUP(buf_free) struct buf b = BUF_OWN;
    for (size_t i = from; i < d->n && b.len < 1000; i++) {
        struct str line = str_trim(d->lines[i].text);
        bool first = i == from;
        if (first)
            line = str_sub(line, 3, line.n);
        ssize_t end = str_find(line, STR("\"\"\""));
        if (end >= 0)
            line = str_sub(line, 0, (size_t)end);
        if (line.n == 0 && !first && end < 0)
            break;
        if (b.len)
            buf_putc(&b, ' ');
        buf_str(&b, line);
        if (end >= 0)
            break;
    }
    struct str s = str_trim(buf_view(&b));
    return str_of(arena_strndup(a, s.p ? s.p : "", s.n));
}

struct str doc_head_comment(struct arena *a, const struct doc *d, const struct doc_sort *sort)
{
    CLEANUP(buf_free) struct buf b = BUF_OWN;
    if (!sort->comment)
        return STR("");
    for (size_t i = 0; i < d->n && b.len < 1000; i++) {
        struct str line = str_trim(d->lines[i].text);
        if (str_starts(line, "#!"))
            continue;
        if (line.n == 0 && b.len == 0)
            continue;
        if (str_starts(line, "\"\"\"") && b.len == 0)
            return head_docstring(a, d, i);
        if (!take_mark(&line, sort->comment) || (line.n == 0 && b.len > 0))
            break;
        if (line.n == 0 || is_legal(line))
            continue;
        if (b.len)
            buf_putc(&b, ' ');
        buf_str(&b, line);
    }
    return str_of(arena_strndup(a, buf_cstr(&b), b.len));
}
