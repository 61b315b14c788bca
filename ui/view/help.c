/* SPDX-License-Identifier: MIT
 *
 * help: keys and commands as a page, and the hints of the last row: all from the tables.
 */
#include "ui/view/view.h"

#include "base/buf.h"
#include "text/width.h"

#include <string.h>

enum { KEY_CELLS = 14, COMMAND_CELLS = 30 };

static void pad_to(struct doc *d, int cells, int used)
{
    CLEANUP(buf_free) struct buf pad = BUF_OWN;
    buf_fill(&pad, ' ', (size_t)MAX(1, cells - used));
    doc_add(d, LOOK_TEXT, buf_view(&pad));
}

/* A name in its column and help beside it, wrapped below itself. */
static void entry(struct doc *d, int width, int column, enum look look, struct str name,
                  const char *help)
{
    size_t first = d->rows.n;
    doc_text(d, column + 2, width, LOOK_TEXT, NULL, LOOK_TEXT, str_of(help));
    if (d->rows.n == first)
        return;
    /* The first row is made again with the name before it. */
    struct doc_row row = d->rows.v[first];
    CLEANUP(buf_free) struct buf text = BUF_OWN;
    if (row.n > 0) {
        struct doc_span s = d->spans.v[row.first];
        buf_str(&text, str_sub(buf_view(&d->text), s.from, s.n));
    }
    size_t rest = d->rows.n - first - 1;
    doc_row(d, 2);
    doc_add(d, look, name);
    pad_to(d, column, width_str(name));
    doc_add(d, LOOK_TEXT, buf_view(&text));
    struct doc_row named = d->rows.v[d->rows.n - 1];
    d->rows.n--;
    d->rows.v[d->rows.n - 1 - rest] = named;
}

static void heading(struct doc *d, const char *title)
{
    if (d->rows.n > 0)
        doc_row(d, 0);
    doc_row(d, 1);
    doc_puts(d, LOOK_PROMPT, title);
}

static void keys_of(struct doc *d, int width, enum context context)
{
    heading(d, context_titles[context]);
    for (size_t i = 0; i < bindings_n; i++) {
        const struct binding *b = &bindings[i];
        CLEANUP(buf_free) struct buf name = BUF_OWN;
        if (b->context != context)
            continue;
        key_name(b->key, &name);
        /* Several keys of one command stand in one row. */
        bool before = false;
        for (size_t k = 0; k < bindings_n; k++) {
            const struct binding *other = &bindings[k];
            if (other->context != context || other->command != b->command || k == i)
                continue;
            before |= k < i;
            if (k > i) {
                buf_putc(&name, ' ');
                key_name(other->key, &name);
            }
        }
        if (!before)
            entry(d, width, KEY_CELLS, LOOK_KEY, buf_view(&name), command_table[b->command].help);
    }
}

static void answers_of(struct doc *d, int width)
{
    heading(d, "answers to a question");
    doc_text(
        d, 2, width, LOOK_DIM, NULL, LOOK_DIM,
        STR("They count while nothing is written and nothing was typed for a moment; a letter "
            "that is followed by another one was text. Alt-y, then the letter, always works."));
    for (size_t i = 0; i < APPROVE_ANSWERS; i++)
        entry(d, width, KEY_CELLS, LOOK_KEY, str_of(approve_answers[i].key), approve_answers[i].help);
}

void help_make(struct doc *d, int width, const enum context *first, size_t n, bool asks)
{
    bool done[CONTEXT_COUNT] = {false};
    doc_clear(d);
    width = MIN(width, 100);
    if (asks)
        answers_of(d, width);
    for (size_t i = 0; i < n; i++) {
        if (!done[first[i]])
            keys_of(d, width, first[i]);
        done[first[i]] = true;
    }
    if (!asks)
        answers_of(d, width);
    for (int i = 0; i < CONTEXT_COUNT; i++)
        if (!done[i])
            keys_of(d, width, (enum context)i);
    doc_row(d, 0);
    doc_row(d, 1);
    doc_puts(d, LOOK_PROMPT, "commands, after : or / ");
    for (enum command c = CMD_NONE + 1; c < CMD_COUNT; c++) {
        const struct command_desc *desc = &command_table[c];
        CLEANUP(buf_free) struct buf name = BUF_OWN;
        if (desc->kind != COMMAND_SAY)
            continue;
        buf_printf(&name, ":%s%s%s", desc->name, desc->args[0] ? " " : "", desc->args);
        if (name.len < COMMAND_CELLS) {
            entry(d, width, COMMAND_CELLS, LOOK_KEY, buf_view(&name), desc->help);
            continue;
        }
        doc_row(d, 2);
        doc_add(d, LOOK_KEY, buf_view(&name));
        doc_text(d, COMMAND_CELLS + 2, width, LOOK_TEXT, NULL, LOOK_TEXT, str_of(desc->help));
    }
}

/* ---- hints ---- */

void view_hint_text(struct canvas *c, struct rect r, const char *const *keys_and_words, size_t n)
{
    struct rect was = canvas_clip(c, r);
    int x = r.x;
    for (size_t i = 0; i < n; i++) {
        int need = width_str(str_of(keys_and_words[2 * i])) + 1 +
                   width_str(str_of(keys_and_words[2 * i + 1]));
        if (x + need > r.x + r.w)
            break;
        x = canvas_put(c, x, r.y, LOOK_KEY, 0, str_of(keys_and_words[2 * i]));
        x = canvas_put(c, x + 1, r.y, LOOK_HINT, 0, str_of(keys_and_words[2 * i + 1])) + 2;
    }
    canvas_unclip(c, was);
}

void view_hints(struct canvas *c, struct rect r, enum context first, enum context second)
{
    struct rect rest = {r.x + 1, r.y, r.w - 1, 1};
    enum context both[] = {first, second};
    for (size_t k = 0; k < (first == second ? 1u : 2u); k++) {
        for (size_t i = 0; i < bindings_n; i++) {
            CLEANUP(buf_free) struct buf name = BUF_OWN;
            if (bindings[i].context != both[k] || !bindings[i].hint[0])
                continue;
            key_name(bindings[i].key, &name);
            const char *pair[] = {buf_cstr(&name), bindings[i].hint};
            view_hint_text(c, rest, pair, 1);
            int used = width_str(buf_view(&name)) + 3 + (int)strlen(bindings[i].hint);
            rest.x += used;
            rest.w -= used;
        }
    }
}

static int name_cells(const char *name)
{
    CLEANUP(buf_free) struct buf clean = BUF_OWN;
    width_sanitize(&clean, str_of(name));
    return clean.len > 0 ? width_str(buf_view(&clean)) : 0;
}

/* Up to two before the chosen one, as long as that is whole. */
static size_t first_candidate(const struct name_list *names, size_t chosen, int cells)
{
    size_t from = chosen < names->names.n ? chosen : 0;
    int used = from < names->names.n ? name_cells(names->names.v[from]) : 0;
    while (from > 0 && from + 2 > chosen) {
        used += name_cells(names->names.v[from - 1]) + 2;
        if (used > cells)
            break;
        from--;
    }
    return from;
}

void view_candidates(struct canvas *c, struct rect r, const struct name_list *names, size_t chosen,
                     const char *help)
{
    struct rect was = canvas_clip(c, r);
    canvas_fill(c, r, LOOK_TEXT, ' ');
    int x = r.x + 1;
    if (names->names.n == 0)
        canvas_put_raw(c, x, r.y, LOOK_HINT, 0, str_of(help));
    for (size_t i = first_candidate(names, chosen, r.w - 1); i < names->names.n && x < r.x + r.w; i++) {
        bool here = i == chosen;
        x = canvas_put_raw(c, x, r.y, here ? LOOK_CHOSEN : LOOK_KEY, 0, str_of(names->names.v[i])) +
            2;
    }
    canvas_unclip(c, was);
}
