/* SPDX-License-Identifier: MIT
 *
 * command: what a command line does, judged by its text, the program table and a look at the paths
 * that it names. Knows no rules, modes or presets. Any thread; everything in the caller's arena.
 */
#ifndef TAU_POLICY_COMMAND_H
#define TAU_POLICY_COMMAND_H

#include "base/arena.h"
#include "base/str.h"
#include "policy/path.h"
#include "policy/program.h"
#include "text/shell.h"

enum { COMMAND_CWDS_MAX = 8 }; /* directories that `cd` may lead through */

struct command_place {
    const struct path_root *root;
    const char *cwd;             /* relative to the root; "": the root */
    const char *protected_paths; /* setting policy.protected */
    const char *path;            /* PATH of the command */
    bool repo_trusted;           /* what the repository's own configuration runs may run */
};

/* One command of a list. */
struct command_part {
    const struct shell_command *shell;
    char name[64];                 /* program_basename */
    const char *sub;               /* its subcommand, or NULL */
    const struct program *program; /* its row, or NULL */
    enum command_class class;
    bool moved;          /* it may stand elsewhere than in the root of the workspace */
    bool raised;         /* by an option, an operand or the place: worse than its row */
    const char *outside; /* a word that leads out of the workspace, or NULL */
    const char *secret;  /* a word that names a secret (secrets.def), or NULL */
    const char *writes;  /* target of a redirect that writes, or NULL */
    const char *guarded; /* a word or target that is a protected path, or NULL */
    const char *risk;    /* why it is risky, or NULL */
    const char *why;     /* the reason of the class, for people: "sort -o: writes a file" */
};

struct command {
    bool parsed;
    const char *why; /* what stopped the parser, or NULL */
    struct command_part *parts;
    size_t n;
    const char *risk; /* of any part or of the whole, or NULL */
};

void command_judge(const struct command_place *place, struct str text, struct arena *a,
                   struct command *ret_command);

/* Only looks, at nothing secret and nothing outside. */
bool command_part_reads(const struct command_part *part);
bool command_reads(const struct command *c);

/* Is the last component of this path a name of secrets.def? globs: it is a pattern, and may be one.
 */
bool command_secret(const char *path, bool globs);

/* Does the text have `name` as a word anywhere, quotes and backslashes taken out? */
bool command_mentions(struct str text, const char *name, struct arena *a);

#endif
