/* SPDX-License-Identifier: MIT
 *
 * job_tools: jobs_create, jobs_list, jobs_status and jobs_cancel. A session sees and stops its own
 * jobs only.
 */
#include "tool/builtin.h"

#include "tool/jobs.h"
#include "json/json.h"

#include <ctype.h>
#include <string.h>

enum {
    JOBS_LISTED = 20,
    JOBS_LISTED_MAX = 200,
    JOB_PREVIEW = 2000,
    JOB_ARGS_MAX = 256,
    JOB_COMMAND_MAX = 120 * 1024,
};

/* ---- jobs_create ---- */

struct create_args {
    const char *command, *cwd, *env;
    struct field_list args;
    int64_t timeout_ms;
};
FIELD_SET(create_set, "jobs_create", struct create_args,
          FIELD_ROW(struct create_args, STR, REQ, command,
                    "for the shell; with args the program alone", .max = JOB_COMMAND_MAX),
          FIELD_ROW(struct create_args, STRS, OPT, args, "arguments, each taken as it is",
                    .max = JOB_ARGS_MAX),
          FIELD_ROW(struct create_args, STR, OPT, cwd, "directory; absent: the workspace"),
          FIELD_ROW(struct create_args, JSON, OPT, env, "variables: an object of strings"),
          FIELD_ROW(struct create_args, I64, OPT, timeout_ms, "ended after so long; absent: never",
                    .min = 1, .max = JOB_TIMEOUT_MAX_MS));

static void add_quoted(struct buf *b, struct str s)
{
    bool plain = s.n > 0;
    for (size_t i = 0; i < s.n && plain; i++)
        plain = isalnum((unsigned char)s.p[i]) || strchr("_./=:@%+,-", s.p[i]);
    if (plain) {
        buf_str(b, s);
        return;
    }
    buf_putc(b, '\'');
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] == '\'')
            buf_puts(b, "'\\''");
        else
            buf_putc(b, s.p[i]);
    buf_putc(b, '\'');
}

static bool is_variable(const char *name)
{
    bool ok = isalpha((unsigned char)*name) || *name == '_';
    for (const char *p = name; *p && ok; p++)
        ok = isalnum((unsigned char)*p) || *p == '_';
    return ok;
}

static bool add_env(struct buf *b, const char *text, struct err *e)
{
    CLEANUP(json_free_p) struct json *env = json_parse(str_of(text), e);
    if (!env)
        return false;
    if (json_type(env) != JSON_OBJECT)
        return err_set(e, ERR_BAD_ARGUMENTS, "env: expected object, got %s",
                       json_type_name(json_type(env)));
    for (const struct json *v = json_first(env); v; v = json_next(v)) {
        if (json_type(v) != JSON_STRING || !is_variable(json_key(v)))
            return err_set(e, ERR_BAD_ARGUMENTS, "env.%s: expected a variable's name and a string",
                           json_key(v));
        buf_printf(b, "%s=", json_key(v));
        add_quoted(b, json_str(v));
        buf_putc(b, ' ');
    }
    return true;
}

/* The one shell command that the arguments mean; policy judges that. */
static const char *create_command(struct tool_call *call, const struct create_args *a,
                                  struct err *e)
{
    CLEANUP(buf_free) struct buf b = BUF_INIT(JOB_COMMAND_MAX);
    if (a->env && !add_env(&b, a->env, e))
        return NULL;
    if (a->args.n)
        add_quoted(&b, str_of(a->command));
    else
        buf_puts(&b, a->command);
    const char *const *args = a->args.v;
    for (size_t i = 0; i < a->args.n; i++) {
        buf_putc(&b, ' ');
        add_quoted(&b, str_of(args[i]));
    }
    if (!buf_ok(&b)) {
        err_set(e, ERR_TOO_LARGE, "the command has more than %d bytes", JOB_COMMAND_MAX);
        return NULL;
    }
    return arena_strndup(call->arena, buf_cstr(&b), b.len);
}

static bool create_intend(struct tool_call *call, const void *args, struct tool_intent *ret,
                          struct err *e)
{
    const struct create_args *a = args;
    const char *command = create_command(call, a, e);
    return command && sh_intend(call, "run in the background:", command, a->cwd, ret, e);
}

static bool create_run(struct tool_call *call, const void *args, struct tool_outcome *ret,
                       struct err *e)
{
    const struct create_args *a = args;
    char id[ID_MAX];
    const char *command = create_command(call, a, e);
    char *cwd = command ? call_path(call, a->cwd, e) : NULL;
    if (!cwd || !jobs_start(call->jobs, call, command, *cwd ? cwd : NULL, a->timeout_ms, id, e))
        return false;
    ret->summary = arena_printf(call->arena, "started %s", id);
    ret->result = arena_printf(call->arena, "started %s; jobs_status shows its output\n", id);
    ret->result_n = strlen(ret->result);
    return true;
}

const struct tool_desc tool_jobs_create = {
    .name = "jobs_create",
    .doc = "Starts a command in the background, in the sandbox, and answers its job id.",
    .args = &create_set,
    .effect = TOOL_RUNS,
    .intend = create_intend,
    .run = create_run,
};

/* ---- jobs_list ---- */

struct list_args {
    int64_t limit;
    const char *status;
};
FIELD_SET(list_set, "jobs_list", struct list_args,
          FIELD_ROW(struct list_args, I64, OPT, limit, "20 unless given", .min = 1,
                    .max = JOBS_LISTED_MAX),
          FIELD_ROW(struct list_args, STR, OPT, status, "only those in this state",
                    .choices = "queued|running|completed|failed|timed_out|cancelled"));

static void add_info(struct buf *b, const struct job_info *info)
{
    buf_printf(b, "%s  %s", info->id, info->status);
    if (info->exit != I64_NONE && info->signo)
        buf_printf(b, " by signal %d", info->signo);
    else if (info->exit != I64_NONE)
        buf_printf(b, " with exit %lld", (long long)info->exit);
    buf_printf(b, ", %.1f s, %lld bytes", (double)info->ms / 1000, (long long)info->bytes);
    if (info->artifact[0])
        buf_printf(b, ", all of it is artifact %s", info->artifact);
    buf_puts(b, ": ");
    for (const char *p = info->command; *p; p++)
        buf_putc(b, *p == '\n' ? ' ' : *p);
    buf_putc(b, '\n');
}

static bool list_run(struct tool_call *call, const void *args, struct tool_outcome *ret,
                     struct err *e)
{
    const struct list_args *a = args;
    enum { ALL = JOBS_MAX + JOBS_ENDED_MAX + 1 };
    (void)e; /* there is nothing that could fail */
    struct job_info *infos = arena_array(call->arena, ALL, sizeof(*infos));
    size_t n = call->jobs ? jobs_list(call->jobs, infos, ALL) : 0;
    size_t max = (size_t)(a->limit ? a->limit : JOBS_LISTED), shown = 0, matching = 0;
    CLEANUP(buf_free) struct buf b = BUF_OWN;
    for (size_t i = 0; i < n; i++) {
        if (strcmp(infos[i].session, call->session) != 0 ||
            (a->status && strcmp(infos[i].status, a->status) != 0))
            continue;
        if (matching++ < max) {
            add_info(&b, &infos[i]);
            shown++;
        }
    }
    if (matching == 0)
        buf_puts(&b, "[no jobs]\n");
    if (matching > shown)
        buf_printf(&b, "[and %zu older]\n", matching - shown);
    outcome_result(call, ret, &b);
    ret->truncated = matching > shown;
    ret->summary = call_count(call, (int64_t)matching, "job");
    return true;
}

static bool list_intend(struct tool_call *call, const void *args, struct tool_intent *ret,
                        struct err *e)
{
    (void)call;
    (void)args;
    (void)e;
    ret->action = "list jobs";
    return true;
}

const struct tool_desc tool_jobs_list = {
    .name = "jobs_list",
    .doc = "Lists the background jobs of this session, newest first.",
    .args = &list_set,
    .effect = TOOL_READS,
    .timeout_ms = TOOL_LOOK_MS,
    .intend = list_intend,
    .run = list_run,
};

/* ---- jobs_status ---- */

struct status_args {
    const char *job_id;
    int64_t output_preview_bytes; /* I64_NONE: not said */
};
FIELD_SET(status_set, "jobs_status", struct status_args,
          FIELD_ROW(struct status_args, STR, REQ, job_id, "which", .max = ID_MAX),
          FIELD_ROW(struct status_args, I64, NUL, output_preview_bytes,
                    "how much of the end of its output; 2000 unless given, 0 for none", .min = 0,
                    .max = JOB_TAIL_MAX));

static bool get_own(struct tool_call *call, const char *id, size_t tail_max, struct job_info *info,
                    struct buf *tail, struct err *e)
{
    if (call->jobs && jobs_get(call->jobs, id, info, tail_max, tail) &&
        strcmp(info->session, call->session) == 0)
        return true;
    err_set(e, ERR_NOT_FOUND, "no job '%s' in this session", id);
    return err_hint(e, "jobs_list shows those that there are; jobs end when tau ends");
}

static bool status_run(struct tool_call *call, const void *args, struct tool_outcome *ret,
                       struct err *e)
{
    const struct status_args *a = args;
    struct job_info info;
    CLEANUP(buf_free) struct buf tail = BUF_OWN, b = BUF_OWN;
    int64_t max = a->output_preview_bytes == I64_NONE ? JOB_PREVIEW : a->output_preview_bytes;
    if (!get_own(call, a->job_id, (size_t)max, &info, &tail, e))
        return false;
    add_info(&b, &info);
    if (max > 0 && info.bytes > (int64_t)tail.len)
        buf_printf(&b, "[the last %zu bytes of its output]\n", tail.len);
    buf_str(&b, buf_view(&tail));
    outcome_result(call, ret, &b);
    ret->summary = arena_printf(call->arena, "%s: %s", info.id, info.status);
    return true;
}

static bool status_intend(struct tool_call *call, const void *args, struct tool_intent *ret,
                          struct err *e)
{
    const struct status_args *a = args;
    (void)e;
    ret->action = arena_printf(call->arena, "look at %s", a->job_id);
    return true;
}

const struct tool_desc tool_jobs_status = {
    .name = "jobs_status",
    .doc = "Tells how a background job is, and shows the end of its output.",
    .args = &status_set,
    .effect = TOOL_READS,
    .timeout_ms = TOOL_LOOK_MS,
    .intend = status_intend,
    .run = status_run,
};

/* ---- jobs_cancel ---- */

struct cancel_args {
    const char *job_id;
};
FIELD_SET(cancel_set, "jobs_cancel", struct cancel_args,
          FIELD_ROW(struct cancel_args, STR, REQ, job_id, "which", .max = ID_MAX));

static bool cancel_intend(struct tool_call *call, const void *args, struct tool_intent *ret,
                          struct err *e)
{
    const struct cancel_args *a = args;
    (void)e;
    ret->action = arena_printf(call->arena, "stop %s", a->job_id);
    return true;
}

/* Waits for the end, so that the model is told what is so. */
static bool cancel_run(struct tool_call *call, const void *args, struct tool_outcome *ret,
                       struct err *e)
{
    const struct cancel_args *a = args;
    struct job_info info;
    if (!get_own(call, a->job_id, 0, &info, NULL, e))
        return false;
    bool stopped =
        jobs_cancel(call->jobs, a->job_id, arena_printf(call->arena, "turn:%s", call->turn));
    if (stopped && !jobs_wait(call->jobs, a->job_id, call->cancel, call->deadline_ms))
        return !call_stopped(call, e) ||
               err_wrap(e, "%s is being stopped, but has not ended yet", a->job_id);
    if (!get_own(call, a->job_id, 0, &info, NULL, e))
        return false;
    ret->summary = arena_printf(call->arena, "%s %s: %s", info.id,
                                stopped ? "was stopped" : "had ended already", info.status);
    ret->result = ret->summary;
    ret->result_n = strlen(ret->result);
    return true;
}

const struct tool_desc tool_jobs_cancel = {
    .name = "jobs_cancel",
    .doc = "Stops a background job of this session, with everything it started.",
    .args = &cancel_set,
    .effect = TOOL_CONTROLS,
    .timeout_ms = TOOL_CHANGE_MS,
    .intend = cancel_intend,
    .run = cancel_run,
};
