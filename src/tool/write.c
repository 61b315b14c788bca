/* SPDX-License-Identifier: MIT
 *
 * write: a whole file, new or replaced.
 */
#include "tool/builtin.h"
#include "tool/change.h"

struct write_args {
    const char *path, *content;
};
FIELD_SET(write_set, "write", struct write_args,
          FIELD_ROW(struct write_args, STR, REQ, path,
                    "file, relative to the workspace; missing directories are made"),
          FIELD_ROW(struct write_args, STR, REQ, content, "all of its new content"));

static bool write_intend(struct tool_call *call, const void *args, struct tool_intent *ret,
                         struct err *e)
{
    const struct write_args *a = args;
    struct str content = str_of(a->content);
    int64_t max = policy_limits(call->policy).max_file_write_bytes;
    if ((int64_t)content.n > max)
        return err_set(e, ERR_TOO_LARGE, "content has %zu bytes; at most %lld are written at once",
                       content.n, (long long)max);
    struct change *c = ARENA_NEW(call->arena, struct change);
    if (!change_look(call, a->path, c, e))
        return false;
    ret->preview = change_preview(call, c, content);
    change_intent(call, c, a->path, "write", ret);
    call->plan = c;
    return true;
}

static bool write_run(struct tool_call *call, const void *args, struct tool_outcome *ret,
                      struct err *e)
{
    const struct write_args *a = args;
    struct str content = str_of(a->content);
    struct tool_intent intent = {0};
    if (!call->plan && !write_intend(call, args, &intent, e))
        return false;
    struct change *c = call->plan;
    bool same = c->existed && c->whole && str_eq(c->before, content);
    if (!same && !change_apply(call, c, content, e))
        return false;
    if (!same)
        change_outcome(call, c, content, ret);
    ret->summary = same
                       ? arena_printf(call->arena, "%s has this content already", c->path)
                       : arena_printf(call->arena, "%s %s, %s", c->existed ? "replaced" : "created",
                                      c->path, call_count(call, (int64_t)content.n, "byte"));
    ret->result = ret->summary;
    ret->result_n = str_of(ret->summary).n;
    return true;
}

const struct tool_desc tool_write = {
    .name = "write",
    .doc = "Writes a file as a whole, making or replacing it. To change a part of a file use edit.",
    .args = &write_set,
    .effect = TOOL_WRITES,
    .timeout_ms = TOOL_CHANGE_MS,
    .intend = write_intend,
    .run = write_run,
};
