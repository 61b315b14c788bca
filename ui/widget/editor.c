/* SPDX-License-Identifier: MIT
 *
 * editor: text that is being written.
 *
 * Invariants: text is valid UTF-8 with no control character but LF and TAB; cursor lies at the
 * border of a cluster; rows belong to (text, width) when rows_valid.
 */
#include "ui/widget/editor.h"

#include "base/buf.h"
#include "base/mem.h"
#include "text/utf8.h"
#include "text/width.h"

#include <stdlib.h>
#include <string.h>

enum { TAB_CELLS = 4 };

struct past {
    char *text;
    size_t n, cursor;
};

typedef VEC(struct past) past_list;

struct row {
    size_t start, end; /* bytes; a LF at the end is not in it */
};

enum change { CHANGE_NONE, CHANGE_TYPE, CHANGE_ERASE, CHANGE_KILL, CHANGE_OTHER };

struct editor {
    struct buf text;
    size_t cursor;
    struct buf killed;
    past_list undo, redo;
    enum change last; /* what a change of the same kind is one step of undo with */
    VEC(char *) history;
    size_t history_at; /* == n: the draft */
    char *draft;
    VEC(struct row) rows;
    int width;
    bool rows_valid;
    int goal;   /* the column that up and down keep; -1: none */
    size_t top; /* first row that is drawn */
};

struct editor *editor_new(size_t max)
{
    struct editor *ed = NEW(struct editor);
    ed->text = BUF_INIT(max);
    ed->killed = BUF_INIT(max);
    ed->goal = -1;
    ed->width = 80;
    return ed;
}

static void past_clear(past_list *list)
{
    for (size_t i = 0; i < list->n; i++)
        free(list->v[i].text);
    list->n = 0;
}

void editor_free(struct editor *ed)
{
    if (!ed)
        return;
    past_clear(&ed->undo);
    past_clear(&ed->redo);
    free(ed->undo.v);
    free(ed->redo.v);
    for (size_t i = 0; i < ed->history.n; i++)
        free(ed->history.v[i]);
    free(ed->history.v);
    free(ed->draft);
    free(ed->rows.v);
    buf_free(&ed->text);
    buf_free(&ed->killed);
    free(ed);
}

struct str editor_text(const struct editor *ed)
{
    return buf_view(&ed->text);
}

size_t editor_cursor(const struct editor *ed)
{
    return ed->cursor;
}

bool editor_empty(const struct editor *ed)
{
    return ed->text.len == 0;
}

/* ---- undo ---- */

static struct past present(const struct editor *ed)
{
    return (struct past){mem_strndup(buf_cstr(&ed->text), ed->text.len), ed->text.len, ed->cursor};
}

static void past_push(past_list *list, struct past p)
{
    size_t bytes = p.n;
    for (size_t i = 0; i < list->n; i++)
        bytes += list->v[i].n;
    size_t drop = 0;
    while (drop < list->n && (list->n - drop >= EDITOR_UNDO_MAX || bytes > EDITOR_UNDO_BYTES)) {
        bytes -= list->v[drop].n;
        free(list->v[drop++].text);
    }
    if (drop > 0)
        memmove(list->v, list->v + drop, (list->n - drop) * sizeof(*list->v));
    list->n -= drop;
    VEC_PUSH(list, p);
}

/* Before every change. A run of the same kind is undone at once. */
static void changing(struct editor *ed, enum change kind)
{
    if (kind != ed->last || kind == CHANGE_OTHER)
        past_push(&ed->undo, present(ed));
    ed->last = kind;
    past_clear(&ed->redo);
    ed->rows_valid = false;
    ed->goal = -1;
}

static void put_text(struct editor *ed, const char *text, size_t n, size_t cursor)
{
    buf_clear(&ed->text);
    buf_add(&ed->text, text, n);
    ed->cursor = cursor;
    ed->rows_valid = false;
    ed->goal = -1;
}

static bool travel(struct editor *ed, past_list *from, past_list *to)
{
    if (from->n == 0)
        return false;
    struct past p = from->v[--from->n];
    past_push(to, present(ed));
    put_text(ed, p.text, p.n, p.cursor);
    free(p.text);
    ed->last = CHANGE_NONE;
    return true;
}

/* ---- changes ---- */

static void splice(struct editor *ed, size_t from, size_t to, struct str with)
{
    CLEANUP(buf_free) struct buf tail = BUF_OWN;
    buf_add(&tail, buf_cstr(&ed->text) + to, ed->text.len - to);
    buf_truncate(&ed->text, from);
    buf_str(&ed->text, with);
    buf_str(&ed->text, buf_view(&tail));
    ed->cursor = from + with.n;
    ed->rows_valid = false;
}

/* Of text of any origin what may stand here. */
static void clean_text(struct buf *out, struct str text)
{
    CLEANUP(buf_free) struct buf valid = BUF_OWN;
    utf8_clean(&valid, text);
    for (size_t i = 0; i < valid.len; i++) {
        unsigned char c = (unsigned char)valid.data[i];
        if ((c >= 0x20 && c != 0x7F) || c == '\n' || c == '\t')
            buf_putc(out, (char)c);
    }
}

bool editor_insert(struct editor *ed, struct str text)
{
    CLEANUP(buf_free) struct buf clean = BUF_OWN;
    clean_text(&clean, text);
    if (clean.len == 0)
        return true;
    if (clean.len > ed->text.max - ed->text.len)
        return false;
    bool typed = clean.len <= 4 && clean.data[0] != '\n' && clean.data[0] != ' ';
    changing(ed, typed ? CHANGE_TYPE : CHANGE_OTHER);
    splice(ed, ed->cursor, ed->cursor, buf_view(&clean));
    return true;
}

void editor_set(struct editor *ed, struct str text)
{
    CLEANUP(buf_free) struct buf clean = BUF_OWN;
    bool cut = false;
    clean_text(&clean, text);
    size_t n = clean.len > ed->text.max ? utf8_valid_prefix(str_sub(buf_view(&clean), 0, ed->text.max), &cut) : clean.len;
    changing(ed, CHANGE_OTHER);
    put_text(ed, buf_cstr(&clean), n, n);
}

void editor_clear(struct editor *ed)
{
    if (!editor_empty(ed))
        editor_set(ed, STR(""));
    ed->history_at = ed->history.n;
    free(TAKE(ed->draft));
    ed->top = 0;
}

static bool erase(struct editor *ed, size_t from, size_t to)
{
    if (from == to)
        return false;
    changing(ed, CHANGE_ERASE);
    splice(ed, from, to, STR(""));
    return true;
}

static bool kill_range(struct editor *ed, size_t from, size_t to)
{
    if (from == to)
        return false;
    bool backward = to == ed->cursor;
    bool goes_on = ed->last == CHANGE_KILL;
    changing(ed, CHANGE_KILL);
    CLEANUP(buf_free) struct buf all = BUF_OWN;
    struct str piece = str_sub(buf_view(&ed->text), from, to - from);
    struct str before = goes_on ? buf_view(&ed->killed) : STR("");
    buf_str(&all, backward ? piece : before);
    buf_str(&all, backward ? before : piece);
    buf_clear(&ed->killed);
    buf_str(&ed->killed, buf_view(&all));
    splice(ed, from, to, STR(""));
    return true;
}

/* ---- places ---- */

static size_t next_cluster(const struct editor *ed, size_t at)
{
    return at + utf8_cluster(str_sub(buf_view(&ed->text), at, ed->text.len));
}

static size_t cluster_before(const struct editor *ed, size_t at)
{
    return at == 0 ? 0 : utf8_cluster_before(buf_view(&ed->text), at);
}

static bool is_word(char c)
{
    unsigned char u = (unsigned char)c;
    return u >= 0x80 || (u >= '0' && u <= '9') || (u >= 'A' && u <= 'Z') ||
           (u >= 'a' && u <= 'z') || u == '_';
}

static size_t word_left(const struct editor *ed, size_t at)
{
    const char *p = buf_cstr(&ed->text);
    while (at > 0 && !is_word(p[at - 1]))
        at--;
    while (at > 0 && is_word(p[at - 1]))
        at--;
    return at;
}

static size_t word_right(const struct editor *ed, size_t at)
{
    const char *p = buf_cstr(&ed->text);
    while (at < ed->text.len && !is_word(p[at]))
        at++;
    while (at < ed->text.len && is_word(p[at]))
        at++;
    return at;
}

/* To the blank before, as the shell's ^W. */
static size_t blank_left(const struct editor *ed, size_t at)
{
    const char *p = buf_cstr(&ed->text);
    while (at > 0 && (p[at - 1] == ' ' || p[at - 1] == '\n' || p[at - 1] == '\t'))
        at--;
    while (at > 0 && p[at - 1] != ' ' && p[at - 1] != '\n' && p[at - 1] != '\t')
        at--;
    return at;
}

static size_t line_start(const struct editor *ed, size_t at)
{
    const char *p = buf_cstr(&ed->text);
    while (at > 0 && p[at - 1] != '\n')
        at--;
    return at;
}

static size_t line_end(const struct editor *ed, size_t at)
{
    const char *p = buf_cstr(&ed->text);
    while (at < ed->text.len && p[at] != '\n')
        at++;
    return at;
}

/* ---- rows ---- */

/* What the cluster at the front of s is drawn as; its length in bytes. */
static size_t glyph(struct str s, struct buf *out, int *ret_cells)
{
    unsigned char c = (unsigned char)s.p[0];
    bool single = c >= 0x20 && c < 0x7F && (s.n == 1 || (unsigned char)s.p[1] < 0x80);
    if (single) {
        buf_putc(out, (char)c);
        *ret_cells = 1;
        return 1;
    }
    if (c == '\t') {
        buf_fill(out, ' ', TAB_CELLS);
        *ret_cells = TAB_CELLS;
        return 1;
    }
    size_t n = utf8_cluster(s), from = out->len;
    width_sanitize(out, str_sub(s, 0, n));
    *ret_cells = width_str(str_sub(buf_view(out), from, out->len));
    return n;
}

static void add_row(struct editor *ed, size_t start, size_t end)
{
    VEC_PUSH(&ed->rows, ((struct row){start, end}));
}

/* Breaks after blanks where there are any; a blank that has no room hangs over the edge. */
static void make_rows(struct editor *ed, int width)
{
    width = MAX(1, width - 1);
    if (ed->rows_valid && ed->width == width)
        return;
    CLEANUP(buf_free) struct buf drawn = BUF_OWN;
    struct str all = buf_view(&ed->text);
    size_t start = 0, brk = 0;
    int x = 0, x_brk = 0;
    ed->rows.n = 0;
    for (size_t at = 0; at < all.n;) {
        if (all.p[at] == '\n') {
            add_row(ed, start, at++);
            start = brk = at;
            x = 0;
            continue;
        }
        int cells;
        buf_clear(&drawn);
        size_t n = glyph(str_sub(all, at, all.n), &drawn, &cells);
        bool blank = all.p[at] == ' ';
        if (x + cells > width && at > start && !blank) {
            bool soft = brk > start;
            add_row(ed, start, soft ? brk : at);
            x = soft ? x - x_brk : 0;
            start = soft ? brk : at;
            brk = start;
            x_brk = 0;
        }
        x += cells;
        at += n;
        if (blank) {
            brk = at;
            x_brk = x;
        }
    }
    add_row(ed, start, all.n);
    ed->width = width;
    ed->rows_valid = true;
}

size_t editor_rows(struct editor *ed, int width)
{
    make_rows(ed, width);
    return ed->rows.n;
}

static size_t row_of(const struct editor *ed, size_t at)
{
    size_t row = 0;
    while (row + 1 < ed->rows.n && ed->rows.v[row + 1].start <= at)
        row++;
    return row;
}

static int column_of(const struct editor *ed, struct row r, size_t at)
{
    CLEANUP(buf_free) struct buf drawn = BUF_OWN;
    int x = 0;
    for (size_t i = r.start; i < at && i < r.end;) {
        int cells;
        buf_clear(&drawn);
        i += glyph(str_sub(buf_view(&ed->text), i, ed->text.len), &drawn, &cells);
        x += cells;
    }
    return x;
}

/* The place in a row that is nearest to a column from the left. A soft break's end is the next
 * row's start, so it is not of this one. */
static size_t place_at(const struct editor *ed, size_t row, int column)
{
    CLEANUP(buf_free) struct buf drawn = BUF_OWN;
    struct row r = ed->rows.v[row];
    bool soft = row + 1 < ed->rows.n && ed->rows.v[row + 1].start == r.end;
    size_t at = r.start, before = r.start;
    int x = 0;
    while (at < r.end) {
        int cells;
        buf_clear(&drawn);
        size_t n = glyph(str_sub(buf_view(&ed->text), at, ed->text.len), &drawn, &cells);
        if (x + cells > column)
            return at;
        before = at;
        x += cells;
        at += n;
    }
    return soft ? before : at;
}

/* ---- history ---- */

static bool history_go(struct editor *ed, int by)
{
    if (by < 0 ? ed->history_at == 0 : ed->history_at >= ed->history.n)
        return false;
    if (ed->history_at == ed->history.n) {
        free(ed->draft);
        ed->draft = mem_strndup(buf_cstr(&ed->text), ed->text.len);
    }
    ed->history_at = by < 0 ? ed->history_at - 1 : ed->history_at + 1;
    const char *text = ed->history_at == ed->history.n ? ed->draft : ed->history.v[ed->history_at];
    editor_set(ed, str_of(text));
    return true;
}

void editor_remember(struct editor *ed, struct str text)
{
    size_t n = ed->history.n;
    if (text.n > 0 && (n == 0 || !str_eq(str_of(ed->history.v[n - 1]), text))) {
        if (n == EDITOR_HISTORY_MAX) {
            free(ed->history.v[0]);
            memmove(ed->history.v, ed->history.v + 1, (n - 1) * sizeof(*ed->history.v));
            ed->history.n--;
        }
        VEC_PUSH(&ed->history, mem_strndup(text.p, text.n));
    }
    ed->history_at = ed->history.n;
}

bool editor_remembered(const struct editor *ed, size_t i, struct str *ret)
{
    if (i >= ed->history.n)
        return false;
    *ret = str_of(ed->history.v[ed->history.n - 1 - i]);
    return true;
}

static bool vertical(struct editor *ed, int by)
{
    make_rows(ed, ed->width + 1);
    size_t row = row_of(ed, ed->cursor);
    if (by < 0 ? row == 0 : row + 1 == ed->rows.n)
        return history_go(ed, by);
    int goal = ed->goal >= 0 ? ed->goal : column_of(ed, ed->rows.v[row], ed->cursor);
    ed->cursor = place_at(ed, by < 0 ? row - 1 : row + 1, goal);
    ed->goal = goal;
    ed->last = CHANGE_NONE;
    return true;
}

static bool move_to(struct editor *ed, size_t at)
{
    bool moved = at != ed->cursor;
    ed->cursor = at;
    ed->goal = -1;
    ed->last = CHANGE_NONE;
    return moved;
}

static bool yank(struct editor *ed)
{
    if (ed->killed.len == 0 || ed->killed.len > ed->text.max - ed->text.len)
        return false;
    changing(ed, CHANGE_OTHER);
    splice(ed, ed->cursor, ed->cursor, buf_view(&ed->killed));
    return true;
}

bool editor_do(struct editor *ed, enum editor_op op)
{
    size_t at = ed->cursor;
    switch (op) {
    case EDIT_LEFT:
        return move_to(ed, cluster_before(ed, at));
    case EDIT_RIGHT:
        return move_to(ed, next_cluster(ed, at));
    case EDIT_WORD_LEFT:
        return move_to(ed, word_left(ed, at));
    case EDIT_WORD_RIGHT:
        return move_to(ed, word_right(ed, at));
    case EDIT_LINE_START:
        return move_to(ed, line_start(ed, at));
    case EDIT_LINE_END:
        return move_to(ed, line_end(ed, at));
    case EDIT_UP:
        return vertical(ed, -1);
    case EDIT_DOWN:
        return vertical(ed, 1);
    case EDIT_START:
        return move_to(ed, 0);
    case EDIT_END:
        return move_to(ed, ed->text.len);
    case EDIT_BACKSPACE:
        return erase(ed, cluster_before(ed, at), at);
    case EDIT_DELETE:
        return erase(ed, at, next_cluster(ed, at));
    case EDIT_KILL_WORD_BACK:
        return kill_range(ed, blank_left(ed, at), at);
    case EDIT_KILL_WORD:
        return kill_range(ed, at, word_right(ed, at));
    case EDIT_KILL_LINE:
        return kill_range(ed, at, line_end(ed, at) > at ? line_end(ed, at) : next_cluster(ed, at));
    case EDIT_KILL_LINE_BACK:
        return kill_range(ed, line_start(ed, at), at);
    case EDIT_YANK:
        return yank(ed);
    case EDIT_UNDO:
        return travel(ed, &ed->undo, &ed->redo);
    case EDIT_REDO:
        return travel(ed, &ed->redo, &ed->undo);
    case EDIT_OPS:
        break;
    }
    return false;
}

/* ---- drawing ---- */

void editor_draw(struct editor *ed, struct canvas *c, struct rect r, enum look look)
{
    make_rows(ed, r.w);
    CLEANUP(buf_free) struct buf drawn = BUF_OWN;
    size_t h = (size_t)MAX(1, r.h), cursor_row = row_of(ed, ed->cursor);
    if (cursor_row < ed->top)
        ed->top = cursor_row;
    if (cursor_row >= ed->top + h)
        ed->top = cursor_row - h + 1;
    if (ed->top + h > ed->rows.n)
        ed->top = ed->rows.n > h ? ed->rows.n - h : 0;
    struct rect was = canvas_clip(c, r);
    for (size_t i = ed->top; i < ed->rows.n && i < ed->top + h; i++) {
        struct row row = ed->rows.v[i];
        buf_clear(&drawn);
        for (size_t at = row.start; at < row.end;) {
            int cells;
            at += glyph(str_sub(buf_view(&ed->text), at, ed->text.len), &drawn, &cells);
        }
        canvas_put(c, r.x, r.y + (int)(i - ed->top), look, 0, buf_view(&drawn));
    }
    canvas_unclip(c, was);
    int x = column_of(ed, ed->rows.v[cursor_row], ed->cursor);
    c->cursor_x = r.x + MIN(x, MAX(0, r.w - 1));
    c->cursor_y = r.y + (int)(cursor_row - ed->top);
}

void editor_draw_line(struct editor *ed, struct canvas *c, struct rect r, enum look look)
{
    CLEANUP(buf_free) struct buf drawn = BUF_OWN;
    int cursor_x = 0, x = 0;
    for (size_t at = 0; at < ed->text.len;) {
        if (at == ed->cursor)
            cursor_x = x;
        int cells = 1;
        if (ed->text.data[at] == '\n') {
            buf_putc(&drawn, ' ');
            at++;
        } else {
            at += glyph(str_sub(buf_view(&ed->text), at, ed->text.len), &drawn, &cells);
        }
        x += cells;
    }
    if (ed->cursor == ed->text.len)
        cursor_x = x;
    int shift = MAX(0, cursor_x - r.w + 1);
    struct rect was = canvas_clip(c, r);
    canvas_put(c, r.x - shift, r.y, look, 0, buf_view(&drawn));
    canvas_unclip(c, was);
    c->cursor_x = r.x + cursor_x - shift;
    c->cursor_y = r.y;
}
