/* SPDX-License-Identifier: MIT
 *
 * ls: what a directory holds, sorted, with sizes; also the levels below it, then without what git
 * ignores.
 */
#include "tool/builtin.h"
#include "tool/walk.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { LS_ENTRIES_MAX = 1000, LS_DEPTH = 3, LS_DEPTH_MAX = 20, LS_TARGET_MAX = 200 };

struct ls_args {
    const char *path;
    bool recursive;
    int64_t max_depth;
};
FIELD_SET(ls_set, "ls", struct ls_args,
          FIELD_ROW(struct ls_args, STR, OPT, path, "directory; absent: the workspace"),
          FIELD_ROW(struct ls_args, BOOL, OPT, recursive, "also what lies below"),
          FIELD_ROW(struct ls_args, I64, OPT, max_depth, "levels when recursive; 3 unless given",
                    .min = 1, .max = LS_DEPTH_MAX));

static bool ls_intend(struct tool_call *call, const void *args, struct tool_intent *ret,
                      struct err *e)
{
    const struct ls_args *a = args;
    char *path = call_path(call, a->path, e);
    if (!path)
        return false;
    ret->action = arena_printf(call->arena, "list %s", *path ? path : ".");
    ret->paths[0].path = a->path ? a->path : ".";
    ret->paths[0].write = false;
    ret->n_paths = 1;
    return true;
}

struct listing {
    const char *start;
    struct buf out;
    size_t n;
    bool more;
};

static enum walk_next add_entry(void *arg, const struct walk_entry *entry)
{
    struct listing *l = arg;
    if (l->n == LS_ENTRIES_MAX || l->out.len > TOOL_PAGE_MAX) {
        l->more = true;
        return WALK_END;
    }
    l->n++;
    const char *path = entry->path + (*l->start ? strlen(l->start) + 1 : 0);
    mode_t mode = entry->st.st_mode;
    if (S_ISREG(mode))
        buf_printf(&l->out, "%10lld  ", (long long)entry->st.st_size);
    else
        buf_printf(&l->out, "%10s  ",
                   S_ISDIR(mode)    ? "dir"
                   : S_ISLNK(mode)  ? "link"
                   : S_ISFIFO(mode) ? "fifo"
                   : S_ISSOCK(mode) ? "socket"
                                    : "device");
    add_name(&l->out, str_of(path));
    if (S_ISDIR(mode))
        buf_putc(&l->out, '/');
    if (S_ISLNK(mode)) {
        char target[LS_TARGET_MAX];
        ssize_t n = readlinkat(entry->dir, entry->name, target, sizeof(target));
        if (n > 0) {
            buf_puts(&l->out, " -> ");
            add_name(&l->out, str_make(target, (size_t)n));
        }
    }
    buf_putc(&l->out, '\n');
    return WALK_ON;
}

static bool ls_run(struct tool_call *call, const void *args, struct tool_outcome *ret,
                   struct err *e)
{
    const struct ls_args *a = args;
    char *path = call_path(call, a->path, e);
    if (!path)
        return false;
    struct listing l = {.start = path, .out = BUF_OWN};
    struct walk w = {.root = &call->root,
                     .start = path,
                     .ignore = a->recursive,
                     .max_depth =
                         a->recursive ? (int)(a->max_depth ? a->max_depth : LS_DEPTH) - 1 : 0,
                     .cancel = call->cancel,
                     .deadline_ms = call->deadline_ms,
                     .each = add_entry,
                     .arg = &l};
    bool ok = walk_run(&w, e);
    if (l.n == 0 && ok)
        buf_puts(&l.out, a->recursive ? "[nothing here that git does not ignore]\n"
                                      : "[the directory is empty]\n");
    if (l.more || w.cut)
        buf_printf(&l.out, "[there is more than these %zu entries: list a directory below]\n", l.n);
    outcome_result(call, ret, &l.out);
    ret->truncated = l.more || w.cut;
    ret->summary =
        arena_printf(call->arena, "%s%s in %s", l.more ? "the first " : "",
                     l.n == 1 ? "1 entry" : arena_printf(call->arena, "%zu entries", l.n),
                     *path ? path : "the workspace");
    buf_free(&l.out);
    return ok;
}

const struct tool_desc tool_ls = {
    .name = "ls",
    .doc = "Lists a directory with sizes. With recursive also the levels below, without what git "
           "ignores.",
    .args = &ls_set,
    .effect = TOOL_READS,
    .timeout_ms = TOOL_LOOK_MS,
    .intend = ls_intend,
    .run = ls_run,
};
