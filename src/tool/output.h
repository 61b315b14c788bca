/* SPDX-License-Identifier: MIT
 *
 * output: what a command prints, on its way to the log. Calls and jobs share it; they differ in the
 * kinds of their events. Every byte is announced at once by an ephemeral delta; a durable chunk
 * follows when OUTPUT_CHUNK_MS passed since the first byte that is not yet kept, or EVENT_CHUNK_MAX
 * bytes wait. Past OUTPUT_INLINE_MAX the bytes go to an artifact and chunks only say where.
 *
 * Events hold whole UTF-8 characters and U+FFFD for what is not UTF-8; their offsets count the
 * bytes of that text. The artifact has the bytes as they came, and the chunks that point into it
 * count those. One thread at a time; output_tail() and output_bytes() alone may come from any.
 */
#ifndef TAU_TOOL_OUTPUT_H
#define TAU_TOOL_OUTPUT_H

#include "base/arena.h"
#include "base/base.h"
#include "base/buf.h"
#include "base/err.h"
#include "contract/event.h"
#include "contract/seams.h"

enum {
    OUTPUT_CHUNK_MS = EVENT_CHUNK_MS,
    OUTPUT_INLINE_MAX = 64 * 1024,   /* raw bytes whose text is in the log itself */
    OUTPUT_TAIL_MAX = 64 * 1024,     /* newest raw bytes that are kept for the clip */
    OUTPUT_ARTIFACT_MAX = 256 << 20, /* bytes of one artifact; who makes more is stopped */
    OUTPUT_DELTA_MAX = 16 * 1024,    /* bytes of text of one delta */
    OUTPUT_FLOOD_MAX = 64 * 1024, /* past OUTPUT_INLINE_MAX: text in deltas every OUTPUT_CHUNK_MS;
                                     what is over is left out and the next offset says so */
};

struct output;

/* Borrowed strings must outlive it. part: the call or job it belongs to. */
struct output_spec {
    struct sink sink;
    struct event_ids ids;
    const char *part;
    const char *store_dir;
    bool job; /* job.* kinds, else tool.* */
};

struct output *output_new(const struct output_spec *spec);
void output_free(struct output *o); /* NULL is fine; an artifact that was not ended is dropped */

/* More output. A failure of the artifact is kept and reported by output_end; the output goes on
 * without it. */
void output_add(struct output *o, struct str bytes);

/* When the waiting text must be flushed (clock_mono_ms), CLOCK_NEVER when nothing waits; and the
 * flush itself, which does nothing before that time. */
int64_t output_due_ms(const struct output *o);
void output_tick(struct output *o);

/* Makes sure that the whole goes to an artifact, also when it is small. Its id, or NULL when it can
 * not be made. */
const char *output_keep(struct output *o);

/* Flushes, ends the artifact and announces it. *ret_artifact is the output's own, or NULL. A second
 * call answers the same. */
bool output_end(struct output *o, const char **ret_artifact, int64_t *ret_total,
                struct err *e) ATTR_WARN;

int64_t output_bytes(struct output *o); /* that came; any thread */

/* More than OUTPUT_ARTIFACT_MAX came: who makes it should be stopped. The rest is counted, not
 * kept. */
bool output_full(const struct output *o);

/* Head and tail of what came, at most max bytes (max is at least 256), in the arena. */
struct str output_clip(struct output *o, size_t max, struct arena *a);

/* Appends the newest n bytes as valid UTF-8, beginning at a line where that costs at most half of
 * them; and the same of a text that was kept. */
void output_tail(struct output *o, size_t n, struct buf *out);
void tail_text(struct str text, size_t n, struct buf *out);

#endif
