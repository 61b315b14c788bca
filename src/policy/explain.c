/* SPDX-License-Identifier: MIT
 *
 * explain: the facts of a decision as lines.
 */
#include "policy/explain.h"

#include "policy/decide.h"
#include "policy/offer.h"

#include <string.h>

static const char *const verdicts[] = {
    [VERDICT_ALLOW] = "allow",
    [VERDICT_ASK] = "ask",
    [VERDICT_DENY] = "deny",
};

static void explain_words(const struct shell_command *c, struct buf *out)
{
    buf_puts(out, "  words ");
    for (size_t i = 0; i < c->n; i++)
        buf_printf(out, " [%s]%s", c->words[i], c->globs[i] ? "*" : "");
    buf_putc(out, '\n');
    for (size_t i = 0; i < c->n_redirects; i++)
        buf_printf(out, "  redirect %d %s%s %s\n", c->redirects[i].fd,
                   c->redirects[i].write ? ">" : "<", c->redirects[i].dup ? "&" : "",
                   c->redirects[i].target);
}

static void explain_part(const struct command_part *part, size_t number, struct arena *a,
                         struct buf *out)
{
    const struct {
        const char *label, *value;
    } rows[] = {
        {"outside", part->outside},   {"secret", part->secret}, {"writes", part->writes},
        {"protected", part->guarded}, {"risky", part->risk},
    };
    buf_printf(out, "command %zu: %.*s\n", number, STR_ARG(part->shell->text));
    explain_words(part->shell, out);
    buf_printf(out, "  class   %s\n", command_class_text(part->class));
    buf_printf(out, "  because %s\n", offer_reason(part, a));
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (rows[i].value)
            buf_printf(out, "  %-9s %s\n", rows[i].label, rows[i].value);
}

static void explain_decision(struct policy *p, const struct facts *f, const struct decision *d,
                             struct buf *out)
{
    buf_printf(out, "mode %s, preset %s, sandbox %s\n", policy_mode_name(policy_mode(p)),
               policy_preset_name(policy_preset(p)), sandbox_level_name(f->level));
    buf_printf(out, "risk %s\n", d->risk);
    if (d->session_rule[0])
        buf_printf(out, "for a session: %s\n", d->session_rule);
    if (d->prefix_rule[0])
        buf_printf(out, "always: %s\n", d->prefix_rule);
    buf_printf(out, "%s: %s\n", verdicts[d->verdict], d->rule);
}

void policy_explain(struct policy *p, const char *command, const char *cwd, struct buf *out,
                    struct decision *ret_decision)
{
    static const struct tool_desc bash = {.name = "bash", .effect = TOOL_RUNS};
    struct tool_intent intent = {.action = "bash", .command = command, .cwd = cwd};
    struct arena a = ARENA_INIT;
    struct facts f;
    facts_gather(p, &bash, &intent, &a, &f);
    pthread_mutex_lock(&p->lock);
    decide_verdict(p, NULL, &f, &a, ret_decision);
    pthread_mutex_unlock(&p->lock);
    if (f.text && !f.command.parsed)
        buf_printf(out, "not understood: it has %s\n", f.command.why);
    for (size_t i = 0; i < f.command.n; i++)
        explain_part(&f.command.parts[i], i + 1, &a, out);
    explain_decision(p, &f, ret_decision, out);
    arena_free(&a);
}
