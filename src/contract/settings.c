/* SPDX-License-Identifier: MIT
 *
 * settings: the table, and what a value must look like.
 */
#include "contract/settings.h"

#include <string.h>

const struct setting_desc setting_table[SET_COUNT] = {
#define SETTING(id, section, key, type, def, min, max, unit, invalidates, help)                    \
    [SET_##id] = {section, key, SETTING_##type, def, min, max, unit, INVALIDATES_##invalidates, help},
#include "contract/settings.def"
#undef SETTING
};

enum setting_id setting_find(struct str name)
{
    for (int i = 0; i < SET_COUNT; i++) {
        size_t n = strlen(setting_table[i].section);
        if (name.n > n && str_starts(name, setting_table[i].section) && name.p[n] == '.' &&
            str_is(str_sub(name, n + 1, name.n), setting_table[i].key))
            return (enum setting_id)i;
    }
    return SET_COUNT;
}

static bool is_choice(const char *choices, struct str value)
{
    struct str rest = str_of(choices);
    struct str choice;
    while (str_split(&rest, '|', &choice))
        if (str_eq(choice, value))
            return true;
    return false;
}

bool setting_check(enum setting_id id, struct str value, struct err *e)
{
    const struct setting_desc *d = &setting_table[id];
    int64_t n;
    switch (d->type) {
    case SETTING_INT:
        if (!str_i64(value, &n) || n < d->min || n > d->max)
            return err_set(e, ERR_INVALID, "%s.%s: expected a number from %lld to %lld, got '%.*s'",
                           d->section, d->key, (long long)d->min, (long long)d->max, STR_ARG(value));
        return true;
    case SETTING_BOOL:
        if (!is_choice("true|false", value))
            return err_set(e, ERR_INVALID, "%s.%s: expected true or false, got '%.*s'", d->section,
                           d->key, STR_ARG(value));
        return true;
    case SETTING_ENUM:
        if (!is_choice(d->unit, value))
            return err_set(e, ERR_INVALID, "%s.%s: expected one of %s, got '%.*s'", d->section,
                           d->key, d->unit, STR_ARG(value));
        return true;
    case SETTING_STR:
        if (d->max && value.n > (size_t)d->max)
            return err_set(e, ERR_INVALID, "%s.%s: at most %lld bytes", d->section, d->key,
                           (long long)d->max);
        return true;
    }
    return err_set(e, ERR_INTERNAL, "a setting of no type");
}
