/* SPDX-License-Identifier: MIT
 *
 * doc: rows of styled text that are ready to be drawn.
 */
#include "ui/vm/doc.h"

#include "text/hunk.h"
#include "text/width.h"
#include "text/wrap.h"

#include <stdlib.h>
#include <string.h>

void doc_done(struct doc *d)
{
    buf_free(&d->text);
    free(d->spans.v);
    free(d->rows.v);
    *d = DOC_INIT;
}

void doc_clear(struct doc *d)
{
    doc_rewind(d, (struct doc_mark){0});
}

struct doc_mark doc_mark(const struct doc *d)
{
    return (struct doc_mark){d->text.len, d->spans.n, d->rows.n};
}

void doc_rewind(struct doc *d, struct doc_mark m)
{
    buf_truncate(&d->text, m.text);
    d->spans.n = m.spans;
    d->rows.n = m.rows;
    d->column = 0;
}

void doc_row(struct doc *d, int indent)
{
    VEC_PUSH(&d->rows, ((struct doc_row){.first = d->spans.n, .indent = indent}));
}

/* Text that is sanitised already. */
static void add_clean(struct doc *d, enum look look, struct str text, bool right)
{
    struct doc_span span = {.from = d->text.len, .n = text.n, .look = look, .right = right, .column = d->column};
    if (text.n == 0 || d->rows.n == 0 || !buf_str(&d->text, text))
        return;
    VEC_PUSH(&d->spans, span);
    d->rows.v[d->rows.n - 1].n++;
}

static void add_raw(struct doc *d, enum look look, struct str raw, bool right)
{
    CLEANUP(buf_free) struct buf clean = BUF_OWN;
    width_sanitize(&clean, raw);
    for (size_t i = 0; i < clean.len; i++) {
        if (clean.data[i] == '\n')
            clean.data[i] = ' ';
    }
    add_clean(d, look, buf_view(&clean), right);
}

void doc_add(struct doc *d, enum look look, struct str raw)
{
    add_raw(d, look, raw, false);
}

void doc_puts(struct doc *d, enum look look, const char *text)
{
    add_raw(d, look, str_of(text), false);
}

void doc_right(struct doc *d, enum look look, const char *text)
{
    add_raw(d, look, str_of(text), true);
}

void doc_printf(struct doc *d, enum look look, const char *fmt, ...)
{
    CLEANUP(buf_free) struct buf text = BUF_OWN;
    va_list ap;
    va_start(ap, fmt);
    buf_vprintf(&text, fmt, ap);
    va_end(ap);
    add_raw(d, look, buf_view(&text), false);
}

void doc_column(struct doc *d, int column)
{
    d->column = column;
}

void doc_join(struct doc *d, size_t row)
{
    if (row + 1 >= d->rows.n)
        return;
    d->rows.v[row].n += d->rows.v[row + 1].n; /* spans are in the order of their rows */
    memmove(d->rows.v + row + 1, d->rows.v + row + 2, (d->rows.n - row - 2) * sizeof(*d->rows.v));
    d->rows.n--;
}

void doc_id(struct doc *d, const char *id)
{
    struct doc_row *row = &d->rows.v[d->rows.n - 1];
    row->id = d->text.len;
    row->id_n = buf_puts(&d->text, id) ? strlen(id) : 0;
}

struct str doc_row_id(const struct doc *d, size_t row)
{
    if (row >= d->rows.n || d->rows.v[row].id_n == 0)
        return STR("");
    return str_sub(buf_view(&d->text), d->rows.v[row].id, d->rows.v[row].id_n);
}

size_t doc_find(const struct doc *d, const char *id)
{
    size_t i = 0;
    while (i < d->rows.n && !str_is(doc_row_id(d, i), id))
        i++;
    return i;
}

/* One logical line, without its LF. */
static void add_line(struct doc *d, int indent, int width, enum look look, enum doc_joint joint, struct str line)
{
    CLEANUP(buf_free) struct buf clean = BUF_OWN;
    width_sanitize(&clean, line);
    struct str rest = clean.len ? buf_view(&clean) : STR(""), row;
    const char *end = NULL; /* of the row before */
    while (wrap_row(&rest, MAX(1, width - indent), &row)) {
        doc_row(d, indent);
        d->rows.v[d->rows.n - 1].joint = !end ? joint : row.p > end ? DOC_WRAP_BLANK : DOC_WRAP;
        add_clean(d, look, row, false);
        end = row.p + row.n;
    }
}

void doc_text(struct doc *d, int indent, int width, enum look look, const char *mark,
              enum look mark_look, struct str raw)
{
    size_t first = d->rows.n;
    struct str line;
    bool any = false;
    if (mark) {
        doc_row(d, MAX(0, indent - width_str(str_of(mark))));
        add_clean(d, mark_look, str_of(mark), false);
    }
    while (str_line(&raw, &line)) {
        add_line(d, indent, width, look, any ? DOC_LINE : DOC_OWN, line);
        any = true;
    }
    if (!any)
        add_line(d, indent, width, look, DOC_OWN, STR(""));
    if (mark)
        doc_join(d, first);
}

bool doc_is_diff(struct str raw)
{
    return str_starts(raw, "--- ") || str_starts(raw, "diff ") || str_starts(raw, "@@ ") ||
           str_find(raw, STR("\n@@ -")) >= 0;
}

static const enum look diff_looks[] = {
    [HUNK_TEXT] = LOOK_TEXT, [HUNK_HEAD] = LOOK_HUNK, [HUNK_ADDED] = LOOK_ADDED, [HUNK_REMOVED] = LOOK_REMOVED,
};

void doc_diff(struct doc *d, int indent, int width, struct str raw)
{
    struct str line;
    struct hunk hunk = {0};
    bool diff = doc_is_diff(raw);
    while (str_line(&raw, &line))
        add_line(d, indent, width, diff ? diff_looks[hunk_line(&hunk, line)] : LOOK_TEXT, DOC_OWN, line);
}

static const enum look markdown_looks[MARKDOWN_ROLES] = {
    [MARKDOWN_TEXT] = LOOK_TEXT,       [MARKDOWN_STRONG] = LOOK_STRONG, [MARKDOWN_EMPHASIS] = LOOK_EMPHASIS,
    [MARKDOWN_STRUCK] = LOOK_DIM,      [MARKDOWN_CODE] = LOOK_CODE,     [MARKDOWN_LINK] = LOOK_LINK,
    [MARKDOWN_TARGET] = LOOK_DIM,      [MARKDOWN_MARK] = LOOK_DIM,      [MARKDOWN_HEADING] = LOOK_HEADING,
    [MARKDOWN_ADDED] = LOOK_ADDED,     [MARKDOWN_HUNK] = LOOK_HUNK,     [MARKDOWN_REMOVED] = LOOK_REMOVED,
};

void doc_markdown(struct doc *d, int indent, const struct markdown *m, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        const struct markdown_row *row = &m->rows.v[i];
        doc_row(d, indent);
        for (size_t k = 0; k < row->n; k++) {
            const struct markdown_span *s = &m->spans.v[row->first + k];
            add_clean(d, markdown_looks[s->role], str_sub(buf_view(&m->text), s->from, s->n), false);
        }
    }
}

void doc_tail(struct doc *d, int indent, int width, enum look look, struct str raw, size_t max)
{
    /* A row has at least one byte, so the last lines are found without wrapping all. */
    size_t lines = 0, from = raw.n;
    while (from > 0 && raw.p[from - 1] == '\n')
        from--;
    raw.n = from;
    while (from > 0 && lines < max) {
        from--;
        if (raw.p[from] == '\n')
            lines++;
    }
    if (lines >= max)
        from++;
    size_t left_out = 0;
    for (size_t i = 0; i < from; i++)
        left_out += raw.p[i] == '\n';
    struct doc_mark before = doc_mark(d);
    doc_text(d, indent, width, look, NULL, look, str_sub(raw, from, raw.n));
    size_t made = d->rows.n - before.rows;
    if (made > max) {
        memmove(d->rows.v + before.rows, d->rows.v + before.rows + (made - max),
                max * sizeof(*d->rows.v));
        d->rows.n = before.rows + max;
        if (max > 0)
            d->rows.v[before.rows].joint = DOC_OWN; /* what it went on from is left out */
    }
    if (left_out == 0)
        return;
    doc_row(d, indent);
    CLEANUP(buf_free) struct buf more = BUF_OWN;
    buf_count(&more, (int64_t)left_out, "more line");
    doc_printf(d, LOOK_DIM, "... %s before", buf_cstr(&more));
    struct doc_row note = d->rows.v[d->rows.n - 1];
    memmove(d->rows.v + before.rows + 1, d->rows.v + before.rows,
            (d->rows.n - 1 - before.rows) * sizeof(note));
    d->rows.v[before.rows] = note;
}

static struct str span_text(const struct doc *d, const struct doc_span *s)
{
    return str_sub(buf_view(&d->text), s->from, s->n);
}

/* Empty when the row has nothing there. */
static struct str column_of(const struct doc *d, const struct doc_row *row, int column)
{
    for (size_t i = 0; i < row->n; i++) {
        const struct doc_span *s = &d->spans.v[row->first + i];
        struct str text = s->column == column ? str_trim(span_text(d, s)) : STR("");
        if (text.n > 0)
            return text;
    }
    return STR("");
}

static size_t number_length(struct str s)
{
    size_t n = 0;
    while (n < s.n && ((s.p[n] >= '0' && s.p[n] <= '9') || s.p[n] == '.'))
        n++;
    return n;
}

static size_t word_length(struct str s)
{
    size_t n = 0;
    while (n < s.n && s.p[n] >= 'a' && s.p[n] <= 'z')
        n++;
    return n;
}

/* "12", "3.2s", "5m", "3m05s", "1h00m": a size, in seconds when it is a time. The last unit may have been
 * cut off at the end of the cells: "100h01" has minutes. */
static bool size_of(struct str s, double *ret)
{
    static const struct {
        const char *unit;
        double seconds;
    } units[] = {{"", 1}, {"d", 86400}, {"h", 3600}, {"m", 60}, {"s", 1}, {"ms", 0.001}};
    size_t unit = 0; /* of the number before; they get smaller */
    *ret = 0;
    while (s.n > 0) {
        size_t n = number_length(s), word = word_length(str_sub(s, n, s.n)), i = unit + 1;
        double number;
        if (n == 0 || !str_f64(str_sub(s, 0, n), &number))
            return false;
        while (word > 0 && i < ARRAY_LEN(units) && !str_is(str_sub(s, n, word), units[i].unit))
            i++;
        s = str_sub(s, n + word, s.n);
        unit = word == 0 && unit == 0 ? 0 : i;
        if (unit >= ARRAY_LEN(units) || (word == 0 && s.n > 0))
            return false;
        *ret += number * units[unit].seconds;
    }
    return true;
}

/* A row with those that go on from it: places among the rows as they were. */
struct group {
    size_t head, n;
};

struct sorting {
    const struct doc *d;
    int column;
};

/* Nothing, sizes, words: else "5m", "9 of 9" and "10m" would have no order. */
enum rank { RANK_NONE, RANK_SIZE, RANK_WORDS };

static enum rank rank_of(struct str s, double *ret_size)
{
    if (s.n == 0)
        return RANK_NONE;
    return size_of(s, ret_size) ? RANK_SIZE : RANK_WORDS;
}

static int by_column(const void *a, const void *b, void *arg)
{
    const struct sorting *by = arg;
    const struct group *first = a, *second = b;
    const struct doc_row *x = &by->d->rows.v[first->head], *y = &by->d->rows.v[second->head];
    struct str left = column_of(by->d, x, by->column), right = column_of(by->d, y, by->column);
    double p = 0, q = 0;
    enum rank l = rank_of(left, &p), r = rank_of(right, &q);
    int order = l != r ? (l > r) - (l < r) : l == RANK_SIZE ? (p > q) - (p < q) : str_cmp(left, right);
    return order ? order : (x->first > y->first) - (x->first < y->first);
}

size_t doc_head(const struct doc *d, size_t row)
{
    while (row > 0 && row < d->rows.n && d->rows.v[row].joint != DOC_OWN)
        row--;
    return row;
}

size_t doc_after(const struct doc *d, size_t row)
{
    do
        row++;
    while (row < d->rows.n && d->rows.v[row].joint != DOC_OWN);
    return row;
}

typedef VEC(struct group) groups;

static groups groups_of(const struct doc *d)
{
    groups g = {0};
    for (size_t i = 0, next; i < d->rows.n; i = next) {
        next = doc_after(d, i);
        VEC_PUSH(&g, ((struct group){i, next - i}));
    }
    return g;
}

static void put_in_order(struct doc *d, groups *g)
{
    struct doc_row *was = mem_array(d->rows.n + 1, sizeof(*was)), *to = d->rows.v;
    memcpy(was, d->rows.v, d->rows.n * sizeof(*was));
    for (size_t i = 0; i < g->n; to += g->v[i++].n)
        memcpy(to, was + g->v[i].head, g->v[i].n * sizeof(*to));
    free(was);
    free(g->v);
}

void doc_sort(struct doc *d, int column)
{
    groups g = groups_of(d);
    if (g.n > 1)
        qsort_r(g.v, g.n, sizeof(*g.v), by_column, &(struct sorting){d, column});
    put_in_order(d, &g);
}

void doc_reverse(struct doc *d)
{
    groups g = groups_of(d);
    for (size_t i = 0, k = g.n; i + 1 < k; i++, k--) {
        struct group one = g.v[i];
        g.v[i] = g.v[k - 1];
        g.v[k - 1] = one;
    }
    put_in_order(d, &g);
}

void doc_draw(const struct doc *d, size_t i, struct canvas *c, struct rect r, bool chosen)
{
    const struct doc_row *row = &d->rows.v[i];
    const struct doc_span *spans = d->spans.v + row->first;
    uint8_t attr = chosen ? ATTR_REVERSE : 0;
    int right = 0;
    for (size_t s = 0; s < row->n; s++) {
        if (spans[s].right)
            right += width_str(span_text(d, &spans[s]));
    }
    right = MIN(right, r.w);
    struct rect left = {r.x, r.y, MAX(0, r.w - right - (right > 0)), 1};
    if (chosen)
        canvas_fill(c, (struct rect){r.x, r.y, r.w, 1}, LOOK_CHOSEN, ' ');
    struct rect was = canvas_clip(c, left);
    int x = r.x + row->indent;
    if (row->marked)
        canvas_put(c, r.x, r.y, LOOK_KEY, attr, STR("#"));
    for (size_t s = 0; s < row->n; s++) {
        if (!spans[s].right)
            x = canvas_put(c, x, r.y, spans[s].look, attr, span_text(d, &spans[s]));
    }
    canvas_unclip(c, was);
    x = r.x + r.w - right;
    for (size_t s = 0; s < row->n; s++) {
        if (spans[s].right)
            x = canvas_put(c, x, r.y, spans[s].look, attr, span_text(d, &spans[s]));
    }
}
