/* SPDX-License-Identifier: MIT
 *
 * cost: runs, medians, rows.
 */
#include "lib/test.h"

#include "bench/cost.h"

#include "base/clock.h"
#include "base/proc.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

void bench_row(const char *what, double value, const char *unit, const char *budget)
{
    printf("%-52s %10.2f %-6s %s\n", what, value, unit, budget);
    fflush(stdout);
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

double bench_at(double *v, size_t n, double part)
{
    qsort(v, n, sizeof(*v), by_value);
    return v[(size_t)((double)(n - 1) * part)];
}

struct cost cost_run(const char *const *argv, const char *const *env, const char *cwd)
{
    struct proc p;
    struct rusage used;
    struct err e = ERR_INIT;
    struct proc_spec spec = {.argv = argv, .envp = env, .cwd = cwd};
    int64_t began = clock_mono_us();
    int status;
    OK(proc_start(&p, &spec, &e));
    if (wait4(p.pid, &status, 0, &used) != p.pid)
        fail_msg("wait4");
    close(p.pidfd);
    return (struct cost){
        (double)(clock_mono_us() - began) / 1000,
        (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000 +
            (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1000,
        (double)used.ru_maxrss / 1024,
    };
}

struct cost cost_median(const char *const *argv, const char *const *env, const char *cwd, int runs)
{
    double wall[RUNS], cpu[RUNS], peak[RUNS];
    for (int i = 0; i < runs; i++) {
        struct cost c = cost_run(argv, env, cwd);
        wall[i] = c.wall_ms;
        cpu[i] = c.cpu_ms;
        peak[i] = c.peak_mb;
    }
    size_t n = (size_t)runs;
    return (struct cost){bench_at(wall, n, 0.5), bench_at(cpu, n, 0.5), bench_at(peak, n, 0.5)};
}

double bench_cpu_ms(pid_t pid)
{
    char path[64], line[1024];
    snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
    FILE *f = fopen(path, "re");
    if (!f || !fgets(line, sizeof(line), f))
        fail_msg("%s", path);
    fclose(f);
    char *at = strrchr(line, ')') + 2, *end;
    for (int i = 0; i < 11; i++)
        at = strchr(at, ' ') + 1;
    double ticks = (double)strtoull(at, &end, 10);
    return (ticks + (double)strtoull(end, NULL, 10)) * 1000 / (double)sysconf(_SC_CLK_TCK);
}

double bench_wakes(pid_t pid)
{
    char path[64];
    double sum = 0;
    snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
    DIR *d = opendir(path);
    for (const struct dirent *t; d && (t = readdir(d));) {
        char file[300];
        snprintf(file, sizeof(file), "task/%s/status", t->d_name);
        sum += t->d_name[0] == '.' ? 0 : bench_proc_field(pid, file, "voluntary_ctxt_switches:");
    }
    if (d)
        closedir(d);
    return sum;
}

double bench_proc_field(pid_t pid, const char *file, const char *name)
{
    char path[400], line[256];
    snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, file);
    FILE *f = fopen(path, "re");
    double value = 0;
    while (f && fgets(line, sizeof(line), f))
        if (strncmp(line, name, strlen(name)) == 0)
            value = strtod(line + strlen(name), NULL);
    if (f)
        fclose(f);
    return value;
}
