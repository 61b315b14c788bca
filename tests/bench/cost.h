/* SPDX-License-Identifier: MIT
 *
 * cost: what a program costs, and how figures are printed. Of the benches only.
 */
#ifndef TAU_TESTS_BENCH_COST_H
#define TAU_TESTS_BENCH_COST_H

#include <stddef.h>
#include <sys/types.h>

enum { RUNS = 11 }; /* at most */

struct cost {
    double wall_ms, cpu_ms, peak_mb; /* CPU and peak with its children */
};

/* Runs a program to its end. argv and env end with NULL; its output goes nowhere. */
struct cost cost_run(const char *const *argv, const char *const *env, const char *cwd);

/* The median of several runs, each figure by itself. */
struct cost cost_median(const char *const *argv, const char *const *env, const char *cwd, int runs);

/* Sorts v; the value below which `part` of them lie. */
double bench_at(double *v, size_t n, double part);

/* What a process and its threads have used until now. */
double bench_cpu_ms(pid_t pid);

/* The number behind `name` in a file of /proc/PID ("smaps_rollup", "Pss:"); 0 when it is not there. */
double bench_proc_field(pid_t pid, const char *file, const char *name);

/* How often its threads waited for something until now: each time is a wake-up. */
double bench_wakes(pid_t pid);

void bench_row(const char *what, double value, const char *unit, const char *budget);

#endif
