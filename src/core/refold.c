/* SPDX-License-Identifier: MIT
 *
 * refold: folding a log into the copy of the projections, some events a transaction.
 */
#include "core/refold.h"

#include "base/log.h"
#include "state/reduce.h"
#include "store/store.h"

enum { FOLD_AT_ONCE = 1000 };

struct refold {
    struct store *store;
    const struct snapshot *snap;
    int64_t seq; /* newest that it holds */
};

static struct rec *read_back(void *arg, enum rec_kind kind, const char *key)
{
    struct refold *r = arg;
    struct rec *rec = NULL;
    struct err e = ERR_INIT;
    if (!store_find(r->store, kind, key, &rec, &e))
        log_error("%s could not be read back: %s", key, e.message);
    return rec;
}

static void load_record(void *arg, struct rec *rec)
{
    draft_load(arg, rec);
}

static bool load(struct refold *r, struct err *e)
{
    const struct snapshot *nothing = snapshot_empty();
    struct draft *d = draft_new(nothing);
    int64_t first, last, before;
    bool ok = store_range(r->store, &first, &last, &r->seq, e);
    snapshot_unref(nothing);
    for (int k = 0; ok && k < REC_COUNT; k++)
        ok = store_load(r->store, (enum rec_kind)k, NULL, load_record, d, &before, e);
    if (ok)
        r->snap = draft_finish(d, r->seq);
    else
        draft_drop(d);
    return ok;
}

static bool fold_event(void *arg, struct event *ev, const char *proc)
{
    draft_reduce(arg, ev, proc);
    event_unref(ev);
    return true;
}

static bool put_changed(struct store *s, const struct draft *d, struct err *e)
{
    const struct rec *const *changed;
    size_t n = draft_changed(d, &changed);
    for (size_t i = 0; i < n; i++)
        if (!store_put(s, changed[i], e))
            return false;
    return true;
}

/* Reading and reducing need no lock; putting is one transaction. */
static bool fold_some(struct refold *r, int64_t upto, struct err *e)
{
    int64_t last;
    struct draft *d = draft_new(r->snap);
    draft_source(d, read_back, r);
    bool ok = store_events(r->store, r->seq, upto, fold_event, d, e);
    ok = ok && store_begin(r->store, &last, e);
    if (ok && !put_changed(r->store, d, e)) {
        store_rollback(r->store);
        ok = false;
    }
    ok = ok && store_copied(r->store, upto, e);
    if (!ok) {
        draft_drop(d);
        return false;
    }
    const struct snapshot *old = r->snap;
    r->seq = upto;
    r->snap = draft_finish(d, upto);
    snapshot_unref(old);
    return true;
}

/* Up to before `upto`. */
static bool fold(struct refold *r, int64_t upto, struct err *e)
{
    bool ok = r->snap || load(r, e);
    while (ok && r->seq < upto - 1)
        ok = fold_some(r, MIN(upto - 1, r->seq + FOLD_AT_ONCE), e);
    return ok;
}

bool refold(const char *dir, int64_t upto, struct err *e)
{
    struct refold r = {0};
    bool ok = store_open_second(&r.store, dir, NULL, STORE_COPY, e) && fold(&r, upto, e);
    if (r.snap)
        snapshot_unref(r.snap);
    store_close(r.store);
    return ok;
}
