/* SPDX-License-Identifier: MIT
 *
 * key: one key press as a number and modifiers, and its name for people. Pure.
 */
#ifndef TAU_UI_KEY_H
#define TAU_UI_KEY_H

#include "base/base.h"
#include "base/buf.h"

enum key_mod { MOD_SHIFT = 1, MOD_ALT = 2, MOD_CTRL = 4 };

/* Keys that are no character lie past Unicode. */
enum key_code {
    KEY_FIRST_ = 0x110000,
    KEY_ENTER = KEY_FIRST_,
    KEY_TAB,
    KEY_ESCAPE,
    KEY_BACKSPACE,
    KEY_DELETE,
    KEY_INSERT,
    KEY_UP,
    KEY_DOWN,
    KEY_LEFT,
    KEY_RIGHT,
    KEY_HOME,
    KEY_END,
    KEY_PAGE_UP,
    KEY_PAGE_DOWN,
    KEY_F1,
    KEY_F12 = KEY_F1 + 11,
    KEY_LAST_,
};

struct key {
    uint32_t code; /* a code point, or a key_code */
    uint8_t mods;
};

static inline bool key_eq(struct key a, struct key b)
{
    return a.code == b.code && a.mods == b.mods;
}

/* Is it text: a code point without Ctrl or Alt? */
static inline bool key_is_text(struct key k)
{
    return k.code < KEY_FIRST_ && k.code >= 0x20 && !(k.mods & (MOD_CTRL | MOD_ALT));
}

/* Appends "^O", "Alt-y", "Shift-Tab", "PgUp". */
void key_name(struct key k, struct buf *out);

#endif
