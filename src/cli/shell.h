/* SPDX-License-Identifier: MIT
 *
 * shell: what the commands that show an operator's view share. Main thread.
 */
#ifndef TAU_CLI_SHELL_H
#define TAU_CLI_SHELL_H

#include "cli/options.h"
#include "watch/frame.h"

struct app;

/* Width, colours and words as the options and the terminal say. ERR_USAGE. */
bool shell_look(const struct options *o, const char *environment, struct frame_look *ret, struct err *e) ATTR_WARN;

/* One frame on standard output, of the directory or of the tau that runs here. title: as of live_frames. */
bool shell_frame(const struct app *a, const char *title, struct err *e) ATTR_WARN;

#endif
