/* SPDX-License-Identifier: MIT
 *
 * verb_memory: what is remembered.
 */
#include "cli/verb.h"

#include "base/clock.h"
#include "text/utf8.h"

#include <stdio.h>
#include <string.h>

enum { SUMMARY_SHOWN = 100, FOUND_INDENT = 22 };

static bool line_row(struct verb *v, const struct json *row, void *arg)
{
    char end[VERB_SHORT_MAX];
    struct str rest = str_of(json_cstr(json_get(row, "summary"), "")), line = STR("");
    (void)arg;
    if (!str_split(&rest, '\n', &line))
        line = STR("");
    line = utf8_clip(line, SUMMARY_SHOWN);
    buf_printf(v->out, "%s %s  %-11s  %.*s\n",
               json_bool(json_get(row, "pinned"), false) ? "*" : " ",
               verb_short(json_cstr(json_get(row, "id"), ""), end),
               json_cstr(json_get(row, "type"), ""), STR_ARG(line));
    return true;
}

/* Where it was found, when that is not in the summary. */
static bool found_row(struct verb *v, const struct json *row, void *arg)
{
    struct str snippet = json_str(json_get(row, "snippet"));
    struct str summary = json_str(json_get(row, "summary")), mark = STR("\xC2\xAB");
    ssize_t at = str_find(snippet, mark);
    if (!line_row(v, row, arg))
        return false;
    if (at < 0)
        return true;
    struct str word = str_sub(snippet, (size_t)at + mark.n, snippet.n);
    ssize_t end = str_find(word, STR("\xC2\xBB"));
    if (str_find(summary, str_sub(word, 0, end < 0 ? word.n : (size_t)end)) < 0)
        buf_printf(v->out, "%*s%.*s\n", FOUND_INDENT, "", STR_ARG(snippet));
    return true;
}

static bool whole_row(struct verb *v, const struct json *row, void *arg)
{
    char when[32];
    struct str facts = json_str(json_get(row, "facts")), tags = json_str(json_get(row, "tags")),
               line;
    const char *session = json_cstr(json_get(row, "session"), NULL);
    (void)arg;
    clock_format(json_i64(json_get(row, "updated_ms"), 0), when, sizeof(when));
    buf_printf(v->out, "%s\n%s\n", json_cstr(json_get(row, "id"), ""),
               json_cstr(json_get(row, "summary"), ""));
    while (str_split(&facts, '\n', &line))
        buf_printf(v->out, "- %.*s\n", STR_ARG(line));
    buf_printf(v->out, "%s, importance %.2f%s, written %.16s by %s (",
               json_cstr(json_get(row, "type"), ""), json_f64(json_get(row, "importance"), 0),
               json_bool(json_get(row, "pinned"), false) ? ", pinned" : "", when,
               json_cstr(json_get(row, "by"), ""));
    buf_count(v->out, json_i64(json_get(row, "revision"), 1), "time");
    buf_puts(v->out, ")\n");
    if (session)
        buf_printf(v->out, "in %s %s\n", session, json_cstr(json_get(row, "turn"), ""));
    if (tags.n) {
        buf_puts(v->out, "tags:");
        while (str_split(&tags, '\n', &line))
            buf_printf(v->out, " %.*s", STR_ARG(line));
        buf_putc(v->out, '\n');
    }
    return true;
}

/* The type of the first argument, where there is one. */
static bool type_is_good(const struct verb *v, struct err *e)
{
    return !verb_arg(v, 0) || option_choice(OPT_TYPE, verb_arg(v, 0), e) || err_wrap(e, "the type");
}

bool verb_memory_list(struct verb *v, struct err *e)
{
    struct qry_memory_list args = {.type = verb_arg(v, 0),
                                   .forgotten = v->options->value[OPT_FORGOTTEN] != NULL};
    return type_is_good(v, e) && verb_number(v, OPT_LIMIT, &args.limit, e) &&
           verb_rows(v, QRY_MEMORY_LIST, &args, line_row, NULL, NULL, e);
}

bool verb_memory_search(struct verb *v, struct err *e)
{
    struct arena a = ARENA_INIT;
    struct qry_memory_search args = {.query = verb_rest(v, 0, &a),
                                     .type = v->options->value[OPT_TYPE]};
    bool ok = verb_number(v, OPT_LIMIT, &args.limit, e) &&
              verb_rows(v, QRY_MEMORY_SEARCH, &args, found_row, NULL, NULL, e);
    arena_free(&a);
    return ok;
}

bool verb_memory_show(struct verb *v, struct err *e)
{
    size_t n = 0;
    return verb_rows(v, QRY_MEMORY_LIST, &(struct qry_memory_list){.match = verb_arg(v, 0)},
                     whole_row, NULL, &n, e) &&
           (n > 0 || err_set(e, ERR_NOT_FOUND, "there is no memory '%.80s'", verb_arg(v, 0)));
}

/* A type, then the sessions that its entries come from. */
struct branch {
    char type[32];
};

static bool tree_row(struct verb *v, const struct json *row, void *arg)
{
    struct branch *b = arg;
    const char *type = json_cstr(json_get(row, "type"), "");
    const char *name = json_cstr(json_get(row, "name"), NULL);
    const char *session = json_cstr(json_get(row, "session"), NULL);
    int64_t pinned = json_i64(json_get(row, "pinned"), 0);
    char when[32];
    if (strncmp(b->type, type, sizeof(b->type) - 1) != 0)
        buf_printf(v->out, "%s\n", type);
    snprintf(b->type, sizeof(b->type), "%s", type);
    clock_format(json_i64(json_get(row, "updated_ms"), 0), when, sizeof(when));
    buf_printf(v->out, "  %-20s %6lld  %.10s", name ? name : session ? session : "(no session)",
               (long long)json_i64(json_get(row, "entries"), 0), when);
    if (pinned > 0)
        buf_printf(v->out, "  %lld pinned", (long long)pinned);
    buf_putc(v->out, '\n');
    return true;
}

bool verb_memory_tree(struct verb *v, struct err *e)
{
    struct branch b = {0};
    return type_is_good(v, e) && verb_rows(v, QRY_MEMORY_TREE, &(struct qry_memory_tree){.type = verb_arg(v, 0)}, tree_row,
                     &b, NULL, e);
}

static bool said(struct verb *v, const char *id, const char *what)
{
    char end[VERB_SHORT_MAX];
    buf_printf(v->out, "%s %s\n", verb_short(id, end), what);
    return true;
}

bool verb_memory_write(struct verb *v, struct err *e)
{
    struct arena a = ARENA_INIT;
    char id[ID_MAX];
    struct act_memory_write args = {
        .summary = verb_rest(v, 0, &a), .type = v->options->value[OPT_TYPE], .session = v->session};
    bool ok = verb_act(v, ACT_MEMORY_WRITE, &args, id, e) && said(v, id, "is remembered");
    arena_free(&a);
    return ok;
}

/* An entry as it is, to be written anew. */
struct edited {
    struct act_memory_write *args;
    struct arena *a;
    size_t n;
};

static struct field_list lines_of(struct str text, struct arena *a)
{
    enum { LINES_MAX = 32 };
    const char **v = arena_array(a, LINES_MAX, sizeof(*v));
    struct field_list list = {.v = v};
    struct str line;
    while (list.n < LINES_MAX && str_split(&text, '\n', &line))
        v[list.n++] = arena_strndup(a, line.p, line.n);
    return list;
}

static bool edited_row(struct verb *v, const struct json *row, void *arg)
{
    struct edited *x = arg;
    (void)v;
    struct str type = json_str(json_get(row, "type")), id = json_str(json_get(row, "id"));
    x->args->memory = arena_strndup(x->a, id.p, id.n);
    x->args->type = arena_strndup(x->a, type.p, type.n);
    x->args->importance = json_f64(json_get(row, "importance"), 0);
    x->args->facts = lines_of(json_str(json_get(row, "facts")), x->a);
    x->args->tags = lines_of(json_str(json_get(row, "tags")), x->a);
    x->n++;
    return true;
}

bool verb_memory_edit(struct verb *v, struct err *e)
{
    struct arena a = ARENA_INIT;
    char id[ID_MAX];
    struct act_memory_write args = {.summary = verb_rest(v, 1, &a), .session = v->session};
    struct edited x = {&args, &a, 0};
    bool ok = verb_rows(v, QRY_MEMORY_LIST, &(struct qry_memory_list){.match = verb_arg(v, 0)}, edited_row,
                        &x, NULL, e);
    if (ok && x.n != 1)
        ok = err_set(e, x.n ? ERR_AMBIGUOUS : ERR_NOT_FOUND,
                     x.n ? "more than one entry ends in '%.80s'" : "there is no memory '%.80s'", verb_arg(v, 0));
    ok = ok && verb_act(v, ACT_MEMORY_WRITE, &args, id, e) && said(v, id, "is written anew");
    arena_free(&a);
    return ok;
}

static bool pin(struct verb *v, bool off, struct err *e)
{
    char id[ID_MAX];
    return verb_act(v, ACT_MEMORY_PIN,
                    &(struct act_memory_pin){.memory = verb_arg(v, 0), .off = off}, id, e) &&
           said(v, id, off ? "is not pinned any more" : "is pinned");
}

bool verb_memory_pin(struct verb *v, struct err *e)
{
    return pin(v, false, e);
}

bool verb_memory_unpin(struct verb *v, struct err *e)
{
    return pin(v, true, e);
}

bool verb_memory_forget(struct verb *v, struct err *e)
{
    char id[ID_MAX];
    return verb_act(v, ACT_MEMORY_FORGET, &(struct act_memory_forget){.memory = verb_arg(v, 0)}, id,
                    e) &&
           said(v, id, "is forgotten; memory restore brings it back");
}

bool verb_memory_restore(struct verb *v, struct err *e)
{
    char id[ID_MAX];
    return verb_act(v, ACT_MEMORY_RESTORE, &(struct act_memory_restore){.memory = verb_arg(v, 0)},
                    id, e) &&
           said(v, id, "is back");
}
