/* SPDX-License-Identifier: MIT
 *
 * key: names of keys.
 */
#include "ui/term/key.h"

#include "text/utf8.h"

static const char *const names[KEY_F1 - KEY_FIRST_] = {
    "Enter", "Tab",  "Esc",   "Backspace", "Del", "Ins",  "Up",
    "Down",  "Left", "Right", "Home",      "End", "PgUp", "PgDn",
};

void key_name(struct key k, struct buf *out)
{
    bool caret = (k.mods & MOD_CTRL) && k.code < 0x7F;
    if (k.mods & MOD_ALT)
        buf_puts(out, "Alt-");
    if ((k.mods & MOD_CTRL) && !caret)
        buf_puts(out, "Ctrl-");
    if (k.mods & MOD_SHIFT)
        buf_puts(out, "Shift-");
    if (caret)
        buf_putc(out, '^');
    if (k.code >= KEY_F1) {
        buf_printf(out, "F%u", k.code - KEY_F1 + 1);
        return;
    }
    if (k.code >= KEY_FIRST_) {
        buf_puts(out, names[k.code - KEY_FIRST_]);
        return;
    }
    if (k.code == ' ') {
        buf_puts(out, "Space");
        return;
    }
    uint32_t cp = k.code;
    if (caret && cp >= 'a' && cp <= 'z')
        cp -= 'a' - 'A';
    char bytes[4];
    buf_add(out, bytes, utf8_encode(cp, bytes));
}
