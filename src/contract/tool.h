/* SPDX-License-Identifier: MIT
 *
 * tool: the descriptor of a tool, which is all that policy, the toolset and the documentation know
 * of it. One row a tool; its field table gives the model its JSON Schema and the validator its
 * errors.
 */
#ifndef TAU_CONTRACT_TOOL_H
#define TAU_CONTRACT_TOOL_H

#include "base/arena.h"
#include "base/cancel.h"
#include "base/err.h"
#include "contract/seams.h"
#include "json/field.h"

/* What a call can do, at most; policy starts from it. */
enum tool_effect {
    TOOL_READS,   /* looks at the workspace or at tau; may run beside others */
    TOOL_WRITES,  /* changes named files */
    TOOL_RUNS,    /* runs a command: anything the sandbox permits */
    TOOL_CONTROLS /* acts on tau itself (stop a job) */
};

enum { TOOL_RESULT_MAX = 64 * 1024, TOOL_ARGUMENTS_MAX = 1 << 20, TOOL_PATHS_MAX = 64 };

/* What a call will touch, found before policy is asked. */
struct tool_intent {
    const char *action;   /* "edit src/a.c (+2 -1)": one line, for the approval */
    const char *preview;  /* diff or command; NULL: none */
    const char *command;  /* TOOL_RUNS: the shell text; else NULL */
    const char *cwd;      /* TOOL_RUNS: relative to the workspace; NULL: its root */
    struct {
        const char *path; /* as given by the model */
        bool write;
    } paths[TOOL_PATHS_MAX];
    size_t n_paths;
};

struct tool_file {
    const char *path;    /* relative to the workspace */
    const char *change;  /* created, changed, removed */
    bool restorable;
    const char *sha256;  /* of its new content; NULL: removed, or not known */
    const char *git;     /* the object of its old content, where git has it; else NULL */
    int64_t mode;        /* with git: its old permissions */
    int64_t added, removed; /* lines; -1: binary or too large to say */
};

/* What a call came to. Strings live in the call's arena. */
struct tool_outcome {
    const char *result;  /* for the model, not yet clipped; NULL: "" */
    size_t result_n;
    const char *summary; /* one line for people */
    int64_t exit;        /* I64_NONE when it is not a command */
    const char *artifact; /* id of an artifact that already holds the whole output, or NULL */
    int64_t bytes;       /* size of the whole output when the result is not all of it; else 0 */
    bool truncated;
    struct tool_file *files;
    size_t n_files;
};

struct tool_call; /* what a running tool may use: tool/call.h */

struct tool_desc {
    const char *name;
    const char *doc;             /* for the model and the documentation: one or two sentences */
    const struct field_set *args;
    enum tool_effect effect;
    int64_t timeout_ms;          /* default deadline; 0: the policy's for commands */

    /* Pure look at the (already validated) arguments and the workspace: what will be touched. May
     * fail (a file that is not there, an edit that does not match): then the call fails with that. */
    bool (*intend)(struct tool_call *call, const void *args, struct tool_intent *ret_intent,
                   struct err *e);
    /* Does it. Blocks; on a thread of the tool pool; heeds the call's token. True with an outcome, or
     * false with an error; either way the outcome may say what was done until then. */
    bool (*run)(struct tool_call *call, const void *args, struct tool_outcome *ret_outcome,
                struct err *e);
};

#endif
