/* SPDX-License-Identifier: MIT
 *
 * A session as a tree, by chance: asks, undos, redos, moves, forks, resets and new starts in any
 * order on a real core. After each the path to the head is what a list in this file says, the
 * context reads the same messages, and undo and redo lead where the operator came from.
 * FIXTURE_SEED repeats a run.
 */
#include "lib/test.h"

#include "lib/core.h"

#include "base/clock.h"
#include "base/mem.h"
#include "json/json.h"

#include <stdio.h>
#include <stdlib.h>

enum { STEPS = 60, RUNS = 6, PATH_MAX_ = 200, DEPTH = 100, HISTORY = 200 };

struct path {
    size_t n;
    char id[PATH_MAX_][ID_MAX]; /* oldest first */
};

/* What the operator did since the beginning: where the head was before each step. */
struct tree {
    struct path *now;
    struct path *before[HISTORY], *redo[HISTORY];
    size_t n_before, n_redo;
    struct path *known; /* every message that can be named */
};

static struct fixture f;
static uint64_t state;

static uint64_t chance(uint64_t n)
{
    return test_random(&state) % n;
}

/* ---- what the store says ---- */

struct collect {
    struct path *path; /* newest first here */
    int64_t before;
    size_t got;
    const char *key;
};

static bool take(void *arg, struct str row)
{
    struct collect *c = arg;
    struct err e = ERR_INIT;
    CLEANUP(json_free_p) struct json *j = json_parse(row, &e);
    OK(j != NULL);
    assert_true(c->path->n < PATH_MAX_);
    snprintf(c->path->id[c->path->n++], ID_MAX, "%s", json_cstr(json_get(j, c->key), ""));
    c->before = json_i64(json_get(j, "seq"), 0);
    c->got++;
    return true;
}

/* Branch after branch, as its readers do. */
static struct path *asked(const char *query, const char *key)
{
    struct err e = ERR_INIT;
    struct reader reader = core_reader(f.core);
    struct collect c = {.path = NEW(struct path), .key = key};
    do {
        int64_t seq;
        CLEANUP(mem_free_p)
        char *args = mem_printf("{\"session\":\"%s\",\"before\":%lld}", f.session,
                                (long long)(c.before ? c.before : INT64_MAX));
        c.got = 0;
        OK(reader.query(reader.ctx, query, str_of(args), NULL, take, &c, &seq, &e));
    } while (c.got);
    for (size_t a = 0, b = c.path->n; a + 1 < b; a++, b--) {
        char swap[ID_MAX];
        memcpy(swap, c.path->id[a], ID_MAX);
        memcpy(c.path->id[a], c.path->id[b - 1], ID_MAX);
        memcpy(c.path->id[b - 1], swap, ID_MAX);
    }
    return c.path;
}

/* ---- what it should say ---- */

static struct path *copy(const struct path *p)
{
    struct path *c = NEW(struct path);
    *c = *p;
    return c;
}

static void assert_same(const char *what, const struct path *got, const struct path *want)
{
    bool same = got->n == want->n;
    for (size_t i = 0; same && i < got->n; i++)
        same = strcmp(got->id[i], want->id[i]) == 0;
    if (!same)
        fail_msg("%s: %zu messages, not the %zu that were said", what, got->n, want->n);
}

static void forget_redo(struct tree *t)
{
    while (t->n_redo)
        free(t->redo[--t->n_redo]);
}

static void note_step(struct tree *t)
{
    assert_true(t->n_before < HISTORY);
    t->before[t->n_before++] = copy(t->now);
}

static void know(struct tree *t, const char *id)
{
    if (t->known->n < PATH_MAX_)
        memcpy(t->known->id[t->known->n++], id, ID_MAX);
}

/* ---- steps ---- */

/* A turn's thread ends a moment after the turn. */
static struct action_answer act(const char *action, const char *more)
{
    int64_t until = clock_mono_ms() + 20000;
    struct action_answer a;
    do
        a = fixture_act(&f, action, "{\"session\":\"%s\"%s}", f.session, more);
    while (!a.accepted && a.err.code == ERR_CONFLICT && clock_mono_ms() < until);
    return a;
}

static void ask(struct tree *t, int n)
{
    CLEANUP(mem_free_p) char *text = mem_printf("question %d", n);
    CLEANUP(mem_free_p) char *turn = fixture_submit(&f, text);
    assert_string_equal(fixture_ended(&f, turn), "completed");
    note_step(t);
    forget_redo(t);
    struct path *got = asked("session.path", "id");
    assert_int_equal(got->n, t->now->n + 2);
    for (size_t i = t->now->n; i < got->n; i++) {
        memcpy(t->now->id[i], got->id[i], ID_MAX);
        know(t, got->id[i]);
    }
    t->now->n += 2;
    free(got);
}

static void undo(struct tree *t)
{
    struct action_answer a = act("session.undo", "");
    assert_int_equal(a.accepted, t->n_before > 0);
    if (!a.accepted)
        return;
    assert_true(t->n_redo < HISTORY);
    t->redo[t->n_redo++] = t->now;
    t->now = t->before[--t->n_before];
}

static void redo(struct tree *t)
{
    struct action_answer a = act("session.redo", "");
    assert_int_equal(a.accepted, t->n_redo > 0);
    if (!a.accepted)
        return;
    note_step(t);
    free(t->now);
    t->now = t->redo[--t->n_redo];
}

/* To the end of an exchange of some branch: what led up to it is asked of the store, and it must
 * end there. */
static void branch(struct tree *t)
{
    if (t->known->n < 2)
        return;
    const char *to = t->known->id[chance(t->known->n / 2) * 2 + 1];
    CLEANUP(mem_free_p) char *entry = mem_printf(",\"entry\":\"%s\"", to);
    struct action_answer a = act("session.move", entry);
    assert_true(a.accepted);
    note_step(t);
    forget_redo(t);
    free(t->now);
    t->now = asked("session.path", "id");
    assert_true(t->now->n > 0 && t->now->n % 2 == 0);
    assert_string_equal(t->now->id[t->now->n - 1], to);
}

static void reset(struct tree *t)
{
    assert_true(act("session.reset", "").accepted);
    note_step(t);
    forget_redo(t);
    t->now->n = 0;
}

static void clear(struct tree *t)
{
    forget_redo(t);
    while (t->n_before)
        free(t->before[--t->n_before]);
}

/* It goes on in the fork, whose way back are the exchanges that it was made with. */
static void fork_it(struct tree *t)
{
    struct action_answer a = act("session.fork", "");
    assert_true(a.accepted);
    memcpy(f.session, a.id, ID_MAX);
    clear(t);
    t->known->n = 0;
    for (size_t i = 0; i < t->now->n; i++)
        know(t, t->now->id[i]);
    size_t n = t->now->n;
    for (t->now->n = 0; t->now->n < n; t->now->n += 2)
        note_step(t);
}

static void start_again(void)
{
    char id[ID_MAX], was[ID_MAX];
    struct err e = ERR_INIT;
    memcpy(was, f.session, ID_MAX);
    fixture_stop(&f);
    fixture_start(&f);
    OK(core_open_session(f.core, was, false, false, id, &e));
    memcpy(f.session, was, ID_MAX);
}

static void step(struct tree *t, int n)
{
    uint64_t what = chance(100);
    if (what < 40 && t->now->n < DEPTH)
        ask(t, n);
    else if (what < 60)
        undo(t);
    else if (what < 72)
        redo(t);
    else if (what < 88)
        branch(t);
    else if (what < 91)
        reset(t);
    else if (what < 96)
        fork_it(t);
    else
        start_again();
}

static void check(const struct tree *t)
{
    struct path *path = asked("session.path", "id");
    struct path *context = asked("transcript.messages", "entry");
    assert_same("the path", path, t->now);
    assert_same("the context", context, t->now);
    free(path);
    free(context);
}

static void run(void)
{
    struct buf script = BUF_OWN;
    struct tree t = {.now = NEW(struct path), .known = NEW(struct path)};
    for (int i = 0; i < DEPTH; i++)
        buf_printf(&script, "[{\"text\":\"answer %d\"}]\n", i);
    fixture_open(&f, "tree", buf_cstr(&script));
    fixture_start(&f);
    for (int i = 0; i < STEPS; i++) {
        step(&t, i);
        check(&t);
    }
    assert_int_equal(fixture_count(&f, "error.raised", NULL), 0);
    fixture_close(&f);
    clear(&t);
    free(t.now);
    free(t.known);
    buf_free(&script);
}

static void any_order(void **unused)
{
    (void)unused;
    state = test_seed();
    for (int i = 0; i < RUNS; i++)
        run();
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(any_order)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
