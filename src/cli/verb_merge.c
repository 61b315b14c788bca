/* SPDX-License-Identifier: MIT
 *
 * verb_merge: what another branch or session has, taken into this one.
 */
#include "cli/verb.h"

#include <stdio.h>
#include <string.h>

static const char *strategy(const struct verb *v)
{
    const char *given = v->options->value[OPT_STRATEGY];
    return given && strcmp(given, "ff") == 0 ? "fast-forward" : given;
}

bool verb_session_merge(struct verb *v, struct err *e)
{
    char session[ID_MAX], from[ID_MAX], entry[ID_MAX], onto[ID_MAX];
    const char *target = verb_arg(v, 1);
    if (!verb_session_option(v, session, NULL, e))
        return false;
    memcpy(from, session, ID_MAX);
    if (!verb_place(v, from, verb_arg(v, 0), entry, e) ||
        (target && !verb_message(v, session, target, onto, e)))
        return false;
    if (!entry[0])
        return err_set(e, ERR_NOT_FOUND, "nothing was said in '%.80s' yet", verb_arg(v, 0));
    struct act_session_merge args = {.session = session,
                                     .entry = entry,
                                     .onto = target ? onto : NULL,
                                     .strategy = strategy(v),
                                     .source = verb_arg(v, 0)};
    return verb_act(v, ACT_SESSION_MERGE, &args, NULL, e) && verb_tell_head(v, session, e);
}
