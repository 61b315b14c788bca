/* SPDX-License-Identifier: MIT
 *
 * task_tools: task_create, task_update, task_list and task_get: how a model plans its work where
 * the operator sees it. What is written goes through actions.
 */
#include "tool/builtin.h"

#include "base/clock.h"
#include "contract/action.h"
#include "json/json.h"

#include <string.h>

enum { TASKS_AT_ONCE = 32, SHORT = 6 };

/* The end of an id, which is enough to name it. */
static const char *short_id(const char *id)
{
    size_t n = strlen(id);
    return n > SHORT ? id + n - SHORT : id;
}

/* ---- task_create ---- */

struct create_args {
    const char *title, *detail, *parent;
    struct field_list titles;
};
FIELD_SET(create_set, "task_create", struct create_args,
          FIELD_ROW(struct create_args, STR, OPT, title, "what is to be done, in one line",
                    .max = 300),
          FIELD_ROW(struct create_args, STRS, OPT, titles, "several at once, in their order",
                    .max = TASKS_AT_ONCE),
          FIELD_ROW(struct create_args, STR, OPT, detail, "more of it", .max = 8000),
          FIELD_ROW(struct create_args, STR, OPT, parent, "the task that they are parts of",
                    .max = ID_MAX));

static bool create_intend(struct tool_call *call, const void *args, struct tool_intent *ret,
                          struct err *e)
{
    const struct create_args *a = args;
    if (!a->title && a->titles.n == 0)
        return err_set(e, ERR_BAD_ARGUMENTS, "title: it is missing, and so is titles");
    const char *first = a->title ? a->title : ((const char *const *)a->titles.v)[0];
    ret->action = a->titles.n > 1
                      ? arena_printf(call->arena, "add %zu tasks: %s, ...", a->titles.n, first)
                      : arena_printf(call->arena, "add a task: %s", first);
    return true;
}

static bool create_one(struct tool_call *call, const struct create_args *a, const char *title,
                       struct buf *out, struct err *e)
{
    char id[ID_MAX];
    struct act_task_create act = {.title = title,
                                  .detail = a->detail,
                                  .parent = a->parent,
                                  .session = call->session,
                                  .turn = call->turn};
    if (!call_act(call, ACT_TASK_CREATE, &act, id, e))
        return false;
    buf_printf(out, "%s  %s\n", short_id(id), title);
    return true;
}

static bool create_run(struct tool_call *call, const void *args, struct tool_outcome *ret,
                       struct err *e)
{
    const struct create_args *a = args;
    CLEANUP(buf_free) struct buf out = BUF_OWN;
    int64_t n = a->title ? 1 : 0;
    bool ok = !a->title || create_one(call, a, a->title, &out, e);
    for (size_t i = 0; ok && i < a->titles.n; i++, n++)
        ok = create_one(call, a, ((const char *const *)a->titles.v)[i], &out, e);
    outcome_result(call, ret, &out);
    ret->summary = call_count(call, n, "task");
    return ok;
}

const struct tool_desc tool_task_create = {
    .name = "task_create",
    .doc = "Notes what is to be done, where the user sees it. Plan work of several steps with it, "
           "and say with task_update how each stands.",
    .args = &create_set,
    .effect = TOOL_CONTROLS,
    .timeout_ms = TOOL_CHANGE_MS,
    .intend = create_intend,
    .run = create_run,
};

/* ---- task_update ---- */

struct update_args {
    const char *task_id, *status, *detail, *title;
};
FIELD_SET(update_set, "task_update", struct update_args,
          FIELD_ROW(struct update_args, STR, REQ, task_id, "which; the end of its id is enough",
                    .max = ID_MAX),
          FIELD_ROW(struct update_args, STR, OPT, status, "how it stands now",
                    .choices = "pending|running|blocked|completed|failed|cancelled"),
          FIELD_ROW(struct update_args, STR, OPT, detail, "more of it; of a failed one why",
                    .max = 8000),
          FIELD_ROW(struct update_args, STR, OPT, title, "what it is called now", .max = 300));

static bool update_intend(struct tool_call *call, const void *args, struct tool_intent *ret,
                          struct err *e)
{
    const struct update_args *a = args;
    (void)e;
    ret->action = arena_printf(call->arena, "task %s: %s", a->task_id,
                               a->status  ? a->status
                               : a->title ? a->title
                                          : "more detail");
    return true;
}

static bool update_run(struct tool_call *call, const void *args, struct tool_outcome *ret,
                       struct err *e)
{
    const struct update_args *a = args;
    const char *status = a->status ? a->status : "";
    char id[ID_MAX];
    bool ok;
    if (strcmp(status, "completed") == 0)
        ok = call_act(call, ACT_TASK_COMPLETE,
                      &(struct act_task_complete){.task = a->task_id, .detail = a->detail}, id, e);
    else if (strcmp(status, "failed") == 0)
        ok = call_act(call, ACT_TASK_FAIL,
                      &(struct act_task_fail){.task = a->task_id,
                                              .reason = a->detail ? a->detail : "no reason given"},
                      id, e);
    else if (strcmp(status, "cancelled") == 0)
        ok = call_act(call, ACT_TASK_CANCEL, &(struct act_task_cancel){.task = a->task_id}, id, e);
    else
        ok = call_act(
            call, ACT_TASK_UPDATE,
            &(struct act_task_update){
                .task = a->task_id, .status = a->status, .detail = a->detail, .title = a->title},
            id, e);
    if (!ok)
        return false;
    ret->result = ret->summary =
        arena_printf(call->arena, "%s is %s", short_id(id), status[0] ? status : "updated");
    ret->result_n = strlen(ret->result);
    return true;
}

const struct tool_desc tool_task_update = {
    .name = "task_update",
    .doc = "Says how a task stands: running when you begin it, completed when it is done.",
    .args = &update_set,
    .effect = TOOL_CONTROLS,
    .timeout_ms = TOOL_CHANGE_MS,
    .intend = update_intend,
    .run = update_run,
};

/* ---- task_list, task_get ---- */

static void add_task(struct buf *out, const struct json *j)
{
    const char *stage = json_cstr(json_get(j, "stage"), NULL);
    const char *parent = json_cstr(json_get(j, "parent"), NULL);
    buf_printf(out, "%s  %-9s  %s%s%s\n", short_id(json_cstr(json_get(j, "id"), "")),
               stage ? stage : json_cstr(json_get(j, "status"), ""),
               json_cstr(json_get(j, "title"), ""), parent ? "  part of " : "",
               parent ? short_id(parent) : "");
}

static void add_whole_task(struct buf *out, const struct json *j)
{
    const struct json *error = json_get(j, "error");
    char when[32];
    add_task(out, j);
    clock_format(json_i64(json_get(j, "created_ms"), 0), when, sizeof(when));
    buf_printf(out, "made %.16s by %s\n", when, json_cstr(json_get(j, "by"), ""));
    if (json_cstr(json_get(j, "detail"), NULL))
        buf_printf(out, "%s\n", json_cstr(json_get(j, "detail"), ""));
    if (error)
        buf_printf(out, "failed: %s\n", json_cstr(json_get(error, "message"), ""));
}

struct list_args {
    const char *status;
};
FIELD_SET(list_set, "task_list", struct list_args,
          FIELD_ROW(struct list_args, STR, OPT, status, "open ones unless given",
                    .choices = "open|completed|failed|cancelled|all"));

static bool list_intend(struct tool_call *call, const void *args, struct tool_intent *ret,
                        struct err *e)
{
    (void)call, (void)args, (void)e;
    ret->action = "list tasks";
    return true;
}

static bool list_run(struct tool_call *call, const void *args, struct tool_outcome *ret,
                     struct err *e)
{
    const struct list_args *a = args;
    CLEANUP(buf_free) struct buf out = BUF_OWN;
    const char *status = a->status ? a->status : "open";
    struct qry_task_list query = {.status = strcmp(status, "all") == 0 ? NULL : status};
    int64_t n;
    if (!call_rows(call, QRY_TASK_LIST, &query, add_task, &out, &n, e))
        return false;
    if (n == 0)
        buf_puts(&out, "[there is none]\n");
    outcome_result(call, ret, &out);
    ret->summary = call_count(call, n, "task");
    return true;
}

const struct tool_desc tool_task_list = {
    .name = "task_list",
    .doc = "Lists tasks and how they stand.",
    .args = &list_set,
    .effect = TOOL_READS,
    .timeout_ms = TOOL_LOOK_MS,
    .intend = list_intend,
    .run = list_run,
};

struct get_args {
    const char *task_id;
};
FIELD_SET(get_set, "task_get", struct get_args,
          FIELD_ROW(struct get_args, STR, REQ, task_id, "which; the end of its id is enough",
                    .max = ID_MAX));

static bool get_intend(struct tool_call *call, const void *args, struct tool_intent *ret,
                       struct err *e)
{
    const struct get_args *a = args;
    (void)e;
    ret->action = arena_printf(call->arena, "read task %s", a->task_id);
    return true;
}

static bool get_run(struct tool_call *call, const void *args, struct tool_outcome *ret,
                    struct err *e)
{
    const struct get_args *a = args;
    CLEANUP(buf_free) struct buf out = BUF_OWN;
    int64_t n;
    if (!call_rows(call, QRY_TASK_LIST, &(struct qry_task_list){.match = a->task_id},
                   add_whole_task, &out, &n, e))
        return false;
    if (n == 0)
        return err_set(e, ERR_NOT_FOUND, "there is no task '%.80s'", a->task_id);
    outcome_result(call, ret, &out);
    ret->summary = call_count(call, n, "task");
    return true;
}

const struct tool_desc tool_task_get = {
    .name = "task_get",
    .doc = "Reads one task with all that was noted of it.",
    .args = &get_set,
    .effect = TOOL_READS,
    .timeout_ms = TOOL_LOOK_MS,
    .intend = get_intend,
    .run = get_run,
};
