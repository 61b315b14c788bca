/* SPDX-License-Identifier: MIT
 *
 * verbs: the rows of verbs.def and aliases.def as data, and how a line names one: the same in every face.
 * Pure; any thread.
 */
#ifndef TAU_CONTRACT_VERBS_H
#define TAU_CONTRACT_VERBS_H

#include "base/str.h"

enum verb_id {
#define VERB(id, lc, words, name, args, min, max, how, help) VERB_##id,
#include "contract/verbs.def"
#undef VERB
    VERB_COUNT
};

/* READS: queries are enough; RULES: and the policy; TIDIES: works on the files of the store; ACTS: submits
 * actions; CONFIRMS: acts, after a yes. */
enum verb_how { VERB_READS, VERB_RULES, VERB_TIDIES, VERB_ACTS, VERB_CONFIRMS };

struct verb_desc {
    const char *words, *name, *arguments;
    enum verb_how how;
    const char *help;
};
extern const struct verb_desc verb_table[VERB_COUNT];

struct verb_alias {
    const char *name;
    enum verb_id verb;
};
enum { VERB_ALIASES_MAX = 64 };
extern const struct verb_alias verb_aliases[];
extern const size_t verb_aliases_n; /* at most VERB_ALIASES_MAX */

/* The verb whose words on the command line, two or more, begin a line ("session list"); VERB_COUNT: none.
 * *ret_rest: what follows. */
enum verb_id verb_of_words(struct str line, struct str *ret_rest);

/* By its name ("session-list") or another one of it ("sessions"); VERB_COUNT: none. */
enum verb_id verb_of_name(struct str name);

#endif
