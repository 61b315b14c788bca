/* SPDX-License-Identifier: MIT
 *
 * The clock on the wall goes back while turns run: the log keeps its order, ids are still single, and
 * nothing took less than no time.
 */
#include "lib/test.h"

#include "lib/core.h"

#include "base/clock.h"
#include "base/map.h"
#include "base/mem.h"
#include "json/json.h"
#include "store/store.h"

#include <poll.h>
#include <stdlib.h>

static struct fixture f;

/* Every look at the turn sets the clock a minute back. */
static bool has_ended(const struct snapshot *s, void *turn)
{
    static int64_t back;
    const struct section *sec = s->sections[REC_TURN];
    clock_freeze(1800000000000 - ++back * 60000, -1);
    for (size_t i = 0; i < sec->n; i++)
        if (strcmp(rec_key(sec->v[i]), turn) == 0)
            return rec_ended(sec->v[i]);
    return false;
}

static void say(const char *what)
{
    char *turn = fixture_submit(&f, what);
    snapshot_unref(fixture_until(&f, has_ended, turn));
    assert_string_equal(fixture_ended(&f, turn), "completed");
    free(turn);
}

struct seen {
    int64_t last, calls, backwards, ts_ms, n;
    struct map ids;
};

static struct json *parse(struct str row)
{
    struct err e = ERR_INIT;
    struct json *j = json_parse(row, &e);
    assert_non_null(j);
    return j;
}

static void single(struct seen *s, const struct json *id)
{
    if (id)
        assert_null(map_put(&s->ids, json_str(id), s));
}

static bool event_row(void *arg, struct str row)
{
    struct seen *s = arg;
    struct json *j = parse(row);
    const struct json *ev = json_get(j, "event"), *data = json_get(ev, "data");
    struct str kind = json_str(json_get(ev, "kind"));
    int64_t seq = json_i64(json_get(j, "seq"), 0), ts = json_i64(json_get(ev, "ts_ms"), 0);
    assert_int_equal(seq, s->last + 1);
    s->last = seq;
    s->backwards += ts < s->ts_ms;
    s->ts_ms = ts;
    if (str_is(kind, "turn.created"))
        single(s, json_get(ev, "turn"));
    else if (str_is(kind, "turn.message"))
        single(s, json_get(data, "entry"));
    else if (str_is(kind, "tool.proposed"))
        single(s, json_get(data, "call_id"));
    json_free(j);
    return true;
}

static bool entry_row(void *arg, struct str row)
{
    struct seen *s = arg;
    struct json *j = parse(row);
    int64_t n = json_i64(json_get(j, "n"), 0);
    assert_true(n > s->n);
    s->n = n;
    if (json_get(j, "ms")) {
        s->calls++;
        assert_true(json_i64(json_get(j, "ms"), -1) >= 0);
    }
    json_free(j);
    return true;
}

static bool stats_row(void *arg, struct str row)
{
    (void)arg;
    struct json *j = parse(row);
    assert_true(json_i64(json_get(j, "ms"), -1) >= 0);
    json_free(j);
    return true;
}

static void ask(const char *query, const char *args, bool (*row)(void *arg, struct str row),
                struct seen *s)
{
    struct err e = ERR_INIT;
    struct reader reader = core_reader(f.core);
    int64_t seq;
    OK(reader.query(reader.ctx, query, str_of(args), NULL, row, s, &seq, &e));
}

static void the_clock_goes_back(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct seen s = {0};
    char args[100];
    clock_freeze(1800000000000, -1);
    fixture_open(&f, "clock",
                 "[{\"call\":{\"name\":\"ls\",\"arguments\":{}}},{\"call\":{\"name\":\"glob\",\"arguments\":{\"pattern\":\"*\"}}}]\n"
                 "[{\"delay_ms\":60},{\"text\":\"looked\"}]\n"
                 "[{\"delay_ms\":60},{\"text\":\"slowly\"},{\"delay_ms\":60},{\"text\":\" said\"}]\n");
    fixture_start(&f);
    say("look");
    say("say");
    say("more");
    ask("log.page", "{\"limit\":1000}", event_row, &s);
    assert_true(s.backwards > 0); /* else nothing was tried */
    assert_true(s.ids.n >= 3 + 6 + 2);
    snprintf(args, sizeof(args), "{\"session\":\"%s\"}", f.session);
    ask("transcript.after", args, entry_row, &s);
    assert_int_equal(s.calls, 2);
    ask("tool.stats", "{}", stats_row, &s);
    fixture_stop(&f);
    /* The newest is the last that was used, whatever the clock says now. */
    clock_freeze(1700000000000, -1);
    fixture_start(&f);
    say("after it all");
    fixture_stop(&f);
    struct store *store;
    struct store_options o = {.dir = f.state, .proc = "proc_check"};
    OK(store_open(&store, &o, &e));
    OK(store_check(store, &e));
    store_close(store);
    clock_freeze(-1, -1);
    map_free(&s.ids, NULL);
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_clock_goes_back)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
