/* SPDX-License-Identifier: MIT
 *
 * sessionlist: the conversations of this workspace as rows, those with the newest news first. Pure; UI
 * thread.
 */
#ifndef TAU_UI_SESSIONLIST_H
#define TAU_UI_SESSIONLIST_H

#include "state/snapshot.h"
#include "ui/vm/columns.h"

extern const struct columns sessionlist_columns;

/* Before each name: * it is shown here, > a turn runs in it, ! it waits for an answer. Each row is
 * about its session. Returns how many there are. */
size_t sessionlist_make(struct doc *d, const struct snapshot *s, const char *current, const char *proc,
                        int width, int64_t now_wall_ms);

#endif
