/* SPDX-License-Identifier: MIT
 *
 * rule: reading and matching.
 */
#include "policy/rule.h"

#include "base/fs.h"
#include "text/glob.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const verdicts[] = {
    [VERDICT_ALLOW] = "allow",
    [VERDICT_ASK] = "ask",
    [VERDICT_DENY] = "deny",
};

void rules_free(struct rules *r)
{
    free(r->list.v);
    arena_free(&r->arena);
    *r = (struct rules){0};
}

/* ---- reading ---- */

/* The next word of blanks; empty at the end. */
static struct str next_word(struct str *rest)
{
    *rest = str_trim(*rest);
    size_t n = 0;
    while (n < rest->n && rest->p[n] != ' ' && rest->p[n] != '\t')
        n++;
    struct str word = str_sub(*rest, 0, n);
    *rest = str_trim(str_sub(*rest, n, rest->n));
    return word;
}

static bool is_tool_name(struct str s)
{
    if (str_is(s, "*"))
        return true;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') &&
            !strchr("_-.:", c))
            return false;
    }
    return s.n > 0;
}

/* A pattern of commands: one plain command. Other tools that run commands have other names. */
static bool read_words(struct rules *r, struct rule *rule, struct err *e)
{
    struct shell_list list;
    const char *why;
    bool command = strcmp(rule->tool, "bash") == 0; /* others may have paths for patterns */
    if (!shell_parse(str_of(rule->pattern), &r->arena, &list, &why))
        return !command || err_set(e, ERR_CONFIG, "the command has %s", why);
    if (list.n != 1 || list.commands[0].n_redirects)
        return !command ||
               err_set(e, ERR_CONFIG, "a rule names one command, without operators or redirects");
    rule->words = &list.commands[0];
    return true;
}

bool rules_add(struct rules *r, struct str line, const char *from, struct err *e)
{
    struct rule rule = {.from = arena_strdup(&r->arena, from)};
    struct str rest = str_trim(line);
    if (rest.n == 0 || rest.p[0] == '#')
        return true;
    if (rest.n > RULE_BYTES_MAX || r->list.n == RULES_MAX)
        return err_set(e, ERR_TOO_LARGE,
                       rest.n > RULE_BYTES_MAX ? "a rule of more than %d bytes"
                                               : "more than %d rules",
                       rest.n > RULE_BYTES_MAX ? RULE_BYTES_MAX : RULES_MAX);
    for (size_t i = 0; i < rest.n; i++)
        if ((unsigned char)rest.p[i] < ' ' && rest.p[i] != '\t')
            return err_set(e, ERR_CONFIG, "a control character");
    struct str verdict = next_word(&rest), tool = next_word(&rest);
    size_t v = 0;
    while (v < ARRAY_LEN(verdicts) && !str_is(verdict, verdicts[v]))
        v++;
    if (v == ARRAY_LEN(verdicts))
        return err_set(e, ERR_CONFIG, "a rule begins with allow, ask or deny");
    if (!is_tool_name(tool))
        return err_set(e, ERR_CONFIG, "a rule names a tool, or *");
    rule.verdict = (enum verdict)v;
    rule.tool = arena_strndup(&r->arena, tool.p, tool.n);
    rule.pattern = rest.n ? arena_strndup(&r->arena, rest.p, rest.n) : NULL;
    if (rule.pattern && !read_words(r, &rule, e))
        return false;
    VEC_PUSH(&r->list, rule);
    return true;
}

static bool check_owner(int fd, const char *path, struct err *e)
{
    struct stat st;
    if (fstat(fd, &st) < 0)
        return err_sys(e, ERR_IO, errno, "%s", path);
    if (!S_ISREG(st.st_mode))
        return err_set(e, ERR_CONFIG, "%s is not a regular file", path);
    if (st.st_uid != geteuid() && st.st_uid != 0)
        return err_set(e, ERR_CONFIG, "%s belongs to somebody else", path);
    if (st.st_mode & 022)
        return err_set(e, ERR_CONFIG, "%s can be written by others; chmod 600 %s", path, path);
    return true;
}

bool rules_read(struct rules *r, const char *path, struct err *e)
{
    CLEANUP(buf_free) struct buf text = BUF_INIT(RULES_FILE_MAX);
    CLEANUP(fd_close_p) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0 && errno == ENOENT)
        return true;
    if (fd < 0)
        return err_sys(e, ERR_CONFIG, errno, "%s", path);
    if (!check_owner(fd, path, e) || !fs_read_fd(fd, &text, e))
        return err_wrap(e, "rules");
    size_t before = r->list.n, number = 0;
    const char *slash = strrchr(path, '/');
    struct str rest = buf_view(&text), line;
    while (str_line(&rest, &line)) {
        char from[128];
        snprintf(from, sizeof(from), "%s:%zu", slash ? slash + 1 : path, ++number);
        if (!rules_add(r, line, from, e)) {
            r->list.n = before;
            return err_wrap(e, "%s:%zu", path, number);
        }
    }
    return true;
}

void rule_text(const struct rule *r, struct buf *out)
{
    buf_printf(out, "%s %s", verdicts[r->verdict], r->tool);
    if (r->pattern)
        buf_printf(out, " %s", r->pattern);
}

/* ---- matching ---- */

bool rule_for_tool(const struct rule *r, const struct tool_desc *tool)
{
    return strcmp(r->tool, "*") == 0 || strcmp(r->tool, tool->name) == 0 ||
           (tool->effect == TOOL_RUNS && strcmp(r->tool, "bash") == 0);
}

static bool word_matches(const struct shell_command *pattern, size_t i, const char *word)
{
    if (!pattern->globs[i])
        return strcmp(pattern->words[i], word) == 0;
    return fnmatch(pattern->words[i], word, FNM_NOESCAPE) == 0;
}

/* A quoted * of the pattern is not the * that the shell expands. */
static bool word_covers(const struct shell_command *pattern, size_t i,
                        const struct shell_command *c)
{
    return (pattern->globs[i] || !c->globs[i]) && word_matches(pattern, i, c->words[i]);
}

/* Does the pattern cover the whole command? *ret_literal: how many of its words are no globs. */
static bool covers(const struct shell_command *pattern, const struct shell_command *c,
                   size_t *ret_literal)
{
    size_t last = pattern->n - 1;
    bool open = pattern->globs[last] && strcmp(pattern->words[last], "*") == 0;
    size_t fixed = open ? last : pattern->n;
    if (c->n < fixed || (!open && c->n != fixed))
        return false;
    *ret_literal = 0;
    for (size_t i = 0; i < fixed; i++) {
        if (!word_covers(pattern, i, c))
            return false;
        *ret_literal += !pattern->globs[i];
    }
    return true;
}

static bool allows(const struct rule *r, const struct command_part *part)
{
    size_t literal;
    const char *program = part->shell->words[0];
    if (part->class == COMMAND_RUNS || part->writes)
        return false;
    /* "./run" is another program in every directory. */
    if (part->moved && program[0] != '/' && strchr(program, '/'))
        return false;
    if (!r->words) /* "allow bash": everything that is plain */
        return !r->pattern && !part->outside && !part->secret && !part->guarded && !part->risk &&
               !part->raised && !(part->program && (part->program->flags & PROGRAM_CODE));
    if (!covers(r->words, part->shell, &literal))
        return false;
    if (literal == r->words->n)
        return true;
    bool code = part->program && (part->program->flags & PROGRAM_CODE);
    return !part->outside && !part->secret && !part->guarded && !part->raised && !code &&
           (!part->risk || literal > 1);
}

/* The words of the pattern occur in this order. */
static bool in_order(const struct shell_command *pattern, const struct shell_command *c)
{
    size_t at = 1;
    for (size_t i = 1; i < pattern->n; i++) {
        bool open = i == pattern->n - 1 && pattern->globs[i] && strcmp(pattern->words[i], "*") == 0;
        while (!open && at < c->n && !word_matches(pattern, i, c->words[at]))
            at++;
        if (!open && at++ >= c->n)
            return false;
    }
    return true;
}

static bool same_program(const struct rule *r, const struct command_part *part)
{
    const char *slash = strrchr(part->shell->words[0], '/');
    const char *base = slash ? slash + 1 : part->shell->words[0];
    const char *named = strrchr(r->words->words[0], '/');
    named = named ? named + 1 : r->words->words[0];
    return strcmp(named, base) == 0 || strcmp(named, part->name) == 0;
}

bool rule_matches_part(const struct rule *r, const struct command_part *part, struct arena *a)
{
    if (r->verdict == VERDICT_ALLOW)
        return allows(r, part);
    if (!r->words)
        return r->pattern == NULL;
    if (same_program(r, part) && in_order(r->words, part->shell))
        return true;
    bool code = part->program && (part->program->flags & PROGRAM_CODE);
    return r->verdict == VERDICT_DENY && (part->class == COMMAND_RUNS || code) &&
           rule_mentioned(r, part->shell->text, a);
}

bool rule_mentioned(const struct rule *r, struct str text, struct arena *a)
{
    if (!r->words)
        return r->pattern == NULL;
    const char *slash = strrchr(r->words->words[0], '/');
    return command_mentions(text, slash ? slash + 1 : r->words->words[0], a);
}

bool rule_matches_path(const struct rule *r, const char *relative, const char *real)
{
    if (!r->pattern)
        return true;
    struct str pattern = str_of(r->pattern);
    bool named = glob_match(pattern, str_of(relative));
    bool there = real ? glob_match(pattern, str_of(real)) : named;
    return r->verdict == VERDICT_ALLOW ? named && there : named || there;
}
