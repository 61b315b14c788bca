/* SPDX-License-Identifier: MIT
 *
 * cmd_config: what holds here and why: settings, places, completions.
 */
#include "config.h"

#include "base/fs.h"
#include "base/mem.h"
#include "cli/app.h"
#include "cli/commands.h"
#include "cli/conf_edit.h"
#include "cli/help.h"
#include "cli/report.h"
#include "text/fuzzy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int fail(struct app *a, const struct err *e)
{
    report(e);
    app_close(a);
    return err_code_exit(e->code);
}

static int show(struct app *a, struct buf *text)
{
    struct err e = ERR_INIT;
    bool ok = fs_write_all(STDOUT_FILENO, buf_view(text), &e);
    buf_free(text);
    app_close(a);
    return ok ? 0 : 1;
}

int cmd_config_show(const struct options *o)
{
    struct app a = {0};
    struct err e = ERR_INIT;
    struct buf out = BUF_OWN;
    if (!app_open(&a, o, &e))
        return fail(&a, &e);
    for (int i = 0; i < SET_COUNT; i++) {
        enum config_place place = config_winner(&a.config, (enum setting_id)i);
        buf_printf(&out, "%s.%s = %s  (%s)\n", setting_table[i].section, setting_table[i].key,
                   config_str(&a.config, (enum setting_id)i), a.config.of[i].where[place]);
    }
    return show(&a, &out);
}

static bool unknown_setting(const char *name, struct err *e)
{
    char *names[SET_COUNT];
    for (int i = 0; i < SET_COUNT; i++)
        names[i] = mem_printf("%s.%s", setting_table[i].section, setting_table[i].key);
    const char *nearest = fuzzy_nearest(str_of(name), (const char *const *)names, SET_COUNT);
    err_set(e, ERR_NOT_FOUND, "there is no setting '%s'", name);
    if (nearest)
        err_hint(e, "did you mean %s? tau config show lists them", nearest);
    for (int i = 0; i < SET_COUNT; i++)
        free(names[i]);
    return false;
}

int cmd_config_why(const struct options *o)
{
    struct app a = {0};
    struct err e = ERR_INIT;
    struct buf out = BUF_OWN;
    enum setting_id id = setting_find(str_of(o->args[0]));
    if (id == SET_COUNT && !unknown_setting(o->args[0], &e)) {
        report(&e);
        return err_code_exit(e.code);
    }
    if (!app_open(&a, o, &e))
        return fail(&a, &e);
    enum config_place winner = config_winner(&a.config, id);
    buf_printf(&out, "%s = %s\n", o->args[0], config_str(&a.config, id));
    for (int p = CONFIG_PLACES - 1; p >= 0; p--)
        if (a.config.of[id].value[p])
            buf_printf(&out, "%s %-11s %s  (%s)\n", p == (int)winner ? "*" : " ",
                       config_place_name((enum config_place)p), a.config.of[id].value[p],
                       a.config.of[id].where[p]);
    return show(&a, &out);
}

int cmd_config_get(const struct options *o)
{
    struct app a = {0};
    struct err e = ERR_INIT;
    struct buf out = BUF_OWN;
    enum setting_id id = setting_find(str_of(o->args[0]));
    if ((id == SET_COUNT && !unknown_setting(o->args[0], &e)) || !app_open(&a, o, &e))
        return fail(&a, &e);
    buf_printf(&out, "%s\n", config_str(&a.config, id));
    return show(&a, &out);
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

/* Says so when another place wins over the file. */
int cmd_config_set(const struct options *o)
{
    struct app a = {0};
    struct err e = ERR_INIT;
    struct buf out = BUF_OWN;
    CLEANUP(mem_free_p) char *path = NULL;
    const char *value = o->n_args > 1 ? o->args[1] : NULL;
    enum setting_id id = setting_find(str_of(o->args[0]));
    if ((id == SET_COUNT && !unknown_setting(o->args[0], &e)) || !app_open(&a, o, &e) ||
        !conf_write(&a, id, value, &path, &e))
        return fail(&a, &e);
    enum config_place winner = config_winner(&a.config, id);
    if (value)
        buf_printf(&out, "%s = %s in %s\n", o->args[0], value, path);
    else
        buf_printf(&out, "%s is not said in %s any more\n", o->args[0], path);
    if (winner > CONFIG_USER)
        buf_printf(&out, "but %s says %s, and counts more\n", a.config.of[id].where[winner], config_str(&a.config, id));
    return show(&a, &out);
}

int cmd_info(const struct options *o)
{
    struct app a = {0};
    struct err e = ERR_INIT;
    struct buf out = BUF_OWN;
    if (!app_open(&a, o, &e))
        return fail(&a, &e);
    buf_printf(&out, "version    %s\n", PACKAGE_VERSION);
    buf_printf(&out, "workspace  %s\n", a.workspace);
    buf_printf(&out, "store      %s/tau.db\n", a.state_dir);
    buf_printf(&out, "blobs      %s/blobs\n", a.state_dir);
    buf_printf(&out, "log        %s/tau.log\n", a.state_dir);
    buf_printf(&out, "config     %s/tau.conf\n", a.config_dir);
    buf_printf(&out, "project    %s/.tau/tau.conf\n", a.workspace);
    return show(&a, &out);
}

int cmd_completion(const struct options *o)
{
    struct app a = {0};
    struct err e = ERR_INIT;
    struct buf out = BUF_OWN;
    if (completion_write(&out, o->args[0]))
        return show(&a, &out);
    err_set(&e, ERR_USAGE, "completion: expected bash, zsh or fish, got '%s'", o->args[0]);
    return fail(&a, &e);
}
