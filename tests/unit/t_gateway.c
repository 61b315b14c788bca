/* SPDX-License-Identifier: MIT
 *
 * The gateway beside a running core, by real sockets: who may call which route, and that whoever
 * follows the events has exactly the log, also after he was away.
 */
#include "gateway/gateway.h"
#include "gateway/socket.h"

#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"
#include "lib/core.h"
#include "lib/test.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static const char script[] = "{\"text\":\"one\"}\n{\"text\":\"two\"}\n{\"stall\":true}\n";

struct set {
    struct fixture f;
    struct gateway *g;
    char token[128], view[128];
};

static void open_set(struct set *s, const char *name)
{
    struct err e = ERR_INIT;
    struct buf b = {.max = 1024};
    *s = (struct set){0};
    fixture_open(&s->f, name, script);
    fixture_start(&s->f);
    struct gateway_options o = {.hub = core_hub(s->f.core),
                                .reader = core_reader(s->f.core),
                                .actor = core_actor(s->f.core),
                                .sink = core_sink(s->f.core),
                                .proc = core_proc(s->f.core),
                                .store = core_store_name(s->f.core),
                                .state_dir = s->f.state,
                                .name = "127.0.0.1"};
    s->g = gateway_start(&o, &e);
    if (!s->g)
        fail_msg("%s", e.message);
    assert_true(fs_read_file(gateway_token_path(s->g), &b, &e));
    snprintf(s->token, sizeof(s->token), "%.*s", (int)str_trim(buf_view(&b)).n, b.data);
    buf_clear(&b);
    CLEANUP(mem_free_p) char *view = fs_join(s->f.state, "gateway.view.token");
    assert_true(fs_read_file(view, &b, &e));
    snprintf(s->view, sizeof(s->view), "%.*s", (int)str_trim(buf_view(&b)).n, b.data);
    buf_free(&b);
}

static void close_set(struct set *s)
{
    gateway_stop(s->g);
    fixture_stop(&s->f);
    fixture_close(&s->f);
}

static int send_to(struct set *s, const char *method, const char *path, const char *token, const char *more,
                   const char *body)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)gateway_port(s->g))};
    char head[1024], auth[200] = "";
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof(at)), 0);
    if (token)
        snprintf(auth, sizeof(auth), "Authorization: Bearer %s\r\n", token);
    char length[48] = "";
    if (body)
        snprintf(length, sizeof(length), "Content-Length: %zu\r\n", strlen(body));
    int n = snprintf(head, sizeof(head), "%s %s HTTP/1.1\r\nHost: localhost:%d\r\n%s%s%s\r\n", method, path,
                     gateway_port(s->g), auth, more, length);
    assert_int_equal(send(fd, head, (size_t)n, MSG_NOSIGNAL), n);
    if (body)
        assert_true(send(fd, body, strlen(body), MSG_NOSIGNAL) >= 0);
    return fd;
}

static int ask(struct set *s, const char *path, const char *token, const char *more)
{
    return send_to(s, "GET", path, token, more, NULL);
}

/* Reads on until `word` came; then out holds all of it. */
static void read_until(int fd, struct buf *out, const char *word)
{
    while (!strstr(buf_cstr(out), word)) {
        char text[4096];
        struct pollfd p = {fd, POLLIN, 0};
        if (poll(&p, 1, 20000) != 1)
            fail_msg("'%s' does not come: %s", word, buf_cstr(out));
        ssize_t n = recv(fd, text, sizeof(text), 0);
        if (n <= 0)
            fail_msg("it ends before '%s': %s", word, buf_cstr(out));
        buf_add(out, text, (size_t)n);
    }
}

static int status_of(int fd)
{
    struct buf out = BUF_OWN;
    read_until(fd, &out, "\r\n\r\n");
    int got = atoi(out.data + 9);
    buf_free(&out);
    close(fd);
    return got;
}

static int status(struct set *s, const char *path, const char *token, const char *more)
{
    return status_of(ask(s, path, token, more));
}

static int posted(struct set *s, const char *path, const char *token, const char *body)
{
    return status_of(send_to(s, "POST", path, token, "", body));
}

/* A path that the row answers, and what it is called with. */
static int called(struct set *s, const struct http_route *r, const char *token, const char *more)
{
    const char *path = strstr(r->path, "queries")   ? "/gateway/operator/queries/session.list"
                       : strstr(r->path, "actions") ? "/gateway/operator/actions/session.new"
                                                    : r->path;
    bool post = strcmp(r->method, "POST") == 0;
    return status_of(send_to(s, r->method, path, token, more, post ? "{}" : NULL));
}

static void test_walk(void **state)
{
    struct set s;
    (void)state;
    open_set(&s, "gateway-walk");
    for (size_t i = 0; i < gateway_routes_n; i++) {
        const struct http_route *r = &gateway_routes[i];
        int without = r->auth == HTTP_OPEN ? 200 : 401;
        assert_int_equal(called(&s, r, s.token, ""), 200);
        assert_int_equal(called(&s, r, s.view, ""), r->role > ROLE_VIEW ? 403 : 200);
        assert_int_equal(called(&s, r, NULL, ""), without);
        assert_int_equal(called(&s, r, "", ""), without);
        assert_int_equal(called(&s, r, "0123", ""), without);
        s.token[3] ^= 1;
        assert_int_equal(called(&s, r, s.token, ""), without);
        s.token[3] ^= 1;
        assert_int_equal(called(&s, r, s.token, "Origin: http://evil.example\r\n"), 403);
        assert_int_equal(called(&s, r, s.token, "Host: evil.example\r\n"), 400);
    }
    assert_int_equal(status(&s, "/gateway/operator/state?sections=turns,tools", s.token, ""), 200);
    assert_int_equal(status(&s, "/gateway/operator/state?sections=turns,x", s.token, ""), 400);
    assert_int_equal(status(&s, "/gateway/operator/state?sections=", s.token, ""), 400);
    struct buf out = BUF_OWN;
    int fd = ask(&s, "/gateway/status", s.token, "");
    read_until(fd, &out, "\"auth\":{\"mode\":\"token\",\"auth_failures\":20");
    assert_null(strstr(out.data, s.token));
    buf_free(&out);
    close(fd);
    /* Many refusals of one address are one event in a minute, and the rest is said at the end. */
    gateway_stop(s.g);
    s.g = NULL;
    for (int64_t until = clock_mono_ms() + 20000;
         fixture_count(&s.f, "gateway.stopped", NULL) == 0 && clock_mono_ms() < until;)
        (void)poll(NULL, 0, 20);
    assert_int_equal(fixture_count(&s.f, "gateway.started", "127.0.0.1:"), 1);
    assert_int_equal(fixture_count(&s.f, "gateway.auth_failed", "127.0.0.1"), 2);
    assert_int_equal(fixture_count(&s.f, "gateway.auth_failed", "\"count\":19"), 1);
    close_set(&s);
}

/* Bodies of an action: what is not its arguments is refused with its reason, and nothing is done. */
static void test_bodies(void **state)
{
    static const struct {
        const char *path, *body;
        int status;
    } rows[] = {
        {"session.new", "{\"name\":\"one\"}", 200},
        {"session.new", "{\"name\":\"one\"}", 409},
        {"session.new", "{\"name\":1}", 400},
        {"session.new", "{\"name\":\"a\",\"name\":\"b\"}", 400},
        {"session.new", "{\"nam\":\"a\"}", 400},
        {"session.new", "{\"name\":\"a\"", 400},
        {"session.new", "[]", 400},
        {"session.new", "{\"name\":\"\xff\"}", 400},
        {"session.new", "", 200},
        {"turn.submit", "{}", 400},
        {"session.reset", "{\"session\":\"one\"}", 400},
        {"session.reset?confirm=yes", "{\"session\":\"one\"}", 200},
        {"session.switch", "{\"session\":\"nowhere\"}", 404},
        {"no.such", "{}", 404},
    };
    struct set s;
    (void)state;
    open_set(&s, "gateway-bodies");
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char path[200];
        snprintf(path, sizeof(path), "/gateway/operator/actions/%s", rows[i].path);
        int got = posted(&s, path, s.token, rows[i].body);
        if (got != rows[i].status)
            fail_msg("%s %s: %d instead of %d", rows[i].path, rows[i].body, got, rows[i].status);
    }
    CLEANUP(buf_free) struct buf large = BUF_OWN, out = BUF_OWN;
    buf_fill(&large, 'x', 70000);
    assert_int_equal(posted(&s, "/gateway/operator/actions/session.new", s.token, buf_cstr(&large)), 413);
    /* A body that nobody may send is not read. */
    assert_int_equal(posted(&s, "/gateway/operator/actions/session.new", NULL, "{}"), 401);
    assert_int_equal(posted(&s, "/gateway/operator/actions/session.new", s.view, "{}"), 403);
    /* Until its turn has ended. */
    int fd = send_to(&s, "POST", "/gateway/operator/actions/turn.submit?wait=done", s.token, "",
                     "{\"input\":\"say it\",\"source\":\"http\"}");
    read_until(fd, &out, "\"status\":\"completed\"");
    assert_non_null(strstr(out.data, "\"source\":\"http\""));
    close(fd);
    /* Who names no face came through this one. */
    buf_clear(&out);
    fd = send_to(&s, "POST", "/gateway/operator/actions/turn.submit?wait=done", s.token, "",
                 " {\"input\":\"say it\"}");
    read_until(fd, &out, "\"status\":\"completed\"");
    assert_non_null(strstr(out.data, "\"source\":\"gateway\""));
    close(fd);
    /* What makes no turn is done when it is there; nothing else happens meanwhile that would wake it. */
    for (int i = 0; i < 20; i++)
        assert_int_equal(posted(&s, "/gateway/operator/actions/task.create?wait=done", s.token, "{\"title\":\"t\"}"), 200);
    assert_int_equal(status(&s, "/gateway/operator/queries/session.list?limit=1", s.token, ""), 200);
    assert_int_equal(status(&s, "/gateway/operator/queries/session.list?limit=x", s.token, ""), 400);
    assert_int_equal(status(&s, "/gateway/operator/queries/no.such", s.token, ""), 404);
    close_set(&s);
}

/* The seqs of the ids in a stream, in order, as text. */
static char *ids(const char *stream)
{
    struct buf out = BUF_OWN;
    for (const char *p = stream; (p = strstr(p, "\nid: "));) {
        p = strchr(p + 5, ':') + 1;
        buf_printf(&out, "%d ", atoi(p));
    }
    return buf_take(&out);
}

static char *numbers(int from, int to)
{
    struct buf out = BUF_OWN;
    for (int i = from; i <= to; i++)
        buf_printf(&out, "%d ", i);
    return buf_take(&out);
}

static int newest(struct set *s)
{
    struct snapshot *snap = hub_snapshot(core_hub(s->f.core));
    int seq = (int)snap->seq;
    snapshot_unref(snap);
    return seq;
}

static void test_follow(void **state)
{
    struct set s;
    char last[100];
    (void)state;
    open_set(&s, "gateway-follow");
    struct buf live = BUF_OWN, again = BUF_OWN, strange = BUF_OWN, ping = BUF_OWN;
    int fd = ask(&s, "/gateway/operator/events?after=0", s.token, "");
    read_until(fd, &live, "\r\n\r\n");
    free(fixture_submit(&s.f, "first"));
    read_until(fd, &live, "\"turn.completed\"");
    char *turn = fixture_submit(&s.f, "second");
    assert_string_equal(fixture_ended(&s.f, turn), "completed");
    int end = newest(&s);
    snprintf(last, sizeof(last), "id: %s:%d\n", core_store_name(s.f.core), end);
    read_until(fd, &live, last);
    char *got = ids(live.data), *want = numbers(1, end);
    assert_string_equal(got, want); /* nothing twice, no hole, from the first on */
    assert_non_null(strstr(live.data, "\"kind\":\"turn.text_delta\"") ?: strstr(live.data, "\"turn.text\""));
    close(fd);
    free(got), free(want);

    /* Away since number 3. */
    char more[100];
    snprintf(more, sizeof(more), "Last-Event-ID: %s:3\r\n", core_store_name(s.f.core));
    fd = ask(&s, "/gateway/operator/events", s.token, more);
    read_until(fd, &again, last);
    got = ids(again.data), want = numbers(4, end);
    assert_string_equal(got, want);
    close(fd);
    free(got), free(want);

    /* An id of another store, or from the future: from the state on. */
    fd = ask(&s, "/gateway/operator/events", s.token, "Last-Event-ID: another:3\r\n");
    read_until(fd, &strange, "event: snapshot");
    assert_non_null(strstr(strange.data, "\"reset\":true"));
    read_until(fd, &strange, last);
    close(fd);
    fd = ask(&s, "/gateway/operator/events?after=999999", s.token, "");
    read_until(fd, &ping, "\"reset\":true");
    close(fd);
    free(turn);
    buf_free(&live), buf_free(&again), buf_free(&strange), buf_free(&ping);
    close_set(&s);
}

/* Whoever does not read holds up nobody: neither turns nor the end. */
static void test_deaf(void **state)
{
    struct set s;
    (void)state;
    open_set(&s, "gateway-deaf");
    int fds[20];
    for (size_t i = 0; i < ARRAY_LEN(fds); i++)
        fds[i] = ask(&s, "/gateway/operator/events?after=0", s.token, "");
    char *turn = fixture_submit(&s.f, "first");
    assert_string_equal(fixture_ended(&s.f, turn), "completed");
    free(turn);
    assert_int_equal(status(&s, "/healthz", NULL, ""), 200);
    close_set(&s);
    for (size_t i = 0; i < ARRAY_LEN(fds); i++)
        close(fds[i]);
}

/* The newest request of this path, once it is live, or over; and, with `made`, has made something. */
static struct http_seen request_of(struct set *s, const char *path, bool live, bool made)
{
    int64_t until = clock_mono_ms() + 20000;
    struct http_seen seen[GATEWAY_SEEN_MAX];
    while (clock_mono_ms() < until) {
        size_t n = gateway_seen(s->g, seen, GATEWAY_SEEN_MAX);
        while (n > 0 && strcmp(seen[n - 1].path, path) != 0)
            n--;
        if (n > 0 && seen[n - 1].live == live && (!made || seen[n - 1].about.seq > 0))
            return seen[n - 1];
        (void)poll(NULL, 0, 1);
    }
    fail_msg("%s is not seen as %s", path, live ? "live" : "over");
    return seen[0];
}

/* Reads to the end of the connection. */
static void read_all(int fd, struct buf *out)
{
    char text[4096];
    struct pollfd p = {fd, POLLIN, 0};
    for (ssize_t n = 1; n > 0;) {
        assert_int_equal(poll(&p, 1, 20000), 1);
        n = recv(fd, text, sizeof(text), 0);
        if (n > 0)
            buf_add(out, text, (size_t)n);
    }
    close(fd);
}

/* The operator ends a stream, and one that waits for a turn; the turn goes on. */
static void test_cut(void **state)
{
    struct set s;
    (void)state;
    open_set(&s, "gateway-cut");
    struct buf stream = BUF_OWN, wait = BUF_OWN;
    static const char events[] = "/gateway/operator/events", actions[] = "/gateway/operator/actions/*";
    int fd = ask(&s, events, s.token, "Connection: close\r\n");
    read_until(fd, &stream, "\r\n\r\n");
    struct http_seen r = request_of(&s, events, true, false);
    assert_string_equal(r.caller, "operator");
    for (int i = 0; i < GATEWAY_SEEN_MAX + 10; i++)
        assert_int_equal(status(&s, "/healthz", NULL, ""), 200);
    assert_int_equal(request_of(&s, events, true, false).id, r.id); /* it stays in the list */
    assert_true(gateway_cut(s.g, r.id));
    read_all(fd, &stream);
    assert_non_null(strstr(stream.data, "\r\n0\r\n\r\n")); /* RFC 9112, 7.1: it is whole */
    assert_int_equal(request_of(&s, events, false, false).id, r.id);
    assert_false(gateway_cut(s.g, r.id));
    assert_false(gateway_cut(s.g, 0));
    assert_false(gateway_cut(s.g, 1 << 20));

    for (int i = 0; i < 2; i++) {
        char *turn = fixture_submit(&s.f, "go on");
        assert_string_equal(fixture_ended(&s.f, turn), "completed");
        free(turn);
    }
    char body[128];
    snprintf(body, sizeof(body), "{\"session\":\"%s\",\"input\":\"stall\"}", s.f.session);
    fd = send_to(&s, "POST", "/gateway/operator/actions/turn.submit?wait=done", s.token, "Connection: close\r\n",
                 body);
    r = request_of(&s, actions, true, true);
    assert_string_equal(r.about.name, "turn.submit");
    assert_int_equal(r.status, 0);
    assert_true(gateway_cut(s.g, r.id));
    read_all(fd, &wait);
    assert_non_null(strstr(wait.data, " 503 "));
    assert_non_null(strstr(wait.data, "what it began goes on"));
    r = request_of(&s, actions, false, true);
    assert_int_equal(r.status, 503);
    assert_int_equal(gateway_requests(s.g), GATEWAY_SEEN_MAX + 12); /* an end is no request of its own */
    assert_string_equal(r.about.code, "cancelled");
    assert_int_equal(fixture_count(&s.f, "turn.cancelled", NULL), 0);
    buf_free(&stream), buf_free(&wait);
    close_set(&s);
}

/* New requests are refused, what goes on goes on, and who asks how it is hears it. */
static void test_drain(void **state)
{
    struct set s;
    (void)state;
    open_set(&s, "gateway-drain");
    struct buf stream = BUF_OWN, refused = BUF_OWN, how = BUF_OWN;
    int fd = ask(&s, "/gateway/operator/events", s.token, "");
    read_until(fd, &stream, "\r\n\r\n");
    assert_true(gateway_drain(s.g, true));
    assert_false(gateway_drain(s.g, true));
    for (size_t i = 0; i < gateway_routes_n; i++) {
        const struct http_route *r = &gateway_routes[i];
        bool ready = strcmp(r->path, "/readyz") == 0;
        int want = !r->calm || ready ? 503 : 200;
        assert_int_equal(status_of(send_to(&s, r->method, r->path, s.token, "", NULL)), want);
        if (r->auth == HTTP_TOKEN) /* who may not ask hears nothing of it */
            assert_int_equal(status_of(send_to(&s, r->method, r->path, NULL, "", NULL)), 401);
    }
    read_until(ask(&s, "/gateway/operator/state", s.token, ""), &refused, "\"draining\"");
    assert_non_null(strstr(refused.data, "\r\nRetry-After: 5\r\n"));
    read_until(ask(&s, "/gateway/status", s.token, ""), &how, "\"service_status\":\"draining\"");
    char *turn = fixture_submit(&s.f, "first");
    read_until(fd, &stream, "\"turn.completed\"");
    close(fd);
    assert_true(gateway_drain(s.g, false));
    assert_int_equal(status(&s, "/readyz", NULL, ""), 200);
    assert_int_equal(status(&s, "/gateway/operator/state", s.token, ""), 200);
    free(turn);
    buf_free(&stream), buf_free(&refused), buf_free(&how);
    close_set(&s);
}

static void test_token(void **state)
{
    struct set s;
    struct err e = ERR_INIT;
    struct stat st;
    (void)state;
    open_set(&s, "gateway-token");
    assert_int_equal(stat(gateway_token_path(s.g), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    CLEANUP(mem_free_p) char *path = mem_strdup(gateway_token_path(s.g));
    gateway_stop(s.g);
    s.g = NULL;
    struct gateway_options o = {.hub = core_hub(s.f.core), .reader = core_reader(s.f.core), .proc = "p",
                                .store = "s", .state_dir = s.f.state, .name = "127.0.0.1"};
    assert_int_equal(chmod(path, 0644), 0);
    assert_null(gateway_start(&o, &e));
    assert_int_equal(e.code, ERR_CONFIG);
    assert_int_equal(chmod(path, 0600), 0);
    s.g = gateway_start(&o, &e); /* the same word again */
    assert_non_null(s.g);
    assert_int_equal(status(&s, "/gateway/status", s.token, ""), 200);
    close_set(&s);
}

struct first {
    struct gateway_options o;
    pthread_barrier_t *both;
    struct gateway *g;
};

static void *start_first(void *arg)
{
    struct first *f = arg;
    struct err e = ERR_INIT;
    (void)pthread_barrier_wait(f->both);
    f->g = gateway_start(&f->o, &e);
    return NULL;
}

/* Two that start at once where there is no token yet: the one that is in the file opens both. */
static void test_two_first(void **state)
{
    enum { ROUNDS = 10 };
    struct set s;
    struct err e = ERR_INIT;
    pthread_barrier_t both;
    (void)state;
    open_set(&s, "gateway-two-first");
    CLEANUP(mem_free_p) char *path = mem_strdup(gateway_token_path(s.g));
    gateway_stop(s.g);
    assert_int_equal(pthread_barrier_init(&both, NULL, 2), 0);
    for (int round = 0; round < ROUNDS; round++) {
        struct first each[2];
        pthread_t threads[2];
        struct buf token = {.max = 1024};
        assert_int_equal(unlink(path), 0);
        for (int i = 0; i < 2; i++) {
            each[i] = (struct first){.both = &both,
                                     .o = {.hub = core_hub(s.f.core), .reader = core_reader(s.f.core), .proc = "p",
                                           .store = "s", .state_dir = s.f.state, .name = "127.0.0.1"}};
            assert_int_equal(pthread_create(&threads[i], NULL, start_first, &each[i]), 0);
        }
        for (int i = 0; i < 2; i++)
            assert_int_equal(pthread_join(threads[i], NULL), 0);
        OK(fs_read_file(path, &token, &e));
        snprintf(s.token, sizeof(s.token), "%.*s", STR_ARG(str_trim(buf_view(&token))));
        buf_free(&token);
        for (int i = 0; i < 2; i++) {
            s.g = each[i].g;
            assert_non_null(s.g);
            assert_int_equal(status(&s, "/gateway/status", s.token, ""), 200);
            gateway_stop(s.g);
        }
    }
    s.g = NULL;
    assert_int_equal(pthread_barrier_destroy(&both), 0);
    close_set(&s);
}

struct leaving {
    char *dir;
    atomic_bool over;
    atomic_int leave; /* so many, then nobody until more are asked for */
};

/* A socket with this name in the directory; it is nobody's once it is closed. */
static int put_socket(const char *dir, const char *name, int type)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
    assert_true((size_t)snprintf(at.sun_path, sizeof(at.sun_path), "%s/%s", dir, name) < sizeof(at.sun_path));
    assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
    return fd;
}

/* One that nobody listens at is removed; one that can not be asked for another reason is left. */
static void test_sockets(void **state)
{
    struct set s;
    struct err e = ERR_INIT;
    gateway_peers all = {0};
    (void)state;
    open_set(&s, "gateway-sockets");
    struct gateway_options o = {.hub = core_hub(s.f.core), .reader = core_reader(s.f.core), .proc = "p",
                                .store = "s", .state_dir = s.f.state};
    struct gateway_socket *own = gateway_socket_start(&o, &e);
    assert_non_null(own);
    OK(gateway_socket_list(s.f.state, &all, &e));
    assert_int_equal(all.n, 1);
    CLEANUP(mem_free_p) char *dir = mem_strndup(all.v[0].path, (size_t)(strrchr(all.v[0].path, '/') - all.v[0].path));
    gateway_peers_done(&all);
    close(put_socket(dir, "1.sock", SOCK_STREAM));
    int other = put_socket(dir, "2.sock", SOCK_DGRAM);
    OK(gateway_socket_list(s.f.state, &all, &e));
    assert_int_equal(all.n, 2);
    assert_int_equal(all.v[0].pid, 2);
    CLEANUP(mem_free_p) char *gone = fs_join(dir, "1.sock");
    assert_false(fs_exists(gone));
    assert_int_equal(unlink(all.v[0].path), 0);
    close(other);
    gateway_peers_done(&all);
    gateway_socket_stop(own);
    assert_false(fs_exists(dir)); /* it was the last */
    close_set(&s);
}

static void *remove_always(void *arg)
{
    struct leaving *l = arg;
    while (!atomic_load(&l->over))
        if (atomic_load(&l->leave) > 0 && rmdir(l->dir) == 0)
            atomic_fetch_sub(&l->leave, 1);
    return NULL;
}

/* Others on the same store leave, and take the directory along, while one starts. */
static void test_leaving(void **state)
{
    enum { ROUNDS = 200, LEAVERS = 20 };
    struct set s;
    struct err e = ERR_INIT;
    gateway_peers all = {0};
    struct leaving l = {.dir = NULL};
    pthread_t thread;
    (void)state;
    open_set(&s, "gateway-leaving");
    struct gateway_options o = {.hub = core_hub(s.f.core), .reader = core_reader(s.f.core), .proc = "p",
                                .store = "s", .state_dir = s.f.state};
    struct gateway_socket *own = gateway_socket_start(&o, &e);
    assert_non_null(own);
    OK(gateway_socket_list(s.f.state, &all, &e));
    l.dir = mem_strndup(all.v[0].path, (size_t)(strrchr(all.v[0].path, '/') - all.v[0].path));
    gateway_peers_done(&all);
    gateway_socket_stop(own);
    assert_int_equal(pthread_create(&thread, NULL, remove_always, &l), 0);
    for (int i = 0; i < ROUNDS; i++) {
        atomic_store(&l.leave, LEAVERS);
        own = gateway_socket_start(&o, &e);
        if (!own)
            fail_msg("round %d: %s", i, e.message);
        gateway_socket_stop(own);
    }
    atomic_store(&l.over, true);
    assert_int_equal(pthread_join(thread, NULL), 0);
    free(l.dir);
    close_set(&s);
}

/* Whoever could put another directory in the place of ours is not trusted, also not to look there. */
static void test_socket_dir(void **state)
{
    struct set s;
    struct err e = ERR_INIT;
    gateway_peers all = {0};
    char runtime[] = "/tmp/t_gateway-XXXXXX"; /* of this test alone, whose rights it changes */
    (void)state;
    assert_non_null(mkdtemp(runtime));
    assert_int_equal(setenv("XDG_RUNTIME_DIR", runtime, 1), 0);
    open_set(&s, "gateway-socket-dir");
    struct gateway_options o = {.hub = core_hub(s.f.core), .reader = core_reader(s.f.core), .proc = "p",
                                .store = "s", .state_dir = s.f.state};
    struct gateway_socket *own = gateway_socket_start(&o, &e);
    assert_non_null(own);
    OK(gateway_socket_list(s.f.state, &all, &e));
    CLEANUP(mem_free_p) char *dir = mem_strndup(all.v[0].path, (size_t)(strrchr(all.v[0].path, '/') - all.v[0].path));
    CLEANUP(mem_free_p) char *top = mem_strndup(dir, (size_t)(strrchr(dir, '/') - dir));
    gateway_peers_done(&all);
    const char *const rows[] = {top, dir};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        assert_int_equal(chmod(rows[i], 0770), 0);
        assert_false(gateway_socket_list(s.f.state, &all, &e));
        assert_int_equal(all.n, 0);
        assert_non_null(strstr(err_hint_text(&e), "chmod 700"));
        assert_null(gateway_socket_start(&o, &e));
        assert_int_equal(chmod(rows[i], 0700), 0);
        e = (struct err)ERR_INIT;
    }
    gateway_socket_stop(own);
    close_set(&s);
    assert_int_equal(unsetenv("XDG_RUNTIME_DIR"), 0);
    OK(fs_remove_tree(runtime, &e));
}

/* Whatever number is left when it starts: it is whole, and wakes its streams, or says why it is not. */
static void test_few_descriptors(void **state)
{
    enum { ENOUGH = 40 };
    struct set s;
    bool up = false;
    (void)state;
    open_set(&s, "gateway-descriptors");
    gateway_stop(s.g);
    struct gateway_options o = {.hub = core_hub(s.f.core), .reader = core_reader(s.f.core), .proc = "p",
                                .store = "s", .state_dir = s.f.state, .name = "127.0.0.1"};
    for (int n = 0; n < ENOUGH && !up; n++) {
        struct err e = ERR_INIT;
        test_descriptors(n);
        s.g = gateway_start(&o, &e);
        test_descriptors(-1);
        up = s.g != NULL;
        if (!up && !err_hint_text(&e)[0])
            fail_msg("%d are left: %s, and no hint", n, e.message);
    }
    assert_true(up);
    CLEANUP(buf_free) struct buf live = BUF_OWN;
    int fd = ask(&s, "/gateway/operator/events", s.token, "");
    read_until(fd, &live, ": tau");
    char *turn = fixture_submit(&s.f, "first");
    read_until(fd, &live, "turn.completed");
    close(fd);
    free(turn);
    close_set(&s);
}

/* Where nobody can be served, nobody waits for an answer. */
static void test_door_without(void **state)
{
    struct set s;
    struct err e = ERR_INIT;
    gateway_peers all = {0};
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    char c;
    (void)state;
    open_set(&s, "gateway-door");
    struct gateway_options o = {.hub = core_hub(s.f.core), .reader = core_reader(s.f.core), .proc = "p",
                                .store = "s", .state_dir = s.f.state};
    struct gateway_socket *own = gateway_socket_start(&o, &e);
    assert_non_null(own);
    OK(gateway_socket_list(s.f.state, &all, &e));
    snprintf(at.sun_path, sizeof(at.sun_path), "%s", all.v[0].path);
    gateway_peers_done(&all);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    test_descriptors(0);
    assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof(at)), 0);
    struct pollfd p = {fd, POLLIN, 0};
    assert_int_equal(poll(&p, 1, 20000), 1);
    test_descriptors(-1);
    assert_true(recv(fd, &c, 1, 0) <= 0);
    assert_false(fs_exists(at.sun_path));
    close(fd);
    gateway_socket_stop(own);
    close_set(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_walk), cmocka_unit_test(test_bodies), cmocka_unit_test(test_follow),
                                       cmocka_unit_test(test_deaf), cmocka_unit_test(test_cut),
                                       cmocka_unit_test(test_drain), cmocka_unit_test(test_token), cmocka_unit_test(test_two_first),
                                       cmocka_unit_test(test_sockets), cmocka_unit_test(test_socket_dir),
                                       cmocka_unit_test(test_leaving),
                                       cmocka_unit_test(test_few_descriptors), cmocka_unit_test(test_door_without)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
