/* SPDX-License-Identifier: MIT
 *
 * decide: the order of policy.h, one function a step. A step either settles the matter and returns
 * true, or leaves it to the next.
 */
#include "policy/decide.h"

#include "base/fs.h"
#include "policy/offer.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

/* ---- facts ---- */

static bool gather_path(struct policy *p, struct arena *a, struct path_facts *f, struct err *e)
{
    f->relative = path_relative(&p->root, f->named, a, e);
    if (!f->relative)
        return false;
    CLEANUP(fd_close_p) int fd = path_open(&p->root, f->relative, O_PATH, false, e);
    if (fd < 0 && e->code == ERR_OUTSIDE)
        return false;
    *e = ERR_INIT; /* what is not there, or not ours to open, is the tool's affair */
    f->real = path_real(&p->root, f->relative, a);
    f->is_protected = f->write && path_protected(&p->root, f->relative, p->protected_paths);
    f->secret = command_secret(f->relative, false) || (f->real && command_secret(f->real, false));
    return true;
}

static bool gather_cwd(struct policy *p, const char *cwd, struct arena *a, const char **ret_cwd,
                       struct err *e)
{
    *ret_cwd = cwd && cwd[0] ? path_relative(&p->root, cwd, a, e) : "";
    if (!*ret_cwd)
        return err_wrap(e, "working directory");
    CLEANUP(fd_close_p) int fd = path_open(&p->root, *ret_cwd, O_PATH | O_DIRECTORY, false, e);
    return fd >= 0 || err_wrap(e, "working directory");
}

static void gather_command(struct policy *p, const struct tool_intent *intent, struct arena *a,
                           struct facts *f)
{
    struct sandbox_profile profile;
    struct command_place place = {
        .root = &p->root,
        .protected_paths = p->protected_paths,
        .path = p->path,
    };
    policy_sandbox(p, &profile);
    if (!sandbox_choose(&profile, &f->level, &f->sandbox_err))
        f->level = SANDBOX_NONE;
    f->bare_root = sandbox_probe()->root && f->level < SANDBOX_BWRAP;
    if (!gather_cwd(p, intent->cwd, a, &place.cwd, &f->err))
        return;
    place.repo_trusted = f->level != SANDBOX_NONE || policy_trusted(p);
    f->text = intent->command;
    command_judge(&place, str_of(intent->command), a, &f->command);
}

void facts_gather(struct policy *p, const struct tool_desc *tool, const struct tool_intent *intent,
                  struct arena *a, struct facts *ret_facts)
{
    struct facts f = {.tool = tool, .n_paths = intent->n_paths};
    f.paths = arena_array(a, MAX(f.n_paths, (size_t)1), sizeof(*f.paths));
    for (size_t i = 0; i < f.n_paths && f.err.code == ERR_NONE; i++) {
        f.paths[i].named = intent->paths[i].path;
        f.paths[i].write = intent->paths[i].write;
        gather_path(p, a, &f.paths[i], &f.err);
    }
    if (tool->effect == TOOL_RUNS && f.err.code == ERR_NONE) {
        if (intent->command)
            gather_command(p, intent, a, &f);
        else
            err_set(&f.err, ERR_INVALID, "there is no command");
    }
    *ret_facts = f;
}

/* ---- the steps ---- */

struct deciding {
    struct policy *p;
    const struct rules *session;
    const struct facts *f;
    struct arena *a;
    struct decision *d;
};

static bool settle(struct deciding *g, enum verdict verdict, const char *fmt, ...)
    ATTR_PRINTF(3, 4);

static bool settle(struct deciding *g, enum verdict verdict, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(g->d->rule, sizeof(g->d->rule), fmt, ap);
    va_end(ap);
    g->d->verdict = verdict;
    return true;
}

static bool deny(struct deciding *g, enum err_code code, const char *message)
{
    err_set(&g->d->err, code, "%s", message);
    g->d->err.phase = PHASE_TOOL;
    return settle(g, VERDICT_DENY, "%s", message);
}

static bool by_rule(struct deciding *g, const struct rule *r)
{
    struct buf text = BUF_INIT(RULE_BYTES_MAX + 64);
    rule_text(r, &text);
    settle(g, r->verdict, "rule %s (%s)", buf_cstr(&text), r->from);
    buf_free(&text);
    if (r->verdict == VERDICT_DENY) {
        err_set(&g->d->err, ERR_DENIED, "%s", g->d->rule);
        g->d->err.phase = PHASE_TOOL;
    }
    return true;
}

static bool reads_only(const struct facts *f)
{
    if (f->tool->effect == TOOL_RUNS)
        return command_reads(&f->command);
    return f->tool->effect == TOOL_READS;
}

/* Paths that nothing may change or that lie outside. */
static bool step_paths(struct deciding *g)
{
    const struct facts *f = g->f;
    if (f->err.code != ERR_NONE) {
        g->d->err = f->err;
        g->d->err.phase = PHASE_TOOL;
        return settle(g, VERDICT_DENY, "%s", f->err.message);
    }
    for (size_t i = 0; i < f->n_paths; i++)
        if (f->paths[i].is_protected)
            return deny(g, ERR_PROTECTED,
                        arena_printf(g->a, "%s %s", f->paths[i].relative,
                                     f->paths[i].real ? "is a protected path"
                                                      : "leads out of the workspace, or nowhere"));
    for (size_t i = 0; i < f->command.n; i++) {
        const struct command_part *part = &f->command.parts[i];
        bool repo = part->program && (part->program->flags & PROGRAM_REPO);
        if (part->guarded && (part->writes == part->guarded ||
                              (part->class == COMMAND_WRITES && !part->raised && !repo)))
            return deny(g, ERR_PROTECTED,
                        arena_printf(g->a, "%s is a protected path", part->guarded));
    }
    return false;
}

/* Every set of rules that counts now, in order. */
static const struct rules *rule_set(const struct deciding *g, size_t i)
{
    const struct policy *p = g->p;
    const struct rules *sets[] = {&p->builtin[p->preset], &p->user, &p->kept, g->session};
    return sets[i];
}
enum { RULE_SETS = 4 };

static bool matches_call(const struct deciding *g, const struct rule *r)
{
    const struct facts *f = g->f;
    if (!rule_for_tool(r, f->tool))
        return false;
    if (f->tool->effect == TOOL_RUNS) {
        for (size_t i = 0; i < f->command.n; i++)
            if (rule_matches_part(r, &f->command.parts[i], g->a))
                return true;
        if (f->command.parsed)
            return false;
        return r->verdict == VERDICT_DENY ? rule_mentioned(r, str_of(f->text), g->a) : !r->pattern;
    }
    for (size_t i = 0; i < f->n_paths; i++)
        if (rule_matches_path(r, f->paths[i].relative, f->paths[i].real))
            return true;
    return f->n_paths == 0 && !r->pattern;
}

/* The first rule with this verdict (ask or deny) that matches any part of the call. */
static bool step_rules(struct deciding *g, enum verdict verdict)
{
    for (size_t s = 0; s < RULE_SETS; s++) {
        const struct rules *set = rule_set(g, s);
        for (size_t i = 0; set && i < set->list.n; i++)
            if (set->list.v[i].verdict == verdict && matches_call(g, &set->list.v[i]))
                return by_rule(g, &set->list.v[i]);
    }
    return false;
}

/* The allow rule for one part or path of the call, or NULL. */
static const struct rule *allowing(const struct deciding *g, const struct command_part *part,
                                   const struct path_facts *path)
{
    for (size_t s = 0; s < RULE_SETS; s++) {
        const struct rules *set = rule_set(g, s);
        for (size_t i = 0; set && i < set->list.n; i++) {
            const struct rule *r = &set->list.v[i];
            if (r->verdict != VERDICT_ALLOW || !rule_for_tool(r, g->f->tool))
                continue;
            if (part ? rule_matches_part(r, part, g->a)
                     : rule_matches_path(r, path->relative, path->real))
                return r;
        }
    }
    return NULL;
}

/* Is there an allow rule that names this very path, without a pattern? */
static bool allowed_by_name(const struct deciding *g, const struct path_facts *path)
{
    for (size_t s = 0; s < RULE_SETS; s++) {
        const struct rules *set = rule_set(g, s);
        for (size_t i = 0; set && i < set->list.n; i++) {
            const struct rule *r = &set->list.v[i];
            if (r->verdict == VERDICT_ALLOW && rule_for_tool(r, g->f->tool) && r->pattern &&
                strcmp(r->pattern, path->relative) == 0)
                return true;
        }
    }
    return false;
}

static bool step_plan(struct deciding *g)
{
    const struct facts *f = g->f;
    if (g->p->mode != MODE_PLAN || reads_only(f))
        return false;
    if (f->tool->effect == TOOL_RUNS) {
        const char *why = f->command.why ? arena_printf(g->a, "it has %s", f->command.why) : NULL;
        for (size_t i = 0; i < f->command.n && !why; i++)
            if (!command_part_reads(&f->command.parts[i]))
                why = offer_reason(&f->command.parts[i], g->a);
        return deny(g, ERR_DENIED,
                    arena_printf(g->a, "mode plan: nothing may change now; %s", why ? why : ""));
    }
    return deny(
        g, ERR_DENIED,
        arena_printf(g->a, "mode plan: nothing may change now, and %s does", f->tool->name));
}

/* Limits of the preset, and the sandbox that it wants. *ret_cap: at best this. */
static bool step_preset(struct deciding *g, enum verdict *ret_cap)
{
    const struct facts *f = g->f;
    const struct preset *preset = &policy_presets[g->p->preset];
    *ret_cap = VERDICT_ALLOW;
    if (f->tool->effect != TOOL_RUNS)
        return false;
    size_t n = strlen(f->text);
    if (n > (size_t)preset->limits.max_command_length)
        return deny(g, ERR_TOO_LARGE,
                    arena_printf(g->a, "preset %s: a command has at most %lld bytes, this one %zu",
                                 preset->name, (long long)preset->limits.max_command_length, n));
    if (!preset->limits.allow_command_newlines && strchr(f->text, '\n'))
        return deny(g, ERR_DENIED,
                    arena_printf(g->a,
                                 "preset %s: a command is one line; put && between, or write "
                                 "a script",
                                 preset->name));
    if (f->sandbox_err.code != ERR_NONE)
        return deny(g, ERR_SANDBOX, f->sandbox_err.message);
    if (preset->limits.needs_sandbox && f->level == SANDBOX_NONE)
        return deny(g, ERR_SANDBOX,
                    arena_printf(g->a,
                                 "preset %s: no command without a sandbox, and this machine "
                                 "has none",
                                 preset->name));
    if (f->bare_root && preset->as_root == VERDICT_DENY)
        return deny(
            g, ERR_SANDBOX,
            arena_printf(g->a, "preset %s: no command as root without bubblewrap", preset->name));
    if (f->bare_root)
        *ret_cap = preset->as_root;
    return false;
}

/* Secrets are asked about, unless a rule names the very path. */
static bool step_secrets(struct deciding *g)
{
    const struct facts *f = g->f;
    for (size_t i = 0; i < f->n_paths; i++)
        if (f->paths[i].secret && !allowed_by_name(g, &f->paths[i]))
            return settle(g, VERDICT_ASK, "%s may hold secrets", f->paths[i].relative);
    return false;
}

static bool step_allow(struct deciding *g)
{
    const struct facts *f = g->f;
    const struct rule *last = NULL;
    if (f->tool->effect == TOOL_RUNS) {
        if (!f->command.parsed)
            return false;
        for (size_t i = 0; i < f->command.n; i++) {
            const struct command_part *part = &f->command.parts[i];
            const struct rule *r = allowing(g, part, NULL);
            if (!r && !command_part_reads(part))
                return false;
            last = r ? r : last;
        }
        return last && by_rule(g, last);
    }
    for (size_t i = 0; i < f->n_paths; i++) {
        last = allowing(g, NULL, &f->paths[i]);
        if (!last)
            return false;
    }
    return last && by_rule(g, last);
}

/* What the mode gives without asking. */
static bool step_mode(struct deciding *g)
{
    const struct facts *f = g->f;
    const char *mode = policy_mode_name(g->p->mode);
    if (reads_only(f))
        return settle(g, VERDICT_ALLOW, "mode %s: it only reads", mode);
    if (f->tool->effect == TOOL_CONTROLS)
        return settle(g, VERDICT_ALLOW, "mode %s: it acts on tau itself", mode);
    if (f->tool->effect == TOOL_WRITES)
        return (g->p->mode == MODE_EDITS || g->p->mode == MODE_AUTO) &&
               settle(g, VERDICT_ALLOW, "mode %s: edits in the workspace", mode);
    if (g->p->mode != MODE_AUTO || f->level == SANDBOX_NONE)
        return false;
    if (!f->command.parsed && !policy_presets[g->p->preset].auto_unparsed)
        return false;
    return settle(g, VERDICT_ALLOW, "mode auto: in the sandbox (%s)", sandbox_level_name(f->level));
}

static bool step_ask(struct deciding *g)
{
    const struct facts *f = g->f;
    const char *mode = policy_mode_name(g->p->mode);
    if (f->tool->effect != TOOL_RUNS)
        return settle(g, VERDICT_ASK, "mode %s: %s changes files", mode, f->tool->name);
    if (!f->command.parsed)
        return settle(g, VERDICT_ASK, "mode %s: the command was not understood (it has %s)", mode,
                      f->command.why);
    for (size_t i = 0; i < f->command.n; i++)
        if (!command_part_reads(&f->command.parts[i]) && !allowing(g, &f->command.parts[i], NULL))
            return settle(g, VERDICT_ASK, "mode %s: %s", mode,
                          offer_reason(&f->command.parts[i], g->a));
    return settle(g, VERDICT_ASK, "mode %s", mode);
}

static const char *risk_of(const struct facts *f)
{
    if (f->tool->effect == TOOL_RUNS)
        return f->command.risk ? "risky" : command_reads(&f->command) ? "read" : "run";
    return f->tool->effect == TOOL_READS    ? "read"
           : f->tool->effect == TOOL_WRITES ? "write"
                                            : "run";
}

bool decide_hides(struct policy *p, const struct rules *session, const struct facts *f)
{
    struct decision d;
    struct deciding g = {.p = p, .session = session, .f = f, .d = &d};
    return step_rules(&g, VERDICT_DENY) || (f->paths[0].secret && !allowed_by_name(&g, f->paths));
}

void decide_verdict(struct policy *p, const struct rules *session, const struct facts *f,
                    struct arena *a, struct decision *ret_decision)
{
    struct deciding g = {.p = p, .session = session, .f = f, .a = a, .d = ret_decision};
    enum verdict cap = VERDICT_ALLOW;
    *ret_decision = (struct decision){.verdict = VERDICT_ASK};
    snprintf(ret_decision->risk, sizeof(ret_decision->risk), "%s", risk_of(f));
    if (step_paths(&g) || step_rules(&g, VERDICT_DENY) || step_plan(&g) || step_preset(&g, &cap))
        return;
    if (step_rules(&g, VERDICT_ASK))
        return;
    if (step_secrets(&g)) {
        offer_rules(f, ret_decision);
        ret_decision->prefix_rule[0] = '\0'; /* one secret at a time */
        return;
    }
    if (!step_allow(&g) && !step_mode(&g)) {
        step_ask(&g);
        offer_rules(f, ret_decision);
    }
    if (cap != VERDICT_ASK)
        return;
    if (ret_decision->verdict == VERDICT_ALLOW)
        settle(&g, VERDICT_ASK, "preset %s: commands as root without bubblewrap are asked about",
               policy_presets[p->preset].name);
    ret_decision->session_rule[0] = ret_decision->prefix_rule[0] = '\0'; /* they would not help */
}
