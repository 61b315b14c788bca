/* SPDX-License-Identifier: MIT
 *
 * context: the body of the next request of a session, from the log alone: what the reader answers.
 */
#ifndef TAU_AGENT_CONTEXT_H
#define TAU_AGENT_CONTEXT_H

#include "base/buf.h"
#include "base/cancel.h"
#include "base/err.h"
#include "contract/seams.h"

/* An estimate that no provider is far from; the real figure follows with the usage. */
enum { CONTEXT_TOKEN_BYTES = 4, CONTEXT_TOKENS_MAX = 4 << 20 };

struct context {
    const struct reader *reader;
    const char *session, *model, *workspace;
    int64_t window;     /* tokens that the model takes */
    const char *schema; /* JSON Schema that the answer shall meet, or NULL */
};

/* Bytes of the body by what they are for, and how many messages it does not hold. */
struct context_parts {
    size_t system, tools, messages, left_out;
};

/* Appends canonical JSON (model/provider.h). The same log gives the same bytes. Errors of the
 * reader, ERR_TOO_LARGE. */
bool context_build(const struct context *c, struct cancel *cancel, struct buf *out,
                   struct context_parts *ret_parts, struct err *e) ATTR_WARN;

#endif
