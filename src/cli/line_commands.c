/* SPDX-License-Identifier: MIT
 *
 * line_commands: what begins with '/': the verbs, and the commands of the console that make sense without
 * a screen; and the answers to a question.
 */
#include "cli/line_mode.h"

#include "base/mem.h"
#include "cli/signals.h"
#include "cli/verb.h"
#include "contract/settings.h"
#include "model/provider.h"
#include "text/fuzzy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef bool run(struct line *l, struct str args, struct err *e);

/* ---- those that act ---- */

static char *copy(struct str s)
{
    return mem_strndup(s.n ? s.p : "", s.n);
}

static bool simple(struct line *l, enum action_id id, const void *args, struct err *e)
{
    struct action_answer answer;
    return line_act(l, id, args, &answer, e);
}

static bool quit(struct line *l, struct str args, struct err *e)
{
    (void)args;
    (void)e;
    l->quit = true;
    return true;
}

/* Goes to a session, made when it is not there. */
static bool session(struct line *l, struct str args, struct err *e)
{
    CLEANUP(mem_free_p) char *name = copy(args);
    struct action_answer answer;
    if (args.n == 0)
        return line_command(l, STR("session-get"), e);
    if (!line_act(l, ACT_SESSION_SWITCH, &(struct act_session_switch){.session = name, .create = true}, &answer, e))
        return false;
    memcpy(l->session, answer.id, ID_MAX);
    return true;
}

static bool new(struct line *l, struct str args, struct err *e)
{
    CLEANUP(mem_free_p) char *name = copy(args);
    struct action_answer answer;
    if (!line_act(l, ACT_SESSION_NEW, &(struct act_session_new){.name = args.n ? name : NULL}, &answer, e))
        return false;
    memcpy(l->session, answer.id, ID_MAX);
    return true;
}

static bool model(struct line *l, struct str args, struct err *e)
{
    CLEANUP(mem_free_p) char *name = copy(args);
    if (args.n == 0)
        return line_command(l, STR("model-show"), e);
    return simple(l, ACT_MODEL_SET, &(struct act_model_set){.model = name}, e);
}

static bool mode(struct line *l, struct str args, struct err *e)
{
    CLEANUP(mem_free_p) char *name = copy(args);
    if (args.n == 0) {
        line_say(l, "the mode is %s", policy_mode_name(policy_mode(l->app.policy)));
        return true;
    }
    return simple(l, ACT_POLICY_MODE, &(struct act_policy_mode){.mode = name}, e);
}

/* What wants a word has it behind: "/policy strict yes". */
static bool has_word(struct str *args, const char *command, struct err *e)
{
    if (str_ends(*args, " yes") || str_is(*args, "yes")) {
        *args = str_trim(str_sub(*args, 0, args->n - 3));
        return true;
    }
    return err_set(e, ERR_USAGE, "/%s %.*s changes what is allowed: say it again with yes behind it", command,
                   STR_ARG(str_sub(*args, 0, 60)));
}

static bool policy(struct line *l, struct str args, struct err *e)
{
    if (args.n == 0)
        return line_command(l, STR("policy-show"), e);
    if (!has_word(&args, "policy", e))
        return false;
    CLEANUP(mem_free_p) char *name = copy(args);
    return simple(l, ACT_POLICY_PRESET, &(struct act_policy_preset){.preset = name}, e);
}

static bool trust(struct line *l, struct str args, struct err *e)
{
    if (!has_word(&args, "trust", e))
        return false;
    return simple(l, ACT_POLICY_TRUST, &(struct act_policy_trust){.revoke = str_is(args, "revoke")}, e);
}

static bool steer(struct line *l, struct str args, struct err *e)
{
    CLEANUP(mem_free_p) char *text = copy(args);
    if (!l->turn[0])
        return line_submit(l, args, NULL, e);
    return simple(l, ACT_TURN_STEER,
                  &(struct act_turn_steer){.session = line_session(l), .input = text, .source = "line"}, e);
}

static bool cancel(struct line *l, struct str args, struct err *e)
{
    (void)args;
    if (!l->turn[0])
        return err_set(e, ERR_NOT_FOUND, "nothing runs");
    return simple(l, ACT_TURN_CANCEL, &(struct act_turn_cancel){.turn = l->turn}, e);
}

static bool pull(struct line *l, struct str args, struct err *e)
{
    struct action_answer answer;
    (void)args;
    return line_act(l, ACT_TURN_PULL, &(struct act_turn_pull){.session = line_session(l)}, &answer, e);
}

static bool job_cancel(struct line *l, struct str args, struct err *e)
{
    CLEANUP(mem_free_p) char *job = copy(args);
    return simple(l, ACT_JOB_CANCEL, &(struct act_job_cancel){.job = job}, e);
}

static bool rename_session(struct line *l, struct str args, struct err *e)
{
    CLEANUP(mem_free_p) char *name = copy(args);
    return simple(l, ACT_SESSION_RENAME, &(struct act_session_rename){.session = line_session(l), .name = name}, e);
}

/* ---- questions ---- */

static bool resolve(struct line *l, bool yes, const char *scope, const char *reason, struct err *e)
{
    if (!l->question.id[0])
        return err_set(e, ERR_NOT_FOUND, "nothing is asked");
    if (!simple(l, ACT_APPROVAL_RESOLVE,
                &(struct act_approval_resolve){.approval = l->question.id,
                                               .approve = yes,
                                               .scope = yes ? scope : NULL,
                                               .reason = reason && reason[0] ? reason : NULL},
                e))
        return false;
    l->question.id[0] = '\0'; /* what is typed now is for something else */
    return true;
}

static bool approve(struct line *l, struct str args, struct err *e)
{
    CLEANUP(mem_free_p) char *scope = copy(args);
    return resolve(l, true, args.n ? scope : "once", NULL, e);
}

static bool reject(struct line *l, struct str args, struct err *e)
{
    CLEANUP(mem_free_p) char *reason = copy(args);
    return resolve(l, false, NULL, reason, e);
}

static bool diff(struct line *l, struct str args, struct err *e)
{
    (void)args;
    if (!l->question.id[0])
        return err_set(e, ERR_NOT_FOUND, "nothing is asked");
    line_say(l, "%s", l->question.text);
    return true;
}

bool line_answer(struct line *l, struct str text)
{
    const struct line_question *q = &l->question;
    struct err e = ERR_INIT;
    bool yes = str_is(text, "yes") || (!q->risky && str_is(text, "y")), ok;
    if (yes)
        ok = resolve(l, true, "once", NULL, &e);
    else if (str_is(text, "a") && q->has_session)
        ok = resolve(l, true, "session", NULL, &e);
    else if (str_is(text, "p") && q->has_prefix)
        ok = resolve(l, true, "prefix", NULL, &e);
    else if (str_is(text, "d"))
        ok = diff(l, text, &e);
    else if (str_is(text, "n") || str_is(text, "no") || str_starts(text, "n "))
        ok = reject(l, str_trim(str_sub(text, str_is(text, "no") ? 2 : 1, text.n)), &e);
    else
        return false;
    if (!ok)
        line_fail(l, &e);
    return true;
}

/* ---- the table ---- */

static run help;

static const struct {
    const char *name, *args, *help;
    run *run;
} commands[] = {
    {"help", "[COMMAND]", "this list, or one of them", help},
    {"quit", "", "leave tau", quit},
    {"exit", "", "the same", quit},
    {"new", "[NAME]", "begin a new session", new},
    {"session", "[NAME]", "go to a session, made when it is not there; alone: say which, in one line", session},
    {"rename", "NAME", "name this session", rename_session},
    {"model", "[PROVIDER/MODEL]", "choose the model of the next turns; alone: say which", model},
    {"mode", "[ask|edits|plan|auto]", "how much is asked; alone: say it", mode},
    {"policy", "[PRESET yes]", "which limits hold; alone: limits, sandbox and rules as JSON", policy},
    {"trust", "[revoke] yes", "trust this directory's own configuration", trust},
    {"steer", "TEXT", "add to the running turn: read after its next call", steer},
    {"pull", "", "take back the newest text that waits", pull},
    {"cancel", "", "stop the running turn", cancel},
    {"approve", "[once|session|prefix]", "say yes to what is asked", approve},
    {"reject", "[REASON]", "say no to what is asked", reject},
    {"diff", "", "show what is asked about, whole", diff},
    {"job-cancel", "JOB", "stop a background job", job_cancel},
};

static bool help(struct line *l, struct str args, struct err *e)
{
    CLEANUP(buf_free) struct buf out = BUF_OWN;
    CLEANUP(mem_free_p) char *name = copy(str_starts(args, "/") ? str_sub(args, 1, args.n) : args);
    bool any = false;
    for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
        if (name[0] && strcmp(commands[i].name, name) != 0)
            continue;
        buf_printf(&out, "  /%s %s  %s\n", commands[i].name, commands[i].args, commands[i].help);
        any = true;
    }
    any |= verb_help(&out, name);
    if (!any)
        return err_set(e, ERR_NOT_FOUND, "there is no command '/%.60s'", name);
    if (!name[0])
        buf_puts(&out, "anything else is asked; !COMMAND runs in the shell; # TEXT is remembered\n");
    line_out(l, buf_view(&out));
    return true;
}

static bool by_verb(struct line *l, struct str text, struct err *e)
{
    CLEANUP(buf_free) struct buf out = BUF_INIT(VERB_OUTPUT_MAX);
    struct verb v = {.app = &l->app,
                     .reader = core_reader(l->app.core),
                     .actor = core_actor(l->app.core),
                     .who = {"operator", ROLE_ADMIN},
                     .session = line_session(l),
                     .out = &out,
                     .console = true};
    struct signals_watch watch;
    if (!signals_watch_begin(&watch, e))
        return false;
    v.cancel = watch.fired;
    bool ok = verb_line(&v, text, e);
    int signo = signals_watch_end(&watch);
    if (signo && signo != SIGINT) {
        l->quit = true;
        l->status = 128 + signo;
    }
    line_out(l, buf_view(&out));
    if (v.show[0])
        memcpy(l->session, v.show, ID_MAX);
    free(v.image);
    return ok;
}

bool line_command(struct line *l, struct str text, struct err *e)
{
    struct str rest = str_trim(text), name = rest;
    ssize_t blank = str_index(rest, ' ');
    if (blank >= 0)
        name = str_sub(rest, 0, (size_t)blank);
    struct str args = str_trim(str_sub(rest, name.n, rest.n));
    struct str after;
    bool words = verb_of_words(rest, &after) != VERB_COUNT;
    for (size_t i = 0; i < ARRAY_LEN(commands) && !words; i++)
        if (str_is(name, commands[i].name))
            return commands[i].run(l, args, e);
    CLEANUP(mem_free_p) char *prompt = mem_printf("/%.*s", STR_ARG(name));
    if (words || verb_is(str_of(prompt)))
        return by_verb(l, rest, e);
    const char *all[VERB_NAMES_MAX + ARRAY_LEN(commands)];
    size_t n = verb_names(all, VERB_NAMES_MAX);
    for (size_t i = 0; i < ARRAY_LEN(commands); i++)
        all[n++] = commands[i].name;
    err_set(e, ERR_USAGE, "there is no command /%.*s", STR_ARG(str_sub(name, 0, 60)));
    return fuzzy_hint(e, name, all, n, "/", "/help lists them");
}
