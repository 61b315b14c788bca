/* SPDX-License-Identifier: MIT
 *
 * cmd_repair: looks the store over, and makes a copy of it first.
 */
#include "base/fs.h"
#include "base/id.h"
#include "base/mem.h"
#include "cli/app.h"
#include "cli/commands.h"
#include "cli/report.h"
#include "store/store.h"

#include <stdlib.h>
#include <unistd.h>

static int finish(struct app *a, bool ok, struct buf *out, struct err *e)
{
    if (ok)
        ok = fs_write_all(STDOUT_FILENO, buf_view(out), e);
    if (!ok)
        report(e);
    buf_free(out);
    app_close(a);
    return ok ? 0 : err_code_exit(e->code);
}

static bool has_store(const struct app *a)
{
    CLEANUP(mem_free_p) char *db = fs_join(a->state_dir, "tau.db");
    return fs_exists(db);
}

int cmd_session_repair(const struct options *o)
{
    struct app a = {0};
    struct err e = ERR_INIT;
    struct buf out = BUF_OWN;
    struct store *store = NULL;
    struct id proc = id_make("proc");
    bool ok = app_open(&a, o, &e);
    if (ok && !has_store(&a)) {
        buf_puts(&out, "there is no store here yet\n");
        return finish(&a, true, &out, &e);
    }
    struct store_options so = {.dir = a.state_dir, .proc = proc.s};
    ok = ok && store_open(&store, &so, &e);
    char *backup = ok ? store_backup(store, &e) : NULL;
    ok = ok && backup && store_check(store, &e);
    if (backup)
        buf_printf(&out, "backup  %s\n", backup);
    if (ok)
        buf_puts(&out, "the store is whole: every page and every number of the log is there\n");
    free(backup);
    store_close(store);
    return finish(&a, ok, &out, &e);
}
