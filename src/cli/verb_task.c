/* SPDX-License-Identifier: MIT
 *
 * verb_task: what is to be done.
 */
#include "cli/verb.h"

#include "base/clock.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

enum { STEPS_MAX = 20 };

struct item {
    char *id, *parent, *line;
};
struct items {
    VEC(struct item) v;
};

struct place {
    size_t at; /* in the items */
    int depth;
};

static bool item_row(struct verb *v, const struct json *row, void *arg)
{
    struct items *all = arg;
    const char *stage = json_cstr(json_get(row, "stage"), NULL);
    const char *id = json_cstr(json_get(row, "id"), "");
    char end[VERB_SHORT_MAX];
    (void)v;
    struct item item = {
        .id = mem_strdup(id),
        .parent = mem_strdup(json_cstr(json_get(row, "parent"), NULL)),
        .line = mem_printf("%s  %-9s  ", verb_short(id, end),
                           stage ? stage : json_cstr(json_get(row, "status"), "")),
    };
    char *line = mem_printf("%s\t%s", item.line, json_cstr(json_get(row, "title"), ""));
    free(item.line);
    item.line = line;
    VEC_PUSH(&all->v, item);
    return true;
}

static void print(struct verb *v, const struct item *t, int depth)
{
    const char *tab = strchr(t->line, '\t');
    buf_printf(v->out, "%.*s%*s%s\n", (int)(tab - t->line), t->line, 2 * depth, "", tab + 1);
}

/* A task, then its parts, one step to the right, until there is no room for more steps. */
static void print_tree(struct verb *v, const struct items *all, size_t root)
{
    VEC(struct place) left = {0};
    VEC_PUSH(&left, ((struct place){root, 0}));
    while (left.n > 0) {
        struct place p = left.v[--left.n];
        const struct item *t = &all->v.v[p.at];
        print(v, t, MIN(p.depth, STEPS_MAX));
        for (size_t i = all->v.n; i-- > 0;)
            if (all->v.v[i].parent && strcmp(all->v.v[i].parent, t->id) == 0)
                VEC_PUSH(&left, ((struct place){i, p.depth + 1}));
    }
    free(left.v);
}

/* Is what it is a part of in the list? Then it is printed there. */
static bool is_below(const struct items *all, const struct item *t)
{
    for (size_t i = 0; t->parent && i < all->v.n; i++)
        if (strcmp(all->v.v[i].id, t->parent) == 0)
            return true;
    return false;
}

bool verb_task_list(struct verb *v, struct err *e)
{
    const char *which = verb_arg(v, 0);
    struct items all = {0};
    struct qry_task_list args = {.status = which ? NULL : "open"};
    if (which && strcmp(which, "all") != 0)
        return err_set(e, ERR_USAGE, "task list: expected all or nothing, got '%.40s'", which);
    bool ok = verb_rows(v, QRY_TASK_LIST, &args, item_row, &all, NULL, e);
    for (size_t i = 0; i < all.v.n; i++)
        if (ok && !is_below(&all, &all.v.v[i]))
            print_tree(v, &all, i);
    for (size_t i = 0; i < all.v.n; i++) {
        free(all.v.v[i].id);
        free(all.v.v[i].parent);
        free(all.v.v[i].line);
    }
    free(all.v.v);
    return ok;
}

static bool task_row(struct verb *v, const struct json *row, void *arg)
{
    const struct json *error = json_get(row, "error");
    const char *stage = json_cstr(json_get(row, "stage"), NULL);
    char when[32];
    (void)arg;
    clock_format(json_i64(json_get(row, "created_ms"), 0), when, sizeof(when));
    buf_printf(v->out, "%s\n%s\n%s%s%s, made %.16s by %s\n", json_cstr(json_get(row, "id"), ""),
               json_cstr(json_get(row, "title"), ""), json_cstr(json_get(row, "status"), ""),
               stage ? ", " : "", stage ? stage : "", when, json_cstr(json_get(row, "by"), ""));
    if (json_cstr(json_get(row, "detail"), NULL))
        buf_printf(v->out, "%s\n", json_cstr(json_get(row, "detail"), ""));
    if (error)
        buf_printf(v->out, "failed: %s\n", json_cstr(json_get(error, "message"), ""));
    return true;
}

bool verb_task_get(struct verb *v, struct err *e)
{
    size_t n = 0;
    return verb_rows(v, QRY_TASK_LIST, &(struct qry_task_list){.match = verb_arg(v, 0)}, task_row,
                     NULL, &n, e) &&
           (n > 0 || err_set(e, ERR_NOT_FOUND, "there is no task '%.80s'", verb_arg(v, 0)));
}

struct history {
    char *task; /* whose rows came */
    size_t n;
    bool other; /* rows of another came, too */
};

static bool history_row(struct verb *v, const struct json *row, void *arg)
{
    struct history *h = arg;
    const char *task = json_cstr(json_get(row, "task"), "");
    const char *status = json_cstr(json_get(row, "status"), NULL);
    const char *title = json_cstr(json_get(row, "title"), NULL);
    const char *detail = json_cstr(json_get(row, "detail"), NULL);
    const struct json *error = json_get(row, "error");
    const char *by = json_cstr(json_get(row, "by"), NULL);
    char when[32];
    if (!h->task)
        h->task = mem_strdup(task);
    h->other = h->other || strcmp(h->task, task) != 0;
    clock_format(json_i64(json_get(row, "ts_ms"), 0), when, sizeof(when));
    when[19] = '\0';
    buf_printf(v->out, "%s  %-9s", when, status ? status : json_cstr(json_get(row, "what"), ""));
    if (by)
        buf_printf(v->out, "  by %s", by);
    if (title)
        buf_printf(v->out, "  %s", title);
    if (detail)
        buf_printf(v->out, "\n    %s", detail);
    if (error)
        buf_printf(v->out, "\n    %s", json_cstr(json_get(error, "message"), ""));
    buf_putc(v->out, '\n');
    return true;
}

bool verb_task_history(struct verb *v, struct err *e)
{
    struct history h = {0};
    size_t n = 0;
    const char *task = verb_arg(v, 0);
    bool ok = verb_rows(v, QRY_TASK_HISTORY, &(struct qry_task_history){.task = task}, history_row,
                        &h, &n, e);
    if (ok && n == 0)
        ok = err_set(e, ERR_NOT_FOUND, "there is no task '%.80s'", task);
    if (ok && h.other) {
        buf_clear(v->out);
        ok = err_set(e, ERR_AMBIGUOUS, "'%.40s' is the end of more than one id", task);
    }
    free(h.task);
    return ok;
}

static bool said(struct verb *v, const char *id, const char *what)
{
    char end[VERB_SHORT_MAX];
    buf_printf(v->out, "%s %s\n", verb_short(id, end), what);
    return true;
}

bool verb_task_create(struct verb *v, struct err *e)
{
    struct arena a = ARENA_INIT;
    char id[ID_MAX];
    struct act_task_create args = {.title = verb_rest(v, 0, &a),
                                   .parent = v->options->value[OPT_PARENT],
                                   .session = v->session};
    bool ok = verb_act(v, ACT_TASK_CREATE, &args, id, e) && said(v, id, args.title);
    arena_free(&a);
    return ok;
}

bool verb_task_update(struct verb *v, struct err *e)
{
    struct arena a = ARENA_INIT;
    char id[ID_MAX];
    struct act_task_update args = {
        .task = verb_arg(v, 0), .status = verb_arg(v, 1), .detail = verb_rest(v, 2, &a)};
    bool ok = verb_act(v, ACT_TASK_UPDATE, &args, id, e) && said(v, id, args.status);
    arena_free(&a);
    return ok;
}

bool verb_task_complete(struct verb *v, struct err *e)
{
    struct arena a = ARENA_INIT;
    char id[ID_MAX];
    struct act_task_complete args = {.task = verb_arg(v, 0), .detail = verb_rest(v, 1, &a)};
    bool ok = verb_act(v, ACT_TASK_COMPLETE, &args, id, e) && said(v, id, "completed");
    arena_free(&a);
    return ok;
}

bool verb_task_fail(struct verb *v, struct err *e)
{
    struct arena a = ARENA_INIT;
    char id[ID_MAX];
    struct act_task_fail args = {.task = verb_arg(v, 0), .reason = verb_rest(v, 1, &a)};
    bool ok = verb_act(v, ACT_TASK_FAIL, &args, id, e) && said(v, id, "failed");
    arena_free(&a);
    return ok;
}

bool verb_task_cancel(struct verb *v, struct err *e)
{
    char id[ID_MAX];
    bool ok = true;
    for (int i = 0; ok && verb_arg(v, i); i++)
        ok = verb_act(v, ACT_TASK_CANCEL, &(struct act_task_cancel){.task = verb_arg(v, i)}, id, e) &&
             said(v, id, "cancelled");
    return ok;
}
