/* SPDX-License-Identifier: MIT
 *
 * offline_define: the definition of a name, from what grep found of it: files where a line looks like one are
 * read, and what their outline says of the name is shown with the comment above it.
 */
#include "model/offline_kind.h"

#include <string.h>

enum {
    FILES_MAX = 4,       /* that are read */
    SHOWN_MAX = 2,       /* definitions */
    LINES_SHOWN = 60,    /* of each */
    COMMENT_LINES = 20,  /* above it */
    ENTRIES_MAX = 4000,  /* of a file */
    LINES_BEYOND = 400,  /* that are read after its first line */
    LINE_SHOWN = 200,    /* bytes */
};

struct place {
    struct str path;
    int64_t line; /* of the last hit that looks like one */
};

/* At the margin and no declaration, or after a word that defines. */
static bool looks_like_definition(struct str text)
{
    static const char *const words[] = {"def ", "function ", "class ", "struct ", "func ", "fn ", "#define ", "sub "};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (str_find(text, str_of(words[i])) >= 0)
            return true;
    return text.n && !strchr(" \t/*#", text.p[0]) && !str_ends(str_trim(text), ";");
}

static size_t take_places(struct arena *a, struct str found, struct place out[FILES_MAX])
{
    struct str line;
    struct kind_hit hit;
    size_t n = 0;
    while (str_line(&found, &line)) {
        if (!kind_read_hit(line, &hit) || !held_can_tell(hit.path) || !looks_like_definition(hit.text))
            continue;
        struct str path = kind_hit_path(a, &hit);
        if (n && str_eq(out[n - 1].path, path))
            out[n - 1].line = hit.line;
        else if (n < FILES_MAX)
            out[n++] = (struct place){path, hit.line};
    }
    return n;
}

/* The first line of the comment right above line `at`, or `at`. */
static size_t comment_above(const struct doc *d, const bool *aside, const struct doc_sort *sort, size_t at)
{
    size_t from = at;
    while (from > 0 && at - from < COMMENT_LINES &&
           (aside[from - 1] || doc_is_comment(sort, d->lines[from - 1].text)))
        from--;
    return from;
}

static size_t index_of(const struct doc *d, int64_t line)
{
    return (size_t)(line - d->lines[0].number);
}

/* The last line of v[k]. Where braces are not set as usual no end is known: then it is what comes before the
 * next definition, and the comment above that. */
static size_t last_of(const struct doc *d, const bool *aside, const struct doc_sort *sort, const struct doc_entry *v,
                      size_t n, size_t k)
{
    size_t at = index_of(d, v[k].line), last = index_of(d, v[k].last);
    struct str head = str_trim(d->lines[at].text);
    if (last > at || str_ends(head, ";") || str_index(head, '}') >= 0 || str_starts(head, "#"))
        return last;
    size_t end = comment_above(d, aside, sort, k + 1 < n ? index_of(d, v[k + 1].line) : d->n);
    while (end > at + 1 && str_trim(d->lines[end - 1].text).n == 0)
        end--;
    return MAX(end, at + 1) - 1;
}

static void say_definition(const struct doc *d, const struct doc_sort *sort, const struct doc_entry *v, size_t n,
                           size_t k, struct offline_move *m)
{
    CLEANUP(buf_free) struct buf lines = BUF_OWN;
    const struct doc_entry *e = &v[k];
    const bool *aside = doc_asides(m->a, d, sort);
    size_t at = index_of(d, e->line), last = last_of(d, aside, sort, v, n, k);
    size_t from = comment_above(d, aside, sort, at);
    size_t to = MIN(MIN(last, at + LINES_SHOWN - 1), d->n - 1);
    for (size_t i = from; i <= to; i++)
        buf_printf(&lines, "%.*s\n", STR_ARG(offline_clip(m->a, d->lines[i].text, LINE_SHOWN)));
    offline_say(m, "`%.*s` is defined in `%.*s:%lld` (%s):\n", STR_ARG(e->name), STR_ARG(d->path), (long long)e->line,
                e->what);
    kind_say_fenced(m, "", buf_view(&lines));
    if (to < last)
        offline_say(m, "\n(Left out here: %s; `show lines %lld to %lld of %.*s` shows them.)\n",
                    offline_count(m->a, (int64_t)(last - to), "more line"), (long long)d->lines[to].number + 1,
                    (long long)d->lines[last].number, STR_ARG(d->path));
    offline_say(m, "\n");
}

bool define_say(const struct offline_turn *t, struct str found, struct str name, struct offline_move *m)
{
    struct place places[FILES_MAX];
    size_t n = take_places(t->a, found, places), shown = 0;
    struct doc docs[FILES_MAX];
    enum doc_state states[FILES_MAX];
    for (size_t i = 0; i < n; i++) {
        const struct offline_result *failed;
        const struct doc_part part = {.from = 1, .to = places[i].line + LINES_BEYOND};
        states[i] = doc_read_part(t, places[i].path, &part, m, &docs[i], &failed);
    }
    if (m->n_calls)
        return false;
    for (size_t i = 0; i < n; i++) {
        const struct doc_sort *sort = doc_sort_of_name(places[i].path);
        size_t n_entries = 0, more;
        if (states[i] != DOC_READY || docs[i].n == 0)
            continue;
        struct doc_entry *v = doc_outline(t->a, &docs[i], sort, ENTRIES_MAX, &n_entries, &more);
        doc_extents(t->a, &docs[i], sort, v, n_entries);
        for (size_t k = 0; k < n_entries && shown < SHOWN_MAX; k++)
            if (str_eq(v[k].name, name)) {
                say_definition(&docs[i], sort, v, n_entries, k, m);
                shown++;
            }
    }
    return true;
}
