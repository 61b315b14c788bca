/* SPDX-License-Identifier: MIT
 *
 * The log and its projections: transactions, order, what comes back, what is refused.
 */
#include "lib/test.h"

#include "base/fs.h"
#include "base/id.h"
#include "base/mem.h"
#include "contract/states.h"
#include "store/schema.h"
#include "store/store.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- helpers ---- */

static struct store *open_as(const char *dir, const char *proc)
{
    struct err e = ERR_INIT;
    struct store *s = NULL;
    struct store_options o = {.dir = dir, .proc = proc};
    OK(store_open(&s, &o, &e));
    return s;
}

static struct store *open_memory(void)
{
    struct err e = ERR_INIT;
    struct store *s = NULL;
    struct store_options o = {.dir = "/nonexistent", .proc = "proc_1", .memory = true};
    OK(store_open(&s, &o, &e));
    return s;
}

static void remove_dir(char *dir)
{
    struct err e = ERR_INIT;
    OK(fs_remove_tree(dir, &e));
    free(dir);
}

static int64_t begin(struct store *s)
{
    struct err e = ERR_INIT;
    int64_t last = -1;
    OK(store_begin(s, &last, &e));
    return last;
}

static void commit(struct store *s)
{
    struct err e = ERR_INIT;
    OK(store_commit(s, &e));
}

/* Appends in the open transaction; returns the seq. */
static int64_t append(struct store *s, enum event_kind kind, const char *session, const char *turn,
                      const void *fields)
{
    struct err e = ERR_INIT;
    struct event_ids ids = {.session = session, .turn = turn};
    struct event *ev = event_new(kind, &ids, fields);
    OK(store_append(s, ev, &e));
    int64_t seq = ev->seq;
    event_unref(ev);
    return seq;
}

static int64_t say(struct store *s, const char *text)
{
    return append(s, EV_TURN_STEERED, "ses_1", "turn_1", &(struct ev_turn_steered){.text = text});
}

static void put(struct store *s, enum rec_kind kind, const void *fields)
{
    struct err e = ERR_INIT;
    struct rec *r = rec_new(kind, fields);
    OK(store_put(s, r, &e));
    rec_unref(r);
}

static struct rec *find(struct store *s, enum rec_kind kind, const char *key)
{
    struct err e = ERR_INIT;
    struct rec *r = NULL;
    OK(store_find(s, kind, key, &r, &e));
    return r;
}

struct seen {
    size_t n;
    int64_t first, last;
    char text[64], proc[ID_MAX];
};

static bool see(void *arg, struct event *ev, const char *proc)
{
    struct seen *seen = arg;
    if (seen->n++ == 0)
        seen->first = ev->seq;
    else
        assert_int_equal(ev->seq, seen->last + 1);
    seen->last = ev->seq;
    snprintf(seen->proc, sizeof(seen->proc), "%s", proc);
    if (ev->kind == EV_TURN_STEERED)
        snprintf(seen->text, sizeof(seen->text), "%s", EV(ev, turn_steered)->text);
    event_unref(ev);
    return true;
}

static struct seen read_log(struct store *s, int64_t after)
{
    struct err e = ERR_INIT;
    struct seen seen = {0};
    OK(store_events(s, after, INT64_MAX, see, &seen, &e));
    return seen;
}

struct loaded {
    VEC(struct rec *) recs;
    int64_t before;
};

static void take(void *arg, struct rec *r)
{
    struct loaded *l = arg;
    VEC_PUSH(&l->recs, r);
}

static struct loaded load(struct store *s, enum rec_kind kind, const char *session)
{
    struct err e = ERR_INIT;
    struct loaded l = {.before = -1};
    OK(store_load(s, kind, session, take, &l, &l.before, &e));
    return l;
}

static void unload(struct loaded *l)
{
    for (size_t i = 0; i < l->recs.n; i++)
        rec_unref(l->recs.v[i]);
    free(l->recs.v);
}

/* Runs SQL on the database of a closed or open store. */
static void tamper(const char *dir, const char *sql)
{
    char *path = fs_join(dir, "tau.db");
    sqlite3 *db;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    free(path);
}

/* ---- the log ---- */

/* Ending a watch takes the kernel milliseconds, so whoever says one thing and goes has none. */
static void others_are_seen_without_a_watch(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    char *dir = test_tmpdir("unwatched");
    struct store *s = NULL, *other = open_as(dir, "proc_2");
    struct store_options o = {.dir = dir, .proc = "proc_1", .unwatched = true};
    bool stirred = true;
    OK(store_open(&s, &o, &e));
    assert_int_equal(store_watch_fd(s), -1);
    assert_true(store_watch_fd(other) >= 0);
    begin(other);
    struct event *ev = event_new(EV_SESSION_CREATED, &(struct event_ids){.session = "x"},
                                 &(struct ev_session_created){.name = "x"});
    OK(store_append(other, ev, &e));
    commit(other);
    assert_false(store_foreign(s, &stirred));
    assert_false(stirred);
    assert_int_equal(begin(s), ev->seq);
    commit(s);
    event_unref(ev);
    store_close(s);
    store_close(other);
    remove_dir(dir);
}

static void appends_in_order(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    char *dir = test_tmpdir("store");
    struct store *s = open_as(dir, "proc_1");
    assert_int_equal(begin(s), 0);
    assert_int_equal(say(s, "one"), 1);
    assert_int_equal(say(s, "two"), 2);
    commit(s);
    assert_int_equal(begin(s), 2);
    assert_int_equal(say(s, "three"), 3);
    commit(s);
    struct seen all = read_log(s, 0), rest = read_log(s, 2);
    assert_int_equal(all.n, 3);
    assert_int_equal(all.first, 1);
    assert_int_equal(rest.n, 1);
    assert_string_equal(rest.text, "three");
    assert_string_equal(rest.proc, "proc_1");
    int64_t first = 0, last = 0, folded = 0;
    OK(store_range(s, &first, &last, &folded, &e));
    assert_int_equal(first, 1);
    assert_int_equal(last, 3);
    assert_int_equal(folded, 3);
    store_close(s);
    remove_dir(dir);
}

static bool stop_at_two(void *arg, struct event *ev, const char *proc)
{
    (void)proc;
    *(int64_t *)arg = ev->seq;
    event_unref(ev);
    return *(int64_t *)arg < 2;
}

static void reads_a_part_of_the_log(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct store *s = open_memory();
    (void)begin(s);
    for (int i = 0; i < 5; i++)
        say(s, "x");
    commit(s);
    struct seen seen = {0};
    OK(store_events(s, 1, 3, see, &seen, &e));
    assert_int_equal(seen.n, 2);
    assert_int_equal(seen.first, 2);
    int64_t at = 0;
    OK(store_events(s, 0, INT64_MAX, stop_at_two, &at, &e));
    assert_int_equal(at, 2);
    store_close(s);
}

static void rollback_leaves_nothing(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    char *dir = test_tmpdir("store");
    struct store *s = open_as(dir, "proc_1");
    (void)begin(s);
    say(s, "kept");
    commit(s);
    assert_int_equal(begin(s), 1);
    assert_int_equal(say(s, "lost"), 2);
    put(s, REC_SESSION, &(struct rec_session){.id = "ses_1", .name = "a"});
    store_rollback(s);
    assert_null(find(s, REC_SESSION, "ses_1"));
    assert_int_equal(begin(s), 1);
    assert_int_equal(say(s, "next"), 2);
    commit(s);
    struct seen seen = read_log(s, 0);
    assert_int_equal(seen.n, 2);
    assert_string_equal(seen.text, "next");
    store_rollback(s); /* without a transaction: nothing */
    OK(store_check(s, &e));
    store_close(s);
    remove_dir(dir);
}

/* A process that dies keeps what it committed and nothing else; its numbers go on. */
static void death_keeps_what_was_committed(void **state)
{
    (void)state;
    char *dir = test_tmpdir("store");
    pid_t child = fork();
    if (child == 0) {
        struct store *s = open_as(dir, "proc_1");
        (void)begin(s);
        say(s, "kept");
        commit(s);
        (void)begin(s);
        say(s, "lost");
        _exit(7); /* neither commit nor close */
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(WEXITSTATUS(status), 7);
    struct store *s = open_as(dir, "proc_2");
    assert_int_equal(begin(s), 1);
    assert_int_equal(say(s, "mine"), 2);
    commit(s);
    struct seen seen = read_log(s, 0);
    assert_int_equal(seen.n, 2);
    assert_true(store_proc_gone(s, "proc_1"));
    store_close(s);
    remove_dir(dir);
}

static bool keep_event(void *arg, struct event *ev, const char *proc)
{
    (void)proc;
    *(struct event **)arg = ev;
    return true;
}

static void unknown_kinds_pass_through(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct store *s = open_memory();
    struct event_ids ids = {.session = "ses_1", .run = "run_1"};
    struct str data = STR("{\"b\":1,  \"a\":[1.50,\"\\u00e9\"]}");
    struct event *ev = event_from(0, 5, STR("later.happened"), &ids, data, &e);
    assert_non_null(ev);
    (void)begin(s);
    OK(store_append(s, ev, &e));
    commit(s);
    event_unref(ev);
    OK(store_events(s, 0, 1, keep_event, &ev, &e));
    assert_string_equal(ev->kind_name, "later.happened");
    assert_true(str_eq(ev->data, data));
    assert_string_equal(ev->ids.session, "ses_1");
    assert_string_equal(ev->ids.run, "run_1");
    assert_null(ev->ids.turn);
    assert_int_equal(ev->ts_ms, 5);
    event_unref(ev);
    store_close(s);
}

static void refuses_an_event_that_is_too_large(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct store *s = open_memory();
    char *data = malloc(EVENT_DATA_MAX + 2);
    memset(data, ' ', EVENT_DATA_MAX + 2);
    memcpy(data, "{}", 2);
    for (size_t past = 0; past < 2; past++) {
        struct event *ev = event_from(0, 1, STR("later.happened"), NULL,
                                      str_make(data, EVENT_DATA_MAX + past), &e);
        assert_non_null(ev);
        (void)begin(s);
        if (past)
            FAILS(store_append(s, ev, &e), ERR_TOO_LARGE);
        else
            OK(store_append(s, ev, &e));
        commit(s);
        event_unref(ev);
    }
    free(data);
    store_close(s);
}

/* ---- two processes ---- */

static void two_writers_take_turns(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    char *dir = test_tmpdir("store");
    struct store *a = open_as(dir, "proc_a"), *b = open_as(dir, "proc_b");
    assert_string_equal(store_name(a), store_name(b));
    for (int i = 0; i < 10; i++) {
        struct store *s = i % 2 ? b : a;
        assert_int_equal(begin(s), i);
        assert_int_equal(say(s, "x"), i + 1);
        commit(s);
    }
    struct seen seen = read_log(a, 8);
    assert_string_equal(seen.proc, "proc_b");
    assert_int_equal(seen.last, 10);
    assert_false(store_proc_gone(a, "proc_b"));
    assert_false(store_proc_gone(a, "proc_a"));
    store_close(b);
    assert_true(store_proc_gone(a, "proc_b"));
    assert_true(store_proc_gone(a, "../../etc/passwd"));
    OK(store_check(a, &e));
    store_close(a);
    remove_dir(dir);
}

static void one_id_is_one_process(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    char *dir = test_tmpdir("store");
    struct store *a = open_as(dir, "proc_a"), *b = NULL;
    struct store_options o = {.dir = dir, .proc = "proc_a"};
    FAILS(store_open(&b, &o, &e), ERR_LEASED);
    assert_null(b);
    store_close(a);
    remove_dir(dir);
}

/* What a commit says to be folded is what was appended or read in it, and never less than before.
 */
static void folded_follows(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    char *dir = test_tmpdir("store");
    struct store *s = open_as(dir, "proc_a");
    int64_t first, last, folded;
    (void)begin(s);
    for (int i = 0; i < 4; i++)
        say(s, "x");
    commit(s);
    (void)begin(s);
    struct seen part = {0};
    OK(store_events(s, 0, 2, see, &part, &e));
    commit(s);
    OK(store_range(s, &first, &last, &folded, &e));
    assert_int_equal(folded, 4);
    (void)begin(s);
    OK(store_clear(s, &e));
    commit(s);
    OK(store_range(s, &first, &last, &folded, &e));
    assert_int_equal(folded, 0);
    (void)begin(s);
    OK(store_events(s, 0, 3, see, &(struct seen){0}, &e));
    commit(s);
    OK(store_range(s, &first, &last, &folded, &e));
    assert_int_equal(folded, 3);
    store_close(s);
    remove_dir(dir);
}

/* ---- records ---- */

/* A value for every field; i64 values differ by field so that a swapped column shows. */
static void *fill(enum rec_kind kind, const char *key, struct arena *a, int64_t salt)
{
    const struct field_set *set = &rec_table[kind].set;
    char *u = arena_new(a, set->size);
    for (size_t i = 0; i < set->n; i++) {
        const struct field *f = &set->fields[i];
        void *p = u + f->offset;
        bool seq = strlen(f->name) > 4 && strcmp(f->name + strlen(f->name) - 4, "_seq") == 0;
        switch (f->type) {
        case FIELD_STR:
            *(const char **)p =
                i == 0 ? key : arena_printf(a, "%s-%d '\"; DROP é", f->name, (int)salt);
            break;
        case FIELD_JSON:
            *(const char **)p = arena_printf(a, "{\"%s\":[%d, 1.0]}", f->name, (int)salt);
            break;
        case FIELD_I64:
            *(int64_t *)p = seq && strcmp(f->name, "base_seq") ? 0 : (int64_t)i + salt;
            break;
        case FIELD_F64:
            *(double *)p = 0.1 + (double)salt;
            break;
        case FIELD_BOOL:
            *(bool *)p = true;
            break;
        default:
            break;
        }
    }
    return u;
}

static void every_record_comes_back(void **state)
{
    (void)state;
    struct store *s = open_memory();
    struct arena a = ARENA_INIT;
    for (int k = 0; k < REC_COUNT; k++)
        for (int64_t salt = 0; salt < 3;
             salt++) { /* made, then changed in place, then all absent */
            void *u = fill((enum rec_kind)k, "key_1", &a, salt);
            if (salt == 2) {
                const char *key = "key_1";
                u = arena_new(&a, rec_table[k].set.size);
                *(const char **)u = key;
                for (size_t i = 0; i < rec_table[k].set.n; i++)
                    if (rec_table[k].set.fields[i].presence == FIELD_NUL)
                        *(int64_t *)(void *)((char *)u + rec_table[k].set.fields[i].offset) =
                            I64_NONE;
            }
            struct rec *r = rec_new((enum rec_kind)k, u);
            (void)begin(s);
            put(s, (enum rec_kind)k, u);
            struct rec *inside = find(s, (enum rec_kind)k, "key_1");
            commit(s);
            struct rec *back = find(s, (enum rec_kind)k, "key_1");
            assert_non_null(back);
            assert_true(rec_equal(r, back));
            assert_true(rec_equal(r, inside));
            rec_unref(inside);
            rec_unref(back);
            rec_unref(r);
        }
    assert_null(find(s, REC_TURN, "no such turn"));
    arena_free(&a);
    store_close(s);
}

static void put_tools(struct store *s, const char *session, int from, int to, const char *status)
{
    (void)begin(s);
    for (int i = from; i < to; i++) {
        char id[32];
        snprintf(id, sizeof(id), "call_%s_%06d", session, i);
        put(s, REC_TOOL,
            &(struct rec_tool){.id = id,
                               .session = session,
                               .turn = "t",
                               .name = "ls",
                               .status = status,
                               .exit = I64_NONE});
    }
    commit(s);
}

static void load_is_bounded_and_in_order(void **state)
{
    (void)state;
    struct store *s = open_memory();
    int keep = (int)rec_table[REC_TOOL].keep;
    put_tools(s, "a", 0, 1, "started"); /* older than all, still live */
    put_tools(s, "a", 1, keep + 1, "completed");
    put_tools(s, "b", 0, 3, "completed");
    struct loaded l = load(s, REC_TOOL, "a");
    assert_int_equal(l.recs.n, keep + 1);
    assert_int_equal(l.before, 0);
    unload(&l);
    put_tools(s, "a", keep + 1, keep + 3, "failed");
    l = load(s, REC_TOOL, "a");
    assert_int_equal(l.recs.n, keep + 1);
    assert_int_equal(l.before, 2);
    assert_string_equal(rec_key(l.recs.v[0]), "call_a_000000");
    assert_string_equal(rec_key(l.recs.v[1]), "call_a_000003");
    for (size_t i = 1; i < l.recs.n; i++)
        assert_true(strcmp(rec_key(l.recs.v[i - 1]), rec_key(l.recs.v[i])) < 0);
    unload(&l);
    /* A change keeps the place; an end moves it to the ended ones; all sessions together. */
    put_tools(s, "a", 0, 1, "completed");
    l = load(s, REC_TOOL, "a");
    assert_int_equal(l.recs.n, keep);
    assert_int_equal(l.before, 3);
    unload(&l);
    l = load(s, REC_TOOL, NULL);
    assert_int_equal(l.recs.n, keep);
    assert_int_equal(l.before, 6);
    assert_string_equal(rec_key(l.recs.v[keep - 1]), "call_a_000202");
    unload(&l);
    l = load(s, REC_TOOL, "c");
    assert_int_equal(l.recs.n, 0);
    assert_int_equal(l.before, 0);
    unload(&l);
    store_close(s);
}

/* A session that is leased counts as live, and may become so again. */
static void sessions_come_and_go(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct store *s = open_memory();
    struct rec_session ses = {.id = "ses_1", .name = "ses_2"}, other = {.id = "ses_2", .name = "b"};
    for (int i = 0; i < 4; i++) {
        ses.proc = i % 2 ? "proc_1" : NULL;
        (void)begin(s);
        put(s, REC_SESSION, &ses);
        put(s, REC_SESSION, &other);
        commit(s);
        struct loaded l = load(s, REC_SESSION, NULL);
        assert_int_equal(l.recs.n, 2);
        assert_int_equal(l.before, 0);
        unload(&l);
    }
    const char *const names[][2] = {{"ses_1", "ses_1"}, {"ses_2", "ses_2"}, {"b", "ses_2"}};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        struct rec *r = NULL;
        OK(store_find_session(s, names[i][0], &r, &e));
        assert_string_equal(rec_key(r), names[i][1]);
        rec_unref(r);
    }
    struct rec *none = (struct rec *)&e;
    OK(store_find_session(s, "' OR 1=1 --", &none, &e));
    assert_null(none);
    (void)begin(s);
    OK(store_clear(s, &e));
    commit(s);
    struct loaded l = load(s, REC_SESSION, NULL);
    assert_int_equal(l.recs.n, 0);
    assert_int_equal(l.before, 0);
    unload(&l);
    store_close(s);
}

/* Of one session all that is kept is read, of all together only so much text. */
static void load_reads_so_much_text(void **state)
{
    (void)state;
    struct store *s = open_memory();
    struct buf text = BUF_OWN;
    while (text.len < STORE_LOAD_TEXT / 4)
        buf_puts(&text, "words ");
    (void)begin(s);
    for (int i = 1; i <= 10; i++) {
        char id[16];
        int64_t seq = append(s, EV_TURN_STEERED, "a", "t",
                             &(struct ev_turn_steered){.text = buf_cstr(&text)});
        snprintf(id, sizeof(id), "e%d", i);
        put(s, REC_ENTRY,
            &(struct rec_entry){.id = id,
                                .session = "a",
                                .turn = "t",
                                .kind = "user",
                                .open = i == 2,
                                .body_seq = seq,
                                .n = i});
    }
    commit(s);
    struct loaded all = load(s, REC_ENTRY, "a"), some = load(s, REC_ENTRY, NULL);
    assert_int_equal(all.recs.n, 10);
    assert_int_equal(all.before, 0);
    assert_int_equal(some.recs.n, 5); /* four that ended, and what is open however old */
    assert_string_equal(rec_key(some.recs.v[0]), "e2");
    assert_string_equal(rec_key(some.recs.v[1]), "e7");
    assert_string_equal(rec_key(some.recs.v[4]), "e10");
    assert_int_equal(some.before, 5);
    unload(&all);
    unload(&some);
    buf_free(&text);
    store_close(s);
}

/* VM steps of loading a transcript, apart from the store's own connection. */
static int steps_of_load(const char *dir)
{
    struct buf sql = BUF_OWN;
    char *path = fs_join(dir, "tau.db");
    struct err e = ERR_INIT;
    sqlite3 *db = sql_open(path, NULL, true, &e);
    OK(db != NULL);
    schema_held(&sql, "", REC_ENTRY, true);
    sqlite3_stmt *st = sql_prepare(db, buf_cstr(&sql), &e);
    OK(st != NULL);
    sqlite3_bind_int(st, 1, 200);
    sqlite3_bind_text(st, 2, "a", 1, SQLITE_STATIC);
    int rows = 0;
    while (sqlite3_step(st) == SQLITE_ROW)
        rows++;
    assert_int_equal(rows, 200);
    int steps = sqlite3_stmt_status(st, SQLITE_STMTSTATUS_VM_STEP, 0);
    assert_int_equal(sqlite3_stmt_status(st, SQLITE_STMTSTATUS_FULLSCAN_STEP, 0), 0);
    sqlite3_finalize(st);
    sqlite3_close(db);
    buf_free(&sql);
    free(path);
    return steps;
}

/* Only the newest are touched however many there are: the same number of steps. */
static void load_does_not_read_what_it_leaves(void **state)
{
    (void)state;
    char *dir = test_tmpdir("store");
    static const char *const fill_in =
        "WITH RECURSIVE c(i) AS (SELECT (SELECT count(*) FROM transcript) + 1 UNION ALL"
        " SELECT i + 1 FROM c WHERE i < %s)"
        " INSERT INTO transcript(live, id, session, turn, kind, n, ts_ms, body_seq)"
        " SELECT 0, 'e' || i, 'a', 't', 'end', i, i, 0 FROM c";
    char sql[512];
    struct store *s = open_as(dir, "proc_1");
    snprintf(sql, sizeof(sql), fill_in, "1000");
    tamper(dir, sql);
    int few = steps_of_load(dir);
    snprintf(sql, sizeof(sql), fill_in, "20000");
    tamper(dir, sql);
    assert_int_equal(steps_of_load(dir), few);
    struct loaded l = load(s, REC_ENTRY, "a");
    assert_int_equal(l.recs.n, 200);
    assert_int_equal(l.before, 19800);
    assert_int_equal(REC(l.recs.v[0], entry)->n, 19801);
    unload(&l);
    /* After a reset only what came since is read. */
    (void)begin(s);
    put(s, REC_SESSION, &(struct rec_session){.id = "a", .name = "a", .base_n = 19998});
    commit(s);
    for (int all = 0; all < 2; all++) {
        l = load(s, REC_ENTRY, all ? NULL : "a");
        assert_int_equal(l.recs.n, 2);
        assert_int_equal(l.before, 19998);
        assert_int_equal(REC(l.recs.v[0], entry)->n, 19999);
        unload(&l);
    }
    store_close(s);
    remove_dir(dir);
}

/* ---- bodies ---- */

static void assert_body(struct body b, const char *expected)
{
    if (!str_is(body_view(b), expected))
        fail_msg("'%.*s' is not '%s'", STR_ARG(body_view(b)), expected);
}

static void entries_find_their_text(void **state)
{
    (void)state;
    struct store *s = open_memory();
    (void)begin(s);
    struct ev_turn_message m = {
        .entry = "msg_1",
        .role = "assistant",
        .content =
            "[{\"type\":\"reasoning\",\"part\":\"p1\",\"text\":\"hm\"},"
            "{\"type\":\"text\",\"part\":\"p2\",\"text\":\"gr\\u00fc\\u00dfe \\\"x\\\"\\n\"},"
            "{\"type\":\"tool_call\",\"call_id\":\"c\"}, 7, \"p2\"]"};
    int64_t seq = append(s, EV_TURN_MESSAGE, "a", "t", &m);
    int64_t asked = append(s, EV_TURN_CREATED, "a", "t",
                           &(struct ev_turn_created){.source = "test", .input = "what?"});
    int64_t steer = append(s, EV_TURN_STEERED, "a", "t", &(struct ev_turn_steered){.text = "left"});
    struct ev_turn_text chunk = {.part = "p3", .offset = 0, .text = "one "};
    append(s, EV_TURN_TEXT, "a", "t", &chunk);
    append(s, EV_TURN_REASONING, "a", "t",
           &(struct ev_turn_reasoning){.part = "p4", .text = "other part"});
    chunk = (struct ev_turn_text){.part = "p3", .offset = 4, .text = "two"};
    append(s, EV_TURN_TEXT, "a", "t", &chunk);
    append(s, EV_TOOL_OUTPUT, "a", "t", &(struct ev_tool_output){.part = "p5", .text = "output"});
    const struct {
        const char *id, *kind, *text;
        int64_t seq;
        bool open;
    } rows[] = {
        {"p1", "reasoning", "hm", seq, false},
        {"p2", "text", "grüße \"x\"\n", seq, false},
        {"u1", "user", "what?", asked, false},
        {"s1", "steer", "left", steer, false},
        {"p3", "text", "one two", 0, true},
        {"p4", "reasoning", "other part", 0, false}, /* its turn died */
        {"p5", "tool", "", 0, true},
        {"p6", "text", "", 0, true},
        {"p9", "text", "", seq, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        put(s, REC_ENTRY,
            &(struct rec_entry){.id = rows[i].id,
                                .session = "a",
                                .turn = "t",
                                .kind = rows[i].kind,
                                .open = rows[i].open,
                                .body_seq = rows[i].seq,
                                .n = (int64_t)i + 1});
    commit(s);
    struct loaded l = load(s, REC_ENTRY, "a");
    assert_int_equal(l.recs.n, ARRAY_LEN(rows));
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        assert_string_equal(rec_key(l.recs.v[i]), rows[i].id);
        assert_body(REC(l.recs.v[i], entry)->body, rows[i].text);
    }
    unload(&l);
    store_close(s);
}

/* Chunks say where they begin: what is there is passed over, a hole is not filled. */
static void chunks_are_put_together(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t offset;
        const char *turn, *expected;
    } rows[] = {
        {"hello", 0, "t", "hello"},        {"hello", 0, "t", "hello"}, /* again */
        {"lo wo", 3, "t", "hello wo"},                                 /* overlaps */
        {"alien", 8, "other", "hello wo"},                             /* another turn's */
        {"x", -1, "t", "hello wo"},                                    /* no place */
        {"x", INT64_MAX, "t", "hello wo"}, {"", 50, "t", "hello wo"},
        {"ld", 100, "t", "hello wold"}, /* a hole */
    };
    struct store *s = open_memory();
    (void)begin(s);
    put(s, REC_ENTRY,
        &(struct rec_entry){
            .id = "p", .session = "a", .turn = "t", .kind = "text", .open = true, .n = 1});
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        append(s, EV_TURN_TEXT, "a", rows[i].turn,
               &(struct ev_turn_text){.part = "p", .offset = rows[i].offset, .text = rows[i].text});
        struct rec *r = find(s, REC_ENTRY, "p");
        assert_body(REC(r, entry)->body, rows[i].expected);
        rec_unref(r);
    }
    commit(s);
    store_close(s);
}

/* Parts without an id go by their message and place; of two with one id the last counts. */
static void parts_without_an_id(void **state)
{
    (void)state;
    struct store *s = open_memory();
    (void)begin(s);
    int64_t seq = append(s, EV_TURN_MESSAGE, "a", "t",
                         &(struct ev_turn_message){
                             .entry = "m",
                             .role = "user",
                             .content = "[{\"type\":\"other\",\"text\":\"no\"},"
                                        "{\"type\":\"text\",\"text\":\"one\"},"
                                        "{\"type\":\"text\",\"part\":\"p\",\"text\":\"old\"},"
                                        "{\"type\":\"text\",\"part\":7,\"text\":\"three\"},"
                                        "{\"type\":\"text\",\"part\":\"p\",\"text\":\"new\"},"
                                        "{\"type\":\"image\",\"part\":\"i\",\"text\":\"[image]\"}]"});
    static const char *const rows[][2] = {
        {"i", "[image]"}, {"m/0", ""}, {"m/1", "one"}, {"m/2", ""}, {"m/3", "three"}, {"p", "new"}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        put(s, REC_ENTRY,
            &(struct rec_entry){.id = rows[i][0],
                                .session = "a",
                                .turn = "t",
                                .kind = "user",
                                .body_seq = seq,
                                .n = (int64_t)i});
        struct rec *r = find(s, REC_ENTRY, rows[i][0]);
        assert_body(REC(r, entry)->body, rows[i][1]);
        rec_unref(r);
    }
    commit(s);
    store_close(s);
}

static void tools_and_approvals_find_their_text(void **state)
{
    (void)state;
    struct store *s = open_memory();
    (void)begin(s);
    int64_t proposed =
        append(s, EV_TOOL_PROPOSED, "a", "t",
               &(struct ev_tool_proposed){
                   .call_id = "c", .name = "bash", .arguments = "{\"command\":\"ls\"}"});
    int64_t asked = append(s, EV_APPROVAL_REQUESTED, "a", "t",
                           &(struct ev_approval_requested){.approval_id = "ap",
                                                           .call_id = "c",
                                                           .action = "run ls",
                                                           .risk = "run",
                                                           .rule = "r",
                                                           .preview = "- a\n+ b"});
    int64_t started = append(s, EV_TOOL_STARTED, "a", "t",
                             &(struct ev_tool_started){.call_id = "c", .arguments = "{}"});
    append(s, EV_TOOL_OUTPUT, "a", "t", &(struct ev_tool_output){.part = "c", .text = "out"});
    append(s, EV_TOOL_OUTPUT, "a", "t",
           &(struct ev_tool_output){.part = "c", .offset = 70000, .artifact = "x", .bytes = 3});
    int64_t ends[4];
    const char *error = "{\"reason_code\":\"timed_out\",\"message\":\"late\"}";
    ends[0] = append(s, EV_TOOL_COMPLETED, "a", "t",
                     &(struct ev_tool_completed){
                         .call_id = "c", .result = "r0", .summary = "", .exit = I64_NONE});
    ends[1] = append(
        s, EV_TOOL_FAILED, "a", "t",
        &(struct ev_tool_failed){.call_id = "c", .error = error, .result = "r1", .exit = I64_NONE});
    ends[2] = append(s, EV_TOOL_TIMED_OUT, "a", "t",
                     &(struct ev_tool_timed_out){.call_id = "c", .error = error, .result = "r2"});
    ends[3] = append(s, EV_TOOL_CANCELLED, "a", "t",
                     &(struct ev_tool_cancelled){.call_id = "c", .error = error});
    struct rec_tool tool = {.id = "c",
                            .session = "a",
                            .turn = "t",
                            .name = "bash",
                            .status = "started",
                            .arguments_seq = proposed,
                            .exit = I64_NONE};
    put(s, REC_TOOL, &tool);
    put(s, REC_APPROVAL,
        &(struct rec_approval){.id = "ap",
                               .session = "a",
                               .turn = "t",
                               .call = "c",
                               .status = "requested",
                               .preview_seq = asked});
    struct rec *r = find(s, REC_TOOL, "c");
    assert_body(REC(r, tool)->arguments, "{\"command\":\"ls\"}");
    assert_body(REC(r, tool)->output, "out");
    assert_body(REC(r, tool)->result, "");
    rec_unref(r);
    static const char *const results[] = {"r0", "r1", "r2", ""};
    for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
        tool.status = "completed";
        tool.arguments_seq = started;
        tool.result_seq = ends[i];
        put(s, REC_TOOL, &tool);
        r = find(s, REC_TOOL, "c");
        assert_body(REC(r, tool)->arguments, "{}");
        assert_body(REC(r, tool)->output, "");
        assert_body(REC(r, tool)->result, results[i]);
        rec_unref(r);
    }
    r = find(s, REC_APPROVAL, "ap");
    assert_body(REC(r, approval)->preview, "- a\n+ b");
    rec_unref(r);
    commit(s);
    store_close(s);
}

static void jobs_keep_64_kib(void **state)
{
    (void)state;
    struct store *s = open_memory();
    char text[4097];
    memset(text, 'x', 4096);
    text[4096] = '\0';
    (void)begin(s);
    for (int i = 0; i < 16; i++)
        append(s, EV_JOB_OUTPUT, "a", NULL,
               &(struct ev_job_output){.part = "job_1", .offset = i * 4096, .text = text});
    append(s, EV_JOB_OUTPUT, "a", NULL,
           &(struct ev_job_output){.part = "job_1", .offset = 65536, .text = "past"});
    append(s, EV_JOB_OUTPUT, "a", NULL, &(struct ev_job_output){.part = "job_2", .text = "short"});
    struct rec_job job = {
        .id = "job_1", .session = "a", .status = "completed", .command = "make", .exit = 0};
    put(s, REC_JOB, &job);
    job.id = "job_2";
    put(s, REC_JOB, &job);
    commit(s);
    struct rec *r = find(s, REC_JOB, "job_1");
    assert_int_equal(body_view(REC(r, job)->output).n, 65536);
    rec_unref(r);
    r = find(s, REC_JOB, "job_2");
    assert_body(REC(r, job)->output, "short");
    assert_int_equal(REC(r, job)->exit, 0);
    rec_unref(r);
    store_close(s);
}

/* ---- opening ---- */

static mode_t mode_of(const char *dir, const char *name)
{
    char *path = fs_join(dir, name);
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    free(path);
    return st.st_mode & 07777;
}

static void files_are_private(void **state)
{
    (void)state;
    char *top = test_tmpdir("store"), *dir = fs_join(top, "a/b");
    mode_t before = umask(0);
    struct store *s = open_as(dir, "proc_1");
    (void)begin(s);
    say(s, "x");
    commit(s);
    umask(before);
    assert_int_equal(mode_of(dir, ""), 0700);
    assert_int_equal(mode_of(dir, "proc"), 0700);
    assert_int_equal(mode_of(dir, "proc/proc_1.lock"), 0600);
    assert_int_equal(mode_of(dir, "tau.db"), 0600);
    assert_int_equal(mode_of(dir, "tau.db-wal"), 0600);
    assert_int_equal(strlen(store_name(s)), 8);
    char name[16];
    snprintf(name, sizeof(name), "%s", store_name(s));
    store_close(s);
    char *lock = fs_join(dir, "proc/proc_1.lock"), *wal = fs_join(dir, "tau.db-wal");
    assert_false(fs_exists(lock));
    assert_true(fs_exists(wal)); /* a small one stays */
    s = open_as(dir, "proc_1");
    assert_string_equal(store_name(s), name);
    assert_string_equal(read_log(s, 0).text, "x");
    char *text = mem_new(1 << 20);
    memset(text, 'x', (1 << 20) - 1);
    (void)begin(s);
    say(s, text);
    commit(s);
    free(text);
    store_close(s);
    assert_false(fs_exists(wal)); /* a large one is folded back */
    free(lock);
    free(wal);
    free(dir);
    remove_dir(top);
}

static void a_newer_store_can_be_read(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    char *dir = test_tmpdir("store");
    struct store *s = open_as(dir, "proc_1");
    (void)begin(s);
    say(s, "from the future");
    put(s, REC_SESSION, &(struct rec_session){.id = "ses_1", .name = "a"});
    commit(s);
    store_close(s);
    char sql[128];
    snprintf(sql, sizeof(sql),
             "UPDATE meta SET value = %d WHERE key = 'version';"
             "UPDATE meta SET value = 'other' WHERE key = 'shape'",
             STORE_VERSION + 1);
    tamper(dir, sql);
    struct store_options o = {.dir = dir, .proc = "proc_1"};
    s = NULL;
    FAILS(store_open(&s, &o, &e), ERR_STORE_NEWER);
    assert_non_null(s);
    assert_non_null(strstr(e.message, "tau.db"));
    assert_string_equal(read_log(s, 0).text, "from the future");
    struct rec *r = find(s, REC_SESSION, "ses_1");
    assert_non_null(r);
    rec_unref(r);
    int64_t last;
    FAILS(store_begin(s, &last, &e), ERR_STORE_NEWER);
    OK(store_sync(s, &e));
    store_close(s);
    remove_dir(dir);
}

/* Another set of columns: projections are made anew, empty, and the log is to be folded again. */
static void another_shape_is_folded_again(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    char *dir = test_tmpdir("store");
    struct store *s = open_as(dir, "proc_1");
    (void)begin(s);
    say(s, "kept");
    put(s, REC_SESSION, &(struct rec_session){.id = "ses_1", .name = "a"});
    commit(s);
    store_close(s);
    tamper(dir, "UPDATE meta SET value = 'other' WHERE key = 'shape';"
                "ALTER TABLE turns DROP COLUMN model; CREATE TABLE \"old\"\"one\"(x)");
    s = open_as(dir, "proc_1");
    int64_t first, last, folded;
    OK(store_range(s, &first, &last, &folded, &e));
    assert_int_equal(last, 1);
    assert_int_equal(folded, 0);
    assert_null(find(s, REC_SESSION, "ses_1"));
    (void)begin(s);
    put(s, REC_TURN, &(struct rec_turn){.id = "t", .session = "a", .status = "queued"});
    commit(s);
    store_close(s);
    remove_dir(dir);
}

static void write_file(const char *dir, const char *name, struct str data)
{
    struct err e = ERR_INIT;
    char *path = fs_join(dir, name);
    OK(fs_replace(path, data, 0600, &e));
    free(path);
}

static void a_damaged_store_says_so(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    char *dir = test_tmpdir("store");
    struct store_options o = {.dir = dir, .proc = "proc_1"};
    struct store *s = NULL;
    char junk[8192];
    memset(junk, 'j', sizeof(junk));
    write_file(dir, "tau.db", str_make(junk, sizeof(junk)));
    FAILS(store_open(&s, &o, &e), ERR_STORE_DAMAGED);
    assert_null(s);
    assert_non_null(strstr(e.message, dir));
    /* A database of somebody else. */
    write_file(dir, "tau.db", STR(""));
    tamper(dir, "CREATE TABLE mine(x)");
    FAILS(store_open(&s, &o, &e), ERR_STORE_DAMAGED);
    assert_null(s);
    remove_dir(dir);
}

static void an_empty_file_is_a_new_store(void **state)
{
    (void)state;
    char *dir = test_tmpdir("store");
    write_file(dir, "tau.db", STR(""));
    struct store *s = open_as(dir, "proc_1");
    assert_int_equal(begin(s), 0);
    store_rollback(s);
    store_close(s);
    remove_dir(dir);
}

static void a_place_that_can_not_be_says_why(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    char *dir = test_tmpdir("store"), *file = fs_join(dir, "file");
    write_file(dir, "file", STR("x"));
    struct store_options o = {.dir = file, .proc = "proc_1"};
    struct store *s = NULL;
    assert_false(store_open(&s, &o, &e));
    assert_null(s);
    assert_non_null(strstr(e.message, file));
    free(file);
    remove_dir(dir);
}

/* ---- power ---- */

static void sync_folds_a_large_wal(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    char *dir = test_tmpdir("store"), *path = fs_join(dir, "tau.db");
    struct store *s = open_as(dir, "proc_1");
    OK(store_sync(s, &e));
    char *text = malloc(100001);
    memset(text, 'x', 100000);
    text[100000] = '\0';
    struct stat before, after;
    assert_int_equal(stat(path, &before), 0);
    (void)begin(s);
    say(s, text);
    commit(s);
    OK(store_sync(s, &e));
    assert_int_equal(stat(path, &after), 0);
    assert_int_equal(after.st_size, before.st_size); /* not yet */
    for (int i = 0; i < 50; i++) {
        (void)begin(s);
        say(s, text);
        commit(s);
    }
    OK(store_sync(s, &e));
    assert_int_equal(stat(path, &after), 0);
    assert_true(after.st_size > 4 << 20);
    free(text);
    free(path);
    store_close(s);
    remove_dir(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(others_are_seen_without_a_watch),
        cmocka_unit_test(appends_in_order),
        cmocka_unit_test(reads_a_part_of_the_log),
        cmocka_unit_test(rollback_leaves_nothing),
        cmocka_unit_test(death_keeps_what_was_committed),
        cmocka_unit_test(unknown_kinds_pass_through),
        cmocka_unit_test(refuses_an_event_that_is_too_large),
        cmocka_unit_test(two_writers_take_turns),
        cmocka_unit_test(one_id_is_one_process),
        cmocka_unit_test(folded_follows),
        cmocka_unit_test(every_record_comes_back),
        cmocka_unit_test(load_is_bounded_and_in_order),
        cmocka_unit_test(sessions_come_and_go),
        cmocka_unit_test(load_reads_so_much_text),
        cmocka_unit_test(load_does_not_read_what_it_leaves),
        cmocka_unit_test(entries_find_their_text),
        cmocka_unit_test(chunks_are_put_together),
        cmocka_unit_test(parts_without_an_id),
        cmocka_unit_test(tools_and_approvals_find_their_text),
        cmocka_unit_test(jobs_keep_64_kib),
        cmocka_unit_test(files_are_private),
        cmocka_unit_test(a_newer_store_can_be_read),
        cmocka_unit_test(another_shape_is_folded_again),
        cmocka_unit_test(a_damaged_store_says_so),
        cmocka_unit_test(an_empty_file_is_a_new_store),
        cmocka_unit_test(a_place_that_can_not_be_says_why),
        cmocka_unit_test(sync_folds_a_large_wal),
    };
    return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
