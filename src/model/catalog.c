/* SPDX-License-Identifier: MIT
 *
 * catalog: the rows, looked up.
 */
#include "model/catalog.h"

#include <string.h>

static const struct row {
    const char *provider, *pattern;
    int64_t window;
    double input, cached, output;
} rows[] = {
#define MODEL(provider, pattern, window, input, cached, output)                                    \
    {provider, pattern, window, input, cached, output},
#include "model/catalog.def"
#undef MODEL
};

static const struct row *find(const char *provider, const char *model)
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

int64_t catalog_window(const char *provider, const char *model)
{
    const struct row *r = find(provider, model);
    return r ? r->window : 0;
}

double catalog_cost(const char *provider, const char *model, const struct model_usage *u)
{
    const struct row *r = find(provider, model);
    if (!r)
        return 0;
    int64_t fresh = u->input - MIN(u->cached, u->input);
    return ((double)fresh * r->input + (double)u->cached * r->cached +
            (double)u->output * r->output) /
           1e6;
}
