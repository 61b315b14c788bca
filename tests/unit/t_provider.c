/* SPDX-License-Identifier: MIT
 *
 * t_provider: names of models, and the scanner of requests.
 */
#include "lib/test.h"

#include "json/json.h"
#include "model/provider.h"
#include "model/request.h"

#include <stdlib.h>

static void test_find(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    const char *model = NULL;
    const struct provider *p = provider_find("local/script", &model, &e);
    assert_non_null(p);
    assert_string_equal(p->name, "local");
    assert_string_equal(model, "script");
    for (size_t i = 0; i < provider_table_n; i++) {
        assert_true(provider_table[i]->doc[0] && provider_table[i]->window > 0);
        assert_true(provider_table[i]->open && provider_table[i]->next && provider_table[i]->close);
        provider_table[i]->close(NULL);
        char full[PROVIDER_NAME_MAX];
        const struct provider *again =
            provider_find(provider_full_name(provider_table[i], full, sizeof(full)), &model, &e);
        assert_ptr_equal(again, provider_table[i]);
    }
}

static void test_unknown_names_are_told_which_there_are(void **state)
{
    (void)state;
    static const char *const names[] = {"",          "local",        "local/",       "local/scrip",
                                        "/script",   "script",       "other/script", "local/script/x",
                                        "LOCAL/script"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        struct err e = ERR_INIT;
        const char *model = "untouched";
        FAILS(provider_find(names[i], &model, &e), ERR_UNKNOWN_MODEL);
        assert_string_equal(model, "untouched");
        for (size_t k = 0; k < provider_table_n; k++)
            assert_non_null(strstr(e.message, provider_table[k]->name));
    }
    struct err e = ERR_INIT;
    const char *model;
    FAILS(provider_find("local/scrip", &model, &e), ERR_UNKNOWN_MODEL);
    assert_non_null(strstr(e.hint, "local/script"));
}

static void test_scan(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct request r;
    OK(request_scan(&r, STR(" {\"model\":\"x\\\"[\",\"n\":-1.5e3,\"t\":[[{}],true,null],\"messages\" : [ "
                            "{\"role\":\"user\",\"content\":[{\"role\":\"assistant\"}]} , "
                            "{\"content\":\"]}\",\"role\":\"assistant\"},{}],\"tools\":[]}"), &e));
    assert_int_equal(r.messages.n, 3);
    assert_int_equal(r.n_assistant, 1);
    assert_int_equal(r.messages.v[0].role, REQUEST_USER);
    assert_int_equal(r.messages.v[2].role, REQUEST_OTHER);
    for (size_t i = 0; i < r.messages.n; i++) {
        struct json *j = json_parse(r.messages.v[i].json, &e);
        assert_non_null(j);
        json_free(j);
    }
    request_free(&r);
    OK(request_scan(&r, STR("{\"messages\":[]}"), &e));
    assert_int_equal(r.messages.n, 0);
    request_free(&r);
}

static void test_scan_of_what_is_no_request(void **state)
{
    (void)state;
    static const char *const bad[] = {"",
                                      "{",
                                      "[]",
                                      "{}",
                                      "{\"messages\":",
                                      "{\"messages\":{}}",
                                      "{\"messages\":[1]}",
                                      "{\"messages\":[{\"role\":1}]}",
                                      "{\"messages\":[{\"role\":\"user\"}",
                                      "{\"messages\":[{\"role\":\"user\",}]}",
                                      "{\"model\":\"\\",
                                      "{\"model\" 5,\"messages\":[]}",
                                      "{\"a\":,\"messages\":[]}"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct err e = ERR_INIT;
        struct request r;
        /* A copy of its exact size, so that the sanitizer sees a step too far. */
        size_t n = strlen(bad[i]);
        char *copy = memcpy(malloc(n + 1), bad[i], n);
        FAILS(request_scan(&r, str_make(copy, n), &e), ERR_INVALID);
        request_free(&r);
        free(copy);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_find),
        cmocka_unit_test(test_unknown_names_are_told_which_there_are),
        cmocka_unit_test(test_scan),
        cmocka_unit_test(test_scan_of_what_is_no_request),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
