/* SPDX-License-Identifier: MIT
 *
 * requests: what others asked over HTTP, as rows, the newest first. Pure; UI thread.
 */
#ifndef TAU_UI_REQUESTS_H
#define TAU_UI_REQUESTS_H

#include "ui/ui.h"
#include "ui/vm/columns.h"

extern const struct columns requests_columns;

/* Each row is about its request (doc_row_id: its number). */
void requests_make(struct doc *d, const struct ui_gateway *g, int width);

/* Is it among the newest, and does it go on? */
bool requests_live(const struct ui_gateway *g, const char *id);

/* One of them with all that is known; nothing when it is no longer among the newest. */
void requests_show(struct doc *d, const struct ui_gateway *g, const char *id);

#endif
