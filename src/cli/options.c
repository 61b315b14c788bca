/* SPDX-License-Identifier: MIT
 *
 * options: the parser over options.def.
 */
#include "cli/options.h"

#include "base/secret.h"
#include "text/fuzzy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ON(id) ((command_set)1 << CMD_##id)
#define ALL COMMAND_ALL
#define SERVES (ON(GATEWAY_SERVE) | ON(UP))

const char *const option_groups[GROUP_COUNT] = {
#define GROUP(id, heading) [GROUP_##id] = heading,
#define COMMAND(id, words, args, min, max, help)
#define OPTION(id, name, letter, value, group, on, setting, values, help)
#include "cli/options.def"
#undef GROUP
#undef COMMAND
#undef OPTION
};

const struct command_desc subcommand_table[CMD_COUNT] = {
#define GROUP(id, heading)
#define COMMAND(id, words, args, min, max, help) [CMD_##id] = {words, args, min, max, help},
#define OPTION(id, name, letter, value, group, on, setting, values, help)
#include "cli/options.def"
#undef GROUP
#undef COMMAND
#undef OPTION
};

const struct option_desc option_table[OPT_COUNT] = {
#define GROUP(id, heading)
#define COMMAND(id, words, args, min, max, help)
#define OPTION(id, name, letter, value, group, on, setting, values, help)                          \
    [OPT_##id] = {name, letter, value, GROUP_##group, on, setting, values, help},
#include "cli/options.def"
#undef GROUP
#undef COMMAND
#undef OPTION
};

bool option_on(enum option_id id, enum command_id command)
{
    return (option_table[id].on & (command_set)1 << command) != 0;
}

void option_env_name(enum option_id id, char *buf, size_t size)
{
    snprintf(buf, size, "TAU_%s", option_table[id].name);
    for (char *p = buf; *p; p++)
        *p = *p == '-' ? '_' : *p >= 'a' && *p <= 'z' ? (char)(*p - 32) : *p;
}

static const enum option_id key_options[] = {OPT_API_KEY, OPT_OPENAI_API_KEY};

static bool is_key(enum option_id id)
{
    for (size_t i = 0; i < ARRAY_LEN(key_options); i++)
        if (key_options[i] == id)
            return true;
    return false;
}

void options_wipe_key(struct options *o)
{
    for (size_t i = 0; i < ARRAY_LEN(key_options); i++)
        if (o->value[key_options[i]])
            secret_wipe((char *)(uintptr_t)o->value[key_options[i]]);
}

void options_hide_key(struct options *o)
{
    for (size_t i = 0; i < ARRAY_LEN(key_options); i++) {
        const char *given = o->value[key_options[i]];
        bool seen = given && !o->from_env[key_options[i]];
        if (!given || (o->key_seen && !seen))
            continue;
        secret_free(o->key);
        o->key = secret_copy(str_of(given));
        o->key_seen = seen;
    }
    options_wipe_key(o);
}

static enum option_id find_long(struct str name)
{
    for (int i = 0; i < OPT_COUNT; i++)
        if (str_is(name, option_table[i].name))
            return (enum option_id)i;
    return OPT_COUNT;
}

static enum option_id find_letter(char c)
{
    for (int i = 0; i < OPT_COUNT; i++)
        if (option_table[i].letter == c)
            return (enum option_id)i;
    return OPT_COUNT;
}

static bool unknown_option(const char *word, struct str name, struct err *e)
{
    const char *names[OPT_COUNT];
    for (int i = 0; i < OPT_COUNT; i++)
        names[i] = option_table[i].name;
    err_set(e, ERR_USAGE, "unknown option '%s'", word);
    return fuzzy_hint(e, name, names, OPT_COUNT, "--", "tau --help lists the options");
}

static bool set(struct options *o, enum option_id id, const char *value, struct err *e)
{
    const char *name = option_table[id].value;
    size_t n = name ? strlen(name) : 0;
    bool repeats = n > 3 && strcmp(name + n - 3, "...") == 0;
    if (o->value[id] && !repeats)
        return err_set(e, ERR_USAGE, "--%s is given twice", option_table[id].name);
    if (!o->value[id]) {
        o->value[id] = value;
        return true;
    }
    if (o->n_again == OPTIONS_AGAIN_MAX)
        return err_set(e, ERR_USAGE, "--%s is given too often", option_table[id].name);
    o->again[o->n_again].id = id;
    o->again[o->n_again++].value = value;
    return true;
}

const char *options_nth(const struct options *o, enum option_id id, int i)
{
    if (i == 0)
        return o->value[id];
    for (int k = 0; k < o->n_again; k++)
        if (o->again[k].id == id && --i == 0)
            return o->again[k].value;
    return NULL;
}

/* A value in brackets need not follow its option: it is the first word of the line then. */
static bool may_wait(enum option_id id)
{
    return option_table[id].value[0] == '[';
}

/* Is the word an option that there is, or the end of options? Only such a word is not taken for the value
 * of an option that can wait for it: a question may begin with a dash. */
static bool is_option(const char *word)
{
    if (strcmp(word, "--") == 0)
        return true;
    if (strncmp(word, "--", 2) == 0)
        return find_long(str_make(word + 2, strcspn(word + 2, "="))) != OPT_COUNT;
    return word[0] == '-' && word[1] && !word[2] && find_letter(word[1]) != OPT_COUNT;
}

/* The value of an option that is not in its own word; `given` is how the option was written. */
static bool next_value(struct options *o, enum option_id id, const char *given, int argc, char **argv, int *at,
                       struct err *e)
{
    bool last = *at + 1 >= argc;
    if (may_wait(id) && (last || is_option(argv[*at + 1]))) {
        o->waits = true;
        return set(o, id, "", e);
    }
    if (last)
        return err_set(e, ERR_USAGE, "%s needs a value: %s", given, option_table[id].value);
    *at += 1;
    return set(o, id, argv[*at], e);
}

/* One word that begins with --; *at is its index and moves over a value in the next word. */
static bool parse_long(struct options *o, int argc, char **argv, int *at, struct err *e)
{
    const char *word = argv[*at] + 2;
    const char *equals = strchr(word, '=');
    struct str name = str_make(word, equals ? (size_t)(equals - word) : strlen(word));
    enum option_id id = find_long(name);
    if (id == OPT_COUNT)
        return unknown_option(argv[*at], name, e);
    const struct option_desc *d = &option_table[id];
    if (!d->value)
        return equals ? err_set(e, ERR_USAGE, "--%s takes no value", d->name) : set(o, id, "", e);
    if (equals)
        return set(o, id, equals + 1, e);
    return next_value(o, id, argv[*at], argc, argv, at, e);
}

/* One word of letters; the last of them may have its value in the same or in the next word. */
static bool parse_letters(struct options *o, int argc, char **argv, int *at, struct err *e)
{
    for (const char *p = argv[*at] + 1; *p; p++) {
        enum option_id id = find_letter(*p);
        if (id == OPT_COUNT)
            return unknown_option(argv[*at], str_of(p), e);
        if (!option_table[id].value) {
            if (!set(o, id, "", e))
                return false;
            continue;
        }
        if (p[1])
            return set(o, id, p + 1, e);
        return next_value(o, id, (char[]){'-', *p, '\0'}, argc, argv, at, e);
    }
    return true;
}

/* Is it the first of two words or more of a command? */
static bool begins_commands(const char *word)
{
    size_t n = strlen(word);
    for (int i = 0; i < CMD_COUNT; i++)
        if (n > 0 && strncmp(subcommand_table[i].words, word, n) == 0 && subcommand_table[i].words[n] == ' ')
            return true;
    return false;
}

/* The subcommand is the longest row whose words begin the arguments. */
static bool find_command(struct options *o, struct err *e)
{
    int best_words = 0;
    if (o->n_args == 0)
        return true;
    for (int i = 0; i < CMD_COUNT; i++) {
        struct str rest = str_of(subcommand_table[i].words);
        struct str word;
        int n = 0;
        bool match = rest.n > 0;
        while (match && str_split(&rest, ' ', &word))
            match = n < o->n_args && str_is(word, o->args[n++]);
        if (match && n > best_words) {
            best_words = n;
            o->command = (enum command_id)i;
        }
    }
    if (best_words == 0 && o->n_args == 1 && begins_commands(o->args[0]))
        o->value[OPT_HELP] = ""; /* "tau memory": all that there is of it */
    if (best_words == 0 && o->value[OPT_HELP])
        return true; /* a topic, or the first word of commands */
    if (best_words == 0) {
        const char *names[CMD_COUNT - 1]; /* all but tau itself, which has no word */
        for (int i = 1; i < CMD_COUNT; i++)
            names[i - 1] = subcommand_table[i].words;
        char both[256];
        snprintf(both, sizeof(both), "%s%s%s", o->args[0], o->n_args > 1 ? " " : "",
                 o->n_args > 1 ? o->args[1] : "");
        err_set(e, ERR_USAGE, "unknown command '%s'", both);
        return fuzzy_hint(e, str_of(both), names, ARRAY_LEN(names), "tau ",
                          "tau --help lists the commands; a question is asked with -p");
    }
    o->args += best_words;
    o->n_args -= best_words;
    return true;
}

bool option_choice(enum option_id id, const char *value, struct err *e)
{
    struct str rest = str_of(option_table[id].values), word;
    while (str_split(&rest, '|', &word))
        if (str_is(word, value))
            return true;
    return err_set(e, ERR_USAGE, "expected %s, got '%.60s'", option_table[id].values, value);
}

static bool is_good(const struct options *o, enum option_id id, struct err *e)
{
    const struct option_desc *d = &option_table[id];
    if (d->setting != SET_COUNT)
        return setting_check(d->setting, str_of(o->value[id]), e);
    return !strchr(d->values, '|') || option_choice(id, o->value[id], e);
}

/* The environment says something to a command when the command line could. A setting is everybody's: config
 * why tells who wins it. A key is always taken, or it would stay where children find it. */
static bool env_counts(enum option_id id, enum command_id command)
{
    const struct option_desc *d = &option_table[id];
    return d->value && (option_on(id, command) || d->setting != SET_COUNT || is_key(id));
}

/* A wrong value in the environment stops only the commands that would use it. */
static bool check_value(struct options *o, enum option_id i, bool taken, struct err *e)
{
    struct err wrong = ERR_INIT;
    if (!o->value[i] || is_good(o, i, &wrong))
        return true;
    if (!taken) {
        o->value[i] = NULL;
        return true;
    }
    char name[64];
    option_env_name(i, name, sizeof(name));
    *e = wrong;
    e->code = ERR_USAGE;
    return err_wrap(e, "%s%s", o->from_env[i] ? "" : "--",
                    o->from_env[i] ? name : option_table[i].name);
}

static bool own_help(const struct command_desc *c, struct err *e)
{
    return err_hint(e, "tau%s%s --help says what it takes", c->words[0] ? " " : "", c->words);
}

static bool check_use(struct options *o, struct err *e)
{
    const struct command_desc *c = &subcommand_table[o->command];
    for (int i = 0; i < OPT_COUNT; i++) {
        bool taken = option_on((enum option_id)i, o->command);
        if (o->value[i] && !o->from_env[i] && !taken)
            return err_set(e, ERR_USAGE, "tau%s%s does not take --%s", c->words[0] ? " " : "",
                           c->words, option_table[i].name) || own_help(c, e);
        if (!check_value(o, (enum option_id)i, taken, e))
            return false;
    }
    if (!o->value[OPT_HELP] && (o->n_args < c->min || (c->max >= 0 && o->n_args > c->max)))
        return err_set(e, ERR_USAGE, "usage: tau %s %s", c->words, c->args) || own_help(c, e);
    return true;
}

/* The one word is the value that was waited for, and so no command. */
static bool take_waited(struct options *o, struct err *e)
{
    enum option_id id = 0;
    while (id < OPT_COUNT && !(o->value[id] && option_table[id].value && may_wait(id)))
        id++;
    if (o->n_args > 1)
        return err_set(e, ERR_USAGE, "--%s takes one word, and here are %d", option_table[id].name, o->n_args) ||
               err_hint(e, "put quotes around the text");
    if (o->n_args == 0)
        return true;
    o->value[id] = o->args[0];
    o->waits = false;
    o->args++;
    o->n_args--;
    return true;
}

/* Options and words of argv; which command the words are is not asked yet. */
static bool parse_words(struct options *ret, int argc, char **argv, struct err *e)
{
    bool only_words = false;
    *ret = (struct options){.command = CMD_MAIN, .args = argv + argc};
    /* Words are gathered at the end of argv, in order, so that they need no memory. */
    int words = 0;
    char **kept = argv + 1;
    for (int i = 1; i < argc; i++) {
        if (!only_words && strcmp(argv[i], "--") == 0)
            only_words = true;
        else if (!only_words && strncmp(argv[i], "--", 2) == 0) {
            if (!parse_long(ret, argc, argv, &i, e))
                return false;
        } else if (!only_words && argv[i][0] == '-' && argv[i][1]) {
            if (!parse_letters(ret, argc, argv, &i, e))
                return false;
        } else {
            kept[words++] = argv[i];
        }
    }
    ret->args = kept;
    ret->n_args = words;
    return true;
}

bool options_parse_verb(struct options *ret, int argc, char **argv, struct err *e)
{
    return parse_words(ret, argc, argv, e) && find_command(ret, e) && check_use(ret, e);
}

bool options_parse(struct options *ret, int argc, char **argv, struct err *e)
{
    if (!parse_words(ret, argc, argv, e) || !(ret->waits ? take_waited(ret, e) : find_command(ret, e)))
        return false;
    for (int i = 0; i < OPT_COUNT; i++) {
        char name[64];
        option_env_name((enum option_id)i, name, sizeof(name));
        const char *value = ret->value[i] || !env_counts((enum option_id)i, ret->command) ? NULL : getenv(name);
        if (value && value[0]) {
            ret->value[i] = value;
            ret->from_env[i] = true;
        }
    }
    return check_use(ret, e);
}
