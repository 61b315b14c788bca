/* SPDX-License-Identifier: MIT
 *
 * world: random logs in a store, and the law.
 */
#include "lib/world.h"

#include "lib/test.h"

#include "base/fs.h"
#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>

enum { BATCH = 12 };

/* ---- writing ---- */

void world_put_changed(struct world *w, const struct draft *d)
{
    struct err e = ERR_INIT;
    const struct rec *const *changed;
    size_t n = draft_changed(d, &changed);
    for (size_t i = 0; i < n; i++)
        OK(store_put(w->store, changed[i], &e));
}

static void publish(struct world *w, struct draft *d, int64_t seq)
{
    struct snapshot *old = w->snap;
    w->snap = draft_finish(d, seq);
    snapshot_unref(old);
}

/* Folds some events into store and snapshot, as the core does: one transaction, one draft. */
void world_batch(struct world *w)
{
    struct err e = ERR_INIT;
    int64_t last;
    struct draft *d = draft_new(w->snap);
    OK(store_begin(w->store, &last, &e));
    for (uint64_t i = gen_random(w->gen, BATCH) + 1; i > 0; i--) {
        struct event *ev = gen_next(w->gen);
        if (event_durable(ev)) {
            int64_t seq = ev->seq;
            OK(store_append(w->store, ev, &e));
            assert_int_equal(ev->seq, seq); /* both count alike */
            last = seq;
            w->n++;
        }
        draft_reduce(d, ev, store_proc(w->store));
        event_unref(ev);
    }
    world_put_changed(w, d);
    OK(store_commit(w->store, &e));
    publish(w, d, last);
}

/* ---- comparing ---- */

struct expected {
    const struct section *section;
    const char *session;
    size_t at;
};

static bool is_next(struct expected *x)
{
    const char *of = NULL;
    for (; x->at < x->section->n; x->at++) {
        of = rec_session(x->section->v[x->at]);
        if (!x->session || (of && strcmp(of, x->session) == 0))
            return true;
    }
    return false;
}

static void show(const struct rec *r, const char *what)
{
    struct buf out = BUF_OWN;
    struct jsonw w = JSONW(&out);
    field_write_object(&rec_table[r->kind].set, &w, r->u);
    print_message("%s: %.2000s\n", what, buf_cstr(&out));
    buf_free(&out);
}

static void compare(void *arg, struct rec *r)
{
    struct expected *x = arg;
    if (!is_next(x)) {
        show(r, "read back");
        fail_msg("the fold has no such record");
    }
    const struct rec *held = x->section->v[x->at++];
    if (!rec_equal(r, held)) {
        show(r, "read back");
        show(held, "folded");
        fail_msg("%s: records differ", rec_table[r->kind].section);
    }
    rec_unref(r);
}

static int64_t assert_loaded(struct world *w, enum rec_kind kind, const char *session)
{
    struct err e = ERR_INIT;
    int64_t before = -1;
    struct expected x = {.section = w->snap->sections[kind], .session = session};
    OK(store_load(w->store, kind, session, compare, &x, &before, &e));
    if (is_next(&x)) {
        show(x.section->v[x.at], "folded");
        fail_msg("%s: it was not read back", rec_table[kind].section);
    }
    return before;
}

void world_assert_law(struct world *w)
{
    const struct section *sessions = w->snap->sections[REC_SESSION];
    assert_int_equal(sessions->before, 0); /* else more would have to be read */
    for (int k = 0; k < REC_COUNT; k++) {
        int64_t before = 0;
        if (rec_table[k].session < 0)
            before = assert_loaded(w, (enum rec_kind)k, NULL);
        else
            for (size_t i = 0; i < sessions->n; i++)
                before += assert_loaded(w, (enum rec_kind)k, rec_key(sessions->v[i]));
        assert_int_equal(before, w->snap->sections[k]->before);
    }
}

void world_open(struct world *w, const char *name, uint64_t seed)
{
    *w = (struct world){.gen = gen_new(seed), .snap = snapshot_empty(), .dir = test_tmpdir(name)};
    world_reopen(w);
}

void world_reopen(struct world *w)
{
    struct err e = ERR_INIT;
    struct store_options o = {.dir = w->dir, .proc = "proc_1"};
    store_close(w->store);
    w->store = NULL;
    OK(store_open(&w->store, &o, &e));
}

void world_close(struct world *w)
{
    struct err e = ERR_INIT;
    store_close(w->store);
    snapshot_unref(w->snap);
    gen_free(w->gen);
    OK(fs_remove_tree(w->dir, &e));
    free(w->dir);
}
