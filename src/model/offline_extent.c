/* SPDX-License-Identifier: MIT
 *
 * offline_extent: where the definitions of an outline end, told by how lines are indented. What is not
 * written in the usual way has no extent: nothing is said of it then.
 */
#include "model/offline_doc.h"

#include <string.h>

static size_t indent_of(struct str line)
{
    size_t n = 0;
    while (n < line.n && (line.p[n] == ' ' || line.p[n] == '\t'))
        n++;
    return n;
}

static int count_of(struct str line, char c)
{
    int n = 0;
    for (size_t i = 0; i < line.n; i++)
        n += line.p[i] == c;
    return n;
}

/* One definition, by indexes of lines. */
struct extent {
    const struct doc *d;
    const bool *aside;
    const struct doc_ends *ends;
    const struct doc_entry *entry;
    size_t first, limit; /* where the next one begins that is no part of it, or the end */
    size_t depth;        /* indentation of its first line */
};

static struct str text_at(const struct extent *x, size_t i)
{
    return x->d->lines[i].text;
}

/* Nothing says where it ends: the end of what there is, or else only its first line is sure. */
static size_t open_end(const struct extent *x)
{
    return x->limit == x->d->n ? x->d->n - 1 : x->first;
}

static size_t end_of_macro(const struct extent *x)
{
    size_t i = x->first;
    while (i + 1 < x->d->n && str_ends(text_at(x, i), "\\"))
        i++;
    return i;
}

/* By what closes a block, after what opens one. */
static size_t end_by_brace(const struct extent *x)
{
    bool open = false, late = x->ends->late_parameters && strcmp(x->entry->what, "function") == 0;
    int parens = 0;
    size_t last = x->first;
    for (size_t i = x->first; i < x->limit; i++) {
        struct str line = str_trim(text_at(x, i));
        bool first = i == x->first, shallow = indent_of(text_at(x, i)) <= x->depth;
        if ((x->aside[i] && !first) || line.n == 0 || (line.p[0] == '#' && !first))
            continue;
        if (open && shallow && str_starts(line, x->ends->with))
            return i;
        if (indent_of(text_at(x, i)) < x->depth)
            return x->first;
        if (open)
            continue;
        if (!first && shallow && parens <= 0 && !late && !strchr("{):", line.p[0]))
            return last;
        parens += count_of(line, '(') - count_of(line, ')');
        open = str_index(line, '{') >= 0;
        bool closed = open && count_of(line, '{') == count_of(line, '}');
        if (closed || (!open && parens <= 0 && !late && str_ends(line, ";")))
            return i;
        last = i;
    }
    return open_end(x);
}

/* By a word at the same depth. */
static size_t end_by_word(const struct extent *x)
{
    if (str_ends(str_trim(text_at(x, x->first)), x->ends->with))
        return x->first;
    for (size_t i = x->first + 1; i < x->limit; i++) {
        struct str line = str_trim(text_at(x, i));
        if (x->aside[i] || line.n == 0 || indent_of(text_at(x, i)) > x->depth)
            continue;
        if (indent_of(text_at(x, i)) < x->depth)
            return x->first;
        if (str_starts(line, x->ends->with))
            return i;
    }
    return open_end(x);
}

/* Before the next line that is no deeper. What stands in parentheses may be anywhere, and so may
 * comments, and text once it has begun. */
static size_t end_by_indent(const struct extent *x)
{
    struct str head = text_at(x, x->first);
    int parens = count_of(head, '(') - count_of(head, ')');
    size_t last = x->first;
    for (size_t i = x->first + 1; i < x->d->n; i++) {
        struct str line = str_trim(text_at(x, i));
        bool deeper = indent_of(text_at(x, i)) > x->depth;
        if (line.n == 0)
            continue;
        if (!deeper && parens <= 0 && line.p[0] != '#' && !(x->aside[i] && x->aside[i - 1]))
            return last;
        if (parens > 0)
            parens += count_of(line, '(') - count_of(line, ')');
        if (deeper || line.p[0] != '#')
            last = i;
    }
    return last;
}

static size_t end_of(const struct extent *x)
{
    if (str_starts(str_trim(text_at(x, x->first)), "#"))
        return end_of_macro(x);
    if (x->ends->indent)
        return end_by_indent(x);
    return strcmp(x->ends->with, "}") == 0 ? end_by_brace(x) : end_by_word(x);
}

void doc_extents(struct arena *a, const struct doc *d, const struct doc_sort *sort,
                 struct doc_entry *v, size_t n)
{
    struct extent x = {.d = d, .aside = doc_asides(a, d, sort), .ends = doc_sort_ends(sort)};
    size_t *at = arena_array(a, n + 1, sizeof(*at));
    size_t line = 0;
    for (size_t i = 0; i < n; i++) {
        while (d->lines[line].number != v[i].line)
            line++;
        at[i] = line;
        v[i].last = v[i].line;
    }
    for (size_t i = 0; x.ends && i < n; i++) {
        size_t next = i + 1;
        x.entry = &v[i];
        x.first = at[i];
        x.depth = indent_of(d->lines[at[i]].text);
        /* A macro may be defined inside of what is at the margin. */
        while (next < n && (indent_of(d->lines[at[next]].text) > x.depth ||
                            str_starts(d->lines[at[next]].text, "#")))
            next++;
        x.limit = next < n ? at[next] : d->n;
        v[i].last = d->lines[end_of(&x)].number;
    }
}

const struct doc_entry *doc_holder(const struct doc_entry *v, size_t n, int64_t line)
{
    for (size_t i = n; i > 0; i--)
        if (v[i - 1].line <= line && line <= v[i - 1].last)
            return &v[i - 1];
    return NULL;
}
