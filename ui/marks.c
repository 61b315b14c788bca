/* SPDX-License-Identifier: MIT
 *
 * marks: rows of a pane that are chosen together: what a key does to one it does to all of them.
 */
#include "ui/app.h"

#include <stdlib.h>
#include <string.h>

static size_t place_of(const struct panel *p, struct str id)
{
    for (size_t i = 0; i < p->marks.names.n; i++)
        if (str_is(id, p->marks.names.v[i]))
            return i;
    return p->marks.names.n;
}

void ui_marks_draw(struct panel *p)
{
    for (size_t i = 0; p->marks.names.n > 0 && i < p->doc.rows.n; i++) {
        struct str id = doc_row_id(&p->doc, i);
        p->doc.rows.v[i].marked = id.n > 0 && place_of(p, id) < p->marks.names.n;
    }
}

static struct panel *marked_panel(struct ui *ui)
{
    if (ui->focus == FOCUS_PANE && ui->at != PANE_TRANSCRIPT)
        return &ui->panels[ui->at];
    return NULL;
}

void cmd_mark(struct ui *ui, struct str args)
{
    struct panel *p = marked_panel(ui);
    struct str id = p ? doc_row_id(&p->doc, p->view.cursor) : STR_NULL;
    (void)args;
    if (id.n == 0 || id.n >= ID_MAX) {
        ui_notice(ui, LOOK_NOTICE, "there is nothing here that could be marked");
        return;
    }
    size_t at = place_of(p, id);
    if (at < p->marks.names.n) {
        free(p->marks.names.v[at]);
        p->marks.names.v[at] = p->marks.names.v[--p->marks.names.n];
    } else {
        char name[ID_MAX];
        memcpy(name, id.p, id.n);
        name[id.n] = '\0';
        name_list_add(&p->marks, name);
    }
    ui_panels_stale(ui);
    textview_move(&p->view, 1);
    ui_notice(ui, LOOK_NOTICE, p->marks.names.n ? "%zu marked; U unmarks" : "nothing is marked", p->marks.names.n);
}

void cmd_unmark(struct ui *ui, struct str args)
{
    struct panel *p = marked_panel(ui);
    (void)args;
    if (p)
        name_list_done(&p->marks);
    ui_panels_stale(ui);
}

size_t ui_marked(struct ui *ui, struct name_list *ret)
{
    struct panel *p = marked_panel(ui);
    /* In the order of the rows; what is gone is not marked any more. */
    for (size_t i = 0; p && p->marks.names.n > 0 && i < p->doc.rows.n; i++) {
        struct str id = doc_row_id(&p->doc, i);
        size_t at = id.n > 0 ? place_of(p, id) : p->marks.names.n;
        if (at < p->marks.names.n)
            name_list_add(ret, p->marks.names.v[at]);
    }
    if (ret->names.n == 0 && p) {
        struct str id = doc_row_id(&p->doc, p->view.cursor);
        char name[ID_MAX];
        if (id.n > 0 && id.n < ID_MAX) {
            memcpy(name, id.p, id.n);
            name[id.n] = '\0';
            name_list_add(ret, name);
        }
    }
    if (ret->names.n == 0)
        ui_notice(ui, LOOK_NOTICE, "there is nothing under the cursor");
    return ret->names.n;
}
