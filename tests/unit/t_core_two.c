/* SPDX-License-Identifier: MIT
 *
 * Two cores on one store, as two processes are: each runs its own turns, takes in what the other
 * wrote, and what both leave is the fold of the one log.
 */
#include "lib/test.h"

#include "lib/core.h"

#include "base/fs.h"
#include "base/mem.h"
#include "store/store.h"

#include <sqlite3.h>
#include <stdlib.h>

/* A session's first turn makes four entries, later ones two: the script has no more. */
static const char script[] = "[{\"text\":\"one\"},{\"call\":{\"name\":\"ls\",\"arguments\":{}}},"
                             "{\"usage\":{\"input\":10,\"output\":2}}]\n[{\"text\":\"two\"}]\n";

/* Another core in the same place, in a session of its own. */
static void join(struct fixture *g, const struct fixture *f, const char *session)
{
    struct err e = ERR_INIT;
    *g = *f;
    struct policy_config config = {.workspace = f->workspace,
                                   .state_dir = f->state,
                                   .config_dir = f->config,
                                   .mode = f->mode,
                                   .preset = f->preset,
                                   .protected_paths = "",
                                   .sandbox_level = "auto",
                                   .sandbox_read = ""};
    OK((g->policy = policy_new(&config, &e)) != NULL);
    g->options.policy = g->policy;
    OK((g->core = core_start(&g->options, &e)) != NULL);
    OK(core_open_session(g->core, session, false, true, g->session, &e));
}

static void run(struct fixture *f)
{
    char *turn = fixture_submit(f, "look");
    assert_string_equal(fixture_ended(f, turn), "completed");
    free(turn);
}

/* ---- what the store holds ---- */

static void write_rec(void *arg, struct rec *r)
{
    struct jsonw w = JSONW((struct buf *)arg);
    field_write_object(&rec_table[r->kind].set, &w, r->u);
    buf_putc(arg, '\n');
    rec_unref(r);
}

static char *stored(const struct fixture *f)
{
    struct err e = ERR_INIT;
    struct buf out = BUF_OWN;
    struct store *s = NULL;
    struct store_options o = {.dir = f->state, .proc = "proc_check"};
    OK(store_open(&s, &o, &e));
    for (int k = 0; k < REC_COUNT; k++) {
        int64_t before;
        OK(store_load(s, (enum rec_kind)k, NULL, write_rec, &out, &before, &e));
        buf_printf(&out, "%s: %lld before\n", rec_table[k].section, (long long)before);
    }
    OK(store_check(s, &e));
    store_close(s);
    return buf_take(&out);
}

/* The projections made again from the log are what they were. */
static void assert_fold(struct fixture *f)
{
    struct err e = ERR_INIT;
    char *before = stored(f), *path = fs_join(f->state, "tau.db");
    sqlite3 *db;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(
        sqlite3_exec(db, "UPDATE meta SET value = 'x' WHERE key = 'shape'", NULL, NULL, NULL),
        SQLITE_OK);
    sqlite3_close(db);
    struct fixture g;
    join(&g, f, "last");
    fixture_stop(&g);
    OK(fs_exists(path));
    char *after = stored(f);
    /* But for the new session nothing differs. */
    const char *at = strstr(after, "\"name\":\"last\"");
    assert_non_null(at);
    while (at > after && at[-1] != '\n')
        at--;
    char id[ID_MAX + 10];
    snprintf(id, sizeof(id), "%.*s", (int)(strchr(at + 7, '"') - at - 6), at + 6);
    struct buf same = BUF_OWN;
    struct str rest = str_of(after), line;
    while (str_line(&rest, &line))
        if (str_find(line, str_of(id)) < 0)
            buf_printf(&same, "%.*s\n", STR_ARG(line));
    const char *was = strstr(before, "session: ");
    const char *is = strstr(buf_cstr(&same), "session: ");
    assert_non_null(strchr(was, '\n'));
    assert_string_equal(strchr(is, '\n'), strchr(was, '\n'));
    assert_int_equal(strncmp(before, buf_cstr(&same), (size_t)(was - before)), 0);
    buf_free(&same);
    free(before);
    free(after);
    free(path);
}

/* ---- what each core holds ---- */

static const struct rec_session *session_in(const struct snapshot *s, const char *id)
{
    const struct rec *r = snapshot_find(s, REC_SESSION, id);
    assert_non_null(r);
    return REC(r, session);
}

static void assert_knows(struct fixture *f, const char *id, int64_t turns, int64_t entries)
{
    struct snapshot *s = hub_snapshot(core_hub(f->core));
    assert_int_equal(session_in(s, id)->turns, turns);
    assert_int_equal(session_in(s, id)->entries, entries);
    int64_t n = 0;
    for (size_t i = 0; i < s->sections[REC_ENTRY]->n; i++) {
        const struct rec_entry *x = REC(s->sections[REC_ENTRY]->v[i], entry);
        if (strcmp(x->session, id) == 0)
            assert_int_equal(x->n, ++n);
    }
    assert_int_equal(n, entries);
    snapshot_unref(s);
}

static void test_each_sees_what_the_other_did(void **state)
{
    (void)state;
    struct fixture f, g;
    fixture_open(&f, "two", script);
    fixture_start(&f);
    run(&f);
    join(&g, &f, "other");
    run(&g);
    run(&f); /* takes in all that the other did so far: a session that it did not know */
    assert_knows(&f, g.session, 1, 4);
    assert_knows(&f, f.session, 2, 6);
    run(&g); /* the same the other way round, in sessions that both know */
    assert_knows(&g, f.session, 2, 6);
    run(&f);
    assert_knows(&f, g.session, 2, 6);
    fixture_stop(&g);
    fixture_stop(&f);
    assert_fold(&f);
    fixture_close(&f);
}

/* Both turns of the session are over: its six entries are there a commit earlier. */
static bool two_ended(const struct snapshot *s, void *arg)
{
    int n = 0;
    for (size_t i = 0; i < s->sections[REC_TURN]->n; i++) {
        const struct rec *r = s->sections[REC_TURN]->v[i];
        n += strcmp(REC(r, turn)->session, arg) == 0 && rec_ended(r);
    }
    return n == 2;
}

/* Who writes nothing sees all the same what the other does, in the order of the log. */
static void test_one_follows_the_other(void **state)
{
    (void)state;
    struct fixture f, g;
    fixture_open(&f, "follow", script);
    fixture_start(&f);
    join(&g, &f, "other");
    struct hub_reader *r = hub_read(core_hub(f.core), &(struct hub_filter){.events = true});
    run(&g);
    run(&g);
    snapshot_unref(fixture_until(&f, two_ended, g.session));
    assert_knows(&f, g.session, 2, 6);
    int64_t seq = 0, ended = 0;
    for (struct event *ev; (ev = hub_next(r));) {
        if (ev->seq) {
            assert_true(ev->seq > seq);
            seq = ev->seq;
        }
        ended += ev->kind == EV_TURN_COMPLETED;
        event_unref(ev);
    }
    assert_int_equal(ended, 2);
    hub_read_end(r);
    fixture_stop(&g);
    fixture_stop(&f);
    assert_fold(&f);
    fixture_close(&f);
}

/* A session that another process has can not be taken; one that it gave free can, with all of it.
 */
static void test_a_session_changes_hands(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct fixture f, g;
    char id[ID_MAX];
    fixture_open(&f, "hands", script);
    fixture_start(&f);
    join(&g, &f, "other");
    run(&g);
    FAILS(core_open_session(f.core, "other", false, false, id, &e), ERR_LEASED);
    run(&g);
    fixture_stop(&g);
    OK(core_open_session(f.core, "other", false, false, id, &e));
    assert_string_equal(id, g.session);
    assert_knows(&f, id, 2, 6);
    memcpy(f.session, id, ID_MAX);
    run(&f);
    assert_knows(&f, id, 3, 8);
    fixture_stop(&f);
    assert_fold(&f);
    fixture_close(&f);
}

struct wanted {
    const char *id;
    int64_t turns, entries;
};

static bool has_come(const struct snapshot *s, void *arg)
{
    const struct wanted *w = arg;
    const struct rec *r = snapshot_find(s, REC_SESSION, w->id);
    return r && REC(r, session)->turns == w->turns && REC(r, session)->entries == w->entries;
}

/* One that another process has can be watched: what was said in it is there, and what is said comes. */
static void test_a_session_is_watched(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct fixture f, g;
    char id[ID_MAX];
    fixture_open(&f, "watched", script);
    fixture_start(&f);
    join(&g, &f, "other");
    run(&g);
    OK(core_watch_session(f.core, "other", false, id, &e));
    assert_string_equal(id, g.session);
    assert_knows(&f, id, 1, 4);
    run(&g);
    snapshot_unref(fixture_until(&f, has_come, &(struct wanted){id, 2, 6}));
    assert_knows(&f, id, 2, 6);
    struct action_answer a =
        fixture_act(&f, "turn.submit", "{\"session\":\"%s\",\"input\":\"me, too\"}", id);
    assert_false(a.accepted);
    assert_int_equal(a.err.code, ERR_LEASED);
    fixture_stop(&g);
    memcpy(f.session, id, ID_MAX);
    run(&f); /* it is free now */
    assert_knows(&f, id, 3, 8);
    fixture_stop(&f);
    assert_fold(&f);
    fixture_close(&f);
}

/* An entry of memory that has left the snapshot of the one is written anew by the other: both, the
 * store, and a fold of the log from its beginning have it as it became. */
static bool memory_became(const struct snapshot *s, void *arg)
{
    const struct rec *r = snapshot_find(s, REC_MEMORY, arg);
    return r && REC(r, memory)->revision == 2 && REC(r, memory)->pinned &&
           strcmp(REC(r, memory)->summary, "anew") == 0;
}

static bool memory_left(const struct snapshot *s, void *arg)
{
    return s->sections[REC_MEMORY]->n == rec_table[REC_MEMORY].keep &&
           !snapshot_find(s, REC_MEMORY, arg);
}

static void test_old_memory_is_as_it_became(void **state)
{
    (void)state;
    struct fixture f, g;
    fixture_open(&f, "old-memory", script);
    fixture_start(&f);
    struct action_answer old = fixture_act(&f, "memory.write", "{\"summary\":\"old\"}");
    assert_true(old.accepted);
    assert_true(fixture_act(&f, "memory.pin", "{\"memory\":\"%s\"}", old.id).accepted);
    for (size_t i = 0; i < rec_table[REC_MEMORY].keep; i++)
        assert_true(fixture_act(&f, "memory.write", "{\"summary\":\"more\"}").accepted);
    snapshot_unref(fixture_until(&f, memory_left, old.id));
    join(&g, &f, "other");
    assert_true(fixture_act(&g, "memory.write", "{\"summary\":\"anew\",\"memory\":\"%s\"}", old.id)
                    .accepted);
    snapshot_unref(fixture_until(&f, memory_became, old.id));
    /* Forgotten here, it is so there. */
    assert_true(fixture_act(&f, "memory.forget", "{\"memory\":\"%s\"}", old.id).accepted);
    fixture_stop(&g);
    fixture_stop(&f);
    assert_fold(&f);
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_sees_what_the_other_did),
        cmocka_unit_test(test_one_follows_the_other),
        cmocka_unit_test(test_a_session_changes_hands),
        cmocka_unit_test(test_a_session_is_watched),
        cmocka_unit_test(test_old_memory_is_as_it_became),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
