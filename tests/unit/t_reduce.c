/* SPDX-License-Identifier: MIT
 *
 * The law of the fold, held against random logs over every kind.
 */
#include "lib/test.h"

#include "base/mem.h"
#include "lib/gen.h"
#include "state/reduce.h"

#include <stdio.h>
#include <stdlib.h>

enum { LOGS = 12, LOG_EVENTS = 1500 };

typedef VEC(struct event *) event_list;

static void log_make(struct gen *g, event_list *log, size_t n)
{
    while (log->n < n)
        VEC_PUSH(log, gen_next(g));
    for (struct event *ev; (ev = gen_end(g));)
        VEC_PUSH(log, ev);
}

static void log_free(event_list *log)
{
    for (size_t i = 0; i < log->n; i++)
        event_unref(log->v[i]);
    free(log->v);
}

/* Consumes base. */
static struct snapshot *fold(struct snapshot *base, struct event *const *v, size_t n)
{
    struct draft *d = draft_new(base);
    int64_t seq = base->seq;
    snapshot_unref(base);
    for (size_t i = 0; i < n; i++) {
        draft_reduce(d, v[i], "proc_a");
        seq = MAX(seq, v[i]->seq);
    }
    return draft_finish(d, seq);
}

static char *written(const struct snapshot *s, bool live)
{
    struct buf b = BUF_OWN;
    snapshot_write(s, UINT32_MAX, live, &b);
    return buf_take(&b);
}

static void same(const struct snapshot *a, const struct snapshot *b, bool live)
{
    char *x = written(a, live), *y = written(b, live);
    size_t at = 0;
    while (x[at] && x[at] == y[at])
        at++;
    if (x[at] != y[at])
        fail_msg("differs at byte %zu: %.160s | %.160s", at, x + (at > 60 ? at - 60 : 0),
                 y + (at > 60 ? at - 60 : 0));
    for (int k = 0; k < REC_COUNT; k++)
        for (size_t i = 0; i < a->sections[k]->n; i++)
            assert_true(rec_equal(a->sections[k]->v[i], b->sections[k]->v[i]));
    free(x);
    free(y);
}

/* Every kind of the table comes up, or the other properties say nothing of it. */
static void test_every_kind(void **state)
{
    (void)state;
    size_t seen[EV_COUNT] = {0};
    uint64_t seed = test_seed();
    for (int i = 0; i < LOGS; i++) {
        struct gen *g = gen_new(seed + (uint64_t)i);
        event_list log = {0};
        log_make(g, &log, LOG_EVENTS);
        for (size_t k = 0; k < log.n; k++) {
            seen[log.v[k]->kind]++;
            assert_true(event_durable(log.v[k]) == (log.v[k]->seq > 0));
        }
        log_free(&log);
        gen_free(g);
    }
    for (int k = 0; k < EV_COUNT; k++)
        if (!seen[k])
            fail_msg("%s never occurred", k ? event_table[k].wire : "an unknown kind");
}

/* The same log, cut anywhere; some drafts are dropped, as after a failed commit, and made again. */
static struct snapshot *fold_split(struct gen *g, const event_list *log, size_t longest)
{
    struct snapshot *s = snapshot_empty();
    for (size_t at = 0; at < log->n;) {
        size_t n = 1 + (size_t)gen_random(g, longest);
        n = MIN(n, log->n - at);
        if (gen_random(g, 3) == 0) {
            struct draft *lost = draft_new(s);
            for (size_t i = 0; i < n; i++)
                draft_reduce(lost, log->v[at + i], "proc_a");
            draft_drop(lost);
        }
        s = fold(s, log->v + at, n);
        at += n;
    }
    return s;
}

static void test_split(void **state)
{
    (void)state;
    uint64_t seed = test_seed();
    for (int i = 0; i < LOGS; i++) {
        struct gen *g = gen_new(seed + (uint64_t)i);
        event_list log = {0};
        log_make(g, &log, LOG_EVENTS);
        struct snapshot *whole = fold(snapshot_empty(), log.v, log.n);
        static const size_t longest[] = {1, 7, 400};
        for (size_t k = 0; k < ARRAY_LEN(longest); k++) {
            struct snapshot *split = fold_split(g, &log, longest[k]);
            same(whole, split, true);
            snapshot_unref(split);
        }
        assert_int_equal(whole->live->n_parts, 0);
        assert_int_equal(whole->live->n_phases, 0);
        snapshot_unref(whole);
        log_free(&log);
        gen_free(g);
    }
}

/* The chunks of a part, put together, are what its message says; and with the message nothing of it
 * is live any more. */
static void test_chunks_equal_message(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct gen *g = gen_new(test_seed());
    struct snapshot *s = snapshot_empty();
    size_t parts = 0;
    for (int i = 0; i < LOGS * LOG_EVENTS / 2 || parts < 20; i++) {
        struct event *ev = gen_next(g);
        bool answer =
            ev->kind == EV_TURN_MESSAGE && strcmp(EV(ev, turn_message)->role, "assistant") == 0;
        struct json *content =
            answer ? json_parse(str_of(EV(ev, turn_message)->content), &e) : NULL;
        for (const struct json *c = json_first(content); c; c = json_next(c)) {
            const struct rec *r = snapshot_find(s, REC_ENTRY, json_cstr(json_get(c, "part"), ""));
            struct str text = json_str(json_get(c, "text"));
            assert_true(!r || str_eq(body_view(REC(r, entry)->body), text));
            parts += r != NULL;
        }
        s = fold(s, &ev, 1);
        for (const struct json *c = json_first(content); c; c = json_next(c))
            assert_null(snapshot_live(s, json_cstr(json_get(c, "part"), "")));
        json_free(content);
        event_unref(ev);
    }
    snapshot_unref(s);
    gen_free(g);
}

/* Live text is outside of the law: without the ephemeral events the sections are the same. */
static void test_without_ephemeral(void **state)
{
    (void)state;
    uint64_t seed = test_seed();
    for (int i = 0; i < LOGS; i++) {
        struct gen *g = gen_new(seed + (uint64_t)i);
        event_list log = {0}, durable = {0};
        log_make(g, &log, LOG_EVENTS);
        for (size_t k = 0; k < log.n; k++)
            if (event_durable(log.v[k]))
                VEC_PUSH(&durable, log.v[k]);
        struct snapshot *all = fold(snapshot_empty(), log.v, log.n);
        struct snapshot *some = fold(snapshot_empty(), durable.v, durable.n);
        same(all, some, false);
        snapshot_unref(all);
        snapshot_unref(some);
        free(durable.v);
        log_free(&log);
        gen_free(g);
    }
}

/* An event read back from its JSON does what the original did. */
static void test_through_json(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct gen *g = gen_new(test_seed());
    event_list log = {0}, again = {0};
    log_make(g, &log, LOG_EVENTS);
    for (size_t i = 0; i < log.n; i++) {
        struct buf b = BUF_OWN;
        event_write(log.v[i], &b);
        struct event *ev = event_parse(buf_view(&b), &e);
        OK(ev != NULL);
        VEC_PUSH(&again, ev);
        buf_free(&b);
    }
    struct snapshot *x = fold(snapshot_empty(), log.v, log.n);
    struct snapshot *y = fold(snapshot_empty(), again.v, again.n);
    same(x, y, true);
    snapshot_unref(x);
    snapshot_unref(y);
    log_free(&log);
    log_free(&again);
    gen_free(g);
}

/* A walk over legal edges is never refused, and what the edges forbid always is. */
static void test_edges(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    uint64_t seed = test_seed();
    size_t refused = 0;
    for (int i = 0; i < LOGS; i++) {
        struct gen *g = gen_new(seed + (uint64_t)i);
        struct snapshot *none = snapshot_empty();
        struct draft *d = draft_new(none);
        snapshot_unref(none);
        for (size_t k = 0; k < LOG_EVENTS; k++) {
            struct event *ev = gen_next(g);
            OK(draft_check(d, ev, &e));
            draft_reduce(d, ev, "proc_a");
            event_unref(ev);
            struct event *bad = gen_illegal(g);
            if (!bad)
                continue;
            FAILS(draft_check(d, bad, &e), ERR_ILLEGAL_EDGE);
            assert_non_null(strstr(e.message, bad->kind_name));
            refused++;
            event_unref(bad);
        }
        draft_drop(d);
        gen_free(g);
    }
    assert_true(refused > LOGS * LOG_EVENTS / 4);
}

/* What the edges forbid is not reduced either: the records stay as they are. */
static void test_illegal_does_nothing(void **state)
{
    (void)state;
    struct gen *g = gen_new(test_seed());
    struct snapshot *s = snapshot_empty();
    for (size_t k = 0; k < LOG_EVENTS; k++) {
        struct event *ev = gen_next(g);
        s = fold(s, &ev, 1);
        event_unref(ev);
        struct event *bad = gen_illegal(g);
        if (!bad)
            continue;
        struct draft *d = draft_new(s);
        const struct rec *const *changed;
        draft_reduce(d, bad, "proc_a");
        assert_int_equal(draft_changed(d, &changed), 0);
        draft_drop(d);
        event_unref(bad);
    }
    snapshot_unref(s);
    gen_free(g);
}

/* What changed, put into a copy of what was, gives what is: the store lives by this. */
static void test_changed(void **state)
{
    (void)state;
    struct gen *g = gen_new(test_seed());
    struct snapshot *s = snapshot_empty();
    for (int round = 0; round < 300; round++) {
        struct draft *d = draft_new(s);
        const struct rec *const *changed;
        int64_t seq = s->seq;
        for (uint64_t n = gen_random(g, 20); n > 0; n--) {
            struct event *ev = gen_next(g);
            draft_reduce(d, ev, "proc_a");
            seq = MAX(seq, ev->seq);
            event_unref(ev);
        }
        size_t n = draft_changed(d, &changed);
        VEC(const struct rec *) kept = {0};
        for (size_t i = 0; i < n; i++) {
            for (size_t k = 0; k < i; k++)
                assert_false(changed[k]->kind == changed[i]->kind &&
                             strcmp(rec_key(changed[k]), rec_key(changed[i])) == 0);
            VEC_PUSH(&kept, rec_ref(changed[i]));
        }
        struct snapshot *next = draft_finish(d, seq);
        for (size_t i = 0; i < kept.n; i++) {
            const struct rec *now = snapshot_find(next, kept.v[i]->kind, rec_key(kept.v[i]));
            assert_true(now == kept.v[i] || !now); /* none: it left at once */
        }
        for (int k = 0; k < REC_COUNT; k++) {
            const struct section *sec = next->sections[k];
            bool any = false;
            for (size_t i = 0; i < kept.n; i++)
                any |= kept.v[i]->kind == (enum rec_kind)k;
            if (!any && sec->before == s->sections[k]->before)
                assert_ptr_equal(sec, s->sections[k]);
            for (size_t i = 0; i < sec->n; i++) {
                const struct rec *was = snapshot_find(s, (enum rec_kind)k, rec_key(sec->v[i]));
                bool listed = false;
                for (size_t c = 0; c < kept.n; c++)
                    listed |= kept.v[c] == sec->v[i];
                assert_true(was == sec->v[i] || listed);
            }
        }
        for (size_t i = 0; i < kept.n; i++)
            rec_unref(kept.v[i]);
        free(kept.v);
        snapshot_unref(s);
        s = next;
    }
    snapshot_unref(s);
    gen_free(g);
}

/* ---- sessions that left ---- */

enum { MANY_SESSIONS = 130, MANY_EVENTS = 3000 };

/* Stands for the store: the newest record of every session. */
struct shelf {
    struct rec *sessions[MANY_SESSIONS];
};

static size_t session_number(const char *id)
{
    return (size_t)strtoul(id + 1, NULL, 10);
}

static struct rec *shelf_find(void *arg, enum rec_kind kind, const char *key)
{
    struct shelf *shelf = arg;
    struct rec *r = kind == REC_SESSION ? shelf->sessions[session_number(key)] : NULL;
    return r ? rec_ref(r) : NULL;
}

static void shelf_put(struct shelf *shelf, const struct draft *d)
{
    const struct rec *const *changed;
    size_t n = draft_changed(d, &changed);
    for (size_t i = 0; i < n; i++)
        if (changed[i]->kind == REC_SESSION) {
            size_t at = session_number(rec_key(changed[i]));
            rec_unref(shelf->sessions[at]);
            shelf->sessions[at] = rec_ref(changed[i]);
        }
}

/* More sessions than stay in a snapshot, each used again and again. */
static void many_sessions(struct gen *g, event_list *log)
{
    for (size_t i = 0; i < MANY_EVENTS; i++) {
        char session[24], turn[24];
        size_t at = i < MANY_SESSIONS ? i : (size_t)gen_random(g, MANY_SESSIONS);
        snprintf(session, sizeof(session), "s%zu", at);
        snprintf(turn, sizeof(turn), "t%zu", i);
        struct event_ids ids = {.session = session, .turn = turn};
        struct event *ev[3];
        size_t n = 0;
        if (i < MANY_SESSIONS) {
            ev[n++] =
                event_new(EV_SESSION_CREATED, &ids, &(struct ev_session_created){.name = session});
        } else {
            ev[n++] = event_new(EV_TURN_CREATED, &ids,
                                &(struct ev_turn_created){.source = "x", .input = "y"});
            ev[n++] = event_new(EV_TURN_FAILED, &ids, &(struct ev_turn_failed){.error = "{}"});
        }
        for (size_t k = 0; k < n; k++) {
            ev[k]->seq = (int64_t)log->n + 1;
            ev[k]->ts_ms = (int64_t)log->n;
            VEC_PUSH(log, ev[k]);
        }
    }
}

static struct snapshot *fold_shelved(const event_list *log, size_t per_draft, struct shelf *shelf)
{
    struct snapshot *s = snapshot_empty();
    for (size_t at = 0; at < log->n; at += per_draft) {
        struct draft *d = draft_new(s);
        size_t end = MIN(at + per_draft, log->n);
        draft_source(d, shelf_find, shelf);
        for (size_t i = at; i < end; i++)
            draft_reduce(d, log->v[i], NULL);
        shelf_put(shelf, d);
        snapshot_unref(s);
        s = draft_finish(d, (int64_t)end);
    }
    return s;
}

/* With a source an event finds a session that left, whether this draft or an earlier one saw it go;
 * and nothing that was counted in it is lost. */
static void test_left_sessions(void **state)
{
    (void)state;
    static const size_t per_draft[] = {1, 50, 1000000};
    struct gen *g = gen_new(test_seed());
    event_list log = {0};
    struct snapshot *snaps[ARRAY_LEN(per_draft)];
    many_sessions(g, &log);
    for (size_t k = 0; k < ARRAY_LEN(per_draft); k++) {
        struct shelf shelf = {0};
        int64_t turns = 0;
        snaps[k] = fold_shelved(&log, per_draft[k], &shelf);
        assert_int_equal(snaps[k]->sections[REC_SESSION]->n, rec_table[REC_SESSION].keep);
        assert_int_equal(snaps[k]->sections[REC_SESSION]->before,
                         MANY_SESSIONS - rec_table[REC_SESSION].keep);
        same(snaps[0], snaps[k], false);
        for (size_t i = 0; i < MANY_SESSIONS; i++) {
            turns += REC(shelf.sessions[i], session)->turns;
            rec_unref(shelf.sessions[i]);
        }
        assert_int_equal(turns, MANY_EVENTS - MANY_SESSIONS);
    }
    for (size_t k = 0; k < ARRAY_LEN(per_draft); k++)
        snapshot_unref(snaps[k]);
    log_free(&log);
    gen_free(g);
}

/* Anything that is JSON, in any order, with any names: no crash, and every status stays a state. */
static void test_garbage(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct gen *g = gen_new(test_seed());
    struct snapshot *s = snapshot_empty();
    for (int round = 0; round < 400; round++) {
        struct draft *d = draft_new(s);
        for (int i = 0; i < 20; i++) {
            struct event *ev = gen_random(g, 3) ? gen_garbage(g) : gen_next(g);
            if (draft_check(d, ev, &e))
                e = ERR_INIT;
            draft_reduce(d, ev, gen_random(g, 2) ? "proc_a" : NULL);
            event_unref(ev);
        }
        snapshot_unref(s);
        s = draft_finish(d, gen_seq(g));
        free(written(s, true));
    }
    for (int k = 0; k < REC_COUNT; k++)
        for (size_t i = 0; i < s->sections[k]->n; i++) {
            assert_non_null(rec_key(s->sections[k]->v[i]));
            rec_ended(s->sections[k]->v[i]);
        }
    snapshot_unref(s);
    gen_free(g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_kind),           cmocka_unit_test(test_split),
        cmocka_unit_test(test_without_ephemeral),    cmocka_unit_test(test_through_json),
        cmocka_unit_test(test_chunks_equal_message), cmocka_unit_test(test_edges),
        cmocka_unit_test(test_illegal_does_nothing), cmocka_unit_test(test_changed),
        cmocka_unit_test(test_left_sessions),        cmocka_unit_test(test_garbage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
