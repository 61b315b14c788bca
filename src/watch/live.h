/* SPDX-License-Identifier: MIT
 *
 * live: frames again and again, to a terminal in place or one after another elsewhere. Each is one write;
 * what can not take it now gets the next one. A change of the directory wakes it before its interval is
 * over.
 */
#ifndef TAU_WATCH_LIVE_H
#define TAU_WATCH_LIVE_H

#include "base/cancel.h"
#include "watch/frame.h"

enum { LIVE_INTERVAL_MS = 1000, LIVE_LEAST_MS = 100 };

struct live_frames {
    const char *dir;
    struct frame_look look;
    const char *title; /* "live-watch"; NULL: none */
    int64_t interval_ms, cycles; /* cycles 0: until the token fires; then only frames that differ are shown */
    bool json, in_place;
    /* The size of the terminal, in place: lines are cut at its right edge, rows that have no room are
     * counted in the last one. 0: no limit. */
    int height, columns;
    struct buf last; /* the newest frame, for its differences; buf_free is the caller's */
    int64_t cycle;
};

/* Takes height and columns from the terminal; nothing happens when fd is none. */
void live_size(struct live_frames *f, int fd);

/* The next frame with its head and its mark, as it is written; *ret_differs: lines that are others than in
 * the one before. */
void live_frame(struct live_frames *f, const struct artifacts *a, struct buf *out, size_t *ret_differs);

/* Frames of f->dir into fd until it is over or the token fires. size: called before each, for a terminal
 * whose size may have changed (NULL: it stays). False when fd can not be written any more. */
bool live_run(struct live_frames *f, int fd, struct cancel *cancel, void (*size)(struct live_frames *f),
              struct err *e) ATTR_WARN;

#endif
