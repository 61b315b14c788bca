/* SPDX-License-Identifier: MIT
 *
 * diff: lines become numbers (equal lines, equal numbers), the common head and tail are set aside,
 * and Myers' greedy search runs on what is between. Row d of the trace holds the furthest x on each
 * diagonal k = x - y that d edits reach; walking the rows back gives the edits. When EDITS_MAX
 * edits do not reach the end, the walk begins at the furthest point reached, and all behind it is
 * one block: so time and memory stay bounded, and the result is still a right diff.
 */
#include "text/diff.h"

#include "base/map.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

enum { EDITS_MAX = 1000 };

struct side {
    VEC(struct str) lines; /* each with its LF */
    int *ids;
    bool *changed;
};

/* The part of both sides that the search looks at, and its result. */
struct search {
    const int *a, *b;
    int n, m;
    int *trace[EDITS_MAX + 1]; /* row d has 2 * d + 1 entries, k from -d to d */
};

static void cut_lines(struct side *s, struct str text)
{
    while (text.n) {
        ssize_t lf = str_index(text, '\n');
        size_t n = lf < 0 ? text.n : (size_t)lf + 1;
        VEC_PUSH(&s->lines, str_sub(text, 0, n));
        text = str_sub(text, n, text.n);
    }
    s->changed = mem_array(s->lines.n + 1, sizeof(bool));
    s->ids = mem_array(s->lines.n + 1, sizeof(int));
}

static void number_lines(struct side *s, struct map *known)
{
    for (size_t i = 0; i < s->lines.n; i++) {
        uintptr_t id = (uintptr_t)map_get(known, s->lines.v[i]);
        if (!id) {
            id = known->n + 1;
            map_put(known, s->lines.v[i], (void *)id);
        }
        s->ids[i] = (int)id;
    }
}

static void side_free(struct side *s)
{
    free(s->lines.v);
    free(s->ids);
    free(s->changed);
}

/* Where d edits get to on diagonal k, before the run of equal lines there. */
static int step(const int *last, int d, int k)
{
    if (d == 0)
        return 0;
    /* last is row d - 1: its entry for diagonal j is at j + d - 1. */
    bool down = k == -d || (k != d && last[k + d - 2] < last[k + d]);
    return down ? last[k + d] : last[k + d - 2] + 1;
}

/* Fills the trace; returns d and in *ret_k the diagonal at which it ended, the furthest one when
 * the end was not reached. */
static int search_run(struct search *s, int *ret_k)
{
    /* With one side empty there is nothing to find. */
    const int most = s->n && s->m ? EDITS_MAX : 0;
    for (int d = 0; d <= most; d++) {
        int *row = s->trace[d] = mem_array((size_t)d * 2 + 1, sizeof(int));
        int best = -1;
        for (int k = -d; k <= d; k += 2) {
            int x = step(d ? s->trace[d - 1] : NULL, d, k);
            int y = x - k;
            while (x < s->n && y < s->m && x >= 0 && y >= 0 && s->a[x] == s->b[y]) {
                x++;
                y++;
            }
            row[k + d] = x;
            if (x > s->n || y > s->m)
                continue; /* off the grid: may not be where it ends */
            if (x + y > best) {
                best = x + y;
                *ret_k = k;
            }
        }
        if (best == s->n + s->m)
            return d;
    }
    return most;
}

/* Marks the edits that lead to row d, diagonal k, and everything behind that point. */
static void search_mark(struct search *s, int d, int k, bool *a_changed, bool *b_changed)
{
    int x = s->trace[d][k + d];
    int y = x - k;
    for (int i = x; i < s->n; i++)
        a_changed[i] = true;
    for (int i = y; i < s->m; i++)
        b_changed[i] = true;
    for (; d > 0; d--) {
        const int *last = s->trace[d - 1];
        bool down = k == -d || (k != d && last[k + d - 2] < last[k + d]);
        k = down ? k + 1 : k - 1;
        x = last[k + d - 1];
        y = x - k;
        if (down)
            b_changed[y] = true;
        else
            a_changed[x] = true;
    }
}

static void mark_changes(struct side *a, struct side *b)
{
    size_t n = a->lines.n, m = b->lines.n, head = 0;
    struct map known = {0};
    number_lines(a, &known);
    number_lines(b, &known);
    map_free(&known, NULL);
    while (head < n && head < m && a->ids[head] == b->ids[head])
        head++;
    while (n > head && m > head && a->ids[n - 1] == b->ids[m - 1]) {
        n--;
        m--;
    }
    struct search *s = NEW(struct search);
    *s = (struct search){
        .a = a->ids + head, .b = b->ids + head, .n = (int)(n - head), .m = (int)(m - head)};
    int k = 0;
    int d = search_run(s, &k);
    search_mark(s, d, k, a->changed + head, b->changed + head);
    for (int i = 0; i <= d; i++)
        free(s->trace[i]);
    free(s);
}

static void put_line(struct buf *out, char sign, struct str line)
{
    buf_putc(out, sign);
    buf_str(out, line);
    if (line.p[line.n - 1] != '\n')
        buf_puts(out, "\n\\ No newline at end of file\n");
}

/* "12,3"; a single line has no count, and no lines are named by the line before. */
static void put_range(struct buf *out, char sign, size_t from, size_t n)
{
    buf_printf(out, "%c%zu", sign, n ? from + 1 : from);
    if (n != 1)
        buf_printf(out, ",%zu", n);
}

/* The lines a[x..x_end) and b[y..y_end), whose unchanged ones pair up. */
static void put_hunk(struct buf *out, const struct side *a, size_t x, size_t x_end,
                     const struct side *b, size_t y, size_t y_end)
{
    buf_puts(out, "@@ ");
    put_range(out, '-', x, x_end - x);
    buf_putc(out, ' ');
    put_range(out, '+', y, y_end - y);
    buf_puts(out, " @@\n");
    while (x < x_end || y < y_end) {
        if (x < x_end && a->changed[x]) {
            put_line(out, '-', a->lines.v[x++]);
        } else if (y < y_end && b->changed[y]) {
            put_line(out, '+', b->lines.v[y++]);
        } else {
            put_line(out, ' ', a->lines.v[x++]);
            y++;
        }
    }
}

static void put_hunks(struct buf *out, const struct side *a, const struct side *b, size_t context)
{
    size_t x = 0, y = 0, n = a->lines.n, m = b->lines.n;
    for (;;) {
        while (x < n && y < m && !a->changed[x] && !b->changed[y]) {
            x++;
            y++;
        }
        if (x == n && y == m)
            return;
        size_t before = MIN(context, MIN(x, y));
        size_t x_from = x - before, y_from = y - before, same = 0;
        /* Goes on as long as fewer unchanged lines than two contexts lie between two changes. */
        while ((x < n || y < m) && same <= context * 2) {
            bool in_a = x < n && a->changed[x], in_b = y < m && b->changed[y];
            same = in_a || in_b ? 0 : same + 1;
            x += in_a || !in_b;
            y += in_b || !in_a;
        }
        size_t extra = same > context ? same - context : 0;
        put_hunk(out, a, x_from, x - extra, b, y_from, y - extra);
    }
}

void diff_unified(struct buf *out, const char *path, struct str before, struct str after,
                  int context, struct diff_stat *ret_stat)
{
    struct side a = {0}, b = {0};
    struct diff_stat stat = {0};
    if (!str_eq(before, after)) {
        cut_lines(&a, before);
        cut_lines(&b, after);
        mark_changes(&a, &b);
        buf_printf(out, "--- a/%s\n+++ b/%s\n", path, path);
        put_hunks(out, &a, &b, (size_t)MAX(context, 0));
        for (size_t i = 0; i < a.lines.n; i++)
            stat.removed += a.changed[i];
        for (size_t i = 0; i < b.lines.n; i++)
            stat.added += b.changed[i];
        side_free(&a);
        side_free(&b);
    }
    if (ret_stat)
        *ret_stat = stat;
}
