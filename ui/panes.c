/* SPDX-License-Identifier: MIT
 *
 * panes: the rows of tasks, tools, memory, gateway, log and sessions, made again when what they show has
 * changed; and going from one to another. What is under the cursor is what keys act on (panes_item.c).
 */
#include "ui/app.h"

#include "base/clock.h"
#include "base/mem.h"
#include "contract/settings.h"
#include "text/utf8.h"
#include "ui/vm/loglines.h"
#include "ui/vm/requests.h"
#include "ui/vm/sessionlist.h"
#include "ui/vm/tasks.h"
#include "ui/vm/toolrow.h"
#include "ui/vm/tools.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    RECALL_EVERY_MS = 200,
    COUNT_ALWAYS = 20000,
    FIND_BYTES = 40, /* of what is searched for, in the title */
    HEAD_FROM = 6, /* rows inside a pane that has one over its columns, too */
};

static const char find_command[] = "pane-memory ";

/* ---- the rows ---- */

/* The rows were made: they are in these columns, or there are none. */
static void end_rows(struct panel *p, const struct columns *columns, const char *none)
{
    p->columns = p->doc.rows.n > 0 ? *columns : (struct columns){0};
    if (p->doc.rows.n > 0)
        return;
    doc_row(&p->doc, 1);
    doc_puts(&p->doc, LOOK_DIM, none);
}

static void make_tasks(struct ui *ui, struct panel *p, int width)
{
    struct tally n;
    tasks_make(&p->doc, ui->snap, ui->tasks_all, width, clock_wall_ms(), &n);
    p->note[0] = '\0';
    if (n.all > 0 || ui->tasks_all)
        snprintf(p->note, sizeof(p->note), "%zu/%zu%s", n.done, n.all, ui->tasks_all ? ", all" : "");
    end_rows(p, &tasks_columns, ui->tasks_all ? "there is no task" : "nothing is to be done; a shows all");
}

static void make_tools(struct ui *ui, struct panel *p, int width)
{
    struct tools_count n;
    tools_make(&p->doc, ui->snap, ui->session, width, &n);
    p->note[0] = '\0';
    if (n.all > 0)
        snprintf(p->note, sizeof(p->note), n.asks ? "%zu, %zu open, %zu waiting" : n.open ? "%zu, %zu open" : "%zu",
                 n.all, n.open, n.asks);
    p->tab[0] = '\0';
    if (n.all > 0)
        snprintf(p->tab, sizeof(p->tab), n.asks ? "%zu!" : n.open ? "%zu>" : "%zu",
                 n.asks ? n.asks : n.open ? n.open : n.all);
    end_rows(p, &toolrow_columns, "no tool was called in this session");
}

static void make_memory(struct ui *ui, struct panel *p, int width)
{
    const struct remembered *m = &ui->memory;
    CLEANUP(buf_free) struct buf entries = BUF_OWN;
    buf_count(&entries, m->rows.entries, "entry");
    memory_make(&p->doc, &m->rows, width, clock_wall_ms());
    if (m->find)
        snprintf(p->note, sizeof(p->note), "%zu found of %.*s", m->rows.v.n,
                 STR_ARG(utf8_clip(str_of(m->find), FIND_BYTES)));
    else if (m->forgotten)
        snprintf(p->note, sizeof(p->note), "%zu forgotten", m->rows.v.n);
    else if (m->rows.entries > 0)
        snprintf(p->note, sizeof(p->note), m->rows.pinned ? "%s, %" PRId64 " pinned" : "%s", buf_cstr(&entries),
                 m->rows.pinned);
    else
        p->note[0] = '\0';
    p->tab[0] = '\0';
    if (m->rows.entries > 0)
        snprintf(p->tab, sizeof(p->tab), "%" PRId64, m->rows.entries);
    end_rows(p, &memory_columns, !m->known      ? "..."
                      : m->find      ? "nothing is remembered of that"
                      : m->forgotten ? "nothing was forgotten"
                                     : "nothing is remembered yet");
}

static void make_gateway(struct ui *ui, struct panel *p, int width)
{
    const struct ui_gateway *g = &ui->gateway;
    p->tab[0] = '\0';
    requests_make(&p->doc, g, width);
    if (!g->address[0]) {
        snprintf(p->note, sizeof(p->note), "down");
        end_rows(p, &requests_columns, "nothing is served; u begins");
        return;
    }
    /* The port says enough of an address that only this machine reaches. */
    const char *port = strncmp(g->address, "127.", 4) == 0 ? strrchr(g->address, ':') : g->address;
    CLEANUP(buf_free) struct buf requests = BUF_OWN;
    buf_count(&requests, g->requests, "request");
    snprintf(p->note, sizeof(p->note), "%s%s, %s, %zu live", port, g->drains ? " drains" : "", buf_cstr(&requests),
             g->streams);
    snprintf(p->tab, sizeof(p->tab), "%" PRId64 "^", g->requests);
    end_rows(p, &requests_columns, "nobody asked yet");
}

static void make_logs(struct ui *ui, struct panel *p, int width)
{
    size_t from = ui->keylog_n > KEYLOG_MAX ? ui->keylog_n - KEYLOG_MAX : 0;
    size_t n = ui->keylog_n - from;
    struct loglines_key *keys = mem_array(n + 1, sizeof(*keys));
    for (size_t i = 0; i < n; i++)
        keys[i] = ui->keylog[(from + i) % KEYLOG_MAX];
    size_t rows = loglines_make(&p->doc, keys, n, ui->log_n - LOGLINES_MAX, width, ui->log_look);
    free(keys);
    CLEANUP(buf_free) struct buf lines = BUF_OWN;
    buf_count(&lines, (int64_t)rows, "line");
    snprintf(p->note, sizeof(p->note), "%s%s", buf_cstr(&lines), ui->log_look.levels > 0 ? ", not all: :log all" : "");
    struct columns columns = loglines_columns(ui->log_look);
    end_rows(p, &columns, "nothing yet");
}

static void make_sessions(struct ui *ui, struct panel *p, int width)
{
    size_t n = sessionlist_make(&p->doc, ui->snap, ui->session, ui->env->proc, width, clock_wall_ms());
    snprintf(p->note, sizeof(p->note), "%zu", n);
    p->tab[0] = '\0';
    if (n > 0)
        snprintf(p->tab, sizeof(p->tab), "%zu", n);
    end_rows(p, &sessionlist_columns, "there is no session yet");
}

#define OF(kind) (UINT32_C(1) << REC_##kind)

static const struct {
    void (*make)(struct ui *ui, struct panel *p, int width);
    enum context context;
    uint32_t sections; /* of the snapshot that it is made of */
    bool apart;        /* its count for the tab bar does not come from its rows */
} makers[PANE_COUNT] = {
    [PANE_TRANSCRIPT] = {NULL, CONTEXT_TRANSCRIPT, 0, false},
    [PANE_TASKS] = {make_tasks, CONTEXT_TASKS, OF(TASK), false},
    [PANE_TOOLS] = {make_tools, CONTEXT_TOOLS, OF(TOOL) | OF(APPROVAL), false},
    [PANE_MEMORY] = {make_memory, CONTEXT_MEMORY, 0, false},
    [PANE_GATEWAY] = {make_gateway, CONTEXT_GATEWAY, 0, false},
    [PANE_LOGS] = {make_logs, CONTEXT_LOGS, 0, true},
    [PANE_SESSIONS] = {make_sessions, CONTEXT_SESSIONS, OF(SESSION) | OF(TURN) | OF(APPROVAL), false},
};

enum context ui_pane_context(enum pane_id pane)
{
    return makers[pane].context;
}

static bool is_fresh(const struct ui *ui, enum pane_id pane, int width, bool visible)
{
    const struct panel *p = &ui->panels[pane];
    if (!p->made_of || (visible && p->width != width))
        return false;
    for (size_t i = 0; i < REC_COUNT; i++)
        if (makers[pane].sections & (UINT32_C(1) << i) &&
            p->made_of->sections[i] != ui->snap->sections[i])
            return false;
    return !visible || p->made_s == clock_wall_ms() / 1000; /* ages are drawn in seconds */
}

/* What a pane shows changes under the cursor, which stays on what it is on. */
static void make_again(struct ui *ui, enum pane_id pane, int width)
{
    struct panel *p = &ui->panels[pane];
    struct str on = doc_row_id(&p->doc, p->view.cursor);
    CLEANUP(mem_free_p) char *id = mem_strndup(on.n ? on.p : "", on.n);
    doc_clear(&p->doc);
    makers[pane].make(ui, p, width);
    doc_clear(&p->head);
    columns_head(&p->head, &p->columns, width, p->sorted);
    if (p->sorted)
        doc_sort(&p->doc, p->sorted);
    if (p->inverted)
        doc_reverse(&p->doc);
    ui_marks_draw(p);
    size_t at = id[0] ? doc_find(&p->doc, id) : p->doc.rows.n;
    if (at < p->doc.rows.n)
        p->view.cursor = at;
    p->width = width;
    p->made_s = clock_wall_ms() / 1000;
}

void ui_panel_fit(struct ui *ui, enum pane_id pane, struct rect inside)
{
    struct panel *p = &ui->panels[pane];
    bool visible = inside.h > 0;
    int width = MAX(1, inside.w - 2);
    if (!visible && makers[pane].apart)
        return;
    bool stands = ui->paused && p->doc.rows.n > 0 && (!visible || p->width == width);
    if (!stands && !is_fresh(ui, pane, width, visible))
        make_again(ui, pane, width);
    snapshot_unref(p->made_of);
    p->made_of = snapshot_ref(ui->snap);
    if (visible)
        textview_fit(&p->view, p->doc.rows.n, (size_t)ui_pane_rows(ui, pane, inside).h);
}

struct rect ui_pane_rows(const struct ui *ui, enum pane_id pane, struct rect inside)
{
    if (ui->panels[pane].columns.n > 0 && inside.h >= HEAD_FROM)
        rect_top(&inside, 1);
    return inside;
}

static void make_stale(struct ui *ui, enum pane_id pane)
{
    snapshot_unref(TAKE(ui->panels[pane].made_of));
}

void ui_panels_stale(struct ui *ui)
{
    for (enum pane_id i = 0; i < PANE_COUNT; i++)
        make_stale(ui, i);
}

struct textview *ui_pane_view(struct ui *ui, enum pane_id pane)
{
    return pane == PANE_TRANSCRIPT ? &ui->view : &ui->panels[pane].view;
}

/* What it counts, and how it is ordered where that is not its own order. */
static void panel_note(const struct ui *ui, const struct panel *p, char *ret, size_t size)
{
    char by[40] = "";
    if (p->sorted && p->columns.n > 0)
        snprintf(by, sizeof(by), "by %s", p->columns.v[p->sorted - 1].name);
    const char *const parts[] = {p->note, by, p->inverted ? "turned round" : "", ui->paused ? "paused" : ""};
    ret[0] = '\0';
    for (size_t i = 0, n = 0; i < ARRAY_LEN(parts); i++, n = strlen(ret))
        if (parts[i][0])
            snprintf(ret + n, size - n, "%s%s", n > 0 ? ", " : "", parts[i]);
}

void ui_pane_note(struct ui *ui, enum pane_id pane, char *ret, size_t size)
{
    const struct textview *v = &ui->view;
    if (pane != PANE_TRANSCRIPT)
        panel_note(ui, &ui->panels[pane], ret, size);
    else if (v->follow || v->total <= v->height)
        snprintf(ret, size, "following");
    else
        snprintf(ret, size, "row %zu of %zu, %s", v->top + 1, v->total,
                 ui->focus == FOCUS_COMPOSER && !editor_empty(ui->composer) ? "PgDn goes on"
                                                                            : "End goes to the newest");
}

/* ---- from one to another ---- */

/* What is written there, or waits for a yes, must not be met again elsewhere. */
static void leave_line(struct ui *ui)
{
    if (ui->focus == FOCUS_LINE)
        ui_line_close(ui);
}

void ui_to_pane(struct ui *ui, enum pane_id pane)
{
    leave_line(ui);
    ui->pager.make = NULL;
    if (ui->at != pane)
        ui->at_before = ui->at;
    ui->at = pane;
    ui->focus = FOCUS_PANE;
    ui->find.text[0] = '\0';
    make_stale(ui, pane);
    ui_place(ui);
}

void ui_to_composer(struct ui *ui)
{
    leave_line(ui);
    ui->pager.make = NULL;
    ui->at = PANE_TRANSCRIPT;
    ui->zoom = false;
    ui->focus = FOCUS_COMPOSER;
    ui->find.text[0] = '\0';
}

#define TO_PANE(lc, ID)                                                                            \
    void cmd_pane_##lc(struct ui *ui, struct str args)                                             \
    {                                                                                              \
        (void)args;                                                                                \
        ui_to_pane(ui, PANE_##ID);                                                                 \
    }
TO_PANE(transcript, TRANSCRIPT)
TO_PANE(tasks, TASKS)
TO_PANE(tools, TOOLS)
TO_PANE(gateway, GATEWAY)
TO_PANE(sessions, SESSIONS)
#undef TO_PANE

/* How many levels a word shows, the gravest first; -1: it is none. */
static int levels_of(struct str word)
{
    struct str all = str_of(setting_table[SET_LOG_LEVEL].unit), one;
    for (int n = 1; str_split(&all, '|', &one); n++)
        if (str_eq(one, word))
            return n;
    return str_is(word, "all") ? 0 : -1;
}

void cmd_pane_logs(struct ui *ui, struct str args)
{
    int levels = args.n > 0 ? levels_of(args) : ui->log_look.levels;
    if (levels < 0) {
        ui_notice(ui, LOOK_FAIL, ":log takes %s", command_table[CMD_PANE_LOGS].args);
        return;
    }
    ui->log_look.levels = levels;
    ui_panels_stale(ui);
    ui_to_pane(ui, PANE_LOGS);
}

void cmd_pane_memory(struct ui *ui, struct str args)
{
    struct remembered *m = &ui->memory;
    ui_to_pane(ui, PANE_MEMORY);
    free(TAKE(m->find));
    m->forgotten = false;
    if (args.n > 0)
        m->find = mem_strndup(args.p, args.n);
    snapshot_unref(TAKE(m->asked_of));
}

void cmd_pane(struct ui *ui, struct str args)
{
    (void)args;
    if (ui->focus == FOCUS_PANE)
        ui_to_composer(ui);
    else
        ui_to_pane(ui, ui->at);
}

/* Those that are on the screen; where only one is, all. */
static void step(struct ui *ui, int by)
{
    struct layout l = ui_layout_now(ui);
    enum pane_id at = ui->at;
    do
        at = (enum pane_id)(((int)at + by + PANE_COUNT) % PANE_COUNT);
    while (l.boxed && l.pane[at].h == 0 && at != ui->at);
    ui_to_pane(ui, at);
}

void cmd_pane_next(struct ui *ui, struct str args)
{
    (void)args;
    step(ui, 1);
}

void cmd_pane_before(struct ui *ui, struct str args)
{
    (void)args;
    step(ui, -1);
}

void cmd_zoom(struct ui *ui, struct str args)
{
    (void)args;
    ui->zoom = !ui->zoom;
}

/* ---- what memory has, again and again ---- */

/* Of those that the snapshot has, did one change? While the pane is worked in any news is a reason. */
static bool is_due(const struct ui *ui)
{
    const struct snapshot *was = ui->memory.asked_of;
    if (!was)
        return true;
    return was->sections[REC_MEMORY] != ui->snap->sections[REC_MEMORY] ||
           (ui->at == PANE_MEMORY && was->seq != ui->snap->seq);
}

int64_t ui_recall(struct ui *ui, int64_t now_ms)
{
    struct remembered *m = &ui->memory;
    if (!ui->env->reader.query || ui->recall.thread.running || !is_due(ui))
        return INT64_MAX;
    if (m->asked_of && now_ms - m->asked_ms < RECALL_EVERY_MS)
        return m->asked_ms + RECALL_EVERY_MS;
    snapshot_unref(m->asked_of);
    m->asked_of = snapshot_ref(ui->snap);
    m->asked_ms = now_ms;
    /* Many are counted only when one of those that the snapshot has changed. */
    bool count = !m->known || !m->counted || m->rows.entries < COUNT_ALWAYS ||
                 m->counted->sections[REC_MEMORY] != ui->snap->sections[REC_MEMORY];
    if (recall_start(&ui->recall, &ui->env->reader, m->find, m->forgotten, count) && count) {
        snapshot_unref(m->counted);
        m->counted = snapshot_ref(ui->snap);
    }
    return INT64_MAX;
}

void ui_recalled(struct ui *ui)
{
    struct recall *r = &ui->recall;
    struct remembered *m = &ui->memory;
    if (!recall_take(r))
        return;
    /* What is searched for may have changed meanwhile: then the next answer is on its way. */
    bool same = m->forgotten == r->forgotten &&
                (m->find && r->find ? strcmp(m->find, r->find) == 0 : m->find == r->find);
    if (same && (r->ok || r->err.code == ERR_INVALID)) { /* a search without a word finds nothing */
        if (!r->count) {
            r->rows.entries = m->rows.entries;
            r->rows.pinned = m->rows.pinned;
        }
        memory_clear(&m->rows);
        m->rows = r->rows;
        r->rows = (struct memory_rows){0};
        m->known = true;
        make_stale(ui, PANE_MEMORY);
    } else if (same && ui->at == PANE_MEMORY) {
        ui_notice(ui, LOOK_FAIL, "memory: %s", r->err.message);
    }
    ui->dirty = true;
}

/* A search goes on with every letter. */
void ui_pane_line(struct ui *ui, struct str line)
{
    struct remembered *m = &ui->memory;
    if (ui->at != PANE_MEMORY || ui->confirm.open || !str_starts(line, find_command))
        return;
    struct str find = str_trim(str_sub(line, sizeof(find_command) - 1, line.n));
    free(TAKE(m->find));
    if (find.n > 0)
        m->find = mem_strndup(find.p, find.n);
    m->forgotten = false;
    snapshot_unref(TAKE(m->asked_of));
}
