/* SPDX-License-Identifier: MIT
 *
 * modes: what the console asks of a terminal beside what ncurses does: synchronised updates, keys
 * without doubt (one level of the newer keyboard protocol), bracketed paste, focus reports, and the mouse's
 * buttons and wheel, when they are wanted.
 */
#ifndef TAU_UI_MODES_H
#define TAU_UI_MODES_H

#define SYNC_BEGIN "\x1b[?2026h"
#define SYNC_END "\x1b[?2026l"
/* The keyboard's level is kept per screen: on after entering the alternate one, off before leaving.
 */
#define MODES_ON "\x1b[>1u\x1b[?2004h\x1b[?1004h"
#define MOUSE_ON "\x1b[?1000h\x1b[?1006h"
#define MOUSE_OFF "\x1b[?1006l\x1b[?1000l"
#define MODES_OFF MOUSE_OFF "\x1b[?1004l\x1b[?2004l\x1b[<u"

#endif
