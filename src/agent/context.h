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
enum { CONTEXT_TOKEN_BYTES = 4, CONTEXT_TOKENS_MAX = 4 << 20, CONTEXT_IMAGE_TOKENS = 1100 };

struct context {
    const struct reader *reader;
    const char *session, *model, *workspace;
    int64_t window;     /* tokens that the model takes */
    bool identity;      /* the workspace's own words count: it is trusted */
    const char *schema; /* JSON Schema that the answer shall meet, or NULL */
};

/* A share of the messages: all of a part (results by tool), or one that is large. */
enum { CONTEXT_NAME_MAX = 40, CONTEXT_SHARES_MAX = 32, CONTEXT_LARGEST = 5 };
struct context_share {
    const char *part; /* user, assistant, reasoning, calls, result, image, other; largest */
    char name[CONTEXT_NAME_MAX], entry[CONTEXT_NAME_MAX];
    size_t n, bytes;
};

/* Bytes of the body by what they are for, and how many messages it does not hold. When there are more
 * shares than fit the last takes the rest. */
struct context_parts {
    size_t system, tools, messages, left_out;
    struct context_share shares[CONTEXT_SHARES_MAX];
    size_t n_shares;
    struct context_share largest[CONTEXT_LARGEST]; /* messages, the largest first */
    size_t n_largest;
};

/* Appends canonical JSON (model/provider.h). The same log gives the same bytes. Errors of the
 * reader, ERR_TOO_LARGE. */
bool context_build(const struct context *c, struct cancel *cancel, struct buf *out,
                   struct context_parts *ret_parts, struct err *e) ATTR_WARN;

#endif
