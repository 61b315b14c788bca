/* SPDX-License-Identifier: MIT
 *
 * b_model: a real provider, spoken to over loopback by the real program: what a turn costs, how
 * many connections it opens, and how long a piece of an answer takes to the screen. The server is
 * tests/fake/model.
 */
#include "lib/test.h"

#include "bench/cost.h"
#include "lib/vt.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { STAMPS = 100 };

static char *tau, *dir, *work, *log_file, *base_arg, *store_arg, *work_arg;
static const char *env[6];
static int server_stop;

/* A server that lives until our end of its standard input is closed. */
static void start_server(void)
{
    int in[2], out[2], port = 0;
    CLEANUP(mem_free_p) char *fake = mem_printf("%s/tests/fake/model", getenv("top_builddir"));
    if (pipe(in) != 0 || pipe(out) != 0)
        fail_msg("pipe");
    pid_t pid = fork();
    if (pid == 0) {
        dup2(in[0], STDIN_FILENO);
        dup2(out[1], STDOUT_FILENO);
        close(in[1]);
        execl(fake, fake, log_file, (char *)NULL);
        _exit(127);
    }
    close(in[0]);
    close(out[1]);
    FILE *f = fdopen(out[0], "r");
    if (pid < 0 || !f || fscanf(f, "%d", &port) != 1)
        fail_msg("the server does not start");
    fclose(f);
    server_stop = in[1];
    base_arg = mem_printf("--api-base=http://127.0.0.1:%d/v1", port);
}

static struct cost turn(const char *row, const char *sandbox, int runs)
{
    CLEANUP(mem_free_p) char *model = mem_printf("--model=openai/%s", row);
    const char *argv[] = {
        tau, model, base_arg, store_arg, work_arg, "--mode=auto", "--max-turns=100",
        /* Else root's commands are asked about without a sandbox, and nobody answers. */
        "--tool-policy-preset=permissive", sandbox, "-p", "go", NULL};
    return cost_median(argv, env, work, runs);
}

/* How many connections the requests came by since the log was emptied. */
static int connections(void)
{
    struct buf b = BUF_INIT(1 << 20);
    struct err e = ERR_INIT;
    OK(fs_read_file(log_file, &b, &e));
    struct str rest = buf_view(&b), line;
    int n = 0;
    long last = -1;
    while (str_line(&rest, &line)) {
        long c = strtol(line.p, NULL, 10);
        n += c != last;
        last = c;
    }
    buf_free(&b);
    return n;
}

static void turns(void)
{
    struct cost echo = turn("echo", "--sandbox=auto", RUNS);
    bench_row("one-shot echo: wall", echo.wall_ms, "ms", "budget 15; pi 360, codex 270");
    bench_row("one-shot echo: CPU", echo.cpu_ms, "ms", "codex 310");
    bench_row("one-shot echo: peak", echo.peak_mb, "MB", "budget 16; pi 119");
    struct cost c = turn("n:20000", "--sandbox=auto", 7);
    bench_row("20,000 tokens: CPU", c.cpu_ms, "ms", "budget 60; codex 640");
    bench_row("20,000 tokens: wall", c.wall_ms, "ms", "codex 460");
    bench_row("20,000 tokens: peak", c.peak_mb, "MB", "codex 147");
    c = turn("calls:1", "--sandbox=auto", 7);
    bench_row("1 call (bash): wall", c.wall_ms, "ms", "codex 360, pi 420");
    bench_row("1 call (bash): peak", c.peak_mb, "MB", "pi 122");
    if (truncate(log_file, 0) != 0)
        fail_msg("%s", log_file);
    turn("calls:50", "--sandbox=auto", 1);
    bench_row("50 calls (bash): connections", connections(), "", "budget 1; codex 51");
    c = turn("calls:50", "--sandbox=auto", 3);
    bench_row("50 calls (bash, sandboxed): wall", c.wall_ms, "ms", "pi 820 without a sandbox");
    bench_row("50 calls (bash, sandboxed): gap", (c.wall_ms - echo.wall_ms) / 50, "ms",
              "pi 7.8 without");
    c = turn("calls:50", "--sandbox=none", 3);
    bench_row("50 calls (bash): wall", c.wall_ms, "ms", "budget 200; pi 820");
    bench_row("50 calls (bash): gap", (c.wall_ms - echo.wall_ms) / 50, "ms", "budget 3; pi 7.8");
    bench_row("50 calls (bash): CPU", c.cpu_ms, "ms", "pi 980");
    bench_row("50 calls (bash): peak", c.peak_mb, "MB", "pi 147");
}

/* The greatest stamp on the screen: "@" and CLOCK_MONOTONIC in microseconds when it was sent. */
static int64_t stamp_of(struct vt *v)
{
    int64_t newest = 0;
    for (int y = 0; y < 24; y++)
        for (const char *p = vt_row(v, y); (p = strchr(p, '@')); p++)
            newest = MAX(newest, strtoll(p + 1, NULL, 10));
    return newest;
}

static void to_screen(void)
{
    const char *argv[] = {tau, "--model=openai/stamps:100", base_arg, store_arg, work_arg, NULL};
    double t[STAMPS];
    size_t n = 0;
    int64_t last = 0;
    struct vt *v = vt_start(argv, env, 80, 24);
    vt_expect(v, "openai/stamps");
    vt_send(v, "go\r");
    int64_t until = clock_mono_ms() + VT_DEADLINE_MS;
    while (n < STAMPS && clock_mono_ms() < until && !vt_shows(v, "no more stamps")) {
        vt_pump(v, 1);
        int64_t stamp = stamp_of(v), now = clock_mono_us();
        if (stamp > last && stamp < now)
            t[n++] = (double)(now - stamp) / 1000;
        last = MAX(last, stamp);
    }
    if (n > 0) {
        bench_row("a piece of an answer, sent to painted: median", bench_at(t, n, 0.5), "ms",
                  "looked at every 1 ms");
        bench_row("a piece of an answer, sent to painted: p95", bench_at(t, n, 0.95), "ms", "");
    }
    vt_free(v);
}

/* What a quick answer costs the console, that comes a piece at a time. */
static void trickle(void)
{
    const char *argv[] = {tau, "--model=openai/paced:5000", base_arg, store_arg, work_arg, NULL};
    struct vt *v = vt_start(argv, env, 80, 24);
    vt_expect(v, "openai/paced");
    vt_pump(v, 200);
    pid_t pid = vt_child_of(vt_pid(v));
    double cpu = bench_cpu_ms(pid);
    vt_send(v, "go\r");
    for (int i = 0; i < 10 && !vt_shows(v, "tok4999"); i++)
        vt_pump(v, 1500);
    vt_expect(v, "tok4999");
    bench_row("5,000 tokens at 1,000/s over HTTP: CPU of tau", bench_cpu_ms(pid) - cpu, "ms",
              "with a provider's wire; claude 1250");
    vt_free(v);
}

int main(void)
{
    struct err e = ERR_INIT;
    const char *build = getenv("top_builddir");
    tau = mem_printf("%s/tau", build ? build : ".");
    dir = test_tmpdir("bench-model");
    work = fs_join(dir, "work");
    log_file = fs_join(dir, "requests");
    store_arg = mem_printf("--store-dir=%s/state", dir);
    work_arg = mem_printf("--directory=%s", work);
    env[0] = mem_printf("HOME=%s", dir);
    env[1] = mem_printf("XDG_CONFIG_HOME=%s/config", dir);
    env[2] = "PATH=/usr/bin:/bin";
    env[3] = "LC_ALL=C.UTF-8";
    env[4] = "OPENAI_API_KEY=sk-test";
    OK(fs_mkdirs(work, 0755, &e));
    start_server();
    turns();
    to_screen();
    trickle();
    close(server_stop);
    while (wait(NULL) > 0)
        continue;
    OK(fs_remove_tree(dir, &e));
    return 0;
}
