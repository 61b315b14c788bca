/* SPDX-License-Identifier: MIT
 *
 * answers: actions on their way, and what the core said to them. Submitted on the UI thread,
 * answered on the core's, read on the UI thread again. The list outlives the console until the last
 * answer came, so that a core that is stopped after it can still answer.
 */
#ifndef TAU_UI_ANSWERS_H
#define TAU_UI_ANSWERS_H

#include "base/base.h"
#include "contract/action.h"
#include "contract/seams.h"

struct answers;

struct answer {
    enum action_id action;
    struct action_answer result;
    char *text;  /* what was given to answers_submit; the reader frees it */
    char *given; /* result.text, copied; the reader frees it */
};

/* NULL when the system has no eventfd left. */
struct answers *answers_new(void);
void answers_free(struct answers *a); /* what is still on its way is dropped when it comes */

int answers_fd(const struct answers *a); /* readable when there is an answer */

/* Takes text over (may be NULL): it comes back with the answer. */
void answers_submit(struct answers *a, const struct actor *actor, const struct principal *who,
                    enum action_id action, const void *arguments, char *text);

/* The next answer; false when there is none, and then fd is armed again. */
bool answers_next(struct answers *a, struct answer *ret_answer);

#endif
