/* SPDX-License-Identifier: MIT
 *
 * offline_held: which definitions hold the changed lines of a file. What git writes behind a hunk's
 * numbers is no help: it is what begins before the hunk, not what its lines lie in.
 */
#include "model/offline_doc.h"

#include <string.h>

enum {
    ENTRIES_MAX = 4000,
    LINES_BEYOND = 400,  /* that are read after the last change, for the end of what holds it */
    RESULTS_ENOUGH = 32, /* of a turn; then no further page is asked for */
};

struct held {
    struct arena *a;
    const struct doc_sort *sort;
    struct held_names *names;
};

static void add_name(struct held *h, const struct doc_entry *e)
{
    struct held_names *names = h->names;
    for (size_t i = 0; i < names->n; i++)
        if (str_eq(names->v[i], e->name))
            return;
    if (names->n == HELD_NAMES_MAX)
        names->more = true;
    else
        names->v[names->n++] = e->name;
}

/* A line that is gone lies in what holds the lines around it. */
static void add_holders(struct held *h, const struct doc *d, const struct diff_line *lines, size_t n)
{
    size_t n_entries, more;
    struct doc_entry *v = doc_outline(h->a, d, h->sort, ENTRIES_MAX, &n_entries, &more);
    if (more)
        return;
    doc_extents(h->a, d, h->sort, v, n_entries);
    for (size_t i = 0; i < n; i++) {
        const struct doc_entry *e =
            lines[i].sign == ' ' ? NULL : doc_holder(v, n_entries, lines[i].number);
        if (e && (lines[i].sign == '+' || doc_holder(v, n_entries, lines[i].number - 1) == e))
            add_name(h, e);
    }
}

/* The lines of one hunk as they are now, as a part of a file. */
static size_t add_holders_in_hunk(struct held *h, const struct diff_line *lines, size_t n)
{
    struct doc d = {.path = STR("")};
    size_t to = 0;
    while (to < n && lines[to].hunk == lines[0].hunk)
        to++;
    d.lines = arena_array(h->a, to, sizeof(*d.lines));
    for (size_t i = 0; i < to; i++)
        if (lines[i].sign != '-')
            d.lines[d.n++] = (struct doc_line){.text = lines[i].text, .number = lines[i].number};
    add_holders(h, &d, lines, to);
    return to;
}

static bool same_line(const struct doc_line *line, struct str text)
{
    if (str_ends(text, "\r"))
        text.n--;
    return line->cut ? text.n >= line->text.n && str_eq(str_sub(text, 0, line->text.n), line->text)
                     : str_eq(line->text, text);
}

/* Is it the file that the diff is about, as the diff leaves it? */
static bool has_lines(const struct doc *d, const struct diff_line *lines, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        int64_t number = lines[i].number;
        if (lines[i].sign == '-' || (number > (int64_t)d->n && d->more))
            continue;
        if (number < 1 || number > (int64_t)d->n || d->lines[number - 1].number != number ||
            !same_line(&d->lines[number - 1], lines[i].text))
            return false;
    }
    return true;
}

static enum doc_state read_file(const struct offline_turn *t, struct str path, const struct diff_line *lines,
                                size_t n, struct offline_move *m, struct doc *ret)
{
    const struct offline_result *failed;
    struct doc_part part = {.from = 1, .to = lines[n - 1].number + LINES_BEYOND};
    return doc_read_part(t, path, &part, m, ret, &failed);
}

static const struct doc_sort *sort_with_ends(struct str path)
{
    const struct doc_sort *sort = doc_sort_of_name(path);
    return sort && doc_sort_ends(sort) ? sort : NULL;
}

bool held_can_tell(struct str path)
{
    return sort_with_ends(path) != NULL;
}

bool held_read(const struct offline_turn *t, struct str path, const struct diff_line *lines, size_t n,
               struct offline_move *m)
{
    struct doc d;
    if (n == 0 || !held_can_tell(path) || t->n_results >= RESULTS_ENOUGH)
        return true;
    return read_file(t, path, lines, n, m, &d) != DOC_READING;
}

void held_names(const struct offline_turn *t, struct str path, const struct diff_line *lines, size_t n,
                bool whole, struct held_names *ret)
{
    struct held h = {.a = t->a, .sort = sort_with_ends(path), .names = ret};
    struct offline_move unused = {.a = t->a};
    struct doc d;
    *ret = (struct held_names){0};
    if (n == 0 || !h.sort)
        return;
    enum doc_state state = read_file(t, path, lines, n, &unused, &d);
    d.more |= state == DOC_READING;
    if (state != DOC_FAILED && d.n && has_lines(&d, lines, n)) {
        add_holders(&h, &d, lines, n);
        return;
    }
    for (size_t i = 0; whole && i < n;)
        i += add_holders_in_hunk(&h, lines + i, n - i);
}
