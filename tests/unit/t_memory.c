/* SPDX-License-Identifier: MIT
 *
 * Memory and tasks through a core: what has left the snapshot is named, changed and found like the
 * rest.
 */
#include "lib/test.h"

#include "lib/core.h"

#include "base/fs.h"
#include "base/mem.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

enum { KEPT = 200 }; /* of memory and ended tasks in a snapshot */

static const char *end_of(const char *id, size_t n)
{
    return id + strlen(id) - n;
}

static void lower(char *s)
{
    for (; *s; s++)
        *s = (char)(*s >= 'A' && *s <= 'Z' ? *s + 32 : *s);
}

static bool take_json(void *arg, struct str json)
{
    buf_str(arg, json);
    return true;
}

/* The rows of a query as text. Caller frees. */
static char *ask(struct fixture *f, const char *query, const char *name, const char *value)
{
    struct err e = ERR_INIT;
    struct buf out = BUF_OWN;
    struct reader r = core_reader(f->core);
    CLEANUP(mem_free_p) char *args = mem_printf("{\"%s\":\"%s\"}", name, value);
    OK(r.query(r.ctx, query, str_of(args), NULL, take_json, &out, NULL, &e));
    return buf_take(&out);
}

static void assert_says(struct fixture *f, const char *query, const char *name, const char *value,
                        const char *part)
{
    CLEANUP(mem_free_p) char *got = ask(f, query, name, value);
    if (part ? !strstr(got, part) : got[0])
        fail_msg("%s of %s: %s", query, value, got);
}

static void assert_accepted(struct action_answer a)
{
    if (!a.accepted)
        fail_msg("%s", a.err.message);
}

static void assert_refused(struct action_answer a, enum err_code code)
{
    assert_false(a.accepted);
    assert_int_equal(a.err.code, code);
}

/* arg: the first id, and the last. */
static bool has_left(const struct snapshot *s, void *arg)
{
    const char *const *ids = arg;
    return snapshot_find(s, REC_MEMORY, ids[1]) && !snapshot_find(s, REC_MEMORY, ids[0]);
}

static void make_anew(struct fixture *f)
{
    CLEANUP(mem_free_p) char *path = fs_join(f->state, "tau.db");
    sqlite3 *db;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(
        sqlite3_exec(db, "UPDATE meta SET value = 'x' WHERE key = 'shape'", NULL, NULL, NULL),
        SQLITE_OK);
    sqlite3_close(db);
}

static void names_old_entries(void **state)
{
    struct fixture f;
    (void)state;
    fixture_open(&f, "memory", NULL);
    fixture_start(&f);
    struct action_answer old, last, a;
    assert_accepted(old = fixture_act(&f, "memory.write", "{\"summary\":\"the first one\"}"));
    for (int i = 0; i < KEPT + 1; i++)
        assert_accepted(last = fixture_act(&f, "memory.write", "{\"summary\":\"number %d\"}", i));
    snapshot_unref(fixture_until(&f, has_left, (const char *[]){old.id, last.id}));
    char end[8];
    snprintf(end, sizeof(end), "%s", end_of(old.id, 6));
    lower(end);
    a = fixture_act(&f, "memory.pin", "{\"memory\":\"%s\"}", end);
    assert_accepted(a);
    assert_string_equal(a.id, old.id);
    assert_says(&f, "memory.list", "match", end, "\"pinned\":true");
    a = fixture_act(&f, "memory.write", "{\"summary\":\"the first one anew\",\"memory\":\"%s\"}",
                    end);
    assert_accepted(a);
    assert_string_equal(a.id, old.id);
    assert_says(&f, "memory.search", "query", "anew", "\"pinned\":true");
    assert_accepted(fixture_act(&f, "memory.forget", "{\"memory\":\"%s\"}", end));
    assert_says(&f, "memory.search", "query", "anew", NULL);
    assert_accepted(fixture_act(&f, "memory.restore", "{\"memory\":\"%s\"}", end));
    assert_says(&f, "memory.search", "query", "anew", "\"pinned\":true");
    assert_says(&f, "memory.list", "match", end, "\"revision\":2");
    /* In the snapshot it is as little as before. */
    struct snapshot *s = fixture_until(&f, has_left, (const char *[]){old.id, last.id});
    assert_int_equal(s->sections[REC_MEMORY]->n, KEPT);
    assert_int_equal(s->sections[REC_MEMORY]->before, 2);
    snapshot_unref(s);
    /* Projections that are made anew from the log have the same. */
    CLEANUP(mem_free_p) char *before = ask(&f, "memory.list", "match", end);
    fixture_stop(&f);
    make_anew(&f);
    fixture_start(&f);
    assert_says(&f, "memory.list", "match", end, before);
    assert_refused(fixture_act(&f, "memory.pin", "{\"memory\":\"%s\"}", end_of(old.id, 3)),
                   ERR_NOT_FOUND);
    assert_refused(fixture_act(&f, "memory.pin", "{\"memory\":\"zzzzzz\"}"), ERR_NOT_FOUND);
    fixture_close(&f);
}

static void names_old_tasks(void **state)
{
    struct fixture f;
    (void)state;
    fixture_open(&f, "tasks", NULL);
    fixture_start(&f);
    struct action_answer old = fixture_act(&f, "task.create", "{\"title\":\"the first one\"}");
    assert_accepted(fixture_act(&f, "task.complete", "{\"task\":\"%s\"}", end_of(old.id, 6)));
    for (int i = 0; i < KEPT + 1; i++) {
        struct action_answer a = fixture_act(&f, "task.create", "{\"title\":\"number %d\"}", i);
        assert_accepted(fixture_act(&f, "task.complete", "{\"task\":\"%s\"}", a.id));
    }
    /* It is found, and has ended. */
    assert_refused(fixture_act(&f, "task.complete", "{\"task\":\"%s\"}", end_of(old.id, 6)),
                   ERR_CONFLICT);
    assert_says(&f, "task.list", "match", end_of(old.id, 6), "the first one");
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_old_entries),
        cmocka_unit_test(names_old_tasks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
