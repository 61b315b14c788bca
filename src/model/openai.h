/* SPDX-License-Identifier: MIT
 *
 * openai: the providers that speak Chat Completions over HTTP, one for each row of endpoints.def.
 * Only src/model includes this.
 */
#ifndef TAU_MODEL_OPENAI_H
#define TAU_MODEL_OPENAI_H

#include "model/endpoint.h"
#include "model/provider.h"

extern const struct provider openai_providers[ENDPOINT_COUNT];

#endif
