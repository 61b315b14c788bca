/* SPDX-License-Identifier: MIT
 *
 * A core that finds projections which lack something folds the log before anybody looks: nothing
 * that was there is missing after a tau with other records was installed.
 */
#include "lib/test.h"

#include "lib/core.h"

#include "base/fs.h"
#include "base/mem.h"
#include "contract/record.h"

#include <sqlite3.h>
#include <stdlib.h>

static void tamper(const struct fixture *f, const char *sql)
{
    char *path = fs_join(f->state, "tau.db");
    sqlite3 *db;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    free(path);
}

/* The sections that hold what turns did; the sessions are leased anew by each start. */
static char *written(const struct fixture *f)
{
    struct buf out = BUF_OWN;
    struct snapshot *s = hub_snapshot(core_hub(f->core));
    snapshot_write(s, UINT32_MAX & ~(1u << REC_SESSION), false, &out);
    snapshot_unref(s);
    const char *sections = strchr(buf_cstr(&out), ','); /* behind the seq */
    assert_non_null(sections);
    char *copy = mem_strdup(sections);
    buf_free(&out);
    return copy;
}

/* A core that was just started and has done nothing yet holds this, and knows the session. */
static void assert_holds(struct fixture *f, const char *expected)
{
    struct err e = ERR_INIT;
    struct policy_config config = {.workspace = f->workspace,
                                   .state_dir = f->state,
                                   .config_dir = f->config,
                                   .protected_paths = "",
                                   .sandbox_level = "auto",
                                   .sandbox_read = ""};
    OK((f->policy = policy_new(&config, &e)) != NULL);
    f->options.policy = f->policy;
    OK((f->core = core_start(&f->options, &e)) != NULL);
    char *held = written(f), id[ID_MAX];
    assert_string_equal(held, expected);
    OK(core_open_session(f->core, NULL, true, false, id, &e));
    assert_string_equal(id, f->session);
    free(held);
    fixture_stop(f);
}

static void test_projections_are_made_again(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, "fold",
                 "[{\"text\":\"one\"},{\"call\":{\"name\":\"ls\",\"arguments\":{}}}]\n"
                 "[{\"text\":\"two\"}]\n");
    fixture_start(&f);
    char *turn = fixture_submit(&f, "look");
    assert_string_equal(fixture_ended(&f, turn), "completed");
    char *before = written(&f);
    assert_non_null(strstr(before, "\"two\""));
    fixture_stop(&f);
    tamper(&f, "UPDATE meta SET value = 'of another tau' WHERE key = 'shape'");
    assert_holds(&f, before);
    /* More than is folded at once. */
    tamper(&f, "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 2500)"
               " INSERT INTO event(ts_ms, proc, kind, json)"
               " SELECT i, 'proc_x', 'later.happened', '{}' FROM c;"
               "UPDATE meta SET value = 'of a third' WHERE key = 'shape'");
    assert_holds(&f, before);
    assert_holds(&f, before); /* and once more, with nothing to fold */
    free(before);
    free(turn);
    fixture_close(&f);
}

/* The entries of a session, in order, by key; frees nothing of the caller's. */
static char *entries_of(const struct fixture *f, const char *session)
{
    struct buf out = BUF_OWN;
    struct snapshot *s = hub_snapshot(core_hub(f->core));
    const struct section *sec = s->sections[REC_ENTRY];
    for (size_t i = 0; i < sec->n; i++)
        if (strcmp(rec_session(sec->v[i]), session) == 0)
            buf_printf(&out, "%s %.*s\n", rec_key(sec->v[i]),
                       STR_ARG(body_view(REC(sec->v[i], entry)->body)));
    buf_printf(&out, "%lld in all", (long long)sec->before + (long long)sec->n);
    snapshot_unref(s);
    return buf_take(&out);
}

/* The start reads the newest of all sessions; whoever opens an older one has all of it. */
static void test_an_old_session_is_whole(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, "whole",
                 "[{\"text\":\"one\"},{\"call\":{\"name\":\"ls\",\"arguments\":{}}}]\n"
                 "[{\"text\":\"two\"}]\n");
    fixture_start(&f);
    char *turn = fixture_submit(&f, "look");
    assert_string_equal(fixture_ended(&f, turn), "completed");
    char *entries = entries_of(&f, f.session);
    const char *end = "4 in all";
    assert_string_equal(entries + strlen(entries) - strlen(end), end);
    fixture_stop(&f);
    /* Enough of another session that only the two newest of this one are read at the start, and
     * between the two as well. */
    tamper(&f,
           "UPDATE transcript SET ord = ord + 1000 WHERE n >= 3;"
           "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 198)"
           " INSERT INTO transcript(ord, live, id, session, turn, kind, open, body_seq, n, ts_ms)"
           " SELECT 100 + i, 0, 'z' || i, 'other', 't', 'end', 0, 0, i, i FROM c");
    fixture_start(&f);
    char *again = entries_of(&f, f.session);
    again[strlen(again) - strlen("202 in all")] = '\0';
    entries[strlen(entries) - strlen(end)] = '\0';
    assert_string_equal(again, entries);
    struct snapshot *s = hub_snapshot(core_hub(f.core));
    assert_int_equal(s->sections[REC_ENTRY]->before, 0); /* all 202 are here now */
    assert_int_equal(s->sections[REC_ENTRY]->n, 202);
    snapshot_unref(s);
    free(again);
    free(entries);
    free(turn);
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_projections_are_made_again),
        cmocka_unit_test(test_an_old_session_is_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
