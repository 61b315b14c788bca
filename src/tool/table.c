/* SPDX-License-Identifier: MIT
 *
 * table: the built-in tools, one row each, by name. A new tool is a file, a line in builtin.h and a
 * row here.
 */
#include "tool/builtin.h"

#include <stdlib.h>

static int by_name(const void *key, const void *row)
{
    const struct tool_desc *const *t = row;
    return str_cmp(*(const struct str *)key, str_of((*t)->name));
}

const struct tool_desc *tool_find(struct str name)
{
    const struct tool_desc *const *row =
        bsearch(&name, tool_table, tool_table_n, sizeof(tool_table[0]), by_name);
    return row ? *row : NULL;
}

const struct tool_desc *const tool_table[] = {
    &tool_bash,
    &tool_edit,
    &tool_glob,
    &tool_grep,
    &tool_jobs_cancel,
    &tool_jobs_create,
    &tool_jobs_list,
    &tool_jobs_status,
    &tool_ls,
    &tool_memory_delete,
    &tool_memory_read,
    &tool_memory_search,
    &tool_memory_tree,
    &tool_memory_write,
    &tool_read,
    &tool_session_search,
    &tool_task_create,
    &tool_task_get,
    &tool_task_list,
    &tool_task_update,
    &tool_write,
};
const size_t tool_table_n = ARRAY_LEN(tool_table);
