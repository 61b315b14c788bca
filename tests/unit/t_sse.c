/* SPDX-License-Identifier: MIT
 *
 * t_sse: streams of events, cut at every byte.
 */
#include "lib/test.h"

#include "base/buf.h"
#include "net/sse.h"

#include <stdlib.h>

/* "name=data|" of each event. */
static bool write_event(void *arg, const char *name, struct str data, struct err *e)
{
    (void)e;
    return buf_printf(arg, "%s=%.*s|", name, STR_ARG(data));
}

static void feed(struct sse *s, struct str bytes, struct buf *out)
{
    struct err e = ERR_INIT;
    OK(sse_feed(s, bytes, write_event, out, &e));
}

/* Whole, in two pieces cut at every place, and byte by byte: always the same. */
static void reads_as(struct str text, const char *want, bool pending)
{
    for (size_t cut = 0; cut <= text.n + 1; cut++) {
        struct sse s = SSE_INIT;
        struct buf out = BUF_OWN;
        if (cut <= text.n) {
            feed(&s, str_sub(text, 0, cut), &out);
            feed(&s, str_sub(text, cut, text.n), &out);
        } else {
            for (size_t i = 0; i < text.n; i++)
                feed(&s, str_sub(text, i, 1), &out);
        }
        if (strcmp(buf_cstr(&out), want) != 0)
            fail_msg("cut at %zu: '%s', not '%s'", cut, buf_cstr(&out), want);
        assert_int_equal(sse_pending(&s), pending);
        buf_free(&out);
        sse_free(&s);
    }
}

static void test_lines(void **state)
{
    (void)state;
    reads_as(STR("data: a\n\n"), "=a|", false);
    reads_as(STR("data: a\r\n\r\n"), "=a|", false);
    reads_as(STR("data: a\r\r"), "=a|", false);
    reads_as(STR("data: a\r\n\ndata: b\n\r\ndata: c\r\r\n"), "=a|=b|=c|", false);
    reads_as(STR("\n\n\r\n\rdata: a\n\n\n\n"), "=a|", false);
}

static void test_fields(void **state)
{
    (void)state;
    reads_as(STR("data:a\n\ndata:  a\n\n"), "=a|= a|", false);
    reads_as(STR("data: a\ndata: b\ndata\ndata:\n\n"), "=a\nb\n\n|", false);
    reads_as(STR("data\n\n"), "=|", false);
    reads_as(STR("event: x\ndata: a\n\ndata: b\n\n"), "x=a|=b|", false);
    reads_as(STR("event: x\n\ndata: b\n\n"), "=b|", false);
    reads_as(STR(": a comment\n:\n:data: no\ndata: a\n\n"), "=a|", false);
    reads_as(STR("id: 7\nretry: 9\nData: no\n data: no\nnonsense\ndata: a:b\n\n"), "=a:b|", false);
}

static void test_byte_order_mark(void **state)
{
    (void)state;
    reads_as(STR("\xEF\xBB\xBF"
                 "data: a\n\n"),
             "=a|", false);
    /* Only the first of all. */
    reads_as(STR("data: a\n\n\xEF\xBB\xBF"
                 "data: b\n\n"),
             "=a|", false);
    reads_as(STR("\xEF\xBB\xBF\n\xEF\xBB\xBF"
                 "data: b\n\n"),
             "", false);
}

static void test_what_was_not_ended(void **state)
{
    (void)state;
    reads_as(STR(""), "", false);
    reads_as(STR("data: a"), "", true);
    reads_as(STR("data: a\n"), "", true);
    reads_as(STR("data: a\n\ndat"), "=a|", true);
}

static void test_any_bytes(void **state)
{
    (void)state;
    struct str text = STR("data: \xC3\xA4\xFF\n\ndata: \xE4\xB8\x96\n\n");
    reads_as(text, "=\xC3\xA4\xFF|=\xE4\xB8\x96|", false);
}

static void test_long_name(void **state)
{
    (void)state;
    struct buf text = BUF_OWN, want = BUF_OWN;
    buf_puts(&text, "event: ");
    buf_fill(&text, 'n', SSE_NAME_MAX + 10);
    buf_puts(&text, "\ndata: a\n\n");
    buf_fill(&want, 'n', SSE_NAME_MAX - 1);
    buf_puts(&want, "=a|");
    reads_as(buf_view(&text), buf_cstr(&want), false);
    buf_free(&text);
    buf_free(&want);
}

static bool refuse(void *arg, const char *name, struct str data, struct err *e)
{
    (void)arg, (void)name, (void)data;
    return err_set(e, ERR_BUDGET, "enough");
}

static void test_a_reader_that_stops(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct sse s = SSE_INIT;
    FAILS(sse_feed(&s, STR("data: a\n\ndata: b\n\n"), refuse, NULL, &e), ERR_BUDGET);
    sse_free(&s);
}

static bool count(void *arg, const char *name, struct str data, struct err *e)
{
    (void)name, (void)e;
    *(size_t *)arg += data.n;
    return true;
}

/* Fed in pieces, so that the line has to be kept. */
static bool feed_line(struct sse *s, size_t n, const char *end, size_t *sum, struct err *e)
{
    char piece[4096];
    memset(piece, 'x', sizeof(piece));
    bool ok = sse_feed(s, STR("data:"), count, sum, e);
    for (size_t left = n - 5; ok && left > 0;) {
        size_t k = MIN(left, sizeof(piece));
        ok = sse_feed(s, str_make(piece, k), count, sum, e);
        left -= k;
    }
    return ok && sse_feed(s, str_of(end), count, sum, e);
}

static void test_limits(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    size_t sum = 0;
    struct sse s = SSE_INIT;
    OK(feed_line(&s, SSE_LINE_MAX, "\n\n", &sum, &e));
    assert_int_equal(sum, SSE_LINE_MAX - 5);
    FAILS(feed_line(&s, SSE_LINE_MAX + 1, "\n\n", &sum, &e), ERR_STREAM_INVALID);
    assert_non_null(strstr(e.message, "a line"));
    sse_free(&s);
    /* An event of many lines, each with a line feed before the next: at the limit, and past it. */
    size_t line = SSE_EVENT_MAX / 4;
    for (size_t more = 0; more < 2; more++) {
        s = SSE_INIT;
        sum = 0;
        e = ERR_INIT;
        for (int i = 0; i < 3; i++)
            OK(feed_line(&s, line + 5, "\n", &sum, &e));
        bool ok = feed_line(&s, line + 5 - 3 + more, "\n\n", &sum, &e);
        assert_int_equal(ok, more == 0);
        assert_int_equal(e.code, ok ? ERR_NONE : ERR_STREAM_INVALID);
        assert_int_equal(sum, ok ? SSE_EVENT_MAX : 0);
        sse_free(&s);
    }
    assert_non_null(strstr(e.message, "an event"));
}

/* ---- what looking for lines costs ---- */

static size_t looked_at; /* bytes, since it was last 0 */

/* The linker sends the calls of our own code here. */
void *__real_memchr(const void *p, int c, size_t n);
void *__wrap_memchr(const void *p, int c, size_t n);
void *__wrap_memchr(const void *p, int c, size_t n)
{
    const char *at = __real_memchr(p, c, n);
    looked_at += at ? (size_t)(at - (const char *)p) + 1 : n;
    return (void *)(uintptr_t)at;
}

static bool pass_over(void *arg, const char *name, struct str data, struct err *e)
{
    (void)arg, (void)name, (void)data, (void)e;
    return true;
}

/* libc looks, many bytes at a time, and at each for an LF, for a CR, and to its field's colon. */
static void test_each_byte_is_looked_at_twice(void **state)
{
    (void)state;
    static const char *const ends[] = {"\n", "\r", "\r\n"};
    enum { EVENTS = 500 };
    for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
        struct err e = ERR_INIT;
        struct sse s = SSE_INIT;
        CLEANUP(buf_free) struct buf text = BUF_OWN;
        for (int k = 0; k < EVENTS; k++) {
            buf_puts(&text, "data: ");
            buf_fill(&text, 'x', 200);
            buf_printf(&text, "%s%s", ends[i], ends[i]);
        }
        looked_at = 0;
        OK(sse_feed(&s, buf_view(&text), pass_over, NULL, &e));
        size_t colons = EVENTS * strlen("data:");
        assert_true(looked_at >= 2 * text.len - 4 * EVENTS && looked_at <= 2 * text.len + colons);
        sse_free(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_fields),
        cmocka_unit_test(test_byte_order_mark),
        cmocka_unit_test(test_what_was_not_ended),
        cmocka_unit_test(test_any_bytes),
        cmocka_unit_test(test_long_name),
        cmocka_unit_test(test_a_reader_that_stops),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_each_byte_is_looked_at_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
