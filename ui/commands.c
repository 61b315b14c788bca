/* SPDX-License-Identifier: MIT
 *
 * commands: those that act: each fills the struct of an action and submits it. And the line they
 * are written in.
 */
#include "ui/app.h"

#include "base/mem.h"
#include "contract/settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef void handler(struct ui *ui, struct str args);

static handler *const handlers[CMD_COUNT] = {
#define COMMAND(id, lc, name, args, kind, help) [CMD_##id] = cmd_##lc,
#define EDITING(id, op, name, help)
#include "ui/vm/commands.def"
#undef COMMAND
#undef EDITING
};

void ui_command(struct ui *ui, enum command command, struct str args)
{
    ui->command = command;
    if (handlers[command])
        handlers[command](ui, args);
    else if (command_table[command].kind == COMMAND_EDITING)
        editor_do(ui_editor(ui), command_table[command].op);
    ui->dirty = true;
}

void ui_command_line(struct ui *ui, struct str line)
{
    enum command command;
    struct str args;
    struct err e = ERR_INIT;
    if (str_trim(line).n == 0)
        return;
    if (!command_parse(line, &command, &args, &e)) {
        ui_notice(ui, LOOK_FAIL, "%s", e.message);
        return;
    }
    CLEANUP(mem_free_p) char *shown = mem_strndup(line.p, line.n);
    ui_log_key(ui, ":", shown);
    ui_command(ui, command, args);
}

/* ---- acting ---- */

void ui_act(struct ui *ui, enum action_id action, const void *arguments, char *text)
{
    answers_submit(ui->answers, &ui->env->actor, &ui->env->who, action, arguments, text);
}

static char *copy(struct str s)
{
    return mem_strndup(s.n ? s.p : "", s.n);
}

static bool refuse_empty(struct ui *ui, enum command command, struct str args)
{
    if (args.n > 0)
        return false;
    ui_notice(ui, LOOK_FAIL, ":%s wants %s", command_table[command].name,
              command_table[command].args);
    return true;
}

/* Asks for the word on the command line; run_confirmed submits. done: what is said once it was accepted, and
 * goes with the action, since meanwhile another may be asked about. */
static void confirm(struct ui *ui, enum action_id action, const char *command, const char *done)
{
    ui->confirm.open = true;
    ui->confirm.action = action;
    snprintf(ui->confirm.done, sizeof(ui->confirm.done), "%s", done);
    free(TAKE(ui->confirm.verb));
    ui_line_open(ui, "");
    ui_notice(ui, LOOK_NOTICE, ":%s  %s", command, action_table[action].help);
}

static bool run_confirmed(struct ui *ui, struct str word)
{
    CLEANUP(mem_free_p) char *verb = TAKE(ui->confirm.verb);
    bool yes = str_is(str_trim(word), "yes");
    ui->confirm.open = false;
    if (!yes)
        ui_notice(ui, LOOK_NOTICE, "not done");
    else if (verb)
        ui_verb_send(ui, verb);
    else
        ui_act(ui, ui->confirm.action, &ui->confirm.u, mem_strdup(ui->confirm.done));
    return yes;
}

void cmd_new(struct ui *ui, struct str args)
{
    CLEANUP(mem_free_p) char *name = copy(args);
    ui_act(ui, ACT_SESSION_NEW, &(struct act_session_new){.name = args.n ? name : NULL}, NULL);
}

void cmd_rename(struct ui *ui, struct str args)
{
    CLEANUP(mem_free_p) char *name = copy(args);
    if (!refuse_empty(ui, CMD_RENAME, args))
        ui_act(ui, ACT_SESSION_RENAME,
               &(struct act_session_rename){.session = ui->session, .name = name}, NULL);
}

void cmd_model(struct ui *ui, struct str args)
{
    CLEANUP(mem_free_p) char *name = copy(args);
    if (args.n == 0)
        ui_notice(ui, LOOK_NOTICE, "the model is %s", ui->status.model);
    else
        ui_act(ui, ACT_MODEL_SET, &(struct act_model_set){.model = name}, NULL);
}

void cmd_mode(struct ui *ui, struct str args)
{
    CLEANUP(mem_free_p) char *mode = copy(args);
    if (args.n == 0)
        ui_notice(ui, LOOK_NOTICE, "the mode is %s", ui->status.mode);
    else
        ui_act(ui, ACT_POLICY_MODE, &(struct act_policy_mode){.mode = mode}, NULL);
}

void cmd_mode_next(struct ui *ui, struct str args)
{
    (void)args;
    struct str all = str_of(setting_table[SET_MODE].unit), part, first = STR("ask");
    bool found = false, is_first = true;
    while (str_split(&all, '|', &part)) {
        if (is_first)
            first = part;
        is_first = false;
        if (found) {
            cmd_mode(ui, part);
            return;
        }
        found = str_is(part, ui->status.mode);
    }
    cmd_mode(ui, first);
}

static bool is_preset(struct str name)
{
    struct str all = str_of(setting_table[SET_PRESET].unit), one;
    while (str_split(&all, '|', &one))
        if (str_eq(one, name))
            return true;
    return false;
}

void cmd_policy(struct ui *ui, struct str args)
{
    if (args.n == 0) {
        ui_notice(ui, LOOK_NOTICE, "the preset is %s, the sandbox %s", ui->status.preset,
                  ui->status.sandbox);
        return;
    }
    if (!is_preset(args)) {
        ui_notice(ui, LOOK_FAIL, ":policy takes %s", command_table[CMD_POLICY].args);
        return;
    }
    snprintf(ui->confirm.text, sizeof(ui->confirm.text), "%.*s", STR_ARG(args));
    ui->confirm.u.policy_preset = (struct act_policy_preset){.preset = ui->confirm.text};
    char command[80], done[100];
    snprintf(command, sizeof(command), "policy %s", ui->confirm.text);
    snprintf(done, sizeof(done), "the preset is %s now", ui->confirm.text);
    confirm(ui, ACT_POLICY_PRESET, command, done);
}

void cmd_trust(struct ui *ui, struct str args)
{
    if (args.n > 0 && !str_is(args, "revoke")) {
        ui_notice(ui, LOOK_FAIL, ":trust takes nothing, or revoke");
        return;
    }
    ui->confirm.u.policy_trust = (struct act_policy_trust){.revoke = args.n > 0};
    confirm(ui, ACT_POLICY_TRUST, args.n > 0 ? "trust revoke" : "trust",
            args.n > 0 ? "this directory is not trusted any more" : "this directory is trusted now");
}

void cmd_cancel(struct ui *ui, struct str args)
{
    struct activity a;
    activity_make(&a, ui->snap, ui->session);
    CLEANUP(mem_free_p) char *turn = args.n ? copy(args) : mem_strdup(a.turn ? a.turn->id : NULL);
    if (!turn) {
        ui_notice(ui, LOOK_NOTICE, "nothing runs here");
        return;
    }
    ui_act(ui, ACT_TURN_CANCEL, &(struct act_turn_cancel){.turn = turn}, NULL);
}

void cmd_job_cancel(struct ui *ui, struct str args)
{
    CLEANUP(mem_free_p) char *job = copy(args);
    if (!refuse_empty(ui, CMD_JOB_CANCEL, args))
        ui_act(ui, ACT_JOB_CANCEL, &(struct act_job_cancel){.job = job}, NULL);
}

/* ---- sending ---- */

/* "/word" is a command, known or not; "/word and more" with a known name only; "/etc/passwd" is none. */
static bool is_command(struct str text)
{
    if (!str_starts(text, "/") || text.n < 2 || str_index(text, '\n') >= 0)
        return false;
    ssize_t blank = str_index(text, ' ');
    struct str word = str_sub(text, 1, blank < 0 ? text.n : (size_t)blank - 1);
    return str_index(word, '/') < 0 && (blank < 0 || command_is(str_sub(text, 1, text.n)));
}

/* Hands a text over: as a turn of its own, or to the one that runs. With an image it is always one of
 * its own. */
static void hand_over(struct ui *ui, enum action_id action, struct str text)
{
    char *sent = copy(text); /* it comes back with the answer */
    CLEANUP(mem_free_p)
    char *images = ui->n_images ? mem_printf("[%s]", buf_cstr(&ui->images)) : NULL;
    textview_bottom(&ui->view);
    bool steers = action == ACT_TURN_STEER && !images && !ui_is_shell(text);
    if (steers)
        name_list_add(&ui->steered, sent);
    if (steers)
        ui_act(ui, action,
               &(struct act_turn_steer){.session = ui->session, .input = sent, .source = "console"},
               sent);
    else
        ui_act(ui, ACT_TURN_SUBMIT,
               &(struct act_turn_submit){.session = ui->session,
                                         .input = sent,
                                         .source = "console",
                                         .model = ui_is_shell(text) ? "local/offline" : NULL,
                                         .images = images},
               sent);
    struct buf empty = ui->images_sent;
    buf_clear(&empty);
    ui->images_sent = ui->images;
    ui->n_sent = ui->n_images;
    ui->images = empty;
    ui->n_images = 0;
}

static void images_back(struct ui *ui)
{
    if (ui->n_images || !ui->n_sent)
        return;
    buf_str(&ui->images, buf_view(&ui->images_sent));
    ui->n_images = ui->n_sent;
}

/* What is in the composer: a command, or something to say. */
static void send(struct ui *ui, enum action_id action)
{
    if (ui->focus == FOCUS_LINE) {
        cmd_run(ui, STR(""));
        return;
    }
    struct str text = str_trim(editor_text(ui->composer));
    if (text.n == 0)
        return;
    if (is_command(text)) {
        enum command command;
        struct str rest;
        struct err e = ERR_INIT;
        if (!command_parse(str_sub(text, 1, text.n), &command, &rest, &e)) {
            ui_notice(ui, LOOK_FAIL, "%s", e.message);
            return;
        }
        CLEANUP(mem_free_p) char *line = copy(str_sub(text, 1, text.n));
        editor_remember(ui->composer, text);
        editor_clear(ui->composer);
        ui_command_line(ui, str_of(line));
        return;
    }
    CLEANUP(buf_free) struct buf whole = BUF_OWN;
    ui_unpaste(ui, text, &whole);
    CLEANUP(mem_free_p) char *said = copy(str_trim(buf_view(&whole)));
    editor_remember(ui->composer, str_of(said));
    editor_clear(ui->composer);
    if (ui_is_memory(str_of(said))) {
        ui_act(ui, ACT_MEMORY_WRITE,
               &(struct act_memory_write){.summary = said + 2, .session = ui->session}, copy(str_of(said)));
        return;
    }
    hand_over(ui, action, str_of(said));
}

void cmd_submit(struct ui *ui, struct str args)
{
    (void)args;
    send(ui, ACT_TURN_SUBMIT);
}

void cmd_steer(struct ui *ui, struct str args)
{
    if (args.n > 0)
        hand_over(ui, ACT_TURN_STEER, args);
    else
        send(ui, ACT_TURN_STEER);
}

void cmd_queue(struct ui *ui, struct str args)
{
    if (args.n > 0)
        hand_over(ui, ACT_TURN_SUBMIT, args);
    else
        send(ui, ACT_TURN_SUBMIT);
}

void cmd_pull(struct ui *ui, struct str args)
{
    (void)args;
    ui_act(ui, ACT_TURN_PULL, &(struct act_turn_pull){.session = ui->session}, NULL);
}

void ui_give_back(struct ui *ui, struct str text)
{
    CLEANUP(buf_free) struct buf both = BUF_OWN;
    buf_str(&both, text);
    if (!editor_empty(ui->composer)) {
        buf_putc(&both, '\n');
        buf_str(&both, editor_text(ui->composer));
    }
    editor_set(ui->composer, buf_view(&both));
    ui->dirty = true;
}

void cmd_newline(struct ui *ui, struct str args)
{
    (void)args;
    if (ui->focus == FOCUS_COMPOSER && !editor_insert(ui->composer, STR("\n")))
        ui_notice(ui, LOOK_FAIL, "the composer is full");
}

/* ---- questions ---- */

void ui_resolve(struct ui *ui, bool yes, enum approve_scope scope, const char *reason,
                const char *arguments)
{
    static const char *const scopes[] = {"once", "session", "prefix"};
    if (!ui->question)
        return;
    ui_act(ui, ACT_APPROVAL_RESOLVE,
           &(struct act_approval_resolve){.approval = ui->question->id,
                                          .approve = yes,
                                          .scope = yes ? scopes[scope] : NULL,
                                          .reason = reason && reason[0] ? reason : NULL,
                                          .arguments = arguments},
           NULL);
}

static bool scope_of(struct ui *ui, struct str args, enum approve_scope *ret)
{
    *ret = APPROVE_ONCE;
    if (args.n == 0 || str_is(args, "once"))
        return true;
    *ret = str_is(args, "session") ? APPROVE_SESSION : APPROVE_PREFIX;
    bool known = str_is(args, "session") || str_is(args, "prefix");
    bool offered =
        *ret == APPROVE_SESSION ? ui->approve.has_session_rule : ui->approve.has_prefix_rule;
    if (!known || !offered)
        ui_notice(ui, LOOK_FAIL,
                  known ? "that is not offered for this one"
                        : ":approve takes once, session or prefix");
    return known && offered;
}

void cmd_approve(struct ui *ui, struct str args)
{
    enum approve_scope scope;
    if (!ui->question) {
        ui_notice(ui, LOOK_NOTICE, "nothing is asked");
        return;
    }
    if (!scope_of(ui, args, &scope))
        return;
    if (approve_say(&ui->approve, scope) == APPROVE_PASS)
        ui_notice(ui, LOOK_NOTICE, "nothing is asked");
    editor_clear(ui->field);
}

void cmd_reject(struct ui *ui, struct str args)
{
    CLEANUP(mem_free_p) char *reason = copy(args);
    if (!ui->question || approve_deny(&ui->approve) != APPROVE_NO) {
        ui_notice(ui, LOOK_NOTICE, "nothing is asked");
        return;
    }
    ui_resolve(ui, false, APPROVE_ONCE, reason, NULL);
}

/* ---- answers of the core ---- */

static void on_refused(struct ui *ui, struct answer *answer, int64_t now_ms)
{
    const char *hint = err_hint_text(&answer->result.err);
    ui_notice(ui, LOOK_FAIL, "%s%s%s", answer->result.err.message, hint[0] ? ": " : "", hint);
    if (answer->action == ACT_APPROVAL_RESOLVE)
        approve_refused(&ui->approve, now_ms);
    bool sent = answer->action == ACT_TURN_SUBMIT || answer->action == ACT_TURN_STEER;
    if ((sent || answer->action == ACT_MEMORY_WRITE) && answer->text)
        ui_give_back(ui, str_of(answer->text)); /* what was written is never lost */
    if (sent && answer->text)
        images_back(ui);
}

void ui_answer(struct ui *ui, struct answer *answer, int64_t now_ms)
{
    ui->dirty = true;
    if (!answer->result.accepted) {
        on_refused(ui, answer, now_ms);
    } else {
        switch (answer->action) {
        case ACT_SESSION_NEW:
        case ACT_SESSION_SWITCH:
            if (answer->result.id[0]) {
                free(ui->wanted);
                ui->wanted = mem_strdup(answer->result.id);
                ui_choose(ui, now_ms); /* the snapshot may be there already, and no other come */
            }
            break;
        case ACT_TURN_PULL:
            if (answer->given)
                ui_give_back(ui, str_of(answer->given));
            break;
        case ACT_POLICY_PRESET:
        case ACT_POLICY_TRUST:
            if (answer->text)
                ui_notice(ui, LOOK_NOTICE, "%s", answer->text);
            ui->status_stale = true;
            break;
        case ACT_MEMORY_WRITE:
            ui_notice(ui, LOOK_NOTICE, "remembered; Alt-4 shows it");
            break;
        case ACT_POLICY_MODE:
        case ACT_MODEL_SET:
            ui->status_stale = true;
            break;
        default:
            break;
        }
    }
    free(TAKE(answer->text));
    free(TAKE(answer->given));
}

/* ---- the line that commands are written in ---- */

void ui_line_open(struct ui *ui, const char *text)
{
    if (ui->focus != FOCUS_LINE)
        ui->focus_before = ui->focus;
    ui->focus = FOCUS_LINE;
    ui->line_of_marks = false;
    editor_clear(ui->line);
    editor_insert(ui->line, str_of(text));
    ui_line_changed(ui);
}

void ui_line_close(struct ui *ui)
{
    if (ui->chooser.what == CHOOSES_FILE) /* what was looked for was written all the same */
        editor_insert(ui->composer, editor_text(ui->line));
    ui->focus =
        ui->focus_before == FOCUS_PAGER && !ui->pager.make ? FOCUS_COMPOSER : ui->focus_before;
    ui->confirm.open = false;
    chooser_done(&ui->chooser);
    name_list_done(&ui->candidates);
}

void cmd_command_line(struct ui *ui, struct str args)
{
    (void)args;
    ui_line_open(ui, "");
}

void cmd_run(struct ui *ui, struct str args)
{
    (void)args;
    if (ui->focus != FOCUS_LINE)
        return;
    CLEANUP(mem_free_p) char *text = copy(editor_text(ui->line));
    bool confirms = ui->confirm.open, of_marks = ui->line_of_marks, sent = true;
    ui_line_close(ui);
    if (confirms) {
        sent = run_confirmed(ui, str_of(text));
    } else {
        editor_remember(ui->line, str_of(text));
        ui_command_line(ui, str_of(text));
    }
    if (of_marks && ui->confirm.open) /* the same marks, once it was said yes to */
        ui->line_of_marks = true;
    else if (of_marks && sent)
        cmd_unmark(ui, STR(""));
}

/* ---- completion ---- */

static void add_name(void *arg, const char *name)
{
    name_list_add(arg, name);
}

static void add_choices(struct name_list *out, const char *choices)
{
    struct str all = str_of(choices), part;
    while (str_split(&all, '|', &part)) {
        CLEANUP(mem_free_p) char *name = copy(part);
        name_list_add(out, name);
    }
}

static void add_sessions(struct ui *ui, struct name_list *out)
{
    const struct section *all = ui->snap->sections[REC_SESSION];
    for (size_t i = 0; all && i < all->n; i++)
        name_list_add(out, REC(all->v[i], session)->name);
}

static void add_jobs(struct ui *ui, struct name_list *out)
{
    const struct section *all = ui->snap->sections[REC_JOB];
    for (size_t i = 0; all && i < all->n; i++) {
        if (!rec_ended(all->v[i]))
            name_list_add(out, rec_key(all->v[i]));
    }
}

/* Open ones; those that ended are in the pane. */
static void add_tasks(struct ui *ui, struct name_list *out)
{
    const struct section *all = ui->snap->sections[REC_TASK];
    char end[UI_SHORT_MAX];
    for (size_t i = 0; all && i < all->n; i++)
        if (!rec_ended(all->v[i]))
            name_list_add(out, ui_short_id(rec_key(all->v[i]), end));
}

static void complete_argument(struct ui *ui, enum command command, struct name_list *out)
{
    switch (command) {
    case CMD_MODE:
        add_choices(out, setting_table[SET_MODE].unit);
        break;
    case CMD_POLICY:
        add_choices(out, setting_table[SET_PRESET].unit);
        break;
    case CMD_APPROVE:
        add_choices(out, "once|session|prefix");
        break;
    case CMD_SKIN:
        add_choices(out, setting_table[SET_THEME].unit);
        break;
    case CMD_MOUSE:
        add_choices(out, "on|off");
        break;
    case CMD_TRUST:
        add_choices(out, "revoke");
        break;
    case CMD_SESSION:
        add_sessions(ui, out);
        break;
    case CMD_JOB_CANCEL:
        add_jobs(ui, out);
        break;
    case CMD_VERB_TASK_GET:
    case CMD_VERB_TASK_HISTORY:
    case CMD_VERB_TASK_UPDATE:
    case CMD_VERB_TASK_COMPLETE:
    case CMD_VERB_TASK_FAIL:
    case CMD_VERB_TASK_CANCEL:
        add_tasks(ui, out);
        break;
    case CMD_MODEL:
        if (ui->env->complete)
            ui->env->complete(ui->env->ctx, "model", add_name, out);
        break;
    default:
        break;
    }
}

void ui_line_changed(struct ui *ui)
{
    struct str text = editor_text(ui->line);
    if (ui->chooser.what != CHOOSES_NOTHING) {
        chooser_filter(&ui->chooser, text);
        /* A name has ended: it was none of a file, and is text. */
        if (ui->chooser.what == CHOOSES_FILE && str_ends(text, " "))
            ui_line_close(ui);
        return;
    }
    ui_pane_line(ui, text);
    ui_find_line(ui, text);
    name_list_done(&ui->candidates);
    ssize_t blank = str_index(text, ' ');
    enum command command;
    struct str args;
    struct err e = ERR_INIT;
    if (!ui->confirm.open && blank < 0) {
        command_complete(text, &ui->candidates);
    } else if (!ui->confirm.open && command_parse(text, &command, &args, &e)) {
        complete_argument(ui, command, &ui->candidates);
        names_filter(&ui->candidates, args);
    }
    ui->candidate = ui->candidates.names.n;
    snprintf(ui->completed, sizeof(ui->completed), "%.*s", STR_ARG(text));
}

static void complete(struct ui *ui, bool back)
{
    size_t n = ui->candidates.names.n;
    if (n == 0)
        return;
    if (back)
        ui->candidate = ui->candidate == 0 || ui->candidate > n ? n - 1 : ui->candidate - 1;
    else
        ui->candidate = ui->candidate + 1 >= n ? 0 : ui->candidate + 1;
    if (ui->candidate >= n)
        ui->candidate = 0;
    const char *blank = strchr(ui->completed, ' ');
    size_t keep = blank ? (size_t)(blank - ui->completed) + 1 : 0;
    CLEANUP(buf_free) struct buf text = BUF_OWN;
    buf_add(&text, ui->completed, keep);
    buf_puts(&text, ui->candidates.names.v[ui->candidate]);
    editor_set(ui->line, buf_view(&text));
    if (n == 1 && !blank) { /* the only one: on to its argument */
        editor_insert(ui->line, STR(" "));
        ui_line_changed(ui);
    }
}

void cmd_complete(struct ui *ui, struct str args)
{
    (void)args;
    if (ui->focus == FOCUS_LINE)
        complete(ui, false);
}

void cmd_complete_back(struct ui *ui, struct str args)
{
    (void)args;
    if (ui->focus == FOCUS_LINE)
        complete(ui, true);
}
