/* SPDX-License-Identifier: MIT
 *
 * place: a temporary directory and what lies in it.
 */
#include "cli/place.h"

#include "base/fs.h"
#include "base/mem.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

bool place_open(struct place *p, const char *what, struct err *e)
{
    const char *tmp = getenv("TMPDIR");
    *p = (struct place){.dir = mem_printf("%s/tau-%s-XXXXXX", tmp && tmp[0] == '/' ? tmp : "/tmp", what)};
    if (!mkdtemp(p->dir)) {
        int why = errno;
        free(TAKE(p->dir));
        return err_sys(e, ERR_IO, why, "a temporary directory");
    }
    p->workspace = fs_join(p->dir, "work");
    p->store = fs_join(p->dir, "store");
    p->script = fs_join(p->dir, "script.jsonl");
    return fs_mkdirs(p->workspace, 0700, e);
}

void place_close(struct place *p, bool keep)
{
    struct err e = ERR_INIT;
    if (p->dir && !keep && !fs_remove_tree(p->dir, &e))
        fprintf(stderr, "tau: %s stays: %s\n", p->dir, e.message);
    free(p->dir);
    free(p->workspace);
    free(p->store);
    free(p->script);
    *p = (struct place){0};
}
