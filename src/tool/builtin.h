/* SPDX-License-Identifier: MIT
 *
 * builtin: the built-in tools for their table, and what several of them do alike. Only src/tool
 * includes this.
 */
#ifndef TAU_TOOL_BUILTIN_H
#define TAU_TOOL_BUILTIN_H

#include "base/arena.h"
#include "base/buf.h"
#include "contract/action.h"
#include "tool/call.h"

enum {
    TOOL_LOOK_MS = 120 * 1000,    /* deadline of tools that look */
    TOOL_CHANGE_MS = 60 * 1000,   /* of tools that change a file */
    TOOL_PAGE_MAX = 60 * 1024,    /* bytes that a tool which can be asked for more gives at once */
    TOOL_PREVIEW_MAX = 32 * 1024, /* bytes of a diff that an approval shows */
    TOOL_LINE_MAX = 2000,         /* bytes of one line that are shown */
    TOOL_SNIFF_BYTES = 8192,      /* at the front of a file that tell text from binary */
};

extern const struct tool_desc tool_read, tool_write, tool_edit, tool_ls, tool_glob, tool_grep;
extern const struct tool_desc tool_bash, tool_jobs_create, tool_jobs_list, tool_jobs_status,
    tool_jobs_cancel, tool_session_search;
extern const struct tool_desc tool_memory_write, tool_memory_read, tool_memory_search,
    tool_memory_delete, tool_memory_tree, tool_task_create, tool_task_update, tool_task_list,
    tool_task_get;

/* Submits an action in the name of the turn and waits. args: the struct act_<lc>; *ret_id (ID_MAX
 * bytes): what it made or changed. */
bool call_act(struct tool_call *call, enum action_id id, const void *args, char *ret_id,
              struct err *e) ATTR_WARN;

/* Runs a query and gives row() each of its rows. args: the struct qry_<lc>. */
bool call_rows(struct tool_call *call, enum query_id id, const void *args,
               void (*row)(struct buf *out, const struct json *j), struct buf *out, int64_t *ret_n,
               struct err *e) ATTR_WARN;

/* The relative form of a path argument ("" for NULL or "."), in the call's arena. NULL: an error. */
char *call_path(struct tool_call *call, const char *path, struct err *e) ATTR_WARN;

/* What a shell command will touch, and what the preset says of its form: its length, several lines,
 * a cwd that is no directory. verb begins the line of the approval. For bash and jobs_create. */
bool sh_intend(struct tool_call *call, const char *verb, const char *command, const char *cwd,
               struct tool_intent *ret, struct err *e) ATTR_WARN;

/* Takes the bytes of b over into the call's arena as the outcome's result. */
void outcome_result(struct tool_call *call, struct tool_outcome *o, const struct buf *b);

/* Is this the beginning of a binary file: a NUL, or mostly no UTF-8? */
bool looks_binary(struct str front);

/* "3 lines", "1 line". */
const char *call_count(struct tool_call *call, int64_t n, const char *noun);

/* "80 ms", "1.5 s", "3 min 20 s". */
const char *call_duration(struct tool_call *call, int64_t ms);

/* Appends a line for the model: valid UTF-8 or U+FFFD, no NUL, at most max bytes of it and then a
 * note when it has more; total: its bytes in all, of which `line` may be the front. *ret_replaced
 * is set when something was not UTF-8; it may be NULL. */
void add_line(struct buf *out, struct str line, size_t max, int64_t total, bool *ret_replaced);

/* Appends the name or path of a file, which may have any byte but NUL, as part of one line: control
 * characters as \n, \t or \x1b, what is not UTF-8 as U+FFFD. */
void add_name(struct buf *out, struct str name);

#endif
