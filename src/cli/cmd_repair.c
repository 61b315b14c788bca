/* SPDX-License-Identifier: MIT
 *
 * cmd_repair: looks the store over, and makes a copy of it first.
 */
#include "base/digest.h"
#include "base/fs.h"
#include "base/id.h"
#include "base/mem.h"
#include "cli/app.h"
#include "cli/commands.h"
#include "cli/report.h"
#include "core/core.h"
#include "state/snapshot.h"
#include "store/store.h"
#include "json/field.h"
#include "json/jsonw.h"

#include <stdlib.h>
#include <string.h>
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

/* ---- rebuilding ---- */

/* What the projections hold, as a number and a digest for each kind of record. */
struct shown {
    size_t n;
    struct digest digest;
    char sha[DIGEST_HEX];
};

static void add_record(void *arg, struct rec *r)
{
    struct shown *s = arg;
    struct buf b = BUF_OWN;
    struct jsonw w = JSONW(&b);
    field_write_object(&rec_table[r->kind].set, &w, r->u);
    digest_add(&s->digest, buf_view(&b));
    s->n++;
    buf_free(&b);
    rec_unref(r);
}

static bool look(struct store *store, struct shown *all, struct err *e)
{
    bool ok = true;
    for (int k = 0; ok && k < REC_COUNT; k++) {
        int64_t before = 0;
        all[k] = (struct shown){0};
        digest_init(&all[k].digest);
        ok = store_load(store, (enum rec_kind)k, NULL, add_record, &all[k], &before, e);
        digest_end(&all[k].digest, all[k].sha);
        all[k].n += (size_t)before;
    }
    return ok;
}

/* A process that begins on the store folds the log. */
static bool fold(struct app *a, struct err *e)
{
    if (!app_policy(a, false, e) || !app_core(a, "repair", false, e))
        return false;
    core_stop(TAKE(a->core), 0);
    return true;
}

static void write_differences(const struct shown *was, const struct shown *is, struct buf *out)
{
    size_t differ = 0;
    for (int k = 0; k < REC_COUNT; k++) {
        bool same = was[k].n == is[k].n && strcmp(was[k].sha, is[k].sha) == 0;
        differ += !same;
        if (!same)
            buf_printf(out, "differs  %s: %zu before, %zu now\n", rec_table[k].section, was[k].n,
                       is[k].n);
    }
    if (differ == 0)
        buf_puts(out, "rebuilt: all that is shown is what the log says, as it was before\n");
    else
        buf_puts(out, "rebuilt: all that is shown is what the log says\n");
}

/* Everything but the log is made again. What was there is in the backup. */
static bool rebuild(struct app *a, struct store **store, const struct store_options *so,
                    struct buf *out, struct err *e)
{
    struct shown was[REC_COUNT], is[REC_COUNT];
    if (!look(*store, was, e) || !store_rebuild(*store, e))
        return false;
    store_close(TAKE(*store));
    if (!fold(a, e) || !store_open(store, so, e) || !look(*store, is, e))
        return false;
    write_differences(was, is, out);
    return true;
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
    if (ok && o->value[OPT_REBUILD])
        ok = rebuild(&a, &store, &so, &out, &e);
    if (ok)
        buf_puts(&out, "the store is whole: every page and every number of the log is there\n");
    free(backup);
    store_close(store);
    return finish(&a, ok, &out, &e);
}
