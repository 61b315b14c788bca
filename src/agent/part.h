/* SPDX-License-Identifier: MIT
 *
 * part: one open part of an answer while it streams. A piece goes out at once as an ephemeral delta,
 * but those that come within PART_DELTA_MS of the last one go out together: nobody sees them earlier
 * anyhow, and an event costs more than its text. What has gathered goes out as a durable chunk after
 * EVENT_CHUNK_MS or EVENT_CHUNK_MAX bytes, and when the part ends. The chunks of a part are its text,
 * byte for byte, and so are its deltas. One turn thread.
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
    size_t told;      /* how much of it went out as deltas */
    size_t chunked;   /* how much of it is in durable chunks */
    int64_t told_us;  /* when the last delta went out, clock_mono_us */
    int64_t chunk_us; /* when the last chunk went out */
};

void part_begin(struct part *p, bool reasoning);

/* False when the part would pass its limit (PART_MAX): nothing was added. */
enum { PART_MAX = 8 << 20, PART_DELTA_MS = 8 };
bool part_add(struct part *p, const struct sink *sink, const struct event_ids *ids,
              struct str piece) ATTR_WARN;

/* Emits what no delta told yet, and what no chunk holds yet, when their time has come; returns when
 * the next is due (clock_mono_ms), CLOCK_NEVER when all of it is told and kept. */
int64_t part_tick(struct part *p, const struct sink *sink, const struct event_ids *ids);

/* Emits what no delta told yet, then what no chunk holds yet. */
void part_flush(struct part *p, const struct sink *sink, const struct event_ids *ids);
void part_free(struct part *p);

#endif
