/* SPDX-License-Identifier: MIT
 *
 * verbs: the tables, and finding a row.
 */
#include "contract/verbs.h"

#include "base/base.h"

#include <string.h>

const struct verb_desc verb_table[VERB_COUNT] = {
#define VERB(id, lc, words, name, args, min, max, how, help)                                       \
    [VERB_##id] = {words, name, args, VERB_##how, help},
#include "contract/verbs.def"
#undef VERB
};

const struct verb_alias verb_aliases[] = {
#define ALIAS(name, id) {name, VERB_##id},
#include "contract/aliases.def"
#undef ALIAS
};
const size_t verb_aliases_n = ARRAY_LEN(verb_aliases);
_Static_assert(ARRAY_LEN(verb_aliases) <= VERB_ALIASES_MAX, "lists of names have room for all");

enum verb_id verb_of_words(struct str line, struct str *ret_rest)
{
    for (int i = 0; i < VERB_COUNT; i++) {
        const char *words = verb_table[i].words;
        struct str rest = line, word;
        bool all = strchr(words, ' ') != NULL;
        for (struct str left = str_of(words); all && str_split(&left, ' ', &word);) {
            rest = str_trim(rest);
            ssize_t blank = str_index(rest, ' ');
            size_t n = blank < 0 ? rest.n : (size_t)blank;
            all = str_eq(str_sub(rest, 0, n), word);
            rest = str_sub(rest, n, rest.n);
        }
        if (all) {
            *ret_rest = str_trim(rest);
            return (enum verb_id)i;
        }
    }
    return VERB_COUNT;
}

enum verb_id verb_of_name(struct str name)
{
    for (int i = 0; i < VERB_COUNT; i++)
        if (str_is(name, verb_table[i].name))
            return (enum verb_id)i;
    for (size_t i = 0; i < verb_aliases_n; i++)
        if (str_is(name, verb_aliases[i].name))
            return verb_aliases[i].verb;
    return VERB_COUNT;
}
