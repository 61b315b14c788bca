/* SPDX-License-Identifier: MIT
 *
 * offline_words: a prompt as words for the rules of local/offline. Views into the prompt; nothing
 * is copied. Only src/model includes this. Any thread.
 */
#ifndef TAU_MODEL_OFFLINE_WORDS_H
#define TAU_MODEL_OFFLINE_WORDS_H

#include "model/offline.h"

struct word {
    struct str raw;  /* with its quotes */
    struct str text; /* without, and without punctuation around it */
    bool quoted;
};

struct words {
    struct word v[OFFLINE_WORDS_MAX];
    size_t n;
};

/* The words of a prompt: quoted texts ("", '', ``, fences, typographic quotes) are one word, words
 * of nothing but punctuation are left out, a range of numbers is two words. */
void words_split(struct words *w, struct str prompt);

/* Cuts one courtesy ("please", "can you") off the front or the end; false when there is none. */
bool words_strip_courtesy(struct words *w);

/* Is it this word, whatever the case of its ASCII letters? Never a quoted one. */
bool word_is(const struct word *w, struct str s);

/* Lists are written "one|two|three". Is the word one of the list? */
bool list_has(const char *list, struct str word);

/* What is left of s without the texts of `fronts` at its front and those of `backs` at its end, as
 * often as they are there; never empty when s is not. Either list may be NULL. */
struct str list_drop(struct str s, const char *fronts, const char *backs);

/* Off the end of a word: what ends a sentence. */
struct str word_strip_end(struct str s);

#endif
