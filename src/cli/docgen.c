/* SPDX-License-Identifier: MIT
 *
 * docgen TEMPLATE: writes a manual page: the template with every line "@name@" replaced by what the
 * tables say. A build tool; it is linked with the same tables as tau itself, so that the manual can
 * not say anything else.
 */
#include "cli/docgen.h"
#include "base/buf.h"
#include "base/fs.h"
#include "cli/options.h"
#include "contract/action.h"
#include "contract/event.h"
#include "contract/record.h"
#include "contract/settings.h"
#include "contract/states.h"
#include "model/provider.h"
#include "policy/policy.h"
#include "tool/call.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { TEMPLATE_MAX = 1 << 20 };

/* Text of the tables in mdoc(7): a control character at the start of a line and a backslash would
 * be read as requests. */
static void text(struct buf *out, const char *s)
{
    for (const char *p = s; *p; p++) {
        if (*p == ' ' && p > s && strchr(".?!", p[-1]) && p[1] >= 'A' && p[1] <= 'Z')
            buf_putc(out, '\n'); /* a sentence begins a line */
        else if (*p == '\\')
            buf_puts(out, "\\e");
        else if ((*p == '.' || *p == '\'') && (p == s || p[-1] == '\n'))
            buf_printf(out, "\\&%c", *p);
        else
            buf_putc(out, *p);
    }
    buf_putc(out, '\n');
}

static void list(struct buf *out)
{
    buf_puts(out, ".Bl -tag -width Ds\n");
}

static void end(struct buf *out)
{
    buf_puts(out, ".El\n");
}

static void commands(struct buf *out)
{
    list(out);
    for (int i = 1; i < CMD_COUNT; i++) {
        buf_printf(out, ".It Ic %s %s\n", subcommand_table[i].words, subcommand_table[i].args);
        text(out, subcommand_table[i].help);
    }
    end(out);
}

static void options(struct buf *out)
{
    for (int g = 0; g < GROUP_COUNT; g++) {
        buf_printf(out, ".Ss %s\n", option_groups[g]);
        list(out);
        for (int i = 0; i < OPT_COUNT; i++) {
            const struct option_desc *d = &option_table[i];
            if (d->group != (enum option_group)g)
                continue;
            buf_puts(out, ".It ");
            if (d->letter)
                buf_printf(out, "Fl %c , ", d->letter);
            buf_printf(out, "Fl Fl %s", d->name);
            if (d->value && d->value[0] == '[')
                buf_printf(out, " Op Ar %.*s", (int)strcspn(d->value + 1, "]"), d->value + 1);
            else if (d->value)
                buf_printf(out, " Ar %s", d->value);
            buf_putc(out, '\n');
            text(out, d->help);
            if (strchr(d->values, '|'))
                buf_printf(out, "One of %s.\n", d->values);
            if (d->setting != SET_COUNT)
                buf_printf(out, "Setting: %s.%s.\n", setting_table[d->setting].section,
                           setting_table[d->setting].key);
        }
        end(out);
    }
}

static void exit_codes(struct buf *out)
{
    list(out);
    for (int code = 1; code < 256; code++) {
        bool first = true;
        for (int i = 1; i < ERR_COUNT; i++) {
            if (err_code_exit((enum err_code)i) != code)
                continue;
            if (first)
                buf_printf(out, ".It %d\n", code);
            buf_printf(out, "%s%s", first ? "" : ",\n", err_code_name((enum err_code)i));
            first = false;
        }
        if (!first)
            buf_puts(out, ".\n");
    }
    end(out);
}

static void environment(struct buf *out)
{
    list(out);
    for (int i = 0; i < OPT_COUNT; i++) {
        char name[64];
        if (!option_table[i].value)
            continue;
        option_env_name((enum option_id)i, name, sizeof(name));
        buf_printf(out, ".It Ev %s\nAs\n.Fl Fl %s .\n", name, option_table[i].name);
    }
    end(out);
}

static void settings(struct buf *out)
{
    const char *section = "";
    for (int i = 0; i < SET_COUNT; i++) {
        const struct setting_desc *d = &setting_table[i];
        if (strcmp(section, d->section) != 0) {
            if (section[0])
                end(out);
            section = d->section;
            buf_printf(out, ".Ss [%s]\n", section);
            list(out);
        }
        buf_printf(out, ".It Ic %s\n", d->key);
        text(out, d->help);
        if (d->type == SETTING_INT)
            buf_printf(out, "From %lld to %lld %s.\n", (long long)d->min, (long long)d->max,
                       d->unit);
        else if (d->unit[0])
            buf_printf(out, "Values: %s.\n", d->unit);
        buf_printf(out, "Default: %s.\n", d->fallback[0] ? d->fallback : "empty");
    }
    end(out);
}

static const char *const type_names[] = {
    [FIELD_STR] = "string",   [FIELD_I64] = "integer", [FIELD_F64] = "number",
    [FIELD_BOOL] = "bool",    [FIELD_JSON] = "JSON",   [FIELD_BODY] = "string",
    [FIELD_STRS] = "strings", [FIELD_LIST] = "list",
};

static void fields(struct buf *out, const struct field_set *set)
{
    if (set->n == 0)
        return;
    buf_puts(out, ".Bl -tag -width Ds -compact\n");
    for (size_t i = 0; i < set->n; i++) {
        const struct field *f = &set->fields[i];
        buf_printf(out, ".It Va %s No (%s%s)\n", f->name, type_names[f->type],
                   f->presence == FIELD_REQ ? "" : ", optional");
        text(out, f->doc);
        if (f->type == FIELD_LIST)
            fields(out, f->of);
    }
    end(out);
}

static void events(struct buf *out)
{
    list(out);
    for (int i = 1; i < EV_COUNT; i++) {
        buf_printf(out, ".It Sy %s%s\n", event_table[i].wire,
                   event_table[i].durable ? "" : " No (ephemeral)");
        text(out, event_table[i].doc);
        fields(out, &event_table[i].set);
    }
    end(out);
}

static void records(struct buf *out)
{
    list(out);
    for (int i = 0; i < REC_COUNT; i++) {
        buf_printf(out, ".It Sy %s\n", rec_table[i].section);
        buf_printf(out, "Each is %s; the newest %zu that ended are kept.\n", rec_table[i].doc,
                   rec_table[i].keep);
        fields(out, &rec_table[i].set);
    }
    end(out);
}

static void states(struct buf *out)
{
    list(out);
    for (size_t i = 0; i < state_edges_n; i++) {
        const struct state_edge *edge = &state_edges[i];
        buf_printf(out, ".It Sy %s\nfrom", event_table[edge->kind].wire);
        for (int s = 0; s < STATE_COUNT; s++)
            if (edge->from & (uint64_t)1 << s)
                buf_printf(out, " %s", s == STATE_NONE ? "nothing" : state_name((enum state_id)s));
        buf_printf(out, " to %s\n",
                   edge->to == STATE_SAME ? "the same state" : state_name(edge->to));
    }
    end(out);
}

static void actions(struct buf *out)
{
    list(out);
    for (int i = 0; i < ACT_COUNT; i++) {
        buf_printf(out, ".It Ic %s No (role %s%s)\n", action_table[i].name,
                   role_name(action_table[i].role),
                   action_table[i].confirm == CONFIRM_WORD ? ", asks for the word" : "");
        text(out, action_table[i].help);
        fields(out, &action_table[i].set);
    }
    end(out);
}

static void queries(struct buf *out)
{
    list(out);
    for (int i = 0; i < QRY_COUNT; i++) {
        const struct query_desc *d = &query_table[i];
        buf_printf(out, ".It Ic %s No (role %s, at most %lld rows)\n", d->name, role_name(d->role),
                   (long long)d->limit);
        text(out, d->help);
        fields(out, &d->args);
        buf_puts(out, "Rows:");
        for (size_t c = 0; c < d->n_columns; c++)
            buf_printf(out, "%s %s", c ? "," : "", d->columns[c].name);
        buf_puts(out, ".\n");
    }
    end(out);
}

static void reasons(struct buf *out)
{
    list(out);
    for (int i = 1; i < ERR_COUNT; i++) {
        enum err_code code = (enum err_code)i;
        struct err e = {.code = code};
        buf_printf(out, ".It Er %s No (exit %d, HTTP %d%s)\n", err_code_name(code),
                   err_code_exit(code), err_code_http(code),
                   err_code_retryable(code) ? ", may be tried again" : "");
        text(out, err_hint_text(&e)[0] ? err_hint_text(&e) : "No hint.");
    }
    end(out);
}

static void tools(struct buf *out)
{
    list(out);
    for (size_t i = 0; i < tool_table_n; i++) {
        buf_printf(out, ".It Ic %s\n", tool_table[i]->name);
        text(out, tool_table[i]->doc);
        fields(out, tool_table[i]->args);
    }
    end(out);
}

static void models(struct buf *out)
{
    list(out);
    for (size_t i = 0; i < provider_table_n; i++) {
        char name[PROVIDER_NAME_MAX];
        buf_printf(out, ".It Cm %s\n", provider_full_name(provider_table[i], name, sizeof(name)));
        text(out, provider_table[i]->doc);
    }
    end(out);
}

static const struct {
    const char *mark;
    void (*write)(struct buf *out);
} marks[] = {
    {"@commands@", commands},
    {"@options@", options},
    {"@exit-codes@", exit_codes},
    {"@environment@", environment},
    {"@settings@", settings},
    {"@events@", events},
    {"@records@", records},
    {"@states@", states},
    {"@actions@", actions},
    {"@queries@", queries},
    {"@reasons@", reasons},
    {"@tools@", tools},
    {"@models@", models},
    {"@keys@", docgen_keys},
    {"@console-commands@", docgen_console_commands},
};

int main(int argc, char **argv)
{
    struct err e = ERR_INIT;
    struct buf page = BUF_INIT(TEMPLATE_MAX);
    struct buf out = BUF_OWN;
    if (argc != 2 || !fs_read_file(argv[1], &page, &e)) {
        fprintf(stderr, "docgen: %s\n", argc != 2 ? "one template is expected" : e.message);
        return 1;
    }
    struct str rest = buf_view(&page);
    struct str line;
    while (str_line(&rest, &line)) {
        size_t i = 0;
        while (i < ARRAY_LEN(marks) && !str_is(line, marks[i].mark))
            i++;
        if (i < ARRAY_LEN(marks)) {
            marks[i].write(&out);
        } else {
            buf_str(&out, line);
            buf_putc(&out, '\n');
        }
    }
    bool ok = fs_write_all(STDOUT_FILENO, buf_view(&out), &e);
    buf_free(&page);
    buf_free(&out);
    return ok ? 0 : 1;
}
