/* SPDX-License-Identifier: MIT
 *
 * demo: a recorded log, played event by event, as frames. Any thread.
 */
#ifndef TAU_WATCH_DEMO_H
#define TAU_WATCH_DEMO_H

#include "watch/live.h"

/* Frames of the log that is built in, each after sleep_ms, at most f->cycles (0: to its end). */
bool demo_run(struct live_frames *f, int fd, int64_t sleep_ms, struct cancel *cancel, struct err *e) ATTR_WARN;

#endif
