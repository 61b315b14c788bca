/* SPDX-License-Identifier: MIT
 *
 * snapshot: what is going on, as one immutable, shared value. Sections hold records in the order in
 * which they first came; what did not change between two snapshots is the same pointer in both, so
 * that a view can tell with one comparison. Bounded: see records.def. Counted references; any
 * thread reads.
 *
 * Law: the sections at seq n equal the fold of events 1..n, however it is split. `live` lies
 * outside of it.
 */
#ifndef TAU_STATE_SNAPSHOT_H
#define TAU_STATE_SNAPSHOT_H

#include "base/base.h"
#include "base/body.h"
#include "contract/event.h"
#include "contract/record.h"

struct section {
    size_t n;
    int64_t before;       /* ended ones that are no longer here */
    const struct rec **v; /* oldest first */
};

/* Text past the last chunk of one open part. */
struct live_part {
    const char *session, *turn, *part; /* turn: NULL for a job */
    enum event_kind kind; /* EV_TURN_TEXT_DELTA, ..REASONING_DELTA, EV_TOOL_OUTPUT_DELTA, EV_JOB_.. */
    int64_t offset;       /* bytes of the part before `text` */
    struct body text;
};

/* What a turn is doing, from turn.phase_entered. */
struct live_phase {
    const char *turn, *phase, *detail;
    int64_t since_ms;
};

struct live {
    size_t n_parts, n_phases;
    struct live_part *const *parts;
    struct live_phase *const *phases;
};

struct snapshot {
    int64_t seq;
    int64_t version; /* rises with every one that is published, also when only live changed */
    const struct section *sections[REC_COUNT];
    const struct live *live;
    char degraded[64]; /* reason code while the log can not be written; empty: it can */
};

struct snapshot *snapshot_empty(void);
/* Another one with the same content, by reference, and the next version. */
struct snapshot *snapshot_copy(const struct snapshot *s);
struct snapshot *snapshot_ref(const struct snapshot *s);
void snapshot_unref(const struct snapshot *s); /* NULL is fine */

/* The record with that key, or NULL. Borrowed from the snapshot. */
const struct rec *snapshot_find(const struct snapshot *s, enum rec_kind kind, const char *key);
const struct live_part *snapshot_live(const struct snapshot *s, const char *part);
const struct live_phase *snapshot_phase(const struct snapshot *s, const char *turn);

/* Appends {"seq":..,"<section>":{"before":..,"items":[..]},..} of the sections whose bit (1 << kind)
 * is set; `degraded` and `live` when `with_live`. Equal snapshots give equal bytes. */
void snapshot_write(const struct snapshot *s, uint32_t sections, bool with_live, struct buf *out);

#endif
