/* SPDX-License-Identifier: MIT
 *
 * base64: bytes as text, RFC 4648 section 4, with padding. Pure; any thread.
 */
#ifndef TAU_BASE_BASE64_H
#define TAU_BASE_BASE64_H

#include "base/buf.h"

void base64_encode(struct buf *out, struct str bytes);

/* Appends the bytes. False when the text is not exactly that: another character, a length that is
 * no multiple of four, padding elsewhere than at the end, bits behind the last byte. */
bool base64_decode(struct buf *out, struct str text) ATTR_WARN;

#endif
