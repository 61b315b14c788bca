/* SPDX-License-Identifier: MIT
 *
 * restore: the bytes that put any terminal right, for who can not ask ncurses: a crash handler, and
 * the guardian.
 */
#include "ui/term/modes.h"
#include "ui/ui.h"

const char ui_restore_bytes[] = SYNC_END MODES_OFF "\x1b[0m\x1b[?1049l\x1b[?1l\x1b>\x1b[?25h\r\n";
const size_t ui_restore_n = sizeof(ui_restore_bytes) - 1;
