/* SPDX-License-Identifier: MIT
 *
 * The law of the snapshot, from the store's side: whatever log was folded, the records that are
 * read back from the projections are those that the fold holds, in its order, every text filled in;
 * and when the projections are made again from the log they are the same once more.
 */
#include "lib/test.h"

#include "base/fs.h"
#include "base/mem.h"
#include "lib/gen.h"
#include "state/reduce.h"
#include "store/store.h"

#include <stdio.h>
#include <stdlib.h>

enum { EVENTS = 3000, BATCH = 12 };

struct world {
    struct gen *gen;
    struct store *store;
    struct snapshot *snap;
    int64_t n;
};

/* ---- writing ---- */

static void put_changed(struct world *w, const struct draft *d)
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
static void batch(struct world *w)
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
    put_changed(w, d);
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

static void assert_law(struct world *w)
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

/* ---- again from the log ---- */

static bool fold(void *arg, struct event *ev, const char *proc)
{
    draft_reduce(arg, ev, proc);
    event_unref(ev);
    return true;
}

static void rebuild(struct world *w)
{
    struct err e = ERR_INIT;
    int64_t last;
    struct snapshot *nothing = snapshot_empty();
    struct draft *d = draft_new(nothing);
    OK(store_begin(w->store, &last, &e));
    OK(store_clear(w->store, &e));
    OK(store_events(w->store, 0, last, fold, d, &e));
    put_changed(w, d);
    OK(store_commit(w->store, &e));
    draft_drop(d);
    snapshot_unref(nothing);
}

static void what_is_read_back_is_the_fold(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    char *dir = test_tmpdir("law");
    struct store_options o = {.dir = dir, .proc = "proc_1"};
    struct world w = {.gen = gen_new(test_seed()), .snap = snapshot_empty()};
    OK(store_open(&w.store, &o, &e));
    for (int next = 1; w.n < EVENTS;) {
        batch(&w);
        if (w.n < next)
            continue;
        assert_law(&w);
        next = next * 3 / 2 + 20;
    }
    assert_law(&w);
    store_close(w.store);
    w.store = NULL;
    OK(store_open(&w.store, &o, &e));
    assert_law(&w);
    rebuild(&w);
    assert_law(&w);
    OK(store_check(w.store, &e));
    store_close(w.store);
    snapshot_unref(w.snap);
    gen_free(w.gen);
    OK(fs_remove_tree(dir, &e));
    free(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_is_read_back_is_the_fold)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
