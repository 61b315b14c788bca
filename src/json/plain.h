/* SPDX-License-Identifier: MIT
 *
 * plain: what reading and writing strings share. Any thread.
 */
#ifndef TAU_JSON_PLAIN_H
#define TAU_JSON_PLAIN_H

#include "base/base.h"
#include "base/str.h"

/* How many bytes at the front are printable ASCII that a JSON string holds as it is: neither a
 * control, nor a quote, a backslash, or part of a longer character. */
size_t plain_run(struct str s);

#endif
