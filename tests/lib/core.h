/* SPDX-License-Identifier: MIT
 *
 * core: a real core over a real store and workspace in temporary directories, played by a script.
 */
#ifndef TAU_TESTS_CORE_H
#define TAU_TESTS_CORE_H

#include "core/core.h"

struct fixture {
    char *dir, *workspace, *state, *config, *script;
    struct policy *policy;
    struct core *core;
    char session[ID_MAX];
    struct core_options options; /* change before fixture_start */
    enum policy_mode mode;
    enum policy_preset preset;
};

/* Makes the directories and a script of these lines (NULL: none). */
void fixture_open(struct fixture *f, const char *name, const char *script);
void fixture_start(struct fixture *f);
void fixture_stop(struct fixture *f);
void fixture_close(struct fixture *f);

/* Writes a file of the workspace; reads one (caller frees; NULL when it is not there). */
void fixture_write(struct fixture *f, const char *path, const char *text);
char *fixture_read(struct fixture *f, const char *path);

/* Submits an action with a JSON text made by printf; the answer is returned. */
struct action_answer fixture_act(struct fixture *f, const char *action, const char *fmt, ...)
    ATTR_PRINTF(3, 4);

/* Submits a turn in the fixture's session and returns its id (caller frees). */
char *fixture_submit(struct fixture *f, const char *input);

/* Waits (at most 20 s) until a snapshot passes the test, and returns it; fails the test after. */
struct snapshot *fixture_until(struct fixture *f, bool (*test)(const struct snapshot *s, void *arg),
                               void *arg);

/* For fixture_until: a question is open. ret_id (ID_MAX bytes): which. */
bool fixture_asks(const struct snapshot *s, void *ret_id);

/* Waits until the turn has ended and returns its record's status (static text). */
const char *fixture_ended(struct fixture *f, const char *turn);

/* The kinds of the durable events of the whole log in order, a space after each; caller frees. */
char *fixture_kinds(struct fixture *f);

/* How many durable events there are of this kind whose data contain `part` (NULL: any). */
int fixture_count(struct fixture *f, const char *kind, const char *part);

#endif
