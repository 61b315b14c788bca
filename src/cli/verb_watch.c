/* SPDX-License-Identifier: MIT
 *
 * verb_watch: what the console does, for other programs to see.
 */
#include "cli/verb.h"
#include "cli/watching.h"

#include <string.h>

bool verb_watch(struct verb *v, struct err *e)
{
    const char *what = verb_arg(v, 0);
    struct watching *w = v->app->watching;
    if (!w)
        return err_set(e, ERR_USAGE, "this is for a tau that stays: the console, or line mode") ||
               err_hint(e, "on the command line: tau shell-live --watch");
    if (what && strcmp(what, "up") != 0 && strcmp(what, "down") != 0)
        return err_set(e, ERR_USAGE, "watch: expected up or down, got '%.40s'", what);
    if (what && !(strcmp(what, "up") == 0 ? watching_up(w, v->app, e) : watching_down(w, e)))
        return false;
    watching_write(w, v->out);
    return true;
}
