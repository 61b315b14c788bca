/* SPDX-License-Identifier: MIT
 *
 * The HTTP server's guards as a table, and its deadline, over real sockets.
 */
#include "base/clock.h"
#include "base/mem.h"
#include "net/http_guard.h"
#include "net/http_server.h"
#include "lib/test.h"

#include <arpa/inet.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void hello(void *ctx, const struct http_request *r, struct http_reply *ret)
{
    (void)ctx, (void)r;
    buf_puts(&ret->body, "{\"hello\":1}");
}

static bool never(void *ctx, struct http_reply *ret)
{
    (void)ctx, (void)ret;
    return false;
}

static void nothing(void *ctx)
{
    (void)ctx;
}

static void waits(void *ctx, const struct http_request *r, struct http_reply *ret)
{
    (void)r;
    ret->later = (struct http_later){never, nothing, ctx};
}

enum { LARGE = 32 << 20 }; /* more than two sockets hold */
static atomic_bool large_ended;

static bool large(void *ctx, struct http_reply *ret)
{
    CLEANUP(mem_free_p) char *bytes = mem_new(LARGE);
    (void)ctx;
    return buf_add(&ret->body, bytes, LARGE);
}

static void large_end(void *ctx)
{
    (void)ctx;
    atomic_store(&large_ended, true);
}

static void asks_large(void *ctx, const struct http_request *r, struct http_reply *ret)
{
    (void)r;
    ret->later = (struct http_later){large, large_end, ctx};
}

static const struct http_route routes[] = {
    {"GET", "/hello", HTTP_OPEN, ROLE_VIEW, false, hello, ""},
    {"GET", "/secret", HTTP_TOKEN, ROLE_VIEW, false, hello, ""},
    {"GET", "/wait", HTTP_OPEN, ROLE_VIEW, false, waits, ""},
    {"GET", "/large", HTTP_OPEN, ROLE_VIEW, false, asks_large, ""},
};
enum { ROUTES = sizeof(routes) / sizeof(routes[0]) };

static atomic_int waiting; /* requests that were told as live, less those that are over */

static void seen(void *ctx, const struct http_seen *r)
{
    (void)ctx;
    if (r->live != r->again)
        atomic_fetch_add(&waiting, r->live ? 1 : -1);
}

static const struct http_caller caller = {"sesame", {"operator", ROLE_ADMIN}};

static struct http_server *start_at(const char *name, int64_t head_ms)
{
    struct err e = ERR_INIT;
    struct http_options o = {.name = name, .callers = &caller, .n_callers = 1, .routes = routes, .n_routes = ROUTES,
                             .head_ms = head_ms, .seen = seen};
    struct http_server *s = http_server_start(&o, &e);
    if (!s)
        fail_msg("%s", e.message);
    return s;
}

static struct http_server *start(int64_t head_ms)
{
    return start_at("127.0.0.1", head_ms);
}

static int dial_at(struct http_server *s, const char *name)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)http_server_port(s))};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(inet_pton(AF_INET, name, &at.sin_addr), 1);
    assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof(at)), 0);
    return fd;
}

static int dial(struct http_server *s)
{
    return dial_at(s, "127.0.0.1");
}

/* The status of the next answer, its body skipped; 0: the connection is closed. */
static int answer(int fd)
{
    char text[8192];
    size_t n = 0;
    for (;;) {
        struct pollfd p = {fd, POLLIN, 0};
        assert_int_equal(poll(&p, 1, 20000), 1);
        ssize_t got = recv(fd, text + n, sizeof(text) - 1 - n, 0);
        if (got <= 0)
            return n > 9 ? atoi(text + 9) : 0;
        n += (size_t)got;
        text[n] = '\0';
        const char *end = strstr(text, "\r\n\r\n"), *length = strstr(text, "Content-Length: ");
        if (end && length && n >= (size_t)(end + 4 - text) + (size_t)atoi(length + 16))
            return atoi(text + 9);
    }
}

static void say(int fd, const char *text, size_t n)
{
    assert_int_equal(send(fd, text, n, MSG_NOSIGNAL), (ssize_t)n);
}

/* With the server's port for each %d. */
static void say_port(int fd, const char *head, struct http_server *s)
{
    CLEANUP(buf_free) struct buf text = BUF_OWN;
    for (const char *p = head; *p; p++) {
        if (p[0] == '%' && p[1] == 'd')
            buf_printf(&text, "%d", http_server_port(s)), p++;
        else
            buf_putc(&text, *p);
    }
    say(fd, text.data, text.len);
}

static void test_shapes(void **state)
{
    static const struct {
        const char *head; /* %d: the port */
        int status;
    } rows[] = {
        {"GET /hello HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n", 200},
        {"GET /hello HTTP/1.1\r\nHost: localhost:%d\r\n\r\n", 200},
        {"GET /hello HTTP/1.1\r\nHost: LOCALHOST\r\n\r\n", 200},
        {"GET /hello HTTP/1.1\r\nHost: [::1]:%d\r\n\r\n", 200},
        {"HEAD /hello HTTP/1.1\r\nHost: localhost:%d\r\nConnection: close\r\n\r\n", 200},
        {"GET /hello HTTP/1.1\r\nHost: localhost:%d\r\nOrigin: http://localhost:%d\r\n\r\n", 200},
        {"GET /hello HTTP/1.1\nHost: 127.0.0.1:%d\n\n", 400},
        {"GET /hello HTTP/1.1\r\nHost: 127.0.0.1:%d\nX: y\r\n\r\n", 400},
        {"GET /hello HTTP/1.1\r\nX: y\nHost: 127.0.0.1:%d\r\n\r\n", 400},
        {"GET /hello HTTP/1.1\r\n\r\n", 400},
        {"GET /hello HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nHost: 127.0.0.1:%d\r\n\r\n", 400},
        {"POST /hello HTTP/1.1\r\nHost: localhost:%d\r\nContent-Length: 1\r\nTransfer-Encoding: "
         "chunked\r\n\r\n", 400},
        {"POST /hello HTTP/1.1\r\nHost: localhost:%d\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400},
        {"POST /hello HTTP/1.1\r\nHost: localhost:%d\r\nContent-Length: -1\r\n\r\n", 400},
        {"POST /hello HTTP/1.1\r\nHost: localhost:%d\r\nContent-Length: 99999999\r\n\r\n", 413},
        {"POST /hello HTTP/1.1\r\nHost: localhost:%d\r\nContent-Length: 1\r\n\r\nx", 405},
        {"POST /hello HTTP/1.1\r\nHost: localhost:%d\r\n\r\n", 405},
        {"GET /other HTTP/1.1\r\nHost: localhost:%d\r\n\r\n", 404},
        {"GET /hello HTTP/1.1\r\nHost: evil.example:%d\r\n\r\n", 403},
        {"GET /hello HTTP/1.1\r\nHost: localhost.evil.example\r\n\r\n", 403},
        {"GET /hello HTTP/1.1\r\nHost: localhost:1\r\n\r\n", 403},
        {"GET /hello HTTP/1.1\r\nHost: localhost:%d\r\nOrigin: http://evil.example\r\n\r\n", 403},
        {"GET /hello HTTP/1.1\r\nHost: localhost:%d\r\nOrigin: null\r\n\r\n", 403},
        {"GET /secret HTTP/1.1\r\nHost: localhost:%d\r\n\r\n", 401},
        {"GET /secret HTTP/1.1\r\nHost: localhost:%d\r\nAuthorization: Bearer sesam\r\n\r\n", 401},
        {"GET /secret HTTP/1.1\r\nHost: localhost:%d\r\nAuthorization: Bearer sesamf\r\n\r\n", 401},
        {"GET /secret HTTP/1.1\r\nHost: localhost:%d\r\nAuthorization: Basic sesame\r\n\r\n", 401},
        {"GET /secret?token=sesame HTTP/1.1\r\nHost: localhost:%d\r\n\r\n", 401},
        {"GET /secret HTTP/1.1\r\nHost: localhost:%d\r\nAuthorization: bearer sesame\r\n\r\n", 200},
        {"rubbish\r\n\r\n", 400},
    };
    (void)state;
    struct http_server *s = start(0);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        int fd = dial(s);
        say_port(fd, rows[i].head, s);
        if (strncmp(rows[i].head, "HEAD", 4) == 0 || strncmp(rows[i].head, "rub", 3) == 0)
            assert_int_equal(shutdown(fd, SHUT_WR), 0);
        int got = answer(fd);
        /* What is no request at all may also just be closed. */
        if (got != rows[i].status && !(got == 0 && strncmp(rows[i].head, "rub", 3) == 0))
            fail_msg("%d, not %d: %s", got, rows[i].status, rows[i].head);
        close(fd);
    }
    http_server_stop(s);
}

static void test_goes_on(void **state)
{
    char head[200];
    (void)state;
    struct http_server *s = start(0);
    int n = snprintf(head, sizeof(head), "GET /hello HTTP/1.1\r\nHost: localhost:%d\r\n\r\n",
                     http_server_port(s));
    int fd = dial(s);
    for (int i = 0; i < 3; i++) {
        say(fd, head, (size_t)n);
        assert_int_equal(answer(fd), 200);
    }
    close(fd);
    http_server_stop(s);
}

/* Bound to all addresses, the one that was called is the server's own, and no other. */
static void test_any(void **state)
{
    static const struct {
        const char *head; /* %d: the port */
        int status;
    } rows[] = {
        {"GET /hello HTTP/1.1\r\nHost: 127.0.0.2:%d\r\n\r\n", 200},
        {"GET /hello HTTP/1.1\r\nHost: 127.0.0.2:%d\r\nOrigin: http://127.0.0.2:%d\r\n\r\n", 200},
        {"GET /hello HTTP/1.1\r\nHost: 0.0.0.0:%d\r\n\r\n", 200},
        {"GET /hello HTTP/1.1\r\nHost: 127.0.0.3:%d\r\n\r\n", 403},
        {"GET /hello HTTP/1.1\r\nHost: evil.example:%d\r\n\r\n", 403},
        {"GET /hello HTTP/1.1\r\nHost: 127.0.0.2:%d\r\nOrigin: http://127.0.0.3:%d\r\n\r\n", 403},
    };
    (void)state;
    struct http_server *s = start_at("0.0.0.0", 0);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        int fd = dial_at(s, "127.0.0.2");
        say_port(fd, rows[i].head, s);
        int got = answer(fd);
        if (got != rows[i].status)
            fail_msg("%d, not %d: %s", got, rows[i].status, rows[i].head);
        close(fd);
    }
    http_server_stop(s);
}

/* An answer that was waited for has its time, too: whoever does not take it is shown the door. */
static void test_not_taken(void **state)
{
    (void)state;
    struct http_server *s = start(100);
    int fd = dial(s);
    say_port(fd, "GET /large HTTP/1.1\r\nHost: localhost:%d\r\n\r\n", s);
    for (int64_t until = clock_mono_ms() + 20000; !atomic_load(&large_ended) && clock_mono_ms() < until;)
        (void)poll(NULL, 0, 1);
    assert_true(atomic_load(&large_ended));
    close(fd);
    http_server_stop(s);
}

/* Whoever sends a letter now and then is never silent, and is shown the door all the same. */
static void test_drips(void **state)
{
    (void)state;
    struct http_server *s = start(100);
    int fd = dial(s);
    say(fd, "GET /hello HTTP/1.1\r\nX: ", 24);
    int64_t until = clock_mono_ms() + 20000;
    bool closed = false;
    while (!closed && clock_mono_ms() < until) {
        struct pollfd p = {fd, POLLIN, 0};
        closed = send(fd, "x", 1, MSG_NOSIGNAL) < 0;
        if (!closed && poll(&p, 1, 10) == 1) {
            char c;
            closed = recv(fd, &c, 1, 0) <= 0;
        }
    }
    assert_true(closed);
    close(fd);
    http_server_stop(s);
}

static void test_large_head(void **state)
{
    (void)state;
    struct http_server *s = start(0);
    int fd = dial(s);
    CLEANUP(buf_free) struct buf text = BUF_OWN;
    buf_puts(&text, "GET /hello HTTP/1.1\r\nHost: localhost\r\nX: ");
    buf_fill(&text, 'x', HTTP_HEAD_MAX);
    buf_puts(&text, "\r\n\r\n");
    say(fd, text.data, text.len);
    int got = answer(fd);
    assert_true(got == 431 || got == 0);
    close(fd);
    http_server_stop(s);
}

static void test_taken(void **state)
{
    struct err e = ERR_INIT;
    (void)state;
    struct http_server *s = start(0);
    struct http_options o = {.name = "127.0.0.1", .port = http_server_port(s), .callers = &caller, .n_callers = 1,
                             .routes = routes, .n_routes = 1};
    assert_null(http_server_start(&o, &e));
    assert_int_equal(e.code, ERR_EXISTS);
    assert_non_null(strstr(err_hint_text(&e), "another program"));
    http_server_stop(s);
    o.name = "192.0.2.1"; /* for documentation, RFC 5737: nobody's */
    o.port = 0;
    assert_null(http_server_start(&o, &e));
    assert_non_null(strstr(err_hint_text(&e), "no such address"));
}

/* Whoever waits when the server ends is told so, whole; whoever never reads holds nobody up. */
static void test_stop(void **state)
{
    enum { CLIENTS = 20 };
    static const char wait[] = "GET /wait HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
    int fds[CLIENTS];
    (void)state;
    struct http_server *s = start(0);
    for (int i = 0; i < CLIENTS; i++) {
        fds[i] = dial(s);
        say(fds[i], wait, sizeof(wait) - 1);
    }
    for (int64_t until = clock_mono_ms() + 20000; atomic_load(&waiting) < CLIENTS && clock_mono_ms() < until;)
        (void)poll(NULL, 0, 1);
    assert_int_equal(atomic_load(&waiting), CLIENTS);
    http_server_stop(s);
    assert_int_equal(atomic_load(&waiting), 0);
    for (int i = 0; i < CLIENTS; i++) {
        assert_int_equal(answer(fds[i]), 503);
        close(fds[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shapes),     cmocka_unit_test(test_goes_on), cmocka_unit_test(test_drips),
        cmocka_unit_test(test_large_head), cmocka_unit_test(test_taken),
        cmocka_unit_test(test_stop),       cmocka_unit_test(test_any),     cmocka_unit_test(test_not_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
