/* SPDX-License-Identifier: MIT
 *
 * follow: a client of the gateway's events that never gives up: it says what it has and goes on from
 * there, as a browser's EventSource does. Prints the data of every durable event, a line each, as
 * soon as all of it is there. Ends with standard input.
 *
 *   follow PORT TOKEN_FILE
 */
#include "base/buf.h"
#include "base/fs.h"

#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { AGAIN_MS = 20 };

static char last[100] = "";

static bool over(int ms)
{
    struct pollfd in = {STDIN_FILENO, POLLIN, 0};
    char c;
    return poll(&in, 1, ms) > 0 && read(STDIN_FILENO, &c, 1) <= 0;
}

/* Whole events are printed and taken out. */
static void take(struct buf *b)
{
    for (const char *end; (end = strstr(buf_cstr(b), "\n\n"));) {
        struct str event = str_make(b->data, (size_t)(end - b->data)), line;
        bool durable = false;
        for (struct str rest = event; str_line(&rest, &line);) {
            if (str_starts(line, "id: ")) {
                durable = true;
                snprintf(last, sizeof(last), "%.*s", (int)line.n - 4, line.p + 4);
            } else if (durable && str_starts(line, "data: ")) {
                printf("%.*s\n", (int)line.n - 6, line.p + 6);
                fflush(stdout);
            }
        }
        buf_drop(b, event.n + 2);
    }
}

/* The body is chunked; its pieces are put together. */
static void read_stream(int fd)
{
    CLEANUP(buf_free) struct buf raw = BUF_OWN;
    CLEANUP(buf_free) struct buf body = BUF_OWN;
    bool head = true;
    for (;;) {
        char text[8192];
        struct pollfd p[2] = {{fd, POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}};
        if (poll(p, 2, -1) < 0 || (p[1].revents && over(0)))
            return;
        ssize_t n = p[0].revents ? recv(fd, text, sizeof(text), 0) : 0;
        if (p[0].revents && n <= 0)
            return;
        buf_add(&raw, text, (size_t)n);
        const char *end = head ? strstr(buf_cstr(&raw), "\r\n\r\n") : NULL;
        if (head && !end)
            continue;
        if (head)
            buf_drop(&raw, (size_t)(end + 4 - raw.data));
        head = false;
        for (const char *line; raw.len > 0 && (line = strstr(raw.data, "\r\n"));) {
            size_t size = strtoul(raw.data, NULL, 16), from = (size_t)(line + 2 - raw.data);
            if (raw.len < from + size + 2)
                break;
            buf_add(&body, raw.data + from, size);
            buf_drop(&raw, from + size + 2);
        }
        take(&body);
    }
}

int main(int argc, char **argv)
{
    struct err e = ERR_INIT;
    struct buf token = {.max = 1024};
    if (argc != 3 || !fs_read_file(argv[2], &token, &e))
        return 2;
    struct str word = str_trim(buf_view(&token));
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argv[1]))};
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    while (!over(AGAIN_MS)) {
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        char head[1024];
        int n = snprintf(head, sizeof(head),
                         "GET /gateway/operator/events%s HTTP/1.1\r\nHost: 127.0.0.1:%s\r\n"
                         "Authorization: Bearer %.*s\r\n%s%s%s\r\n",
                         last[0] ? "" : "?after=0", argv[1], (int)word.n, word.p,
                         last[0] ? "Last-Event-ID: " : "", last, last[0] ? "\r\n" : "");
        if (connect(fd, (struct sockaddr *)&at, sizeof(at)) == 0 && send(fd, head, (size_t)n, MSG_NOSIGNAL) == n)
            read_stream(fd);
        close(fd);
    }
    buf_free(&token);
    return 0;
}
