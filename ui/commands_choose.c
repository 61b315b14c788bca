/* SPDX-License-Identifier: MIT
 *
 * commands_choose: what is taken from a list: a command by its name or help, a message of before.
 */
#include "ui/app.h"

#include "base/mem.h"

#include <stdio.h>
#include <string.h>

/* The first key that does it outside of panes, where they mean other things. */
static void key_of(enum command command, struct buf *out)
{
    for (size_t i = 0; i < bindings_n; i++) {
        enum context at = bindings[i].context;
        if (bindings[i].command == command &&
            (at == CONTEXT_ANY || at == CONTEXT_EMPTY || at == CONTEXT_BUSY || at == CONTEXT_EDIT)) {
            key_name(bindings[i].key, out);
            return;
        }
    }
}

static void add_commands(struct chooser *c)
{
    for (enum command i = CMD_NONE + 1; i < CMD_COUNT; i++) {
        const struct command_desc *d = &command_table[i];
        CLEANUP(buf_free) struct buf key = BUF_OWN;
        key_of(i, &key);
        if (d->kind == COMMAND_SAY)
            chooser_add(c, str_of(d->name), d->args, d->help, buf_cstr(&key));
    }
}

static void add_sessions(struct ui *ui, struct chooser *c)
{
    const struct section *all = ui->snap->sections[REC_SESSION];
    for (size_t i = all->n; i > 0; i--) {
        const struct rec_session *s = REC(all->v[i - 1], session);
        char line[160];
        snprintf(line, sizeof(line), "session %s", s->name);
        if (!ui->session || strcmp(s->id, ui->session) != 0)
            chooser_add(c, str_of(line), "", "go there", "");
    }
}

static void open_list(struct ui *ui, enum chooses what)
{
    ui_line_open(ui, "");
    ui->chooser.what = what;
    chooser_filter(&ui->chooser, STR(""));
}

void cmd_palette(struct ui *ui, struct str args)
{
    (void)args;
    chooser_done(&ui->chooser);
    add_commands(&ui->chooser);
    add_sessions(ui, &ui->chooser);
    open_list(ui, CHOOSES_COMMAND);
}

void cmd_history(struct ui *ui, struct str args)
{
    struct str text;
    (void)args;
    chooser_done(&ui->chooser);
    for (size_t i = 0; editor_remembered(ui->composer, i, &text); i++)
        chooser_add(&ui->chooser, text, NULL, NULL, "");
    if (ui->chooser.all.n == 0) {
        ui_notice(ui, LOOK_NOTICE, "nothing was asked before");
        return;
    }
    open_list(ui, CHOOSES_MESSAGE);
}

void cmd_choice_before(struct ui *ui, struct str args)
{
    (void)args;
    chooser_move(&ui->chooser, -1);
}

void cmd_choice_after(struct ui *ui, struct str args)
{
    (void)args;
    chooser_move(&ui->chooser, 1);
}

/* A command that wants arguments goes on in the line; others run. */
void cmd_choice_take(struct ui *ui, struct str args)
{
    const struct choice *one = chooser_chosen(&ui->chooser);
    enum chooses what = ui->chooser.what;
    (void)args;
    if (!one || what == CHOOSES_NOTHING)
        return;
    CLEANUP(buf_free) struct buf text = BUF_OWN;
    bool wants = one->args && one->args[0] && one->args[0] != '[';
    if (what == CHOOSES_FILE) {
        bool blank = strchr(one->text, ' ') != NULL;
        buf_printf(&text, blank ? "\"%s\" " : "%s ", one->text);
        editor_set(ui->line, buf_view(&text));
        ui_line_close(ui);
        return;
    }
    buf_printf(&text, "%s%s", one->text, wants ? " " : "");
    ui_line_close(ui);
    if (what == CHOOSES_MESSAGE) {
        ui_to_composer(ui);
        editor_set(ui->composer, buf_view(&text));
    } else if (wants) {
        ui_line_open(ui, buf_cstr(&text));
    } else {
        editor_remember(ui->line, buf_view(&text));
        ui_command_line(ui, buf_view(&text));
    }
}
