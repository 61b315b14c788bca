/* SPDX-License-Identifier: MIT
 *
 * approve: when a key is an answer to a question, and when it is text. A pure state machine; what
 * time it is comes with every call. UI thread.
 *
 * The line that asks takes a single letter only when it is armed: nothing is written in the
 * composer, nothing was typed for APPROVE_QUIET_MS, and the frame that shows this very question is
 * that old. The letter is then held for APPROVE_HOLD_MS: when another printable key comes in that
 * time both were text. So nobody who is typing answers a question that came up under their fingers.
 * What came together with other bytes in one read, or in a paste, never answers anything.
 */
#ifndef TAU_UI_APPROVE_H
#define TAU_UI_APPROVE_H

#include "base/base.h"
#include "ui/term/key.h"

enum { APPROVE_QUIET_MS = 400, APPROVE_HOLD_MS = 300, APPROVE_ID_MAX = 64 };

enum approve_state {
    APPROVE_IDLE,      /* nothing is asked */
    APPROVE_ASKS,      /* the line is there */
    APPROVE_HOLDS,     /* a letter waits to be believed */
    APPROVE_SCOPE,     /* shows what would be allowed, and wants Enter, APPROVE_HOLD_MS later */
    APPROVE_WORD,      /* wants "yes" and Enter */
    APPROVE_REASON,    /* writes why not */
    APPROVE_ARGUMENTS, /* edits what shall run */
    APPROVE_SENT,      /* answered; waits for the log to say so */
};

enum approve_scope { APPROVE_ONCE, APPROVE_SESSION, APPROVE_PREFIX };

/* What the caller does with the key or at the tick. */
enum approve_result {
    APPROVE_PASS,      /* not ours: do as if there was no question */
    APPROVE_TAKEN,     /* consumed; draw again */
    APPROVE_TEXT,      /* `held` becomes text of the composer, then the key is done as always */
    APPROVE_TEXT_ONLY, /* `held` becomes text of the composer; the key is consumed */
    APPROVE_EDIT,      /* the key belongs to the field for word, reason or arguments */
    APPROVE_YES,       /* approve with `scope` (and the field's arguments when with_arguments) */
    APPROVE_NO,        /* reject with the reason in the field */
    APPROVE_DIFF,      /* show the preview whole */
    APPROVE_FIELD,     /* begin an empty field, or one with the arguments: see state */
    APPROVE_BACK,      /* the field is given up */
    APPROVE_BACK_TEXT, /* the same, and what it holds becomes text of the composer, then the key */
};

/* What may be answered, for people: the key, a word beside it in the hints, and what it does. */
struct approve_answer {
    const char *key, *hint, *help;
};
enum { APPROVE_ANSWERS = 7 };
extern const struct approve_answer approve_answers[APPROVE_ANSWERS];

struct approve {
    enum approve_state state;
    char id[APPROVE_ID_MAX];
    bool risky, has_session_rule, has_prefix_rule;
    bool focused;        /* Alt-y: the next letter needs no quiet */
    bool later;          /* Esc: no letter counts before Alt-y */
    bool shown;          /* a frame of this state was written */
    bool with_arguments; /* the arguments were edited */
    enum approve_scope scope;
    uint32_t held;
    int64_t held_ms, input_ms, frame_ms, scope_ms;
};

struct approve_question {
    const char *id; /* NULL: nothing is asked */
    bool risky, has_session_rule, has_prefix_rule;
};

void approve_init(struct approve *a, int64_t now_ms);

/* What the newest snapshot asks. Another id begins anew; true when that gave up a field. */
bool approve_ask(struct approve *a, const struct approve_question *q, int64_t now_ms);

/* Is something written in the field: the word, a reason, or arguments? */
bool approve_has_field(const struct approve *a);

/* A frame that shows the present state was written. */
void approve_frame(struct approve *a, int64_t now_ms);

struct approve_input {
    struct key key;
    bool alone;          /* the only event of its read */
    bool composer_empty; /* before this key */
    const char *word;    /* text of the field, for APPROVE_WORD */
};
enum approve_result approve_key(struct approve *a, const struct approve_input *in, int64_t now_ms);

/* A paste, or any input that is no key: gives up what waits for one. PASS, TEXT or BACK. */
enum approve_result approve_other(struct approve *a, int64_t now_ms);

/* When approve_tick is to be called: INT64_MAX for never. */
int64_t approve_deadline(const struct approve *a);
enum approve_result approve_tick(struct approve *a, int64_t now_ms);

/* The operator wrote it as a command: TAKEN, and what it would allow stands there and wants Enter,
 * so that a command that was typed or completed in haste approves nothing. PASS when nothing is
 * asked. */
enum approve_result approve_say(struct approve *a, enum approve_scope scope);

/* The operator wrote no as a command: NO, or PASS when nothing is asked. */
enum approve_result approve_deny(struct approve *a);

/* Alt-y came while the focus was elsewhere. */
void approve_focus(struct approve *a);

/* Input went elsewhere: it still counts as not being quiet. */
void approve_touch(struct approve *a, int64_t now_ms);

/* The action was refused: the question stands again. */
void approve_refused(struct approve *a, int64_t now_ms);

/* Would a letter be taken now? For the hints. */
bool approve_armed(const struct approve *a, bool composer_empty, int64_t now_ms);

#endif
