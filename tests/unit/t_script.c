/* SPDX-License-Identifier: MIT
 *
 * t_script: the scripted model.
 */
#include "lib/test.h"

#include "base/clock.h"
#include "base/fs.h"
#include "json/jsonw.h"
#include "model/provider.h"
#include "model/script_file.h"
#include "text/utf8.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- a script, a conversation, what came ---- */

struct play {
    struct buf body, text, log; /* log: one line an event */
    char *dir, *path;
    struct model_request request;
    size_t events;
};

static void play_begin(struct play *p, const char *script)
{
    struct err e = ERR_INIT;
    *p = (struct play){.body = BUF_OWN, .text = BUF_OWN, .log = BUF_OWN};
    p->dir = test_tmpdir("script");
    p->path = fs_join(p->dir, "s.jsonl");
    OK(fs_replace(p->path, str_of(script), 0600, &e));
    p->request = (struct model_request){.model = "script",
                                        .deadline_ms = CLOCK_NEVER,
                                        .script = p->path,
                                        .attempt = 1};
}

static void play_end(struct play *p)
{
    struct err e = ERR_INIT;
    OK(fs_remove_tree(p->dir, &e));
    free(p->dir);
    free(p->path);
    buf_free(&p->body);
    buf_free(&p->text);
    buf_free(&p->log);
}

/* A conversation with so many answers, whose last message says `last`. */
static void make_body(struct buf *b, size_t answers, const char *last)
{
    struct jsonw w = JSONW(b);
    buf_clear(b);
    jsonw_begin_object(&w);
    jsonw_put_cstr(&w, "model", "script");
    jsonw_key(&w, "messages");
    jsonw_begin_array(&w);
    for (size_t i = 0; i <= answers * 2; i++) {
        jsonw_begin_object(&w);
        jsonw_put_cstr(&w, "role", i % 2 ? "assistant" : i ? "tool" : "user");
        jsonw_key(&w, "content");
        jsonw_begin_array(&w);
        jsonw_begin_object(&w);
        jsonw_put_cstr(&w, "type", "text");
        jsonw_put_cstr(&w, "text", i == answers * 2 ? last : "\"role\":\"assistant\"");
        jsonw_end_object(&w);
        jsonw_end_array(&w);
        jsonw_end_object(&w);
    }
    jsonw_end_array(&w);
    jsonw_end_object(&w);
}

static void note(struct play *p, const struct model_event *ev)
{
    static const char *const names[] = {"text", "reasoning", "call", "usage", "finish"};
    p->events++;
    buf_printf(&p->log, "%s", names[ev->type]);
    if (ev->type == MODEL_TOOL_CALL)
        buf_printf(&p->log, " %.*s %.*s", STR_ARG(ev->id), STR_ARG(ev->name));
    if (ev->type == MODEL_USAGE)
        buf_printf(&p->log, " %lld %lld %lld %lld %g", (long long)ev->usage.input,
                   (long long)ev->usage.output, (long long)ev->usage.cached,
                   (long long)ev->usage.reasoning, ev->usage.cost_usd);
    else
        buf_printf(&p->log, " %.*s", STR_ARG(ev->text));
    buf_putc(&p->log, '\n');
    if (ev->type == MODEL_TEXT)
        buf_str(&p->text, ev->text);
}

static bool run_step(struct play *p, size_t answers, const char *last, struct err *e)
{
    const char *model;
    const struct provider *provider = provider_find("local/script", &model, e);
    make_body(&p->body, answers, last);
    buf_clear(&p->text);
    buf_clear(&p->log);
    p->events = 0;
    p->request.body = buf_view(&p->body);
    e->phase = PHASE_NONE;
    struct model_stream *s = provider->open(&p->request, e);
    struct model_event ev = {0};
    bool ok = s != NULL;
    while (ok) {
        ok = provider->next(s, &ev, e);
        if (ok)
            note(p, &ev);
        if (ok && ev.type == MODEL_FINISH)
            break;
    }
    provider->close(s);
    return ok;
}

#define LOG_IS(p, expected) assert_string_equal(buf_cstr(&(p)->log), expected)

/* ---- steps ---- */

static void test_a_turn_of_three_requests(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct play p;
    char *script = test_read("data/scripts/tools.jsonl", NULL);
    play_begin(&p, script);
    OK(run_step(&p, 0, "go", &e));
    LOG_IS(&p, "reasoning The file first.\n"
               "text Read\ntext ing \ntext a.tx\ntext t.\n"
               "call script_1 read {\"path\":\"a.txt\"}\n"
               "call script_2 ls {\"path\":\".\"}\n"
               "usage 120 14 7 3 0.5\n"
               "finish tool_calls\n");
    OK(run_step(&p, 1, "line one of it", &e));
    LOG_IS(&p, "call mine edit {\"path\": nope\nfinish tool_calls\n");
    OK(run_step(&p, 2, "edited", &e));
    LOG_IS(&p, "text Done.\nfinish stop\n");
    OK(run_step(&p, 3, "more", &e));
    LOG_IS(&p, "text (the script has no more steps)\nfinish stop\n");
    play_end(&p);
    free(script);
}

static void test_loop(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct play p;
    play_begin(&p, "# twice\n{\"loop\":true}\n{\"text\":\"a\"}\r\n\n{\"text\":\"b\",\"chunk\":1}\n");
    for (size_t i = 0; i < 7; i++) {
        OK(run_step(&p, i, "x", &e));
        assert_string_equal(buf_cstr(&p.text), i % 2 ? "b" : "a");
    }
    play_end(&p);
    play_begin(&p, "{\"text\":\"a\"}\n{\"loop\":true}\n");
    FAILS(run_step(&p, 0, "x", &e), ERR_INVALID);
    assert_non_null(strstr(e.message, "s.jsonl:2: loop"));
    play_end(&p);
}

static void test_chunks_are_whole_characters(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct play p;
    /* One to four bytes each. */
    static const char text[] = "a\xC3\xA4\xE2\x82\xAC\xF0\x9F\x99\x82z";
    for (int chunk = 1; chunk <= 12; chunk++) {
        char line[80];
        snprintf(line, sizeof(line), "{\"text\":\"%s\",\"chunk\":%d}", text, chunk);
        play_begin(&p, line);
        OK(run_step(&p, 0, "x", &e));
        assert_string_equal(buf_cstr(&p.text), text);
        assert_true(chunk > 1 || p.events == 6);
        assert_true(chunk < 11 || p.events == 2);
        struct str rest = buf_view(&p.log), piece;
        while (str_line(&rest, &piece))
            assert_true(utf8_valid(piece));
        play_end(&p);
    }
}

static void test_bytes_may_be_invalid(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct play p;
    play_begin(&p, "[{\"bytes\":\"61fF\"},{\"bytes\":\"\"},{\"text\":\"\"},{\"finish\":\"length\"}]");
    OK(run_step(&p, 0, "x", &e));
    LOG_IS(&p, "text a\xFF\nfinish length\n");
    play_end(&p);
}

static void test_repeat(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct play p;
    play_begin(&p, "[{\"repeat\":{\"n\":20000,\"text\":\"tok \"}},{\"repeat\":{\"n\":0,\"text\":\"x\"}}]");
    OK(run_step(&p, 0, "x", &e));
    assert_int_equal(p.events, 20001);
    assert_int_equal(p.text.len, 80000);
    play_end(&p);
}

static void test_expect(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct play p;
    play_begin(&p, "[{\"text\":\"so\"},{\"expect\":\"a \\\"b\\\"\\nc\"}]");
    OK(run_step(&p, 0, "x a \"b\"\nc y", &e));
    FAILS(run_step(&p, 0, "nothing of it", &e), ERR_STREAM_INVALID);
    assert_int_equal(e.phase, PHASE_STREAM);
    assert_non_null(strstr(e.message, "a \"b\""));
    assert_non_null(strstr(e.message, "nothing of it"));
    play_end(&p);
}

/* ---- failures and waits ---- */

static void test_fail(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct play p;
    play_begin(&p, "[{\"text\":\"half\"},{\"fail\":{\"reason_code\":\"stream_cut\",\"message\":\"gone\"}}]\n"
                   "{\"fail\":{\"reason_code\":\"overloaded\",\"hint\":\"later\",\"phase\":\"provider_connect\"}}\n");
    FAILS(run_step(&p, 0, "x", &e), ERR_STREAM_CUT);
    LOG_IS(&p, "text half\n");
    assert_int_equal(e.phase, PHASE_STREAM);
    assert_string_equal(e.message, "gone");
    FAILS(run_step(&p, 1, "x", &e), ERR_OVERLOADED);
    assert_int_equal(e.phase, PHASE_PROVIDER_CONNECT);
    assert_string_equal(e.hint, "later");
    play_end(&p);
}

static void test_fail_on_the_first_attempts(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct play p;
    play_begin(&p, "[{\"fail\":{\"reason_code\":\"provider_unavailable\",\"attempts\":2}},{\"text\":\"at last\"}]");
    for (p.request.attempt = 1; p.request.attempt <= 2; p.request.attempt++) {
        FAILS(run_step(&p, 0, "x", &e), ERR_PROVIDER_UNAVAILABLE);
        assert_int_equal(e.phase, PHASE_PROVIDER_WAIT);
    }
    OK(run_step(&p, 0, "x", &e));
    assert_string_equal(buf_cstr(&p.text), "at last");
    play_end(&p);
}

static void test_stall_until_the_deadline(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct play p;
    play_begin(&p, "[{\"text\":\"a\"},{\"stall\":true}]\n{\"stall\":true}\n");
    p.request.deadline_ms = clock_mono_ms() + 20;
    FAILS(run_step(&p, 0, "x", &e), ERR_TIMEOUT);
    assert_int_equal(e.phase, PHASE_STREAM);
    p.request.deadline_ms = clock_mono_ms() + 20;
    FAILS(run_step(&p, 1, "x", &e), ERR_TIMEOUT);
    assert_int_equal(e.phase, PHASE_PROVIDER_WAIT);
    p.request.deadline_ms = clock_mono_ms();
    FAILS(run_step(&p, 0, "x", &e), ERR_TIMEOUT);
    assert_int_equal(p.events, 0);
    play_end(&p);
}

static int64_t count_idle(void *arg)
{
    (*(int *)arg)++;
    return clock_mono_ms() + 1;
}

/* Whoever reads the stream is asked again and again while it is silent. */
static void test_idle_is_called_while_nothing_comes(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct play p;
    int calls = 0;
    play_begin(&p, "{\"stall\":true}");
    p.request.idle = count_idle;
    p.request.idle_arg = &calls;
    p.request.deadline_ms = clock_mono_ms() + 20;
    FAILS(run_step(&p, 0, "x", &e), ERR_TIMEOUT);
    assert_true(calls > 1);
    play_end(&p);
}

static void test_waits_end_when_cancelled(void **state)
{
    (void)state;
    static const char *const scripts[] = {
        "{\"stall\":true}", "{\"delay_ms\":3600000}",
        "{\"text\":\"ab\",\"chunk\":1,\"delay_ms\":3600000}",
        "{\"repeat\":{\"n\":2,\"text\":\"a\"},\"delay_ms\":3600000}"};
    for (size_t i = 0; i < ARRAY_LEN(scripts); i++) {
        struct err e = ERR_INIT;
        struct play p;
        const char *name;
        const struct provider *provider = provider_find("local/script", &name, &e);
        struct model_event ev;
        play_begin(&p, scripts[i]);
        p.request.cancel = cancel_new(NULL);
        make_body(&p.body, 0, "x");
        p.request.body = buf_view(&p.body);
        struct model_stream *s = provider->open(&p.request, &e);
        assert_non_null(s);
        if (i >= 2)
            OK(provider->next(s, &ev, &e));
        cancel_fire(p.request.cancel);
        FAILS(provider->next(s, &ev, &e), ERR_CANCELLED);
        assert_int_equal(e.phase, i >= 2 ? PHASE_STREAM : PHASE_PROVIDER_WAIT);
        provider->close(s);
        FAILS(provider->open(&p.request, &e), ERR_CANCELLED);
        cancel_unref(p.request.cancel);
        play_end(&p);
    }
}

static void test_delay_waits_no_longer_than_the_deadline(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct play p;
    play_begin(&p, "[{\"delay_ms\":0},{\"delay_ms\":1},{\"text\":\"ok\",\"delay_ms\":0}]\n{\"delay_ms\":3600000}\n");
    OK(run_step(&p, 0, "x", &e));
    assert_string_equal(buf_cstr(&p.text), "ok");
    p.request.deadline_ms = clock_mono_ms() + 20;
    FAILS(run_step(&p, 1, "x", &e), ERR_TIMEOUT);
    play_end(&p);
}

/* ---- scripts with errors ---- */

static void test_bad_lines(void **state)
{
    (void)state;
    char *data = test_read("data/scripts/bad.txt", NULL);
    struct str rest = str_of(data), line, says;
    size_t n = 0, wrong = 0;
    while (str_line(&rest, &line)) {
        if (line.p[0] == '#')
            continue;
        struct err e = ERR_INIT;
        struct play p;
        char script[400];
        assert_true(str_split(&line, '\t', &says));
        /* On line 3, as the last of a script whose first step is good. */
        snprintf(script, sizeof(script), "# c\n%s%.*s\n",
                 str_find(line, STR("loop")) >= 0 ? "\n" : "{\"text\":\"good\"}\n", STR_ARG(line));
        play_begin(&p, script);
        FAILS(run_step(&p, 0, "x", &e), ERR_INVALID);
        if (!strstr(e.message, "s.jsonl:3: ") || str_find(str_of(e.message), says) < 0)
            print_error("%.*s: %s\n", STR_ARG(line), e.message), wrong++;
        assert_int_equal(e.phase, PHASE_PROVIDER_CONNECT);
        play_end(&p);
        n++;
    }
    assert_true(n > 20);
    assert_int_equal(wrong, 0);
    free(data);
}

static void test_no_script(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct play p;
    play_begin(&p, "# nothing\n\n");
    FAILS(run_step(&p, 0, "x", &e), ERR_INVALID);
    assert_non_null(strstr(e.message, "no steps"));
    p.request.script = p.dir;
    FAILS(run_step(&p, 0, "x", &e), ERR_IS_DIRECTORY);
    p.request.script = "/nowhere/at/all";
    FAILS(run_step(&p, 0, "x", &e), ERR_NOT_FOUND);
    p.request.script = NULL;
    FAILS(run_step(&p, 0, "x", &e), ERR_USAGE);
    play_end(&p);
}

static void test_limits(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct script_lines lines;
    struct script_step step;
    struct arena a = ARENA_INIT;
    struct buf b = BUF_OWN;
    for (size_t i = 0; i < SCRIPT_STEPS_MAX; i++)
        buf_puts(&b, "[]\n");
    OK(script_split(buf_view(&b), "f", &lines, &e));
    assert_int_equal(lines.n, SCRIPT_STEPS_MAX);
    free(lines.v);
    buf_puts(&b, "[]");
    FAILS(script_split(buf_view(&b), "f", &lines, &e), ERR_INVALID);
    assert_non_null(strstr(e.message, "f:100001: "));
    free(lines.v);

    buf_clear(&b);
    buf_putc(&b, '[');
    for (size_t i = 0; i < SCRIPT_ITEMS_MAX; i++)
        buf_puts(&b, i ? ",{\"delay_ms\":0}" : "{\"delay_ms\":0}");
    buf_putc(&b, ']');
    OK(script_read(&(struct script_line){buf_view(&b), 1}, "f", &a, &step, &e));
    assert_int_equal(step.n, SCRIPT_ITEMS_MAX);
    buf_truncate(&b, b.len - 1);
    buf_puts(&b, ",{\"delay_ms\":0}]");
    FAILS(script_read(&(struct script_line){buf_view(&b), 1}, "f", &a, &step, &e), ERR_INVALID);

    buf_clear(&b);
    buf_fill(&b, ' ', SCRIPT_BYTES_MAX - 2);
    buf_puts(&b, "[]");
    OK(script_split(buf_view(&b), "f", &lines, &e));
    free(lines.v);
    buf_putc(&b, '\n');
    FAILS(script_split(buf_view(&b), "f", &lines, &e), ERR_TOO_LARGE);
    free(lines.v);
    arena_free(&a);
    buf_free(&b);
}

/* The step is found by one look at the body, however long the conversation is: the calls of malloc
 * do not matter here, but a tree of a million values would be refused. */
static void test_a_long_conversation(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct play p;
    enum { ANSWERS = 200000 };
    play_begin(&p, "{\"loop\":true}\n{\"text\":\"a\"}\n{\"text\":\"b\"}\n{\"text\":\"c\"}\n");
    OK(run_step(&p, ANSWERS, "x", &e));
    assert_string_equal(buf_cstr(&p.text), ANSWERS % 3 == 0 ? "a" : ANSWERS % 3 == 1 ? "b" : "c");
    play_end(&p);
}

/* What the guide shows as a step is one. */
static void test_the_guide(void **state)
{
    (void)state;
    char *guide = test_read("../docs/script.md", NULL);
    struct str rest = str_of(guide), line;
    struct arena a = ARENA_INIT;
    struct script_step step;
    size_t n = 0;
    for (size_t number = 1; str_line(&rest, &line); number++) {
        struct err e = ERR_INIT;
        bool row = str_starts(line, "| `{");
        if (row)
            line = str_sub(line, 3, (size_t)str_find(line, STR("` |")) - 3);
        else if (str_starts(line, "    [") || str_starts(line, "    {"))
            line = str_trim(line);
        else
            continue;
        OK(script_read(&(struct script_line){line, number}, "docs/script.md", &a, &step, &e));
        n++;
    }
    assert_true(n >= 15);
    arena_free(&a);
    free(guide);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_turn_of_three_requests),
        cmocka_unit_test(test_loop),
        cmocka_unit_test(test_chunks_are_whole_characters),
        cmocka_unit_test(test_bytes_may_be_invalid),
        cmocka_unit_test(test_repeat),
        cmocka_unit_test(test_expect),
        cmocka_unit_test(test_fail),
        cmocka_unit_test(test_fail_on_the_first_attempts),
        cmocka_unit_test(test_stall_until_the_deadline),
        cmocka_unit_test(test_idle_is_called_while_nothing_comes),
        cmocka_unit_test(test_waits_end_when_cancelled),
        cmocka_unit_test(test_delay_waits_no_longer_than_the_deadline),
        cmocka_unit_test(test_bad_lines),
        cmocka_unit_test(test_no_script),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_the_guide),
        cmocka_unit_test(test_a_long_conversation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
