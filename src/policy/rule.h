/* SPDX-License-Identifier: MIT
 *
 * rule: the lines of policy.rules, and what they match.
 *
 *   line = ("allow" | "ask" | "deny") TOOL [PATTERN]        # and comments
 *
 * TOOL is the name of a tool or "*"; "bash" stands for every tool that runs commands. Without a
 * PATTERN every call of the tool matches. For commands PATTERN is words as a shell reads them: an
 * unquoted * in a word stands for any characters, and as the last word for any further words. For
 * files it is a glob of a path relative to the workspace (text/glob.h).
 *
 * allow matches narrowly: the whole command, its program as written, never what runs others, never
 * a redirect that writes; and under a * neither what leads out of the workspace, nor secrets and
 * protected paths, nor options that change the nature of the program, nor risky use that the rule
 * does not name. ask and deny match widely: the program under any path, their other words in this
 * order with anything between, and deny also a program's name anywhere in what was not understood
 * or runs others.
 *
 * A set belongs to its owner, who locks.
 */
#ifndef TAU_POLICY_RULE_H
#define TAU_POLICY_RULE_H

#include "base/arena.h"
#include "base/mem.h"
#include "contract/tool.h"
#include "policy/command.h"
#include "policy/policy.h"

enum { RULES_MAX = 1000, RULE_BYTES_MAX = 1024, RULES_FILE_MAX = 256 * 1024 };

struct rule {
    enum verdict verdict;
    const char *tool;
    const char *pattern;               /* as written, trimmed; NULL: everything */
    const struct shell_command *words; /* of a command pattern that could be read */
    const char *from;                  /* "policy.rules:3", "preset strict", "this session" */
};

struct rules {
    struct arena arena;
    VEC(struct rule) list;
};

void rules_free(struct rules *r);

/* Adds one line. Comments and empty lines add nothing. ERR_CONFIG without a place; ERR_TOO_LARGE
 * past RULES_MAX or RULE_BYTES_MAX. */
bool rules_add(struct rules *r, struct str line, const char *from, struct err *e) ATTR_WARN;

/* Adds the lines of a file. A missing file is empty. The file must be ours and not writable by
 * others. ERR_CONFIG as "path:line: why"; then r is as it was. */
bool rules_read(struct rules *r, const char *path, struct err *e) ATTR_WARN;

/* "allow bash npm test" again, for people and for saving. */
void rule_text(const struct rule *r, struct buf *out);

bool rule_for_tool(const struct rule *r, const struct tool_desc *tool);

/* Does the rule match this command of a list? (For allow, all must be matched or read-only.) */
bool rule_matches_part(const struct rule *r, const struct command_part *part, struct arena *a);

/* Deny only: does it name a program that occurs in a text that was not understood? */
bool rule_mentioned(const struct rule *r, struct str text, struct arena *a);

/* relative: as named; real: where it is, or NULL when that is not known. */
bool rule_matches_path(const struct rule *r, const char *relative, const char *real);

#endif
