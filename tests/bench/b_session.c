/* SPDX-License-Identifier: MIT
 *
 * b_session: the real program on a session of 1,000,000 messages in 100 branches: made by an
 * import, opened, gone on with, shown, exported, made again from the log. Rows as in b_tau; what
 * must not grow with the session is held by tests (t_scale, t_context).
 */
#include "bench/cost.h"
#include "lib/test.h"
#include "lib/vt.h"

#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>

enum { MESSAGES = 1000000, IN_BRANCH = 10000, WENT_BACK = 8 };

static char *tau, *dir, *store_arg, *work;
static const char *env[4];

/* As Tau writes it: questions and answers, a branch every ten thousand. */
static char *write_file(void)
{
    char *path = fs_join(dir, "million.jsonl");
    FILE *f = fopen(path, "we");
    assert_non_null(f);
    fputs("{\"record_type\":\"meta\",\"schema_version\":1}\n", f);
    for (int i = 1; i <= MESSAGES; i++) {
        int parent = i > 1 && i % IN_BRANCH == 1 ? i - 1 - WENT_BACK : i - 1;
        fprintf(f, "{\"record_type\":\"entry\",\"id\":%d,\"parent_id\":", i);
        fprintf(f, parent ? "%d" : "null", parent);
        fprintf(
            f,
            ",\"message\":{\"role\":\"%s\",\"content\":[{\"type\":\"text\",\"text\":\"message %d of"
            " a long conversation about many things\"}]}}\n",
            i % 2 ? "user" : "assistant", i);
    }
    assert_int_equal(fclose(f), 0);
    return path;
}

static struct cost cost(const char *const *words, int runs)
{
    const char *argv[16] = {tau};
    size_t n = 1;
    for (; *words; words++)
        argv[n++] = *words;
    argv[n++] = store_arg;
    argv[n] = NULL;
    return cost_median(argv, env, work, runs);
}

#define COST(runs, ...) cost((const char *const[]){__VA_ARGS__, NULL}, runs)

static double letter(void)
{
    const char *argv[] = {tau, "-c", store_arg, NULL};
    int64_t began = clock_mono_us();
    struct vt *v = vt_start(argv, env, 120, 40);
    vt_send(v, "x");
    vt_expect(v, "> x");
    double ms = (double)(clock_mono_us() - began) / 1000;
    vt_send(v, "\x15:q\r"); /* the next one wants the session */
    (void)vt_end(v);
    vt_free(v);
    return ms;
}

int main(void)
{
    struct err e = ERR_INIT;
    const char *build = getenv("top_builddir");
    double letters[5];
    tau = mem_printf("%s/tau", build ? build : ".");
    dir = test_tmpdir("bench-session");
    work = fs_join(dir, "work");
    OK(fs_mkdirs(work, 0755, &e));
    store_arg = mem_printf("--store-dir=%s/store", dir);
    CLEANUP(mem_free_p) char *home = mem_printf("HOME=%s", dir);
    CLEANUP(mem_free_p) char *config = mem_printf("XDG_CONFIG_HOME=%s/config", dir);
    CLEANUP(mem_free_p) char *out = mem_printf("--out=%s/out", dir);
    CLEANUP(mem_free_p) char *file = write_file();
    env[0] = home;
    env[1] = config;
    env[2] = "PATH=/usr/bin:/bin";
    struct cost c = COST(1, "session", "import", file, "--name=big");
    bench_row("1,000,000 messages imported: wall", c.wall_ms / 1000, "s", "");
    bench_row("  peak", c.peak_mb, "MB", "");
    bench_row("  sessions listed: wall", COST(5, "session", "list").wall_ms, "ms", "");
    bench_row("  its branches listed: wall",
              COST(5, "session", "branches", "--session=big").wall_ms, "ms", "budget 50");
    bench_row("  undo: wall", COST(5, "session", "undo", "--session=big").wall_ms, "ms",
              "budget 50");
    c = COST(5, "-c", "-p", "help");
    bench_row("  a turn in it (offline): wall", c.wall_ms, "ms", "budget 50");
    bench_row("  a turn in it (offline): peak", c.peak_mb, "MB", "budget 16");
    for (size_t i = 0; i < ARRAY_LEN(letters); i++)
        letters[i] = letter();
    bench_row("  exec to a letter painted", bench_at(letters, ARRAY_LEN(letters), 0.5), "ms",
              "budget 50");
    static const char *const formats[] = {"--format=jsonl", "--format=md", "--format=html",
                                          "--format=tau"};
    for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
        c = COST(1, "session", "export", "big", formats[i], out, "--force");
        CLEANUP(mem_free_p) char *wall = mem_printf("  exported, %s: wall", formats[i] + 9);
        CLEANUP(mem_free_p) char *peak = mem_printf("  exported, %s: peak", formats[i] + 9);
        bench_row(wall, c.wall_ms / 1000, "s", "");
        bench_row(peak, c.peak_mb, "MB", "");
    }
    bench_row("  its numbers: wall", COST(1, "session", "stats", "big").wall_ms / 1000, "s", "");
    c = COST(1, "session", "repair", "--rebuild");
    bench_row("  made again from the log: wall", c.wall_ms / 1000, "s", "");
    bench_row("  made again from the log: peak", c.peak_mb, "MB", "");
    OK(fs_remove_tree(dir, &e));
    return 0;
}
