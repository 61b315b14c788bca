/* SPDX-License-Identifier: MIT
 *
 * regex: PCRE2 (included here only) with JIT, UTF, and limits on match steps, depth and heap, so that
 * no pattern can hold a thread. A compiled regex may be used by one thread at a time.
 */
#ifndef TAU_TEXT_REGEX_H
#define TAU_TEXT_REGEX_H

#include "base/base.h"
#include "base/err.h"
#include "base/str.h"

struct regex;
struct regex *regex_new(struct str pattern, bool ignore_case, struct err *e) ATTR_WARN;
void regex_free(struct regex *r);
void regex_free_p(struct regex **r);

enum regex_result { REGEX_NO, REGEX_YES, REGEX_LIMIT };

/* Finds the first match at or after `from`. Invalid UTF-8 in the subject is matched bytewise as
 * U+FFFD would be. */
enum regex_result regex_find(struct regex *r, struct str subject, size_t from, size_t *ret_start,
                             size_t *ret_end);

#endif
