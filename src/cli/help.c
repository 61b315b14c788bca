/* SPDX-License-Identifier: MIT
 *
 * help: what --help says, from the tables.
 */
#include "cli/help.h"

#include "base/err.h"
#include "model/provider.h"
#include "text/wrap.h"

#include <stdio.h>
#include <string.h>

enum { COLUMNS = 79, TEXT_AT = 28 };

/* A term at the left, its text wrapped at TEXT_AT; a long term has its text on the next line. */
static void item(struct buf *out, const char *term, const char *text)
{
    struct str rest = str_of(text);
    struct str row;
    size_t at = strlen(term) + 2;
    buf_printf(out, "  %s", term);
    bool first = true;
    while (wrap_row(&rest, COLUMNS - TEXT_AT, &row)) {
        if (!first || at + 1 > TEXT_AT) {
            buf_putc(out, '\n');
            at = 0;
        }
        buf_fill(out, ' ', TEXT_AT - at);
        buf_str(out, row);
        first = false;
    }
    buf_putc(out, '\n');
}

static void option_term(const struct option_desc *d, char *buf, size_t size)
{
    char letter[8] = "    ";
    if (d->letter)
        snprintf(letter, sizeof(letter), "-%c, ", d->letter);
    snprintf(buf, size, "%s--%s%s%s", letter, d->name, d->value ? " " : "",
             d->value ? d->value : "");
}

static void option_text(const struct option_desc *d, struct buf *text)
{
    buf_clear(text);
    buf_puts(text, d->help);
    if (strchr(d->values, '|'))
        buf_printf(text, " (%s)", d->values);
    if (d->setting != SET_COUNT)
        buf_printf(text, "; setting %s.%s", setting_table[d->setting].section,
                   setting_table[d->setting].key);
}

static void options_of_group(struct buf *out, enum option_group g, command_set commands)
{
    struct buf text = BUF_OWN;
    bool any = false;
    for (int i = 0; i < OPT_COUNT; i++) {
        const struct option_desc *d = &option_table[i];
        char term[100];
        if (d->group != g || (d->on & commands) == 0)
            continue;
        if (!any)
            buf_printf(out, "\n%s:\n", option_groups[g]);
        any = true;
        option_term(d, term, sizeof(term));
        option_text(d, &text);
        item(out, term, buf_cstr(&text));
    }
    buf_free(&text);
}

static void overview(struct buf *out)
{
    buf_puts(out, "tau: an operator console for AI agents\n\n"
                  "  tau [OPTIONS]                the console\n"
                  "  tau -p TEXT [OPTIONS]        one turn, its answer on standard output\n"
                  "  tau COMMAND [OPTIONS]\n\nCommands:\n");
    for (int i = 1; i < CMD_COUNT; i++) {
        char term[100];
        snprintf(term, sizeof(term), "%s%s%s", subcommand_table[i].words,
                 subcommand_table[i].args[0] ? " " : "", subcommand_table[i].args);
        item(out, term, subcommand_table[i].help);
    }
    for (int g = 0; g < GROUP_COUNT; g++)
        options_of_group(out, (enum option_group)g, COMMAND_ALL);
    buf_puts(out,
             "\nAn option that has a value is also read from TAU_NAME in the environment, by the\n"
             "commands that take it.\n"
             "Topics of --help: exit-codes, models, settings. The manual is tau(1).\n");
}

static void exit_codes(struct buf *out)
{
    static const struct {
        int code;
        const char *text;
    } meanings[] = {
        {0, "the turn completed"},
        {1, "the turn failed"},
        {2, "the command line, a name or a value is wrong"},
        {3, "blocked by policy or safety"},
        {4, "a budget is used up"},
        {5, "timed out"},
        {6, "the model's provider failed"},
        {130, "interrupted"},
    };
    for (size_t i = 0; i < ARRAY_LEN(meanings); i++) {
        struct buf text = BUF_OWN;
        char term[16];
        bool first = true;
        snprintf(term, sizeof(term), "%d", meanings[i].code);
        buf_puts(&text, meanings[i].text);
        for (int code = 1; code < ERR_COUNT; code++)
            if (err_code_exit((enum err_code)code) == meanings[i].code) {
                buf_printf(&text, "%s%s", first ? ": " : ", ", err_code_name((enum err_code)code));
                first = false;
            }
        item(out, term, buf_cstr(&text));
        buf_free(&text);
    }
}

static void models(struct buf *out)
{
    for (size_t i = 0; i < provider_table_n; i++) {
        char name[PROVIDER_NAME_MAX];
        item(out, provider_full_name(provider_table[i], name, sizeof(name)),
             provider_table[i]->doc);
    }
}

static void settings(struct buf *out)
{
    for (int i = 0; i < SET_COUNT; i++) {
        const struct setting_desc *d = &setting_table[i];
        struct buf text = BUF_OWN;
        char term[100];
        snprintf(term, sizeof(term), "%s.%s", d->section, d->key);
        buf_printf(&text, "%s (%s%s%s)", d->help, d->unit, d->unit[0] ? "; " : "",
                   d->fallback[0] ? d->fallback : "empty");
        item(out, term, buf_cstr(&text));
        buf_free(&text);
    }
}

bool help_write(struct buf *out, const char *topic)
{
    static const struct {
        const char *name;
        void (*write)(struct buf *out);
    } topics[] = {{"exit-codes", exit_codes}, {"models", models}, {"settings", settings}};
    if (!topic) {
        overview(out);
        return true;
    }
    for (size_t i = 0; i < ARRAY_LEN(topics); i++)
        if (strcmp(topics[i].name, topic) == 0) {
            topics[i].write(out);
            return true;
        }
    return false;
}

void help_command(struct buf *out, enum command_id id)
{
    const struct command_desc *c = &subcommand_table[id];
    struct str rest = str_of(c->help);
    struct str row;
    buf_printf(out, "tau %s%s%s\n\n", c->words, c->args[0] ? " " : "", c->args);
    while (wrap_row(&rest, COLUMNS - 2, &row))
        buf_printf(out, "  %.*s\n", STR_ARG(row));
    for (int g = 0; g < GROUP_COUNT; g++)
        options_of_group(out, (enum option_group)g, (command_set)1 << id);
}

bool help_commands(struct buf *out, struct str first)
{
    bool any = false;
    for (int i = 1; i < CMD_COUNT; i++) {
        struct str rest = str_of(subcommand_table[i].words);
        struct str word;
        if (!str_split(&rest, ' ', &word) || !str_eq(word, first))
            continue;
        if (any)
            buf_putc(out, '\n');
        any = true;
        help_command(out, (enum command_id)i);
    }
    return any;
}
