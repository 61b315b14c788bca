/* SPDX-License-Identifier: MIT
 *
 * catalog: what is known of models by name (catalog.def). Pure; any thread.
 */
#ifndef TAU_MODEL_CATALOG_H
#define TAU_MODEL_CATALOG_H

#include "model/provider.h"

enum { CATALOG_WINDOW = 128000 }; /* of a model that is not known */

/* 0 when it is not known. */
int64_t catalog_window(const char *provider, const char *model);

/* Dollars; 0 when the price is not known. */
double catalog_cost(const char *provider, const char *model, const struct model_usage *usage);

#endif
