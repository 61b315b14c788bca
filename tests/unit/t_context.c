/* SPDX-License-Identifier: MIT
 *
 * How much of a conversation is read for a request: as much as the window takes and not more,
 * however long the conversation is and however short its messages are.
 */
#include "lib/test.h"

#include "agent/context.h"
#include "base/mem.h"
#include "json/json.h"

#include <stdio.h>
#include <string.h>

/* A conversation without a beginning: each page is a hundred older messages. */
struct endless {
    const char *text;
    int64_t asked; /* rows that were read */
    int64_t most;  /* nobody needs more */
};

static bool query(void *ctx, const char *name, struct str arguments, struct cancel *cancel,
                  bool (*row)(void *arg, struct str json), void *arg, int64_t *ret_seq,
                  struct err *e)
{
    struct endless *c = ctx;
    (void)arguments, (void)cancel, (void)e;
    assert_string_equal(name, "transcript.messages");
    for (int i = 0; i < 100; i++) {
        bool user = ++c->asked % 2 == 0;
        CLEANUP(mem_free_p)
        char *json =
            mem_printf("{\"seq\":%lld,\"entry\":\"msg_0000000000%010lld\",\"turn\":"
                       "\"turn_0000000000%010lld\",\"role\":\"%s\",\"content\":[{\"type\":"
                       "\"text\",\"part\":\"part_0000000000%010lld\",\"text\":\"%s\"}]}",
                       (long long)(1000000000 - c->asked), (long long)c->asked, (long long)c->asked,
                       user ? "user" : "assistant", (long long)c->asked, c->text);
        if (c->asked > c->most)
            fail_msg("%lld messages were read", (long long)c->asked);
        if (!row(arg, str_of(json)))
            break;
    }
    *ret_seq = 1;
    return true;
}

static size_t build(struct endless *c, int64_t window)
{
    struct err e = ERR_INIT;
    struct reader reader = {query, c};
    struct buf body = BUF_OWN;
    struct context_parts parts;
    struct context context = {.reader = &reader,
                              .session = "s",
                              .model = "local/offline",
                              .workspace = "/",
                              .window = window};
    OK(context_build(&context, NULL, &body, &parts, &e));
    CLEANUP(json_free_p) struct json *j = json_parse(buf_view(&body), &e);
    OK(j != NULL);
    assert_true(parts.left_out > 0);
    const struct json *first = json_first(json_get(j, "messages"));
    assert_string_equal(json_cstr(json_get(first, "role"), ""), "user");
    size_t n = body.len;
    buf_free(&body);
    return n;
}

/* The smallest message still takes some fifty bytes of a request. */
static void reading_ends(void **state)
{
    (void)state;
    static const char *const texts[] = {"", "hi",
                                        "a sentence of a usual length, as people write them"};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        for (int64_t window = 16000; window <= 128000; window *= 2) {
            int64_t room = window * 4 * CONTEXT_TOKEN_BYTES / 5;
            struct endless c = {.text = texts[i], .most = room / 50};
            size_t bytes = build(&c, window);
            assert_in_range(bytes, room / 4, room + 1000);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(reading_ends)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
