/* SPDX-License-Identifier: MIT
 *
 * tools: the calls of a session as rows, the newest first. Pure; UI thread.
 */
#ifndef TAU_UI_TOOLS_H
#define TAU_UI_TOOLS_H

#include "state/snapshot.h"
#include "ui/vm/diffrows.h"
#include "ui/vm/doc.h"

struct tools_count {
    size_t all, open, asks; /* open: not ended; asks: of them, those that wait for a yes */
};

/* A row in toolrow_columns for each call of the session that the snapshot has; each is about its call. */
void tools_make(struct doc *d, const struct snapshot *s, const char *session, int width,
                struct tools_count *ret);

/* One call with its arguments, output and files; nothing when the snapshot has it no more. */
void tools_show(struct doc *d, const struct snapshot *s, const char *call, int width, enum diff_style diff);

#endif
