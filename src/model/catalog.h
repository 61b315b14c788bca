/* SPDX-License-Identifier: MIT
 *
 * catalog: what is known of models by name (catalog.def). Pure; any thread.
 */
#ifndef TAU_MODEL_CATALOG_H
#define TAU_MODEL_CATALOG_H

#include "model/provider.h"

enum { CATALOG_WINDOW = 128000 }; /* of a model that is not known */

/* A row; NULL of a model that none matches. Prices in dollars for a million tokens. */
struct catalog_model {
    const char *provider, *pattern;
    int64_t window;
    double input, cached, output;
    bool images, reasoning;
};
const struct catalog_model *catalog_find(const char *provider, const char *model);

/* Every row, in the order of the table; NULL behind the last. */
const struct catalog_model *catalog_row(size_t i);

/* 0 when it is not known. */
int64_t catalog_window(const char *provider, const char *model);

/* Dollars; 0 when the price is not known. */
double catalog_cost(const char *provider, const char *model, const struct model_usage *usage);

#endif
