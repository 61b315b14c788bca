/* SPDX-License-Identifier: MIT
 *
 * A day of one console: turns with a command in the sandbox each, and between them what an operator
 * does. From its middle to its end nothing grows: no descriptor, no thread, no child, and memory by
 * no more than the noise. What was done is on the log at the end, whole.
 */
#include "lib/test.h"

#include "bench/cost.h"
#include "kill/aftermath.h"
#include "lib/vt.h"

#include <dirent.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

/* Transcript and tools keep the newest few hundred: the middle lies behind that. */
enum { TURNS = 2000, TURN_DEADLINE_MS = 60000, NOISE_KB = 1024, STEP_MS = 20 };

static const char script[] =
    "{\"loop\":true}\n"
    "[{\"text\":\"I will count.\"},"
    "{\"call\":{\"name\":\"bash\",\"arguments\":{\"command\":\"seq 1 60\"}}}]\n"
    "[{\"reasoning\":\"It counted.\"},{\"text\":\"# Done\\n\\nSome **bold** text:\\n\\n```c\\nint x = 1;\\n"
    "```\\n\\n| a | b |\\n|---|---|\\n| 1 | 2 |\\n\\nround over\"}]\n";

/* Between turns, every so many of them. Each leaves the composer where it was. */
static const struct {
    int every;
    const char *keys[4];
} habits[] = {
    {13, {"/nothing to be asked", "\x15"}},
    {29, {"\x10", "sess", "\x1b"}},           /* palette */
    {41, {"\x1bOP", "\x1b"}},                /* help */
    {53, {"\x1b" "3", "j", "/seq\r", "\x1b"}}, /* a search in the tools */
    {97, {":gateway down\r", ":gateway up 127.0.0.1:0\r"}},
    {211, {":new\r"}},
};

/* How far the log was read, and how many turns had completed by then. */
static struct {
    sqlite3 *db;
    int64_t seq, ended;
} seen;

static int64_t ended_turns(void)
{
    static const char sql[] = "SELECT seq, kind = 'turn.completed' FROM event WHERE seq > ? ORDER BY seq";
    sqlite3_stmt *s = NULL;
    assert_int_equal(sqlite3_prepare_v2(seen.db, sql, -1, &s, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_bind_int64(s, 1, seen.seq), SQLITE_OK);
    while (sqlite3_step(s) == SQLITE_ROW) {
        seen.seq = sqlite3_column_int64(s, 0);
        seen.ended += sqlite3_column_int64(s, 1);
    }
    sqlite3_finalize(s);
    return seen.ended;
}

static size_t count(pid_t pid, const char *what)
{
    char path[64];
    size_t n = 0;
    snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, what);
    DIR *d = opendir(path);
    assert_non_null(d);
    for (struct dirent *entry; (entry = readdir(d));)
        n += entry->d_name[0] != '.';
    closedir(d);
    return n;
}

struct held {
    size_t descriptors, threads;
    double kb;
};

static struct held held_by(pid_t pid)
{
    struct held h = {count(pid, "fd"), count(pid, "task"), bench_proc_field(pid, "smaps_rollup", "Pss_Anon:")};
    printf("# %zu descriptors, %zu threads, %.0f KiB\n", h.descriptors, h.threads, h.kb);
    fflush(stdout);
    return h;
}

static void one_turn(struct vt *v, int nth)
{
    char line[32];
    snprintf(line, sizeof(line), "round %d\r", nth);
    vt_send(v, line);
    for (int ms = 0; ended_turns() < nth; ms += STEP_MS) {
        if (ms >= TURN_DEADLINE_MS)
            vt_expect(v, "turn's end"); /* fails with the screen */
        vt_pump(v, STEP_MS);
    }
}

static void live(struct vt *v, int nth)
{
    for (size_t i = 0; i < ARRAY_LEN(habits); i++) {
        if (nth % habits[i].every != 0)
            continue;
        for (size_t k = 0; k < ARRAY_LEN(habits[i].keys) && habits[i].keys[k]; k++) {
            vt_send(v, habits[i].keys[k]);
            vt_pump(v, 4 * STEP_MS);
        }
        vt_send(v, "\x1b" "1"); /* into the transcript, and out of it into the composer */
        vt_expect(v, "Enter open");
        vt_send(v, "\x1b");
        vt_expect(v, "^J newline");
    }
    if (nth % 50 == 0)
        vt_resize(v, 60 + nth % 130, 16 + nth % 37);
}

static void test_nothing_grows(void **state)
{
    (void)state;
    const char *n = getenv("TAU_DAY_TURNS");
    int turns = n && strtol(n, NULL, 10) > 0 ? (int)strtol(n, NULL, 10) : TURNS;
    struct place p;
    struct aftermath log;
    place_open(&p, script);
    const char *argv[] = {p.tau, "--model=local/script", "--mode=auto", p.script_arg, p.store_arg, p.dir_arg, NULL};
    struct vt *v = vt_start(argv, (const char *const *)p.env, 120, 40);
    vt_expect(v, "Enter send");
    pid_t tau = vt_child_of(vt_pid(v));
    CLEANUP(mem_free_p) char *file = mem_printf("%s/tau.db", p.f.state);
    assert_int_equal(sqlite3_open_v2(file, &seen.db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    vt_send(v, ":gateway up 127.0.0.1:0\r");
    struct held middle = {0}, end;
    for (int i = 1; i <= turns; i++) {
        one_turn(v, i);
        live(v, i);
        if (i == turns / 2)
            middle = held_by(tau);
    }
    vt_pump(v, 2000);
    end = held_by(tau);
    assert_int_equal(vt_child_of(tau), -1);
    assert_int_equal(end.descriptors, middle.descriptors);
    assert_int_equal(end.threads, middle.threads);
    assert_true(end.kb <= middle.kb + middle.kb / 10 + NOISE_KB);
    sqlite3_close(seen.db);
    vt_send(v, "\x15:q\r");
    assert_int_equal(vt_end(v), 0);
    vt_free(v);
    aftermath_read(&log, &p);
    check_ends(&log);
    aftermath_free(&log);
    place_close(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_nothing_grows)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
