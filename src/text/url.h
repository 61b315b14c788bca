/* SPDX-License-Identifier: MIT
 *
 * url: web addresses that stand bare in running text.
 */
#ifndef TAU_TEXT_URL_H
#define TAU_TEXT_URL_H

#include "base/str.h"

/* The first "http://..." or "https://..." of `text` that begins a word. It ends before a blank, a
 * control byte or '<', and without the punctuation of the sentence around it; a ')' belongs to it
 * when its '(' does (GitHub Flavored Markdown 6.9). False when there is none. Takes time that is
 * linear in the text. Any thread. */
bool url_find(struct str text, size_t *ret_at, size_t *ret_n);

#endif
