/* SPDX-License-Identifier: MIT
 *
 * catchup: at the start the projections may lack what the log has: a tau with other records makes
 * them anew and empty (store/schema.c). Then the log is folded into them, some events a
 * transaction, before anybody looks.
 */
#include "base/log.h"
#include "core/internal.h"

enum { FOLD_AT_ONCE = 1000 };

struct rec *core_read_back(void *arg, enum rec_kind kind, const char *key)
{
    struct core *c = arg;
    struct rec *r = NULL;
    struct err e = ERR_INIT;
    if (!store_find(c->store, kind, key, &r, &e))
        log_error("%s could not be read back: %s", key, e.message);
    return r;
}

const struct rec *batch_find(struct batch *b, enum rec_kind kind, const char *key)
{
    const struct rec *r = draft_find(b->draft, kind, key);
    return r ? rec_ref(r) : core_read_back(b->core, kind, key);
}

static bool fold(void *arg, struct event *ev, const char *proc)
{
    draft_reduce(arg, ev, proc);
    event_unref(ev);
    return true;
}

static bool put_changed(struct core *c, const struct draft *d, struct err *e)
{
    const struct rec *const *changed;
    size_t n = draft_changed(d, &changed);
    for (size_t i = 0; i < n; i++)
        if (!store_put(c->store, changed[i], e))
            return false;
    return true;
}

/* One transaction. *ret_done: nothing was left to fold, or another process has folded meanwhile. */
static bool fold_some(struct core *c, bool *ret_done, struct err *e)
{
    int64_t first, last, folded;
    struct draft *d = draft_new(c->snap);
    draft_source(d, core_read_back, c);
    bool open = store_begin(c->store, &last, e);
    bool ok = open && store_range(c->store, &first, &last, &folded, e);
    *ret_done = ok && folded != c->seq;
    ok = ok && !*ret_done &&
         store_events(c->store, c->seq, MIN(last, c->seq + FOLD_AT_ONCE), fold, d, e) &&
         put_changed(c, d, e) && store_commit(c->store, e);
    if (!ok) {
        if (open)
            store_rollback(c->store);
        draft_drop(d);
        return *ret_done;
    }
    const struct snapshot *old = c->snap;
    c->seq = MIN(last, c->seq + FOLD_AT_ONCE); /* also where numbers are missing */
    c->snap = draft_finish(d, c->seq);
    snapshot_unref(old);
    return true;
}

/* What others wrote since the state was loaded is in the projections already, and is no matter of
 * this: it is taken in as every other news. */
bool core_catch_up(struct core *c, struct err *e)
{
    int64_t first, last, folded;
    bool done = false;
    do {
        if (!store_range(c->store, &first, &last, &folded, e))
            return false;
        done = folded >= last;
        if (!done && folded != c->seq && !core_load_state(c, e))
            return false;
    } while (!done && fold_some(c, &done, e) && !done);
    return e->code == ERR_NONE;
}
