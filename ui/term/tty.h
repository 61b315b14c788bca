/* SPDX-License-Identifier: MIT
 *
 * tty: the terminal on standard input and output. ncurses (included in tty.c only) turns a canvas
 * into the fewest bytes, into memory; each frame then goes out in one write between the marks of a
 * synchronised update. Only one tty exists at a time. UI thread.
 */
#ifndef TAU_UI_TTY_H
#define TAU_UI_TTY_H

#include "base/base.h"
#include "base/err.h"
#include "base/str.h"
#include "ui/draw/canvas.h"

#include <signal.h>

struct tty;

struct tty_stats {
    int64_t frames, bytes, writes;
};

/* Takes the terminal: raw mode, screen, crash handlers, standard error set aside. screen (may be
 * NULL) is true while that lasts. ERR_UNSUPPORTED when there is no terminal or it can not do it. */
struct tty *tty_open(const char *theme, volatile sig_atomic_t *screen, struct err *e) ATTR_WARN;

/* Gives it back as it was, and prints what came on standard error meanwhile. NULL is fine. */
void tty_close(struct tty *t);

/* Whether the terminal reports the mouse's buttons and wheel; at first it does not. */
void tty_mouse(struct tty *t, bool on);

/* From the next frame on everything is in this theme, one of console.theme's. */
void tty_theme(struct tty *t, const char *theme);

/* The same for a while: for ^Z. The next frame after resume is drawn in full. */
void tty_suspend(struct tty *t);
void tty_resume(struct tty *t);

int tty_width(const struct tty *t);
int tty_height(const struct tty *t);

/* Asks for the size again; true when it changed. The next frame is drawn in full. */
bool tty_resize(struct tty *t);

/* The next frame repaints everything: ^L. */
void tty_redraw(struct tty *t);

/* Shows a frame of the terminal's size. Nothing is written when nothing changed. When the terminal
 * does not take it all at once the rest waits: poll tty_fd for POLLOUT while tty_pending, call
 * tty_flush, and show nothing until then (a frame that is shown all the same is left out). */
void tty_show(struct tty *t, const struct canvas *c);
bool tty_pending(const struct tty *t);
void tty_flush(struct tty *t);
int tty_fd(const struct tty *t);

/* Puts text where the terminal pastes from (OSC 52, xterm's control sequences), if it allows that. False
 * when the terminal has not taken what was shown before. */
bool tty_copy(struct tty *t, struct str text);

const char *tty_type(const struct tty *t);
struct tty_stats tty_stats(const struct tty *t);

#endif
