/* SPDX-License-Identifier: MIT
 *
 * input: bytes of a terminal to events. A filter takes out what is no key (pastes, answers of the
 * terminal, focus); libtermkey (included in input.c only) decodes the rest. No I/O and no clock of
 * its own: the caller reads, and says what time it is. UI thread.
 */
#ifndef TAU_UI_INPUT_H
#define TAU_UI_INPUT_H

#include "base/base.h"
#include "base/err.h"
#include "base/str.h"
#include "ui/term/key.h"

enum {
    INPUT_SEQ_MAX = 64,          /* bytes of one escape sequence; longer ones are dropped */
    INPUT_STRING_MAX = 64 << 10, /* bytes of one OSC, DCS or APC; what follows is keys again */
    INPUT_PASTE_MAX = 1 << 20,   /* bytes of one paste; the rest is dropped, and said */
    INPUT_QUIET_MS = 30,         /* after which a lone ESC is the Escape key */
    INPUT_TAIL_MS = 20, /* what follows the end of a paste closer than this is part of it */
    INPUT_PASTE_QUIET_MS = 5000, /* a paste whose end never comes ends then */
};

enum input_type { INPUT_KEY, INPUT_PASTE, INPUT_FOCUS_IN, INPUT_FOCUS_OUT, INPUT_MOUSE };

enum mouse_button { MOUSE_LEFT, MOUSE_WHEEL_UP, MOUSE_WHEEL_DOWN };

struct input_event {
    enum input_type type;
    struct key key;
    bool alone;       /* the only event of the read that brought it */
    bool last;        /* no key of the same read came after it */
    struct str paste; /* valid UTF-8, LF, TAB and no other control character; until the next feed */
    bool cut;         /* the paste was longer than INPUT_PASTE_MAX */
    enum mouse_button button; /* was pressed, or turned */
    int x, y;                 /* there; from 0 */
};

struct input;

/* term: the terminal's type, for its keys. quiet_ms: INPUT_QUIET_MS, or more on slow lines. */
struct input *input_new(const char *term, int quiet_ms, struct err *e) ATTR_WARN;
void input_free(struct input *in); /* NULL is fine */

/* Takes what one read() gave. Take the events before the next feed. */
void input_feed(struct input *in, struct str bytes, int64_t now_ms);

/* When input_quiet must be called if nothing was fed before: in the caller's milliseconds, or
 * INT64_MAX. */
int64_t input_deadline(const struct input *in);
void input_quiet(struct input *in, int64_t now_ms);

/* The next event; false when there is none. */
bool input_next(struct input *in, struct input_event *ret_event);

#endif
