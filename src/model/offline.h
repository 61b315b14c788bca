/* SPDX-License-Identifier: MIT
 *
 * offline: the frame of local/offline, the rule-based assistant. What it understands is a table of
 * kinds, one file a kind. A kind's plan is a pure function: from what the operator asked and the
 * results of the calls made so far to the next move, which is either calls or the answer. So a turn
 * can be taken up again by any process, and a test is one line of data.
 *
 * A kind to add: offline_NAME.c with its row, and the row in offline_kinds (offline_match.c). Only
 * src/model includes this. One turn thread.
 */
#ifndef TAU_MODEL_OFFLINE_H
#define TAU_MODEL_OFFLINE_H

#include "base/arena.h"
#include "base/base.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "model/request.h"

enum {
    OFFLINE_WORDS_MAX = 400,       /* words of the prompt that rules look at */
    OFFLINE_RESULTS_MAX = 64,      /* calls of one turn; a plan that wants more has gone wrong */
    OFFLINE_CALLS_MAX = 8,         /* at once */
    OFFLINE_ANSWER_MAX = 64 << 10, /* bytes of an answer */
    OFFLINE_PAGES_MAX = 12,        /* read calls for one file */
    OFFLINE_PAGE_LINES = 1500,     /* of one of them when the file is large */
};

/* ---- the conversation since the operator's last message ---- */

struct offline_result {
    struct str tool, arguments; /* arguments: JSON text */
    struct str text;
    bool is_error;
};

struct offline_turn {
    struct arena *a;
    struct str prompt; /* without what was appended from standard input */
    struct str input;  /* that; p == NULL: nothing */
    struct offline_result *results;
    size_t n_results;
};

/* Strings lie in the arena. ERR_INVALID when a message is no valid JSON. */
bool offline_turn_read(struct offline_turn *t, const struct request *r, struct arena *a,
                       struct err *e) ATTR_WARN;

/* A string argument of a call; empty when it has none. In the arena. */
struct str offline_argument(const struct offline_turn *t, const struct offline_result *r,
                            const char *name);

/* What a failed call says: "error: code: message\noutput". */
struct offline_failure {
    struct str code, message, output;
};
struct offline_failure offline_failure(const struct offline_result *r);
bool offline_failed_with(const struct offline_result *r, const char *code);

/* ---- moves ---- */

struct offline_move {
    struct arena *a;
    struct {
        const char *tool, *arguments;
    } calls[OFFLINE_CALLS_MAX];
    size_t n_calls;
    struct buf text; /* the answer, Markdown; freed by who made the move */
};

/* Adds a call. Arguments are pairs ("path", value, ..., NULL) of C strings; a name that begins with
 * '#' takes its value as a number or bool, unquoted. */
void offline_call(struct offline_move *m, const char *tool, ...) __attribute__((sentinel));

/* Adds text to the answer; all that comes behind the first piece which has no room is left out. */
void offline_say(struct offline_move *m, const char *fmt, ...) ATTR_PRINTF(2, 3);

/* How many of a thing, in words: "1 line", "2 files". In the arena. */
const char *offline_count(struct arena *a, int64_t n, const char *noun);

/* Says honestly that a call did not work: `what` is what was tried ("read `x`"). */
void offline_say_failed(struct offline_move *m, const struct offline_result *r, const char *what);

/* At most max bytes of s, whole characters, with " ..." after what was cut. In the arena. */
struct str offline_clip(struct arena *a, struct str s, size_t max);

/* ---- kinds ---- */

enum offline_slot {
    SLOT_PATH,
    SLOT_A,
    SLOT_B,
    SLOT_N,
    SLOT_M,
    SLOT_WORD,
    SLOT_GLOB,
    SLOT_SYMBOL,
    SLOT_REST,
    SLOT_COUNT
};

struct offline_match {
    const struct offline_kind *kind;
    int form; /* of the pattern */
    int score;
    struct str slots[SLOT_COUNT]; /* as written, without quotes; p == NULL: not there */
    bool quoted[SLOT_COUNT];
};

struct offline_pattern {
    const char *text; /* the language is described in offline_match.c */
    int form;         /* the kind's own */
    bool wants_input; /* only when something came on standard input, and then the likelier */
};

#define PATTERN(form, text)                                                                        \
    {                                                                                              \
        text, form, false                                                                          \
    }
#define PATTERN_INPUT(form, text)                                                                  \
    {                                                                                              \
        text, form, true                                                                           \
    }
#define PATTERN_END                                                                                \
    {                                                                                              \
        NULL, 0, false                                                                             \
    }

struct offline_kind {
    const char *name;
    const char *help;            /* one line: what it does */
    const char *words;           /* that hint at this kind, for what was not understood */
    const char *const *examples; /* ends with NULL; the first is shown in the help */
    const struct offline_pattern *patterns; /* ends with text NULL */
    /* Is this about the standard input that came along? For prompts that no pattern takes. */
    bool (*takes_input)(struct str input);
    void (*plan)(const struct offline_turn *t, const struct offline_match *match,
                 struct offline_move *m);
};

extern const struct offline_kind *const offline_kinds[];
extern const size_t offline_kinds_n;

extern const struct offline_kind offline_help, offline_greet, offline_summarize, offline_find,
    offline_tree, offline_changes, offline_run, offline_edit, offline_show,
    offline_jobs, offline_memory, offline_tasks, offline_call_tool;

/* What is meant as it stands, and not matched: "!COMMAND", "call TOOL {...}". */
bool offline_literal(struct str prompt, struct offline_match *ret) ATTR_WARN;

/* The kind that fits best, in *ret; false when none does. */
bool offline_match(struct arena *a, struct str prompt, bool has_input,
                   struct offline_match *ret) ATTR_WARN;

/* How near a prompt that was not understood is to a kind; 0: not at all. */
int offline_nearness(struct arena *a, struct str prompt, const struct offline_kind *kind);

/* A slot as a C string, NULL when it is not there; with `escapes`, \n \t \" \\ of one in double
 * quotes are what they stand for. */
char *offline_slot(struct arena *a, const struct offline_match *match, enum offline_slot slot,
                   bool escapes);

/* ---- the next move ---- */

/* Decides. m->text is the whole answer with its last line when there are no calls. */
void offline_decide(const struct offline_turn *t, struct offline_move *m);

#endif
