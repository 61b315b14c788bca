/* SPDX-License-Identifier: MIT
 *
 * approve: when a key is an answer to a question, and when it is text.
 */
#include "ui/vm/approve.h"

#include "base/str.h"

#include <stdio.h>
#include <string.h>

void approve_init(struct approve *a, int64_t now_ms)
{
    *a = (struct approve){.state = APPROVE_IDLE, .input_ms = now_ms, .frame_ms = INT64_MAX};
}

static void enter(struct approve *a, enum approve_state state)
{
    a->state = state;
    a->held = 0;
    a->focused = false;
    a->shown = false;
    if (state == APPROVE_ASKS)
        a->with_arguments = false;
}

bool approve_has_field(const struct approve *a)
{
    return a->state == APPROVE_WORD || a->state == APPROVE_REASON || a->state == APPROVE_ARGUMENTS;
}

bool approve_ask(struct approve *a, const struct approve_question *q, int64_t now_ms)
{
    (void)now_ms;
    if (q->id && strcmp(q->id, a->id) == 0 && a->state != APPROVE_IDLE)
        return false;
    if (!q->id && a->state == APPROVE_IDLE)
        return false;
    bool lost = approve_has_field(a);
    snprintf(a->id, sizeof(a->id), "%s", q->id ? q->id : "");
    a->risky = q->risky;
    a->has_session_rule = q->has_session_rule;
    a->has_prefix_rule = q->has_prefix_rule;
    a->later = false;
    a->frame_ms = INT64_MAX;
    enter(a, q->id ? APPROVE_ASKS : APPROVE_IDLE);
    return lost;
}

void approve_frame(struct approve *a, int64_t now_ms)
{
    if (a->state == APPROVE_IDLE)
        return;
    if (a->frame_ms == INT64_MAX)
        a->frame_ms = now_ms;
    a->shown = true;
}

bool approve_armed(const struct approve *a, bool composer_empty, int64_t now_ms)
{
    return a->state == APPROVE_ASKS && !a->later && composer_empty &&
           now_ms - a->input_ms >= APPROVE_QUIET_MS && a->frame_ms != INT64_MAX &&
           now_ms - a->frame_ms >= APPROVE_QUIET_MS;
}

static bool is_letter(const struct approve *a, struct key k)
{
    bool answers = false;
    for (size_t i = 0; i < APPROVE_ANSWERS; i++) {
        const char *key = approve_answers[i].key;
        answers |= key[1] == '\0' && k.code == (unsigned char)key[0];
    }
    if (k.mods || !answers)
        return false;
    if (k.code == 'a')
        return a->has_session_rule;
    if (k.code == 'p')
        return a->has_prefix_rule;
    return true;
}

static bool is_plain(struct key k, uint32_t code)
{
    return k.code == code && k.mods == 0;
}

/* ---- the states ---- */

static enum approve_result key_asks(struct approve *a, const struct approve_input *in, bool armed)
{
    if (in->key.code == 'y' && in->key.mods == MOD_ALT) {
        a->focused = in->alone && a->frame_ms != INT64_MAX;
        a->later = false;
        return APPROVE_TAKEN;
    }
    bool focused = a->focused;
    a->focused = false;
    if (in->alone && (armed || focused) && is_letter(a, in->key)) {
        a->state = APPROVE_HOLDS;
        a->held = in->key.code;
        return APPROVE_TAKEN;
    }
    if (in->key.code == KEY_ESCAPE && (focused || (in->composer_empty && !a->later))) {
        a->later = !focused;
        return APPROVE_TAKEN;
    }
    return APPROVE_PASS;
}

static enum approve_result key_holds(struct approve *a, struct key k)
{
    a->state = APPROVE_ASKS;
    if (k.code == KEY_ESCAPE || k.code == KEY_BACKSPACE) {
        a->held = 0;
        return APPROVE_TAKEN;
    }
    /* `held` stays for the caller. Enter right after a letter is no message to send. */
    return k.code == KEY_ENTER ? APPROVE_TEXT_ONLY : APPROVE_TEXT;
}

static enum approve_result key_scope(struct approve *a, const struct approve_input *in,
                                     int64_t now_ms)
{
    bool shown = a->shown;
    if (is_plain(in->key, KEY_ENTER)) {
        if (!in->alone || !shown || now_ms - a->scope_ms < APPROVE_HOLD_MS)
            return APPROVE_TAKEN;
        if (a->risky) {
            enter(a, APPROVE_WORD);
            return APPROVE_FIELD;
        }
        enter(a, APPROVE_SENT);
        return APPROVE_YES;
    }
    enter(a, APPROVE_ASKS);
    return key_is_text(in->key) ? APPROVE_PASS : APPROVE_TAKEN;
}

static enum approve_result key_word(struct approve *a, const struct approve_input *in)
{
    if (is_plain(in->key, KEY_ENTER) && in->alone && a->shown && str_is(str_of(in->word), "yes")) {
        enter(a, APPROVE_SENT);
        return APPROVE_YES;
    }
    if (in->key.code == KEY_ESCAPE) {
        enter(a, APPROVE_ASKS);
        return APPROVE_BACK;
    }
    /* In bunches, or longer than the word: it was written for the composer, and stays. */
    if (!in->alone || is_plain(in->key, KEY_ENTER)) {
        enter(a, APPROVE_ASKS);
        return in->alone && strlen(in->word) <= strlen("yes") ? APPROVE_BACK : APPROVE_BACK_TEXT;
    }
    return APPROVE_EDIT;
}

static enum approve_result key_field(struct approve *a, const struct approve_input *in)
{
    if (in->key.code == KEY_ESCAPE) {
        enter(a, APPROVE_ASKS);
        return APPROVE_BACK;
    }
    if (!is_plain(in->key, KEY_ENTER))
        return APPROVE_EDIT;
    if (a->state == APPROVE_REASON) {
        enter(a, APPROVE_SENT);
        return APPROVE_NO;
    }
    if (!in->alone || !a->shown)
        return APPROVE_TAKEN;
    a->scope = APPROVE_ONCE;
    a->with_arguments = true;
    enter(a, a->risky ? APPROVE_WORD : APPROVE_SENT);
    return a->risky ? APPROVE_FIELD : APPROVE_YES;
}

enum approve_result approve_key(struct approve *a, const struct approve_input *in, int64_t now_ms)
{
    bool armed = approve_armed(a, in->composer_empty, now_ms);
    a->input_ms = now_ms;
    switch (a->state) {
    case APPROVE_IDLE:
    case APPROVE_SENT:
        return APPROVE_PASS;
    case APPROVE_ASKS: {
        enum approve_result r = key_asks(a, in, armed);
        if (a->state == APPROVE_HOLDS)
            a->held_ms = now_ms;
        return r;
    }
    case APPROVE_HOLDS:
        return key_holds(a, in->key);
    case APPROVE_SCOPE:
        return key_scope(a, in, now_ms);
    case APPROVE_WORD:
        return key_word(a, in);
    case APPROVE_REASON:
    case APPROVE_ARGUMENTS:
        return key_field(a, in);
    }
    return APPROVE_PASS;
}

enum approve_result approve_other(struct approve *a, int64_t now_ms)
{
    a->input_ms = now_ms;
    a->focused = false;
    switch (a->state) {
    case APPROVE_HOLDS:
        a->state = APPROVE_ASKS;
        return APPROVE_TEXT;
    case APPROVE_SCOPE:
        enter(a, APPROVE_ASKS);
        return APPROVE_PASS;
    case APPROVE_WORD:
        enter(a, APPROVE_ASKS);
        return APPROVE_BACK;
    case APPROVE_REASON:
    case APPROVE_ARGUMENTS:
        return APPROVE_EDIT;
    default:
        return APPROVE_PASS;
    }
}

/* ---- time ---- */

int64_t approve_deadline(const struct approve *a)
{
    return a->state == APPROVE_HOLDS ? a->held_ms + APPROVE_HOLD_MS : INT64_MAX;
}

/* The letter is believed. */
static enum approve_result believe(struct approve *a, int64_t now_ms)
{
    uint32_t letter = a->held;
    switch (letter) {
    case 'y':
        a->scope = APPROVE_ONCE;
        enter(a, a->risky ? APPROVE_WORD : APPROVE_SENT);
        return a->risky ? APPROVE_FIELD : APPROVE_YES;
    case 'a':
    case 'p':
        a->scope = letter == 'a' ? APPROVE_SESSION : APPROVE_PREFIX;
        a->scope_ms = now_ms - APPROVE_HOLD_MS; /* the letter was held already */
        enter(a, APPROVE_SCOPE);
        return APPROVE_TAKEN;
    case 'n':
        enter(a, APPROVE_REASON);
        return APPROVE_FIELD;
    case 'e':
        enter(a, APPROVE_ARGUMENTS);
        return APPROVE_FIELD;
    default:
        enter(a, APPROVE_ASKS);
        return APPROVE_DIFF;
    }
}

enum approve_result approve_tick(struct approve *a, int64_t now_ms)
{
    if (now_ms < approve_deadline(a))
        return APPROVE_PASS;
    return believe(a, now_ms);
}

static bool is_open(const struct approve *a)
{
    return a->state != APPROVE_IDLE && a->state != APPROVE_SENT;
}

enum approve_result approve_say(struct approve *a, enum approve_scope scope)
{
    if (!is_open(a))
        return APPROVE_PASS;
    a->scope = scope;
    a->scope_ms = a->input_ms; /* the command's Enter */
    enter(a, APPROVE_SCOPE);
    return APPROVE_TAKEN;
}

enum approve_result approve_deny(struct approve *a)
{
    if (!is_open(a))
        return APPROVE_PASS;
    enter(a, APPROVE_SENT);
    return APPROVE_NO;
}

void approve_focus(struct approve *a)
{
    a->focused = a->state == APPROVE_ASKS && a->frame_ms != INT64_MAX;
    a->later = false;
}

void approve_touch(struct approve *a, int64_t now_ms)
{
    a->input_ms = now_ms;
}

void approve_refused(struct approve *a, int64_t now_ms)
{
    if (a->state != APPROVE_SENT)
        return;
    a->input_ms = now_ms;
    enter(a, APPROVE_ASKS);
}

const struct approve_answer approve_answers[APPROVE_ANSWERS] = {
    {"y", "once", "yes, this once"},
    {"a", "session", "yes, for this session: shows what that allows and wants Enter"},
    {"p", "always", "yes, always for what begins so: shows what that allows and wants Enter"},
    {"d", "show", "show it whole"},
    {"e", "edit", "edit the arguments before it runs"},
    {"n", "no", "no, with a reason if you like"},
    {"Esc", "later", "later"},
};
