/* SPDX-License-Identifier: MIT
 *
 * verb_image: an image for the next message of the console.
 */
#include "base/mem.h"
#include "cli/image.h"
#include "cli/verb.h"

bool verb_image(struct verb *v, struct err *e)
{
    const char *path = verb_arg(v, 0);
    CLEANUP(buf_free) struct buf image = BUF_OWN;
    if (!v->console)
        return err_set(e, ERR_USAGE, "this is for the console") ||
               err_hint(e, "on the command line: tau -p QUESTION --image FILE");
    if (path && !image_keep(v->app->state_dir, path, &image, e))
        return false;
    v->image = mem_strdup(path ? buf_cstr(&image) : "");
    buf_printf(v->out, path ? "%s goes with your next message" : "no image goes with it%.0s",
               path ? path : "");
    return true;
}
