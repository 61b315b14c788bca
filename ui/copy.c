/* SPDX-License-Identifier: MIT
 *
 * copy: text leaves the console for where people paste it from: inside tmux its buffer (which does not
 * take what a program asks of the terminal), else the terminal's own clipboard (OSC 52), and a file for
 * what is too much for that. What takes time is the courier's; of what is copied meanwhile only the newest
 * is wanted.
 */
#include "ui/app.h"

#include <stdlib.h>

enum { TERMINAL_MAX = 64 * 1024 };

static bool in_tmux(void)
{
    const char *tmux = getenv("TMUX");
    return tmux && tmux[0];
}

static void to_terminal(struct ui *ui, struct str text, const char *size)
{
    if (ui->tty && !tty_copy(ui->tty, text))
        ui_notice(ui, LOOK_FAIL, "the terminal is busy; once more");
    else
        ui_notice(ui, LOOK_NOTICE, "copied %s, if the terminal allows it", size);
}

void ui_copy(struct ui *ui, struct str text)
{
    struct err e = ERR_INIT;
    CLEANUP(buf_free) struct buf size = BUF_OWN;
    bool tmux = ui->tty && in_tmux(), file = text.n > TERMINAL_MAX;
    buf_count(&size, (int64_t)text.n, "byte");
    buf_free(&ui->copy_next);
    if (!tmux && !file) {
        to_terminal(ui, text, buf_cstr(&size));
        return;
    }
    if (ui->courier.thread.running)
        buf_str(&ui->copy_next, text);
    else if (!courier_start(&ui->courier, text, tmux, file, ui->env->copies, &e)) {
        ui_notice(ui, LOOK_FAIL, "not copied: %s", e.message);
        return;
    }
    ui_notice(ui, LOOK_NOTICE, "copying %s ...", buf_cstr(&size));
}

static void say(struct ui *ui)
{
    const struct courier *c = &ui->courier;
    CLEANUP(buf_free) struct buf size = BUF_OWN;
    buf_count(&size, (int64_t)c->text.len, "byte");
    if (c->place == COURIER_TMUX)
        ui_notice(ui, LOOK_NOTICE, "copied %s to tmux", buf_cstr(&size));
    else if (c->place == COURIER_FILE)
        ui_notice(ui, LOOK_NOTICE, "copied to %s (%s, more than a terminal takes)", c->path, buf_cstr(&size));
    else if (c->to_file)
        ui_notice(ui, LOOK_FAIL, "not copied: %s", c->err.message);
    else
        to_terminal(ui, buf_view(&c->text), buf_cstr(&size));
}

void ui_copied(struct ui *ui)
{
    if (!courier_take(&ui->courier))
        return;
    if (ui->copy_next.len == 0) {
        say(ui);
        return;
    }
    CLEANUP(buf_free) struct buf next = ui->copy_next;
    ui->copy_next = BUF_OWN;
    ui_copy(ui, buf_view(&next));
}
