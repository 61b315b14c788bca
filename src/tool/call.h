/* SPDX-License-Identifier: MIT
 *
 * call: one running call of a tool and what it may use. Made by the toolset (agent/toolset.c);
 * lives on one thread of the tool pool.
 */
#ifndef TAU_TOOL_CALL_H
#define TAU_TOOL_CALL_H

#include "base/arena.h"
#include "base/base.h"
#include "base/buf.h"
#include "base/cancel.h"
#include "contract/seams.h"
#include "contract/tool.h"
#include "policy/path.h"
#include "policy/policy.h"

struct jobs; /* tool/jobs.h: the background jobs of this process */

struct tool_call {
    const struct tool_desc *desc;
    const char *call_id, *session, *turn;
    struct arena *arena; /* of this call */
    struct cancel *cancel;
    int64_t deadline_ms; /* clock_mono_ms */
    struct sink sink;
    struct actor actor;
    struct reader reader;
    struct policy *policy;
    struct path_root root; /* the workspace */
    const char *store_dir; /* blobs go there */
    struct jobs *jobs;
    struct output *output; /* made at the first call_output; freed by call_done */
    void *plan;            /* what intend() found and run() counts on; in the arena */
    bool copied;           /* the toolset has kept the old contents of what will change */
};

/* Gives back what the call made outside its arena: the output. An output that was not ended is
 * thrown away. Every call ends with this, once. */
void call_done(struct tool_call *call);

/* True when the call must stop: ERR_CANCELLED when its token has fired, ERR_TIMEOUT when its
 * deadline has passed. For loops of tools; cheap. */
bool call_stopped(const struct tool_call *call, struct err *e) ATTR_WARN;

/* Output as it comes: ephemeral deltas at once, durable chunks by time and size, and past 64 KiB an
 * artifact. Invalid UTF-8 becomes U+FFFD in events; the artifact has the bytes as they came. */
void call_output(struct tool_call *call, struct str bytes);

/* Ends the output: flushes the last chunk, closes the artifact (synced; its artifact.created is
 * emitted). *ret_artifact: id in the call's arena or NULL; *ret_total: bytes in all, as they came.
 * A second call answers the same and does nothing. No output at all: NULL and 0. */
bool call_output_end(struct tool_call *call, const char **ret_artifact, int64_t *ret_total,
                     struct err *e) ATTR_WARN;

/* The head and the tail of what came, at most max bytes (and at most TOOL_RESULT_MAX) with a line
 * between that says how much is left out and where it is. To be asked before call_output_end: what
 * does not fit makes an artifact of the whole, also below 64 KiB. Valid UTF-8, in the arena. */
struct str call_output_clip(struct tool_call *call, size_t max);

/* Keeps `text` whole as an artifact of this call and announces it; its id is in the arena. */
const char *call_artifact(struct tool_call *call, const char *path, const char *media_type,
                          struct str text, struct err *e) ATTR_WARN;

/* The table of built-in tools. */
extern const struct tool_desc *const tool_table[];
extern const size_t tool_table_n;
const struct tool_desc *tool_find(struct str name);

#endif
