/* SPDX-License-Identifier: MIT
 *
 * command: the tables of commands and keys.
 */
#include "ui/vm/command.h"

#include "contract/verbs.h"
#include "text/fuzzy.h"
#include "text/utf8.h"

#include <stdlib.h>
#include <string.h>

enum { NAMES_MAX = 1000, NAME_SAID = 40 };

const struct command_desc command_table[CMD_COUNT] = {
    [CMD_NONE] = {"", "", "", COMMAND_KEY, EDIT_OPS},
#define COMMAND(id, lc, wire, arguments, what, text)                                               \
    [CMD_##id] = {wire, arguments, text, COMMAND_##what, EDIT_OPS},
#define EDITING(id, op, wire, text) [CMD_EDIT_##id] = {wire, "", text, COMMAND_EDITING, EDIT_##op},
#include "ui/vm/commands.def"
#undef COMMAND
#undef EDITING
};

const char *const context_titles[CONTEXT_COUNT] = {
#define CONTEXT(id, title) [CONTEXT_##id] = title,
#define BIND(where, mods, code, what, hint)
#include "ui/vm/bindings.def"
#undef CONTEXT
#undef BIND
};

/* Bindings name commands and editing rows alike; both meet here. */
enum {
#define COMMAND(id, lc, wire, arguments, what, text) BOUND_##id = CMD_##id,
#define EDITING(id, op, wire, text) BOUND_##id = CMD_EDIT_##id,
#include "ui/vm/commands.def"
#undef COMMAND
#undef EDITING
};

const struct binding bindings[] = {
#define CONTEXT(id, title)
#define BIND(where, mods, code, what, hint)                                                        \
    {CONTEXT_##where, {code, mods}, (enum command)BOUND_##what, hint},
#include "ui/vm/bindings.def"
#undef CONTEXT
#undef BIND
};
const size_t bindings_n = ARRAY_LEN(bindings);

static const enum command of_verb[VERB_COUNT] = {
#define VERB(id, lc, words, name, args, min, max, how, help) [VERB_##id] = CMD_VERB_##id,
#include "contract/verbs.def"
#undef VERB
};

bool command_confirms(enum command c)
{
    for (size_t i = 0; i < VERB_COUNT; i++)
        if (of_verb[i] == c)
            return verb_table[i].how == VERB_CONFIRMS;
    return false;
}

enum command binding_find(enum context context, struct key key)
{
    for (size_t i = 0; i < bindings_n; i++) {
        if (bindings[i].context == context && key_eq(bindings[i].key, key))
            return bindings[i].command;
    }
    return CMD_NONE;
}

static enum command find(struct str name)
{
    for (enum command c = CMD_NONE + 1; c < CMD_COUNT; c++) {
        if (str_is(name, command_table[c].name))
            return c;
    }
    enum verb_id verb = verb_of_name(name);
    if (verb != VERB_COUNT)
        return of_verb[verb];
    /* The start of a name: the first row that has it, so that the order of the table decides. */
    for (enum command c = CMD_NONE + 1; c < CMD_COUNT; c++) {
        struct str full = str_of(command_table[c].name);
        if (command_table[c].kind == COMMAND_SAY && name.n > 0 && name.n < full.n &&
            str_eq(str_sub(full, 0, name.n), name))
            return c;
    }
    return CMD_NONE;
}

static const char *nearest(struct str name)
{
    const char *names[CMD_COUNT + VERB_ALIASES_MAX];
    size_t n = 0;
    for (enum command c = CMD_NONE + 1; c < CMD_COUNT; c++) {
        if (command_table[c].kind == COMMAND_SAY)
            names[n++] = command_table[c].name;
    }
    for (size_t i = 0; i < verb_aliases_n; i++)
        names[n++] = verb_aliases[i].name;
    return fuzzy_nearest(name, names, n);
}

bool command_is(struct str line)
{
    struct str rest;
    line = str_trim(line);
    ssize_t blank = str_index(line, ' ');
    struct str name = str_sub(line, 0, blank < 0 ? line.n : (size_t)blank);
    if (verb_of_words(line, &rest) != VERB_COUNT || verb_of_name(name) != VERB_COUNT)
        return true;
    for (enum command c = CMD_NONE + 1; c < CMD_COUNT; c++)
        if (str_is(name, command_table[c].name))
            return true;
    return false;
}

bool command_parse(struct str line, enum command *ret_command, struct str *ret_args, struct err *e)
{
    line = str_trim(line);
    ssize_t blank = str_index(line, ' ');
    struct str name = blank < 0 ? line : str_sub(line, 0, (size_t)blank);
    struct str args = blank < 0 ? STR("") : str_trim(str_sub(line, (size_t)blank, line.n));
    enum verb_id verb = verb_of_words(line, &args);
    enum command c = verb != VERB_COUNT ? of_verb[verb] : find(name);
    if (c == CMD_NONE) {
        const char *near = nearest(name);
        return err_set(e, ERR_USAGE, "there is no command :%.*s%s%s%s", STR_ARG(utf8_clip(name, NAME_SAID)),
                       near ? "; the nearest is :" : "", near ? near : "",
                       near ? "" : "; :help lists them");
    }
    *ret_command = c;
    *ret_args = args;
    return true;
}

/* ---- completion ---- */

void name_list_done(struct name_list *l)
{
    for (size_t i = 0; i < l->names.n; i++)
        free(l->names.v[i]);
    free(l->names.v);
    *l = (struct name_list){0};
}

void name_list_add(struct name_list *l, const char *name)
{
    if (l->names.n < NAMES_MAX)
        VEC_PUSH(&l->names, mem_strdup(name));
}

void names_filter(struct name_list *l, struct str word)
{
    if (word.n == 0)
        return;
    int *scores = mem_array(MAX(l->names.n, (size_t)1), sizeof(int));
    size_t n = 0;
    for (size_t i = 0; i < l->names.n; i++) {
        char *name = l->names.v[i];
        int score = fuzzy_score(word, str_of(name));
        if (score <= 0) {
            free(name);
            continue;
        }
        /* Kept sorted; equals stay in the order of the table. */
        size_t at = n++;
        while (at > 0 && scores[at - 1] < score) {
            scores[at] = scores[at - 1];
            l->names.v[at] = l->names.v[at - 1];
            at--;
        }
        scores[at] = score;
        l->names.v[at] = name;
    }
    l->names.n = n;
    free(scores);
}

void command_complete(struct str word, struct name_list *out)
{
    for (enum command c = CMD_NONE + 1; c < CMD_COUNT; c++) {
        if (command_table[c].kind == COMMAND_SAY)
            name_list_add(out, command_table[c].name);
    }
    names_filter(out, word);
}
