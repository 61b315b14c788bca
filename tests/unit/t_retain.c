/* SPDX-License-Identifier: MIT
 *
 * What leaves the log, and that nothing else does: whatever is pruned, and wherever pruning ends, all
 * records stay what they were, and can be made again from what is left.
 */
#include "lib/core.h"
#include "lib/test.h"
#include "lib/world.h"

#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/thread.h"
#include "core/retain.h"
#include "store/lock.h"
#include "store/prune.h"
#include "store/salvage.h"

#include <poll.h>
#include <semaphore.h>
#include <sqlite3.h>
#include <stdlib.h>

static const int64_t DAY = 24 * (int64_t)3600 * 1000;

static int64_t number(const char *dir, const char *sql)
{
    sqlite3 *db;
    sqlite3_stmt *st;
    char *path = fs_join(dir, "tau.db");
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &st, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(st), SQLITE_ROW);
    int64_t n = sqlite3_column_int64(st, 0);
    sqlite3_finalize(st);
    sqlite3_close(db);
    free(path);
    return n;
}

/* ---- the law ---- */

struct folding {
    struct store *store;
    struct draft *draft;
};

static bool fold(void *arg, struct event *ev, const char *proc)
{
    struct folding *f = arg;
    draft_reduce(f->draft, ev, proc);
    event_unref(ev);
    return true;
}

static void load(void *arg, struct rec *r)
{
    draft_load(arg, r);
}

static struct rec *read_back(void *arg, enum rec_kind kind, const char *key)
{
    struct err e = ERR_INIT;
    struct rec *r = NULL;
    OK(store_find(arg, kind, key, &r, &e));
    return r;
}

/* Everything but the log is made again of what is left of it. */
static void rebuild(struct world *w)
{
    struct err e = ERR_INIT;
    int64_t first, last, folded, before;
    OK(store_rebuild(w->store, &e));
    world_reopen(w);
    OK(store_range(w->store, &first, &last, &folded, &e));
    assert_int_equal(folded, 0);
    struct snapshot *nothing = snapshot_empty();
    struct folding f = {w->store, draft_new(nothing)};
    for (int k = 0; k < REC_COUNT; k++)
        OK(store_load(w->store, (enum rec_kind)k, NULL, load, f.draft, &before, &e));
    draft_source(f.draft, read_back, w->store);
    OK(store_begin(w->store, &last, &e));
    OK(store_events(w->store, folded, last, fold, &f, &e));
    world_put_changed(w, f.draft);
    OK(store_commit(w->store, &e));
    draft_drop(f.draft);
    snapshot_unref(nothing);
}

static struct retained prune(struct world *w, int64_t steps)
{
    struct err e = ERR_INIT;
    struct retained done;
    /* Everything is a day old. */
    struct retain_options o = {.dir = w->dir, .keep_ms = 1, .steps = steps};
    OK(retain_run(&o, &done, &e));
    return done;
}

static void whatever_is_pruned_the_law_holds(void **state)
{
    (void)state;
    enum { EVENTS = 4000 };
    struct err e = ERR_INIT;
    struct world w;
    world_open(&w, "retain", test_seed());
    int64_t gone = 0;
    for (int next = 50; w.n < EVENTS;) {
        world_batch(&w);
        if (w.n < next)
            continue;
        next = next * 3 / 2 + 50;
        clock_freeze(INT64_MAX / 4, 0);
        struct retained done = prune(&w, (int64_t)gen_random(w.gen, 4));
        clock_freeze(-1, -1);
        gone += done.chunks + done.rest;
        world_assert_law(&w);
        if (gen_random(w.gen, 2))
            rebuild(&w);
        world_assert_law(&w);
    }
    /* Also when all that is open ends and all may go. */
    for (struct event *ev; (ev = gen_end(w.gen));) {
        int64_t last;
        struct draft *d = draft_new(w.snap);
        OK(store_begin(w.store, &last, &e));
        if (event_durable(ev))
            OK(store_append(w.store, ev, &e));
        draft_reduce(d, ev, store_proc(w.store));
        world_put_changed(&w, d);
        OK(store_commit(w.store, &e));
        const struct snapshot *old = w.snap;
        w.snap = draft_finish(d, MAX(last, ev->seq));
        snapshot_unref(old);
        event_unref(ev);
    }
    clock_freeze(INT64_MAX / 4, 0);
    gone += prune(&w, 0).chunks;
    clock_freeze(-1, -1);
    assert_true(gone > 0);
    world_assert_law(&w);
    rebuild(&w);
    world_assert_law(&w);
    OK(store_check(w.store, &e));
    world_close(&w);
}

/* ---- limits ---- */

static void steer(struct store *s, const char *text)
{
    struct err e = ERR_INIT;
    struct event_ids ids = {.session = "s", .turn = "t"};
    struct event *ev = event_new(EV_TURN_STEERED, &ids, &(struct ev_turn_steered){.text = text});
    OK(store_append(s, ev, &e));
    event_unref(ev);
}

static struct store *filled(const char *dir, int64_t n, const char *text)
{
    struct err e = ERR_INIT;
    struct store *s = NULL;
    struct store_options o = {.dir = dir, .proc = "proc_1"};
    int64_t last;
    OK(store_open(&s, &o, &e));
    OK(store_begin(s, &last, &e));
    for (int64_t i = 0; i < n; i++)
        steer(s, text);
    OK(store_commit(s, &e));
    return s;
}

/* For their size alone: at the limit nothing is looked at, one past it one is. */
static void the_newest_stay(void **state)
{
    (void)state;
    for (int more = 0; more < 2; more++) {
        struct err e = ERR_INIT;
        struct retained done;
        char *dir = test_tmpdir("newest");
        struct retain_options o = {.dir = dir, .max_bytes = 1};
        store_close(filled(dir, RETAIN_NEWEST + more, "x"));
        OK(retain_run(&o, &done, &e));
        assert_int_equal(done.first_seq, 1 + more);
        assert_true(done.over);
        assert_int_equal(number(dir, "SELECT count(*) FROM event"), RETAIN_NEWEST + more);
        OK(fs_remove_tree(dir, &e));
        free(dir);
    }
}

/* By age they may go all; a size that is not reached lets them be. */
static void what_is_not_asked_for_stays(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct retained done;
    char *dir = test_tmpdir("asked");
    struct retain_options o = {.dir = dir, .max_bytes = INT64_MAX};
    store_close(filled(dir, RETAIN_NEWEST + 500, "x"));
    OK(retain_run(&o, &done, &e));
    assert_int_equal(done.first_seq, 1);
    assert_false(done.over);
    o = (struct retain_options){.dir = dir, .keep_ms = DAY};
    OK(retain_run(&o, &done, &e));
    assert_int_equal(done.first_seq, 1);
    assert_null(retain_start(dir, NULL, 0, 0)); /* nothing is wished: no thread */
    OK(fs_remove_tree(dir, &e));
    free(dir);
}

/* A step is bounded by rows and by bytes, and is never empty. */
static void a_step_is_bounded(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    int64_t upto;
    char *dir = test_tmpdir("step");
    struct store *s = filled(dir, PRUNE_STEP + 10, "x");
    OK(prune_window(s, 1, PRUNE_STEP + 11, &upto, &e));
    assert_int_equal(upto, 1 + PRUNE_STEP);
    OK(prune_window(s, 11, PRUNE_STEP + 11, &upto, &e));
    assert_int_equal(upto, 11 + PRUNE_STEP);
    OK(prune_window(s, 12, PRUNE_STEP + 11, &upto, &e));
    assert_int_equal(upto, 11 + PRUNE_STEP);
    store_close(s);
    OK(fs_remove_tree(dir, &e));
    OK(fs_mkdirs(dir, 0700, &e));
    /* With the braces around it each is exactly a quarter, so that four are as many as go. */
    size_t quarter = PRUNE_BYTES / 4 - strlen("{\"text\":\"\"}");
    char *text = mem_new(quarter + 1);
    memset(text, 'x', quarter);
    s = filled(dir, 6, text);
    OK(prune_window(s, 1, 7, &upto, &e));
    assert_int_equal(upto, 5);
    OK(prune_window(s, 5, 7, &upto, &e));
    assert_int_equal(upto, 7);
    OK(prune_window(s, 3, 4, &upto, &e));
    assert_int_equal(upto, 4);
    store_close(s);
    OK(fs_remove_tree(dir, &e));
    free(text);
    free(dir);
}

/* Whoever asks for more than may go is refused. */
static void a_step_takes_nothing_that_is_needed(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    int64_t rows;
    char *dir = test_tmpdir("needed");
    struct store *s = NULL;
    store_close(filled(dir, 20, "x"));
    OK(store_open_second(&s, dir, NULL, STORE_PRUNE, &e));
    FAILS(prune_step(s, PRUNE_CHUNKS, 3, 10, &rows, &e), ERR_CONFLICT); /* leaves a gap */
    FAILS(prune_step(s, PRUNE_CHUNKS, 1, 22, &rows, &e), ERR_CONFLICT); /* past the end */
    FAILS(prune_step(s, PRUNE_REST, 1, 5, &rows, &e), ERR_CONFLICT);    /* before the chunks */
    OK(prune_step(s, PRUNE_CHUNKS, 1, 10, &rows, &e));
    OK(prune_step(s, PRUNE_REST, 1, 10, &rows, &e));
    FAILS(prune_step(s, PRUNE_REST, 10, 11, &rows, &e), ERR_CONFLICT);
    OK(prune_step(s, PRUNE_CHUNKS, 10, 21, &rows, &e));
    assert_int_equal(number(dir, "SELECT value FROM meta WHERE key = 'first_seq'"), 21);
    store_close(s);
    OK(fs_remove_tree(dir, &e));
    free(dir);
}

/* ---- a real core ---- */

static struct fixture f;

/* An answer of two chunks because of its length: what a delay parts, a pause of the machine joins. */
#define TWO_CHUNKS(text) "{\"text\":\"" text " %0*d\"}\n"
#define FILL             EVENT_CHUNK_MAX, 0

static int up(void **state)
{
    (void)state;
    char *script = mem_printf("{\"call\":{\"name\":\"ls\",\"arguments\":{}}}\n" TWO_CHUNKS("counted")
                          "{\"text\":\"said once more\"}\n"
                          "{\"text\":\"and again\"}\n", FILL);
    fixture_open(&f, "retain", script);
    fixture_start(&f);
    free(script);
    return 0;
}

static int down(void **state)
{
    (void)state;
    fixture_close(&f);
    return 0;
}

static void say(const char *what)
{
    char *turn = fixture_submit(&f, what);
    assert_string_equal(fixture_ended(&f, turn), "completed");
    free(turn);
}

/* All that is older than a moment. */
static struct retained prune_all(bool dry_run)
{
    struct err e = ERR_INIT;
    struct retained done;
    struct retain_options o = {.dir = f.state, .keep_ms = 1, .dry_run = dry_run};
    for (int64_t now = clock_wall_ms(); clock_wall_ms() < now + 3;)
        (void)poll(NULL, 0, 1);
    OK(retain_run(&o, &done, &e));
    return done;
}

static bool drop_row(void *arg, struct str json)
{
    (void)json;
    ++*(int *)arg;
    return true;
}

static int ask(const char *query, const char *args, enum err_code expected)
{
    struct err e = ERR_INIT;
    struct reader reader = core_reader(f.core);
    int64_t seq;
    int n = 0;
    bool ok = reader.query(reader.ctx, query, str_of(args), NULL, drop_row, &n, &seq, &e);
    if (!ok && e.code != expected)
        fail_msg("%s: %s", query, e.message);
    assert_true(ok == (expected == ERR_NONE));
    return n;
}

static void chunks_go_and_what_was_said_stays(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    say("count");
    say("say");
    int messages = fixture_count(&f, "turn.message", NULL);
    int calls = fixture_count(&f, "tool.completed", NULL);
    int all = ask("log.page", "{\"limit\":1000}", ERR_NONE);
    assert_int_equal(fixture_count(&f, "turn.text", NULL), 3);
    struct retained would = prune_all(true);
    assert_int_equal(ask("log.page", "{\"limit\":1000}", ERR_NONE), all);
    assert_true(would.bytes > 0);
    struct retained done = prune_all(false);
    assert_int_equal(done.chunks, would.chunks);
    assert_int_equal(done.rest, would.rest);
    assert_int_equal(ask("log.page", "{\"limit\":1000}", ERR_NONE), all - done.chunks - done.rest);
    /* The first of each part says where it stands. */
    assert_int_equal(fixture_count(&f, "turn.text", NULL), 2);
    assert_int_equal(fixture_count(&f, "turn.text", "counted"), 1);
    assert_int_equal(fixture_count(&f, "turn.context_measured", NULL), 1); /* the newest is shown */
    assert_int_equal(fixture_count(&f, "turn.message", NULL), messages);
    assert_int_equal(fixture_count(&f, "tool.completed", NULL), calls);
    assert_int_equal(ask("session.search", "{\"query\":\"counted\"}", ERR_NONE), 1);
    /* There is nothing left to do. */
    struct retained again = prune_all(false);
    assert_int_equal(again.chunks + again.rest, 0);
    /* And it goes on as if nothing had happened, with numbers that nobody had. */
    int64_t newest = number(f.state, "SELECT max(seq) FROM event");
    int64_t first = number(f.state, "SELECT value FROM meta WHERE key = 'first_seq'");
    assert_true(first > newest);
    say("once more");
    assert_int_equal(number(f.state, "SELECT count(*) FROM event WHERE seq > 0 AND seq < "
                                     "(SELECT value FROM meta WHERE key = 'first_seq') AND kind = "
                                     "'turn.created'"), 2);
    assert_true(number(f.state, "SELECT min(seq) FROM event WHERE seq >= (SELECT value FROM meta"
                                " WHERE key = 'first_seq')") == first);
    fixture_stop(&f);
    struct store *s;
    struct store_options so = {.dir = f.state, .proc = "proc_check"};
    OK(store_open(&s, &so, &e));
    OK(store_check(s, &e));
    store_close(s);
}

static void whoever_follows_the_log_is_told_that_it_was_pruned(void **state)
{
    (void)state;
    char args[100];
    say("count");
    struct retained done = prune_all(false);
    assert_true(done.first_seq > 5);
    assert_true(ask("log.page", "{\"limit\":1000}", ERR_NONE) > 0);
    ask("log.page", "{\"after\":3}", ERR_PRUNED);
    snprintf(args, sizeof(args), "{\"after\":%lld}", (long long)done.first_seq - 2);
    ask("log.page", args, ERR_PRUNED);
    snprintf(args, sizeof(args), "{\"after\":%lld}", (long long)done.first_seq - 1);
    ask("log.page", args, ERR_NONE);
    /* What is kept of one thing is all there is of it. */
    assert_true(ask("log.page", "{\"after\":3,\"kind\":\"tool.\"}", ERR_NONE) > 0);
    snprintf(args, sizeof(args), "{\"after\":3,\"session\":\"%s\"}", f.session);
    ask("log.page", args, ERR_NONE);
}

static bool has_text(const struct snapshot *s, void *arg)
{
    const struct section *sec = s->sections[REC_ENTRY];
    (void)arg;
    for (size_t i = 0; i < sec->n; i++)
        if (REC(sec->v[i], entry)->open &&
            str_is(body_view(REC(sec->v[i], entry)->body), "half of it"))
            return true;
    return false;
}

static void what_a_running_turn_wrote_stays(void **state)
{
    (void)state;
    fixture_stop(&f);
    struct err e = ERR_INIT;
    char *script = mem_printf(TWO_CHUNKS("first")
                          "[{\"text\":\"half of\"},{\"delay_ms\":400},{\"text\":\" it\"},{\"stall\":true}]\n", FILL);
    OK(fs_replace(f.script, str_of(script), 0600, &e));
    free(script);
    fixture_start(&f);
    say("one");
    char *turn = fixture_submit(&f, "two");
    snapshot_unref(fixture_until(&f, has_text, NULL));
    struct retained done = prune_all(false);
    assert_true(done.chunks > 0);
    char sql[200];
    snprintf(sql, sizeof(sql), "SELECT min(seq) FROM event WHERE turn = '%s'", turn);
    assert_int_equal(number(f.state, sql), done.first_seq);
    snprintf(sql, sizeof(sql), "SELECT count(*) FROM event WHERE turn = '%s' AND kind = 'turn.text'", turn);
    assert_true(number(f.state, sql) > 0);
    fixture_act(&f, "turn.cancel", "{\"turn\":\"*\"}");
    assert_string_equal(fixture_ended(&f, turn), "cancelled");
    prune_all(false);
    fixture_stop(&f);
    fixture_start(&f);
    assert_int_equal(ask("session.search", "{\"query\":\"half\"}", ERR_NONE), 1);
    free(turn);
}

static void only_one_does_it_at_a_time(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct retained done;
    char *path = fs_join(f.state, "retain.lock");
    struct retain_options o = {.dir = f.state, .keep_ms = DAY};
    CLEANUP(fd_close_p) int held = lock_take(path, &e);
    assert_true(held >= 0);
    FAILS(retain_run(&o, &done, &e), ERR_LEASED);
    o.dry_run = true;
    OK(retain_run(&o, &done, &e));
    free(path);
}

/* Nobody prunes a store that is mended, nor mends one that is pruned. */
static void not_while_it_is_mended(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct retained done;
    struct salvage s;
    struct store *pruned;
    fixture_stop(&f);
    struct retain_options o = {.dir = f.state, .keep_ms = DAY};
    OK(salvage_read(&s, f.state, &e));
    FAILS(retain_run(&o, &done, &e), ERR_LEASED);
    o.dry_run = true;
    FAILS(retain_run(&o, &done, &e), ERR_LEASED);
    salvage_done(&s);
    OK(store_open_second(&pruned, f.state, NULL, STORE_PRUNE, &e));
    FAILS(salvage_read(&s, f.state, &e), ERR_LEASED);
    salvage_done(&s);
    FAILS(store_alone(f.state, "", &e), ERR_LEASED);
    store_close(pruned);
    OK(store_alone(f.state, "", &e));
    o.dry_run = false;
    OK(retain_run(&o, &done, &e));
    fixture_start(&f);
}

/* ---- whoever slept meanwhile ---- */

static sem_t asleep, wake;

static void sleep_here(void *arg, const struct action_answer *answer)
{
    (void)arg, (void)answer;
    sem_post(&asleep);
    while (sem_wait(&wake) < 0)
        ;
}

static void join(struct fixture *g, const char *session)
{
    struct err e = ERR_INIT;
    *g = f;
    struct policy_config config = {.workspace = f.workspace,
                                   .state_dir = f.state,
                                   .config_dir = f.config,
                                   .mode = f.mode,
                                   .preset = f.preset,
                                   .protected_paths = "",
                                   .sandbox_level = "auto",
                                   .sandbox_read = ""};
    OK((g->policy = policy_new(&config, &e)) != NULL);
    g->options.policy = g->policy;
    OK((g->core = core_start(&g->options, &e)) != NULL);
    OK(core_open_session(g->core, session, false, true, g->session, &e));
}

static bool other_is_free(const struct snapshot *s, void *arg)
{
    const struct section *sec = s->sections[REC_SESSION];
    for (size_t i = 0; i < sec->n; i++)
        if (strcmp(rec_key(sec->v[i]), arg) == 0)
            return REC(sec->v[i], session)->turns == 1 && !REC(sec->v[i], session)->proc;
    return false;
}

static bool gap_comes(struct hub_reader *r)
{
    int64_t deadline = clock_mono_ms() + 20000;
    for (;;) {
        hub_arm(r);
        for (struct event *ev; (ev = hub_next(r));) {
            bool reset = ev->kind == EV_BUS_GAP && EV(ev, bus_gap)->reset;
            int64_t from = reset ? EV(ev, bus_gap)->from : 0, to = reset ? EV(ev, bus_gap)->to : 0;
            event_unref(ev);
            if (reset)
                return from <= to;
        }
        if (cancel_wait_fd(NULL, hub_fd(r), POLLIN, deadline) == CANCEL_DEADLINE)
            return false;
    }
}

static void one_that_slept_while_it_was_pruned_starts_over(void **state)
{
    (void)state;
    struct fixture g;
    struct actor actor = core_actor(f.core);
    struct principal self = {"operator", ROLE_OPERATOR};
    struct hub_filter filter = {.kinds = "turn.completed", .events = true};
    sem_init(&asleep, 0, 0);
    sem_init(&wake, 0, 0);
    say("count");
    struct hub_reader *r = hub_read(core_hub(f.core), &filter);
    actor.submit(actor.ctx, "turn.cancel", STR("{\"turn\":\"none\"}"), &self, NULL, sleep_here, NULL);
    while (sem_wait(&asleep) < 0)
        ;
    join(&g, "other");
    char *turn = fixture_submit(&g, "say");
    assert_string_equal(fixture_ended(&g, turn), "completed");
    free(turn);
    fixture_stop(&g);
    struct retained done = prune_all(false);
    assert_true(done.chunks > 0);
    sem_post(&wake);
    assert_true(gap_comes(r));
    hub_read_end(r);
    snapshot_unref(fixture_until(&f, other_is_free, g.session));
    say("say");
    sem_destroy(&asleep);
    sem_destroy(&wake);
}

/* ---- while turns run ---- */

struct pruner {
    struct cancel *stop;
    _Atomic int64_t runs;
    int64_t rows;
    bool failed;
};

static void prune_on(void *arg)
{
    struct pruner *p = arg;
    while (!cancel_fired(p->stop)) {
        struct err e = ERR_INIT;
        struct retained done;
        struct retain_options o = {.dir = f.state, .keep_ms = 1};
        if (!retain_run(&o, &done, &e))
            p->failed = true;
        p->runs++;
        p->rows += done.chunks + done.rest;
        (void)cancel_wait_fd(p->stop, -1, 0, clock_mono_ms() + 5);
    }
}

static void write_rec(void *arg, struct rec *r)
{
    struct jsonw w = JSONW((struct buf *)arg);
    field_write_object(&rec_table[r->kind].set, &w, r->u);
    buf_putc(arg, '\n');
    rec_unref(r);
}

static char *stored(bool again)
{
    struct err e = ERR_INIT;
    struct buf out = BUF_OWN;
    struct store *s = NULL;
    struct store_options o = {.dir = f.state, .proc = "proc_check"};
    int64_t before;
    OK(store_open(&s, &o, &e));
    if (again) {
        OK(store_rebuild(s, &e));
        store_close(s);
        fixture_start(&f);
        fixture_stop(&f);
        OK(store_open(&s, &o, &e));
    }
    for (int k = 0; k < REC_COUNT; k++)
        OK(store_load(s, (enum rec_kind)k, NULL, write_rec, &out, &before, &e));
    store_close(s);
    return buf_take(&out);
}

static void turns_and_pruning_do_not_mind_each_other(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct pruner p = {.stop = cancel_new(NULL)};
    struct thread t = {0};
    fixture_stop(&f);
    OK(fs_replace(f.script, STR("[{\"text\":\"a\"},{\"delay_ms\":300},{\"text\":\"b\"},{\"delay_ms\":300},{\"text\":\"c\"}]\n"
                                "[{\"call\":{\"name\":\"ls\",\"arguments\":{}}}]\n[{\"text\":\"looked\"}]\n"
                                "[{\"text\":\"d\"},{\"delay_ms\":300},{\"text\":\"e\"}]\n"
                                "[{\"text\":\"f\"},{\"delay_ms\":300},{\"text\":\"g\"}]\n"), 0600, &e));
    fixture_start(&f);
    OK(thread_start(&t, "pruner", 512 * 1024, prune_on, &p, &e));
    for (int i = 0; i < 4; i++)
        say("go on");
    fixture_stop(&f);
    int64_t runs = p.runs;
    for (int64_t deadline = clock_mono_ms() + 20000; p.runs < runs + 2 && clock_mono_ms() < deadline;)
        (void)poll(NULL, 0, 5);
    cancel_fire(p.stop);
    thread_join(&t);
    cancel_unref(p.stop);
    assert_false(p.failed);
    assert_true(p.rows > 0);
    char *was = stored(false), *is = stored(true), *last = stored(false);
    assert_string_equal(was, is);
    assert_string_equal(is, last);
    free(was);
    free(is);
    free(last);
}

static bool is_less(const char *dir)
{
    return number(dir, "SELECT count(*) FROM event WHERE kind = 'turn.text'") == 1;
}

static void it_begins_by_itself(void **state)
{
    (void)state;
    say("count");
    fixture_stop(&f);
    assert_true(!is_less(f.state));
    f.options.keep_ms = 1;
    fixture_start(&f);
    int64_t deadline = clock_mono_ms() + 30000;
    while (!is_less(f.state) && clock_mono_ms() < deadline)
        (void)poll(NULL, 0, 5);
    assert_true(is_less(f.state));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whatever_is_pruned_the_law_holds),
        cmocka_unit_test(the_newest_stay),
        cmocka_unit_test(what_is_not_asked_for_stays),
        cmocka_unit_test(a_step_is_bounded),
        cmocka_unit_test(a_step_takes_nothing_that_is_needed),
        cmocka_unit_test_setup_teardown(chunks_go_and_what_was_said_stays, up, down),
        cmocka_unit_test_setup_teardown(whoever_follows_the_log_is_told_that_it_was_pruned, up, down),
        cmocka_unit_test_setup_teardown(what_a_running_turn_wrote_stays, up, down),
        cmocka_unit_test_setup_teardown(only_one_does_it_at_a_time, up, down),
        cmocka_unit_test_setup_teardown(not_while_it_is_mended, up, down),
        cmocka_unit_test_setup_teardown(one_that_slept_while_it_was_pruned_starts_over, up, down),
        cmocka_unit_test_setup_teardown(turns_and_pruning_do_not_mind_each_other, up, down),
        cmocka_unit_test_setup_teardown(it_begins_by_itself, up, down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
