/* SPDX-License-Identifier: MIT
 *
 * settings: the table of settings.def. Values live in struct config of src/cli, which resolves flag,
 * environment, files and defaults; others are handed what they need. Pure; any thread.
 */
#ifndef TAU_CONTRACT_SETTINGS_H
#define TAU_CONTRACT_SETTINGS_H

#include "base/base.h"
#include "base/err.h"
#include "base/str.h"

enum setting_id {
#define SETTING(id, section, key, type, def, min, max, unit, invalidates, help) SET_##id,
#include "contract/settings.def"
#undef SETTING
    SET_COUNT
};

enum setting_type { SETTING_INT, SETTING_BOOL, SETTING_STR, SETTING_ENUM };
enum setting_invalidates { INVALIDATES_NONE, INVALIDATES_POLICY, INVALIDATES_THEME, INVALIDATES_LAYOUT,
                           INVALIDATES_MODEL };

struct setting_desc {
    const char *section, *key;
    enum setting_type type;
    const char *fallback;
    int64_t min, max;
    const char *unit; /* ENUM: the choices, | between */
    enum setting_invalidates invalidates;
    const char *help;
};
extern const struct setting_desc setting_table[SET_COUNT];

/* "section.key"; SET_COUNT when there is none. */
enum setting_id setting_find(struct str name);

/* Is this text a value of the setting? ERR_INVALID says what is expected. */
bool setting_check(enum setting_id id, struct str value, struct err *e) ATTR_WARN;

#endif
