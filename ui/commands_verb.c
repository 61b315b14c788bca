/* SPDX-License-Identifier: MIT
 *
 * commands_verb: commands that are verbs (contract/verbs.def): main does them, here they are sent
 * and what they say is shown: a line as a notice, more as a page.
 */
#include "ui/app.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/mem.h"
#include "text/argv.h"

#include <stdlib.h>
#include <string.h>

void ui_verb_send(struct ui *ui, const char *line)
{
    if (!ui->env->verb)
        ui_notice(ui, LOOK_FAIL, "that can not be done here");
    else if (!errand_start(&ui->errand, ui->env, str_of(line), ui->session))
        ui_notice(ui, LOOK_FAIL, "another command is still at work");
    else
        ui_notice(ui, LOOK_NOTICE, ":%s ...", line);
}

/* How many things a command is about. */
static size_t count_words(struct str args)
{
    CLEANUP(arena_free) struct arena a = ARENA_INIT;
    struct argv *words = ARENA_NEW(&a, struct argv);
    struct err e = ERR_INIT;
    return argv_split(args, &a, words, &e) ? words->n : 0; /* the verb says what is wrong with them */
}

void cmd_verb(struct ui *ui, struct str args)
{
    const struct command_desc *d = &command_table[ui->command];
    CLEANUP(mem_free_p)
    char *line = mem_printf("%s%s%.*s", d->name, args.n ? " " : "", STR_ARG(args));
    if (!command_confirms(ui->command)) {
        ui_verb_send(ui, line);
        return;
    }
    ui_line_open(ui, "");
    ui->confirm.open = true;
    free(ui->confirm.verb);
    ui->confirm.verb = mem_printf("%s --yes", line);
    size_t n = count_words(args);
    if (n > 1)
        ui_notice(ui, LOOK_NOTICE, ":%s of %zu  %s", d->name, n, d->help);
    else
        ui_notice(ui, LOOK_NOTICE, ":%s  %s", d->name, d->help);
}

static void page_said(struct ui *ui, struct doc *d, int width)
{
    doc_text(d, 1, width, LOOK_TEXT, NULL, LOOK_TEXT, str_trim(buf_view(&ui->said)));
}

/* An image goes with the next message; "": none does. */
static void attach(struct ui *ui, const char *image)
{
    if (!image[0])
        buf_clear(&ui->images);
    else
        buf_printf(&ui->images, "%s%s", ui->images.len ? "," : "", image);
    ui->n_images = image[0] ? ui->n_images + 1 : 0;
}

void ui_errand_back(struct ui *ui)
{
    struct errand *r = &ui->errand;
    if (!errand_take(r))
        return;
    ui->dirty = true;
    ui->notice[0] = '\0';
    struct str said = str_trim(buf_view(&r->out));
    if (str_index(said, '\n') >= 0) {
        buf_free(&ui->said);
        ui->said = r->out;
        r->out = BUF_OWN;
        ui_page(ui, "what came of it", page_said, false);
        ui->pager.still = true;
    } else if (r->ok) {
        said = said.n ? str_sub(said, 0, NOTICE_MAX) : STR("done");
        ui_notice(ui, LOOK_NOTICE, "%.*s", STR_ARG(said));
    }
    if (!r->ok) {
        const char *hint = err_hint_text(&r->err);
        ui_notice(ui, LOOK_FAIL, "%s%s%s", r->err.message, hint[0] ? ": " : "", hint);
    }
    if (r->after.image)
        attach(ui, r->after.image);
    if (r->after.show[0]) {
        free(ui->wanted);
        ui->wanted = mem_strdup(r->after.show);
        ui_choose(ui, clock_mono_ms());
    }
    ui->status_stale = true;
}
