/* SPDX-License-Identifier: MIT
 *
 * t_offline: the rule-based assistant, by the cases in tests/data/offline/: each line is an object
 *   say     what the operator says; input: what came along on standard input
 *   play    the results of the calls in the order in which they are made, one object each:
 *           call [name, arguments] (checked when given) and one of text, file (an array of lines,
 * as read answers them), error calls   the calls that must come after that; [] for none answer what
 * the answer must contain, never what it must not; without calls
 */
#include "lib/test.h"

#include "base/clock.h"
#include "base/mem.h"
#include "model/provider.h"
#include "text/utf8.h"
#include "json/json.h"
#include "json/jsonw.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

enum { MOVES_MAX = 20 };

/* ---- one request ---- */

struct move {
    struct buf text;
    struct buf calls; /* JSON: [[name, arguments], ...] */
    struct buf parts; /* the calls as parts of a message */
    size_t n_calls;
};

static void move_free(struct move *m)
{
    buf_free(&m->text);
    buf_free(&m->calls);
    buf_free(&m->parts);
}

/* Calls get the ids c0, c1, ... from `first` on. */
static bool ask(struct str body, size_t first, struct move *ret, struct err *e)
{
    const char *name;
    const struct provider *p = provider_find("local/offline", &name, e);
    struct model_request request = {
        .model = name, .body = body, .deadline_ms = CLOCK_NEVER, .attempt = 1};
    *ret = (struct move){.text = BUF_OWN, .calls = BUF_OWN, .parts = BUF_OWN};
    struct model_stream *s = p->open(&request, e);
    struct model_event ev = {0};
    struct jsonw w = JSONW(&ret->calls);
    struct jsonw parts = JSONW(&ret->parts);
    bool ok = s != NULL;
    jsonw_begin_array(&w);
    jsonw_begin_array(&parts);
    while (ok && (ok = p->next(s, &ev, e)) && ev.type != MODEL_FINISH) {
        if (ev.type == MODEL_TEXT) {
            assert_true(ev.text.n > 0 && utf8_valid(ev.text));
            buf_str(&ret->text, ev.text);
            continue;
        }
        assert_int_equal(ev.type, MODEL_TOOL_CALL);
        char id[32];
        snprintf(id, sizeof(id), "c%zu", first + ret->n_calls++);
        jsonw_begin_array(&w);
        jsonw_str(&w, ev.name);
        jsonw_raw(&w, ev.text);
        jsonw_end_array(&w);
        jsonw_begin_object(&parts);
        jsonw_put_cstr(&parts, "type", "tool_call");
        jsonw_put_cstr(&parts, "call_id", id);
        jsonw_put_str(&parts, "name", ev.name);
        jsonw_put_str(&parts, "arguments", ev.text);
        jsonw_end_object(&parts);
    }
    jsonw_end_array(&w);
    jsonw_end_array(&parts);
    if (ok)
        assert_true(str_is(ev.text, ret->n_calls ? "tool_calls" : "stop"));
    p->close(s);
    return ok;
}

/* ---- a conversation ---- */

struct talk {
    struct buf messages; /* without the brackets */
    size_t calls;
};

static void talk_add(struct talk *t, const char *role, struct str content)
{
    buf_printf(&t->messages, "%s{\"role\":\"%s\",\"content\":%.*s}", t->messages.len ? "," : "",
               role, STR_ARG(content));
}

static void talk_say(struct talk *t, struct str prompt, const struct json *input)
{
    struct buf text = BUF_OWN;
    struct buf content = BUF_OWN;
    struct jsonw w = JSONW(&content);
    buf_str(&text, prompt);
    if (input)
        buf_printf(&text, "\n--- standard input ---\n%s", json_cstr(input, ""));
    jsonw_begin_array(&w);
    jsonw_begin_object(&w);
    jsonw_put_cstr(&w, "type", "text");
    jsonw_put_str(&w, "text", buf_view(&text));
    jsonw_end_object(&w);
    jsonw_end_array(&w);
    talk_add(t, "user", buf_view(&content));
    buf_free(&text);
    buf_free(&content);
}

static bool talk_ask(struct talk *t, struct move *ret, struct err *e)
{
    struct buf body = BUF_OWN;
    buf_printf(&body, "{\"model\":\"offline\",\"system\":\"s\",\"messages\":[%s],\"tools\":[]}",
               buf_cstr(&t->messages));
    bool ok = ask(buf_view(&body), t->calls, ret, e);
    buf_free(&body);
    return ok;
}

/* What a play entry answers, as its tool would. */
static void result_text(const struct json *entry, struct buf *out, bool *ret_error)
{
    const struct json *file = json_get(entry, "file");
    *ret_error = json_get(entry, "error") != NULL;
    if (*ret_error)
        buf_printf(out, "error: %s", json_cstr(json_get(entry, "error"), ""));
    buf_puts(out, json_cstr(json_get(entry, "text"), ""));
    int number = (int)json_i64(json_get(entry, "from"), 1);
    for (const struct json *line = json_first(file); line; line = json_next(line))
        buf_printf(out, "%6d\t%s\n", number++, json_cstr(line, ""));
    buf_puts(out, json_cstr(json_get(entry, "note"), ""));
}

/* Answers the calls of a move with the next entries; false when there are not enough. */
static bool talk_answer(struct talk *t, struct move *m, const struct json **entry)
{
    struct buf content = BUF_OWN;
    struct jsonw w = JSONW(&content);
    bool ok = true;
    talk_add(t, "assistant", buf_view(&m->parts));
    jsonw_begin_array(&w);
    for (size_t i = 0; i < m->n_calls && ok; i++) {
        struct buf text = BUF_OWN;
        bool is_error;
        char id[32];
        if (!*entry) {
            ok = false;
            break;
        }
        result_text(*entry, &text, &is_error);
        snprintf(id, sizeof(id), "c%zu", t->calls + i);
        jsonw_begin_object(&w);
        jsonw_put_cstr(&w, "type", "tool_result");
        jsonw_put_cstr(&w, "call_id", id);
        jsonw_put_bool(&w, "is_error", is_error);
        jsonw_put_str(&w, "text", buf_view(&text));
        jsonw_end_object(&w);
        buf_free(&text);
        *entry = json_next(*entry);
    }
    jsonw_end_array(&w);
    talk_add(t, "tool", buf_view(&content));
    t->calls += m->n_calls;
    buf_free(&content);
    return ok;
}

/* ---- a case ---- */

struct run {
    const char *file;
    size_t line, wrong;
    struct arena a;
};

static void wrong(struct run *r, const struct json *c, const char *what, const char *more)
{
    r->wrong++;
    print_error("%s:%zu: %s: %s: %s\n", r->file, r->line, json_cstr(json_get(c, "say"), ""), what,
                more);
}

/* Are the calls those of the entries that will answer them? */
static void check_calls(struct run *r, const struct json *c, const struct move *m,
                        const struct json *entry)
{
    struct err e = ERR_INIT;
    struct json *calls = json_parse(buf_view(&m->calls), &e);
    for (const struct json *k = json_first(calls); k && entry; k = json_next(k)) {
        const struct json *expected = json_get(entry, "call");
        if (expected && strcmp(json_text(expected, &r->a), json_text(k, &r->a)) != 0)
            wrong(r, c, "another call", json_text(k, &r->a));
        entry = json_next(entry);
    }
    json_free(calls);
}

static void check_answer(struct run *r, const struct json *c, const struct move *m)
{
    static const char footer[] = "This is a rule-based answer by local/offline";
    const char *text = buf_cstr(&m->text);
    for (const struct json *s = json_first(json_get(c, "answer")); s; s = json_next(s))
        if (!strstr(text, json_cstr(s, "?")))
            wrong(r, c, "does not say", json_cstr(s, "")), print_error("%s\n", text);
    for (const struct json *s = json_first(json_get(c, "never")); s; s = json_next(s))
        if (strstr(text, json_cstr(s, "?")))
            wrong(r, c, "says", json_cstr(s, "")), print_error("%s\n", text);
    if (m->n_calls == 0 && !strstr(text, footer))
        wrong(r, c, "does not say who answers", text);
}

static void run_case(struct run *r, const struct json *c)
{
    struct err e = ERR_INIT;
    struct talk talk = {.messages = BUF_OWN};
    const struct json *entry = json_first(json_get(c, "play"));
    const struct json *expected = json_get(c, "calls");
    struct move m = {0};
    talk_say(&talk, json_str(json_get(c, "say")), json_get(c, "input"));
    for (int n = 0; n < MOVES_MAX; n++) {
        move_free(&m);
        if (!talk_ask(&talk, &m, &e)) {
            wrong(r, c, "failed", e.message);
            break;
        }
        if (m.n_calls == 0 || !entry)
            break;
        check_calls(r, c, &m, entry);
        if (!talk_answer(&talk, &m, &entry)) {
            wrong(r, c, "more calls than results", buf_cstr(&m.calls));
            break;
        }
    }
    if (entry)
        wrong(r, c, "results are left over", json_text(entry, &r->a));
    if (expected && strcmp(json_text(expected, &r->a), buf_cstr(&m.calls)) != 0)
        wrong(r, c, "other calls", m.n_calls ? buf_cstr(&m.calls) : buf_cstr(&m.text));
    if (json_get(c, "answer"))
        check_answer(r, c, &m);
    if (json_get(c, "answer") && m.n_calls)
        wrong(r, c, "calls instead of an answer", buf_cstr(&m.calls));
    move_free(&m);
    buf_free(&talk.messages);
}

static size_t run_file(const char *name)
{
    struct err e = ERR_INIT;
    struct run r = {.file = name};
    char path[300];
    snprintf(path, sizeof(path), "data/offline/%s", name);
    char *data = test_read(path, NULL);
    struct str rest = str_of(data), line;
    size_t cases = 0;
    while (str_line(&rest, &line)) {
        r.line++;
        if (line.n == 0 || line.p[0] == '#')
            continue;
        struct json *c = json_parse(line, &e);
        if (!c)
            fail_msg("%s:%zu: %s", name, r.line, e.message);
        if (!json_get(c, "calls") && !json_get(c, "answer"))
            fail_msg("%s:%zu: nothing is expected", name, r.line);
        run_case(&r, c);
        json_free(c);
        arena_reset(&r.a);
        cases++;
    }
    arena_free(&r.a);
    free(data);
    assert_int_equal(r.wrong, 0);
    print_message("# %s: %zu cases\n", name, cases);
    return cases;
}

/* One test a file, so that the report names it. */
#define CORPUS(noun)                                                                               \
    static void test_##noun(void **state)                                                          \
    {                                                                                              \
        (void)state;                                                                               \
        assert_true(run_file(#noun ".jsonl") >= 10);                                               \
    }
CORPUS(help)
CORPUS(summarize)
CORPUS(find)
CORPUS(tree)
CORPUS(changes)
CORPUS(run)
CORPUS(edit)
CORPUS(show)
CORPUS(jobs)
CORPUS(literal)
CORPUS(memory)
CORPUS(tasks)
CORPUS(input)

/* ---- beside the corpus ---- */

static void answer_to(const char *prompt, struct move *ret)
{
    struct err e = ERR_INIT;
    struct talk talk = {.messages = BUF_OWN};
    talk_say(&talk, str_of(prompt), NULL);
    OK(talk_ask(&talk, ret, &e));
    buf_free(&talk.messages);
}

/* What the guide names as a request is understood. */
static void test_the_guide(void **state)
{
    (void)state;
    char *guide = test_read("../docs/offline.md", NULL);
    struct str rest = str_of(guide), line;
    size_t n = 0, wrong = 0;
    while (str_line(&rest, &line)) {
        if (!str_starts(line, "| ") || str_starts(line, "| kind"))
            continue;
        struct str part;
        for (bool code = false; str_split(&line, '`', &part); code = !code) {
            if (!code)
                continue;
            struct move m;
            char *say = mem_strndup(part.p, part.n);
            answer_to(say, &m);
            if (strstr(buf_cstr(&m.text), "did not understand") ||
                strstr(buf_cstr(&m.text), "exactly?"))
                print_error("%s\n", say), wrong++;
            move_free(&m);
            free(say);
            n++;
        }
    }
    assert_int_equal(wrong, 0);
    assert_true(n > 30);
    free(guide);
}

/* A line of nothing but brackets, each of which may begin a link: looked through once, it takes no time; once
 * for each bracket, the suite's. */
static void test_a_long_line_of_brackets(void **state)
{
    (void)state;
    static const char *const signs[] = {"[", "](", "[a](b) "};
    for (size_t i = 0; i < ARRAY_LEN(signs); i++) {
        struct err e = ERR_INIT;
        struct talk talk = {.messages = BUF_OWN};
        struct buf json = BUF_OWN, line = BUF_OWN;
        struct move m;
        while (line.len < 400 << 10)
            buf_puts(&line, signs[i]);
        buf_printf(&json, "\"# Title\\n\\na line %s\\nand its end\\n\"", buf_cstr(&line));
        struct json *input = json_parse(buf_view(&json), &e);
        assert_non_null(input);
        talk_say(&talk, STR("summarize this"), input);
        OK(talk_ask(&talk, &m, &e));
        assert_non_null(strstr(buf_cstr(&m.text), "What came on standard input is Markdown: 4 lines"));
        move_free(&m);
        json_free(input);
        buf_free(&line);
        buf_free(&json);
        buf_free(&talk.messages);
    }
}

static void test_same_answer_every_time(void **state)
{
    (void)state;
    struct move a, b;
    answer_to("what can you do?", &a);
    answer_to("what can you do?", &b);
    assert_string_equal(buf_cstr(&a.text), buf_cstr(&b.text));
    move_free(&a);
    move_free(&b);
}

static void test_only_the_last_message_counts(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct talk talk = {.messages = BUF_OWN};
    struct move m;
    talk_say(&talk, STR("summarize a.md"), NULL);
    OK(talk_ask(&talk, &m, &e));
    talk_add(&talk, "assistant", buf_view(&m.parts));
    talk_add(&talk, "tool",
             STR("[{\"type\":\"tool_result\",\"call_id\":\"c0\",\"is_error\":false,"
                 "\"text\":\"     1\\t# A\\n\"}]"));
    move_free(&m);
    talk_say(&talk, STR("no, summarize b.md"), NULL);
    OK(talk_ask(&talk, &m, &e));
    assert_string_equal(buf_cstr(&m.calls), "[[\"read\",{\"path\":\"b.md\"}]]");
    move_free(&m);
    buf_free(&talk.messages);
}

static void test_a_call_without_result_is_a_failure(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct talk talk = {.messages = BUF_OWN};
    struct move m;
    talk_say(&talk, STR("summarize a.md"), NULL);
    talk_add(&talk, "assistant",
             STR("[{\"type\":\"tool_call\",\"call_id\":\"x\",\"name\":\"read\",\"arguments\":"
                 "\"{\\\"path\\\":\\\"a.md\\\"}\"}]"));
    OK(talk_ask(&talk, &m, &e));
    assert_int_equal(m.n_calls, 0);
    assert_non_null(strstr(buf_cstr(&m.text), "could not read `a.md`"));
    move_free(&m);
    buf_free(&talk.messages);
}

/* Of a file that an answer does not hold: lines of one length, then short ones that would still have room. */
static void test_a_cut_inside_a_block(void **state)
{
    (void)state;
    enum { LINES = 150, LONG = 900, LONG_LINES = 140 };
    struct err e = ERR_INIT;
    struct talk talk = {.messages = BUF_OWN};
    struct buf result = BUF_OWN, content = BUF_OWN;
    struct jsonw w = JSONW(&content);
    struct move m;
    for (int i = 1; i <= LINES; i++) {
        buf_printf(&result, "%6d\t```` %d ", i, i);
        buf_fill(&result, 'x', i <= LONG_LINES ? LONG : 1);
        buf_putc(&result, '\n');
    }
    talk_say(&talk, STR("show a.txt"), NULL);
    OK(talk_ask(&talk, &m, &e));
    assert_int_equal(m.n_calls, 1);
    talk_add(&talk, "assistant", buf_view(&m.parts));
    move_free(&m);
    jsonw_begin_array(&w);
    jsonw_begin_object(&w);
    jsonw_put_cstr(&w, "type", "tool_result");
    jsonw_put_cstr(&w, "call_id", "c0");
    jsonw_put_bool(&w, "is_error", false);
    jsonw_put_str(&w, "text", buf_view(&result));
    jsonw_end_object(&w);
    jsonw_end_array(&w);
    talk_add(&talk, "tool", buf_view(&content));
    OK(talk_ask(&talk, &m, &e));
    const char *text = buf_cstr(&m.text);
    assert_non_null(strstr(text, "\n`````\n```` 1 x"));
    assert_non_null(strstr(text, "x\n`````\n\n(The answer is longer than this; the rest was left out.)\n"));
    assert_null(strstr(text, "```` 150 x")); /* lines before it are missing */
    move_free(&m);
    buf_free(&result);
    buf_free(&content);
    buf_free(&talk.messages);
}

static void test_too_many_calls_end(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct talk talk = {.messages = BUF_OWN};
    struct move m;
    talk_say(&talk, STR("summarize a.md"), NULL);
    for (int i = 0; i < 70; i++)
        talk_add(&talk, "assistant",
                 STR("[{\"type\":\"tool_call\",\"call_id\":\"x\",\"name\":\"ls\",\"arguments\":\"{}"
                     "\"}]"));
    OK(talk_ask(&talk, &m, &e));
    assert_int_equal(m.n_calls, 0);
    assert_non_null(strstr(buf_cstr(&m.text), "so I stop here"));
    move_free(&m);
    buf_free(&talk.messages);
}

static void test_bad_requests(void **state)
{
    (void)state;
    static const char *const bad[] = {"", "{}", "[]",
                                      "{\"messages\":[{\"role\":\"user\",\"content\":x}]}"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct err e = ERR_INIT;
        struct move m;
        FAILS(ask(str_of(bad[i]), 0, &m, &e), ERR_INVALID);
        assert_int_equal(e.phase, PHASE_PROVIDER_CONNECT);
        move_free(&m);
    }
    struct err e = ERR_INIT;
    struct move m;
    OK(ask(STR("{\"messages\":[]}"), 0, &m, &e));
    assert_non_null(strstr(buf_cstr(&m.text), "fixed set of requests"));
    move_free(&m);
}

static void test_cancelled(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    const char *name;
    const struct provider *p = provider_find("local/offline", &name, &e);
    struct model_request request = {.model = name,
                                    .body = STR("{\"messages\":[]}"),
                                    .deadline_ms = CLOCK_NEVER,
                                    .cancel = cancel_new(NULL)};
    struct model_event ev;
    struct model_stream *s = p->open(&request, &e);
    assert_non_null(s);
    OK(p->next(s, &ev, &e));
    cancel_fire(request.cancel);
    FAILS(p->next(s, &ev, &e), ERR_CANCELLED);
    assert_int_equal(e.phase, PHASE_STREAM);
    p->close(s);
    FAILS(p->open(&request, &e), ERR_CANCELLED);
    cancel_unref(request.cancel);
}

/* Any words in any order, and any bytes that JSON can hold, get an answer or a call. */
static void test_random_prompts(void **state)
{
    (void)state;
    static const char *const words[] = {
        "replace",   "\"a\"",     "with", "in",   "a.c",    "find",         "the", "line",
        "5",         "to",        "run",  "`ls`", "what",   "changed",      "{",   "\\",
        "'",         "README.md", "\n",   "?",    "delete", "\xE2\x80\x9C", "add", "after",
        "summarize", "rename",    "X",    "Y",    "```",    "show",         "of",  "containing",
    };
    uint64_t seed = test_seed();
    for (int i = 0; i < 3000; i++) {
        struct buf prompt = BUF_OWN;
        struct move m;
        for (uint64_t n = test_random(&seed) % 14; n > 0; n--)
            buf_printf(&prompt, "%s%s", words[test_random(&seed) % ARRAY_LEN(words)],
                       test_random(&seed) % 8 ? " " : "");
        answer_to(buf_cstr(&prompt), &m);
        assert_true(m.n_calls > 0 || m.text.len > 0);
        move_free(&m);
        buf_free(&prompt);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_help),
        cmocka_unit_test(test_summarize),
        cmocka_unit_test(test_find),
        cmocka_unit_test(test_tree),
        cmocka_unit_test(test_changes),
        cmocka_unit_test(test_run),
        cmocka_unit_test(test_edit),
        cmocka_unit_test(test_show),
        cmocka_unit_test(test_jobs),
        cmocka_unit_test(test_literal),
        cmocka_unit_test(test_memory),
        cmocka_unit_test(test_tasks),
        cmocka_unit_test(test_input),
        cmocka_unit_test(test_the_guide),
        cmocka_unit_test(test_a_long_line_of_brackets),
        cmocka_unit_test(test_same_answer_every_time),
        cmocka_unit_test(test_only_the_last_message_counts),
        cmocka_unit_test(test_a_call_without_result_is_a_failure),
        cmocka_unit_test(test_a_cut_inside_a_block),
        cmocka_unit_test(test_too_many_calls_end),
        cmocka_unit_test(test_bad_requests),
        cmocka_unit_test(test_cancelled),
        cmocka_unit_test(test_random_prompts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
