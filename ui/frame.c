/* SPDX-License-Identifier: MIT
 *
 * frame: what goes on the screen, and drawing it where the layout says.
 */
#include "ui/app.h"

#include "base/clock.h"
#include "base/mem.h"
#include "text/utf8.h"
#include "text/width.h"

#include <stdio.h>
#include <string.h>

/* What is being written in the composer's place. */
static struct editor *written(struct ui *ui)
{
    return approve_has_field(&ui->approve) ? ui->field : ui->composer;
}

enum { PROMPT_MAX = 32, NEXT_BYTES = 40 };

/* What stands before it. */
static const char *prompt_of(const struct ui *ui, char space[PROMPT_MAX])
{
    switch (ui->approve.state) {
    case APPROVE_WORD:
        return "yes? ";
    case APPROVE_REASON:
        return "because: ";
    case APPROVE_ARGUMENTS:
        return "{ ";
    default:
        break;
    }
    if (!ui->n_images)
        return "> ";
    CLEANUP(buf_free) struct buf images = BUF_OWN;
    buf_count(&images, ui->n_images, "image");
    snprintf(space, PROMPT_MAX, "[%s] > ", buf_cstr(&images));
    return space;
}

/* Its cells, behind a blank and the prompt: it needs as many rows as it is drawn in. */
static int written_cells(const struct ui *ui, int w)
{
    char space[PROMPT_MAX];
    return MAX(1, w - 1 - (int)strlen(prompt_of(ui, space)));
}

struct layout ui_layout_now(struct ui *ui)
{
    const struct canvas *c = &ui->canvas;
    return layout_make(&(struct layout_wants){
        .w = c->w,
        .h = c->h,
        .composer = (int)MIN(editor_rows(written(ui), written_cells(ui, c->w)), (size_t)c->h),
        .line = ui->question != NULL,
        .notice = ui->notice[0] != '\0',
        .hints = ui->focus == FOCUS_LINE,
        .at = ui->at,
        .zoom = ui->zoom,
        .bare = ui->bare,
        .wider = ui->wider,
    });
}

/* ---- keeping the place in the transcript ---- */

struct anchor {
    char *id;
    size_t row;
};

static struct anchor anchor_take(const struct vm_transcript *t, size_t row)
{
    size_t at = vm_transcript_item(t, row);
    if (at >= t->items.n)
        return (struct anchor){0};
    /* The row that counts what lies before is another one once some of that came. */
    if (at == 0 && t->before > 0 && t->items.n > 1)
        return (struct anchor){mem_strdup(t->items.v[1]->id), 0};
    return (struct anchor){mem_strdup(t->items.v[at]->id), row - t->items.v[at]->first_row};
}

static size_t anchor_find(const struct vm_transcript *t, struct anchor *a, size_t fallback)
{
    CLEANUP(mem_free_p) char *id = TAKE(a->id);
    for (size_t i = 0; id && i < t->items.n; i++) {
        const struct vm_item *it = t->items.v[i];
        size_t rows = it->doc.rows.n;
        if (strcmp(it->id, id) == 0)
            return it->first_row + MIN(a->row, rows > 0 ? rows - 1 : 0);
    }
    return fallback;
}

/* Its cursor is shown, also while a line is written over it. */
static bool works_in(const struct ui *ui, enum pane_id pane)
{
    bool in_pane = ui->focus == FOCUS_PANE ||
                   (ui->focus == FOCUS_LINE && ui->focus_before == FOCUS_PANE);
    return in_pane && ui->at == pane;
}

static void fit_transcript(struct ui *ui, struct rect body)
{
    struct anchor top = anchor_take(&ui->transcript, ui->view.top);
    struct anchor cursor = anchor_take(&ui->transcript, ui->view.cursor);
    vm_transcript_update(&ui->transcript, ui->snap, ui->session, MAX(1, body.w - 2));
    ui->view.top = anchor_find(&ui->transcript, &top, ui->view.top);
    ui->view.cursor = anchor_find(&ui->transcript, &cursor, ui->view.cursor);
    ui->view.has_cursor = works_in(ui, PANE_TRANSCRIPT);
    textview_fit(&ui->view, ui->transcript.rows, (size_t)MAX(0, body.h));
}

static void fit_pager(struct ui *ui, struct rect body)
{
    if (!ui->pager.make)
        return;
    if (ui->pager.width != body.w || (!ui->pager.still && ui->pager.made_of != ui->snap)) {
        ui->pager.made_of = ui->snap;
        doc_clear(&ui->pager.doc);
        ui->pager.make(ui, &ui->pager.doc, MAX(1, body.w - 2));
        ui->pager.width = body.w;
    }
    textview_fit(&ui->pager.view, ui->pager.doc.rows.n, (size_t)MAX(0, body.h));
}

static bool is_small(const struct canvas *c)
{
    return c->w < SMALL_W || c->h < SMALL_H;
}

void ui_layout(struct ui *ui)
{
    if (is_small(&ui->canvas))
        return;
    struct layout l = ui_layout_now(ui);
    struct rect main = layout_inside(&l, l.main);
    fit_transcript(ui, main);
    fit_pager(ui, main);
    for (enum pane_id i = PANE_TRANSCRIPT + 1; i < PANE_COUNT; i++) {
        ui->panels[i].view.has_cursor = works_in(ui, i);
        ui_panel_fit(ui, i, layout_inside(&l, l.pane[i]));
    }
    /* A fork, and a session whose head was moved, begin with what leads up to them. With each frame, so not
     * when that says that it can not be read: that makes a frame, too. */
    if (ui->transcript.before > 0 && ui->transcript.items.n <= 1 && !ui->fetch_failed)
        ui_fetch(ui);
}

/* ---- drawing ---- */

static void draw_rule(struct canvas *c, struct rect r)
{
    canvas_fill(c, r, LOOK_RULE, '-');
}

/* What there is of it, and of what is looked for in it. */
static void pane_note(struct ui *ui, enum pane_id pane, char *ret, size_t size)
{
    char found[64] = "";
    ui_pane_note(ui, pane, ret, size);
    if (pane == ui->at && !ui->pager.make)
        ui_find_note(ui, found, sizeof(found));
    size_t n = strlen(ret);
    snprintf(ret + n, size - n, "%s%s", n > 0 && found[0] ? "  " : "", found);
}

/* Where we are. Boxes say it themselves. */
static void info_text(struct ui *ui, bool boxed, char *ret, size_t size)
{
    char note[200], found[64];
    ret[0] = '\0';
    if (boxed)
        return;
    pane_note(ui, ui->at, note, sizeof(note));
    if (ui->pager.make) {
        ui_find_note(ui, found, sizeof(found));
        snprintf(ret, size, " %s%s%s ", ui->pager.title, found[0] ? "  " : "", found);
    } else if (ui->at == PANE_TRANSCRIPT) {
        snprintf(ret, size, " %s ", note);
    } else {
        snprintf(ret, size, " %s%s%s ", pane_table[ui->at].name, note[0] ? " " : "", note);
    }
}

int ui_notice_room(int w)
{
    return w - 3; /* a blank before it and behind it, and the rule's first cell */
}

static void draw_notice(struct ui *ui, struct rect r)
{
    static const char more[] = " ... :log";
    struct canvas *c = &ui->canvas;
    struct str text = str_of(ui->notice);
    int room = ui_notice_room(r.w), used;
    bool fits = width_str(text) <= room;
    if (!fits)
        text = str_sub(text, 0, width_fit(text, MAX(0, room - (int)sizeof(more) + 1), &used));
    canvas_put(c, r.x + 1, r.y, ui->notice_look, 0, STR(" "));
    int x = canvas_put_raw(c, r.x + 2, r.y, ui->notice_look, 0, text);
    canvas_put(c, x, r.y, ui->notice_look, 0, str_of(fits ? " " : more));
}

/* The rule below the panes: where we are, what is queued, or what there is to say. */
static void draw_info(struct ui *ui, struct rect r, const struct activity *a, bool boxed)
{
    struct canvas *c = &ui->canvas;
    char text[NOTICE_MAX];
    if (r.h == 0)
        return;
    draw_rule(c, r);
    if (ui->notice[0]) {
        draw_notice(ui, r);
        return;
    }
    info_text(ui, boxed, text, sizeof(text));
    int x = canvas_put_raw(c, r.x + 2, r.y, LOOK_DIM, 0, str_of(text));
    if (a->queued > 0) {
        CLEANUP(buf_free) struct buf clean = BUF_OWN;
        struct str next = utf8_clip(str_of(a->next ? a->next : ""), NEXT_BYTES);
        snprintf(text, sizeof(text), " %zu queued: \"%.*s\" ", a->queued, STR_ARG(next));
        width_sanitize(&clean, str_of(text));
        int width = width_str(buf_view(&clean));
        canvas_put_raw(c, MAX(x + 2, r.x + r.w - width - 2), r.y, LOOK_NOTICE, 0, str_of(text));
    }
}

/* One row for what is asked, else for what goes on. */
static void draw_line(struct ui *ui, struct rect r, const struct activity *a)
{
    if (r.h == 0)
        return;
    if (!ui->question) {
        view_activity(&ui->canvas, r, a, clock_wall_ms());
        return;
    }
    bool elsewhere = ui->session && strcmp(ui->question->session, ui->session) != 0;
    view_approval(&ui->canvas, r,
                  &(struct approval_view){.approval = ui->question,
                                          .machine = &ui->approve,
                                          .n = ui->questions,
                                          .elsewhere = elsewhere});
}

static void draw_composer(struct ui *ui, struct rect r)
{
    struct canvas *c = &ui->canvas;
    char space[PROMPT_MAX];
    int cells = written_cells(ui, r.w);
    canvas_put(c, r.x + 1, r.y, LOOK_PROMPT, 0, str_of(prompt_of(ui, space)));
    struct rect text = {r.x + r.w - cells, r.y, cells, r.h};
    editor_draw(written(ui), c, text, LOOK_TEXT);
    if (ui->focus == FOCUS_PANE || ui->focus == FOCUS_PAGER)
        c->cursor_x = c->cursor_y = -1;
}

/* Those that count here. */
static void draw_answers(struct ui *ui, struct rect r)
{
    const char *pairs[2 * APPROVE_ANSWERS];
    size_t n = 0;
    for (size_t i = 0; i < APPROVE_ANSWERS; i++) {
        const struct approve_answer *a = &approve_answers[i];
        if ((str_is(str_of(a->key), "a") && !ui->approve.has_session_rule) ||
            (str_is(str_of(a->key), "p") && !ui->approve.has_prefix_rule))
            continue;
        pairs[n++] = a->key;
        pairs[n++] = a->hint;
    }
    view_hint_text(&ui->canvas, r, pairs, n / 2);
}

static void draw_question_hints(struct ui *ui, struct rect r)
{
    static const char *const chord[] = {"Alt-y", "then y a p d e n answers"};
    static const char *const field[] = {"Enter", "go", "Esc", "back"};
    struct canvas *c = &ui->canvas;
    struct rect rest = {r.x + 1, r.y, r.w - 1, 1};
    bool free_letters = editor_empty(ui->composer) && !ui->approve.later;
    if (ui->approve.state != APPROVE_ASKS && ui->approve.state != APPROVE_HOLDS)
        view_hint_text(c, rest, field, ARRAY_LEN(field) / 2);
    else if (free_letters || ui->approve.focused)
        draw_answers(ui, rest);
    else
        view_hint_text(c, rest, chord, ARRAY_LEN(chord) / 2);
}

static void draw_command_line(struct ui *ui, const struct layout *l)
{
    struct canvas *c = &ui->canvas;
    const char *prompt = ui->confirm.open                        ? "write yes to do it: "
                         : ui->chooser.what != CHOOSES_NOTHING ? "letters of it: "
                                                               : ":";
    struct rect r = l->hints;
    canvas_fill(c, r, LOOK_TEXT, ' ');
    int x = canvas_put(c, r.x + 1, r.y, LOOK_PROMPT, 0, str_of(prompt));
    editor_draw_line(ui->line, c, (struct rect){x, r.y, MAX(1, r.x + r.w - x), 1}, LOOK_TEXT);
    if (ui->chooser.what != CHOOSES_NOTHING) {
        struct rect hints = l->edge.h > 0 ? l->edge : (struct rect){0};
        chooser_draw(&ui->chooser, c, l->main);
        canvas_fill(c, hints, LOOK_TEXT, ' ');
        if (hints.h > 0)
            view_hints(c, hints, CONTEXT_CHOOSER, CONTEXT_CHOOSER);
        return;
    }
    struct rect above = l->edge.h > 0 ? l->edge : l->composer;
    if (above.h == 0 || ui->confirm.open)
        return;
    above.h = 1;
    enum command command;
    struct str args;
    struct err e = ERR_INIT;
    char help[200] = "";
    struct str text = editor_text(ui->line);
    if (text.n > 0 && command_parse(text, &command, &args, &e))
        snprintf(help, sizeof(help), ":%s %s  %s", command_table[command].name,
                 command_table[command].args, command_table[command].help);
    view_candidates(c, above, &ui->candidates, ui->candidate, help);
}

static void draw_hints(struct ui *ui, struct rect r)
{
    static const char *const shell[] = {"Enter", "run it in the shell, as a turn of its own"};
    static const char *const memory[] = {"Enter", "remember it"};
    if (r.h == 0)
        return;
    if (ui->question && ui->focus == FOCUS_COMPOSER)
        draw_question_hints(ui, r);
    else if (ui->question && ui->focus == FOCUS_PAGER && ui->pager.answers)
        draw_question_hints(ui, r);
    else if (ui->focus == FOCUS_PANE)
        view_hints(&ui->canvas, r, ui_finds(ui) ? CONTEXT_FIND : ui_pane_context(ui->at), CONTEXT_ROWS);
    else if (ui->focus == FOCUS_PAGER)
        view_hints(&ui->canvas, r, ui_finds(ui) ? CONTEXT_FIND : CONTEXT_PAGER, CONTEXT_ROWS);
    else if (ui_is_shell(editor_text(ui->composer)))
        view_hint_text(&ui->canvas, (struct rect){r.x + 1, r.y, r.w - 1, 1}, shell, ARRAY_LEN(shell) / 2);
    else if (ui_is_memory(editor_text(ui->composer)))
        view_hint_text(&ui->canvas, (struct rect){r.x + 1, r.y, r.w - 1, 1}, memory, ARRAY_LEN(memory) / 2);
    else if (ui_busy(ui))
        view_hints(&ui->canvas, r, CONTEXT_BUSY,
                   editor_empty(ui->composer) ? CONTEXT_EMPTY : CONTEXT_BUSY);
    else if (editor_empty(ui->composer))
        view_hints(&ui->canvas, r, CONTEXT_EDIT, CONTEXT_EMPTY);
    else
        view_hints(&ui->canvas, r, CONTEXT_EDIT, CONTEXT_EDIT);
}

static void draw_small(struct canvas *c)
{
    canvas_printf(c, 0, 0, LOOK_TEXT, "too small (%dx%d)", c->w, c->h);
}

/* What the bar says of each pane. */
struct tab_row {
    struct tab tabs[PANE_COUNT];
    char warnings[24], done[48];
};

/* tasks: counted for this frame, as in the first row. */
static void make_tabs(struct ui *ui, const struct tally *tasks, struct tab_row *t)
{
    *t = (struct tab_row){0};
    if (tasks->all > 0)
        snprintf(t->done, sizeof(t->done), "%zu/%zu", tasks->done, tasks->all);
    if (ui->log_warnings > 0)
        snprintf(t->warnings, sizeof(t->warnings), "%zu!", ui->log_warnings);
    for (enum pane_id i = 0; i < PANE_COUNT; i++)
        t->tabs[i] = (struct tab){.title = pane_table[i].tab, .count = ui->panels[i].tab};
    t->tabs[PANE_TASKS].count = t->done;
    t->tabs[PANE_LOGS].count = t->warnings;
    t->tabs[PANE_TOOLS].asks = ui->questions > 0;
}

size_t ui_tab_at(struct ui *ui, struct rect tabs, int x)
{
    struct tab_row t;
    struct tally tasks = tasks_tally(ui->snap, clock_wall_ms());
    make_tabs(ui, &tasks, &t);
    return view_tab_at(tabs, t.tabs, PANE_COUNT, x);
}

/* Below their head, when they have one here. */
static void draw_rows(struct ui *ui, const struct panel *p, struct rect inside, struct rect rows)
{
    const struct textview all = {.total = 1, .height = 1};
    if (rows.h < inside.h)
        view_page(&ui->canvas, rect_top(&inside, 1), &p->head, &all);
    view_page(&ui->canvas, rows, &p->doc, &p->view);
}

static void draw_pane(struct ui *ui, const struct layout *l, enum pane_id pane)
{
    struct rect r = l->pane[pane], inside = layout_inside(l, r);
    char title[64], note[200];
    /* A page is over what has its place. */
    if (r.h == 0 || (ui->pager.make && r.x == l->main.x && r.y == l->main.y))
        return;
    if (l->boxed) {
        snprintf(title, sizeof(title), "%d %s", (int)pane + 1, pane_table[pane].title);
        pane_note(ui, pane, note, sizeof(note));
        view_box(&ui->canvas, r, title, note, works_in(ui, pane));
    }
    if (pane == PANE_TRANSCRIPT)
        view_transcript(&ui->canvas, inside, &ui->transcript, &ui->view, ui->env->greeting,
                        works_in(ui, pane));
    else
        draw_rows(ui, &ui->panels[pane], inside, ui_pane_rows(ui, pane, inside));
}

static void draw_page(struct ui *ui, const struct layout *l)
{
    if (!ui->pager.make)
        return;
    char found[64];
    ui_find_note(ui, found, sizeof(found));
    if (l->boxed)
        view_box(&ui->canvas, l->main, ui->pager.title, found, ui->focus == FOCUS_PAGER);
    view_page(&ui->canvas, layout_inside(l, l->main), &ui->pager.doc, &ui->pager.view);
}

void ui_draw(struct ui *ui)
{
    struct canvas *c = &ui->canvas;
    canvas_clear(c);
    if (is_small(c)) {
        draw_small(c);
        return;
    }
    struct layout l = ui_layout_now(ui);
    struct status_row row;
    struct activity activity;
    struct tally tasks = tasks_tally(ui->snap, clock_wall_ms());
    status_make(&row, ui->snap, ui->session, ui->env->proc, ui->env->workspace, &ui->status, ui->status_known, &tasks);
    activity_make(&activity, ui->snap, ui->session);
    if (l.status.h > 0)
        view_status(c, l.status, &row);
    struct tab_row tabs;
    make_tabs(ui, &tasks, &tabs);
    view_tabs(c, l.tabs, tabs.tabs, PANE_COUNT, ui->at);
    for (enum pane_id i = 0; i < PANE_COUNT; i++)
        draw_pane(ui, &l, i);
    draw_page(ui, &l);
    if (ui->pager.make)
        ui_find_mark(ui, layout_inside(&l, l.main));
    else
        ui_find_mark(ui, ui_pane_rows(ui, ui->at, layout_inside(&l, l.pane[ui->at])));
    draw_info(ui, l.info, &activity, l.boxed);
    draw_line(ui, l.line, &activity);
    draw_rule(c, l.edge);
    draw_composer(ui, l.composer);
    if (ui->focus == FOCUS_LINE)
        draw_command_line(ui, &l);
    else
        draw_hints(ui, l.hints);
}
