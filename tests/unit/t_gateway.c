/* SPDX-License-Identifier: MIT
 *
 * The gateway beside a running core, by real sockets: who may call which route, and that whoever
 * follows the events has exactly the log, also after he was away.
 */
#include "gateway/gateway.h"

#include "base/fs.h"
#include "base/mem.h"
#include "lib/core.h"
#include "lib/test.h"

#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static const char script[] = "{\"text\":\"one\"}\n{\"text\":\"two\"}\n";

struct set {
    struct fixture f;
    struct gateway *g;
    char token[128];
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
                                .proc = core_proc(s->f.core),
                                .store = core_store_name(s->f.core),
                                .state_dir = s->f.state,
                                .name = "127.0.0.1"};
    s->g = gateway_start(&o, &e);
    if (!s->g)
        fail_msg("%s", e.message);
    assert_true(fs_read_file(gateway_token_path(s->g), &b, &e));
    snprintf(s->token, sizeof(s->token), "%.*s", (int)str_trim(buf_view(&b)).n, b.data);
    buf_free(&b);
}

static void close_set(struct set *s)
{
    gateway_stop(s->g);
    fixture_stop(&s->f);
    fixture_close(&s->f);
}

static int ask(struct set *s, const char *path, const char *token, const char *more)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)gateway_port(s->g))};
    char head[1024], auth[200] = "";
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof(at)), 0);
    if (token)
        snprintf(auth, sizeof(auth), "Authorization: Bearer %s\r\n", token);
    int n = snprintf(head, sizeof(head), "GET %s HTTP/1.1\r\nHost: localhost:%d\r\n%s%s\r\n", path,
                     gateway_port(s->g), auth, more);
    assert_int_equal(send(fd, head, (size_t)n, MSG_NOSIGNAL), n);
    return fd;
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

static int status(struct set *s, const char *path, const char *token, const char *more)
{
    struct buf out = BUF_OWN;
    int fd = ask(s, path, token, more);
    read_until(fd, &out, "\r\n\r\n");
    int got = atoi(out.data + 9);
    buf_free(&out);
    close(fd);
    return got;
}

static void test_walk(void **state)
{
    struct set s;
    (void)state;
    open_set(&s, "gateway-walk");
    for (size_t i = 0; i < gateway_routes_n; i++) {
        const struct http_route *r = &gateway_routes[i];
        int without = r->auth == HTTP_OPEN ? 200 : 401;
        assert_int_equal(status(&s, r->path, s.token, ""), 200);
        assert_int_equal(status(&s, r->path, NULL, ""), without);
        assert_int_equal(status(&s, r->path, "", ""), without);
        assert_int_equal(status(&s, r->path, "0123", ""), without);
        s.token[3] ^= 1;
        assert_int_equal(status(&s, r->path, s.token, ""), without);
        s.token[3] ^= 1;
        assert_int_equal(status(&s, r->path, s.token, "Origin: http://evil.example\r\n"), 403);
        assert_int_equal(status(&s, r->path, s.token, "Host: evil.example\r\n"), 400);
    }
    assert_int_equal(status(&s, "/gateway/operator/state?sections=turns,tools", s.token, ""), 200);
    assert_int_equal(status(&s, "/gateway/operator/state?sections=turns,x", s.token, ""), 400);
    assert_int_equal(status(&s, "/gateway/operator/state?sections=", s.token, ""), 400);
    struct buf out = BUF_OWN;
    int fd = ask(&s, "/gateway/status", s.token, "");
    read_until(fd, &out, "\"auth_failures\":12");
    assert_null(strstr(out.data, s.token));
    buf_free(&out);
    close(fd);
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

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_walk), cmocka_unit_test(test_follow),
                                       cmocka_unit_test(test_deaf), cmocka_unit_test(test_token)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
