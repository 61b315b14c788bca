/* SPDX-License-Identifier: MIT
 *
 * regex: PCRE2 (included here only) with JIT, UTF, and limits on match steps, depth and heap, so
 * that no pattern can hold a thread. A compiled regex may be used by one thread at a time.
 */
#ifndef TAU_TEXT_REGEX_H
#define TAU_TEXT_REGEX_H

#include "base/base.h"
#include "base/err.h"
#include "base/str.h"

/* Longer subjects are not looked at (REGEX_LIMIT): match line by line. */
enum { REGEX_SUBJECT_MAX = 1 << 20 };

struct regex;

/* PCRE2's syntax, in UTF mode, without the settings that begin a pattern, such as (*UCP): something else
 * begins each one here. ERR_INVALID names the byte and what is wrong there. Free with
 * regex_free. */
struct regex *regex_new(struct str pattern, bool ignore_case, struct err *e) ATTR_WARN;
void regex_free(struct regex *r); /* NULL is fine */
void regex_free_p(struct regex **r);

enum regex_result { REGEX_NO, REGEX_YES, REGEX_LIMIT };

/* Finds the first match at or after `from`; the match may be empty, so a caller that looks for all
 * of them moves on by one character then. An invalid byte of the subject is a character of its own
 * that "." and [^a] match, but no letter or \w does. REGEX_LIMIT: the pattern needs too many steps,
 * too much memory or more than about a second. */
enum regex_result regex_find(struct regex *r, struct str subject, size_t from, size_t *ret_start,
                             size_t *ret_end) ATTR_WARN;

#endif
