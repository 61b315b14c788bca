/* SPDX-License-Identifier: MIT
 *
 * conf: every setting with its value and where that came from. Precedence: option, environment,
 * project file (only of a trusted directory), user file, system file, built-in. A broken file never
 * stops the start: its bad lines are told, the rest counts.
 */
#ifndef TAU_CLI_CONF_H
#define TAU_CLI_CONF_H

#include "base/base.h"
#include "base/buf.h"
#include "cli/options.h"
#include "contract/settings.h"

enum config_place {
    CONFIG_BUILTIN,
    CONFIG_SYSTEM,
    CONFIG_USER,
    CONFIG_PROJECT,
    CONFIG_ENV,
    CONFIG_OPTION,
    CONFIG_PLACES
};

struct config {
    struct {
        char *value[CONFIG_PLACES]; /* NULL: that place says nothing */
        char *where[CONFIG_PLACES]; /* "file:line", a variable, an option */
    } of[SET_COUNT];
    char *problems; /* lines for standard error, or NULL */
};

/* Reads files and environment. project: the workspace, or NULL when it is not trusted. */
void config_load(struct config *c, const struct options *o, const char *project);
void config_free(struct config *c);

/* The pairs of a tau.conf, from the text of the file; path is for messages. What is wrong is a line of
 * problems each, and the rest is taken. */
void config_read(struct config *c, enum config_place place, const char *path, struct str text, struct buf *problems);

const char *config_str(const struct config *c, enum setting_id id);
int64_t config_int(const struct config *c, enum setting_id id);
bool config_bool(const struct config *c, enum setting_id id);
enum config_place config_winner(const struct config *c, enum setting_id id);
const char *config_place_name(enum config_place place);

#endif
