/* SPDX-License-Identifier: MIT
 *
 * ignore: the rules of .gitignore files, in the order they were added. Names without wildcards and
 * "*.ext", which are nearly all there is, are compared directly.
 */
#include "base/mem.h"
#include "text/glob.h"
#include "text/globprog.h"

#include <stdlib.h>
#include <string.h>

/* Rules past these limits are passed over: a file that size is no .gitignore. */
enum { RULES_MAX = 10000, RULE_BYTES_MAX = 4096 };

enum rule_kind {
    LITERAL, /* the text itself */
    SUFFIX,  /* '*' and the text */
    PATTERN,
};

struct rule {
    char *dir, *pattern;
    struct str text; /* in pattern: LITERAL and SUFFIX */
    struct glob_prog prog;
    enum rule_kind kind;
    bool negated, dirs_only, anchored;
};

struct ignore {
    VEC(struct rule) rules;
};

struct ignore *ignore_new(void)
{
    return NEW(struct ignore);
}

static void rule_free(struct rule *r)
{
    glob_prog_free(&r->prog);
    free(r->dir);
    free(r->pattern);
}

void ignore_free(struct ignore *g)
{
    if (!g)
        return;
    for (size_t i = 0; i < g->rules.n; i++)
        rule_free(&g->rules.v[i]);
    free(g->rules.v);
    free(g);
}

/* Blanks at the end do not count unless a backslash quotes them. */
static struct str trim_end(struct str line)
{
    size_t n = line.n;
    while (n > 0 && line.p[n - 1] == ' ') {
        size_t quotes = 0;
        while (quotes < n - 1 && line.p[n - 2 - quotes] == '\\')
            quotes++;
        if (quotes % 2)
            break;
        n--;
    }
    return str_sub(line, 0, n);
}

static bool has_special(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (strchr("*?[\\", s.p[i]))
            return true;
    return false;
}

/* False when the line is no rule. */
static bool rule_parse(struct rule *r, struct str dir, struct str line)
{
    *r = (struct rule){0};
    line = trim_end(line);
    if (line.n == 0 || line.n > RULE_BYTES_MAX || line.p[0] == '#' || memchr(line.p, 0, line.n))
        return false;
    if (line.p[0] == '!') {
        r->negated = true;
        line = str_sub(line, 1, line.n);
    }
    if (line.n && line.p[line.n - 1] == '/') {
        r->dirs_only = true;
        line.n--;
    }
    r->anchored = str_index(line, '/') >= 0;
    if (str_starts(line, "/"))
        line = str_sub(line, 1, line.n);
    if (line.n == 0)
        return false;
    r->pattern = mem_strndup(line.p, line.n);
    r->text = str_of(r->pattern);
    if (!has_special(r->text)) {
        r->kind = LITERAL;
    } else if (r->text.p[0] == '*' && !r->anchored && !has_special(str_sub(r->text, 1, line.n))) {
        r->kind = SUFFIX;
        r->text = str_sub(r->text, 1, line.n);
    } else {
        r->kind = PATTERN;
        if (!glob_compile(&r->prog, r->text, GLOB_IGNORE)) {
            rule_free(r);
            return false;
        }
    }
    r->dir = mem_strndup(dir.p, dir.n);
    return true;
}

void ignore_add(struct ignore *g, struct str dir, struct str text)
{
    struct str line;
    struct rule r;
    if (str_starts(text, "\xEF\xBB\xBF"))
        text = str_sub(text, 3, text.n);
    /* A line that is no rule counts too: it may have cost as much. */
    for (size_t n = g->rules.n; n < RULES_MAX && str_line(&text, &line); n++)
        if (rule_parse(&r, dir, line))
            VEC_PUSH(&g->rules, r);
}

static bool rule_matches(const struct rule *r, struct str path, struct str base, bool is_dir)
{
    size_t n = strlen(r->dir);
    if (r->dirs_only && !is_dir)
        return false;
    if (n > 0) {
        if (path.n <= n + 1 || memcmp(path.p, r->dir, n) != 0 || path.p[n] != '/')
            return false;
        path = str_sub(path, n + 1, path.n);
    }
    struct str subject = r->anchored ? path : base;
    switch (r->kind) {
    case LITERAL:
        return str_eq(subject, r->text);
    case SUFFIX:
        return subject.n >= r->text.n &&
               str_eq(str_sub(subject, subject.n - r->text.n, r->text.n), r->text);
    case PATTERN:
        return glob_prog_match(&r->prog, subject);
    }
    return false;
}

bool ignore_match(const struct ignore *g, struct str path, bool is_dir)
{
    struct str rest = path, base = STR_NULL;
    while (str_split(&rest, '/', &base))
        if (str_is(base, ".git"))
            return true;
    for (size_t i = g->rules.n; i-- > 0;)
        if (rule_matches(&g->rules.v[i], path, base, is_dir))
            return !g->rules.v[i].negated;
    return false;
}

void ignore_pop(struct ignore *g, struct str dir)
{
    size_t kept = 0;
    for (size_t i = 0; i < g->rules.n; i++) {
        if (str_is(dir, g->rules.v[i].dir))
            rule_free(&g->rules.v[i]);
        else
            g->rules.v[kept++] = g->rules.v[i];
    }
    g->rules.n = kept;
}
