/* SPDX-License-Identifier: MIT
 *
 * offline_lines: from changes of lines to edits. A span of lines that changes grows by its
 * neighbours until its text is in the file only once; spans that meet become one. Growing doubles,
 * so a file of equal lines costs few searches.
 */
#include "text/utf8.h"
#include "model/offline_lines.h"

#include "text/fuzzy.h"
#include "json/jsonw.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

struct span {
    size_t from, to; /* lines [from, to) */
};

void lines_init(struct lines *l, struct arena *a, const struct doc *doc)
{
    CLEANUP(buf_free) struct buf b = BUF_OWN;
    *l = (struct lines){.a = a, .doc = doc};
    l->at = arena_array(a, doc->n + 1, sizeof(*l->at));
    l->changes = arena_array(a, doc->n + 1, sizeof(*l->changes));
    for (size_t i = 0; i < doc->n; i++) {
        if (i)
            buf_putc(&b, '\n');
        l->at[i] = b.len;
        buf_str(&b, doc->lines[i].text);
    }
    l->at[doc->n] = b.len + 1;
    l->text = str_make(arena_strndup(a, buf_cstr(&b), b.len), b.len);
}

/* At most `most` are counted. */
static size_t count_up_to(struct str text, struct str needle, size_t most)
{
    size_t n = 0;
    ssize_t at;
    while (needle.n && n < most && (at = str_find(text, needle)) >= 0) {
        n++;
        text = str_sub(text, (size_t)at + 1, text.n);
    }
    return n;
}

size_t lines_count(const struct lines *l, struct str text)
{
    return count_up_to(l->text, text, SIZE_MAX);
}

/* ---- planning ---- */

void lines_set(struct lines *l, size_t i, struct str line)
{
    l->changes[i].touched = l->changes[i].set = true;
    l->changes[i].with = line;
}

void lines_drop(struct lines *l, size_t i)
{
    l->changes[i].touched = l->changes[i].drop = true;
}

void lines_insert(struct lines *l, size_t i, struct str line, bool after)
{
    struct line_change *c = &l->changes[i];
    line.p = line.p ? line.p : "";
    if (str_ends(line, "\n"))
        line.n--;
    c->touched = true;
    if (after)
        c->after = line;
    else
        c->before = line;
}

void lines_begin_with(struct lines *l, struct str line)
{
    l->first = line;
}

/* ---- results ---- */

static void add_line(struct buf *b, struct str line, bool *any)
{
    if (*any)
        buf_putc(b, '\n');
    buf_str(b, line);
    *any = true;
}

static void add_lines(const struct lines *l, struct span s, struct buf *b)
{
    bool any = false;
    for (size_t i = s.from; i < s.to; i++) {
        const struct line_change *c = &l->changes[i];
        if (c->before.p)
            add_line(b, c->before, &any);
        if (!c->drop)
            add_line(b, c->set ? c->with : l->doc->lines[i].text, &any);
        if (c->after.p)
            add_line(b, c->after, &any);
    }
}

struct str lines_result(const struct lines *l)
{
    CLEANUP(buf_free) struct buf b = BUF_OWN;
    if (l->doc->n == 0)
        buf_str(&b, l->first);
    add_lines(l, (struct span){0, l->doc->n}, &b);
    return str_make(arena_strndup(l->a, buf_cstr(&b), b.len), b.len);
}

/* ---- spans ---- */

static struct str span_text(const struct lines *l, struct span s)
{
    return str_sub(l->text, l->at[s.from], l->at[s.to] - 1 - l->at[s.from]);
}

/* Of a span that is dropped whole, the line break must go too: a neighbour is needed. */
static bool needs_neighbour(const struct lines *l, struct span s)
{
    for (size_t i = s.from; i < s.to; i++)
        if (!l->changes[i].drop || l->changes[i].before.p || l->changes[i].after.p)
            return false;
    return true;
}

static bool is_unique(const struct lines *l, struct span s)
{
    struct str text = span_text(l, s);
    return text.n > 0 && count_up_to(l->text, text, 2) == 1;
}

static struct span grow(const struct lines *l, struct span s)
{
    size_t n = l->doc->n;
    for (size_t step = 1; s.from > 0 || s.to < n; step *= 2) {
        if (!needs_neighbour(l, s) && is_unique(l, s))
            break;
        s.from -= MIN(s.from, step);
        if (needs_neighbour(l, s) || !is_unique(l, s))
            s.to += MIN(n - s.to, step);
    }
    return s;
}

/* Spans in order, none meeting another; how many, or SIZE_MAX when there are too many. */
static size_t make_spans(const struct lines *l, struct span *out)
{
    size_t n = 0;
    for (size_t i = 0; i < l->doc->n; i++) {
        if (!l->changes[i].touched)
            continue;
        if (n && i < out[n - 1].to)
            continue;
        struct span s = {i, i + 1};
        while (s.to < l->doc->n && l->changes[s.to].touched)
            s.to++;
        s = grow(l, s);
        while (n && s.from < out[n - 1].to) {
            s.from = MIN(s.from, out[n - 1].from);
            s.to = MAX(s.to, out[n - 1].to);
            n--;
        }
        /* What the span has swallowed may end in the middle of another change. */
        while (s.to < l->doc->n && l->changes[s.to - 1].touched && l->changes[s.to].touched)
            s.to++;
        if (n == LINES_EDITS_MAX)
            return SIZE_MAX;
        out[n++] = s;
    }
    return n;
}

const char *lines_edits(const struct lines *l)
{
    struct span *spans = arena_array(l->a, LINES_EDITS_MAX, sizeof(*spans));
    size_t n = make_spans(l, spans);
    size_t bytes = 0;
    CLEANUP(buf_free) struct buf json = BUF_OWN;
    struct jsonw w = JSONW(&json);
    if (n == SIZE_MAX || n == 0)
        return NULL;
    jsonw_begin_array(&w);
    for (size_t i = 0; i < n; i++) {
        CLEANUP(buf_free) struct buf replace = BUF_OWN;
        struct str find = span_text(l, spans[i]);
        add_lines(l, spans[i], &replace);
        bytes += find.n + replace.len;
        if (!is_unique(l, spans[i]) || bytes > LINES_FIND_MAX)
            return NULL;
        for (size_t k = spans[i].from; k < spans[i].to; k++)
            if (l->doc->lines[k].cut)
                return NULL; /* not all of that line was seen */
        jsonw_begin_object(&w);
        jsonw_put_str(&w, "find", find);
        jsonw_put_str(&w, "replace", buf_view(&replace));
        jsonw_end_object(&w);
    }
    jsonw_end_array(&w);
    return arena_strndup(l->a, buf_cstr(&json), json.len);
}

/* ---- what is nearest ---- */

static bool contains_any_case(struct str line, struct str text)
{
    for (size_t i = 0; i + text.n <= line.n; i++)
        if (strncasecmp(line.p + i, text.p, text.n) == 0)
            return true;
    return false;
}

/* How many words of the text the line has. */
static int common_words(struct str line, struct str text)
{
    struct str word;
    int n = 0;
    while (str_split(&text, ' ', &word))
        n += word.n >= 3 && contains_any_case(line, word);
    return n;
}

size_t lines_nearest(const struct lines *l, struct str text, size_t *out, size_t max)
{
    int scores[8] = {0};
    size_t n = 0;
    ssize_t lf = str_index(text, '\n');
    text = str_trim(lf > 0 ? str_sub(text, 0, (size_t)lf) : text);
    text = utf8_clip(text, 200);
    max = MIN(max, ARRAY_LEN(scores));
    for (size_t i = 0; i < l->doc->n && text.n; i++) {
        struct str line = str_sub(l->doc->lines[i].text, 0, 400);
        int score = contains_any_case(line, text) ? 100 : common_words(line, text) * 10;
        if (score == 0 && text.n >= 4 && str_trim(line).n < text.n * 2 &&
            fuzzy_distance(str_trim(line), text, (int)text.n / 3) <= (int)text.n / 3)
            score = 5;
        if (score == 0)
            continue;
        size_t at = n;
        while (at > 0 && scores[at - 1] < score)
            at--;
        if (at >= max)
            continue;
        n = MIN(n + 1, max);
        for (size_t k = n - 1; k > at; k--) {
            scores[k] = scores[k - 1];
            out[k] = out[k - 1];
        }
        scores[at] = score;
        out[at] = i;
    }
    return n;
}
