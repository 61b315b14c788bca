/* SPDX-License-Identifier: MIT
 *
 * watch: a thread that writes what a tau does as artifacts, for other programs and for tau shell-live in
 * another terminal; and, when it is told where, frames of them. At most four times a second, and never
 * while nothing happens.
 */
#ifndef TAU_WATCH_WATCH_H
#define TAU_WATCH_WATCH_H

#include "state/hub.h"
#include "watch/live.h"

enum { WATCH_LEAST_MS = 250 };

struct watch_options {
    struct hub *hub; /* outlives the watch */
    const char *proc;
    const char *dir; /* of the artifacts */
    const char *out; /* a file that always holds the newest frame, or a terminal or pipe; NULL: none */
    struct frame_look look;
};

struct watch;
/* Copies what it needs. ERR_USAGE: out is none of these; ERR_OVERLOADED: no descriptor or no thread is left.
 * Main thread. */
struct watch *watch_start(const struct watch_options *options, struct err *e) ATTR_WARN;
void watch_stop(struct watch *w); /* writes that it has ended, joins; NULL is fine */
const char *watch_dir(const struct watch *w);
const char *watch_out(const struct watch *w); /* NULL: none */

#endif
