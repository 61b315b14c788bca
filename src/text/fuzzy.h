/* SPDX-License-Identifier: MIT
 *
 * fuzzy: nearest names, for "unknown option, did you mean" and for completion. Any thread.
 */
#ifndef TAU_TEXT_FUZZY_H
#define TAU_TEXT_FUZZY_H

#include "base/base.h"
#include "base/err.h"
#include "base/str.h"

/* The edit distance (insert, delete, replace, swap of neighbours), at most `limit` + 1; that also when
 * one of them has more than 64 bytes. */
int fuzzy_distance(struct str a, struct str b, int limit);

/* The nearest of names[0..n) within a third of the word's length, at least one edit, or NULL; that also
 * for a word of one byte. */
const char *fuzzy_nearest(struct str word, const char *const *names, size_t n);

/* The hint of an error about an unknown word: "did you mean NAME? WHERE", with `before` in front of the
 * name; only WHERE when no name is near. Returns false. */
bool fuzzy_hint(struct err *e, struct str word, const char *const *names, size_t n, const char *before,
                const char *where);

/* Subsequence match for a palette: 0 when the letters of `query` do not occur in order in `text`,
 * else a score that is higher for prefixes, word starts and runs. ASCII case is ignored. Only the first
 * 1024 bytes of text are looked at; a query of more than 64 bytes occurs in nothing. */
int fuzzy_score(struct str query, struct str text);

#endif
