/* SPDX-License-Identifier: MIT
 *
 * part: one open part of an answer while it streams. Every piece goes out at once as an ephemeral
 * delta; what has gathered goes out as a durable chunk after EVENT_CHUNK_MS or EVENT_CHUNK_MAX
 * bytes, and when the part ends. The chunks of a part are its text, byte for byte. One turn thread.
 */
#ifndef TAU_AGENT_PART_H
#define TAU_AGENT_PART_H

#include "base/buf.h"
#include "base/id.h"
#include "contract/seams.h"

struct part {
    struct id id;
    bool reasoning;
    struct buf text;  /* all of it */
    size_t chunked;   /* how much of it is in durable chunks */
    int64_t chunk_us; /* when the last chunk went out, clock_mono_us */
};

void part_begin(struct part *p, bool reasoning);

/* False when the part would pass its limit (PART_MAX): nothing was added. */
enum { PART_MAX = 8 << 20 };
bool part_add(struct part *p, const struct sink *sink, const struct event_ids *ids,
              struct str piece) ATTR_WARN;

/* Emits what no chunk holds yet when EVENT_CHUNK_MS have passed since the last one; returns when the
 * next is due (clock_mono_ms), CLOCK_NEVER when all of it is kept. */
int64_t part_tick(struct part *p, const struct sink *sink, const struct event_ids *ids);

/* Emits what no chunk holds yet. */
void part_flush(struct part *p, const struct sink *sink, const struct event_ids *ids);
void part_free(struct part *p);

#endif
