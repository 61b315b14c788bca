/* SPDX-License-Identifier: MIT
 *
 * command: the tables of commands.def and bindings.def, and how a line that was written becomes a
 * command. Pure; UI thread.
 */
#ifndef TAU_UI_COMMAND_H
#define TAU_UI_COMMAND_H

#include "base/base.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "ui/term/key.h"
#include "ui/widget/editor.h"

enum command {
    CMD_NONE,
#define COMMAND(id, lc, name, args, kind, help) CMD_##id,
#define EDITING(id, op, name, help) CMD_EDIT_##id,
#include "ui/vm/commands.def"
#undef COMMAND
#undef EDITING
    CMD_COUNT
};

enum command_kind { COMMAND_SAY, COMMAND_KEY, COMMAND_EDITING };

struct command_desc {
    const char *name, *args, *help;
    enum command_kind kind;
    enum editor_op op; /* COMMAND_EDITING */
};
extern const struct command_desc command_table[CMD_COUNT];

enum context {
#define CONTEXT(id, title) CONTEXT_##id,
#define BIND(where, mods, code, what, hint)
#include "ui/vm/bindings.def"
#undef CONTEXT
#undef BIND
    CONTEXT_COUNT
};
extern const char *const context_titles[CONTEXT_COUNT];

struct binding {
    enum context context;
    struct key key;
    enum command command;
    const char *hint;
};
extern const struct binding bindings[];
extern const size_t bindings_n;

/* What a key does in a context (not looking at ANY); CMD_NONE when it is not bound there. */
enum command binding_find(enum context context, struct key key);

/* Does it want a yes first? Of verbs only; others ask by themselves. */
bool command_confirms(enum command c);

/* Does a line begin with a whole name: of a command, or of a verb in any of its ways? */
bool command_is(struct str line);

/* A line without its ':' or '/': the command by its name or the start of it, and the rest.
 * ERR_USAGE names the nearest command when there is none. */
bool command_parse(struct str line, enum command *ret_command, struct str *ret_args,
                   struct err *e) ATTR_WARN;

/* Names of commands that complete what is written, best first. */
struct name_list {
    VEC(char *) names;
};
void name_list_done(struct name_list *l);
void name_list_add(struct name_list *l, const char *name);
void command_complete(struct str word, struct name_list *out);

/* Of names, those that fit the word, best first. */
void names_filter(struct name_list *names, struct str word);

#endif
