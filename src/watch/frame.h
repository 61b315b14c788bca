/* SPDX-License-Identifier: MIT
 *
 * frame: artifacts as the panels of an operator's view, in ASCII, or as JSON. Pure; any thread.
 */
#ifndef TAU_WATCH_FRAME_H
#define TAU_WATCH_FRAME_H

#include "base/buf.h"
#include "watch/artifacts.h"

enum { FRAME_WIDTH = 88, FRAME_WIDTH_MIN = 40, FRAME_WIDTH_MAX = 1000 };

struct frame_look {
    int width; /* of every line, in cells */
    bool colour;
    const char *profile, *environment; /* words for people: "local-dev", "live" */
};

/* "healthy", "degraded", "failing", and "unknown" when the state can not be read. */
const char *frame_heartbeat(const struct artifacts *a);

/* Lines that end in LF. Everything that comes from artifacts is sanitised and cut to the width. */
void frame_write(const struct artifacts *a, const struct frame_look *look, struct buf *out);

/* The same facts as one JSON object, without an LF. */
void frame_json(const struct artifacts *a, const struct frame_look *look, struct buf *out);

/* How many lines differ between two frames, where one of them has none, too. */
size_t frame_differs(struct str a, struct str b);

#endif
