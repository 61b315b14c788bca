/* SPDX-License-Identifier: MIT
 *
 * b_tau: what the real program costs, against the budgets of the design. Prints rows and asserts
 * nothing: figures of a busy machine mean little, and the columns say what was allowed.
 */
#include "lib/test.h"

#include "bench/cost.h"

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
    OK(fs_remove_tree(dir, &e));
    return 0;
}
