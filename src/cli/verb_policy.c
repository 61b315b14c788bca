/* SPDX-License-Identifier: MIT
 *
 * verb_policy: what is allowed here, and why.
 */
#include "cli/verb.h"
#include "policy/explain.h"

bool verb_policy_show(struct verb *v, struct err *e)
{
    (void)e;
    policy_show(v->app->policy, v->out);
    buf_putc(v->out, '\n');
    return true;
}

bool verb_policy_test(struct verb *v, struct err *e)
{
    struct arena a = ARENA_INIT;
    struct decision d;
    (void)e;
    policy_explain(v->app->policy, verb_rest(v, 0, &a), NULL, v->out, &d);
    arena_free(&a);
    return true;
}
