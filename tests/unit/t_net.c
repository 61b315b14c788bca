/* SPDX-License-Identifier: MIT
 *
 * t_net: the net thread against servers of its own on loopback: one connection for many requests,
 * a reader that is slow, an end in each phase, and a name server that never answers.
 */
#include "lib/test.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/thread.h"
#include "net/net.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { LONG_MS = 60 * 1000, BIG = 50 << 20, LINE = 64, PIECES = 500 };

/* ---- names: libcurl's threads ask this one ---- */

static atomic_int asked;           /* who waits for slow.test */
static atomic_bool name_came_back; /* let them go */

int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
                struct addrinfo **ret)
{
    (void)service, (void)hints, (void)ret;
    if (strcmp(name, "slow.test") == 0) {
        atomic_fetch_add(&asked, 1);
        while (!atomic_load(&name_came_back))
            nanosleep(&(struct timespec){0, 5000000}, NULL);
        atomic_fetch_sub(&asked, 1);
    }
    return EAI_NONAME;
}

/* ---- how often the owner of a stream is woken ---- */

static atomic_int wakes;

int eventfd_write(int fd, eventfd_t value)
{
    atomic_fetch_add(&wakes, 1);
    return write(fd, &value, sizeof(value)) == (ssize_t)sizeof(value) ? 0 : -1;
}

/* ---- the server: a thread a connection; the path says what it does ---- */

static int server_fd, server_port;
static atomic_int connections, requests, gone; /* gone: the other side went away first */
static atomic_llong sent;                      /* bytes of /big */
static atomic_bool stuck;                      /* /big waits for room */
static struct thread acceptor;
static atomic_int serving;

static bool put(int fd, const char *p, size_t n)
{
    while (n) {
        ssize_t got = send(fd, p, n, MSG_NOSIGNAL);
        if (got <= 0)
            return false;
        p += got;
        n -= (size_t)got;
    }
    return true;
}

static bool says(int fd, const char *text)
{
    return put(fd, text, strlen(text));
}

static void until_gone(int fd)
{
    char c;
    while (recv(fd, &c, 1, 0) > 0)
        continue;
    atomic_fetch_add(&gone, 1);
}

static bool big(int fd)
{
    char head[100], line[LINE];
    snprintf(head, sizeof(head), "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", BIG);
    says(fd, head);
    for (int i = 0; i < BIG / LINE; i++) {
        struct pollfd p = {.fd = fd, .events = POLLOUT};
        snprintf(line, sizeof(line), "%062d\n", i);
        line[LINE - 1] = '.';
        if (poll(&p, 1, 500) == 0)
            atomic_store(&stuck, true);
        if (!put(fd, line, LINE))
            return false;
        atomic_fetch_add(&sent, LINE);
    }
    return true;
}

static bool many_headers(int fd, int n, size_t size)
{
    bool ok = says(fd, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n");
    char *value = mem_grow(NULL, size + 1, 1);
    memset(value, 'v', size);
    value[size] = '\0';
    for (int i = 1; ok && i < n; i++)
        ok = says(fd, "x-more: ") && says(fd, value) && says(fd, "\r\n");
    free(value);
    return ok && says(fd, "\r\n");
}

/* In one segment, as they come when they come quickly. */
static bool pieces(int fd)
{
    CLEANUP(buf_free) struct buf b = BUF_OWN;
    buf_puts(&b, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (int i = 0; i < PIECES; i++)
        buf_puts(&b, "5\r\npiece\r\n");
    buf_puts(&b, "0\r\n\r\n");
    return put(fd, b.data, b.len);
}

static bool hello(int fd)
{
    return says(fd, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
}

/* False: the connection is closed. */
static bool answer(int fd, const char *path)
{
    if (strncmp(path, "/headers/", 9) == 0)
        return many_headers(fd, atoi(path + 9), 4);
    if (strncmp(path, "/line/", 6) == 0)
        return many_headers(fd, 2, strtoul(path + 6, NULL, 10));
    if (strcmp(path, "/big") == 0)
        return big(fd);
    if (strcmp(path, "/pieces") == 0)
        return pieces(fd);
    if (strcmp(path, "/stall") == 0)
        return until_gone(fd), false;
    if (strcmp(path, "/hasty") == 0) { /* answers before it has read what was asked, and then does that */
        says(fd, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n");
        return until_gone(fd), false;
    }
    if (strcmp(path, "/half") == 0) {
        says(fd, "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhalf");
        return until_gone(fd), false;
    }
    if (strcmp(path, "/rest") == 0) {
        says(fd, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n");
        return says(fd, "6\r\nno one\r\n0\r\n\r\n");
    }
    if (strcmp(path, "/short") == 0)
        return says(fd, "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhalf"), false;
    if (strcmp(path, "/nothing") == 0)
        return false;
    if (strcmp(path, "/ssh") == 0)
        return says(fd, "SSH-2.0-x\r\n\r\n"), false;
    if (strcmp(path, "/elsewhere") == 0)
        return says(fd, "HTTP/1.1 302 x\r\nLocation: /hello\r\nContent-Length: 0\r\n\r\n");
    if (strcmp(path, "/early") == 0)
        return says(
            fd, "HTTP/1.1 103 x\r\nX-Which: early\r\n\r\n"
                "HTTP/1.1 429 x\r\nX-Which:  late \r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n");
    if (strcmp(path, "/after-date") == 0) {
        char text[200];
        struct tm tm;
        time_t at = time(NULL) + 100;
        strftime(text, sizeof(text),
                 "HTTP/1.1 503 x\r\nRetry-After: %a, %d %b %Y %H:%M:%S GMT\r\n"
                 "Content-Length: 0\r\n\r\n",
                 gmtime_r(&at, &tm));
        return says(fd, text);
    }
    if (strncmp(path, "/after/", 7) == 0)
        return says(fd, "HTTP/1.1 503 x\r\nContent-Length: 0\r\nRetry-After: ") &&
               says(fd, path + 7) && says(fd, "\r\n\r\n");
    return hello(fd);
}

static void serve(void *arg)
{
    int fd = (int)(intptr_t)arg;
    struct buf in = BUF_OWN;
    bool more = true;
    while (more) {
        char *at = strstr(buf_cstr(&in), "\r\n\r\n");
        if (!at) {
            char *room = buf_room(&in, 4097);
            ssize_t n = recv(fd, room, 4096, 0);
            if (n <= 0)
                break;
            in.len += (size_t)n;
            room[n] = '\0';
            if (in.data[0] != 0x16) /* no HTTP, but the hello of TLS */
                continue;
            says(fd, "HTTP/1.1 400 x\r\n\r\n");
            break;
        }
        size_t head = (size_t)(at + 4 - in.data);
        char path[100];
        assert_int_equal(sscanf(in.data, "%*s %99s", path), 1);
        buf_drop(&in, head); /* of a body nothing is kept: tests send bodies that fit a segment */
        if (strncmp(path, "/post", 5) == 0)
            buf_clear(&in);
        atomic_fetch_add(&requests, 1);
        more = answer(fd, path);
    }
    buf_free(&in);
    close(fd);
    atomic_fetch_sub(&serving, 1);
}

static void accept_all(void *arg)
{
    struct pool *pool = arg;
    for (;;) {
        int fd = accept4(server_fd, NULL, NULL, SOCK_CLOEXEC);
        if (fd < 0)
            break;
        atomic_fetch_add(&connections, 1);
        atomic_fetch_add(&serving, 1);
        if (!pool_run(pool, serve, (void *)(intptr_t)fd))
            close(fd);
    }
}

static int listen_here(int backlog, int *ret_port)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof(at);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
    assert_int_equal(listen(fd, backlog), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &n), 0);
    *ret_port = ntohs(at.sin_port);
    return fd;
}

/* A port that takes no connection any more: its backlog is full. */
static int full_fd, full_port, full_with[8];

static void fill(void)
{
    full_fd = listen_here(0, &full_port);
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                             .sin_port = htons((uint16_t)full_port)};
    for (size_t i = 0; i < ARRAY_LEN(full_with); i++) {
        full_with[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        assert_true(full_with[i] >= 0);
        if (connect(full_with[i], (struct sockaddr *)&at, sizeof(at)) < 0)
            assert_int_equal(errno, EINPROGRESS);
    }
}

/* ---- asking ---- */

static char *url_of(const char *path)
{
    return mem_printf("http://127.0.0.1:%d%s", server_port, path);
}

static struct net_stream *ask(const char *path, const struct net_request *like, struct err *e)
{
    CLEANUP(mem_free_p) char *url = path[0] == '/' ? url_of(path) : mem_strdup(path);
    struct net_request r = *like;
    r.url = url;
    if (!r.deadline_ms)
        r.deadline_ms = clock_mono_ms() + LONG_MS;
    struct net_stream *s = net_open(&r, e);
    if (!s)
        fail_msg("%s: %s", path, e->message);
    return s;
}

/* All of the answer; false with the error. */
static bool read_all(struct net_stream *s, struct buf *out, struct err *e)
{
    struct str piece;
    do {
        if (!net_read(s, &piece, e))
            return false;
        buf_str(out, piece);
    } while (piece.p);
    return true;
}

static bool get(const char *path, const struct net_request *like, struct err *e)
{
    struct buf out = BUF_OWN;
    struct net_stream *s = ask(path, like, e);
    bool ok = read_all(s, &out, e);
    net_close(s);
    buf_free(&out);
    return ok;
}

static const struct net_request plain = {0};

/* ---- tests ---- */

static void test_one_connection(void **state)
{
    struct err e = ERR_INIT;
    int64_t opened = net_connections();
    int before = atomic_load(&connections), asked_before = atomic_load(&requests);
    (void)state;
    for (int i = 0; i < 50; i++) {
        struct buf out = BUF_OWN;
        struct net_request r = plain;
        if (i % 2)
            r.body = STR("{\"a\":1}");
        struct net_stream *s = ask(i % 2 ? "/post" : "/hello", &r, &e);
        OK(read_all(s, &out, &e));
        assert_int_equal(net_status(s), 200);
        assert_string_equal(buf_cstr(&out), "hello");
        if (i % 3)
            net_close(s);
        else
            net_finish(s);
        buf_free(&out);
    }
    assert_int_equal(atomic_load(&requests) - asked_before, 50);
    assert_int_equal(atomic_load(&connections) - before, 1);
    assert_true(net_connections() - opened <= 1); /* the last one's end may not be counted yet */
}

/* What is left of an answer is read in the background, and its connection serves the next. */
/* Once for the connection and once for each look that found something, however many pieces it found: not
 * for a head, a piece and an end each. */
static void test_one_wake_for_many_pieces(void **state)
{
    (void)state;
    enum { AT_A_LOOK = 100, WAKES = 2 + PIECES / AT_A_LOOK };
    struct err e = ERR_INIT;
    struct buf out = BUF_OWN;
    OK(get("/hello", &plain, &e)); /* the connection is there */
    for (int i = 0; i < 20; i++) {
        buf_clear(&out);
        atomic_store(&wakes, 0);
        struct net_stream *s = ask("/pieces", &plain, &e);
        OK(read_all(s, &out, &e));
        net_close(s);
        assert_int_equal(out.len, PIECES * strlen("piece"));
        assert_in_range(atomic_load(&wakes), 1, WAKES);
    }
    buf_free(&out);
}

static void test_finish(void **state)
{
    struct err e = ERR_INIT;
    (void)state;
    OK(get("/hello", &plain, &e));
    int before = atomic_load(&connections);
    struct str piece = STR("");
    for (int i = 0; i < 5; i++) {
        struct net_stream *s = ask("/rest", &plain, &e);
        do
            OK(net_read(s, &piece, &e));
        while (piece.n == 0);
        net_finish(s);
        OK(get("/hello", &plain, &e));
    }
    /* Two at once when the next was faster than the rest. */
    assert_true(atomic_load(&connections) - before <= 5);
    int gone_before = atomic_load(&gone);
    struct net_stream *s = ask("/half", &plain, &e);
    do
        OK(net_read(s, &piece, &e));
    while (piece.n == 0);
    net_finish(s); /* its rest never comes */
    for (int64_t until = clock_mono_ms() + LONG_MS; atomic_load(&gone) == gone_before;)
        assert_true(clock_mono_ms() < until && usleep(5000) == 0);
}

/* Whoever has heard enough may free what he asked, also when not all of it was sent. */
static void test_hasty(void **state)
{
    enum { BODY = 16 << 20 };
    struct err e = ERR_INIT;
    (void)state;
    for (int i = 0; i < 20; i++) {
        char *body = mem_grow(NULL, BODY, 1);
        struct net_request r = plain;
        struct str piece = STR("");
        memset(body, 'x', BODY);
        r.body = str_make(body, BODY);
        struct net_stream *s = ask("/hasty", &r, &e);
        do
            OK(net_read(s, &piece, &e));
        while (piece.n == 0);
        net_finish(s);
        free(body); /* the sanitizer says when it is read now */
    }
}

static void test_back_pressure(void **state)
{
    struct err e = ERR_INIT;
    struct str piece;
    size_t at = 0;
    (void)state;
    atomic_store(&sent, 0);
    atomic_store(&stuck, false);
    struct net_stream *s = ask("/big", &plain, &e);
    OK(net_read(s, &piece, &e));
    for (int64_t until = clock_mono_ms() + LONG_MS; !atomic_load(&stuck);)
        assert_true(clock_mono_ms() < until && usleep(5000) == 0);
    /* What is on its way: the buffer, and those of the kernel. */
    assert_in_range(atomic_load(&sent), NET_BUFFER_MAX / 2, NET_BUFFER_MAX + (24 << 20));
    for (; piece.p; at += piece.n) {
        assert_true(piece.n <= NET_BUFFER_MAX);
        for (size_t i = 0; i < piece.n; i += 997) {
            char line[LINE + 1];
            snprintf(line, sizeof(line), "%062zu\n.", (at + i) / LINE);
            assert_int_equal(piece.p[i], line[(at + i) % LINE]);
        }
        size_t n = piece.n;
        OK(net_read(s, &piece, &e));
        at += n - piece.n; /* the loop adds the new one's */
    }
    net_close(s);
    assert_int_equal(at, BIG);
}

/* Fires the token when `when` says so, and is asked every few milliseconds. */
struct trigger {
    struct cancel *cancel;
    bool (*when)(void);
    int times;
};

static int64_t trigger(void *arg)
{
    struct trigger *t = arg;
    if (++t->times > 20 && t->when())
        cancel_fire(t->cancel);
    return clock_mono_ms() + 5;
}

static int requests_before;

static bool at_once(void)
{
    return true;
}

static bool when_resolving(void)
{
    return atomic_load(&asked) > 0;
}

static bool when_asked(void)
{
    return atomic_load(&requests) > requests_before;
}

/* Cancels a request to `path`; it must end in this phase. */
static void cancel_in(const char *path, bool (*when)(void), enum err_phase phase)
{
    struct err e = ERR_INIT;
    struct buf out = BUF_OWN;
    struct trigger t = {.cancel = cancel_new(NULL), .when = when};
    struct net_request r = {.cancel = t.cancel, .idle = trigger, .idle_arg = &t};
    requests_before = atomic_load(&requests);
    struct net_stream *s = ask(path, &r, &e);
    FAILS(read_all(s, &out, &e), ERR_CANCELLED);
    if (e.phase != phase)
        fail_msg("%s: cancelled in %s", path, err_phase_name(e.phase));
    net_close(s);
    cancel_unref(t.cancel);
    buf_free(&out);
}

static void test_cancel(void **state)
{
    struct err e = ERR_INIT;
    (void)state;
    CLEANUP(mem_free_p) char *full = mem_printf("http://127.0.0.1:%d/", full_port);
    cancel_in(full, at_once, PHASE_PROVIDER_CONNECT);
    int before = atomic_load(&gone);
    cancel_in("/stall", when_asked, PHASE_PROVIDER_WAIT);
    cancel_in("/half", when_asked, PHASE_STREAM);
    for (int64_t until = clock_mono_ms() + LONG_MS; atomic_load(&gone) < before + 2;)
        assert_true(clock_mono_ms() < until && usleep(5000) == 0); /* the server sees it, too */
    OK(get("/hello", &plain, &e));
}

/* A name server that does not answer holds up neither the end of its own request nor others'. */
static void test_slow_name(void **state)
{
    struct err e = ERR_INIT;
    (void)state;
    cancel_in("http://slow.test/", when_resolving, PHASE_PROVIDER_CONNECT);
    assert_true(atomic_load(&asked) > 0); /* it still waits, and nobody for it */
    OK(get("/hello", &plain, &e));
    FAILS(get("http://slow.test/", &(struct net_request){.connect_ms = 50}, &e), ERR_TIMEOUT);
    assert_int_equal(e.phase, PHASE_PROVIDER_CONNECT);
    atomic_store(&name_came_back, true);
    for (int64_t until = clock_mono_ms() + LONG_MS; atomic_load(&asked);)
        assert_true(clock_mono_ms() < until && usleep(5000) == 0);
    e = (struct err)ERR_INIT;
    FAILS(get("http://none.test/", &plain, &e), ERR_PROVIDER_UNAVAILABLE);
    assert_non_null(strstr(e.message, "none.test"));
}

static void test_limits(void **state)
{
    CLEANUP(mem_free_p) char *full = mem_printf("http://127.0.0.1:%d/", full_port);
    const struct {
        const char *path;
        struct net_request r;
        enum err_phase phase;
        const char *text;
    } rows[] = {
        {full, {.connect_ms = 60}, PHASE_PROVIDER_CONNECT, "not reached in its time"},
        {full, {.deadline_ms = 1}, PHASE_PROVIDER_CONNECT, "in the time of the request"},
        {"/stall", {.connect_ms = LONG_MS, .wait_ms = 60}, PHASE_PROVIDER_WAIT, "did not answer"},
        {"/half", {.wait_ms = LONG_MS, .idle_ms = 60}, PHASE_STREAM, "fell silent"},
        {"/half", {.deadline_ms = 200}, PHASE_STREAM, "in the time of the request"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct err e = ERR_INIT;
        struct net_request r = rows[i].r;
        if (r.deadline_ms)
            r.deadline_ms += clock_mono_ms();
        FAILS(get(rows[i].path, &r, &e), ERR_TIMEOUT);
        if (e.phase != rows[i].phase && !(i == 4 && e.phase == PHASE_PROVIDER_WAIT))
            fail_msg("row %zu: phase %s", i, err_phase_name(e.phase));
        if (!strstr(e.message, rows[i].text))
            fail_msg("row %zu: %s", i, e.message);
    }
}

static void test_failures(void **state)
{
    static const struct {
        const char *path;
        enum err_code code;
        enum err_phase phase;
    } rows[] = {
        {"http://127.0.0.1:1/", ERR_PROVIDER_UNAVAILABLE, PHASE_PROVIDER_CONNECT},
        {"gopher://127.0.0.1/", ERR_CONFIG, PHASE_PROVIDER_CONNECT},
        {"/nothing", ERR_STREAM_CUT, PHASE_PROVIDER_WAIT},
        {"/ssh", ERR_STREAM_INVALID, PHASE_PROVIDER_WAIT},
        {"/short", ERR_STREAM_CUT, PHASE_STREAM},
        {"/headers/101", ERR_STREAM_INVALID, PHASE_PROVIDER_WAIT},
        {"/line/66000", ERR_STREAM_INVALID, PHASE_PROVIDER_WAIT},
        {"/line/3000000", ERR_STREAM_INVALID, PHASE_PROVIDER_WAIT},
    };
    struct err e = ERR_INIT;
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        e = (struct err)ERR_INIT;
        FAILS(get(rows[i].path, &plain, &e), rows[i].code);
        if (e.phase != rows[i].phase)
            fail_msg("%s: phase %s: %s", rows[i].path, err_phase_name(e.phase), e.message);
    }
    e = (struct err)ERR_INIT;
    OK(get("/headers/99", &plain, &e));
    OK(get("/line/60000", &plain, &e));
    CLEANUP(mem_free_p) char *tls = mem_printf("https://127.0.0.1:%d/ssh", server_port);
    FAILS(get(tls, &plain, &e), ERR_PROVIDER_UNAVAILABLE);
}

/* The head of the answer: its last one, no redirect followed, and what it says of time. */
static void test_head(void **state)
{
    static const struct {
        const char *path;
        int64_t from, to;
    } rows[] = {
        {"/after/3", 3000, 3000},
        {"/after/0", 0, 0},
        {"/after/-5", 0, 0},
        {"/after/soon", 0, 0},
        {"/after/99999999999", (int64_t)30 * 24 * 3600 * 1000, (int64_t)30 * 24 * 3600 * 1000},
        {"/after/99999999999999999999999", 0, 0},
        {"/after-date", 1000, 101000},
        {"/hello", 0, 0},
    };
    struct err e = ERR_INIT;
    struct buf out = BUF_OWN;
    char value[8];
    (void)state;
    struct net_stream *s = ask("/elsewhere", &plain, &e);
    OK(read_all(s, &out, &e));
    assert_int_equal(net_status(s), 302);
    net_close(s);
    s = ask("/early", &plain, &e);
    OK(read_all(s, &out, &e));
    assert_int_equal(net_status(s), 429);
    assert_true(net_header(s, "x-which", value, sizeof(value)));
    assert_string_equal(value, "late");
    assert_true(net_header(s, "Content-Length", value, 1));
    assert_string_equal(value, "");
    assert_false(net_header(s, "x-whic", value, sizeof(value)));
    assert_int_equal(net_retry_after_ms(s), 7000);
    net_close(s);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        s = ask(rows[i].path, &plain, &e);
        OK(read_all(s, &out, &e));
        int64_t ms = net_retry_after_ms(s);
        if (ms < rows[i].from || ms > rows[i].to)
            fail_msg("%s: %lld", rows[i].path, (long long)ms);
        net_close(s);
    }
    buf_free(&out);
}

/* Eight threads at once; each reads its own answer. */
static void ask_often(void *arg)
{
    atomic_int *good = arg;
    for (int i = 0; i < 25; i++) {
        struct err e = ERR_INIT;
        struct buf out = BUF_OWN;
        bool half = i % 5 == 4; /* only what falls silent has a limit to its silence */
        CLEANUP(mem_free_p) char *url = url_of(half ? "/half" : "/hello");
        struct net_request r = {
            .url = url, .deadline_ms = clock_mono_ms() + LONG_MS, .idle_ms = half ? 5 : 0};
        struct net_stream *s = net_open(&r, &e);
        bool ok = s && read_all(s, &out, &e);
        if (half ? e.code == ERR_TIMEOUT : ok && strcmp(buf_cstr(&out), "hello") == 0)
            atomic_fetch_add(good, 1);
        if (i % 2)
            net_close(s);
        else if (s)
            net_finish(s);
        buf_free(&out);
    }
}

static void test_threads(void **state)
{
    struct thread t[8] = {0};
    struct err e = ERR_INIT;
    atomic_int good = 0;
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(t); i++)
        OK(thread_start(&t[i], "ask", 0, ask_often, &good, &e));
    for (size_t i = 0; i < ARRAY_LEN(t); i++)
        thread_join(&t[i]);
    assert_int_equal(atomic_load(&good), 8 * 25);
}

/* A proxy that is not there is named, without its password. */
static void test_proxy(void **state)
{
    struct err e = ERR_INIT;
    (void)state;
    setenv("http_proxy", "http://me:p@ss@127.0.0.1:1", 1); /* what libcurl can not read */
    FAILS(get("http://model.test/", &plain, &e), ERR_PROVIDER_UNAVAILABLE);
    assert_null(strstr(e.message, "ss@"));
    e = (struct err)ERR_INIT;
    setenv("http_proxy", "http://me:p%40ss@127.0.0.1:1", 1);
    FAILS(get("http://model.test/", &plain, &e), ERR_PROVIDER_UNAVAILABLE);
    unsetenv("http_proxy");
    if (!strstr(e.message, "the proxy 127.0.0.1:1"))
        fail_msg("%s", e.message);
    assert_null(strstr(e.message, "40ss"));
}

/* The last: the thread does not begin again. Requests in all phases end, whoever waits for them. */
static void read_to_the_end(void *arg)
{
    struct net_stream *s = arg;
    struct buf out = BUF_OWN;
    struct err e = ERR_INIT;
    if (read_all(s, &out, &e) || e.code != ERR_CANCELLED)
        fprintf(stderr, "# a stream ended with %s\n", err_code_name(e.code)), abort();
    net_close(s);
    buf_free(&out);
}

static void test_stop(void **state)
{
    struct err e = ERR_INIT;
    CLEANUP(mem_free_p) char *full = mem_printf("http://127.0.0.1:%d/", full_port);
    const char *paths[] = {full, "/stall", "/half", "/big"};
    struct net_stream *unread = ask("/half", &plain, &e), *left = ask("/big", &plain, &e);
    struct thread t[ARRAY_LEN(paths)] = {0};
    struct str piece;
    (void)state;
    OK(net_read(unread, &piece, &e));
    OK(net_read(left, &piece, &e));
    requests_before = atomic_load(&requests);
    for (size_t i = 0; i < ARRAY_LEN(paths) - 1; i++)
        OK(thread_start(&t[i], "wait", 0, read_to_the_end, ask(paths[i], &plain, &e), &e));
    for (int64_t until = clock_mono_ms() + LONG_MS; atomic_load(&requests) < requests_before + 2;)
        assert_true(clock_mono_ms() < until && usleep(5000) == 0);
    net_stop();
    for (size_t i = 0; i < ARRAY_LEN(t); i++)
        thread_join(&t[i]);
    net_close(unread);
    net_finish(left);
    struct net_request r = {.url = full};
    assert_null(net_open(&r, &e));
    assert_int_equal(e.code, ERR_SHUTTING_DOWN);
    net_stop();
}

/* ---- */

static struct pool *servers;

static int set_up(void **state)
{
    struct err e = ERR_INIT;
    static const char *const variables[] = {"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy",
                                            "ALL_PROXY",  "no_proxy",    "NO_PROXY"};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(variables); i++)
        unsetenv(variables[i]);
    server_fd = listen_here(64, &server_port);
    servers = pool_new("server", 64, 0);
    fill();
    OK(thread_start(&acceptor, "accept", 0, accept_all, servers, &e));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    shutdown(server_fd, SHUT_RDWR);
    thread_join(&acceptor);
    pool_free(servers);
    close(server_fd);
    close(full_fd);
    for (size_t i = 0; i < ARRAY_LEN(full_with); i++)
        close(full_with[i]);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_connection), cmocka_unit_test(test_one_wake_for_many_pieces),
        cmocka_unit_test(test_finish), cmocka_unit_test(test_hasty),
        cmocka_unit_test(test_back_pressure),  cmocka_unit_test(test_cancel),
        cmocka_unit_test(test_slow_name),      cmocka_unit_test(test_limits),
        cmocka_unit_test(test_failures),       cmocka_unit_test(test_head),
        cmocka_unit_test(test_threads),        cmocka_unit_test(test_proxy),
        cmocka_unit_test(test_stop),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
