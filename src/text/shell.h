/* SPDX-License-Identifier: MIT
 *
 * shell: reads a POSIX shell command far enough to know which programs it runs. The grammar it
 * accepts is stated here; everything else is "not understood", which policy never allows by a rule.
 *
 *   list     = pipeline { (";" | "&&" | "||" | newline) pipeline } [";"]
 *   pipeline = command { "|" command }
 *   command  = word { word | redirect }
 *   redirect = [digits] ("<" | ">" | ">>" | ">|" | "2>&1" and the like) word
 *   word     = literal characters, '...', "..." without $ ` \ inside double quotes beyond \" and \\,
 *              globs * ? [ ]; no expansion of any kind ($, `, ~ other than at the very start)
 *
 * Not understood: expansions and substitutions, assignments before a command, here-documents,
 * background &, subshells and groups, functions, control words, process substitution, history (!),
 * escapes outside quotes other than of blanks, control characters, invalid UTF-8.
 * Pure; any thread.
 */
#ifndef TAU_TEXT_SHELL_H
#define TAU_TEXT_SHELL_H

#include "base/arena.h"
#include "base/base.h"
#include "base/str.h"

enum { SHELL_COMMANDS_MAX = 64, SHELL_WORDS_MAX = 512 };

struct shell_redirect {
    int fd;
    bool write; /* > >> >| */
    bool dup;   /* 2>&1: target is a descriptor */
    const char *target;
};

struct shell_command {
    const char **words; /* after quote removal; words[0] is the program */
    bool *quoted;       /* the word had quotes: its * and - are literal */
    size_t n;
    struct shell_redirect *redirects;
    size_t n_redirects;
    struct str text; /* its part of the source */
};

struct shell_list {
    struct shell_command *commands; /* every command of the list, in order */
    size_t n;
};

/* False when the text is not understood: *ret_why says what stopped it, for people. */
bool shell_parse(struct str text, struct arena *a, struct shell_list *ret_list,
                 const char **ret_why);

#endif
