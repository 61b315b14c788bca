/* SPDX-License-Identifier: MIT
 *
 * conf: settings from all places, by libinih (included here only).
 */
#include "cli/conf.h"

#include "base/buf.h"
#include "base/fs.h"
#include "base/mem.h"
#include "cli/conf_edit.h"
#include "config.h"
#include "text/fuzzy.h"

#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What inih holds of a line; the rest of a longer one it would drop without a word. It wants three bytes
 * more. Some builds let that be chosen. */
#if HAVE_DECL_INI_MAX_LINE
enum { CONFIG_FILE_MAX = 1 << 20, CONFIG_LINE_MAX = 8192 };
#else
enum { CONFIG_FILE_MAX = 1 << 20, CONFIG_LINE_MAX = INI_MAX_LINE - 3 };
#endif

struct reading {
    struct config *config;
    enum config_place place;
    const char *path;
    struct buf *problems;
    int line; /* of the pair that is being read; inih counts for us */
};

static void put(struct config *c, enum config_place place, enum setting_id id, const char *value,
                char *where)
{
    free(c->of[id].value[place]);
    free(c->of[id].where[place]);
    c->of[id].value[place] = mem_strdup(value);
    c->of[id].where[place] = where;
}

/* One pair of a file. Always 1: a bad line is told, and the rest is read. The text is given to inih
 * a line at a time, so that the number of the line is known however inih was built. */
static int take_pair(void *user, const char *section, const char *key, const char *value)
{
    struct reading *r = user;
    int line = r->line;
    char name[200];
    struct err e = ERR_INIT;
    snprintf(name, sizeof(name), "%s.%s", section, key);
    enum setting_id id = setting_find(str_of(name));
    if (id == SET_COUNT) {
        buf_printf(r->problems, "%s:%d: unknown setting '%s'\n", r->path, line, name);
        return 1;
    }
    if (!setting_check(id, str_of(value ? value : ""), &e)) {
        buf_printf(r->problems, "%s:%d: %s\n", r->path, line, e.message);
        return 1;
    }
    put(r->config, r->place, id, value, mem_printf("%s:%d", r->path, line));
    return 1;
}

static void read_line(struct reading *r, const char *section, struct str line)
{
    if (str_index(line, '\0') >= 0) { /* inih would take what stands before it for all */
        buf_printf(r->problems, "%s:%d: there is a zero byte in it\n", r->path, r->line);
        return;
    }
    if (line.n > CONFIG_LINE_MAX) {
        buf_printf(r->problems, "%s:%d: a line has at most %d bytes\n", r->path, r->line, CONFIG_LINE_MAX);
        return;
    }
#if HAVE_DECL_INI_MAX_LINE
    ini_max_line = CONFIG_LINE_MAX + 3;
#endif
    CLEANUP(mem_free_p) char *one = mem_printf("[%s]\n%.*s\n", section, STR_ARG(line));
    if (ini_parse_string(one, take_pair, r) != 0)
        buf_printf(r->problems, "%s:%d: expected key = value\n", r->path, r->line);
}

void config_read(struct config *c, enum config_place place, const char *path, struct str text, struct buf *problems)
{
    struct reading r = {.config = c, .place = place, .path = path, .problems = problems};
    struct str line, name;
    char section[100] = "";
    while (str_line(&text, &line)) {
        r.line++;
        if (!conf_section(line, &name)) {
            read_line(&r, section, line);
            continue;
        }
        snprintf(section, sizeof(section), "%.*s", STR_ARG(name));
        if (name.n == 0)
            buf_printf(problems, "%s:%d: expected [section]\n", path, r.line);
    }
}

static void read_file(struct config *c, enum config_place place, const char *path,
                      struct buf *problems)
{
    CLEANUP(buf_free) struct buf text = BUF_INIT(CONFIG_FILE_MAX);
    struct err e = ERR_INIT;
    if (access(path, F_OK) != 0)
        return;
    if (!fs_read_file(path, &text, &e)) {
        buf_printf(problems, "%s: %s\n", path, e.message);
        return;
    }
    config_read(c, place, path, buf_view(&text), problems);
}

static void read_environment(struct config *c, struct buf *problems)
{
    for (int i = 0; i < SET_COUNT; i++) {
        char name[128];
        struct err e = ERR_INIT;
        snprintf(name, sizeof(name), "TAU_%s_%s", setting_table[i].section, setting_table[i].key);
        for (char *p = name; *p; p++)
            *p = *p >= 'a' && *p <= 'z' ? (char)(*p - 32) : *p;
        const char *value = getenv(name);
        if (!value)
            continue;
        if (setting_check((enum setting_id)i, str_of(value), &e))
            put(c, CONFIG_ENV, (enum setting_id)i, value, mem_strdup(name));
        else
            buf_printf(problems, "%s: %s\n", name, e.message);
    }
}

static void read_options(struct config *c, const struct options *o)
{
    for (int i = 0; i < OPT_COUNT; i++) {
        enum setting_id id = option_table[i].setting;
        if (id == SET_COUNT || !o->value[i])
            continue;
        if (o->from_env[i]) {
            char name[64];
            option_env_name((enum option_id)i, name, sizeof(name));
            put(c, CONFIG_ENV, id, o->value[i], mem_strdup(name));
        } else {
            put(c, CONFIG_OPTION, id, o->value[i], mem_printf("--%s", option_table[i].name));
        }
    }
}

void config_load(struct config *c, const struct options *o, const char *project)
{
    struct buf problems = BUF_OWN;
    *c = (struct config){0};
    for (int i = 0; i < SET_COUNT; i++)
        put(c, CONFIG_BUILTIN, (enum setting_id)i, setting_table[i].fallback,
            mem_strdup("built in"));
    CLEANUP(mem_free_p) char *home = fs_xdg("XDG_CONFIG_HOME", ".config");
    CLEANUP(mem_free_p) char *user = mem_printf("%s/tau/tau.conf", home);
    read_file(c, CONFIG_SYSTEM, "/etc/xdg/tau/tau.conf", &problems);
    read_file(c, CONFIG_USER, user, &problems);
    if (project) {
        CLEANUP(mem_free_p) char *path = mem_printf("%s/.tau/tau.conf", project);
        read_file(c, CONFIG_PROJECT, path, &problems);
    }
    read_environment(c, &problems);
    read_options(c, o);
    c->problems = problems.len ? buf_take(&problems) : NULL;
    buf_free(&problems);
}

void config_free(struct config *c)
{
    for (int i = 0; i < SET_COUNT; i++)
        for (int p = 0; p < CONFIG_PLACES; p++) {
            free(c->of[i].value[p]);
            free(c->of[i].where[p]);
        }
    free(c->problems);
}

enum config_place config_winner(const struct config *c, enum setting_id id)
{
    int place = CONFIG_PLACES - 1;
    while (place > 0 && !c->of[id].value[place])
        place--;
    return (enum config_place)place;
}

const char *config_str(const struct config *c, enum setting_id id)
{
    return c->of[id].value[config_winner(c, id)];
}

int64_t config_int(const struct config *c, enum setting_id id)
{
    int64_t n = 0;
    if (!str_i64(str_of(config_str(c, id)), &n))
        return 0; /* setting_check let no such value in */
    return n;
}

bool config_bool(const struct config *c, enum setting_id id)
{
    return strcmp(config_str(c, id), "true") == 0;
}

const char *config_place_name(enum config_place place)
{
    static const char *const names[CONFIG_PLACES] = {"built-in", "system",      "user",
                                                     "project",  "environment", "option"};
    return names[place];
}
