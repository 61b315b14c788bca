/* SPDX-License-Identifier: MIT
 *
 * wire: connections and requests of the fake server.
 */
#include "fake/wire.h"

#include "base/buf.h"
#include "base/map.h"
#include "base/mem.h"
#include "json/json.h"
#include "json/jsonw.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum { HEAD_MAX = 64 * 1024, BODY_MAX = 128 << 20, HELD_MAX = 64 * 1024 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* guards the log and what was seen */
static FILE *log_file;
static struct map seen;
static bool (*play_row)(struct wire *w);
static int connections;

/* ---- writing ---- */

bool wire_bytes(struct wire *w, const char *p, size_t n)
{
    size_t step = w->step ? w->step : n;
    for (size_t at = 0; at < n;) {
        ssize_t got = send(w->fd, p + at, MIN(step, n - at), MSG_NOSIGNAL);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        at += (size_t)got;
    }
    return true;
}

static bool flush(struct wire *w)
{
    size_t n = w->out_n;
    w->out_n = 0;
    return wire_bytes(w, w->out, n);
}

static bool put(struct wire *w, const char *p, size_t n)
{
    if (w->out_n + n > w->out_cap) {
        w->out_cap = (w->out_n + n) * 2;
        w->out = mem_grow(w->out, w->out_cap, 1);
    }
    memcpy(w->out + w->out_n, p, n);
    w->out_n += n;
    return (w->held && w->out_n < HELD_MAX) || flush(w);
}

bool wire_head(struct wire *w, int status, const char *headers)
{
    char text[2000];
    int n = snprintf(text, sizeof(text), "HTTP/1.1 %d x\r\n%s\r\n", status, headers);
    return wire_bytes(w, text, (size_t)n);
}

bool wire_begin(struct wire *w)
{
    w->chunked = true;
    return wire_head(w, 200, "Content-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n");
}

bool wire_raw(struct wire *w, const char *text)
{
    char head[32];
    size_t n = strlen(text);
    int m = snprintf(head, sizeof(head), "%zx\r\n", n);
    struct buf b = BUF_OWN;
    if (n == 0)
        return true;
    buf_add(&b, head, (size_t)m);
    buf_add(&b, text, n);
    buf_puts(&b, "\r\n");
    bool ok = put(w, b.data, b.len);
    buf_free(&b);
    return ok;
}

bool wire_event(struct wire *w, const char *data)
{
    struct buf b = BUF_OWN;
    buf_printf(&b, "data: %s%s%s", data, w->eol, w->eol);
    bool ok = wire_raw(w, buf_cstr(&b));
    buf_free(&b);
    return ok;
}

bool wire_delta(struct wire *w, const char *fmt, ...)
{
    struct buf b = BUF_OWN;
    va_list ap;
    va_start(ap, fmt);
    buf_puts(&b, "{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1,"
                 "\"model\":\"fake\",\"choices\":[{\"index\":0,\"delta\":");
    buf_vprintf(&b, fmt, ap);
    va_end(ap);
    buf_puts(&b, ",\"finish_reason\":null}]}");
    bool ok = wire_event(w, buf_cstr(&b));
    buf_free(&b);
    return ok;
}

bool wire_finish(struct wire *w, const char *reason)
{
    char text[200];
    snprintf(text, sizeof(text),
             "{\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"%s\"}]}", reason);
    return wire_event(w, text);
}

bool wire_end(struct wire *w)
{
    return put(w, "0\r\n\r\n", 5) && flush(w);
}

bool wire_json(struct wire *w, int status, const char *headers, const char *body)
{
    char text[1000];
    snprintf(text, sizeof(text), "Content-Type: application/json\r\nContent-Length: %zu\r\n%s",
             strlen(body), headers);
    return wire_head(w, status, text) && wire_bytes(w, body, strlen(body));
}

bool wire_page(struct wire *w, int status)
{
    static const char page[] = "<!doctype html><html><body><h1>Welcome</h1></body></html>\n";
    char text[200];
    snprintf(text, sizeof(text), "Content-Type: text/html\r\nContent-Length: %zu\r\n",
             sizeof(page) - 1);
    return wire_head(w, status, text) && wire_bytes(w, page, sizeof(page) - 1);
}

const char *wire_quoted(struct wire *w, const char *text)
{
    struct buf b = BUF_OWN;
    struct jsonw j = JSONW(&b);
    jsonw_cstr(&j, text);
    free(w->quoted);
    return w->quoted = buf_take(&b);
}

void wire_hold(struct wire *w, bool hold)
{
    w->held = hold;
}

bool wire_gone(struct wire *w, int ms)
{
    struct pollfd p = {.fd = w->fd, .events = POLLIN};
    char c;
    return poll(&p, 1, ms) > 0 && recv(w->fd, &c, 1, MSG_PEEK) <= 0;
}

void wire_wait(struct wire *w)
{
    while (!wire_gone(w, -1))
        continue;
}

bool wire_first(struct wire *w)
{
    pthread_mutex_lock(&lock);
    bool first = map_put(&seen, str_of(w->row), &seen) == NULL;
    if (!first)
        map_put(&seen, str_of(w->row), &seen);
    pthread_mutex_unlock(&lock);
    return first;
}

/* ---- reading ---- */

static char *text_of(const struct json *content)
{
    if (content && json_type(content) == JSON_STRING)
        return mem_strdup(json_cstr(content, ""));
    for (const struct json *p = json_first(content); p; p = json_next(p))
        if (json_get(p, "text"))
            return mem_strdup(json_cstr(json_get(p, "text"), ""));
    return mem_strdup("");
}

enum { IMAGE_SHOWN = 400 };

static void put_images(struct wire *w, const struct json *content)
{
    for (const struct json *p = json_first(content); p; p = json_next(p)) {
        struct str url = json_str(json_get(json_get(p, "image_url"), "url"));
        ssize_t end = str_index(url, ';');
        if (p != json_first(content) && json_get(p, "text"))
            buf_printf(&w->images, " | %s", json_cstr(json_get(p, "text"), ""));
        if (!str_starts(url, "data:") || end < 0)
            continue;
        struct str type = str_sub(url, 5, (size_t)end - 5);
        struct str bytes = str_sub(url, (size_t)end + strlen(";base64,"), url.n);
        buf_printf(&w->images, " | %.*s %.*s", STR_ARG(type), STR_ARG(str_sub(bytes, 0, IMAGE_SHOWN)));
    }
}

/* As OpenAI does it: behind a message with calls stands a result for each, before anything else. */
struct pairs {
    struct map open;
    size_t n;
};

static void put_pair(struct wire *w, struct pairs *p, const struct json *m, const char *role)
{
    if (strcmp(role, "tool") == 0) {
        bool known = map_remove(&p->open, json_str(json_get(m, "tool_call_id"))) != NULL;
        w->unpaired = w->unpaired || !known;
        p->n -= known;
        return;
    }
    w->unpaired = w->unpaired || p->n > 0;
    for (const struct json *c = json_first(json_get(m, "tool_calls")); c; c = json_next(c))
        p->n += map_put(&p->open, json_str(json_get(c, "id")), w) == NULL;
}

static bool understand(struct wire *w, struct str body)
{
    struct err e = ERR_INIT;
    CLEANUP(json_free_p) struct json *j = json_parse(body, &e);
    snprintf(w->row, sizeof(w->row), "%s", json_cstr(json_get(j, "model"), ""));
    struct pairs pairs = {0};
    buf_clear(&w->images);
    w->unpaired = false;
    w->schema = json_get(j, "response_format") != NULL;
    w->options = json_get(j, "stream_options") != NULL;
    for (const struct json *m = json_first(json_get(j, "messages")); m; m = json_next(m)) {
        const char *role = json_cstr(json_get(m, "role"), "");
        put_pair(w, &pairs, m, role);
        if (strcmp(role, "user") == 0) {
            free(w->said);
            w->said = text_of(json_get(m, "content"));
            put_images(w, json_get(m, "content"));
            w->results = 0;
        } else if (strcmp(role, "tool") == 0) {
            free(w->last_result);
            w->last_result = text_of(json_get(m, "content"));
            w->results++;
        }
    }
    w->unpaired = w->unpaired || pairs.n > 0;
    map_free(&pairs.open, NULL);
    return j != NULL;
}

static void note(const struct wire *w)
{
    pthread_mutex_lock(&lock);
    if (log_file) {
        fprintf(log_file, "%d %s %zu %d\n", w->connection, w->row, w->body_n, w->key);
        fflush(log_file);
    }
    pthread_mutex_unlock(&lock);
}

/* One request into *b: its head, then its body; *ret_body is where that begins. */
static bool read_request(struct wire *w, struct buf *b, size_t *ret_body)
{
    size_t need = 0;
    buf_clear(b);
    for (;;) {
        struct str all = buf_view(b);
        ssize_t end = need ? (ssize_t)*ret_body - 4 : str_find(all, STR("\r\n\r\n"));
        if (end >= 0 && need == 0) {
            *ret_body = (size_t)end + 4;
            const char *at = strcasestr(buf_cstr(b), "\r\ncontent-length:");
            need = *ret_body + (at ? strtoul(at + 17, NULL, 10) : 0);
            w->key = strcasestr(buf_cstr(b), "\r\nauthorization: bearer sk-test\r\n") != NULL;
        }
        if (need && b->len >= need)
            return true;
        char *to = buf_room(b, 65536 + 1);
        ssize_t got = to ? recv(w->fd, to, 65536, 0) : -1;
        if (got <= 0)
            return false;
        to[got] = '\0';
        b->len += (size_t)got;
    }
}

/* As a proxy that opens no way: CONNECT to 502.anything is answered by 502. */
static bool refuse_tunnel(struct wire *w, struct str request)
{
    struct str rest = request, word;
    if (!str_starts(request, "CONNECT "))
        return false;
    bool host = str_split(&rest, ' ', &word) && str_split(&rest, ' ', &word);
    wire_head(w, host ? atoi(word.p) : 400,
              "Proxy-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\n");
    return true;
}

/* What there is to ask, for whoever has the key or shows none. */
static bool list_models(struct wire *w, const char *request)
{
    bool asks = strncmp(request, "GET ", 4) == 0 && strstr(request, "/models HTTP/1.1\r\n");
    if (asks && !w->key && strcasestr(request, "\r\nauthorization:"))
        wire_json(w, 401, "", "{\"error\":{\"message\":\"no such key\"}}");
    else if (asks)
        wire_json(w, 200, "", "{\"object\":\"list\",\"data\":[{\"id\":\"text-embedding-x\"},{\"id\":\"echo\"}]}");
    return asks && flush(w);
}

static void *serve(void *arg)
{
    struct wire *w = arg;
    struct buf b = BUF_INIT(HEAD_MAX + BODY_MAX);
    size_t body;
    bool more = true;
    while (more && read_request(w, &b, &body)) {
        struct str text = str_sub(buf_view(&b), body, b.len);
        w->body_n = text.n;
        w->step = 0;
        w->eol = "\n";
        if (list_models(w, buf_cstr(&b)))
            continue;
        if (refuse_tunnel(w, buf_view(&b)) || !understand(w, text))
            break;
        note(w);
        more = play_row(w);
    }
    buf_free(&b);
    close(w->fd);
    free(w->said);
    free(w->last_result);
    buf_free(&w->images);
    free(w->quoted);
    free(w->out);
    free(w);
    return NULL;
}

static int listen_here(int *ret_port)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof(at);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof(at)) < 0 || listen(fd, 64) < 0 ||
        getsockname(fd, (struct sockaddr *)&at, &n) < 0)
        return -1;
    *ret_port = ntohs(at.sin_port);
    return fd;
}

int wire_serve(const char *log, bool (*play)(struct wire *w))
{
    int port = 0, one = 1;
    int fd = listen_here(&port);
    play_row = play;
    log_file = log ? fopen(log, "ae") : NULL;
    if (fd < 0 || (log && !log_file)) {
        perror("model");
        return 1;
    }
    printf("%d\n", port);
    fflush(stdout);
    for (;;) {
        struct pollfd p[2] = {{.fd = fd, .events = POLLIN}, {.fd = STDIN_FILENO, .events = POLLIN}};
        char c;
        if (poll(p, 2, -1) < 0 && errno != EINTR)
            return 1;
        if (p[1].revents && read(STDIN_FILENO, &c, 1) <= 0)
            return 0;
        if (!p[0].revents)
            continue;
        struct wire *w = NEW(struct wire);
        pthread_t id;
        w->fd = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
        w->connection = ++connections;
        w->said = mem_strdup("");
        w->images = BUF_OWN;
        w->last_result = mem_strdup("");
        if (w->fd < 0 || setsockopt(w->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)) < 0 ||
            pthread_create(&id, NULL, serve, w) != 0 || pthread_detach(id) != 0)
            return 1;
    }
}
