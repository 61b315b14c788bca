/* SPDX-License-Identifier: MIT */
#include "cli/onboard.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/fs.h"
#include "json/json.h"
#include "net/net.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { HERE_MS = 400, THERE_MS = 8000, ANSWER_MAX = 4 << 20, OK = 200, HINT_MS = 5, HINTS_MAX = 4 };

bool onboard_works(const struct offer *o)
{
    return o->status == OK && o->model[0];
}

/* The one that is named is best known; else the first that is no model of another kind. */
static void choose(struct offer *o, const struct json *list)
{
    static const char *const known[] = {"gpt-5-mini", "gpt-5", "deepseek-chat", "grok-4", "mistral-large-latest"};
    static const char *const others[] = {"embed", "whisper", "tts", "dall-e", "moderation", "audio", "image", "realtime"};
    const struct json *data = json_get(list, "data");
    const char *name = NULL;
    for (const struct json *m = json_first(data); m; m = json_next(m)) {
        const char *id = json_cstr(json_get(m, "id"), "");
        bool other = !id[0];
        for (size_t i = 0; i < ARRAY_LEN(others); i++)
            other |= strstr(id, others[i]) != NULL;
        for (size_t i = 0; i < ARRAY_LEN(known); i++)
            if (strcmp(id, known[i]) == 0) {
                snprintf(o->model, sizeof(o->model), "%s/%.120s", endpoint(o->id)->name, id);
                return;
            }
        if (!name && !other)
            name = id;
    }
    if (name)
        snprintf(o->model, sizeof(o->model), "%s/%.120s", endpoint(o->id)->name, name);
    else
        snprintf(o->why, sizeof(o->why), "it has no model to talk to");
}

static void ask(struct offer *o, int64_t patience_ms)
{
    const struct endpoint *at = endpoint(o->id);
    struct err e = ERR_INIT;
    CLEANUP(buf_free) struct buf body = {.max = ANSWER_MAX};
    CLEANUP(mem_free_p) char *url = mem_printf("%s/models", at->base);
    CLEANUP(mem_free_p) char *header = at->key ? mem_printf("Authorization: Bearer %s", at->key) : NULL;
    const char *const headers[] = {header};
    struct net_request request = {.url = url,
                                  .headers = headers,
                                  .n_headers = header ? 1 : 0,
                                  .connect_ms = patience_ms,
                                  .wait_ms = THERE_MS,
                                  .deadline_ms = clock_mono_ms() + 2 * THERE_MS};
    struct net_stream *s = net_open(&request, &e);
    struct str bytes;
    bool ok = s != NULL, fits = true;
    while (ok && fits && (ok = net_read(s, &bytes, &e)) && bytes.p) {
        o->status = net_status(s);
        fits = bytes.n == 0 || buf_str(&body, bytes);
    }
    net_close(s);
    if (header)
        explicit_bzero(header, strlen(header));
    if (!ok)
        o->status = 0;
    CLEANUP(json_free_p) struct json *list = ok && o->status == OK ? json_parse(buf_view(&body), &e) : NULL;
    if (list)
        choose(o, list);
    else if (o->status == 401 || o->status == 403)
        snprintf(o->why, sizeof(o->why), "it does not take the key in %s", at->key_env);
    else if (o->status != OK && o->status != 0)
        snprintf(o->why, sizeof(o->why), "it answered with status %d", o->status);
    else
        snprintf(o->why, sizeof(o->why), "%.180s", e.message);
}

void onboard_look(offers *ret)
{
    for (enum endpoint_id id = 0; id < ENDPOINT_COUNT; id++) {
        const struct endpoint *at = endpoint(id);
        struct offer o = {.id = id};
        if (at->wrong || (at->wants_key && !at->key))
            continue;
        ask(&o, at->wants_key ? THERE_MS : HERE_MS);
        if (o.status != 0 || at->wants_key)
            VEC_PUSH(ret, o);
    }
}

/* ---- a look without a question ---- */

/* The port of an address on the loopback interface by IPv4; 0 when it is elsewhere. */
static uint16_t port_here(const char *base)
{
    static const char *const heads[] = {"http://127.0.0.1:", "http://localhost:"};
    for (size_t i = 0; i < ARRAY_LEN(heads); i++) {
        struct str rest = str_of(base), digits;
        int64_t n;
        if (!str_starts(rest, heads[i]))
            continue;
        rest = str_sub(rest, strlen(heads[i]), rest.n);
        return str_split(&rest, '/', &digits) && str_i64(digits, &n) && n > 0 && n <= UINT16_MAX ? (uint16_t)n : 0;
    }
    return 0;
}

/* The kernel answers for a port of this machine at once; nothing is sent. */
static bool listens(uint16_t port)
{
    CLEANUP(fd_close_p) int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int error = 0;
    socklen_t size = sizeof(error);
    if (fd < 0)
        return false;
    if (connect(fd, (struct sockaddr *)&at, sizeof(at)) == 0)
        return true;
    struct pollfd p = {fd, POLLOUT, 0};
    return errno == EINPROGRESS && poll(&p, 1, HINT_MS) == 1 &&
           getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0;
}

void onboard_hint(struct buf *ret)
{
    size_t n = 0;
    for (enum endpoint_id id = 0; id < ENDPOINT_COUNT && n < HINTS_MAX; id++) {
        const struct endpoint *at = endpoint(id);
        uint16_t port = at->wants_key ? 0 : port_here(at->base);
        if (at->wrong)
            continue;
        if (at->wants_key && at->key)
            buf_printf(ret, "%s%s is set: a key for %s\n", n++ ? "       " : "Found: ", at->key_env, at->name);
        else if (port && listens(port))
            buf_printf(ret, "%ssomething listens at 127.0.0.1:%u, where %s would\n", n++ ? "       " : "Found: ", port,
                       at->name);
    }
    if (n)
        buf_puts(ret, "`tau onboard` tries that; `:model PROVIDER/MODEL` takes it as it is.\n");
}
