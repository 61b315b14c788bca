/* SPDX-License-Identifier: MIT
 *
 * b_tau: what the real program costs, against the budgets of the design. Prints rows and asserts
 * nothing: figures of a busy machine mean little, and the columns say what was allowed.
 */
#include "lib/test.h"

#include "bench/cost.h"
#include "lib/vt.h"

#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/proc.h"

#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static char *tau, *dir, *work, *store_arg, *work_arg, *home_env, *config_env;
static const char *run_env[5];

static char *script(const char *name, const char *text)
{
    struct err e = ERR_INIT;
    char *path = fs_join(dir, name);
    OK(fs_replace(path, str_of(text), 0600, &e));
    char *arg = mem_printf("--script=%s", path);
    free(path);
    return arg;
}

static struct cost turn(const char *script_arg, int runs)
{
    const char *argv[] = {tau,
                          "--model=local/script",
                          script_arg,
                          store_arg,
                          work_arg,
                          "--mode=auto",
                          "--max-turns=100",
                          "--tool-policy-preset=permissive",
                          "--sandbox=none",
                          "-p",
                          "go",
                          NULL};
    return cost_median(argv, run_env, work, runs);
}

static void start_up(void)
{
    const char *null_argv[] = {NULL, NULL};
    const char *version[] = {tau, "--version", NULL};
    char *null = mem_printf("%s/tests/bench/null", getenv("top_builddir"));
    null_argv[0] = null;
    bench_row("a program of the same libraries that does nothing: CPU",
              cost_median(null_argv, run_env, work, RUNS).cpu_ms, "ms", "floor 1.2-1.8");
    bench_row("tau --version: CPU", cost_median(version, run_env, work, RUNS).cpu_ms, "ms",
              "budget 2.5");
    free(null);
}

static void one_shots(void)
{
    char *echo = script("echo", "[{\"text\":\"hello\"}]\n");
    char *stream = script("stream", "[{\"repeat\":{\"n\":20000,\"text\":\"tok \"}}]\n");
    char *one =
        script("one", "[{\"call\":{\"name\":\"bash\",\"arguments\":{\"command\":\"echo hi\"}}}]\n"
                      "[{\"text\":\"ok\"}]\n");
    struct buf fifty = BUF_OWN;
    struct buf reads = BUF_OWN;
    for (int i = 0; i < 50; i++) {
        buf_puts(&fifty,
                 "[{\"call\":{\"name\":\"bash\",\"arguments\":{\"command\":\"echo hi\"}}}]\n");
        buf_puts(&reads, "[{\"call\":{\"name\":\"ls\",\"arguments\":{}}}]\n");
    }
    buf_puts(&fifty, "[{\"text\":\"ok\"}]\n");
    buf_puts(&reads, "[{\"text\":\"ok\"}]\n");
    char *calls = script("fifty", buf_cstr(&fifty));
    char *looks = script("reads", buf_cstr(&reads));
    struct cost c = turn(echo, RUNS);
    bench_row("one-shot echo: wall", c.wall_ms, "ms", "budget 15");
    bench_row("one-shot echo: peak", c.peak_mb, "MB", "budget 16");
    c = turn(stream, 5);
    bench_row("20,000 tokens headless: CPU", c.cpu_ms, "ms", "budget 60");
    bench_row("20,000 tokens headless: wall", c.wall_ms, "ms", "");
    bench_row("1 tool call (bash): wall", turn(one, 5).wall_ms, "ms", "");
    c = turn(calls, 3);
    bench_row("50 tool calls (bash): wall", c.wall_ms, "ms", "budget 200");
    bench_row("50 tool calls (bash): per call", c.wall_ms / 50, "ms", "budget 3 + spawn");
    c = turn(looks, 3);
    bench_row("50 tool calls (ls): per call", c.wall_ms / 50, "ms", "budget 3");
    buf_free(&fifty);
    buf_free(&reads);
    free(echo);
    free(stream);
    free(one);
    free(calls);
    free(looks);
}

/* Is some process there that runs `sleep` for one of our two odd times? */
static bool sleeper_lives(void)
{
    DIR *d = opendir("/proc");
    bool lives = false;
    for (struct dirent *e; d && !lives && (e = readdir(d));) {
        char path[300];
        struct err err = ERR_INIT;
        struct buf b = BUF_INIT(1 << 16);
        snprintf(path, sizeof(path), "/proc/%s/cmdline", e->d_name);
        if (e->d_name[0] >= '1' && e->d_name[0] <= '9' && fs_read_file(path, &b, &err))
            lives = b.len == sizeof("sleep\00047110") &&
                    memcmp(b.data, "sleep\0004711", sizeof("sleep\0004711") - 1) == 0;
        buf_free(&b);
    }
    if (d)
        closedir(d);
    return lives;
}

/* From the interrupt to the moment in which nothing of the command is left. */
static void cancel_row(void)
{
    char *script_arg = script("cancel", "[{\"call\":{\"name\":\"bash\",\"arguments\":{\"command\":"
                                        "\"setsid sleep 47111 & sleep 47112\"}}}]\n");
    double t[5];
    for (int i = 0; i < 5; i++) {
        const char *argv[] = {tau,      "--model=local/script", script_arg, store_arg,
                              work_arg, "--mode=auto",          "-p",       "go",
                              NULL};
        const char *env[] = {home_env, config_env, "PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8", NULL};
        struct proc_spec spec = {.argv = argv, .envp = env, .cwd = work};
        struct proc p;
        struct err e = ERR_INIT;
        int status;
        OK(proc_start(&p, &spec, &e));
        while (!sleeper_lives())
            sched_yield();
        int64_t began = clock_mono_us();
        proc_signal(&p, SIGINT);
        while (sleeper_lives())
            sched_yield();
        t[i] = (double)(clock_mono_us() - began) / 1000;
        OK(proc_reap(&p, &status, &e));
    }
    bench_row("interrupt to the last descendant gone", bench_at(t, 5, 0.5), "ms", "");
    free(script_arg);
}

/* ---- the console ---- */

static struct vt *console(const char *script_arg)
{
    const char *argv[] = {tau, "--model=local/script", script_arg, store_arg, work_arg, NULL};
    const char *env[] = {config_env, NULL};
    return vt_start(argv, env, 120, 40);
}

static double letter(struct vt *v, char c, int n)
{
    char text[64] = "> ";
    char bytes[2] = {c, 0};
    memset(text + 2, c, (size_t)n);
    text[2 + n] = '\0';
    int64_t began = clock_mono_us();
    vt_send(v, bytes);
    vt_expect(v, text);
    return (double)(clock_mono_us() - began) / 1000;
}

/* Letters, one after the other, each waited for on the screen. */
static void echo_rows(struct vt *v, const char *when, const char *budget)
{
    double t[300];
    size_t n = 0;
    for (int round = 0; round < 10; round++) {
        for (int i = 1; i <= 30; i++)
            t[n++] = letter(v, 'x', i);
        vt_send(v, "\x15"); /* ^U */
        vt_expect_gone(v, "> x");
    }
    char *what = mem_printf("letter to screen, %s: median", when);
    bench_row(what, bench_at(t, n, 0.5), "ms", budget);
    free(what);
    what = mem_printf("letter to screen, %s: p99", when);
    bench_row(what, bench_at(t, n, 0.99), "ms", "budget 2");
    free(what);
}

static int64_t number_after(const char *text, const char *key)
{
    const char *p = strstr(text, key);
    return p ? strtoll(p + strlen(key), NULL, 10) : 0;
}

static char *proc_text(pid_t pid, const char *name)
{
    char path[64];
    struct err e = ERR_INIT;
    struct buf b = BUF_INIT(1 << 20);
    snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
    if (!fs_read_file(path, &b, &e))
        return mem_strdup("");
    return buf_take(&b);
}

/* Context switches of all threads: every wake-up is one. */
static int64_t switches(pid_t pid)
{
    int64_t sum = 0;
    for (pid_t t = pid; t < pid + 64; t++) {
        char name[64];
        snprintf(name, sizeof(name), "task/%d/status", t);
        char *text = proc_text(pid, name);
        sum += number_after(text, "\nvoluntary_ctxt_switches:");
        free(text);
    }
    return sum;
}

static void console_rows(void)
{
    char *quiet = script("quiet", "[{\"text\":\"hello\"}]\n");
    char *busy = script("busy", "[{\"repeat\":{\"n\":5000,\"text\":\"tok \"},\"delay_ms\":4}]\n");
    char *paced = script("paced", "[{\"repeat\":{\"n\":5000,\"text\":\"token \"},\"delay_ms\":1},"
                                  "{\"text\":\"the end\"}]\n");
    double t[RUNS];
    for (int i = 0; i < RUNS; i++) {
        int64_t began = clock_mono_us();
        struct vt *v = console(quiet);
        vt_send(v, "x");
        vt_expect(v, "> x");
        t[i] = (double)(clock_mono_us() - began) / 1000;
        vt_free(v);
    }
    bench_row("exec to a letter painted: median", bench_at(t, RUNS, 0.5), "ms", "budget 20");

    struct vt *v = console(quiet);
    vt_expect(v, "> ");
    echo_rows(v, "idle", "budget 0.5");
    pid_t child = vt_child_of(vt_pid(v));
    pid_t pid = child > 0 ? child : vt_pid(v);
    vt_pump(v, 1000);
    int64_t before = switches(pid);
    vt_pump(v, 5000);
    bench_row("idle console: wake-ups in 5 s", (double)(switches(pid) - before), "", "budget 0");
    char *smaps = proc_text(pid, "smaps_rollup");
    bench_row("idle console: PSS", (double)number_after(smaps, "\nPss:") / 1024, "MB", "budget 12");
    free(smaps);
    vt_free(v);

    v = console(busy);
    vt_expect(v, "> ");
    vt_send(v, "go\r");
    vt_expect(v, "tok tok");
    echo_rows(v, "250 tokens/s", "budget 0.5");
    vt_free(v);

    v = console(paced);
    vt_expect(v, "> ");
    child = vt_child_of(vt_pid(v));
    pid = child > 0 ? child : vt_pid(v);
    double cpu = bench_cpu_ms(pid);
    size_t bytes = vt_bytes(v);
    size_t frames = vt_frames(v);
    vt_send(v, "go\r");
    vt_expect(v, "the end");
    bench_row("5,000 tokens paced: CPU", bench_cpu_ms(pid) - cpu, "ms", "budget 150");
    bench_row("5,000 tokens paced: bytes to the terminal", (double)(vt_bytes(v) - bytes) / 1024,
              "KB", "budget 60");
    bench_row("5,000 tokens paced: frames", (double)(vt_frames(v) - frames), "", "");
    vt_free(v);
    free(quiet);
    free(busy);
    free(paced);
}

int main(void)
{
    struct err e = ERR_INIT;
    const char *build = getenv("top_builddir");
    tau = mem_printf("%s/tau", build ? build : ".");
    dir = test_tmpdir("bench");
    work = fs_join(dir, "work");
    store_arg = mem_printf("--store-dir=%s/state", dir);
    work_arg = mem_printf("--directory=%s", work);
    home_env = mem_printf("HOME=%s", dir);
    config_env = mem_printf("XDG_CONFIG_HOME=%s/config", dir);
    run_env[0] = home_env;
    run_env[1] = config_env;
    run_env[2] = "PATH=/usr/bin:/bin";
    run_env[3] = "LC_ALL=C.UTF-8";
    OK(fs_mkdirs(work, 0755, &e));
    start_up();
    one_shots();
    cancel_row();
    console_rows();
    OK(fs_remove_tree(dir, &e));
    return 0;
}
