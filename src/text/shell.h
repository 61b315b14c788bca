/* SPDX-License-Identifier: MIT
 *
 * shell: reads a POSIX shell command far enough to know which programs it runs. The grammar it
 * accepts is stated here; everything else is "not understood", which policy never allows by a rule.
 *
 *   list     = pipeline { (";" | "&&" | "||" | newline) pipeline } [";"]
 *   pipeline = command { "|" command }
 *   command  = { redirect } word { word | redirect }
 *   redirect = [digit] ("<" | ">" | ">>" | ">|") word | [digit] ("<&" | ">&") (digits | "-")
 *   word     = literal characters, \ and an ASCII character, '...', "...", globs * ? [ ]
 *
 * Blank lines may stand before a command. Inside "...", \ is as POSIX says; $ and ` need it. Not
 * understood: every expansion and substitution ($, `, a ~ that a shell may expand, braces but {}),
 * assignments before a command, comments, here-documents, background &, subshells and groups,
 * functions, control words, process substitution, history (!), escaped newlines, a program that is
 * empty or a glob, control characters besides tab and newline, invalid UTF-8, more than the limits
 * below. Pure; any thread.
 */
#ifndef TAU_TEXT_SHELL_H
#define TAU_TEXT_SHELL_H

#include "base/arena.h"
#include "base/base.h"
#include "base/str.h"

/* Of a whole list; a redirect counts as a word. */
enum { SHELL_COMMANDS_MAX = 64, SHELL_WORDS_MAX = 512 };

struct shell_redirect {
    int fd;
    bool write; /* > >> >| >& */
    bool dup;   /* 2>&1: the target is a descriptor or "-" */
    bool globs; /* as in words */
    const char *target;
};

struct shell_command {
    const char **words; /* after quote removal; words[0] is the program */
    bool *globs;        /* the word has a * ? [ that the shell will expand, to anything */
    size_t n;
    struct shell_redirect *redirects;
    size_t n_redirects;
    struct str text; /* its part of the source */
};

struct shell_list {
    struct shell_command *commands; /* every command of the list, in order */
    size_t n;
};

/* Everything in the list lives in the arena, but `text` looks into the source. False when the text
 * is not understood: *ret_why (static) says what stopped it, for people. */
bool shell_parse(struct str text, struct arena *a, struct shell_list *ret_list,
                 const char **ret_why) ATTR_WARN;

#endif
