/* SPDX-License-Identifier: MIT */
#include "lib/test.h"

#include "base/mem.h"
#include "lib/gen.h"
#include "state/hub.h"
#include "state/reduce.h"

#include <malloc.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

static struct event *make(enum event_kind kind, const char *session, const char *turn, int64_t seq)
{
    struct event *ev = event_new(kind, &(struct event_ids){.session = session, .turn = turn}, NULL);
    ev->seq = seq;
    return ev;
}

static void publish(struct hub *h, enum event_kind kind, const char *session, const char *turn,
                    int64_t seq)
{
    struct event *ev = make(kind, session, turn, seq);
    hub_publish(h, &ev, 1, NULL);
    event_unref(ev);
}

static void publish_snapshot(struct hub *h, int64_t seq)
{
    struct snapshot *s = snapshot_empty();
    s->seq = seq;
    hub_publish(h, NULL, 0, s);
    snapshot_unref(s);
}

static bool is_ready(struct hub_reader *r)
{
    struct pollfd p = {.fd = hub_fd(r), .events = POLLIN};
    return poll(&p, 1, 0) == 1;
}

/* Reads all; the seqs as text, gaps as (from-to). */
static const char *drain(struct hub_reader *r, char out[200])
{
    size_t n = 0;
    out[0] = '\0';
    for (struct event *ev; (ev = hub_next(r)); event_unref(ev)) {
        int w = ev->kind == EV_BUS_GAP
                    ? snprintf(out + n, 200 - n, "(%lld-%lld)", (long long)EV(ev, bus_gap)->from,
                               (long long)EV(ev, bus_gap)->to)
                    : snprintf(out + n, 200 - n, "%lld ", (long long)ev->seq);
        n += (size_t)w;
        if (n >= 200)
            fail_msg("too many events");
    }
    return out;
}

/* One that somebody else wakes takes no descriptor, and reads as every other. */
static void test_quiet(void **state)
{
    (void)state;
    char out[200];
    struct hub *h = hub_new();
    struct hub_reader *r = hub_read(h, &(struct hub_filter){.events = true, .quiet = true});
    assert_int_equal(hub_fd(r), -1);
    publish(h, EV_TURN_STARTED, "s", "t", 1);
    hub_arm(r);
    assert_string_equal(drain(r, out), "1 ");
    publish(h, EV_TURN_COMPLETED, "s", "t", 2);
    assert_string_equal(drain(r, out), "2 ");
    hub_read_end(r);
    hub_free(h);
}

static void test_starts_after(void **state)
{
    (void)state;
    char out[200];
    struct hub *h = hub_new();
    publish(h, EV_TURN_STARTED, "s", "t", 1);
    struct hub_reader *r = hub_read(h, &(struct hub_filter){.events = true});
    assert_false(is_ready(r));
    assert_null(hub_next(r));
    publish(h, EV_TURN_STARTED, "s", "t", 2);
    publish(h, EV_TURN_TEXT_DELTA, "s", "t", 0);
    publish(h, EV_TURN_COMPLETED, "s", "t", 3);
    assert_string_equal(drain(r, out), "2 0 3 ");
    hub_read_end(r);
    hub_free(h);
}

static void test_filters(void **state)
{
    (void)state;
    static const struct {
        struct hub_filter filter;
        const char *expected;
    } rows[] = {
        {{.events = true}, "1 2 3 4 5 6 7 8 "},
        {{.snapshots = true}, ""},
        {{.events = true, .session = "s"}, "1 2 3 4 8 "},
        {{.events = true, .session = "s", .turn = "t"}, "1 2 3 8 "},
        {{.events = true, .turn = "t2"}, "4 5 8 "},
        {{.events = true, .kinds = "turn."}, "1 4 5 6 "},
        {{.events = true, .kinds = "turn.text"}, "4 "},
        {{.events = true, .kinds = "tool.completed, approval."}, "2 3 "},
        {{.events = true, .kinds = "bus.", .session = "s"}, "8 "},
        {{.events = true, .kinds = "later."}, "7 "},
        {{.events = true, .kinds = "nothing"}, ""},
        {{.events = true, .kinds = ""}, ""},
    };
    struct err e = ERR_INIT;
    struct hub *h = hub_new();
    struct hub_reader *readers[ARRAY_LEN(rows)];
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        readers[i] = hub_read(h, &rows[i].filter);
    publish(h, EV_TURN_STARTED, "s", "t", 1);
    publish(h, EV_TOOL_COMPLETED, "s", "t", 2);
    publish(h, EV_APPROVAL_EXPIRED, "s", "t", 3);
    publish(h, EV_TURN_TEXT, "s", "t2", 4);
    publish(h, EV_TURN_TEXT_DELTA, "s2", "t2", 5);
    publish(h, EV_TURN_CREATED, "s2", NULL, 6);
    struct event *later = event_from(7, 0, STR("later.thing"), NULL, STR("{}"), &e);
    OK(later != NULL);
    hub_publish(h, &later, 1, NULL);
    event_unref(later);
    publish(h, EV_BUS_DEGRADED, NULL, NULL, 8);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char out[200];
        assert_int_equal(is_ready(readers[i]), rows[i].expected[0] != '\0');
        if (strcmp(drain(readers[i], out), rows[i].expected) != 0)
            fail_msg("row %zu: %s, expected %s", i, out, rows[i].expected);
        hub_read_end(readers[i]);
    }
    hub_free(h);
}

/* The ring holds HUB_RING events; the next one takes the place of the oldest. */
static void test_lapped(void **state)
{
    (void)state;
    struct hub *h = hub_new();
    publish_snapshot(h, 100);
    struct hub_reader *fits = hub_read(h, &(struct hub_filter){.events = true});
    struct hub_reader *lapped = hub_read(h, &(struct hub_filter){.events = true});
    struct hub_reader *other = hub_read(h, &(struct hub_filter){.events = true, .session = "else"});
    for (int64_t i = 1; i <= HUB_RING; i++)
        publish(h, EV_TURN_TEXT, "s", "t", 100 + i);
    for (int64_t i = 1; i <= HUB_RING; i++) {
        struct event *ev = hub_next(fits);
        assert_non_null(ev);
        assert_int_equal(ev->seq, 100 + i);
        event_unref(ev);
    }
    assert_null(hub_next(fits));
    publish(h, EV_TURN_TEXT, "s", "t", 101 + HUB_RING);
    struct event *gap = hub_next(lapped);
    assert_int_equal(gap->kind, EV_BUS_GAP);
    assert_int_equal(gap->seq, 0);
    assert_int_equal(gap->after, 101);
    assert_int_equal(EV(gap, bus_gap)->from, 101);
    assert_int_equal(EV(gap, bus_gap)->to, 101);
    event_unref(gap);
    for (int64_t i = 2; i <= HUB_RING + 1; i++) {
        struct event *ev = hub_next(lapped);
        assert_int_equal(ev->seq, 100 + i);
        event_unref(ev);
    }
    assert_null(hub_next(lapped));
    /* Who would not have seen them is told all the same: it can not know. */
    char out[200];
    assert_string_equal(drain(other, out), "(101-101)");
    hub_read_end(fits);
    hub_read_end(lapped);
    hub_read_end(other);
    hub_free(h);
}

/* Only ephemeral events were overwritten: no seq is missing. */
static void test_lapped_ephemeral(void **state)
{
    (void)state;
    char out[200];
    struct hub *h = hub_new();
    publish(h, EV_TURN_TEXT, "s", "t", 9);
    struct hub_reader *r =
        hub_read(h, &(struct hub_filter){.events = true, .kinds = "turn.completed"});
    for (int i = 0; i < HUB_RING; i++)
        publish(h, EV_TURN_TEXT_DELTA, "s", "t", 0);
    publish(h, EV_TURN_COMPLETED, "s", "t", 10);
    assert_string_equal(drain(r, out), "(10-9)10 ");
    hub_read_end(r);
    hub_free(h);
}

enum { LARGE = 1 << 20 };

static void publish_large(struct hub *h, const char *text, int64_t seq)
{
    struct event *ev = event_new(EV_TURN_TEXT, &(struct event_ids){.session = "s"},
                                 &(struct ev_turn_text){.part = "p", .text = text});
    ev->seq = seq;
    hub_publish(h, &ev, 1, NULL);
    event_unref(ev);
}

/* What everybody has read is let go, and of what somebody has not no more than HUB_BYTES are kept. An
 * event has its text twice, in data and as a field. */
static void test_memory(void **state)
{
    (void)state;
    char out[200];
    char *text = mem_new(LARGE);
    memset(text, 'x', LARGE - 1);
    struct hub *h = hub_new();
    struct hub_reader *quick = hub_read(h, &(struct hub_filter){.events = true});
    struct hub_reader *looks = hub_read(h, &(struct hub_filter){.snapshots = true});
    size_t before = mallinfo2().uordblks + mallinfo2().hblkhd;
    for (int64_t i = 1; i <= 50; i++) {
        publish_large(h, text, i);
        struct event *ev = hub_next(quick);
        assert_int_equal(ev->seq, i);
        event_unref(ev);
        size_t now = mallinfo2().uordblks + mallinfo2().hblkhd;
        assert_true(now < before + (size_t)5 * LARGE);
    }
    struct hub_reader *slow = hub_read(h, &(struct hub_filter){.events = true});
    for (int64_t i = 51; i <= 100; i++) {
        publish_large(h, text, i);
        event_unref(hub_next(quick));
        size_t now = mallinfo2().uordblks + mallinfo2().hblkhd;
        assert_true(now < before + (size_t)2 * HUB_BYTES + (size_t)5 * LARGE);
    }
    assert_string_equal(drain(slow, out), "(51-85)86 87 88 89 90 91 92 93 94 95 96 97 98 99 100 ");
    assert_string_equal(drain(quick, out), "");
    assert_null(hub_next(looks)); /* it never wanted any */
    hub_read_end(quick);
    hub_read_end(looks);
    hub_read_end(slow);
    hub_free(h);
    free(text);
}

/* One that is larger than all that may be kept is there until it was read. */
static void test_one_too_large(void **state)
{
    (void)state;
    char *text = mem_new(HUB_BYTES + LARGE);
    memset(text, 'x', HUB_BYTES + LARGE - 1);
    struct hub *h = hub_new();
    struct hub_reader *r = hub_read(h, &(struct hub_filter){.events = true});
    publish_large(h, text, 1);
    struct event *ev = hub_next(r);
    assert_int_equal(ev->seq, 1);
    event_unref(ev);
    hub_read_end(r);
    hub_free(h);
    free(text);
}

/* Only what passes wakes, once, until the reader says that it looks. */
static void test_wakes(void **state)
{
    (void)state;
    char out[200];
    struct hub *h = hub_new();
    struct hub_reader *r =
        hub_read(h, &(struct hub_filter){.events = true, .snapshots = true, .kinds = "tool."});
    publish(h, EV_TURN_STARTED, "s", "t", 1);
    assert_false(is_ready(r));
    publish(h, EV_TOOL_STARTED, "s", "t", 2);
    assert_true(is_ready(r));
    assert_string_equal(drain(r, out), "2 ");
    assert_true(is_ready(r));
    hub_arm(r);
    assert_false(is_ready(r));
    publish_snapshot(h, 2);
    assert_true(is_ready(r));
    hub_arm(r);
    publish(h, EV_TOOL_STARTED, "s", "t", 3);
    publish(h, EV_TOOL_STARTED, "s", "t", 4);
    assert_true(is_ready(r));
    hub_arm(r);
    assert_false(is_ready(r));
    assert_string_equal(drain(r, out), "3 4 ");
    hub_read_end(r);
    hub_free(h);
}

static void test_snapshots(void **state)
{
    (void)state;
    struct hub *h = hub_new();
    struct snapshot *first = hub_snapshot(h);
    assert_int_equal(first->seq, 0);
    publish_snapshot(h, 5);
    struct snapshot *second = hub_snapshot(h);
    assert_int_equal(second->seq, 5);
    assert_int_equal(first->seq, 0);
    publish(h, EV_TURN_STARTED, "s", "t", 6); /* its snapshot comes later */
    struct snapshot *third = hub_snapshot(h);
    assert_ptr_equal(second, third);
    snapshot_unref(first);
    snapshot_unref(second);
    hub_free(h);
    assert_int_equal(third->seq, 5);
    snapshot_unref(third);
}

/* ---- threads ---- */

enum { EVENTS = 60000, READERS = 4 };

struct watch {
    struct hub *hub;
    struct hub_reader *reader;
    bool slow;
    size_t events, gaps, wrong;
    int64_t last;
};
static atomic_bool done;

static void look(struct watch *w)
{
    struct hub_reader *r = w->reader;
    hub_arm(r);
    struct snapshot *s = hub_snapshot(w->hub);
    int64_t published = s->seq;
    snapshot_unref(s);
    for (struct event *ev; (ev = hub_next(r)); event_unref(ev)) {
        if (ev->kind == EV_BUS_GAP) {
            w->gaps++;
            w->wrong += EV(ev, bus_gap)->from != w->last + 1 || EV(ev, bus_gap)->to < w->last;
            w->last = EV(ev, bus_gap)->to;
        } else {
            w->events++;
            w->wrong += ev->seq != w->last + 1;
            w->last = ev->seq;
        }
    }
    /* A snapshot never runs ahead of the events that made it. */
    w->wrong += published > w->last;
}

static void *watch(void *arg)
{
    struct watch *w = arg;
    while (!atomic_load(&done)) {
        struct pollfd p = {.fd = hub_fd(w->reader), .events = POLLIN};
        if (w->slow)
            sched_yield();
        else if (poll(&p, 1, 1000) == 1)
            look(w);
    }
    look(w);
    return NULL;
}

/* One publisher, readers that wait and one that does not read until the end: nobody misses anything
 * without being told, and the publisher never waits for them. */
static void test_threads(void **state)
{
    (void)state;
    struct hub *h = hub_new();
    pthread_t ids[READERS];
    struct watch w[READERS] = {0};
    for (size_t i = 0; i < READERS; i++) {
        w[i].hub = h;
        w[i].slow = i == 0;
        w[i].reader = hub_read(h, &(struct hub_filter){.events = true, .snapshots = !w[i].slow});
        assert_int_equal(pthread_create(&ids[i], NULL, watch, &w[i]), 0);
    }
    int64_t seq = 0;
    while (seq < EVENTS) {
        struct event *batch[100];
        size_t n = 1 + (size_t)seq % 100;
        for (size_t i = 0; i < n; i++)
            batch[i] = make(EV_TURN_TEXT, "s", "t", ++seq);
        struct snapshot *s = snapshot_empty();
        s->seq = seq;
        hub_publish(h, batch, n, seq % 3 ? s : NULL);
        snapshot_unref(s);
        for (size_t i = 0; i < n; i++)
            event_unref(batch[i]);
    }
    atomic_store(&done, true);
    publish_snapshot(h, seq);
    for (size_t i = 0; i < READERS; i++) {
        assert_int_equal(pthread_join(ids[i], NULL), 0);
        assert_int_equal(w[i].last, seq);
        hub_read_end(w[i].reader);
    }
    hub_free(h);
    for (size_t i = 0; i < READERS; i++)
        assert_int_equal(w[i].wrong, 0);
    assert_true(w[0].gaps > 0);
}

/* Readers look into snapshots, live text and all, while their records and bodies go on in newer
 * ones: what was published once stays as it was. */
static void *read_snapshots(void *arg)
{
    struct watch *w = arg;
    do {
        struct snapshot *s = hub_snapshot(w->hub);
        struct buf once = BUF_OWN, twice = BUF_OWN;
        snapshot_write(s, UINT32_MAX, true, &once);
        sched_yield();
        snapshot_write(s, UINT32_MAX, true, &twice);
        w->wrong += !str_eq(buf_view(&once), buf_view(&twice)) || s->seq < w->last;
        w->last = s->seq;
        w->events++;
        buf_free(&once);
        buf_free(&twice);
        snapshot_unref(s);
    } while (!atomic_load(&done));
    return NULL;
}

static void test_snapshot_threads(void **state)
{
    (void)state;
    enum { FOLDED = 4000 };
    struct hub *h = hub_new();
    struct gen *g = gen_new(test_seed());
    pthread_t ids[2];
    struct watch w[2] = {{.hub = h}, {.hub = h}};
    atomic_store(&done, false);
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&ids[i], NULL, read_snapshots, &w[i]), 0);
    struct snapshot *s = snapshot_empty();
    for (int i = 0; i < FOLDED; i++) {
        struct event *ev = gen_next(g);
        struct draft *d = draft_new(s);
        draft_reduce(d, ev, "proc_a");
        if (i % 7 == 0) { /* a commit that failed */
            draft_drop(d);
            d = draft_new(s);
            draft_reduce(d, ev, "proc_a");
        }
        snapshot_unref(s);
        s = draft_finish(d, gen_seq(g));
        hub_publish(h, &ev, 1, s);
        event_unref(ev);
    }
    atomic_store(&done, true);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(pthread_join(ids[i], NULL), 0);
        assert_int_equal(w[i].wrong, 0);
        assert_true(w[i].events > 0);
    }
    snapshot_unref(s);
    gen_free(g);
    hub_free(h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_quiet),
        cmocka_unit_test(test_starts_after), cmocka_unit_test(test_filters),
        cmocka_unit_test(test_lapped),       cmocka_unit_test(test_lapped_ephemeral),
        cmocka_unit_test(test_memory),       cmocka_unit_test(test_one_too_large),
        cmocka_unit_test(test_wakes),        cmocka_unit_test(test_snapshots),
        cmocka_unit_test(test_threads),      cmocka_unit_test(test_snapshot_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
