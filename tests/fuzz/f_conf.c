/* SPDX-License-Identifier: MIT
 *
 * f_conf: the first byte is a setting, the rest a tau.conf. What is taken from it are values that may be;
 * and a setting that is written into it is what is read then, whatever else stands there, which stays.
 */
#include "fuzz/fuzz.h"

#include "base/buf.h"
#include "cli/conf.h"
#include "cli/conf_edit.h"

#include <string.h>

static void read_text(struct config *c, struct str text, struct buf *problems)
{
    *c = (struct config){0};
    config_read(c, CONFIG_USER, "tau.conf", text, problems);
    for (int i = 0; i < SET_COUNT; i++) {
        struct err e = ERR_INIT;
        const char *value = c->of[i].value[CONFIG_USER];
        TAU_ASSERT(!value || setting_check((enum setting_id)i, str_of(value), &e));
        TAU_ASSERT(!value == !c->of[i].where[CONFIG_USER]);
    }
}

static bool same(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct config before, after, without;
    struct buf problems = BUF_OWN, set = BUF_OWN, unset = BUF_OWN;
    if (n == 0)
        return 0;
    enum setting_id id = (enum setting_id)(data[0] % SET_COUNT);
    const char *value = setting_table[id].fallback;
    struct str text = str_make((const char *)data + 1, n - 1);
    read_text(&before, text, &problems);
    conf_edit(text, id, value, &set);
    read_text(&after, buf_view(&set), &problems);
    conf_edit(buf_view(&set), id, NULL, &unset);
    read_text(&without, buf_view(&unset), &problems);
    TAU_ASSERT(same(after.of[id].value[CONFIG_USER], value));
    TAU_ASSERT(!without.of[id].value[CONFIG_USER]);
    for (int i = 0; i < SET_COUNT; i++)
        TAU_ASSERT(i == (int)id || (same(before.of[i].value[CONFIG_USER], after.of[i].value[CONFIG_USER]) &&
                                    same(before.of[i].value[CONFIG_USER], without.of[i].value[CONFIG_USER])));
    config_free(&before);
    config_free(&after);
    config_free(&without);
    buf_free(&problems);
    buf_free(&set);
    buf_free(&unset);
    return 0;
}
