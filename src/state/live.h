/* SPDX-License-Identifier: MIT
 *
 * live: what is not in the log yet: text past the last chunk of the parts that are open, and the
 * phase of the turns that run. Inside of src/state. Shared and owned as sections are.
 */
#ifndef TAU_STATE_LIVE_H
#define TAU_STATE_LIVE_H

#include "state/snapshot.h"

/* Open parts, and bytes of text of one of them, that are kept; deltas past that are dropped and the
 * next chunk says what they said. Chunks come every EVENT_CHUNK_MS, so only a log that can not be
 * written gets anywhere near. */
enum { LIVE_PARTS_MAX = 1024, LIVE_TEXT_MAX = 1 << 20 };

struct live *live_new(void);
struct live *live_ref(const struct live *l);
void live_unref(const struct live *l);       /* NULL is fine */
struct live *live_own(const struct live *l); /* as section_own */

struct live_part *live_find(const struct live *l, const char *part);
struct live_phase *live_find_phase(const struct live *l, const char *turn);

/* Is there anything of that turn but the output of jobs? */
bool live_has_turn(const struct live *l, const char *turn);

/* The rest wants an owned one. Cost does not depend on how much text there is. */

/* Adds text that begins at an offset of the part `like` (its names and kind are copied when the
 * part is new): bytes that are there are passed over; after a gap the text begins anew at that
 * offset. */
void live_append(struct live *l, const struct live_part *like, int64_t offset, struct str text);

/* Bytes of the part up to `end` are in a chunk now. */
void live_trim(struct live *l, const char *part, int64_t end);

void live_end_part(struct live *l, const char *part);
void live_end_turn(struct live *l,
                   const char *turn); /* its phase and its parts; not those of jobs */

void live_set_phase(struct live *l, const struct live_phase *phase); /* copies */

#endif
