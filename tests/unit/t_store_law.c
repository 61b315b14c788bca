/* SPDX-License-Identifier: MIT
 *
 * The law of the snapshot, from the store's side: whatever log was folded, the records that are
 * read back from the projections are those that the fold holds, in its order, every text filled in;
 * and when the projections are made again from the log they are the same once more.
 */
#include "lib/test.h"
#include "lib/world.h"

enum { EVENTS = 3000 };

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
    world_put_changed(w, d);
    OK(store_commit(w->store, &e));
    draft_drop(d);
    snapshot_unref(nothing);
}

static void what_is_read_back_is_the_fold(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct world w;
    world_open(&w, "law", test_seed());
    for (int next = 1; w.n < EVENTS;) {
        world_batch(&w);
        if (w.n < next)
            continue;
        world_assert_law(&w);
        next = next * 3 / 2 + 20;
    }
    world_assert_law(&w);
    world_reopen(&w);
    world_assert_law(&w);
    rebuild(&w);
    world_assert_law(&w);
    OK(store_check(w.store, &e));
    world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_is_read_back_is_the_fold)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
