/* SPDX-License-Identifier: MIT
 *
 * prompt: what tau tells a model about itself and the place it works in. The same workspace always
 * gives the same bytes, since requests must be repeatable from the log.
 */
#ifndef TAU_AGENT_PROMPT_H
#define TAU_AGENT_PROMPT_H

#include "base/buf.h"

void prompt_system(struct buf *out, const char *workspace);

/* What the operator wrote for it: .tau/SOUL.md (how it speaks), .tau/AGENTS.md (how work is done here) and
 * .tau/USER.md (for whom), those that are there, at most PROMPT_IDENTITY_MAX bytes of each, never by a link
 * that leads out of the workspace. Only for a directory that is trusted. */
enum { PROMPT_IDENTITY_MAX = 16 * 1024, PROMPT_IDENTITIES = 3 };
extern const char *const prompt_identity_files[PROMPT_IDENTITIES];
void prompt_identity(struct buf *out, const char *workspace);

/* What an answer that shall meet a schema looks like; said to every model, whether or not its server
 * knows of schemas. */
void prompt_schema(struct buf *out, const char *schema);

#endif
