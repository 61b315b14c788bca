/* SPDX-License-Identifier: MIT
 *
 * places: panes and sessions where the operator has been, back and forward as in a browser.
 */
#include "ui/app.h"

#include "base/clock.h"
#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void ui_place(struct ui *ui)
{
    struct place now = {.at = ui->at};
    snprintf(now.session, sizeof(now.session), "%s", ui->session ? ui->session : "");
    const struct place *last = ui->n_places ? &ui->places[ui->place] : NULL;
    if (last && last->at == now.at && strcmp(last->session, now.session) == 0)
        return;
    /* What lay ahead is not the way that was taken. */
    ui->n_places = last ? ui->place + 1 : 0;
    if (ui->n_places == PLACES_MAX)
        memmove(ui->places, ui->places + 1, --ui->n_places * sizeof(*ui->places));
    ui->place = ui->n_places;
    ui->places[ui->n_places++] = now;
}

static void go(struct ui *ui, ssize_t by)
{
    ui_place(ui);
    if (by < 0 ? ui->place == 0 : ui->place + 1 >= ui->n_places) {
        ui_notice(ui, LOOK_NOTICE, by < 0 ? "this is where you began" : "this is where you are");
        return;
    }
    size_t to = ui->place + (size_t)by;
    struct place there = ui->places[to];
    if (there.session[0] && (!ui->session || strcmp(there.session, ui->session) != 0)) {
        free(ui->wanted);
        ui->wanted = mem_strdup(there.session);
        ui_choose(ui, clock_mono_ms());
    }
    ui->place = to; /* before the pane: that it is there already is no new place */
    ui_to_pane(ui, there.at);
}

void cmd_place_before(struct ui *ui, struct str args)
{
    (void)args;
    go(ui, -1);
}

void cmd_place_after(struct ui *ui, struct str args)
{
    (void)args;
    go(ui, 1);
}
