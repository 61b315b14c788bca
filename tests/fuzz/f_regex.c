/* SPDX-License-Identifier: MIT
 *
 * f_regex: the first line is the pattern, the rest the subject. All matches are walked.
 */
#include "fuzz/fuzz.h"

#include "text/regex.h"
#include "text/utf8.h"

static void walk(struct regex *r, struct str subject)
{
    size_t from = 0, start, end;
    for (int i = 0; i < 100 && from <= subject.n; i++) {
        if (regex_find(r, subject, from, &start, &end) != REGEX_YES)
            return;
        TAU_ASSERT(start >= from && start <= end && end <= subject.n);
        from = end > start ? end : end + 1;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct err e = ERR_INIT;
    struct str subject = str_make((const char *)data, n), pattern;
    if (!str_line(&subject, &pattern))
        return 0;
    for (int ignore_case = 0; ignore_case <= 1; ignore_case++) {
        struct regex *r = regex_new(pattern, ignore_case, &e);
        if (r)
            walk(r, subject);
        else
            TAU_ASSERT(e.code == ERR_INVALID && utf8_valid(str_of(e.message)));
        regex_free(r);
    }
    return 0;
}
