/* SPDX-License-Identifier: MIT
 *
 * bash: a shell command in the sandbox; at once, or as a job in the background.
 */
#include "tool/builtin.h"

#include "base/clock.h"
#include "base/fs.h"
#include "text/utf8.h"
#include "tool/jobs.h"
#include "tool/sh.h"

#include <fcntl.h>
#include <string.h>

enum {
    BASH_TIMEOUT_MAX_MS = JOB_TIMEOUT_MAX_MS,
    BASH_ACTION_MAX = 200,  /* bytes of the command in the approval's line */
    BASH_RESULT_MIN = 1024, /* bytes that the model gets at least, whatever the preset says */
};

struct bash_args {
    const char *command, *cwd;
    int64_t timeout_ms;
    bool background;
};
FIELD_SET(bash_set, "bash", struct bash_args,
          FIELD_ROW(struct bash_args, STR, REQ, command, "for the shell",
                    .max = LAUNCH_COMMAND_MAX),
          FIELD_ROW(struct bash_args, STR, OPT, cwd, "directory; absent: the workspace"),
          FIELD_ROW(struct bash_args, I64, OPT, timeout_ms,
                    "ended after so long; at most, and unless given, what policy sets", .min = 1,
                    .max = BASH_TIMEOUT_MAX_MS),
          FIELD_ROW(struct bash_args, BOOL, OPT, background,
                    "go on at once; jobs_status shows how it is"));

bool sh_intend(struct tool_call *call, const char *verb, const char *command, const char *cwd,
               struct tool_intent *ret, struct err *e)
{
    struct policy_limits limits = policy_limits(call->policy);
    size_t n = strlen(command);
    if (str_trim(str_of(command)).n == 0)
        return err_set(e, ERR_BAD_ARGUMENTS, "command is empty");
    if ((int64_t)n > limits.max_command_length)
        return err_set(e, ERR_TOO_LARGE, "the command has %zu bytes; at most %lld are run", n,
                       (long long)limits.max_command_length);
    if (!limits.allow_command_newlines && strpbrk(command, "\r\n")) {
        err_set(e, ERR_DENIED, "preset %s runs no command of several lines",
                policy_preset_name(policy_preset(call->policy)));
        return err_hint(e, "join the commands with && or ;, or write a script and run that");
    }
    char *path = call_path(call, cwd, e);
    if (!path)
        return false;
    CLEANUP(fd_close_p) int fd = path_open(&call->root, path, O_PATH | O_DIRECTORY, false, e);
    if (fd < 0)
        return err_wrap(e, "cwd");
    struct str line = str_of(command);
    ssize_t lf = str_index(line, '\n');
    line = str_sub(line, 0, MIN(lf < 0 ? n : (size_t)lf, (size_t)BASH_ACTION_MAX));
    bool cut;
    line.n = utf8_valid_prefix(line, &cut);
    ret->action =
        arena_printf(call->arena, "%s %.*s%s", verb, STR_ARG(line), line.n < n ? " ..." : "");
    ret->preview = line.n < n ? command : NULL;
    ret->command = command;
    ret->cwd = *path ? path : NULL;
    ret->paths[0].path = cwd ? cwd : ".";
    ret->paths[0].write = false;
    ret->n_paths = 1;
    return true;
}

static bool bash_intend(struct tool_call *call, const void *args, struct tool_intent *ret,
                        struct err *e)
{
    const struct bash_args *a = args;
    return sh_intend(call, a->background ? "run in the background:" : "run", a->command, a->cwd,
                     ret, e);
}

static bool run_background(struct tool_call *call, const struct bash_args *a,
                           struct tool_outcome *ret, struct err *e)
{
    char id[ID_MAX];
    char *cwd = call_path(call, a->cwd, e);
    if (!cwd || !jobs_start(call->jobs, call, a->command, *cwd ? cwd : NULL, a->timeout_ms, id, e))
        return false;
    ret->summary = arena_printf(call->arena, "started %s", id);
    ret->result = arena_printf(call->arena, "started %s; jobs_status shows its output\n", id);
    ret->result_n = strlen(ret->result);
    return true;
}

/* What the model is given, and what is said of the end. */
static void tell(struct tool_call *call, const struct sh_end *end, struct tool_outcome *ret)
{
    int64_t max = policy_limits(call->policy).max_command_output_bytes;
    struct str out = call_output_clip(call, (size_t)MAX(max, (int64_t)BASH_RESULT_MIN));
    ret->bytes = call->output ? output_bytes(call->output) : 0;
    ret->truncated = (int64_t)out.n < ret->bytes;
    ret->result = out.n ? out.p : "[no output]\n";
    ret->result_n = out.n ? out.n : strlen(ret->result);
    if (!end)
        return;
    ret->exit = end->result.exit_code;
    char badge[64];
    struct sandbox_profile profile;
    policy_sandbox(call->policy, &profile);
    sandbox_badge(&profile, end->level, badge, sizeof(badge));
    const char *time = call_duration(call, end->result.elapsed_ms);
    ret->summary = arena_printf(call->arena, "exit %d after %s [%s]%s", end->result.exit_code, time,
                                badge, end->result.killed ? "; ended what was left running" : "");
}

static bool bash_run(struct tool_call *call, const void *args, struct tool_outcome *ret,
                     struct err *e)
{
    const struct bash_args *a = args;
    if (a->background)
        return run_background(call, a, ret, e);
    char *cwd = call_path(call, a->cwd, e);
    if (!cwd || call_stopped(call, e))
        return false;
    call_output(call, STR("")); /* there is an output from now on */
    int64_t deadline = a->timeout_ms ? clock_mono_ms() + a->timeout_ms : CLOCK_NEVER;
    struct sh c = {
        .policy = call->policy,
        .text = a->command,
        .cwd = *cwd ? arena_printf(call->arena, "%s/%s", call->root.path, cwd) : NULL,
        .output = call->output,
        .cancel = call->cancel,
        .deadline_ms = MIN(deadline, call->deadline_ms),
    };
    struct sh_end end;
    if (!sh_start(&c, e))
        return false;
    if (!sh_finish(&c, &end, e)) {
        tell(call, NULL, ret);
        return false;
    }
    tell(call, &end, ret);
    return sh_judge(&end, e);
}

const struct tool_desc tool_bash = {
    .name = "bash",
    .doc =
        "Runs a shell command in the workspace, in a sandbox. A non-zero exit status is a failure. "
        "For what takes long set background and ask jobs_status.",
    .args = &bash_set,
    .effect = TOOL_RUNS,
    .intend = bash_intend,
    .run = bash_run,
};
