/* SPDX-License-Identifier: MIT
 *
 * provider: the table of providers, and names looked up in it.
 */
#include "model/provider.h"

#include "base/arena.h"
#include "base/buf.h"
#include "model/local.h"
#include "text/fuzzy.h"

#include <string.h>

const struct provider *const provider_table[] = {&provider_offline, &provider_script};
const size_t provider_table_n = ARRAY_LEN(provider_table);

static bool row_matches(const struct provider *p, const char *full_name, const char **ret_model)
{
    size_t n = strlen(p->name);
    if (strncmp(full_name, p->name, n) != 0 || full_name[n] != '/' || !full_name[n + 1])
        return false;
    if (p->model && strcmp(full_name + n + 1, p->model) != 0)
        return false;
    *ret_model = full_name + n + 1;
    return true;
}

const struct provider *provider_find(const char *full_name, const char **ret_model, struct err *e)
{
    const char *names[ARRAY_LEN(provider_table)];
    struct arena a = ARENA_INIT;
    CLEANUP(buf_free) struct buf list = BUF_OWN;
    for (size_t i = 0; i < provider_table_n; i++) {
        const struct provider *p = provider_table[i];
        if (row_matches(p, full_name, ret_model)) {
            arena_free(&a);
            return p;
        }
        names[i] = arena_printf(&a, "%s/%s", p->name, p->model ? p->model : "NAME");
        buf_printf(&list, "%s%s", i ? ", " : "", names[i]);
    }
    err_set(e, ERR_UNKNOWN_MODEL, "there is no model '%.200s'; there are %s", full_name,
            buf_cstr(&list));
    const char *nearest = fuzzy_nearest(str_of(full_name), names, ARRAY_LEN(names));
    if (nearest)
        err_hint(e, "did you mean %s? tau model list names them all", nearest);
    arena_free(&a);
    return NULL;
}
