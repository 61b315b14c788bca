/* SPDX-License-Identifier: MIT
 *
 * verb_config: what holds here and why, and what the user's file says: settings and places.
 */
#include "config.h"

#include "base/fs.h"
#include "base/mem.h"
#include "cli/conf_edit.h"
#include "cli/verb.h"
#include "json/jsonw.h"
#include "text/fuzzy.h"

#include <stdlib.h>
#include <string.h>

bool verb_config_show(struct verb *v, struct err *e)
{
    const struct config *c = &v->app->config;
    (void)e;
    for (int i = 0; i < SET_COUNT; i++)
        buf_printf(v->out, "%s.%s = %s  (%s)\n", setting_table[i].section, setting_table[i].key,
                   config_str(c, (enum setting_id)i), c->of[i].where[config_winner(c, (enum setting_id)i)]);
    return true;
}

/* The setting of the first argument. */
static bool find(const struct verb *v, enum setting_id *ret, struct err *e)
{
    char *names[SET_COUNT];
    const char *name = verb_arg(v, 0);
    *ret = setting_find(str_of(name));
    if (*ret != SET_COUNT)
        return true;
    for (int i = 0; i < SET_COUNT; i++)
        names[i] = mem_printf("%s.%s", setting_table[i].section, setting_table[i].key);
    err_set(e, ERR_NOT_FOUND, "there is no setting '%s'", name);
    fuzzy_hint(e, str_of(name), (const char *const *)names, SET_COUNT, "", "tau config show lists them");
    for (int i = 0; i < SET_COUNT; i++)
        free(names[i]);
    return false;
}

bool verb_config_why(struct verb *v, struct err *e)
{
    const struct config *c = &v->app->config;
    enum setting_id id;
    if (!find(v, &id, e))
        return false;
    enum config_place winner = config_winner(c, id);
    buf_printf(v->out, "%s = %s\n", verb_arg(v, 0), config_str(c, id));
    for (int p = CONFIG_PLACES - 1; p >= 0; p--)
        if (c->of[id].value[p])
            buf_printf(v->out, "%s %-11s %s  (%s)\n", p == (int)winner ? "*" : " ",
                       config_place_name((enum config_place)p), c->of[id].value[p], c->of[id].where[p]);
    return true;
}

bool verb_config_get(struct verb *v, struct err *e)
{
    enum setting_id id;
    if (!find(v, &id, e))
        return false;
    buf_printf(v->out, "%s\n", config_str(&v->app->config, id));
    return true;
}

bool conf_write(const struct app *a, enum setting_id id, const char *value, char **ret_path, struct err *e)
{
    CLEANUP(buf_free) struct buf before = {.max = 1 << 20}, after = BUF_OWN;
    *ret_path = fs_join(a->config_dir, "tau.conf");
    if (value && !setting_check(id, str_of(value), e))
        return false;
    if (value && strpbrk(value, "\r\n"))
        return err_set(e, ERR_INVALID, "a value is one line");
    if (fs_exists(*ret_path) && !fs_read_file(*ret_path, &before, e))
        return false;
    conf_edit(buf_view(&before), id, value, &after);
    return fs_mkdirs(a->config_dir, 0700, e) && fs_replace(*ret_path, buf_view(&after), 0600, e);
}

/* Says so when another place wins over the file, and that a tau that runs has read it already. */
bool verb_config_set(struct verb *v, struct err *e)
{
    const struct config *c = &v->app->config;
    const char *name = verb_arg(v, 0), *value = verb_arg(v, 1);
    CLEANUP(mem_free_p) char *path = NULL;
    enum setting_id id;
    if (!find(v, &id, e) || !conf_write(v->app, id, value, &path, e))
        return false;
    enum config_place winner = config_winner(c, id);
    if (value)
        buf_printf(v->out, "%s = %s in %s\n", name, value, path);
    else
        buf_printf(v->out, "%s is not said in %s any more\n", name, path);
    if (winner > CONFIG_USER)
        buf_printf(v->out, "but %s says %s, and counts more\n", c->of[id].where[winner], config_str(c, id));
    else if (v->console)
        buf_puts(v->out, "it holds from the next start on\n");
    return true;
}

/* ---- where things are ---- */

enum info_base { STATE, CONFIG, WORKSPACE, CACHE };

static const struct {
    const char *what;
    enum info_base base;
    const char *path; /* NULL: the directory itself */
} info_rows[] = {
    {"workspace", WORKSPACE, NULL},
    {"state", STATE, NULL},
    {"store", STATE, "tau.db"},
    {"blobs", STATE, "blobs"},
    {"log", STATE, "tau.log"},
    {"reports", STATE, "reports"},
    {"copies", STATE, "copies"},
    {"token", STATE, "gateway.token"},
    {"kept_rules", STATE, "policy.rules"},
    {"config", CONFIG, "tau.conf"},
    {"rules", CONFIG, "policy.rules"},
    {"trusted", CONFIG, "trusted"},
    {"project", WORKSPACE, ".tau/tau.conf"},
    {"cache", CACHE, "tau"},
};

bool verb_info(struct verb *v, struct err *e)
{
    const struct app *a = v->app;
    CLEANUP(mem_free_p) char *cache = fs_xdg("XDG_CACHE_HOME", ".cache");
    struct jsonw w = JSONW(v->out);
    (void)e;
    if (v->json) {
        jsonw_begin_object(&w);
        jsonw_put_cstr(&w, "version", PACKAGE_VERSION);
    } else {
        buf_printf(v->out, "%-11s%s\n", "version", PACKAGE_VERSION);
    }
    for (size_t i = 0; i < ARRAY_LEN(info_rows); i++) {
        const char *const bases[] = {[STATE] = a->state_dir, [CONFIG] = a->config_dir, [WORKSPACE] = a->workspace,
                                     [CACHE] = cache};
        const char *what = info_rows[i].what, *base = bases[info_rows[i].base], *below = info_rows[i].path;
        CLEANUP(mem_free_p) char *path = below ? fs_join(base, below) : mem_strdup(base);
        if (v->json)
            jsonw_put_cstr(&w, what, path);
        else
            buf_printf(v->out, "%-11s%s\n", what, path);
    }
    if (v->json) {
        jsonw_end_object(&w);
        buf_putc(v->out, '\n');
    }
    return true;
}
