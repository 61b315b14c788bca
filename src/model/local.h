/* SPDX-License-Identifier: MIT
 *
 * local: the models that are in the program itself. Only src/model includes this.
 */
#ifndef TAU_MODEL_LOCAL_H
#define TAU_MODEL_LOCAL_H

#include "model/provider.h"

extern const struct provider provider_offline; /* offline.c: rules, on real files */
extern const struct provider provider_script;  /* script.c: what a file says */

/* What local models take; for the console's meter of the context. */
enum { LOCAL_WINDOW = 128000 }; /* tokens: what no rule looks at need not be read */

#endif
