/* SPDX-License-Identifier: MIT
 *
 * docgen_console: keys and commands of the console for the manual, from the console's own tables.
 */
#include "cli/docgen.h"

#include "contract/verbs.h"
#include "ui/vm/command.h"

#include <string.h>

/* A backslash, and what mdoc would take for a macro, between the words of a heading. */
static void heading(struct buf *out, const char *s)
{
    for (; *s; s++) {
        if (*s == '\\')
            buf_puts(out, "\\e");
        else if (strchr(".:;()[]?!|,", *s))
            buf_printf(out, "\\&%c", *s);
        else if (*s == '^')
            buf_puts(out, "\\(ha");
        else
            buf_putc(out, *s);
    }
}

void docgen_console_commands(struct buf *out)
{
    buf_puts(out, ".Bl -tag -width Ds\n");
    for (enum command c = CMD_NONE + 1; c < CMD_COUNT; c++) {
        const struct command_desc *d = &command_table[c];
        if (d->kind != COMMAND_SAY)
            continue;
        buf_puts(out, ".It Ic ");
        heading(out, d->name);
        buf_puts(out, d->args[0] ? " Ar " : "");
        heading(out, d->args);
        buf_printf(out, "\n%s\n", d->help);
    }
    for (size_t i = 0; i < verb_aliases_n; i++) {
        enum command c;
        struct str rest;
        struct err e = ERR_INIT;
        /* A command of the console may have the name. */
        if (!command_parse(str_of(verb_aliases[i].name), &c, &rest, &e) ||
            strcmp(command_table[c].name, verb_aliases[i].name) == 0)
            continue;
        buf_puts(out, ".It Ic ");
        heading(out, verb_aliases[i].name);
        buf_puts(out, "\nas ");
        heading(out, command_table[c].name);
        buf_putc(out, '\n');
    }
    buf_puts(out, ".El\n");
}

/* All keys of a command in a context; false when an earlier row has said them. */
static bool keys_of(struct buf *out, size_t at)
{
    const struct binding *b = &bindings[at];
    for (size_t i = 0; i < bindings_n; i++) {
        if (bindings[i].context != b->context || bindings[i].command != b->command)
            continue;
        if (i < at)
            return false;
        CLEANUP(buf_free) struct buf name = BUF_OWN;
        key_name(bindings[i].key, &name);
        buf_puts(out, i == at ? ".It " : " , ");
        heading(out, buf_cstr(&name));
    }
    buf_putc(out, '\n');
    return true;
}

void docgen_keys(struct buf *out)
{
    for (int c = 0; c < CONTEXT_COUNT; c++) {
        buf_printf(out, "%s%c%s:\n.Bl -tag -width 16n -compact\n", c > 0 ? ".Pp\n" : "",
                   context_titles[c][0] - 'a' + 'A', context_titles[c] + 1);
        for (size_t i = 0; i < bindings_n; i++) {
            if (bindings[i].context == (enum context)c && keys_of(out, i))
                buf_printf(out, "%s\n", command_table[bindings[i].command].help);
        }
        buf_puts(out, ".El\n");
    }
}
