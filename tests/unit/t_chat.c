/* SPDX-License-Identifier: MIT
 *
 * t_chat: Chat Completions: bodies of requests, pieces of answers, and what refusals mean.
 */
#include "lib/test.h"

#include "lib/parses.h"
#include "model/catalog.h"
#include "model/chat.h"
#include "json/json.h"

#include <stdlib.h>

/* ---- requests ---- */

static const struct chat_takes all = {.schema = true, .usage = true};

static char *body_of(const char *canonical)
{
    struct err e = ERR_INIT;
    struct buf out = BUF_OWN;
    OK(chat_request(str_of(canonical), &all, &out, &e));
    return buf_take(&out);
}

static void test_request(void **state)
{
    (void)state;
    char *body = body_of(
        "{\"model\":\"m\",\"system\":\"be kind\",\"messages\":["
        "{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"a\"},{\"type\":\"text\","
        "\"text\":\"b\"}]},"
        "{\"role\":\"assistant\",\"content\":[{\"type\":\"reasoning\",\"text\":\"hm\"},"
        "{\"type\":\"text\",\"text\":\"I look\"},"
        "{\"type\":\"tool_call\",\"call_id\":\"c1\",\"name\":\"ls\",\"arguments\":\"{\\\"a\\\":1}"
        "\"},"
        "{\"type\":\"tool_call\",\"call_id\":\"c2\",\"name\":\"read\",\"arguments\":\"nonsense\"}]}"
        ","
        "{\"role\":\"tool\",\"content\":["
        "{\"type\":\"tool_result\",\"call_id\":\"c1\",\"is_error\":false,\"text\":\"one\"},"
        "{\"type\":\"tool_result\",\"call_id\":\"c2\",\"is_error\":true,\"text\":\"two\"}]}],"
        "\"tools\":[{\"name\":\"ls\",\"description\":\"lists\",\"parameters\":{\"type\":\"object\"}"
        "}],"
        "\"schema\":{\"type\":\"object\"}}");
    assert_string_equal(
        body,
        "{\"model\":\"m\",\"messages\":[{\"role\":\"system\",\"content\":\"be kind\"},"
        "{\"role\":\"user\",\"content\":\"ab\"},"
        "{\"role\":\"assistant\",\"content\":\"I look\",\"tool_calls\":["
        "{\"id\":\"c1\",\"type\":\"function\",\"function\":{\"name\":\"ls\",\"arguments\":\"{"
        "\\\"a\\\":1}\"}},"
        "{\"id\":\"c2\",\"type\":\"function\",\"function\":{\"name\":\"read\","
        "\"arguments\":\"{\\\"not_json\\\":\\\"nonsense\\\"}\"}}]},"
        "{\"role\":\"tool\",\"tool_call_id\":\"c1\",\"content\":\"one\"},"
        "{\"role\":\"tool\",\"tool_call_id\":\"c2\",\"content\":\"two\"}],"
        "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"ls\",\"description\":\"lists\","
        "\"parameters\":{\"type\":\"object\"}}}],"
        "\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"answer\","
        "\"schema\":{\"type\":\"object\"}}},"
        "\"stream\":true,\"stream_options\":{\"include_usage\":true}}");
    free(body);
}

static void test_the_least_request(void **state)
{
    (void)state;
    char *body = body_of("{\"model\":\"m\",\"system\":\"\",\"messages\":[],\"tools\":[]}");
    assert_string_equal(body, "{\"model\":\"m\",\"messages\":[],\"stream\":true,"
                              "\"stream_options\":{\"include_usage\":true}}");
    free(body);
    static const struct chat_takes nothing;
    struct err e = ERR_INIT;
    struct buf out = BUF_OWN;
    OK(chat_request(STR("{\"model\":\"m\",\"messages\":[],\"schema\":{}}"), &nothing, &out, &e));
    assert_string_equal(buf_cstr(&out), "{\"model\":\"m\",\"messages\":[],\"stream\":true}");
    buf_clear(&out);
    FAILS(chat_request(STR("{"), &all, &out, &e), ERR_INVALID);
    buf_free(&out);
}

static void test_a_request_past_its_limit(void **state)
{
    (void)state;
    struct str canonical = STR("{\"model\":\"m\",\"messages\":[]}");
    char *body = body_of(canonical.p);
    size_t n = strlen(body);
    struct err e = ERR_INIT;
    struct buf fits = BUF_INIT(n), small = BUF_INIT(n - 1);
    OK(chat_request(canonical, &all, &fits, &e));
    FAILS(chat_request(canonical, &all, &small, &e), ERR_TOO_LARGE);
    buf_free(&fits);
    buf_free(&small);
    free(body);
}

/* ---- answers ---- */

/* What is given out, a line each. */
static void drain(struct chat *c, struct buf *out)
{
    struct model_event ev;
    while (chat_text(c, &ev))
        buf_printf(out, "%s %.*s\n", ev.type == MODEL_TEXT ? "text" : "reasoning",
                   STR_ARG(ev.text));
}

static void finish(struct chat *c, bool ok, struct buf *out)
{
    struct err e = ERR_INIT;
    struct model_event ev = {0};
    drain(c, out);
    ok = ok && chat_end(c, &e);
    while (ok && ev.type != MODEL_FINISH) {
        ok = chat_rest(c, &ev, &e);
        if (!ok)
            break;
        if (ev.type == MODEL_TOOL_CALL)
            buf_printf(out, "call %.*s %.*s %.*s\n", STR_ARG(ev.id), STR_ARG(ev.name),
                       STR_ARG(ev.text));
        else if (ev.type == MODEL_USAGE)
            buf_printf(out, "usage %lld %lld %lld %lld %.3f\n", (long long)ev.usage.input,
                       (long long)ev.usage.output, (long long)ev.usage.cached,
                       (long long)ev.usage.reasoning, ev.usage.cost_usd);
        else
            buf_printf(out, "finish %.*s\n", STR_ARG(ev.text));
    }
    if (e.code != ERR_NONE)
        buf_printf(out, "%s\n", err_code_name(e.code));
    chat_free(c);
}

/* Chunks as a stream; each chunk's text is taken at once, or all at the end. */
static void answers(const char *const *chunks, const char *want)
{
    struct buf out = BUF_OWN;
    struct chat c = CHAT_INIT;
    struct err e = ERR_INIT;
    bool ok = true;
    for (size_t i = 0; ok && chunks[i]; i++)
        ok = chat_chunk(&c, str_of(chunks[i]), &e);
    if (!ok)
        buf_printf(&out, "%s\n", err_code_name(e.code));
    finish(&c, ok, &out);
    assert_string_equal(buf_cstr(&out), want);
    buf_free(&out);
}

#define ANSWERS(want, ...) answers((const char *const[]){__VA_ARGS__, NULL}, want)
#define DELTA(members) "{\"choices\":[{\"index\":0,\"delta\":{" members "}}]}"
#define FINISH(reason) "{\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"" reason "\"}]}"
#define PIECE(members) DELTA("\"tool_calls\":[{" members "}]")

static void test_text(void **state)
{
    (void)state;
    ANSWERS("text ab\nfinish stop\n", DELTA("\"role\":\"assistant\",\"content\":\"\""),
            DELTA("\"content\":\"a\""), DELTA("\"content\":\"b\""), FINISH("stop"), "[DONE]");
    ANSWERS("text a\nfinish length\n", DELTA("\"content\":\"a\""), FINISH("length"));
    ANSWERS("text a\nfinish stop\n", DELTA("\"content\":\"a\""), " [DONE] ");
    ANSWERS("text a\nfinish stop\n", DELTA("\"content\":\"a\""), "[DONE]", "not read any more");
    ANSWERS(
        "text ab\nfinish stop\n",
        DELTA(
            "\"content\":[{\"type\":\"text\",\"text\":\"a\"},{\"type\":\"text\",\"text\":\"b\"}]"),
        FINISH("stop"));
    ANSWERS("text no\nfinish stop\n", DELTA("\"content\":null,\"refusal\":\"no\""), FINISH("stop"));
    /* Of a second choice nothing is wanted. */
    ANSWERS("text a\nfinish stop\n", DELTA("\"content\":\"a\""),
            "{\"choices\":[{\"index\":1,\"delta\":{\"content\":\"other\"}}]}", FINISH("stop"));
}

static void test_reasoning(void **state)
{
    (void)state;
    ANSWERS("reasoning hm so\ntext a\nreasoning ?\nfinish stop\n",
            DELTA("\"reasoning_content\":\"hm\""), DELTA("\"reasoning\":\" so\""),
            DELTA("\"content\":\"a\""), DELTA("\"reasoning_content\":\"?\""), FINISH("stop"));
}

static void test_text_is_taken_as_it_comes(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct buf out = BUF_OWN;
    struct chat c = CHAT_INIT;
    OK(chat_chunk(&c, STR(DELTA("\"content\":\"a\"")), &e));
    drain(&c, &out);
    OK(chat_chunk(&c, STR(DELTA("\"content\":\"b\",\"reasoning\":\"r\"")), &e));
    OK(chat_chunk(&c, STR(DELTA("\"content\":\"c\"")), &e));
    drain(&c, &out);
    drain(&c, &out);
    OK(chat_chunk(&c, STR(FINISH("stop")), &e));
    finish(&c, true, &out);
    assert_string_equal(buf_cstr(&out), "text a\nreasoning r\ntext bc\nfinish stop\n");
    buf_free(&out);
}

static void test_calls(void **state)
{
    (void)state;
    ANSWERS(
        "text I look\ncall a read {\"p\":1}\ncall b ls {}\nfinish tool_calls\n",
        DELTA("\"content\":\"I look\""),
        PIECE("\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"read\",\"arguments\":\"\"}"),
        PIECE("\"index\":0,\"function\":{\"arguments\":\"{\\\"p\\\"\"}"),
        PIECE("\"index\":1,\"id\":\"b\",\"function\":{\"name\":\"ls\",\"arguments\":\"\"}"),
        PIECE("\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"read\",\"arguments\":\":1}\"}"),
        FINISH("tool_calls"), "[DONE]");
    /* The indices come in any order; neither index nor finish says it is a call. */
    ANSWERS("call b ls {}\ncall a read {}\nfinish tool_calls\n",
            PIECE("\"index\":1,\"id\":\"b\",\"function\":{\"name\":\"ls\",\"arguments\":\"{\"}"),
            PIECE("\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"read\",\"arguments\":\"{}\"}"),
            PIECE("\"index\":1,\"function\":{\"arguments\":\"}\"}"), FINISH("stop"));
    /* One index for all; no index; an index that is null. */
    ANSWERS("call a ls {}\ncall b ls {}\nfinish tool_calls\n",
            PIECE("\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"ls\",\"arguments\":\"{}\"}"),
            PIECE("\"index\":0,\"id\":\"b\",\"function\":{\"name\":\"ls\",\"arguments\":\"{\"}"),
            PIECE("\"index\":0,\"function\":{\"arguments\":\"}\"}"), FINISH("tool_calls"));
    ANSWERS("call a ls {}\ncall b ls {}\nfinish tool_calls\n",
            PIECE("\"id\":\"a\",\"function\":{\"name\":\"ls\",\"arguments\":\"{\"}"),
            PIECE("\"index\":null,\"function\":{\"arguments\":\"}\"}"),
            PIECE("\"id\":\"b\",\"function\":{\"name\":\"ls\",\"arguments\":\"{\"}"),
            PIECE("\"function\":{\"arguments\":\"}\"}"), FINISH("tool_calls"));
    ANSWERS("call  ls {\"a\":1}\nfinish tool_calls\n",
            PIECE("\"function\":{\"name\":\"ls\",\"arguments\":{\"a\":1}}"), FINISH("tool_calls"));
    ANSWERS("call  ls {}\nfinish tool_calls\n",
            DELTA("\"function_call\":{\"name\":\"ls\",\"arguments\":\"{\"}"),
            DELTA("\"function_call\":{\"arguments\":\"}\"}"), FINISH("function_call"));
    ANSWERS("call  ls {\"a\":1}\nfinish tool_calls\n",
            DELTA("\"function_call\":{\"name\":\"ls\",\"arguments\":{\"a\":1}}"), FINISH("function_call"));
    /* Said under both names; and with nothing but names. */
    ANSWERS("call a ls {}\nfinish tool_calls\n",
            DELTA("\"function_call\":{\"name\":\"ls\",\"arguments\":\"{\"},\"tool_calls\":[{\"index\":0,\"id\":\"a\","
                  "\"function\":{\"name\":\"ls\",\"arguments\":\"{\"}}]"),
            DELTA("\"function_call\":{\"arguments\":\"}\"},\"tool_calls\":[{\"index\":0,\"function\":"
                  "{\"arguments\":\"}\"}}]"),
            FINISH("tool_calls"));
    ANSWERS("call  ls {}\ncall  read {\"p\":1}\ncall  ls {}\nfinish tool_calls\n",
            DELTA("\"tool_calls\":[{\"id\":\"\",\"function\":{\"name\":\"ls\",\"arguments\":\"{}\"}},"
                  "{\"id\":\"\",\"function\":{\"name\":\"read\",\"arguments\":\"{\\\"p\\\"\"}}]"),
            PIECE("\"function\":{\"arguments\":\":1}\"}"),
            PIECE("\"function\":{\"name\":\"ls\",\"arguments\":\"{}\"}"), FINISH("tool_calls"));
    /* What is no JSON is the tool's to refuse. */
    ANSWERS("call a ls {\"p\nfinish tool_calls\n",
            PIECE("\"id\":\"a\",\"function\":{\"name\":\"ls\",\"arguments\":\"{\\\"p\"}"),
            FINISH("length"));
    ANSWERS("stream_invalid\n",
            PIECE("\"index\":0,\"id\":\"a\",\"function\":{\"arguments\":\"{}\"}"),
            FINISH("tool_calls"));
}

static void test_usage(void **state)
{
    (void)state;
    ANSWERS("text a\nusage 11 7 3 2 0.000\nfinish stop\n", DELTA("\"content\":\"a\""),
            FINISH("stop"),
            "{\"choices\":[],\"usage\":{\"prompt_tokens\":11,\"completion_tokens\":7,"
            "\"prompt_tokens_details\":{\"cached_tokens\":3},"
            "\"completion_tokens_details\":{\"reasoning_tokens\":2}}}",
            "[DONE]");
    /* Said again and again, the last counts; a cost; DeepSeek's name of the cache. */
    ANSWERS(
        "text a\nusage 11 7 4 0 0.125\nfinish stop\n",
        "{\"choices\":[{\"delta\":{\"content\":\"a\"}}],\"usage\":{\"prompt_tokens\":11,"
        "\"completion_tokens\":1}}",
        "{\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\",\"usage\":{\"prompt_tokens\":11,"
        "\"completion_tokens\":7,\"prompt_cache_hit_tokens\":4,\"cost\":0.125}}],\"usage\":null}");
    ANSWERS("text a\nusage 0 0 0 0 0.000\nfinish stop\n", DELTA("\"content\":\"a\""),
            FINISH("stop"),
            "{\"choices\":[],\"usage\":{\"prompt_tokens\":-1,\"completion_tokens\":1e30,"
            "\"prompt_tokens_details\":\"none\",\"cost\":-3}}");
}

static void test_ends_that_are_none(void **state)
{
    (void)state;
    ANSWERS("text half\nstream_cut\n", DELTA("\"content\":\"half\""));
    ANSWERS("stream_cut\n", "{\"choices\":[]}");
    ANSWERS("stream_invalid\n", "{\"choices\":[]}", "[DONE]");
    ANSWERS("stream_invalid\n", "[DONE]");
    ANSWERS("text half\ncontent_filtered\n", DELTA("\"content\":\"half\""),
            FINISH("content_filter"));
    ANSWERS("stream_invalid\ntext half\n", DELTA("\"content\":\"half\""),
            "{\"choices\":", "[DONE]");
    ANSWERS("stream_invalid\n", "7");
    ANSWERS("stream_cut\n", ""); /* keeps the connection, and is no piece of an answer */
    ANSWERS("stream_invalid\n", DELTA("\"content\":\"\xFF\""));
    ANSWERS("provider_failed\ntext half\n", DELTA("\"content\":\"half\""),
            "{\"error\":{\"message\":\"gone\"}}");
    ANSWERS("rate_limited\n", "{\"error\":{\"message\":\"slow down\",\"code\":429}}");
    ANSWERS("auth_failed\n", "{\"error\":{\"message\":\"who?\",\"code\":\"invalid_api_key\"}}");
    ANSWERS("provider_failed\n", "{\"error\":\"gone\"}");
}

static void test_an_answer_in_one_piece(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct buf out = BUF_OWN;
    struct chat c = CHAT_INIT;
    OK(chat_whole(&c,
                  STR("{\"choices\":[{\"message\":{\"content\":\"a\",\"tool_calls\":[{\"id\":\"x\","
                      "\"function\":{\"name\":\"ls\",\"arguments\":\"{}\"}}]},"
                      "\"finish_reason\":\"tool_calls\"}],\"usage\":{\"prompt_tokens\":2,"
                      "\"completion_tokens\":3}}"),
                  &e));
    finish(&c, true, &out);
    assert_string_equal(buf_cstr(&out),
                        "text a\ncall x ls {}\nusage 2 3 0 0 0.000\nfinish tool_calls\n");
    buf_free(&out);
    c = CHAT_INIT;
    FAILS(chat_whole(&c, STR("{\"error\":{\"type\":\"insufficient_quota\"}}"), &e), ERR_QUOTA);
    chat_free(&c);
}

/* ---- pieces that are alike ---- */

/* As a provider writes them, with padding of any length. */
#define PADDED "{\"id\":\"c-1\",\"choices\":[{\"index\":0,\"delta\":{%s},\"finish_reason\":null}],\"pad\":\"%.*s\"}"

/* How many trees are built for n chunks that each say a number between those. */
static size_t parses_of(struct chat *c, int n, const char *before, const char *after)
{
    struct err e = ERR_INIT;
    size_t from = parses;
    for (int i = 0; i < n; i++) {
        char said[200], text[400];
        snprintf(said, sizeof(said), "%s%d%s", before, i % 10, after);
        snprintf(text, sizeof(text), PADDED, said, i % 7, "xxxxxxx");
        OK(chat_chunk(c, str_of(text), &e));
    }
    return parses - from;
}

static void test_what_is_alike_is_parsed_once(void **state)
{
    (void)state;
    struct buf out = BUF_OWN;
    struct chat c = CHAT_INIT;
    assert_int_equal(parses_of(&c, 1000, "\"reasoning\":\"r", "\""), 1);
    assert_int_equal(parses_of(&c, 1000, "\"content\":\"w", "\""), 1);
    assert_int_equal(parses_of(&c, 1000, "\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"",
                               "\"}}]"),
                     1);
    assert_int_equal(c.news, 3000);
    assert_int_equal(c.calls.v[0].arguments.len, 1000);
    drain(&c, &out);
    assert_int_equal(out.len, strlen("reasoning \ntext \n") + 4000);
    buf_free(&out);
    chat_free(&c);
}

/* Pieces that differ each time are not learnt for ever. */
static void test_strange_pieces(void **state)
{
    (void)state;
    struct chat c = CHAT_INIT;
    assert_int_equal(parses_of(&c, 1000, "\"n\":", ",\"content\":\"w\""), 1000);
    assert_int_equal(c.strange, CHAT_STRANGE_MAX);
    assert_int_equal(c.form.n, 0);
    chat_free(&c);
}

/* Whatever comes behind what, it is read as if each had been parsed: a chunk without a choice between two
 * makes that so, and says nothing itself. */
static void test_alike_or_not_it_reads_the_same(void **state)
{
    (void)state;
    static const char *const chunks[] = {
        DELTA("\"content\":\"a\""),
        DELTA("\"content\":\"\\u00e4\\n\\\"\""),
        DELTA("\"content\":\"\""),
        DELTA("\"content\":null"),
        DELTA("\"content\":\"a\",\"reasoning\":\"r\""),
        DELTA("\"reasoning_content\":\"\",\"reasoning\":\"r\""),
        DELTA("\"reasoning_content\":\"q\",\"reasoning\":\"r\""),
        DELTA("\"reasoning_content\":\"q\",\"reasoning\":\"\""),
        DELTA("\"content\":\"\",\"refusal\":\"no\""),
        DELTA("\"content\":[{\"text\":\"l\"}],\"refusal\":\"no\""),
        DELTA("\"content\":\"a\",\"tool_calls\":[]"),
        DELTA("\"content\":\"a\",\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"1\"}}]"),
        DELTA("\"content\":\"a\",\"function_call\":{\"arguments\":\"2\"}"),
        "{\"choices\":[{\"index\":1,\"delta\":{\"content\":\"other\"}}]}",
        "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"}},{\"index\":0,\"delta\":{\"content\":\"b\"}}]}",
        "{\"choices\":[{\"delta\":{\"content\":\"a\"},\"usage\":{\"prompt_tokens\":1}}]}",
        "{\"choices\":[{\"delta\":{\"content\":\"a\"}}],\"usage\":{\"prompt_tokens\":2}}",
        "{\"choices\":[{\"delta\":{\"content\":\"a\"},\"finish_reason\":\"length\"}]}",
        "{\"choices\":[{\"delta\":{\"content\":\"a\"},\"finish_reason\":\"\"}]}",
        "{\"choices\":[{\"delta\":{\"content\":\"a\"},\"finish_reason\":\"stop\"}]}",
        PIECE("\"index\":0,\"id\":\"x\",\"function\":{\"name\":\"ls\",\"arguments\":\"3\"}"),
        PIECE("\"index\":0,\"id\":\"y\",\"function\":{\"name\":\"ls\",\"arguments\":\"4\"}"),
        PIECE("\"index\":0,\"function\":{\"arguments\":\"5\"}"),
        PIECE("\"index\":1,\"function\":{\"name\":\"\",\"arguments\":\"6\"}"),
        PIECE("\"index\":-1,\"function\":{\"arguments\":\"7\"}"),
        PIECE("\"function\":{\"arguments\":\"8\"}"),
        PIECE("\"function\":{\"arguments\":{\"n\":9}}"),
        PIECE("\"function\":{\"arguments\":\"1\"}},{\"function\":{\"arguments\":\"2\"}"),
        DELTA("\"role\":\"assistant\",\"content\":\"\",\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"0\"}}]"),
    };
    enum { N = ARRAY_LEN(chunks) };
    struct err e = ERR_INIT;
    for (size_t i = 0; i < N * N; i++) {
        struct buf out[2] = {BUF_OWN, BUF_OWN};
        struct chat c[2] = {CHAT_INIT, CHAT_INIT};
        const char *const order[] = {chunks[i / N], chunks[i / N], chunks[i % N], chunks[i % N], chunks[i / N]};
        for (size_t k = 0; k < ARRAY_LEN(order); k++)
            for (int apart = 0; apart < 2; apart++) {
                OK(chat_chunk(&c[apart], str_of(order[k]), &e));
                if (apart)
                    OK(chat_chunk(&c[apart], STR("{\"choices\":[]}"), &e));
            }
        assert_int_equal(c[0].news, c[1].news);
        for (int apart = 0; apart < 2; apart++) {
            for (size_t k = 0; k < c[apart].calls.n; k++)
                buf_printf(&out[apart], "%zu %s\n", k, buf_cstr(&c[apart].calls.v[k].arguments));
            finish(&c[apart], true, &out[apart]);
        }
        assert_string_equal(buf_cstr(&out[0]), buf_cstr(&out[1]));
        buf_free(&out[0]);
        buf_free(&out[1]);
    }
}

/* ---- limits ---- */

static void test_limit_of_calls(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct chat c = CHAT_INIT;
    for (int i = 0; i <= CHAT_CALLS_MAX; i++) {
        char text[200];
        snprintf(text, sizeof(text),
                 PIECE("\"index\":%d,\"id\":\"c%d\",\"function\":{\"name\":\"ls\"}"), i, i);
        bool ok = chat_chunk(&c, str_of(text), &e);
        assert_int_equal(ok, i < CHAT_CALLS_MAX);
    }
    assert_int_equal(e.code, ERR_STREAM_INVALID);
    chat_free(&c);
}

/* A piece of n bytes x as a chunk. */
static bool feed_bytes(struct chat *c, const char *before, size_t n, const char *after,
                       struct err *e)
{
    struct buf b = BUF_OWN;
    buf_puts(&b, before);
    buf_fill(&b, 'x', n);
    buf_puts(&b, after);
    bool ok = chat_chunk(c, buf_view(&b), e);
    buf_free(&b);
    return ok;
}

static void test_limits_of_bytes(void **state)
{
    (void)state;
    static const struct {
        const char *before, *after;
        size_t max;
        enum err_code code;
    } rows[] = {
        {"{\"choices\":[{\"delta\":{\"content\":\"", "\"}}]}", CHAT_PENDING_MAX, ERR_TOO_LARGE},
        {"{\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{\"name\":\"ls\","
         "\"arguments\":\"",
         "\"}}]}}]}", CHAT_ARGUMENTS_MAX, ERR_STREAM_INVALID},
        {"{\"choices\":[{\"delta\":{\"function_call\":{\"name\":\"ls\",\"arguments\":\"", "\"}}}]}",
         CHAT_ARGUMENTS_MAX, ERR_STREAM_INVALID},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct err e = ERR_INIT;
        struct chat c = CHAT_INIT;
        size_t piece = 1 << 20;
        for (size_t n = 0; n < rows[i].max; n += piece)
            OK(feed_bytes(&c, rows[i].before, piece, rows[i].after, &e));
        FAILS(feed_bytes(&c, rows[i].before, 1, rows[i].after, &e), rows[i].code);
        chat_free(&c);
    }
}

/* ---- refusals ---- */

static const struct chat_server server = {"h", "http://h/v1/chat/completions", "sk-secret/1"};

static void test_refusals(void **state)
{
    (void)state;
    static const struct {
        int status;
        const char *body;
        enum err_code code;
        const char *words;
    } rows[] = {
        {301, "", ERR_REQUEST_REFUSED, "h sends elsewhere (status 301)"},
        {400, "{\"error\":{\"message\":\"no\\nsuch\\tfield\"}}", ERR_REQUEST_REFUSED,
         "(status 400): no such field"},
        {400, "{\"error\":{\"message\":\"long\",\"code\":\"context_length_exceeded\"}}",
         ERR_REQUEST_TOO_LARGE, "long"},
        {400, "{\"error\":{\"message\":\"long\",\"type\":\"exceed_context_size_error\"}}",
         ERR_REQUEST_TOO_LARGE, "long"},
        {401, "{\"message\":\"who\"}", ERR_AUTH, "the key (status 401): who"},
        {402, "{\"detail\":\"pay\"}", ERR_QUOTA, "pay"},
        {403, "plain words", ERR_AUTH, ": plain words"},
        {404, "{\"error\":\"model 'x' not found\"}", ERR_NO_SUCH_MODEL, "model 'x' not found"},
        {407, "", ERR_AUTH, "proxy"},
        {408, "", ERR_PROVIDER_UNAVAILABLE, ""},
        {409, "", ERR_PROVIDER_UNAVAILABLE, ""},
        {413, "", ERR_REQUEST_TOO_LARGE, ""},
        {422, "{}", ERR_REQUEST_REFUSED, "refused the request (status 422)"},
        {425, "", ERR_PROVIDER_UNAVAILABLE, ""},
        {429, "{\"error\":{\"code\":\"insufficient_quota\",\"message\":\"used up\"}}", ERR_QUOTA,
         "used up"},
        {429, "", ERR_RATE_LIMITED, ""},
        {500, "<html>oh</html>", ERR_PROVIDER, "with a web page"},
        {503, "", ERR_PROVIDER_OVERLOADED, ""},
        {529, "{\"error\":{\"type\":\"overloaded_error\"}}", ERR_PROVIDER_OVERLOADED, "overloaded"},
        {204, "", ERR_STREAM_INVALID, "answers with status 204"},
        {999, "", ERR_STREAM_INVALID, "answers with status 999"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct err e = ERR_INIT;
        FAILS(chat_refusal(&server, rows[i].status, str_of(rows[i].body), &e), rows[i].code);
        if (!strstr(e.message, rows[i].words))
            fail_msg("%d: '%s' does not say '%s'", rows[i].status, e.message, rows[i].words);
    }
    struct err e = ERR_INIT;
    FAILS(chat_refusal(&server, 404, STR(""), &e), ERR_NO_SUCH_MODEL);
    assert_non_null(strstr(e.hint, "http://h/v1/chat/completions"));
}

/* Wherever it stands, however it is written, and where the text is cut. */
static void test_the_key_is_not_repeated(void **state)
{
    (void)state;
    static const char *const bodies[] = {
        "Bearer sk-secret/1",
        "{\"error\":{\"message\":\"not sk-secret\\/1, nor \\u0073k-secret/1\"}}",
        "{\"error\":\"sk-secret/1sk-secret/1\"}",
    };
    for (size_t i = 0; i < ARRAY_LEN(bodies); i++)
        for (int status = 0; status <= 401; status += 401) {
            struct err e = ERR_INIT;
            struct str body = str_of(bodies[i]);
            if (status)
                FAILS(chat_refusal(&server, status, body, &e), ERR_AUTH);
            else
                FAILS(chat_refusal(&server, status, body, &e), ERR_PROVIDER);
            assert_null(strstr(e.message, "sk-secret"));
            assert_non_null(strstr(e.message, "[key]"));
        }
    for (size_t before = 200; before < 250; before++) {
        struct err e = ERR_INIT;
        CLEANUP(buf_free) struct buf body = BUF_OWN;
        buf_fill(&body, 'x', before);
        buf_puts(&body, "sk-secret/1");
        FAILS(chat_refusal(&server, 401, buf_view(&body), &e), ERR_AUTH);
        assert_null(strstr(e.message, "sk-"));
    }
}

static void test_the_words_of_a_server_are_harmless(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct buf body = BUF_OWN;
    buf_puts(&body, "{\"error\":{\"message\":\"\\u001b[31mred\\u0007\\u202E ");
    buf_fill(&body, 'x', 5000);
    buf_puts(&body, "\"}}");
    FAILS(chat_refusal(&server, 400, buf_view(&body), &e), ERR_REQUEST_REFUSED);
    assert_null(strpbrk(e.message, "\x1b\x07\n"));
    assert_null(strstr(e.message, "\xE2\x80\xAE"));
    assert_true(strlen(e.message) < 500);
    buf_free(&body);
    FAILS(chat_refusal(&server, 500, STR("\xFF\x01\x1b]0;title\x07"), &e), ERR_PROVIDER);
    assert_null(strpbrk(e.message, "\x1b\x07\x01"));
}

/* ---- prices ---- */

static void test_catalog(void **state)
{
    (void)state;
    struct model_usage u = {.input = 1000000, .cached = 400000, .output = 100000};
    assert_int_equal(catalog_window("openai", "gpt-4o-mini-2024-07-18"), 128000);
    assert_int_equal(catalog_window("openai", "nobody"), 0);
    assert_int_equal(catalog_window("ollama", "gpt-4o"), 0);
    assert_true(catalog_cost("openai", "nobody", &u) == 0);
    double cost = catalog_cost("openai", "gpt-4o", &u); /* 0.6 * 2.5 + 0.4 * 1.25 + 0.1 * 10 */
    assert_true(cost > 2.9999 && cost < 3.0001);
    u.cached = 2000000; /* more than there is: nothing is below zero */
    assert_true(catalog_cost("openai", "gpt-4o", &u) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_request),
        cmocka_unit_test(test_the_least_request),
        cmocka_unit_test(test_a_request_past_its_limit),
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_reasoning),
        cmocka_unit_test(test_text_is_taken_as_it_comes),
        cmocka_unit_test(test_calls),
        cmocka_unit_test(test_usage),
        cmocka_unit_test(test_ends_that_are_none),
        cmocka_unit_test(test_an_answer_in_one_piece),
        cmocka_unit_test(test_what_is_alike_is_parsed_once),
        cmocka_unit_test(test_strange_pieces),
        cmocka_unit_test(test_alike_or_not_it_reads_the_same),
        cmocka_unit_test(test_limit_of_calls),
        cmocka_unit_test(test_limits_of_bytes),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_the_key_is_not_repeated),
        cmocka_unit_test(test_the_words_of_a_server_are_harmless),
        cmocka_unit_test(test_catalog),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
