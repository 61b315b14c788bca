/* SPDX-License-Identifier: MIT
 *
 * program: the tables programs.def and risks.def, and how a command's words are held against a row.
 * Pure but for program_hijacked; any thread.
 */
#ifndef TAU_POLICY_PROGRAM_H
#define TAU_POLICY_PROGRAM_H

#include "base/base.h"
#include "text/shell.h"

/* From harmless to opaque. */
enum command_class {
    COMMAND_READS,
    COMMAND_WRITES,
    COMMAND_NETWORK,
    COMMAND_UNKNOWN,
    COMMAND_RUNS,
};

enum program_flag {
    PROGRAM_BUILTIN = 1 << 0,
    PROGRAM_TEXT = 1 << 1,
    PROGRAM_NAMES = 1 << 2,
    PROGRAM_PATTERN = 1 << 3,
    PROGRAM_WORDS = 1 << 4,
    PROGRAM_SUBS = 1 << 5,
    PROGRAM_REPO = 1 << 6,
    PROGRAM_OLD = 1 << 7,
    PROGRAM_CODE = 1 << 8,
};

enum program_operands { OPERANDS_ANY, OPERANDS_NONE, OPERANDS_ONE, OPERANDS_PLUS };

struct program {
    const char *name;
    enum command_class class;
    unsigned flags;
    enum program_operands operands;
    const char *shorts, *longs;
    const char *why;
};

/* "read-only", "changes files", ... for people. */
const char *command_class_text(enum command_class class);

/* The last component of a program's name; "python" for "/usr/bin/python3.11". Into buf. */
void program_basename(const char *word, char *buf, size_t size);

/* The row of a name, or of "name sub" when sub is not NULL; NULL when there is none. */
const struct program *program_find(const char *name, const char *sub);

/* The class of a command whose options and operands begin at word `from`: the row's, or what an
 * option or operand makes of it (*ret_by_option). */
enum command_class program_class(const struct program *p, const struct shell_command *c,
                                 size_t from, bool *ret_by_option);

/* The options of a command that must be thought to be there: does `c` have one of them? Empty
 * lists: always. A word that the shell may expand to an option counts. */
bool program_has_option(const struct shell_command *c, size_t from, const char *shorts,
                        const char *longs);

/* Why this command wants a word of approval (static), or NULL. sub may be NULL. */
const char *program_risk(const char *name, const char *sub, const struct shell_command *c);

/* Would PATH find this name in the workspace (a real path), or in a directory that depends on where
 * one stands? */
bool program_hijacked(const char *name, const char *path, const char *workspace);

/* Every row, for tests and documentation. */
const struct program *program_table(size_t *ret_n);

#endif
