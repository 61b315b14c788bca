/* SPDX-License-Identifier: MIT
 *
 * b_gateway: the gateway under load: its status against nginx with a file of the same size (both asked by
 * wrk, in turn), and followers that have nothing to follow: memory, CPU and wake-ups.
 */
#include "bench/cost.h"
#include "lib/test.h"

#include "base/buf.h"
#include "base/fs.h"
#include "base/mem.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FOLLOWERS = 10000, ROUNDS = 3, IDLE_MS = 10000, SIZE = 8192 };

static char *tau, *dir;

static FILE *lines_of(const char *command)
{
    FILE *f = popen(command, "re");
    if (!f)
        exit(1);
    return f;
}

static bool has(const char *program)
{
    char command[100];
    snprintf(command, sizeof(command), "command -v %s >/dev/null", program);
    return pclose(lines_of(command)) == 0;
}

/* ---- the programs ---- */

static int port;
static char token[200];

static pid_t serve(void)
{
    struct err e = ERR_INIT;
    CLEANUP(buf_free) struct buf text = BUF_OWN;
    char *log = mem_printf("%s/serve.log", dir), *path = mem_printf("%s/store/gateway.token", dir);
    char *store = mem_printf("%s/store", dir);
    pid_t pid = fork();
    if (pid == 0) {
        int fd = open(log, O_WRONLY | O_CREAT | O_TRUNC, 0600);
        if (fd < 0 || dup2(fd, STDOUT_FILENO) < 0)
            _exit(1);
        execl(tau, "tau", "gateway", "serve", "--bind", "127.0.0.1:0", "--store-dir", store, (char *)NULL);
        _exit(1);
    }
    for (int i = 0; i < 500 && !strstr(buf_cstr(&text), "token:"); i++) {
        (void)poll(NULL, 0, 20);
        buf_truncate(&text, 0);
        if (!fs_read_file(log, &text, &e))
            continue;
    }
    const char *at = strstr(buf_cstr(&text), "127.0.0.1:");
    port = at ? atoi(at + 10) : 0;
    buf_truncate(&text, 0);
    if (!port || !fs_read_file(path, &text, &e))
        exit(1);
    snprintf(token, sizeof(token), "%.*s", (int)str_trim(buf_view(&text)).n, text.data);
    free(log);
    free(path);
    free(store);
    return pid;
}

/* nginx with one worker and a file of so many bytes, at port + 1. */
static pid_t nginx(int bytes)
{
    char *conf = mem_printf("%s/nginx.conf", dir), *file = mem_printf("%s/status", dir);
    FILE *f = fopen(file, "we"), *c = fopen(conf, "we");
    if (!f || !c)
        exit(1);
    for (int i = 0; i < bytes; i++)
        fputc('x', f);
    fprintf(c,
            "worker_processes 1; daemon off; pid %s/nginx.pid; error_log /dev/null;\n"
            "events { worker_connections 1024; }\n"
            "http { access_log off; keepalive_requests 100000000; types {} default_type application/json;\n"
            "server { listen 127.0.0.1:%d; root %s; } }\n",
            dir, port + 1, dir);
    fclose(f);
    fclose(c);
    pid_t pid = fork();
    if (pid == 0) {
        execlp("nginx", "nginx", "-c", conf, (char *)NULL);
        _exit(1);
    }
    free(conf);
    free(file);
    (void)poll(NULL, 0, 500);
    return pid;
}

static double rate(int at, const char *path)
{
    char command[SIZE], line[512];
    double value = 0;
    snprintf(command, sizeof(command),
             "wrk -t1 -c64 -d3s -H 'Authorization: Bearer %s' http://127.0.0.1:%d%s", token, at, path);
    FILE *f = lines_of(command);
    while (fgets(line, sizeof(line), f))
        if (strstr(line, "Requests/sec:"))
            value = strtod(strchr(line, ':') + 1, NULL);
    (void)pclose(f);
    return value;
}

/* ---- a client ---- */

static int ask(const char *path)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    char head[500];
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&at, sizeof(at)) != 0)
        return -1;
    int n = snprintf(head, sizeof(head),
                     "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nAuthorization: Bearer %s\r\n\r\n", path, port, token);
    return send(fd, head, (size_t)n, MSG_NOSIGNAL) == n ? fd : -1;
}

static int status_size(void)
{
    char text[SIZE] = "";
    int fd = ask("/gateway/status");
    ssize_t n = fd < 0 ? -1 : recv(fd, text, sizeof(text) - 1, 0);
    const char *at = n > 0 ? strstr(text, "Content-Length: ") : NULL;
    close(fd);
    return at ? atoi(at + 16) : 0;
}

/* ---- figures ---- */

static void bench_rate(void)
{
    if (!has("wrk") || !has("nginx")) {
        printf("# /gateway/status against nginx: wrk or nginx is not here\n");
        return;
    }
    pid_t other = nginx(status_size());
    double ours[ROUNDS], theirs[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
        theirs[i] = rate(port + 1, "/status");
        ours[i] = rate(port, "/gateway/status");
    }
    kill(other, SIGTERM);
    (void)waitpid(other, NULL, 0);
    double we = bench_at(ours, ROUNDS, 0.5), they = bench_at(theirs, ROUNDS, 0.5);
    bench_row("/gateway/status, made anew each time", we / 1000, "k/s", "");
    bench_row("nginx, one worker, a file of the same bytes", they / 1000, "k/s", "");
    bench_row("the first by the second", they > 0 ? we / they : 0, "", "0.5 or more");
}

static void bench_followers(pid_t pid)
{
    static int fds[FOLLOWERS];
    double before = bench_proc_field(pid, "smaps_rollup", "Pss:"), cpu = bench_cpu_ms(pid);
    int n = 0;
    for (; n < FOLLOWERS; n++) {
        char head[64];
        fds[n] = ask("/gateway/operator/events");
        if (fds[n] < 0 || recv(fds[n], head, 12, 0) != 12 || strncmp(head + 9, "200", 3) != 0)
            break;
    }
    double opened = bench_cpu_ms(pid);
    bench_row("idle followers of the events", n, "", "");
    bench_row("memory each", (bench_proc_field(pid, "smaps_rollup", "Pss:") - before) / MAX(n, 1), "KiB", "16");
    bench_row("CPU to take them", opened - cpu, "ms", "");
    (void)poll(NULL, 0, IDLE_MS);
    bench_row("CPU in 10 s of nothing", bench_cpu_ms(pid) - opened, "ms", "");
    for (int i = 0; i < n; i++)
        close(fds[i]);
}

int main(void)
{
    struct rlimit files;
    tau = test_program("tau");
    dir = test_tmpdir("b_gateway");
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &files);
    }
    pid_t pid = serve();
    bench_rate();
    bench_followers(pid);
    kill(pid, SIGTERM);
    (void)waitpid(pid, NULL, 0);
    free(tau);
    free(dir);
    return 0;
}
