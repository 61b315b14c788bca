/* SPDX-License-Identifier: MIT
 *
 * keys: what comes from the terminal to what it does. A question that is asked looks at a key
 * first; then the bindings of the focus; what is left is text.
 */
#include "ui/app.h"

#include "json/json.h"

#include "base/mem.h"
#include "text/utf8.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct editor *ui_editor(struct ui *ui)
{
    if (ui->focus == FOCUS_LINE)
        return ui->line;
    return approve_has_field(&ui->approve) ? ui->field : ui->composer;
}

static void say_full(struct ui *ui, const struct editor *ed)
{
    ui_notice(ui, LOOK_FAIL, "that does not fit: it holds at most %d bytes",
              ed == ui->line ? (int)LINE_MAX_BYTES - 1 : (int)COMPOSER_MAX);
}

static bool insert(struct ui *ui, struct editor *ed, struct str text)
{
    bool fits = editor_insert(ed, text);
    if (!fits)
        say_full(ui, ed);
    if (ed == ui->line)
        ui_line_changed(ui);
    return fits;
}

static void insert_code(struct ui *ui, struct editor *ed, uint32_t code)
{
    char bytes[4];
    insert(ui, ed, str_make(bytes, utf8_encode(code, bytes)));
}

/* ---- questions ---- */

static bool asks(const struct ui *ui)
{
    return ui->question &&
           (ui->focus == FOCUS_COMPOSER || (ui->focus == FOCUS_PAGER && ui->pager.answers));
}

static void begin_field(struct ui *ui)
{
    if (ui->approve.state == APPROVE_WORD && ui->approve.with_arguments) {
        free(ui->arguments);
        struct str text = editor_text(ui->field);
        ui->arguments = mem_strndup(text.n ? text.p : "", text.n);
    }
    editor_clear(ui->field);
    ui_to_composer(ui);
    if (ui->approve.state != APPROVE_ARGUMENTS || !ui->question)
        return;
    const struct rec *tool = snapshot_find(ui->snap, REC_TOOL, ui->question->call);
    if (tool)
        editor_set(ui->field, body_view(REC(tool, tool)->arguments));
}

static void end_field(struct ui *ui)
{
    editor_clear(ui->field);
    free(TAKE(ui->arguments));
}

/* A call with what is no JSON would fail, and the question would be gone. */
static bool are_arguments(struct ui *ui)
{
    struct err e = ERR_INIT;
    CLEANUP(json_free_p) struct json *j = json_parse(str_of(ui->arguments), &e);
    if (j && json_type(j) == JSON_OBJECT)
        return true;
    ui_notice(ui, LOOK_FAIL, "the arguments are no JSON object: %s", j ? "" : e.message);
    return false;
}

static void answer_yes(struct ui *ui)
{
    struct str text = editor_text(ui->field);
    if (ui->approve.with_arguments && !ui->arguments)
        ui->arguments = mem_strndup(text.n ? text.p : "", text.n);
    if (ui->approve.with_arguments && !are_arguments(ui)) {
        editor_set(ui->field, str_of(ui->arguments)); /* to be mended */
        free(TAKE(ui->arguments));
        ui->approve.state = APPROVE_ARGUMENTS;
        return;
    }
    ui_resolve(ui, true, ui->approve.scope, NULL,
               ui->approve.with_arguments ? ui->arguments : NULL);
    end_field(ui);
    ui_to_composer(ui);
}

static void answer_no(struct ui *ui)
{
    struct str text = editor_text(ui->field);
    CLEANUP(mem_free_p) char *reason = mem_strndup(text.n ? text.p : "", text.n);
    ui_resolve(ui, false, APPROVE_ONCE, reason, NULL);
    end_field(ui);
}

static void edit_field(struct ui *ui, struct key key)
{
    enum command c = binding_find(CONTEXT_EDIT, key);
    if (c != CMD_NONE && command_table[c].kind == COMMAND_EDITING)
        editor_do(ui->field, command_table[c].op);
    else if (c == CMD_NEWLINE && ui->approve.state == APPROVE_ARGUMENTS)
        insert(ui, ui->field, STR("\n"));
    else if (key_is_text(key))
        insert_code(ui, ui->field, key.code);
}

/* Does what the machine decided; true when the key is used up. */
static bool perform(struct ui *ui, enum approve_result r, uint32_t held, struct key key)
{
    switch (r) {
    case APPROVE_PASS:
        return false;
    case APPROVE_TAKEN:
        return true;
    case APPROVE_TEXT:
    case APPROVE_TEXT_ONLY:
        ui_to_composer(ui);
        insert_code(ui, ui->composer, held);
        return r == APPROVE_TEXT_ONLY;
    case APPROVE_EDIT:
        edit_field(ui, key);
        return true;
    case APPROVE_YES:
        answer_yes(ui);
        return true;
    case APPROVE_NO:
        answer_no(ui);
        return true;
    case APPROVE_DIFF:
        ui_page(ui, "what is asked", page_diff, true);
        return true;
    case APPROVE_FIELD:
        begin_field(ui);
        return true;
    case APPROVE_BACK:
        end_field(ui);
        return true;
    case APPROVE_BACK_TEXT:
        insert(ui, ui->composer, editor_text(ui->field));
        end_field(ui);
        return !key_is_text(key);
    }
    return false;
}

static const char *letter_command(const struct approve *a, enum approve_result r)
{
    if (r == APPROVE_YES)
        return a->scope == APPROVE_ONCE      ? "approve once"
               : a->scope == APPROVE_SESSION ? "approve session"
                                             : "approve prefix";
    return r == APPROVE_NO ? "reject" : r == APPROVE_DIFF ? "diff" : NULL;
}

static bool key_for_question(struct ui *ui, const struct input_event *ev, int64_t now_ms)
{
    if (!asks(ui)) {
        approve_touch(&ui->approve, now_ms);
        return false;
    }
    struct str word = editor_text(ui->field);
    CLEANUP(mem_free_p) char *text = mem_strndup(word.n ? word.p : "", word.n);
    struct approve_input in = {.key = ev->key,
                               .alone = ev->alone,
                               .composer_empty = editor_empty(ui->composer),
                               .word = text};
    uint32_t held = ui->approve.held;
    /* ^C, ^Z and the like are never an answer, nor part of one. */
    if ((ev->key.mods & MOD_CTRL) && binding_find(CONTEXT_ANY, ev->key) != CMD_NONE &&
        ui->approve.state != APPROVE_HOLDS) {
        approve_touch(&ui->approve, now_ms);
        return false;
    }
    /* One level back: what is shown of the question closes before the question is put off. */
    if (ui->focus == FOCUS_PAGER && ui->approve.state == APPROVE_ASKS && ev->key.code == KEY_ESCAPE) {
        approve_touch(&ui->approve, now_ms);
        return false;
    }
    enum approve_result r = approve_key(&ui->approve, &in, now_ms);
    const char *command = letter_command(&ui->approve, r);
    if (command)
        ui_log_key(ui, "Enter", command);
    return perform(ui, r, held, ev->key);
}

void ui_approve_tick(struct ui *ui, int64_t now_ms)
{
    char letter[2] = {(char)ui->approve.held, '\0'};
    enum approve_result r = approve_tick(&ui->approve, now_ms);
    const char *command = letter_command(&ui->approve, r);
    if (r == APPROVE_PASS)
        return;
    if (command)
        ui_log_key(ui, letter, command);
    perform(ui, r, 0, (struct key){0});
    ui->dirty = true;
}

/* ---- bindings ---- */

bool ui_busy(const struct ui *ui)
{
    struct activity a;
    activity_make(&a, ui->snap, ui->session);
    return a.turn != NULL;
}

static enum command command_of(struct ui *ui, struct key key)
{
    enum context order[4] = {CONTEXT_ANY, CONTEXT_ANY, CONTEXT_ANY, CONTEXT_ANY};
    switch (ui->focus) {
    case FOCUS_COMPOSER:
        /* What is special goes before what it is special of. */
        order[0] = ui_busy(ui) ? CONTEXT_BUSY : CONTEXT_EMPTY;
        order[1] = CONTEXT_EMPTY;
        order[2] = CONTEXT_EDIT;
        if (!editor_empty(ui->composer))
            order[1] = order[0] = ui_busy(ui) ? CONTEXT_BUSY : CONTEXT_EDIT;
        break;
    case FOCUS_PANE:
    case FOCUS_PAGER:
        order[1] = ui->focus == FOCUS_PANE ? ui_pane_context(ui->at) : CONTEXT_PAGER;
        order[0] = ui_finds(ui) ? CONTEXT_FIND : order[1];
        order[2] = CONTEXT_ROWS;
        break;
    case FOCUS_LINE:
        order[0] = ui->chooser.what != CHOOSES_NOTHING ? CONTEXT_CHOOSER : CONTEXT_LINE;
        order[1] = CONTEXT_EDIT;
        break;
    }
    for (size_t i = 0; i < ARRAY_LEN(order); i++) {
        enum command c = binding_find(order[i], key);
        if (c != CMD_NONE)
            return c;
    }
    return CMD_NONE;
}

static void run_bound(struct ui *ui, const struct input_event *ev, enum command c)
{
    if (command_table[c].kind == COMMAND_EDITING) {
        struct editor *ed = ui_editor(ui);
        size_t name = ed == ui->composer && command_table[c].op == EDIT_BACKSPACE ? ui_paste_before(ui) : 0;
        for (size_t i = 0; i < MAX(name, (size_t)1); i++) /* the name of a paste goes whole */
            editor_do(ed, command_table[c].op);
        if (ed == ui->line)
            ui_line_changed(ui);
        return;
    }
    /* Text that came without the marks of a paste: only its last line end sends it. */
    if ((c == CMD_SUBMIT || c == CMD_STEER || c == CMD_QUEUE) && !ev->last)
        c = CMD_NEWLINE;
    CLEANUP(buf_free) struct buf name = BUF_OWN;
    key_name(ev->key, &name);
    ui_log_key(ui, buf_cstr(&name), command_table[c].name);
    ui_command(ui, c, STR(""));
}

static void on_key(struct ui *ui, const struct input_event *ev, int64_t now_ms)
{
    enum command c = command_of(ui, ev->key);
    ui->notice[0] = '\0';
    if (c != CMD_STOP)
        ui->stops = 0;
    if (key_for_question(ui, ev, now_ms))
        return;
    c = command_of(ui, ev->key); /* a letter that was held may have changed the focus */
    if (c != CMD_NONE) {
        run_bound(ui, ev, c);
        return;
    }
    if (!key_is_text(ev->key) || ui->focus == FOCUS_PANE)
        return;
    if (ui->focus == FOCUS_PAGER) /* whoever types wants to write */
        ui_to_composer(ui);
    insert_code(ui, ui_editor(ui), ev->key.code);
    if (ev->key.code == '@' && ui_editor(ui) == ui->composer)
        ui_mention(ui);
}

static void on_paste(struct ui *ui, const struct input_event *ev, int64_t now_ms)
{
    uint32_t held = ui->approve.held;
    ui->notice[0] = '\0';
    ui->stops = 0;
    if (asks(ui)) {
        enum approve_result r = approve_other(&ui->approve, now_ms);
        if (r != APPROVE_EDIT)
            perform(ui, r, held, (struct key){0});
    } else {
        approve_touch(&ui->approve, now_ms);
    }
    if (ui->focus == FOCUS_PAGER || ui->focus == FOCUS_PANE)
        ui_to_composer(ui);
    bool fits = ui_editor(ui) == ui->composer ? ui_paste(ui, ev->paste) : insert(ui, ui_editor(ui), ev->paste);
    if (!fits)
        say_full(ui, ui_editor(ui));
    else if (ev->cut)
        ui_notice(ui, LOOK_FAIL, "the paste was cut after %d bytes", (int)INPUT_PASTE_MAX);
}

void ui_input(struct ui *ui, const struct input_event *ev, int64_t now_ms)
{
    if (ev->type == INPUT_FOCUS_IN || ev->type == INPUT_FOCUS_OUT)
        return;
    ui->dirty = true;
    if (ev->type == INPUT_KEY)
        on_key(ui, ev, now_ms);
    else if (ev->type == INPUT_MOUSE)
        ui_mouse(ui, ev);
    else
        on_paste(ui, ev, now_ms);
}
