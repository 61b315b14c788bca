/* SPDX-License-Identifier: MIT
 *
 * b_console: the real program on a pty, seen through libvterm: from exec to a painted letter, from
 * a letter to the screen, what a stream costs, what idling costs. One row a measurement.
 */
#include "lib/test.h"

#include "bench/cost.h"
#include "lib/vt.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

enum { STARTS = 11, LETTERS = 200, TOKENS = 5000, IDLE_MS = 3000, RESIZES = 20 };

static char *tau, *dir;
static char script[4096], store[4096];

static double now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/* A script of one answer: pieces of six bytes, so many milliseconds apart. */
static void write_script(size_t tokens, int delay_ms)
{
    snprintf(script, sizeof(script), "%s/stream-%zu-%d.jsonl", dir, tokens, delay_ms);
    FILE *f = fopen(script, "we");
    if (!f)
        exit(1);
    fputs("{\"text\":\"", f);
    for (size_t i = 0; i < tokens; i++)
        fprintf(f, i % 12 == 11 ? "tok%zu\\n" : "tok%zu ", i % 100);
    fprintf(f, " the end\",\"chunk\":6,\"delay_ms\":%d}\n", delay_ms);
    fclose(f);
}

static struct vt *start(void)
{
    snprintf(store, sizeof(store), "HOME=%s", dir);
    const char *argv[] = {tau, "-C", dir, "--model", "local/script", "--script", script, NULL};
    const char *env[] = {store, NULL};
    return vt_start(argv, env, 80, 24);
}

static void quit(struct vt *v)
{
    vt_send(v, "\x15");
    vt_expect(v, ": commands");
    vt_send(v, ":q\r");
    vt_end(v);
    vt_free(v);
}

static void bench_start(void)
{
    double us[STARTS];
    for (int i = 0; i < STARTS; i++) {
        double from = now_us();
        struct vt *v = start();
        vt_send(v, "x");
        vt_expect(v, " > x");
        us[i] = now_us() - from;
        quit(v);
    }
    bench_row("exec to a letter painted: median", bench_at(us, STARTS, 0.5) / 1000, "ms", "budget 20; codex 250");
}

static void bench_letters(struct vt *v, const char *when)
{
    double us[LETTERS];
    char name[100];
    for (int i = 0; i < LETTERS; i++) {
        char letter[2] = {(char)('a' + i % 26), '\0'};
        char shown[16];
        snprintf(shown, sizeof(shown), " > %s", letter);
        double from = now_us();
        vt_send(v, letter);
        vt_expect(v, shown);
        us[i] = now_us() - from;
        vt_send(v, "\x7f");
        vt_expect_gone(v, shown);
        vt_pump(v, 3);
    }
    snprintf(name, sizeof(name), "letter to screen, %s: median", when);
    bench_row(name, bench_at(us, LETTERS, 0.5) / 1000, "ms", "budget 0.5; pi 1.2 idle, 2.0 busy");
    snprintf(name, sizeof(name), "letter to screen, %s: p99", when);
    bench_row(name, bench_at(us, LETTERS, 0.99) / 1000, "ms", "budget 2; pi 4.2 idle, 7.5 busy");
}

/* What the scripted model's own waiting costs: it sleeps in tau's process, as no server does. */
static void bench_sleeps(void)
{
    struct pollfd never = {eventfd(0, EFD_CLOEXEC), POLLIN, 0};
    double cpu = bench_cpu_ms(getpid());
    for (int i = 0; i < TOKENS; i++)
        (void)poll(&never, 1, 1);
    bench_row("5,000 sleeps of 1 ms: CPU", bench_cpu_ms(getpid()) - cpu, "ms", "is in the next row, too");
    close(never.fd);
}

static void bench_stream(void)
{
    write_script(TOKENS, 1);
    struct vt *v = start();
    vt_expect(v, ": commands");
    vt_pump(v, 200);
    pid_t pid = vt_child_of(vt_pid(v));
    double cpu = bench_cpu_ms(pid);
    size_t bytes = vt_bytes(v), frames = vt_frames(v);
    vt_send(v, "go\r");
    for (int i = 0; i < 4 && !vt_shows(v, "the end"); i++)
        vt_pump(v, 3000);
    vt_expect(v, "the end");
    bench_row("5,000 tokens at 1,000/s: CPU of tau", bench_cpu_ms(pid) - cpu, "ms", "budget 150; claude 1250");
    bench_row("5,000 tokens at 1,000/s: to the terminal", (double)(vt_bytes(v) - bytes) / 1000, "KB", "budget 60; claude 97");
    bench_row("5,000 tokens at 1,000/s: frames", (double)(vt_frames(v) - frames), "", "");
    quit(v);
}

/* The same as fast as the model gives it. */
static void bench_burst(void)
{
    write_script(TOKENS, 0);
    struct vt *v = start();
    vt_expect(v, ": commands");
    vt_pump(v, 200);
    pid_t pid = vt_child_of(vt_pid(v));
    double cpu = bench_cpu_ms(pid);
    size_t bytes = vt_bytes(v), frames = vt_frames(v);
    vt_send(v, "go\r");
    vt_expect(v, "the end");
    bench_row("5,000 tokens at once: CPU of tau", bench_cpu_ms(pid) - cpu, "ms", "pi 480");
    bench_row("5,000 tokens at once: to the terminal", (double)(vt_bytes(v) - bytes) / 1000, "KB", "");
    bench_row("5,000 tokens at once: frames", (double)(vt_frames(v) - frames), "", "");
    quit(v);
}

static void bench_resizes(void)
{
    struct vt *v = start();
    vt_expect(v, ": commands");
    vt_pump(v, 1000);
    size_t frames = vt_frames(v);
    for (int i = 0; i < RESIZES; i++)
        vt_resize(v, 80 + 7 * (i % 2 ? i : RESIZES - i), 24 + i);
    vt_pump(v, 1000);
    bench_row("20 resizes in a burst: frames", (double)(vt_frames(v) - frames), "", "budget 2");
    quit(v);
}

/* gateway: with it up, and nobody there. */
static void bench_idle(bool gateway)
{
    struct vt *v = start();
    vt_expect(v, ": commands");
    if (gateway) {
        vt_send(v, ":gateway up 127.0.0.1:0\r");
        vt_expect(v, "gw :");
        vt_send(v, "\x1b");
        printf("# with the gateway up\n");
    }
    vt_pump(v, 1000);
    pid_t pid = vt_child_of(vt_pid(v));
    double wakes = bench_wakes(pid);
    size_t bytes = vt_bytes(v);
    vt_pump(v, IDLE_MS);
    bench_row("idle: wake-ups of all threads in 3 s", bench_wakes(pid) - wakes, "", "budget 0");
    bench_row("idle: to the terminal in 3 s", (double)(vt_bytes(v) - bytes), "bytes", "budget 0");
    bench_row("idle: PSS of tau", bench_proc_field(pid, "smaps_rollup", "Pss:") / 1024, "MiB", "budget 12; pi 122");
    bench_row("idle: PSS of its guardian", bench_proc_field(vt_pid(v), "smaps_rollup", "Pss:") / 1024, "MiB", "");
    quit(v);
}

int main(void)
{
    tau = test_program("tau");
    dir = test_tmpdir("b_console");
    write_script(20000, 4);
    bench_start();
    struct vt *v = start();
    vt_expect(v, ": commands");
    vt_pump(v, 200);
    bench_letters(v, "idle");
    vt_send(v, "go\r");
    vt_expect(v, "tok9");
    bench_letters(v, "250 tokens/s");
    vt_send(v, "\x1b");
    vt_expect(v, "stopped by");
    quit(v);
    bench_sleeps();
    bench_stream();
    bench_burst();
    bench_resizes();
    bench_idle(false);
    bench_idle(true);
    free(tau);
    free(dir);
    return 0;
}
