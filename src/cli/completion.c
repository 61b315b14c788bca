/* SPDX-License-Identifier: MIT
 *
 * completion: scripts for bash, zsh and fish, from the tables. Each knows the subcommands, the
 * options, the choices of their values, and where a file or a directory is wanted.
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

static void bash(struct buf *out)
{
    buf_puts(out, "_tau() {\n"
                  "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
                  "    [[ $cur != = ]] || cur=\n"
                  "    [[ $prev != = ]] || prev=${COMP_WORDS[COMP_CWORD-2]}\n"
                  "    COMPREPLY=()\n"
                  "    case $prev in\n");
    for (int i = 0; i < OPT_COUNT; i++) {
        const struct option_desc *d = &option_table[i];
        if (!d->value)
            continue;
        buf_printf(out, "    --%s)", d->name);
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
    buf_puts(out, "    esac\n    if [[ $cur == -* ]]; then\n        COMPREPLY=($(compgen -W \"");
    for (int i = 0; i < OPT_COUNT; i++)
        buf_printf(out, "--%s ", option_table[i].name);
    buf_puts(out, "\" -- \"$cur\"))\n        return\n    fi\n    case ${COMP_WORDS[1]} in\n");
    for (int i = 1; i < CMD_COUNT; i++) {
        struct str rest = str_of(subcommand_table[i].words);
        struct str word;
        if (!str_split(&rest, ' ', &word) || has_command_before(i, word))
            continue;
        buf_printf(out, "    %.*s) [[ $COMP_CWORD == 2 ]] && COMPREPLY=($(compgen -W \"",
                   STR_ARG(word));
        second_words(out, word);
        buf_puts(out, "\" -- \"$cur\")) ;;\n");
    }
    buf_puts(out, "    esac\n    [[ $COMP_CWORD == 3 ]] && case \"${COMP_WORDS[1]} ${COMP_WORDS[2]}\" in\n");
    for (int i = 1; i < CMD_COUNT; i++) {
        CLEANUP(buf_free) struct buf words = BUF_OWN;
        if (third_words(&words, i))
            buf_printf(out, "    \"%s\") COMPREPLY=($(compgen -W \"%s\" -- \"$cur\")) ;;\n",
                       subcommand_table[i].words, buf_cstr(&words));
    }
    buf_puts(out, "    esac\n    case ${COMP_WORDS[1]} in\n    *) [[ $COMP_CWORD == 1 ]] && COMPREPLY=($(compgen -W \"");
    first_words(out);
    buf_puts(out, "\" -- \"$cur\")) ;;\n    esac\n}\ncomplete -F _tau tau\n");
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

static void zsh(struct buf *out)
{
    buf_puts(out, "#compdef tau\n_tau() {\n    local -a commands\n    _arguments -s \\\n");
    for (int i = 0; i < OPT_COUNT; i++) {
        const struct option_desc *d = &option_table[i];
        if (d->letter)
            buf_printf(out, "        '(-%c --%s)'{-%c,--%s}'[", d->letter, d->name, d->letter,
                       d->name);
        else
            buf_printf(out, "        '--%s[", d->name);
        quoted(out, d->help, "[]\\");
        buf_putc(out, ']');
        if (d->value)
            buf_printf(out, ":%s:", d->name);
        if (strcmp(d->values, "FILE") == 0) {
            buf_puts(out, "_files");
        } else if (strcmp(d->values, "DIR") == 0) {
            buf_puts(out, "_files -/");
        } else if (strchr(d->values, '|')) {
            buf_putc(out, '(');
            choices(out, d->values);
            buf_putc(out, ')');
        }
        buf_puts(out, "' \\\n");
    }
    buf_puts(out, "        '1:command:(");
    first_words(out);
    buf_puts(out,
             ")' '2:word:->second' '3:word:->third'\n    case $state in\n    second) case $words[2] in\n");
    for (int i = 1; i < CMD_COUNT; i++) {
        struct str rest = str_of(subcommand_table[i].words);
        struct str word;
        if (!str_split(&rest, ' ', &word) || has_command_before(i, word))
            continue;
        buf_printf(out, "    %.*s) compadd ", STR_ARG(word));
        second_words(out, word);
        buf_puts(out, ";;\n");
    }
    buf_puts(out, "    esac ;;\n    third) case \"$words[2] $words[3]\" in\n");
    for (int i = 1; i < CMD_COUNT; i++) {
        CLEANUP(buf_free) struct buf words = BUF_OWN;
        if (third_words(&words, i))
            buf_printf(out, "    \"%s\") compadd %s;;\n", subcommand_table[i].words, buf_cstr(&words));
    }
    buf_puts(out, "    esac ;;\n    esac\n}\n_tau \"$@\"\n");
}

static void fish(struct buf *out)
{
    for (int i = 0; i < OPT_COUNT; i++) {
        const struct option_desc *d = &option_table[i];
        buf_printf(out, "complete -c tau -l %s", d->name);
        if (d->letter)
            buf_printf(out, " -s %c", d->letter);
        if (d->value)
            buf_puts(out, strcmp(d->values, "FILE") == 0 ? " -r -F" : " -x");
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
    buf_puts(out, "complete -c tau -f -n __fish_use_subcommand -a '");
    first_words(out);
    buf_puts(out, "'\n");
    for (int i = 1; i < CMD_COUNT; i++) {
        struct str rest = str_of(subcommand_table[i].words);
        struct str word;
        if (!str_split(&rest, ' ', &word) || has_command_before(i, word))
            continue;
        buf_printf(out, "complete -c tau -f -n '__fish_seen_subcommand_from %.*s' -a '",
                   STR_ARG(word));
        second_words(out, word);
        buf_puts(out, "'\n");
    }
    for (int i = 1; i < CMD_COUNT; i++) {
        CLEANUP(buf_free) struct buf words = BUF_OWN;
        struct str rest = str_of(subcommand_table[i].words);
        struct str word;
        if (third_words(&words, i) && str_split(&rest, ' ', &word))
            buf_printf(out,
                       "complete -c tau -f -n '__fish_seen_subcommand_from %.*s; and "
                       "__fish_seen_subcommand_from %.*s' -a '%s'\n",
                       STR_ARG(word), STR_ARG(rest), buf_cstr(&words));
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
