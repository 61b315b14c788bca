/* SPDX-License-Identifier: MIT
 *
 * provider: the table of providers, and names looked up in it.
 */
#include "model/provider.h"

#include "base/buf.h"
#include "model/catalog.h"
#include "model/local.h"
#include "model/openai.h"
#include "text/fuzzy.h"

#include <stdio.h>
#include <string.h>

const struct provider *const provider_table[] = {
    &provider_offline,
    &provider_script,
#define ENDPOINT(id, name, base, key_env, base_env, key, help) &openai_providers[ENDPOINT_##id],
#include "model/endpoints.def"
#undef ENDPOINT
};
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

const char *provider_full_name(const struct provider *p, char *out, size_t size)
{
    snprintf(out, size, "%s/%s", p->name, p->model ? p->model : "MODEL");
    return out;
}

bool provider_takes_images(const struct provider *p, const char *model)
{
    const struct catalog_model *known = catalog_find(p->name, model);
    return !p->blind && (!known || known->images);
}

int64_t provider_window(const struct provider *p, const char *model)
{
    enum endpoint_id id = endpoint_find(p->name);
    int64_t window = id == ENDPOINT_COUNT ? 0 : endpoint(id)->window;
    if (!window)
        window = catalog_window(p->name, model);
    return window ? window : p->window;
}

const struct provider *provider_find(const char *full_name, const char **ret_model, struct err *e)
{
    static const size_t n = ARRAY_LEN(provider_table);
    char text[ARRAY_LEN(provider_table)][PROVIDER_NAME_MAX];
    const char *names[ARRAY_LEN(provider_table)];
    CLEANUP(buf_free) struct buf list = BUF_OWN;
    for (size_t i = 0; i < n; i++) {
        if (row_matches(provider_table[i], full_name, ret_model))
            return provider_table[i];
        names[i] = provider_full_name(provider_table[i], text[i], sizeof(text[i]));
        buf_printf(&list, "%s%s", i ? ", " : "", names[i]);
    }
    err_set(e, ERR_UNKNOWN_MODEL, "there is no model '%.200s'; there are %s", full_name,
            buf_cstr(&list));
    fuzzy_hint(e, str_of(full_name), names, n, "", "tau model list names them all");
    return NULL;
}
