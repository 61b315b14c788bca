/* SPDX-License-Identifier: MIT
 *
 * prompt: what tau tells a model about itself and the place it works in. The same workspace always
 * gives the same bytes, since requests must be repeatable from the log.
 */
#ifndef TAU_AGENT_PROMPT_H
#define TAU_AGENT_PROMPT_H

#include "base/buf.h"

void prompt_system(struct buf *out, const char *workspace);

/* What an answer that shall meet a schema looks like; said to every model, whether or not its server
 * knows of schemas. */
void prompt_schema(struct buf *out, const char *schema);

#endif
