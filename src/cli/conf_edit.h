/* SPDX-License-Identifier: MIT
 *
 * conf_edit: one setting of a tau.conf changed; every other byte of the text stays. Any thread.
 */
#ifndef TAU_CLI_CONF_EDIT_H
#define TAU_CLI_CONF_EDIT_H

#include "base/buf.h"
#include "contract/settings.h"

/* Appends to out the text with the setting at this value: where it is said already (the last time, which
 * counts; others of it go), else at the end of its section, else in a new section at the end. value NULL:
 * it is said nowhere. */
void conf_edit(struct str text, enum setting_id id, const char *value, struct buf *out);

#endif
