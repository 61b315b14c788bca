/* SPDX-License-Identifier: MIT
 *
 * markdown_fence: the lines around a block of code that begin and end it. Pure; any thread.
 */
#ifndef TAU_TEXT_MARKDOWN_FENCE_H
#define TAU_TEXT_MARKDOWN_FENCE_H

#include "base/base.h"
#include "base/str.h"
#include "text/markdown.h"

/* Does text begin with a whole line that begins a block of code on the top level? *ret_n: its bytes. */
bool markdown_fence_begins(struct str text, struct markdown_fence *ret, size_t *ret_n);

/* Is a line of the block, without its LF, the one that ends it? */
bool markdown_fence_ends(const struct markdown_fence *f, struct str line);

/* A line of the block without as many blanks as stand before the line that began it; *ret_blanks stand
 * instead of a TAB that was wider. */
struct str markdown_fence_line(const struct markdown_fence *f, struct str line, size_t *ret_blanks);

#endif
