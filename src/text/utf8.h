/* SPDX-License-Identifier: MIT
 *
 * utf8: UTF-8 by RFC 3629: no overlong forms, no surrogates, nothing past U+10FFFF. Any thread.
 */
#ifndef TAU_TEXT_UTF8_H
#define TAU_TEXT_UTF8_H

#include "base/base.h"
#include "base/buf.h"
#include "base/str.h"

#define UTF8_REPLACEMENT 0xFFFDu

/* The code point at the front and its length in bytes. An invalid byte gives U+FFFD and 1. s must
 * not be empty. */
uint32_t utf8_next(struct str s, size_t *ret_bytes);

bool utf8_valid(struct str s);

/* Length of the longest valid prefix; *ret_cut says that only a character cut at the end is missing
 * (so that a stream can wait for the rest). */
size_t utf8_valid_prefix(struct str s, bool *ret_cut);

/* The longest prefix of at most max bytes that cuts no valid character in two. */
struct str utf8_clip(struct str s, size_t max);

/* Writes the code point, 1 to 4 bytes; 0 for one that UTF-8 can not hold. */
size_t utf8_encode(uint32_t cp, char out[4]);

/* A letter, a digit or another number, of any script. */
bool utf8_is_word(uint32_t cp);

/* Appends s with every invalid byte replaced by U+FFFD. */
void utf8_clean(struct buf *out, struct str s);

/* Length of the grapheme cluster at the front (UAX 29, by utf8proc); 0 for an empty view. */
size_t utf8_cluster(struct str s);

/* Where the cluster before byte `at` begins. */
size_t utf8_cluster_before(struct str s, size_t at);

#endif
