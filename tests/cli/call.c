/* SPDX-License-Identifier: MIT
 *
 * call: one request to the gateway, with its token; prints the body of the answer. 1 when its status is
 * not 200, 2 when there was no whole answer.
 *
 *   call PORT TOKEN_FILE PATH [BODY]    with a body it is a POST
 */
#include "base/buf.h"
#include "base/fs.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static bool put(int fd, struct str text)
{
    while (text.n > 0) {
        ssize_t n = send(fd, text.p, text.n, MSG_NOSIGNAL);
        if (n <= 0)
            return false;
        text = str_sub(text, (size_t)n, text.n);
    }
    return true;
}

/* The request ends the connection, so that what comes until its end is the answer. */
static bool ask(int fd, char **argv, struct str token, struct buf *ret)
{
    const char *body = argv[4];
    CLEANUP(buf_free) struct buf out = BUF_OWN;
    char text[8192];
    ssize_t n;
    buf_printf(&out, "%s %s HTTP/1.1\r\nHost: 127.0.0.1:%s\r\nAuthorization: Bearer %.*s\r\nConnection: close\r\n",
               body ? "POST" : "GET", argv[3], argv[1], STR_ARG(token));
    if (body)
        buf_printf(&out, "Content-Length: %zu\r\n\r\n%s", strlen(body), body);
    else
        buf_puts(&out, "\r\n");
    if (!put(fd, buf_view(&out)))
        return false;
    while ((n = recv(fd, text, sizeof(text), 0)) > 0)
        buf_add(ret, text, (size_t)n);
    return n == 0;
}

int main(int argc, char **argv)
{
    struct err e = ERR_INIT;
    struct sockaddr_in at = {.sin_family = AF_INET};
    CLEANUP(buf_free) struct buf token = {.max = 1024};
    CLEANUP(buf_free) struct buf answer = BUF_OWN;
    CLEANUP(fd_close_p) int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (argc < 4 || argc > 5 || fd < 0 || !fs_read_file(argv[2], &token, &e))
        return 2;
    at.sin_port = htons((uint16_t)atoi(argv[1]));
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(fd, (struct sockaddr *)&at, sizeof(at)) != 0 ||
        !ask(fd, argv, str_trim(buf_view(&token)), &answer))
        return 2;
    const char *body = strstr(buf_cstr(&answer), "\r\n\r\n");
    if (!body)
        return 2;
    printf("%s\n", body + 4);
    return strncmp(answer.data, "HTTP/1.1 200 ", 13) == 0 ? 0 : 1;
}
