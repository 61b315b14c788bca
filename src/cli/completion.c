/* SPDX-License-Identifier: MIT
 *
 * completion: scripts for bash, zsh and fish, from the tables. Each knows the subcommands, the
 * options of each, the choices of their values, and where a file or a directory is wanted. Where a
 * line stands is what remains of it without options and their values: "tau -C DIR session list".
 */
#include "cli/commands.h"
#include "cli/help.h"
#include "contract/action.h"
#include "contract/settings.h"

#include <ctype.h>
#include <string.h>

/* ---- words ---- */

static void settings(struct buf *out)
{
    for (int i = 0; i < SET_COUNT; i++)
        buf_printf(out, "%s.%s ", setting_table[i].section, setting_table[i].key);
}

static void actions(struct buf *out)
{
    for (int i = 0; i < ACT_COUNT; i++)
        buf_printf(out, "%s ", action_table[i].name);
}

static void queries(struct buf *out)
{
    for (int i = 0; i < QRY_COUNT; i++)
        buf_printf(out, "%s ", query_table[i].name);
}

/* What a word of a usage line stands for, where all of that can be named. */
static void stands_for(struct buf *out, struct str word)
{
    static const struct {
        const char *word;
        void (*write)(struct buf *out);
    } known[] = {{"KEY", settings}, {"ACTION", actions}, {"QUERY", queries}, {"WHAT", cmd_clean_words}};
    for (size_t i = 0; i < ARRAY_LEN(known); i++)
        if (str_is(word, known[i].word))
            known[i].write(out);
}

/* The first argument of a usage line: "[up [ADDRESS]|down] MORE" is up or down. */
static void first_argument(struct buf *out, const char *args)
{
    bool bracket = args[0] == '[';
    int depth = 0;
    bool begins = true;
    for (const char *p = args + bracket; *p && depth >= 0 && (bracket || *p != ' '); p++) {
        if (begins && depth == 0) {
            struct str word = str_make(p, strcspn(p, " |[]."));
            if (word.n && islower((unsigned char)word.p[0]))
                buf_printf(out, "%.*s ", STR_ARG(word));
            else
                stands_for(out, word);
        }
        begins = depth == 0 && *p == '|';
        depth += (*p == '[') - (*p == ']');
    }
}

/* Is it a command of two words, or of one, and a file its first argument? What may be a name as well is a
 * name here. */
static bool wants_file(int command, bool two)
{
    const char *args = subcommand_table[command].args;
    return two == (strchr(subcommand_table[command].words, ' ') != NULL) &&
           (strcmp(args, "FILE") == 0 || strcmp(args, "[FILE]") == 0);
}

static bool has_command_before(int i, struct str first)
{
    for (int k = 1; k < i; k++) {
        struct str rest = str_of(subcommand_table[k].words);
        struct str word;
        if (str_split(&rest, ' ', &word) && str_eq(word, first))
            return true;
    }
    return false;
}

static void first_words(struct buf *out)
{
    for (int i = 1; i < CMD_COUNT; i++) {
        struct str rest = str_of(subcommand_table[i].words);
        struct str word;
        if (str_split(&rest, ' ', &word) && !has_command_before(i, word))
            buf_printf(out, "%.*s ", STR_ARG(word));
    }
}

/* The words that follow `first`: second words of commands, or the choices of an argument. */
static void second_words(struct buf *out, struct str first)
{
    for (int i = 1; i < CMD_COUNT; i++) {
        struct str rest = str_of(subcommand_table[i].words);
        struct str word;
        if (!str_split(&rest, ' ', &word) || !str_eq(word, first))
            continue;
        if (rest.p) {
            buf_printf(out, "%.*s ", STR_ARG(rest));
            continue;
        }
        first_argument(out, subcommand_table[i].args);
    }
}

/* The words of a command of two words, when something is known that may follow it. */
static bool third_words(struct buf *out, int i)
{
    size_t before = out->len;
    if (strchr(subcommand_table[i].words, ' '))
        first_argument(out, subcommand_table[i].args);
    return out->len > before;
}

/* ---- options ---- */

static bool is_general(int option)
{
    return option_table[option].on == COMMAND_ALL;
}

/* The names of what a command takes beside what every command takes. */
static bool own_options(struct buf *out, int command, const char *prefix)
{
    size_t before = out->len;
    for (int i = 0; i < OPT_COUNT; i++)
        if (!is_general(i) && option_on((enum option_id)i, (enum command_id)command))
            buf_printf(out, "%s%s ", prefix, option_table[i].name);
    return out->len > before;
}

static void general_options(struct buf *out, const char *prefix)
{
    for (int i = 0; i < OPT_COUNT; i++)
        if (is_general(i))
            buf_printf(out, "%s%s ", prefix, option_table[i].name);
}

/* A value in brackets may come later. */
static bool may_wait(int option)
{
    return option_table[option].value && option_table[option].value[0] == '[';
}

/* What is followed by a value in the next word; of what may wait for it, when that is no option. */
static void valued_options(struct buf *out, bool waits)
{
    for (int i = 0; i < OPT_COUNT; i++) {
        if (!option_table[i].value || may_wait(i) != waits)
            continue;
        buf_printf(out, "--%s ", option_table[i].name);
        if (option_table[i].letter)
            buf_printf(out, "-%c ", option_table[i].letter);
    }
}

/* The commands of two words, in single quotes: the others are one word, or none. */
static void two_words(struct buf *out)
{
    for (int i = 1; i < CMD_COUNT; i++)
        if (strchr(subcommand_table[i].words, ' '))
            buf_printf(out, "'%s' ", subcommand_table[i].words);
}

static void choices(struct buf *out, const char *values)
{
    struct str rest = str_of(values);
    struct str word;
    while (str_split(&rest, '|', &word))
        buf_printf(out, "%.*s ", STR_ARG(word));
}

/* Names may have blanks, so each line is one; readline quotes what it knows to be a file name. */
static void bash_paths(struct buf *out, char kind)
{
    buf_printf(out,
               " mapfile -t COMPREPLY < <(compgen -%c -- \"$cur\");"
               " compopt -o filenames 2>/dev/null;",
               kind);
}

/* $at: the words of the line that are no options, and an empty one for an option whose value may be one of
 * them; $command: the row of the table that they are. */
static void bash_place(struct buf *out)
{
    buf_puts(out, "_tau() {\n"
                  "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
                  "    [[ $cur != = ]] || cur=\n"
                  "    [[ $prev != = ]] || prev=${COMP_WORDS[COMP_CWORD-2]}\n"
                  "    local i at=() valued=\" ");
    valued_options(out, false);
    buf_puts(out, "\" waits=\" ");
    valued_options(out, true);
    buf_puts(out, "\"\n"
                  "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
                  "        if [[ ${COMP_WORDS[i+1]} == = ]]; then\n"
                  "            ((i += 2))\n"
                  "        elif [[ $valued == *\" ${COMP_WORDS[i]} \"* ]]; then\n"
                  "            ((i += 1))\n"
                  "        elif [[ $waits == *\" ${COMP_WORDS[i]} \"* ]]; then\n"
                  "            at+=('')\n"
                  "            [[ ${COMP_WORDS[i+1]} == -* ]] || ((i += 1))\n"
                  "        elif [[ ${COMP_WORDS[i]} != -* ]]; then\n"
                  "            at+=(\"${COMP_WORDS[i]}\")\n"
                  "        fi\n"
                  "    done\n"
                  "    local command=${at[0]}\n"
                  "    for i in ");
    two_words(out);
    buf_puts(out, "; do\n        [[ $i != \"${at[0]} ${at[1]}\" ]] || command=$i\n    done\n");
}

static void bash_options(struct buf *out)
{
    buf_puts(out, "    if [[ $cur == -* ]]; then\n        local own=\n        case $command in\n");
    for (int i = 0; i < CMD_COUNT; i++) {
        CLEANUP(buf_free) struct buf names = BUF_OWN;
        if (own_options(&names, i, "--"))
            buf_printf(out, "        \"%s\") own=\"%s\" ;;\n", subcommand_table[i].words, buf_cstr(&names));
    }
    buf_puts(out, "        esac\n        COMPREPLY=($(compgen -W \"$own ");
    general_options(out, "--");
    buf_puts(out, "\" -- \"$cur\"))\n        return\n    fi\n");
}

static void bash(struct buf *out)
{
    bash_place(out);
    buf_puts(out, "    COMPREPLY=()\n    case $prev in\n");
    for (int i = 0; i < OPT_COUNT; i++) {
        const struct option_desc *d = &option_table[i];
        if (!d->value)
            continue;
        buf_puts(out, "    ");
        if (d->letter)
            buf_printf(out, "-%c | ", d->letter);
        buf_printf(out, "--%s)%s", d->name, may_wait(i) ? " [[ $cur == -* ]] ||" : "");
        if (strcmp(d->values, "FILE") == 0) {
            bash_paths(out, 'f');
        } else if (strcmp(d->values, "DIR") == 0) {
            bash_paths(out, 'd');
        } else if (strchr(d->values, '|')) {
            buf_puts(out, " COMPREPLY=($(compgen -W \"");
            choices(out, d->values);
            buf_puts(out, "\" -- \"$cur\"));");
        }
        buf_puts(out, " return ;;\n");
    }
    buf_puts(out, "    esac\n");
    bash_options(out);
    buf_puts(out, "    [[ ${#at[@]} == 1 ]] && case ${at[0]} in\n");
    for (int i = 1; i < CMD_COUNT; i++) {
        struct str rest = str_of(subcommand_table[i].words);
        struct str word;
        if (!str_split(&rest, ' ', &word) || has_command_before(i, word))
            continue;
        buf_printf(out, "    %.*s)", STR_ARG(word));
        if (wants_file(i, false)) {
            bash_paths(out, 'f');
            buf_putc(out, ';');
        } else {
            buf_puts(out, " COMPREPLY=($(compgen -W \"");
            second_words(out, word);
            buf_puts(out, "\" -- \"$cur\")) ;;");
        }
        buf_putc(out, '\n');
    }
    buf_puts(out, "    esac\n    [[ ${#at[@]} == 2 ]] && case \"${at[0]} ${at[1]}\" in\n");
    for (int i = 1; i < CMD_COUNT; i++) {
        CLEANUP(buf_free) struct buf words = BUF_OWN;
        if (wants_file(i, true)) {
            buf_printf(out, "    \"%s\")", subcommand_table[i].words);
            bash_paths(out, 'f');
            buf_puts(out, ";\n");
        } else if (third_words(&words, i))
            buf_printf(out, "    \"%s\") COMPREPLY=($(compgen -W \"%s\" -- \"$cur\")) ;;\n",
                       subcommand_table[i].words, buf_cstr(&words));
    }
    buf_puts(out, "    esac\n    [[ ${#at[@]} == 0 ]] && COMPREPLY=($(compgen -W \"");
    first_words(out);
    buf_puts(out, "\" -- \"$cur\"))\n}\ncomplete -F _tau tau\n");
}

/* Text inside single quotes of zsh's and fish's specifications. */
static void quoted(struct buf *out, const char *text, const char *special)
{
    for (const char *p = text; *p; p++) {
        if (*p == '\'')
            buf_puts(out, "'\\''");
        else if (strchr(special, *p))
            buf_printf(out, "\\%c", *p);
        else
            buf_putc(out, *p);
    }
}

/* One option for _arguments: its letter and its name exclude each other. */
static void zsh_option(struct buf *out, const struct option_desc *d)
{
    if (d->letter)
        buf_printf(out, "'(-%c --%s)'{-%c,--%s}'[", d->letter, d->name, d->letter, d->name);
    else
        buf_printf(out, "'--%s[", d->name);
    quoted(out, d->help, "[]\\");
    buf_putc(out, ']');
    if (d->value)
        buf_printf(out, "%s:%s:", d->value[0] == '[' ? ":" : "", d->name);
    if (strcmp(d->values, "FILE") == 0) {
        buf_puts(out, "_files");
    } else if (strcmp(d->values, "DIR") == 0) {
        buf_puts(out, "_files -/");
    } else if (strchr(d->values, '|')) {
        buf_putc(out, '(');
        choices(out, d->values);
        buf_putc(out, ')');
    }
    buf_putc(out, '\'');
}

/* $at and $command as in bash; $own: the options of the command, and $specs: what they are. */
static void zsh_place(struct buf *out)
{
    buf_puts(out, "#compdef tau\n_tau() {\n"
                  "    local -a at own specs valued=(");
    valued_options(out, false);
    buf_puts(out, ") waits=(");
    valued_options(out, true);
    buf_puts(out, ")\n    local i command state line\n"
                  "    for ((i = 2; i < CURRENT; i++)); do\n"
                  "        if (( $valued[(Ie)$words[i]] )); then\n"
                  "            ((i += 1))\n"
                  "        elif (( $waits[(Ie)$words[i]] )); then\n"
                  "            at+=('')\n"
                  "            [[ $words[i+1] == -* ]] || ((i += 1))\n"
                  "        elif [[ $words[i] != -* ]]; then\n"
                  "            at+=($words[i])\n"
                  "        fi\n"
                  "    done\n"
                  "    command=$at[1]\n"
                  "    for i in ");
    two_words(out);
    buf_puts(out, "; do\n        [[ $i != \"$at[1] $at[2]\" ]] || command=$i\n    done\n    case $command in\n");
    for (int i = 0; i < CMD_COUNT; i++) {
        CLEANUP(buf_free) struct buf names = BUF_OWN;
        if (own_options(&names, i, ""))
            buf_printf(out, "    '%s') own=(%s) ;;\n", subcommand_table[i].words, buf_cstr(&names));
    }
    buf_puts(out, "    esac\n    for i in $own ");
    general_options(out, "");
    buf_puts(out, "; do case $i in\n");
    for (int i = 0; i < OPT_COUNT; i++) {
        buf_printf(out, "    %s) specs+=(", option_table[i].name);
        zsh_option(out, &option_table[i]);
        buf_puts(out, ") ;;\n");
    }
    buf_puts(out, "    esac; done\n");
}

static void zsh(struct buf *out)
{
    zsh_place(out);
    buf_puts(out, "    _arguments -s $specs '1:command:(");
    first_words(out);
    buf_puts(out, ")' '2:word:->second' '3:word:->third'\n    case $state in\n    second) case $at[1] in\n");
    for (int i = 1; i < CMD_COUNT; i++) {
        struct str rest = str_of(subcommand_table[i].words);
        struct str word;
        if (!str_split(&rest, ' ', &word) || has_command_before(i, word))
            continue;
        buf_printf(out, "    %.*s) %s ", STR_ARG(word), wants_file(i, false) ? "_files" : "compadd");
        second_words(out, word);
        buf_puts(out, ";;\n");
    }
    buf_puts(out, "    esac ;;\n    third) case \"$at[1] $at[2]\" in\n");
    for (int i = 1; i < CMD_COUNT; i++) {
        CLEANUP(buf_free) struct buf words = BUF_OWN;
        if (wants_file(i, true))
            buf_printf(out, "    \"%s\") _files ;;\n", subcommand_table[i].words);
        else if (third_words(&words, i))
            buf_printf(out, "    \"%s\") compadd %s;;\n", subcommand_table[i].words, buf_cstr(&words));
    }
    buf_puts(out, "    esac ;;\n    esac\n}\n_tau \"$@\"\n");
}

/* __tau_at: the words of the line that are no options, and one that is no command for an option whose value
 * may be one of them; __tau_on: is one of these the command that they are? __tau_after: are they just these? */
static void fish_place(struct buf *out)
{
    buf_puts(out, "function __tau_at\n    set -l value no\n    for word in (commandline -opc)[2..-1]\n"
                  "        set -l before $value\n        set value no\n"
                  "        if test $before = yes\n            continue\n"
                  "        else if test $before = maybe; and not string match -q -- '-*' $word\n"
                  "            continue\n"
                  "        else if contains -- $word ");
    valued_options(out, false);
    buf_puts(out, "\n            set value yes\n        else if contains -- $word ");
    valued_options(out, true);
    buf_puts(out, "\n            set value maybe\n            printf '%s\\n' -p\n"
                  "        else if not string match -q -- '-*' $word\n            echo $word\n"
                  "        end\n    end\nend\n"
                  "function __tau_on\n    set -l at (__tau_at)\n    set -l command \"$at[1]\"\n"
                  "    if contains -- \"$at[1..2]\" ");
    two_words(out);
    buf_puts(out, "\n        set command \"$at[1..2]\"\n    else if test \"$command\" = -p\n"
                  "        set command ''\n    end\n"
                  "    contains -- \"$command\" $argv\nend\n"
                  "function __tau_after\n    set -l at (__tau_at)\n    test \"$at\" = \"$argv\"\nend\n");
}

static void fish_option(struct buf *out, int option)
{
    const struct option_desc *d = &option_table[option];
    buf_printf(out, "complete -c tau -l %s", d->name);
    if (d->letter)
        buf_printf(out, " -s %c", d->letter);
    if (!is_general(option)) {
        buf_puts(out, " -n \"__tau_on");
        for (int i = 0; i < CMD_COUNT; i++)
            if (option_on((enum option_id)option, (enum command_id)i))
                buf_printf(out, " '%s'", subcommand_table[i].words);
        buf_putc(out, '"');
    }
    if (d->value)
        buf_puts(out, strcmp(d->values, "FILE") == 0 ? " -r -F" : may_wait(option) ? " -f" : " -x");
    if (strcmp(d->values, "DIR") == 0)
        buf_puts(out, " -a '(__fish_complete_directories)'");
    if (strchr(d->values, '|')) {
        buf_puts(out, " -a '");
        choices(out, d->values);
        buf_putc(out, '\'');
    }
    buf_puts(out, " -d '");
    quoted(out, d->help, "\\");
    buf_puts(out, "'\n");
}

static void fish(struct buf *out)
{
    fish_place(out);
    for (int i = 0; i < OPT_COUNT; i++)
        fish_option(out, i);
    buf_puts(out, "complete -c tau -f -n __tau_after -a '");
    first_words(out);
    buf_puts(out, "'\n");
    for (int i = 1; i < CMD_COUNT; i++) {
        struct str rest = str_of(subcommand_table[i].words);
        struct str word;
        if (!str_split(&rest, ' ', &word) || has_command_before(i, word))
            continue;
        buf_printf(out, "complete -c tau %s -n '__tau_after %.*s' -a '", wants_file(i, false) ? "-F" : "-f", STR_ARG(word));
        second_words(out, word);
        buf_puts(out, "'\n");
    }
    for (int i = 1; i < CMD_COUNT; i++) {
        CLEANUP(buf_free) struct buf words = BUF_OWN;
        if (wants_file(i, true))
            buf_printf(out, "complete -c tau -F -n '__tau_after %s'\n", subcommand_table[i].words);
        else if (third_words(&words, i))
            buf_printf(out, "complete -c tau -f -n '__tau_after %s' -a '%s'\n", subcommand_table[i].words,
                       buf_cstr(&words));
    }
}

bool completion_write(struct buf *out, const char *shell)
{
    static const struct {
        const char *name;
        void (*write)(struct buf *out);
    } shells[] = {{"bash", bash}, {"zsh", zsh}, {"fish", fish}};
    for (size_t i = 0; i < ARRAY_LEN(shells); i++)
        if (strcmp(shells[i].name, shell) == 0) {
            shells[i].write(out);
            return true;
        }
    return false;
}
