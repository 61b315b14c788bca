/* SPDX-License-Identifier: MIT
 *
 * glob: files whose path matches a pattern. The pattern is matched against what the walk finds, so
 * it can not lead anywhere else.
 */
#include "tool/builtin.h"

#include "text/glob.h"
#include "tool/walk.h"

#include <string.h>

enum { GLOB_RESULTS = 100, GLOB_RESULTS_MAX = 1000, GLOB_PATTERN_MAX = 1024 };

struct glob_args {
    const char *pattern, *path;
    int64_t max_results;
};
FIELD_SET(glob_set, "glob", struct glob_args,
          FIELD_ROW(struct glob_args, STR, REQ, pattern,
                    "as of a shell: * ? [a-z] {a,b}, and ** across directories",
                    .max = GLOB_PATTERN_MAX),
          FIELD_ROW(struct glob_args, STR, OPT, path,
                    "directory to look in; absent: the workspace"),
          FIELD_ROW(struct glob_args, I64, OPT, max_results, "100 unless given", .min = 1,
                    .max = GLOB_RESULTS_MAX));

/* The pattern without leading "./"; NULL when it would lead out. */
static const char *plain_pattern(const char *pattern, struct err *e)
{
    while (strncmp(pattern, "./", 2) == 0)
        pattern += 2;
    struct str rest = str_of(pattern), part;
    if (*pattern == '/') {
        err_set(e, ERR_OUTSIDE, "pattern: '%s' is absolute; patterns are relative to path",
                pattern);
        return NULL;
    }
    while (str_split(&rest, '/', &part))
        if (str_is(part, "..")) {
            err_set(e, ERR_OUTSIDE, "pattern: '%s' leads out of the directory", pattern);
            return NULL;
        }
    if (!*pattern) {
        err_set(e, ERR_BAD_ARGUMENTS, "pattern: it is empty");
        return NULL;
    }
    return pattern;
}

static bool glob_intend(struct tool_call *call, const void *args, struct tool_intent *ret,
                        struct err *e)
{
    const struct glob_args *a = args;
    char *path = call_path(call, a->path, e);
    const char *pattern = path ? plain_pattern(a->pattern, e) : NULL;
    if (!pattern)
        return false;
    ret->action =
        arena_printf(call->arena, "find files %s%s%s", pattern, *path ? " in " : "", path);
    ret->paths[0].path = a->path ? a->path : ".";
    ret->paths[0].write = false;
    ret->n_paths = 1;
    return true;
}

struct finding {
    struct str pattern;
    const char *start;
    size_t max, n;
    struct buf out;
    bool more;
};

static enum walk_next match_entry(void *arg, const struct walk_entry *entry)
{
    struct finding *f = arg;
    const char *path = entry->path + (*f->start ? strlen(f->start) + 1 : 0);
    if (!glob_match(f->pattern, str_of(path)))
        return WALK_ON;
    if (f->n == f->max || f->out.len > TOOL_PAGE_MAX) {
        f->more = true;
        return WALK_END;
    }
    f->n++;
    add_name(&f->out, str_of(entry->path));
    buf_puts(&f->out, S_ISDIR(entry->st.st_mode) ? "/\n" : "\n");
    return WALK_ON;
}

static bool glob_run(struct tool_call *call, const void *args, struct tool_outcome *ret,
                     struct err *e)
{
    const struct glob_args *a = args;
    char *path = call_path(call, a->path, e);
    const char *pattern = path ? plain_pattern(a->pattern, e) : NULL;
    if (!pattern)
        return false;
    struct finding f = {.pattern = str_of(pattern),
                        .start = path,
                        .max = (size_t)(a->max_results ? a->max_results : GLOB_RESULTS),
                        .out = BUF_OWN};
    struct walk w = {.root = &call->root,
                     .start = path,
                     .ignore = true,
                     .max_depth = WALK_DEPTH_MAX,
                     .cancel = call->cancel,
                     .deadline_ms = call->deadline_ms,
                     .each = match_entry,
                     .arg = &f};
    bool ok = walk_run(&w, e);
    if (ok && f.n == 0)
        buf_printf(&f.out, "[no file matches%s%s%s]\n", strchr(pattern, '/') ? "" : "; **/",
                   strchr(pattern, '/') ? "" : pattern,
                   strchr(pattern, '/') ? "" : " looks in every directory");
    if (f.more || w.cut)
        buf_printf(&f.out, "[there is more than these %zu]\n", f.n);
    outcome_result(call, ret, &f.out);
    ret->truncated = f.more || w.cut;
    ret->summary = arena_printf(call->arena, "%s%s", call_count(call, (int64_t)f.n, "match"),
                                f.more ? ", and more" : "");
    buf_free(&f.out);
    return ok;
}

const struct tool_desc tool_glob = {
    .name = "glob",
    .doc = "Finds files by a path pattern, without what git ignores.",
    .args = &glob_set,
    .effect = TOOL_READS,
    .timeout_ms = TOOL_LOOK_MS,
    .intend = glob_intend,
    .run = glob_run,
};
