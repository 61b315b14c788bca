/* SPDX-License-Identifier: MIT
 *
 * offline_doc: reading a file through the read tool, page by page.
 */
#include "model/offline_doc.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static void add_line(struct arena *a, struct doc *d, struct str text, int64_t number)
{
    if (d->n == d->cap) {
        size_t cap = d->cap ? d->cap * 2 : 256;
        struct doc_line *grown = arena_array(a, cap, sizeof(*grown));
        if (d->n)
            memcpy(grown, d->lines, d->n * sizeof(*grown));
        d->lines = grown;
        d->cap = cap;
    }
    d->lines[d->n++] = (struct doc_line){.text = text, .number = number};
}

/* " [... line of 3000 bytes clipped]" is the tool's own and no part of the line. */
static void add_shown_line(struct arena *a, struct doc *d, struct str text, int64_t number)
{
    static const char mark[] = " [... line of ";
    size_t at = str_ends(text, " bytes clipped]") ? text.n : 0;
    while (at > 0 && !str_starts(str_sub(text, at, text.n), mark))
        at--;
    bool cut = at > 0; /* the front of a line that was clipped is never empty */
    add_line(a, d, cut ? str_sub(text, 0, at) : text, number);
    d->lines[d->n - 1].cut = cut;
    d->cut = d->cut || cut;
}

/* "[the file goes on after line 3 of 5: ..." */
static int64_t total_of(struct str note)
{
    int64_t n = 0;
    ssize_t at = str_find(note, STR(" of "));
    ssize_t to = str_index(note, ':');
    if (at < 0 || to < at || !str_i64(str_sub(note, (size_t)at + 4, (size_t)(to - at) - 4), &n))
        return 0;
    return n;
}

/* One result of the read tool: "number TAB line" and notes in brackets. *ret_next: where to read
 * on, 0 when that was all. */
static void take_page(struct arena *a, struct doc *d, struct str page, int64_t *ret_next)
{
    struct str line;
    static const char goes_on[] = "read on with offset ";
    *ret_next = 0;
    while (str_line(&page, &line)) {
        int64_t number;
        ssize_t tab = str_index(line, '\t');
        if (tab > 0 && str_i64(str_trim(str_sub(line, 0, (size_t)tab)), &number)) {
            add_shown_line(a, d, str_sub(line, (size_t)tab + 1, line.n), number);
            continue;
        }
        ssize_t at = str_find(line, str_of(goes_on));
        struct str tail = at < 0 ? STR("") : str_sub(line, (size_t)at + strlen(goes_on), line.n);
        if (tail.n > 1 && str_i64(str_sub(tail, 0, tail.n - 1), &number))
            *ret_next = number, d->total = total_of(line);
        if (str_find(line, STR("not UTF-8")) >= 0)
            d->replaced = true;
    }
}

static void call_page(struct offline_move *m, struct arena *a, struct str path, int64_t offset)
{
    offline_call(m, "read", "path", arena_strndup(a, path.p, path.n), "#offset",
                 arena_printf(a, "%lld", (long long)offset), "#limit",
                 arena_printf(a, "%d", OFFLINE_PAGE_LINES), NULL);
}

/* Where to read on for the part, given that the file goes on at `next`; 0: no more of it is there. */
static int64_t next_of_part(const struct doc *d, const struct doc_part *part, int64_t next)
{
    int64_t from = part->from >= 0 ? part->from : d->total ? d->total + part->from + 1 : next;
    from = MAX(from, next);
    /* How long the file is, its first page says. */
    if (d->n == 0)
        return next;
    return from > part->to || (d->total && from > d->total) ? 0 : from;
}

enum doc_state doc_read(const struct offline_turn *t, struct str path, struct offline_move *m,
                        struct doc *ret_doc, const struct offline_result **ret_failed)
{
    static const struct doc_part all = {.from = 1, .to = INT64_MAX};
    return doc_read_part(t, path, &all, m, ret_doc, ret_failed);
}

enum doc_state doc_read_part(const struct offline_turn *t, struct str path,
                             const struct doc_part *part, struct offline_move *m,
                             struct doc *ret_doc, const struct offline_result **ret_failed)
{
    int64_t next = 0;
    *ret_doc = (struct doc){.path = path};
    for (size_t i = 0; i < t->n_results; i++) {
        const struct offline_result *r = &t->results[i];
        if (!str_is(r->tool, "read") || !str_eq(offline_argument(t, r, "path"), path))
            continue;
        ret_doc->pages++;
        if (r->is_error && offline_failed_with(r, "too_large") && ret_doc->pages == 1) {
            next = 1;
            continue;
        }
        if (r->is_error) {
            *ret_failed = r;
            return DOC_FAILED;
        }
        take_page(t->a, ret_doc, r->text, &next);
    }
    if (ret_doc->pages == 0) {
        offline_call(m, "read", "path", arena_strndup(t->a, path.p, path.n), NULL);
        return DOC_READING;
    }
    int64_t on = next ? next_of_part(ret_doc, part, next) : 0;
    if (on && ret_doc->pages < OFFLINE_PAGES_MAX) {
        call_page(m, t->a, path, on);
        return DOC_READING;
    }
    ret_doc->more = next != 0;
    if (!ret_doc->more && ret_doc->n)
        ret_doc->total = ret_doc->lines[ret_doc->n - 1].number;
    return DOC_READY;
}

void doc_of_text(struct arena *a, struct str text, struct doc *ret_doc)
{
    struct str line;
    *ret_doc = (struct doc){.path = STR("")};
    for (int64_t number = 1; str_line(&text, &line); number++)
        add_line(a, ret_doc, line, number);
    ret_doc->total = (int64_t)ret_doc->n;
}

struct str doc_path(struct arena *a, struct str name)
{
    static const char *const usual[][2] = {
        {"readme", "README.md"},       {"license", "LICENSE"},   {"licence", "LICENSE"},
        {"copying", "COPYING"},        {"makefile", "Makefile"}, {"dockerfile", "Dockerfile"},
        {"changelog", "CHANGELOG.md"}, {"authors", "AUTHORS"},
    };
    name = str_trim(name);
    for (size_t i = 0; i < ARRAY_LEN(usual); i++)
        if (name.n == strlen(usual[i][0]) && strncasecmp(name.p, usual[i][0], name.n) == 0 &&
            name.p[0] != usual[i][1][0])
            return str_of(usual[i][1]);
    return str_of(arena_strndup(a, name.p ? name.p : "", name.n));
}

size_t doc_words(const struct doc *d)
{
    size_t n = 0;
    for (size_t i = 0; i < d->n; i++) {
        bool in_word = false;
        for (size_t k = 0; k < d->lines[i].text.n; k++) {
            char c = d->lines[i].text.p[k];
            bool blank = c == ' ' || c == '\t' || c == '\r';
            n += !blank && !in_word;
            in_word = !blank;
        }
    }
    return n;
}

void doc_say_size(struct offline_move *m, const struct doc *d)
{
    size_t words = doc_words(d);
    int64_t lines = d->total ? d->total : (int64_t)d->n;
    offline_say(m, "%s%s, %s%s", d->more && !d->total ? "more than " : "", offline_count(m->a, lines, "line"),
                d->more  ? "more than "
                : d->cut ? "at least "
                         : "",
                offline_count(m->a, (int64_t)words, "word"));
    if (d->bytes)
        offline_say(m, ", %s", offline_count(m->a, d->bytes, "byte"));
}
