/* SPDX-License-Identifier: MIT
 *
 * offer: a rule is only offered when it can be written down exactly.
 */
#include "policy/offer.h"

#include <stdio.h>
#include <string.h>

const char *offer_reason(const struct command_part *part, struct arena *a)
{
    if (part->writes)
        return arena_printf(a, "%s: its output goes to %s", part->name, part->writes);
    if (part->class != COMMAND_READS)
        return part->why;
    if (part->secret)
        return arena_printf(a, "%s: %s may hold secrets", part->name, part->secret);
    if (part->outside)
        return arena_printf(a, "%s: %s leads out of the workspace", part->name, part->outside);
    return part->why;
}

/* As a shell would need it, or false when single quotes can not hold it. */
static bool add_word(struct buf *out, const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "_-./,+@%^";
    buf_putc(out, ' ');
    if (word[0] && strspn(word, plain) == strlen(word))
        return buf_puts(out, word);
    if (strpbrk(word, "'\n"))
        return false;
    return buf_printf(out, "'%s'", word);
}

static bool is_subcommand(const char *word)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz";
    return word[0] && strchr(letters, word[0]) &&
           strspn(word, "abcdefghijklmnopqrstuvwxyz0123456789:_-") == strlen(word);
}

/* "allow TOOL words", with at most `n` of them and " *" behind. */
static void put_rule(char *to, size_t size, const struct shell_command *c, size_t n, bool star)
{
    struct buf text = BUF_INIT(size - 1);
    bool ok = buf_puts(&text, "allow bash");
    for (size_t i = 0; i < n && ok; i++)
        ok = !c->globs[i] && add_word(&text, c->words[i]);
    if (ok && star)
        ok = buf_puts(&text, " *");
    if (ok && buf_ok(&text))
        snprintf(to, size, "%s", buf_cstr(&text));
    buf_free(&text);
}

/* "./run" of another directory: the rule that could be written down means the one of the root. */
static bool elsewhere(const struct command_part *part)
{
    const char *program = part->shell->words[0];
    return part->moved && program[0] != '/' && strchr(program, '/');
}

static void offer_command(const struct facts *f, struct decision *d)
{
    const struct command_part *only = NULL;
    if (!f->command.parsed || f->command.risk)
        return;
    for (size_t i = 0; i < f->command.n; i++) {
        const struct command_part *part = &f->command.parts[i];
        if (command_part_reads(part))
            continue;
        if (only || part->class == COMMAND_RUNS || part->writes || part->guarded || part->outside ||
            part->secret || elsewhere(part))
            return;
        only = part;
    }
    if (!only)
        return;
    const struct shell_command *c = only->shell;
    put_rule(d->session_rule, sizeof(d->session_rule), c, c->n, false);
    bool code = only->program && (only->program->flags & PROGRAM_CODE);
    if (code || only->raised)
        return;
    bool subs = !only->program || only->sub;
    size_t n = subs && c->n > 1 && is_subcommand(c->words[1]) ? 2 : 1;
    /* A program that has subcommands is never allowed as a whole. */
    if (only->program && (only->program->flags & PROGRAM_SUBS) && n == 1)
        return;
    if (only->sub && n == 2 && strcmp(only->sub, c->words[1]) != 0)
        return;
    put_rule(d->prefix_rule, sizeof(d->prefix_rule), c, n, true);
}

static void offer_path(const struct facts *f, struct decision *d)
{
    if (f->n_paths != 1 || strpbrk(f->paths[0].relative, "*?[]{}\\#") || !f->paths[0].relative[0])
        return;
    const char *path = f->paths[0].relative, *slash = strrchr(path, '/');
    if (path[0] == ' ' || path[strlen(path) - 1] == ' ')
        return; /* blanks at the ends are lost in a line of rules */
    int n = snprintf(d->session_rule, sizeof(d->session_rule), "allow %s %s", f->tool->name, path);
    if (n < 0 || (size_t)n >= sizeof(d->session_rule))
        d->session_rule[0] = '\0';
    if (!slash)
        return;
    n = snprintf(d->prefix_rule, sizeof(d->prefix_rule), "allow %s %.*s/**", f->tool->name,
                 (int)(slash - path), path);
    if (n < 0 || (size_t)n >= sizeof(d->prefix_rule))
        d->prefix_rule[0] = '\0';
}

void offer_rules(const struct facts *f, struct decision *d)
{
    if (f->tool->effect == TOOL_RUNS)
        offer_command(f, d);
    else
        offer_path(f, d);
}
