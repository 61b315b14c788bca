/* SPDX-License-Identifier: MIT
 *
 * verb_gateway: the console's gateway, up and down.
 */
#include "cli/serving.h"
#include "cli/verb.h"

#include <string.h>

bool verb_gateway(struct verb *v, struct err *e)
{
    const char *what = verb_arg(v, 0), *bind = verb_arg(v, 1), *yes = verb_arg(v, 2);
    struct serving *s = v->app->serving;
    if (!s)
        return err_set(e, ERR_USAGE, "this is for the console") ||
               err_hint(e, "on the command line: tau gateway serve");
    if (what && strcmp(what, "up") != 0 && strcmp(what, "down") != 0)
        return err_set(e, ERR_USAGE, "gateway: expected up or down, got '%.40s'", what);
    if (yes && strcmp(yes, "yes") != 0)
        return err_set(e, ERR_USAGE, "gateway: expected yes, got '%.40s'", yes);
    if (what && strcmp(what, "down") == 0) {
        if (bind)
            return err_set(e, ERR_USAGE, "gateway down takes no address");
        if (!serving_down(s, e))
            return false;
    } else if (what && !serving_up(s, v->app, bind, yes != NULL, e)) {
        return false;
    }
    serving_write(s, v->out);
    return true;
}
