/* SPDX-License-Identifier: MIT
 *
 * Events as bytes, and data/schema/events.lock: what is in it may be added to and never changed.
 * UPDATE_LOCK=1 writes what the tables say now.
 */
#include "lib/test.h"

#include "base/clock.h"
#include "base/mem.h"
#include "lib/gen.h"

#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>

static char *written(const struct event *ev)
{
    struct buf b = BUF_OWN;
    event_write(ev, &b);
    return buf_take(&b);
}

/* Random values of each kind: written, read and written again they are the same bytes. */
static void test_round_trip(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct gen *g = gen_new(test_seed());
    for (int round = 0; round < 50; round++)
        for (int kind = 1; kind < EV_COUNT; kind++) {
            struct event *ev = gen_kind(g, (enum event_kind)kind);
            char *once = written(ev);
            struct event *again = event_parse(str_of(once), &e);
            OK(again != NULL);
            char *twice = written(again);
            assert_string_equal(once, twice);
            assert_int_equal(again->kind, kind);
            assert_int_equal(again->seq, ev->seq);
            assert_int_equal(again->after, ev->after);
            assert_int_equal(again->ts_ms, ev->ts_ms);
            assert_int_equal(event_durable(again), event_durable(ev));
            assert_true(field_equal(&event_table[kind].set, ev->u, again->u));
            event_unref(ev);
            event_unref(again);
            free(once);
            free(twice);
        }
    gen_free(g);
}

static void same_bytes(const char *text)
{
    struct err e = ERR_INIT;
    struct event *ev = event_parse(str_of(text), &e);
    OK(ev != NULL);
    char *again = written(ev);
    assert_string_equal(again, text);
    free(again);
    event_unref(ev);
}

/* What a newer program wrote goes through unchanged. */
static void test_unknown(void **state)
{
    (void)state;
    same_bytes("{\"schema_version\":2,\"seq\":7,\"ts_ms\":1,\"kind\":\"later.happened\","
               "\"data\":{\"a\":[1,2.50,1e3,\"\\u00e4\"],\"b\":{}}}");
    same_bytes("{\"schema_version\":2,\"seq\":7,\"ts_ms\":1,\"session\":\"s\",\"turn\":\"t\","
               "\"kind\":\"turn.steered\",\"data\":{\"later\":{\"x\":null},\"text\":\"go\","
               "\"n\":0.10}}");
    same_bytes("{\"schema_version\":2,\"seq\":7,\"ts_ms\":1,\"kind\":\"later.happened\","
               "\"data\":{ \"x\" : \"\\\"data\\\":}\\\\\" , \"data\":[ ] }}");
    struct err e = ERR_INIT;
    struct str data = STR("{ \"spaces\" : [ 1 ,2 ] , \"text\":\"x\" }");
    struct event *ev = event_from(3, 4, STR("turn.steered"), NULL, data, &e);
    OK(ev != NULL);
    assert_string_equal(EV(ev, turn_steered)->text, "x");
    assert_true(str_eq(ev->data, data));
    event_unref(ev);
    ev = event_from(3, 4, STR("later.happened"), NULL, data, &e);
    OK(ev != NULL);
    assert_int_equal(ev->kind, EV_UNKNOWN);
    assert_string_equal(ev->kind_name, "later.happened");
    assert_null(ev->u);
    assert_true(event_durable(ev));
    event_unref(ev);
}

/* However an envelope is written, the bytes of its data are kept. */
static void test_foreign(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct event *ev = event_parse(
        STR(" {\n\"later\":{\"data\":{\"no\":1}}, \"data\" : {\"a\": \"}\"} ,\"kind\":\"x.y\","
            "\"schema_version\":2,\"seq\":1}\n"),
        &e);
    OK(ev != NULL);
    assert_true(str_is(ev->data, "{\"a\": \"}\"}"));
    event_unref(ev);
    ev = event_parse(STR("{\"kind\":\"x.y\",\"schema_version\":2,\"d\\u0061ta\":{\"a\": 1}}"), &e);
    OK(ev != NULL);
    assert_true(str_is(ev->data, "{\"a\":1}"));
    event_unref(ev);
}

static void test_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text, *part;
    } rows[] = {
        {"", ""},
        {"[]", "kind"},
        {"{}", "kind"},
        {"{\"schema_version\":2,\"kind\":\"turn.steered\"}", "data"},
        {"{\"schema_version\":2,\"kind\":\"turn.steered\",\"data\":[]}", "data"},
        {"{\"schema_version\":2,\"kind\":7,\"data\":{}}", "kind"},
        {"{\"schema_version\":1,\"kind\":\"turn.steered\",\"data\":{\"text\":\"x\"}}", "schema"},
        {"{\"kind\":\"turn.steered\",\"data\":{\"text\":\"x\"}}", "schema"},
        {"{\"schema_version\":2,\"kind\":\"turn.steered\",\"data\":{}}", "text"},
        {"{\"schema_version\":2,\"kind\":\"turn.steered\",\"data\":{\"text\":1}}", "text"},
        {"{\"schema_version\":2,\"kind\":\"turn.queued\",\"data\":{\"position\":1.5}}", "position"},
        {"{\"schema_version\":2,\"kind\":\"turn.steered\",\"data\":{\"text\":\"x\"}} x", ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct err e = ERR_INIT;
        FAILS(event_parse(str_of(rows[i].text), &e), ERR_INVALID);
        if (!strstr(e.message, rows[i].part))
            fail_msg("row %zu: %s", i, e.message);
    }
}

static void test_new(void **state)
{
    (void)state;
    char name[] = "work";
    clock_freeze(1234, 0);
    struct event *ev = event_new(EV_SESSION_CREATED, &(struct event_ids){.session = name},
                                 &(struct ev_session_created){.name = name});
    clock_freeze(-1, -1);
    name[0] = 'W'; /* what was given is copied */
    assert_string_equal(EV(ev, session_created)->name, "work");
    assert_string_equal(ev->ids.session, "work");
    assert_int_equal(ev->ts_ms, 1234);
    assert_true(str_is(ev->data, "{\"name\":\"work\"}"));
    ev->seq = 3;
    char *text = written(event_ref(ev));
    assert_string_equal(text, "{\"schema_version\":2,\"seq\":3,\"ts_ms\":1234,\"session\":\"work\","
                              "\"kind\":\"session.created\",\"data\":{\"name\":\"work\"}}");
    free(text);
    event_unref(ev);
    event_unref(ev);
    event_unref(NULL);
}

/* The ring holds 8,192 events: a small one must not take a page. */
static void test_size(void **state)
{
    (void)state;
    enum { MANY = 1000, MOST = 700 };
    static struct event *events[MANY];
    struct err e = ERR_INIT;
    size_t before = mallinfo2().uordblks;
    for (size_t i = 0; i < MANY; i += 2) {
        events[i] = event_new(
            EV_TURN_TEXT_DELTA,
            &(struct event_ids){.session = "session_0000000000_0000000000", .turn = "turn_0"},
            &(struct ev_turn_text_delta){.part = "part_0", .offset = 12, .text = "word "});
        events[i + 1] = event_from(1, 2, STR("later.happened"), NULL, STR("{\"a\":1}"), &e);
        OK(events[i + 1] != NULL);
    }
    assert_true(mallinfo2().uordblks - before < (size_t)MANY * MOST);
    for (size_t i = 0; i < MANY; i++)
        event_unref(events[i]);
}

static void test_kinds(void **state)
{
    (void)state;
    for (int i = 1; i < EV_COUNT; i++) {
        assert_int_equal(event_kind_find(str_of(event_table[i].wire)), i);
        assert_true(event_table[i].doc[0] != '\0');
        for (size_t k = 0; k < event_table[i].set.n; k++)
            assert_true(event_table[i].set.fields[k].doc[0] != '\0');
    }
    assert_int_equal(event_kind_find(STR("turn")), EV_UNKNOWN);
    assert_int_equal(event_kind_find(STR("")), EV_UNKNOWN);
}

/* ---- the lock ---- */

static const char *const types[] = {
    [FIELD_STR] = "string",   [FIELD_I64] = "integer", [FIELD_F64] = "number",
    [FIELD_BOOL] = "bool",    [FIELD_JSON] = "json",   [FIELD_BODY] = "body",
    [FIELD_STRS] = "strings", [FIELD_LIST] = "list",
};
static const char *const presences[] = {
    [FIELD_REQ] = "required", [FIELD_OPT] = "optional", [FIELD_NUL] = "optional"};

static char *lock_path(void)
{
    const char *root = getenv("top_srcdir");
    return mem_printf("%s/data/schema/events.lock", root ? root : ".");
}

/* One row a kind, and one a field: kind, field, type, presence. */
static void lock_now(struct buf *out)
{
    buf_puts(out, "# What is listed here is never changed, only added to.\n");
    for (int i = 1; i < EV_COUNT; i++) {
        const struct field_set *set = &event_table[i].set;
        buf_printf(out, "%s - event %s\n", set->name,
                   event_table[i].durable ? "durable" : "ephemeral");
        for (size_t k = 0; k < set->n; k++)
            buf_printf(out, "%s %s %s %s\n", set->name, set->fields[k].name,
                       types[set->fields[k].type], presences[set->fields[k].presence]);
    }
}

static void lock_write(struct str text)
{
    char *path = lock_path();
    FILE *f = fopen(path, "wbe");
    if (!f || fwrite(text.p, 1, text.n, f) != text.n || fclose(f) != 0)
        fail_msg("%s: %s", path, strerror(errno));
    free(path);
}

static bool has_line(struct str text, struct str wanted)
{
    struct str line;
    while (str_line(&text, &line))
        if (str_eq(line, wanted))
            return true;
    return false;
}

/* Every line of a is a line of b. */
static void all_in(struct str a, struct str b, const char *otherwise)
{
    struct str line;
    while (str_line(&a, &line))
        if (!has_line(b, line))
            fail_msg("%s: %.*s", otherwise, STR_ARG(line));
}

static void test_lock(void **state)
{
    (void)state;
    struct buf now = BUF_OWN, locked = BUF_OWN;
    const char *update = getenv("UPDATE_LOCK");
    char *path = lock_path();
    char piece[4096];
    lock_now(&now);
    FILE *f = fopen(path, "rbe");
    for (size_t n; f && (n = fread(piece, 1, sizeof(piece), f)) > 0;)
        buf_add(&locked, piece, n);
    if (f)
        fclose(f);
    free(path);
    all_in(buf_view(&locked), buf_view(&now), "an event changed that others rely on");
    if (update && strcmp(update, "1") == 0) {
        lock_write(buf_view(&now));
    } else {
        all_in(buf_view(&now), buf_view(&locked),
               "not in data/schema/events.lock yet (UPDATE_LOCK=1 build/tests/unit/t_event)");
        assert_true(str_eq(buf_view(&now), buf_view(&locked)));
    }
    buf_free(&now);
    buf_free(&locked);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip), cmocka_unit_test(test_unknown),
        cmocka_unit_test(test_foreign),    cmocka_unit_test(test_refused),
        cmocka_unit_test(test_new),        cmocka_unit_test(test_kinds),
        cmocka_unit_test(test_size),       cmocka_unit_test(test_lock),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
