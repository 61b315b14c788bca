/* SPDX-License-Identifier: MIT
 *
 * conf_edit: one setting of a tau.conf changed; every other byte of the text stays. Any thread.
 */
#ifndef TAU_CLI_CONF_EDIT_H
#define TAU_CLI_CONF_EDIT_H

#include "base/buf.h"
#include "contract/settings.h"

/* Does the line begin a section? Behind it may be a comment. *ret_name is borrowed from the line, and empty
 * when it is no good one: what follows is in no section then. */
bool conf_section(struct str line, struct str *ret_name);

/* Appends to out the text with the setting at this value: where it is said already (the last time, which
 * counts; others of it go), else at the end of its section, else in a new section at the end. value NULL:
 * it is said nowhere. */
void conf_edit(struct str text, enum setting_id id, const char *value, struct buf *out);

struct app;
/* The same in the user's tau.conf (0600), made when it is missing; *ret_path is the caller's, also on
 * failure. ERR_INVALID for a value that can not be: then nothing is written. Main thread. */
bool conf_write(const struct app *a, enum setting_id id, const char *value, char **ret_path,
                struct err *e) ATTR_WARN;

#endif
