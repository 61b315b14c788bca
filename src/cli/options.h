/* SPDX-License-Identifier: MIT
 *
 * options: the parser over options.def. Parsing looks at nothing but its arguments and the
 * environment; acting is others' business.
 */
#ifndef TAU_CLI_OPTIONS_H
#define TAU_CLI_OPTIONS_H

#include "base/base.h"
#include "base/err.h"
#include "contract/settings.h"

enum option_group {
#define GROUP(id, heading) GROUP_##id,
#define COMMAND(id, words, args, min, max, help)
#define OPTION(id, name, letter, value, group, on, setting, values, help)
#include "cli/options.def"
#undef GROUP
#undef COMMAND
#undef OPTION
    GROUP_COUNT
};

enum command_id {
#define GROUP(id, heading)
#define COMMAND(id, words, args, min, max, help) CMD_##id,
#define OPTION(id, name, letter, value, group, on, setting, values, help)
#include "cli/options.def"
#undef GROUP
#undef COMMAND
#undef OPTION
    CMD_COUNT
};

enum option_id {
#define GROUP(id, heading)
#define COMMAND(id, words, args, min, max, help)
#define OPTION(id, name, letter, value, group, on, setting, values, help) OPT_##id,
#include "cli/options.def"
#undef GROUP
#undef COMMAND
#undef OPTION
    OPT_COUNT
};

/* Bit 1 << command. */
typedef unsigned __int128 command_set;
_Static_assert(CMD_COUNT <= 128, "a command_set has room for all commands");
#define COMMAND_ALL (~(command_set)0)

struct command_desc {
    const char *words, *args;
    int min, max;
    const char *help;
};
struct option_desc {
    const char *name;
    char letter;
    const char *value; /* NULL: takes none; "[TEXT]": may come later, as a word of the line */
    enum option_group group;
    command_set on; /* the commands that take it */
    enum setting_id setting;
    const char *values, *help;
};
extern const struct command_desc subcommand_table[CMD_COUNT];
extern const struct option_desc option_table[OPT_COUNT];
extern const char *const option_groups[GROUP_COUNT];

bool option_on(enum option_id id, enum command_id command); /* does the command take it? */

/* Is it one of the values of an option that has choices? ERR_USAGE names them. */
bool option_choice(enum option_id id, const char *value, struct err *e) ATTR_WARN;

enum { OPTIONS_AGAIN_MAX = 32 };

struct options {
    enum command_id command;
    const char *value[OPT_COUNT]; /* as given; "" for an option without a value; NULL: not given */
    bool from_env[OPT_COUNT];     /* TAU_<NAME> said it, not the command line */
    bool waits;                   /* for the value of one in brackets, which nothing has said: "" is there */
    char *key;                    /* of --api-key and its like, base/secret.h; NULL: none was given */
    bool key_seen;                /* it was on the command line, where others could see it */
    struct {
        enum option_id id;
        const char *value;
    } again[OPTIONS_AGAIN_MAX]; /* the second and later values of options whose value ends in ... */
    int n_again;
    char **args;                  /* the words after the subcommand, of argv */
    int n_args;
};

/* Fills *ret from argv, then from TAU_<NAME> for what argv does not say and the command takes;
 * for settings and keys, whatever the command takes. ERR_USAGE names the word
 * and the nearest that there is. An option whose value is in brackets does without one before another
 * option and at the end; the one word of the line is its value then. Strings are argv's and the environment's. */
bool options_parse(struct options *ret, int argc, char **argv, struct err *e) ATTR_WARN;

/* The same for the words of a verb that was typed in the console or a prompt: argv[0] is passed over,
 * nothing is read from the environment, and only a verb is understood. */
bool options_parse_verb(struct options *ret, int argc, char **argv, struct err *e) ATTR_WARN;

/* Takes a key that was given out of argv or the environment, where others could see it: value is then
 * "" and key has it. Before the first thread, and before anything prints options. */
void options_hide_key(struct options *o);

/* Only overwrites it: for a process that shall not have it. */
void options_wipe_key(struct options *o);

/* Value i of an option that may be given several times; NULL behind the last. */
const char *options_nth(const struct options *o, enum option_id id, int i);

/* "TAU_PROMPT_FILE" for "prompt-file"; size >= 64. */
void option_env_name(enum option_id id, char *buf, size_t size);

#endif
