/* SPDX-License-Identifier: MIT
 *
 * edit: replaces texts in a file, all of them or none. Every text is looked for in the file as it
 * was, must be there exactly once unless `all` is set, and no two may overlap; so the order of the
 * edits does not matter.
 *
 * A text with plain line ends also finds lines that end in CRLF, and the other way; what replaces
 * it then gets the file's line ends. A file that ended with a newline keeps it.
 */
#include "tool/builtin.h"
#include "tool/change.h"
#include "tool/nearest.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

enum {
    EDITS_MAX = 100,
    EDIT_SPANS_MAX = 100000, /* places that one call changes */
    EDIT_LINES_NAMED = 8,    /* line numbers in the message about an ambiguous text */
    EDIT_RESULT_DIFF = 8 * 1024,
};

struct edit_item {
    const char *find, *replace;
    bool all;
};
FIELD_SET(item_set, "edits", struct edit_item,
          FIELD_ROW(struct edit_item, STR, REQ, find, "the exact text, with its white space"),
          FIELD_ROW(struct edit_item, STR, REQ, replace, "what stands there afterwards"),
          FIELD_ROW(struct edit_item, BOOL, OPT, all, "every place; else it must be exactly one"));

struct edit_args {
    const char *path, *find, *replace;
    bool all;
    struct field_list edits;
};
FIELD_SET(edit_set, "edit", struct edit_args,
          FIELD_ROW(struct edit_args, STR, REQ, path, "file, relative to the workspace"),
          FIELD_ROW(struct edit_args, STR, OPT, find, "for one edit: the exact text"),
          FIELD_ROW(struct edit_args, STR, OPT, replace,
                    "for one edit: what stands there afterwards"),
          FIELD_ROW(struct edit_args, BOOL, OPT, all, "for one edit: every place"),
          FIELD_ROW(struct edit_args, LIST, OPT, edits, "for several at once, all or none",
                    .of = &item_set, .max = EDITS_MAX));

/* A place that changes. */
struct span {
    size_t at, n;
    size_t edit; /* which edit wants it */
    struct str replace;
};

struct editing {
    struct tool_call *call;
    const struct edit_item *items;
    size_t n_items;
    bool single; /* find and replace came without a list */
    const char *path;
    struct str text;
    bool crlf;
    VEC(struct span) spans;
    struct err *e;
};

/* What went before and what comes after, from intend to run. */
struct edit_plan {
    struct change change;
    struct str after;
    size_t places;
    const char *preview;
};

/* ---- arguments ---- */

static bool take_items(struct editing *d, const struct edit_args *a)
{
    if (a->edits.n && (a->find || a->replace || a->all))
        return err_set(d->e, ERR_BAD_ARGUMENTS, "give either edits, or find and replace");
    d->single = a->edits.n == 0;
    if (d->single && (!a->find || !a->replace))
        return err_set(d->e, ERR_BAD_ARGUMENTS, "%s is missing", !a->find ? "find" : "replace");
    struct edit_item *one = ARENA_NEW(d->call->arena, struct edit_item);
    *one = (struct edit_item){.find = a->find, .replace = a->replace, .all = a->all};
    d->items = d->single ? one : a->edits.v;
    d->n_items = d->single ? 1 : a->edits.n;
    for (size_t i = 0; i < d->n_items; i++)
        if (!d->items[i].find[0])
            return err_set(d->e, ERR_BAD_ARGUMENTS, "%s is empty",
                           d->single ? "find" : arena_printf(d->call->arena, "edits[%zu].find", i));
    return true;
}

static const char *edit_name(const struct editing *d, size_t i)
{
    return d->single ? "find" : arena_printf(d->call->arena, "edits[%zu].find", i);
}

/* ---- line ends ---- */

static struct str to_crlf(struct arena *a, struct str s)
{
    char *out = arena_new(a, s.n * 2 + 1);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '\n' && (i == 0 || s.p[i - 1] != '\r'))
            out[n++] = '\r';
        out[n++] = s.p[i];
    }
    return str_make(out, n);
}

static struct str to_lf(struct arena *a, struct str s)
{
    char *out = arena_new(a, s.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] != '\r' || i + 1 == s.n || s.p[i + 1] != '\n')
            out[n++] = s.p[i];
    return str_make(out, n);
}

static struct str to_ends(const struct editing *d, struct str s)
{
    return d->crlf ? to_crlf(d->call->arena, s) : to_lf(d->call->arena, s);
}

/* ---- finding ---- */

static ssize_t find_from(struct str text, struct str needle, size_t from)
{
    ssize_t at = str_find(str_sub(text, from, text.n), needle);
    return at < 0 ? -1 : at + (ssize_t)from;
}

/* How often the text is there, overlapping ones too; the first places are named. */
static size_t count_places(const struct editing *d, struct str find, struct buf *lines)
{
    size_t n = 0, line = 1, counted = 0;
    for (ssize_t at = find_from(d->text, find, 0); at >= 0 && n < EDIT_SPANS_MAX;
         at = find_from(d->text, find, (size_t)at + 1)) {
        for (; counted < (size_t)at; counted++)
            line += d->text.p[counted] == '\n';
        if (n < EDIT_LINES_NAMED)
            buf_printf(lines, "%s%zu", n ? ", " : "", line);
        n++;
    }
    if (n > EDIT_LINES_NAMED)
        buf_puts(lines, ", ...");
    return n;
}

static bool no_match(const struct editing *d, size_t i)
{
    err_set(d->e, ERR_NO_MATCH, "%s: this text is not in %s", edit_name(d, i), d->path);
    char hint[ERR_HINT_MAX];
    if (nearest_hint(d->text, str_of(d->items[i].find), hint, sizeof(hint)))
        err_hint(d->e, "%s", hint);
    return false;
}

static bool add_span(struct editing *d, size_t i, size_t at, size_t n, struct str replace)
{
    if (d->spans.n == EDIT_SPANS_MAX)
        return err_set(d->e, ERR_TOO_LARGE, "%s: more than %d places", edit_name(d, i),
                       EDIT_SPANS_MAX);
    struct span span = {.at = at, .n = n, .edit = i, .replace = replace};
    VEC_PUSH(&d->spans, span);
    return true;
}

static bool find_spans(struct editing *d, size_t i)
{
    const struct edit_item *item = &d->items[i];
    struct str find = str_of(item->find);
    struct str replace = to_ends(d, str_of(item->replace));
    if (find_from(d->text, find, 0) < 0)
        find = to_ends(d, find);
    ssize_t first = find_from(d->text, find, 0);
    if (first < 0)
        return no_match(d, i);
    if (item->all) {
        for (ssize_t at = first; at >= 0; at = find_from(d->text, find, (size_t)at + find.n))
            if (!add_span(d, i, (size_t)at, find.n, replace))
                return false;
        return true;
    }
    CLEANUP(buf_free) struct buf lines = BUF_OWN;
    size_t n = count_places(d, find, &lines);
    if (n > 1)
        return err_set(d->e, ERR_AMBIGUOUS, "%s: this text is %zu times in %s (lines %s)",
                       edit_name(d, i), n, d->path, buf_cstr(&lines));
    return add_span(d, i, (size_t)first, find.n, replace);
}

static int by_place(const void *a, const void *b)
{
    const struct span *x = a, *y = b;
    return x->at < y->at ? -1 : x->at > y->at;
}

static bool check_overlaps(const struct editing *d)
{
    for (size_t i = 1; i < d->spans.n; i++) {
        const struct span *a = &d->spans.v[i - 1], *b = &d->spans.v[i];
        if (a->at + a->n > b->at)
            return err_set(d->e, ERR_BAD_ARGUMENTS,
                           "edits[%zu] and edits[%zu] change the same text", MIN(a->edit, b->edit),
                           MAX(a->edit, b->edit));
    }
    return true;
}

/* How long the text will be, within the limit of a write: it is made before anybody is asked. */
static bool check_size(const struct editing *d)
{
    int64_t max = policy_limits(d->call->policy).max_file_write_bytes, n = (int64_t)d->text.n;
    for (size_t i = 0; i < d->spans.n; i++) {
        n += (int64_t)d->spans.v[i].replace.n - (int64_t)d->spans.v[i].n;
        if (n > max + (int64_t)d->text.n)
            break;
    }
    return n <= max || err_set(d->e, ERR_TOO_LARGE, "%s would be longer than the %lld bytes that can be written",
                               d->path, (long long)max);
}

static struct str apply_spans(const struct editing *d)
{
    CLEANUP(buf_free) struct buf out = BUF_OWN;
    size_t at = 0;
    for (size_t i = 0; i < d->spans.n; i++) {
        const struct span *s = &d->spans.v[i];
        buf_str(&out, str_sub(d->text, at, s->at - at));
        buf_str(&out, s->replace);
        at = s->at + s->n;
    }
    buf_str(&out, str_sub(d->text, at, d->text.n));
    bool ended = str_ends(d->text, "\n");
    if (ended && out.len && out.data[out.len - 1] != '\n')
        buf_puts(&out, d->crlf ? "\r\n" : "\n");
    return str_make(arena_strndup(d->call->arena, buf_cstr(&out), out.len), out.len);
}

/* ---- planning and doing ---- */

static bool make_after(struct editing *d, const struct edit_args *a, struct edit_plan *plan)
{
    bool ok = take_items(d, a);
    for (size_t i = 0; ok && i < d->n_items; i++)
        ok = find_spans(d, i);
    if (ok && d->spans.n)
        qsort(d->spans.v, d->spans.n, sizeof(*d->spans.v), by_place);
    ok = ok && check_overlaps(d) && check_size(d);
    if (ok) {
        plan->after = apply_spans(d);
        plan->places = d->spans.n;
    }
    free(d->spans.v);
    return ok;
}

static bool check_editable(struct tool_call *call, const struct change *c, struct err *e)
{
    int64_t max = policy_limits(call->policy).max_file_write_bytes;
    if (!c->existed)
        return err_set(e, ERR_NOT_FOUND, "%s does not exist; make it with write", c->path);
    if (!c->whole || (int64_t)c->before.n > max)
        return err_set(e, ERR_TOO_LARGE, "%s has %lld bytes; at most %lld can be edited", c->path,
                       (long long)c->st.st_size, (long long)max);
    if (looks_binary(str_sub(c->before, 0, TOOL_SNIFF_BYTES)))
        return err_set(e, ERR_NOT_TEXT, "%s is binary (%zu bytes)", c->path, c->before.n);
    return true;
}

static bool edit_intend(struct tool_call *call, const void *args, struct tool_intent *ret,
                        struct err *e)
{
    const struct edit_args *a = args;
    struct edit_plan *plan = ARENA_NEW(call->arena, struct edit_plan);
    struct change *c = &plan->change;
    if (!change_look(call, a->path, c, e) || !check_editable(call, c, e))
        return false;
    ssize_t lf = str_index(c->before, '\n');
    struct editing d = {.call = call,
                        .path = c->path,
                        .text = c->before,
                        .crlf = lf > 0 && c->before.p[lf - 1] == '\r',
                        .e = e};
    if (!make_after(&d, a, plan))
        return false;
    int64_t max = policy_limits(call->policy).max_file_write_bytes;
    if ((int64_t)plan->after.n > max)
        return err_set(e, ERR_TOO_LARGE, "%s would have %zu bytes; at most %lld are written",
                       c->path, plan->after.n, (long long)max);
    plan->preview = change_preview(call, c, plan->after);
    if (!plan->preview)
        return err_set(e, ERR_BAD_ARGUMENTS, "%s would stay as it is", c->path);
    ret->preview = plan->preview;
    change_intent(call, c, a->path, "edit", ret);
    call->plan = plan;
    return true;
}

static bool edit_run(struct tool_call *call, const void *args, struct tool_outcome *ret,
                     struct err *e)
{
    struct tool_intent intent = {0};
    if (!call->plan && !edit_intend(call, args, &intent, e))
        return false;
    const struct edit_plan *plan = call->plan;
    const struct change *c = &plan->change;
    if (!change_apply(call, c, plan->after, e))
        return false;
    change_outcome(call, c, plan->after, ret);
    ret->summary =
        arena_printf(call->arena, "edited %s (+%zu -%zu)", c->path, c->diff.added, c->diff.removed);
    bool shown = strlen(plan->preview) <= EDIT_RESULT_DIFF;
    ret->result =
        arena_printf(call->arena, "%s, %s\n%s", ret->summary,
                     call_count(call, (int64_t)plan->places, "place"), shown ? plan->preview : "");
    ret->result_n = strlen(ret->result);
    return true;
}

const struct tool_desc tool_edit = {
    .name = "edit",
    .doc = "Replaces exact texts in a file: one (find, replace) or several (edits), all or none. "
           "Each text must be there exactly once unless all is set.",
    .args = &edit_set,
    .effect = TOOL_WRITES,
    .timeout_ms = TOOL_CHANGE_MS,
    .intend = edit_intend,
    .run = edit_run,
};
