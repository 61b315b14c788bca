/* SPDX-License-Identifier: MIT
 *
 * catalog: the rows, looked up.
 */
#include "model/catalog.h"

#include <string.h>

enum { TEXT = 0, IMAGES = 1, REASONS = 2 };

static const struct catalog_model rows[] = {
#define MODEL(provider, pattern, window, input, cached, output, can)                               \
    {provider, pattern, window, input, cached, output, ((can)&IMAGES) != 0, ((can)&REASONS) != 0},
#include "model/catalog.def"
#undef MODEL
};

const struct catalog_model *catalog_find(const char *provider, const char *model)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        size_t n = strcspn(rows[i].pattern, "*");
        bool whole = rows[i].pattern[n] == '\0';
        if (strcmp(rows[i].provider, provider) == 0 && strncmp(rows[i].pattern, model, n) == 0 &&
            (!whole || model[n] == '\0'))
            return &rows[i];
    }
    return NULL;
}

const struct catalog_model *catalog_row(size_t i)
{
    return i < ARRAY_LEN(rows) ? &rows[i] : NULL;
}

int64_t catalog_window(const char *provider, const char *model)
{
    const struct catalog_model *r = catalog_find(provider, model);
    return r ? r->window : 0;
}

double catalog_cost(const char *provider, const char *model, const struct model_usage *u)
{
    const struct catalog_model *r = catalog_find(provider, model);
    if (!r)
        return 0;
    int64_t fresh = u->input - MIN(u->cached, u->input);
    return ((double)fresh * r->input + (double)u->cached * r->cached +
            (double)u->output * r->output) /
           1e6;
}
