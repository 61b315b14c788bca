/* SPDX-License-Identifier: MIT
 *
 * slash: a prompt that is a command. Most are verbs; the rows here are names that people know from the
 * console, of commands that are none.
 */
#include "cli/slash.h"

#include "base/buf.h"
#include "base/mem.h"
#include "cli/commands.h"
#include "cli/help.h"
#include "cli/report.h"
#include "cli/verb.h"
#include "text/fuzzy.h"

#include <string.h>

static int help(const struct options *o, const char *topic);

static const struct {
    const char *name;
    const char *verb; /* that does it, as it is named in a prompt; NULL: run does */
    int (*run)(const struct options *o, const char *topic);
} names[] = {
    {"help", NULL, help},
    {"policy", "policy-show", NULL},
    {"session", "session-get", NULL},
    {"model", "model-show", NULL},
};

static struct str name_of(struct str prompt)
{
    struct str line = str_trim(prompt);
    size_t n = 1;
    if (line.n < 2 || line.p[0] != '/')
        return STR("");
    while (n < line.n && ((line.p[n] >= 'a' && line.p[n] <= 'z') || line.p[n] == '-'))
        n++;
    bool ends = n == line.n || line.p[n] == ' ';
    return n > 1 && ends && str_index(line, '\n') < 0 ? str_sub(line, 1, n - 1) : STR("");
}

bool slash_is(struct str prompt)
{
    return name_of(prompt).n > 0;
}

static int say(struct buf *text)
{
    struct err e = ERR_INIT;
    bool ok = report_out(buf_view(text), &e);
    if (!ok)
        report(&e);
    return ok ? 0 : err_code_exit(e.code);
}

/* All of them, or one with what it takes. */
static int help(const struct options *o, const char *topic)
{
    CLEANUP(buf_free) struct buf text = BUF_OWN;
    struct err e = ERR_INIT;
    (void)o;
    if (!topic[0])
        buf_puts(&text, "commands:\n");
    for (size_t i = 0; i < ARRAY_LEN(names) && !topic[0]; i++)
        buf_printf(&text, "  /%-20s %s%s\n", names[i].name, names[i].verb ? "as /" : "",
                   names[i].verb ? names[i].verb : "[COMMAND]: this list, or one of them");
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (names[i].verb && strcmp(names[i].name, topic) == 0)
            topic = names[i].verb;
    if (verb_help(&text, topic) || !topic[0])
        return say(&text);
    err_set(&e, ERR_NOT_FOUND, "there is no command '/%s'", topic);
    err_hint(&e, "/help lists them");
    report(&e);
    return err_code_exit(e.code);
}

static int unknown(struct str name)
{
    struct err e = ERR_INIT;
    const char *all[VERB_NAMES_MAX + ARRAY_LEN(names)];
    size_t n = verb_names(all, VERB_NAMES_MAX);
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        all[n++] = names[i].name;
    err_set(&e, ERR_USAGE, "there is no command /%.*s", STR_ARG(str_sub(name, 0, 60)));
    (void)fuzzy_hint(&e, name, all, n, "/", "/help lists them"); /* always false */
    report(&e);
    return err_code_exit(e.code);
}

int slash_run(const struct options *o, struct str prompt)
{
    struct str line = str_trim(prompt), name = name_of(prompt);
    struct str rest = str_trim(str_sub(line, 1 + name.n, line.n));
    if (verb_is(prompt))
        return verb_run_prompt(o, prompt);
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (!str_is(name, names[i].name))
            continue;
        CLEANUP(mem_free_p) char *topic = mem_strndup(rest.n ? rest.p : "", rest.n);
        if (names[i].run)
            return names[i].run(o, topic[0] == '/' ? topic + 1 : topic);
        CLEANUP(mem_free_p) char *as = mem_printf("/%s %s", names[i].verb, topic);
        return verb_run_prompt(o, str_of(as));
    }
    return unknown(name);
}
