/* SPDX-License-Identifier: MIT
 *
 * session_search: what it asks for and what it says of the answer. The index itself: t_search.
 */
#include "lib/test.h"

#include "lib/tools.h"

#include <stdio.h>
#include <stdlib.h>

static struct tools t;
static char asked[4096];
static int rows;
static bool fails;

static bool answer(void *ctx, const char *name, struct str arguments, struct cancel *cancel,
                   bool (*row)(void *arg, struct str json), void *arg, int64_t *ret_seq,
                   struct err *e)
{
    (void)ctx, (void)cancel, (void)ret_seq;
    snprintf(asked, sizeof(asked), "%s %.*s", name, STR_ARG(arguments));
    if (fails)
        return err_set(e, ERR_INVALID, "query: there is no word in it");
    for (int i = 0; i < rows; i++)
        if (!row(arg, i ? STR("{\"session\":\"s1\",\"name\":\"one\",\"entry\":\"m2\",\"role\":\"tool\","
                              "\"seq\":1,\"ts_ms\":0,\"snippet\":\"a \xC2\xABword\xC2\xBB\",\"left\":1}")
                        : STR("{\"session\":\"s1\",\"name\":\"one\",\"entry\":\"m1\",\"role\":\"user\","
                              "\"seq\":1,\"ts_ms\":0,\"snippet\":\"the \xC2\xABword\xC2\xBB\"}")))
            break;
    return true;
}

static int setup(void **state)
{
    (void)state;
    tools_open(&t, "session_search", PRESET_BALANCED);
    t.reader = (struct reader){answer, NULL};
    rows = 0;
    fails = false;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    tools_close(&t);
    return 0;
}

static void says_what_was_found(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    rows = 2;
    OK(tools_call(&t, "session_search", "{\"query\":\"word\",\"role\":\"user\",\"session\":\"one\"}", &e));
    assert_string_equal(asked, "session.search {\"query\":\"word\",\"session\":\"one\",\"role\":\"user\","
                               "\"limit\":20}");
    assert_string_equal(t.outcome.result,
                        "1970-01-01T00:00  one  user  m1\n  the \xC2\xABword\xC2\xBB\n"
                        "1970-01-01T00:00  one  tool  m2  (no part of the session any more)\n"
                        "  a \xC2\xABword\xC2\xBB\n");
    assert_string_equal(t.outcome.summary, "2 places");
    assert_string_equal(t.intent.action, "search what was said for word");
}

static void says_that_nothing_was_found(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    OK(tools_call(&t, "session_search", "{\"query\":\"word\",\"limit\":200}", &e));
    assert_string_equal(t.outcome.result, "[nothing was found]\n");
    rows = 2;
    OK(tools_call(&t, "session_search", "{\"query\":\"word\",\"limit\":2}", &e));
    assert_non_null(strstr(t.outcome.result, "[there may be more"));
}

static void refuses_bad_arguments(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    assert_false(tools_call(&t, "session_search", "{}", &e));
    assert_false(tools_call(&t, "session_search", "{\"query\":\"a\",\"limit\":201}", &e));
    assert_false(tools_call(&t, "session_search", "{\"query\":\"a\",\"role\":\"system\"}", &e));
    fails = true;
    assert_false(tools_call(&t, "session_search", "{\"query\":\"-\"}", &e));
    assert_int_equal(e.code, ERR_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(says_what_was_found, setup, teardown),
        cmocka_unit_test_setup_teardown(says_that_nothing_was_found, setup, teardown),
        cmocka_unit_test_setup_teardown(refuses_bad_arguments, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
