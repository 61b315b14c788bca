/* SPDX-License-Identifier: MIT
 *
 * width: how many cells text takes, and which text may reach a cell at all. Cell widths are libc's
 * wcwidth, because ncurses lays out by it; what it calls unprintable (-1) is shown as U+FFFD. Needs
 * a UTF-8 locale (setlocale in main). Any thread.
 */
#ifndef TAU_TEXT_WIDTH_H
#define TAU_TEXT_WIDTH_H

#include "base/base.h"
#include "base/buf.h"
#include "base/str.h"

/* 0, 1 or 2 cells; control characters and unassigned code points count as their replacement. */
int width_char(uint32_t cp);
int width_str(struct str s);

/* The longest prefix that takes at most `cells`; *ret_cells what it takes. Never cuts a cluster. */
size_t width_fit(struct str s, int cells, int *ret_cells);

/* Appends s so that it can do nothing but be shown: C0 and C1 controls, ESC, DEL become visible
 * (^[, ^G, \x9b), bidi controls and zero-width tricks become <U+202E>, invalid bytes U+FFFD. TAB
 * becomes spaces to the next of 8 columns counted from the last LF; LF is kept; CR before LF is
 * dropped, another CR becomes ^M; a variation selector is dropped; a joiner inside an emoji
 * sequence is kept. */
void width_sanitize(struct buf *out, struct str s);

/* Appends JSON so that it is the same to whoever reads JSON and can do nothing but be shown: what
 * width_sanitize would not leave as it is becomes a \u escape, an invalid byte U+FFFD; LF and TAB are kept.
 * Returns how many bytes of s it took: with `more` to come not a character that is cut at the end. */
size_t width_json(struct buf *out, struct str s, bool more);

#endif
